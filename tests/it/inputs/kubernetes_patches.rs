//! What is a patch, and what is a broken object: one may lack what the other must have, and a slip is told in both.

use super::kubernetes::read;
use crate::common::sets::found_in_manifests;
use scalegen::Files;

/// The rules and messages of what is found in files; the first folder's are named, the others only there.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let (_, findings, _) = read(files);
    findings.into_iter().map(|finding| format!("{} {}", finding.rule, finding.message)).collect()
}

const SIDECAR: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  template:\n    metadata: { labels: { tier: back } }\n    spec:\n      containers: [{ name: proxy, image: example/proxy:1.0 }]\n";

#[test]
fn a_file_that_a_kustomization_beside_or_above_names_as_a_patch_lacks_nothing() {
    // by itself it is an object whose selector was forgotten
    assert_eq!(found(&[("web.yaml", SIDECAR)]), ["missing-field `spec` has no `selector`: the API server refuses it"]);
    for list in [
        "patchesStrategicMerge: [NAME]",
        "patches: [{ path: NAME }]",
        "patches: [{ path: NAME, target: { kind: Deployment } }]",
    ] {
        let beside = list.replace("NAME", "web.yaml");
        assert_eq!(
            found(&[("o/web.yaml", SIDECAR), ("kustomization.yaml", &list.replace("NAME", "o/web.yaml"))]),
            [""; 0],
            "{list}"
        );
        assert_eq!(found(&[("web.yaml", SIDECAR), ("kustomization.yaml", &beside)]), [""; 0], "{list}");
        // named alone the folder's own name is not known: what stands there must be the same
        let above = list.replace("NAME", "patches/web.yaml");
        let there =
            [("web.yaml", SIDECAR), ("../kustomization.yaml", above.as_str()), ("../patches/web.yaml", SIDECAR)];
        assert_eq!(found(&there), [""; 0], "{list}");
        let other = [("web.yaml", SIDECAR), ("../kustomization.yaml", above.as_str()), ("../patches/web.yaml", "a: 1")];
        assert_eq!(found(&other).len(), 1, "{list}");
    }
}

#[test]
fn a_deletion_lacks_nothing_and_a_slip_in_a_patch_is_told() {
    let binding = "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: { name: web }\n";
    assert_eq!(
        found(&[("a.yaml", binding)]),
        ["missing-field `RoleBinding` has no `roleRef`: the API server refuses it"]
    );
    assert_eq!(found(&[("a.yaml", &format!("$patch: delete\n{binding}"))]), [""; 0]);
    let slip = SIDECAR.replace("containers", "containrs");
    let told = ["unknown-field `containrs` is not a field of PodSpec: kubectl and the API server refuse it"];
    assert_eq!(found(&[("web.yaml", &slip)]), told);
    assert_eq!(found(&[("web.yaml", &slip), ("kustomization.yaml", "patches: [{ path: web.yaml }]")]), told);
    // a field of another kind may be right once a second patch has changed the kind
    let other = SIDECAR.replace("spec:\n  template", "spec:\n  serviceName: web\n  template");
    assert_eq!(found(&[("web.yaml", &other), ("kustomization.yaml", "patches: [{ path: web.yaml }]")]), [""; 0]);
}

#[test]
fn beside_a_kustomization_that_takes_it_an_object_may_leave_its_selector_to_it() {
    let files = |resources: &str| found(&[("web.yaml", SIDECAR), ("kustomization.yaml", resources)]);
    assert_eq!(files("resources: [web.yaml]\ncommonLabels: { app: web }\n"), [""; 0]);
}

#[test]
fn what_a_template_fills_in_is_not_missing() {
    let chart = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: web }\nspec:\n  # {{ .Values.most }}\n  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }\n";
    assert_eq!(found(&[("web.yaml", chart)]), [""; 0]);
    let plain = chart.replace("  # {{ .Values.most }}\n", "");
    assert_eq!(
        found(&[("web.yaml", &plain)]),
        ["missing-field `spec` has no `maxReplicas`: the API server refuses it"]
    );
}

