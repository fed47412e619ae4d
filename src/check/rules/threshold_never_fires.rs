//! A scale-up threshold that a plain Kubernetes autoscaler can never reach. Knows its tolerance, writes nothing.

use super::{Context, Group, Meta, Report};
use crate::model::quantity::Share;
use crate::model::{Service, ServiceField, Signal, TargetOptions, releases};
use crate::support::diagnostic::Severity;
use crate::support::source::FileSpan;

pub(super) const META: Meta = Meta {
    id: "threshold-never-fires",
    severity: Severity::Error,
    group: Group::Autoscaling,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(target) = context.target("kubernetes") else { return };
    if target.text("autoscaler").is_some_and(|(autoscaler, _)| autoscaler != "hpa") {
        return;
    }
    for service in context.spec.services() {
        let unread = [ServiceField::Autoscaling, ServiceField::Replicas, ServiceField::Resources]
            .iter()
            .any(|part| service.broken.has(*part));
        if unread || service.ranges().all(|range| range.min.value >= range.max.value) {
            continue;
        }
        let Some(ceiling) = Ceiling::of(service, context.spec.limit_resources.value) else { continue };
        let (up, down) = (service.autoscaling.up.threshold, service.autoscaling.down.threshold);
        let most = |tenths: u128| ceiling.most * 10 > u128::from(up.value.0) * tenths * ceiling.of;
        // two thresholds are written as tolerances, and that upwards is 0 then
        let exact = releases::has(Context::release(target), releases::TOLERANCE) && down.value < up.value;
        // a threshold above all that can be used is another rule's
        let beyond = up.value.0 > Share::ONE && ceiling.most < u128::from(up.value.0) * ceiling.of;
        if most(if exact { 10 } else { 11 }) || beyond {
            continue;
        }
        let message = if exact {
            format!("with tolerance 0 an autoscaler adds a replica above {}, but {}", up.value, ceiling.words)
        } else {
            let needed = Share(up.value.0.saturating_mul(11).div_ceil(10));
            format!(
                "an autoscaler with 10 % tolerance adds a replica above {} × 1.1 = {needed}, but {}",
                up.value, ceiling.words
            )
        };
        let mut finding = report.at(up.place(), message);
        for (place, label) in ceiling.places {
            finding = finding.label(place, label);
        }
        let named = context.spec.targets.iter().any(|written| written.name == target.name);
        let finding =
            if named { finding.label(target.at.key(), "a plain autoscaler is written here") } else { finding };
        report.push(finding.help(help(service, (ceiling.most, ceiling.of), target, exact)));
    }
}

/// The largest threshold in hundredths that fires, and what else would help.
fn help(service: &Service, (most, of): (u128, u128), target: &TargetOptions, exact: bool) -> String {
    let cent = u128::from(Share::ONE / 100);
    // it must stay below the most ÷ 1.1, or below the most itself
    let (most_tenths, tenths) = if exact { (most * 10, 10) } else { (most * 10, 11) };
    let cents = most_tenths.div_ceil(of * cent * tenths).saturating_sub(1);
    let calm = Share(u64::try_from(cents * cent).unwrap_or(u64::MAX));
    let mut help = vec![format!("write a threshold of {calm} or less")];
    let up = u128::from(service.autoscaling.up.threshold.value.0);
    if !exact && up * of < most {
        let named = match releases::has(Context::release(target), releases::TOLERANCE) {
            true => "",
            false => " and, where Kubernetes 1.35 or later runs, `version: \"1.35\"`",
        };
        help.push(format!("write a lower scale-down threshold{named}: both are then written as tolerances"));
    }
    if service.autoscaling.signal.value == Signal::Load {
        help.push("write `autoscaler: keda`".to_owned());
    }
    help.join(", or ")
}

/// The most a signal can reach, as a fraction in billionths.
struct Ceiling {
    most: u128,
    of: u128,
    words: String,
    places: Vec<(FileSpan, String)>,
}

impl Ceiling {
    /// `None` if nothing bounds it.
    fn of(service: &Service, limited: bool) -> Option<Ceiling> {
        let one = u128::from(Share::ONE);
        let (requests, limits) = (&service.resources.requests, &service.resources.limits);
        let (request, limit) = match service.autoscaling.signal.value {
            Signal::Load => {
                // no more work runs than all replicas can hold
                let words = "load is never above 1.00".to_owned();
                return Some(Ceiling { most: one, of: 1, words, places: Vec::new() });
            }
            _ if !limited => return None,
            Signal::Cpu => {
                let (request, limit) = (requests.cpu?, limits.cpu?);
                let text = (request.value.to_string(), limit.value.to_string());
                (
                    (u128::from(request.value.0), request.place(), text.0),
                    (u128::from(limit.value.0), limit.place(), text.1),
                )
            }
            Signal::Memory => {
                let (request, limit) = (requests.memory?, limits.memory?);
                let text = (request.value.to_string(), limit.value.to_string());
                (
                    (u128::from(request.value.bytes), request.place(), text.0),
                    (u128::from(limit.value.bytes), limit.place(), text.1),
                )
            }
        };
        // a request above its limit, or of nothing, is another rule's
        if limit.0 < request.0 || request.0 == 0 {
            return None;
        }
        let share = Share(u64::try_from(limit.0 * one / request.0).unwrap_or(u64::MAX));
        let words = format!("use is never above {} ÷ {} = {share} of the request", limit.2, request.2);
        let places = vec![(limit.1, "the limit".to_owned()), (request.1, "the request it is measured by".to_owned())];
        Some(Ceiling { most: limit.0 * one, of: request.0, words, places })
    }
}
