//! The command line as clap reads it; the doc comments are the help text.

mod diff;
mod folder;
mod import;
mod lint;
mod simulate;
mod size;

pub use diff::Diff;
pub use import::{Import, Init};
pub use lint::{FailLevel, Lint};
pub use simulate::{PlayArgs, RunArgs, Simulate, SimulateFormat};
pub use size::Size;

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// One scaling spec in, every platform's configuration out, checked before it ships.
#[derive(Debug, Parser)]
#[command(
    name = "scalegen",
    version = env!("SCALEGEN_VERSION"),
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

// of the commands only the one that is called is made: making all of them takes a sixth of a small lint
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Command {
    /// Check specs: shape, cross-field rules, and what each target would lose.
    #[command(
        after_help = "Examples:\n  scalegen lint                              every spec below this folder\n  scalegen lint scalegen.yaml --profile large --target compose\n  cat scalegen.yaml | scalegen lint --format json -\n  scalegen lint --format text --format sarif=report.sarif   for people, and for code scanning\n  scalegen lint --diff --unsafe-fixes        what --fix would write\n  scalegen lint --fix scalegen.yaml\n  scalegen lint --write-baseline .scalegen-baseline.json    report only what is new from now on"
    )]
    Lint(Lint),
    /// Write the files of the targets, all or none.
    #[command(
        after_help = "Examples:\n  scalegen render scalegen.yaml --target compose                      to standard output\n  scalegen render scalegen.yaml --profile medium --out deploy          every target of the spec\n  scalegen render scalegen.yaml --target compose --out deploy --check  exit 1 and a diff where files differ"
    )]
    Render(RenderArgs),
    /// Show the formation: how many, what they take, what share of capacity.
    ///
    /// One table for the base and each profile: what one replica asks for (`–`: not said), what all take at most
    /// (requests, else limits), connections, other bounds in weekly windows, the most over the week, the share of
    /// `capacity`, a placement node by node and the nodes' cost. Errors of the spec go to standard error; what they
    /// leave computable is printed, the rest is `?`, and the exit code is 1.
    #[command(
        after_help = "Examples:\n  scalegen plan scalegen.yaml\n  scalegen plan scalegen.yaml --profile large --format markdown\n  scalegen plan scalegen.yaml --at '2026-11-23T09:00[Europe/Berlin]'   the bounds in force then\n  scalegen plan scalegen.yaml --target compose                          the fixed numbers compose gets"
    )]
    Plan(PlanArgs),
    /// Change one service's numbers in the spec, and nothing else in it.
    ///
    /// Comments, order, quotes, anchors and line ends stay. Missing fields are added in the style of the file. The
    /// result is checked first and not saved where it has an error, except with --force. The formation before and
    /// after is printed; for `-` the new spec goes to standard output.
    ///
    /// --count sets both ends of a range. --cpu and --memory set the request; the limit follows where it would be
    /// below it, and where both were equal. A value that comes through an alias or a merge is not changed: the
    /// message says where it is.
    #[command(
        override_usage = "scalegen scale [OPTIONS] [SPEC] <SERVICE>",
        after_help = "Examples:\n  scalegen scale web --count 2 --memory 512Mi               in the scalegen.yaml of this folder\n  scalegen scale scalegen.yaml web --min 2 --max 6 --profile large\n  scalegen scale scalegen.yaml web --cpu 500m --concurrency 8 --dry-run   the diff only"
    )]
    Scale(ScaleArgs),
    /// Try scaling policies on a recording of load, job by job, before they ship.
    ///
    /// Autoscalers are played as they really behave, and single jobs wait for them; `workload` in the spec says how long
    /// jobs take. Every number is the median of the runs with the worst one beside it, and policies are compared on the
    /// same arrivals. A recording is CSV (`time,value[,queued,replicas]`, time as RFC 3339 or Unix seconds) or the JSON that
    /// Prometheus answers to `query_range`. What is not modelled stands below every report.
    ///
    /// Exit codes: 0 every assertion holds, 1 one fails or is undecided or a file has errors, 2 could not run.
    #[command(
        after_help = "Examples:\n  scalegen simulate scalegen.yaml --load arrivals:jobs.csv\n  scalegen simulate scalegen.yaml --load api=rate:api.json --policy foundry --policy hpa --report out.html\n  scalegen simulate scalegen.yaml --load running:running.csv --observed replicas.csv --assert 'wait.p95 < 2s' --assert 'killed <= 0'"
    )]
    Simulate(Simulate),
    /// Choose the cheapest policy that meets what must hold, on a recording of load.
    ///
    /// Tries the combinations of a written grid over the fields of --tune, job by job, and takes the one with the fewest
    /// replica-hours that meets every assertion in the worst run, also with the load times --stress. The last third of the
    /// days, at least one, is held out: the choice does not see it, and is judged on it once. The most replicas are never
    /// lowered. With --write the changes go into the spec, every other byte kept, where the held-out days meet all.
    ///
    /// With --metrics the requests that KRR recommends on the same samples are told, and what it refuses.
    ///
    /// Exit codes: 0 a policy was found and holds on the held-out days, 1 none was found, it fails there, or the recording
    /// does not do, 2 could not run.
    #[command(
        after_help = "Examples:\n  scalegen size scalegen.yaml --load arrivals:jobs.csv --assert 'wait.p95 < 2s'\n  scalegen size scalegen.yaml --load api=rate:api.json --assert 'wait.p95 < 2s' --assert 'killed <= 0' --tune thresholds,min --write\n  scalegen size scalegen.yaml --metrics api=memory:memory.json"
    )]
    Size(Size),
    /// Write a spec for files that exist: their numbers, with the files as its base.
    ///
    /// The files stay as they are. Each number is copied with what its file says behind it, nothing is invented, and no
    /// value of a variable is copied; what only a person knows stands as a question in a comment. Three lists are printed:
    /// what was taken, what stays in the files, and what a spec cannot hold. An existing spec is never overwritten.
    #[command(
        after_help = "Examples:\n  scalegen import docker-compose.yml\n  scalegen import compose.yml compose.prod.yml --to deploy/scalegen.yaml\n  scalegen import docker-compose.yml --env-file .env --to -   to standard output"
    )]
    Import(Import),
    /// Write a first spec: an import where there is a compose file, else a starter.
    ///
    /// Where a compose file stands in its folder, the spec is what `scalegen import` makes of it. Else it is a starter with
    /// comments and examples that lints clean. The schema for editors is written beside it, as scalegen.schema.json, unless
    /// --schema names another. Nothing is overwritten without --force.
    #[command(
        after_help = "Examples:\n  scalegen init\n  scalegen init --name shop deploy/scalegen.yaml\n  scalegen init --schema ../scalegen.schema.json   one schema for several specs\n  scalegen init -                                  to standard output"
    )]
    Init(Init),
    /// Show what a change of specs scales: numbers, findings and rendered files.
    ///
    /// Compares two files, or with --base the working tree with a commit. For the base and each profile: replicas,
    /// slots, cpu, memory, connections, other bounds in weekly windows, totals, shares of `capacity` and its cost, where
    /// they differ (`–`: not said, `?`: hidden by a fault); new and mended findings; the targets' files as unified diffs.
    /// A spec that is new or gone differs from nothing. Likely secrets in diffs are stars.
    ///
    /// Exit codes: 0 no number differs and no error is new, 1 a number differs or an error is new, 2 could not run.
    /// Where only other things differ, such as an image, they are printed and the code is 0. For both sides the settings
    /// are those of the later one; their fail level, where there is one, says which new findings count.
    #[command(
        override_usage = "scalegen diff [OPTIONS] <OLD> <NEW>\n       scalegen diff [OPTIONS] --base <GITREF> [PATH]...",
        after_help = "Examples:\n  scalegen diff old.yaml new.yaml\n  scalegen diff --base main                     every spec below this folder that differs from main\n  scalegen diff --base main... shop/scalegen.yaml   from where this branch left main\n  scalegen diff --base origin/main --format text --format markdown=comment.md   a log, and a comment for a bot to post"
    )]
    Diff(Diff),
    /// Show the page of a rule, target, field or command; without a name, a map.
    ///
    /// Laid out for reading, as wide as the terminal; with --markdown as it is written.
    #[command(
        after_help = "Examples:\n  scalegen explain port-collision\n  scalegen explain compose\n  scalegen explain services.*.replicas\n  scalegen explain render\n  scalegen explain policy            how to write rules of your own\n  scalegen explain editors           how to set up an editor\n  scalegen explain simulate          what a simulation models and what not"
    )]
    Explain {
        /// A rule's id, a target's name, a field by its last keys or its path, a command, a page of the manual, a policy's id or a
        /// profile of the spec in this folder.
        name: Option<String>,
        /// The Markdown that a page is written in, not laid out.
        #[arg(long)]
        markdown: bool,
        #[command(flatten)]
        config: SettingsArgs,
    },
    /// Serve an editor: findings as you type, fixes, hover, completion, names.
    ///
    /// Speaks the Language Server Protocol on standard input and output. Editors start it themselves; the page `editors`
    /// of the manual says how each is told to. Findings are those of `scalegen lint` for the text in the editor, with the
    /// settings and the baseline that hold for its path.
    #[command(after_help = "Example:\n  scalegen explain editors   how to set up an editor")]
    Lsp(Lsp),
    /// List the rules, and the policies of this folder's settings.
    #[command(after_help = "Example:\n  scalegen rules --format json")]
    Rules {
        #[command(flatten)]
        list: List,
        #[command(flatten)]
        config: SettingsArgs,
    },
    /// List the targets.
    #[command(after_help = "Example:\n  scalegen targets")]
    Targets(List),
    /// Print the JSON Schema of a spec or of .scalegen.toml, for editors.
    #[command(
        after_help = "Examples:\n  scalegen schema > scalegen.schema.json\n  scalegen schema --settings > settings.schema.json"
    )]
    Schema {
        /// The schema of .scalegen.toml.
        #[arg(long)]
        settings: bool,
    },
    /// Write the manual as a static site: rules, targets, spec, commands.
    ///
    /// The pages and their search work from any web server and from the file system, without a network.
    #[command(after_help = "Example:\n  scalegen docs --out site")]
    Docs {
        /// Write the files below this folder.
        #[arg(long, value_name = "DIR", value_parser = folder::folder())]
        out: PathBuf,
        /// Overwrite files there that are no pages of an earlier run.
        #[arg(long)]
        force: bool,
    },
    /// Print the manual page of the tool in roff, or write one for each command.
    #[command(after_help = "Examples:\n  scalegen man | man -l -\n  scalegen man --out ~/.local/share/man/man1")]
    Man {
        /// Write a page for the tool and each command into this folder.
        #[arg(long, value_name = "DIR", value_parser = folder::folder())]
        out: Option<PathBuf>,
    },
    /// Print a completion script for a shell.
    #[command(after_help = "Example:\n  scalegen completions bash > /etc/bash_completion.d/scalegen")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// Which settings hold.
