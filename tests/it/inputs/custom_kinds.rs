//! The kinds that other projects define, field for field of their CustomResourceDefinitions, in both directions.

use super::kubernetes_fields::Given;
use crate::common::sets::{FoundInSet, found_in_manifests};

/// The fields: API version and kind, path, type.
fn rows() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let mut kind = "";
    include_str!("custom_kinds.txt").lines().filter_map(move |line| {
        if let Some(name) = line.strip_prefix('[') {
            kind = name.trim_end_matches(']');
            return None;
        }
        let (path, of) = line.split_once(' ').filter(|_| !line.starts_with('#'))?;
        Some((kind, path, of))
    })
}

/// A value that a type takes, and one that it does not take.
fn values(of: &str) -> (&'static str, Option<&'static str>) {
    match of {
        "string" => ("word", Some("5")),
        "integer" => ("1", Some("word")),
        "boolean" => ("true", Some("word")),
        "quantity" | "int-or-string" => ("1", Some("[]")),
        "object" => ("{}", Some("word")),
        "time" => ("2026-01-01T00:00:00Z", None),
        "any" => ("{}", None),
        other => panic!("no value for {other}"),
    }
}

/// The findings about fields and types of an object that has one value, at a path.
fn found(kind: &str, path: &str, value: &str) -> Vec<FoundInSet> {
    let (api_version, kind) = kind.split_once(' ').unwrap();
    let mut inner = value.to_owned();
    for key in path.rsplit('.') {
        let name = key.trim_end_matches(['[', ']', '{', '}']);
        for mark in key.as_bytes()[name.len()..].chunks(2).rev() {
            inner = if mark == b"[]" { format!("[{inner}]") } else { format!("{{k: {inner}}}") };
        }
        inner = format!("{{{name}: {inner}}}");
    }
    let text =
        format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: a}}\n{}\n", &inner[1..inner.len() - 1]);
    let all = found_in_manifests(&["set.yaml".to_owned()], &Given(text));
    all.into_iter().filter(|one| ["unknown-field", "wrong-type", "yaml-syntax"].contains(&&*one.rule)).collect()
}

#[test]
fn every_field_is_silent_and_every_misspelt_one_is_told_at_its_key() {
    let mut count = 0;
    for (kind, path, of) in rows() {
        count += 1;
        let (right, wrong) = values(of);
        assert_eq!(found(kind, path, right), [], "{kind} {path}");
        if let Some(wrong) = wrong {
            let all = found(kind, path, wrong);
            assert!(all.iter().any(|one| one.rule == "wrong-type"), "{kind} {path} {wrong}: {all:?}");
        }
        let (holder, key) = path.rsplit_once('.').unwrap_or(("", path));
        let name = key.trim_end_matches(['[', ']', '{', '}']);
        let misspelt = format!("{name}{}", name.chars().last().unwrap());
        let dot = if holder.is_empty() { "" } else { "." };
        let all = found(kind, &format!("{holder}{dot}{misspelt}{}", &key[name.len()..]), right);
        let told = all.iter().find(|one| one.rule == "unknown-field" && one.marked == misspelt);
        assert!(told.is_some_and(|one| one.help == format!("did you mean `{name}`?")), "{kind} {path}: {all:?}");
    }
    assert!(count > 850, "only {count} fields");
}

/// What a pod holds is checked there as in a Deployment.
#[test]
fn pods_within_other_kinds_are_checked() {
    let pod = "{spec: {containers: [{name: a, image: b, resorces: {}, env: [{name: A, value: 5}]}]}}";
    for (kind, path) in [
        ("keda.sh/v1alpha1 ScaledJob", "spec.jobTargetRef.template"),
        ("argoproj.io/v1alpha1 Rollout", "spec.template"),
        ("serving.knative.dev/v1 Service", "spec.template"),
        ("machinelearning.seldon.io/v1 SeldonDeployment", "spec.predictors[].componentSpecs[]"),
    ] {
        let rules: Vec<String> = found(kind, path, pod).into_iter().map(|one| one.rule).collect();
        assert_eq!(rules, ["unknown-field", "wrong-type"], "{kind}");
    }
}
