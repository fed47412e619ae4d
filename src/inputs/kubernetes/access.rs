//! Short ways to values of a manifest. A null counts as absent, as it does for the API server. Knows no kind.

use crate::model::quantity::{Cpu, Memory};
use crate::model::{Amount, Val};
use crate::support::source::FieldSpan;
use crate::syntax::{Entry, Node, Value};

/// The field with this key, unless it is null.
pub(super) fn entry<'n>(node: &'n Node, key: &str) -> Option<&'n Entry> {
    node.get(key).filter(|entry| !entry.node.is_null())
}

/// The field at the end of these keys.
pub(super) fn path<'n>(node: &'n Node, keys: &[&str]) -> Option<&'n Entry> {
    let (first, rest) = keys.split_first()?;
    let found = entry(node, first)?;
    if rest.is_empty() { Some(found) } else { path(&found.node, rest) }
}

/// A string.
pub(super) fn text(entry: Option<&Entry>) -> Option<Val<String>> {
    let entry = entry?;
    entry.node.as_str().map(|text| Val::new(text.to_owned(), entry.at()))
}

/// A string without its place; empty if there is none.
pub(super) fn word<'n>(node: &'n Node, key: &str) -> &'n str {
    entry(node, key).and_then(|entry| entry.node.as_str()).unwrap_or_default()
}

/// A whole number of at least 0.
pub(super) fn count(entry: Option<&Entry>) -> Option<Val<u32>> {
    let entry = entry?;
    let number = entry.node.as_whole().and_then(|number| u32::try_from(number).ok())?;
    Some(Val::new(number, entry.at()))
}

/// A number of replicas or a share of them.
pub(super) fn amount(entry: Option<&Entry>) -> Option<Val<Amount>> {
    let entry = entry?;
    let value = match (entry.node.as_whole(), entry.node.as_str()) {
        (Some(number), _) => Amount::Count(u32::try_from(number).ok()?),
        (_, Some(text)) => Amount::Percent(text.strip_suffix('%')?.parse().ok()?),
        _ => return None,
    };
    Some(Val::new(value, entry.at()))
}

/// `true` or `false`.
pub(super) fn flag(entry: Option<&Entry>) -> Option<Val<bool>> {
    let entry = entry?;
    match entry.node.value {
        Value::Bool(value) => Some(Val::new(value, entry.at())),
        _ => None,
    }
}

/// The text of a quantity: of a string or a number.
pub(super) fn quantity_text(node: &Node) -> Option<&str> {
    matches!(node.value, Value::Str | Value::Int(_) | Value::Float(_)).then_some(&*node.text)
}

/// Cores.
pub(super) fn cores(entry: Option<&Entry>) -> Option<Val<Cpu>> {
    let entry = entry?;
    Some(Val::new(Cpu::parse(quantity_text(&entry.node)?).ok()?, entry.at()))
}

/// Bytes, or any other number that is counted whole.
pub(super) fn memory(entry: Option<&Entry>) -> Option<Val<Memory>> {
    let entry = entry?;
    Some(Val::new(Memory::parse(quantity_text(&entry.node)?).ok()?, entry.at()))
}

/// The items of a list under a key.
pub(super) fn items<'n>(node: &'n Node, key: &str) -> impl Iterator<Item = &'n std::rc::Rc<Node>> {
    entry(node, key).map_or(&[][..], |entry| entry.node.items()).iter()
}

/// A mapping of strings: keys with their values.
pub(super) fn pairs(entry: Option<&Entry>) -> Vec<(String, String)> {
    let entries = entry.map_or(&[][..], |entry| entry.node.entries());
    entries.iter().map(|entry| (entry.key.to_string(), entry.node.text.to_string())).collect()
}

/// Where a list item stands, by the field that names it.
pub(super) fn item_at(item: &Node, name: &str) -> FieldSpan {
    entry(item, name).map_or_else(|| item.at(), Entry::at)
}