#[test]
fn a_kind_is_told_where_what_was_meant_is_plain() {
    let of = |version: &str, kind: &str| {
        found(&[("a.yaml", &format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{ name: a }}\n"))]).join("\n")
    };
    assert_eq!(
        of("apps/v1", "Deploymnt"),
        "refused-by-api `Deploymnt` is not a kind of apps/v1: the API server refuses it"
    );
    assert_eq!(of("v1", "StatefulSet"), "refused-by-api v1 has no `StatefulSet`: the API server refuses it");
    assert_eq!(of("app/v1", "Deployment"), "refused-by-api app/v1 has no `Deployment`: the API server refuses it");
    // other tools' files, kinds that others define, what once was served
    for (version, kind) in [
        ("v1", "Config"),
        ("skaffold/v2beta1", "Config"),
        ("example.org/v1", "Deployment"),
        ("gateway.networking.k8s.io/v1", "Gateway"),
        ("metrics.k8s.io/v1beta1", "PodMetrics"),
        ("extensions/v1beta1", "Deployment"),
        ("v1", "ConfigMapList"),
    ] {
        assert_eq!(of(version, kind), "", "{version} {kind}");
    }
}

#[test]
fn what_a_kustomization_adds_to_every_object_counts_for_links() {
    let web = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  replicas: 3\n  selector: { matchLabels: { app: web } }\n  template:\n    metadata: { labels: { app: web } }\n    spec: { containers: [{ name: web, image: \"registry:5000/shop:1.0\" }] }\n---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: { name: web }\nspec: { maxUnavailable: 1, selector: { matchLabels: { team: shop } } }\n---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: web }\nspec: { maxReplicas: 4, scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: live-web } }\n";
    let of = |kustomization: &str| {
        let (set, findings, _) = read(&[("web.yaml", web), ("kustomization.yaml", kustomization)]);
        assert_eq!(findings.len(), 0, "{findings:#?}");
        let image = set.workloads[0].pod.containers[0].image.as_ref().unwrap().value.clone();
        (set.kept[0].len(), set.targets[0].len(), image)
    };
    let image = "registry:5000/shop:1.0".to_owned();
    assert_eq!(of("resources: [web.yaml]\n"), (0, 0, image.clone()));
    for labels in ["commonLabels: { team: shop }", "labels: [{ pairs: { team: shop }, includeTemplates: true }]"] {
        assert_eq!(of(&format!("resources: [web.yaml]\n{labels}\n")), (1, 0, image.clone()), "{labels}");
    }
    let labels = "labels: [{ pairs: { team: shop } }]";
    assert_eq!(of(&format!("resources: [web.yaml]\nnamePrefix: live-\n{labels}\n")), (0, 1, image));
    let images = "images: [{ name: \"registry:5000/shop\", newName: postgres, newTag: \"17\" }]";
    assert_eq!(of(&format!("resources: [web.yaml]\n{images}\n")).2, "postgres:17");
}

#[test]
fn a_hundred_cores_are_meant_where_devices_or_much_memory_stand_beside_them() {
    let of = |requests: &str| {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{ name: a }}\nspec: {{ containers: [{{ name: a, image: b, resources: {{ requests: {requests} }} }}] }}\n"
        );
        found(&[("a.yaml", &text)]).len()
    };
    assert_eq!(of("{ cpu: 146, memory: 1Gi }"), 1);
    assert_eq!(of("{ cpu: 146, nvidia.com/gpu: 8 }, limits: { nvidia.com/gpu: 8 }"), 0);
    assert_eq!(of("{ cpu: 146, memory: 500Gi }"), 0);
}

struct Given<'f>(&'f [(&'f str, &'f str)]);

impl Files for Given<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let own = self.0.iter().find(|(name, _)| *name == path);
        own.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| "no such file".to_owned())
    }
}

/// kubectl and kustomize refuse a patch of a version that is gone; one that nobody applies is refused by nobody.
#[test]
fn an_api_version_that_is_gone_is_told_of_patches_that_somebody_applies() {
    let patch = "apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: { name: web }\nspec: { replicas: 3 }\n";
    let scaler = "apiVersion: autoscaling/v2beta2\nkind: HorizontalPodAutoscaler\nmetadata: { name: web }\nspec: { maxReplicas: 3 }\n";
    let whole = scaler.replace("maxReplicas", "scaleTargetRef: { kind: Deployment, name: web }, maxReplicas");
    let removed = |named: &[&str], files: &[(&str, &str)]| {
        let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
        let found = found_in_manifests(&named, &Given(files));
        found.into_iter().filter(|one| one.rule == "removed-api").map(|one| one.file).collect::<Vec<_>>()
    };
    let web = SIDECAR.replace("spec:\n  template", "spec:\n  selector: { matchLabels: { tier: back } }\n  template");
    let (uses, takes) = ("resources: [web.yaml]\npatches: [{ path: old.yaml }]\n", "resources: [web.yaml]\n");
    for text in [patch, scaler] {
        let files = |kustomization| [("old.yaml", text), ("web.yaml", &*web), ("kustomization.yaml", kustomization)];
        for named in [vec!["old.yaml", "web.yaml", "kustomization.yaml"], vec!["old.yaml"]] {
            assert_eq!(removed(&named, &files(uses)), ["old.yaml"], "{text}");
            assert_eq!(removed(&named, &files(takes)), [""; 0], "{text}");
        }
        // no kustomization, and one that may be above another that is not read
        assert_eq!(removed(&["old.yaml", "web.yaml"], &[("old.yaml", text), ("web.yaml", &web)]), ["old.yaml"]);
        let above = [("old.yaml", text), ("../kustomization.yaml", takes)];
        assert_eq!(removed(&["old.yaml"], &above), ["old.yaml"], "{text}");
    }
    // an object by itself may be applied by itself
    let files = [("old.yaml", &*whole), ("web.yaml", &web), ("kustomization.yaml", takes)];
    assert_eq!(removed(&["old.yaml", "web.yaml", "kustomization.yaml"], &files), ["old.yaml"]);
}
