//! What a team lays over the rendered objects itself: `targets.kubernetes.patches`. Nothing of it is silently dead.
//!
//! A merge patch as in RFC 7386, but that lists of things with a `name` merge by it, as in `kubectl`: a container keeps what the
//! patch does not say. Applied before the text is written and read back.

use super::{ACCESS, KubernetesOutput, OBJECT};
use crate::inputs::kubernetes::{type_of, unknown_path};
use crate::plan::{Opt, OptVal, TargetOptions};
use crate::support::source::FieldSpan;
use crate::support::suggest::closest;
use crate::targets::LoweredPlan;
use serde_json::{Map, Value as Json};

/// One patch as it is written.
struct ObjectPatch<'o> {
    kind: (&'o str, FieldSpan),
    name: (&'o str, FieldSpan),
    merge: &'o OptVal,
}

/// Whether there is anything to lay over.
pub(super) fn any(options: &TargetOptions) -> bool {
    options.get("patches").is_some()
}

/// Lays every patch over its object.
pub(super) fn apply(options: &TargetOptions, out: &mut KubernetesOutput) {
    let Some(Opt::List(items)) = options.get("patches").map(|patches| &patches.value) else { return };
    for item in items {
        if let Some(patch) = read(item) {
            lay(&patch, out);
        }
    }
}

fn read(item: &OptVal) -> Option<ObjectPatch<'_>> {
    let Opt::Map(fields) = &item.0.value else { return None };
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value);
    let text = |name: &str| match field(name).map(|value| (&value.0.value, value.0.at)) {
        Some((Opt::Text(text), at)) => Some((text.as_str(), at)),
        _ => None,
    };
    Some(ObjectPatch { kind: text("kind")?, name: text("name")?, merge: field("merge")? })
}

fn lay(patch: &ObjectPatch<'_>, out: &mut KubernetesOutput) {
    let KubernetesOutput { lowered, patches, .. } = out;
    let (kind, name) = (patch.kind.0, patch.name.0);
    let says =
        |document: &Json, pointer: &str, text: &str| document.pointer(pointer).is_some_and(|value| *value == *text);
    let is = |document: &Json| says(document, "/kind", kind) && says(document, "/metadata/name", name);
    let Some(index) = lowered.views.iter().position(|view| is(&view.document)) else {
        return no_object(patch, lowered);
    };
    let Some(view) = lowered.views.get_mut(index) else { return };
    let merge = json(&patch.merge.0.value);
    let partial = patches.iter().any(|written| written.path == view.path);
    let printed: &[&str] = match view.template {
        OBJECT => &["metadata", "spec"],
        ACCESS => &["metadata", "rules", "subjects", "roleRef"],
        _ => &[],
    };
    let before = view.document.clone();
    let fault = fault(patch, &merge, printed, &view.document);
    if let Some((message, help)) = fault {
        return lowered.refused(patch.merge.0.at, message, help);
    }
    merge_into(&mut view.document, &merge, partial);
    if view.document == before {
        let message = format!("the patch of {kind} {name} changes nothing: all of it is written already");
        lowered.lost(patch.merge.0.at, message, "remove it");
    }
}

/// Why a patch cannot be laid over a document, and what would help.
fn fault(patch: &ObjectPatch<'_>, merge: &Json, printed: &[&str], document: &Json) -> Option<(String, String)> {
    let (kind, name) = (patch.kind.0, patch.name.0);
    if let Some(key) =
        merge.as_object().into_iter().flatten().map(|(key, _)| key).find(|key| !printed.contains(&key.as_str()))
    {
        return Some((
            format!(
                "`{}` of {kind} {name} cannot be patched: its file holds {}",
                key.escape_debug(),
                printed.join(", ")
            ),
            "patch one of these, or add an object of your own beside the rendered folder".to_owned(),
        ));
    } else if let Some(named) = ["name", "namespace"].into_iter().find(|key| merge["metadata"].get(*key).is_some()) {
        return Some((
            format!("`metadata.{named}` of {kind} {name} cannot be patched: other objects go by it"),
            "rename the service, or write `namespace` under the target".to_owned(),
        ));
    } else if let Some(key) = printed.iter().find(|key| merge.get(**key).is_some_and(|part| !says(key, part))) {
        return Some((
            format!("`{key}` of {kind} {name} cannot be taken away or emptied: nothing would be left of it"),
            "name the fields within it".to_owned(),
        ));
    } else if let Some((path, meant)) = type_of_document(document).and_then(|of| unknown_path(of, merge)) {
        let help =
            meant.map_or_else(|| "write a field that the API knows".to_owned(), |meant| format!("write `{meant}`"));
        return Some((format!("{kind} has no field `{path}`"), help));
    }
    let counts = ["replicas", "minReplicas", "maxReplicas", "minReplicaCount", "maxReplicaCount"];
    let counted = counts.into_iter().find(|count| merge["spec"].get(*count).is_some())?;
    Some((
        format!(
            "`spec.{counted}` of {kind} {name} is what the spec says under `replicas`: no rule and no sum would see the patch"
        ),
        "write the number under `replicas` of the service".to_owned(),
    ))
}

