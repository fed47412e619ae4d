//! Judges the values of keys by the shapes that Convox's readers take (keys.txt): what they refuse, with the whole file, and what they
//! drop without a word. Knows no key.

use super::{ConvoxFindings, hangs_on_a_variable};
use crate::support::diagnostic::{Finding, Severity};
use crate::syntax::{Node, Value};

/// The newest releases that the shapes were compared with.
const RELEASES: &str = "v3 up to 3.24.9, v2 up to 20260421192651";

/// What a reader does with a value of another shape.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ReaderAnswer {
    /// The whole file is refused.
    Refuses,
    /// The value counts as not written.
    Drops,
    /// Only v3 refuses the file.
    RefusesInV3,
}

/// Reports a value that a key of this type cannot have. `plain` says whether it stands without quotes.
pub(super) fn judge(node: &Node, kind: &str, path: &str, plain: bool, found: &mut ConvoxFindings) {
    let open = node.as_str().is_some_and(hangs_on_a_variable);
    if open || matches!(node.value, Value::Null | Value::Unknown) {
        return;
    }
    let Some((wants, answer)) = fault(node, kind, plain) else { return };
    let is = match node.value {
        // a text may be a secret, a number in place of a list is none
        Value::Int(_) | Value::Float(_) | Value::Bool(_) => format!("`{}`", node.text.escape_debug()),
        _ => node.kind().to_owned(),
    };
    let (rule, severity, then) = match answer {
        ReaderAnswer::Refuses => ("wrong-type", Severity::Error, format!("Convox refuses the file ({RELEASES})")),
        ReaderAnswer::Drops => ("wrong-type", Severity::Error, format!("Convox drops it without a word ({RELEASES})")),
        ReaderAnswer::RefusesInV3 => {
            let then = format!("Convox v3 refuses the file, and only v2 takes it ({RELEASES})");
            ("ignored-by-consumer", Severity::Note, then)
        }
    };
    let message = format!("`{}` is {is}, not {wants}: {then}", path.escape_debug());
    found.push(Finding::new(rule, severity, node.at().place(), message).help(format!("write {wants}")));
}

/// What a type takes, if it does not take this value.
fn fault(node: &Node, kind: &str, plain: bool) -> Option<(&'static str, ReaderAnswer)> {
    use ReaderAnswer::{Drops, Refuses, RefusesInV3};
    let value = &node.value;
    let list = matches!(value, Value::Seq(_));
    let mapping = matches!(value, Value::Map(_));
    let scalar = !list && !mapping;
    let whole = matches!(value, Value::Int(_));
    let text = matches!(value, Value::Str);
    let (takes, wants, answer) = match kind {
        "any" | "Scale" | "Count" | "Cooldown" => return None,
        "text" => (scalar, "text", Refuses),
        "text?" => (text, "text", Drops),
        "int" => (amount(node, plain), "a whole number without quotes", Refuses),
        "int?" => (whole, "a whole number without quotes", Drops),
        "float" => (amount(node, plain), "a number without quotes", Refuses),
        "bool" => (truth(node, plain), "`true` or `false`", Refuses),
        "bool?" => (truth(node, plain), "`true` or `false`", Drops),
        "command" => (scalar, "one text", if list { RefusesInV3 } else { Refuses }),
        "environment" => (list, "a list of `NAME=value`", Refuses),
        "variable" => (text || list, "text, as in `NAME=value`", Drops),
        "annotations" => (list, "a list of `name=value`", Refuses),
        "text-or-texts" => (list || text, "text or a list of texts", Refuses),
        "port" => (whole || port(node, '/', false), "a port, as in `3000` or `53/udp`", Refuses),
        "Port" => (whole || mapping || port(node, ':', true), "a port, as in `3000` or `https:3000`", Refuses),
        "BalancerPort" => (whole || mapping, "a port or a mapping", Drops),
        "Gpu" => (whole || mapping, "a whole number or a mapping", Refuses),
        "Agent" => {
            let answer = if mapping { RefusesInV3 } else { Refuses };
            (truth(node, plain), "`true` or `false`", answer)
        }
        "Build" | "Health" => (mapping || text, "text or a mapping", Refuses),
        kind if kind.starts_with("[]") => (list, "a list", Refuses),
        _ => (mapping, "a mapping", Refuses),
    };
    (!takes).then_some((wants, answer))
}

/// A number as yaml.v2 reads it: `1_000` is one.
fn amount(node: &Node, plain: bool) -> bool {
    match node.value {
        Value::Int(_) | Value::Float(_) => true,
        Value::Str => plain && node.text.replace('_', "").parse::<f64>().is_ok(),
        _ => false,
    }
}

/// A truth value as yaml.v2 reads it: `yes` and `off` are some.
fn truth(node: &Node, plain: bool) -> bool {
    let word = || node.text.to_ascii_lowercase();
    match node.value {
        Value::Bool(_) => true,
        Value::Str => plain && ["y", "yes", "on", "n", "no", "off"].contains(&word().as_str()),
        _ => false,
    }
}

/// Whether a text is a port with a word before or behind it. Convox looks at no third part.
fn port(node: &Node, between: char, before: bool) -> bool {
    let Some(text) = node.as_str() else { return false };
    let mut parts = text.split(between);
    let first = parts.next().unwrap_or_default();
    let number = if before { parts.next().unwrap_or(first) } else { first };
    number.parse::<i64>().is_ok()
}
