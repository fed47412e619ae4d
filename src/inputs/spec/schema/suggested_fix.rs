//! Suggests a fix for a scalar of the wrong shape, in words and as bytes. Knows one scalar, no schema.

use crate::support::diagnostic::{Edit, Finding, Fix};
use crate::syntax::{Node, Style};

/// The advice about a value, and its replacement if a program can write it.
pub(super) struct SuggestedFix {
    help: String,
    text: Option<String>,
}

/// A number in quotes, to be unquoted. If readers disagree on it, a person decides.
pub(super) fn bare(node: &Node) -> SuggestedFix {
    let text = &*node.text;
    let plain = text.starts_with(|first: char| first.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && (text.len() == 1 || !text.starts_with('0') || text.starts_with("0."));
    let help = format!("remove the quotes: `{text}`");
    SuggestedFix { help, text: (plain && node.style == Style::Quoted).then(|| text.to_owned()) }
}

/// A bare scalar, to be quoted.
pub(super) fn quoted(node: &Node) -> SuggestedFix {
    let quoted = format!("\"{}\"", node.text);
    SuggestedFix { help: format!("add quotes: `{quoted}`"), text: Some(quoted) }
}

/// A word for a boolean, to be written as one.
pub(super) fn switch(node: &Node) -> Option<SuggestedFix> {
    let word = match node.text.to_ascii_lowercase().as_str() {
        "yes" | "on" | "y" | "true" => "true",
        "no" | "off" | "n" | "false" => "false",
        _ => return None,
    };
    Some(SuggestedFix { help: format!("write `{word}`"), text: Some(word.to_owned()) })
}

/// A text where a list is expected: its words.
pub(super) fn listed(node: &Node) -> Option<SuggestedFix> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '_' | '-' | '/' | ':' | '=');
    if node.as_str().is_none_or(|text| text.trim().is_empty() || !text.chars().all(plain)) {
        return None;
    }
    let words: Vec<String> = node.text.split_whitespace().map(|word| format!("\"{word}\"")).collect();
    Some(SuggestedFix { help: format!("write a list: `[{}]`", words.join(", ")), text: None })
}

/// The word that was probably meant.
pub(super) fn correction(word: &str) -> SuggestedFix {
    let plain = word.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    SuggestedFix { help: format!("did you mean `{word}`?"), text: plain.then(|| word.to_owned()) }
}

impl SuggestedFix {
    /// Adds the help and, if one scalar can be replaced, the replacement.
    pub(super) fn add(self, finding: &mut Finding, node: &Node, safe: bool) {
        finding.help = Some(self.help.into());
        let scalar = matches!(node.style, Style::Plain | Style::Quoted) && !node.span.is_empty() && node.tag.is_none();
        if let (Some(text), true) = (self.text, scalar) {
            finding.fix = Some(Box::new(Fix { edits: vec![Edit::new(node.span, text)], safe }));
        }
    }
}
