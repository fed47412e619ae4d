//! Requests and limits if the spec gives only one of the two, so that the chart's default is the other. Knows no number
//! of replicas.

use super::document::ValuesDocument;
use super::table::ValuesTable;
use crate::plan::{Cpu, Memory, Workload};
use crate::targets::LoweredPlan;
use serde_json::Value as Json;

/// Refuses a request above the chart's own limit, and a limit below its own request: Kubernetes would refuse the pod.
pub(super) fn check(
    workload: &Workload,
    table: &ValuesTable,
    document: &ValuesDocument<'_>,
    lowered: &mut LoweredPlan,
) {
    let (Some(route), Some(laid)) = (table.route("resources"), document.laid()) else { return };
    let Some(resources) = route.path.iter().try_fold(&laid, |value, key| value.get(key)) else { return };
    let (requests, limits) = (&workload.resources.requests, &workload.resources.limits);
    let pairs = [
        ("cpu", requests.cpu.map(|cpu| cpu.at), limits.cpu.map(|cpu| cpu.at)),
        ("memory", requests.memory.map(|memory| memory.at), limits.memory.map(|memory| memory.at)),
    ];
    for (what, request_at, limit_at) in pairs {
        let text = |side: &str| resources.get(side).and_then(|side| side.get(what)).map(value_text);
        let (Some(request), Some(limit)) = (text("requests"), text("limits")) else { continue };
        if size(what, &request).zip(size(what, &limit)).is_none_or(|(request, limit)| request <= limit) {
            continue;
        }
        match (request_at, limit_at) {
            (Some(at), None) => lowered.refused(
                at,
                format!("requests.{what} {request} is above {limit}, the chart's own limit, which stays"),
                format!("write `limits.{what}` of at least {request}"),
            ),
            (None, Some(at)) => lowered.refused(
                at,
                format!("limits.{what} {limit} is below {request}, the chart's own request, which stays"),
                format!("write `requests.{what}` of at most {limit}"),
            ),
            _ => {}
        }
    }
}

fn value_text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn size(what: &str, text: &str) -> Option<u64> {
    match what {
        "cpu" => Cpu::parse(text).ok().map(|cpu| cpu.0),
        _ => Memory::parse(text).ok().map(|memory| memory.bytes),
    }
}
