//! What kustomizations name and what they change, judged by the real `kubectl kustomize`: circles, what is not there, and the law that the plan of
//! a folder is that of what is built of it.

use crate::cli::program::{folder, scalegen, with_input};
use crate::common::judge::{judge, say};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const WEB: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\ndata: {}\n";
const COMPONENT: &str = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";

/// The errors that `lint .` finds in a folder; whether kubectl builds its folder `a` is compared.
fn errors(files: &[(&str, &str)]) -> Vec<String> {
    let dir = folder(files);
    let ran = scalegen(dir.path(), &["lint", "--format", "concise", "."]);
    let found: Vec<String> = ran.out.lines().filter(|line| line.contains("error[")).map(str::to_owned).collect();
    if let Some(verdict) = judge("kustomize.sh", &[dir.path().join("a").to_str().unwrap()]) {
        assert_eq!(verdict.accepted, found.is_empty(), "{files:?}: {found:?}\n{}", verdict.err);
    }
    found
}

#[test]
fn kustomizations_in_a_circle_have_one_finding_wherever_it_is_entered() {
    let circle = [
        "b/kustomization.yaml:1:13: error[invalid-value]: kustomizations name each other in a circle: `../a` → `../b`",
    ];
    let two = [("a/kustomization.yaml", "resources: [../b]\n"), ("b/kustomization.yaml", "resources: [../a]\n")];
    assert_eq!(errors(&two), circle);
    assert_eq!(
        errors(&[("a/kustomization.yaml", "resources: [.]\n")]),
        [
            "a/kustomization.yaml:1:13: error[invalid-value]: `.` is this kustomization itself: kubectl refuses the circle"
        ]
    );
    let component = |name: &str| format!("{COMPONENT}components: [{name}]\n");
    let components = [
        ("a/kustomization.yaml", "resources: [w.yaml]\ncomponents: [../b]\n"),
        ("a/w.yaml", WEB),
        ("b/kustomization.yaml", &component("../c")),
        ("c/kustomization.yaml", &component("../b")),
    ];
    assert_eq!(
        errors(&components),
        [
            "c/kustomization.yaml:3:14: error[invalid-value]: kustomizations name each other in a circle: `../b` → `../c`"
        ]
    );
    let around = [
        ("a/kustomization.yaml", "resources: [w.yaml, over/dev]\n"),
        ("a/w.yaml", WEB),
        ("a/over/dev/kustomization.yaml", "resources: [../..]\n"),
    ];
    let found = errors(&around);
    assert!(found.len() == 1 && found[0].starts_with("a/over/dev/kustomization.yaml:1:13: "), "{found:?}");
    let above = [
        ("kustomization.yaml", "resources: [w.yaml]\n"),
        ("w.yaml", WEB),
        ("a/kustomization.yaml", "resources: [..]\n"),
    ];
    let told = "a/kustomization.yaml:1:13: error[invalid-value]: `..` is a folder around this kustomization: kubectl refuses it as a circle";
    assert_eq!(errors(&above), [told]);
}

#[test]
fn kustomizations_that_share_a_folder_are_no_circle() {
    let shared = [
        ("a/kustomization.yaml", "resources: [../b]\ncomponents: [../c]\n"),
        ("b/kustomization.yaml", "resources: [../w]\n"),
        ("c/kustomization.yaml", &*format!("{COMPONENT}namePrefix: x-\n")),
        ("w/kustomization.yaml", "resources: [w.yaml]\n"),
        ("w/w.yaml", WEB),
    ];
    assert_eq!(errors(&shared), [""; 0]);
    let below = [
        ("a/kustomization.yaml", "resources: [b]\n"),
        ("a/b/kustomization.yaml", "resources: [w.yaml]\n"),
        ("a/b/w.yaml", WEB),
    ];
    assert_eq!(errors(&below), [""; 0]);
}

