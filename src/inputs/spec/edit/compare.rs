//! Compares two trees of a text leaf by leaf: only the requested values may differ. Knows no bytes of YAML.

use super::{EditValue, FieldChange, Read, Refusal};
use crate::support::source::Span;
use crate::syntax::{self, Node};
use std::collections::BTreeMap;

/// The leaf at the end of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Leaf {
    Null,
    Bool,
    Number,
    Text,
    NoItems,
    NoFields,
}

/// Paths (keys joined by a character no text holds) to leaves with their text.
type Leaves = BTreeMap<String, (Leaf, String)>;

/// Separates the keys of a path: YAML text cannot hold it.
const BETWEEN: char = '\0';

fn leaves(node: &Node) -> Leaves {
    let mut found = Leaves::new();
    collect(node, &mut String::new(), &mut found);
    found
}

fn collect(node: &Node, path: &mut String, found: &mut Leaves) {
    let length = path.len();
    let mut below = |key: &str, child: &Node, path: &mut String| {
        path.push(BETWEEN);
        path.push_str(key);
        collect(child, path, found);
        path.truncate(length);
    };
    let leaf = match &node.value {
        syntax::Value::Map(entries) if !entries.is_empty() => {
            entries.iter().for_each(|entry| below(&entry.key, &entry.node, path));
            return;
        }
        syntax::Value::Seq(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(index, item)| below(&index.to_string(), item, path));
            return;
        }
        syntax::Value::Map(_) => Leaf::NoFields,
        syntax::Value::Seq(_) => Leaf::NoItems,
        syntax::Value::Null | syntax::Value::Unknown => Leaf::Null,
        syntax::Value::Bool(_) => Leaf::Bool,
        syntax::Value::Int(_) | syntax::Value::Float(_) => Leaf::Number,
        syntax::Value::Str => Leaf::Text,
    };
    found.insert(path.clone(), (leaf, node.text.to_string()));
}

fn joined<'a>(keys: impl Iterator<Item = &'a str>) -> String {
    keys.fold(String::new(), |mut path, key| {
        path.push(BETWEEN);
        path.push_str(key);
        path
    })
}

/// The leaves of a requested value: path and text.
fn requested_leaves(path: &str, value: &EditValue, found: &mut Vec<(String, String)>) {
    match value {
        EditValue::Int(number) => found.push((path.to_owned(), number.to_string())),
        EditValue::Text(text) => found.push((path.to_owned(), text.clone())),
        EditValue::Map(fields) => {
            for (key, value) in fields {
                requested_leaves(&format!("{path}{BETWEEN}{key}"), value, found);
            }
        }
        EditValue::List(items) => {
            for (index, item) in items.iter().enumerate() {
                requested_leaves(&format!("{path}{BETWEEN}{index}"), item, found);
            }
        }
    }
}

/// Whether a node already has this value. A number in quotes is text, not a number.
pub(super) fn says(node: &Node, value: &EditValue) -> bool {
    match value {
        EditValue::Int(number) => matches!(node.value, syntax::Value::Int(has) if u64::try_from(has) == Ok(*number)),
        EditValue::Text(text) => {
            let scalar = !matches!(node.value, syntax::Value::Map(_) | syntax::Value::Seq(_) | syntax::Value::Null);
            scalar && *node.text == **text
        }
        EditValue::Map(fields) => {
            let same = |(key, value): &(String, EditValue)| node.get(key).is_some_and(|entry| says(&entry.node, value));
            node.entries().len() == fields.len() && fields.iter().all(same)
        }
        EditValue::List(items) => match &node.value {
            syntax::Value::Seq(has) => {
                has.len() == items.len() && has.iter().zip(items).all(|(node, item)| says(node, item))
            }
            _ => false,
        },
    }
}

/// Refuses a change that did more, or less, than requested.
pub(super) fn check(
    (old_text, old): (&str, &Read),
    new: Option<(&str, &Read)>,
    change: &FieldChange,
    near: Option<Span>,
) -> Result<(), Refusal> {
    let place = |refusal: Refusal| match near {
        Some(span) => refusal.at(span),
        None => refusal,
    };
    let unsafe_form = || place(Refusal::new(&change.path, "the text there has a form that is not edited by program"));
    let Some((new_text, new)) = new else { return Err(unsafe_form()) };
    let comments = |text: &'_ str, read: &Read| -> Vec<String> {
        let words = |span: Span| text.get(span.start as usize..span.end as usize).unwrap_or_default().to_owned();
        read.comments.iter().map(|comment| words(comment.span)).collect()
    };
    if comments(old_text, old) != comments(new_text, new) {
        return Err(unsafe_form());
    }
    let path = joined(change.path.iter().map(String::as_str));
    let mut wanted = Vec::new();
    requested_leaves(&path, &change.value, &mut wanted);
    let mut before = leaves(&old.root);
    let mut after = leaves(&new.root);
    for (path, text) in &wanted {
        match after.remove(path) {
            Some((Leaf::Number | Leaf::Text, has)) if has == *text => {}
            _ => return Err(unsafe_form()),
        }
    }
    // the leaves that the new value replaced: itself, those below it, and empty parents above it
    before.retain(|old, (leaf, _)| {
        let below = old.strip_prefix(&path).is_some_and(|rest| rest.is_empty() || rest.starts_with(BETWEEN));
        let above = path.strip_prefix(old.as_str()).is_some_and(|rest| rest.starts_with(BETWEEN));
        !(below || (above && matches!(leaf, Leaf::Null | Leaf::NoFields)))
    });
    if before == after {
        return Ok(());
    }
    // an anchored value changes wherever its aliases are
    let elsewhere =
        after.iter().filter(|(path, leaf)| before.get(*path) != Some(leaf)).map(|(path, (_, text))| (path, text));
    let mut others: Vec<String> = Vec::new();
    for (path, text) in elsewhere {
        let last = path.rsplit(BETWEEN).next();
        if !wanted.iter().any(|(wanted, value)| value == text && wanted.rsplit(BETWEEN).next() == last) {
            return Err(unsafe_form());
        }
        others.push(format!("`{}`", path.trim_start_matches(BETWEEN).replace(BETWEEN, ".")));
    }
    if others.is_empty() {
        return Err(unsafe_form());
    }
    let why = format!("it is anchored, and {} would change with it through an alias", others.join(", "));
    Err(place(Refusal::new(&change.path, why)))
}
