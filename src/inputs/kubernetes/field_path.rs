//! Paths of fields as replacements of kustomizations write them: `spec.template.spec.containers.[name=web].image`. Knows no object.
//!
//! Splitting is `SmarterPathSplitter` of kyaml, matching its `PathMatcher` (kustomize 5.8): what it would create in a list, and data
//! in a text, is not done here.

use super::name_pattern::NamePattern;
use crate::inputs::tree::{field, list, map, with_node};
use crate::syntax::{Node, Value};
use std::rc::Rc;

/// A path whose parts are keys, indices, `*` and `[key=pattern]`.
#[derive(Clone, Debug)]
pub(super) struct FieldPath(Vec<String>);

/// What is done with each value that a path leads to; `None` if the result is not known. The value is absent if it is to be made.
pub(super) type ValueEdit<'e> = &'e dyn Fn(Option<&Rc<Node>>) -> Option<Rc<Node>>;

impl FieldPath {
    pub(super) fn read(path: &str) -> FieldPath {
        let mut parts: Vec<String> = Vec::new();
        let mut open = false;
        let bare = path.strip_prefix('.').unwrap_or(path);
        for part in bare.split('.') {
            match parts.last_mut() {
                Some(last) if open || last.ends_with('\\') => {
                    if last.ends_with('\\') {
                        last.pop();
                    }
                    last.push('.');
                    last.push_str(part);
                    open &= !part.ends_with(']');
                }
                _ => {
                    open = part.starts_with('[') && !part.ends_with(']');
                    parts.push(part.to_owned());
                }
            }
        }
        for part in &mut parts {
            if part.starts_with('[') && !part.contains('=') && part.contains('.') {
                *part = part.trim_matches(['[', ']']).to_owned();
            }
        }
        FieldPath(parts)
    }

    /// The keys on the way, without what only picks an item of a list.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The one value at the path; `None` if there is none or there are several.
    pub(super) fn value<'n>(&self, root: &'n Rc<Node>) -> Option<&'n Rc<Node>> {
        let mut here = root;
        for part in &self.0 {
            here = match &here.value {
                Value::Map(_) => &here.get(part)?.node,
                Value::Seq(items) => match ListStep::read(part)? {
                    ListStep::Index(index) => items.get(index)?,
                    ListStep::Fitting(key, text) => {
                        // a lookup compares the whole text, where the path of a target is a pattern
                        let mut all = items.iter().filter(|item| named_text(item, key) == Some(text));
                        all.next().filter(|_| all.next().is_none())?
                    }
                    ListStep::Every => return None,
                },
                _ => return None,
            };
        }
        Some(here)
    }

    /// The object with each value at the path changed; `None` if the result is not known, or nothing is there.
    pub(super) fn edit(&self, root: &Rc<Node>, create: bool, change: ValueEdit<'_>) -> Option<Rc<Node>> {
        edit(root, &self.0, create, change)
    }
}

/// Whether a step takes the item at an index.
type ItemTest<'p> = Box<dyn Fn(usize, &Node) -> bool + 'p>;

/// A part of a path within a list.
enum ListStep<'p> {
    Index(usize),
    Every,
    Fitting(&'p str, &'p str),
}

impl ListStep<'_> {
    fn read(part: &str) -> Option<ListStep<'_>> {
        if part == "*" {
            return Some(ListStep::Every);
        }
        if let Some(inner) = part.strip_prefix('[').and_then(|part| part.strip_suffix(']')) {
            return inner.split_once('=').map(|(key, text)| ListStep::Fitting(key, text));
        }
        part.parse().ok().map(ListStep::Index)
    }
}

/// The text of an item's field, or of the item itself if there is no key.
fn named_text<'n>(item: &'n Node, key: &str) -> Option<&'n str> {
    let node = if key.is_empty() { item } else { &*item.get(key)?.node };
    matches!(node.value, Value::Str | Value::Int(_) | Value::Bool(_)).then_some(&*node.text)
}

fn edit(node: &Rc<Node>, path: &[String], create: bool, change: ValueEdit<'_>) -> Option<Rc<Node>> {
    let Some((part, rest)) = path.split_first() else { return change(Some(node)) };
    match &node.value {
        Value::Map(entries) => {
            let mut entries = entries.clone();
            match entries.iter_mut().find(|entry| *entry.key == **part) {
                Some(own) => *own = with_node(own, edit(&own.node, rest, create, change)?),
                None => entries.push(field(part, node, made(node, rest, change).filter(|_| create && part != "*")?)),
            }
            Some(map(node, entries))
        }
        Value::Seq(items) => {
            let mut items = items.clone();
            let fits: ItemTest<'_> = match ListStep::read(part)? {
                ListStep::Index(index) => Box::new(move |at, _| at == index),
                ListStep::Every => Box::new(|_, _| true),
                ListStep::Fitting(key, text) => {
                    let pattern = NamePattern::within(text);
                    pattern.fits([""])?;
                    Box::new(move |_, item| named_text(item, key).is_some_and(|own| pattern.fits([own]) == Some(true)))
                }
            };
            let mut any = false;
            for (at, item) in items.iter_mut().enumerate() {
                if fits(at, item) {
                    *item = edit(item, rest, create, change)?;
                    any = true;
                }
            }
            any.then(|| list(node, items))
        }
        _ => None,
    }
}

/// A new value below new mappings; `None` below a list, whose items would have to be made.
fn made(at: &Node, path: &[String], change: ValueEdit<'_>) -> Option<Rc<Node>> {
    let Some((part, rest)) = path.split_first() else { return change(None) };
    if ListStep::read(part).is_some() {
        return None;
    }
    let inner = made(at, rest, change)?;
    Some(map(at, vec![field(part, &Rc::clone(&inner), inner)]))
}