#[test]
fn what_a_kustomization_names_and_is_not_there_is_told_at_the_entry() {
    let of = |kustomization: &str| {
        errors(&[("a/kustomization.yaml", kustomization), ("a/w.yaml", WEB), ("a/plain", WEB), ("b/x.txt", "")])
    };
    for (kustomization, place) in [
        (
            "resources: [w.yaml, nope.yaml]\n",
            "1:21: error[unreadable-file]: `nope.yaml` does not exist: kubectl refuses the kustomization",
        ),
        (
            "resources: [../nope]\n",
            "1:13: error[unreadable-file]: `../nope` does not exist: kubectl refuses the kustomization",
        ),
        ("resources: [../b]\n", "1:13: error[unreadable-file]: `../b` holds no kustomization: kubectl refuses it"),
        (
            "resources: [w.yaml]\ncomponents: [../b]\n",
            "2:14: error[unreadable-file]: `../b` holds no kustomization: kubectl refuses it",
        ),
        (
            "resources: [w.yaml]\npatches: [{ path: p.yaml }]\n",
            "2:19: error[unreadable-file]: `p.yaml` does not exist: kubectl refuses the kustomization",
        ),
        (
            "resources: [w.yaml]\npatchesStrategicMerge: [p.yaml]\n",
            "2:25: error[unreadable-file]: `p.yaml` does not exist: kubectl refuses the kustomization",
        ),
    ] {
        assert_eq!(of(kustomization), [format!("a/kustomization.yaml:{place}")], "{kustomization}");
    }
    // what a step before the build puts there is one cause
    assert_eq!(
        of("resources: [w.yaml, a.yaml, b.yaml, c.yaml, d.yaml]\n"),
        [
            "a/kustomization.yaml:1:21: error[unreadable-file]: `a.yaml` and 3 more entries do not exist: kubectl refuses the kustomization"
        ]
    );
    // a file needs no ending
    assert_eq!(of("resources: [plain]\n"), [""; 0]);
}

#[test]
fn what_stands_elsewhere_or_is_filled_in_is_not_missing() {
    for resource in [
        "https://example.com/x.yaml",
        "github.com/example/x//deploy?ref=v1",
        "'{{ .Values.base }}/x.yaml'",
        "'${BASE}/x.yaml'",
    ] {
        let dir = folder(&[("kustomization.yaml", &*format!("resources: [{resource}]\n"))]);
        let ran = scalegen(dir.path(), &["lint", "--format", "concise", "."]);
        assert!(!ran.out.contains("error["), "{resource}: {}", ran.out);
    }
}

/// The services and sums of a plan, or why there is none.
///
/// A name that is made longer no longer tells the main container among several: then amounts of one container are left out, and the sums stay.
fn plan(out: &str, affixed: bool) -> Result<(Vec<String>, Json), String> {
    let mut report: Json = serde_json::from_str(out).map_err(|_| out.to_owned())?;
    let formation = &mut report["formations"][0];
    for service in formation["services"].as_array_mut().into_iter().flatten().filter(|_| affixed) {
        service["requests"] = Json::Null;
        service["limits"] = Json::Null;
    }
    let mut services: Vec<String> =
        formation["services"].as_array().into_iter().flatten().map(|service| service.to_string()).collect();
    services.sort();
    Ok((services, formation["total"].clone()))
}

/// How many folders gave what.
#[derive(Debug, Default)]
struct Tally {
    equal: usize,
    /// kubectl refuses it.
    refused: usize,
    /// It holds no workload.
    empty: usize,
    /// A part of it is not known: the numbers that it may change are left out of the plan.
    unknown: usize,
    failures: Vec<String>,
}

impl Tally {
    /// Compares the plan of a folder with that of what kubectl builds of it; `false` if there is no kubectl.
    fn compare(&mut self, dir: &Path) -> bool {
        let Some(verdict) = judge("kustomize.sh", &[dir.to_str().unwrap()]) else { return false };
        if !verdict.accepted {
            self.refused += 1;
            return true;
        }
        let built = with_input(Path::new("."), &["plan", "-", "--format", "json"], &verdict.out);
        let own = scalegen(dir, &["plan", ".", "--format", "json"]);
        let affixed = verdict.out.contains("name: dev-") || verdict.out.contains("-two\n");
        match (plan(&own.out, affixed), plan(&built.out, affixed)) {
            (Ok(own), Ok(built)) if own == built => self.equal += 1,
            (_, Ok((services, _))) if services.is_empty() => self.empty += 1,
            (Err(_), Err(_)) => self.empty += 1,
            (Ok((services, _)), _) if services.iter().any(|one| one.contains("\"replicas\":null")) => self.unknown += 1,
            (own, built) => self.failures.push(format!("{}\n{own:#?}\n{built:#?}", dir.display())),
        }
        true
    }
}

const BASE: &str = "apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { tier: front } }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
      - name: web
        image: example/web:1
        ports: [{ containerPort: 8080 }]
        env: [{ name: A, value: a }, { name: B, value: b }]
        resources: { requests: { cpu: 100m, memory: 64Mi }, limits: { memory: 128Mi } }
      - { name: side, image: example/side:1, resources: { requests: { cpu: 10m } } }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: sizes }
