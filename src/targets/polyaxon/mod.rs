//! Helm values for Polyaxon's own chart, in the keys of the chart's generation. Sees the plan only.

mod losses;

use super::cluster_values::{texts, tolerations};
use super::{Input, LoweredPlan, OutputFormat, ServiceOfChart, TargetMeta, View};
use crate::inputs::helm::polyaxon::{
    self as generations, ChartComponent, CountSource, FIRST_REWRITTEN, NEWEST, OLDEST, Version,
};
use crate::plan::{Amounts, Cpu, Memory, Plan, TargetOptions, Val, Workload};
use crate::support::source::FieldSpan;
use crate::support::suggest;
use serde_json::{Map, Value as Json, json};

const TEMPLATE: &str = "values.yaml.j2";

const TEMPLATES: &[(&str, &str)] = &[(TEMPLATE, include_str!("../../../templates/polyaxon/values.yaml.j2"))];

pub(super) const META: TargetMeta = TargetMeta {
    // the chart's hpa exists beside `spec.replicas`, so each upgrade resets its number
    autoscales: |_| false,
    starts_new_first: true,
    limits,
    ..TargetMeta::new("polyaxon", lower, OutputFormat::Yaml, TEMPLATES)
};

/// The chart version that a spec requests.
#[derive(Clone, Copy)]
struct Chart<'a> {
    /// As the spec writes it.
    asked: &'a str,
    /// The version whose keys are used.
    known: Version,
}

fn lower(input: &Input<'_>) -> LoweredPlan {
    let mut lowered = LoweredPlan::default();
    let Some(chart) = chart(input, &mut lowered) else { return lowered };
    let plan = input.plan;
    let mut doc = Map::new();
    doc.insert("deploymentType".to_owned(), json!("kubernetes"));
    if chart.known >= FIRST_REWRITTEN {
        doc.insert("deploymentChart".to_owned(), json!("platform"));
    }
    doc.insert("deploymentVersion".to_owned(), json!(chart.asked));
    if chart.known >= FIRST_REWRITTEN {
        doc.insert("releaseName".to_owned(), json!(plan.name.value));
    }
    if let Some((namespace, _)) = input.options.text("namespace") {
        doc.insert("namespace".to_owned(), json!(namespace));
    }
    // its default differs between charts, so it is always written
    doc.insert("limitResources".to_owned(), json!(plan.limit_resources.value));
    let found: Vec<(&Workload, &ChartComponent)> = plan
        .workloads
        .iter()
        .filter_map(|workload| component(&workload.name, workload.at, chart, plan, &mut lowered).map(|c| (workload, c)))
        .collect();
    let queue = found.iter().any(|(workload, component)| component.celery && workload.fixed > 0);
    broker(input.options, chart, queue, &mut doc, &mut lowered);
    for (workload, component) in found {
        let values = values(workload, component, chart, plan, &mut lowered);
        if !values.is_empty() {
            doc.insert(component.name.to_owned(), Json::Object(values));
        }
        losses::report(workload, component, chart.known, &mut lowered);
    }
    lowered.views.push(View {
        path: "values.yaml".to_owned(),
        template: TEMPLATE,
        document: Json::Object(doc),
        tags: Vec::new(),
    });
    lowered
}

/// Whether the chart limits the memory of a component by itself.
fn limits(of: &ServiceOfChart<'_>) -> bool {
    let version = of.options.text("chart").and_then(|(asked, _)| Version::parse(asked));
    let own = version.map(Version::nearest_read).and_then(|chart| {
        let amounts = generations::components(chart).find(|component| component.name == of.service)?.amounts?;
        amounts.limits
    });
    own.is_some()
}

fn chart<'a>(input: &Input<'a>, lowered: &mut LoweredPlan) -> Option<Chart<'a>> {
    let Some((asked, at)) = input.options.text("chart") else {
        // the schema reports a value that is not text
        if input.options.get("chart").is_none() {
            let written = input.options.at != input.plan.at;
            let place = if written { input.options.at.key() } else { input.plan.name.at.key() };
            let message = "the polyaxon target needs `chart`, the version of the chart: it decides which keys exist";
            let help = format!("add `targets: {{ polyaxon: {{ chart: \"{NEWEST}\" }} }}` with your chart's version");
            lowered.missing(place, message, help);
        }
        return None;
    };
    let Some(version) = Version::parse(asked) else {
        let message = format!("`{}` is not a version of the chart", asked.escape_debug());
        lowered.unsafe_value(at, message, format!("write it like `\"{NEWEST}\"`"));
        return None;
    };
    let known = version.nearest_read();
    if known != version {
        let message = format!(
            "chart {asked} is not one whose keys are known ({OLDEST}, {FIRST_REWRITTEN} to {NEWEST}); \
             written with the keys of {known}"
        );
        lowered.lost(at, message, format!("compare the output with `helm show values polyaxon --version {asked}`"));
    }
    Some(Chart { asked, known })
}

