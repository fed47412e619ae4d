//! Combinations of values in one object that the API server refuses. Knows no other object.
//!
//! The sources are the functions of Kubernetes that validate objects: kubernetes/kubernetes, `pkg/apis/*/validation/validation.go`,
//! named at each check.

use super::access::{entry, items, path, word};
use super::refused::{Say, is_placeholder, refused};
use super::selector::LabelSelector;
use super::{amount_refusals, ingress_refusals, job_refusals, keda_refusals, names, pod_refusals, service_refusals};
use crate::support::diagnostic::Finding;
use crate::support::suggest::closest;
use crate::syntax::{Entry, Node, Value};

/// Checks one value of a type. `whole` says that nothing is laid over it or under it, so that missing fields are faults, and `selects` that
/// nothing else adds to its selector.
pub(super) fn check(of: &str, node: &Node, (whole, selects): (bool, bool), say: Say<'_>) {
    match of {
        "DeploymentStrategy" => recreate(node, say),
        "RollingUpdateDeployment" => no_way(node, say),
        "StatefulSetUpdateStrategy" => on_delete(node, say),
        "RollingUpdateStatefulSetStrategy" => none_at_once(node, say),
        "RollingUpdateDaemonSet" => one_of_both(node, say),
        "PodDisruptionBudgetSpec" => two_bounds(node, say),
        "V1HorizontalPodAutoscalerSpec" | "V2HorizontalPodAutoscalerSpec" => from_zero(node, say),
        "MetricSpec" => metric_source(node, whole, say),
        "ResourceMetricSource" | "ContainerResourceMetricSource" if whole => {
            target(node, &["averageUtilization", "averageValue"], say);
        }
        "PodsMetricSource" if whole => target(node, &["averageValue"], say),
        "ExternalMetricSource" | "ObjectMetricSource" if whole => target(node, &["value", "averageValue"], say),
        "DeploymentSpec" | "StatefulSetSpec" | "DaemonSetSpec" | "ReplicaSetSpec" if whole => {
            own_pods(node, selects, say);
            pod_refusals::template(node, &["Always"], say);
            pod_refusals::no_deadline(node, say);
            if of == "DeploymentSpec" {
                ready_too_late(node, say);
            }
        }
        "JobSpec" if whole => {
            pod_refusals::template(node, &["OnFailure", "Never"], say);
            job_refusals::indexed(node, say);
        }
        "CronJobSpec" => job_refusals::schedule(node, say),
        "PodSpec" => {
            pod_refusals::pod(node, say);
            names::of_pod(node, say);
        }
        "Container" => pod_refusals::container(node, say),
        "ResourceRequirements" if whole => amount_refusals::devices(node, say),
        "SecurityContext" => pod_refusals::security(node, say),
        "Toleration" if whole => pod_refusals::toleration(node, say),
        "Volume" if whole => pod_refusals::volume(node, say),
        "EnvVar" => pod_refusals::value_twice(node, say),
        "Probe" | "LifecycleHandler" => pod_refusals::handlers(of, node, say),
        "ServiceSpec" => service_refusals::check(node, whole, say),
        "ObjectMeta" => {
            names::labels(entry(node, "labels"), say);
            names::annotations(entry(node, "annotations"), say);
        }
        "LabelSelector" => names::labels(entry(node, "matchLabels"), say),
        "IngressSpec" if whole => ingress_refusals::spec(node, say),
        "IngressRule" => ingress_refusals::rule(node, say),
        "IngressBackend" if whole => ingress_refusals::backend(node, say),
        "ServiceBackendPort" if whole => ingress_refusals::port(node, say),
        "HTTPIngressPath" => ingress_refusals::absolute(node, say),
        "ResourceQuotaSpec" => counted(node, say),
        "LimitRangeItem" => amount_refusals::limits(node, say),
        "HPAScalingRules" => no_policies(node, say),
        "ScaleTriggers" if whole => keda_refusals::trigger(node, say),
        _ => {}
    }
}

/// What a quota may count besides names with a slash (`pkg/apis/core/helper/helpers.go`, the same from Kubernetes 1.22 on).
const COUNTED: [&str; 19] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.storage",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "persistentvolumeclaims",
    "configmaps",
    "services.nodeports",
    "services.loadbalancers",
];

/// `ValidateResourceQuotaResourceName`.
fn counted(node: &Node, say: Say<'_>) {
    let Some(hard) = entry(node, "hard") else { return };
    for entry in hard.node.entries() {
        let key = &*entry.key;
        let huge = ["hugepages-", "requests.hugepages-"].iter().any(|start| key.starts_with(start));
        if key.contains(['/', '{', '$']) || huge || COUNTED.contains(&key) {
            continue;
        }
        let shown = key.escape_debug();
        let what = format!("a quota counts no `{shown}`");
        let help = match closest(key, COUNTED.into_iter()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write `count/{shown}`, with the plural and the group of what is counted"),
        };
        refused(say, entry.at().key(), what, help);
    }
}

