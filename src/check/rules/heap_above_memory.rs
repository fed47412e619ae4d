//! A heap that is as large as the memory limit, or larger. Looks at one service at a time.

use super::{Context, Group, Meta, Report};
use crate::check::context::ServiceHeap;
use crate::model::quantity::bytes_text;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "heap-above-memory",
    severity: Severity::Error,
    group: Group::Resources,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for ServiceHeap { service, heap, limit } in context.heaps() {
        let (bytes, most) = (heap.size.under(limit.value.bytes), limit.value.bytes);
        if bytes < most {
            continue;
        }
        let how = if bytes == most { "all of" } else { "above" };
        let reaches =
            heap.variable.as_ref().map_or_else(String::new, |name| format!(", if {name} reaches the runtime"));
        let (flag, size) = (heap.flag.escape_debug(), bytes_text(bytes.into()));
        let message =
            format!("the heap of `{service}` ({flag}, {size}) is {how} its memory limit {}{reaches}", limit.value);
        let finding = report
            .at(heap.at, message)
            .label(limit.place(), format!("memory limit {}", limit.value))
            .help(match heap.with_share(750, most) {
                Some(flag) => format!("a heap of three quarters leaves room for the rest of the process: `{flag}`"),
                None => "a heap of three quarters leaves room for the rest of the process".to_owned(),
            })
            .rank(bytes - most);
        report.push(finding);
    }
}
