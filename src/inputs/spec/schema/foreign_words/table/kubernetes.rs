//! Fields of `Deployment`, `Pod` and what is beside them.

use super::super::convert;
use super::{To, WordAnswer, WordRow, bound, perhaps, row, to};

const SERVICE: &str = "services/*";
const RESOURCES: &str = "services/*/resources";
const KUBERNETES: &str = "Kubernetes";

const STAYS_KUBERNETES: WordAnswer = WordAnswer::Remove(
    "the spec has no field for it; lay it over the rendered object with `targets.kubernetes.patches`, and where a service without `image` is a patch over your manifest, it stays there",
);

const PROBE: &str = "{ httpGet: { path: /healthz, port: 80 }, periodSeconds: 10 }";

const ASIDE: &str = " for the most that one replica may use; what is set aside for it is under `requests`";

/// The rows, in the order in which they are looked up.
pub(super) const ROWS: &[WordRow] = &[
    // Kubernetes, under a service
    row(KUBERNETES, SERVICE, &["minReplicas", "minReplicaCount"], bound(To::Same("replicas.min")), "2"),
    row(KUBERNETES, SERVICE, &["maxReplicas", "maxReplicaCount"], bound(To::Same("replicas.max")), "6"),
    row(KUBERNETES, SERVICE, &["containerPort"], to(To::Same("port")), "80"),
    row(KUBERNETES, SERVICE, &["terminationGracePeriodSeconds"], to(To::Duration("stopGracePeriod")), "30"),
    row(KUBERNETES, SERVICE, &["readinessProbe"], perhaps(To::With(convert::readiness), ""), PROBE),
    row(KUBERNETES, SERVICE, &["livenessProbe"], perhaps(To::With(convert::liveness), ""), PROBE),
    row(KUBERNETES, SERVICE, &["startupProbe"], perhaps(To::With(convert::startup), ""), PROBE),
    row(
        KUBERNETES,
        SERVICE,
        &["readiness", "probe", "probes", "healthCheck", "health_check"],
        perhaps(
            To::Same("health"),
            ", which keeps requests away; `liveness` starts a replica again, and `startup` holds both back",
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
        &["preStop", "lifecycle", "terminationDelay", "drain"],
        WordAnswer::Instead(
            "write `drainDelay: 15s`, how long a replica still serves before it is told to stop; another hook is a patch of the Deployment under `targets.kubernetes.patches`",
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
        &["affinity", "nodeAffinity", "topologySpreadConstraints", "topologyKey"],
        WordAnswer::Instead(
            "write `spread: node` or `spread: zone` to keep replicas apart, and `nodeSelector: { pool: batch }` for which nodes take them; what these cannot say is a patch of the Deployment under `targets.kubernetes.patches`",
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
        perhaps(To::With(convert::ingress), ""),
        "{ host: a.example.com, className: nginx }",
    )
    .only(|node| convert::ingress(node).is_some_and(|fields| !fields.is_empty())),
    row(KUBERNETES, SERVICE, &["containers"], perhaps(To::With(convert::containers), ""), "[{ name: web, image: a }]")
        .only(|node| convert::containers(node).is_some_and(|fields| !fields.is_empty())),
    row(
        KUBERNETES,
        SERVICE,
        &["ingress", "ingressClass", "ingressClassName"],
        WordAnswer::Instead("write `expose: { host: a.example.com, path: /, class: nginx }`"),
        "{}",
    ),
    row(
        KUBERNETES,
        SERVICE,
        &["gateway", "httpRoute", "parentRefs"],
        WordAnswer::Instead("write `expose: { host: a.example.com, gateway: { name: public } }`"),
        "{}",
    ),
    row(
        KUBERNETES,
        SERVICE,
        &["securityContext", "podSecurityContext", "podSecurityStandard"],
        WordAnswer::Instead(
            "write `podSecurity: { profile: restricted }`; what it cannot say is a patch of the Deployment under `targets.kubernetes.patches`",
        ),
        "{}",
    ),
    row(KUBERNETES, SERVICE, &["serviceAccountName"], to(To::Same("serviceAccount")), "web"),
    row(KUBERNETES, SERVICE, &["podAnnotations"], to(To::Same("annotations")), "{ prometheus.io/scrape: \"true\" }"),
    row(KUBERNETES, SERVICE, &["podLabels"], to(To::Same("labels")), "{ team: shop }"),
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
            "imagePullSecrets",
            "imagePullPolicy",
            "initContainers",
            "sidecars",
            "containers",
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
            "hostAliases",
            "hostPID",
            "hostIPC",
            "dnsConfig",
            "automountServiceAccountToken",
            "enableServiceLinks",
            "shareProcessNamespace",
            "progressDeadlineSeconds",
            "revisionHistoryLimit",
            "minReadySeconds",
            "sessionAffinity",
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
    row(KUBERNETES, "services/*/resources/requests", &["ephemeral-storage"], to(To::Same("ephemeralStorage")), "1Gi"),
    row(KUBERNETES, "services/*/resources/limits", &["ephemeral-storage"], to(To::Same("ephemeralStorage")), "1Gi"),
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
    row(
        KUBERNETES,
        "services/*/tolerations/*",
        &["operator"],
        WordAnswer::Remove("with `value` that value of the key is tolerated, without it every value"),
        "Exists",
    ),
    row(KUBERNETES, "services/*/tolerations/*", &["tolerationSeconds"], to(To::Same("seconds")), "60"),
    row(KUBERNETES, "services/*/volumes/*", &["mountPath"], to(To::Same("mount")), "/data"),
    row(KUBERNETES, "services/*/volumes/*", &["storage"], to(To::Same("size")), "1Gi"),
    row(KUBERNETES, "services/*/volumes/*", &["storageClassName"], to(To::Same("storageClass")), "fast"),
    row(
        KUBERNETES,
        "services/*/volumes/*",
        &["accessModes", "hostPath", "emptyDir", "persistentVolumeClaim"],
        STAYS_KUBERNETES,
        "fast",
    ),
    row(KUBERNETES, "services/*/expose", &["ingressClass", "ingressClassName"], to(To::Same("class")), "nginx"),
    row(KUBERNETES, "services/*/expose", &["tlsSecret", "secretName"], to(To::Same("tls")), "web-tls"),
    row(
        KUBERNETES,
        "services/*/expose",
        &["parentRefs", "httpRoute"],
        WordAnswer::Instead("write `gateway: { name: public }`"),
        "[]",
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
