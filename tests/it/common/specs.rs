//! Plausible specs at random: most parts right, some at odds with others, all numbers within what people write.
//!
//! A spec is JSON, so that a test can change it; [`text`] writes it as people write YAML. Knows no property.

use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value as Json, json};

/// How many cases a property tries: `PROPTEST_CASES`, else the number that suits every run.
pub fn cases(usual: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(usual),
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..ProptestConfig::default()
    }
}

/// The mapping of the fields that are there.
fn map<const N: usize>(fields: [(&str, Option<Json>); N]) -> Json {
    let there = fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Json::Object(there.collect())
}

fn some<S: Strategy<Value = Json> + 'static>(probability: f64, strategy: S) -> BoxedStrategy<Option<Json>> {
    weighted(probability, strategy).boxed()
}

fn words(words: &'static [&'static str]) -> BoxedStrategy<Json> {
    select(words).prop_map(Json::from).boxed()
}

fn replicas() -> BoxedStrategy<Json> {
    prop_oneof![
        3 => (0u32..9).prop_map(Json::from),
        4 => (0u32..5, 0u32..9).prop_map(|(min, more)| json!({"min": min, "max": min + more})),
        1 => (0u32..9, 0u32..9).prop_map(|(min, max)| json!({"min": min, "max": max})),
    ]
    .boxed()
}

fn amounts() -> BoxedStrategy<Json> {
    let cpu = words(&["100m", "250m", "500m", "1", "1500m", "2", "4"]);
    let memory = words(&["64Mi", "256Mi", "512Mi", "1Gi", "1500M", "2Gi", "4Gi", "8Gi"]);
    (some(0.8, cpu), some(0.9, memory), some(0.15, (0u32..3).prop_map(Json::from)))
        .prop_map(|(cpu, memory, gpu)| map([("cpu", cpu), ("memory", memory), ("gpu", gpu)]))
        .boxed()
}

fn resources() -> BoxedStrategy<Json> {
    (some(0.8, amounts()), some(0.7, amounts()))
        .prop_map(|(requests, limits)| map([("requests", requests), ("limits", limits)]))
        .boxed()
}

fn step() -> BoxedStrategy<Json> {
    let threshold = select(&[0.2, 0.35, 0.5, 0.6, 0.75, 0.9, 1.0][..]).prop_map(Json::from);
    (some(0.8, threshold), some(0.5, words(&["30s", "1m", "5m", "15m", "1h"])))
        .prop_map(|(threshold, delay)| map([("threshold", threshold), ("delay", delay)]))
        .boxed()
}

fn autoscaling() -> BoxedStrategy<Json> {
    (some(0.6, words(&["load", "cpu", "memory"])), some(0.7, step()), some(0.6, step()))
        .prop_map(|(signal, up, down)| map([("signal", signal), ("scaleUp", up), ("scaleDown", down)]))
        .boxed()
}

fn window() -> BoxedStrategy<Json> {
    let days = subsequence(vec!["mon", "tue", "wed", "thu", "fri", "sat", "sun"], 1..4).prop_map(Json::from);
    let time = &["00:00", "02:30", "06:00", "08:00", "12:00", "18:00", "22:00", "24:00"];
    let zones = &["Europe/Berlin", "UTC", "America/New_York", "Asia/Kolkata"];
    (days, words(time), words(time), words(zones), replicas())
        .prop_map(|(days, from, to, timezone, replicas)| {
            let from = if from == "24:00" { json!("23:00") } else { from };
            json!({"days": days, "from": from, "to": to, "timezone": timezone, "replicas": replicas})
        })
        .boxed()
}

fn connections() -> BoxedStrategy<Json> {
    let one = prop_oneof![
        (1u32..40).prop_map(Json::from),
        (0u32..20, 1u32..5).prop_map(|(replica, slot)| json!({"perReplica": replica, "perSlot": slot})),
    ];
    (some(0.8, one.clone().boxed()), some(0.3, one.boxed()))
        .prop_map(|(postgres, redis)| map([("postgres", postgres), ("redis", redis)]))
        .boxed()
}

