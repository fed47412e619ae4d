//! A range that takes long to climb, one replica at a time. Knows bounds and the scale-up delay.

use super::{Context, Group, Meta, Report};
use crate::model::states::StateBounds;
use crate::model::time::Duration;
use crate::model::{ServiceField, StepSelect, StepSize};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "slow-ramp",
    severity: Severity::Note,
    group: Group::Autoscaling,
    suppressible: true,
    check: Some(check),
};

/// Longer than this, load has usually gone elsewhere.
const LONG: Duration = Duration(3_600_000);

fn check(context: &Context<'_>, report: &mut Report) {
    for service in context.spec.services() {
        if service.broken.has(ServiceField::Autoscaling) || service.broken.has(ServiceField::Replicas) {
            continue;
        }
        let width = |range: &StateBounds<'_>| range.max.value.saturating_sub(range.min.value);
        // by the defaults, no replica comes late where none is ever added
        if !service.autoscaling.written && service.ranges().all(|range| width(&range) == 0) {
            continue;
        }
        let rule = service.autoscaling.rule();
        let (up, delay) = (&rule.up, rule.up.delay);
        // of equal ones the first written
        let widest = service.ranges().reduce(|best, range| if width(&range) > width(&best) { range } else { best });
        let Some(range) = widest else { continue };
        let (min, max) = (range.min, range.max);
        let steps = steps(&up.size, min.value, max.value);
        let every = up.period();
        // the first step waits for the delay, each further one for its turn
        let later = every.value.0.saturating_mul(steps.saturating_sub(1));
        let whole = Duration(delay.value.0.saturating_add(later));
        let plain = up.size.is_one() && every.value == delay.value;
        // if nothing is ever added there is no ramp
        if up.size.is_none() || whole <= LONG {
            continue;
        }
        let message = if plain {
            format!(
                "from {} to {} replicas takes ({} − {}) × {} = {whole}, above {LONG}",
                min.value, max.value, max.value, min.value, delay.value
            )
        } else {
            format!(
                "from {} to {} replicas takes {steps} steps of {} every {}, the first after {}: {whole}, above {LONG}",
                min.value,
                max.value,
                up.size.text(),
                every.value,
                delay.value
            )
        };
        let enough = Duration(LONG.0 / steps.max(1) / 1000 * 1000);
        let help = match enough.0 {
            _ if !plain => "write a larger `step`, or a shorter `every`".to_owned(),
            0 => "narrow the range".to_owned(),
            _ => format!("write a scale-up delay of {enough} or less, a larger `step`, or narrow the range"),
        };
        let finding = report
            .at(if delay.written { delay.place() } else { max.place() }, message)
            .label(max.place(), format!("at most {}", max.value))
            .label(min.place(), format!("at least {}", min.value))
            .help(help)
            .rank(whole.0);
        report.push(finding);
    }
}

/// How many steps lead from one number to another.
fn steps(size: &StepSize, min: u32, max: u32) -> u64 {
    if let (Some(count), None) = (size.replicas, size.percent) {
        return u64::from(max.saturating_sub(min)).div_ceil(u64::from(count.value.max(1)));
    }
    // a percentage grows with the number, so there are few
    // the first replica is woken, whatever the percentage
    let (mut now, mut steps) = (min.max(1), u64::from(min == 0));
    while now < max {
        let count = size.replicas.filter(|_| size.select.value == StepSelect::Min).map(|count| count.value);
        if let Some(count) = count.filter(|count| *count > 0 && size.above(now) == now.saturating_add(*count)) {
            // from here on the count is the smaller of the two
            return steps + u64::from(max - now).div_ceil(u64::from(count));
        }
        (now, steps) = (size.above(now).max(now + 1), steps + 1);
    }
    steps
}
