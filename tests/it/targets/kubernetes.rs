//! The kubernetes target from spec to text: shapes, losses and refusals. Whether real consumers take the text is tried elsewhere.

use scalegen::{CheckOptions, NoFiles, lint, render};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The files of one spec, parsed, by path.
type Files = BTreeMap<String, Value>;

fn spec(services: &str, options: &str) -> String {
    format!("version: 1\nname: shop\nservices:\n{services}targets:\n  kubernetes: {{ {options} }}\n")
}

/// Renders one spec that must be free of errors.
fn files_of(spec: &str) -> Files {
    let rendered = render("scalegen.yaml", spec.as_bytes(), &NoFiles, None, &["kubernetes".to_owned()]).unwrap();
    assert!(!rendered.files.is_empty(), "{:#?}", rendered.checked.findings);
    let parse = |text: &str| serde_yaml::from_str(text).unwrap();
    rendered.files.iter().flat_map(|(_, files)| files).map(|file| (file.path.clone(), parse(&file.text))).collect()
}

fn files(services: &str, options: &str) -> Files {
    files_of(&spec(services, options))
}

/// What this target says: rule, path, message.
fn said(services: &str, options: &str) -> Vec<(String, String, String)> {
    let spec = spec(services, options);
    let checked = lint("scalegen.yaml", spec.as_bytes(), &NoFiles, &CheckOptions::default());
    let ours = ["lost-in-target", "ignored-by-consumer", "refused-by-target"];
    let findings = checked.findings.into_iter().zip(checked.paths);
    let ours = findings.filter(|(finding, _)| ours.contains(&finding.rule.as_str()));
    ours.map(|(finding, path)| (finding.rule.to_string(), path, finding.message)).collect()
}

fn at<'v>(files: &'v Files, path: &str, pointer: &str) -> &'v Value {
    let file = files.get(path).unwrap_or_else(|| panic!("{path} is not among {:?}", files.keys()));
    file.pointer(pointer).unwrap_or(&Value::Null)
}

const POD: &str = "/spec/template/spec/containers/0";

/// A ranged service with the given lines under `autoscaling`.
fn ranged(replicas: &str, autoscaling: &str) -> String {
    format!(
        "  web:\n    image: web:1\n    port: 80\n    replicas: {replicas}\n    concurrency: {{ limit: 3, env: SLOTS }}\n    \
         resources: {{ requests: {{ cpu: 1, memory: 1Gi }}, limits: {{ memory: 1Gi }} }}\n    autoscaling: {autoscaling}\n"
    )
}

const PROMETHEUS: &str = "metrics: { prometheus: { server: 'http://p:9090', running: sum(r)";

#[test]
fn a_plain_service_is_a_deployment_and_a_service() {
    let files = files("  web:\n    image: web:1\n    port: 8080\n    replicas: 3\n", "namespace: prod");
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["kustomization.yaml", "web-deployment.yaml", "web-service.yaml"]);
    let labels = json!({ "app.kubernetes.io/instance": "shop", "app.kubernetes.io/name": "web", "app.kubernetes.io/part-of": "shop" });
    assert_eq!(
        files["web-deployment.yaml"],
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": { "name": "web", "namespace": "prod", "labels": labels },
            "spec": {
                "replicas": 3,
                "selector": { "matchLabels": { "app.kubernetes.io/instance": "shop", "app.kubernetes.io/name": "web" } },
                "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxSurge": 1, "maxUnavailable": 0 } },
                "template": {
                    "metadata": { "labels": labels },
                    "spec": { "containers": [{ "name": "web", "image": "web:1", "ports": [{ "containerPort": 8080 }] }] },
                },
            },
        })
    );
    assert_eq!(
        at(&files, "web-service.yaml", "/spec"),
        &json!({ "selector": { "app.kubernetes.io/instance": "shop", "app.kubernetes.io/name": "web" }, "ports": [{ "port": 8080, "targetPort": 8080 }] })
    );
    assert_eq!(
        files["kustomization.yaml"],
        json!({
            "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "namespace": "prod",
            "resources": ["web-deployment.yaml", "web-service.yaml"],
        })
    );
}

