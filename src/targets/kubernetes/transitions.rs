//! The effects of applying new files to a cluster that has the old ones: refused, reset or left behind. `kubectl apply`
//! removes a field that it wrote before and now does not, and it never deletes an object. Knows no spec.

use crate::targets::Transition;
use serde_json::Value as Json;
use std::collections::HashMap;

/// The value at a pointer; null if there is none.
fn part<'j>(document: &'j Json, pointer: &str) -> &'j Json {
    document.pointer(pointer).unwrap_or(&Json::Null)
}

/// The objects with kind and name, without the kustomization.
fn objects(documents: &[Json]) -> impl Iterator<Item = (&str, &str, &Json)> {
    documents.iter().filter_map(|document| {
        let (kind, name) = (part(document, "/kind").as_str()?, part(document, "/metadata/name").as_str()?);
        Some((kind, name, document))
    })
}

/// Objects indexed for look-ups: a set of some thousand would otherwise be searched once for each of its objects.
struct ObjectIndex<'d> {
    by_name: HashMap<(&'d str, &'d str), &'d Json>,
    /// Autoscalers by the kind and name that they scale: the autoscaler's kind, and the autoscaler.
    scalers: HashMap<(&'d str, &'d str), (&'d str, &'d Json)>,
}

impl<'d> ObjectIndex<'d> {
    fn of(documents: &'d [Json]) -> ObjectIndex<'d> {
        let mut own = ObjectIndex { by_name: HashMap::new(), scalers: HashMap::new() };
        for (kind, name, document) in objects(documents) {
            own.by_name.entry((kind, name)).or_insert(document);
            if let Some(target) = target(document) {
                own.scalers.entry(target).or_insert((kind, document));
            }
        }
        own
    }

    fn find(&self, kind: &str, name: &str) -> Option<&'d Json> {
        self.by_name.get(&(kind, name)).copied()
    }
}

/// Kind and name of the object that an autoscaler scales.
fn target(document: &Json) -> Option<(&str, &str)> {
    let target = part(document, "/spec/scaleTargetRef");
    Some((part(target, "/kind").as_str()?, part(target, "/name").as_str()?))
}

/// Every effect, in the order in which a person should act.
pub(super) fn transitions(before: &[Json], after: &[Json]) -> Vec<Transition> {
    // if all files are new, or all are gone, nothing that runs changes
    if before.is_empty() || after.is_empty() {
        return Vec::new();
    }
    let mut all = Vec::new();
    if moved(before, after, &mut all) {
        return all;
    }
    let after = ObjectIndex::of(after);
    for (kind, name, old) in objects(before) {
        match after.find(kind, name) {
            Some(new) if matches!(kind, "Deployment" | "StatefulSet") => {
                workload(kind, name, (old, new), &after, &mut all)
            }
            Some(_) => {}
            None => removed_object(kind, name, old, &after, &mut all),
        }
    }
    all
}

/// The namespace differs: nothing there is known.
fn moved(before: &[Json], after: &[Json], all: &mut Vec<Transition>) -> bool {
    fn namespace(documents: &[Json]) -> Option<&str> {
        objects(documents).find_map(|(.., document)| part(document, "/metadata/namespace").as_str())
    }
    let (old, new) = (namespace(before), namespace(after));
    if old == new {
        return false;
    }
    let (from, to) = (old.unwrap_or("the namespace of the apply"), new.unwrap_or("the namespace of the apply"));
    all.push(Transition {
        message: format!("every object is created again in {to}; those in {from} stay and go on running"),
        help: format!(
            "let traffic go over to {to}, then delete the old ones: `kubectl delete -n {} -k …`",
            old.unwrap_or("default")
        ),
    });
    true
}

