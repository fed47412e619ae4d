//! What targets say of fields they cannot write as they stand: the whole sentence at its place, and silence one step inside the bound.

use scalegen::{CheckOptions, Files, lint};

/// A compose file beside the specs of this table.
struct Beside;

impl Files for Beside {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let base = "services:\n  web: { image: 'x:1', deploy: { resources: { reservations: { devices: \
                    [{ capabilities: [gpu] }] } } } }\n";
        if path == "base.yml" { Ok(base.as_bytes().to_vec()) } else { Err("no such file".to_owned()) }
    }
}

/// A target's options, the rest of the spec, and what is said at a path of it, none or one sentence.
type Row = (&'static str, &'static str, &'static str, &'static str);

const RULES: [&str; 4] = ["lost-in-target", "ignored-by-consumer", "refused-by-target", "invalid-value"];

fn holds(rows: &[Row]) {
    let mut wrong = Vec::new();
    for (target, rest, path, message) in rows {
        let (name, options) = target.split_once(' ').unwrap_or((target, "{}"));
        let spec = format!("version: 1\nname: shop\n{rest}\ntargets:\n  {name}: {options}\n");
        let wanted = CheckOptions { targets: vec![name.to_owned()], ..CheckOptions::default() };
        let checked = lint("scalegen.yaml", spec.as_bytes(), &Beside, &wanted);
        let shape = ["yaml-syntax", "unknown-field", "missing-field", "wrong-type", "unreadable-file"];
        let all: Vec<_> = checked.findings.iter().zip(&checked.paths).collect();
        if let Some((fault, _)) = all.iter().find(|(finding, _)| shape.contains(&finding.rule.as_str())) {
            wrong.push(format!("{target}: the row is not a sound spec: {}\n{rest}", fault.message));
            continue;
        }
        let ours = all.iter().filter(|(finding, at)| RULES.contains(&finding.rule.as_str()) && at == path);
        let said: Vec<&str> = ours.map(|(finding, _)| finding.message.as_str()).collect();
        let expected: Vec<&str> = if message.is_empty() { Vec::new() } else { vec![*message] };
        if said != expected {
            let elsewhere: Vec<_> = all.iter().map(|(finding, at)| format!("{at}: {}", finding.message)).collect();
            wrong.push(format!("{target} at {path}:\n  expected {expected:?}\n  said {said:?}\n  all {elsewhere:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{} rows are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn compose_says_what_it_cannot_write() {
    holds(&[
        (
            "compose",
            "services: { web: { image: 'x:1', concurrency: { limit: 4, env: SLOTS }, env: { SLOTS: 5 } } }",
            "/services/web/env/SLOTS",
            "compose: `SLOTS` is written as 4, the concurrency, not 5",
        ),
        (
            "compose",
            "services: { web: { image: 'x:1', concurrency: { limit: 4, env: SLOTS }, env: { SLOTS: 4 } } }",
            "/services/web/env/SLOTS",
            "",
        ),
        (
            "compose",
            "services: { db: { image: 'x:1' } }\nbackingServices: { db: { kind: redis, image: 'redis:7' } }",
            "/backingServices/db",
            "compose: a service and a backing service are both named `db`",
        ),
        (
            "compose",
            "services: { web: { image: 'x:1' } }\nbackingServices: { db: { kind: postgres, image: 'postgres:17', workMem: 63Ki } }",
            "/backingServices/db/workMem",
            "compose: 63Ki is below 64Ki, less than postgres takes",
        ),
        (
            "compose",
            "services: { web: { image: 'x:1' } }\nbackingServices: { db: { kind: postgres, image: 'postgres:17', workMem: 64Ki } }",
            "/backingServices/db/workMem",
            "",
        ),
        (
            "compose",
            "services: { web: { image: 'x:1', port: 80, health: { http: '/ä' } } }",
            "/services/web/health/http",
            "compose: `/ä` is not a path of a URL",
        ),
        (
            "compose { base: base.yml }",
            "services: { web: { resources: { requests: { gpu: 1 } } } }",
            "/services/web/resources/requests/gpu",
            "compose: the devices that base.yml asks for go: 1 GPU takes their place",
        ),
        (
            "compose",
            "services: { web: { image: 'X:1' } }",
            "/services/web/image",
            "compose: `X:1` is not an image reference",
        ),
    ]);
}

#[test]
fn kubernetes_says_what_it_cannot_write() {
    holds(&[
        (
            "kubernetes",
            "services: { web: { image: 'x:1', concurrency: { limit: 4, env: SLOTS }, env: { SLOTS: 5 } } }",
            "/services/web/env/SLOTS",
            "kubernetes: `SLOTS` gives way to the concurrency limit, which sets the same variable",
        ),
        (
            "kubernetes",
            "services: { web: { image: 'x:1', port: 80, health: { http: /, interval: 0s } } }",
            "/services/web/health/interval",
            "kubernetes: 0s is less than a probe can wait: 1s is written",
        ),
        (
            "kubernetes",
            "services: { web: { image: 'x:1', port: 80, health: { http: /, interval: 1s } } }",
            "/services/web/health/interval",
            "",
        ),
        (
            "kubernetes",
            "services: { web: { image: 'x:1', health: { command: ['true'], port: 81 } } }",
            "/services/web/health/port",
            "kubernetes: port 81 is not asked by a command",
        ),
        (
            "kubernetes",
            "services: { web: { image: 'x:1', kind: stateful, volumes: [{ name: v, mount: /a, size: 1Gi }, { name: v, mount: /b, size: 1Gi }] } }",
            "/services/web/volumes/1/name",
            "kubernetes: two volumes are called `v`",
        ),
        (
            "kubernetes",
            "services: { web: { image: 'x:1', kind: stateful, volumes: [{ name: v, mount: /a, size: 1Gi }, { name: w, mount: /a, size: 1Gi }] } }",
            "/services/web/volumes/1/mount",
            "kubernetes: two volumes are mounted at `/a`",
        ),
        (
            "kubernetes { autoscaler: keda }",
            "services: { web: { image: 'x:1', replicas: { min: 1, max: 3 }, autoscaling: { signal: load, metrics: { prometheus: { server: 'http://p', running: r } } } } }",
            "/services/web/autoscaling/signal",
            "kubernetes: the concurrency limit is unknown, 1 is taken",
        ),
        (
            "kubernetes { autoscaler: keda }",
            "services: { web: { image: 'x:1', concurrency: 2, replicas: { min: 1, max: 3 }, autoscaling: { signal: load, metrics: { prometheus: { server: 'http://p', running: r } } } } }",
            "/services/web/autoscaling/signal",
            "",
        ),
        (
            "kubernetes { autoscaler: hpa }",
            "services: { web: { image: 'x:1', concurrency: 2, replicas: { min: 1, max: 3 }, autoscaling: { signal: load, scaleUp: { threshold: 0 }, scaleDown: { threshold: 0 } } } }",
            "/services/web/autoscaling/scaleUp/threshold",
            "kubernetes: a threshold of 0 is not a target: any load is above it",
        ),
        (
            "kubernetes { autoscaler: hpa }",
            "services: { web: { image: 'x:1', resources: { requests: { cpu: 1 } }, replicas: { min: 1, max: 3 }, autoscaling: { signal: cpu, scaleUp: { threshold: 0.004 }, scaleDown: { threshold: 0.004 } } } }",
            "/services/web/autoscaling/scaleUp/threshold",
            "kubernetes: 0.004 of the request is below 1%, the least target",
        ),
        (
            "kubernetes { autoscaler: hpa }",
            "services: { web: { image: 'x:1', resources: { requests: { cpu: 1 } }, replicas: { min: 1, max: 3 }, autoscaling: { signal: cpu, scaleUp: { threshold: 0.005 }, scaleDown: { threshold: 0.005 } } } }",
            "/services/web/autoscaling/scaleUp/threshold",
            "kubernetes: 0.005 of the request is not written: a target is whole percent, 1%",
        ),
        (
            "kubernetes { autoscaler: hpa }",
            "services: { web: { image: 'x:1', resources: { requests: { cpu: 1 } }, replicas: { min: 1, max: 3 }, autoscaling: { signal: cpu, scaleUp: { threshold: 0.01 }, scaleDown: { threshold: 0.01 } } } }",
            "/services/web/autoscaling/scaleUp/threshold",
            "",
        ),
        (
            "kubernetes { autoscaler: hpa, version: '1.35' }",
            "services: { web: { image: 'x:1', resources: { requests: { cpu: 1 } }, replicas: { min: 1, max: 3 }, autoscaling: { signal: cpu, scaleUp: { threshold: 0.8, tolerance: 0.1 }, scaleDown: { threshold: 0.5 } } } }",
            "/services/web/autoscaling/scaleUp/tolerance",
            "kubernetes: a tolerance of 0.10 is not written: both thresholds are written as tolerances",
        ),
        (
            "kubernetes { autoscaler: hpa, version: '1.35' }",
            "services: { web: { image: 'x:1', resources: { requests: { cpu: 1 } }, replicas: { min: 1, max: 3 }, autoscaling: { signal: cpu, scaleUp: { threshold: 0.8, tolerance: 0.1 }, scaleDown: { threshold: 0.8 } } } }",
            "/services/web/autoscaling/scaleUp/tolerance",
            "",
        ),
        (
            "kubernetes",
            "services: { web: { image: 'x:1', update: { strategy: recreate, surge: 1 } } }",
            "/services/web/update/surge",
            "kubernetes: surge 1 is not written: Recreate stops every replica before it starts one",
        ),
        (
            "kubernetes",
            "services: { web: { image: 'x:1', update: { strategy: recreate, surge: 0 } } }",
            "/services/web/update/surge",
            "",
        ),
        (
            "kubernetes",
            "services: { web: { image: 'x:1', kind: stateful, update: { surge: 1 } } }",
            "/services/web/update/surge",
            "kubernetes: surge 1 is not written: a StatefulSet replaces one replica after the other, without a spare",
        ),
        (
            "kubernetes",
            "services: { web: { image: 'x:1', kind: stateful, update: { surge: 0 } } }",
            "/services/web/update/surge",
            "",
        ),
        (
            "kubernetes",
            "services: { web: { image: 'x:1', port: 80, expose: { host: 010.001.000.255 } } }",
            "/services/web/expose/host",
            "kubernetes: `010.001.000.255` is an IP address, and the host of an Ingress is a DNS name",
        ),
        (
            "kubernetes",
            "services: { web: { image: 'x:1', port: 80, expose: { host: 010.001.000.256 } } }",
            "/services/web/expose/host",
            "",
        ),
        (
            "kubernetes { autoscaler: hpa }",
            "services: { web: { image: 'x:1', resources: { requests: { memory: 1Gi } }, replicas: { min: 1, max: 3 }, autoscaling: { signal: memory, metrics: { prometheus: { server: 'http://p', running: r } } } } }",
            "/services/web/autoscaling/metrics/prometheus/running",
            "kubernetes: the query is not written: signal memory asks the cluster's metrics API",
        ),
    ]);
}

#[test]
fn convox_says_what_it_cannot_write() {
    holds(&[
        (
            "convox { generation: v2 }",
            "services: { web: { image: 'x:1', port: 80, health: { http: /, port: 81 } } }",
            "/services/web/health/port",
            "convox v2 asks port 80 only, not 81",
        ),
        (
            "convox { generation: v3 }",
            "services: { web: { image: 'x:1', port: 80, health: { http: /, port: 81 } } }",
            "/services/web/health/port",
            "",
        ),
        (
            "convox { generation: v3 }",
            "services: { web: { image: 'x:1', port: 80, health: { http: /, interval: 1500ms } } }",
            "/services/web/health/interval",
            "convox counts whole seconds: 1s500ms is written as 2",
        ),
        (
            "convox { generation: v3 }",
            "services: { web: { image: 'x:1', stopGracePeriod: 1500ms } }",
            "/services/web/stopGracePeriod",
            "convox counts whole seconds: 1s500ms is written as 2",
        ),
        (
            "convox { generation: v3 }",
            "services: { web: { image: 'x:1', stopGracePeriod: 2s } }",
            "/services/web/stopGracePeriod",
            "",
        ),
        (
            "convox { generation: v3 }",
            "services: { web: { image: 'x:1', concurrency: { limit: 4, env: SLOTS }, env: { SLOTS: 5 } } }",
            "/services/web/env/SLOTS",
            "convox: SLOTS carries the concurrency limit: 4 is written, not 5",
        ),
        (
            "convox { generation: v3 }",
            "services: { web: { image: 'x:1', concurrency: { limit: 4, env: SLOTS }, env: { SLOTS: 4 } } }",
            "/services/web/env/SLOTS",
            "",
        ),
        (
            "convox { generation: v3 }",
            "services: { web: { image: 'x:1', resources: { requests: { cpu: 1 } }, replicas: { min: 1, max: 3 }, autoscaling: { signal: cpu, scaleUp: { threshold: 0 }, scaleDown: { threshold: 0 } } } }",
            "/services/web/autoscaling/scaleUp/threshold",
            "convox takes a target of 0 % for none, and Kubernetes then scales at 80 % cpu",
        ),
        (
            "convox { generation: v3 }",
            "services: { web: { image: 'x:1', resources: { requests: { cpu: 1 } }, replicas: { min: 1, max: 3 }, autoscaling: { signal: cpu, scaleUp: { threshold: 0.501 }, scaleDown: { threshold: 0.501 } } } }",
            "/services/web/autoscaling/scaleUp/threshold",
            "convox's targets are whole percent: 0.501 is written as 51",
        ),
        (
            "convox { generation: v3 }",
            "services: { web: { image: 'x:1', resources: { requests: { cpu: 1 } }, replicas: { min: 1, max: 3 }, autoscaling: { signal: cpu, scaleUp: { threshold: 0.5 }, scaleDown: { threshold: 0.5 } } } }",
            "/services/web/autoscaling/scaleUp/threshold",
            "",
        ),
        (
            "convox { generation: v3 }",
            "services: { web: { image: 'x:1', replicas: { min: 1, max: 3 }, autoscaling: { signal: load, metrics: { prometheus: { server: 'http://p', running: r } } } } }",
            "/services/web/autoscaling/signal",
            "convox: load is counted against 1 unit of work a process: `concurrency` is not given",
        ),
        (
            "convox { generation: v3 }",
            "services: { web: { image: 'x:1', concurrency: 2, replicas: { min: 1, max: 3 }, autoscaling: { signal: load, scaleUp: { threshold: 0 }, scaleDown: { threshold: 0 }, metrics: { prometheus: { server: 'http://p', running: r } } } } }",
            "/services/web/autoscaling/scaleUp/threshold",
            "convox: KEDA refuses a threshold of 0",
        ),
        (
            "convox { generation: v3 }",
            "services: { web: { image: 'x:1', concurrency: 2, replicas: { min: 1, max: 3 }, autoscaling: { signal: load, scaleDown: { delay: 3601s }, metrics: { prometheus: { server: 'http://p', running: r } } } } }",
            "/services/web/autoscaling/scaleDown/delay",
            "convox: the autoscaler looks back 3600 s at most: 1h1s is written as 3600 s",
        ),
        (
            "convox { generation: v3 }",
            "services: { web: { image: 'x:1', concurrency: 2, replicas: { min: 1, max: 3 }, autoscaling: { signal: load, scaleDown: { delay: 1h }, metrics: { prometheus: { server: 'http://p', running: r } } } } }",
            "/services/web/autoscaling/scaleDown/delay",
            "",
        ),
    ]);
}

#[test]
fn helm_says_what_it_cannot_write() {
    holds(&[
        (
            "helm { convention: helm-create }",
            "services: { web: { image: 'x:1', resources: { requests: { cpu: 1 } }, replicas: { min: 0, max: 3 }, autoscaling: { signal: cpu } } }",
            "/services/web/replicas/min",
            "helm: min 0 is not written: a HorizontalPodAutoscaler keeps at least 1, so 1 is",
        ),
        (
            "helm { convention: helm-create }",
            "services: { web: { image: 'x:1', resources: { requests: { cpu: 1 } }, replicas: { min: 1, max: 3 }, autoscaling: { signal: cpu } } }",
            "/services/web/replicas/min",
            "",
        ),
        (
            "helm { convention: helm-create }",
            "services: { web: { image: 'x:1', resources: { requests: { cpu: 1 } }, replicas: { min: 1, max: 3 }, autoscaling: { signal: cpu, scaleUp: { threshold: 0.754 } } } }",
            "/services/web/autoscaling/scaleUp/threshold",
            "helm: 0.754 is not written: a target is whole percent, 0.75",
        ),
        (
            "helm { convention: helm-create }",
            "services: { web: { image: 'x:1', resources: { requests: { cpu: 1 } }, replicas: { min: 1, max: 3 }, autoscaling: { signal: cpu, scaleUp: { threshold: 0.755 } } } }",
            "/services/web/autoscaling/scaleUp/threshold",
            "helm: 0.755 is not written: a target is whole percent, 0.76",
        ),
        (
            "helm { convention: helm-create }",
            "services: { web: { image: 'x:1', resources: { requests: { cpu: 1500u } } } }",
            "/services/web/resources/requests/cpu",
            "helm: 1500000n is finer than 1m, the least step: 2m is written",
        ),
        (
            "helm { convention: helm-create }",
            "services: { web: { image: 'x:1', resources: { requests: { cpu: 2m } } } }",
            "/services/web/resources/requests/cpu",
            "",
        ),
        (
            "helm { convention: helm-create }",
            "services: { web: { image: 'x:1', port: 80, health: { command: ['true'], port: 81 } } }",
            "/services/web/health/port",
            "helm: port 81 is not asked by a command",
        ),
        (
            "helm { paths: { web: { repository: web.repo } } }",
            "services: { web: { image: 'host:5000/x:1' } }",
            "/services/web/image",
            "helm: no path says where the tag of web goes",
        ),
        (
            "helm { paths: { web: { concurrency: web.slots } } }",
            "services: { web: { concurrency: { limit: 2, env: SLOTS } } }",
            "/services/web/concurrency/env",
            "helm: web takes its concurrency from the chart's own key, not from SLOTS",
        ),
    ]);
}

#[test]
fn polyaxon_and_seldon_say_what_they_cannot_write() {
    holds(&[
        (
            "polyaxon { chart: '2.15.1' }",
            "services: { gateway: { kind: stateful } }",
            "/services/gateway/kind",
            "polyaxon: the chart runs gateway without state of its own, as a Deployment",
        ),
        (
            "seldon { form: runtime }",
            "services: { hodometer: { stopGracePeriod: 1500ms } }",
            "/services/hodometer/stopGracePeriod",
            "seldon: Kubernetes counts whole seconds: 1s500ms is written as 2",
        ),
        (
            "seldon { form: runtime }",
            "services: { hodometer: { stopGracePeriod: 2s } }",
            "/services/hodometer/stopGracePeriod",
            "",
        ),
        (
            "seldon { form: values }",
            "services: { hodometer: { image: 'registry.example.com/x' } }",
            "/services/hodometer/image",
            "seldon: the setup chart takes an image by registry, repository and tag: `registry.example.com/x` has no tag of its own",
        ),
        (
            "seldon { form: values }",
            "services: { hodometer: { image: 'registry.example.com/x:1' } }",
            "/services/hodometer/image",
            "",
        ),
        (
            "seldon { form: runtime }",
            "services: { hodometer: { image: 'x:1' } }\nbackingServices: { k: { kind: kafka, replicationFactor: 1 } }",
            "/backingServices/k/replicationFactor",
            "seldon: replicationFactor 1 alone would erase partitions: the operator replaces the topics of its config as a whole",
        ),
        (
            "seldon { form: runtime }",
            "services: { dataflow: { partitionedBy: a }, modelgateway: { partitionedBy: b } }\nbackingServices: { a: { kind: kafka, partitions: 4, replicationFactor: 1 }, b: { kind: kafka, partitions: 4, replicationFactor: 1 } }",
            "/services/modelgateway/partitionedBy",
            "seldon: one installation has one number of partitions for all topics: that of a is written, not that of b",
        ),
        (
            "seldon { form: runtime }",
            "services: { controller: { resources: { requests: { cpu: 1 } } } }",
            "/services/controller/resources",
            "a SeldonRuntime has no override for controller: its resources are in the setup chart",
        ),
        (
            "seldon { form: values }",
            "services: { envoy: { kind: stateful, volumes: [{ name: v, mount: /v, size: 1Gi }] } }",
            "/services/envoy/volumes/0",
            "seldon: envoy has no volume: `v` is not written",
        ),
    ]);
}
