//! The command line as clap reads it; the doc comments are the help text.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// One scaling spec in, every platform's configuration out, checked before it ships.
#[derive(Debug, Parser)]
#[command(
    name = "scalegen",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Examples:\n  scalegen lint scalegen.yaml\n  scalegen render scalegen.yaml --target compose --profile medium --out deploy\n  scalegen explain connections-exhausted\n\nExit codes: 0 nothing to report, 1 findings or drift, 2 could not run."
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    /// When to use colour.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check specs: shape, cross-field rules, and what each target would lose.
    #[command(
        after_help = "Examples:\n  scalegen lint                              every spec below this folder\n  scalegen lint scalegen.yaml --profile large --target compose\n  cat scalegen.yaml | scalegen lint --format json -"
    )]
    Lint(Lint),
    /// Write the files of the targets, all or none.
    #[command(
        after_help = "Examples:\n  scalegen render scalegen.yaml --target compose                      to standard output\n  scalegen render scalegen.yaml --profile medium --out deploy          every target of the spec\n  scalegen render scalegen.yaml --target compose --out deploy --check  exit 1 and a diff where files differ"
    )]
    Render(Render),
    /// Show the manual page of a rule or a target.
    #[command(after_help = "Examples:\n  scalegen explain port-collision\n  scalegen explain compose")]
    Explain {
        /// A rule's id or a target's name.
        name: String,
    },
    /// List the rules.
    #[command(after_help = "Example:\n  scalegen rules --format json")]
    Rules(List),
    /// List the targets.
    #[command(after_help = "Example:\n  scalegen targets")]
    Targets(List),
    /// Print the JSON Schema of a spec, for editors.
    #[command(after_help = "Example:\n  scalegen schema > scalegen.schema.json")]
    Schema,
    /// Print a completion script for a shell.
    #[command(after_help = "Example:\n  scalegen completions bash > /etc/bash_completion.d/scalegen")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
pub struct Lint {
    /// Files, folders (searched for scalegen.yaml and *.scalegen.yaml, .gitignore obeyed), or - for standard input.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Check only this profile (repeatable). Without it: the base and every profile.
    #[arg(long, value_name = "NAME")]
    pub profile: Vec<String>,
    /// Check for this target (repeatable). Without it: those the spec names.
    #[arg(long, value_name = "NAME")]
    pub target: Vec<String>,
    /// How to print findings.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: String,
    /// The least severity that makes the exit code 1.
    #[arg(long, value_name = "LEVEL", default_value = "error")]
    pub fail_level: Level,
    /// Do not report this rule (repeatable).
    #[arg(long, value_name = "RULE")]
    pub ignore: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Level {
    Note,
    Warning,
    Error,
}

#[derive(Debug, Args)]
pub struct Render {
    /// The spec, or - for standard input.
    #[arg(value_name = "SPEC")]
    pub spec: PathBuf,
    /// Render this target (repeatable). Without it: those the spec names.
    #[arg(long, value_name = "NAME")]
    pub target: Vec<String>,
    /// Lay this profile over the base.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Write files below this folder; without it, print them.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write nothing: compare with the files below --out, print a diff, exit 1 where they differ.
    #[arg(long, requires = "out", conflicts_with = "prune")]
    pub check: bool,
    /// Remove files below --out that scalegen wrote and would not write now.
    #[arg(long, requires = "out")]
    pub prune: bool,
}

#[derive(Debug, Args)]
pub struct List {
    /// How to print the list.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ListFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    Text,
    Json,
    Markdown,
}
