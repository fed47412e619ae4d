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
            Some(new) => {
                if matches!(kind, "Deployment" | "StatefulSet") {
                    workload(kind, name, (old, new), &after, &mut all);
                }
                ports(kind, name, old, new, &mut all);
            }
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
    let claims = objects(before).any(|(.., document)| {
        part(document, "/spec/volumeClaimTemplates").as_array().is_some_and(|all| !all.is_empty())
    });
    let empty = if claims { ", with empty volumes" } else { "" };
    let of_old = old.map_or(String::new(), |old| format!(" -n {old}"));
    all.push(Transition {
        message: format!("every object is created again in {to}{empty}; those in {from} stay and go on running"),
        help: format!(
            "{}let traffic go over to {to}, then delete the old ones by their own files: `kubectl delete{of_old} -k …`",
            if claims { "copy what is stored, " } else { "" },
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
            let (was, is) = (part(old, "/spec").get(field), part(new, "/spec").get(field));
            if was == is {
                continue;
            }
            let claims = if field == "volumeClaimTemplates" { claims(was, is) } else { "" };
            all.push(Transition {
                message: format!("the apply is refused: `{field}` of StatefulSet {name} changed, and it is immutable"),
                help: format!("{orphan}{claims}"),
            });
        }
    }
    number(kind, name, (old, new), after, all);
}

/// What becomes of the claims that are there: a StatefulSet makes new ones and changes none.
fn claims(was: Option<&Json>, is: Option<&Json>) -> &'static str {
    let templates = |all: Option<&Json>| all.and_then(Json::as_array).cloned().unwrap_or_default();
    let (was, is) = (templates(was), templates(is));
    let same =
        |template: &Json| is.iter().find(|other| part(other, "/metadata/name") == part(template, "/metadata/name"));
    let differs = |field: &str| {
        was.iter().any(|template| same(template).is_some_and(|other| part(other, field) != part(template, field)))
    };
    if was.iter().any(|template| same(template).is_none()) {
        "; claims of a volume that is gone stay, with what they hold, until they are deleted"
    } else if differs("/spec/storageClassName") {
        "; claims that are there keep their class, so what they hold must be copied"
    } else if differs("/spec/resources") {
        "; claims that are there keep their size until each is patched"
    } else {
        ""
    }
}

/// A number that goes, so that the API sets its own.
fn number(kind: &str, name: &str, (old, new): (&Json, &Json), after: &ObjectIndex<'_>, all: &mut Vec<Transition>) {
    let (was, is) = (part(old, "/spec/replicas").as_u64(), part(new, "/spec/replicas").as_u64());
    let scaler = after.scalers.get(&(kind, name)).map(|(_, scaler)| scaler);
    let (Some(was @ 2..), None, Some(scaler)) = (was, is, scaler) else { return };
    let least =
        part(scaler, "/spec/minReplicas").as_u64().or(part(scaler, "/spec/minReplicaCount").as_u64()).unwrap_or(1);
    let lower = kind.to_ascii_lowercase();
    all.push(Transition {
        message: format!(
            "the apply takes `replicas: {was}` away from {kind} {name}, and without a number the API sets 1: {was} replicas become 1, \
             and only then the autoscaler goes to {least} or more"
        ),
        help: format!(
            "first run `kubectl apply edit-last-applied {lower}/{name}` and remove `replicas` there, then apply; before a server-side apply \
             give the number another owner instead: `kubectl apply --server-side --field-manager=handover --validate=false -f` a file \
             with the name of {kind} {name} and `replicas: {was}` alone"
        ),
    });
}

/// Two ports of one number and two protocols: a client-side apply knows them by their number, and makes one of them.
fn ports(kind: &str, name: &str, old: &Json, new: &Json, all: &mut Vec<Transition>) {
    let (list, key) = match kind {
        "Service" => ("/spec/ports", "port"),
        "Deployment" | "StatefulSet" => ("/spec/template/spec/containers/0/ports", "containerPort"),
        _ => return,
    };
    let (was, is) = (part(old, list), part(new, list));
    let twice = |ports: &Json| {
        let mut numbers: Vec<u64> =
            ports.as_array().into_iter().flatten().filter_map(|port| port.get(key)?.as_u64()).collect();
        numbers.sort_unstable();
        numbers.windows(2).find_map(|pair| (pair.first() == pair.last()).then(|| pair.first().copied()).flatten())
    };
    let Some(number) = twice(was).or(twice(is)).filter(|_| was != is) else { return };
    let told = Transition {
        message: format!(
            "{name} has port {number} by two protocols: a client-side apply knows ports by their number, and loses one of the two"
        ),
        help: "apply with `--server-side`, which knows them by number and protocol".to_owned(),
    };
    // the workload and its Service have it alike
    if !all.contains(&told) {
        all.push(told);
    }
}

/// Kinds that lead traffic to a service.
const ROUTES: [&str; 2] = ["Ingress", "HTTPRoute"];

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
                    format!(
                        "{stays}: it goes on setting the number, and each apply sets {number} again, or is refused if server-side"
                    ),
                    format!(
                        "run `{delete}` first, then apply; server-side with `--force-conflicts`, because the number stays the autoscaler's"
                    ),
                ),
                (None, None) => (stays, format!("run `{delete}`")),
            }
        }
        "Ingress" | "HTTPRoute" if ROUTES.iter().any(|other| *other != kind && after.find(other, name).is_some()) => {
            (format!("{stays}: both take the traffic"), format!("run `{delete}` once the new one is reached"))
        }
        "CronJob" => (format!("{stays}: it goes on setting its bounds"), format!("run `{delete}`")),
        "Deployment" | "StatefulSet" => {
            let renamed = ["Deployment", "StatefulSet"].iter().any(|other| after.find(other, name).is_some());
            let runs = if renamed { ": both run, with the same labels" } else { ": its pods go on running" };
            let (empty, claims) = match part(old, "/spec/volumeClaimTemplates").as_array() {
                Some(all) if !all.is_empty() => (
                    ", and what takes its place begins with empty volumes",
                    " and have what was stored; its claims stay until they are deleted too",
                ),
                _ => ("", ""),
            };
            (format!("{stays}{runs}{empty}"), format!("run `{delete}` once the new ones are ready{claims}"))
        }
        _ => (stays, format!("run `{delete}`")),
    };
    all.push(Transition { message, help });
}
