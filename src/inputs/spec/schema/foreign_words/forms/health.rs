//! Checks of health in other forms: a path, an address, a command.

use super::super::convert::word;
use super::answer::{Form, write};
use crate::syntax::{Node, Value};

/// A path, the address of one on the replica itself, or a command.
pub(super) fn health(node: &Node) -> Option<Form> {
    let words: Vec<&str> = node.items().iter().filter_map(|item| item.as_str()).collect();
    if let (Value::Seq(_), false) = (&node.value, words.is_empty()) {
        let words = if words.first() == Some(&"CMD") { words.get(1..).unwrap_or_default() } else { &words };
        let (first, rest) = words.split_first()?;
        if *first == "CMD-SHELL" {
            return shell(rest.first()?);
        }
        let words: Vec<String> = words.iter().map(|text| word(text, true)).collect::<Option<_>>()?;
        return write(format!("{{ command: [{}] }}", words.join(", ")));
    }
    let text = node.as_str()?;
    if text.contains("://") && !text.contains(' ') {
        return write(format!("{{ http: {} }}", path_of(text)?));
    }
    if text.contains(' ') {
        return shell(text);
    }
    let path = Some(text).filter(|text| text.starts_with('/'))?;
    let plain = path.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.'));
    plain.then(|| write(format!("{{ http: {path} }}"))).flatten()
}

fn shell(line: &str) -> Option<Form> {
    let is_plain = !line.chars().any(|c| c.is_control() || c == '`');
    is_plain.then(|| write(format!("{{ command: [\"sh\", \"-c\", {}] }}", word(line, true)?))).flatten()
}

/// The path of an address.
fn path_of(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    let path = rest.find('/').and_then(|start| rest.get(start..)).unwrap_or("/");
    path.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.')).then_some(path)
}