#[derive(Clone, Debug, Args)]
pub struct SettingsArgs {
    /// Take the settings from this file, not from the nearest .scalegen.toml in the spec's folder or above.
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub config: Option<PathBuf>,
    /// Use no settings file.
    #[arg(long)]
    pub isolated: bool,
}

#[derive(Debug, Args)]
pub struct RenderArgs {
    /// The spec, or - for standard input. Without it: scalegen.yaml or scalegen.yml in this folder.
    #[arg(value_name = "SPEC")]
    pub spec: Option<PathBuf>,
    /// Render this target (repeatable). Without it: those the spec names.
    #[arg(long, value_name = "NAME")]
    pub target: Vec<String>,
    /// Lay this profile over the base.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Write files below this folder, those of each target in DIR/<target>; without it, print them.
    #[arg(long, value_name = "DIR", value_parser = folder::folder())]
    pub out: Option<PathBuf>,
    /// Write nothing: compare with the files below --out, print a diff, exit 1 where they differ. Likely secrets are stars in
    /// it.
    #[arg(long, requires = "out", conflicts_with = "prune")]
    pub check: bool,
    /// Remove files below --out that scalegen wrote and would not write now.
    #[arg(long, requires = "out")]
    pub prune: bool,
    /// Write the files of one target into DIR itself; without it each target has its folder there, DIR/<target>.
    #[arg(long, requires = "out")]
    pub flat: bool,
    /// Overwrite files below --out that scalegen did not write: those that do not begin with its header.
    #[arg(long, requires = "out", conflicts_with = "check")]
    pub force: bool,
    /// Go on: render again whenever the spec or a file that it names changes.
    #[arg(long)]
    pub watch: bool,
    #[arg(long, value_name = "FORMAT[=FILE]", help = lint::formats_help("How to report findings, to standard error"))]
    pub format: Vec<String>,
    #[command(flatten)]
    pub config: SettingsArgs,
}