data: { few: \"2\", many: \"14\", memory: 96Mi, list: \"5;50m\" }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  minReplicas: 2
  maxReplicas: 6
  metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 60 } } }]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  serviceName: db
  replicas: 2
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec: { containers: [{ name: db, image: \"postgres:16\", resources: { limits: { cpu: 1, memory: 1Gi } } }] }
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: tidy }
spec:
  schedule: 0 3 * * *
  jobTemplate: { spec: { template: { spec: { restartPolicy: Never, containers: [{ name: tidy, image: a:1, resources: { requests: { cpu: 200m } } }] } } } }
";

/// Strategic merge patches: the object, and what is below `spec`.
const MERGES: [(&str, &str, &str); 12] = [
    ("apps/v1", "Deployment web", "replicas: 5"),
    ("apps/v1", "Deployment web", "replicas: null"),
    (
        "apps/v1",
        "Deployment web",
        "{ template: { spec: { containers: [{ name: web, resources: { requests: { cpu: 300m } } }] } } }",
    ),
    ("apps/v1", "Deployment web", "{ template: { spec: { containers: [{ name: web, resources: null }] } } }"),
    ("apps/v1", "Deployment web", "{ template: { spec: { containers: [{ name: side, $patch: delete }] } } }"),
    (
        "apps/v1",
        "Deployment web",
        "{ template: { spec: { containers: [{ name: new, image: n:1, resources: { requests: { memory: 1Gi } } }] } } }",
    ),
    (
        "apps/v1",
        "Deployment web",
        "{ template: { spec: { containers: [{ $patch: replace }, { name: only, image: o:1, resources: { limits: { cpu: 2 } } }] } } }",
    ),
    ("autoscaling/v2", "HorizontalPodAutoscaler web", "{ minReplicas: 4, maxReplicas: 9 }"),
    (
        "apps/v1",
        "StatefulSet db",
        "{ template: { spec: { containers: [{ name: db, resources: { $patch: replace, requests: { memory: 2Gi } } }] } } }",
    ),
    (
        "apps/v1",
        "StatefulSet db",
        "{ replicas: 4, template: { spec: { initContainers: [{ name: first, image: f:1 }] } } }",
    ),
    (
        "batch/v1",
        "CronJob tidy",
        "{ jobTemplate: { spec: { parallelism: 3, template: { spec: { containers: [{ name: tidy, resources: { requests: { cpu: 1 } } }] } } } } }",
    ),
    ("batch/v1", "CronJob tidy", "$patch: delete"),
];

/// JSON patches: the target, and the operations.
const OPERATIONS: [(&str, &str); 10] = [
    ("kind: Deployment, name: web", "{ op: replace, path: /spec/replicas, value: 7 }"),
    ("kind: Deployment, name: \"[v-x]e?b|nobody\"", "{ op: remove, path: /spec/replicas }"),
    ("kind: HorizontalPodAutoscaler", "{ op: replace, path: /spec/maxReplicas, value: 12 }"),
    (
        "kind: StatefulSet|Deployment",
        "{ op: add, path: /spec/template/spec/containers/0/resources/requests, value: { cpu: 50m } }",
    ),
    (
        "kind: Deployment",
        "{ op: add, path: /spec/template/spec/containers/-, value: { name: last, image: l:1, resources: { requests: { cpu: 5m } } } }",
    ),
    ("kind: Deployment", "{ op: add, path: /spec/template/spec/containers/1, value: { name: mid, image: m:1 } }"),
    ("kind: Deployment", "{ op: remove, path: /spec/template/spec/containers/1 }"),
    ("labelSelector: tier=front", "{ op: add, path: /spec/replicas, value: 8 }"),
    (
        "group: apps, version: v1, kind: StatefulSet",
        "{ op: move, from: /spec/template/spec/containers/0/resources/limits, path: /spec/template/spec/containers/0/resources/requests }",
    ),
    (
        "kind: Deployment, namespace: default",
        "{ op: copy, from: /spec/template/spec/containers/0/resources, path: /spec/template/spec/containers/1/resources }",
    ),
];

const SETTINGS: [&str; 7] = [
    "namePrefix: dev-\n",
    "nameSuffix: -two\n",
    "namespace: shop\n",
    "replicas: [{ name: web, count: 11 }]\n",
    "replicas: [{ name: db, count: 1 }]\n",
    "images: [{ name: postgres, newTag: \"17\" }]\n",
    "labels: [{ pairs: { team: shop }, includeTemplates: true }]\n",
];

/// Replacements: a value of the kustomization or of an object, and where it goes.
const REPLACEMENTS: [&str; 9] = [
    "- sourceValue: \"9\"\n  targets: [{ select: { kind: Deployment, name: web }, fieldPaths: [spec.replicas] }]\n",
    "- source: { kind: ConfigMap, name: sizes, fieldPath: data.many }\n  targets: [{ select: { kind: HorizontalPodAutoscaler }, fieldPaths: [spec.maxReplicas] }]\n",
    "- source: { kind: ConfigMap, fieldPath: data.memory }\n  targets:\n  - select: { kind: Deployment }\n    fieldPaths: [\"spec.template.spec.containers.[name=web].resources.requests.memory\"]\n",
    "- source: { kind: ConfigMap, fieldPath: data.list, options: { delimiter: \";\", index: 1 } }\n  targets:\n  - select: { group: apps }\n    reject: [{ kind: StatefulSet }]\n    fieldPaths: [\"spec.template.spec.containers.*.resources.requests.cpu\"]\n",
    "- source: { kind: Deployment, fieldPath: spec.replicas }\n  targets: [{ select: { kind: StatefulSet }, fieldPaths: [spec.replicas] }]\n",
    "- source: { kind: StatefulSet, name: db, fieldPath: spec.template.spec.containers.0.resources.limits }\n  targets: [{ select: { kind: Deployment, name: web }, fieldPaths: [spec.template.spec.containers.0.resources.limits] }]\n",
    "- source: { kind: ConfigMap, name: sizes, fieldPath: data.few }\n  targets: [{ select: { kind: CronJob }, fieldPaths: [spec.jobTemplate.spec.parallelism], options: { create: true } }]\n",
    "- source: { kind: ConfigMap, name: sizes, fieldPath: metadata.name }\n  targets: [{ select: { kind: StatefulSet }, fieldPaths: [spec.serviceName] }]\n",
    // a pattern fits anywhere in the name of an item
    "- source: { kind: ConfigMap, name: sizes, fieldPath: data.memory }\n  targets: [{ select: { kind: StatefulSet|Deployment }, fieldPaths: [\"spec.template.spec.containers.[name=b].resources.limits.memory\"], options: { create: true } }]\n",
];

/// Transformers of kustomize in files or texts of their own.
const TRANSFORMERS: [&str; 6] = [
    "kind: ReplicaCountTransformer\nreplica: { name: web, count: 13 }\nfieldSpecs: [{ path: spec/replicas, kind: Deployment }]\n",
    "kind: PatchTransformer\ntarget: { kind: StatefulSet }\npatch: '[{ \"op\": \"replace\", \"path\": \"/spec/replicas\", \"value\": 4 }]'\n",
    "kind: SuffixTransformer\nsuffix: -two\nfieldSpecs: [{ path: metadata/name }]\n",
    "kind: PrefixTransformer\nprefix: dev-\nfieldSpecs: [{ path: metadata/name }]\n",
    "kind: ReplacementTransformer\nreplacements:\n- source: { kind: ConfigMap, name: sizes, fieldPath: data.many }\n  targets: [{ select: { kind: Deployment }, fieldPaths: [spec.replicas] }]\n",
    "kind: AnnotationsTransformer\nannotations: { a: b }\nfieldSpecs: [{ path: metadata/annotations, create: true }]\n",
];

/// Some replacements and transformers of a kustomization, in it and beside it.
fn copied_values(state: &mut u64, folder: &str, into: &mut BTreeMap<String, String>) -> String {
    let (mut replacements, mut transformers) = (String::new(), String::new());
    for number in 0..next(state, 3) {
        let text = REPLACEMENTS[next(state, REPLACEMENTS.len())];
        if next(state, 2) == 0 {
            into.insert(format!("{folder}/copy-{number}.yaml"), text.to_owned());
            replacements += &format!("- path: copy-{number}.yaml\n");
        } else {
            replacements += text;
        }
    }
    for number in 0..next(state, 2) {
        let own = TRANSFORMERS[next(state, TRANSFORMERS.len())];
        let text = format!("apiVersion: builtin\nmetadata: {{ name: t{number} }}\n{own}");
        if next(state, 2) == 0 {
            into.insert(format!("{folder}/transform-{number}.yaml"), text);
            transformers += &format!("- transform-{number}.yaml\n");
        } else {
            let indented: String = text.lines().map(|line| format!("  {line}\n")).collect();
            transformers += &format!("- |-\n{indented}");
        }
    }
    let section = |key: &str, text: String| if text.is_empty() { text } else { format!("{key}:\n{text}") };
    section("replacements", replacements) + &section("transformers", transformers)
}

/// A number below `most`, from a sequence that is the same in every run.
fn next(state: &mut u64, most: usize) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap() % most
}

/// A kustomization with some of all that, and the files of its patches below `folder`.
fn generated(state: &mut u64, folder: &str, head: &str, into: &mut BTreeMap<String, String>) {
    let (mut patches, mut settings) = (String::new(), String::new());
    for number in 0..next(state, 4) {
        let (api, object, spec) = MERGES[next(state, MERGES.len())];
        let (kind, name) = object.split_once(' ').unwrap();
        let head = format!("apiVersion: {api}\nkind: {kind}\nmetadata: {{ name: {name} }}\n");
        let text = match spec {
            "$patch: delete" => format!("{head}{spec}\n"),
            _ if spec.starts_with('{') => format!("{head}spec: {spec}\n"),
            _ => format!("{head}spec:\n  {spec}\n"),
        };
        if next(state, 2) == 0 {
            let indented: String = text.lines().map(|line| format!("    {line}\n")).collect();
            patches += &format!("- patch: |-\n{indented}");
        } else {
            into.insert(format!("{folder}/merge-{number}.yaml"), text);
            patches += &format!("- path: merge-{number}.yaml\n");
        }
    }
    for number in 0..next(state, 3) {
        let (target, operation) = OPERATIONS[next(state, OPERATIONS.len())];
        if next(state, 2) == 0 {
            patches += &format!("- target: {{ {target} }}\n  patch: |-\n    - {operation}\n");
        } else {
            into.insert(format!("{folder}/operations-{number}.yaml"), format!("- {operation}\n"));
            patches += &format!("- target: {{ {target} }}\n  path: operations-{number}.yaml\n");
        }
    }
    let mut chosen: Vec<&str> = (0..next(state, 4)).map(|_| SETTINGS[next(state, SETTINGS.len())]).collect();
    chosen.sort_unstable();
    chosen.dedup_by_key(|setting| setting.split(':').next().unwrap());
    settings.extend(chosen);
    let patches = if patches.is_empty() { patches } else { format!("patches:\n{patches}") };
    into.insert(format!("{folder}/kustomization.yaml"), format!("{head}{settings}{patches}"));
}

/// The law over generated kustomizations: a base, sometimes a component, and an overlay over both.
#[test]
fn the_plan_of_a_folder_is_that_of_what_kubectl_builds_of_it() {
    let (mut tally, mut state) = (Tally::default(), 7);
    for _ in 0..60 {
        let mut files = BTreeMap::from([("base/objects.yaml".to_owned(), BASE.to_owned())]);
        generated(&mut state, "base", "resources: [objects.yaml]\n", &mut files);
        let component = next(&mut state, 3) == 0;
        if component {
            generated(&mut state, "part", COMPONENT, &mut files);
        }
        let head = format!("resources: [../base]\n{}", if component { "components: [../part]\n" } else { "" });
        generated(&mut state, "over", &head, &mut files);
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let dir = folder(&files);
        if !tally.compare(&dir.path().join("over")) {
            return;
        }
    }
    say(&format!(
        "plans of kustomizations: {} equal, {} refused by kubectl, {} unknown",
        tally.equal, tally.refused, tally.unknown
    ));
    assert!(tally.failures.is_empty(), "{}", tally.failures.join("\n"));
    assert!(tally.equal >= 30 && tally.empty == 0 && tally.unknown * 4 <= tally.equal, "{tally:?}");
}

/// The law over what the last steps of a build do, and over bases that two overlays take.
#[test]
fn the_plan_is_that_of_what_is_built_with_copied_values_and_bases_taken_twice() {
    let (mut tally, mut state) = (Tally::default(), 11);
    for round in 0..60 {
        let mut files = BTreeMap::from([("base/objects.yaml".to_owned(), BASE.to_owned())]);
        let more = copied_values(&mut state, "base", &mut files);
        files.insert("base/kustomization.yaml".to_owned(), format!("resources: [objects.yaml]\n{more}"));
        if round % 2 == 0 {
            let twins = [("namePrefix: ", "a-", "b-"), ("nameSuffix: ", "-x", "-y"), ("namespace: ", "one", "two")];
            let (key, left, right) = twins[next(&mut state, twins.len())];
            for (folder, own) in [("left", left), ("right", right)] {
                generated(&mut state, folder, &format!("resources: [../base]\n{key}{own}\n"), &mut files);
                let text = files.get_mut(&format!("{folder}/kustomization.yaml")).unwrap();
                // a key of the twins' own is written once
                let again = |line: &&str| !line.starts_with(key) || *line == format!("{key}{own}");
                *text = text.lines().filter(again).map(|line| format!("{line}\n")).collect();
            }
            generated(&mut state, "over", "resources: [../left, ../right]\n", &mut files);
        } else {
            let more = copied_values(&mut state, "over", &mut files);
            files
                .insert("over/kustomization.yaml".to_owned(), format!("resources: [../base]\nnamespace: shop\n{more}"));
        }
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let dir = folder(&files);
        if !tally.compare(&dir.path().join("over")) {
            return;
        }
    }
    say(&format!(
        "plans of copied values and twins: {} equal, {} refused by kubectl, {} unknown",
        tally.equal, tally.refused, tally.unknown
    ));
    assert!(tally.failures.is_empty(), "{}", tally.failures.join("\n"));
    assert!(tally.equal >= 30 && tally.empty == 0 && tally.unknown * 4 <= tally.equal, "{tally:?}");
}

#[test]
fn a_base_that_two_overlays_take_is_two_sets_of_objects_with_one_finding_a_place() {
    let web = BASE.split("---").next().unwrap();
    let hpa = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: web }\nspec:\n  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }\n  minReplicas: 2\n  maxReplicas: 20\n  metrics: [{ type: Resource, resource: { name: memory, target: { type: Utilization, averageUtilization: 60 } } }]\n";
    let all = [
        ("base/web.yaml", &*web.replace("memory: 64Mi", "memory: 1Gi")),
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("dev/kustomization.yaml", "resources: [../base]\nnamePrefix: dev-\n"),
        ("prod/hpa.yaml", hpa),
        ("prod/kustomization.yaml", "resources: [../base, hpa.yaml]\nnamePrefix: prod-\n"),
        ("all/kustomization.yaml", "resources: [../dev, ../prod]\n"),
    ];
    let dir = folder(&all);
    let over = dir.path().join("all");
    let found = scalegen(&over, &["lint", "--format", "concise", "."]);
    let lines = |word: &str| found.out.lines().filter(|line| line.contains(word)).count();
    // one place, one finding; the autoscaler of one overlay scales the copy that this overlay takes
    assert_eq!((lines("request-above-limit"), lines("replicas-beside-autoscaler")), (1, 1), "{}", found.out);
    let report: Json = serde_json::from_str(&scalegen(&over, &["plan", ".", "--format", "json"]).out).unwrap();
    let services = report["formations"][0]["services"].as_array().unwrap();
    let bounds = |name: &str| {
        let own = services.iter().find(|service| service["name"] == name).unwrap_or_else(|| panic!("{report}"));
        own["bounds"][0]["replicas"]["max"].as_u64().unwrap()
    };
    assert_eq!((services.len(), bounds("dev-web"), bounds("prod-web")), (2, 3, 20));
}

