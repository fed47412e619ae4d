//! What `diff` says of an apply of the new files over a cluster that runs by the old ones: refused, reset, left behind.

use crate::common::judge::Call;
use scalegen::change::diff::{NamedSide, Side, changes};
use scalegen::{CheckOptions, NoFiles, render};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// A spec of one service `web` with these lines, under these options.
fn spec(service: &str, options: &str) -> String {
    format!(
        "version: 1\nname: shop\nservices:\n  web:\n    image: web:1\n    \
         resources: {{ requests: {{ cpu: 1, memory: 1Gi }}, limits: {{ cpu: 2, memory: 1Gi }} }}\n    {service}\n\
         targets:\n  kubernetes: {{ {options} }}\n"
    )
}

fn told(old: &str, new: &str) -> Vec<(String, String)> {
    let (name, wanted) = ("scalegen.yaml", CheckOptions::default());
    let before = Side::of(name, old.as_bytes(), &NoFiles, &wanted);
    let after = Side::of(name, new.as_bytes(), &NoFiles, &wanted);
    let all = changes(Some(NamedSide { name, side: &before }), Some(NamedSide { name, side: &after })).unwrap();
    assert!(all.refused.is_empty(), "{old}{new}{:?}{:#?}", all.refused, all.findings);
    all.applied.into_iter().map(|one| (one.transition.message, one.transition.help)).collect()
}

const RANGE: &str = "replicas: { min: 4, max: 12 }";
const WINDOW: &str = "replicas: { min: 2, max: 6 }\n    \
    schedule: [{ days: [mon], from: '09:00', to: '17:00', timezone: Europe/London, replicas: { min: 4, max: 8 } }]";
const STATEFUL: &str = "kind: stateful\n    replicas: 3\n    volumes: [{ name: d, mount: /d, size: 1Gi }]";
const LOAD: &str = "replicas: { min: 1, max: 4 }\n    concurrency: 2\n    autoscaling: { signal: load, \
    metrics: { prometheus: { server: 'http://p:9090', running: sum(r) } } }";

/// Before and after as service and options, and what is told: words of the message and of the help.
type Case<'a> = ((&'a str, &'a str), (&'a str, &'a str), &'a [(&'a str, &'a str)]);

const MOVED: &str = "replicas: { min: 2, max: 6 }\n    \
    schedule: [{ days: [mon], from: '10:30', to: '17:00', timezone: Europe/London, replicas: { min: 4, max: 8 } }]";
const GROWN: &str = "kind: stateful\n    replicas: 3\n    volumes: [{ name: d, mount: /d, size: 2Gi }]";
const STATEFUL_RANGE: &str =
    "kind: stateful\n    replicas: { min: 3, max: 5 }\n    volumes: [{ name: d, mount: /d, size: 1Gi }]";
const EMPTIED: &str = "kind: stateful\n    replicas: 3";
const SECOND: &str = "kind: stateful\n    replicas: 3\n    \
    volumes: [{ name: d, mount: /d, size: 1Gi }, { name: e, mount: /e, size: 1Gi }]";
const DNS: &str = "ports: [{ name: dns, port: 53 }]";
const DNS_UDP: &str = "ports: [{ name: dns, port: 53 }, { name: dns-udp, port: 53, protocol: udp }]";
const CLASS: &str =
    "kind: stateful\n    replicas: 3\n    volumes: [{ name: d, mount: /d, size: 1Gi, storageClass: fast }]";
const CLOCK: &str = "replicas: 4\n    \
    schedule: [{ days: [mon], from: '09:00', to: '17:00', timezone: Europe/London, replicas: 8 }]";

