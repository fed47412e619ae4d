//! What people reported of specs: small ones, each with the findings it must give, at their places, and what must stand in
//! the files or in the difference that the report was about.

use crate::cli::program::scalegen;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const FOLDER: &str = "fixtures/cases/specs";

/// A spec by its file's name, and all that speaks: the place and the rule.
const FOUND: &[(&str, &[&str])] = &[
    ("convox-interpolation", &["13:5 ignored-by-consumer"]),
    ("convox-v2-rollout-stuck", &["4:47 lost-in-target", "4:66 lost-in-target", "4:93 lost-in-target"]),
    ("fixed-to-range-after", &[]),
    ("fixed-to-range-before", &[]),
    ("hpa-default-ramp", &[]),
    ("hpa-target-60", &[]),
    (
        "inexpressible",
        &[
            "9:56 unknown-field",
            "10:72 unknown-field",
            "10:118 unknown-field",
            "10:135 unknown-field",
            "10:162 unknown-field",
            "10:190 unknown-field",
            "11:5 unknown-field",
            "13:5 unknown-field",
            "15:15 invalid-value",
            "16:41 wrong-type",
            "18:26 unknown-field",
            "18:47 unknown-field",
        ],
    ),
    ("ingress-same-host-path", &["9:45 same-route-twice"]),
    ("ip-hash-one-network", &["4:3 missing-limits", "4:67 ignored-by-consumer"]),
    ("k8s-backing", &["9:32 lost-in-target"]),
    ("k8s-host-ip", &["14:13 refused-by-target"]),
    ("k8s-to-autoscaler-after", &[]),
    ("k8s-to-autoscaler-before", &[]),
    ("keda-exact-threshold", &[]),
    ("keda-nights-zero-cpu", &["8:22 lost-in-target"]),
    ("keda-wake-from-zero", &["8:22 lost-in-target", "9:18 concurrency-above-cores"]),
    ("kustomize-namespace", &["11:24 ignored-by-consumer"]),
    ("layout", &["4:70 exposed-without-health"]),
    // one finding for the three services each
    (
        "lint-noise",
        &["4:62 lost-in-target", "4:74 ignored-by-consumer", "4:115 lost-in-target", "4:148 ignored-by-consumer"],
    ),
    ("lone-threshold", &[]),
    ("memory-512-bytes", &["9:35 ambiguous-unit", "9:48 ambiguous-unit", "9:70 ambiguous-unit", "9:84 ambiguous-unit"]),
    ("message-of-a-space", &["3:63 invalid-quantity", "3:127 refused-by-target"]),
    ("mysql-max-connections", &[]),
    ("patch-missing-requests", &["5:3 missing-limits"]),
    ("polyaxon-flower", &["6:3 missing-limits", "6:3 refused-by-target"]),
    ("profile-default", &["5:34 unknown-service"]),
    ("secret-in-args", &["10:11 secret-in-args"]),
    ("seldon-dataflow-9-of-12", &["8:51 lost-in-target"]),
    ("selector-name-only", &[]),
    ("tolerance", &["4:3 rollout-raises-replicas", "9:28 ignored-by-consumer"]),
    ("windows-hpa-after", &[]),
    ("windows-hpa-before", &[]),
];

/// What the report was about: words of a message or of a help; lines of the rendered files; `!` before what must not be there.
const SAYS: &[(&str, &[&str])] = &[
    ("ip-hash-one-network", &["the first three numbers of an IPv4 address", "one of the 3 replicas"]),
    ("k8s-backing", &["kubernetes runs no backing service"]),
    ("k8s-host-ip", &["is an IP address, and the host of an Ingress is a DNS name"]),
    ("lint-noise", &["the same for `b`, `c`", "compose runs a fixed number: 2 is written, not 2 to 5"]),
    ("memory-512-bytes", &["`512` of memory is 512 bytes"]),
    ("message-of-a-space", &["write `1Gi`", "512 thousandths of a byte", "1 byte of memory is below 6Mi"]),
    ("polyaxon-flower", &["helm cannot render chart 2.15.1"]),
    ("profile-default", &["did you mean `app`?"]),
];

