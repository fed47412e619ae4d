//! The values that the API server accepts: numbers within bounds, words of a list. A literal table by type and field.
//!
//! The sources are the functions of Kubernetes that validate objects (kubernetes/kubernetes, `pkg/apis/*/validation/validation.go`),
//! the descriptions of the fields in its OpenAPI where they name the values, and KEDA's CustomResourceDefinition.

use super::access::quantity_text;
use crate::syntax::{Node, Value};
use Allowed::{Least, OneOf, Part, Within};

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Allowed {
    /// A whole number of at least this.
    Least(i64),
    /// A whole number from one to the other, both included.
    Within(i64, i64),
    /// One of these words; no other case.
    OneOf(&'static [&'static str]),
    /// A whole number of at least 0, or a percentage of at most this.
    Part(i64),
}

const PORT: Allowed = Within(1, 65_535);
const RULE_OF_LABELS: Allowed = OneOf(&["In", "NotIn", "Exists", "DoesNotExist"]);
const PULL: Allowed = OneOf(&["Always", "IfNotPresent", "Never"]);
const ANY_PERCENT: i64 = i64::MAX;

/// Type, field, accepted values.
#[rustfmt::skip]
const LIMITS: &[(&str, &str, Allowed)] = &[
    // apps: ValidateDeploymentSpec, ValidateRollingUpdateDeployment, ValidateStatefulSetSpec, ValidateRollingUpdateDaemonSet
    ("DeploymentSpec", "replicas", Least(0)),
    ("DeploymentSpec", "minReadySeconds", Least(0)),
    ("DeploymentSpec", "revisionHistoryLimit", Least(0)),
    ("DeploymentSpec", "progressDeadlineSeconds", Least(0)),
    ("DeploymentStrategy", "type", OneOf(&["Recreate", "RollingUpdate"])),
    ("RollingUpdateDeployment", "maxSurge", Part(ANY_PERCENT)),
    ("RollingUpdateDeployment", "maxUnavailable", Part(100)),
    ("StatefulSetSpec", "replicas", Least(0)),
    ("StatefulSetSpec", "minReadySeconds", Least(0)),
    ("StatefulSetSpec", "podManagementPolicy", OneOf(&["OrderedReady", "Parallel"])),
    ("StatefulSetUpdateStrategy", "type", OneOf(&["RollingUpdate", "OnDelete"])),
    ("RollingUpdateStatefulSetStrategy", "partition", Least(0)),
    ("RollingUpdateStatefulSetStrategy", "maxUnavailable", Part(100)),
    ("ReplicaSetSpec", "replicas", Least(0)),
    ("DaemonSetUpdateStrategy", "type", OneOf(&["RollingUpdate", "OnDelete"])),
    ("RollingUpdateDaemonSet", "maxSurge", Part(100)),
    ("RollingUpdateDaemonSet", "maxUnavailable", Part(100)),
    // autoscaling: validateHorizontalPodAutoscalerSpec, validateScalingRules, validateScalingPolicy, validateMetricTarget
    ("V1HorizontalPodAutoscalerSpec", "minReplicas", Least(0)),
    ("V1HorizontalPodAutoscalerSpec", "maxReplicas", Least(1)),
    ("V2HorizontalPodAutoscalerSpec", "minReplicas", Least(0)),
    ("V2HorizontalPodAutoscalerSpec", "maxReplicas", Least(1)),
    ("HPAScalingRules", "stabilizationWindowSeconds", Within(0, 3_600)),
    ("HPAScalingRules", "selectPolicy", OneOf(&["Max", "Min", "Disabled"])),
    ("HPAScalingPolicy", "type", OneOf(&["Pods", "Percent"])),
    ("HPAScalingPolicy", "value", Least(1)),
    ("HPAScalingPolicy", "periodSeconds", Within(1, 1_800)),
    ("MetricSpec", "type", OneOf(&["ContainerResource", "External", "Object", "Pods", "Resource"])),
    ("MetricTarget", "type", OneOf(&["Utilization", "Value", "AverageValue"])),
    // policy: ValidatePodDisruptionBudgetSpec
    ("PodDisruptionBudgetSpec", "minAvailable", Part(100)),
    ("PodDisruptionBudgetSpec", "maxUnavailable", Part(100)),
    ("PodDisruptionBudgetSpec", "unhealthyPodEvictionPolicy", OneOf(&["IfHealthyBudget", "AlwaysAllow"])),
    // batch: validateJobSpec, validateCronJobSpec
    ("JobSpec", "parallelism", Least(0)),
    ("JobSpec", "completions", Least(0)),
    ("JobSpec", "backoffLimit", Least(0)),
    ("JobSpec", "activeDeadlineSeconds", Least(0)),
    ("JobSpec", "ttlSecondsAfterFinished", Least(0)),
    ("JobSpec", "completionMode", OneOf(&["NonIndexed", "Indexed"])),
    ("CronJobSpec", "concurrencyPolicy", OneOf(&["Allow", "Forbid", "Replace"])),
    ("CronJobSpec", "startingDeadlineSeconds", Least(0)),
    ("CronJobSpec", "successfulJobsHistoryLimit", Least(0)),
    ("CronJobSpec", "failedJobsHistoryLimit", Least(0)),
    // core: ValidatePodSpec, validateContainers, validateProbe, ValidateServiceCreate
    ("PodSpec", "restartPolicy", OneOf(&["Always", "OnFailure", "Never"])),
    ("PodSpec", "dnsPolicy", OneOf(&["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"])),
    ("PodSpec", "terminationGracePeriodSeconds", Least(0)),
    ("PodSpec", "preemptionPolicy", OneOf(&["Never", "PreemptLowerPriority"])),
    ("Container", "imagePullPolicy", PULL),
    ("EphemeralContainer", "imagePullPolicy", PULL),
    ("ContainerPort", "containerPort", PORT),
    ("ContainerPort", "hostPort", Within(0, 65_535)),
    ("ContainerPort", "protocol", OneOf(&["TCP", "UDP", "SCTP"])),
    ("Probe", "initialDelaySeconds", Least(0)),
    ("Probe", "timeoutSeconds", Least(0)),
    ("Probe", "periodSeconds", Least(0)),
    ("Probe", "successThreshold", Least(0)),
    ("Probe", "failureThreshold", Least(0)),
    ("HTTPGetAction", "scheme", OneOf(&["HTTP", "HTTPS"])),
    ("GRPCAction", "port", PORT),
    ("Toleration", "operator", OneOf(&["Exists", "Equal", "Lt", "Gt"])),
    ("Toleration", "effect", OneOf(&["NoSchedule", "PreferNoSchedule", "NoExecute"])),
    ("TopologySpreadConstraint", "maxSkew", Least(1)),
    ("TopologySpreadConstraint", "whenUnsatisfiable", OneOf(&["DoNotSchedule", "ScheduleAnyway"])),
    ("WeightedPodAffinityTerm", "weight", Within(1, 100)),
    ("PreferredSchedulingTerm", "weight", Within(1, 100)),
    ("NodeSelectorRequirement", "operator", OneOf(&["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"])),
    ("LabelSelectorRequirement", "operator", RULE_OF_LABELS),
    ("ServiceSpec", "type", OneOf(&["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"])),
    ("ServiceSpec", "sessionAffinity", OneOf(&["ClientIP", "None"])),
    ("ServiceSpec", "externalTrafficPolicy", OneOf(&["Cluster", "Local"])),
    ("ServiceSpec", "internalTrafficPolicy", OneOf(&["Cluster", "Local"])),
    ("ServicePort", "port", PORT),
    ("ServicePort", "protocol", OneOf(&["TCP", "UDP", "SCTP"])),
    ("PersistentVolumeClaimSpec", "accessModes", OneOf(&["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"])),
    ("PersistentVolumeClaimSpec", "volumeMode", OneOf(&["Filesystem", "Block"])),
    // networking: validateHTTPIngressPath
    ("HTTPIngressPath", "pathType", OneOf(&["Exact", "Prefix", "ImplementationSpecific"])),
    // KEDA: config/crd/bases/keda.sh_scaledobjects.yaml
    ("ScaledObjectSpec", "cooldownPeriod", Least(0)),
    ("ScaledObjectSpec", "idleReplicaCount", Least(0)),
    ("ScaledObjectSpec", "initialCooldownPeriod", Least(0)),
    ("ScaledObjectSpec", "minReplicaCount", Least(0)),
    ("ScaledObjectSpec", "maxReplicaCount", Least(1)),
    ("ScaledObjectSpec", "pollingInterval", Least(1)),
    ("ScaledObjectFallback", "failureThreshold", Least(0)),
    ("ScaledObjectFallback", "replicas", Least(0)),
];

