//! Puts values into one document, each at its path, and checks them against the chart's own values and schema. Knows no
//! field of the spec.

use super::table::{Route, ValuesTable, is_commented};
use super::values::WordedValue;
use crate::inputs::helm::{ChartFacts, HasKey};
use crate::support::source::FieldSpan;
use crate::support::suggest;
use crate::targets::{Input, LoweredPlan};
use serde_json::{Map, Value as Json};

/// The values so far, each with its place in the spec.
pub(super) struct ValuesDocument<'a> {
    chart: Option<&'a ChartFacts>,
    values: Json,
    placed: Vec<(Vec<String>, FieldSpan)>,
}

impl<'a> ValuesDocument<'a> {
    pub(super) fn new(chart: Option<&'a ChartFacts>) -> ValuesDocument<'a> {
        ValuesDocument { chart, values: Json::Object(Map::new()), placed: Vec::new() }
    }

    pub(super) fn into_values(self) -> Json {
        self.values
    }

    /// The values that the chart's templates will see; `None` if the chart is not known.
    pub(super) fn laid(&self) -> Option<Json> {
        self.chart.map(|chart| chart.laid(&self.values))
    }

    /// Writes one value at its path.
    pub(super) fn put(
        &mut self,
        table: &ValuesTable,
        given: WordedValue,
        service: FieldSpan,
        lowered: &mut LoweredPlan,
    ) {
        let Some(route) = table.route(given.word) else { return };
        let path = route.path.join(".");
        if route.at.is_none() && !table.is_known && !is_commented(route) {
            self.missing(route, FieldSpan { block: true, ..service }, lowered);
        }
        if table.convention.is_some_and(|convention| convention.is_dead(&route.path)) {
            let message = format!("`{path}` is written, but no template of the chart reads it");
            lowered.ignored(given.at, message, "set it where the program that runs the jobs reads it");
        }
        let own = self.chart.and_then(|chart| chart.own_value(&route.path));
        let fits = given.value.is_object() || given.value.is_null();
        if own.and_then(Json::as_object).is_some_and(|fields| !fields.is_empty()) && !fits {
            let message = format!("`{path}` is a mapping in the chart, and `{}` is one value", given.word);
            lowered.refused(route.at.unwrap_or(given.at), message, "name a key inside the mapping");
            return;
        }
        if insert(&mut self.values, &route.path, given.value) {
            self.placed.push((route.path.clone(), given.at));
        } else {
            let message = format!("`{path}` is already taken by another value");
            lowered.refused(route.at.unwrap_or(given.at), message, "give each value a path of its own");
        }
    }

    /// Checks that every path of the spec is one of the chart's.
    pub(super) fn routes(&self, table: &ValuesTable, lowered: &mut LoweredPlan) {
        for route in &table.routes {
            if let Some(at) = route.at {
                self.missing(route, at, lowered);
            }
        }
    }

    fn missing(&self, route: &Route, at: FieldSpan, lowered: &mut LoweredPlan) {
        let Some(chart) = self.chart else { return };
        let HasKey::No(index, siblings) = chart.knows(&route.path) else { return };
        let (above, key) = (route.path.get(..index).unwrap_or_default(), route.path.get(index));
        let key = key.map(String::as_str).unwrap_or_default();
        let whole = |key: &str| above.iter().map(String::as_str).chain([key]).collect::<Vec<_>>().join(".");
        let message = format!(
            "the values of chart `{}` have no `{}`: helm takes it without a word and nothing reads it",
            chart.folder.escape_debug(),
            whole(key)
        );
        let help = match suggest::closest(key, siblings.iter().map(String::as_str)) {
            Some(close) => format!("did you mean `{}`?", whole(close)),
            None if siblings.is_empty() => format!("`{}` is one value there, not a mapping", above.join(".")),
            None => {
                let few: Vec<String> = siblings.iter().take(8).map(|key| format!("`{}`", whole(key))).collect();
                format!("there is {}{}", few.join(", "), if siblings.len() > few.len() { ", …" } else { "" })
            }
        };
        lowered.refused(at, message, help);
    }

    /// Validates the values, over the chart's own, with the chart's schema, as helm does.
    pub(super) fn obey(&self, input: &Input<'_>, lowered: &mut LoweredPlan) {
        let named = input.options.get("base").filter(|_| input.base.is_some()).map(|base| base.at);
        let option = named.or_else(|| input.options.text("chart").map(|(_, option)| option));
        let (Some(chart), Some(option)) = (self.chart, option) else { return };
        let faults = match chart.faults(&self.values) {
            Ok(faults) => faults,
            Err(why) => {
                let message = format!("values.schema.json cannot be obeyed, so nothing is checked by it: {why}");
                return lowered.lost(option, message, "fix the schema, or look with `helm lint`");
            }
        };
        for fault in faults {
            let near =
                |(path, _): &&(Vec<String>, FieldSpan)| path.starts_with(&fault.path) || fault.path.starts_with(path);
            // the deepest value that is involved; a fault of the chart alone is reported at the chart
            let at = self.placed.iter().filter(near).max_by_key(|(path, _)| path.len());
            let at = at.filter(|_| !fault.path.is_empty()).map_or(option, |(_, at)| *at);
            let path =
                if fault.path.is_empty() { "the values".to_owned() } else { format!("`{}`", fault.path.join(".")) };
            let message = format!("values.schema.json refuses {path}: {}", fault.message);
            lowered.refused(at, message, "write what the chart's schema takes");
        }
    }
}

/// Puts a value at a path; false if another value is there or above. Two mappings are merged.
fn insert(at: &mut Json, path: &[String], value: Json) -> bool {
    let Some((key, rest)) = path.split_first() else { return merge(at, value) };
    let Json::Object(fields) = at else { return false };
    if let Some(next) = fields.get_mut(key) {
        return insert(next, rest, value);
    }
    let made = rest.iter().rev().fold(value, |value, key| Json::Object(Map::from_iter([(key.clone(), value)])));
    fields.insert(key.clone(), made);
    true
}

fn merge(at: &mut Json, value: Json) -> bool {
    match (at, value) {
        (Json::Object(fields), Json::Object(more)) => more.into_iter().all(|(key, value)| match fields.get_mut(&key) {
            Some(old) => merge(old, value),
            None => {
                fields.insert(key, value);
                true
            }
        }),
        (old, value) => *old == value,
    }
}