/// How many things are told, and words of each.
const CASES: &[Case<'_>] = &[
    (("replicas: 8", ""), (RANGE, ""), &[("8 replicas become 1", "edit-last-applied deployment/web")]),
    (("replicas: 9", ""), (RANGE, "autoscaler: keda"), &[("9 replicas become 1", "edit-last-applied deployment/web")]),
    ((STATEFUL, ""), (STATEFUL_RANGE, ""), &[("3 replicas become 1", "edit-last-applied statefulset/web")]),
    (("replicas: 1", ""), (RANGE, ""), &[]),
    (("replicas: 8", ""), ("replicas: 4", ""), &[]),
    ((RANGE, ""), ("replicas: { min: 2, max: 12 }", ""), &[]),
    ((RANGE, ""), ("replicas: 8", ""), &[("each apply sets 8 again", "kubectl delete horizontalpodautoscaler web")]),
    (
        (RANGE, "autoscaler: keda"),
        ("replicas: 8", "autoscaler: keda"),
        &[("each apply sets 8", "delete scaledobject web")],
    ),
    ((RANGE, ""), (RANGE, "autoscaler: none"), &[("each apply sets 4 again", "delete horizontalpodautoscaler web")]),
    ((RANGE, ""), (RANGE, "autoscaler: keda"), &[("refused by KEDA", "delete horizontalpodautoscaler web` first")]),
    ((LOAD, "autoscaler: keda"), (LOAD, "autoscaler: hpa"), &[("set one number", "delete scaledobject web` at once")]),
    ((RANGE, "selector: name"), (RANGE, ""), &[("the selector of Deployment web changed", "--cascade=orphan")]),
    ((RANGE, "namespace: a"), (RANGE, "namespace: b"), &[("every object is created again in b", "delete -n a")]),
    ((STATEFUL, ""), (GROWN, ""), &[("`volumeClaimTemplates` of StatefulSet web", "keep their size")]),
    (("replicas: 3", ""), (STATEFUL, ""), &[("Deployment web is written no more", "once the new ones are ready")]),
    ((WINDOW, ""), (MOVED, ""), &[]),
    (
        (WINDOW, ""),
        ("replicas: { min: 2, max: 6 }", ""),
        &[
            ("CronJob web-otherwise is written no more", "delete cronjob web-otherwise"),
            ("Role web-schedule is written no more", "delete role"),
            ("RoleBinding web-schedule is written no more", "delete rolebinding"),
            ("ServiceAccount web-schedule is written no more", "delete serviceaccount"),
            ("CronJob web-window-1 is written no more", "delete cronjob web-window-1"),
        ],
    ),
    (("port: 80", ""), ("kind: stateless", ""), &[("Service web is written no more", "delete service web")]),
    (
        ("replicas: 2\n    disruption: { maxUnavailable: 1 }", ""),
        ("replicas: 2", ""),
        &[("PodDisruptionBudget web is written no more", "delete poddisruptionbudget web")],
    ),
    (
        ("port: 80\n    expose: { host: a.example.com }", ""),
        ("port: 80", ""),
        &[("Ingress web is written no more", "delete ingress web")],
    ),
    (
        ("replicas: 4", "autoscaler: keda"),
        (CLOCK, "autoscaler: keda"),
        &[("4 replicas become 1", "edit-last-applied deployment/web")],
    ),
    (
        (CLOCK, "autoscaler: keda"),
        ("replicas: 4", "autoscaler: keda"),
        &[("each apply sets 4 again", "kubectl delete scaledobject web")],
    ),
    ((STATEFUL, ""), (CLASS, ""), &[("`volumeClaimTemplates` of StatefulSet web", "keep their class")]),
    (("port: 80", ""), ("port: 8080", ""), &[]),
    (("env: { A: x }", ""), ("env: { B: y }", ""), &[]),
    ((DNS, ""), (DNS_UDP, ""), &[("web has port 53 by two protocols", "apply with `--server-side`")]),
    ((DNS_UDP, ""), (DNS, ""), &[("loses one of the two", "by number and protocol")]),
    (
        (DNS_UDP, ""),
        (DNS_UDP, "namespace: b"),
        &[("every object is created again in b; those", "`kubectl delete -k …`")],
    ),
    ((STATEFUL, "namespace: a"), (STATEFUL, ""), &[("with empty volumes", "copy what is stored")]),
    ((STATEFUL, ""), (EMPTIED, ""), &[("`volumeClaimTemplates` of", "claims of a volume that is gone stay")]),
    ((STATEFUL, ""), (SECOND, ""), &[("`volumeClaimTemplates` of", "which keeps the pods, then apply")]),
    (
        (STATEFUL, ""),
        ("replicas: 3", ""),
        &[
            ("StatefulSet web is written no more", "once the new ones are ready and have what was stored"),
            ("Service web-headless is written no more", "delete service web-headless"),
        ],
    ),
    (
        ("port: 80\n    expose: { host: a.example.com }", ""),
        ("port: 80\n    expose: { host: a.example.com, gateway: { name: g } }", ""),
        &[("both take the traffic", "delete ingress web` once the new one is reached")],
    ),
    ((STATEFUL, ""), ("kind: stateful\n    replicas: 1\n    volumes: [{ name: d, mount: /d, size: 1Gi }]", ""), &[]),
    ((RANGE, ""), ("replicas: { min: 2, max: 3 }", ""), &[]),
    (("health: { http: /a, port: 80 }", ""), ("health: { command: [test, -f, /a] }", ""), &[]),
    (("replicas: 2", ""), ("replicas: 2\n    update: { strategy: recreate, surge: 0 }", ""), &[]),
];

#[test]
fn an_apply_is_told_before_it_is_made() {
    assert!(CASES.len() >= 20);
    for ((old, old_options), (new, new_options), expected) in CASES {
        let said = told(&spec(old, old_options), &spec(new, new_options));
        assert_eq!(said.len(), expected.len(), "{old} {old_options} → {new} {new_options}: {said:#?}");
        for (message, help) in *expected {
            let found = said.iter().any(|(told, way)| told.contains(message) && way.contains(help));
            assert!(found, "{message} | {help}: {said:#?}");
        }
    }
}

#[test]
fn a_name_or_a_deployment_that_changes_is_told() {
    let old = spec("replicas: 2", "");
    // the deployment's name is a label of the selector
    let said = told(&old, &old.replace("name: shop", "name: store"));
    assert!(said.iter().any(|(told, _)| told.contains("the selector of Deployment web changed")), "{said:#?}");
    let said = told(&old, &old.replace("  web:\n", "  site:\n"));
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(said[0].0.contains("Deployment web is written no more"), "{said:#?}");
    // nothing ran before, or nothing is to run: there is nothing to say
    assert_eq!(told(&old, &old), []);
}

