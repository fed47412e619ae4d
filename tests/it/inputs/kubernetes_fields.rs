//! The table of Kubernetes' fields against the API descriptions of every release that `kubernetes-validate` brings.

use crate::common::judge::say;
use scalegen::check::rules;
use scalegen::inputs::kubernetes::{fields, limited_fields, served_kinds, type_of, types};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

/// The kinds that are read: group, version, kind, and the definition of it.
const KINDS: &[(&str, &str, &str, &str)] = &[
    ("apps", "v1", "Deployment", "io.k8s.api.apps.v1.Deployment"),
    ("apps", "v1", "StatefulSet", "io.k8s.api.apps.v1.StatefulSet"),
    ("apps", "v1", "DaemonSet", "io.k8s.api.apps.v1.DaemonSet"),
    ("apps", "v1", "ReplicaSet", "io.k8s.api.apps.v1.ReplicaSet"),
    ("batch", "v1", "Job", "io.k8s.api.batch.v1.Job"),
    ("batch", "v1", "CronJob", "io.k8s.api.batch.v1.CronJob"),
    ("", "v1", "Pod", "io.k8s.api.core.v1.Pod"),
    ("autoscaling", "v1", "HorizontalPodAutoscaler", "io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler"),
    ("autoscaling", "v2", "HorizontalPodAutoscaler", "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler"),
    ("policy", "v1", "PodDisruptionBudget", "io.k8s.api.policy.v1.PodDisruptionBudget"),
    ("", "v1", "Service", "io.k8s.api.core.v1.Service"),
    ("networking.k8s.io", "v1", "Ingress", "io.k8s.api.networking.v1.Ingress"),
    ("", "v1", "PersistentVolumeClaim", "io.k8s.api.core.v1.PersistentVolumeClaim"),
    ("", "v1", "ResourceQuota", "io.k8s.api.core.v1.ResourceQuota"),
    ("", "v1", "LimitRange", "io.k8s.api.core.v1.LimitRange"),
    ("", "v1", "ServiceAccount", "io.k8s.api.core.v1.ServiceAccount"),
    ("rbac.authorization.k8s.io", "v1", "Role", "io.k8s.api.rbac.v1.Role"),
    ("rbac.authorization.k8s.io", "v1", "RoleBinding", "io.k8s.api.rbac.v1.RoleBinding"),
];

/// The types that Kubernetes itself does not have: those of KEDA.
const OF_KEDA: &[&str] = &[
    "ScaledObject",
    "ScaledObjectSpec",
    "ScaledObjectAdvanced",
    "ScaledObjectHorizontal",
    "ScalingModifiers",
    "ScaledObjectFallback",
    "ScaleTarget",
    "ScaleTriggers",
    "ScaledObjectAuthentication",
];

/// What the schemas require and the API server fills in by itself (`pkg/apis/rbac/v1/defaults.go`).
const DEFAULTED: &[(&str, &str)] = &[("RoleRef", "apiGroup")];

/// The folders of the releases; none where the consumers are not installed.
fn releases() -> Vec<PathBuf> {
    let lib = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".consumers/py/lib");
    let pythons = fs::read_dir(lib).into_iter().flatten().flatten();
    let folders = pythons.map(|python| python.path().join("site-packages/kubernetes_validate/kubernetes-json-schema"));
    let mut all: Vec<PathBuf> =
        folders.filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten().map(|entry| entry.path()).collect();
    all.retain(|path| path.join("_definitions.json").is_file() && path.to_string_lossy().ends_with("-local"));
    all.sort();
    all
}

/// The table's name of a definition.
fn short(definition: &str) -> String {
    let last = definition.rsplit('.').next().unwrap();
    let several = ["HorizontalPodAutoscaler", "HorizontalPodAutoscalerSpec", "CrossVersionObjectReference"];
    match several.contains(&last) {
        true if definition.contains(".v1.") => format!("V1{last}"),
        true => format!("V2{last}"),
        false => last.to_owned(),
    }
}

/// A field's type in the table's words, and the definition that it names.
fn type_word(schema: &Json) -> (String, Option<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let definition = reference.rsplit('/').next().unwrap();
        let last = definition.rsplit('.').next().unwrap();
        return match last {
            "Quantity" => ("quantity".to_owned(), None),
            "IntOrString" => ("int-or-string".to_owned(), None),
            "Time" | "MicroTime" => ("time".to_owned(), None),
            "FieldsV1" | "RawExtension" => ("any".to_owned(), None),
            _ => (short(definition), Some(definition.to_owned())),
        };
    }
    let word = match &schema["type"] {
        Json::Array(all) => all.iter().filter_map(Json::as_str).find(|word| *word != "null").unwrap_or("any"),
        word => word.as_str().unwrap_or("any"),
    };
    let inside = |key: &str, mark: &str| {
        let (word, definition) = type_word(&schema[key]);
        (format!("{mark}{word}"), definition)
    };
    match word {
        "array" => inside("items", "[]"),
        "object" if schema.get("additionalProperties").is_some() => inside("additionalProperties", "{}"),
        "object" => ("any".to_owned(), None),
        word => (word.to_owned(), None),
    }
}

