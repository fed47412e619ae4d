//! Law 4 from manifests: under `from:` they become a compose file that docker compose takes, and replicas, resources, ports, probes and
//! variables of every workload are in it or named as lost. The corpus (`SCALEGEN_CORPUS`), and the sets below `fixtures/inputs/kubernetes`.

use crate::change::import::composed;
use crate::change::import_manifests::{Set, import, sets};
use crate::common::judge::say;
use crate::pipeline::scenarios::Folder;
use scalegen::model::quantity::{Cpu, Memory};
use scalegen::support::diagnostic::{Finding, Severity};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fs;

#[derive(Default)]
struct Tally {
    sets: usize,
    /// Without a workload that is written whole.
    empty: usize,
    /// Refused by lint, by rule.
    refused: BTreeMap<String, usize>,
    accepted: usize,
    services: usize,
    /// Workloads that share their name with another of the set.
    twins: usize,
    /// Values found in the compose file.
    carried: usize,
    /// Values named as lost.
    named: usize,
    /// Sets whose imported spec gives the same compose file.
    imported: usize,
    failures: Vec<String>,
}

/// The objects of a set's files, read by another reader, and the names of the files.
fn objects(set: &Set) -> (Vec<String>, Vec<Json>) {
    let (mut names, mut all) = (Vec::new(), Vec::new());
    let mut entries: Vec<_> =
        fs::read_dir(set.dir.path().join("set")).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries.into_iter().filter(|path| path.is_file()) {
        let text = fs::read_to_string(&path).unwrap();
        let documents: Result<Vec<Json>, _> =
            serde_yaml::Deserializer::from_str(&text).map(Json::deserialize).collect();
        let Ok(documents) = documents else { continue };
        let listed = documents.iter().flat_map(|document| match document["kind"].as_str() {
            Some("List") => document["items"].as_array().cloned().unwrap_or_default(),
            _ => vec![document.clone()],
        });
        let objects: Vec<Json> = listed.filter(|object| object["kind"].is_string()).collect();
        if !objects.is_empty() && objects.iter().all(|object| object["kind"] != "Kustomization") {
            names.push(format!("set/{}", path.file_name().unwrap().to_string_lossy()));
            all.extend(objects);
        }
    }
    (names, all)
}

fn one(tally: &mut Tally, set: &Set) -> Option<()> {
    let (files, objects) = objects(set);
    let kinds = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"];
    let is_workload = |object: &&Json| kinds.contains(&object["kind"].as_str().unwrap());
    let has_images = |object: &&Json| object.pointer("/spec/template/spec/containers/0/image").is_some();
    let workloads: Vec<&Json> = objects.iter().filter(is_workload).filter(has_images).collect();
    if workloads.is_empty() {
        tally.empty += 1;
        return Some(());
    }
    tally.sets += 1;
    let spec = json!({"version": 1, "name": "law", "from": files, "targets": {"compose": {}}}).to_string();
    let source = Folder(set.dir.path().to_path_buf());
    let targets = ["compose".to_owned()];
    let rendered = scalegen::render("scalegen.yaml", spec.as_bytes(), &source, None, &targets).unwrap();
    let findings = &rendered.checked.findings;
    if let Some(error) = findings.iter().find(|finding| finding.severity == Severity::Error) {
        println!("{}: {}: {}", set.name, error.rule, error.message);
        *tally.refused.entry(error.rule.to_string()).or_default() += 1;
        return Some(());
    }
    let text = &rendered.files[0].1[0].text;
    fs::write(set.dir.path().join("law4.yaml"), text).unwrap();
    let project = match composed(set.dir.path(), &["law4.yaml".to_owned()])? {
        Ok(project) => project,
        Err(why) => {
            tally.failures.push(format!("{}: refused: {why}\n{text}", set.name));
            return Some(());
        }
    };
    tally.accepted += 1;
    over_imported(tally, set, &files, text);
    for workload in &workloads {
        let name = workload["metadata"]["name"].as_str().unwrap_or_default();
        if objects.iter().filter(is_workload).filter(|other| other["metadata"]["name"] == name).count() > 1 {
            tally.twins += 1;
            continue;
        }
        let scaler =
            objects.iter().find(|object| object.pointer("/spec/scaleTargetRef/name").is_some_and(|own| own == name));
        carried(tally, set, (name, workload, scaler), &project["services"][name], findings);
    }
    Some(())
}

