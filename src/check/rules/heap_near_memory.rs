//! A heap that does not fit into the memory of its container beside what is written for classes and buffers.

use super::{Context, Group, Meta, Report};
use crate::model::quantity::bytes_text;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "heap-near-memory",
    severity: Severity::Warning,
    group: Group::Resources,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for one in context.heaps() {
        let limit = one.limit.value;
        let beside: u128 = one.beside.iter().map(|(_, bytes)| u128::from(*bytes)).sum();
        let all = u128::from(one.heap) + beside;
        if one.heap >= limit.bytes || all <= u128::from(limit.bytes) {
            continue;
        }
        let mut parts = vec![one.words()];
        parts.extend(one.beside.iter().map(|(flag, _)| flag.value.text.clone()));
        let message = format!(
            "{} come to {}, above the limit {limit} of `{}`{}",
            parts.join(" + "),
            bytes_text(all),
            one.name,
            one.reaches()
        );
        let mut finding = report.at(one.flag.at.place(), message).label(one.limit.place(), format!("limit {limit}"));
        for (flag, _) in &one.beside {
            finding = finding.label(flag.at.place(), "beside the heap");
        }
        report.push(finding.help("write a smaller heap, or a higher limit"));
    }
}
