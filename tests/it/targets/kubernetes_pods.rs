//! What the kubernetes target writes of fields that only a cluster has: probes, places, accounts, labels, security, routes.

use scalegen::{CheckOptions, NoFiles, lint, render};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn spec(service: &str, options: &str) -> String {
    format!(
        "version: 1\nname: shop\nservices:\n  web:\n    image: web:1\n    port: 8080\n{service}targets:\n  kubernetes: {{ {options} }}\n"
    )
}

/// The files of a service `web` with these lines.
fn files(service: &str, options: &str) -> BTreeMap<String, Value> {
    let spec = spec(service, options);
    let rendered = render("scalegen.yaml", spec.as_bytes(), &NoFiles, None, &["kubernetes".to_owned()]).unwrap();
    assert!(!rendered.files.is_empty(), "{:#?}", rendered.checked.findings);
    let files = rendered.files.iter().flat_map(|(_, files)| files);
    files.map(|file| (file.path.clone(), serde_yaml::from_str(&file.text).unwrap())).collect()
}

fn pod(service: &str, options: &str) -> Value {
    files(service, options)["web-deployment.yaml"]["spec"]["template"].clone()
}

/// Rule, path and message of what is said of it.
fn said(service: &str, options: &str) -> Vec<(String, String, String)> {
    let checked = lint("scalegen.yaml", spec(service, options).as_bytes(), &NoFiles, &CheckOptions::default());
    let found = checked.findings.into_iter().zip(checked.paths);
    found.map(|(finding, path)| (finding.rule.to_string(), path, finding.message)).collect()
}

#[test]
fn each_probe_stands_by_itself() {
    let container = |service: &str| pod(service, "")["spec"]["containers"][0].clone();
    let all = container(
        "    health: { http: /ready, interval: 5s }\n    liveness: { http: /live, port: 9000, interval: 20s, timeout: 3s, retries: 5 }\n    \
         startup: { command: [/bin/started], retries: 30 }\n",
    );
    assert_eq!(all["readinessProbe"], json!({ "httpGet": { "path": "/ready", "port": 8080 }, "periodSeconds": 5 }));
    assert_eq!(
        all["livenessProbe"],
        json!({ "httpGet": { "path": "/live", "port": 9000 }, "periodSeconds": 20, "timeoutSeconds": 3, "failureThreshold": 5 })
    );
    assert_eq!(all["startupProbe"], json!({ "exec": { "command": ["/bin/started"] }, "failureThreshold": 30 }));
    // health alone never kills, and liveness alone keeps no requests away
    assert_eq!(container("    health: { tcp: true }\n")["livenessProbe"], Value::Null);
    let alone = container("    liveness: { tcp: true }\n");
    assert_eq!(
        (&alone["readinessProbe"], &alone["livenessProbe"]),
        (&Value::Null, &json!({ "tcpSocket": { "port": 8080 } }))
    );
    let both = "    health: { tcp: true, startPeriod: 30s }\n    startup: { tcp: true, retries: 9 }\n";
    assert_eq!(container(both)["startupProbe"]["failureThreshold"], 9);
    let lost = said(both, "");
    assert!(
        lost.iter().any(|(rule, path, _)| rule == "lost-in-target" && path == "/services/web/health/startPeriod"),
        "{lost:#?}"
    );
}

#[test]
fn a_drain_delay_sleeps_as_the_release_can() {
    let hook = |options: &str| {
        let hook = pod("    drainDelay: 15s\n", options)["spec"]["containers"][0]["lifecycle"]["preStop"].clone();
        let told = said("    drainDelay: 15s\n", options).iter().any(|(_, path, _)| path == "/services/web/drainDelay");
        (hook, told)
    };
    assert_eq!(hook("version: \"1.30\""), (json!({ "sleep": { "seconds": 15 } }), false));
    // what the oldest release lacks is not written, and said
    assert_eq!(hook(""), (json!({ "exec": { "command": ["sleep", "15"] } }), true));
    assert_eq!(hook("version: \"1.29\""), (json!({ "exec": { "command": ["sleep", "15"] } }), true));
}

