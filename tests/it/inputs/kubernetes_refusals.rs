//! Combinations of values that the API server or KEDA refuses, each beside the nearest form that is taken.

use crate::common::sets::found_in_manifests;
use scalegen::Files;

struct Given(String);

impl Files for Given {
    fn read(&self, _path: &str) -> Result<Vec<u8>, String> {
        Ok(self.0.clone().into_bytes())
    }

    fn exists(&self, path: &str) -> bool {
        path == "all.yaml"
    }
}

/// The refusals in a file.
fn refusals(text: &str) -> Vec<String> {
    let all = found_in_manifests(&["all.yaml".to_owned()], &Given(text.to_owned()));
    let told = all.iter().filter(|found| ["refused-by-api", "refused-by-target"].contains(&found.rule.as_str()));
    told.map(|found| found.message.clone()).collect()
}

fn deployment(spec: &str, pod: &str, container: &str) -> String {
    format!(
        "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: a}}, spec: {{{spec} selector: {{matchLabels: {{app: a}}}}, template: {{metadata: {{labels: {{app: a}}}}, spec: {{{pod} containers: [{{name: a, image: b:1, {container}}}]}}}}}}}}"
    )
}

/// What is refused, the words of it, and the nearest text that is taken.
fn judge(rows: &[(String, &str, String)]) {
    for (bad, why, good) in rows {
        let found = refusals(bad);
        assert!(found.len() == 1 && found[0].starts_with(why), "{bad}\n{found:#?}");
        assert_eq!(refusals(good), [""; 0], "{good}");
    }
}

#[test]
fn of_pods() {
    let spec = |text: &str| deployment(text, "", "");
    let pod = |text: &str| deployment("", text, "");
    let container = |text: &str| deployment("", "", text);
    let probe = "exec: {command: [x]}";
    judge(&[
        (
            spec("minReadySeconds: 600,"),
            "minReadySeconds 600 is not below progressDeadlineSeconds 600, the default",
            spec("minReadySeconds: 599,"),
        ),
        (
            spec("minReadySeconds: 30, progressDeadlineSeconds: 20,"),
            "minReadySeconds 30 is not below progressDeadlineSeconds 20:",
            spec("minReadySeconds: 30, progressDeadlineSeconds: 31,"),
        ),
        (
            pod("activeDeadlineSeconds: 60,"),
            "`activeDeadlineSeconds` is set for pods that are replaced",
            pod("terminationGracePeriodSeconds: 60,"),
        ),
        (
            pod("volumes: [{name: v, emptyDir: {}}, {name: v, configMap: {name: c}}],"),
            "`name: v` appears twice in one pod",
            pod("volumes: [{name: v, emptyDir: {}}, {name: w, configMap: {name: c}}],"),
        ),
        (
            pod("volumes: [{name: v, emptyDir: {}, hostPath: {path: /x}}],"),
            "the volume is of the kinds `emptyDir` and `hostPath`",
            pod("volumes: [{name: v, emptyDir: {}, hostPath: null}],"),
        ),
        (
            pod("tolerations: [{operator: Equal, value: x}],"),
            "a toleration without `key` takes every taint",
            pod("tolerations: [{operator: Exists}],"),
        ),
        (
            pod("tolerations: [{effect: NoSchedule}],"),
            "a toleration without `key` takes every taint",
            pod("tolerations: [{operator: \"${OPERATOR}\", effect: NoSchedule}],"),
        ),
        (
            container("livenessProbe: {periodSeconds: 5}"),
            "`livenessProbe` has no action",
            container(&format!("livenessProbe: {{periodSeconds: 5, {probe}}}")),
        ),
        (
            container("lifecycle: {preStop: {}}"),
            "`preStop` has no action",
            container(&format!("lifecycle: {{preStop: {{{probe}}}}}")),
        ),
        (
            pod("tolerations: [{key: a, operator: Exists, value: x}],"),
            "a toleration with `operator: Exists` has a `value`",
            pod("tolerations: [{key: a, value: x}],"),
        ),
        (
            pod("tolerations: [{key: a, value: x, effect: NoSchedule, tolerationSeconds: 5}],"),
            "`tolerationSeconds` is set beside another effect",
            pod("tolerations: [{key: a, value: x, effect: NoExecute, tolerationSeconds: 5}],"),
        ),
        (
            pod("initContainers: [{name: i, image: b:1, readinessProbe: {exec: {command: [x]}}}],"),
            "`readinessProbe` is set in an init container",
            pod(
                "initContainers: [{name: i, image: b:1, restartPolicy: Always, readinessProbe: {exec: {command: [x]}}}],",
            ),
        ),
        (
            deployment("", "hostNetwork: true,", "ports: [{containerPort: 80, hostPort: 81}]"),
            "hostPort 81 differs from containerPort 80",
            deployment("", "hostNetwork: true,", "ports: [{containerPort: 80, hostPort: 80}, {containerPort: 81}]"),
        ),
        (
            container("ports: [{containerPort: 80, hostPort: 81}, {containerPort: 82, hostPort: 81}]"),
            "`hostPort: 81` of TCP appears twice in one pod",
            container("ports: [{containerPort: 80, hostPort: 81}, {containerPort: 82, hostPort: 81, protocol: UDP}]"),
        ),
        (
            container(&format!("livenessProbe: {{{probe}, successThreshold: 2}}")),
            "a livenessProbe takes a successThreshold of 1 only, not 2",
            container(&format!("readinessProbe: {{{probe}, successThreshold: 2}}")),
        ),
        (
            container(&format!("startupProbe: {{{probe}, successThreshold: 3}}")),
            "a startupProbe takes a successThreshold of 1 only, not 3",
            container(&format!("startupProbe: {{{probe}, successThreshold: 1}}")),
        ),
        (
            container(&format!("readinessProbe: {{{probe}, terminationGracePeriodSeconds: 3}}")),
            "`terminationGracePeriodSeconds` is set in a readiness probe",
            container(&format!("livenessProbe: {{{probe}, terminationGracePeriodSeconds: 3}}")),
        ),
        (
            container("lifecycle: {preStop: {exec: {command: [x]}, sleep: {seconds: 3}}}"),
            "the hook has `exec` and `sleep`",
            container("lifecycle: {preStop: {exec: {command: [x]}}, postStart: {sleep: {seconds: 3}}}"),
        ),
        (
            container("securityContext: {privileged: true, allowPrivilegeEscalation: false}"),
            "`allowPrivilegeEscalation: false` is set beside `privileged: true`",
            container("securityContext: {privileged: false, allowPrivilegeEscalation: false}"),
        ),
    ]);
}