/// The accepted values of a field; `None` if the table has none.
pub(super) fn allowed(of: &str, field: &str) -> Option<Allowed> {
    LIMITS.iter().find(|(own, name, _)| *own == of && *name == field).map(|(.., allowed)| *allowed)
}

/// The types and fields of the table.
pub fn limited_fields() -> impl Iterator<Item = (&'static str, &'static str)> {
    LIMITS.iter().map(|(of, field, _)| (*of, *field))
}

impl Allowed {
    /// The fault of a value, and how to fix it; `None` if it is accepted, or has another type than the field.
    pub(super) fn judge(self, node: &Node) -> Option<(String, String)> {
        match self {
            Least(least) => {
                let number = node.as_whole().filter(|number| *number < least)?;
                Some((format!("{number} is below {least}"), format!("write {least} or more")))
            }
            Within(least, most) => {
                let number = node.as_whole().filter(|number| *number < least || *number > most)?;
                let how = if number < least { format!("below {least}") } else { format!("above {most}") };
                Some((format!("{number} is {how}"), format!("write a number from {least} to {most}")))
            }
            OneOf(words) => {
                let word = node.as_str().filter(|word| !word.is_empty() && !words.contains(word))?;
                let near = crate::support::suggest::closest(word, words.iter().copied());
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "write one of these".to_owned(),
                };
                Some((format!("`{}` is none of {}", word.escape_debug(), words.join(", ")), help))
            }
            Part(most) => part(node, most),
        }
    }
}

fn part(node: &Node, most: i64) -> Option<(String, String)> {
    let help = "write a whole number, or a percentage like `25%`".to_owned();
    match node.value {
        Value::Str => {
            let text = quantity_text(node)?;
            let Some(percent) = text.strip_suffix('%').and_then(|digits| digits.parse::<i64>().ok()) else {
                return Some((format!("`{}` is not a percentage", text.escape_debug()), help));
            };
            let above = || (format!("{text} is above {most}%"), format!("write `{most}%` or less"));
            (percent > most).then(above).or_else(|| (percent < 0).then(|| (format!("{text} is below 0"), help)))
        }
        _ => node.as_whole().filter(|number| *number < 0).map(|number| (format!("{number} is below 0"), help)),
    }
}
