//! The known layouts of values: which key of a chart holds which number. One table each, for charts that are written into
//! and for values that are read. Knows no plan and no values file.
//!
//! A row is a word and the keys below the section of a service; Polyaxon's generations are in `polyaxon`.

/// One row: what it is, and the keys down to it, joined by dots.
pub type ValuesRow = (&'static str, &'static str);

/// The layout of `helm create`.
pub const HELM_CREATE: &[ValuesRow] = &[
    ("replicas", "replicaCount"),
    ("autoscaling", "autoscaling.enabled"),
    ("minReplicas", "autoscaling.minReplicas"),
    ("maxReplicas", "autoscaling.maxReplicas"),
    ("targetCPU", "autoscaling.targetCPUUtilizationPercentage"),
    ("targetMemory", "autoscaling.targetMemoryUtilizationPercentage"),
    ("repository", "image.repository"),
    ("tag", "image.tag"),
    ("port", "service.port"),
    ("ingress", "ingress.enabled"),
    ("ingressHosts", "ingress.hosts"),
    ("resources", "resources"),
    ("readinessProbe", "readinessProbe"),
];

/// Where charts of this layout keep the port of their container.
pub const CONTAINER_PORTS: &[&str] =
    &["service.port", "containerPort", "service.containerPort", "service.targetPort", "service.internalPort"];

/// A key of `helm create` that its templates read and its values only have as a comment.
pub const MEMORY_TARGET: &str = "targetMemoryUtilizationPercentage";

/// A deployment of Flow-Like's chart with everything it has.
pub const FLOW_LIKE: &[ValuesRow] = &[
    ("enabled", "enabled"),
    ("replicas", "replicaCount"),
    ("autoscaling", "autoscaling.enabled"),
    ("minReplicas", "autoscaling.minReplicas"),
    ("maxReplicas", "autoscaling.maxReplicas"),
    ("targetCPU", "autoscaling.targetCPUUtilization"),
    ("targetMemory", "autoscaling.targetMemoryUtilization"),
    ("repository", "image.repository"),
    ("tag", "image.tag"),
    ("port", "service.port"),
    ("resources", "resources"),
];

/// One pod for each job: there is no number of replicas.
pub const FLOW_LIKE_JOBS: &[ValuesRow] = &[
    ("concurrency", "maxConcurrentJobs"),
    ("repository", "image.repository"),
    ("tag", "image.tag"),
    ("resources", "resources"),
];

/// Keys of Flow-Like's chart that no template reads.
const FLOW_LIKE_DEAD: &[&str] =
    &["executor.maxConcurrentJobs", "executor.resources", "executor.ttlSecondsAfterFinished"];

/// A built-in table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convention {
    /// The layout of `helm create`.
    HelmCreate,
    /// Flow-Like's own chart.
    FlowLike,
}

impl Convention {
    /// The convention with this word.
    #[must_use]
    pub fn of(word: &str) -> Option<Convention> {
        match word {
            "helm-create" => Some(Convention::HelmCreate),
            "flow-like" => Some(Convention::FlowLike),
            _ => None,
        }
    }

    /// Whether no template reads the value at this path.
    #[must_use]
    pub fn is_dead(self, path: &[String]) -> bool {
        let path = path.join(".");
        let under = |dead: &str| path == dead || path.strip_prefix(dead).is_some_and(|rest| rest.starts_with('.'));
        self == Convention::FlowLike && FLOW_LIKE_DEAD.iter().any(|dead| under(dead))
    }
}

/// What newer releases of `helm create` also have.
pub const HELM_CREATE_MORE: &[ValuesRow] = &[
    ("ingressClass", "ingress.className"),
    ("ingressAnnotations", "ingress.annotations"),
    ("ingressTLS", "ingress.tls"),
    ("serviceAccount", "serviceAccount.name"),
    ("createServiceAccount", "serviceAccount.create"),
    ("podLabels", "podLabels"),
    ("podAnnotations", "podAnnotations"),
    ("podSecurityContext", "podSecurityContext"),
    ("securityContext", "securityContext"),
];

/// What the templates of `helm create` also copy into the pod.
pub const HELM_CREATE_POD: &[ValuesRow] = &[
    ("livenessProbe", "livenessProbe"),
    ("nodeSelector", "nodeSelector"),
    ("tolerations", "tolerations"),
    ("affinity", "affinity"),
];

/// Budgets that charts of this layout often add, under one of these names.
pub const BUDGETS: &[&str] = &["podDisruptionBudget", "pdb"];

/// The budgets of Flow-Like's chart.
pub const FLOW_LIKE_POD: &[ValuesRow] =
    &[("nodeSelector", "nodeSelector"), ("tolerations", "tolerations"), ("affinity", "affinity")];

/// The sections of Flow-Like's chart that are Deployments, and whether it writes the number of replicas beside its own autoscaler.
pub const FLOW_LIKE_SECTIONS: &[(&str, bool)] = &[("api", false), ("web", false), ("executorPool", true)];

/// A component of Polyaxon's chart, in every generation.
pub const POLYAXON: &[ValuesRow] = &[
    ("enabled", "enabled"),
    ("replicas", "replicas"),
    ("autoscaling", "hpa.enabled"),
    ("minReplicas", "hpa.minpods"),
    ("maxReplicas", "hpa.maxpods"),
    ("targetCPU", "hpa.cputhreshold"),
    ("concurrency", "concurrency"),
    ("repository", "image"),
    ("tag", "imageTag"),
    ("resources", "resources"),
    ("nodeSelector", "nodeSelector"),
    ("tolerations", "tolerations"),
    ("affinity", "affinity"),
];

/// The names in Polyaxon's chart for fields of an autoscaler.
pub const POLYAXON_KEYS: &[(&str, &str)] = &[("minReplicas", "minpods"), ("maxReplicas", "maxpods")];
