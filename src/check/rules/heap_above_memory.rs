//! A heap as large as all the memory of its container. Looks at flags in commands and variables.

use super::{Context, Group, Meta, Report};
use crate::model::quantity::Memory;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "heap-above-memory",
    severity: Severity::Error,
    group: Group::Resources,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    for one in context.heaps() {
        let limit = one.limit.value;
        if one.heap < limit.bytes {
            continue;
        }
        let how = if one.heap == limit.bytes { "all of" } else { "above" };
        let message = format!(
            "{} is {how} the limit {limit} of `{}`: the kernel ends it before its heap is full{}",
            one.words(),
            one.name,
            one.reaches()
        );
        let finding = report
            .at(one.flag.at.place(), message)
            .label(one.limit.place(), format!("limit {limit}"))
            .help(format!(
                "leave a quarter for the rest: a heap of {} or less, or a higher limit",
                Memory::bytes(limit.bytes / 4 * 3)
            ))
            .rank(one.heap - limit.bytes);
        report.push(finding);
    }
}