/// What lint says of a folder, but for limits.
fn told(files: &[(&str, &str)]) -> Vec<String> {
    let dir = folder(files);
    let ran = scalegen(dir.path(), &["lint", "--format", "concise", "."]);
    let all = ran.out.lines().filter(|line| line.contains('[') && !line.contains("files-without-limits"));
    all.map(str::to_owned).collect()
}

#[test]
fn a_selector_that_labels_of_the_kustomization_fill_is_no_fault() {
    let web = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  selector: {}\n  template: { spec: { containers: [{ name: web, image: a:1 }] } }\n";
    let labels = "resources: [web.yaml]\nlabels: [{ includeSelectors: true, pairs: { app: web } }]\n";
    assert_eq!(told(&[("web.yaml", web), ("kustomization.yaml", labels)]), [""; 0]);
    let alone = told(&[("web.yaml", web)]);
    assert!(alone.len() == 1 && alone[0].contains("web.yaml:5:3: error[refused-by-api]"), "{alone:?}");
}

#[test]
fn a_quota_may_have_a_hundred_cores_and_counts_only_what_there_is() {
    let quota = |key: &str, most: &str| {
        let text = format!(
            "apiVersion: v1\nkind: ResourceQuota\nmetadata: {{ name: team }}\nspec:\n  hard:\n    {key}: \"{most}\"\n"
        );
        told(&[("quota.yaml", &text)])
    };
    for key in ["limits.cpu", "cpu", "count/deployments.apps", "services", "hugepages-2Mi", "requests.nvidia.com/gpu"] {
        assert_eq!(quota(key, "100"), [""; 0], "{key}");
    }
    let alone = quota("deployments.apps", "100");
    assert!(alone.len() == 1 && alone[0].contains("quota.yaml:6:5: error[refused-by-api]"), "{alone:?}");
    assert!(quota("limits.memory", "512")[0].contains("512 bytes"));
}

