//! Large inputs in bounded memory: what the program sets aside stays within 16 MB and 20 × the input, code and stack apart.
//!
//! The system refuses a child more, so nothing is measured and a slow machine changes nothing. `tests/bench/run.sh` measures
//! the whole process, as a release ships it.

use super::bombs::run;
use std::fmt::Write;

/// Ends with this exit code within 16 MB and so many times the input.
fn within(name: &str, text: &str, times: usize, code: i32) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("input.yaml"), text).unwrap();
    let bound = (16 << 20) + times * text.len();
    let (ended, said) = run(name, folder.path(), &["lint", "--format", "concise", "input.yaml"], bound);
    let shown: String = said.chars().take(300).collect();
    assert_eq!(ended, code, "{name}: {shown}");
    said
}

fn spec(count: usize, service: impl Fn(&mut String, usize)) -> String {
    (0..count).fold("version: 1\nname: x\nservices:\n".to_owned(), |mut text, number| {
        service(&mut text, number);
        text
    })
}

#[test]
fn services_of_which_nothing_is_written_take_little() {
    let text = spec(10_000, |text, number| writeln!(text, "  s{number}: {{}}").unwrap());
    let said = within("empty services", &text, 0, 0);
    assert_eq!(said.matches("warning[missing-limits]").count(), 10_000);
}

#[test]
fn services_with_windows_and_autoscaling_take_little() {
    let text = spec(3_000, |text, number| {
        let window = "days: [mon, tue, wed], from: \"08:00\", to: \"18:00\", timezone: UTC";
        write!(
            text,
            "  service-{number}:\n    image: registry.example.com/team/service-{number}:1.{number}\n    port: 8080\n    \
             replicas: {{ min: 2, max: 6 }}\n    resources: {{ requests: {{ cpu: 250m, memory: 256Mi }}, limits: {{ cpu: 4, \
             memory: 512Mi }} }}\n    autoscaling: {{ signal: cpu, scaleUp: {{ threshold: 0.7, delay: 1m }}, scaleDown: {{ \
             threshold: 0.4, delay: 10m }} }}\n    health: {{ http: /healthz }}\n    schedule: [{{ {window}, replicas: 3 }}]\n"
        )
        .unwrap();
    });
    within("services with windows", &text, 20, 0);
}

#[test]
fn compose_services_take_little() {
    let text = (0..10_000).fold("services:\n".to_owned(), |mut text, number| {
        writeln!(text, "  s{number}: {{ image: 'x:{number}' }}").unwrap();
        text
    });
    within("compose services", &text, 20, 0);
}

#[test]
fn streams_of_manifests_take_little() {
    let text = (0..3_000).fold(String::new(), |mut text, n| {
        write!(
            text,
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: web-{n}, labels: {{ app: web-{n} }} }}\nspec:\n  \
             selector: {{ matchLabels: {{ app: web-{n} }} }}\n  template:\n    metadata: {{ labels: {{ app: web-{n} }} }}\n    \
             spec:\n      containers:\n        - name: web\n          image: registry.example.com/team/web:{n}\n          \
             ports: [{{ containerPort: 8080 }}]\n          resources: {{ requests: {{ cpu: 100m, memory: 128Mi }}, limits: {{ \
             memory: 256Mi }} }}\n          readinessProbe: {{ httpGet: {{ path: /healthz, port: 8080 }} }}\n---\n\
             apiVersion: v1\nkind: Service\nmetadata: {{ name: web-{n} }}\nspec:\n  selector: {{ app: web-{n} }}\n  \
             ports: [{{ port: 80, targetPort: 8080 }}]\n---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n\
             metadata: {{ name: web-{n} }}\nspec:\n  scaleTargetRef: {{ apiVersion: apps/v1, kind: Deployment, name: web-{n} }}\n  \
             minReplicas: 2\n  maxReplicas: 6\n  metrics: [{{ type: Resource, resource: {{ name: cpu, target: {{ type: \
             Utilization, averageUtilization: 70 }} }} }}]\n---\napiVersion: policy/v1\nkind: PodDisruptionBudget\n\
             metadata: {{ name: web-{n} }}\nspec:\n  minAvailable: 1\n  selector: {{ matchLabels: {{ app: web-{n} }} }}\n---\n"
        )
        .unwrap();
        text
    });
    within("manifests", &text, 20, 0);
}