#[test]
fn places_accounts_and_labels_are_written() {
    let service = "    nodeSelector: { disktype: ssd }\n    tolerations: [{ key: spot, value: web, effect: NoExecute, seconds: 60 }, {}]\n    \
                   serviceAccount: web\n    labels: { team: shop }\n    annotations: { prometheus.io/port: \"9100\" }\n    \
                   resources: { requests: { cpu: 1, memory: 1Gi, ephemeralStorage: 1Gi }, limits: { memory: 1Gi, ephemeralStorage: 2G } }\n";
    let files = files(service, "");
    let pod = &files["web-deployment.yaml"]["spec"]["template"];
    assert_eq!(pod["spec"]["nodeSelector"], json!({ "disktype": "ssd" }));
    assert_eq!(
        pod["spec"]["tolerations"],
        json!([{ "key": "spot", "value": "web", "effect": "NoExecute", "tolerationSeconds": 60 }, { "operator": "Exists" }])
    );
    assert_eq!(pod["spec"]["serviceAccountName"], "web");
    assert_eq!(pod["metadata"]["annotations"], json!({ "prometheus.io/port": "9100" }));
    assert_eq!(
        pod["spec"]["containers"][0]["resources"],
        json!({ "requests": { "cpu": "1", "memory": "1Gi", "ephemeral-storage": "1Gi" }, "limits": { "memory": "1Gi", "ephemeral-storage": "2G" } })
    );
    for labels in [
        &pod["metadata"]["labels"],
        &files["web-deployment.yaml"]["metadata"]["labels"],
        &files["web-service.yaml"]["metadata"]["labels"],
    ] {
        assert_eq!(labels["team"], "shop");
    }
    // a label can change, a selector cannot
    for selector in [&files["web-deployment.yaml"]["spec"]["selector"], &files["web-service.yaml"]["spec"]["selector"]]
    {
        assert!(!selector.to_string().contains("team"), "{selector}");
    }
}

#[test]
fn the_profile_restricted_is_what_the_namespace_asks_for() {
    let security = |service: &str, options: &str| {
        let pod = pod(service, options);
        (pod["spec"]["securityContext"].clone(), pod["spec"]["containers"][0]["securityContext"].clone())
    };
    let restricted = (
        json!({ "runAsNonRoot": true, "seccompProfile": { "type": "RuntimeDefault" } }),
        json!({ "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } }),
    );
    assert_eq!(security("", ""), (Value::Null, Value::Null));
    assert_eq!(security("    podSecurity: {}\n", ""), restricted);
    assert_eq!(security("", "podSecurity: restricted"), restricted);
    assert_eq!(
        security(
            "    podSecurity: { profile: baseline, user: 1000, group: 1001, volumeGroup: 1002, readOnly: true }\n",
            ""
        ),
        (json!({ "runAsUser": 1000, "runAsGroup": 1001, "fsGroup": 1002 }), json!({ "readOnlyRootFilesystem": true }))
    );
    for (service, path) in [
        ("    podSecurity: { profile: baseline }\n", "/services/web/podSecurity/profile"),
        ("    podSecurity: { user: 0 }\n", "/services/web/podSecurity/user"),
    ] {
        let said = said(service, "podSecurity: restricted");
        assert!(said.iter().any(|(rule, at, _)| rule == "refused-by-target" && at == path), "{service}: {said:#?}");
    }
}

#[test]
fn an_ingress_has_class_and_certificate_and_a_gateway_takes_its_place() {
    let expose = "    expose: { host: a.example.com, path: /v1, class: nginx, tls: web-tls, annotations: { example.com/size: 8m } }\n";
    let ingress = files(expose, "")["web-ingress.yaml"].clone();
    assert_eq!(ingress["metadata"]["annotations"], json!({ "example.com/size": "8m" }));
    assert_eq!(ingress["spec"]["ingressClassName"], "nginx");
    assert_eq!(ingress["spec"]["tls"], json!([{ "hosts": ["a.example.com"], "secretName": "web-tls" }]));
    let gateway = "    expose: { host: a.example.com, path: /v1, gateway: { name: public, namespace: gateways, listener: https } }\n";
    let files = files(gateway, "namespace: shop");
    assert!(!files.contains_key("web-ingress.yaml"));
    assert_eq!(
        files["web-httproute.yaml"],
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
            "metadata": files["web-httproute.yaml"]["metadata"],
            "spec": {
                "parentRefs": [{ "name": "public", "namespace": "gateways", "sectionName": "https" }],
                "hostnames": ["a.example.com"],
                "rules": [{
                    "matches": [{ "path": { "type": "PathPrefix", "value": "/v1" } }],
                    "backendRefs": [{ "name": "web", "port": 8080 }],
                }],
            },
        })
    );
    let said = said("    expose: { class: nginx, tls: web-tls, gateway: { name: public } }\n", "");
    for field in ["class", "tls"] {
        let path = format!("/services/web/expose/{field}");
        assert!(said.iter().any(|(rule, at, _)| rule == "lost-in-target" && *at == path), "{said:#?}");
    }
}

