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

/// A Deployment and its autoscaler with five slips, each with what is written in its place.
const SLIPS: [(&str, &str); 5] = [
    ("value: 8080", "value: \"8080\""),
    ("resourcs:", "resources:"),
    ("memory: \"512m\"", "memory: \"512Mi\""),
    ("minReplicas: 5 # both", "minReplicas: 2 # both"),
    ("maxReplicas: 2", "maxReplicas: 5"),
];

fn slips() -> (String, String) {
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  selector: { matchLabels: { app: web } }\n  template:\n    metadata: { labels: { app: web } }\n    spec:\n      containers:\n        - name: web\n          image: a:1 # größe 日本\n          env: [{ name: PORT, value: 8080 }]\n          resourcs: {}\n        - name: log\n          image: a:1\n          resources: { requests: { cpu: 1, memory: \"512m\" } }\n---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: web }\nspec:\n  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }\n  minReplicas: 5 # both\n  maxReplicas: 2\n";
    let text = text.replace('\n', "\r\n");
    let mended = SLIPS.iter().fold(text.clone(), |text, (wrong, right)| {
        assert_eq!(text.matches(wrong).count(), 1, "{wrong}");
        text.replace(wrong, right)
    });
    (text, mended)
}

#[test]
fn fix_writes_into_files_of_other_tools_and_keeps_every_other_byte() {
    let (text, mended) = slips();
    let dir = folder(&[("k8s/all.yaml", &text)]);
    let file = dir.path().join("k8s/all.yaml");
    let ran = scalegen(dir.path(), &["lint", "--fix"]);
    assert_eq!(ran.err, "fixed 1 finding in 1 file; 3 more with --unsafe-fixes, changing what runs\n");
    assert_eq!(fs::read_to_string(&file).unwrap(), text.replace(SLIPS[0].0, SLIPS[0].1));
    let ran = scalegen(dir.path(), &["lint", "--diff", "--unsafe-fixes"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, "would fix 3 findings in 1 file\n"));
    assert!(ran.out.starts_with("--- k8s/all.yaml\n+++ k8s/all.yaml\n"), "{}", ran.out);
    let ran = scalegen(dir.path(), &["lint", "--fix", "--unsafe-fixes", "--format", "concise", "k8s"]);
    assert_eq!(ran.err, "fixed 3 findings in 1 file\n");
    assert_eq!(fs::read_to_string(&file).unwrap(), mended);
    for rule in ["wrong-type", "unknown-field", "ambiguous-unit", "min-above-max"] {
        assert!(!ran.out.contains(rule), "{}", ran.out);
    }
    let ran = scalegen(dir.path(), &["lint", "--fix", "--unsafe-fixes"]);
    assert_eq!(ran.err, "fixed 0 findings in 0 files\n");
    assert_eq!(fs::read_dir(dir.path().join("k8s")).unwrap().count(), 1, "no temporary is left");
}

#[test]
fn two_files_of_one_project_and_the_base_of_a_spec_are_fixed_together() {
    let own = "services:\n  web:\n    image: a:1\n    container_name: web\n    restrat: always\n    mem_limit: 256m\n    mem_reservation: 1g\n";
    let over = "services:\n  web: { cpus: 1, scale: 3, environmnt: { A: b } }\n";
    let dir = folder(&[("compose.yaml", own), ("compose.override.yaml", over)]);
    let ran = scalegen(dir.path(), &["lint", "--fix", "--unsafe-fixes"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, "fixed 4 findings in 2 files\n"), "{}", ran.out);
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    let mended =
        "services:\n  web:\n    image: a:1\n    restart: always\n    mem_limit: 256m\n    mem_reservation: 256m\n";
    assert_eq!(
        (read("compose.yaml"), read("compose.override.yaml")),
        (mended.to_owned(), over.replace("environmnt", "environment"))
    );
    // two specs over one base: it is fixed once, and both are judged by what it is then
    let spec = "version: 1\nname: shop\nservices: { web: { replicas: 3 } }\ntargets: { compose: { base: docker-compose.yml } }\n";
    let base = "services:\n  web: { image: \"a:1\", mem_limit: 256m, mem_reservation: 1g }\n";
    let dir = folder(&[
        ("docker-compose.yml", base),
        ("a/scalegen.yaml", &spec.replace("docker-", "../docker-")),
        ("scalegen.yaml", spec),
    ]);
    let ran = scalegen(dir.path(), &["lint", "--diff", "--unsafe-fixes"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, "would fix 1 finding in 1 file\n"));
    assert_eq!(ran.out.matches("+++ ").count(), 1, "{}", ran.out);
    let ran = scalegen(dir.path(), &["lint", "--fix", "--unsafe-fixes", "--format", "concise"]);
    assert_eq!(ran.err, "fixed 1 finding in 1 file\n");
    assert!(!ran.out.contains("request-above-limit"), "{}", ran.out);
    let now = fs::read_to_string(dir.path().join("docker-compose.yml")).unwrap();
    assert_eq!(now, base.replace("1g", "256m"));
}

