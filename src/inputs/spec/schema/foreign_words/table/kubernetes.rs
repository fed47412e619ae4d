//! Fields of `Deployment`, `Pod` and what stands beside them.

use super::super::convert;
use super::{To, WordAnswer, WordRow, bound, perhaps, row, to};

const SERVICE: &str = "services/*";
const RESOURCES: &str = "services/*/resources";
const KUBERNETES: &str = "Kubernetes";

const STAYS_KUBERNETES: WordAnswer = WordAnswer::Remove(
    "the spec has no field for it; lay it over the rendered object with `targets.kubernetes.patches`, and where a service without `image` is a patch over your manifest, it stays there",
);

const ASIDE: &str = " for the most that one replica may use; what is set aside for it stands under `requests`";

/// The rows, in the order in which they are looked up.
pub(super) const ROWS: &[WordRow] = &[
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
        perhaps(
            To::Same("health"),
            ", the one check of a service; a liveness probe of its own goes into a patch of the kubernetes target",
        ),
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
        WordAnswer::Instead(
            "write `stopGracePeriod: 45s`, the time a replica has to end its work; a hook before that is a patch of the Deployment under `targets.kubernetes.patches`",
        ),
        "{ sleep: 15s }",
    ),
    row(
        KUBERNETES,
        SERVICE,
        &["envFrom", "valueFrom"],
        WordAnswer::Instead(
            "write names of variables that come from a secret as `sharedSecrets: [SIGNING_KEY]`, and plain ones as `env: { LOG_LEVEL: info }`",
        ),
        "[]",
    ),
    row(
        KUBERNETES,
        SERVICE,
        &["nodeSelector", "affinity", "tolerations", "topologySpreadConstraints", "topologyKey"],
        WordAnswer::Instead(
            "write `spread: node` or `spread: zone` to keep replicas apart; which nodes take them is a patch of the Deployment under `targets.kubernetes.patches`",
        ),
        "{}",
    ),
    row(KUBERNETES, SERVICE, &["podDisruptionBudget", "pdb"], to(To::Same("disruption")), "{ maxUnavailable: 1 }"),
    row(
        KUBERNETES,
        SERVICE,
        &["strategy", "updateStrategy", "rollingUpdate"],
        WordAnswer::Instead("write `update: { strategy: rolling, surge: 1, unavailable: 0 }`"),
        "{}",
    ),
    row(
        KUBERNETES,
        SERVICE,
        &["ingress"],
        WordAnswer::Instead("write `expose: { host: a.example.com, path: / }`"),
        "{}",
    ),
    row(
        KUBERNETES,
        SERVICE,
        &["volumeMounts", "volumeClaimTemplates"],
        WordAnswer::Instead("write `kind: stateful` and `volumes: [{ name: data, mount: /data, size: 10Gi }]`"),
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
    row("", SERVICE, &["memory", "mem", "ram"], perhaps(To::Memory("resources.limits.memory"), ASIDE), "512Mi"),
    row("", SERVICE, &["cpu", "cores"], perhaps(To::Number("resources.limits.cpu"), ASIDE), "500m"),
    row("", SERVICE, &["gpu"], perhaps(To::Same("resources.limits.gpu"), ASIDE), "1"),
    row(KUBERNETES, RESOURCES, &["memory"], perhaps(To::Same("limits.memory"), ASIDE), "512Mi"),
    row(KUBERNETES, RESOURCES, &["cpu"], perhaps(To::Number("limits.cpu"), ASIDE), "1"),
    row(KUBERNETES, RESOURCES, &["gpu"], perhaps(To::Same("limits.gpu"), ASIDE), "1"),
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
        &["httpGet"],
        perhaps(To::With(convert::http_get), ""),
        "{ path: /healthz, port: 80 }",
    ),
    row(KUBERNETES, "services/*/health", &["tcpSocket"], perhaps(To::With(convert::tcp_socket), ""), "{ port: 80 }"),
    row(KUBERNETES, "services/*/health", &["exec"], perhaps(To::With(convert::exec), ""), "{ command: [\"true\"] }"),
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
        WordAnswer::Remove(
            "the spec has no field for it; lay it over the rendered Ingress with `targets.kubernetes.patches`",
        ),
        "true",
    ),
    row(KUBERNETES, "services/*/update", &["maxSurge"], to(To::Same("surge")), "1"),
    row(KUBERNETES, "services/*/update", &["maxUnavailable"], to(To::Same("unavailable")), "0"),
    row(
        KUBERNETES,
        "services/*/update",
        &["type"],
        WordAnswer::Instead("write `strategy: rolling` or `strategy: recreate`"),
        "RollingUpdate",
    ),
];
