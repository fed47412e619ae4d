//! Manifests on the command line: what runs, and what a change of them makes of it, without a spec.

use crate::cli::program::scalegen;
use serde_json::Value as Json;
use std::fs;
use std::process::Command;
use tempfile::TempDir;

const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: app
          image: example/web:1.0
          resources: { requests: { cpu: 500m, memory: 1Gi }, limits: { memory: 1Gi } }
        - name: proxy
          image: example/proxy:1.0
          resources: { requests: { cpu: 100m, memory: 128Mi }, limits: { memory: 128Mi } }
---
apiVersion: batch/v1
kind: Job
metadata: { name: migrate }
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{ name: migrate, image: example/migrate:1.0, resources: { requests: { cpu: 4 } } }]
";

#[test]
fn plan_shows_what_runs_with_the_containers_beside_the_main_one() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("web.yaml"), WEB).unwrap();
    let ran = scalegen(dir.path(), &["plan", "--format", "json", "web.yaml"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let plan: Json = serde_json::from_str(&ran.out).unwrap();
    let text = plan.to_string();
    assert!(text.contains("\"web\"") && !text.contains("migrate"), "{text}");
    // 3 × (500m + 100m), 3 × (1Gi + 128Mi)
    let table = scalegen(dir.path(), &["plan", "web.yaml"]).out;
    assert!(table.contains("1.8") && table.contains("3456Mi"), "{table}");
}

#[test]
fn diff_tells_the_numbers_and_findings_of_two_files() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("old.yaml"), WEB).unwrap();
    fs::write(
        dir.path().join("new.yaml"),
        WEB.replace("replicas: 3", "replicas: 5").replace("memory: 128Mi }, limits", "memory: 256Mi }, limits"),
    )
    .unwrap();
    let ran = scalegen(dir.path(), &["diff", "--format", "json", "old.yaml", "new.yaml"]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("request-above-limit"), "{}", ran.out);
    assert!(ran.out.contains("web"), "{}", ran.out);
    let same = scalegen(dir.path(), &["diff", "old.yaml", "old.yaml"]);
    assert_eq!(same.code, 0, "{}{}", same.out, same.err);
}

#[test]
fn diff_compares_a_folder_with_a_commit() {
    if Command::new("git").arg("--version").output().is_err() {
        return;
    }
    let dir = TempDir::new().unwrap();
    let git = |args: &[&str]| {
        let own = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        assert!(Command::new("git").args(own).args(args).current_dir(dir.path()).output().unwrap().status.success());
    };
    fs::create_dir(dir.path().join("k8s")).unwrap();
    fs::write(dir.path().join("k8s/web.yaml"), WEB).unwrap();
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "one"]);
    let same = scalegen(dir.path(), &["diff", "--base", "main", "k8s/web.yaml"]);
    assert_eq!(same.code, 0, "{}{}", same.out, same.err);
    fs::write(dir.path().join("k8s/web.yaml"), WEB.replace("replicas: 3", "replicas: 5")).unwrap();
    let ran = scalegen(dir.path(), &["diff", "--base", "main", "k8s/web.yaml"]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("web") && ran.out.contains('5'), "{}", ran.out);
}
