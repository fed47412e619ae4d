//! The seldon target: what it writes is judged by the rules of the operator and by the keys that the charts render.

use scalegen::{CheckOptions, NoFiles, lint, render};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fs;

/// Each name an override is looked up by, with the container of that component.
const OVERRIDES: &[(&str, &str)] = &[
    ("hodometer", "hodometer"),
    ("seldon-scheduler", "scheduler"),
    ("seldon-envoy", "envoy"),
    ("seldon-dataflow-engine", "dataflow-engine"),
    ("seldon-modelgateway", "modelgateway"),
    ("seldon-pipelinegateway", "pipelinegateway"),
];

/// Keys of the runtime chart whose `replicas` are rendered: the scheduler's are not.
const REPLICAS: &[&str] = &["hodometer", "envoy", "dataflow", "modelgateway", "pipelinegateway"];

/// Keys of the setup chart below each component, beside `resources` and `image`.
const SETUP: &[(&str, &[&str])] = &[
    ("hodometer", &[]),
    ("scheduler", &[]),
    ("envoy", &["terminationGracePeriodSeconds"]),
    ("dataflow", &[]),
    ("modelgateway", &["workers", "maxNumConsumers"]),
    ("pipelinegateway", &["maxNumConsumers"]),
    ("controller", &[]),
];

/// What the operator would ignore, clamp to nothing or stop at in a `SeldonRuntime`.
fn judge(runtime: &Json) -> Vec<String> {
    let mut faults = Vec::new();
    let mut wrong = |bad: bool, why: String| {
        if bad {
            faults.push(why);
        }
    };
    wrong(runtime["apiVersion"] != "mlops.seldon.io/v1alpha1", "apiVersion".to_owned());
    wrong(runtime["kind"] != "SeldonRuntime", "kind".to_owned());
    wrong(!runtime["metadata"]["name"].is_string(), "metadata.name".to_owned());
    wrong(!runtime["spec"]["seldonConfig"].is_string(), "spec.seldonConfig is required".to_owned());
    let mut seen = BTreeMap::new();
    for entry in runtime["spec"]["overrides"].as_array().into_iter().flatten() {
        let name = entry["name"].as_str().unwrap_or_default();
        let known = OVERRIDES.iter().find(|(known, _)| *known == name);
        wrong(known.is_none(), format!("the override `{name}` is ignored"));
        wrong(seen.insert(name, ()).is_some(), format!("two overrides `{name}`"));
        let replicas = entry["replicas"].as_u64();
        wrong(replicas.is_none_or(|count| count > i32::MAX as u64), format!("{name}: replicas {}", entry["replicas"]));
        wrong(name == "seldon-scheduler" && replicas != Some(1), "more than one scheduler".to_owned());
        for key in entry.as_object().unwrap().keys() {
            wrong(!["name", "replicas", "podSpec"].contains(&key.as_str()), format!("{name}: {key}"));
        }
        for container in entry["podSpec"]["containers"].as_array().into_iter().flatten() {
            let wanted = known.map(|(_, container)| *container);
            wrong(container["name"].as_str() != wanted, format!("{name}: a second container {}", container["name"]));
            for (_, amounts) in container["resources"].as_object().into_iter().flatten() {
                for (_, amount) in amounts.as_object().unwrap() {
                    wrong(!amount.is_string(), format!("{name}: {amount} is not a quantity"));
                }
            }
        }
    }
    let config = &runtime["spec"]["config"];
    if let Some(topics) = config["kafkaConfig"]["topics"].as_object() {
        let both = ["numPartitions", "replicationFactor"].iter().all(|key| topics.contains_key(*key));
        wrong(!both, "a part of topics erases the rest".to_owned());
    }
    if let Some(pipelines) = config["scalingConfig"].get("pipelines") {
        let multiplier = pipelines["maxShardCountMultiplier"].as_u64().unwrap_or(0);
        wrong(multiplier == 0, "a multiplier of 0 clamps to 0".to_owned());
        let partitions = config["kafkaConfig"]["topics"]["numPartitions"].as_u64();
        wrong(partitions.is_some_and(|count| multiplier > count), "more shards than partitions".to_owned());
    }
    faults
}

