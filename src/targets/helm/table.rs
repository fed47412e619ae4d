//! The path of each value of a service in a chart: the built-in conventions and the spec's own paths. Computes no value.

use crate::inputs::helm::ChartBase;
use crate::inputs::helm::conventions::{
    Convention, FLOW_LIKE, FLOW_LIKE_JOBS, FLOW_LIKE_POD, HELM_CREATE, HELM_CREATE_MORE, HELM_CREATE_POD, MEMORY_TARGET,
};
use crate::plan::{Opt, OptVal, TargetOptions, Val};
use crate::support::source::FieldSpan;
use crate::support::suggest;
use crate::targets::{Input, LoweredPlan, ServiceOfChart};

/// Every value of a service, in the order in which it is written.
pub(super) const WORDS: &[&str] = &[
    "enabled",
    "replicas",
    "autoscaling",
    "minReplicas",
    "maxReplicas",
    "targetCPU",
    "targetMemory",
    "concurrency",
    "image",
    "repository",
    "tag",
    "digest",
    "command",
    "args",
    "env",
    "envMap",
    "port",
    "ingress",
    "ingressHosts",
    "host",
    "path",
    "resources",
    "requests",
    "requests.cpu",
    "requests.memory",
    "limits",
    "limits.cpu",
    "limits.memory",
    "readinessProbe",
    "livenessProbe",
    "startupProbe",
    "ingressClass",
    "ingressAnnotations",
    "ingressTLS",
    "nodeSelector",
    "tolerations",
    "serviceAccount",
    "createServiceAccount",
    "podLabels",
    "podAnnotations",
    "podSecurityContext",
    "securityContext",
    "terminationGracePeriod",
];

/// The path of one value.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub word: &'static str,
    pub path: Vec<String>,
    /// The option that gives it; `None` if a convention does.
    pub at: Option<FieldSpan>,
}

/// The paths of one service.
#[derive(Clone, Debug, Default)]
pub(super) struct ValuesTable {
    pub convention: Option<Convention>,
    pub routes: Vec<Route>,
    /// Whether the chart writes the number of replicas beside its own autoscaler: each upgrade sets it, and the autoscaler
    /// continues from there.
    pub resets: bool,
    /// Whether it is that of values which the file is laid over.
    pub of_base: bool,
    /// Whether the probe of those values waits before it asks.
    pub delays: bool,
    /// Whether those values are of a known layout, so that every path of it is the chart's own.
    pub is_known: bool,
}

impl ValuesTable {
    pub(super) fn has(&self, word: &str) -> bool {
        self.route(word).is_some()
    }

    pub(super) fn route(&self, word: &str) -> Option<&Route> {
        self.routes.iter().find(|route| route.word == word)
    }

    /// Whether its readiness probe asks from the start on.
    pub(super) fn asks_at_once(&self) -> bool {
        self.has("readinessProbe") && !self.delays
    }

    /// Whether the chart's own autoscaler can set the number.
    pub(super) fn scales(&self) -> bool {
        self.has("maxReplicas")
    }
}

/// The table of a service: the spec's own paths before those of the convention. `None` if the service is not written.
pub(super) fn of(input: &Input<'_>, service: &str, lowered: &mut LoweredPlan) -> Option<ValuesTable> {
    let several = input.plan.workloads.len() > 1;
    table(&ServiceOfChart { options: input.options, chart: input.chart, service, several }, lowered)
}

fn table(of: &ServiceOfChart<'_>, lowered: &mut LoweredPlan) -> Option<ValuesTable> {
    let service = of.service;
    let convention = of.options.text("convention").and_then(|(word, _)| Convention::of(word));
    let mut table =
        ValuesTable { convention, routes: own_routes(of.options, service, lowered), ..ValuesTable::default() };
    let (prefix, built_in): (Vec<&str>, &[(&str, &str)]) = match convention {
        None => (Vec::new(), &[]),
        Some(Convention::HelmCreate) => (prefix(of), HELM_CREATE),
        Some(Convention::FlowLike) => match service {
            "api" | "web" => (vec![service], FLOW_LIKE),
            "runtime" | "executorPool" => {
                table.resets = true;
                (vec!["executorPool"], FLOW_LIKE)
            }
            "executor" => (vec!["executor"], FLOW_LIKE_JOBS),
            _ => (Vec::new(), &[]),
        },
    };
    for (word, path) in built_in {
        let path: Vec<String> = prefix.iter().copied().chain(path.split('.')).map(str::to_owned).collect();
        if !table.has(word) {
            table.routes.push(Route { word, path, at: None });
        }
    }
    more(of, convention, &prefix, &mut table);
    // charts after 0.1.0 have it
    let slots = ["executorPool".to_owned(), "maxConcurrentExecutions".to_owned()];
    if table.resets && !table.has("concurrency") && of.chart.is_some_and(|chart| chart.own_value(&slots).is_some()) {
        table.routes.push(Route { word: "concurrency", path: slots.to_vec(), at: None });
    }
    (!table.routes.is_empty()).then_some(table)
}

/// The table of a service of values that the file is laid over: the spec's own paths, then the convention's, then those of the
/// values' layout.
pub(super) fn over(base: &ChartBase, input: &Input<'_>, service: &str, lowered: &mut LoweredPlan) -> ValuesTable {
    let mut table = of(input, service, lowered).unwrap_or_default();
    table.of_base = true;
    table.is_known = !base.paths(service).is_empty();
    table.resets |= base.resets(service);
    for (word, path) in base.paths(service) {
        if !table.has(word) {
            table.routes.push(Route { word, path: path.clone(), at: None });
        }
    }
    table
}

