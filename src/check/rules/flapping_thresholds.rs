//! Thresholds so close that scaling down calls for scaling up again. Whole jobs and billionths, no floats.

use super::{Context, Group, Meta, Report, TwoThresholds};
use crate::model::quantity::Share;
use crate::model::states::StateBounds;
use crate::model::{Service, ServiceField, Signal};
use crate::support::diagnostic::Severity;
use crate::support::plural::plural;

pub(super) const META: Meta = Meta {
    id: "flapping-thresholds",
    severity: Severity::Warning,
    group: Group::Autoscaling,
    suppressible: true,
    check: Some(check),
};

const ONE: u128 = Share::ONE as u128;

/// How many numbers of replicas are tried. The first that flaps comes early; no real range needs more.
const TRIES: u32 = 4096;

fn check(context: &Context<'_>, report: &mut Report) {
    for service in context.spec.services().filter(|service| service.autoscaling.written) {
        let (up, down) = (service.autoscaling.up.threshold, service.autoscaling.down.threshold);
        let load = service.autoscaling.signal.value == Signal::Load;
        let unread = [ServiceField::Autoscaling, ServiceField::Replicas].iter().any(|part| service.broken.has(*part))
            || (load && service.broken.has(ServiceField::Concurrency));
        let steps = context.two_thresholds(service) == TwoThresholds::Steps;
        // one threshold is one target; thresholds the wrong way round are a fault of their own
        if unread || !steps || !(up.written && down.written) || up.value < down.value {
            continue;
        }
        let Some((range, flap)) = first_flap(service, down.value) else { continue };
        let mut finding = report.at(down.place(), flap.message(service, down.value));
        finding = finding.label(up.place(), format!("scales up at {}", up.value));
        finding = finding.label(range.min.place(), format!("at least {}", plural(range.min.value, "replica")));
        if let (Some(concurrency), true) = (&service.concurrency, load) {
            finding = finding
                .label(concurrency.limit.place(), format!("{} on one replica", plural(concurrency.limit.value, "job")));
        }
        let calm = calm(service, down.value);
        finding = finding.help(match calm {
            Some(calm) => format!("write a scale-down threshold of {calm} or less"),
            None => "raise the scale-up threshold or `min`".to_owned(),
        });
        if let Some(calm) = calm {
            finding = finding.fix(down.at.value, calm.to_string(), false);
        }
        report.push(finding);
    }
}

/// A number of replicas at which scaling down by one calls for scaling up by one.
struct Flap {
    replicas: u128,
    /// How many jobs run then; `None` if not jobs are counted but use.
    jobs: Option<u128>,
}

/// The first flap over the ranges of a service, at a scale-down threshold.
fn first_flap(service: &Service, down: Share) -> Option<(StateBounds<'_>, Flap)> {
    let up = u128::from(service.autoscaling.up.threshold.value.0);
    let down = u128::from(down.0);
    service.ranges().find_map(|range| {
        let least = u128::from(range.min.value.max(1));
        let most = u128::from(range.max.value);
        if least + 1 > most {
            return None;
        }
        let flap = match service.autoscaling.signal.value {
            Signal::Load => first_of_jobs(up, down, u128::from(service.slots_each()), least + 1, most),
            Signal::Cpu | Signal::Memory => {
                (down * (least + 1) > up * least).then_some(Flap { replicas: least + 1, jobs: None })
            }
        };
        flap.map(|flap| (range, flap))
    })
}

/// With n replicas of c slots the most jobs below the threshold are r = ⌈down·n·c⌉ − 1; n flaps if r ÷ ((n−1)·c) ≥ up.
fn first_of_jobs(up: u128, down: u128, slots: u128, from: u128, to: u128) -> Option<Flap> {
    if down == 0 {
        return None;
    }
    let mut replicas = from;
    for _ in 0..TRIES {
        if replicas > to {
            return None;
        }
        let jobs = (down * replicas * slots).div_ceil(ONE) - 1;
        if jobs * ONE >= up * (replicas - 1) * slots {
            return Some(Flap { replicas, jobs: Some(jobs) });
        }
        // until one more job fits below the threshold, more replicas only make it calmer
        replicas = (jobs + 1) * ONE / (down * slots) + 1;
    }
    None
}

/// The largest scale-down threshold in hundredths, below the one given, that does not flap.
fn calm(service: &Service, down: Share) -> Option<Share> {
    let cent = Share::ONE / 100;
    let flaps = |cents: u64| first_flap(service, Share(cents * cent)).is_some();
    let (mut good, mut bad) = (0, down.0.div_ceil(cent));
    while good + 1 < bad {
        let middle = good.midpoint(bad);
        if flaps(middle) { bad = middle } else { good = middle }
    }
    (good > 0).then_some(Share(good * cent))
}

impl Flap {
    fn message(&self, service: &Service, down: Share) -> String {
        let up = service.autoscaling.up.threshold.value;
        let (n, fewer) = (self.replicas, self.replicas - 1);
        let it = if up == down { "it".to_owned() } else { up.to_string() };
        let Some(jobs) = self.jobs else {
            let after = ratio(u128::from(down.0) * n, ONE * fewer, up);
            return format!(
                "{n} replicas just below {down}: on {fewer} the same work is {down}×{n}/{fewer} = {after}, above {it} again"
            );
        };
        let slots = u128::from(service.slots_each());
        let unknown = if service.concurrency.is_none() { " (concurrency is unset and taken as 1)" } else { "" };
        let above = if jobs * ONE == u128::from(up.0) * fewer * slots { "at" } else { "above" };
        let (before, after) = (ratio(jobs, n * slots, down), ratio(jobs, fewer * slots, up));
        format!(
            "{n} replicas with {}: {jobs}/({n}×{slots}) = {before} is below {down}, but {jobs}/({fewer}×{slots}) = {after} is {above} {it} again{unknown}",
            plural(jobs, "job")
        )
    }
}

/// A quotient with two places, or as many more as it takes to show on which side of a threshold it is.
fn ratio(number: u128, by: u128, threshold: Share) -> String {
    let threshold = u128::from(threshold.0);
    let truth = (number * ONE).cmp(&(threshold * by));
    let mut shown = 0;
    for places in 2..=9 {
        let unit = 10u128.pow(9 - places);
        shown = (number * ONE * 2 + by * unit) / (2 * by * unit) * unit;
        if shown.cmp(&threshold) == truth {
            break;
        }
    }
    Share(u64::try_from(shown).unwrap_or(u64::MAX)).to_string()
}
