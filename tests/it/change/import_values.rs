//! Law 1, second half: each number that an import took is changed in the spec, and what docker compose makes of base and override differs in
//! that number alone, and in the leaves that the page of the target lists for it.
//!
//! One number of each service is changed at once: services stand for themselves.

use super::import::{composed, difference, imported, projects, rendered};
use crate::common::judge::say;
use crate::inputs::compose_projects::Args;
use scalegen::inputs::compose::project::amounts;
use scalegen::model::quantity::{Cpu, Memory};
use scalegen::model::time::Duration;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// One number of a spec with the values that it may be changed to, best first.
pub struct Number {
    pub path: Vec<String>,
    /// The service, as compose names it.
    pub service: String,
    pub field: String,
    pub others: Vec<Json>,
}

/// The values that differ from this one; none for what is not a number.
fn others(field: &str, value: &Json, fresh: &mut u16) -> Vec<Json> {
    let last = field.rsplit('/').next().unwrap();
    let whole = value.as_u64();
    match last {
        "replicas" => vec![json!(whole.unwrap() + 1), json!(whole.unwrap().saturating_sub(1).max(1))],
        "publish" => {
            *fresh += 40;
            vec![json!(*fresh)]
        }
        "min" | "max" if field.starts_with("replicas") => vec![json!(whole.unwrap() + 1), json!(whole.unwrap() - 1)],
        "surge" | "unavailable" | "minAvailable" | "maxUnavailable" if value.is_string() => vec![json!("13%")],
        "retries" | "pids" | "gpu" | "maxConnections" | "surge" | "unavailable" | "minAvailable" | "maxUnavailable"
        | "step" | "percent" => vec![json!(whole.unwrap_or(0) + 1), json!(whole.unwrap_or(2).saturating_sub(1))],
        "threshold" => vec![json!(0.47)],
        "port" if ["health", "liveness", "startup"].contains(&field.split('/').next().unwrap()) => {
            vec![json!(whole.unwrap() + 1)]
        }
        "memory" | "sharedBuffers" | "workMem" => {
            let bytes = Memory::parse(value.as_str().unwrap()).unwrap().bytes;
            let times = |factor: u64| json!(Memory::bytes(bytes * factor / 4).to_string());
            if field.contains("requests") { vec![times(2), times(8)] } else { vec![times(8), times(5), times(3)] }
        }
        "cpu" => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let nano = Cpu::parse(&text).unwrap().0;
            let times = |factor: u64| json!(Cpu(nano * factor / 4).to_string());
            if field.contains("requests") { vec![times(2), times(8)] } else { vec![times(8), times(2)] }
        }
        "interval" | "timeout" | "startPeriod" | "stopGracePeriod" | "delay" | "every" => {
            let nanos = amounts::duration(value.as_str().unwrap()).unwrap();
            vec![json!(Duration(nanos / 1_000_000 + 1000).to_string())]
        }
        _ => Vec::new(),
    }
}

pub fn numbers(spec: &Json) -> Vec<Number> {
    fn walk(node: &Json, path: &mut Vec<String>, fresh: &mut u16, all: &mut Vec<Number>) {
        match node {
            Json::Object(fields) => fields.iter().for_each(|(key, value)| {
                path.push(key.clone());
                walk(value, path, fresh, all);
                path.pop();
            }),
            Json::Array(items) => items.iter().enumerate().for_each(|(index, value)| {
                path.push(index.to_string());
                walk(value, path, fresh, all);
                path.pop();
            }),
            value if path.len() > 2 => {
                let field = path[2..].join("/");
                let mut others = others(&field, value, fresh);
                others.retain(|other| other != value);
                if !others.is_empty() {
                    all.push(Number { path: path.clone(), service: path[1].clone(), field, others });
                }
            }
            _ => {}
        }
    }
    let mut all = Vec::new();
    let mut fresh = 30_000;
    for section in ["services", "backingServices"] {
        walk(&spec[section], &mut vec![section.to_owned()], &mut fresh, &mut all);
    }
    all
}

/// Where compose has the number, below a service, and what may change with it: the page of the target says so.
fn places(field: &str) -> (&'static [&'static str], &'static [&'static str]) {
    const LIMITS: &[&str] = &["deploy/resources/limits", "mem_limit", "cpus", "pids_limit"];
    const RESERVED: &[&str] = &["deploy/resources/reservations", "mem_reservation"];
    match field {
        "replicas" => (
            &["deploy/replicas", "scale"],
            &["container_name", "hostname", "ports", "networks", "mac_address", "devices", "deploy/update_config"],
        ),
        _ if field.starts_with("resources/limits") || field == "memory" => (LIMITS, &[]),
        _ if field.starts_with("resources/requests/gpu") => (&["deploy/resources/reservations/devices", "gpus"], &[]),
        _ if field.starts_with("resources/requests") => (RESERVED, &[]),
        _ if field.starts_with("ports") => (&["ports"], &[]),
        "health/interval" => (&["healthcheck/interval"], &[]),
        "health/timeout" => (&["healthcheck/timeout"], &[]),
        "health/retries" => (&["healthcheck/retries"], &[]),
        "health/startPeriod" => (&["healthcheck/start_period"], &[]),
        "stopGracePeriod" => (&["stop_grace_period"], &[]),
        _ if field.starts_with("update") => (&["deploy/update_config"], &[]),
        _ => (&["command", "environment"], &[]),
    }
}

