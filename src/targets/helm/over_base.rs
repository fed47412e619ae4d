//! Values laid over values of a chart: only what the spec says and what differs from what is there. Knows no template of the chart.

use super::document::ValuesDocument;
use super::table::{self, Route, ValuesTable};
use super::values::{self, Writer, percent};
use super::{TEMPLATE, losses};
use crate::inputs::helm::{ChartBase, ChartFacts};
use crate::inputs::merge::Dropped;
use crate::plan::{Cpu, Disruption, Memory, Signal, Workload};
use crate::support::diagnostic::SPEC;
use crate::support::source::FieldSpan;
use crate::support::suggest;
use crate::targets::{Input, LoweredPlan, View};
use serde_json::{Map, Value as Json, json};

/// The chart that the spec's values are laid over, where the target names one.
pub(super) fn chart_of<'i>(input: &Input<'i>) -> Option<&'i ChartBase> {
    input.options.get("base")?;
    input.base?.chart.as_deref()
}

/// The file that is laid over the base.
pub(super) fn lower(input: &Input<'_>, base: &ChartBase) -> LoweredPlan {
    let mut lowered = LoweredPlan::default();
    let input = &Input { chart: Some(&base.facts), ..*input };
    table::check(input, &mut lowered);
    let mut document = ValuesDocument::new(input.chart);
    for workload in input.plan.workloads.iter().filter(|workload| !workload.is_base_only()) {
        let mut table = table::over(base, input, &workload.name, &mut lowered);
        if table.routes.is_empty() {
            no_component(workload, base, input, &mut lowered);
            continue;
        }
        let liveness = workload.pod.as_deref().and_then(|pod| pod.liveness.as_ref());
        table.probe_of(&base.facts, liveness.is_some_and(|own| own.at.file == SPEC));
        let mut own = Writer { table: &table, chart: input.chart, given: Vec::new() };
        numbers(workload, &mut own);
        values::rest(workload, input, &mut own);
        budget(workload, &mut own);
        removals(input, workload, &mut own, &mut lowered);
        for given in own.given {
            document.put(&table, given, workload.at, &mut lowered);
        }
        document.routes(&table, &mut lowered);
        losses::report(workload, &table, input, &mut lowered);
    }
    document.obey(input, &mut lowered);
    // what a base says stays there: nothing of it is lost
    lowered.findings.retain(|finding| finding.at.file == SPEC);
    let values = differing(document.into_values(), base.facts.whole()).unwrap_or_else(|| Json::Object(Map::new()));
    lowered.views.push(View { path: "values.yaml".to_owned(), template: TEMPLATE, document: values, tags: Vec::new() });
    lowered
}

/// A service that the chart does not have.
fn no_component(workload: &Workload, base: &ChartBase, input: &Input<'_>, lowered: &mut LoweredPlan) {
    let of = input.base.map_or("the chart", |base| base.name.as_str());
    let names: Vec<&str> = base.names().collect();
    let help = match suggest::closest(&workload.name, names.iter().copied()) {
        Some(close) => format!("did you mean `{close}`?"),
        None if names.is_empty() => "write an entry in `paths`".to_owned(),
        None => format!("the chart has {}; others need an entry in `paths`", names.join(", ")),
    };
    let message = format!("nothing of {} is written: the chart of {of} has no such component", workload.name);
    lowered.lost(FieldSpan { block: true, ..workload.at }, message, help);
}

/// How many, where the spec says so, and what an autoscaler of the chart then watches.
fn numbers(workload: &Workload, out: &mut Writer<'_>) {
    let replicas = &workload.replicas;
    let scales = workload.scales && out.table.scales();
    let bound = [replicas.min, replicas.max].into_iter().find(|bound| replicas.written && bound.is_of_spec());
    if let Some(bound) = bound {
        let runs = if scales { workload.peak } else { workload.fixed };
        out.put("enabled", runs > 0, bound.at);
        out.put("autoscaling", scales, bound.at);
        if scales {
            let least = replicas.min.value.max(1);
            let differs = out.text("minReplicas").is_none_or(|own| own != least.to_string());
            if out.table.resets && differs {
                out.put("replicas", least, bound.at);
            }
            out.put("minReplicas", least, replicas.min.at);
            out.put("maxReplicas", replicas.max.value, replicas.max.at);
        } else {
            out.put("replicas", workload.fixed, replicas.min.at);
        }
    }
    if scales {
        targets(workload, bound.map(|bound| bound.at), out);
    }
}

/// What is watched: written where the spec says it, and where an autoscaler that the spec turns on would watch nothing.
fn targets(workload: &Workload, turned_on: Option<FieldSpan>, out: &mut Writer<'_>) {
    let scaling = &workload.autoscaling;
    let (threshold, signal) = (scaling.up.threshold, scaling.signal);
    let watched = [("targetCPU", Signal::Cpu), ("targetMemory", Signal::Memory)];
    let is_empty = watched.iter().all(|(word, _)| out.text(word).is_none());
    for (word, resource) in watched {
        let said = threshold.is_of_spec().then_some(threshold.at).or(signal.is_of_spec().then_some(signal.at));
        let at = said.or(turned_on.filter(|_| is_empty));
        let Some(at) = at else { continue };
        if scaling.watches(resource) {
            out.put(word, percent(threshold.value), at);
        } else if signal.is_of_spec() && !scaling.watches(Signal::Load) {
            out.put(word, Json::Null, signal.at);
        }
    }
}

