//! What kustomizations name: circles and what is not there, judged by the real `kubectl kustomize`.

use crate::cli::program::{folder, scalegen};
use crate::common::judge::judge;

const WEB: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\ndata: {}\n";
const COMPONENT: &str = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";

/// The errors that `lint .` finds in a folder; whether kubectl builds its folder `a` is compared.
fn errors(files: &[(&str, &str)]) -> Vec<String> {
    let dir = folder(files);
    let ran = scalegen(dir.path(), &["lint", "--format", "concise", "."]);
    let found: Vec<String> = ran.out.lines().filter(|line| line.contains("error[")).map(str::to_owned).collect();
    if let Some(verdict) = judge("kustomize.sh", &[dir.path().join("a").to_str().unwrap()]) {
        assert_eq!(verdict.accepted, found.is_empty(), "{files:?}: {found:?}\n{}", verdict.err);
    }
    found
}

#[test]
fn kustomizations_in_a_circle_have_one_finding_wherever_it_is_entered() {
    let circle = [
        "b/kustomization.yaml:1:13: error[invalid-value]: kustomizations name each other in a circle: `../a` → `../b`",
    ];
    let two = [("a/kustomization.yaml", "resources: [../b]\n"), ("b/kustomization.yaml", "resources: [../a]\n")];
    assert_eq!(errors(&two), circle);
    assert_eq!(
        errors(&[("a/kustomization.yaml", "resources: [.]\n")]),
        [
            "a/kustomization.yaml:1:13: error[invalid-value]: `.` is this kustomization itself: kubectl refuses the circle"
        ]
    );
    let component = |name: &str| format!("{COMPONENT}components: [{name}]\n");
    let components = [
        ("a/kustomization.yaml", "resources: [w.yaml]\ncomponents: [../b]\n"),
        ("a/w.yaml", WEB),
        ("b/kustomization.yaml", &component("../c")),
        ("c/kustomization.yaml", &component("../b")),
    ];
    assert_eq!(
        errors(&components),
        [
            "c/kustomization.yaml:3:14: error[invalid-value]: kustomizations name each other in a circle: `../b` → `../c`"
        ]
    );
    let around = [
        ("a/kustomization.yaml", "resources: [w.yaml, over/dev]\n"),
        ("a/w.yaml", WEB),
        ("a/over/dev/kustomization.yaml", "resources: [../..]\n"),
    ];
    let found = errors(&around);
    assert!(found.len() == 1 && found[0].starts_with("a/over/dev/kustomization.yaml:1:13: "), "{found:?}");
    let above = [
        ("kustomization.yaml", "resources: [w.yaml]\n"),
        ("w.yaml", WEB),
        ("a/kustomization.yaml", "resources: [..]\n"),
    ];
    let told = "a/kustomization.yaml:1:13: error[invalid-value]: `..` is a folder around this kustomization: kubectl refuses it as a circle";
    assert_eq!(errors(&above), [told]);
}

#[test]
fn kustomizations_that_share_a_folder_are_no_circle() {
    let shared = [
        ("a/kustomization.yaml", "resources: [../b]\ncomponents: [../c]\n"),
        ("b/kustomization.yaml", "resources: [../w]\n"),
        ("c/kustomization.yaml", &*format!("{COMPONENT}namePrefix: x-\n")),
        ("w/kustomization.yaml", "resources: [w.yaml]\n"),
        ("w/w.yaml", WEB),
    ];
    assert_eq!(errors(&shared), [""; 0]);
    let below = [
        ("a/kustomization.yaml", "resources: [b]\n"),
        ("a/b/kustomization.yaml", "resources: [w.yaml]\n"),
        ("a/b/w.yaml", WEB),
    ];
    assert_eq!(errors(&below), [""; 0]);
}

#[test]
fn what_a_kustomization_names_and_is_not_there_is_told_at_the_entry() {
    let of = |kustomization: &str| {
        errors(&[("a/kustomization.yaml", kustomization), ("a/w.yaml", WEB), ("a/plain", WEB), ("b/x.txt", "")])
    };
    for (kustomization, place) in [
        (
            "resources: [w.yaml, nope.yaml]\n",
            "1:21: error[unreadable-file]: `nope.yaml` does not exist: kubectl refuses the kustomization",
        ),
        (
            "resources: [../nope]\n",
            "1:13: error[unreadable-file]: `../nope` does not exist: kubectl refuses the kustomization",
        ),
        ("resources: [../b]\n", "1:13: error[unreadable-file]: `../b` holds no kustomization: kubectl refuses it"),
        (
            "resources: [w.yaml]\ncomponents: [../b]\n",
            "2:14: error[unreadable-file]: `../b` holds no kustomization: kubectl refuses it",
        ),
        (
            "resources: [w.yaml]\npatches: [{ path: p.yaml }]\n",
            "2:19: error[unreadable-file]: `p.yaml` does not exist: kubectl refuses the kustomization",
        ),
        (
            "resources: [w.yaml]\npatchesStrategicMerge: [p.yaml]\n",
            "2:25: error[unreadable-file]: `p.yaml` does not exist: kubectl refuses the kustomization",
        ),
    ] {
        assert_eq!(of(kustomization), [format!("a/kustomization.yaml:{place}")], "{kustomization}");
    }
    // a file needs no ending
    assert_eq!(of("resources: [plain]\n"), [""; 0]);
}

#[test]
fn what_stands_elsewhere_or_is_filled_in_is_not_missing() {
    for resource in [
        "https://example.com/x.yaml",
        "github.com/example/x//deploy?ref=v1",
        "'{{ .Values.base }}/x.yaml'",
        "'${BASE}/x.yaml'",
    ] {
        let dir = folder(&[("kustomization.yaml", &*format!("resources: [{resource}]\n"))]);
        let ran = scalegen(dir.path(), &["lint", "--format", "concise", "."]);
        assert!(!ran.out.contains("error["), "{resource}: {}", ran.out);
    }
}
