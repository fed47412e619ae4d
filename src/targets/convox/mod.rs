//! Convox: a `convox.yml`. Knows the plan and what Convox's parser keeps, drops and refuses; nothing of other targets.

mod generation;
mod keda;
mod over_base;
mod rack;
mod resources;
mod rollout;
mod routing;
mod scale;
mod service;
mod view;

use super::{Input, LoweredPlan, OutputFormat, TargetMeta, View, foreign_base};
use crate::support::source::FieldSpan;
use generation::generation;
use serde_json::{Map, Value as Json};

const TEMPLATES: &[(&str, &str)] = &[
    ("convox.yaml.j2", include_str!("../../../templates/convox/convox.yaml.j2")),
    (over_base::TEMPLATE, include_str!("../../../templates/convox/over-base.yaml.j2")),
];

pub(super) const META: TargetMeta = TargetMeta {
    autoscales: |_| true,
    replaced: Some(over_base::REPLACED),
    starts_new_first: true,
    limits: |_| true,
    ..TargetMeta::new("convox", lower, OutputFormat::Yaml, TEMPLATES)
};

fn lower(input: &Input<'_>) -> LoweredPlan {
    let mut out = LoweredPlan::default();
    let generation = generation(input.options.text("generation").map(|(word, _)| word));
    if let Some(base) = input.base.filter(|base| base.written.is_some()) {
        over_base::lower(input, base, generation, &mut out);
        return out;
    }
    let mut services = Map::new();
    for workload in &input.plan.workloads {
        if let Some(base) = input.base {
            foreign_base::report_losses(base, workload, &mut out);
        }
        name(&workload.name, "service", key(workload.at), &mut out);
        let view = service::service(workload, input.plan, generation, &mut out);
        services.insert(workload.name.to_string(), serde_json::to_value(view).unwrap_or_default());
    }
    rollout::unavailable_by_default(input, &mut out);
    let mut resources = Map::new();
    // a pooler is one of the services
    for backing in input.plan.backing.iter().filter(|backing| input.plan.workload(&backing.name).is_none()) {
        if let Some(view) = resources::resource(backing, generation, &mut out) {
            name(&backing.name, "resource", key(backing.at), &mut out);
            resources.insert(backing.name.clone(), serde_json::to_value(view).unwrap_or_default());
        }
    }
    if !input.plan.limit_resources.value {
        out.ignored(
            input.plan.limit_resources.at,
            "convox limits memory anyway: without `limit.memory` a process is stopped at `memory`",
            "set the limits you want and leave limitResources true",
        );
    }
    rack::rack(input.plan, generation, &mut out);
    let mut document = Map::new();
    if !resources.is_empty() {
        document.insert("resources".to_owned(), Json::Object(resources));
    }
    if document.is_empty() && services.is_empty() {
        nothing(input, &mut out);
        return out;
    }
    document.insert("services".to_owned(), Json::Object(services));
    out.views.push(View {
        path: "convox.yml".to_owned(),
        template: "convox.yaml.j2",
        document: Json::Object(document),
        tags: Vec::new(),
    });
    out
}

/// A file without services and resources is empty. What is missing or could not be read has findings of its own.
fn nothing(input: &Input<'_>, out: &mut LoweredPlan) {
    if input.plan.unread.is_empty() && !input.plan.backing.is_empty() {
        let message =
            "no service is in the spec, and no backing service that convox has: there is nothing to write for convox";
        out.refused(input.options.at, message, "add a service, or take the target out");
    }
}

/// The place of a field's key, where the key is meant and not its value.
fn key(at: FieldSpan) -> FieldSpan {
    FieldSpan { value: at.key, ..at }
}

/// Convox accepts names of lower-case letters, digits and dashes that begin with a letter.
fn name(name: &str, what: &str, at: FieldSpan, out: &mut LoweredPlan) {
    let mut letters = name.chars();
    let first = letters.next().is_some_and(|c| c.is_ascii_lowercase());
    if first && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        return;
    }
    let dashed: String = name
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' })
        .collect();
    let meant = dashed.trim_matches(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit());
    let meant =
        if meant.starts_with(|c: char| c.is_ascii_lowercase()) { meant.to_owned() } else { format!("{what}-{meant}") };
    out.refused(
        at,
        format!(
            "convox refuses the {what} name `{}`: small letters, digits and dashes, a letter first",
            name.escape_debug()
        ),
        format!("name it `{}`", meant.trim_end_matches('-')),
    );
}
