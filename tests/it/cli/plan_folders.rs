//! `plan` and `simulate` over folders: each spec and each set of another tool's files in them.

use super::program::{folder, scalegen};
use std::fs;
use std::path::Path;

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: example/web:1
          resources: { requests: { cpu: 500m, memory: 256Mi }, limits: { memory: 256Mi } }
";

/// Stands in another file of the same set, and gives the Deployment its bounds.
const AUTOSCALER: &str = "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  minReplicas: 3
  maxReplicas: 7
  metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 60 } } }]
";

const COMPOSE: &str =
    "services: { api: { image: example/api:1, deploy: { replicas: 4, resources: { limits: { memory: 1G } } } } }\n";

fn plans(dir: &Path, path: &str) -> serde_json::Value {
    let ran = scalegen(dir, &["plan", path, "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn a_folder_gives_a_table_for_each_set_and_each_spec() {
    let spec = "version: 1\nname: shop\nservices: { job: { image: a:1, replicas: 5 } }\n";
    let dir = folder(&[
        ("k8s/autoscaler.yaml", AUTOSCALER),
        ("k8s/web.yaml", DEPLOYMENT),
        ("api/docker-compose.yml", COMPOSE),
        ("shop/scalegen.yaml", spec),
    ]);
    let all = plans(dir.path(), ".");
    let told: Vec<_> = all["formations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let replicas = &one["services"][0]["bounds"][0]["replicas"];
            (one["file"].as_str().unwrap(), one["services"][0]["name"].as_str().unwrap(), replicas["max"].as_u64())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("api/docker-compose.yml", "api", Some(4)),
            ("k8s/autoscaler.yaml", "web", Some(7)),
            ("shop/scalegen.yaml", "job", Some(5)),
        ]
    );
    let text = scalegen(dir.path(), &["plan", "."]).out;
    assert!(text.contains("\nk8s/autoscaler.yaml and 1 more file\n"), "{text}");
    assert!(text.contains("\nshop/scalegen.yaml: shop, the base\n"), "{text}");
}

#[test]
fn one_file_of_a_set_that_only_scales_has_no_table_of_its_own() {
    let dir = folder(&[("a/hpa.yaml", AUTOSCALER), ("b/docker-compose.yml", COMPOSE)]);
    let all = plans(dir.path(), ".");
    assert_eq!(all["formations"].as_array().unwrap().len(), 1);
}

#[test]
fn a_folder_that_holds_one_thing_stands_for_it() {
    let dir = folder(&[("k8s/autoscaler.yaml", AUTOSCALER), ("k8s/web.yaml", DEPLOYMENT)]);
    fs::write(dir.path().join("load.csv"), "time,value\n0,2\n3600,2\n").unwrap();
    let args = ["simulate", "k8s", "--load", "rate:load.csv", "--set", "web.serviceTime=1s", "--format", "json"];
    // its autoscaler looks at cpu, so it is asked what a job takes of that
    let ran = scalegen(dir.path(), &args);
    assert!(ran.code == 2 && ran.err.contains("say --set web.cpuPerJob=250m"), "{}", ran.err);
    let ran = scalegen(dir.path(), &[&args[..], &["--set", "web.cpuPerJob=250m"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(told["loads"][0]["service"], "web", "{}", ran.out);
}

#[test]
fn a_folder_of_several_is_asked_which() {
    let dir = folder(&[("a/web.yaml", DEPLOYMENT), ("b/docker-compose.yml", COMPOSE)]);
    let ran = scalegen(dir.path(), &["simulate", ".", "--load", "cpu:load.csv"]);
    assert_eq!(ran.code, 2);
    let sentence = "scalegen: . holds several that could be meant; name one, as a/web.yaml, b/docker-compose.yml\n";
    assert_eq!(ran.err, sentence);
}

#[test]
fn render_takes_the_spec_of_a_folder_that_holds_its_base_too() {
    let spec = "version: 1\nname: app\nservices: { api: { replicas: 2 } }\ntargets: { compose: { base: docker-compose.yml } }\n";
    let dir =
        folder(&[("app/docker-compose.yml", COMPOSE), ("app/scalegen.yaml", spec), ("app/k8s/web.yaml", DEPLOYMENT)]);
    let ran = scalegen(dir.path(), &["render", "app", "--target", "compose", "--out", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(dir.path().join("out/compose/compose.override.yaml").exists());
}

#[test]
fn what_stands_in_the_folder_goes_before_what_stands_below_it() {
    let spec = "version: 1\nname: app\nservices: { api: { image: a:1, replicas: 2 } }\ntargets: { compose: {} }\n";
    let dir =
        folder(&[("app/scalegen.yaml", spec), ("app/other/scalegen.yaml", spec), ("app/k8s/web.yaml", DEPLOYMENT)]);
    let app = dir.path().join("app");
    for (here, named) in [(dir.path(), "app"), (dir.path(), "./app/"), (&*app, "."), (&*app, "./")] {
        let ran = scalegen(here, &["render", named, "--target", "compose", "--out", "out"]);
        assert_eq!(ran.code, 0, "{named}: {}", ran.err);
    }
}

#[test]
fn a_profile_that_nothing_in_the_folder_has_is_told() {
    let spec = "version: 1\nname: app\nservices: { api: { image: a:1 } }\nprofiles: { large: { services: { api: { replicas: 2 } } } }\n";
    let dir = folder(&[("a/scalegen.yaml", spec), ("b/docker-compose.yml", COMPOSE)]);
    assert_eq!(scalegen(dir.path(), &["plan", ".", "--profile", "large"]).code, 0);
    let ran = scalegen(dir.path(), &["plan", ".", "--profile", "larg"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert_eq!(ran.err, "scalegen: unknown profile `larg`; did you mean `large`?\n");
}