/// The chart's own budget.
fn budget(workload: &Workload, out: &mut Writer<'_>) {
    let Some(budget) = &workload.disruption else { return };
    let (word, other, amount) = match budget.value {
        Disruption::MinAvailable(amount) => ("minAvailable", "maxUnavailable", amount),
        Disruption::MaxUnavailable(amount) => ("maxUnavailable", "minAvailable", amount),
    };
    out.put("budget", true, budget.at);
    out.put(word, amount_json(&amount.to_string()), budget.at);
    out.put(other, Json::Null, budget.at);
}

/// A number, or a share as text.
fn amount_json(text: &str) -> Json {
    text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number))
}

/// What the spec takes away from the base: `null`, which removes a key.
fn removals(input: &Input<'_>, workload: &Workload, out: &mut Writer<'_>, lowered: &mut LoweredPlan) {
    let limits = &input.plan.limit_resources;
    if limits.is_of_spec() && !limits.value {
        out.put("resources", json!({ "limits": { "cpu": null, "memory": null } }), limits.at);
    }
    let own = |dropped: &&Dropped| {
        let [section, name, ..] = dropped.path.as_slice() else { return false };
        !dropped.replaced && &**section == "services" && **name == *workload.name
    };
    for dropped in input.dropped.iter().filter(own) {
        let keys: Vec<&str> = dropped.path.iter().skip(2).map(|key| &**key).collect();
        let at = dropped.by;
        match keys.as_slice() {
            ["resources"] => out.put("resources", Json::Null, at),
            ["resources", side] => out.put("resources", json!({ (*side): null }), at),
            ["resources", side, "gpu"] => out.put("resources", json!({ (*side): { "nvidia.com/gpu": null } }), at),
            ["resources", side, amount] => out.put("resources", json!({ (*side): { (*amount): null } }), at),
            ["health"] => out.put("readinessProbe", Json::Null, at),
            ["disruption"] if out.table.has("budget") => out.put("budget", false, at),
            [] => {}
            keys => {
                let field = keys.join(".");
                let message = format!("`{field}` of {} is not taken away: the values have no way to", workload.name);
                lowered.lost(at, message, "change it there");
            }
        }
    }
}

impl Writer<'_> {
    /// What the base says for a word, as text; `None` if nothing is there.
    fn text(&self, word: &str) -> Option<String> {
        let own = self.chart?.own_value(&self.table.route(word)?.path)?;
        (!own.is_null()).then(|| value_text(own))
    }
}

impl ValuesTable {
    /// One probe says whether a replica is well: where the base has liveness alone and the spec does not write it, it is that one.
    fn probe_of(&mut self, base: &ChartFacts, says_liveness: bool) {
        let is_there = |path: &[String]| {
            let own = base.own_value(path);
            own.and_then(Json::as_object).is_some_and(|fields| !fields.is_empty())
        };
        if !says_liveness {
            self.find_probe(&is_there);
        }
        let probe = self.route("readinessProbe").and_then(|route| base.own_value(&route.path));
        self.delays = probe.is_some_and(|probe| probe.get("initialDelaySeconds").is_some());
    }

    fn find_probe(&mut self, is_there: &dyn Fn(&[String]) -> bool) {
        let liveness = self.route("livenessProbe").map(|route| route.path.clone());
        let Some(path) = liveness.filter(|path| is_there(path)) else { return };
        match self.routes.iter_mut().find(|route| route.word == "readinessProbe") {
            Some(readiness) if readiness.at.is_some() || is_there(&readiness.path) => {}
            Some(readiness) => readiness.path = path,
            None => self.routes.push(Route { word: "readinessProbe", path, at: None }),
        }
    }
}

/// What of values differs from those below them; `None` if nothing does. Amounts of cpu and memory are equal by what they mean.
fn differing(over: Json, base: &Json) -> Option<Json> {
    differing_at("", over, Some(base))
}

fn differing_at(key: &str, over: Json, base: Option<&Json>) -> Option<Json> {
    match (over, base) {
        (Json::Null, None | Some(Json::Null)) => None,
        (Json::Object(fields), base) => {
            let below = |key: &str| base.and_then(|base| base.get(key));
            let kept = fields.into_iter().filter_map(|(key, value)| {
                let value = differing_at(&key, value, below(&key))?;
                Some((key, value))
            });
            let kept: Map<String, Json> = kept.collect();
            (!kept.is_empty()).then_some(Json::Object(kept))
        }
        (over, Some(base)) if is_same(key, &over, base) => None,
        (over, _) => Some(over),
    }
}

fn is_same(key: &str, one: &Json, other: &Json) -> bool {
    if one == other {
        return true;
    }
    if one.is_array() || other.is_array() || one.is_object() || other.is_object() || other.is_null() {
        return false;
    }
    let (one, other) = (value_text(one), value_text(other));
    let size = |text: &str| match key {
        "cpu" => Cpu::parse(text).ok().map(|cpu| cpu.0),
        "memory" => Memory::parse(text).ok().map(|memory| memory.bytes),
        _ => None,
    };
    one == other || size(&one).is_some() && size(&one) == size(&other)
}

fn value_text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
