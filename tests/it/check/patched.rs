//! Objects are judged with the patches of their kustomization; what these change in ways that are not known is not judged.

use crate::cli::program::{folder, scalegen};

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
      - name: web
        image: a:1
        volumeMounts: [{ name: d, mountPath: /d, readOnly: true }]
      volumes: [{ name: d, persistentVolumeClaim: { claimName: d } }]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: d }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
";
const SCALER: &str = "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  minReplicas: 4
  maxReplicas: 2
  metrics:
  - { type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 80 } } }
";
const ALL: [&str; 5] = [
    "files-without-limits",
    "min-above-max",
    "missing-requests",
    "replicas-beside-autoscaler",
    "rolling-update-one-volume",
];

/// The rules of a folder with these patches.
fn found(patches: &str, beside: &[(&str, &str)]) -> Vec<String> {
    let kustomization = format!("resources: [web.yaml, scaler.yaml]\n{patches}");
    let own = [("web.yaml", DEPLOYMENT), ("scaler.yaml", SCALER), ("kustomization.yaml", kustomization.as_str())];
    let dir = folder(&[own.as_slice(), beside].concat());
    let ran = scalegen(dir.path(), &["lint", "--format", "json", "."]);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}{}", ran.out, ran.err));
    let rules = report["findings"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap().to_owned());
    let mut rules: Vec<String> = rules.collect();
    rules.sort();
    rules.dedup();
    rules
}

fn without(gone: &[&str]) -> Vec<String> {
    ALL.iter().filter(|rule| !gone.contains(rule)).map(|rule| (*rule).to_owned()).collect()
}

#[test]
fn an_object_is_judged_with_what_a_patch_writes() {
    assert_eq!(found("", &[]), without(&[]));
    let inline = |operations: &str| {
        format!("patches:\n- target: {{ kind: Deployment, name: web }}\n  patch: |\n    {operations}\n")
    };
    let cases = [
        (inline("- { op: remove, path: /spec/replicas }"), vec!["replicas-beside-autoscaler"]),
        (
            inline("- { op: add, path: /spec/template/spec/containers/0/resources, value: { requests: { cpu: 1 } } }"),
            // the object has no limit with the patch, either
            vec!["missing-requests"],
        ),
        (inline("- { op: add, path: /spec/strategy, value: { type: Recreate } }"), vec!["rolling-update-one-volume"]),
        (inline("- { op: replace, path: /spec/template/spec/containers/0/image, value: b:2 }"), vec![]),
        (inline("- { op: add, path: /metadata/annotations/spec.replicas, value: x }"), vec![]),
        (
            "patches: [{ target: { kind: HorizontalPodAutoscaler }, patch: '[{ op: replace, path: /spec/maxReplicas, value: 9 }]' }]"
                .to_owned(),
            vec!["min-above-max"],
        ),
        (
            "replacements: [{ source: { kind: ConfigMap }, targets: [{ select: { kind: Deployment }, fieldPaths: [spec.replicas] }] }]"
                .to_owned(),
            vec!["replicas-beside-autoscaler"],
        ),
        (
            "transformers:\n- |-\n  apiVersion: example.com/v1\n  kind: Unheard\n  metadata: { name: t }\n".to_owned(),
            ALL.to_vec(),
        ),
    ];
    for (patches, gone) in cases {
        assert_eq!(found(&patches, &[]), without(&gone), "{patches}");
    }
}

#[test]
fn a_patch_in_a_file_says_what_it_writes_too() {
    let merge = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  template:\n    spec:\n      containers: [{ name: web, resources: { requests: { cpu: 1 } } }]\n";
    assert_eq!(found("patches: [{ path: p.yaml }]", &[("p.yaml", merge)]), without(&["missing-requests"]));
    assert_eq!(found("patchesStrategicMerge: [p.yaml]", &[("p.yaml", merge)]), without(&["missing-requests"]));
    // a patch of another object is of no account
    let other = merge.replace("name: web }\nspec", "name: api }\nspec");
    assert_eq!(found("patches: [{ path: p.yaml }]", &[("p.yaml", &other)]), without(&[]));
    let operations = "- { op: remove, path: /spec/replicas }\n";
    let targeted =
        "patchesJson6902: [{ path: p.yaml, target: { group: apps, version: v1, kind: Deployment, name: web } }]";
    assert_eq!(found(targeted, &[("p.yaml", operations)]), without(&["replicas-beside-autoscaler"]));
    let deleted = merge.replace("spec:\n  template", "$patch: delete\nspec:\n  template");
    let gone = ["files-without-limits", "missing-requests", "replicas-beside-autoscaler", "rolling-update-one-volume"];
    assert_eq!(found("patches: [{ path: p.yaml }]", &[("p.yaml", &deleted)]), without(&gone));
}
