//! Lays a strategic merge patch over an object as kustomize does (`kyaml/yaml/merge2`): every value keeps its place. Knows no kustomization.
//!
//! What kustomize does in ways that depend on more than the two values stays as it is, and its path is returned.

use super::access::entry;
use super::field_table::{fields, is_custom, type_of};
use crate::inputs::tree::{list, map, with_node};
use crate::syntax::{Entry, Node, Value};
use std::collections::HashSet;
use std::rc::Rc;

/// The result of a merge.
#[derive(Debug)]
pub(super) struct MergedObject {
    /// The object; `None` if the patch deletes it.
    pub(super) root: Option<Rc<Node>>,
    /// The paths of fields that are not known, without the indices of lists.
    pub(super) unknown: Vec<String>,
}

/// The type of an object for kustomize, which knows Kubernetes 1.21 and no CustomResourceDefinition: lists of other types are replaced.
fn object_type(group: &str, version: &str, kind: &str) -> Option<&'static str> {
    if is_custom(group) {
        return None;
    }
    let version = if (group, version) == ("batch", "v1beta1") { "v1" } else { version };
    type_of(group, version, kind)
}

/// Lists whose items are merged: type and field, and the keys that tell an item (`x-kubernetes-patch-merge-key` and
/// `x-kubernetes-list-map-keys` of Kubernetes 1.21.2, which kustomize 5.8 holds).
const MERGED_LISTS: [(&str, &[&str], &[&str]); 8] = [
    ("PodSpec", &["containers", "initContainers", "ephemeralContainers", "imagePullSecrets", "volumes"], &["name"]),
    ("PodSpec", &["hostAliases"], &["ip"]),
    ("PodSpec", &["topologySpreadConstraints"], &["topologyKey", "whenUnsatisfiable"]),
    ("Container", &["env"], &["name"]),
    ("Container", &["volumeMounts"], &["mountPath"]),
    ("Container", &["volumeDevices"], &["devicePath"]),
    ("Container", &["ports"], &["containerPort", "protocol"]),
    ("ServiceSpec", &["ports"], &["port", "protocol"]),
];

fn merge_keys(of: Option<&str>, field: &str) -> Option<&'static [&'static str]> {
    let of = of.map(|of| if of == "EphemeralContainer" { "Container" } else { of });
    let row = MERGED_LISTS.iter().find(|(own, fields, _)| Some(*own) == of && fields.contains(&field));
    row.map(|(_, _, keys)| *keys)
}

/// The type of a field's value, or of the items of its list.
fn field_type(of: Option<&str>, field: &str) -> Option<&'static str> {
    let row = fields(of?)?.iter().find(|row| row.name == field)?;
    Some(row.kind.trim_start_matches("[]"))
}

/// The object with a patch over it. Name, namespace, kind and version are the object's.
pub(super) fn merged(base: &Rc<Node>, patch: &Node, (group, version, kind): (&str, &str, &str)) -> MergedObject {
    let mut merge = StrategicMerge { unknown: Vec::new() };
    let of = object_type(group, version, kind);
    let root = merge.map(base, patch, of, "");
    let root = root.map(|root| with_identity(&root, base));
    MergedObject { root, unknown: merge.unknown }
}

/// The merged object with the identity that it had.
fn with_identity(root: &Rc<Node>, base: &Node) -> Rc<Node> {
    let kept = |entry: &Entry| match &*entry.key {
        "apiVersion" | "kind" => base.get(&entry.key).cloned(),
        "metadata" => Some(with_node(entry, with_names(entry, base.get("metadata")))),
        _ => Some(entry.clone()),
    };
    map(root, root.entries().iter().filter_map(kept).collect())
}

fn with_names(merged: &Entry, base: Option<&Entry>) -> Rc<Node> {
    let is_name = |key: &str| matches!(key, "name" | "namespace");
    let others = merged.node.entries().iter().filter(|entry| !is_name(&entry.key));
    let own = base.into_iter().flat_map(|base| base.node.entries()).filter(|entry| is_name(&entry.key));
    map(&merged.node, own.chain(others).cloned().collect())
}

struct StrategicMerge {
    unknown: Vec<String>,
}

impl StrategicMerge {
    /// The merged mapping; `None` if the patch deletes it.
    fn map(&mut self, base: &Rc<Node>, patch: &Node, of: Option<&'static str>, path: &str) -> Option<Rc<Node>> {
        match directive(patch) {
            None => {}
            Some("delete") => return None,
            Some("replace") => return Some(map(patch, without_directive(patch))),
            Some("merge") => {}
            Some(_) => return Some(self.unknown(base, path)),
        }
        let mut entries = base.entries().to_vec();
        for written in patch.entries().iter().filter(|entry| &*entry.key != "$patch") {
            let path = if path.is_empty() { written.key.to_string() } else { format!("{path}.{}", written.key) };
            let at = entries.iter().position(|entry| entry.key == written.key);
            let own = at.and_then(|at| entries.get(at)).filter(|own| !own.node.is_null()).cloned();
            match (self.value(own.as_ref(), written, of, &path), at) {
                (Some(value), Some(at)) => entries.get_mut(at).into_iter().for_each(|own| *own = value.clone()),
                (Some(value), None) => entries.push(value),
                (None, Some(at)) => _ = entries.remove(at),
                (None, None) => {}
            }
        }
        Some(map(base, entries))
    }

