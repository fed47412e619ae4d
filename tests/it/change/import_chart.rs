//! `import` over values of a chart, and the values that are laid over them. The real helm says whether an import changes nothing, and
//! whether each number that is changed in the spec changes one value.

use super::import::difference;
use super::import_values::{numbers, with};
use crate::cli::program::{folder, scalegen};
use crate::targets::helm::helm;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// What helm builds of a chart with these files, by kind and name.
fn built(dir: &Path, files: &[&str]) -> BTreeMap<String, Json> {
    let paths: Vec<String> = files.iter().map(|file| dir.join(file).to_str().unwrap().to_owned()).collect();
    let chart = dir.join("web").to_str().unwrap().to_owned();
    let args = ["template", "test", &chart].into_iter();
    let args: Vec<&str> = args.chain(paths.iter().flat_map(|path| ["-f", path])).collect();
    let text = helm(&args).unwrap().unwrap();
    let documents = serde_yaml::Deserializer::from_str(&text).map(|one| Json::deserialize(one).unwrap());
    let name = |one: &Json| format!("{}/{}", one["kind"].as_str().unwrap(), one["metadata"]["name"].as_str().unwrap());
    documents.filter(|one| !one.is_null()).map(|one| (name(&one), one)).collect()
}

const BUDGET: &str = "{{- if .Values.pdb.enabled }}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include \"web.fullname\" . }}
spec:
  {{- with .Values.pdb.minAvailable }}
  minAvailable: {{ . }}
  {{- end }}
  {{- if .Values.pdb.maxUnavailable }}
  maxUnavailable: {{ .Values.pdb.maxUnavailable }}
  {{- end }}
  selector:
    matchLabels:
      {{- include \"web.selectorLabels\" . | nindent 6 }}
{{- end }}
";

/// A chart as `helm create` makes it, with a budget.
fn created() -> Option<TempDir> {
    let folder = TempDir::new().unwrap();
    let web = folder.path().join("web");
    helm(&["create", web.to_str().unwrap()])?.unwrap();
    let values = fs::read_to_string(web.join("values.yaml")).unwrap();
    fs::write(web.join("values.yaml"), format!("{values}\npdb:\n  enabled: false\n  minAvailable: 1\n")).unwrap();
    fs::write(web.join("templates/pdb.yaml"), BUDGET).unwrap();
    Some(folder)
}

const OVERRIDES: [&str; 6] = [
    "{}\n",
    "replicaCount: 3\nresources: { requests: { cpu: 0.1, memory: 128Mi }, limits: { cpu: \"1\", memory: 0.5Gi } }\n",
    "autoscaling: { enabled: true, minReplicas: 2 }\nresources: { requests: { cpu: 100m, memory: 1e8 } }\npdb: { enabled: true }\n",
    "autoscaling: { enabled: true, targetCPUUtilizationPercentage: null, targetMemoryUtilizationPercentage: 70 }\n\
     resources: { requests: { memory: 1Gi } }\npdb: { enabled: true, minAvailable: null, maxUnavailable: 25% }\n",
    "readinessProbe: { initialDelaySeconds: 5, periodSeconds: 7, timeoutSeconds: 2, failureThreshold: 4 }\n",
    "readinessProbe: null\nlivenessProbe: { httpGet: { path: /alive }, periodSeconds: 20 }\nreplicaCount: \"2\"\n",
];

#[test]
fn an_import_of_values_changes_nothing_and_each_number_one_value() {
    let Some(chart) = created() else { return };
    let dir = chart.path();
    let mut changed = 0;
    for text in OVERRIDES {
        fs::write(dir.join("web/values-own.yaml"), text).unwrap();
        let _ = fs::remove_file(dir.join("scalegen.yaml"));
        let import = scalegen(dir, &["import", "web/values-own.yaml"]);
        assert_eq!(import.code, 0, "{text}: {}{}", import.out, import.err);
        let spec: Json = serde_yaml::from_str(&fs::read_to_string(dir.join("scalegen.yaml")).unwrap()).unwrap();
        assert_eq!(spec["targets"], json!({ "helm": { "base": "web/values-own.yaml" } }));
        let try_render = |spec: &str| {
            fs::write(dir.join("scalegen.yaml"), spec).unwrap();
            let ran = scalegen(dir, &["render", "scalegen.yaml", "--out", "out"]);
            (ran.code == 0).then(|| built(dir, &["web/values-own.yaml", "out/helm/values.yaml"])).ok_or(ran.err)
        };
        let render = |spec: &str| try_render(spec).unwrap_or_else(|why| panic!("{text}: {spec}: {why}"));
        let before = built(dir, &["web/values-own.yaml"]);
        assert_eq!(before, render(&with(&spec, &[])), "{text}");
        let own = fs::read_to_string(dir.join("out/helm/values.yaml")).unwrap();
        assert_eq!(own.lines().last(), Some("{}"), "{text}");
        for number in numbers(&spec) {
            // what lint refuses is not a change: a budget of all replicas
            let tried = number
                .others
                .iter()
                .find_map(|other| Some((other, try_render(&with(&spec, &[(&number, other)])).ok()?)));
            let (other, after) = tried.unwrap_or_else(|| panic!("{text}: {} cannot change", number.field));
            let all = |objects: &BTreeMap<String, Json>| json!(objects);
            let leaves = difference("", &all(&before), &all(&after));
            assert_eq!(leaves.len(), 1, "{text}: {} to {}: {leaves:?}", number.field, other);
            changed += 1;
        }
    }
    assert!(changed >= 20, "{changed}");
}

const ABOUT: &str = "apiVersion: v2\nname: web\nversion: 0.1.0\n";
const VALUES: &str = "replicaCount: 2\nimage: { repository: example/web, tag: \"1.0\" }\nresources:\n  requests: { cpu: 500m, memory: 1024Mi }\n  \
                      limits: { cpu: 1, memory: 1Gi }\nautoscaling: { enabled: false, minReplicas: 1, maxReplicas: 4, targetCPUUtilizationPercentage: 80 }\n\
                      livenessProbe: { httpGet: { path: /, port: http } }\n";
const DEPLOYMENT: &str = "spec:\n  {{- if not .Values.autoscaling.enabled }}\n  replicas: {{ .Values.replicaCount }}\n  {{- end }}\n  template:\n    spec:\n      \
                          containers:\n        - image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}\"\n          \
                          resources: {{- toYaml .Values.resources | nindent 12 }}\n          livenessProbe: {{- toYaml .Values.livenessProbe | nindent 12 }}\n";
const HPA: &str = "{{- if .Values.autoscaling.enabled }}\nspec:\n  minReplicas: {{ .Values.autoscaling.minReplicas }}\n  \
                   maxReplicas: {{ .Values.autoscaling.maxReplicas }}\n  metrics: [{{ .Values.autoscaling.targetCPUUtilizationPercentage }}]\n{{- end }}\n";

/// A chart of this layout beside a spec.
fn beside(services: &str, targets: &str) -> TempDir {
    let spec = format!("version: 1\nname: shop\n{services}{targets}");
    folder(&[
        ("web/Chart.yaml", ABOUT),
        ("web/values.yaml", VALUES),
        ("web/values-prod.yaml", "replicaCount: 5\n"),
        ("web/templates/deployment.yaml", DEPLOYMENT),
        ("web/templates/hpa.yaml", HPA),
        ("scalegen.yaml", &spec),
    ])
}

const OVER: &str = "targets: { helm: { base: web/values.yaml } }\n";

/// The values that are written over a chart of this layout.
fn written(services: &str, targets: &str) -> Json {
    let folder = beside(services, targets);
    let ran = scalegen(folder.path(), &["render", "scalegen.yaml", "--out", "out"]);
    assert_eq!(ran.code, 0, "{services}: {}", ran.err);
    serde_yaml::from_str(&fs::read_to_string(folder.path().join("out/helm/values.yaml")).unwrap()).unwrap()
}

#[test]
fn only_what_the_spec_changes_is_written_over_values() {
    let cases = [
        ("services: { web: {} }\n", json!({})),
        ("", json!({})),
        ("services: { web: { resources: { requests: { cpu: 0.5, memory: 1Gi } } } }\n", json!({})),
        (
            "services: { web: { resources: { limits: { memory: 2Gi } } } }\n",
            json!({ "resources": { "limits": { "memory": "2Gi" } } }),
        ),
        (
            "services: { web: { resources: { limits: { cpu: null } } } }\n",
            json!({ "resources": { "limits": { "cpu": null } } }),
        ),
        (
            "limitResources: false\nservices: { web: {} }\n",
            json!({ "resources": { "limits": { "cpu": null, "memory": null } } }),
        ),
        ("services: { web: { replicas: 3 } }\n", json!({ "replicaCount": 3 })),
        // the chart's own target stays, and so does what is already there of its autoscaler
        (
            "services: { web: { replicas: { min: 2, max: 4 } } }\n",
            json!({ "autoscaling": { "enabled": true, "minReplicas": 2 } }),
        ),
        (
            "services: { web: { replicas: { min: 1, max: 4 }, autoscaling: { scaleUp: { threshold: 0.6 } } } }\n",
            json!({ "autoscaling": { "enabled": true, "targetCPUUtilizationPercentage": 60 } }),
        ),
        // the base has liveness alone
        (
            "services: { web: { health: { http: /alive } } }\n",
            json!({ "livenessProbe": { "httpGet": { "path": "/alive" } } }),
        ),
        ("services: { web: { image: 'example/web:2.0' } }\n", json!({ "image": { "tag": "2.0" } })),
    ];
    for (services, wanted) in cases {
        assert_eq!(written(services, OVER), wanted, "{services}");
    }
    let folders = "targets: { helm: { base: web } }\n";
    assert_eq!(written("services: { web: { replicas: 5 } }\n", folders), json!({ "replicaCount": 5 }));
    let both = "targets: { helm: { base: [web/values.yaml, web/values-prod.yaml] } }\n";
    assert_eq!(written("services: { web: { replicas: 5 } }\n", both), json!({}));
}

#[test]
fn rules_see_the_values_below_a_spec() {
    let folder = beside("services: { web: { resources: { requests: { memory: 3Gi } } } }\n", OVER);
    let ran = scalegen(folder.path(), &["lint", "scalegen.yaml"]);
    assert!(ran.out.contains("memory request 3Gi is above its limit 1Gi"), "{}", ran.out);
    // the chart's autoscaler divides by a request, and the values below have one until the spec takes it away
    let scaled = |resources: &str| {
        let scaling = "replicas: { min: 2, max: 4 }, autoscaling: { signal: cpu }";
        let folder = beside(&format!("services: {{ web: {{ {scaling}, resources: {resources} }} }}\n"), OVER);
        scalegen(folder.path(), &["lint", "scalegen.yaml"]).out
    };
    let lost = scaled("{ requests: { cpu: null }, limits: { cpu: null } }");
    assert!(lost.contains("`web` scales 2 to 4 on cpu, but requests no cpu to measure it by"), "{lost}");
    let kept = scaled("{ limits: { memory: 2Gi } }");
    assert!(!kept.contains("missing-requests"), "{kept}");
    let unknown = beside("services: { wep: { replicas: 2 } }\n", OVER);
    let ran = scalegen(unknown.path(), &["lint", "scalegen.yaml"]);
    assert!(ran.out.contains("did you mean `web`?"), "{}", ran.out);
    fs::write(folder.path().join("web/templates/deployment.yaml"), "spec: { replicas: 1, resources: {} }\n").unwrap();
    let ran = scalegen(folder.path(), &["lint", "scalegen.yaml"]);
    assert!(ran.out.contains("`web/values.yaml` is of a chart of no known layout"), "{}", ran.out);
    let ran = scalegen(folder.path(), &["import", "web/values.yaml", "--to", "-"]);
    assert!(ran.code == 2 && ran.err.contains("is of a chart of no known layout"), "{}", ran.err);
}

#[test]
fn values_are_written_whole_for_a_cluster() {
    let folder = beside("from: web\nservices: { web: { replicas: 3, port: 8080 } }\n", "targets: { kubernetes: {} }\n");
    let ran = scalegen(folder.path(), &["render", "scalegen.yaml", "--out", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let files = fs::read_dir(folder.path().join("out/kubernetes")).unwrap();
    let texts: Vec<String> = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    let all = texts.concat();
    for part in ["image: example/web:1.0", "replicas: 3", "memory: 1Gi", "path: /"] {
        assert!(all.contains(part), "{part}: {all}");
    }
}
