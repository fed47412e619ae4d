//! The words for a fault of shape: the value, the allowed ones, and the nearest. Knows one failure, no whole spec.

use crate::syntax::{Node, Value};
use jsonschema::error::{TypeKind, ValidationError, ValidationErrorKind as Kind};
use serde_json::Value as Json;

/// A value as a person would name it: "the string `x`".
pub(super) fn value_words(node: &Node) -> String {
    let short: String = node.text.chars().take(40).collect();
    let dots = if short.len() < node.text.len() { "…" } else { "" };
    match &node.value {
        Value::Str => format!("the string `{}{dots}`", short.escape_debug()),
        Value::Bool(_) => format!("the boolean `{short}`"),
        Value::Float(value) if !value.is_finite() => format!("`{short}{dots}`, which is not a finite number"),
        Value::Int(_) | Value::Float(_) => format!("the number `{short}{dots}`"),
        _ => node.kind().to_owned(),
    }
}

pub(super) fn types(kind: &TypeKind) -> String {
    let name = |kind: &str| match kind {
        "integer" => "a whole number".to_owned(),
        "number" => "a number".to_owned(),
        "string" => "a string".to_owned(),
        "boolean" => "`true` or `false`".to_owned(),
        "array" => "a list".to_owned(),
        "object" => "a mapping".to_owned(),
        "null" => "nothing".to_owned(),
        other => other.to_owned(),
    };
    match kind {
        TypeKind::Single(kind) => name(kind.as_str()),
        TypeKind::Multiple(kinds) => {
            let names: Vec<String> =
                kinds.iter().filter(|kind| kind.as_str() != "null").map(|kind| name(kind.as_str())).collect();
            names.join(" or ")
        }
    }
}

pub(super) fn bound(kind: &Kind, found: &super::keys::Found<'_>) -> Option<String> {
    let text = value_words(found.node);
    let name = &found.name;
    let count = found.node.entries().len().max(found.node.items().len());
    Some(match kind {
        Kind::Minimum { limit } => format!("{text} is below {limit}"),
        Kind::Maximum { limit } => format!("{text} is above {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("{text} is not above {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("{text} is not below {limit}"),
        Kind::MinLength { .. } => format!("`{name}` is empty"),
        Kind::MaxLength { limit } => format!("`{name}` has more than {limit} characters"),
        Kind::MinItems { limit } | Kind::MinProperties { limit } => {
            format!("`{name}` has {count} entries, at least {limit} needed")
        }
        Kind::MaxItems { limit } | Kind::MaxProperties { limit } => {
            format!("`{name}` has {count} entries, at most {limit} allowed")
        }
        Kind::OneOfMultipleValid { .. } => format!("`{name}` has more than one of the forms that exclude each other"),
        Kind::FalseSchema => format!("`{name}` is not allowed here"),
        _ => return None,
    })
}

/// The first two items of a list that are the same.
pub(super) fn twice(list: &Node) -> Option<(&Node, &Node)> {
    let values: Vec<Json> = list.items().iter().map(|item| item.to_json()).collect();
    let second = (1..values.len()).find(|end| values.iter().take(*end).any(|value| values.get(*end) == Some(value)))?;
    let first = values.iter().position(|value| values.get(second) == Some(value))?;
    Some((list.items().get(first)?, list.items().get(second)?))
}

/// The value nearest to one out of bounds.
pub(super) fn nearest(kind: &Kind, rule: &str) -> Option<String> {
    Some(match kind {
        Kind::Maximum { .. } if rule == "threshold-out-of-range" => "write a share such as 0.75".to_owned(),
        Kind::Minimum { limit } => format!("write {limit} or more"),
        Kind::Maximum { limit } => format!("write {limit} or less"),
        Kind::MinItems { limit } | Kind::MinProperties { limit } if *limit == 1 => "add one".to_owned(),
        _ => return None,
    })
}

pub(super) fn error_words(error: &ValidationError<'_>) -> String {
    let keyword = error.kind().keyword();
    format!("does not satisfy `{keyword}`")
}
