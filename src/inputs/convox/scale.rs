//! `scale` of a service: replicas, amounts and the autoscaler's target, each form as Convox's reader takes it
//! (pkg/manifest/yaml.go and manifest.go of convox/convox).

use super::{ConvoxFindings, hangs_on_a_variable};
use crate::inputs::tree::{field, map, with_text, with_value};
use crate::support::diagnostic::{Finding, Severity};
use crate::syntax::{Entry, Node, Value};
use std::rc::Rc;

/// The most replicas if an autoscaler has only a minimum.
const MOST_BY_DEFAULT: i64 = 10;

/// Replicas, resources and the target of a service.
pub(super) fn fields(service: &Node, found: &mut ConvoxFindings) -> Vec<Entry> {
    let Some(scale) = service.get("scale") else { return Vec::new() };
    let node = &scale.node;
    match &node.value {
        Value::Map(_) => {
            let replicas = counted(node, found);
            let mut all: Vec<Entry> = replicas.into_iter().collect();
            all.extend(resources(node, found));
            all.extend(autoscaling(node));
            all
        }
        Value::Int(_) | Value::Str => range(node, found).into_iter().collect(),
        Value::Unknown | Value::Null => Vec::new(),
        _ => {
            found.push(refused(
                node,
                format!("{} is not a scale", node.kind()),
                "write a number, \"1-5\" or a mapping",
            ));
            Vec::new()
        }
    }
}

/// Reports a value that Convox's reader refuses, and the whole file with it.
fn refused(node: &Node, message: String, help: &str) -> Finding {
    Finding::new("wrong-type", Severity::Error, node.at().place(), message).help(help.to_owned())
}

/// A whole number, which must be written as one to count. A value that Convox silently drops is reported with the value that applies instead.
pub(super) fn written(node: &Node, key: &str, form: &str, instead: &str, found: &mut ConvoxFindings) -> Option<i64> {
    match &node.value {
        Value::Int(number) => Some(*number),
        Value::Null | Value::Unknown => None,
        Value::Str if hangs_on_a_variable(&node.text) => None,
        Value::Str | Value::Float(_) | Value::Bool(_) => {
            let message = format!(
                "`{}` is not {form}: Convox drops `{key}` without a word, and {instead} holds",
                node.text.escape_debug()
            );
            found.push(refused(node, message, &format!("write {form}, without quotes and units")));
            None
        }
        Value::Seq(_) | Value::Map(_) => None,
    }
}

/// A whole number as yaml.v2 puts it into a field of Go, which cuts a fraction off. What it refuses is judged by shape.
pub(super) fn whole(node: &Node) -> Option<i64> {
    match node.value {
        Value::Int(number) => Some(number),
        Value::Float(number) if (0.0..1e9).contains(&number) => format!("{:.0}", number.trunc()).parse().ok(),
        _ => None,
    }
}

/// A number of replicas: `3`, `"3"`, `"1-5"`.
fn range(node: &Rc<Node>, found: &mut ConvoxFindings) -> Option<Entry> {
    if let Value::Int(count) = node.value {
        return Some(field("replicas", node, with_value(node, Value::Int(count))));
    }
    let text = node.as_str()?;
    if hangs_on_a_variable(text) {
        return Some(field("replicas", node, with_value(node, Value::Unknown)));
    }
    let parts: Vec<Option<i64>> = text.split('-').map(|part| part.parse().ok()).collect();
    match parts[..] {
        [Some(count)] => Some(field("replicas", node, with_value(node, Value::Int(count)))),
        [Some(min), Some(max)] => Some(bounds(node, (node, min), (node, max))),
        _ => {
            let message = format!("`{}` is not a number of replicas: Convox refuses the file", text.escape_debug());
            found.push(refused(node, message, "write a number, or \"1-5\""));
            None
        }
    }
}

fn bounds(at: &Node, (min_at, min): (&Node, i64), (max_at, max): (&Node, i64)) -> Entry {
    let number = |key: &str, node: &Node, number: i64| field(key, node, with_value(node, Value::Int(number)));
    field("replicas", at, map(at, vec![number("min", min_at, min), number("max", max_at, max)]))
}

