//! A heap below the memory limit that exceeds it together with other memory of the process. Looks at one service at a time.

use super::{Context, Group, Meta, Report};
use crate::check::context::ServiceHeap;
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
    for ServiceHeap { service, heap, limit } in context.heaps() {
        let (bytes, most) = (heap.size.under(limit.value.bytes), limit.value.bytes);
        let all = heap.beside.iter().fold(u128::from(bytes), |sum, (_, more, _)| sum + u128::from(*more));
        if bytes >= most || all <= u128::from(most) {
            continue;
        }
        let more: Vec<String> = heap.beside.iter().map(|(flag, ..)| flag.escape_debug().to_string()).collect();
        let message = format!(
            "{} and {} of `{service}` are {} together, above its memory limit {}",
            heap.flag.escape_debug(),
            more.join(" and "),
            bytes_text(all),
            limit.value
        );
        let mut finding = report.at(heap.at, message).label(limit.place(), format!("memory limit {}", limit.value));
        for (_, bytes, at) in &heap.beside {
            finding = finding.label(*at, format!("{} beside the heap", bytes_text(u128::from(*bytes))));
        }
        let free = u128::from(most).saturating_sub(all - u128::from(bytes));
        report.push(
            finding
                .help(format!("a heap below {} fits", bytes_text(free)))
                .rank(i128::try_from(all).unwrap_or(i128::MAX) - i128::from(most)),
        );
    }
}
