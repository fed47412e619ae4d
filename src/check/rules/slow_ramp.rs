//! A range that takes long to climb, one replica at a time. Knows bounds and the scale-up delay.

use super::{Context, Group, Meta, Report};
use crate::model::ServiceField;
use crate::model::states::StateBounds;
use crate::model::time::Duration;
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
        let delay = service.autoscaling.up.delay;
        let width = |range: &StateBounds<'_>| range.max.value.saturating_sub(range.min.value);
        // of equal ones the first written
        let widest = service.ranges().reduce(|best, range| if width(&range) > width(&best) { range } else { best });
        let Some(range) = widest else { continue };
        let (min, max, steps) = (range.min, range.max, u64::from(width(&range)));
        let whole = Duration(delay.value.0.saturating_mul(steps));
        if whole <= LONG {
            continue;
        }
        let message = format!(
            "from {} to {} replicas takes ({} − {}) × {} = {whole}, above {LONG}",
            min.value, max.value, max.value, min.value, delay.value
        );
        let enough = Duration(LONG.0 / steps / 1000 * 1000);
        let help = match enough.0 {
            0 => "narrow the range".to_owned(),
            _ => format!("write a scale-up delay of {enough} or less, or narrow the range"),
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