/// What the charts would not render.
fn judge_values(name: &str, values: &Json) -> Vec<String> {
    let mut faults = Vec::new();
    for (key, value) in values.as_object().unwrap() {
        let fields: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
        let allowed = |field: &&str| match name {
            "runtime-values.yaml" => *field == "replicas" && REPLICAS.contains(&key.as_str()),
            _ if key == "kafka" => *field == "topics",
            _ => SETUP
                .iter()
                .any(|(known, own)| known == key && (["resources", "image"].contains(field) || own.contains(field))),
        };
        faults.extend(fields.into_iter().filter(|field| !allowed(field)).map(|field| format!("{key}.{field}")));
        for (field, _) in value["resources"].as_object().into_iter().flatten() {
            if !["cpu", "memory"].contains(&field.as_str()) && (key != "scheduler" || field != "storage") {
                faults.push(format!("{key}.resources.{field}"));
            }
        }
    }
    faults
}

fn targets() -> Vec<String> {
    vec!["seldon".to_owned()]
}

fn findings(spec: &str) -> Vec<scalegen::support::diagnostic::Finding> {
    lint("spec.yaml", spec.as_bytes(), &NoFiles, &CheckOptions { targets: targets(), ..CheckOptions::default() })
        .findings
}

fn written(spec: &str) -> BTreeMap<String, Json> {
    let rendered = render("spec.yaml", spec.as_bytes(), &NoFiles, None, &targets()).expect("no bug of ours");
    let errors: Vec<&str> = rendered.checked.findings.iter().map(|finding| finding.message.as_str()).collect();
    let (_, files) = rendered.files.first().unwrap_or_else(|| panic!("refused: {errors:#?}"));
    files.iter().map(|file| (file.path.clone(), serde_yaml::from_str(&file.text).unwrap())).collect()
}

fn spec(options: &str, services: &str) -> String {
    format!(
        "version: 1\nname: seldon\nbackingServices:\n  kafka: {{ kind: kafka, partitions: 4, replicationFactor: 3 }}\nservices: \
         {{ {services} }}\ntargets:\n  seldon: {{ {options} }}\n"
    )
}

#[test]
fn the_judge_refuses_what_the_operator_ignores() {
    let good = json!({
        "apiVersion": "mlops.seldon.io/v1alpha1", "kind": "SeldonRuntime", "metadata": {"name": "seldon"},
        "spec": {
            "seldonConfig": "default",
            "overrides": [{"name": "seldon-envoy", "replicas": 2}],
            "config": {
                "kafkaConfig": {"topics": {"numPartitions": 4, "replicationFactor": 3}},
                "scalingConfig": {"pipelines": {"maxShardCountMultiplier": 4}},
            },
        },
    });
    assert_eq!(judge(&good), Vec::<String>::new());
    let bad = [
        ("/spec/overrides/0/name", json!("envoy")),
        ("/spec/overrides/0/name", json!("seldon-scheduler")),
        ("/spec/overrides/0/replicas", json!("2")),
        ("/spec/config/kafkaConfig/topics", json!({"numPartitions": 4})),
        ("/spec/config/scalingConfig/pipelines", json!({})),
        ("/spec/config/scalingConfig/pipelines/maxShardCountMultiplier", json!(5)),
    ];
    for (pointer, value) in bad {
        let mut runtime = good.clone();
        *runtime.pointer_mut(pointer).unwrap() = value.clone();
        assert!(!judge(&runtime).is_empty(), "{pointer} = {value} passes");
    }
    assert!(judge_values("runtime-values.yaml", &json!({"envoy": {"replicas": 2}})).is_empty());
    assert_eq!(judge_values("runtime-values.yaml", &json!({"scheduler": {"replicas": 1}})), ["scheduler.replicas"]);
    assert_eq!(judge_values("setup-values.yaml", &json!({"envoy": {"workers": 1}})), ["envoy.workers"]);
}