/// The chart's component of this name, or a refusal: the CLI rejects an unknown key, plain helm drops it.
fn component(
    name: &str,
    at: FieldSpan,
    chart: Chart<'_>,
    plan: &Plan,
    lowered: &mut LoweredPlan,
) -> Option<&'static ChartComponent> {
    if let Some(found) = generations::components(chart.known).find(|component| component.name == name) {
        return Some(found);
    }
    let names = || generations::components(chart.known).map(|component| component.name);
    let help = match generations::replacement(name, chart.known).or_else(|| suggest::closest(name, names())) {
        Some(other) if generations::ever(name) && plan.workload(other).is_some() => {
            format!("remove `{name}`: in this chart `{other}` does its work")
        }
        Some(other) if generations::ever(name) => format!("write `{other}`, which does its work in this chart"),
        Some(other) => format!("did you mean `{other}`?"),
        None => format!("its components are {}", names().collect::<Vec<_>>().join(", ")),
    };
    let message =
        format!("chart {} has no component `{name}`: the CLI rejects the key, plain helm ignores it", chart.asked);
    // the key is the fault, however short the service is written
    lowered.refused(FieldSpan { block: true, ..at }, message, help);
    None
}

/// Components that take work from a queue need redis, and an explicit `broker` even if that is the chart's default.
fn broker(
    options: &TargetOptions,
    chart: Chart<'_>,
    queue: bool,
    doc: &mut Map<String, Json>,
    lowered: &mut LoweredPlan,
) {
    let external = options.text("redis").filter(|(word, _)| *word == "external").map(|(_, at)| at);
    // the first generation always has redis, and a broker of its own
    if chart.known < FIRST_REWRITTEN && external.is_none() {
        return;
    }
    if chart.known >= FIRST_REWRITTEN {
        if !queue {
            if let Some(at) = external {
                lowered.lost(at, "no component that needs redis is on, so none is configured", "remove `redis`");
            }
            return;
        }
        doc.insert("broker".to_owned(), json!("redis"));
    }
    doc.insert("redis".to_owned(), json!({ "enabled": external.is_none() }));
    if let Some(at) = external {
        lowered.lost(
            at,
            "the address of the external redis is not part of a scaling spec, and Polyaxon refuses the file without it",
            "give `externalServices.redis` with `host` and `port` in values of your own beside this file",
        );
    }
}

/// The values of one component.
fn values(
    workload: &Workload,
    component: &ChartComponent,
    chart: Chart<'_>,
    plan: &Plan,
    lowered: &mut LoweredPlan,
) -> Map<String, Json> {
    let mut values = Map::new();
    let replicas = workload.fixed;
    let more = |message: String| (workload.replicas.min.at, message);
    let refused = match component.count {
        CountSource::Key => None,
        CountSource::AtMostOne(why) => {
            (replicas > 1).then(|| more(format!("{replicas} replicas of {}: {why}", workload.name)))
        }
        CountSource::One(why) => (replicas > 1 || (replicas == 0 && !component.enabled)).then(|| {
            more(format!("{replicas} replicas of {}: chart {} always runs one ({why})", workload.name, chart.asked))
        }),
    };
    if let Some((at, message)) = refused {
        lowered.refused(at, message, "write `replicas: 1`");
    }
    if component.breaks_the_chart && replicas > 0 {
        let message = format!(
            "helm cannot render chart {} with `{}` on: its template calls the value `broker` as a function, as in all charts from {FIRST_REWRITTEN} to {NEWEST}",
            chart.asked, workload.name
        );
        lowered.refused(FieldSpan { block: true, ..workload.at }, message, "remove it, or write `replicas: 0`");
    }
    if component.enabled {
        values.insert("enabled".to_owned(), json!(replicas > 0));
    }
    if !matches!(component.count, CountSource::One(_)) {
        values.insert("replicas".to_owned(), json!(replicas));
    }
    if let (Some(concurrency), true) = (&workload.concurrency, component.concurrency) {
        values.insert("concurrency".to_owned(), json!(concurrency.limit.value));
        if !component.celery && chart.known >= FIRST_REWRITTEN {
            // the chart's default would run concurrency × the node's cores + 1
            values.insert("perCore".to_owned(), json!(false));
        }
    }
    if let (Some(image), Some(_)) = (&workload.image, losses::image_key(component)) {
        let (name, tag) = split_image(&image.value);
        values.insert("image".to_owned(), json!(name));
        values.insert("imageTag".to_owned(), json!(tag));
    }
    let resources = resources(workload, component, plan, lowered);
    if !resources.is_empty() {
        values.insert("resources".to_owned(), Json::Object(resources));
    }
    values.extend(nodes(workload, component, chart.known));
    values
}

