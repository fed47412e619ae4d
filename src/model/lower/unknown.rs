//! What depends on a variable of a base: it is not known, and nothing is wrong with it. Reads no value.

use super::read::get;
use crate::model::ServiceField;
use crate::support::diagnostic::SPEC;
use crate::syntax::{Entry, Node, Value};

/// Whether something of a part of a service depends on a variable.
pub(super) fn is_unknown(service: Option<&Entry>, part: ServiceField) -> bool {
    keys(part).iter().any(|key| get(service, key).is_some_and(|entry| is_below(&entry.node)))
}

/// The fields that a part is read from.
fn keys(part: ServiceField) -> &'static [&'static str] {
    match part {
        ServiceField::Image => &["image", "command", "args"],
        ServiceField::Env => &["env"],
        ServiceField::Ports => &["ports"],
        ServiceField::Replicas => &["replicas"],
        ServiceField::Resources => &["resources"],
        ServiceField::Health => &["health"],
        ServiceField::Autoscaling => &["autoscaling"],
        ServiceField::Update => &["update", "stopGracePeriod"],
        // what no base says
        ServiceField::Kind
        | ServiceField::Concurrency
        | ServiceField::Schedule
        | ServiceField::PartitionedBy
        | ServiceField::Connections
        | ServiceField::SharedSecrets
        | ServiceField::Expose
        | ServiceField::Volumes
        | ServiceField::Disruption
        | ServiceField::Spread
        | ServiceField::Workload
        | ServiceField::Pod => &[],
    }
}

/// Whether part of a value depends on a variable of a base. In the spec itself nothing depends on one: there it is a fault.
fn is_below(node: &Node) -> bool {
    match &node.value {
        Value::Unknown => node.file != SPEC,
        Value::Map(entries) => entries.iter().any(|entry| is_below(&entry.node)),
        Value::Seq(items) => items.iter().any(|item| is_below(item)),
        _ => false,
    }
}