#[test]
fn a_share_of_the_memory_does_not_replace_a_written_heap() {
    let heap = |options: &str| {
        let web = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: web }}\nspec:\n  selector: {{ matchLabels: {{ app: web }} }}\n  template:\n    metadata: {{ labels: {{ app: web }} }}\n    spec:\n      containers:\n      - name: web\n        image: a:1\n        env: [{{ name: JAVA_TOOL_OPTIONS, value: \"{options}\" }}]\n        resources: {{ limits: {{ memory: 512Mi }} }}\n"
        );
        told(&[("web.yaml", &web)]).len()
    };
    for options in
        ["-Xmx512m -XX:MaxRAMPercentage=75.0", "-XX:MaxRAMPercentage=75.0 -Xmx512m", "-XX:MaxRAMPercentage=100"]
    {
        assert_eq!(heap(options), 1, "{options}");
    }
    assert_eq!((heap("-Xmx256m -XX:MaxRAMPercentage=100"), heap("-XX:MaxRAMPercentage=75.0")), (0, 0));
}

#[test]
fn kustomizations_that_take_each_other_a_million_times_are_bounded() {
    let mut files = vec![("k0/w.yaml".to_owned(), WEB.to_owned())];
    files.push(("k0/kustomization.yaml".to_owned(), "resources: [w.yaml]\n".to_owned()));
    for number in 1..15 {
        for side in ["a", "b"] {
            let text = format!("resources: [../k{}]\nnamePrefix: {side}-\n", number - 1);
            files.push((format!("k{number}{side}/kustomization.yaml"), text));
        }
        files.push((format!("k{number}/kustomization.yaml"), format!("resources: [../k{number}a, ../k{number}b]\n")));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let dir = folder(&files);
    let began = std::time::Instant::now();
    let ran = scalegen(&dir.path().join("k14"), &["lint", "."]);
    assert!(ran.code == 0 && began.elapsed().as_secs() < 60, "{} {}", ran.out, ran.err);
}

/// The law over real kustomizations, where there are some.
#[test]
fn the_plan_of_a_real_folder_is_that_of_what_kubectl_builds_of_it() {
    fn search(folder: &Path, into: &mut Vec<PathBuf>) {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                search(&path, into);
            } else if ["kustomization.yaml", "kustomization.yml", "Kustomization"].contains(&&*name) {
                into.push(folder.to_owned());
            }
        }
    }
    let mut folders = Vec::new();
    match std::env::var_os("SCALEGEN_CORPUS").map(|folder| PathBuf::from(folder).join("kubernetes")) {
        None => say("SCALEGEN_CORPUS names no folder: no real kustomization was planned"),
        Some(folder) => search(&folder, &mut folders),
    }
    let mut tally = Tally::default();
    if folders.iter().all(|folder| tally.compare(folder)) {
        say(&format!("{} real kustomizations: {tally:?}", folders.len()));
        assert!(tally.failures.is_empty(), "{}", tally.failures.join("\n"));
    }
}

