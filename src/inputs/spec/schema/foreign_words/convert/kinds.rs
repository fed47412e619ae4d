//! Converts the names of targets and of kinds of backing services. Knows single values, no place.

use super::super::word_row::WrittenField;
use super::{field, flow};
use crate::syntax::Node;

/// The name of a target, or targets with their options.
pub(in crate::inputs::spec::schema::foreign_words) fn target(node: &Node) -> Option<Vec<WrittenField>> {
    match node.as_str() {
        Some(name) => {
            let is_plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
            is_plain.then(|| vec![field(&format!("targets.{name}"), "{}")])
        }
        None => Some(vec![field("targets", flow(node).filter(|_| !node.entries().is_empty())?)]),
    }
}

/// The kind of a backing service, by the word of another tool.
pub(in crate::inputs::spec::schema::foreign_words) fn database(node: &Node) -> Option<Vec<WrittenField>> {
    let own = match node.as_str()?.to_ascii_lowercase().as_str() {
        "postgresql" | "pg" | "psql" | "pgsql" => "postgres".to_owned(),
        "mongo" => "mongodb".to_owned(),
        "rabbit" => "rabbitmq".to_owned(),
        _ => flow(node)?,
    };
    Some(vec![field("kind", own)])
}