/// The objects of a spec.
fn objects(spec: &str) -> Vec<Json> {
    let rendered = render("scalegen.yaml", spec.as_bytes(), &NoFiles, None, &["kubernetes".to_owned()]).unwrap();
    let files = rendered.files.iter().flat_map(|(_, files)| files);
    let all = files.map(|file| serde_yaml::from_str::<Json>(&file.text).unwrap());
    all.filter(|object| object["kind"] != "Kustomization" && object["kind"] != "Component").collect()
}

fn called(object: &Json, name: &str) -> String {
    format!("{} {}", object["kind"].as_str().unwrap(), object.pointer(name).unwrap().as_str().unwrap())
}

/// What kubectl asks for in one case, and what follows from it: what is refused, what is reset, what is left behind.
fn judged(old: &[Json], requests: &[Json]) -> [BTreeSet<String>; 3] {
    let mut all = [(); 3].map(|()| BTreeSet::new());
    for request in requests {
        let object = called(request, "/name");
        let before = old.iter().find(|one| called(one, "/metadata/name") == object);
        let replicas = before.map_or(0, |one| one["spec"]["replicas"].as_u64().unwrap_or(0));
        if request["refused"].is_string() {
            all[0].insert(object);
        } else if request["patch"]["spec"].get("replicas").is_some_and(Json::is_null) && replicas > 1 {
            all[1].insert(object);
        }
    }
    let space =
        |object: &Json, pointer: &str| object.pointer(pointer).and_then(Json::as_str).unwrap_or("default").to_owned();
    let asked: BTreeSet<_> = requests.iter().map(|one| (called(one, "/name"), space(one, "/namespace"))).collect();
    let left = old.iter().map(|one| (called(one, "/metadata/name"), space(one, "/metadata/namespace")));
    all[2].extend(left.filter(|one| !asked.contains(one)).map(|(object, _)| object));
    all
}

/// Whether a list of ports names one number twice: each item is merged into the one that has it already.
fn meets(request: &Json) -> bool {
    let patch = &request["patch"]["spec"];
    let lists = [&patch["ports"], &patch["template"]["spec"]["containers"][0]["ports"]];
    lists.iter().filter_map(|list| list.as_array()).any(|list| {
        let numbers: Vec<_> = list.iter().map(|port| port.get("port").or(port.get("containerPort"))).collect();
        (1..numbers.len()).any(|index| numbers[..index].contains(&numbers[index]))
    })
}

/// kubectl itself, against a server that keeps what it sends: its three-way merge decides, not ours.
#[test]
fn kubectl_sends_what_is_told() {
    let specs: Vec<_> = CASES
        .iter()
        .map(|((old, old_options), (new, new_options), _)| (spec(old, old_options), spec(new, new_options)))
        .collect();
    let cases: Vec<Json> = specs.iter().map(|(old, new)| json!({"old": objects(old), "new": objects(new)})).collect();
    let input = Json::from(cases).to_string();
    let Some(verdict) = (Call { args: vec!["-"], input: &input, ..Call::default() }).ask("apply.py") else { return };
    let verdict = verdict.json();
    let asked = verdict["cases"].as_array().unwrap();
    assert_eq!(asked.len(), specs.len());
    let mut seen = [0; 3];
    for ((old, new), requests) in specs.iter().zip(asked) {
        let said = told(old, new);
        let of = |before: &str, after: &str| -> BTreeSet<String> {
            let named = |(message, _): &(String, String)| {
                let (_, rest) = message.split_once(before)?;
                let (found, _) = rest.split_once(after)?;
                Some(found.trim_end_matches(',').to_owned())
            };
            said.iter().filter_map(named).collect()
        };
        let refused = said.iter().filter(|(message, _)| message.starts_with("the apply is refused: "));
        let refused = refused.filter_map(|(message, _)| {
            let (_, object) = message.split_once(" of ")?;
            Some(object.split_once(" changed")?.0.to_owned())
        });
        let lost = said.iter().any(|(message, _)| message.contains("loses one of the two"));
        assert_eq!(requests.as_array().unwrap().iter().any(meets), lost, "{old}{new}{requests:#}");
        let all = judged(&objects(old), requests.as_array().unwrap());
        seen.iter_mut().zip(&all).for_each(|(seen, one)| *seen += one.len());
        let [never, reset, left] = all;
        assert_eq!(never, refused.collect(), "{old}{new}{requests:#}");
        assert_eq!(reset, of(" away from ", " and without a number"), "{old}{new}{requests:#}");
        if said.iter().any(|(message, _)| message.starts_with("every object is created again in ")) {
            assert_eq!(left.len(), objects(old).len(), "{old}{new}{requests:#}");
            assert!(requests.as_array().unwrap().iter().all(|one| one["method"] == "POST"), "{requests:#}");
        } else {
            assert_eq!(left, of("", " is written no more"), "{old}{new}{requests:#}");
        }
    }
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
}