#[test]
fn state_and_singletons_with_volumes_are_stateful_sets() {
    let services = "  db:\n    kind: stateful\n    image: db:1\n    port: 5432\n    replicas: 2\n    volumes: [{ name: data, mount: /data, size: 4G }]\n  \
                    cron:\n    kind: singleton\n    image: cron:1\n    volumes: [{ name: data, mount: /data, size: 1Gi }]\n  \
                    beat:\n    kind: singleton\n    image: beat:1\n";
    let files = files(services, "");
    assert_eq!(at(&files, "db-statefulset.yaml", "/spec/serviceName"), "db-headless");
    assert_eq!(
        at(&files, "db-statefulset.yaml", "/spec/volumeClaimTemplates"),
        &json!([{ "metadata": { "name": "data" }, "spec": { "accessModes": ["ReadWriteOnce"],
            "resources": { "requests": { "storage": "4G" } } } }])
    );
    assert_eq!(at(&files, "db-headless-service.yaml", "/spec/clusterIP"), "None");
    assert_eq!(at(&files, "db-service.yaml", "/spec/clusterIP"), &Value::Null);
    assert_eq!(at(&files, "cron-statefulset.yaml", "/spec/replicas"), 1);
    assert!(!files.contains_key("cron-service.yaml"), "no port, nothing to call");
    assert_eq!(at(&files, "beat-deployment.yaml", "/spec/strategy"), &json!({ "type": "Recreate" }));
}

#[test]
fn an_autoscaler_stands_alone_with_one_step_a_delay() {
    let scaling = format!("{{ scaleUp: {{ delay: 90s }}, scaleDown: {{ delay: 30m }}, {PROMETHEUS} }} }} }}");
    let files = files(&ranged("{ min: 2, max: 6 }", &scaling), "");
    assert_eq!(at(&files, "web-deployment.yaml", "/spec/replicas"), &Value::Null);
    let step = |window: u64| {
        json!({ "stabilizationWindowSeconds": window, "selectPolicy": "Max",
                "policies": [{ "type": "Pods", "value": 1, "periodSeconds": window }] })
    };
    assert_eq!(
        at(&files, "web-horizontalpodautoscaler.yaml", "/spec"),
        &json!({
            "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": "web" },
            "minReplicas": 2, "maxReplicas": 6,
            "metrics": [{ "type": "External", "external": {
                "metric": { "name": "web_running" }, "target": { "type": "AverageValue", "averageValue": "2250m" } } }],
            "behavior": { "scaleUp": step(90), "scaleDown": step(1800) },
        })
    );
    let said = said(&ranged("{ min: 2, max: 6 }", &scaling), "");
    let paths: Vec<(&str, &str)> = said.iter().map(|(rule, path, _)| (rule.as_str(), path.as_str())).collect();
    assert!(paths.contains(&("ignored-by-consumer", "/services/web/autoscaling")), "{said:#?}");
    for field in ["server", "running"] {
        let path = format!("/services/web/autoscaling/metrics/prometheus/{field}");
        assert!(paths.contains(&("lost-in-target", path.as_str())), "{said:#?}");
    }
}

#[test]
fn cpu_and_memory_are_whole_percent_of_the_request() {
    let files = files(&ranged("{ min: 1, max: 2 }", "{ signal: memory, scaleUp: { threshold: 0.8 } }"), "");
    assert_eq!(
        at(&files, "web-horizontalpodautoscaler.yaml", "/spec/metrics/0/resource"),
        &json!({ "name": "memory", "target": { "type": "Utilization", "averageUtilization": 80 } })
    );
    let scaling = "{ signal: cpu, scaleUp: { threshold: 0.755 } }";
    let said = said(&ranged("{ min: 1, max: 2 }", scaling), "");
    let found = said.iter().find(|(_, path, _)| path.ends_with("scaleUp/threshold")).unwrap();
    assert!(found.2.contains("whole percent, 76%"), "{found:?}");
}

