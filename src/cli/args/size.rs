//! The arguments of `scalegen size`.

use super::{RunArgs, SettingsArgs, SimulateFormat};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Size {
    /// The spec, or - for standard input. Without it: scalegen.yaml or scalegen.yml in this folder.
    #[arg(value_name = "SPEC")]
    pub spec: Option<PathBuf>,
    /// The load of a service, as `simulate` reads it: arrivals, rate, running or cpu (repeatable).
    #[arg(long, value_name = "[SERVICE=]KIND:FILE", required_unless_present = "metrics")]
    pub load: Vec<String>,
    /// What must hold in the worst run, also with the load times --stress: 'wait.p95 < 2s' (repeatable).
    #[arg(long, value_name = "EXPR", required_unless_present = "metrics")]
    pub assert: Vec<String>,
    /// What pods use, for their requests: what Prometheus answers to `query_range` with a series for each pod and container
    /// (repeatable). Of cpu: max by (container, pod, job) (rate(container_cpu_usage_seconds_total[75s])) at a step of 75 s; of
    /// memory: container_memory_working_set_bytes.
    #[arg(long, value_name = "[SERVICE=]cpu|memory:FILE")]
    pub metrics: Vec<String>,
    /// What may change: thresholds, delays, min, windows, cpu, memory; the last two with --metrics.
    #[arg(long, value_name = "FIELD", value_delimiter = ',', default_value = "thresholds,delays,min")]
    pub tune: Vec<String>,
    /// The policy that is tuned: foundry, hpa or keda. Without it: what the spec's targets do.
    #[arg(long, value_name = "POLICY")]
    pub policy: Option<String>,
    /// Size this profile and write into its overlay. Without it: the base.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Everything must also hold with the load times this; 1 asks nothing more.
    #[arg(long, value_name = "FACTOR", default_value = "1.2")]
    pub stress: String,
    #[command(flatten)]
    pub runs: RunArgs,
    /// Write the changes into the spec, every other byte kept, where the held-out days meet every assertion.
    #[arg(long, requires = "load")]
    pub write: bool,
    /// How to print it.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: SimulateFormat,
    /// Write one HTML file with charts of the present policy and the chosen one, which needs no network.
    #[arg(long, value_name = "FILE", requires = "load")]
    pub report: Option<PathBuf>,
    /// Overwrite a report that scalegen did not write.
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub config: SettingsArgs,
}
