//! Differences of a file for `docker stack deploy` from one for `docker compose`, and what it cannot hold. Knows no amount.
//!
//! Swarm's reader (docker/cli, `cli/compose`, as of 28) has no tags, no `name` and no `devices`, refuses the older keys for
//! limits, skips `restart`, `expose` and container names, and lays files over each other by appending ports.

use super::super::LoweredPlan;
use super::{ComposeContext, Under};
use crate::inputs::base::BaseProject;
use crate::plan::{TargetOptions, Workload};
use crate::support::diagnostic::{Finding, Severity};
use crate::support::plural::plural;

/// Keys of a service at which Swarm's reader stops.
const FORBIDDEN: [&str; 8] =
    ["extends", "volume_driver", "volumes_from", "cpu_quota", "cpu_shares", "cpuset", "mem_limit", "memswap_limit"];

/// Whether the target's file is for Swarm.
pub(super) fn is_wanted(options: &TargetOptions) -> bool {
    options.text("form").is_some_and(|(form, _)| form == "stack")
}

/// The version of the format. Releases before 25 refuse a file without one, and all refuse files with different ones; 3.9 is the
/// first that limits processes, and the last that engine 20.10 reads.
pub(super) fn version(whole: bool, base: Option<&BaseProject>) -> Option<String> {
    if whole { Some("3.9".to_owned()) } else { base.and_then(|base| base.layer.version.clone()) }
}

/// The name of a stack is not in its file.
pub(super) fn project(out: &mut LoweredPlan, options: &TargetOptions) {
    if let Some((name, at)) = options.text("project") {
        let message = format!("a stack file has no name: `{}` is not written", name.escape_debug());
        out.lost(at, message, format!("deploy it as `docker stack deploy -c FILE {}`", name.escape_debug()));
    }
}

/// Reports keys of the base's service that stop Swarm's reader.
pub(super) fn refused(out: &mut LoweredPlan, context: &ComposeContext<'_>, under: Under<'_>) {
    let Some(base) = under.member() else { return };
    for key in FORBIDDEN {
        let Some(entry) = base.project.entry.node.get(key) else { continue };
        let message = format!("`docker stack deploy` refuses `{key}` of `{}` in {}", base.name, context.base_name());
        let help = match key {
            "mem_limit" | "memswap_limit" | "cpu_quota" | "cpu_shares" | "cpuset" => {
                "write it under `deploy.resources` there"
            }
            _ => "take it out there",
        };
        out.findings.push(Finding::of("refused-by-target", entry.at().key(), message).help(help));
    }
}

/// Reports values of the base that an override for compose would remove: Swarm keeps them.
pub(super) fn kept(
    out: &mut LoweredPlan,
    context: &ComposeContext<'_>,
    workload: &Workload,
    tags: &[(Vec<String>, &'static str)],
) {
    for (path, _) in tags {
        let message = format!(
            "a stack file takes nothing away: `{}` of `{}` in {} stays",
            path.join("."),
            workload.name,
            context.base_name()
        );
        let finding = Finding::new("lost-in-target", Severity::Warning, workload.at.key(), message);
        out.findings.push(finding.help(format!("take it out of {}", context.base_name())));
    }
}

/// GPUs are a resource that the machines of a swarm announce under their own name.
pub(super) fn gpus(out: &mut LoweredPlan, workload: &Workload, limited: bool) {
    let (requests, limits) = (&workload.resources.requests, &workload.resources.limits);
    let Some(gpu) = requests.gpu.or(if limited { limits.gpu } else { None }).filter(|gpu| gpu.value > 0) else {
        return;
    };
    let message =
        format!("a stack file has no `devices`: {} of `{}` is not written", plural(gpu.value, "GPU"), workload.name);
    out.lost(
        gpu.at,
        message,
        "let the machines announce them as `node-generic-resources`, and reserve them in the base as `generic_resources`",
    );
}