#[test]
fn the_scenario_is_a_seldonruntime_or_values() {
    let text = fs::read_to_string("fixtures/scenarios/seldon/scalegen.yaml").unwrap();
    let files = written(&text);
    let runtime = &files["seldonruntime.yaml"];
    assert_eq!(judge(runtime), Vec::<String>::new());
    let count = |name: &str| {
        let overrides = runtime["spec"]["overrides"].as_array().unwrap();
        overrides.iter().find(|entry| entry["name"] == name).map(|entry| entry["replicas"].as_u64().unwrap())
    };
    let expected = [
        ("seldon-pipelinegateway", 2),
        ("seldon-modelgateway", 3),
        ("seldon-dataflow-engine", 4),
        ("seldon-scheduler", 1),
        ("seldon-envoy", 2),
        ("hodometer", 1),
    ];
    for (name, replicas) in expected {
        assert_eq!(count(name), Some(replicas), "{name}");
    }
    assert_eq!(runtime["spec"]["overrides"].as_array().unwrap().len(), 6, "the controller has no override");
    assert_eq!(runtime["metadata"], json!({"name": "seldon", "namespace": "seldon-mesh"}));
    let files = written(&text.replace("seldon: {", "seldon: { form: values,"));
    for (name, values) in &files {
        assert_eq!(judge_values(name, values), Vec::<String>::new(), "{name}");
    }
    assert_eq!(files["runtime-values.yaml"]["dataflow"], json!({"replicas": 4}));
    assert_eq!(files["setup-values.yaml"]["kafka"]["topics"], json!({"replicationFactor": 3, "numPartitions": 4}));
    assert_eq!(files["setup-values.yaml"]["scheduler"], json!({"resources": {"storage": "1Gi"}}));
}

#[test]
fn sizes_are_nested_in_one_form_and_flat_in_the_other() {
    let fields = "modelgateway: { image: \"registry.example.com:5000/own/gateway:2\", stopGracePeriod: 30s, concurrency: { limit: 8, env: \
                  MODELGATEWAY_NUM_WORKERS }, env: { MODELGATEWAY_MAX_NUM_CONSUMERS: 50 }, resources: { requests: { cpu: 500m, \
                  memory: 1Gi }, limits: { cpu: 2, memory: 2Gi } } }";
    let runtime = &written(&spec("", fields))["seldonruntime.yaml"];
    assert_eq!(judge(runtime), Vec::<String>::new());
    assert_eq!(
        runtime["spec"]["overrides"][0]["podSpec"],
        json!({
            "containers": [{
                "name": "modelgateway",
                "image": "registry.example.com:5000/own/gateway:2",
                "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"cpu": "2", "memory": "2Gi"}},
            }],
            "terminationGracePeriodSeconds": 30,
        })
    );
    let files = written(&spec("form: values", fields));
    assert_eq!(judge_values("setup-values.yaml", &files["setup-values.yaml"]), Vec::<String>::new());
    assert_eq!(
        files["setup-values.yaml"]["modelgateway"],
        json!({
            "image": {"registry": "registry.example.com:5000", "repository": "own/gateway", "tag": "2"},
            "resources": {"cpu": "500m", "memory": "2Gi"},
            "workers": 8,
            "maxNumConsumers": 50,
        })
    );
    let lost = findings(&spec("form: values", fields));
    let lost: Vec<&str> = lost.iter().filter(|f| f.rule == "lost-in-target").map(|f| f.message.as_str()).collect();
    assert_eq!(lost.len(), 3, "the request, the cpu limit and the how long it may take to stop: {lost:#?}");
}

/// What the operator does, in the words of its source: `P * min(n, consumers)`, 1 where n is 0.
fn operator(multiplier: u64, work: u64, consumers: u64) -> u64 {
    if work == 0 { 1 } else { multiplier * work.min(consumers) }
}

