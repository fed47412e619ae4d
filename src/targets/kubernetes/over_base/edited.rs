//! A value of the base with single leaves changed, for lists that a patch can only replace as a whole. Knows no field.

use crate::support::source::FieldSpan;
use crate::syntax::{Node, Value};
use serde_json::Value as Json;

/// The value with other values at these places.
pub(super) fn edited(node: &Node, changes: &[(FieldSpan, Json)]) -> Json {
    if let Some((_, value)) = changes.iter().find(|(at, _)| at.file == node.file && at.value == node.span) {
        return value.clone();
    }
    match &node.value {
        Value::Seq(items) => items.iter().map(|item| edited(item, changes)).collect(),
        Value::Map(entries) => {
            let fields = entries.iter().map(|entry| (String::from(&*entry.key), edited(&entry.node, changes)));
            Json::Object(fields.collect())
        }
        _ => node.to_json(),
    }
}