#[test]
fn what_an_autoscaler_cannot_hold_is_said_where_it_stands() {
    let base = "/services/web/";
    let cases: &[(&str, &str, &str)] = &[
        (
            "{ signal: cpu, scaleUp: { threshold: 0.75 }, scaleDown: { threshold: 0.3 } }",
            "autoscaling/scaleDown/threshold",
            "one target, 0.75 both ways",
        ),
        ("{ signal: cpu, predictive: true }", "autoscaling/predictive", "does not predict"),
        ("{ signal: cpu, scaleDown: { delay: 2h } }", "autoscaling/scaleDown/delay", "1h is written"),
        ("{ signal: load, scaleDown: { delay: 45m } }", "autoscaling/scaleDown/delay", "every 30m"),
        ("{ signal: cpu, scaleDown: { every: 45m } }", "autoscaling/scaleDown/every", "30m is the longest period"),
        ("{ signal: cpu, scaleDown: { tolerance: 0.2 } }", "autoscaling/scaleDown/tolerance", "before Kubernetes 1.35"),
        ("{ signal: cpu, scaleUp: { delay: 1500ms } }", "autoscaling/scaleUp/delay", "2s is written"),
        ("{ signal: cpu }", "replicas/min", "keeps at least 1 on cpu or memory alone"),
    ];
    for (scaling, path, words) in cases {
        let services = ranged("{ min: 0, max: 4 }", scaling);
        let said = said(&services, "");
        let found = said.iter().find(|(rule, at, _)| rule == "lost-in-target" && *at == format!("{base}{path}"));
        assert!(found.is_some_and(|(_, _, message)| message.contains(words)), "{scaling}: {said:#?}");
    }
    let kept = files(&ranged("{ min: 0, max: 4 }", "{ signal: cpu, scaleDown: { delay: 2h, every: 2h } }"), "");
    let pointer = "/spec/behavior/scaleDown";
    let down = at(&kept, "web-horizontalpodautoscaler.yaml", pointer);
    assert_eq!(down["stabilizationWindowSeconds"], 3600);
    assert_eq!(down["policies"][0]["periodSeconds"], 1800);
    assert_eq!(at(&kept, "web-horizontalpodautoscaler.yaml", "/spec/minReplicas"), 1);
}

#[test]
fn keda_asks_for_cpu_alone_and_for_load_by_its_metric() {
    let keda = "autoscaler: keda";
    let cpu = files(&ranged("{ min: 1, max: 4 }", "{ signal: cpu }"), keda);
    assert_eq!(
        at(&cpu, "web-scaledobject.yaml", "/spec/triggers"),
        &json!([{ "type": "cpu", "metricType": "Utilization", "metadata": { "value": "75" } }])
    );

    let said = said(&ranged("{ min: 2, max: 4 }", "{ signal: load }"), keda);
    let refused = said.iter().find(|(rule, ..)| rule == "refused-by-target").unwrap();
    assert!(refused.2.contains("`metrics.prometheus` is missing"), "{refused:?}");
}

#[test]
fn without_an_autoscaler_one_number_is_written() {
    let window = "    schedule: [{ days: [mon], from: '08:00', to: '18:00', timezone: Europe/Berlin, replicas: { min: 3, max: 9 } }]\n";
    let services = ranged("{ min: 2, max: 6 }", "{ signal: cpu }") + window;
    let files = files(&services, "autoscaler: none");
    assert_eq!(at(&files, "web-deployment.yaml", "/spec/replicas"), 2);
    assert!(!files.keys().any(|path| path.contains("autoscaler")), "{:?}", files.keys());
    let said = said(&services, "autoscaler: none");
    let paths: Vec<&str> = said.iter().map(|(_, path, _)| path.as_str()).collect();
    let web = "/services/web/";
    let expected = ["replicas/max", "autoscaling", "schedule/0"].map(|path| format!("{web}{path}"));
    assert_eq!(paths, expected, "{said:#?}");
    assert!(said[2].2.contains("knows no week, 2 stays"), "{said:#?}");
}

