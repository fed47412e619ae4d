//! Values of pods and their containers that the API server refuses. Knows no other object.
//!
//! The sources are the functions of kubernetes/kubernetes, `pkg/apis/core/validation/validation.go` and those that call them for
//! templates, named at each check.

use super::access::{entry, flag, items, path, word};
use super::refused::{Say, is_placeholder, refused};
use crate::support::diagnostic::Finding;
use crate::support::suggest::closest;
use crate::syntax::{Entry, Node};
use std::collections::HashSet;

/// A pod: what must be unique in it, and what its containers may not have.
pub(super) fn pod(node: &Node, say: Say<'_>) {
    unique(node, &["containers", "initContainers"], "name", say);
    unique(node, &["volumes"], "name", say);
    host_ports(node, say);
    for container in items(node, "initContainers").filter(|item| word(item, "restartPolicy") != "Always") {
        ended_containers(container, say);
    }
}

/// A container.
pub(super) fn container(node: &Node, say: Say<'_>) {
    unique(node, &["ports"], "name", say);
    unique(node, &["volumeMounts"], "mountPath", say);
    for probe in ["livenessProbe", "startupProbe"].iter().filter_map(|key| entry(node, key)) {
        one_success(probe, say);
    }
    if let Some(grace) = path(node, &["readinessProbe", "terminationGracePeriodSeconds"]) {
        let what = "`terminationGracePeriodSeconds` is set in a readiness probe, which stops nothing".to_owned();
        refused(say, grace.at().key(), what, "take it out");
    }
}

/// `validateLivenessProbe`, `validateStartupProbe`; 0 becomes the default, 1.
fn one_success(probe: &Entry, say: Say<'_>) {
    let Some(threshold) = entry(&probe.node, "successThreshold") else { return };
    if let Some(number) = threshold.node.as_whole().filter(|number| *number > 1) {
        let what = format!("a {} takes a successThreshold of 1 only, not {number}", probe.key);
        refused(say, threshold.at().place(), what, "take it out");
    }
}

/// `validateInitContainers`: a container that ends has no probes and no hooks.
fn ended_containers(container: &Node, say: Say<'_>) {
    for key in ["livenessProbe", "readinessProbe", "startupProbe", "lifecycle"] {
        if let Some(own) = entry(container, key) {
            let what = format!("`{key}` is set in an init container, which runs to its end");
            refused(say, own.at().key(), what, "take it out, or write `restartPolicy: Always` for a sidecar");
        }
    }
}

/// `checkHostPortConflicts`, `validateHostNetwork`.
fn host_ports(pod: &Node, say: Say<'_>) {
    let host_network = flag(entry(pod, "hostNetwork")).is_some_and(|own| own.value);
    let mut seen: Vec<((i64, &str, &str), &Entry)> = Vec::new();
    for port in items(pod, "containers").flat_map(|container| items(container, "ports")) {
        let Some(own) = entry(port, "hostPort") else { continue };
        let Some(number) = own.node.as_whole().filter(|number| *number > 0) else { continue };
        let inner = entry(port, "containerPort").and_then(|inner| inner.node.as_whole());
        if let Some(inner) = inner.filter(|inner| host_network && *inner != number) {
            let what = format!("hostPort {number} differs from containerPort {inner} beside `hostNetwork: true`");
            refused(say, own.at().place(), what, format!("write `hostPort: {inner}`, or take it out"));
        }
        let protocol = match word(port, "protocol") {
            "" => "TCP",
            protocol => protocol,
        };
        let key = (number, protocol, word(port, "hostIP"));
        match seen.iter().find(|(other, _)| *other == key) {
            Some((_, first)) => {
                let message =
                    format!("`hostPort: {number}` of {protocol} appears twice in one pod: the API server refuses it");
                let finding = Finding::of("refused-by-api", own.at().place(), message);
                say(finding.label(first.at().place(), "the first").help("give it another, or take it out"));
            }
            None => seen.push((key, own)),
        }
    }
}