    /// The merged value of a field; `None` if it goes.
    fn value(&mut self, own: Option<&Entry>, written: &Entry, of: Option<&'static str>, path: &str) -> Option<Entry> {
        // `$retainKeys`, `$setElementOrder/…`: kustomize does not read them
        if written.key.starts_with('$') {
            self.unknown.push(path.rsplit_once('.').map_or("", |(around, _)| around).to_owned());
            return own.cloned();
        }
        if written.node.is_null() {
            return None;
        }
        let Some(own) = own else {
            let steered = directive(&written.node);
            if steered == Some("delete") {
                return None;
            }
            let added = match steered {
                Some("replace" | "merge") => with_node(written, map(&written.node, without_directive(&written.node))),
                _ => written.clone(),
            };
            if has_directive(&added.node) {
                self.unknown.push(path.to_owned());
            }
            return Some(added);
        };
        match (&own.node.value, &written.node.value) {
            (Value::Map(_), Value::Map(_)) => {
                let node = self.map(&own.node, &written.node, field_type(of, &written.key), path)?;
                Some(with_node(own, node))
            }
            (Value::Seq(_), Value::Seq(_)) => match merge_keys(of, &written.key) {
                Some(keys) => self.list(own, written, keys, (field_type(of, &written.key), path)),
                // directives in a list that is replaced are not read, and stay in what is built
                None => Some(written.clone()),
            },
            (Value::Map(_) | Value::Seq(_), _) | (_, Value::Map(_) | Value::Seq(_)) => {
                self.unknown.push(path.to_owned());
                Some(own.clone())
            }
            _ => Some(written.clone()),
        }
    }

    /// The merged list: the items of the patch in its order, then the others.
    fn list(
        &mut self,
        own: &Entry,
        written: &Entry,
        keys: &[&str],
        (of, path): (Option<&'static str>, &str),
    ) -> Option<Entry> {
        let alone = |item: &Rc<Node>| item.entries().len() == 1 && directive(item).is_some();
        let (steering, items): (Vec<_>, Vec<_>) = written.node.items().iter().cloned().partition(alone);
        match steering.first().and_then(|item| directive(item)) {
            Some("delete") => return None,
            Some("replace") => return Some(with_node(written, list(&written.node, items))),
            Some("merge") | None if steering.len() < 2 => {}
            _ => return Some(with_node(own, self.unknown(&own.node, path))),
        }
        let base = own.node.items();
        let names = merge_names(base, keys).zip(merge_names(&items, keys));
        let Some((base_names, names)) = names.filter(|(_, names)| are_alike(base, &items, keys) && !names.is_empty())
        else {
            return Some(with_node(own, self.unknown(&own.node, path)));
        };
        let mut merged = Vec::with_capacity(base.len() + items.len());
        for (name, item) in names.iter().zip(&items) {
            let other = base_names.iter().position(|own| own == name).and_then(|at| base.get(at));
            match (directive(item), other) {
                (Some("delete"), _) => {}
                (Some("merge") | None, Some(other)) => merged.extend(self.map(other, item, of, path)),
                (None, None) if !has_directive(item) => merged.push(Rc::clone(item)),
                _ => return Some(with_node(own, self.unknown(&own.node, path))),
            }
        }
        let others = base_names.iter().zip(base).filter(|(name, _)| !names.contains(name));
        merged.extend(others.map(|(_, item)| Rc::clone(item)));
        Some(with_node(own, list(&own.node, merged)))
    }

    fn unknown(&mut self, base: &Rc<Node>, path: &str) -> Rc<Node> {
        self.unknown.push(path.to_owned());
        Rc::clone(base)
    }
}

/// The names of a list's items by their keys; `None` if an item has no name, or two have the same.
fn merge_names(items: &[Rc<Node>], keys: &[&str]) -> Option<Vec<Vec<String>>> {
    let name = |item: &Rc<Node>| {
        let of = |key: &&str| entry(item, key).map(|entry| entry.node.text.to_string()).unwrap_or_default();
        let name: Vec<String> = keys.iter().map(of).collect();
        name.first().is_some_and(|first| !first.is_empty()).then_some(name)
    };
    let names: Vec<Vec<String>> = items.iter().map(name).collect::<Option<_>>()?;
    let all: HashSet<&Vec<String>> = names.iter().collect();
    (all.len() == names.len()).then_some(names)
}

/// Whether all items of both lists write the second key, or none does: else kustomize takes some for others.
fn are_alike(base: &[Rc<Node>], patch: &[Rc<Node>], keys: &[&str]) -> bool {
    let Some(second) = keys.get(1) else { return true };
    let mut written = base.iter().chain(patch).map(|item| entry(item, second).is_some());
    let first = written.next();
    written.all(|other| Some(other) == first)
}

/// What `$patch` says of a mapping.
fn directive(node: &Node) -> Option<&str> {
    node.get("$patch").map(|entry| &*entry.node.text)
}

fn without_directive(node: &Node) -> Vec<Entry> {
    node.entries().iter().filter(|entry| &*entry.key != "$patch").cloned().collect()
}

/// Whether a directive is anywhere in a value.
fn has_directive(node: &Node) -> bool {
    node.entries().iter().any(|entry| entry.key.starts_with('$') || has_directive(&entry.node))
        || node.items().iter().any(|item| has_directive(item))
}
