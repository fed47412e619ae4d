//! What is at the root of a text, read by its lines: enough to tell one format from another, also in a text that does not parse.
//! Knows no format.

use crate::support::source::{FileId, Source};
use crate::syntax::{Node, ParseMode, parse};
use std::rc::Rc;

/// One document of a text.
#[derive(Debug)]
pub enum Outline<'t> {
    /// A document in block form.
    Lines(&'t str),
    /// A document between braces, parsed.
    Tree(Rc<Node>),
}

/// The documents of a text, in order; a text between braces is one.
pub fn documents(text: &str) -> impl Iterator<Item = Outline<'_>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let braces = text.trim_start().starts_with('{');
    let tree = if braces { tree_of(text) } else { None };
    let mut rest = if tree.is_some() { None } else { Some(text) };
    let lines = std::iter::from_fn(move || {
        let text = rest?;
        let end = separators(text).find(|(start, _)| *start > 0);
        rest = end.and_then(|(_, after)| text.get(after..));
        Some(Outline::Lines(end.and_then(|(start, _)| text.get(..start)).unwrap_or(text)))
    });
    tree.map(Outline::Tree).into_iter().chain(lines)
}

/// Where lines that part documents begin and end.
fn separators(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut offset = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let start = offset;
        offset += line.len();
        let parts =
            line.strip_prefix("---").is_some_and(|rest| rest.trim().is_empty() || rest.starts_with([' ', '\t']));
        parts.then_some((start, offset))
    })
}

impl Outline<'_> {
    /// The text of a value at the root; empty if more than one word is there, `None` if the key does not.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<String> {
        match self {
            Outline::Tree(root) => root.get(key).map(|entry| entry.node.text.to_string()),
            Outline::Lines(text) => root_keys(text).find(|(own, ..)| *own == key).map(|(_, value, _)| value.to_owned()),
        }
    }

    /// Whether one of these keys is at the root.
    #[must_use]
    pub fn has_any(&self, keys: &[&str]) -> bool {
        match self {
            Outline::Tree(root) => keys.iter().any(|key| root.get(key).is_some()),
            Outline::Lines(text) => root_keys(text).any(|(own, ..)| keys.contains(&own)),
        }
    }

    /// Whether some entry of the mapping under this key of the root is a mapping with one of these keys.
    #[must_use]
    pub fn has_entry_with(&self, key: &str, keys: &[&str]) -> bool {
        match self {
            Outline::Tree(root) => tree_has_entry_with(root, key, keys),
            Outline::Lines(text) => match root_keys(text).find(|(own, ..)| *own == key) {
                None => false,
                Some((_, value, _)) if value.starts_with('{') => {
                    tree_of(text).is_some_and(|root| tree_has_entry_with(&root, key, keys))
                }
                Some((.., below)) => lines_have_entry_with(below, root_indent(text), keys),
            },
        }
    }
}

fn tree_of(text: &str) -> Option<Rc<Node>> {
    parse(FileId::default(), &Source::new("", text), ParseMode::Base).root
}

fn tree_has_entry_with(root: &Node, key: &str, keys: &[&str]) -> bool {
    let entries = root.get(key).map_or(&[][..], |entry| entry.node.entries());
    entries.iter().any(|entry| keys.iter().any(|key| entry.node.get(key).is_some()))
}

/// The keys at the root, each with the rest of its line and the text below it. All of a document may be indented.
fn root_keys(text: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    let root = root_indent(text);
    let mut offset = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        offset += line.len();
        if indent_of(line) != root || line.trim_start_matches(' ').starts_with(['\t', '#', '-']) {
            return None;
        }
        let (key, value) = key_of(line)?;
        Some((key, value, text.get(offset..).unwrap_or_default()))
    })
}

/// How many spaces stand before the keys at the root.
fn root_indent(text: &str) -> usize {
    text.lines().find(|line| is_content(line)).map_or(0, indent_of)
}

/// How many spaces a line begins with.
fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Whether a line belongs to what a document says: no comment, no directive, no mark.
fn is_content(line: &str) -> bool {
    let body = line.trim();
    !body.is_empty() && !body.starts_with('#') && !line.starts_with(['%']) && !line.starts_with("---")
}

/// The key of a line in block form and the rest of it, without a comment.
fn key_of(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    if !value.starts_with([' ', '\t', '\r', '\n']) && !value.is_empty() {
        return None;
    }
    let value = value.split(" #").next().unwrap_or_default().trim();
    Some((key.trim().trim_matches(['"', '\'']), value))
}

/// Whether a mapping in block form has an entry that is a mapping with one of these keys, as its indents say.
fn lines_have_entry_with(text: &str, root: usize, keys: &[&str]) -> bool {
    let (mut first, mut second) = (None, None);
    for line in text.lines() {
        let body = line.trim_start_matches([' ', '\t']);
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        let indent = line.len() - body.len();
        if indent <= root || body.starts_with("- ") && first.is_none() {
            return false;
        }
        let first = *first.get_or_insert(indent);
        if indent <= first {
            // the entry's own keys may be in braces behind it
            let braces = key_of(line).map(|(_, value)| value).filter(|value| value.starts_with('{'));
            if braces.is_some_and(|inside| keys.iter().any(|key| inside.contains(&format!("{key}:")))) {
                return true;
            }
            second = None;
            continue;
        }
        let second = *second.get_or_insert(indent);
        if indent == second && key_of(line).is_some_and(|(key, _)| keys.contains(&key)) {
            return true;
        }
    }
    false
}
