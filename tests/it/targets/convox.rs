//! The convox target: what it writes is judged by our own words for Convox's parser and checks, kept in a schema and here.

use super::support::Base;
use proptest::prelude::*;
use scalegen::{CheckOptions, lint, render};
use serde_json::{Value as Json, json};
use std::fs;

/// What Convox would refuse, ignore or drop in a `convox.yml`.
fn judge(file: &Json) -> Vec<String> {
    let schema: Json = serde_json::from_str(include_str!("../../consumers/convox.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut faults: Vec<String> =
        validator.iter_errors(file).map(|error| format!("{}: {error}", error.instance_path())).collect();
    for (name, service) in file["services"].as_object().into_iter().flatten() {
        let scale = &service["scale"];
        for resource in ["cpu", "memory"] {
            let usual = if resource == "cpu" { 250 } else { 512 };
            let limit = scale["limit"][resource].as_i64().unwrap_or(0);
            let request = scale[resource].as_i64().unwrap_or(if limit > 0 { limit } else { usual });
            if limit > 0 && limit < request {
                faults.push(format!("{name}: {resource} limit can not be less than the request"));
            }
        }
        if let Some((min, max)) = scale["count"].as_str().and_then(|count| count.split_once('-')) {
            let (min, max): (u32, u32) = (min.parse().unwrap(), max.parse().unwrap());
            if max <= min {
                faults.push(format!("{name}: scale.max must be above scale.min"));
            }
            if min == 0 && scale["keda"].is_null() {
                faults.push(format!("{name}: 0 with always-active triggers never scales"));
            }
        }
        for resource in service["resources"].as_array().into_iter().flatten() {
            if file["resources"][resource.as_str().unwrap()].is_null() {
                faults.push(format!("{name} references a resource that does not exist: {resource}"));
            }
        }
    }
    faults
}

fn targets() -> Vec<String> {
    vec!["convox".to_owned()]
}

fn findings(spec: &str) -> Vec<scalegen::support::diagnostic::Finding> {
    lint("spec.yaml", spec.as_bytes(), &Base, &CheckOptions { targets: targets(), ..CheckOptions::default() }).findings
}

/// The rendered file, as another reader of YAML sees it.
fn written(spec: &str, profile: Option<&str>) -> Json {
    let rendered = render("spec.yaml", spec.as_bytes(), &Base, profile, &targets()).expect("no bug of ours");
    let errors: Vec<&str> = rendered.checked.findings.iter().map(|finding| finding.message.as_str()).collect();
    let (_, files) = rendered.files.first().unwrap_or_else(|| panic!("refused: {errors:#?}"));
    assert_eq!(files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["convox.yml"]);
    serde_yaml::from_str(&files[0].text).unwrap()
}

fn spec(generation: &str, body: &str) -> String {
    format!("version: 1\nname: shop\n{body}\ntargets:\n  convox: {{ generation: {generation} }}\n")
}

/// The fields of one service, in a spec of its own.
fn service(fields: &str) -> String {
    format!("services:\n  web: {{ {fields} }}")
}

#[test]
fn the_judge_refuses_what_convox_drops() {
    let good = json!({"services": {"web": {"scale": {"count": "2-10", "cpu": 250, "memory": 512}}}});
    assert_eq!(judge(&good), Vec::<String>::new());
    let bad = [
        ("/services/web/scale/cpu", json!("250")),
        ("/services/web/scale/cpu", json!(0.5)),
        ("/services/web/scale/memory", json!("512Mi")),
        ("/services/web/scale/memory", json!("512")),
        ("/services/web/scale/memory", json!(0)),
        ("/services/web/scale/count", json!("3+")),
        ("/services/web/scale/count", json!("0-3")),
        ("/services/web/scale/count", json!("3-3")),
        ("/services/web/scale", json!({})),
        ("/services/web/scale", json!({"count": 1, "limits": {"memory": 512}})),
        ("/services/web/scale", json!({"count": 1, "memory": 512, "limit": {"memory": 256}})),
        ("/services/web/scale", json!({"count": 1, "limit": {"cpu": 1.5}})),
        ("/services/web", json!({"scale": {"count": 1}, "deployment": {"maximum": 50}})),
        ("/services/web", json!({"scale": {"count": 1}, "health": {"interval": 0}})),
        ("/services/web", json!({"scale": {"count": 1}, "resources": ["postgres"]})),
        ("/services", json!({"Web_1": {"scale": {"count": 1}}})),
    ];
    for (pointer, value) in bad {
        let mut file = good.clone();
        *file.pointer_mut(pointer).unwrap() = value.clone();
        assert!(!judge(&file).is_empty(), "{pointer} = {value} passes");
    }
}

#[test]
fn a_spec_without_services_is_its_resources_or_nothing() {
    let with = |kind: &str| spec("v3", &format!("backingServices: {{ db: {{ kind: {kind} }} }}"));
    let file = written(&with("postgres"), None);
    assert_eq!(judge(&file), Vec::<String>::new());
    assert_eq!(file, json!({"resources": {"db": {"type": "postgres"}}, "services": {}}));
    let refused = |spec: &str| {
        let none = findings(spec);
        none.iter().any(|one| one.rule == "refused-by-target" && one.message.contains("nothing to write for convox"))
    };
    assert!(!refused(&with("postgres")));
    assert!(refused(&with("kafka")));
    // what cannot be read has its own finding
    assert!(!refused(&spec("v3", "services: { web: [] }")));
}

#[test]
fn everything_and_the_scenario_are_accepted_in_both_generations() {
    for path in ["fixtures/everything.yaml", "fixtures/scenarios/convox/scalegen.yaml"] {
        let text = fs::read_to_string(path).unwrap();
        let v2 = match text.contains("generation: v3") {
            true => text.replace("generation: v3", "generation: v2"),
            false => text.replace("convox: {}", "convox: { generation: v2 }"),
        };
        assert_ne!(text, v2);
        for (generation, text) in [("v3", &text), ("v2", &v2)] {
            let checked = lint(
                "spec.yaml",
                text.as_bytes(),
                &Base,
                &CheckOptions { targets: targets(), ..CheckOptions::default() },
            );
            for profile in std::iter::once(None).chain(checked.profiles.iter().map(|name| Some(name.as_str()))) {
                let file = written(text, profile);
                assert_eq!(judge(&file), Vec::<String>::new(), "{path} {generation} {profile:?}");
                let services = file["services"].as_object().unwrap();
                assert_eq!(services.len(), if path.contains("everything") { 8 } else { 2 });
                if generation == "v2" {
                    let all = file.to_string();
                    for key in ["\"limit\"", "\"gpu\"", "\"keda\"", "\"ports\"", "\"disable\"", "\"mem\""] {
                        assert!(!all.contains(key), "v2 does not read {key}");
                    }
                }
            }
        }
    }
}

#[test]
fn sizes_are_whole_units_of_the_generation() {
    let body = service("resources: { requests: { cpu: 500m, memory: 512Mi }, limits: { cpu: 2, memory: 1Gi } }");
    let scale = |generation| written(&spec(generation, &body), None)["services"]["web"]["scale"].clone();
    assert_eq!(scale("v3"), json!({"count": 1, "cpu": 500, "memory": 512, "limit": {"cpu": 2000, "memory": 1024}}));
    assert_eq!(scale("v2"), json!({"count": 1, "cpu": 512, "memory": 1024}));
    let odd = spec("v3", &service("resources: { requests: { cpu: 0.2505, memory: 300M } }"));
    assert_eq!(written(&odd, None)["services"]["web"]["scale"], json!({"count": 1, "cpu": 251, "memory": 287}));
    let lost: Vec<String> =
        findings(&odd).into_iter().filter(|f| f.rule == "lost-in-target").map(|f| f.message).collect();
    assert_eq!(
        lost,
        [
            "convox counts whole parts, 1000 to a core: 250500000n is written as 251",
            "convox counts whole MB of 1024 × 1024 bytes: 300M is written as 287",
        ]
    );
}

#[test]
fn what_the_parser_drops_is_refused() {
    let refused = [
        ("resources: { requests: { cpu: 0 } }", "convox takes cpu 0 for unset and sets 250 of 1000 a core"),
        ("resources: { limits: { memory: 0 } }", "convox takes memory 0 for unset and sets 512 MB"),
        ("replicas: { min: 0, max: 3 }", "convox: cpu alone never wakes a service from 0"),
        ("port: 80, health: { http: /, interval: 0 }", "convox takes `interval: 0` for unset"),
        ("replicas: 4, update: { surge: 0, unavailable: 0 }", "convox: with no process more and none missing"),
    ];
    for (fields, start) in refused {
        let found = findings(&spec("v3", &service(fields)));
        let said = found.iter().any(|f| f.rule == "refused-by-target" && f.message.starts_with(start));
        assert!(said, "{fields}: {found:#?}");
    }
    let names = "services:\n  Web_1: {}\nbackingServices:\n  my_db: { kind: postgres }";
    let found = findings(&spec("v3", names));
    let help = |start: &str| {
        let finding = found.iter().find(|f| f.message.starts_with(start)).unwrap_or_else(|| panic!("{found:#?}"));
        (finding.rule.to_string(), finding.help.clone().unwrap().into_owned())
    };
    assert_eq!(
        help("convox refuses the service name `Web_1`"),
        ("refused-by-target".to_owned(), "name it `web-1`".to_owned())
    );
    assert_eq!(
        help("convox refuses the resource name `my_db`"),
        ("refused-by-target".to_owned(), "name it `my-db`".to_owned())
    );
}

#[test]
fn load_becomes_keda_triggers_of_text() {
    let fields = "concurrency: { limit: 20, env: MAX }, replicas: { min: 0, max: 6 }, autoscaling: { scaleUp: { threshold: 0.8, \
                  delay: 2m }, scaleDown: { threshold: 0.8, delay: 15m }, metrics: { prometheus: { server: \"http://p:9090\", running: a, \
                  queued: b } } }";
    let file = written(&spec("v3", &service(fields)), None);
    assert_eq!(judge(&file), Vec::<String>::new());
    let scale = &file["services"]["web"]["scale"];
    assert_eq!(scale["count"], "0-6");
    let keda = &scale["keda"];
    assert_eq!(keda["cooldownPeriod"], 900);
    let trigger = |query: &str| {
        let metadata =
            json!({"serverAddress": "http://p:9090", "query": query, "threshold": "16", "activationThreshold": "0"});
        json!({"type": "prometheus", "metadata": metadata})
    };
    assert_eq!(keda["triggers"], json!([trigger("a"), trigger("b")]));
    let behavior = &keda["advanced"]["horizontalPodAutoscalerConfig"]["behavior"];
    assert_eq!(behavior["scaleUp"]["stabilizationWindowSeconds"], 120);
    assert_eq!(behavior["scaleDown"]["policies"], json!([{"type": "Pods", "value": 1, "periodSeconds": 900}]));
    // no field forbids steps: the smallest is written, and said
    let still = spec("v3", &service(&fields.replace("delay: 15m", "delay: 15m, step: 0")));
    let behavior = &written(&still, None)["services"]["web"]["scale"]["keda"]["advanced"]["horizontalPodAutoscalerConfig"]
        ["behavior"]["scaleDown"]["policies"];
    assert_eq!(*behavior, json!([{"type": "Pods", "value": 1, "periodSeconds": 900}]));
    assert!(findings(&still).iter().any(|found| found.message.starts_with("a step of 0 is not written")));
    // v2 has no such thing: one number, and the loss says which
    let found = findings(&spec("v2", &service(fields)));
    let lost = found.iter().find(|f| f.message.starts_with("convox v2 cannot follow load")).expect("a loss");
    assert!(lost.message.ends_with("1 processes are written"), "{}", lost.message);
    let asleep = fields.replace(", queued: b", "");
    let found = findings(&spec("v3", &service(&asleep)));
    assert!(found.iter().any(|f| f.rule == "refused-by-target" && f.message.contains("`running` is 0")), "{found:#?}");
}

#[test]
fn ports_health_and_links_go_where_convox_looks() {
    let body = "backingServices:\n  cache-1: { kind: redis, image: \"redis:7\" }\n  db: { kind: postgres, external: { urlEnv: DB_URL } }\n  \
                bus: { kind: kafka }\nservices:\n  web:\n    ports: [{ port: 53, protocol: udp }, { port: 80 }, { port: 90 }]\n    \
                expose: { host: shop.example.com, method: ip-hash }\n    health: { http: /ok, port: 90, interval: 10s }\n    connections: { \
                cache-1: 1, db: 2 }\n    sharedSecrets: [KEY]\n    env: { A: \"x=y\" }\n    args: [run, \"it's\", \"\"]\n  queue:\n    \
                ports: [{ port: 80 }, { port: 90 }]\n  loop:\n    kind: singleton\n    port: 70\n    health: { tcp: true }\n";
    let file = written(&spec("v3", body), None);
    assert_eq!(judge(&file), Vec::<String>::new());
    let web = &file["services"]["web"];
    assert_eq!(web["port"], 80);
    assert_eq!(web["ports"], json!(["53/udp", "90/tcp"]));
    assert_eq!(web["health"], json!({"path": "/ok", "port": 90, "interval": 10}));
    assert_eq!((&web["domain"], &web["sticky"]), (&json!("shop.example.com"), &json!(true)));
    assert!(web.get("internal").is_none());
    assert_eq!(web["resources"], json!(["cache-1"]));
    assert_eq!(web["environment"], json!(["A=x=y", "KEY", "DB_URL"]));
    assert_eq!(web["command"], r"run 'it'\''s' ''");
    assert_eq!(file["services"]["queue"]["ports"], json!(["80/tcp", "90/tcp"]));
    assert!(file["services"]["queue"].get("port").is_none());
    let once = &file["services"]["loop"];
    assert_eq!(once["health"], json!({"disable": true}));
    assert_eq!((&once["singleton"], &once["internal"]), (&json!(true), &json!(true)));
    assert!(once.get("deployment").is_none(), "a singleton is never doubled in a rollout: {once}");
    assert_eq!(file["resources"], json!({"cache-1": {"type": "redis", "image": "redis:7"}}));
    let found = findings(&spec("v3", body));
    assert!(found.iter().any(|f| f.message.starts_with("convox v3 has no resource of kind kafka")), "{found:#?}");
}

#[test]
fn a_rack_that_is_too_small_says_what_would_do() {
    let body = |nodes: u32, count: u32, memory: &str| {
        format!(
            "capacity: {{ nodes: [{{ name: t2.small, count: {nodes}, cpu: 4, memory: 2Gi }}] }}\nservices:\n  web: {{ replicas: \
             {count}, resources: {{ requests: {{ cpu: 100m, memory: {memory} }} }} }}\n  worker: {{ resources: {{ requests: {{ cpu: \
             100m, memory: 256Mi }} }} }}"
        )
    };
    let small = |generation: &str, nodes, count, memory: &str| {
        let found = findings(&spec(generation, &body(nodes, count, memory)));
        let finding = found.into_iter().find(|f| f.rule == "processes-not-placed");
        finding.map(|f| (f.message, f.help.unwrap()))
    };
    // the case of the documentation: four processes of 4096 on instances of 2 GB
    let (message, help) = small("v3", 3, 4, "4Gi").unwrap();
    assert!(message.contains("web 4 × 4Gi + worker 256Mi = 16640Mi, above the rack's 6Gi"), "{message}");
    assert!(help.starts_with("no number of t2.small would do: one web needs 4Gi, an instance has 2Gi"), "{help}");
    let (_, help) = small("v2", 3, 9, "1Gi").unwrap();
    assert!(help.starts_with("5 instances of t2.small would do (`convox rack scale --count 5`)"), "{help}");
    assert_eq!(small("v3", 5, 9, "1Gi"), None);
    assert!(small("v3", 4, 9, "1Gi").is_some());
    // what is not written counts as convox sizes it: 512 MB
    let unwritten = "capacity: { nodes: [{ count: 1, cpu: 4, memory: 1Gi }] }\nservices: { web: { replicas: 3 } }";
    let found = findings(&spec("v3", unwritten));
    assert!(found.iter().any(|f| f.message.starts_with("convox: web 3 × 512Mi = 1536Mi")), "{found:#?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The percentage gives the surge and the missing processes of the spec, rounded as the rack rounds, or a loss is said.
    #[test]
    fn a_rollout_in_percent_is_the_one_asked_for(
        count in 1u32..40, surge in 0u32..45, missing in 0u32..45, v2 in any::<bool>()
    ) {
        prop_assume!(surge + missing > 0);
        let generation = if v2 { "v2" } else { "v3" };
        let fields = format!("replicas: {count}, update: {{ surge: {surge}, unavailable: {missing} }}");
        let spec = spec(generation, &service(&fields));
        let file = written(&spec, None);
        prop_assert_eq!(judge(&file), Vec::<String>::new());
        let deployment = &file["services"]["web"]["deployment"];
        let more = deployment["maximum"].as_u64().unwrap_or(200) as u32 - 100;
        let less = 100 - deployment["minimum"].as_u64().unwrap_or(50) as u32;
        let more = if v2 { count * more / 100 } else { (count * more).div_ceil(100) };
        let lost = findings(&spec).into_iter().filter(|f| f.message.starts_with("convox counts a rollout")).count();
        prop_assert_eq!(lost, usize::from(more != surge));
        prop_assert_eq!(count * less / 100, missing.min(count));
    }

    /// A shell splits the one line of v3 into the words of the spec again.
    #[test]
    fn words_survive_the_shell(words in prop::collection::vec("[ -~]{0,12}", 1..5)) {
        let list = serde_json::to_string(&words).unwrap();
        let file = written(&spec("v3", &service(&format!("args: {list}"))), None);
        let line = file["services"]["web"]["command"].as_str().unwrap();
        let words_of_v3: Vec<String> = split(line).iter().map(|word| expanded(word)).collect();
        prop_assert_eq!(words_of_v3, words.clone());
        let file = written(&spec("v2", &service(&format!("args: {list}"))), None);
        prop_assert_eq!(&file["services"]["web"]["command"], &json!(words));
    }
}

/// What Kubernetes makes of a word in which no variable is known: `$$` is one `$`, and `$(NAME)` stays.
fn expanded(word: &str) -> String {
    let mut out = String::new();
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '$' && letters.next_if_eq(&'$').is_none() {
            assert!(letters.peek() != Some(&'('), "a variable in {word}");
        }
        out.push(letter);
    }
    out
}

/// Splits a line as a shell would: single quotes hold everything, a backslash one character.
pub(crate) fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            '\\' if !quoted => word.get_or_insert_default().push(letters.next().unwrap()),
            ' ' if !quoted => words.extend(word.take()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    assert!(!quoted, "an open quote in {line}");
    words.extend(word);
    words
}
