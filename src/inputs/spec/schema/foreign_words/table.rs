//! The words, where they are met, and what to write for them: one row a kind. A test follows the help of every row.
//!
//! Compose's keys are those of the compose specification, Kubernetes' those of `Deployment`, `HorizontalPodAutoscaler`
//! (autoscaling/v1 and v2) and `Pod`, Helm's those of the chart that `helm create` writes, KEDA's those of `ScaledObject`.

use super::convert::{self, Field};
use crate::support::diagnostic::SPEC;
use crate::support::source::Source;
use crate::syntax::{self, Node};

/// One kind of word at one place.
#[derive(Debug)]
pub struct Row {
    /// Whose word it is, for a person; empty where it is nobody's in particular.
    pub tool: &'static str,
    /// The mapping it stands in: keys with `/` between, `*` for any name. Empty for the root.
    pub at: &'static str,
    /// The words.
    pub words: &'static [&'static str],
    /// What to do about them.
    pub answer: Answer,
    /// A value as it is met, in YAML.
    pub sample: &'static str,
}

/// What to do about a word.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// Write these fields. `sure` where nothing else can be meant, so that a program may write them.
    Fields {
        /// How the value becomes fields.
        to: To,
        /// Whether a program may do it.
        sure: bool,
        /// What a person should know where this word stands alone: begins with a space or a comma, or is empty.
        note: &'static str,
    },
    /// Remove it, and why.
    Remove(&'static str),
    /// A sentence with the place where it goes.
    Instead(&'static str),
}

/// How a value becomes fields. Paths are keys with dots between.
#[derive(Clone, Copy)]
pub enum To {
    /// The value as it is written, at this path.
    Same(&'static str),
    /// The same in the mapping above.
    Above(&'static str),
    /// A number or thousandths, be it in quotes or not.
    Number(&'static str),
    /// An amount of memory as compose reads it.
    Memory(&'static str),
    /// Seconds as a duration.
    Duration(&'static str),
    /// Several fields.
    With(fn(&Node) -> Option<Vec<Field>>),
}

impl std::fmt::Debug for To {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            To::Same(path) | To::Above(path) | To::Number(path) | To::Memory(path) | To::Duration(path) => {
                write!(f, "{path}")
            }
            To::With(_) => f.write_str("several fields"),
        }
    }
}

impl Row {
    /// Whether the fields go into the mapping above.
    #[must_use]
    pub fn is_above(&self) -> bool {
        matches!(self.answer, Answer::Fields { to: To::Above(_), .. })
    }

    /// The first field that the row writes, for what belongs together; none where it writes several or none.
    #[must_use]
    pub fn root(&self) -> Option<&'static str> {
        let Answer::Fields { to, .. } = self.answer else { return None };
        match to {
            To::Same(path) | To::Above(path) | To::Number(path) | To::Memory(path) | To::Duration(path) => {
                path.split('.').next()
            }
            To::With(_) => None,
        }
    }
}

/// The fields of a row for its own sample.
#[must_use]
pub fn example(row: &Row) -> Option<Vec<Field>> {
    let node = syntax::parse(SPEC, &Source::new("", row.sample), syntax::Mode::Spec).root?;
    convert::fields_of(row, &node)
}

const SERVICE: &str = "services/*";
const RESOURCES: &str = "services/*/resources";
const AUTOSCALING: &str = "services/*/autoscaling";
const UP: &str = "services/*/autoscaling/scaleUp";
const DOWN: &str = "services/*/autoscaling/scaleDown";
const COMPOSE: &str = "compose";
const KUBERNETES: &str = "Kubernetes";
const HELM: &str = "Helm";

const fn row(
    tool: &'static str,
    at: &'static str,
    words: &'static [&'static str],
    answer: Answer,
    sample: &'static str,
) -> Row {
    Row { tool, at, words, answer, sample }
}

/// A field of ours that is meant without doubt.
const fn to(to: To) -> Answer {
    Answer::Fields { to, sure: true, note: "" }
}

/// One end of a range.
const fn bound(to: To) -> Answer {
    Answer::Fields { to, sure: true, note: " and the other end beside it: a range has `min` and `max`" }
}

/// A field of ours that a person must look at.
const fn perhaps(to: To, note: &'static str) -> Answer {
    Answer::Fields { to, sure: false, note }
}

const STAYS_COMPOSE: Answer = Answer::Remove(
    "it does not say how the service scales and stays in the compose file that `targets.compose.base` names",
);
const STAYS_KUBERNETES: Answer = Answer::Remove(
    "the spec has no field for it; it stays in your manifest, and a service without `image` is rendered as a patch over that",
);
const BEHAVIOR: Answer = Answer::Instead(
    "remove it: the steps follow from `scaleUp: { threshold, delay }` and `scaleDown: { threshold, delay }`; write the times as `delay`",
);

/// All rows. The first that fits holds.
pub const TABLE: &[Row] = &[
    // compose, under a service
    row(COMPOSE, SERVICE, &["mem_limit"], to(To::Memory("resources.limits.memory")), "512m"),
    row(COMPOSE, SERVICE, &["mem_reservation"], to(To::Memory("resources.requests.memory")), "256m"),
    row(COMPOSE, SERVICE, &["cpus"], to(To::Number("resources.limits.cpu")), "\"0.5\""),
    row(COMPOSE, SERVICE, &["pids_limit"], to(To::Same("resources.limits.pids")), "100"),
    row(COMPOSE, SERVICE, &["scale"], to(To::Same("replicas")), "3"),
    row(COMPOSE, SERVICE, &["environment"], to(To::Same("env")), "{ LOG_LEVEL: info }"),
    row(COMPOSE, SERVICE, &["entrypoint"], to(To::Same("command")), "[\"/bin/app\"]"),
    row(COMPOSE, SERVICE, &["stop_grace_period"], to(To::Duration("stopGracePeriod")), "30s"),
    row(COMPOSE, SERVICE, &["expose_port", "target_port"], to(To::Same("port")), "80"),
    row(
        COMPOSE,
        SERVICE,
        &["published", "host_port"],
        perhaps(To::Same("publish"), " beside the container's `port`"),
        "8080",
    ),
    row(
        COMPOSE,
        SERVICE,
        &["deploy"],
        to(To::With(convert::deploy)),
        "{ replicas: 3, resources: { limits: { memory: 512M } } }",
    ),
    row(
        COMPOSE,
        SERVICE,
        &["healthcheck"],
        to(To::With(convert::healthcheck)),
        "{ test: [\"CMD\", \"curl\", \"-f\", \"localhost\"], interval: 30s }",
    ),
    row(
        COMPOSE,
        SERVICE,
        &["build"],
        Answer::Instead(
            "remove it: scalegen builds nothing; write `image` with the name of what is built, or no image at all where `targets.compose.base` names the file that builds it",
        ),
        ".",
    ),
    row(
        COMPOSE,
        SERVICE,
        &["depends_on", "links"],
        Answer::Remove(
            "what a service waits for follows from its `connections` to `backingServices`, and the compose file that `targets.compose.base` names keeps its own",
        ),
        "[db]",
    ),
    row(
        COMPOSE,
        SERVICE,
        &["env_file"],
        Answer::Remove(
            "scalegen reads no variables from files; it stays in the compose file that `targets.compose.base` names",
        ),
        ".env",
    ),
    row(
        COMPOSE,
        SERVICE,
        &["secrets"],
        Answer::Instead("write the names of the variables as `sharedSecrets: [SIGNING_KEY]`, and never their values"),
        "[signing_key]",
    ),
    row(
        COMPOSE,
        SERVICE,
        &[
            "restart",
            "networks",
            "network_mode",
            "container_name",
            "hostname",
            "labels",
            "logging",
            "extra_hosts",
            "dns",
            "cap_add",
            "cap_drop",
            "privileged",
            "user",
            "working_dir",
            "ulimits",
            "sysctls",
            "tmpfs",
            "init",
            "platform",
            "pull_policy",
            "profiles",
            "extends",
            "stop_signal",
            "configs",
            "devices",
            "shm_size",
            "tty",
            "stdin_open",
            "read_only",
            "security_opt",
            "ipc",
            "pid",
            "cpu_shares",
            "memswap_limit",
            "oom_kill_disable",
        ],
        STAYS_COMPOSE,
        "always",
    ),
    row(COMPOSE, RESOURCES, &["reservations"], to(To::Same("requests")), "{ memory: 256Mi }"),
    row(COMPOSE, "services/*/resources/limits", &["cpus"], to(To::Same("cpu")), "0.5"),
    row(COMPOSE, "services/*/resources/requests", &["cpus"], to(To::Same("cpu")), "0.5"),
    row(COMPOSE, "services/*/resources/limits", &["mem"], to(To::Memory("memory")), "512m"),
    row(COMPOSE, "services/*/resources/requests", &["mem"], to(To::Memory("memory")), "512m"),
    row(COMPOSE, "services/*/ports/*", &["target"], to(To::Same("port")), "80"),
    row(COMPOSE, "services/*/ports/*", &["published"], to(To::Same("publish")), "8080"),
    row(COMPOSE, "services/*/ports/*", &["host_ip", "mode", "app_protocol"], STAYS_COMPOSE, "127.0.0.1"),
    row(
        COMPOSE,
        "services/*/health",
        &["test"],
        perhaps(To::Same("command"), ", without a leading `CMD`"),
        "[\"true\"]",
    ),
    row(COMPOSE, "services/*/health", &["start_period"], to(To::Duration("startPeriod")), "30s"),
    row(COMPOSE, "services/*/volumes/*", &["source"], to(To::Same("name")), "data"),
    row(COMPOSE, "services/*/volumes/*", &["target"], to(To::Same("mount")), "/data"),
    row(COMPOSE, "", &["networks", "volumes", "configs", "secrets", "include"], STAYS_COMPOSE, "{}"),
    // Kubernetes, under a service
    row(KUBERNETES, SERVICE, &["minReplicas", "minReplicaCount"], bound(To::Same("replicas.min")), "2"),
    row(KUBERNETES, SERVICE, &["maxReplicas", "maxReplicaCount"], bound(To::Same("replicas.max")), "6"),
    row(KUBERNETES, SERVICE, &["containerPort"], to(To::Same("port")), "80"),
    row(KUBERNETES, SERVICE, &["terminationGracePeriodSeconds"], to(To::Duration("stopGracePeriod")), "30"),
    row(
        KUBERNETES,
        SERVICE,
        &["livenessProbe", "readinessProbe", "startupProbe"],
        perhaps(To::With(convert::probe), ""),
        "{ httpGet: { path: /healthz, port: 80 }, periodSeconds: 10 }",
    ),
    row(
        KUBERNETES,
        SERVICE,
        &["liveness", "readiness", "startup", "probe", "probes", "healthCheck", "health_check"],
        perhaps(To::Same("health"), ", the one check of a service"),
        "{ http: /healthz }",
    ),
    row(
        KUBERNETES,
        SERVICE,
        &["hpa", "horizontalPodAutoscaler", "autoscale", "scaling"],
        perhaps(To::With(convert::autoscaler), ""),
        "{ minReplicas: 2, maxReplicas: 6, targetCPUUtilizationPercentage: 80 }",
    ),
    row(
        KUBERNETES,
        SERVICE,
        &["preStop", "drainDelay", "lifecycle", "terminationDelay", "drain"],
        Answer::Instead(
            "write `stopGracePeriod: 45s`, the time a replica has to end its work; a hook before that stays in your manifest",
        ),
        "{ sleep: 15s }",
    ),
    row(
        KUBERNETES,
        SERVICE,
        &["envFrom", "valueFrom"],
        Answer::Instead(
            "write names of variables that come from a secret as `sharedSecrets: [SIGNING_KEY]`, and plain ones as `env: { LOG_LEVEL: info }`",
        ),
        "[]",
    ),
    row(
        KUBERNETES,
        SERVICE,
        &["nodeSelector", "affinity", "tolerations", "topologySpreadConstraints", "topologyKey"],
        Answer::Instead(
            "write `spread: node` or `spread: zone` to keep replicas apart; which nodes take them stays in your manifest, over which a service without `image` is rendered as a patch",
        ),
        "{}",
    ),
    row(KUBERNETES, SERVICE, &["podDisruptionBudget", "pdb"], to(To::Same("disruption")), "{ maxUnavailable: 1 }"),
    row(
        KUBERNETES,
        SERVICE,
        &["strategy", "updateStrategy", "rollingUpdate"],
        Answer::Instead("write `update: { strategy: rolling, surge: 1, unavailable: 0 }`"),
        "{}",
    ),
    row(KUBERNETES, SERVICE, &["ingress"], Answer::Instead("write `expose: { host: a.example.com, path: / }`"), "{}"),
    row(
        KUBERNETES,
        SERVICE,
        &["volumeMounts", "volumeClaimTemplates"],
        Answer::Instead("write `kind: stateful` and `volumes: [{ name: data, mount: /data, size: 10Gi }]`"),
        "[]",
    ),
    row(
        KUBERNETES,
        SERVICE,
        &[
            "securityContext",
            "podSecurityContext",
            "serviceAccount",
            "serviceAccountName",
            "imagePullSecrets",
            "imagePullPolicy",
            "initContainers",
            "sidecars",
            "containers",
            "annotations",
            "podAnnotations",
            "priorityClassName",
            "metadata",
            "spec",
            "template",
            "selector",
            "dnsPolicy",
            "hostNetwork",
            "restartPolicy",
            "storageClass",
            "runtimeClassName",
            "schedulerName",
        ],
        STAYS_KUBERNETES,
        "{}",
    ),
    row(
        KUBERNETES,
        RESOURCES,
        &["cpu", "memory", "gpu"],
        Answer::Instead(
            "write it under `limits` for the most that one replica may use, under `requests` for what is set aside for it: `limits: { memory: 512Mi }`",
        ),
        "1",
    ),
    row(
        KUBERNETES,
        "services/*/resources/requests",
        &["ephemeral-storage", "ephemeralStorage"],
        STAYS_KUBERNETES,
        "1Gi",
    ),
    row(KUBERNETES, "services/*/resources/limits", &["ephemeral-storage", "ephemeralStorage"], STAYS_KUBERNETES, "1Gi"),
    row(KUBERNETES, "services/*/resources/limits", &["nvidia.com/gpu", "amd.com/gpu"], to(To::Same("gpu")), "1"),
    row(KUBERNETES, "services/*/resources/requests", &["nvidia.com/gpu", "amd.com/gpu"], to(To::Same("gpu")), "1"),
    row(KUBERNETES, "services/*/ports/*", &["containerPort", "targetPort"], to(To::Same("port")), "80"),
    row(KUBERNETES, "services/*/ports/*", &["hostPort", "nodePort"], to(To::Same("publish")), "8080"),
    row(KUBERNETES, "services/*/health", &["path"], to(To::Same("http")), "/healthz"),
    row(KUBERNETES, "services/*/health", &["periodSeconds"], to(To::Duration("interval")), "10"),
    row(KUBERNETES, "services/*/health", &["timeoutSeconds"], to(To::Duration("timeout")), "5"),
    row(KUBERNETES, "services/*/health", &["initialDelaySeconds"], to(To::Duration("startPeriod")), "5"),
    row(KUBERNETES, "services/*/health", &["failureThreshold"], to(To::Same("retries")), "3"),
    row(
        KUBERNETES,
        "services/*/health",
        &["httpGet", "tcpSocket", "exec"],
        Answer::Instead("write one of `http: /healthz`, `tcp: true` and `command: [\"true\"]`"),
        "{}",
    ),
    row(KUBERNETES, "services/*/volumes/*", &["mountPath"], to(To::Same("mount")), "/data"),
    row(KUBERNETES, "services/*/volumes/*", &["storage"], to(To::Same("size")), "1Gi"),
    row(
        KUBERNETES,
        "services/*/volumes/*",
        &["storageClass", "storageClassName", "accessModes", "hostPath", "emptyDir", "persistentVolumeClaim"],
        STAYS_KUBERNETES,
        "fast",
    ),
    row(
        KUBERNETES,
        "services/*/expose",
        &["tls", "class", "ingressClass", "ingressClassName", "annotations"],
        Answer::Remove("the spec has no field for it; lay a patch of your own over the rendered Ingress"),
        "true",
    ),
    row(KUBERNETES, "services/*/update", &["maxSurge"], to(To::Same("surge")), "1"),
    row(KUBERNETES, "services/*/update", &["maxUnavailable"], to(To::Same("unavailable")), "0"),
    row(
        KUBERNETES,
        "services/*/update",
        &["type"],
        Answer::Instead("write `strategy: rolling` or `strategy: recreate`"),
        "RollingUpdate",
    ),
    // autoscalers
    row(KUBERNETES, AUTOSCALING, &["minReplicas", "min", "minReplicaCount"], bound(To::Above("replicas.min")), "2"),
    row(KUBERNETES, AUTOSCALING, &["maxReplicas", "max", "maxReplicaCount"], bound(To::Above("replicas.max")), "6"),
    row(
        KUBERNETES,
        AUTOSCALING,
        &["targetCPUUtilizationPercentage", "targetCPU", "cpu", "averageUtilization"],
        perhaps(To::With(convert::cpu_target), ""),
        "80",
    ),
    row(
        KUBERNETES,
        AUTOSCALING,
        &["targetMemoryUtilizationPercentage", "memory"],
        perhaps(To::With(convert::memory_target), ""),
        "80",
    ),
    row(
        HELM,
        AUTOSCALING,
        &["enabled"],
        Answer::Remove(
            "a range such as `replicas: { min: 2, max: 6 }` in the service turns autoscaling on, a number turns it off",
        ),
        "true",
    ),
    row(KUBERNETES, AUTOSCALING, &["behavior", "policies", "selectPolicy"], BEHAVIOR, "{}"),
    row(KUBERNETES, UP, &["step", "policies", "selectPolicy", "steps", "every"], BEHAVIOR, "4"),
    row(KUBERNETES, DOWN, &["step", "policies", "selectPolicy", "steps", "every"], BEHAVIOR, "4"),
    row(KUBERNETES, UP, &["stabilizationWindowSeconds"], to(To::Duration("delay")), "60"),
    row(KUBERNETES, DOWN, &["stabilizationWindowSeconds"], to(To::Duration("delay")), "300"),
    row(
        KUBERNETES,
        AUTOSCALING,
        &["tolerance"],
        Answer::Instead(
            "write two thresholds, `scaleUp: { threshold: 0.8 }` and `scaleDown: { threshold: 0.6 }`: the kubernetes target turns them into tolerances from version 1.35 on",
        ),
        "0.05",
    ),
    row(
        "KEDA",
        AUTOSCALING,
        &["fallback", "idleReplicas", "idleReplicaCount", "pollingInterval", "triggers"],
        Answer::Remove(
            "the spec has no field for it; `replicas: { min: 0, max: 6 }` lets a service sleep, and the rest of a ScaledObject follows from `signal` and `metrics`",
        ),
        "{}",
    ),
    row("KEDA", AUTOSCALING, &["cooldownPeriod"], to(To::Duration("scaleDown.delay")), "300"),
    row(
        KUBERNETES,
        "services/*/autoscaling/metrics",
        &["cpu", "memory", "resource", "type"],
        Answer::Instead(
            "write `signal: cpu` or `signal: memory` with `scaleUp: { threshold: 0.8 }` in `autoscaling`: one signal decides, and `metrics` is only for `signal: load`",
        ),
        "0.8",
    ),
    // Helm, under a service
    row(HELM, SERVICE, &["replicaCount"], to(To::Same("replicas")), "3"),
    row(
        HELM,
        SERVICE,
        &["service"],
        Answer::Instead("write `port: 80`, and `publish: 8080` for a port of the host"),
        "{}",
    ),
    // databases
    row(COMPOSE, "backingServices/*", &["mem_limit"], to(To::Memory("memory")), "512m"),
    row("", "backingServices/*", &["max_connections"], to(To::Same("maxConnections")), "100"),
    row("", "backingServices/*", &["shared_buffers"], to(To::Memory("sharedBuffers")), "128MB"),
    row("", "backingServices/*", &["work_mem"], to(To::Memory("workMem")), "4MB"),
    row("", "backingServices/*", &["type"], to(To::Same("kind")), "postgres"),
    row(
        "",
        "backingServices/*",
        &["replicas", "ports", "port", "environment", "env", "volumes", "restart", "healthcheck"],
        Answer::Remove(
            "a backing service is counted, not scaled; it stays in the compose file or manifest that runs it",
        ),
        "1",
    ),
    // targets
    row("", "targets", &["k8s", "kube", "kustomize", "manifests"], to(To::Same("kubernetes")), "{}"),
    row(
        "",
        "targets",
        &["docker", "docker-compose", "docker_compose", "dockerCompose", "swarm"],
        to(To::Same("compose")),
        "{}",
    ),
    row(
        KUBERNETES,
        "targets/kubernetes",
        &[
            "ingressClass",
            "ingressClassName",
            "serviceAccount",
            "serviceAccountName",
            "labels",
            "annotations",
            "context",
            "replicas",
        ],
        Answer::Remove("the target has no option for it; lay a kustomize patch of your own over the rendered files"),
        "nginx",
    ),
    row(COMPOSE, "targets/compose", &["file", "path", "from"], to(To::Same("base")), "docker-compose.yml"),
    // capacity
    row("", "capacity/nodes/*", &["replicas", "number"], to(To::Same("count")), "2"),
    row("", "capacity/nodes/*", &["cores", "cpus", "vcpu", "vcpus"], to(To::Same("cpu")), "4"),
    row("", "capacity/nodes/*", &["mem", "ram"], to(To::Memory("memory")), "8g"),
];