/// Where its pods run: this takes the place of what the chart says for all components.
fn nodes(workload: &Workload, component: &ChartComponent, chart: Version) -> Vec<(String, Json)> {
    let Some(pod) = workload.pod.as_deref().filter(|_| component.places_pods(chart)) else { return Vec::new() };
    let selector = (!pod.node_selector.is_empty()).then(|| ("nodeSelector".to_owned(), texts(&pod.node_selector)));
    let tolerated = (!pod.tolerations.is_empty()).then(|| ("tolerations".to_owned(), tolerations(&pod.tolerations)));
    selector.into_iter().chain(tolerated).collect()
}

/// The chart writes `image:imageTag`, so a digest is cut at its colon too.
fn split_image(image: &str) -> (&str, &str) {
    let name = image.rfind('/').map_or(0, |slash| slash + 1);
    match image.rfind(':') {
        Some(colon) if colon >= name => {
            (image.get(..colon).unwrap_or(image), image.get(colon + 1..).unwrap_or("latest"))
        }
        _ => (image, "latest"),
    }
}

fn resources(
    workload: &Workload,
    component: &ChartComponent,
    plan: &Plan,
    lowered: &mut LoweredPlan,
) -> Map<String, Json> {
    let mut resources = Map::new();
    let Some(own) = component.amounts else { return resources };
    let amounts = |amounts: &Amounts| {
        let cpu = amounts.cpu.map(|cpu| ("cpu".to_owned(), json!(cpu.value.to_string())));
        let memory = amounts.memory.map(|memory| ("memory".to_owned(), json!(memory.value.to_string())));
        cpu.into_iter().chain(memory).collect::<Map<String, Json>>()
    };
    let written = &workload.resources;
    let requests = amounts(&written.requests);
    if !requests.is_empty() {
        resources.insert("requests".to_owned(), Json::Object(requests));
    }
    if !plan.limit_resources.value {
        return resources;
    }
    let limits = amounts(&written.limits);
    if !limits.is_empty() {
        resources.insert("limits".to_owned(), Json::Object(limits));
    }
    let own_limits = own.limits.unwrap_or_default();
    let cpu = |text: &str| Cpu::parse(text).ok().map(|cpu| cpu.0);
    let memory = |text: &str| Memory::parse(text).ok().map(|memory| memory.bytes);
    let nano = |val: Val<Cpu>| ChartAmount { size: val.value.0, text: val.value.to_string(), at: val.at };
    let bytes = |val: Val<Memory>| ChartAmount { size: val.value.bytes, text: val.value.to_string(), at: val.at };
    let (requests, limits) = (&written.requests, &written.limits);
    beside_own("cpu", requests.cpu.map(nano), limits.cpu.map(nano), (own.requests.0, own_limits.0), cpu, lowered);
    let own = (own.requests.1, own_limits.1);
    beside_own("memory", requests.memory.map(bytes), limits.memory.map(bytes), own, memory, lowered);
    resources
}

/// An amount of the spec, in the smallest unit and as the chart reads it.
struct ChartAmount {
    size: u64,
    text: String,
    at: FieldSpan,
}

/// Helm lays the values over the chart's own: if the spec gives only one of request and limit, the other is the chart's.
fn beside_own(
    what: &str,
    request: Option<ChartAmount>,
    limit: Option<ChartAmount>,
    own: (&str, &str),
    size: impl Fn(&str) -> Option<u64>,
    lowered: &mut LoweredPlan,
) {
    match (request, limit) {
        (Some(request), None) if size(own.1).is_some_and(|limit| request.size > limit) => lowered.refused(
            request.at,
            format!(
                "requests.{what} {} is above {}, the chart's own limit, which holds because limits.{what} is unset",
                request.text, own.1
            ),
            format!("write `limits.{what}` of at least {}", request.text),
        ),
        (None, Some(limit)) if size(own.0).is_some_and(|request| request > limit.size) => lowered.refused(
            limit.at,
            format!(
                "limits.{what} {} is below {}, the chart's own request, which holds because requests.{what} is unset",
                limit.text, own.0
            ),
            format!("write `requests.{what}` of at most {}", limit.text),
        ),
        _ => {}
    }
}
