//! The arguments of `scalegen simulate`.

use super::SettingsArgs;
use clap::{Args, ValueEnum};
use scalegen::report::SimulationForm;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Simulate {
    /// The spec, a file of another tool, a folder that holds one, or - for standard input. Without it: scalegen.yaml or
    /// scalegen.yml in this folder, else what stands in it, as `lint` finds it.
    #[arg(value_name = "SPEC")]
    pub spec: Option<PathBuf>,
    /// The load of a service, and what its values are: arrivals (jobs in each interval), rate (jobs a second), running (jobs
    /// that ran) or cpu (cores that were used) (repeatable). SERVICE can be left out where the spec has only one.
    #[arg(long, value_name = "[SERVICE=]KIND:FILE", required_unless_present = "merge")]
    pub load: Vec<String>,
    /// Simulate this profile (repeatable). Without it: the base.
    #[arg(long, value_name = "NAME")]
    pub profile: Vec<String>,
    /// Simulate this policy: foundry, hpa, keda, fixed or fixed:N (repeatable). Without it: what the spec's targets do.
    #[arg(long, value_name = "POLICY")]
    pub policy: Vec<String>,
    #[command(flatten)]
    pub play: PlayArgs,
    /// What must hold in the worst run: 'wait.p95 < 2s', 'api: saturated <= 1%', 'killed <= 0' (repeatable).
    #[arg(long, value_name = "EXPR")]
    pub assert: Vec<String>,
    /// Replicas that really ran, as a recording: the present policy is compared with them first (repeatable).
    #[arg(long, value_name = "[SERVICE=]FILE")]
    pub observed: Vec<String>,
    /// Play every N-th load alone, beginning with the K-th, to be joined with the other shards; with --format json.
    #[arg(long, value_name = "K/N", conflicts_with = "report")]
    pub shard: Option<String>,
    /// Join the JSON of all shards to that of the whole run, byte for byte.
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["load", "shard", "report", "assert"])]
    pub merge: Vec<PathBuf>,
    /// How to print it.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: SimulateFormat,
    /// Write one HTML file with charts, which needs no network.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Overwrite a report that scalegen did not write.
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub config: SettingsArgs,
}

/// How policies are played: `simulate` and `diff --load` share it.
#[derive(Debug, Args)]
pub struct PlayArgs {
    #[command(flatten)]
    pub runs: RunArgs,
    /// A rollout of a new version begins at this time of the recording: 2026-11-23T09:00, with Z, an offset or a zone. Without
    /// SERVICE every service rolls out (repeatable).
    #[arg(long, value_name = "[SERVICE=]TIME")]
    pub rollout_at: Vec<String>,
    /// Replicas before the warm-up: a number, or steady for what the first load needs.
    #[arg(long, value_name = "N|steady", default_value = "steady")]
    pub start: String,
}

/// The jobs of runs, their seeds and how they are judged: everything that plays a load asks for it.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// How many seeds are played; `size` plays the last candidates with all of them.
    #[arg(long = "runs", value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub count: u64,
    /// The first seed.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(..1_000_000_000_000))]
    pub seed: u64,
    /// Measured service times of a service, which hold in place of `workload.serviceTime`: CSV with a column `seconds` or
    /// `milliseconds`, a job a line (repeatable).
    #[arg(long, value_name = "[SERVICE=]FILE")]
    pub service_times: Vec<String>,
    /// A value of `workload` in place of the spec's: api.serviceTime=30s (repeatable).
    #[arg(long, value_name = "SERVICE.KEY=VALUE")]
    pub set: Vec<String>,
    /// Prices of an hour of a core and of a GiB that a replica requests: cpu=0.03,memory=0.004.
    #[arg(long, value_name = "PRICES")]
    pub price: Option<String>,
    /// Judge, and choose, also where capacity cut more than 1 % of the recorded demand.
    #[arg(long)]
    pub accept_capped: bool,
    /// How jobs arrive within one step of the recording: poisson (unless said), even or batch:N. Without it nothing is judged of
    /// waits below a step that is longer than 60 s.
    #[arg(long, value_name = "FORM")]
    pub arrivals: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SimulateFormat {
    Table,
    Json,
    Markdown,
}

impl SimulateFormat {
    /// The report's own word for it.
    pub fn form(self) -> SimulationForm {
        match self {
            SimulateFormat::Table => SimulationForm::Table,
            SimulateFormat::Json => SimulationForm::Json,
            SimulateFormat::Markdown => SimulationForm::Markdown,
        }
    }
}