/// The pods of a workload, with the words that their `restartPolicy` may be.
pub(super) fn template(node: &Node, restart_policies: &[&str], say: Say<'_>) {
    restarts(node, restart_policies, say);
    mounts(node, say);
    without_action(node, say);
}

/// `ValidateTolerations`.
pub(super) fn toleration(node: &Node, say: Say<'_>) {
    let operator = word(node, "operator");
    if let Some(value) = entry(node, "value").filter(|own| operator == "Exists" && !own.node.text.is_empty()) {
        let what = "a toleration with `operator: Exists` has a `value`".to_owned();
        refused(say, value.at().key(), what, "take `value` out, or write `operator: Equal`");
    }
    let takes_all = operator == "Exists" || is_placeholder(operator);
    if !takes_all && entry(node, "key").is_none_or(|key| key.node.text.is_empty()) {
        let what = "a toleration without `key` takes every taint, and has not `operator: Exists`".to_owned();
        refused(say, node.at().place(), what, "write `operator: Exists`, or add a `key`");
    }
    let effect = word(node, "effect");
    if let Some(seconds) = entry(node, "tolerationSeconds").filter(|_| effect != "NoExecute" && !is_placeholder(effect))
    {
        let what = "`tolerationSeconds` is set beside another effect than NoExecute".to_owned();
        refused(say, seconds.at().key(), what, "write `effect: NoExecute`, or take it out");
    }
}

/// `validateVolumeSource`: a volume is of one kind.
pub(super) fn volume(node: &Node, say: Say<'_>) {
    let mut kinds = node.entries().iter().filter(|own| &*own.key != "name" && !own.node.is_null());
    if let (Some(first), Some(second)) = (kinds.next(), kinds.next()) {
        let what =
            format!("the volume is of the kinds `{}` and `{}`", first.key.escape_debug(), second.key.escape_debug());
        refused(say, second.at().key(), what, "keep one of the two");
    }
}

/// `ValidateSecurityContext`.
pub(super) fn security(node: &Node, say: Say<'_>) {
    let is = |key: &str, value: bool| flag(entry(node, key)).is_some_and(|own| own.value == value);
    if let Some(escalation) = entry(node, "allowPrivilegeEscalation")
        .filter(|_| is("allowPrivilegeEscalation", false) && is("privileged", true))
    {
        let what = "`allowPrivilegeEscalation: false` is set beside `privileged: true`".to_owned();
        refused(say, escalation.at().place(), what, "keep one of the two");
    }
}

/// `ValidateDeploymentSpec`, `validateJobSpec`: the restart policies of pods that end, and of pods that do not.
fn restarts(node: &Node, words: &[&str], say: Say<'_>) {
    let Some(template) = path(node, &["template", "spec"]) else { return };
    let written = entry(&template.node, "restartPolicy");
    let policy = written.map_or("Always", |written| &written.node.text);
    let known = ["Always", "OnFailure", "Never"].contains(&policy);
    if known && !words.contains(&policy) {
        let place = written.map_or_else(|| template.at().key(), |written| written.at().place());
        let default = if written.is_none() { ", the default," } else { "" };
        let what = format!("restartPolicy {policy}{default} is none for these pods");
        refused(say, place, what, format!("write `restartPolicy: {}`", words.join("` or `restartPolicy: ")));
    }
}

/// `ValidateVolumeMounts`: what is mounted must be a volume of the pod, or a claim that a StatefulSet makes.
fn mounts(node: &Node, say: Say<'_>) {
    let Some(pod) = path(node, &["template", "spec"]) else { return };
    let claims = items(node, "volumeClaimTemplates").filter_map(|item| path(item, &["metadata", "name"]));
    let known: HashSet<&str> = items(&pod.node, "volumes")
        .map(|item| word(item, "name"))
        .chain(claims.map(|claim| &*claim.node.text))
        .collect();
    for container in ["containers", "initContainers"].iter().flat_map(|key| items(&pod.node, key)) {
        for mount in items(container, "volumeMounts") {
            let Some(name) = entry(mount, "name") else { continue };
            let text = &*name.node.text;
            if known.contains(text) || is_placeholder(text) {
                continue;
            }
            let near = closest(text, known.iter().copied());
            let help = near.map_or_else(
                || format!("add a volume `{text}` to the pod, or take the mount out"),
                |near| format!("did you mean `{near}`?"),
            );
            let what = format!("`{}` is mounted, and the pod has no volume of this name", text.escape_debug());
            refused(say, name.at().place(), what, help);
        }
    }
}