#[test]
fn of_amounts() {
    let resources = |text: &str| deployment("", "", &format!("resources: {{{text}}}"));
    let range = |text: &str| {
        format!(
            "{{apiVersion: v1, kind: LimitRange, metadata: {{name: a}}, spec: {{limits: [{{type: Container, {text}}}]}}}}"
        )
    };
    judge(&[
        (
            resources("requests: {nvidia.com/gpu: 1}"),
            "`nvidia.com/gpu` is requested and has no limit",
            resources("limits: {nvidia.com/gpu: 1}"),
        ),
        (
            resources("requests: {nvidia.com/gpu: 1}, limits: {nvidia.com/gpu: 2}"),
            "1 `nvidia.com/gpu` requested and 2 as limit, which must be equal",
            resources("requests: {nvidia.com/gpu: 2}, limits: {nvidia.com/gpu: \"2\"}"),
        ),
        (
            resources("limits: {nvidia.com/gpu: 500m}"),
            "`nvidia.com/gpu` 500m is no whole number",
            resources("limits: {nvidia.com/gpu: 2000m}"),
        ),
        (
            resources("requests: {hugepages-2Mi: 4Mi, cpu: 1}, limits: {hugepages-2Mi: 8Mi}"),
            "4Mi `hugepages-2Mi` requested and 8Mi as limit",
            resources("requests: {cpu: 1, hugepages-2Mi: 8Mi}, limits: {cpu: 2, hugepages-2Mi: 8Mi}"),
        ),
        (
            range("min: {memory: 1Gi}, max: {memory: 512Mi}"),
            "min 1Gi of memory is above max 512Mi",
            range("min: {memory: 1Gi}, max: {memory: 1024Mi}"),
        ),
        (
            range("defaultRequest: {cpu: 1}, default: {cpu: 500m}"),
            "defaultRequest 1 of cpu is above default 500m",
            range("defaultRequest: {cpu: 500m}, default: {cpu: 0.5}"),
        ),
        (
            range("default: {cpu: 2}, max: {cpu: 1500m}"),
            "default 2 of cpu is above max 1500m",
            range("default: {cpu: 2}, max: {memory: 1Gi}"),
        ),
    ]);
}