#[test]
fn what_the_api_server_refuses_of_them_is_refused_here() {
    let cases = [
        ("    labels: { app.kubernetes.io/name: other }\n", "labels/app.kubernetes.io~1name"),
        ("    labels: { team: \"a b\" }\n", "labels/team"),
        ("    labels: { \"a b\": c }\n", "labels/a b"),
        ("    nodeSelector: { pool: \"-a\" }\n", "nodeSelector/pool"),
        ("    annotations: { \"/a\": c }\n", "annotations/~1a"),
        ("    tolerations: [{ value: web }]\n", "tolerations/0/value"),
        ("    tolerations: [{ key: spot, seconds: 60 }]\n", "tolerations/0/seconds"),
        ("    serviceAccount: Web\n", "serviceAccount"),
        ("    expose: { class: Nginx }\n", "expose/class"),
        ("    expose: { host: 10.0.0.1, gateway: { name: public } }\n", "expose/host"),
        ("    liveness: { http: /live }\n    ports: []\n", "liveness/http"),
    ];
    for (service, path) in cases {
        let text =
            if service.contains("ports: []") { service.replace("    ports: []\n", "") } else { service.to_owned() };
        let mut spec = spec(&text, "");
        if service.contains("ports: []") {
            spec = spec.replace("    port: 8080\n", "");
        }
        let checked = lint("scalegen.yaml", spec.as_bytes(), &NoFiles, &CheckOptions::default());
        let found: Vec<_> =
            checked.findings.iter().zip(&checked.paths).filter(|(f, _)| f.rule == "refused-by-target").collect();
        let path = format!("/services/web/{path}");
        assert!(found.iter().any(|(_, at)| **at == path), "{path}: {found:#?}");
    }
}

#[test]
fn a_patch_clears_what_its_base_says_otherwise() {
    let spec = "version: 1\nname: shop\nservices:\n  web:\n    port: 8080\n    liveness: { tcp: true }\n    drainDelay: 5s\n    \
                labels: { team: shop }\ntargets:\n  kubernetes: { version: \"1.33\" }\n";
    let rendered = render("scalegen.yaml", spec.as_bytes(), &NoFiles, None, &["kubernetes".to_owned()]).unwrap();
    let (_, files) = &rendered.files[0];
    let text = &files.iter().find(|file| file.path == "web-deployment-patch.yaml").unwrap().text;
    let patch: Value = serde_yaml::from_str(text).unwrap();
    let container = &patch["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(
        container["livenessProbe"],
        json!({ "tcpSocket": { "port": 8080 }, "httpGet": null, "exec": null, "grpc": null })
    );
    assert_eq!(
        container["lifecycle"]["preStop"],
        json!({ "sleep": { "seconds": 5 }, "httpGet": null, "tcpSocket": null, "exec": null })
    );
    assert_eq!(patch["spec"]["template"]["metadata"]["labels"]["team"], "shop");
}
