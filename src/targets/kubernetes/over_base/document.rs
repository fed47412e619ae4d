//! A patch as it grows: the head of the object that it is laid over, and the fields that it changes. Knows no field.

use crate::inputs::kubernetes::Manifest;
use serde_json::{Map, Value as Json};

/// A patch.
#[derive(Default)]
pub(super) struct PatchDocument {
    head: Json,
    fields: Json,
    /// The keys down to the pod's `spec`.
    pod: &'static [&'static str],
}

/// Kinds with their pods elsewhere than below `template`.
const PODS: [(&str, &[&str]); 2] = [("CronJob", &["spec", "jobTemplate", "spec", "template", "spec"]), ("Pod", &["spec"])];

impl PatchDocument {
    /// One with nothing in it yet, for the object as its file names it: kustomize finds an object by what its file says.
    pub(super) fn of(manifest: &Manifest) -> PatchDocument {
        let own = PODS.iter().find(|(kind, _)| *kind == manifest.kind).map(|(_, pod)| *pod);
        let pod = own.unwrap_or(&["spec", "template", "spec"]);
        PatchDocument { head: head(manifest), fields: Json::Object(Map::new()), pod }
    }

    /// Sets a value at the end of these keys.
    pub(super) fn set(&mut self, path: &[&str], value: Json) {
        set(&mut self.fields, path, value);
    }

    /// The same below the pod's `spec`.
    pub(super) fn set_in_pod(&mut self, path: &[&str], value: Json) {
        let path: Vec<&str> = self.pod.iter().chain(path).copied().collect();
        self.set(&path, value);
    }

    /// Adds more changes of the one container that the patch is about.
    pub(super) fn merge_container(&mut self, name: Option<&str>, more: Json) {
        let (Some(name), false) = (name, more.as_object().is_none_or(Map::is_empty)) else { return };
        let pointer: String = self.pod.iter().map(|key| format!("/{key}")).chain(["/containers/0".to_owned()]).collect();
        if self.fields.pointer(&pointer).is_none() {
            let mut item = Json::Object(Map::new());
            set(&mut item, &["name"], Json::from(name));
            self.set_in_pod(&["containers"], Json::Array(vec![item]));
        }
        if let Some(item) = self.fields.pointer_mut(&pointer) {
            lay(item, more);
        }
    }

    /// Whether nothing is changed.
    pub(super) fn is_empty(&self) -> bool {
        self.fields.as_object().is_none_or(Map::is_empty)
    }

    /// The whole document.
    pub(super) fn finish(self) -> Json {
        let mut head = self.head;
        if let (Json::Object(head), Json::Object(fields)) = (&mut head, self.fields) {
            head.extend(fields);
        }
        head
    }
}

/// Lays one mapping over another; lists join.
fn lay(into: &mut Json, more: Json) {
    match (into, more) {
        (Json::Object(fields), Json::Object(more)) => {
            for (key, value) in more {
                match fields.get_mut(&key) {
                    Some(old) => lay(old, value),
                    None => drop(fields.insert(key, value)),
                }
            }
        }
        (Json::Array(items), Json::Array(more)) => items.extend(more),
        (old, value) => *old = value,
    }
}

/// Sets a value in a mapping, which is made where it is not there.
pub(super) fn set(into: &mut Json, path: &[&str], value: Json) {
    let Some((first, rest)) = path.split_first() else { return };
    if !into.is_object() {
        *into = Json::Object(Map::new());
    }
    let Some(fields) = into.as_object_mut() else { return };
    match rest {
        [] => drop(fields.insert((*first).to_owned(), value)),
        rest => set(fields.entry((*first).to_owned()).or_insert(Json::Null), rest, value),
    }
}

/// An object of the base that is taken away.
pub(super) fn removal(manifest: &Manifest) -> Json {
    let mut document = head(manifest);
    set(&mut document, &["$patch"], Json::from("delete"));
    document
}

/// What an object is known by.
fn head(manifest: &Manifest) -> Json {
    let mut head = Json::Object(Map::new());
    let version = manifest.api_version.as_ref().map(|version| version.value.clone());
    let version = version.unwrap_or_else(|| match manifest.group.as_str() {
        "" => manifest.version.clone(),
        group => format!("{group}/{}", manifest.version),
    });
    set(&mut head, &["apiVersion"], Json::from(version));
    set(&mut head, &["kind"], Json::from(manifest.kind.as_str()));
    let metadata = manifest.root.get("metadata").map(|metadata| &metadata.node);
    for key in ["name", "namespace"] {
        let written = metadata.and_then(|metadata| metadata.get(key)).and_then(|entry| entry.node.as_str());
        if let Some(text) = written {
            set(&mut head, &["metadata", key], Json::from(text));
        }
    }
    head
}
