//! Which fields of which objects the patches of kustomizations change. Knows how patches name fields, not what the fields mean.

use super::access::{entry, items, word};
use super::documents::{Manifest, ManifestFile, read_file};
use super::field_path::FieldPath;
use crate::inputs::facts::ObjectName;
use crate::support::pointer;
use crate::support::source::{FileId, Source};
use crate::syntax::{Node, ParseMode, Value, parse};
use std::collections::HashMap;

/// What one patch changes in the objects that it names.
#[derive(Clone, Debug, Default)]
pub struct ObjectChange {
    /// Their kind; empty is any.
    pub kind: String,
    /// Their name; empty is any.
    pub name: String,
    /// The paths of the fields, without the indices of lists (`spec.template.spec.containers.image`); an empty one is the whole object.
    pub fields: Vec<String>,
}

impl ObjectChange {
    /// A change that is not read: of any object, and of all of it.
    pub(super) fn unknown() -> ObjectChange {
        ObjectChange { fields: vec![String::new()], ..ObjectChange::default() }
    }

    /// The change that a strategic merge patch makes.
    pub(super) fn of(manifest: &Manifest) -> ObjectChange {
        let name = manifest.name.as_ref().map(|name| name.value.clone()).unwrap_or_default();
        let mut fields = Vec::new();
        merged(&manifest.root, "", &mut fields);
        let identity = |field: &String| matches!(field.as_str(), "apiVersion" | "kind" | "metadata.name");
        fields.retain(|field| !identity(field));
        ObjectChange { kind: manifest.kind.clone(), name, fields }
    }

    /// The changes that the text of a patch makes: of the objects of its target, or else of those that it names itself.
    pub(super) fn of_patch(text: &str, target: Option<(String, String)>) -> Vec<ObjectChange> {
        let source = Source::new("", text);
        let read: ManifestFile = read_file(FileId::default(), &source);
        let own: Vec<ObjectChange> = read.manifests.iter().map(ObjectChange::of).collect();
        let Some((kind, name)) = target else { return own };
        let mut fields: Vec<String> = own.into_iter().flat_map(|change| change.fields).collect();
        if let Some(root) = parse(FileId::default(), &source, ParseMode::Base).root {
            operations(&root, &mut fields);
        }
        if fields.is_empty() {
            fields.push(String::new());
        }
        vec![ObjectChange { kind, name, fields }]
    }

    /// The changes that a replacement makes: it copies a value into fields of other objects.
    pub(super) fn of_replacement(replacement: &Node) -> Vec<ObjectChange> {
        if entry(replacement, "path").is_some() {
            return vec![ObjectChange::unknown()];
        }
        items(replacement, "targets").map(|one| ObjectChange::of_target(one)).collect()
    }

    /// The change that a replacement makes in the objects of one target.
    pub(super) fn of_target(target: &Node) -> ObjectChange {
        let (kind, name) = entry(target, "select").map(|select| pattern(&select.node)).unwrap_or_default();
        let paths = items(target, "fieldPaths").filter_map(|path| path.as_str());
        let fields = paths.map(|path| plain_path(FieldPath::read(path).keys())).collect();
        ObjectChange { kind, name, fields }
    }

    /// Whether it may change a field of an object: it names the field, what is around it or a part of it.
    pub(super) fn touches(&self, object: &ObjectName, field: &str) -> bool {
        let fits = |pattern: &str, text: &str| pattern.is_empty() || pattern == text;
        fits(&self.kind, &object.kind)
            && fits(&self.name, &object.name)
            && self.fields.iter().any(|own| is_around(own, field) || is_around(field, own))
    }

    /// The name of a field from the parts of its path.
    pub(super) fn field_name<'k>(keys: impl Iterator<Item = &'k str>) -> String {
        plain_path(keys)
    }
}

/// Whether a field is another one or holds it.
pub(super) fn is_around(outer: &str, inner: &str) -> bool {
    outer.is_empty() || inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Kind and name of what a selector takes; a name is a pattern, so only a plain one names one object.
pub(super) fn pattern(selector: &Node) -> (String, String) {
    let name = word(selector, "name");
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (word(selector, "kind").to_owned(), if plain { name } else { "" }.to_owned())
}

/// The paths of all that a strategic merge patch writes. A directive such as `$patch` is about what is around it.
fn merged(node: &Node, path: &str, found: &mut Vec<String>) {
    let written = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match &node.value {
        Value::Map(entries) if !entries.is_empty() => {
            for entry in entries {
                match entry.key.starts_with('$') {
                    true => found.push(path.to_owned()),
                    false => merged(&entry.node, &written(&entry.key), found),
                }
            }
        }
        Value::Seq(items) if !items.is_empty() => items.iter().for_each(|item| merged(item, path, found)),
        _ => found.push(path.to_owned()),
    }
}

/// The paths that a JSON patch names.
pub(super) fn operations_of(root: &Node) -> Vec<String> {
    let mut found = Vec::new();
    operations(root, &mut found);
    found
}

/// The paths of a list of operations: a JSON patch.
fn operations(root: &Node, found: &mut Vec<String>) {
    for operation in root.items() {
        for key in ["path", "from"] {
            let pointer = word(operation, key);
            if pointer.starts_with('/') {
                let keys: Vec<String> = pointer::keys(pointer).collect();
                found.push(plain_path(keys.iter().map(String::as_str)));
            }
        }
    }
}

/// A path without what only picks an item of a list: an index, `-`, `*` or `[name=web]`.
fn plain_path<'k>(keys: impl Iterator<Item = &'k str>) -> String {
    let picks = |key: &&str| *key == "-" || *key == "*" || key.starts_with('[') || key.parse::<usize>().is_ok();
    keys.filter(|key| !picks(key)).collect::<Vec<_>>().join(".")
}

/// The changes of a set by kind and name; an empty text matches any.
#[derive(Clone, Debug, Default)]
pub struct ChangedObjects(HashMap<(String, String), Vec<String>>);

impl ChangedObjects {
    /// The changes that these patches make.
    #[must_use]
    pub fn new(changes: Vec<ObjectChange>) -> ChangedObjects {
        let mut all: HashMap<(String, String), Vec<String>> = HashMap::new();
        for change in changes {
            all.entry((change.kind, change.name)).or_default().extend(change.fields);
        }
        all.values_mut().for_each(|fields| {
            fields.sort();
            fields.dedup();
        });
        ChangedObjects(all)
    }

    /// The paths of the fields of an object that are changed; an empty one is all of it.
    pub fn fields(&self, object: &ObjectName) -> impl Iterator<Item = &String> {
        let any = String::new;
        let (kind, name) = (&object.kind, &object.name);
        let all = match self.0.is_empty() {
            true => Vec::new(),
            false => vec![(kind.clone(), name.clone()), (kind.clone(), any()), (any(), name.clone()), (any(), any())],
        };
        all.into_iter().filter_map(|own| self.0.get(&own)).flatten()
    }
}