#[test]
fn a_request_of_a_patch_above_a_limit_of_the_base_is_told_with_both_files() {
    let web = BASE.split("---").next().unwrap();
    let merge = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  template:\n    spec:\n      containers:\n      - { name: web, resources: { requests: { memory: 1Gi } } }\n";
    let indented: String = merge.lines().map(|line| format!("    {line}\n")).collect();
    let operation = "- { op: replace, path: /spec/template/spec/containers/0/resources/requests/memory, value: 1Gi }\n";
    for (kustomization, beside, place) in [
        (format!("resources: [../a]\npatches:\n- patch: |\n{indented}"), "", "over/kustomization.yaml:11:"),
        ("resources: [../a]\npatches: [{ path: p.yaml }]\n".to_owned(), merge, "over/p.yaml:8:"),
        (
            "resources: [../a]\npatches: [{ path: p.yaml, target: { kind: Deployment } }]\n".to_owned(),
            operation,
            "over/p.yaml:1:",
        ),
    ] {
        let dir = folder(&[
            ("a/web.yaml", web),
            ("a/kustomization.yaml", "resources: [web.yaml]\n"),
            ("over/kustomization.yaml", &kustomization),
            ("over/p.yaml", beside),
        ]);
        let ran = scalegen(dir.path(), &["lint", "."]);
        assert!(ran.out.contains("request 1Gi is above its limit 128Mi"), "{kustomization}{}", ran.out);
        assert!(ran.out.contains(place) && ran.out.contains("a/web.yaml:15:"), "{kustomization}{}", ran.out);
    }
}

