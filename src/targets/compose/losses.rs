//! Settings that compose does not have: it runs a fixed number and has no load, no clock and no nodes. Writes nothing.

use super::super::LoweredPlan;
use super::ComposeContext;
use crate::plan::{Disruption, Spread, Workload};
use crate::support::source::FieldSpan;

pub(super) fn report_losses(out: &mut LoweredPlan, context: &ComposeContext<'_>, workload: &Workload) {
    let fixed = workload.fixed;
    let (min, max) = (workload.replicas.min, workload.replicas.max);
    if workload.scales {
        let message = format!("compose runs a fixed number: {fixed} is written, not {} to {}", min.value, max.value);
        out.lost(
            max.at,
            message,
            match context.stack {
                true => "add a target with an autoscaler, or change the number with `docker service scale`",
                false => "add a target with an autoscaler, or change the number with `docker compose up --scale`",
            },
        );
    }
    let ranges = workload.scales || workload.schedule.iter().any(|window| window.min.value < window.max.value);
    if workload.autoscaling.written && ranges {
        let message = format!("compose has no autoscaler: {fixed} of `{}` whatever the load", workload.name);
        out.lost(workload.autoscaling.at, message, "add a target with an autoscaler");
    }
    for window in &workload.schedule {
        let message = format!(
            "compose knows no clock: {fixed} of `{}` in {} too, not {}",
            workload.name,
            window.label(),
            window.replicas()
        );
        out.lost(window.at, message, "add a target with windows, or render a profile for these hours");
    }
    if let Some(concurrency) = workload.concurrency.as_ref().filter(|concurrency| concurrency.env.is_none()) {
        let message = format!("compose has no word for a concurrency of {}", concurrency.limit.value);
        out.lost(concurrency.limit.at, message, "name the variable the process reads it from as `env`");
    }
    if let Some(disruption) = &workload.disruption {
        let what = match disruption.value {
            Disruption::MinAvailable(amount) => format!("at least {amount} available"),
            Disruption::MaxUnavailable(amount) => format!("at most {amount} away"),
        };
        out.lost(disruption.at, format!("compose drains no nodes; {what} cannot be said"), "");
    }
    of_a_cluster(out, workload);
    spread(out, context, workload);
    let base = context.base.and_then(|base| base.service(&workload.name));
    if let Some(base) = base.filter(|base| !base.facts.starts) {
        let names: Vec<String> = base.facts.profiles.iter().map(|name| name.value.escape_debug().to_string()).collect();
        let message = format!(
            "`{}` is in the compose profile {}: a plain `docker compose up` does not start it",
            workload.name,
            names.join(", ")
        );
        let help = names.first().map(|name| format!("start it with `docker compose --profile {name} up`"));
        // the service itself is meant
        let at = FieldSpan { value: workload.at.key, block: false, ..workload.at };
        out.ignored(at, message, help.unwrap_or_default());
    }
}

/// The security settings of replicas. Placement and accounts mean nothing on one host.
fn of_a_cluster(out: &mut LoweredPlan, workload: &Workload) {
    for (what, at) in workload.cluster_fields() {
        let why = match what {
            "pod security" => "compose runs what the image says, with the rights that an engine gives",
            "ephemeral storage" => "a container of compose has as much disk as the host",
            "drain delay" => "compose stops a container at once",
            _ => continue,
        };
        out.lost(at, format!("the {what} of `{}` is not written: {why}", workload.name), "");
    }
}

fn spread(out: &mut LoweredPlan, context: &ComposeContext<'_>, workload: &Workload) {
    // Swarm itself puts the replicas of a service on different machines, if there are enough
    let known = if context.stack { Spread::Node } else { Spread::None };
    let spread = workload.spread.filter(|spread| spread.value != Spread::None && spread.value != known);
    if let Some(spread) = spread.filter(|_| context.stack) {
        let help = "write `placement.preferences` with the label of your zones in the base";
        out.lost(spread.at, "a stack is spread over machines, not over zones", help);
    } else if let Some(spread) = spread {
        let over = if spread.value == Spread::Node { "nodes" } else { "zones" };
        out.lost(spread.at, format!("compose runs on one host; nothing is spread over {over}"), "");
    }
}
