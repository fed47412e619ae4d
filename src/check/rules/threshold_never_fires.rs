//! A scale-up threshold that a Kubernetes autoscaler can never reach. Knows its tolerance, writes nothing.

use super::{Context, Group, Meta, Report};
use crate::model::quantity::Share;
use crate::model::{ClusterAutoscaler, ClusterOptions, Service, ServiceField, Signal, releases};
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
    let Some(cluster) = context.target_facts.cluster.filter(|own| own.autoscaler != ClusterAutoscaler::None) else {
        return;
    };
    let keda = cluster.autoscaler == ClusterAutoscaler::Keda;
    for service in context.spec.services() {
        let unread = [ServiceField::Autoscaling, ServiceField::Replicas, ServiceField::Resources]
            .iter()
            .any(|part| service.broken.has(*part));
        // a formula votes at the threshold itself, without a tolerance
        let votes = keda && service.autoscaling.signal.value == Signal::Load;
        if unread || votes || service.ranges().all(|range| range.min.value >= range.max.value) {
            continue;
        }
        let (up, tolerance) = (service.autoscaling.up.threshold, tolerance(service, cluster));
        let limited = context.spec.limit_resources.value;
        let ceilings = service.autoscaling.signals().map(|signal| Ceiling::of(service, signal.value, limited));
        // one signal of several that fires is enough
        let Some(ceilings) = ceilings.collect::<Option<Vec<_>>>() else { continue };
        let fires = |ceiling: &Ceiling| ceiling.fires(up.value, tolerance);
        // a threshold above the largest possible use is another rule's
        let beyond = |c: &Ceiling| up.value.0 > Share::ONE && c.most < u128::from(up.value.0) * c.of;
        if ceilings.iter().any(|ceiling| fires(ceiling) || beyond(ceiling)) {
            continue;
        }
        let Some(ceiling) = ceilings.into_iter().next() else { continue };
        let exact = tolerance.0 == 0;
        let message = if exact {
            format!("with tolerance 0 an autoscaler adds a replica above {}, but {}", up.value, ceiling.words)
        } else {
            let above = Share(Share::ONE.saturating_add(tolerance.0));
            let needed = u128::from(up.value.0) * u128::from(above.0);
            let needed = Share(u64::try_from(needed.div_ceil(u128::from(Share::ONE))).unwrap_or(u64::MAX));
            let (tolerance, above) = (percent(tolerance), trimmed(above));
            let value = up.value;
            format!(
                "an autoscaler with {tolerance} tolerance adds a replica above {value} × {above} = {needed}, but {}",
                ceiling.words
            )
        };
        let mut finding = report.at(up.place(), message);
        for (place, label) in ceiling.places {
            finding = finding.label(place, label);
        }
        let autoscaler = if keda { "ScaledObject" } else { "plain autoscaler" };
        let named = context.spec.targets.iter().any(|written| written.name == cluster.target);
        let finding =
            if named { finding.label(cluster.at.key(), format!("a {autoscaler} is written here")) } else { finding };
        report.push(finding.help(help(service, (ceiling.most, ceiling.of), cluster, tolerance)));
    }
}

/// By how much of the threshold the signal must exceed it.
fn tolerance(service: &Service, cluster: &ClusterOptions) -> Share {
    let (up, down) = (&service.autoscaling.up, &service.autoscaling.down);
    match up.tolerance {
        _ if !cluster.tolerates() => TENTH,
        // two thresholds are written as tolerances, and then the upward one is 0
        _ if down.threshold.value < up.threshold.value => Share(0),
        Some(written) => written.value,
        None if service.autoscaling.is_load_alone() => Share(0),
        None => TENTH,
    }
}

/// The controller's own tolerance.
const TENTH: Share = releases::USUAL_TOLERANCE;

/// `10 %`.
fn percent(share: Share) -> String {
    format!("{} %", trimmed(Share(share.0.saturating_mul(100))))
}

/// `1.1` instead of `1.10`.
fn trimmed(share: Share) -> String {
    let text = share.to_string();
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The largest threshold in hundredths that fires, and what else would help.
fn help(service: &Service, (most, of): (u128, u128), cluster: &ClusterOptions, tolerance: Share) -> String {
    let (cent, one, exact) = (u128::from(Share::ONE / 100), u128::from(Share::ONE), tolerance.0 == 0);
    // it must stay below the most ÷ 1.1, or below the most itself
    let cents = (most * one).div_ceil(of * cent * (one + u128::from(tolerance.0))).saturating_sub(1);
    let calm = Share(u64::try_from(cents * cent).unwrap_or(u64::MAX));
    let mut help = vec![format!("write a threshold of {calm} or less")];
    let up = u128::from(service.autoscaling.up.threshold.value.0);
    if !exact && up * of < most {
        let keda = cluster.autoscaler == ClusterAutoscaler::Keda;
        let named = match cluster.tolerates() {
            true => "",
            false if keda => {
                " and, where Kubernetes 1.35 and KEDA 2.18 or later run, `version: \"1.35\"` and `kedaVersion: \"2.18\"`"
            }
            false => " and, where Kubernetes 1.35 or later runs, `version: \"1.35\"`",
        };
        help.push(format!("write a lower scale-down threshold{named}: both are then written as tolerances"));
    }
    if service.autoscaling.watches(Signal::Load) {
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
    /// Whether the signal can exceed a threshold by more than the tolerance.
    fn fires(&self, threshold: Share, tolerance: Share) -> bool {
        let one = u128::from(Share::ONE);
        self.most * one > u128::from(threshold.0) * (one + u128::from(tolerance.0)) * self.of
    }

    /// `None` if nothing bounds it.
    fn of(service: &Service, signal: Signal, limited: bool) -> Option<Ceiling> {
        let one = u128::from(Share::ONE);
        let (requests, limits) = (&service.resources.requests, &service.resources.limits);
        let (request, limit) = match signal {
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