#[test]
fn variables_are_strings_and_secrets_are_references() {
    let services = "  web:\n    image: web:1\n    args: ['$(HOME)', 'a$$b', '$x', '$']\n    env: { A: 8, B: true, C: 'on', D: '$(A)' }\n    \
                    concurrency: { limit: 4, env: SLOTS }\n    sharedSecrets: [SIGNING_KEY]\n    connections: { main: 2 }\n\
                    backingServices:\n  main: { kind: postgres, external: { urlEnv: DATABASE_URL } }\n  \
                    idle: { kind: redis, external: { urlEnv: REDIS_URL } }\n";
    let files = files(services, "");
    let secret =
        |name: &str| json!({ "name": name, "valueFrom": { "secretKeyRef": { "name": "web-secrets", "key": name } } });
    assert_eq!(
        at(&files, "web-deployment.yaml", &format!("{POD}/env")),
        &json!([
            { "name": "A", "value": "8" }, { "name": "B", "value": "true" }, { "name": "C", "value": "on" },
            { "name": "D", "value": "$$(A)" }, { "name": "SLOTS", "value": "4" },
            secret("SIGNING_KEY"), secret("DATABASE_URL"),
        ])
    );
    assert_eq!(at(&files, "web-deployment.yaml", &format!("{POD}/args")), &json!(["$$(HOME)", "a$$$$b", "$x", "$"]));
    let said = said(services, "secretName: all");
    let unused = said.iter().find(|(_, path, _)| path == "/backingServices/idle/external/urlEnv").unwrap();
    assert!(unused.2.contains("none receives `REDIS_URL`"), "{unused:?}");
}

#[test]
fn resources_are_quantities_and_devices_have_equal_request_and_limit() {
    let services = "  web:\n    image: web:1\n    resources: { requests: { cpu: 0.0005, memory: 1000000 }, limits: { cpu: 1500m, memory: 2G, gpu: 2, pids: 50 } }\n";
    let written = files(services, "");
    assert_eq!(
        at(&written, "web-deployment.yaml", &format!("{POD}/resources")),
        &json!({
            "requests": { "cpu": "1m", "memory": "1M", "nvidia.com/gpu": "2" },
            "limits": { "cpu": "1500m", "memory": "2G", "nvidia.com/gpu": "2" },
        })
    );
    let said = said(services, "");
    assert!(said.iter().any(|(_, path, message)| path.ends_with("requests/cpu") && message.contains("1m is written")));
    assert!(said.iter().any(|(_, path, _)| path.ends_with("limits/pids")), "{said:#?}");

    let bare = files_of(&spec(services, "").replace("name: shop", "name: shop\nlimitResources: false"));
    assert_eq!(at(&bare, "web-deployment.yaml", &format!("{POD}/resources/limits")), &json!({ "nvidia.com/gpu": "2" }));
}

#[test]
fn health_is_readiness_and_a_start_that_may_fail() {
    let service = |health: &str| format!("  web:\n    image: web:1\n    port: 80\n    health: {health}\n");
    let http = files(&service("{ http: /ok, port: 81, interval: 20s, timeout: 3s, retries: 4, startPeriod: 45s }"), "");
    let probe = |failures: u64| {
        json!({ "httpGet": { "path": "/ok", "port": 81 }, "periodSeconds": 20, "timeoutSeconds": 3,
                "failureThreshold": failures })
    };
    assert_eq!(at(&http, "web-deployment.yaml", &format!("{POD}/readinessProbe")), &probe(4));
    // 45 s are 3 periods of 20 s, and 4 failures count after them
    assert_eq!(at(&http, "web-deployment.yaml", &format!("{POD}/startupProbe")), &probe(7));
    assert_eq!(at(&http, "web-deployment.yaml", &format!("{POD}/livenessProbe")), &Value::Null);
    let tcp = files(&service("{ tcp: true }"), "");
    assert_eq!(
        at(&tcp, "web-deployment.yaml", &format!("{POD}/readinessProbe")),
        &json!({ "tcpSocket": { "port": 80 } })
    );
    let command = files(&service("{ command: [ok, '$(X)'] }"), "");
    assert_eq!(
        at(&command, "web-deployment.yaml", &format!("{POD}/readinessProbe")),
        &json!({ "exec": { "command": ["ok", "$$(X)"] } })
    );
}