/// The paths that the spec itself gives.
fn own_routes(options: &TargetOptions, service: &str, lowered: &mut LoweredPlan) -> Vec<Route> {
    let route = |(key, value): (&str, &Val<Opt>)| {
        let Opt::Text(path) = &value.value else { return None };
        let word = WORDS.iter().find(|word| **word == key)?;
        Some(Route { word, path: split(path, value.at, lowered)?, at: Some(value.at) })
    };
    paths_of_service(options, service).filter_map(route).collect()
}

/// The rows that not every release of a layout has, and those of the pod: where the chart is known and lacks one, it is not a path.
fn more(of: &ServiceOfChart<'_>, convention: Option<Convention>, prefix: &[&str], table: &mut ValuesTable) {
    let rows: Vec<&(&str, &str)> = match convention {
        Some(Convention::HelmCreate) => HELM_CREATE_POD.iter().chain(HELM_CREATE_MORE).collect(),
        Some(Convention::FlowLike) if !prefix.is_empty() && of.service != "executor" => FLOW_LIKE_POD.iter().collect(),
        _ => Vec::new(),
    };
    for (word, path) in rows {
        let path: Vec<String> = prefix.iter().copied().chain(path.split('.')).map(str::to_owned).collect();
        let there = of.chart.is_none_or(|chart| chart.own_value(&path).is_some());
        // what the spec has no word for is not a row here
        let Some(word) = WORDS.iter().find(|known| *known == word).filter(|_| there) else { continue };
        if !table.has(word) {
            table.routes.push(Route { word, path, at: None });
        }
    }
}

/// Whether the chart itself limits the memory of a service, if its table says so.
pub(super) fn limits(of: &ServiceOfChart<'_>) -> bool {
    let Some(chart) = of.chart else { return false };
    let Some(table) = table(of, &mut LoweredPlan::default()) else { return false };
    let below = [("limits.memory", &[][..]), ("limits", &["memory"][..]), ("resources", &["limits", "memory"][..])];
    below.into_iter().any(|(word, keys)| {
        let Some(route) = table.route(word) else { return false };
        let path: Vec<String> = route.path.iter().cloned().chain(keys.iter().map(|key| (*key).to_owned())).collect();
        chart.own_value(&path).is_some_and(|own| !own.is_null())
    })
}

/// A single service is at the root of its chart, several are under their names.
fn prefix<'s>(of: &ServiceOfChart<'s>) -> Vec<&'s str> {
    let apart =
        of.chart.and_then(|chart| chart.own_value(&[of.service.to_owned()])).is_some_and(serde_json::Value::is_object);
    if of.several || apart { vec![of.service] } else { Vec::new() }
}

/// The entries of `paths` for a service.
fn paths_of_service<'a>(options: &'a TargetOptions, service: &str) -> impl Iterator<Item = (&'a str, &'a Val<Opt>)> {
    let services = map(options.get("paths"));
    let found =
        services.iter().find(|(name, _)| name == service).map_or(&[][..], |(_, OptVal(value))| map(Some(value)));
    found.iter().map(|(key, OptVal(value))| (key.as_str(), value))
}

fn map(value: Option<&Val<Opt>>) -> &[(String, OptVal)] {
    match value.map(|value| &value.value) {
        Some(Opt::Map(entries)) => entries,
        _ => &[],
    }
}

/// The keys of a path; `\.` is a dot inside one, as in helm's `--set`.
fn split(text: &str, at: FieldSpan, lowered: &mut LoweredPlan) -> Option<Vec<String>> {
    let mut keys = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, keys.last_mut()) {
            ('\\', Some(last)) if chars.peek() == Some(&'.') => last.extend(chars.next()),
            ('.', _) => keys.push(String::new()),
            (c, Some(last)) => last.push(c),
            (_, None) => {}
        }
    }
    if keys.iter().any(String::is_empty) {
        let message = format!("`{}` has an empty part between its dots", text.escape_debug());
        lowered.unsafe_value(at, message, "write keys joined by single dots, and `\\.` for a dot inside a key");
        return None;
    }
    if text.contains(['[', ']']) {
        let message = format!("`{}` goes into a list: values replace a list as a whole", text.escape_debug());
        lowered.unsafe_value(at, message, "name the list itself, or a key outside it");
        return None;
    }
    Some(keys)
}

/// Names in `paths` that do not exist, and paths that the chart does not have.
pub(super) fn check(input: &Input<'_>, lowered: &mut LoweredPlan) {
    for (service, OptVal(value)) in map(input.options.get("paths")) {
        let names = || input.plan.workloads.iter().map(|workload| &*workload.name);
        let unread = input.plan.unread.iter().any(|unread| *unread.name == **service);
        if !unread && !names().any(|name| name == service) {
            let message =
                format!("`{}` is not a service of the spec, so its paths take no value", service.escape_debug());
            let help = suggest::closest(service, names()).map_or_else(
                || "remove it, or write the service".to_owned(),
                |close| format!("did you mean `{close}`?"),
            );
            lowered.lost(FieldSpan { block: true, ..value.at }, message, help);
        }
        for (key, OptVal(path)) in map(Some(value)) {
            if !WORDS.contains(&key.as_str()) {
                let help = match suggest::closest(key, WORDS.iter().copied()) {
                    Some(close) => format!("did you mean `{close}`?"),
                    None => format!("values are {}", WORDS.join(", ")),
                };
                let message = format!("`{}` is not a value of a service", key.escape_debug());
                lowered.unsafe_value(FieldSpan { block: true, ..path.at }, message, help);
            }
        }
    }
}

/// Whether the chart's templates read a key that is not among its values.
pub(super) fn is_commented(route: &Route) -> bool {
    route.at.is_none() && route.path.last().is_some_and(|last| last == MEMORY_TARGET)
}
