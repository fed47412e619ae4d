//! Keys of the chart that `helm create` writes, of databases, machines and targets.

use super::super::{convert, sentences};
use super::{To, WordAnswer, WordRow, bound, perhaps, row, to};

const SERVICE: &str = "services/*";
const COMPOSE: &str = "compose";
const KUBERNETES: &str = "Kubernetes";
const HELM: &str = "Helm";
const WINDOW: &str = "services/*/schedule/*";

/// The rows, in the order in which they are looked up.
pub(super) const ROWS: &[WordRow] = &[
    // Helm, under a service
    row(
        "",
        SERVICE,
        &["min", "min_size", "min_capacity", "min_count", "min_instances", "min_scale"],
        bound(To::Same("replicas.min")),
        "2",
    ),
    row(
        "",
        SERVICE,
        &["max", "max_size", "max_capacity", "max_count", "max_instances", "max_scale"],
        bound(To::Same("replicas.max")),
        "6",
    ),
    row("", SERVICE, &["limits"], to(To::Same("resources.limits")), "{ memory: 512Mi }"),
    row("", SERVICE, &["requests"], to(To::Same("resources.requests")), "{ memory: 512Mi }"),
    row(HELM, SERVICE, &["replicaCount"], to(To::Same("replicas")), "3"),
    row(
        "",
        SERVICE,
        &[
            "instances",
            "instance_count",
            "num_replicas",
            "numReplicas",
            "copies",
            "count",
            "desiredCount",
            "desired",
            "desired_capacity",
            "desired_size",
            "desiredReplicas",
        ],
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
    row("", SERVICE, &["tag", "imageTag", "image_tag"], WordAnswer::Told(sentences::tag), "v2"),
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
    row(
        "",
        "",
        &["environments", "stages", "overlays", "variants", "sizes"],
        to(To::Same("profiles")),
        "{ large: {} }",
    )
    .only(|node| !node.entries().is_empty()),
    row(KUBERNETES, "", &["apiVersion"], to(To::With(convert::version)), "v1"),
    row(
        KUBERNETES,
        "",
        &["kind"],
        WordAnswer::Remove("a spec has no kinds; `version`, `name` and `services` are at its root"),
        "Deployment",
    ),
    row(KUBERNETES, "", &["metadata"], to(To::With(convert::metadata)), "{ name: shop }"),
    row(
        KUBERNETES,
        "",
        &["spec"],
        WordAnswer::Instead(
            "write what is in it at the root, not indented, as `services: { web: { image: example/web } }`",
        ),
        "{}",
    ),
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
        &["tls", "tlsSecret"],
        WordAnswer::Instead("write `expose: { tls: web-tls }` under the service, with the name of the Secret"),
        "{ secret: web-tls }",
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
    row(
        "",
        "services/*/connections/*",
        &["pool", "pool_size", "max", "size", "limit", "max_connections", "overflow", "max_overflow"],
        WordAnswer::Told(sentences::pool),
        "20",
    ),
    // capacity
    row("", "capacity", &["cpu", "cpus", "cores", "count", "gpu"], WordAnswer::Told(sentences::machines), "8"),
    row("", "capacity", &["memory", "mem", "ram"], WordAnswer::Told(sentences::machines), "8Gi"),
    row(
        "",
        WINDOW,
        &["cron", "crontab", "start", "end", "schedule", "stop", "until", "startTime", "endTime"],
        WordAnswer::Told(sentences::window),
        "\"0 8 * * 1-5\"",
    ),
    row("", WINDOW, &["hours", "time", "times", "window", "at"], perhaps(To::With(convert::hours), ""), "9am-5pm"),
    row("", WINDOW, &["tz", "zone", "location"], to(To::Same("timezone")), "Europe/Berlin"),
    row("", WINDOW, &["desiredReplicas", "desired", "count"], to(To::Same("replicas")), "4"),
    row("", WINDOW, &["day", "weekdays", "dayOfWeek", "dow"], to(To::Same("days")), "[mon]"),
    row("", "capacity/nodes/*", &["replicas", "number"], to(To::Same("count")), "2"),
    row("", "capacity/nodes/*", &["cores", "cpus", "vcpu", "vcpus"], to(To::Same("cpu")), "4"),
    row("", "capacity/nodes/*", &["mem", "ram"], to(To::Memory("memory")), "8g"),
];
