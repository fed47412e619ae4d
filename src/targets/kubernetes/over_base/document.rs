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
const PODS: [(&str, &[&str]); 2] =
    [("CronJob", &["spec", "jobTemplate", "spec", "template", "spec"]), ("Pod", &["spec"])];

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

    /// The same beside the pod's `spec`.
    pub(super) fn set_at_pod(&mut self, path: &[&str], value: Json) {
        let above = self.pod.split_last().map_or(&[][..], |(_, above)| above);
        let path: Vec<&str> = above.iter().chain(path).copied().collect();
        self.set(&path, value);
    }

    /// Adds changes of one container.
    pub(super) fn change_container(&mut self, name: &str, names: &[String], changes: Json) {
        if changes.as_object().is_none_or(Map::is_empty) {
            return;
        }
        let Json::Object(changes) = changes else { return };
        let Some(container) = self.container(name, names) else { return };
        for (key, value) in changes {
            lay(container.entry(key).or_insert(Json::Null), value);
        }
    }

    /// The changes of one container. All of them are named, in their order: kustomize puts those that a patch names in front.
    pub(super) fn container(&mut self, name: &str, names: &[String]) -> Option<&mut Map<String, Json>> {
        let pointer: String = self.pod.iter().map(|key| format!("/{key}")).chain(["/containers".to_owned()]).collect();
        if self.fields.pointer(&pointer).is_none() {
            let named = names.iter().map(|name| serde_json::json!({ "name": name }));
            self.set_in_pod(&["containers"], named.collect());
        }
        let items = self.fields.pointer_mut(&pointer).and_then(Json::as_array_mut);
        items.into_iter().flatten().find(|item| item["name"] == *name)?.as_object_mut()
    }

    /// Whether nothing is changed.
    pub(super) fn is_empty(&self) -> bool {
        self.fields.as_object().is_none_or(Map::is_empty)
    }

    /// The whole document.
    pub(super) fn finish(self) -> Json {
        let mut head = self.head;
        lay(&mut head, self.fields);
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