#[test]
fn of_jobs_and_their_schedules() {
    let pod = "template: {spec: {restartPolicy: Never, containers: [{name: a, image: b:1}]}}";
    let job =
        |text: &str| format!("{{apiVersion: batch/v1, kind: Job, metadata: {{name: a}}, spec: {{{text} {pod}}}}}");
    let cron = |schedule: &str| {
        format!(
            "{{apiVersion: batch/v1, kind: CronJob, metadata: {{name: a}}, spec: {{schedule: \"{schedule}\", jobTemplate: {{spec: {{{pod}}}}}}}}}"
        )
    };
    judge(&[
        (
            job("completionMode: Indexed,"),
            "`completionMode: Indexed` has no `completions`",
            job("completionMode: Indexed, completions: 3,"),
        ),
        (
            job("backoffLimitPerIndex: 2,"),
            "`backoffLimitPerIndex` is set for a Job without indexes",
            job("completionMode: Indexed, completions: 3, backoffLimitPerIndex: 2,"),
        ),
        (cron("61 * * * *"), "the schedule `61 * * * *` has 61 as the minute", cron("59 * * * *")),
        (cron("0 6 * * 7"), "the schedule `0 6 * * 7` has 7 as the day of the week", cron("0 6 * * SUN")),
        (cron("@reboot"), "the schedule `@reboot` has `@reboot` for its fields", cron("@every 1h")),
        (cron("0 0 6 * * *"), "the schedule `0 0 6 * * *` has 6 fields, and 5 are read", cron("${SCHEDULE}")),
    ]);
}

#[test]
fn of_ingresses() {
    let ingress = |text: &str| {
        format!("{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: a}}, spec: {{{text}}}}}")
    };
    let backend = |text: &str| ingress(&format!("defaultBackend: {{{text}}}"));
    let host = |text: &str| ingress(&format!("rules: [{{host: \"{text}\"}}]"));
    let service = "service: {name: a, port: {number: 80}}";
    judge(&[
        (ingress("ingressClassName: nginx"), "an Ingress has no `rules` and no `defaultBackend`", backend(service)),
        (
            backend(""),
            "the backend has no `service` and no `resource`",
            backend("resource: {kind: Bucket, name: b, apiGroup: x.org}"),
        ),
        (
            backend(&format!("{service}, resource: {{kind: Bucket, name: b}}")),
            "the backend has a `service` and a `resource`",
            backend(service),
        ),
        (
            backend("service: {name: a, port: {}}"),
            "the port of the backend has no `name` and no `number`",
            backend("service: {name: a, port: {name: http}}"),
        ),
        (
            backend("service: {name: a, port: {name: http, number: 80}}"),
            "the port of the backend has a `name` and a `number`",
            backend(service),
        ),
        (host("10.0.0.1"), "the host `10.0.0.1` is an address", host("10.0.0.1.nip.io")),
        (host("Shop.example.com"), "the host `Shop.example.com` has `S`", host("*.example.com")),
        (host("a.example.com:8080"), "the host `a.example.com:8080` has `:`", host("")),
    ]);
}

#[test]
fn of_autoscalers() {
    let policies = |text: &str| {
        format!(
            "{{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {{name: a}}, spec: {{scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: a}}, maxReplicas: 3, behavior: {{scaleUp: {{{text}}}}}}}}}"
        )
    };
    let trigger = |text: &str| {
        format!(
            "{{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {{name: a}}, spec: {{scaleTargetRef: {{name: a}}, triggers: [{{{text}}}]}}}}"
        )
    };
    let clock = |start: &str, end: &str| {
        trigger(&format!(
            "type: cron, metadata: {{timezone: UTC, start: \"{start}\", end: \"{end}\", desiredReplicas: \"3\"}}"
        ))
    };
    judge(&[
        (policies("policies: []"), "`policies` is an empty list", policies("selectPolicy: Disabled")),
        (
            trigger("type: rabitmq, metadata: {}"),
            "`rabitmq` is not a kind of trigger",
            trigger("type: my-own-thing, metadata: {}"),
        ),
        (
            trigger("type: cron, metadata: {timezone: UTC, start: 0 8 * * *, end: 0 9 * * *}"),
            "a trigger `cron` has no `desiredReplicas`",
            clock("0 8 * * *", "0 9 * * *"),
        ),
        (clock("0 8 * * *", "0 8 * * *"), "start and end are both `0 8 * * *`", clock("0 8 * * *", "0 8 * * 1-5")),
        (
            clock("@daily", "0 8 * * *"),
            "start `@daily` has `@daily` for its fields: KEDA refuses it",
            clock("0 0 * * *", "0 8 * * *"),
        ),
        (
            clock("0 25 * * *", "0 8 * * *"),
            "start `0 25 * * *` has 25 as the hour, which is from 0 to 23",
            clock("0 23 * * *", "0 8 * * *"),
        ),
    ]);
}