/// The rules that speak of a folder, and of what kubectl builds of it.
fn rules(out: &str) -> Vec<String> {
    let rule = |line: &str| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned());
    let mut all: Vec<String> = out.lines().filter_map(rule).filter(|rule| rule != "files-without-limits").collect();
    all.sort();
    all
}

/// Images and labels that transformers in files of their own set are seen by rules, and generators hide nothing.
#[test]
fn transformers_in_files_do_what_kubectl_does() {
    let objects = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  replicas: 3\n  selector: { matchLabels: { app: web } }\n  \
        template:\n    metadata: { labels: { app: web } }\n    spec:\n      containers:\n      - { name: web, image: \"shop/web:1\", volumeMounts: \
        [{ name: data, mountPath: /data }] }\n      volumes: [{ name: data, persistentVolumeClaim: { claimName: data } }]\n---\n\
        apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: { name: web }\nspec: { minAvailable: 3, selector: { matchLabels: { team: a } } }\n";
    let image = |name: &str, new: &str| {
        format!(
            "apiVersion: builtin\nkind: ImageTagTransformer\nmetadata: {{ name: t{} }}\nimageTag: {{ name: {name}, {new} }}\n",
            new.len()
        )
    };
    let label = |specs: &str| {
        format!(
            "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {{ name: l }}\nlabels: {{ team: a }}\nfieldSpecs: [{specs}]\n"
        )
    };
    let template = "{ path: spec/template/metadata/labels, create: true, kind: Deployment }";
    let selector = "{ path: spec/selector/matchLabels, kind: Deployment }";
    let config = "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: { name: c }\nliterals: [A=1]\n".to_owned();
    let (database, blocked) = ("shared-volume-replicated", "drain-blocked");
    let cases: [(&str, Vec<String>, &[&str]); 9] = [
        ("transformers", vec![image("shop/web", "newName: redis")], &[database]),
        (
            "transformers",
            vec![image("shop/web", "newName: a"), image("a", "newName: redis, newTag: '16'")],
            &[database],
        ),
        ("transformers", vec![image("shop", "newName: redis")], &[]),
        ("transformers", vec![label(template)], &[blocked]),
        ("transformers", vec![label(&format!("{template}, {selector}"))], &[blocked]),
        ("transformers", vec![label(selector)], &[]),
        ("transformers", vec![label("{ path: metadata/labels, create: true }")], &[]),
        ("transformers", vec![label(template), image("shop/web", "newName: redis")], &[blocked, database]),
        ("generators", vec![config], &[]),
    ];
    for (key, documents, wanted) in cases {
        let kustomization = format!("resources: [objects.yaml]\n{key}: [t.yaml]\n");
        let transformers = documents.join("---\n");
        let dir =
            folder(&[("kustomization.yaml", &kustomization), ("objects.yaml", objects), ("t.yaml", &transformers)]);
        let own = rules(&scalegen(dir.path(), &["lint", ".", "--format", "concise"]).out);
        let told: Vec<&str> =
            own.iter().map(String::as_str).filter(|rule| [database, blocked].contains(rule)).collect();
        assert_eq!(told, wanted, "{transformers}: {own:?}");
        let Some(verdict) = judge("kustomize.sh", &[dir.path().to_str().unwrap()]) else { continue };
        assert!(verdict.accepted, "{}", verdict.err);
        let built = with_input(dir.path(), &["lint", "-", "--format", "concise"], &verdict.out);
        let known = [database, blocked, "shared-writable-volume"];
        let of_links = |all: Vec<String>| all.into_iter().filter(|rule| known.contains(&&**rule)).collect::<Vec<_>>();
        assert_eq!(of_links(own), of_links(rules(&built.out)), "{transformers}");
    }
}