fn expose() -> BoxedStrategy<Json> {
    (
        some(0.5, words(&["shop.example.com", "api.example.com", "*.example.com"])),
        some(0.5, words(&["/", "/api", "/api/v1", "/shop/"])),
        some(0.4, words(&["round-robin", "least-conn", "ip-hash"])),
        some(0.3, (1u32..64).prop_map(Json::from)),
        some(0.3, words(&["1500ms", "5s", "1h"])),
        any::<bool>(),
    )
        .prop_map(|(host, path, method, keepalive, read, websocket)| {
            let timeouts = read.map(|read| json!({ "connect": "5s", "read": read }));
            let websocket = websocket.then(|| Json::from(true));
            map([
                ("host", host),
                ("path", path),
                ("method", method),
                ("keepalive", keepalive),
                ("websocket", websocket),
                ("timeouts", timeouts),
            ])
        })
        .boxed()
}

fn health() -> BoxedStrategy<Json> {
    let check = prop_oneof![
        Just(("http", json!("/healthz"))),
        Just(("tcp", json!(true))),
        Just(("command", json!(["check", "--now"]))),
    ];
    (check, of(select(&["10s", "20s", "1m"][..])), of(1u32..6))
        .prop_map(|((kind, check), interval, retries)| {
            let mut health = map([("interval", interval.map(Json::from)), ("retries", retries.map(Json::from))]);
            health[kind] = check;
            health
        })
        .boxed()
}

fn update() -> BoxedStrategy<Json> {
    let amount = || prop_oneof![(0u32..3).prop_map(Json::from), words(&["10%", "25%", "50%", "100%"])].boxed();
    (some(0.4, words(&["rolling", "recreate"])), some(0.5, amount()), some(0.5, amount()))
        .prop_map(|(strategy, surge, unavailable)| {
            map([("strategy", strategy), ("surge", surge), ("unavailable", unavailable)])
        })
        .boxed()
}

fn disruption() -> BoxedStrategy<Json> {
    prop_oneof![
        (1u32..4).prop_map(|number| json!({"minAvailable": number})),
        (1u32..4).prop_map(|number| json!({"maxUnavailable": number})),
    ]
    .boxed()
}

/// One service; the number tells services apart, so that their ports meet only sometimes.
fn service() -> BoxedStrategy<Json> {
    let what = (
        some(0.2, words(&["stateless", "stateful", "singleton"])),
        some(0.95, words(&["acme/web:1.4", "registry.example.com/api:2", "acme/worker"])),
        some(0.3, Just(json!(["serve", "--quick", "$HOME"])).boxed()),
        some(
            0.3,
            Just(json!({"LOG_LEVEL": "warn", "DEPTH": 64, "TRACING": false, "NOTE": "no: \"yes\" # 08"})).boxed(),
        ),
        some(0.7, (80u32..90).prop_map(Json::from).boxed()),
        some(0.5, (8000u32..8024).prop_map(Json::from).boxed()),
    );
    let numbers = (
        some(0.9, replicas()),
        some(
            0.5,
            prop_oneof![(1u32..30).prop_map(Json::from), (1u32..30).prop_map(|n| json!({"limit": n, "env": "SLOTS"}))]
                .boxed(),
        ),
        some(0.9, resources()),
        some(0.4, autoscaling()),
        some(0.3, proptest::collection::vec(window(), 1..3).prop_map(Json::from).boxed()),
        some(0.5, connections()),
    );
    let around = (
        some(0.3, Just(json!(["SIGNING_KEY"])).boxed()),
        some(0.4, expose()),
        some(0.4, health()),
        some(0.4, update()),
        some(0.2, disruption()),
        some(0.2, words(&["node", "zone", "none"])),
        some(0.15, words(&["kafka"])),
    );
    (what, numbers, around)
        .prop_map(|(what, numbers, around)| {
            let (kind, image, command, env, port, publish) = what;
            let (replicas, concurrency, resources, autoscaling, schedule, connections) = numbers;
            let (secrets, expose, health, update, disruption, spread, partitioned) = around;
            let publish = publish.filter(|_| port.is_some());
            // a singleton is never a range, and a stateless service has no replicas to spare for less than one
            map([
                ("kind", kind),
                ("image", image),
                ("command", command),
                ("env", env),
                ("port", port),
                ("publish", publish),
                ("replicas", replicas),
                ("concurrency", concurrency),
                ("resources", resources),
                ("autoscaling", autoscaling),
                ("schedule", schedule),
                ("connections", connections),
                ("sharedSecrets", secrets),
                ("expose", expose),
                ("health", health),
                ("update", update),
                ("disruption", disruption),
                ("spread", spread),
                ("partitionedBy", partitioned),
            ])
        })
        .boxed()
}