fn workload(kind: &str, name: &str, (old, new): (&Json, &Json), after: &ObjectIndex<'_>, all: &mut Vec<Transition>) {
    let lower = kind.to_ascii_lowercase();
    let orphan = format!("run `kubectl delete {lower} {name} --cascade=orphan`, which keeps the pods, then apply");
    if part(old, "/spec/selector") != part(new, "/spec/selector") && part(new, "/spec/selector").is_object() {
        all.push(Transition {
            message: format!("the apply is refused: the selector of {kind} {name} changed, and it is immutable"),
            help: format!("{orphan}; pods of the old labels stay until they are deleted"),
        });
    }
    if kind == "StatefulSet" {
        for field in ["volumeClaimTemplates", "serviceName", "podManagementPolicy"] {
            if part(old, "/spec").get(field) != part(new, "/spec").get(field) {
                all.push(Transition {
                    message: format!(
                        "the apply is refused: `{field}` of StatefulSet {name} changed, and it is immutable"
                    ),
                    help: match field {
                        "volumeClaimTemplates" => {
                            format!("{orphan}; claims that are there keep their size until each is patched")
                        }
                        _ => orphan.clone(),
                    },
                });
            }
        }
    }
    let (was, is) = (part(old, "/spec/replicas").as_u64(), part(new, "/spec/replicas").as_u64());
    let scaler = after.scalers.get(&(kind, name)).map(|(_, scaler)| scaler);
    if let (Some(was), None, Some(scaler)) = (was, is, scaler) {
        let least =
            part(scaler, "/spec/minReplicas").as_u64().or(part(scaler, "/spec/minReplicaCount").as_u64()).unwrap_or(1);
        if was > 1 {
            all.push(Transition {
                message: format!(
                    "the apply takes `replicas: {was}` away from {kind} {name}, and without a number the API sets 1: {was} replicas become 1, \
                     and only then the autoscaler goes to {least} or more"
                ),
                help: format!("first run `kubectl apply edit-last-applied {lower}/{name}` and remove `replicas` there, then apply"),
            });
        }
    }
}

/// An object that is no longer written.
fn removed_object(kind: &str, name: &str, old: &Json, after: &ObjectIndex<'_>, all: &mut Vec<Transition>) {
    let delete = format!("kubectl delete {} {name}", kind.to_ascii_lowercase());
    let stays = format!("{kind} {name} is written no more and stays in the cluster, because an apply deletes nothing");
    let workload = target(old).unwrap_or_default();
    let (message, help) = match kind {
        "Kustomization" | "Component" => return,
        "HorizontalPodAutoscaler" | "ScaledObject" => {
            let other = after.scalers.get(&workload);
            let number = after.find(workload.0, workload.1).and_then(|new| part(new, "/spec/replicas").as_u64());
            match (other, number) {
                (Some((other, ..)), _) if kind == "HorizontalPodAutoscaler" => (
                    format!("{stays}: beside it the {other} is refused by KEDA, or two autoscalers set one number"),
                    format!("run `{delete}` first, then apply"),
                ),
                (Some((other, ..)), _) => (
                    format!("{stays}: it and the {other} set one number"),
                    format!("apply, then run `{delete}` at once"),
                ),
                (None, Some(number)) => (
                    format!("{stays}: it goes on setting the number, and each apply sets {number} again"),
                    format!("run `{delete}` first, then apply"),
                ),
                (None, None) => (stays, format!("run `{delete}`")),
            }
        }
        "CronJob" => (format!("{stays}: it goes on setting its bounds"), format!("run `{delete}`")),
        "Deployment" | "StatefulSet" => {
            let renamed = ["Deployment", "StatefulSet"].iter().any(|other| after.find(other, name).is_some());
            let runs = if renamed { ": both run, with the same labels" } else { ": its pods go on running" };
            let claims = if kind == "StatefulSet" { "; its claims stay until they are deleted too" } else { "" };
            (format!("{stays}{runs}"), format!("run `{delete}` once the new ones are ready{claims}"))
        }
        _ => (stays, format!("run `{delete}`")),
    };
    all.push(Transition { message, help });
}
