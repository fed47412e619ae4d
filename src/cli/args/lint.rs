//! The arguments of `scalegen lint`; the doc comments are the help text.

use super::SettingsArgs;
use clap::{Args, ValueEnum};
use scalegen::report::Format;
use scalegen::support::diagnostic::Severity;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Lint {
    /// Files, folders (searched for specs and for files of other tools that are read; .gitignore obeyed), or - for standard
    /// input. A folder without any is an error, exit code 2: a check of nothing must not pass.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Check only this profile (repeatable). Without it: those of the settings, else the base and every profile.
    #[arg(long, value_name = "NAME")]
    pub profile: Vec<String>,
    /// Check for this target (repeatable). Without it: those the spec names.
    #[arg(long, value_name = "NAME")]
    pub target: Vec<String>,
    /// Take each set of manifests (a kustomization, else the files of one folder) for all that an apply gets: what it names and lacks
    /// is then missing. A stream on standard input is always taken so.
    #[arg(long)]
    pub complete: bool,
    /// Take the named files as a folder's are taken: those of no known format and those that scalegen wrote are skipped, and
    /// none left is no error. For hooks, which are given every file of a kind.
    #[arg(long)]
    pub only_known: bool,
    // the formats are a registry, so their names are no comment
    #[arg(long, value_name = "FORMAT[=FILE]", help = formats_help("How to report findings"))]
    pub format: Vec<String>,
    /// The least severity that makes the exit code 1. Without it: that of the settings, else error.
    #[arg(long, value_name = "LEVEL")]
    pub fail_level: Option<FailLevel>,
    /// Do not report this rule (repeatable).
    #[arg(long, value_name = "RULE")]
    pub ignore: Vec<String>,
    /// Do not report what this baseline knows; without it that of the settings holds.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write what is found now into this baseline, so that later runs report only what is new; what it knew and is gone
    /// goes. Errors of shape and refused-by-target stay.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline", "profile", "target", "ignore", "mend"])]
    pub write_baseline: Option<PathBuf>,
    /// Mend what a program can mend, in specs and in files of other tools, in place, every other byte kept; what is left is
    /// reported. For -, the mended spec goes to standard output and the report to standard error; another tool's stream passes
    /// as it is.
    #[arg(long, group = "mend")]
    pub fix: bool,
    /// Write nothing: print the diff of what --fix would write; exit code 1 where there is one. Likely secrets are stars in it.
    #[arg(long, group = "mend", conflicts_with = "fix")]
    pub diff: bool,
    /// Also make fixes that change what runs, such as swapped bounds.
    #[arg(long, requires = "mend")]
    pub unsafe_fixes: bool,
    /// Go on: check again whenever a spec or a file that one names changes, or a spec comes or goes.
    #[arg(long, conflicts_with_all = ["fix", "diff", "write_baseline"])]
    pub watch: bool,
    #[command(flatten)]
    pub config: SettingsArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailLevel {
    Note,
    Warning,
    Error,
}

impl FailLevel {
    /// The severity of that name.
    pub fn severity(self) -> Severity {
        match self {
            FailLevel::Note => Severity::Note,
            FailLevel::Warning => Severity::Warning,
            FailLevel::Error => Severity::Error,
        }
    }
}

/// The help of `--format` where findings are reported: the formats by name, the one that is taken without it first.
pub fn formats_help(what: &str) -> String {
    let name = |format: &Format| match *format == Format::Text {
        true => format!("{} (as without it)", format.name()),
        false => format.name().to_owned(),
    };
    let names: Vec<String> = Format::ALL.iter().map(name).collect();
    let last_two = names.last().zip(names.len().checked_sub(1).and_then(|count| names.get(..count)));
    let list = last_two.map(|(last, others)| format!("{} or {last}", others.join(", "))).unwrap_or_default();
    format!("{what}: {list}. With =FILE into a file (repeatable, so that one run gives several)")
}