fn capacity() -> BoxedStrategy<Json> {
    let cpu = words(&["2", "4", "8", "16"]);
    let memory = words(&["4Gi", "8Gi", "32Gi"]);
    let group = (1u32..6, cpu, memory, of(0u32..4), of(1u32..500)).prop_map(|(count, cpu, memory, gpu, price)| {
        let mut group = map([("gpu", gpu.map(Json::from)), ("price", price.map(Json::from))]);
        (group["count"], group["cpu"], group["memory"]) = (json!(count), cpu, memory);
        group
    });
    proptest::collection::vec(group, 1..3)
        .prop_map(|mut nodes| {
            nodes.iter_mut().enumerate().for_each(|(index, group)| group["name"] = json!(format!("pool-{index}")));
            json!({ "nodes": nodes })
        })
        .boxed()
}

fn backing() -> BoxedStrategy<Json> {
    (20u32..400, words(&["1Gi", "4Gi"]), 1u32..12, 50u32..2000)
        .prop_map(|(most, memory, partitions, redis)| {
            json!({
                "postgres": {"kind": "postgres", "image": "postgres:17", "maxConnections": most, "memory": memory},
                "redis": {"kind": "redis", "image": "redis:7.4", "maxConnections": redis, "memory": "1Gi"},
                "kafka": {"kind": "kafka", "image": "apache/kafka:3.9.0", "partitions": partitions, "brokers": 3, "memory": "2Gi"},
            })
        })
        .boxed()
}

fn targets() -> BoxedStrategy<Json> {
    let all = vec![
        ("compose", json!({})),
        ("nginx", json!({"from": "network", "version": "1.27.3", "listen": 7999})),
        ("kubernetes", json!({"autoscaler": "hpa"})),
        ("convox", json!({"generation": "v3"})),
        ("helm", json!({"paths": {"web": {"replicas": "web.replicaCount", "resources": "web.resources"}}})),
    ];
    let keda = any::<bool>();
    (subsequence(all, 1..5), keda)
        .prop_map(|(picked, keda)| {
            let mut targets: Map<String, Json> =
                picked.into_iter().map(|(name, options)| (name.to_owned(), options)).collect();
            if let Some(kubernetes) = targets.get_mut("kubernetes").filter(|_| keda) {
                kubernetes["autoscaler"] = json!("keda");
            }
            Json::Object(targets)
        })
        .boxed()
}

/// Part of a service, as a profile sets it: some numbers, some parts taken away.
fn overlay() -> BoxedStrategy<Json> {
    let null = || Just(Json::Null).boxed();
    (
        some(0.7, replicas()),
        some(0.4, resources()),
        some(0.2, prop_oneof![null(), (1u32..30).prop_map(Json::from)].boxed()),
        some(0.2, prop_oneof![null(), autoscaling()].boxed()),
        some(0.2, prop_oneof![null(), connections()].boxed()),
        some(0.2, prop_oneof![null(), proptest::collection::vec(window(), 1..3).prop_map(Json::from).boxed()].boxed()),
    )
        .prop_map(|(replicas, resources, concurrency, autoscaling, connections, schedule)| {
            map([
                ("replicas", replicas),
                ("resources", resources),
                ("concurrency", concurrency),
                ("autoscaling", autoscaling),
                ("connections", connections),
                ("schedule", schedule),
            ])
        })
        .boxed()
}