const WRITTEN: &[(&str, &[&str])] = &[
    ("convox-interpolation", &["TEMPLATE=a $\\u007bNAME} b", "hello $\\u007bUSER}", "!a ${NAME} b"]),
    ("convox-v2-rollout-stuck", &["minimum: 100", "maximum: 150"]),
    ("fixed-to-range-after", &["minReplicas: 4", "maxReplicas: 12", "!  replicas:"]),
    (
        "hpa-default-ramp",
        &["value: 100", "periodSeconds: 15", "stabilizationWindowSeconds: 300", "stabilizationWindowSeconds: 0"],
    ),
    ("hpa-target-60", &["averageUtilization: 60"]),
    ("k8s-to-autoscaler-after", &["minReplicas: 6", "!  replicas:"]),
    ("k8s-to-autoscaler-before", &["  replicas: 9", "!HorizontalPodAutoscaler"]),
    ("keda-exact-threshold", &["running*20 < 49*replicas", "running*10 >= 63*replicas", "!2.45"]),
    ("keda-nights-zero-cpu", &["minReplicaCount: 0", "type: cron", "start: 0 8 * * 1-5"]),
    ("keda-wake-from-zero", &["replicas == 0 ? (queued > 0 ? 1 : 0)", "minReplicaCount: 0"]),
    ("layout", &["server 127.0.0.1:8084;", "replicas: 5"]),
    ("lone-threshold", &["averageUtilization: 70"]),
    ("mysql-max-connections", &["command: [\"--max-connections=500\"]"]),
    ("patch-missing-requests", &["kind: HorizontalPodAutoscaler"]),
    ("seldon-dataflow-9-of-12", &["replicas: 9", "maxShardCountMultiplier: 4"]),
    ("selector-name-only", &["      app.kubernetes.io/instance: shop\n      app.kubernetes.io/name: redis"]),
    ("tolerance", &["tolerance: \"0\"", "tolerance: 578947369n"]),
    ("windows-hpa-before", &["name: web-window-1", "schedule: \"*/5 9-16 * * 1-5\"", "\\\"minReplicas\\\":4"]),
    ("windows-hpa-after", &["name: web-window-1", "\\\"minReplicas\\\":5"]),
];

/// What `diff` says from `-before` to `-after`.
const CHANGED: &[(&str, &[&str])] = &[
    ("fixed-to-range", &["takes `replicas: 8` away", "8 replicas become 1", "goes to 4 or more", "edit-last-applied"]),
    (
        "k8s-to-autoscaler",
        &["takes `replicas: 9` away", "9 replicas become 1", "goes to 6 or more", "edit-last-applied"],
    ),
    // the names of the CronJobs stay, so that the next apply replaces them
    ("windows-hpa", &["web-window-1-cronjob.yaml", "1 rendered file changed", "!(new)", "!(removed)"]),
];

/// What of `wanted` is not as it should be in a text.
fn amiss(name: &str, text: &str, wanted: &[&str]) -> Vec<String> {
    let wrong = wanted.iter().filter(|words| match words.strip_prefix('!') {
        Some(absent) => text.contains(absent),
        None => !text.contains(**words),
    });
    wrong.map(|words| format!("{name}: {words:?} in\n{text}")).collect()
}

fn run(args: &[&str]) -> (String, String) {
    let ran = scalegen(Path::new(FOLDER), args);
    assert!(ran.code < 2, "{args:?}: {}", ran.err);
    (ran.out, ran.err)
}

#[test]
fn each_report_is_answered_by_its_rules_alone() {
    let mut wrong = Vec::new();
    for (name, expected) in FOUND {
        let file = format!("{name}.yaml");
        let (out, _) = run(&["lint", "--isolated", "--format", "concise", &file]);
        let found = out.lines().filter_map(|line| line.strip_prefix(&format!("{file}:")));
        let found = found.map(|line| {
            let (place, rest) = line.split_once(": ").unwrap();
            format!("{place} {}", rest.split_once('[').unwrap().1.split_once(']').unwrap().0)
        });
        let found: BTreeSet<String> = found.collect();
        let expected: BTreeSet<String> = expected.iter().map(|one| (*one).to_owned()).collect();
        if found != expected {
            wrong.push(format!("{name}: expected {expected:?}, found {found:?}"));
        }
        let (out, _) = run(&["lint", "--isolated", "--format", "json", &file]);
        let report: serde_json::Value = serde_json::from_str(&out).unwrap();
        let all = report["findings"].as_array().unwrap();
        let mute = all.iter().filter(|one| one["rule"] == "unknown-field" && one["help"].is_null());
        wrong.extend(mute.map(|one| format!("{name}: no way out of {}", one["message"])));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let files = fs::read_dir(FOLDER).unwrap().count();
    assert_eq!(files, FOUND.len(), "each file has a line here");
}

#[test]
fn each_report_is_answered_in_words_and_in_what_is_written() {
    let mut wrong = Vec::new();
    for (name, wanted) in SAYS {
        let (out, _) = run(&["lint", "--isolated", "--format", "json", &format!("{name}.yaml")]);
        wrong.extend(amiss(name, &out.replace("\\\"", "\""), wanted));
    }
    for (name, wanted) in WRITTEN {
        let dir = tempfile::tempdir().unwrap();
        let (out, _) = run(&["render", "--isolated", &format!("{name}.yaml"), "--out", dir.path().to_str().unwrap()]);
        let files = out.lines().filter_map(|line| line.strip_prefix("wrote "));
        let text: String = files.map(|file| fs::read_to_string(Path::new(FOLDER).join(file)).unwrap()).collect();
        wrong.extend(amiss(name, &text, wanted));
    }
    for (name, wanted) in CHANGED {
        let (out, _) = run(&["diff", &format!("{name}-before.yaml"), &format!("{name}-after.yaml")]);
        wrong.extend(amiss(name, &out, wanted));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