#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The spec, a file of another tool, a folder of them, or - for standard input. Without it: scalegen.yaml or scalegen.yml in
    /// this folder, else what stands below it, as `lint` finds it.
    #[arg(value_name = "SPEC")]
    pub spec: Option<PathBuf>,
    /// Show only this profile. Without it: the base and every profile.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Show what this target can reach (repeatable): fixed numbers where it has no autoscaler. Without it: all bounds.
    #[arg(long, value_name = "NAME")]
    pub target: Vec<String>,
    /// Show only the bounds in force at this instant: 2026-11-23T09:00 (UTC), 2026-11-23T09:00+01:00,
    /// '2026-11-23T09:00[Europe/Berlin]'.
    #[arg(long, value_name = "INSTANT")]
    pub at: Option<String>,
    /// How to print it.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: PlanFormat,
    #[command(flatten)]
    pub config: SettingsArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    Table,
    Json,
    Markdown,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("request").required(true).multiple(true).args(["count", "min", "max", "cpu", "memory", "concurrency"]))]
pub struct ScaleArgs {
    /// The spec or its folder, or - for standard input, and the service; without a spec: that of this folder,
    /// scalegen.yaml or scalegen.yml.
    #[arg(value_names = ["SPEC", "SERVICE"], num_args = 1..=2, required = true)]
    pub names: Vec<PathBuf>,
    /// So many replicas; a range becomes this number.
    #[arg(long, visible_alias = "replicas", value_name = "N", allow_negative_numbers = true, conflicts_with_all = ["min", "max"])]
    pub count: Option<u32>,
    /// Least replicas.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub min: Option<u32>,
    /// Most replicas.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub max: Option<u32>,
    /// Cores one replica asks for: 500m, 2.
    #[arg(long, value_name = "QUANTITY", allow_negative_numbers = true)]
    pub cpu: Option<String>,
    /// Memory one replica asks for: 512Mi, 1Gi.
    #[arg(long, value_name = "QUANTITY", allow_negative_numbers = true)]
    pub memory: Option<String>,
    /// Work one replica does at once.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub concurrency: Option<u32>,
    /// Change this profile's overlay instead of the base.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Write nothing: print the diff, with likely secrets as stars, and the formation to standard error.
    #[arg(long)]
    pub dry_run: bool,
    /// Save it even where the result has errors.
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub config: SettingsArgs,
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

#[derive(Debug, Args)]
pub struct Lsp {
    /// Use standard input and output, which is the default; some editors say so.
    #[arg(long)]
    pub stdio: bool,
    #[command(flatten)]
    pub config: SettingsArgs,
}