/// `validateContainers`, `ValidateVolumeMounts`: names that must be unique.
fn unique(node: &Node, lists: &[&str], key: &str, say: Say<'_>) {
    let mut known: Vec<&Entry> = Vec::new();
    let all = lists.iter().flat_map(|list| items(node, list));
    let named = all.filter_map(|item| entry(item, key));
    let mut seen = HashSet::new();
    for own in named {
        if seen.insert(&*own.node.text) {
            known.push(own);
        } else if let Some(first) = known.iter().find(|first| first.node.text == own.node.text) {
            let message = format!(
                "`{key}: {}` appears twice in one {}: the API server refuses it",
                own.node.text.escape_debug(),
                if lists.iter().any(|list| ["containers", "volumes"].contains(list)) { "pod" } else { "container" }
            );
            let finding = Finding::of("refused-by-api", own.at().place(), message);
            say(finding.label(first.at().place(), "the first").help("give it another, or take it out"));
        }
    }
}

/// `validateEnvVarValueFrom`.
pub(super) fn value_twice(node: &Node, say: Say<'_>) {
    let value = entry(node, "value").filter(|value| !value.node.text.is_empty());
    if let (Some(_), Some(from)) = (value, entry(node, "valueFrom")) {
        let what = format!("`{}` has a `value` and a `valueFrom`", word(node, "name").escape_debug());
        refused(say, from.at().key(), what, "keep one of the two");
    }
}

/// What a probe or a hook may do.
const ACTIONS: [&str; 5] = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];

/// `validateProbe`, `validateHandler`: a probe or a hook does one thing.
pub(super) fn handlers(of: &str, node: &Node, say: Say<'_>) {
    let mut own = ACTIONS.iter().filter_map(|key| entry(node, key));
    if let (Some(first), Some(second)) = (own.next(), own.next()) {
        let what = if of == "Probe" { "probe" } else { "hook" };
        let what = format!("the {what} has `{}` and `{}`", first.key, second.key);
        refused(say, second.at().key(), what, "keep one of the two");
    }
}

/// The fields of a probe that say when it acts.
const TIMES: [&str; 6] = [
    "failureThreshold",
    "initialDelaySeconds",
    "periodSeconds",
    "successThreshold",
    "terminationGracePeriodSeconds",
    "timeoutSeconds",
];

/// The same of the pods of a workload, where a probe or a hook does nothing. Other controllers fill it in, as Knative does.
fn without_action(node: &Node, say: Say<'_>) {
    const KEYS: [&[&str]; 5] = [
        &["livenessProbe"],
        &["readinessProbe"],
        &["startupProbe"],
        &["lifecycle", "preStop"],
        &["lifecycle", "postStart"],
    ];
    let Some(pod) = path(node, &["template", "spec"]) else { return };
    for container in ["containers", "initContainers"].iter().flat_map(|key| items(&pod.node, key)) {
        for own in KEYS.iter().filter_map(|keys| path(container, keys)) {
            if own.node.entries().iter().all(|entry| entry.node.is_null() || TIMES.contains(&&*entry.key)) {
                let what = format!("`{}` has no action", own.key);
                refused(say, own.at().key(), what, "add `exec`, `httpGet` or `tcpSocket`");
            }
        }
    }
}

/// `ValidatePodTemplateSpecForReplicaSet`, `ValidateStatefulSetSpec`, `ValidateDaemonSetSpec`: pods that are replaced have no end.
pub(super) fn no_deadline(node: &Node, say: Say<'_>) {
    if let Some(deadline) = path(node, &["template", "spec", "activeDeadlineSeconds"]) {
        let what = "`activeDeadlineSeconds` is set for pods that are replaced whenever they end".to_owned();
        refused(say, deadline.at().key(), what, "take it out");
    }
}