/// The type of a written object, by its version and kind.
fn type_of_document(document: &Json) -> Option<&'static str> {
    let version = document["apiVersion"].as_str()?;
    let (group, version) = version.rsplit_once('/').unwrap_or(("", version));
    type_of(group, version, document["kind"].as_str()?)
}

/// Whether a part of an object holds something of its own form.
fn says(key: &str, part: &Json) -> bool {
    match key {
        "rules" | "subjects" => part.as_array().is_some_and(|items| !items.is_empty()),
        _ => part.as_object().is_some_and(|fields| !fields.is_empty()),
    }
}

/// A patch that meets nothing.
fn no_object(patch: &ObjectPatch<'_>, out: &mut LoweredPlan) {
    let (kind, name) = (patch.kind.0, patch.name.0);
    let named =
        |view: &crate::targets::View, key: &str| view.document.pointer(key).and_then(Json::as_str).map(str::to_owned);
    let names: Vec<String> = out
        .views
        .iter()
        .filter(|view| named(view, "/kind").as_deref() == Some(kind))
        .filter_map(|view| named(view, "/metadata/name"))
        .collect();
    if names.is_empty() {
        let mut kinds: Vec<String> = out.views.iter().filter_map(|view| named(view, "/kind")).collect();
        kinds.sort();
        kinds.dedup();
        kinds.retain(|kind| kind != "Kustomization" && kind != "Component");
        let message = format!("no {} is written, so nothing takes this patch", kind.escape_debug());
        let meant = closest(kind, kinds.iter().map(String::as_str));
        let help = meant
            .map_or_else(|| format!("write one of {}", kinds.join(", ")), |meant| format!("write `kind: {meant}`"));
        return out.refused(patch.kind.1, message, help);
    }
    let message = format!("no {kind} is called `{}`, so nothing takes this patch", name.escape_debug());
    let meant = closest(name, names.iter().map(String::as_str));
    let help =
        meant.map_or_else(|| format!("write one of {}", names.join(", ")), |meant| format!("write `name: {meant}`"));
    out.refused(patch.name.1, message, help);
}

/// An option as it is to be in the file.
fn json(value: &Opt) -> Json {
    match value {
        Opt::Null => Json::Null,
        Opt::Bool(flag) => Json::from(*flag),
        Opt::Int(number) => Json::from(*number),
        Opt::Text(text) => Json::from(text.as_str()),
        Opt::List(items) => items.iter().map(|item| json(&item.0.value)).collect(),
        Opt::Map(fields) => {
            let fields = fields.iter().map(|(key, value)| (key.clone(), json(&value.0.value)));
            Json::Object(fields.collect::<Map<String, Json>>())
        }
    }
}

/// Lays a patch over a value. A null takes away; in a document that is itself a patch it stays, for the base has the value.
fn merge_into(base: &mut Json, patch: &Json, partial: bool) {
    match (base, patch) {
        (Json::Object(base), Json::Object(patch)) => {
            for (key, value) in patch {
                if value.is_null() && !partial {
                    base.shift_remove(key);
                } else {
                    merge_into(base.entry(key.clone()).or_insert(Json::Null), value, partial);
                }
            }
        }
        (Json::Array(base), Json::Array(patch)) if named(base) && named(patch) => {
            for item in patch {
                match base.iter_mut().find(|old| old["name"] == item["name"]) {
                    Some(old) => merge_into(old, item, partial),
                    None => base.push(without_nulls(item)),
                }
            }
        }
        (base, patch) => *base = if partial { patch.clone() } else { without_nulls(patch) },
    }
}

/// Whether every item has a name.
fn named(items: &[Json]) -> bool {
    !items.is_empty() && items.iter().all(|item| item.get("name").is_some_and(Json::is_string))
}

/// What lies over nothing takes nothing away.
fn without_nulls(value: &Json) -> Json {
    match value {
        Json::Object(fields) => {
            let kept = fields.iter().filter(|(_, value)| !value.is_null());
            Json::Object(kept.map(|(key, value)| (key.clone(), without_nulls(value))).collect())
        }
        Json::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}
