//! The table of Kubernetes' fields against the API descriptions of every release that `kubernetes-validate` brings.

use crate::common::judge::say;
use crate::common::sets::found_in_manifests;
use scalegen::Files;
use scalegen::check::rules;
use scalegen::inputs::kubernetes::{fields, is_custom, limited_fields, served_kinds, type_of, typed_kinds, types};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

/// The kinds that are read or stand beside them, of which every required field is asked for: group, version, kind, and the definition of it.
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

/// The types that are reached from the kinds of other projects.
fn custom_types() -> BTreeSet<&'static str> {
    let mut todo: Vec<&str> = typed_kinds().filter(|[group, ..]| is_custom(group)).map(|[.., of]| of).collect();
    let mut all = BTreeSet::new();
    while let Some(of) = todo.pop() {
        if all.insert(of) {
            let rows = fields(of).unwrap_or_default().iter();
            let kinds = rows.map(|row| row.kind.trim_start_matches(['[', ']', '{', '}']));
            todo.extend(kinds.filter(|kind| fields(kind).is_some()));
        }
    }
    all
}

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
    let group = definition.rsplit('.').nth(2).unwrap();
    if let Some(name) = types().find(|name| *name == format!("{last}@{group}")) {
        return name.to_owned();
    }
    let several = ["HorizontalPodAutoscaler", "HorizontalPodAutoscalerSpec", "CrossVersionObjectReference"];
    match several.contains(&last) {
        true if definition.contains(".v1.") => format!("V1{last}"),
        true => format!("V2{last}"),
        false => last.to_owned(),
    }
}

/// A field's type in the table's words, and the definition that it names.
fn type_word(schema: &Json, definitions: &Json) -> (String, Option<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let definition = reference.rsplit('/').next().unwrap();
        let last = definition.rsplit('.').next().unwrap();
        return match last {
            "Quantity" => ("quantity".to_owned(), None),
            "IntOrString" => ("int-or-string".to_owned(), None),
            "Time" | "MicroTime" => ("time".to_owned(), None),
            "FieldsV1" | "RawExtension" => ("any".to_owned(), None),
            // a schema, or a list of them, or a boolean
            _ if ["properties", "type"].iter().all(|key| definitions[definition].get(key).is_none()) => {
                ("any".to_owned(), None)
            }
            _ => (short(definition), Some(definition.to_owned())),
        };
    }
    let word = match &schema["type"] {
        Json::Array(all) => all.iter().filter_map(Json::as_str).find(|word| *word != "null").unwrap_or("any"),
        word => word.as_str().unwrap_or("any"),
    };
    let inside = |key: &str, mark: &str| {
        let (word, definition) = type_word(&schema[key], definitions);
        (format!("{mark}{word}"), definition)
    };
    match word {
        "array" => inside("items", "[]"),
        "object" if schema.get("additionalProperties").is_some() => inside("additionalProperties", "{}"),
        "object" => ("any".to_owned(), None),
        word => (word.to_owned(), None),
    }
}

/// The definitions of the kinds in one release.
fn roots(definitions: &Json) -> BTreeSet<String> {
    let kinds: Vec<[&str; 4]> = typed_kinds().collect();
    let is_typed = |own: &Json| {
        kinds.iter().any(|[group, version, kind, _]| {
            own["group"] == **group && own["version"] == **version && own["kind"] == **kind
        })
    };
    let all = definitions.as_object().unwrap().iter();
    let roots = all.filter(|(_, definition)| {
        let own = definition["x-kubernetes-group-version-kind"].as_array();
        definition["properties"].get("metadata").is_some() && own.is_some_and(|own| own.iter().any(is_typed))
    });
    roots.map(|(name, _)| name.clone()).collect()
}

/// What a walk over the definitions of all releases met.
#[derive(Default)]
struct Walk {
    missing: BTreeSet<String>,
    met: BTreeMap<String, BTreeSet<String>>,
    /// What some release does not require: a field is required where every release that has its type requires it.
    optional: BTreeSet<(String, String)>,
}