/// `count`, or `min` and `max`.
fn counted(scale: &Rc<Node>, found: &mut ConvoxFindings) -> Option<Entry> {
    let autoscaled = ["autoscale", "keda"].iter().any(|key| scale.get(key).is_some());
    let own = |key: &str, node: &Node, found: &mut ConvoxFindings| {
        let entry = node.get(key)?;
        let number =
            numeric(&entry.node).or_else(|| written(&entry.node, key, "a whole number", "the default", found))?;
        Some((Rc::clone(&entry.node), number))
    };
    let (min, max) = (own("min", scale, found), own("max", scale, found));
    match (min, max) {
        (Some((min_at, min)), Some((max_at, max))) => return Some(bounds(scale, (&min_at, min), (&max_at, max))),
        (Some((at, min)), None) => {
            let most = if autoscaled { MOST_BY_DEFAULT.max(min) } else { min };
            return Some(bounds(&at, (&at, min), (&at, most)));
        }
        (None, Some((at, max))) => {
            let least = if autoscaled { 1.min(max) } else { max };
            return Some(bounds(&at, (&at, least), (&at, max)));
        }
        (None, None) => {}
    }
    let count = scale.get("count");
    if scale.entries().is_empty() {
        // an empty mapping is a count of 0
        return Some(field("replicas", scale, with_value(scale, Value::Int(0))));
    }
    let count = &count?.node;
    if !matches!(count.value, Value::Map(_)) {
        return range(count, found);
    }
    let (min, max) = (own("min", count, found), own("max", count, found));
    let (min_at, min) = min.unwrap_or_else(|| (Rc::clone(count), 0));
    let (max_at, max) = max.unwrap_or_else(|| (Rc::clone(count), min));
    Some(bounds(count, (&min_at, min), (&max_at, max)))
}

/// A number, or a text of one.
fn numeric(node: &Node) -> Option<i64> {
    match &node.value {
        Value::Int(number) => Some(*number),
        Value::Str => node.text.parse().ok(),
        _ => None,
    }
}

/// Requests and limits: `cpu` in thousandths of a core, `memory` in MiB. The limit of memory is always set.
fn resources(scale: &Rc<Node>, found: &mut ConvoxFindings) -> Option<Entry> {
    let limit = scale.get("limit").map(|entry| Rc::clone(&entry.node));
    let cpu = |node: &Node, instead: &str, found: &mut ConvoxFindings| {
        let millis = written(node, "cpu", "whole thousandths of a core", instead, found)?;
        (millis > 0).then(|| field("cpu", node, with_text(node, &format!("{millis}m"))))
    };
    let memory = |node: &Node, instead: &str, found: &mut ConvoxFindings| {
        let mebibytes = written(node, "memory", "whole MiB", instead, found)?;
        (mebibytes > 0).then(|| field("memory", node, with_text(node, &format!("{mebibytes}Mi"))))
    };
    let asked = |key: &str| scale.get(key).map(|entry| Rc::clone(&entry.node));
    let bounded = |key: &str| limit.as_ref().and_then(|limit| limit.get(key)).map(|entry| Rc::clone(&entry.node));
    let cpu_asked = asked("cpu").and_then(|node| cpu(&node, "250", found));
    let memory_asked = asked("memory").and_then(|node| memory(&node, "512", found));
    let bound = |key: &str, unit: &str| {
        let node = bounded(key)?;
        let amount = whole(&node).filter(|amount| *amount > 0)?;
        Some(field(key, &node, with_text(&node, &format!("{amount}{unit}"))))
    };
    let (cpu_bound, memory_bound) = (bound("cpu", "m"), bound("memory", "Mi"));
    let memory_bound = memory_bound.or_else(|| memory_asked.clone());
    let part = |key: &str, fields: Vec<Entry>| (!fields.is_empty()).then(|| field(key, scale, map(scale, fields)));
    let requests = part("requests", cpu_asked.into_iter().chain(memory_asked).collect());
    let limits = part("limits", cpu_bound.into_iter().chain(memory_bound).collect());
    part("resources", requests.into_iter().chain(limits).collect())
}

/// `targets: { cpu: 70 }` of the HorizontalPodAutoscaler that Convox makes of a range.
fn autoscaling(scale: &Rc<Node>) -> Option<Entry> {
    let targets = scale.get("targets")?;
    let (signal, target) = ["cpu", "memory"].into_iter().find_map(|key| Some((key, targets.node.get(key)?)))?;
    let percent = whole(&target.node)?;
    if !(1..=100).contains(&percent) {
        return None;
    }
    let node = &target.node;
    let share = format!("{}.{:02}", percent / 100, percent % 100);
    let threshold = field("threshold", node, number(node, &share));
    let up = field("scaleUp", node, map(node, vec![threshold]));
    Some(field("autoscaling", node, map(node, vec![field("signal", node, with_text(node, signal)), up])))
}

/// A decimal number at the place of `node`.
fn number(node: &Node, text: &str) -> Rc<Node> {
    let mut made = Node::clone(&with_text(node, text));
    made.value = text.parse().map_or(Value::Unknown, Value::Float);
    Rc::new(made)
}
