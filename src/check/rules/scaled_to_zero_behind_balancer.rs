//! A service behind a load balancer that may have no replica. Knows bounds, not how a target wakes a service.

use super::{Context, Group, Meta, Reach, Report};
use crate::model::{ServiceField, states};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "scaled-to-zero-behind-balancer",
    severity: Severity::Warning,
    group: Group::Replicas,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for service in context.spec.services() {
        let Some(expose) = &service.expose else { continue };
        let hidden = states::whole_week(&service.schedule);
        for range in service.ranges() {
            let skipped = match (context.reach, range.window) {
                (Reach::Fixed, None) => service.fixed() > 0,
                (Reach::Fixed, Some(_)) => true,
                (Reach::Range, None) => hidden,
                (Reach::Range, Some(_)) => false,
            };
            let unread = range.window.is_none() && service.broken.has(ServiceField::Replicas);
            if skipped || unread || range.min.value > 0 {
                continue;
            }
            let when = range.window.map_or_else(String::new, |window| format!(" in {}", window.label()));
            let range_words = match range.max.value {
                0 => "0 replicas".to_owned(),
                max => format!("0 to {max} replicas"),
            };
            let finding = report
                .at(
                    range.min.place(),
                    format!("{range_words}{when} behind a load balancer: with 0 nothing answers a request"),
                )
                .label(expose.at.key(), "requests come in here")
                .help("write a `min` of 1, or take `expose` away");
            report.push(finding);
        }
    }
}
