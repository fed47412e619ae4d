//! Applies a JSON patch (RFC 6902) to an object: every value keeps its place. Knows no kustomization.

use super::access::word;
use crate::inputs::tree::{list, map, with_node};
use crate::support::pointer;
use crate::syntax::{Entry, Node, Value};
use std::rc::Rc;

/// The object after all operations; `None` if one of them cannot be applied.
pub(super) fn patched(root: &Rc<Node>, operations: &[Rc<Node>]) -> Option<Rc<Node>> {
    operations.iter().try_fold(Rc::clone(root), |root, operation| apply(&root, operation))
}

fn apply(root: &Rc<Node>, operation: &Node) -> Option<Rc<Node>> {
    let path = keys(word(operation, "path"))?;
    let value = operation.get("value");
    match word(operation, "op") {
        "add" => edit(root, &path, &PointerEdit::Add(value?)),
        "replace" => edit(root, &path, &PointerEdit::Replace(value?)),
        "remove" => edit(root, &path, &PointerEdit::Remove),
        "test" => (at(root, &path)?.node.to_json() == value?.node.to_json()).then(|| Rc::clone(root)),
        "copy" => edit(root, &path, &PointerEdit::Add(&at(root, &keys(word(operation, "from"))?)?)),
        "move" => {
            let from = keys(word(operation, "from"))?;
            let moved = at(root, &from)?;
            edit(&edit(root, &from, &PointerEdit::Remove)?, &path, &PointerEdit::Add(&moved))
        }
        _ => None,
    }
}

/// The keys of a pointer; the whole object is none that kustomize changes.
fn keys(pointer: &str) -> Option<Vec<String>> {
    pointer.starts_with('/').then(|| pointer::keys(pointer).collect())
}

/// The index of an item. A negative one counts from the end; it is left alone.
fn index(key: &str) -> Option<usize> {
    let plain = key == "0" || !key.starts_with(['0', '+']);
    key.parse().ok().filter(|_| plain)
}

/// The field or item at a path.
fn at(node: &Rc<Node>, path: &[String]) -> Option<Entry> {
    let (key, rest) = path.split_first()?;
    let found = match &node.value {
        Value::Map(_) => node.get(key)?.clone(),
        Value::Seq(items) => {
            let item = items.get(index(key)?)?;
            Entry { key: Rc::from(""), key_span: item.span, file: item.file, node: Rc::clone(item), via: None }
        }
        _ => return None,
    };
    if rest.is_empty() { Some(found) } else { at(&found.node, rest) }
}

enum PointerEdit<'e> {
    Add(&'e Entry),
    Replace(&'e Entry),
    Remove,
}

fn edit(node: &Rc<Node>, path: &[String], change: &PointerEdit<'_>) -> Option<Rc<Node>> {
    let (key, rest) = path.split_first()?;
    match &node.value {
        Value::Map(entries) => {
            let mut entries = entries.clone();
            let at = entries.iter().position(|entry| *entry.key == **key);
            match (at, rest.is_empty(), change) {
                (Some(at), false, _) => {
                    let own = entries.get_mut(at)?;
                    *own = with_node(own, edit(&own.node, rest, change)?);
                }
                (Some(at), true, PointerEdit::Add(value) | PointerEdit::Replace(value)) => {
                    *entries.get_mut(at)? = named(key, value)
                }
                (Some(at), true, PointerEdit::Remove) => _ = entries.remove(at),
                (None, true, PointerEdit::Add(value)) => entries.push(named(key, value)),
                (None, ..) => return None,
            }
            Some(map(node, entries))
        }
        Value::Seq(items) => {
            let mut items = items.clone();
            if rest.is_empty() && key == "-" {
                let PointerEdit::Add(value) = change else { return None };
                items.push(Rc::clone(&value.node));
                return Some(list(node, items));
            }
            let at = index(key)?;
            match (rest.is_empty(), change) {
                (false, _) => {
                    let own = items.get_mut(at)?;
                    *own = edit(own, rest, change)?;
                }
                (true, PointerEdit::Add(value)) if at <= items.len() => items.insert(at, Rc::clone(&value.node)),
                (true, PointerEdit::Replace(value)) => *items.get_mut(at)? = Rc::clone(&value.node),
                (true, PointerEdit::Remove) if at < items.len() => _ = items.remove(at),
                _ => return None,
            }
            Some(list(node, items))
        }
        _ => None,
    }
}

/// A value of the patch as a field.
fn named(key: &str, value: &Entry) -> Entry {
    Entry { key: Rc::from(key), ..value.clone() }
}

#[cfg(test)]
mod tests {
    use super::index;

    #[test]
    fn an_index_has_one_form() {
        let all = ["0", "10", "01", "+1", "-1", "-", ""];
        assert_eq!(all.map(index), [Some(0), Some(10), None, None, None, None, None]);
    }
}