/// The imported spec of the same files says what they say, so that it gives the same compose file.
fn over_imported(tally: &mut Tally, set: &Set, files: &[String], alone: &str) {
    // a kustomization is imported with its patches, and its files alone are without
    let kustomized = set.dir.path().join("set/kustomization.yaml").exists();
    let Some(text) = import(set.dir.path()).ok().filter(|_| !kustomized) else { return };
    let mut spec: Json = serde_yaml::from_str(&text).unwrap();
    (spec["from"], spec["targets"], spec["name"]) = (json!(files), json!({"compose": {}}), json!("law"));
    let source = Folder(set.dir.path().to_path_buf());
    let targets = ["compose".to_owned()];
    let rendered = scalegen::render("scalegen.yaml", spec.to_string().as_bytes(), &source, None, &targets).unwrap();
    let Some((_, written)) = rendered.files.first() else {
        let errors = rendered.checked.findings.iter().filter(|finding| finding.severity == Severity::Error);
        let errors: Vec<&str> = errors.map(|finding| &*finding.message).collect();
        return tally.failures.push(format!("{}: the imported spec is refused: {errors:?}\n{text}", set.name));
    };
    let read = |text: &str| serde_yaml::from_str::<Json>(text).unwrap();
    match read(&written[0].text) == read(alone) {
        true => tally.imported += 1,
        false => {
            let why =
                format!("{}: the imported spec\n{text}\ngives\n{}\nand the files\n{alone}", set.name, written[0].text);
            tally.failures.push(why);
        }
    }
}

/// The main container as the reader takes it: the only one, the one named like the workload, else the first.
fn main_container<'o>(workload: &'o Json, name: &str) -> &'o Json {
    let all = workload.pointer("/spec/template/spec/containers").and_then(Json::as_array).unwrap();
    all.iter().find(|container| container["name"] == name).unwrap_or(&all[0])
}

