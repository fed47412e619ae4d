//! What differs between the generations of Convox, as data. Knows no plan.

use crate::plan::BackingKind;

/// What one generation's parser and rack understand.
#[derive(Debug)]
pub(super) struct Generation {
    /// The word of the option.
    pub(super) word: &'static str,
    /// Units of `scale.cpu` in one core.
    pub(super) core: u64,
    /// Units of `scale.cpu` if none are written.
    pub(super) default_cpu: u64,
    /// Whether `scale.limit` is read.
    pub(super) limits: bool,
    /// Whether `scale.gpu` is read.
    pub(super) gpu: bool,
    /// Whether `scale.keda` is read.
    pub(super) keda: bool,
    /// Whether `ports` beside the one `port` are read.
    pub(super) ports: bool,
    /// Whether `health.port` and `health.disable` are read.
    pub(super) health_options: bool,
    /// Failures in a row after which a process is given up; they cannot be set. v3: pkg/manifest; v2: the template of a
    /// service, `UnhealthyThresholdCount`.
    pub(super) retries: u32,
    /// Whether a load balancer asks, whose own bounds hold: intervals of 5 to 300 s, timeouts of 2 to 120 s and shorter
    /// than the interval (the API of Elastic Load Balancing).
    pub(super) balancer_asks: bool,
    /// Whether Kubernetes runs the processes: it replaces `$(NAME)` in their words, and its Ingress takes no address.
    pub(super) on_kubernetes: bool,
    /// Whether `command` is a list of words; else it is one line that a shell's rules split.
    pub(super) command_words: bool,
    /// Whether a surge given in percent is rounded up (Kubernetes) or down (ECS).
    pub(super) surge_rounds_up: bool,
    /// Whether `timeout` of a service is read as the balancer's timeouts towards it: v3 writes the three of ingress-nginx.
    pub(super) timeout: bool,
    /// Whether the balancer keeps a client on one process unless told not to.
    pub(super) sticky: bool,
    /// Whether a fixed count acts on the first deploy only.
    pub(super) first_deploy_only: bool,
    /// The types of resources.
    pub(super) resources: &'static [ResourceType],
    /// Whether a resource is a container, with `image` and the option `mem`; else the cloud's own service with `version`.
    pub(super) resource_containers: bool,
}

/// One type of resource.
#[derive(Debug)]
pub(super) struct ResourceType {
    /// The kind of the spec; `type` is its word.
    pub(super) kind: BackingKind,
    /// Connections its container takes if nobody says otherwise; `None` if the machine's size decides.
    pub(super) max_connections: Option<u32>,
}

/// Megabytes of `scale.memory` if none are written.
pub(super) const DEFAULT_MEMORY: u64 = 512;

const fn container(kind: BackingKind, max_connections: u32) -> ResourceType {
    ResourceType { kind, max_connections: Some(max_connections) }
}

const fn service(kind: BackingKind) -> ResourceType {
    ResourceType { kind, max_connections: None }
}

const V3: Generation = Generation {
    word: "v3",
    core: 1000,
    default_cpu: 250,
    limits: true,
    gpu: true,
    keda: true,
    ports: true,
    health_options: true,
    retries: 3,
    balancer_asks: false,
    on_kubernetes: true,
    command_words: false,
    surge_rounds_up: true,
    timeout: true,
    sticky: false,
    first_deploy_only: true,
    resources: &[
        container(BackingKind::Postgres, 100),
        container(BackingKind::Postgis, 100),
        container(BackingKind::Mysql, 151),
        container(BackingKind::Mariadb, 151),
        container(BackingKind::Redis, 10_000),
        container(BackingKind::Memcached, 1024),
    ],
    resource_containers: true,
};

const V2: Generation = Generation {
    word: "v2",
    core: 1024,
    default_cpu: 256,
    limits: false,
    gpu: false,
    keda: false,
    ports: false,
    health_options: false,
    retries: 2,
    balancer_asks: true,
    on_kubernetes: false,
    command_words: true,
    surge_rounds_up: false,
    timeout: false,
    sticky: true,
    first_deploy_only: false,
    resources: &[
        service(BackingKind::Postgres),
        service(BackingKind::Mysql),
        service(BackingKind::Mariadb),
        service(BackingKind::Redis),
        service(BackingKind::Memcached),
    ],
    resource_containers: false,
};

/// The generation with this name; v3 if there is none.
pub(super) fn generation(word: Option<&str>) -> &'static Generation {
    match word {
        Some("v2") => &V2,
        _ => &V3,
    }
}
