//! Keys of the chart that `helm create` writes, of databases, machines and targets.

use super::super::convert;
use super::{To, WordAnswer, WordRow, bound, perhaps, row, to};

const SERVICE: &str = "services/*";
const COMPOSE: &str = "compose";
const KUBERNETES: &str = "Kubernetes";
const HELM: &str = "Helm";

/// The rows, in the order in which they are looked up.
pub(super) const ROWS: &[WordRow] = &[
    // Helm, under a service
    row("", SERVICE, &["min"], bound(To::Same("replicas.min")), "2"),
    row("", SERVICE, &["max"], bound(To::Same("replicas.max")), "6"),
    row("", SERVICE, &["limits"], to(To::Same("resources.limits")), "{ memory: 512Mi }"),
    row("", SERVICE, &["requests"], to(To::Same("resources.requests")), "{ memory: 512Mi }"),
    row(HELM, SERVICE, &["replicaCount"], to(To::Same("replicas")), "3"),
    row(
        "",
        SERVICE,
        &["instances", "instance_count", "num_replicas", "numReplicas", "copies", "count", "desiredCount", "desired"],
        to(To::Same("replicas")),
        "3",
    ),
    row(
        "",
        SERVICE,
        &["workers", "threads", "slots", "parallelism", "workerProcesses"],
        perhaps(To::Same("concurrency"), ", how many jobs one replica runs at once"),
        "4",
    ),
    row(
        "",
        SERVICE,
        &["environmentVariables", "envVars", "envs", "variables", "vars"],
        to(To::With(convert::environment)),
        "{ LOG_LEVEL: info }",
    ),
    row(
        "",
        SERVICE,
        &["cpu_limit", "cpuLimit", "limit_cpu", "cpu_limits"],
        to(To::Number("resources.limits.cpu")),
        "1",
    ),
    row(
        "",
        SERVICE,
        &["memory_limit", "memoryLimit", "limit_memory", "memory_limits", "mem_limits"],
        to(To::Memory("resources.limits.memory")),
        "512Mi",
    ),
    row("", SERVICE, &["cpu_request", "cpuRequest", "request_cpu"], to(To::Number("resources.requests.cpu")), "500m"),
    row(
        "",
        SERVICE,
        &["memory_request", "memoryRequest", "request_memory"],
        to(To::Memory("resources.requests.memory")),
        "256Mi",
    ),
    row(
        HELM,
        SERVICE,
        &["service"],
        WordAnswer::Instead("write `port: 80`, and `publish: 8080` for a port of the host"),
        "{}",
    ),
    // databases
    row(COMPOSE, "backingServices/*", &["mem_limit"], to(To::Memory("memory")), "512m"),
    row("", "backingServices/*", &["max_connections"], to(To::Same("maxConnections")), "100"),
    row("", "backingServices/*", &["shared_buffers"], to(To::Memory("sharedBuffers")), "128MB"),
    row("", "backingServices/*", &["work_mem"], to(To::Memory("workMem")), "4MB"),
    row("", "backingServices/*", &["type", "engine"], to(To::With(convert::database)), "postgres"),
    row(
        "",
        "backingServices/*",
        &["replicas", "ports", "port", "environment", "env", "volumes", "restart", "healthcheck"],
        WordAnswer::Remove(
            "a backing service is counted, not scaled; it stays in the compose file or manifest that runs it",
        ),
        "1",
    ),
    // the root
    row("", "", &["target", "platform"], perhaps(To::With(convert::target), ""), "kubernetes"),
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
        &["ingressClass", "ingressClassName"],
        WordAnswer::Instead("write `expose: { class: nginx }` under the service"),
        "nginx",
    ),
    row(
        KUBERNETES,
        "targets/kubernetes",
        &["serviceAccount", "serviceAccountName"],
        WordAnswer::Instead("write `serviceAccount: web` under the service"),
        "web",
    ),
    row(
        KUBERNETES,
        "targets/kubernetes",
        &["labels"],
        WordAnswer::Instead("write `labels: { team: shop }` under the service"),
        "{ team: shop }",
    ),
    row(
        KUBERNETES,
        "targets/kubernetes",
        &["annotations"],
        WordAnswer::Instead("write `annotations: { example.com/owner: shop }` under the service"),
        "{}",
    ),
    row(
        KUBERNETES,
        "targets/kubernetes",
        &["context", "replicas"],
        WordAnswer::Remove(
            "the target has no option for it; lay a kustomize patch of your own over the rendered files",
        ),
        "nginx",
    ),
    row(COMPOSE, "targets/compose", &["file", "path", "from"], to(To::Same("base")), "docker-compose.yml"),
    row(
        KUBERNETES,
        "targets/kubernetes",
        &["hpa", "keda", "autoscaling", "autoscale"],
        WordAnswer::Instead("write `autoscaler: hpa` or `autoscaler: keda`"),
        "true",
    ),
    row(
        HELM,
        "",
        &["replicaCount", "minReplicas", "maxReplicas"],
        WordAnswer::Instead("write it in its service, as `replicas: 2`"),
        "2",
    ),
    // capacity
    row(
        "",
        "capacity",
        &["cpu", "memory", "cpus", "cores", "mem", "ram", "count", "gpu"],
        WordAnswer::Instead("write it for each kind of machine: `nodes: [{ count: 1, cpu: 4, memory: 8Gi }]`"),
        "8",
    ),
    row(
        "",
        "services/*/schedule/*",
        &["cron", "crontab", "start", "end", "schedule"],
        WordAnswer::Instead("write days and times: `days: [mon, fri], from: \"08:00\", to: \"18:00\", timezone: UTC`"),
        "\"0 8 * * 1-5\"",
    ),
    row("", "capacity/nodes/*", &["replicas", "number"], to(To::Same("count")), "2"),
    row("", "capacity/nodes/*", &["cores", "cpus", "vcpu", "vcpus"], to(To::Same("cpu")), "4"),
    row("", "capacity/nodes/*", &["mem", "ram"], to(To::Memory("memory")), "8g"),
];