#[test]
fn what_is_not_written_by_people_or_not_read_from_a_file_is_not_fixed() {
    let base = "services:\n  web: { image: \"a:1\", mem_limit: 256m, mem_reservation: 1g }\n";
    let ours = format!("# Written by scalegen from scalegen.yaml; do not edit, run: scalegen render\n{base}");
    let dir =
        folder(&[("compose.yaml", &ours), ("chart.yaml", "{{- if .a }}\napiVersion: v1\nkind: Service\n{{- end }}\n")]);
    let ran = scalegen(dir.path(), &["lint", "--fix", "--unsafe-fixes", "compose.yaml", "chart.yaml"]);
    assert!(ran.out.contains("request-above-limit"), "{}", ran.out);
    assert!(ran.err.ends_with("fixed 0 findings in 0 files\n"), "{}", ran.err);
    assert_eq!(fs::read_to_string(dir.path().join("compose.yaml")).unwrap(), ours);
    // what comes in goes out as it is, and the report stands aside
    let ran = with_input(dir.path(), &["lint", "--fix", "--unsafe-fixes", "-"], base);
    assert_eq!((ran.code, ran.out.as_str()), (1, base));
    assert!(ran.err.contains("request-above-limit"), "{}", ran.err);
    // an amount of another form is converted, and that is nobody's word in this file
    let bare = base.replace("1g", "1073741824");
    fs::write(dir.path().join("compose.yaml"), &bare).unwrap();
    let ran = scalegen(dir.path(), &["lint", "--fix", "--unsafe-fixes", "compose.yaml"]);
    assert_eq!(ran.err, "fixed 0 findings in 0 files\n");
    assert_eq!(fs::read_to_string(dir.path().join("compose.yaml")).unwrap(), bare);
}

#[cfg(unix)]
#[test]
fn where_one_of_two_files_cannot_be_written_neither_is() {
    use std::os::unix::fs::PermissionsExt;
    let own = "services:\n  web:\n    image: a:1\n    container_name: web\n";
    let over = "services:\n  web: { scale: 3, environmnt: { A: b } }\n";
    let dir = folder(&[("compose.yaml", own), ("compose.override.yaml", over)]);
    let shut = dir.path().join("compose.yaml");
    fs::set_permissions(&shut, fs::Permissions::from_mode(0o444)).unwrap();
    let ran = scalegen(dir.path(), &["lint", "--fix", "--unsafe-fixes", "--format", "concise"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("compose.yaml: it is read-only") && ran.err.ends_with("fixed 0 findings in 0 files\n"),
        "{}",
        ran.err
    );
    assert_eq!(ran.out.matches(": error[").count(), 2, "{}", ran.out);
    assert_eq!(fs::read_to_string(dir.path().join("compose.override.yaml")).unwrap(), over);
}

#[test]
fn only_files_below_the_folders_that_were_named_are_fixed() {
    let broken = "services:\n  web: { image: a, mem_limt: 1g }\n";
    let spec = |base: &str| {
        format!("version: 1\nname: shop\nservices: {{ web: {{}} }}\ntargets: {{ compose: {{ base: {base} }} }}\n")
    };
    let dir = folder(&[
        ("away/compose.yml", broken),
        ("own/scalegen.yaml", &spec("../away/compose.yml")),
        ("linked/scalegen.yaml", &spec("base.yml")),
    ]);
    std::os::unix::fs::symlink("../away/compose.yml", dir.path().join("linked/base.yml")).unwrap();
    let text = || fs::read_to_string(dir.path().join("away/compose.yml")).unwrap();
    // a spec from elsewhere names a file that is none of its folder's, by its path or by a link
    for own in ["own", "linked"] {
        let ran = scalegen(&dir.path().join(own), &["lint", "--fix", "--unsafe-fixes"]);
        assert!(ran.code == 1 && ran.err.contains("fixed 0 findings"), "{own}: {}{}", ran.out, ran.err);
        assert_eq!(text(), broken, "{own}");
    }
    // the folder that was named, or the current one, has both
    let ran = scalegen(&dir.path().join("away"), &["lint", "--fix", "--unsafe-fixes", ".."]);
    assert!(ran.err.contains("fixed 1 finding"), "{}", ran.err);
    assert_eq!(text(), broken.replace("mem_limt", "mem_limit"));
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

#[test]
fn a_value_that_begins_below_its_key_is_neither_copied_nor_written_over() {
    let file = |limit: &str, request: &str| {
        format!("services:\n  web:\n    image: a:1\n    mem_limit: {limit}\n    mem_reservation: {request}\n")
    };
    let mended = |text: &str| {
        let dir = folder(&[("compose.yaml", text)]);
        let ran = scalegen(dir.path(), &["lint", "--fix", "--unsafe-fixes"]);
        (ran.code, fs::read_to_string(dir.path().join("compose.yaml")).unwrap())
    };
    for (limit, request) in [("|-\n      256m", "1g"), ("256m", ">-\n      1g"), ("\n      '256m'", "|\n      1g")] {
        let text = file(limit, request);
        assert_eq!(mended(&text), (1, text), "left as it is");
    }
    assert_eq!(mended(&file("'256m'", "1g")), (0, file("'256m'", "'256m'")));
}

#[test]
#[cfg(unix)]
fn a_spec_that_is_a_link_to_elsewhere_is_fixed_only_where_it_was_named() {
    let spec = "version: 1\nname: s\nservices:\n  web: { image: \"a:1\", replicas: { min: 5, max: 2 } }\n";
    let dir = folder(&[("elsewhere/own.yaml", spec), ("tree/near.scalegen.yaml", spec)]);
    let tree = dir.path().join("tree");
    std::os::unix::fs::symlink("../elsewhere/own.yaml", tree.join("scalegen.yaml")).unwrap();
    let text = |path: &str| fs::read_to_string(dir.path().join(path)).unwrap();
    let ran = scalegen(&tree, &["lint", "--fix", "--unsafe-fixes"]);
    assert!(ran.err.contains("scalegen.yaml is left as it was"), "{}", ran.err);
    assert_eq!(text("elsewhere/own.yaml"), spec);
    assert!(text("tree/near.scalegen.yaml").contains("min: 2, max: 5"));
    scalegen(&tree, &["lint", "--fix", "--unsafe-fixes", "scalegen.yaml"]);
    assert!(text("elsewhere/own.yaml").contains("min: 2, max: 5"), "the command line may name it");
}