impl Walk {
    fn over(&mut self, definitions: &Json, roots: &BTreeSet<String>, newest: bool) {
        let mut todo: Vec<String> = roots.iter().cloned().collect();
        let mut seen = BTreeSet::new();
        while let Some(definition) = todo.pop() {
            let Some(properties) = definitions[&definition]["properties"].as_object() else { continue };
            if !seen.insert(definition.clone()) {
                continue;
            }
            let name = short(&definition);
            let rows = fields(&name).unwrap_or_default();
            for (field, schema) in properties {
                self.met.entry(name.clone()).or_default().insert(field.clone());
                let required = definitions[&definition]["required"].as_array();
                if required.is_none_or(|all| all.iter().all(|one| one != field)) {
                    self.optional.insert((name.clone(), field.clone()));
                }
                if roots.contains(&definition) && field == "status" {
                    continue;
                }
                let (word, below) = type_word(schema, definitions);
                let row = rows.iter().find(|row| row.name == field);
                // the type is that of the newest release
                if row.is_none_or(|row| newest && row.kind != word) {
                    let has = row.map(|row| row.kind);
                    self.missing.insert(format!("{name}.{field}: {word}, the table has {has:?}"));
                }
                todo.extend(below);
            }
        }
    }
}

#[test]
fn every_field_of_the_kinds_that_are_read_has_its_type_and_a_verdict() {
    let releases = releases();
    if releases.is_empty() {
        say("kubernetes-validate is not installed: the table of Kubernetes' fields was not compared");
        return;
    }
    let (mut all, mut asked) = (Walk::default(), Walk::default());
    let read: BTreeSet<String> = KINDS.iter().map(|(.., definition)| (*definition).to_owned()).collect();
    for folder in &releases {
        let newest = Some(folder) == releases.last();
        let text = fs::read_to_string(folder.join("_definitions.json")).unwrap();
        let text: Json = serde_json::from_str(&text).unwrap();
        let definitions = &text["$defs"];
        let roots = roots(definitions);
        let own = typed_kinds().filter(|[group, ..]| !is_custom(group)).count();
        assert!(!newest || roots.len() == own, "{own} kinds in the table, and {roots:#?}");
        all.over(definitions, &roots, newest);
        asked.over(definitions, &read, newest);
    }
    assert!(all.missing.is_empty(), "{:#?}", all.missing);
    let custom = custom_types();
    for name in types().filter(|name| all.met.contains_key(*name) || !custom.contains(name)) {
        for row in fields(name).unwrap_or_default() {
            let key = (name.to_owned(), row.name.to_owned());
            let required =
                !all.optional.contains(&key) && row.name != "status" && !DEFAULTED.contains(&(name, row.name));
            // of other kinds the API server takes nothing for some required fields, so their lack is not a fault
            let spared = !asked.met.contains_key(name) && !row.required;
            assert!(row.required == required || spared, "{name}.{}", row.name);
            let known = all.met.get(name).is_some_and(|met| met.contains(row.name)) || row.name == "status";
            assert!(known, "no release has {name}.{}", row.name);
        }
    }
    say(&format!("{} types of Kubernetes in {} releases have the fields of the table", all.met.len(), releases.len()));
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
                other => panic!("{name}.{}: `{other}` is not a verdict", row.name),
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

/// One text, as the file of a set.
pub(super) struct Given(pub(super) String);

impl Files for Given {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        if path == "set.yaml" { Ok(self.0.clone().into_bytes()) } else { Err("no such file".to_owned()) }
    }
}

/// Rule, line and message of what is found.
fn found(text: &str) -> Vec<(String, usize, String)> {
    let all = found_in_manifests(&["set.yaml".to_owned()], &Given(text.to_owned()));
    all.into_iter().map(|one| (one.rule, one.line, one.message)).collect()
}

