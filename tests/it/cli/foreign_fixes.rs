//! Fixes and names of objects in files of other tools, as a program reads them.

use super::program::{folder, scalegen, with_input};
use std::fs;
use std::path::Path;

const MANIFEST: &str = "apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers: [{ name: web, image: \"a:1\", resources: { requests: { memory: 2Gi }, limits: { memory: 1Gi } } }]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  minReplicas: 5
  maxReplicas: 2
";

/// The findings of a run in JSON: the rule, and a part of each.
fn parts(dir: &Path, args: &[&str], pointer: &str) -> Vec<(String, serde_json::Value)> {
    let ran = scalegen(dir, &[&["lint", "--format", "json"], args].concat());
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}{}", ran.out, ran.err));
    let all = report["findings"].as_array().unwrap().iter();
    all.map(|one| (one["rule"].as_str().unwrap().to_owned(), one.pointer(pointer).cloned().unwrap_or_default()))
        .collect()
}

#[test]
fn a_finding_in_a_manifest_names_its_object_and_its_fix_keeps_the_files_own_words() {
    let dir = folder(&[("k8s.yaml", MANIFEST)]);
    let objects = parts(dir.path(), &["k8s.yaml"], "/object");
    let of = |rule: &str| {
        objects.iter().find(|one| one.0 == rule).unwrap_or_else(|| panic!("{rule}: {objects:?}")).1.clone()
    };
    assert_eq!(of("request-above-limit"), "Deployment/shop/web");
    assert_eq!(of("min-above-max"), "HorizontalPodAutoscaler/web");
    let ran = scalegen(dir.path(), &["lint", "--format", "sarif", "k8s.yaml"]);
    assert!(ran.out.contains("\"fullyQualifiedName\": \"Deployment/shop/web\""), "{}", ran.out);
    // an object before it changes no fingerprint
    let fingerprints = |text: &str| {
        fs::write(dir.path().join("k8s.yaml"), text).unwrap();
        let ran = scalegen(dir.path(), &["lint", "--format", "gitlab", "k8s.yaml"]);
        let all: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let mut all: Vec<String> = all.as_array().unwrap().iter().map(|one| one["fingerprint"].to_string()).collect();
        all.sort();
        all
    };
    let other = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\n---\n";
    assert_eq!(fingerprints(MANIFEST), fingerprints(&format!("{other}{MANIFEST}")));
    let text = "/fix/edits/0/text";
    assert!(parts(dir.path(), &["k8s.yaml"], text).contains(&("request-above-limit".to_owned(), "1Gi".into())));
    // standard input has no fix
    let ran = with_input(dir.path(), &["lint", "--format", "json", "-"], MANIFEST);
    assert!(ran.out.contains("request-above-limit") && !ran.out.contains("\"edits\""), "{}", ran.out);
}

#[test]
fn a_fix_of_a_compose_file_is_in_its_own_words_and_names_its_file() {
    let own =
        "services:\n  web:\n    image: a:1\n    container_name: web\n    mem_limit: 256m\n    mem_reservation: 1g\n";
    let over = "services:\n  web:\n    deploy: { replicas: 3, resources: { limits: { cpus: \"0.5\" }, reservations: { cpus: \"2\" } } }\n";
    let dir = folder(&[("compose.yaml", own), ("compose.override.yaml", over)]);
    let edits = parts(dir.path(), &[], "/fix/edits/0");
    let name = edits.iter().find(|one| one.0 == "container-name-replicated").unwrap();
    assert_eq!((name.1["file"].as_str(), name.1["text"].as_str()), (Some("compose.yaml"), Some("")));
    let texts: Vec<&str> =
        edits.iter().filter(|one| one.0 == "request-above-limit").filter_map(|one| one.1["text"].as_str()).collect();
    assert_eq!(texts.len(), 2, "{edits:?}");
    assert!(texts.contains(&"256m") && texts.contains(&"\"0.5\""), "{texts:?}");
    let helps = parts(dir.path(), &[], "/help");
    for help in
        ["write `mem_reservation: 256M` or `mem_limit: 1G`", "write `reservations.cpus: 0.5` or `limits.cpus: 2`"]
    {
        assert!(helps.iter().any(|one| one.1 == help), "{help}: {helps:?}");
    }
    // what an anchor marks is used elsewhere, and a variable has no amount here
    for text in [own.replace("web:\n", "web: &web\n"), own.replace("256m", "${LIMIT:-256m}")] {
        fs::write(dir.path().join("compose.yaml"), text).unwrap();
        let edits = parts(dir.path(), &[], "/fix/edits/0/file");
        assert!(edits.iter().all(|one| one.0 != "request-above-limit" || one.1 != "compose.yaml"), "{edits:?}");
    }
}

#[test]
fn a_base_is_checked_with_every_spec_that_names_it() {
    let spec = |memory: &str| {
        format!(
            "version: 1\nname: shop\nservices:\n  web: {{ replicas: 2, resources: {{ limits: {{ memory: {memory} }} }} }}\ntargets: {{ compose: {{ base: docker-compose.yml }} }}\n"
        )
    };
    let base = "services:\n  web: { image: \"a:1\", deploy: { resources: { reservations: { memory: 1G } } } }\n";
    let (one, other) = (spec("512Mi"), spec("256Mi"));
    let dir = folder(&[("docker-compose.yml", base), ("scalegen.yaml", &one), ("small.scalegen.yaml", &other)]);
    let files = parts(dir.path(), &["docker-compose.yml"], "/file");
    let found: Vec<&str> = files.iter().filter_map(|one| one.1.as_str()).collect();
    assert_eq!(found, ["scalegen.yaml", "small.scalegen.yaml"], "{files:?}");
}

#[test]
fn a_document_in_which_nothing_stands_is_what_compose_says_of_it() {
    let one = "services:\n  web: { image: \"a:1\", mem_limit: 64m }\n";
    for (text, refused) in [
        (format!("{one}---\n"), 1),
        (format!("{one}---\n# c\n---\n{one}"), 1),
        (format!("{one}...\n"), 0),
        (format!("---\n{one}"), 0),
    ] {
        let dir = folder(&[("compose.yaml", &text)]);
        let found = parts(dir.path(), &[], "/help");
        assert_eq!(found.iter().filter(|one| one.0 == "wrong-type").count(), refused, "{text}: {found:?}");
    }
    let spec = "version: 1\nname: a\nservices: { web: { image: a, resources: { limits: { memory: 1Gi } } } }\n";
    let dir = folder(&[("scalegen.yaml", &format!("{spec}---\n# nothing\n...\n"))]);
    assert_eq!(scalegen(dir.path(), &["lint"]).code, 0);
    fs::write(dir.path().join("scalegen.yaml"), format!("{spec}---\nname: b\n")).unwrap();
    assert!(scalegen(dir.path(), &["lint"]).out.contains("a second document starts here"));
}