#[test]
fn rollouts_disruption_spread_and_ingress_are_written() {
    let services = "  web:\n    image: web:1\n    ports: [{ port: 9000 }, { name: http, port: 8080 }, { name: dns, port: 53, protocol: udp }]\n    replicas: 4\n    \
                    update: { surge: 25%, unavailable: 1 }\n    stopGracePeriod: 2m\n    disruption: { maxUnavailable: 30% }\n    spread: zone\n    \
                    expose: { host: shop.example.com, path: /v1, method: least-conn, keepalive: 8 }\n";
    let files = files(services, "");
    assert_eq!(
        at(&files, "web-deployment.yaml", "/spec/strategy/rollingUpdate"),
        &json!({ "maxSurge": "25%", "maxUnavailable": 1 })
    );
    let pod = at(&files, "web-deployment.yaml", "/spec/template/spec");
    assert_eq!(pod["terminationGracePeriodSeconds"], 120);
    assert_eq!(pod["topologySpreadConstraints"][0]["topologyKey"], "topology.kubernetes.io/zone");
    assert_eq!(
        at(&files, "web-service.yaml", "/spec/ports"),
        &json!([
            { "name": "tcp-9000", "port": 9000, "targetPort": "tcp-9000" },
            { "name": "http", "port": 8080, "targetPort": "http" },
            { "name": "dns", "port": 53, "targetPort": "dns", "protocol": "UDP" },
        ])
    );
    assert_eq!(at(&files, "web-poddisruptionbudget.yaml", "/spec/maxUnavailable"), "30%");
    assert_eq!(
        at(&files, "web-ingress.yaml", "/spec/rules"),
        &json!([{ "host": "shop.example.com", "http": { "paths": [{ "path": "/v1", "pathType": "Prefix",
            "backend": { "service": { "name": "web", "port": { "number": 8080 } } } }] } }])
    );
    let paths: Vec<String> = said(services, "").into_iter().map(|(_, path, _)| path).collect();
    assert_eq!(paths, ["/services/web/expose/method", "/services/web/expose/keepalive"]);
}

#[test]
fn a_stateful_set_loses_what_only_a_deployment_can_do() {
    let service = |update: &str| {
        format!("  db:\n    kind: stateful\n    image: db:1\n    replicas: 3\n    update: {{ {update} }}\n")
    };
    for (update, field) in
        [("strategy: recreate", "strategy"), ("surge: 1", "surge"), ("unavailable: 2", "unavailable")]
    {
        let said = said(&service(update), "");
        let paths: Vec<&str> = said.iter().map(|(_, path, _)| path.as_str()).collect();
        assert_eq!(paths, [format!("/services/db/update/{field}")], "{said:#?}");
    }
    assert_eq!(said(&service("surge: 0, unavailable: 1"), ""), []);
}

