//! Fields of a replica that only a cluster has, over a base: each is in the patch, and what kustomize builds of base and patch is taken by a
//! strict reading of the API and has the spec's value where the base had another.

use crate::common::judge::{Call, judge};
use crate::pipeline::scenarios::Folder;
use scalegen::support::diagnostic::Severity;
use serde_json::{Value as Json, json};
use std::fs;

/// A pod that sets each of these fields otherwise.
const SET: &str = "apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web, team: old }, annotations: { note: old, kept: here } }
    spec:
      nodeSelector: { disk: hdd, zone: a }
      tolerations: [{ key: old, operator: Exists }]
      serviceAccountName: old
      securityContext: { runAsUser: 1, runAsNonRoot: false, fsGroup: 1 }
      containers:
        - { name: log, image: \"log:1\" }
        - name: web
          image: web:1
          ports: [{ name: http, containerPort: 8080 }]
          securityContext: { allowPrivilegeEscalation: true, readOnlyRootFilesystem: false }
          lifecycle:
            preStop: { exec: { command: [old] } }
            postStart: { exec: { command: [kept] } }
          readinessProbe: { httpGet: { path: /ready, port: http, scheme: HTTPS }, successThreshold: 2 }
          livenessProbe: { httpGet: { path: /live, port: http, scheme: HTTPS }, periodSeconds: 20, initialDelaySeconds: 30 }
          startupProbe: { tcpSocket: { port: http }, failureThreshold: 40 }
";
/// A pod that sets none of them.
const BARE: &str = "apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: \"web:1\", ports: [{ containerPort: 8080 }] }] }
";
const VERSION: &str = ", version: '1.33', containers: { web: web }";

/// The patch of the Deployment.
struct Patched {
    dir: tempfile::TempDir,
    patch: Json,
    /// Rule and message of what is no error.
    said: Vec<(String, String)>,
}

fn over(base: &str, field: &str, options: &str) -> Patched {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("web.yaml"), base).unwrap();
    let spec = format!(
        "version: 1\nname: shop\nservices:\n  web: {{ {field} }}\ntargets:\n  kubernetes: {{ base: web.yaml{options} }}\n"
    );
    let files = Folder(dir.path().to_path_buf());
    let rendered =
        scalegen::render("scalegen.yaml", spec.as_bytes(), &files, None, &["kubernetes".to_owned()]).unwrap();
    let found = &rendered.checked.findings;
    let errors: Vec<_> = found.iter().filter(|finding| finding.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{field}: {errors:#?}");
    let said = found.iter().map(|finding| (finding.rule.to_string(), finding.message.clone())).collect();
    let (_, written) = rendered.files.first().unwrap();
    fs::create_dir(dir.path().join("patches")).unwrap();
    let mut patch = Json::Null;
    for file in written {
        fs::write(dir.path().join("patches").join(&file.path), &file.text).unwrap();
        if file.path.ends_with("deployment-patch.yaml") {
            patch = serde_yaml::from_str(&file.text).unwrap();
        }
    }
    Patched { dir, patch, said }
}

impl Patched {
    /// The Deployment that kustomize builds, taken by a strict reading; `None` where no judge is there.
    fn built(&self) -> Option<Json> {
        let root = json!({
            "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
            "resources": ["web.yaml"], "components": ["patches"],
        });
        fs::write(self.dir.path().join("kustomization.yaml"), root.to_string()).unwrap();
        let verdict = judge("kustomize.sh", &[self.dir.path().to_str().unwrap()])?.accepted("kustomize", "the patch");
        let taken = Call { args: vec!["-"], env: Vec::new(), input: &verdict.out }.ask("k8s.py")?;
        assert!(taken.accepted, "{}{}\n{}", taken.out, taken.err, verdict.out);
        Some(serde_yaml::from_str(&verdict.out).unwrap())
    }
}

/// The main container of a Deployment.
fn main(object: &Json) -> Json {
    let containers = object.pointer("/spec/template/spec/containers").and_then(Json::as_array).unwrap();
    containers.iter().find(|one| one["name"] == "web").unwrap().clone()
}

const POD: &str = "/spec/template/spec";

/// A field, where its values stand in the Deployment, and the values: over the pod that sets it otherwise and over the bare one.
struct Row {
    field: &'static str,
    /// Below the pod's template, else below the container if it begins with `container`.
    at: &'static str,
    over_set: Json,
    over_bare: Json,
}

fn row(field: &'static str, at: &'static str, over_set: Json, over_bare: Json) -> Row {
    Row { field, at, over_set, over_bare }
}

fn same(field: &'static str, at: &'static str, value: Json) -> Row {
    Row { field, at, over_set: value.clone(), over_bare: value }
}

fn rows() -> Vec<Row> {
    let security = "podSecurity: { profile: restricted, user: 1000, group: 2000, volumeGroup: 3000, readOnly: true }";
    let http = json!({ "httpGet": { "path": "/up", "port": 9000 }, "periodSeconds": 5, "timeoutSeconds": 2, "failureThreshold": 7 });
    vec![
        row(
            "nodeSelector: { disk: ssd }",
            "/spec/nodeSelector",
            json!({ "disk": "ssd", "zone": "a" }),
            json!({ "disk": "ssd" }),
        ),
        same(
            "tolerations: [{ key: spot, effect: NoExecute, seconds: 60 }]",
            "/spec/tolerations",
            json!([{ "key": "spot", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60 }]),
        ),
        same("serviceAccount: web", "/spec/serviceAccountName", json!("web")),
        row(
            "labels: { team: shop }",
            "/metadata/labels",
            json!({ "app": "web", "team": "shop" }),
            json!({ "app": "web", "team": "shop" }),
        ),
        row(
            "annotations: { note: new }",
            "/metadata/annotations",
            json!({ "note": "new", "kept": "here" }),
            json!({ "note": "new" }),
        ),
        same(security, "/spec/securityContext/runAsUser", json!(1000)),
        same(security, "/spec/securityContext/runAsGroup", json!(2000)),
        same(security, "/spec/securityContext/fsGroup", json!(3000)),
        same(security, "/spec/securityContext/runAsNonRoot", json!(true)),
        same(security, "/spec/securityContext/seccompProfile", json!({ "type": "RuntimeDefault" })),
        same(security, "container/securityContext/allowPrivilegeEscalation", json!(false)),
        same(security, "container/securityContext/readOnlyRootFilesystem", json!(true)),
        same(security, "container/securityContext/capabilities", json!({ "drop": ["ALL"] })),
        row(
            "drainDelay: 15s",
            "container/lifecycle",
            json!({ "preStop": { "sleep": { "seconds": 15 } }, "postStart": { "exec": { "command": ["kept"] } } }),
            json!({ "preStop": { "sleep": { "seconds": 15 } } }),
        ),
        // what the language has no word for stays where the question stays one of HTTP
        row(
            "liveness: { http: /up, port: 9000, interval: 5s, timeout: 2s, retries: 7 }",
            "container/livenessProbe",
            json!({ "httpGet": { "path": "/up", "port": 9000, "scheme": "HTTPS" }, "initialDelaySeconds": 30,
                    "periodSeconds": 5, "timeoutSeconds": 2, "failureThreshold": 7 }),
            http.clone(),
        ),
        row(
            "liveness: { command: [check] }",
            "container/livenessProbe",
            json!({ "exec": { "command": ["check"] }, "initialDelaySeconds": 30 }),
            json!({ "exec": { "command": ["check"] } }),
        ),
        same(
            "startup: { http: /up, port: 9000, interval: 5s, timeout: 2s, retries: 7 }",
            "container/startupProbe",
            http.clone(),
        ),
        row(
            "health: { http: /up, port: 9000, interval: 5s, timeout: 2s, retries: 7 }",
            "container/readinessProbe",
            json!({ "httpGet": { "path": "/up", "port": 9000, "scheme": "HTTPS" }, "successThreshold": 2,
                    "periodSeconds": 5, "timeoutSeconds": 2, "failureThreshold": 7 }),
            http,
        ),
    ]
}

#[test]
fn each_setting_of_a_pod_is_what_kustomize_builds_of_it() {
    for row in rows() {
        for (base, wanted) in [(SET, &row.over_set), (BARE, &row.over_bare)] {
            let options = if base == SET { VERSION } else { ", version: '1.33'" };
            let patched = over(base, row.field, options);
            assert!(!patched.patch.is_null(), "{}: no patch, {:?}", row.field, patched.said);
            let Some(built) = patched.built() else { return };
            let (below, pointer) = match row.at.strip_prefix("container") {
                Some(pointer) => (main(&built), pointer),
                None => (built["spec"]["template"].clone(), row.at),
            };
            let patch = &patched.patch;
            assert_eq!(below.pointer(pointer), Some(wanted), "{} at {}\n{patch:#}\n{built:#}", row.field, row.at);
            let nothing_else = |object: &Json| object.pointer(POD).unwrap()["containers"].as_array().unwrap().len();
            let before: Json = serde_yaml::from_str(base).unwrap();
            assert_eq!(nothing_else(&built), nothing_else(&before), "{}: {built:#}", row.field);
        }
    }
}

/// What the base says of its probes is written nowhere again; one number of the spec is one leaf of the patch.
#[test]
fn probes_of_the_base_are_changed_leaf_by_leaf() {
    assert!(over(SET, "replicas: 2", VERSION).patch.is_null());
    let same = "liveness: { http: /live, port: 8080, interval: 20s }, startup: { tcp: true, port: 8080, retries: 40 }, \
                health: { http: /ready, port: 8080 }";
    assert!(over(SET, same, VERSION).patch.is_null());
    let one = over(SET, "startup: { tcp: true, port: 8080, retries: 41 }", VERSION);
    let container = json!({ "name": "web", "startupProbe": { "failureThreshold": 41 } });
    assert_eq!(one.patch.pointer("/spec/template/spec/containers"), Some(&json!([{ "name": "log" }, container])));
    // a null takes the probe away
    let none = over(SET, "liveness: null, startup: null", VERSION);
    assert_eq!(none.patch.pointer("/spec/template/spec/containers/1/livenessProbe"), Some(&Json::Null));
    let Some(built) = none.built() else { return };
    let container = main(&built);
    assert_eq!((container.get("livenessProbe"), container.get("startupProbe")), (None, None), "{container:#}");
    assert_eq!(container["readinessProbe"]["httpGet"]["path"], "/ready");
}

/// A pod whose container says for itself what the pod says, too, and one that waits before it stops.
fn waiting(hook: &str) -> String {
    SET.replace(
        "securityContext: { allowPrivilegeEscalation: true, readOnlyRootFilesystem: false }",
        "securityContext: { runAsUser: 7, runAsGroup: 8, readOnlyRootFilesystem: true }",
    )
    .replace("preStop: { exec: { command: [old] } }", &format!("preStop: {hook}"))
}

#[test]
fn a_hook_that_waits_keeps_its_form_and_gets_another_number() {
    for (hook, before, after) in [
        ("{ sleep: { seconds: 10 } }", "10s", json!({ "sleep": { "seconds": 20 } })),
        ("{ exec: { command: [sleep, '10'] } }", "10s", json!({ "exec": { "command": ["sleep", "20"] } })),
        ("{ exec: { command: [/bin/sleep, 1m] } }", "60s", json!({ "exec": { "command": ["/bin/sleep", "20"] } })),
        (
            "{ exec: { command: [/bin/sh, -c, 'sleep 10'] } }",
            "10s",
            json!({ "exec": { "command": ["/bin/sh", "-c", "sleep 20"] } }),
        ),
        (
            "{ exec: { command: [sh, -c, 'sleep 10 && nginx -s quit'] } }",
            "10s",
            json!({ "exec": { "command": ["sh", "-c", "sleep 20 && nginx -s quit"] } }),
        ),
        // the kubelet replaces nothing in a hook, so neither is anything escaped
        (
            "{ exec: { command: [sh, -c, 'sleep 10; echo $(date) $$'] } }",
            "10s",
            json!({ "exec": { "command": ["sh", "-c", "sleep 20; echo $(date) $$"] } }),
        ),
    ] {
        let base = waiting(hook);
        // the release is not known, so a hook of ours would run a program
        let options = ", containers: { web: web }";
        let same = over(&base, &format!("drainDelay: {before}"), options);
        assert!(same.patch.is_null(), "{hook}: {:#}", same.patch);
        let other = over(&base, "drainDelay: 20s", options);
        let Some(built) = other.built() else { return };
        assert_eq!(main(&built)["lifecycle"]["preStop"], after, "{hook}: {:#}", other.patch);
        let none = over(&base, "drainDelay: null", options);
        let Some(built) = none.built() else { return };
        assert_eq!(main(&built)["lifecycle"], json!({ "postStart": { "exec": { "command": ["kept"] } } }), "{hook}");
    }
    // these wait for something else first, or not a known time
    for hook in [
        "{ exec: { command: [sh, -c, 'nginx -s quit; sleep 10'] } }",
        "{ exec: { command: [sh, -c, 'sleep $DELAY'] } }",
        "{ exec: { command: [sh, -c, 'sleep 10 | cat'] } }",
        "{ exec: { command: [sleep, '0.5'] } }",
        "{ exec: { command: [sleep] } }",
        "{ httpGet: { path: /stop, port: 80 } }",
    ] {
        let written = over(&waiting(hook), "drainDelay: 10s", VERSION);
        let Some(built) = written.built() else { return };
        assert_eq!(main(&built)["lifecycle"]["preStop"], json!({ "sleep": { "seconds": 10 } }), "{hook}");
    }
}

#[test]
fn what_a_pod_says_already_is_not_written() {
    for field in [
        "nodeSelector: { disk: hdd }",
        "tolerations: [{ key: old }]",
        "serviceAccount: old",
        "labels: { team: old }",
        "annotations: { note: old }",
        "podSecurity: { profile: baseline, user: 7, group: 8, volumeGroup: 1, readOnly: true }",
        // the base's profile is not restricted, and nobody asks for another
        "podSecurity: { user: 7 }",
    ] {
        let same = over(&waiting("{ sleep: { seconds: 10 } }"), field, VERSION);
        assert!(same.patch.is_null(), "{field}: {:#}", same.patch);
    }
}

/// A number of the container comes before that of its pod, so a patch of the pod alone would do nothing.
#[test]
fn a_users_number_is_changed_where_it_counts() {
    let base = waiting("{ sleep: { seconds: 10 } }");
    let patched = over(&base, "podSecurity: { user: 70, group: 80, readOnly: false }", VERSION);
    let Some(built) = patched.built() else { return };
    let wanted = json!({ "runAsUser": 70, "runAsGroup": 80, "readOnlyRootFilesystem": false });
    assert_eq!(main(&built)["securityContext"], wanted, "{:#}", patched.patch);
}

#[test]
fn a_null_takes_a_setting_of_a_pod_away() {
    let absent = Json::from("absent");
    for (field, pointer) in [
        ("nodeSelector: { disk: null }", "/spec/nodeSelector/disk"),
        ("nodeSelector: null", "/spec/nodeSelector"),
        ("tolerations: null", "/spec/tolerations"),
        ("serviceAccount: null", "/spec/serviceAccountName"),
        ("annotations: { note: null }", "/metadata/annotations/note"),
        ("labels: { team: null }", "/metadata/labels/team"),
        ("podSecurity: { volumeGroup: null }", "/spec/securityContext/fsGroup"),
        ("podSecurity: { user: null }", "/spec/securityContext/runAsUser"),
    ] {
        let patched = over(SET, field, VERSION);
        let Some(built) = patched.built() else { return };
        let left = built["spec"]["template"].pointer(pointer).unwrap_or(&absent);
        assert_eq!(left, &absent, "{field}: {:#}\n{:?}", patched.patch, patched.said);
        assert!(!patched.said.iter().any(|(rule, _)| rule == "lost-in-target"), "{field}: {:?}", patched.said);
    }
    // of the container's own and the pod's both
    let patched = over(&waiting("{ sleep: { seconds: 10 } }"), "podSecurity: { user: null, readOnly: null }", VERSION);
    let Some(built) = patched.built() else { return };
    assert_eq!(main(&built)["securityContext"], json!({ "runAsGroup": 8 }), "{:#}", patched.patch);
    assert_eq!(built["spec"]["template"]["spec"]["securityContext"].get("runAsUser"), None);
}

/// Pods that satisfy the profile restricted keep that: a patch of the profile baseline has nothing to write, and says so.
#[test]
fn a_lower_profile_than_that_of_the_base_is_told() {
    let base = BARE.replace(
        "ports:",
        "securityContext: { runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: { drop: [ALL] }, \
         seccompProfile: { type: RuntimeDefault } }, ports:",
    );
    let said = |field: &str| {
        let patched = over(&base, field, "");
        assert!(patched.patch.is_null(), "{:#}", patched.patch);
        patched.said.iter().any(|(_, message)| message.contains("profile baseline is not written"))
    };
    assert!(said("podSecurity: { profile: baseline }"));
    assert!(!said("podSecurity: { profile: restricted }") && !said("podSecurity: {}"));
}
