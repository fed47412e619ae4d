//! A spec over manifests: what is in the patches and what is not. That kustomize takes them is tried with imports.

use crate::pipeline::scenarios::Folder;
use scalegen::support::diagnostic::Severity;
use scalegen::{Files, render};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

struct Given(&'static [(&'static str, &'static str)]);

impl Files for Given {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let own = self.0.iter().find(|(name, _)| *name == path);
        own.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| "no such file".to_owned())
    }
}

const BASE: &str = include_str!("../../../fixtures/inputs/kubernetes/plain/web.yaml");
const SCALING: &str = include_str!("../../../fixtures/inputs/kubernetes/plain/scaling.yaml");
const UNCLEAR: &str = include_str!("../../../fixtures/inputs/kubernetes/unclear/web.yaml");
const QUOTA: &str = "apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - { name: web, image: \"web:1\", resources: { requests: { cpu: 100m, memory: 1Gi }, limits: { cpu: 1, memory: 1Gi } } }
---
apiVersion: v1
kind: ResourceQuota
metadata: { name: team }
spec: { hard: { requests.memory: 8Gi, limits.cpu: \"20\" } }
---
apiVersion: v1
kind: LimitRange
metadata: { name: team }
spec: { limits: [{ type: Container, max: { memory: 1Gi }, min: { cpu: 100m } }] }
";
const DNS: &str = "apiVersion: apps/v1
kind: Deployment
metadata: { name: dns }
spec:
  replicas: 2
  selector: { matchLabels: { app: dns } }
  template:
    metadata: { labels: { app: dns } }
    spec:
      containers:
        - { name: log, image: \"log:1\", ports: [{ containerPort: 53, protocol: UDP }, { containerPort: 53, protocol: TCP }] }
        - { name: dns, image: \"dns:1\", ports: [{ containerPort: 53, name: udp, protocol: UDP }, { containerPort: 53, name: tcp }] }
";
const TWINS: &str = "apiVersion: apps/v1
kind: Deployment
metadata: { name: dns }
spec:
  selector: { matchLabels: { app: dns } }
  template:
    metadata: { labels: { app: dns } }
    spec: { containers: [{ name: dns, image: \"dns:1\", ports: [{ containerPort: 80, name: http }, { containerPort: 80, name: https }] }] }
";
const WEB_ALONE: &str = "apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: \"web:1\", resources: { requests: { cpu: 100m } } }] }
";
const OBJECTS: &str = "apiVersion: v1
kind: ResourceQuota
metadata: { name: team }
spec: { hard: { count/deployments.apps: \"1\" } }
";
/// An autoscaler that watches what no spec can say.
const QUEUE: &str = "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web-scaling, namespace: shop }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  minReplicas: 3
  maxReplicas: 12
  metrics: [{ type: External, external: { metric: { name: queue }, target: { type: AverageValue, averageValue: 30 } } }]
";
const RESTRICTED: &str = "apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { pod-security.kubernetes.io/enforce: restricted } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: \"web:1\" }] }
";
const FILES: Given = Given(&[
    ("dns.yaml", DNS),
    ("twins.yaml", TWINS),
    ("web.yaml", BASE),
    ("scaling.yaml", SCALING),
    ("unclear.yaml", UNCLEAR),
    ("quota.yaml", QUOTA),
    ("alone.yaml", WEB_ALONE),
    ("objects.yaml", OBJECTS),
    ("queue.yaml", QUEUE),
    ("quota.yaml", QUOTA),
    ("restricted.yaml", RESTRICTED),
    ("prefixed/kustomization.yaml", include_str!("../../../fixtures/inputs/kubernetes/prefixed/kustomization.yaml")),
    ("prefixed/scaling.yaml", include_str!("../../../fixtures/inputs/kubernetes/prefixed/scaling.yaml")),
    (
        "prefixed/base/kustomization.yaml",
        include_str!("../../../fixtures/inputs/kubernetes/prefixed/base/kustomization.yaml"),
    ),
    ("prefixed/base/web.yaml", include_str!("../../../fixtures/inputs/kubernetes/prefixed/base/web.yaml")),
]);

struct Written {
    files: BTreeMap<String, Json>,
    /// Rule and message.
    said: Vec<(String, String)>,
}

fn over(base: &str, services: &str, options: &str) -> Written {
    let spec = format!(
        "version: 1\nname: shop\nservices:\n  {services}\ntargets:\n  kubernetes: {{ base: {base}{options} }}\n"
    );
    let rendered = render("scalegen.yaml", spec.as_bytes(), &FILES, None, &["kubernetes".to_owned()]).unwrap();
    let found = &rendered.checked.findings;
    let said = found.iter().map(|finding| {
        let more: Vec<String> = finding.more.iter().map(|more| format!("; {more}")).collect();
        (finding.rule.to_string(), format!("{}{}", finding.message, more.concat()))
    });
    let files = rendered.files.iter().flat_map(|(_, files)| files);
    let files = files.map(|file| (file.path.clone(), serde_yaml::from_str(&file.text).unwrap())).collect();
    assert!(
        rendered.files.iter().any(|(_, files)| !files.is_empty())
            || found.iter().any(|finding| finding.severity == Severity::Error)
    );
    Written { files, said: said.collect() }
}

const BOTH: &str = "[web.yaml, scaling.yaml]";
const CONTAINER: &str = "/spec/template/spec/containers/0";

impl Written {
    fn at(&self, file: &str, pointer: &str) -> Json {
        let own = self.files.get(file).unwrap_or_else(|| panic!("{file} of {:?}, {:?}", self.files.keys(), self.said));
        own.pointer(pointer).cloned().unwrap_or(Json::from("absent"))
    }

    fn says(&self, rule: &str, words: &str) -> bool {
        self.said.iter().any(|(own, message)| own == rule && message.contains(words))
    }
}

#[test]
fn what_the_base_says_already_is_not_written() {
    let same = "web: { replicas: { min: 3, max: 12 }, resources: { limits: { cpu: 1000m, memory: 512Mi } }, stopGracePeriod: 45s, \
                disruption: { minAvailable: 2 }, env: { MODE: prod }, image: \"registry.example.com/web:1.4.2\" }";
    let written = over(BOTH, same, "");
    assert_eq!(written.files.keys().collect::<Vec<_>>(), ["kustomization.yaml"], "{:?}", written.said);
    let component = json!({"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component", "patches": []});
    assert_eq!(written.files["kustomization.yaml"], component);
}

#[test]
fn a_patch_has_the_names_of_the_base_and_no_label() {
    let written = over(BOTH, "web: { resources: { limits: { memory: 1Gi } } }", "");
    let wanted = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"template": {"spec": {"containers": [{"name": "server", "resources": {"limits": {"memory": "1Gi"}}}]}}},
    });
    assert_eq!(written.files["web-deployment-patch.yaml"], wanted);
    assert_eq!(written.files.len(), 2);
}

/// kustomize drops the first of these two ports from whatever a patch is laid over.
#[test]
fn a_patch_keeps_ports_that_share_a_number() {
    let whole = json!([
        { "$patch": "replace" },
        { "containerPort": 53, "name": "udp", "protocol": "UDP" },
        { "containerPort": 53, "name": "tcp", "protocol": "TCP" },
    ]);
    let containers = "/spec/template/spec/containers";
    let written = over("dns.yaml", "dns: { replicas: 3 }", "");
    let wanted = json!([{ "name": "log" }, { "name": "dns", "ports": whole }]);
    assert_eq!(written.at("dns-deployment-patch.yaml", containers), wanted);
    // a port of the spec is one more of them
    let more = over("dns.yaml", "dns: { port: 8080 }", "");
    let ports = more.at("dns-deployment-patch.yaml", &format!("{containers}/1/ports"));
    assert_eq!((ports.as_array().unwrap().len(), &ports[3]["containerPort"]), (4, &json!(8080)));
    // two that differ in their names alone cannot be kept
    let twins = over("twins.yaml", "dns: { replicas: 3 }", "");
    let words = "kustomize drops port 80 `http` of container `dns` from what a patch is laid over";
    assert!(twins.says("lost-in-target", words), "{:?}", twins.said);
    assert_eq!(twins.at("dns-deployment-patch.yaml", containers), "absent");
    assert!(!written.says("lost-in-target", "kustomize drops"), "{:?}", written.said);
    // nothing to patch, nothing to lose
    assert_eq!(over("dns.yaml", "dns: { replicas: 2 }", "").files.len(), 1);
}

#[test]
fn what_scales_and_keeps_is_patched_under_its_own_name() {
    let services = "web: { replicas: { min: 4, max: 20 }, autoscaling: { scaleUp: { threshold: 0.5, delay: 1m } }, disruption: { maxUnavailable: 1 } }";
    let written = over(BOTH, services, "");
    let hpa = "web-horizontalpodautoscaler-patch.yaml";
    assert_eq!(written.at(hpa, "/metadata"), json!({"name": "web-scaling", "namespace": "shop"}));
    assert_eq!(written.at(hpa, "/spec/minReplicas"), 4);
    assert_eq!(written.at(hpa, "/spec/maxReplicas"), 20);
    assert_eq!(written.at(hpa, "/spec/metrics/0/resource/target/averageUtilization"), 50);
    assert_eq!(written.at(hpa, "/spec/behavior"), json!({"scaleUp": {"stabilizationWindowSeconds": 60}}));
    assert_eq!(written.at(hpa, "/spec/scaleTargetRef"), "absent");
    let budget = "web-poddisruptionbudget-patch.yaml";
    assert_eq!(written.at(budget, "/metadata/name"), "keep-web");
    assert_eq!(written.at(budget, "/spec"), json!({"maxUnavailable": 1, "minAvailable": null}));
    assert_eq!(written.files.len(), 3, "{:?}", written.files.keys());
}

/// A spec that says how many and not by what leaves what the base watches, and has nothing to say of it.
#[test]
fn bounds_alone_leave_what_the_autoscaler_of_the_base_watches() {
    let written = over("[web.yaml, queue.yaml]", "web: { replicas: { min: 4, max: 20 } }", "");
    let hpa = "web-horizontalpodautoscaler-patch.yaml";
    assert_eq!(written.at(hpa, "/spec"), json!({"minReplicas": 4, "maxReplicas": 20}));
    assert!(!written.said.iter().any(|(_, message)| message.contains("threshold")), "{:?}", written.said);
    let threshold = "web: { replicas: { min: 4, max: 20 }, autoscaling: { scaleUp: { threshold: 0.5 } } }";
    let written = over("[web.yaml, queue.yaml]", threshold, "");
    assert!(written.says("lost-in-target", "the threshold is not written"), "{:?}", written.said);
}

#[test]
fn two_thresholds_of_an_autoscaler_that_stands_there_are_tolerances() {
    let services = "web: { autoscaling: { scaleUp: { threshold: 0.8 }, scaleDown: { threshold: 0.4 } } }";
    let hpa = "web-horizontalpodautoscaler-patch.yaml";
    let written = over(BOTH, services, ", version: '1.35'");
    assert_eq!(written.at(hpa, "/spec/metrics/0/resource/target/averageUtilization"), 80);
    assert_eq!(
        written.at(hpa, "/spec/behavior"),
        json!({"scaleUp": {"tolerance": "0"}, "scaleDown": {"tolerance": "500m"}})
    );
    let before = over(BOTH, services, "");
    assert_eq!(before.at(hpa, "/spec/behavior"), "absent");
    assert!(before.says("lost-in-target", "scale-down at 0.40 is not written"), "{:?}", before.said);
}

/// A quota and a range in the base hold for what the spec changes, for what it puts beside the base, and for what holds its windows.
#[test]
fn a_quota_of_the_base_counts_what_the_spec_renders() {
    let written = over(
        "quota.yaml",
        "web: { replicas: { min: 2, max: 3 }, resources: { requests: { memory: 1Gi }, limits: { memory: 2Gi } }, autoscaling: { signal: cpu },\n    \
         schedule: [{ days: [mon], from: '09:00', to: '17:00', timezone: UTC, replicas: { min: 2, max: 6 } }] }\n  \
         extra: { image: extra:1, replicas: 4, resources: { requests: { cpu: 100m, memory: 1Gi }, limits: { memory: 1Gi } } }",
        "",
    );
    for words in [
        // the window's 6, the 4 beside it, the pod that opens the window
        "6 × 1Gi (web) + 4 × 1Gi (extra) + 1 × 64Mi (web-schedule) = 10304Mi of requests.memory, above the quota's 8Gi",
        "`extra` of extra has no limits.cpu, which ResourceQuota/team counts",
        "memory limit 2Gi of `web` is above the max 1Gi of LimitRange/team",
        "cpu request 50m of `kubectl` is below the min 100m of LimitRange/team",
    ] {
        assert!(written.says("quota-exceeded", words), "{words}: {:#?}", written.said);
    }
    let small = over("quota.yaml", "web: { replicas: 7 }", "");
    assert!(!small.said.iter().any(|(rule, _)| rule == "quota-exceeded"), "{:#?}", small.said);
    let nine = over("quota.yaml", "web: { replicas: 9 }", "");
    assert!(nine.says("quota-exceeded", "9 × 1Gi (web) = 9Gi of requests.memory"), "{:#?}", nine.said);
    // limits that are not written are not counted, and not held to the range
    let above = "memory limit 2Gi of `web` is above the max 1Gi of LimitRange/team";
    let limited = "web: { resources: { limits: { memory: 2Gi } } }";
    assert!(over("quota.yaml", limited, "").says("quota-exceeded", above));
    let free = over("quota.yaml", limited, " }\nlimitResources: false\nx-rest: {");
    assert!(!free.says("quota-exceeded", above), "{:#?}", free.said);
}

/// Of a service with a value that cannot be read nothing is counted: what it would take is not known.
#[test]
fn a_quota_of_the_base_counts_no_service_that_cannot_be_read() {
    let service = |cpu: &str| {
        format!(
            "extra: {{ image: extra:1, replicas: 40, resources: {{ requests: {{ cpu: {cpu}, memory: 1Gi }}, limits: {{ cpu: 1, memory: 1Gi }} }} }}"
        )
    };
    assert!(over("quota.yaml", &service("100m"), "").says("quota-exceeded", "40 × 1Gi (extra)"));
    assert!(over("[alone.yaml, objects.yaml]", &service("100m"), "").says("quota-exceeded", "1 (web) + 1 (extra) = 2"));
    for base in ["quota.yaml", "[alone.yaml, objects.yaml]"] {
        let broken = over(base, &service("lots"), "");
        assert!(!broken.said.iter().any(|(rule, _)| rule == "quota-exceeded"), "{:#?}", broken.said);
        assert!(broken.says("invalid-quantity", "lots"), "{:#?}", broken.said);
    }
    // what cannot be read of a service of the base is left as the base has it
    let window = "schedule: [{ days: [mon], from: '09:00', to: '17:00', timezone: UTC, replicas: 40 }]";
    for (broken, read) in [
        (format!("replicas: lots, {window}"), format!("replicas: 2, {window}")),
        (
            "replicas: 7, resources: { requests: { cpu: lots, memory: 2Gi } }".to_owned(),
            "replicas: 7, resources: { requests: { cpu: 1, memory: 2Gi } }".to_owned(),
        ),
    ] {
        let written = over("quota.yaml", &format!("web: {{ {broken} }}"), "");
        assert!(!written.says("quota-exceeded", "requests.memory"), "{broken}: {:#?}", written.said);
        let written = over("quota.yaml", &format!("web: {{ {read} }}"), "");
        assert!(written.says("quota-exceeded", "requests.memory"), "{read}: {:#?}", written.said);
    }
}

/// Objects that the spec puts beside the base count, too.
#[test]
fn a_quota_of_the_base_counts_objects_that_the_spec_renders() {
    let services = "web: { replicas: { min: 2, max: 3 }, autoscaling: { signal: cpu },\n    \
         schedule: [{ days: [mon], from: '09:00', to: '17:00', timezone: UTC, replicas: { min: 2, max: 3 } }] }\n  \
         extra: { image: extra:1, port: 80, disruption: { maxUnavailable: 1 }, expose: { host: shop.example }, resources: { requests: { cpu: 1 } },\n    \
         replicas: { min: 2, max: 4 }, autoscaling: { signal: cpu } }\n  \
         store: { image: store:1, port: 81, kind: stateful, replicas: 3, volumes: [{ name: data, mount: /d, size: 2Gi, storageClass: fast }] }";
    let rendered = |key: &str, hard: &str| {
        let text = format!(
            "{WEB_ALONE}---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {{ name: team }}\nspec: {{ hard: {{ {key}: \"{hard}\" }} }}\n"
        );
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("web.yaml"), text).unwrap();
        let files = Folder(dir.path().to_path_buf());
        let spec =
            format!("version: 1\nname: shop\nservices:\n  {services}\ntargets:\n  kubernetes: {{ base: web.yaml }}\n");
        render("scalegen.yaml", spec.as_bytes(), &files, None, &["kubernetes".to_owned()]).unwrap()
    };
    let said = |key: &str, hard: &str| {
        let checked = rendered(key, hard).checked;
        let all = checked.findings.into_iter().filter(|finding| finding.rule == "quota-exceeded");
        all.map(|finding| finding.message).collect::<Vec<_>>()
    };
    // what is written beside the base: one Deployment and its budget, one StatefulSet, three Services
    let written = rendered("configmaps", "9");
    let count = |kind: &str| {
        let kind = format!("\nkind: {kind}\n");
        written.files[0].1.iter().filter(|file| !file.path.contains("patch") && file.text.contains(&kind)).count()
    };
    let kinds = ["Deployment", "StatefulSet", "Service", "PodDisruptionBudget", "HorizontalPodAutoscaler", "Ingress"];
    assert_eq!(kinds.map(count), [1, 1, 3, 1, 2, 1]);
    for (key, most, sum) in [
        ("count/deployments.apps", 1, "1 (web) + 1 (extra) = 2"),
        ("count/statefulsets.apps", 0, "1 (store)"),
        ("services", 2, "2 (store) + 1 (extra) = 3"),
        ("count/poddisruptionbudgets.policy", 0, "1 (extra)"),
        ("count/horizontalpodautoscalers.autoscaling", 1, "1 (web) + 1 (extra) = 2"),
        ("count/ingresses.networking.k8s.io", 0, "1 (extra)"),
        ("count/cronjobs.batch", 0, "1 (web-schedule)"),
        ("count/serviceaccounts", 0, "1 (web-schedule)"),
        ("persistentvolumeclaims", 2, "3 (data of store)"),
        ("requests.storage", 5, "3 × 2 (data of store)"),
        ("fast.storageclass.storage.k8s.io/persistentvolumeclaims", 2, "3 (data of store)"),
    ] {
        let unit = |number: u32| if key == "requests.storage" { format!("{number}Gi") } else { number.to_string() };
        let found = said(key, &unit(most));
        let sum = sum.replace("× 2 ", "× 2Gi ");
        assert!(found.len() == 1 && found[0].contains(&sum), "{key}: {found:#?}");
        assert_eq!(said(key, &unit(most + 1)), [""; 0], "{key}");
    }
    assert_eq!(said("slow.storageclass.storage.k8s.io/persistentvolumeclaims", "0"), [""; 0]);
    assert_eq!(said("configmaps", "0"), [""; 0]);
}

/// One number of replicas with a range in a window: KEDA's formula votes in it, so there is a ScaledObject for a quota to count.
#[test]
fn a_quota_of_the_base_counts_a_scaled_object_that_only_windows_need() {
    let said = |autoscaling: &str, hard: u32| {
        let quota = format!(
            "{WEB_ALONE}---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {{ name: team }}\n\
             spec: {{ hard: {{ count/scaledobjects.keda.sh: \"{hard}\" }} }}\n"
        );
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("web.yaml"), quota).unwrap();
        let spec = format!(
            "version: 1\nname: shop\nservices:\n  extra:\n    image: extra:1\n    replicas: 2\n    concurrency: {{ limit: 4 }}\n    \
             autoscaling: {{ {autoscaling} }}\n    schedule: [{{ days: [mon], from: '09:00', to: '17:00', timezone: UTC, \
             replicas: {{ min: 2, max: 5 }} }}]\ntargets:\n  kubernetes: {{ base: web.yaml, autoscaler: keda }}\n"
        );
        let files = Folder(dir.path().to_path_buf());
        let run = render("scalegen.yaml", spec.as_bytes(), &files, None, &["kubernetes".to_owned()]).unwrap();
        let files = run.files.iter().flat_map(|(_, files)| files);
        let written = files.filter(|file| file.text.contains("\nkind: ScaledObject\n")).count();
        let findings = run.checked.findings.into_iter().filter(|finding| finding.rule == "quota-exceeded");
        (written, findings.map(|finding| finding.message).collect::<Vec<_>>())
    };
    let asks = "signal: load, metrics: { prometheus: { server: 'http://metrics:9090', running: sum(running) } }";
    let (written, found) = said(asks, 0);
    assert_eq!((written, found.len()), (0, 1), "a quota that it exceeds is an error, so nothing is written");
    assert!(found[0].contains("1 (extra)"), "{found:?}");
    assert_eq!(said(asks, 1), (1, Vec::new()));
    assert_eq!(said("signal: cpu", 0), (0, Vec::new()));
}

/// The profile that a namespace of the base enforces holds for what the spec changes and for what it puts beside the base.
#[test]
fn a_profile_that_the_base_enforces_is_satisfied_or_said() {
    let services = "web: { replicas: 3WEB }\n  extra: { image: extra:1EXTRA }";
    let (rule, with) = ("pod-security-refused", ", podSecurity: { profile: restricted }");
    let over = |web: &str, extra: &str, options: &str| {
        over("restricted.yaml", &services.replace("WEB", web).replace("EXTRA", extra), options)
    };
    let none = over("", "", "");
    assert!(none.says(rule, "no pod of Deployment/web starts: Namespace/shop enforces restricted"), "{:#?}", none.said);
    assert!(none.says(rule, "no pod of extra starts"), "{:#?}", none.said);
    let said = |written: &Written| written.said.iter().filter(|(own, _)| own == rule).count();
    assert_eq!(said(&over(with, with, "")), 0);
    assert_eq!(said(&over(with, "", ", podSecurity: restricted")), 0);
    assert_eq!(said(&over(with, "", "")), 1);
    // what is written is what the profile asks for
    let written = over(with, with, "");
    for file in ["extra-deployment.yaml", "web-deployment-patch.yaml"] {
        assert_eq!(written.at(file, "/spec/template/spec/securityContext/runAsNonRoot"), true);
        let container = "/spec/template/spec/containers/0/securityContext/allowPrivilegeEscalation";
        assert_eq!(written.at(file, container), false);
    }
}

#[test]
fn a_fixed_number_takes_the_autoscaler_away_and_says_so() {
    let written = over(BOTH, "web: { replicas: 5 }", "");
    assert_eq!(written.at("web-deployment-patch.yaml", "/spec"), json!({"replicas": 5}));
    assert_eq!(written.at("web-horizontalpodautoscaler-patch.yaml", "/$patch"), "delete");
    assert!(
        written.says(
            "lost-in-target",
            "HorizontalPodAutoscaler web-scaling of web.yaml and scaling.yaml goes: 5 replicas are fixed"
        ),
        "{:?}",
        written.said
    );
}

#[test]
fn where_the_base_has_none_both_are_new_and_select_as_the_workload_does() {
    let services = "web: { replicas: { min: 2, max: 4 }, autoscaling: { signal: cpu, scaleUp: { threshold: 0.6 } }, disruption: { minAvailable: 1 }, spread: zone }";
    let written = over("web.yaml", services, "");
    let hpa = "web-horizontalpodautoscaler.yaml";
    assert_eq!(written.at(hpa, "/metadata/namespace"), "shop");
    assert_eq!(
        written.at(hpa, "/spec/scaleTargetRef"),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"})
    );
    let selector = json!({"matchLabels": {"app": "shop-web"}});
    assert_eq!(written.at("web-poddisruptionbudget.yaml", "/spec/selector"), selector);
    let patch = "web-deployment-patch.yaml";
    assert_eq!(written.at(patch, "/spec/template/spec/topologySpreadConstraints/0/labelSelector"), selector);
    assert_eq!(written.at(patch, "/spec/template/metadata"), "absent");
    // the base writes no number that an autoscaler would have to share
    assert_eq!(written.at(patch, "/spec/replicas"), "absent");
}

#[test]
fn new_objects_stand_where_a_kustomization_puts_the_base() {
    let services = "api: { replicas: { min: 2, max: 4 }, disruption: { minAvailable: 1 } }";
    let written = over("prefixed", services, "");
    let hpa = "api-horizontalpodautoscaler.yaml";
    assert_eq!(written.at(hpa, "/metadata/name"), "eu-api-v2");
    assert_eq!(written.at(hpa, "/metadata/namespace"), "shop");
    assert_eq!(written.at(hpa, "/spec/scaleTargetRef/name"), "eu-api-v2");
    let labels = json!({"app": "api", "region": "eu"});
    assert_eq!(written.at("api-poddisruptionbudget.yaml", "/spec/selector/matchLabels"), labels);
    // a patch is found by what the file says
    assert_eq!(written.at("api-deployment-patch.yaml", "/metadata"), json!({"name": "api"}));
    assert_eq!(written.at("api-deployment-patch.yaml", "/spec"), json!({"replicas": null}));
    let written = over("prefixed", "web: { resources: { requests: { cpu: 2 } } }", "");
    assert_eq!(written.at("web-deployment-patch.yaml", "/metadata"), json!({"name": "web", "namespace": "elsewhere"}));
    let written = over("prefixed", "web: { resources: { requests: { cpu: 2 } } }", ", namespace: other");
    assert!(written.says("refused-by-target", "is in the namespace `shop`, not `other`"), "{:?}", written.said);
}

#[test]
fn siblings_that_exclude_each_other_are_nulled() {
    let services = "web: { env: { REGION: eu }, health: { command: [check] }, update: { strategy: recreate } }";
    let written = over(BOTH, services, "");
    let patch = "web-deployment-patch.yaml";
    assert_eq!(
        written.at(patch, &format!("{CONTAINER}/env/0")),
        json!({"name": "REGION", "value": "eu", "valueFrom": null})
    );
    let probe =
        json!({"exec": {"command": ["check"]}, "httpGet": null, "periodSeconds": null, "failureThreshold": null});
    assert_eq!(written.at(patch, &format!("{CONTAINER}/readinessProbe")), probe);
    assert_eq!(written.at(patch, "/spec/strategy"), json!({"type": "Recreate", "rollingUpdate": null}));
}

#[test]
fn a_null_takes_away() {
    let services =
        "web: { env: { MODE: null }, resources: { limits: { cpu: null } }, health: null, stopGracePeriod: null }";
    let written = over(BOTH, services, "");
    let patch = "web-deployment-patch.yaml";
    assert_eq!(written.at(patch, &format!("{CONTAINER}/env")), json!([{"name": "MODE", "$patch": "delete"}]));
    assert_eq!(written.at(patch, &format!("{CONTAINER}/resources")), json!({"limits": {"cpu": null}}));
    assert_eq!(written.at(patch, &format!("{CONTAINER}/readinessProbe")), Json::Null);
    assert_eq!(written.at(patch, "/spec/template/spec/terminationGracePeriodSeconds"), Json::Null);
}

#[test]
fn of_several_containers_one_must_be_meant() {
    let field = "web: { resources: { limits: { memory: 1Gi } } }";
    let written = over("unclear.yaml", field, "");
    assert!(written.says("missing-field", "runs `proxy`, `app`, and nothing says which of them"), "{:?}", written.said);
    let written = over("unclear.yaml", field, ", containers: { web: app }");
    // kustomize would put the one that is named in front
    let containers = json!([{"name": "proxy"}, {"name": "app", "resources": {"limits": {"memory": "1Gi"}}}]);
    assert_eq!(written.at("web-deployment-patch.yaml", "/spec/template/spec/containers"), containers);
    let written = over("unclear.yaml", field, ", containers: { web: nobody }");
    assert!(written.says("refused-by-target", "has no container `nobody`"), "{:?}", written.said);
    // a number of replicas is not a container's
    let written = over("unclear.yaml", "web: { replicas: 6 }", "");
    assert_eq!(written.at("web-deployment-patch.yaml", "/spec"), json!({"replicas": 6}));
}

#[test]
fn a_base_that_is_not_there_or_lacks_the_service_is_an_error() {
    let written = over("nowhere.yaml", "web: {}", "");
    assert!(written.says("unreadable-file", "`nowhere.yaml` cannot be read"), "{:?}", written.said);
    let written = over(BOTH, "wep: { replicas: 2 }", "");
    assert!(written.says("unknown-service", "`wep` is not in web.yaml and scaling.yaml"), "{:?}", written.said);
}

#[test]
fn rules_see_what_the_spec_makes_of_the_base() {
    // 12 replicas of the base and a budget that keeps 2 of at least 2
    let written = over(BOTH, "web: { replicas: { min: 2, max: 12 } }", "");
    assert!(written.says("drain-blocked", "minAvailable 2 with as few as 2 replicas"), "{:?}", written.said);
    // a request above the limit of the base
    let written = over(BOTH, "web: { resources: { requests: { memory: 1Gi } } }", "");
    assert!(written.says("request-above-limit", "memory request 1Gi is above its limit 512Mi"), "{:?}", written.said);
}

#[test]
fn other_containers_of_the_base_are_in_every_sum() {
    // 2 × (64Mi + 512Mi) on 1Gi
    let services =
        "web: { replicas: 2 }\ncapacity: { nodes: [{ count: 1, cpu: 4, memory: 1Gi }] }\n# the end of services";
    let written = over("unclear.yaml", services, "");
    assert!(written.says("exceeds-capacity", "1152Mi"), "{:?}", written.said);
}

#[test]
fn a_workload_of_the_base_has_the_services_that_the_base_gives_it() {
    const FILES: &[(&str, &str)] = &[(
        "k.yaml",
        "apiVersion: v1\nkind: Service\nmetadata: { name: front }\nspec: { selector: { app: front }, ports: [{ port: 80, targetPort: 8080 }] }\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: { name: front }\nspec:\n  selector: { matchLabels: { app: front } }\n  template:\n    metadata: { labels: { app: front } }\n    spec: { containers: [{ name: front, image: \"front:1\" }] }\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: { name: load }\nspec:\n  selector: { matchLabels: { app: load } }\n  template:\n    metadata: { labels: { app: load } }\n    spec: { containers: [{ name: load, image: \"load:1\", env: [{ name: FRONT_ADDR, value: \"front:80\" }] }] }\n",
    )];
    let said = |services: &str| {
        let spec =
            format!("version: 1\nname: x\nservices: {{ {services} }}\ntargets: {{ kubernetes: {{ base: k.yaml }} }}\n");
        let rendered = render("scalegen.yaml", spec.as_bytes(), &Given(FILES), None, &[]).unwrap();
        rendered.checked.findings.into_iter().map(|finding| finding.message).collect::<Vec<String>>()
    };
    let found = said("front: { replicas: 2 }, load: {}");
    assert!(!found.iter().any(|one| one.contains("nothing answers")), "{found:#?}");
    // a service that the spec adds beside the base has none without a port
    let found = said("extra: { image: \"a:1\" }, load: { env: { EXTRA_ADDR: \"extra:80\" } }");
    assert!(found.iter().any(|one| one.contains("`extra` gets no Service")), "{found:#?}");
}