/// A whole spec: one to four services, what they lean on, machines, up to two profiles, some targets.
pub fn spec() -> BoxedStrategy<Json> {
    let services = (subsequence(vec!["web", "api", "worker", "mailer"], 1..4), proptest::collection::vec(service(), 4));
    let profiles = proptest::collection::vec((overlay(), any::<prop::sample::Index>(), any::<bool>()), 0..3);
    let around = (some(0.15, Just(json!(false)).boxed()), some(0.7, capacity()));
    (services, backing(), around, profiles, targets())
        .prop_map(|((names, services), backing, (limits, capacity), overlays, targets)| {
            let services: Map<String, Json> =
                names.iter().zip(services).map(|(name, service)| ((*name).to_owned(), service)).collect();
            let mut profiles = Map::new();
            for (number, (overlay, index, extends)) in overlays.into_iter().enumerate() {
                let name = names[index.index(names.len())];
                let mut profile = map([("extends", (extends && number > 0).then(|| json!("size-0")))]);
                profile["services"] = json!({ name: overlay });
                profiles.insert(format!("size-{number}"), profile);
            }
            let profiles = (!profiles.is_empty()).then_some(Json::Object(profiles));
            map([
                ("version", Some(json!(1))),
                ("name", Some(json!("shop"))),
                ("limitResources", limits),
                ("services", Some(Json::Object(services))),
                ("backingServices", Some(backing)),
                ("capacity", capacity),
                ("profiles", profiles),
                ("targets", Some(targets)),
            ])
        })
        .boxed()
}

/// The profiles of a spec, the base first.
pub fn profiles(spec: &Json) -> Vec<Option<String>> {
    let named = spec["profiles"].as_object().into_iter().flatten().map(|(name, _)| Some(name.clone()));
    std::iter::once(None).chain(named).collect()
}

/// The spec as people write it: indented mappings, short lists and the innermost mappings in one line.
pub fn text(spec: &Json) -> String {
    let mut out = String::new();
    block(spec, 0, &mut out);
    out
}

fn block(value: &Json, depth: usize, out: &mut String) {
    let Some(fields) = value.as_object() else { return out.push_str(&format!("{}\n", flow(value))) };
    for (key, value) in fields {
        let indent = "  ".repeat(depth);
        match value {
            Json::Object(inner) if inner.values().any(|value| value.is_object() || value.is_array()) => {
                out.push_str(&format!("{indent}{key}:\n"));
                block(value, depth + 1, out);
            }
            Json::Array(items) if items.iter().any(Json::is_object) => {
                out.push_str(&format!("{indent}{key}:\n"));
                items.iter().for_each(|item| out.push_str(&format!("{indent}  - {}\n", flow(item))));
            }
            value => out.push_str(&format!("{indent}{key}: {}\n", flow(value))),
        }
    }
}

fn flow(value: &Json) -> String {
    match value {
        Json::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Json::Object(fields) => {
            let fields: Vec<String> = fields.iter().map(|(key, value)| format!("{key}: {}", flow(value))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        Json::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Json::String(text) => {
            let plain = text.starts_with(|c: char| c.is_ascii_lowercase())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || "-./_".contains(c))
                && !["true", "false", "null", "no", "yes", "on", "off", "y", "n"].contains(&text.as_str());
            if plain { text.clone() } else { value.to_string() }
        }
        value => value.to_string(),
    }
}

proptest! {
    #![proptest_config(cases(64))]

    /// What is written is what was meant, as another reader sees it.
    #[test]
    fn the_text_of_a_random_spec_is_that_spec(spec in spec()) {
        let text = text(&spec);
        let read: Json = serde_yaml::from_str(&text).unwrap();
        prop_assert_eq!(read, spec, "{}", text);
    }
}