#[test]
fn without_an_image_it_is_a_component_of_patches() {
    let services = "  web:\n    replicas: { min: 2, max: 4 }\n    port: 80\n    resources: { requests: { cpu: 1 } }\n    health: { http: / }\n    \
                    update: { strategy: recreate }\n    expose: { path: / }\n  api:\n    image: api:1\n  old:\n    replicas: 2\n";
    let files = files(services, "");
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "api-deployment.yaml",
            "kustomization.yaml",
            "old-deployment-patch.yaml",
            "web-deployment-patch.yaml",
            "web-horizontalpodautoscaler.yaml"
        ]
    );
    assert_eq!(
        files["kustomization.yaml"],
        json!({
            "apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component",
            "resources": ["web-horizontalpodautoscaler.yaml", "api-deployment.yaml"],
            "patches": [{ "path": "web-deployment-patch.yaml" }, { "path": "old-deployment-patch.yaml" }],
        })
    );
    let web = &files["web-deployment-patch.yaml"];
    assert_eq!(web["spec"].get("replicas"), Some(&Value::Null), "the base's number must go");
    assert_eq!(web["spec"]["strategy"], json!({ "type": "Recreate", "rollingUpdate": null }));
    assert_eq!(web["spec"].get("selector"), None);
    let probe = web.pointer(&format!("{POD}/readinessProbe")).unwrap();
    assert_eq!(
        probe,
        &json!({ "httpGet": { "path": "/", "port": 80 }, "tcpSocket": null, "exec": null, "grpc": null })
    );
    assert_eq!(files["old-deployment-patch.yaml"]["spec"]["replicas"], 2);
    let paths: Vec<String> = said(services, "").into_iter().map(|(_, path, _)| path).collect();
    assert_eq!(paths, ["/services/web/expose", "/targets/kubernetes"], "and where the autoscaler lands");
    let paths: Vec<String> = said(services, "namespace: prod").into_iter().map(|(_, path, _)| path).collect();
    assert_eq!(paths, ["/services/web/expose"]);
}

#[test]
fn what_the_api_server_refuses_is_refused_here() {
    let long = "a".repeat(53);
    let service = |name: &str, more: &str| format!("  {name}:\n    image: web:1\n{more}");
    let cases: Vec<(String, &str, String, &str)> = vec![
        (service("eventsHandlers", ""), "", "/services/eventsHandlers".into(), "not a DNS label"),
        (service("a_b", ""), "", "/services/a_b".into(), "not a DNS label"),
        (service("1web", "    port: 80\n"), "", "/services/1web".into(), "begins with a letter"),
        (service(&long, "    kind: stateful\n"), "", format!("/services/{long}"), "above 52"),
        (
            service("web", "    ports: [{ name: a-very-long-name, port: 80 }]\n"),
            "",
            "/services/web/ports/0/name".into(),
            "15",
        ),
        (service("web", "    ports: [{ port: 80 }, { port: 80 }]\n"), "", "/services/web/ports/1/port".into(), "twice"),
        (service("web", "    expose: { path: / }\n"), "", "/services/web/expose".into(), "no"),
        (
            service("web", "    port: 80\n    expose: { host: 'A.example.com:80' }\n"),
            "",
            "/services/web/expose/host".into(),
            "not a host",
        ),
        (
            service("web", "    port: 80\n    expose: { path: api }\n"),
            "",
            "/services/web/expose/path".into(),
            "not a path",
        ),
        (service("web", "    health: { tcp: true }\n"), "", "/services/web/health/tcp".into(), "the service has none"),
        (
            service("web", "    update: { surge: 0, unavailable: 0 }\n"),
            "",
            "/services/web/update/unavailable".into(),
            "no step",
        ),
        (service("web", ""), "version: '1.22'", "/targets/kubernetes/version".into(), "older than 1.23"),
        (service("web", ""), "kedaVersion: '2'", "/targets/kubernetes/kedaVersion".into(), "not a release"),
        (service("web", ""), "secretName: A_b", "/targets/kubernetes/secretName".into(), "cannot name a Secret"),
        (
            service("db", "    kind: stateful\n") + &service("db-headless", ""),
            "",
            "/services/db-headless".into(),
            "also the Service",
        ),
    ];
    for (services, options, path, words) in cases {
        let said = said(&services, options);
        let found = said.iter().find(|(rule, at, _)| rule == "refused-by-target" && *at == path);
        assert!(found.is_some_and(|(_, _, message)| message.contains(words)), "{services}{options}: {said:#?}");
    }
    let spec = spec(&service("eventsHandlers", ""), "");
    let checked = lint("scalegen.yaml", spec.as_bytes(), &NoFiles, &CheckOptions::default());
    let refused = checked.findings.iter().find(|finding| finding.rule == "refused-by-target").unwrap();
    assert_eq!(refused.help.as_deref(), Some("rename the service to `events-handlers`"));
}

