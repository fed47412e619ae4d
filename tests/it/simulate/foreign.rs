//! Files of other tools under load: what scales there is what is played.

use super::command::minutes;
use crate::cli::program::{folder, scalegen};
use serde_json::Value as Json;
use tempfile::TempDir;

/// A Deployment and what scales it.
fn manifests(scaler: &str) -> TempDir {
    let text = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: web }}\nspec:\n  selector: {{ matchLabels: {{ app: web }} }}\n  template:\n    \
         metadata: {{ labels: {{ app: web }} }}\n    spec:\n      containers: [{{ name: web, image: \"a:1\", resources: {{ requests: {{ cpu: 500m }} }} }}]\n---\n{scaler}"
    );
    let dir = folder(&[("k8s.yaml", &text)]);
    minutes(dir.path(), "rate.csv", &[(1.0, 30)]);
    dir
}

fn hpa(metric: &str) -> String {
    format!(
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{ name: web }}\nspec:\n  \
         scaleTargetRef: {{ apiVersion: apps/v1, kind: Deployment, name: web }}\n  minReplicas: 2\n  maxReplicas: 6\n  metrics: [{metric}]\n"
    )
}

const CPU: &str = "{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 60 } } }";
const KEDA: &str = "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: { name: web }\nspec:\n  scaleTargetRef: { name: web }\n  \
    minReplicaCount: 2\n  maxReplicaCount: 6\n  triggers: [{ type: cpu, metricType: Utilization, metadata: { value: \"60\" } }]\n";

fn play<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let known = ["--set", "web.serviceTime=1s", "--set", "web.cpuPerJob=200m", "--runs", "2", "--format", "json"];
    ["simulate", "--load", "rate:rate.csv"].into_iter().chain(known).chain(more.iter().copied()).collect()
}

#[test]
fn the_autoscaler_that_the_files_have_is_the_present_one() {
    for (scaler, policy) in [(hpa(CPU), "hpa"), (KEDA.to_owned(), "keda")] {
        let dir = manifests(&scaler);
        let ran = scalegen(dir.path(), &play(&[]));
        assert_eq!(ran.code, 0, "{}", ran.err);
        let said: Json = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(
            (said["trials"][0]["policy"].as_str(), said["trials"][0]["present"].as_bool()),
            (Some(policy), Some(true))
        );
    }
    let dir = folder(&[("compose.yaml", "services:\n  web: { image: \"a:1\", scale: 3 }\n")]);
    minutes(dir.path(), "rate.csv", &[(1.0, 30)]);
    let ran = scalegen(dir.path(), &play(&[]));
    assert!(ran.out.contains("\"policy\": \"fixed\""), "{}{}", ran.out, ran.err);
}

#[test]
fn an_autoscaler_on_something_else_is_not_taken_for_another() {
    let queue = "{ type: External, external: { metric: { name: queue }, target: { type: AverageValue, averageValue: \"5\" } } }";
    let dir = manifests(&hpa(queue));
    let ran = scalegen(dir.path(), &play(&[]));
    assert_eq!(ran.code, 2, "{}", ran.out);
    let wanted = "scalegen: web: its autoscaler has a metric or a step that is not simulated; play another rule with --policy hpa, keda or foundry, or write a spec over it\n";
    assert_eq!(ran.err, wanted);
    let ran = scalegen(dir.path(), &play(&["--policy", "foundry"]));
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("\"policy\": \"foundry\""), "{}", ran.out);
}

#[test]
fn what_is_wrong_elsewhere_in_the_files_is_told_and_does_not_stop_the_play() {
    let budget = "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: { name: web }\nspec: { minAvailable: 2, selector: { matchLabels: { app: web } } }\n";
    let dir = manifests(&format!("{}{budget}", hpa(CPU)));
    let ran = scalegen(dir.path(), &play(&[]));
    assert!(ran.code == 0 && ran.err.contains("error[drain-blocked]"), "{}", ran.err);
    assert!(ran.out.contains("\"policy\": \"hpa\""), "{}", ran.out);
    // what is not of its form may be anything
    let dir = manifests(&hpa(CPU).replace("minReplicas: 2", "minReplicas: two"));
    let ran = scalegen(dir.path(), &play(&[]));
    assert!(ran.code == 1 && ran.err.contains("error[wrong-type]"), "{}{}", ran.err, ran.out);
}

#[test]
fn what_is_missing_is_asked_for_in_words_that_hold_for_every_file() {
    let dir = manifests(&hpa(CPU));
    let ran = scalegen(dir.path(), &["simulate", "k8s.yaml", "--load", "rate:rate.csv"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("web: nothing says how long a job takes; say --set web.serviceTime=30s, "), "{}", ran.err);
    let ran = scalegen(dir.path(), &["simulate", "k8s.yaml", "--load", "api=rate:rate.csv"]);
    assert_eq!(ran.err, "scalegen: no service is called `api`; there are: web\n");
}