#[test]
fn kinds_beside_workloads_have_their_fields_and_types() {
    let faults = [
        (
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {port: 8080}}",
            "wrong-type",
            "`port` is a number",
        ),
        (
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, datas: {}}",
            "unknown-field",
            "`datas` is not a field of ConfigMap",
        ),
        ("{apiVersion: v1, kind: Namespace, metadata: {name: a.b}}", "refused-by-api", "the name `a.b` has `.`"),
        (
            "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: a}, rules: [{verbs: get}]}",
            "wrong-type",
            "`verbs` is a string",
        ),
        (
            "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: a}, subjects: []}",
            "missing-field",
            "has no `roleRef`",
        ),
        (
            "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}, spec: {podSelector: {}, ingress: [{from: [{ports: []}]}]}}",
            "unknown-field",
            "`ports` is not a field of NetworkPolicyPeer",
        ),
        (
            "{apiVersion: v1, kind: PersistentVolume, metadata: {name: a}, spec: {capacity: {storage: 5Gib}}}",
            "invalid-quantity",
            "5Gib",
        ),
        (
            "{apiVersion: flowcontrol.apiserver.k8s.io/v1, kind: FlowSchema, metadata: {name: a}, spec: {rules: [{subjects: [{name: x}]}]}}",
            "unknown-field",
            "`name` is not a field of Subject:",
        ),
        (
            "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: a.b}, spec: {versions: [{schema: {openAPIV3Schema: {propertys: {}}}}]}}",
            "unknown-field",
            "`propertys` is not a field of JSONSchemaProps",
        ),
    ];
    for (text, rule, words) in faults {
        let found = found(text);
        assert!(found.iter().any(|(own, _, message)| own == rule && message.contains(words)), "{text}: {found:#?}");
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
    }
    let right = [
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: 'system:a:B'}, aggregationRule: {}, rules: []}",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {on: '1', empty: null}, binaryData: {a: AAEC}, immutable: true}",
        "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: a}, parameters: {type: gp3, iops: '3000'}}",
        "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: a.b}, spec: {preserveUnknownFields: false, versions: [{schema: \
         {openAPIV3Schema: {properties: {a: {default: 1, enum: [1, b], items: {type: string}, x-kubernetes-int-or-string: true, additionalProperties: false}}}}}]}}",
        // a kind of another project in a group of its own
        "{apiVersion: example.com/v1, kind: Namespace, metadata: {name: a.b}, anything: 1}",
    ];
    for text in right {
        assert_eq!(found(text), [], "{text}");
    }
}

/// Nothing that a Secret holds is printed, under a misspelt key neither, and no fix repeats it.
#[test]
fn faults_of_a_secret_show_nothing_that_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    let text = "apiVersion: v1\nkind: Secret\nmetadata: { name: s }\nstringData:\n  pin: 12345678\n  on: yes\nstringdata: { other: hunter22 }\n---\n\
                {apiVersion: v1, kind: Secret, metadata: {name: t}, stringData: {pin: 99887766}, typ: Opaque}\n";
    fs::write(dir.path().join("secret.yaml"), text).unwrap();
    for args in
        [vec![], vec!["--diff"], vec!["--format", "json"], vec!["--format", "sarif"], vec!["--format", "markdown"]]
    {
        let program = env!("CARGO_BIN_EXE_scalegen");
        let output =
            std::process::Command::new(program).arg("lint").args(&args).arg(".").current_dir(dir.path()).output();
        let output = output.unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        for held in ["12345678", "hunter22", "99887766"] {
            assert!(!said.contains(held), "{args:?}: {said}");
        }
        assert!(args == ["--diff"] || said.contains("`pin` is a number"), "{args:?}: {said}");
    }
    // what sops encrypts is not what the API server sees
    let sops = "{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {a: 'ENC[x]'}, sops: {mac: 'ENC[y]', version: 3.9.0}}";
    assert_eq!(found(sops), []);
    assert_eq!(found(&sops.replace("mac", "mack")).len(), 1);
}

#[test]
fn a_seldon_runtime_has_its_fields_and_types() {
    let runtime = |spec: &str| {
        let text =
            format!("apiVersion: mlops.seldon.io/v1alpha1\nkind: SeldonRuntime\nmetadata: {{name: r}}\nspec: {spec}\n");
        found(&text).into_iter().map(|(rule, ..)| rule).collect::<Vec<_>>()
    };
    assert_eq!(
        runtime(
            "{seldonConfig: default, disableAutoUpdate: true, config: {any: thing}, overrides: [{name: hodometer, replicas: 3, podSpec: {a: b}}]}"
        ),
        [""; 0]
    );
    assert_eq!(
        runtime("{seldonConfg: default, overrides: [{name: hodometer, replcas: 3}]}"),
        ["unknown-field", "unknown-field"]
    );
    assert_eq!(runtime("{seldonConfig: default, overrides: [{name: hodometer, replicas: \"3\"}]}"), ["wrong-type"]);
}
