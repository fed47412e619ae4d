//! What cannot be read breaks its own part of the model and no other, and is guessed nowhere.

use scalegen::model::{Service, ServiceField};
use scalegen::{CheckOptions, NoFiles, lint};

/// The service `a` with these fields.
fn service(fields: &str) -> Service {
    let text = format!("version: 1\nname: shop\nservices:\n  a: {{ image: x, {fields} }}\n");
    let spec = scalegen::models(text.as_bytes()).remove(0).1;
    (*spec.services[0]).clone()
}

const PARTS: [(ServiceField, &str); 18] = [
    (ServiceField::Kind, "kind"),
    (ServiceField::Image, "image"),
    (ServiceField::Env, "env"),
    (ServiceField::Ports, "ports"),
    (ServiceField::Replicas, "replicas"),
    (ServiceField::Concurrency, "concurrency"),
    (ServiceField::Resources, "resources"),
    (ServiceField::Autoscaling, "autoscaling"),
    (ServiceField::Schedule, "schedule"),
    (ServiceField::PartitionedBy, "partitionedBy"),
    (ServiceField::Connections, "connections"),
    (ServiceField::SharedSecrets, "sharedSecrets"),
    (ServiceField::Expose, "expose"),
    (ServiceField::Health, "health"),
    (ServiceField::Volumes, "volumes"),
    (ServiceField::Update, "update"),
    (ServiceField::Disruption, "disruption"),
    (ServiceField::Spread, "spread"),
];

#[test]
fn a_fault_breaks_its_own_part() {
    for (fields, part) in [
        ("kind: other", "kind"),
        ("command: [sleep, 10]", "image"),
        ("env: { A: [x] }", "env"),
        ("port: 0", "ports"),
        ("port: 65536", "ports"),
        ("port: 80, publish: -1", "ports"),
        ("ports: [{ publish: 80 }]", "ports"),
        ("replicas: { min: 1 }", "replicas"),
        ("replicas: { min: 1, max: 4294967296 }", "replicas"),
        ("concurrency: 0", "concurrency"),
        ("concurrency: { env: N }", "concurrency"),
        ("resources: { limits: { cpu: x } }", "resources"),
        ("resources: { limits: { pids: -1 } }", "resources"),
        ("resources: [x]", "resources"),
        ("autoscaling: { signal: x }", "autoscaling"),
        ("autoscaling: { scaleUp: { threshold: 101 } }", "autoscaling"),
        ("autoscaling: { metrics: { prometheus: { server: x } } }", "autoscaling"),
        ("schedule: [{ days: [mon], from: \"08:00\", timezone: UTC, replicas: 2 }]", "schedule"),
        ("schedule: [{ days: [], from: \"08:00\", to: \"09:00\", timezone: UTC, replicas: 2 }]", "schedule"),
        ("schedule: {}", "schedule"),
        ("partitionedBy: 3", "partitionedBy"),
        ("connections: { db: {} }", "connections"),
        ("connections: { db: { perReplica: -1, perSlot: 2 } }", "connections"),
        ("sharedSecrets: [7]", "sharedSecrets"),
        ("expose: { keepalive: -1 }", "expose"),
        ("health: {}", "health"),
        ("health: { interval: 5s }", "health"),
        ("health: { tcp: 1 }", "health"),
        ("volumes: [{ name: v, mount: /v }]", "volumes"),
        ("update: { strategy: x }", "update"),
        ("update: { surge: 101% }", "update"),
        ("stopGracePeriod: 9", "update"),
        ("disruption: {}", "disruption"),
        ("spread: x", "spread"),
    ] {
        let broken = service(fields).broken;
        let parts: Vec<_> = PARTS.iter().filter(|(part, _)| broken.has(*part)).map(|(_, name)| *name).collect();
        assert_eq!(parts, [part], "{fields}");
    }
}

#[test]
fn what_can_be_read_breaks_nothing() {
    for fields in [
        "port: 1",
        "port: 65535, publish: 80",
        "replicas: { min: 0, max: 4294967295 }",
        "concurrency: 1",
        "autoscaling: { scaleUp: { threshold: 1 } }",
        "schedule: []",
        "health: { tcp: false }",
        "health: { tcp: false, interval: 5s }",
        "health: { command: exit 0 }",
        "update: { surge: 100% }",
        "resources: , connections: , schedule: , autoscaling: ",
    ] {
        assert!(!service(fields).broken.any(), "{fields}");
    }
    assert!(service("health: { tcp: false }").health.is_none(), "it asks nothing");
}

#[test]
fn a_variable_may_have_255_characters() {
    let said = |length: usize| {
        let text = format!(
            "version: 1\nname: shop\nlimitResources: false\nservices: {{ a: {{ image: x, env: {{ {}: x }} }} }}\n",
            "V".repeat(length)
        );
        let checked = lint("spec", text.as_bytes(), &NoFiles, &CheckOptions::default());
        checked.findings.into_iter().map(|finding| finding.message).collect::<Vec<_>>()
    };
    assert_eq!(said(255), [""; 0]);
    assert_eq!(said(256), ["a variable's name of 256 characters, above 255"]);
    assert_eq!(said(300), ["a variable's name of 300 characters, above 255"]);
}