#[test]
fn the_clamp_is_the_operators() {
    for work in [0, 1, 2, 3, 150] {
        for multiplier in [1, 2, 4] {
            for replicas in [1, 2, 3, 4] {
                for consumers in [1, 100] {
                    let services = format!(
                        "modelgateway: {{ replicas: {replicas}, env: {{ MODELGATEWAY_MAX_NUM_CONSUMERS: {consumers} }} }}, dataflow: \
                         {{ replicas: {replicas} }}"
                    );
                    let options = format!("models: {work}, pipelines: {work}, maxShardCountMultiplier: {multiplier}");
                    let found = findings(&spec(&options, &services));
                    let clamped = |name: &str| {
                        let start = format!("seldon: {name} {replicas} replicas will run as ");
                        let finding = found.iter().find(|f| f.message.starts_with(&start))?;
                        assert_eq!(finding.rule, "replicas-clamped");
                        finding.message[start.len()..].split(':').next().unwrap().parse::<u64>().ok()
                    };
                    let most = |consumers| Some(operator(multiplier, work, consumers)).filter(|most| *most < replicas);
                    assert_eq!(clamped("modelgateway"), most(consumers), "{options} {services}");
                    assert_eq!(clamped("dataflow"), most(100), "{options} {services}");
                }
            }
        }
    }
}

#[test]
fn the_clamp_begins_with_release_2_10() {
    let clamped = |options: &str| {
        let found = findings(&spec(options, "modelgateway: { replicas: 3 }"));
        found.into_iter().find(|f| f.rule == "replicas-clamped").map(|f| f.message)
    };
    let message = "seldon: modelgateway 3 replicas will run as 2: multiplier 1 × 2 models = 2";
    assert_eq!(clamped("models: 2").as_deref(), Some(message));
    assert_eq!(clamped("models: 2, version: \"2.10.3\"").as_deref(), Some(message));
    assert_eq!(clamped("models: 2, version: \"2.9.1\""), None);
    // the setup chart's multiplier is its number of partitions: 4 × 2
    assert_eq!(clamped("models: 2, form: values"), None);
    let found = findings(&spec("version: \"2.9\", maxShardCountMultiplier: 2", "envoy: {}"));
    assert!(
        found.iter().any(|f| f.rule == "refused-by-target" && f.message.contains("no scalingConfig")),
        "{found:#?}"
    );
}

#[test]
fn what_seldon_ignores_is_refused() {
    let refused = [
        ("", "scheduler: { replicas: 2 }", "seldon: scheduler must run exactly once", "replicas"),
        ("", "scheduler: { replicas: 0 }", "seldon: scheduler must run exactly once", "replicas"),
        ("", "controller: { replicas: 3 }", "seldon: controller has no replicas key", "replicas"),
        ("", "modelgatway: {}", "Seldon has no component `modelgatway`", "did you mean `modelgateway`?"),
        ("", "api: {}", "Seldon has no component `api`", "the components are hodometer"),
        ("", "dataflow: {}, dataflow-engine: {}", "seldon: `dataflow-engine` is dataflow once more", "merge"),
        (
            "",
            "modelgateway: { env: { MODELGATEWAY_MAX_NUM_CONSUMERS: 0 } }",
            "seldon: MODELGATEWAY_MAX_NUM_CONSUMERS is `0`",
            "write 100",
        ),
    ];
    for (options, services, start, help) in refused {
        let found = findings(&spec(options, services));
        let said = |f: &scalegen::support::diagnostic::Finding| {
            f.rule == "refused-by-target"
                && f.message.starts_with(start)
                && f.help.as_deref().is_some_and(|text| text.contains(help))
        };
        assert!(found.iter().any(said), "{services}: {found:#?}");
    }
    // one key of topics alone would erase the other in a SeldonRuntime, and is fine in a chart's values
    let half = spec("", "envoy: {}").replace(", replicationFactor: 3", "");
    let erased = |spec: &str| findings(spec).iter().any(|f| f.message.contains("alone would erase replicationFactor"));
    assert!(erased(&half));
    let values = half.replace("seldon: {", "seldon: { form: values");
    assert!(!erased(&values));
    assert_eq!(written(&values)["setup-values.yaml"], json!({"kafka": {"topics": {"numPartitions": 4}}}));
}
