//! A request that is to follow from what pods use, where an autoscaler holds what they use at a share of the request.
//! Knows signals and recommended amounts, reports only if metrics are given.

use super::{Context, Group, Meta, Report};
use crate::model::{Service, ServiceField, Signal};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "request-follows-target",
    severity: Severity::Warning,
    group: Group::Resources,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for (service, load) in context.loaded().filter(|(_, load)| load.has_hpa) {
        let signal = service.autoscaling.signal;
        if service.broken.has(ServiceField::Autoscaling) || service.broken.has(ServiceField::Resources) {
            continue;
        }
        for request in load.requests.iter().filter(|request| request.resource == signal.value) {
            let target = service.autoscaling.up.threshold;
            let percent = target.value.0 / (crate::model::quantity::Share::ONE / 100);
            let Some((held, place)) = reserved(service, signal.value) else { continue };
            let message = format!(
                "a request of {} by {} follows the target: an autoscaler at {percent} % of {held} holds a pod at about that, so each time it is written back with the same target it shrinks to {percent} %, after three times to {} %",
                request.amount,
                request.file,
                thrice(percent)
            );
            let help = match signal.value {
                Signal::Cpu => "set request and target together: `--tune cpu`, from the cores of a job (`cpuPerJob`)",
                _ => "size memory under a fixed number of replicas, or scale on another signal",
            };
            report.push(report.at(signal.place(), message).label(place, format!("a request of {held}")).help(help));
        }
    }
}

/// What a share is a share of, with its place.
fn reserved(service: &Service, signal: Signal) -> Option<(String, crate::support::source::FileSpan)> {
    match signal {
        Signal::Cpu => service.reserved_cpu().map(|cpu| (cpu.value.to_string(), cpu.place())),
        Signal::Memory => service.reserved_memory().map(|memory| (memory.value.to_string(), memory.place())),
        Signal::Load => None,
    }
}

/// Percent of what was, after three times.
fn thrice(percent: u64) -> u64 {
    let percent = u128::from(percent);
    u64::try_from(percent.pow(3) / 10_000).unwrap_or(u64::MAX)
}
