//! Helm values for any chart, through a table of paths. Sees the plan and the chart's values, no template of it.

mod chart_defaults;
mod document;
mod losses;
mod over_base;
mod pod_values;
mod scaling_losses;
mod table;
mod values;

use super::{BaseFile, Input, LoweredPlan, OutputFormat, TargetMeta, View};
use crate::inputs::helm::conventions::Convention;
use crate::plan::{Opt, TargetOptions};
use crate::support::suggest;
use document::ValuesDocument;

const TEMPLATE: &str = "values.yaml.j2";

const TEMPLATES: &[(&str, &str)] = &[(TEMPLATE, include_str!("../../../templates/helm/values.yaml.j2"))];

pub(super) const META: TargetMeta = TargetMeta {
    autoscales,
    // a chart that is not read may have requests of its own
    measures_requests: |options| options.get("base").is_some(),
    base: Some(BaseFile::Values { option: "base", chart: "chart", paths: &["paths", "convention"] }),
    starts_new_first: true,
    limits: table::limits,
    options_by_service: &["paths"],
    ..TargetMeta::new("helm", lower, OutputFormat::Yaml, TEMPLATES)
};

/// Whether a chart's autoscaler scales some service: every convention has one.
fn autoscales(options: &TargetOptions) -> bool {
    let named = match options.get("paths").map(|paths| &paths.value) {
        Some(Opt::Map(services)) => services.iter().any(|(_, paths)| match &paths.0.value {
            Opt::Map(entries) => entries.iter().any(|(word, _)| word == "maxReplicas"),
            _ => false,
        }),
        _ => false,
    };
    named || options.text("convention").is_some() || options.get("base").is_some()
}

fn lower(input: &Input<'_>) -> LoweredPlan {
    let mut lowered = LoweredPlan::default();
    if let Some(base) = over_base::chart_of(input) {
        return over_base::lower(input, base);
    }
    if input.options.get("paths").is_none() && input.options.get("convention").is_none() {
        let written = input.options.at != input.plan.at;
        let place = if written { input.options.at.key() } else { input.plan.name.at.key() };
        let message =
            "the helm target needs `base`, `paths` or `convention`: without them no value has a place in the chart";
        let help = "add `base: values.yaml` for a chart that is here, `convention: helm-create`, or `paths` such as `{ api: { replicas: api.replicaCount } }`";
        lowered.missing(place, message, help);
        return lowered;
    }
    table::check(input, &mut lowered);
    let mut document = ValuesDocument::new(input.chart);
    for workload in &input.plan.workloads {
        let Some(table) = table::of(input, &workload.name, &mut lowered) else {
            let (message, help) = no_target_path(input, &workload.name);
            lowered.lost(crate::support::source::FieldSpan { block: true, ..workload.at }, message, help);
            continue;
        };
        for given in values::of(workload, input, &table) {
            document.put(&table, given, workload.at, &mut lowered);
        }
        document.routes(&table, &mut lowered);
        chart_defaults::check(workload, &table, &document, &mut lowered);
        losses::report(workload, &table, input, &mut lowered);
    }
    document.obey(input, &mut lowered);
    let document = document.into_values();
    // a service that could not be read may have had one
    let unread = !input.plan.unread.is_empty();
    if !lowered.refuses() && !unread && document.as_object().is_some_and(|values| values.is_empty()) {
        let message = "no value of the spec has a path: there is nothing to write for helm";
        lowered.refused(input.options.at, message, "add `paths` for a service, or take the target out");
    }
    lowered.views.push(View { path: "values.yaml".to_owned(), template: TEMPLATE, document, tags: Vec::new() });
    lowered
}

/// Why a service is not written, and what to do.
fn no_target_path(input: &Input<'_>, service: &str) -> (String, String) {
    let flow_like = input.options.text("convention").and_then(|(word, _)| Convention::of(word));
    if flow_like == Some(Convention::FlowLike) {
        let names = ["api", "web", "runtime", "executorPool", "executor"];
        let help = match suggest::closest(service, names.iter().copied()) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("its services are {}; others need an entry in `paths`", names.join(", ")),
        };
        return (format!("nothing of {service} is written: Flow-Like's chart has no such service"), help);
    }
    let help = format!("add `{service}: {{ replicas: {service}.replicaCount }}` to `paths`, or a `convention`");
    (format!("nothing of {service} is written: no path says where it goes"), help)
}