fn is_zero(entry: Option<&Entry>) -> bool {
    entry.is_some_and(|entry| entry.node.as_whole() == Some(0) || &*entry.node.text == "0%")
}

/// `ValidateDeploymentStrategy`.
fn recreate(node: &Node, say: Say<'_>) {
    if let Some(rolling) = entry(node, "rollingUpdate").filter(|_| word(node, "type") == "Recreate") {
        let what = "`rollingUpdate` is set beside `type: Recreate`, which stops all old pods first".to_owned();
        refused(say, rolling.at().key(), what, "take `rollingUpdate` out, or write `type: RollingUpdate`");
    }
}

/// `ValidateRollingUpdateDeployment`.
fn no_way(node: &Node, say: Say<'_>) {
    let (surge, unavailable) = (entry(node, "maxSurge"), entry(node, "maxUnavailable"));
    if let Some(unavailable) = unavailable.filter(|_| is_zero(surge) && is_zero(unavailable)) {
        let what = "maxUnavailable and maxSurge are both 0, so no pod may go and none may come".to_owned();
        refused(say, unavailable.at().place(), what, "write `maxSurge: 1`, or `maxUnavailable: 1`");
    }
}

/// `ValidateStatefulSetSpec`.
fn on_delete(node: &Node, say: Say<'_>) {
    if let Some(rolling) = entry(node, "rollingUpdate").filter(|_| word(node, "type") == "OnDelete") {
        let what = "`rollingUpdate` is set beside `type: OnDelete`".to_owned();
        refused(say, rolling.at().key(), what, "take `rollingUpdate` out, or write `type: RollingUpdate`");
    }
}

/// `validateRollingUpdateStatefulSet`.
fn none_at_once(node: &Node, say: Say<'_>) {
    if let Some(none) = entry(node, "maxUnavailable").filter(|own| is_zero(Some(own))) {
        let what = "a maxUnavailable of 0 lets no pod of a StatefulSet go".to_owned();
        refused(say, none.at().place(), what, "write `maxUnavailable: 1`, or leave it out");
    }
}

/// `ValidateRollingUpdateDaemonSet`; an unwritten maxUnavailable is 1 (`pkg/apis/apps/v1/defaults.go`).
fn one_of_both(node: &Node, say: Say<'_>) {
    let (surge, unavailable) = (entry(node, "maxSurge"), entry(node, "maxUnavailable"));
    let surges = surge.filter(|_| !is_zero(surge));
    match (surges, unavailable) {
        (Some(surge), _) if !is_zero(unavailable) => {
            let what = "maxSurge of a DaemonSet needs a maxUnavailable of 0, and 1 is the default".to_owned();
            refused(say, surge.at().place(), what, "write `maxUnavailable: 0` beside it, or take `maxSurge` out");
        }
        (None, Some(unavailable)) if is_zero(Some(unavailable)) => {
            let what = "maxUnavailable and maxSurge are both 0, so no pod may go and none may come".to_owned();
            refused(say, unavailable.at().place(), what, "write `maxUnavailable: 1`, or `maxSurge: 1`");
        }
        _ => {}
    }
}

/// `ValidatePodDisruptionBudgetSpec`.
fn two_bounds(node: &Node, say: Say<'_>) {
    if let (Some(least), Some(most)) = (entry(node, "minAvailable"), entry(node, "maxUnavailable")) {
        let second = if least.key_span.start < most.key_span.start { most } else { least };
        let what = "`minAvailable` and `maxUnavailable` are both set".to_owned();
        refused(say, second.at().key(), what, "keep one of the two");
    }
}

/// `validateMetrics`: true for every release, whatever its default of the gate HPAScaleToZero.
fn from_zero(node: &Node, say: Say<'_>) {
    let Some(least) = entry(node, "minReplicas").filter(|least| least.node.as_whole() == Some(0)) else { return };
    let wakes = |item: &Node| matches!(word(item, "type"), "Object" | "External");
    if !items(node, "metrics").any(|item| wakes(item)) {
        let what = "minReplicas 0 without a metric of type Object or External: pods that do not run use no cpu and no memory, so nothing would wake them";
        refused(say, least.at().place(), what.to_owned(), "write `minReplicas: 1`");
    }
}