/// One service with an Ingress under a target with these patches.
fn patched(patches: &str) -> String {
    format!(
        "version: 1\nname: shop\nservices:\n  web:\n    image: web:1\n    port: 8080\n    replicas: {{ min: 2, max: 6 }}\n    \
         resources: {{ requests: {{ cpu: 1, memory: 1Gi }}, limits: {{ memory: 1Gi }} }}\n    expose: {{ host: a.example.com }}\n\
         targets:\n  kubernetes:\n    patches: [{patches}]\n"
    )
}

#[test]
fn patches_are_laid_over_what_is_rendered() {
    let spec = patched(
        "{ kind: Deployment, name: web, merge: { spec: { template: { spec: { nodeSelector: { disktype: ssd }, containers: [{ name: web, \
         livenessProbe: { tcpSocket: { port: 8080 } }, resources: { limits: null } }] } } } } }, \
         { kind: Ingress, name: web, merge: { spec: { ingressClassName: nginx } } }",
    );
    let rendered = render("scalegen.yaml", spec.as_bytes(), &NoFiles, None, &["kubernetes".to_owned()]).unwrap();
    assert!(!rendered.files.is_empty(), "{:#?}", rendered.checked.findings);
    let parsed = |text: &str| -> Value { serde_yaml::from_str(text).unwrap() };
    let files: Files = rendered
        .files
        .iter()
        .flat_map(|(_, files)| files)
        .map(|file| (file.path.clone(), parsed(&file.text)))
        .collect();
    assert_eq!(at(&files, "web-deployment.yaml", "/spec/template/spec/nodeSelector/disktype"), "ssd");
    assert_eq!(at(&files, "web-ingress.yaml", "/spec/ingressClassName"), "nginx");
    let container = at(&files, "web-deployment.yaml", POD);
    // the rest of the container stays, and a null took the limits away
    assert_eq!(
        (&container["image"], &container["livenessProbe"]["tcpSocket"]["port"]),
        (&json!("web:1"), &json!(8080))
    );
    assert_eq!(container["resources"], json!({ "requests": { "cpu": "1", "memory": "1Gi" } }));
}

#[test]
fn no_patch_is_silently_dead() {
    let cases = [
        (
            "{ kind: Deploymnt, name: web, merge: { spec: {} } }",
            "kind",
            "no Deploymnt is written",
            "`kind: Deployment`",
        ),
        (
            "{ kind: Deployment, name: wbe, merge: { spec: { paused: true } } }",
            "name",
            "is called `wbe`",
            "`name: web`",
        ),
        (
            "{ kind: Deployment, name: web, merge: { spec: { template: { spec: { nodeSelecter: { a: b } } } } } }",
            "merge",
            "has no field `spec.template.spec.nodeSelecter`",
            "`nodeSelector`",
        ),
        (
            "{ kind: Deployment, name: web, merge: { spec: { replicas: 3 } } }",
            "merge",
            "under `replicas`",
            "under `replicas`",
        ),
        (
            "{ kind: Deployment, name: web, merge: { metadata: { name: api } } }",
            "merge",
            "other objects go by it",
            "rename",
        ),
        (
            "{ kind: Deployment, name: web, merge: { status: {} } }",
            "merge",
            "`status` of Deployment web",
            "one of these",
        ),
        (
            "{ kind: HorizontalPodAutoscaler, name: web, merge: { spec: { behavior: { scaleUp: { selectPolicy: Max } } } } }",
            "merge",
            "changes nothing",
            "remove it",
        ),
    ];
    for (patch, field, words, help) in cases {
        let checked = lint("scalegen.yaml", patched(patch).as_bytes(), &NoFiles, &CheckOptions::default());
        let found = checked.findings.iter().zip(&checked.paths).find(|(finding, _)| finding.message.contains(words));
        let (finding, path) = found.unwrap_or_else(|| panic!("{patch}: {:#?}", checked.findings));
        assert_eq!(path, &format!("/targets/kubernetes/patches/0/{field}"), "{patch}");
        assert!(finding.help.as_ref().is_some_and(|text| text.contains(help)), "{patch}: {:?}", finding.help);
    }
}
