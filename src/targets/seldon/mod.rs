//! Seldon Core 2: a `SeldonRuntime`, or the values of its two charts. Knows the plan and what the operator ignores and clamps; nothing of other targets.

mod bounds;
mod component;
mod facts;
mod install;
mod resources;
mod written;

use super::{Input, LoweredPlan, OutputFormat, TargetMeta, View};
use install::{Install, InstallForm};
use serde_json::{Map, Value as Json, json};
use written::ComponentOutput;

const TEMPLATES: &[(&str, &str)] = &[
    ("seldonruntime.yaml.j2", include_str!("../../../templates/seldon/seldonruntime.yaml.j2")),
    ("values.yaml.j2", include_str!("../../../templates/seldon/values.yaml.j2")),
];

pub(super) const META: TargetMeta = TargetMeta {
    starts_new_first: true,
    topics: component::topics,
    limits: |_| true,
    ..TargetMeta::new("seldon", lower, OutputFormat::Yaml, TEMPLATES)
};

fn lower(input: &Input<'_>) -> LoweredPlan {
    let mut out = LoweredPlan::default();
    let install = Install::of(input, &mut out);
    let components = component::components(&install, &mut out);
    bounds::multiplier(&install, &mut out);
    if !install.plan.limit_resources.value {
        out.ignored(
            install.plan.limit_resources.at,
            "the setup chart limits the memory of every component anyway",
            "set the limits you want and leave limitResources true",
        );
    }
    match install.form {
        InstallForm::Runtime => {
            let config = config(&install, &mut out);
            out.views.push(runtime(&install, &components, config));
        }
        InstallForm::Values => values(&install, &components, &mut out),
    }
    out
}

/// `spec.config`: both keys of `topics` or none, because the operator replaces that map as a whole.
fn config(install: &Install<'_>, out: &mut LoweredPlan) -> Map<String, Json> {
    let mut config = Map::new();
    if let Some((multiplier, _)) = install.written_multiplier {
        config.insert("scalingConfig".to_owned(), json!({"pipelines": {"maxShardCountMultiplier": multiplier}}));
    }
    let Some(kafka) = install.kafka else { return config };
    match (kafka.partitions, kafka.replication_factor) {
        (Some(partitions), Some(factor)) => {
            let topics = json!({"numPartitions": partitions.value, "replicationFactor": factor.value});
            config.insert("kafkaConfig".to_owned(), json!({"topics": topics}));
        }
        (None, None) => {}
        (one, other) => {
            let (at, has, lacks) = match (one, other) {
                (Some(partitions), _) => {
                    (partitions.at, format!("partitions {}", partitions.value), "replicationFactor")
                }
                (_, factor) => {
                    let value = factor.map_or(0, |factor| factor.value);
                    (factor.map_or(kafka.at, |factor| factor.at), format!("replicationFactor {value}"), "partitions")
                }
            };
            let message =
                format!("{has} alone would erase {lacks}: the operator replaces the topics of its config as a whole");
            out.refused(at, message, format!("add `{lacks}` to {}", kafka.name));
        }
    }
    config
}

fn runtime(install: &Install<'_>, components: &[ComponentOutput], config: Map<String, Json>) -> View {
    let mut metadata = Map::new();
    metadata.insert("name".to_owned(), json!(install.plan.name.value));
    if let Some(namespace) = install.namespace {
        metadata.insert("namespace".to_owned(), json!(namespace.0));
    }
    let mut spec = Map::new();
    spec.insert("seldonConfig".to_owned(), json!("default"));
    let overrides: Vec<Json> = components.iter().filter_map(ComponentOutput::to_override).collect();
    if !overrides.is_empty() {
        spec.insert("overrides".to_owned(), Json::Array(overrides));
    }
    if !config.is_empty() {
        spec.insert("config".to_owned(), Json::Object(config));
    }
    View {
        path: "seldonruntime.yaml".to_owned(),
        template: "seldonruntime.yaml.j2",
        document: json!({
            "apiVersion": "mlops.seldon.io/v1alpha1",
            "kind": "SeldonRuntime",
            "metadata": metadata,
            "spec": spec,
        }),
        tags: Vec::new(),
    }
}

/// The values of the runtime chart (replicas) and of the setup chart (sizes and topics).
fn values(install: &Install<'_>, components: &[ComponentOutput], out: &mut LoweredPlan) {
    if let Some((namespace, at)) = install.namespace {
        let message = format!("a chart's values name no namespace: `{namespace}` is not written");
        out.lost(at, message, format!("run `helm install --namespace {namespace}`"));
    }
    let mut setup = Map::new();
    let mut topics = Map::new();
    if let Some(factor) = install.kafka.and_then(|kafka| kafka.replication_factor) {
        topics.insert("replicationFactor".to_owned(), json!(factor.value));
    }
    if let Some(partitions) = install.partitions() {
        topics.insert("numPartitions".to_owned(), json!(partitions.value));
    }
    if !topics.is_empty() {
        setup.insert("kafka".to_owned(), json!({"topics": topics}));
    }
    let mut replicas = Map::new();
    for written in components {
        let key = written.component.chart.to_owned();
        if written.component.chart_replicas {
            replicas.insert(key.clone(), json!({"replicas": written.replicas}));
        }
        if !written.setup.is_empty() {
            setup.insert(key, Json::Object(written.setup.clone()));
        }
    }
    for (path, document) in [("runtime-values.yaml", replicas), ("setup-values.yaml", setup)] {
        if !document.is_empty() {
            out.views.push(View {
                path: path.to_owned(),
                template: "values.yaml.j2",
                document: Json::Object(document),
                tags: Vec::new(),
            });
        }
    }
}