/// `validateMetricSpec`.
fn metric_source(node: &Node, whole: bool, say: Say<'_>) {
    const SOURCES: [(&str, &str); 5] = [
        ("Object", "object"),
        ("Pods", "pods"),
        ("Resource", "resource"),
        ("External", "external"),
        ("ContainerResource", "containerResource"),
    ];
    let Some(kind) = entry(node, "type") else { return };
    let Some((_, own)) = SOURCES.iter().find(|(word, _)| *word == &*kind.node.text) else { return };
    let other = SOURCES.iter().find_map(|(_, key)| entry(node, key).filter(|_| key != own));
    match (entry(node, own), other) {
        (_, Some(other)) => {
            let what = format!("`{}` is set in a metric of type {}", other.key, kind.node.text);
            refused(
                say,
                other.at().key(),
                what,
                format!("write `{own}` there, or the type that `{}` is of", other.key),
            );
        }
        (None, None) if whole => {
            let what = format!("a metric of type {} has no `{own}`", kind.node.text);
            refused(say, kind.at().place(), what, format!("add `{own}`"));
        }
        _ => {}
    }
}

/// `validateResourceSource` and similar functions: a metric needs a target.
fn target(node: &Node, keys: &[&str], say: Say<'_>) {
    let Some(target) = entry(node, "target") else { return };
    if keys.iter().all(|key| entry(&target.node, key).is_none()) {
        let all: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        let what = format!("the target of the metric has no {}", all.join(" and no "));
        refused(say, target.at().key(), what, format!("add {}", all.join(" or ")));
    }
}

/// `ValidatePodTemplateSpecForReplicaSet`, `ValidatePodTemplateSpecForStatefulSet`, `ValidateDaemonSetSpec`.
fn own_pods(node: &Node, selects: bool, say: Say<'_>) {
    let Some(written) = entry(node, "selector") else { return };
    let Some(template) = entry(node, "template") else { return };
    let Some(selector) = LabelSelector::read(written) else { return };
    let labels = path(&template.node, &["metadata", "labels"]);
    let own = super::access::pairs(labels);
    if own.iter().any(|(key, value)| is_placeholder(key) || is_placeholder(value))
        || selector.required().any(|(_, value)| is_placeholder(value))
    {
        return;
    }
    if selector.is_empty() {
        if selects {
            refused(
                say,
                written.at().key(),
                "the selector asks for nothing".to_owned(),
                "write labels of the template",
            );
        }
    } else if !selector.matches(&own) {
        let missed: Vec<String> = selector
            .required()
            .filter(|(key, value)| !own.iter().any(|(other, label)| other == key && label == value))
            .map(|(key, value)| format!("`{key}: {value}`"))
            .collect();
        let missed = if missed.is_empty() { "what it asks for".to_owned() } else { missed.join(", ") };
        let what = format!("the selector does not take the pods of its own template, which lack {missed}");
        let place = labels.map_or_else(|| template.at().key(), |labels| labels.at().key());
        let finding = Finding::of("refused-by-api", written.at().key(), format!("{what}: the API server refuses it"));
        say(finding.label(place, "the labels of the pods").help("write the same labels at both"));
    }
}

/// `ValidateDeploymentSpec`; an unwritten deadline is 600 s (`pkg/apis/apps/v1/defaults.go`).
fn ready_too_late(node: &Node, say: Say<'_>) {
    const DEADLINE: i64 = 600;
    let Some(ready) = entry(node, "minReadySeconds") else { return };
    let deadline = entry(node, "progressDeadlineSeconds");
    let most = match deadline {
        Some(deadline) => deadline.node.as_whole(),
        None => Some(DEADLINE),
    };
    let (Some(least), Some(most)) = (ready.node.as_whole(), most) else { return };
    if least < most {
        return;
    }
    let default = if deadline.is_none() { ", the default" } else { "" };
    let message = format!(
        "minReadySeconds {least} is not below progressDeadlineSeconds {most}{default}: the API server refuses it"
    );
    let finding = Finding::of("refused-by-api", ready.at().place(), message)
        .help(format!("write `progressDeadlineSeconds: {}`, or wait less", least.saturating_add(DEADLINE)));
    say(match deadline {
        Some(deadline) => finding.label(deadline.at().place(), format!("progressDeadlineSeconds {most}")),
        None => finding,
    });
}

/// `validateScalingRules`.
fn no_policies(node: &Node, say: Say<'_>) {
    if let Some(policies) =
        entry(node, "policies").filter(|own| matches!(own.node.value, Value::Seq(_)) && own.node.items().is_empty())
    {
        let what = "`policies` is an empty list".to_owned();
        refused(say, policies.at().key(), what, "leave it out for the defaults, or write `selectPolicy: Disabled`");
    }
}