/// Everything of one workload is in its service, or named.
fn carried(
    tally: &mut Tally,
    set: &Set,
    (name, workload, scaler): (&str, &Json, Option<&Json>),
    service: &Json,
    findings: &[Finding],
) {
    tally.services += 1;
    let of = |finding: &&Finding| {
        finding.message.contains(&format!("`{name}`")) || finding.message.contains(&format!("of {name}"))
    };
    let said: Vec<String> = findings.iter().filter(of).map(|finding| finding.message.clone()).collect();
    let lost = |what: &str| said.iter().any(|line| line.contains(what));
    let mut check = |what: String, is: bool, named: bool| match (is, named) {
        (true, _) => tally.carried += 1,
        (false, true) => tally.named += 1,
        (false, false) => {
            let why = format!("{}: {name}: {what} is neither carried nor named\n{service}\n{said:#?}", set.name);
            tally.failures.push(why);
        }
    };
    if service.is_null() {
        return check("the service".to_owned(), false, lost("not written"));
    }
    let container = main_container(workload, name);
    if workload["kind"] != "DaemonSet" && scaler.is_none() {
        let replicas = workload["spec"]["replicas"].as_u64().unwrap_or(1);
        check(format!("replicas {replicas}"), service["deploy"]["replicas"] == replicas, lost("replicas"));
    }
    for variable in container["env"].as_array().into_iter().flatten() {
        let key = variable["name"].as_str().unwrap();
        let own = &service["environment"][key];
        let same = match &variable["value"] {
            Json::String(value) => own.as_str().is_some_and(|own| {
                // what looks like a secret is a variable that must be set, which was given for the judge
                own == "given" || own.replace("$$", "$") == *value
            }),
            _ => !own.is_null(),
        };
        check(format!("variable {key}"), same, lost(&format!("`{key}`")) || lost(" more"));
    }
    for port in container["ports"].as_array().into_iter().flatten() {
        let number = port["containerPort"].as_u64().unwrap();
        let udp = port["protocol"] == "UDP";
        let exposed = service["expose"].as_array().into_iter().flatten().filter_map(Json::as_str);
        let there = exposed.map(|port| port.trim_end_matches("/udp")).any(|port| port == number.to_string());
        let published = service["ports"].as_array().into_iter().flatten().any(|one| one["target"] == number);
        check(format!("port {number}"), there || published, lost("port") || (udp && lost("UDP")));
    }
    let amounts = &service["deploy"]["resources"];
    for (ours, theirs) in [("limits", "limits"), ("requests", "reservations")] {
        let own = &container["resources"][ours];
        let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if !own["memory"].is_null() {
            let bytes = Memory::parse(&text(&own["memory"])).unwrap().bytes;
            let same =
                text(&amounts[theirs]["memory"]).parse::<u64>().is_ok_and(|there| there.abs_diff(bytes) < 1 << 20);
            check(format!("{ours} of memory"), same, lost("memory") || lost("resources"));
        }
        if !own["cpu"].is_null() {
            let cores = Cpu::parse(&text(&own["cpu"])).unwrap().cores();
            let same = text(&amounts[theirs]["cpus"]) == cores;
            check(format!("{ours} of cpu"), same, lost("cpu") || lost("resources"));
        }
    }
    for probe in ["readinessProbe", "livenessProbe", "startupProbe"] {
        if container[probe].is_object() {
            let tested = service["healthcheck"]["test"].is_array();
            check(probe.to_owned(), tested, lost(&format!("`{probe}")));
            if container[probe]["httpGet"]["httpHeaders"].is_array() {
                check(format!("headers of {probe}"), false, lost(&format!("`{probe}.httpGet.httpHeaders`")));
            }
        }
    }
    for mount in container["volumeMounts"].as_array().into_iter().flatten() {
        let path = mount["mountPath"].as_str().unwrap();
        let there = service["volumes"].as_array().into_iter().flatten().any(|volume| volume["target"] == path);
        check(format!("mount {path}"), there, lost(path.trim_end_matches('/')));
    }
}

#[test]
fn manifests_become_a_compose_file_and_what_is_lost_is_named() {
    let mut tally = Tally::default();
    for set in sets() {
        if one(&mut tally, &set).is_none() {
            return;
        }
    }
    say(&format!(
        "law 4 from manifests: {} sets, {} without workloads, refused by lint {:?}, {} compose files accepted; {} workloads, {} that share a \
         name, {} values carried, {} named as lost; {} imported specs give the same file",
        tally.sets,
        tally.empty,
        tally.refused,
        tally.accepted,
        tally.services,
        tally.twins,
        tally.carried,
        tally.named,
        tally.imported
    ));
    assert!(tally.accepted > 0 && tally.carried > 0 && tally.imported > 0, "nothing was written");
    assert!(tally.failures.is_empty(), "{} failed:\n{}", tally.failures.len(), tally.failures.join("\n"));
}

/// An Ingress of before the field has its class as an annotation. The API refuses an Ingress with both, so it becomes the class alone.
#[test]
fn the_class_of_an_ingress_is_written_once() {
    let dir = tempfile::tempdir().unwrap();
    let manifests = "apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: \"web:1\", ports: [{ containerPort: 80 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, annotations: { kubernetes.io/ingress.class: traefik, example.com/note: kept } }
spec:
  rules: [{ host: a.example.com, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] } }]
";
    fs::write(dir.path().join("k8s.yaml"), manifests).unwrap();
    let spec = "version: 1\nname: shop\nfrom: k8s.yaml\nservices: { web: {} }\ntargets: { helm: { convention: helm-create } }\n";
    let files = Folder(dir.path().to_path_buf());
    let rendered = scalegen::render("scalegen.yaml", spec.as_bytes(), &files, None, &["helm".to_owned()]).unwrap();
    let values: Json = serde_yaml::from_str(&rendered.files[0].1[0].text).unwrap();
    assert_eq!(values["ingress"]["className"], "traefik");
    assert_eq!(values["ingress"]["annotations"], json!({ "example.com/note": "kept" }));
}