#[test]
fn every_field_of_the_kinds_that_are_read_has_its_type_and_a_verdict() {
    let releases = releases();
    if releases.is_empty() {
        say("kubernetes-validate is not installed: the table of Kubernetes' fields was not compared");
        return;
    }
    let mut missing = BTreeSet::new();
    let mut met: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    // a field is required where every release that has its type requires it
    let mut optional: BTreeSet<(String, String)> = BTreeSet::new();
    for folder in &releases {
        let newest = Some(folder) == releases.last();
        let text = fs::read_to_string(folder.join("_definitions.json")).unwrap();
        let all: Json = serde_json::from_str(&text).unwrap();
        let definitions = &all["$defs"];
        let mut todo: Vec<String> = KINDS.iter().map(|(.., definition)| (*definition).to_owned()).collect();
        let mut seen = BTreeSet::new();
        while let Some(definition) = todo.pop() {
            let Some(properties) = definitions[&definition]["properties"].as_object() else { continue };
            if !seen.insert(definition.clone()) {
                continue;
            }
            let name = short(&definition);
            let rows = fields(&name).unwrap_or_default();
            for (field, schema) in properties {
                met.entry(name.clone()).or_default().insert(field.clone());
                let required = definitions[&definition]["required"].as_array();
                if required.is_none_or(|all| all.iter().all(|one| one != field)) {
                    optional.insert((name.clone(), field.clone()));
                }
                let root = KINDS.iter().any(|(.., own)| *own == definition);
                if root && field == "status" {
                    continue;
                }
                let (word, below) = type_word(schema);
                let row = rows.iter().find(|row| row.name == field);
                // the type is that of the newest release
                if row.is_none_or(|row| newest && row.kind != word) {
                    missing.insert(format!("{name}.{field}: {word}, the table has {:?}", row.map(|row| row.kind)));
                }
                todo.extend(below);
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    for name in types().filter(|name| !OF_KEDA.contains(name)) {
        for row in fields(name).unwrap_or_default() {
            let required = !optional.contains(&(name.to_owned(), row.name.to_owned()));
            let required = required && row.name != "status" && !DEFAULTED.contains(&(name, row.name));
            assert_eq!(row.required, required, "{name}.{}", row.name);
            let known = met.get(name).is_some_and(|met| met.contains(row.name)) || row.name == "status";
            assert!(known, "no release has {name}.{}", row.name);
        }
    }
    say(&format!("{} types of Kubernetes in {} releases have the fields of the table", met.len(), releases.len()));
}

#[test]
fn every_verdict_is_one_of_the_four_and_names_a_rule_that_is_there() {
    let mut count = 0;
    for name in types() {
        for row in fields(name).unwrap_or_default() {
            count += 1;
            let (word, rest) = row.verdict.split_once(' ').unwrap_or((row.verdict, ""));
            match word {
                "read" => {}
                "harmless" => assert_eq!(rest, "", "{name}.{}", row.name),
                "fact" => assert!(rules::get(rest).is_some(), "{name}.{}: no rule `{rest}`", row.name),
                "conflict" => assert!(!rest.is_empty(), "{name}.{} needs its answer", row.name),
                other => panic!("{name}.{}: `{other}` is no verdict", row.name),
            }
        }
    }
    assert!(count > 700, "only {count} fields");
    for (group, version, kind, _) in KINDS {
        assert!(type_of(group, version, kind).is_some(), "{group}/{version} {kind}");
    }
}

#[test]
fn the_bounds_are_those_of_fields_that_are_there() {
    for (of, field) in limited_fields() {
        let rows = fields(of).unwrap_or_else(|| panic!("no type {of}"));
        let row = rows.iter().find(|row| row.name == field).unwrap_or_else(|| panic!("{of} has no {field}"));
        let takes_bounds = ["integer", "string", "[]string", "int-or-string"].contains(&row.kind);
        assert!(takes_bounds, "{of}.{field} is {}", row.kind);
    }
}

#[test]
fn every_kind_that_a_release_serves_is_known_and_no_other() {
    let releases = releases();
    if releases.is_empty() {
        say("kubernetes-validate is not installed: the kinds of Kubernetes were not compared");
        return;
    }
    let mut served: BTreeSet<(String, String)> = BTreeSet::new();
    for folder in &releases {
        let text = fs::read_to_string(folder.join("_definitions.json")).unwrap();
        let all: Json = serde_json::from_str(&text).unwrap();
        for definition in all["$defs"].as_object().unwrap().values() {
            let properties = &definition["properties"];
            if properties.get("apiVersion").is_none() || properties.get("metadata").is_none() {
                continue;
            }
            for one in definition["x-kubernetes-group-version-kind"].as_array().into_iter().flatten() {
                let [group, version, kind] = ["group", "version", "kind"].map(|key| one[key].as_str().unwrap());
                if !kind.ends_with("List") && kind != "Status" {
                    let api_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
                    served.insert((api_version, kind.to_owned()));
                }
            }
        }
    }
    let table = served_kinds().iter();
    let table = table.flat_map(|row| row.kinds.iter().map(|kind| (row.api_version.to_owned(), (*kind).to_owned())));
    assert_eq!(table.collect::<BTreeSet<_>>(), served);
}