/// Whether a leaf of compose says a value of the spec.
fn says(field: &str, leaf: &Json, value: &Json) -> bool {
    let text = leaf.as_str().map_or_else(|| leaf.to_string(), str::to_owned);
    let wanted = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match field.rsplit('/').next().unwrap() {
        "memory" => Memory::parse(&wanted).unwrap().bytes.to_string() == text,
        "cpu" => (Cpu::parse(&wanted).unwrap().0 as f64 / 1e9 - text.parse::<f64>().unwrap_or(-1.0)).abs() < 1e-6,
        "interval" | "timeout" | "startPeriod" | "stopGracePeriod" => {
            amounts::duration(&text).is_some() && amounts::duration(&text) == amounts::duration(&wanted)
        }
        "publish" => text.split('-').next() == Some(&wanted),
        "replicas" | "retries" | "pids" | "gpu" => text == wanted,
        // flags among other words, a number of an update
        _ => true,
    }
}

#[derive(Default)]
struct Tally {
    changed: usize,
    /// Numbers that lint refuses to change, by rule.
    refused: BTreeMap<String, usize>,
    failures: Vec<String>,
}

/// Sets values in a spec.
pub fn with(spec: &Json, changes: &[(&Number, &Json)]) -> String {
    let mut changed = spec.clone();
    for (number, value) in changes {
        let pointer: String =
            number.path.iter().map(|key| format!("/{}", key.replace('~', "~0").replace('/', "~1"))).collect();
        *changed.pointer_mut(&pointer).unwrap() = (*value).clone();
    }
    changed.to_string()
}

/// Changes numbers of different services at once; where lint refuses that, one by one.
fn try_all(tally: &mut Tally, name: &str, folder: &Path, args: &Args, spec: &Json, before: &Json, numbers: &[&Number]) {
    let first: Vec<(&Number, &Json)> = numbers.iter().map(|number| (*number, &number.others[0])).collect();
    if let Ok(text) = rendered(folder, &with(spec, &first)) {
        return judge(tally, name, folder, args, before, &text, &first);
    }
    for number in numbers {
        let mut why = String::new();
        let taken = number.others.iter().find_map(|value| match rendered(folder, &with(spec, &[(number, value)])) {
            Ok(text) => Some((value, text)),
            Err(refusal) => {
                why = refusal;
                None
            }
        });
        match taken {
            Some((value, text)) => judge(tally, name, folder, args, before, &text, &[(number, value)]),
            None => *tally.refused.entry(why.split(':').next().unwrap().to_owned()).or_default() += 1,
        }
    }
}

fn judge(
    tally: &mut Tally,
    name: &str,
    folder: &Path,
    args: &Args,
    before: &Json,
    text: &str,
    changes: &[(&Number, &Json)],
) {
    fs::write(folder.join("law.override.yml"), text).unwrap();
    let files = [args.files.clone(), vec!["law.override.yml".to_owned()]].concat();
    let after = match composed(folder, &files).unwrap() {
        Ok(after) => after,
        Err(why) => return tally.failures.push(format!("{name}: compose refuses: {why}\n{text}")),
    };
    let mut differs: BTreeSet<String> = difference("", before, &after).into_iter().collect();
    for (number, value) in changes {
        let (own, allowed) = places(&number.field);
        let prefix = format!("/services/{}/", number.service);
        let below = |leaf: &str, places: &[&str]| {
            let rest = leaf.strip_prefix(&prefix).unwrap_or_default();
            places.iter().any(|place| rest.starts_with(place))
        };
        let found: Vec<String> = differs.iter().filter(|leaf| below(leaf, own)).cloned().collect();
        // a base that has both styles has the number twice, and so has the override
        let right = !found.is_empty()
            && found.iter().all(|leaf| {
                let new = leaf.rsplit(" → ").next().unwrap();
                says(&number.field, &serde_json::from_str(new).unwrap_or(json!(new)), value)
            });
        let extra = differs.iter().filter(|leaf| below(leaf, allowed)).count();
        if !right || found.len() > 2 {
            let what = format!("{name}: {} to {value}: {found:?} (and {extra} listed)\n{text}", number.path.join("."));
            tally.failures.push(what);
        } else {
            tally.changed += 1;
        }
        differs.retain(|leaf| !below(leaf, own) && !below(leaf, allowed));
    }
    if !differs.is_empty() {
        tally.failures.push(format!("{name}: {differs:?} differ too\n{text}"));
    }
}

#[test]
fn each_number_of_an_import_is_one_number_of_the_document() {
    let mut tally = Tally::default();
    for (name, dir, args) in projects() {
        let Some(taken) = composed(dir.path(), &args.files) else { return };
        let Ok(before) = taken else { continue };
        let text = imported(dir.path(), &args).text;
        let spec: Json = serde_yaml::from_str(&text).unwrap();
        let all = numbers(&spec);
        let mut by_service: BTreeMap<&str, Vec<&Number>> = BTreeMap::new();
        all.iter().for_each(|number| by_service.entry(&number.service).or_default().push(number));
        let rounds = by_service.values().map(Vec::len).max().unwrap_or(0);
        for round in 0..rounds {
            let numbers: Vec<&Number> = by_service.values().filter_map(|numbers| numbers.get(round).copied()).collect();
            try_all(&mut tally, &name, dir.path(), &args, &spec, &before, &numbers);
        }
    }
    say(&format!(
        "law 1, second half: {} numbers changed, each in one place; {} not changeable: lint says why: {:?}",
        tally.changed,
        tally.refused.values().sum::<usize>(),
        tally.refused
    ));
    assert!(tally.changed > 0, "nothing was changed");
    assert!(tally.failures.is_empty(), "{} failed:\n{}", tally.failures.len(), tally.failures.join("\n"));
}
