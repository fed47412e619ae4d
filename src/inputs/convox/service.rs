//! One service of a `convox.yml` in the vocabulary of the spec, and facts. Knows no rule.

use super::scale::{self, whole};
use super::{ConvoxFindings, hangs_on_a_variable};
use crate::inputs::facts::{Facts, RareFacts, ReplicationMode};
use crate::inputs::images::known_image;
use crate::inputs::layer::LayerService;
use crate::inputs::tree::{field, list, map, with_node, with_text, with_value};
use crate::model::{BaseScaler, Val, is_variable_name};
use crate::syntax::{Entry, Node, Value};
use std::collections::HashSet;
use std::rc::Rc;

/// The fields and facts of a service, and the variables that the file gives to all of them.
pub(super) fn layer(entry: &Entry, shared: Option<&Node>, found: &mut ConvoxFindings) -> LayerService {
    let node = &entry.node;
    let mut fields = Vec::new();
    if let Some(image) = node.get("image") {
        fields.push(text_field("image", &image.node));
    }
    fields.extend(environment(entry, shared));
    fields.extend(ports(node));
    fields.extend(scale::fields(node, found));
    fields.extend(health(node));
    fields.extend(update(node));
    fields.extend(grace(node));
    let facts = facts(entry);
    LayerService { service: with_node(entry, map(node, fields)), backing: None, facts: Rc::new(facts) }
}

/// A text as written; unknown if Convox replaces something in it.
fn text_field(key: &str, node: &Rc<Node>) -> Entry {
    match node.as_str() {
        Some(text) if hangs_on_a_variable(text) => field(key, node, with_value(node, Value::Unknown)),
        Some(text) => field(key, node, with_text(node, text)),
        None => field(key, node, with_value(node, Value::Unknown)),
    }
}

/// Variables with a value of their own: `NAME=value` in a list. What the file gives to all services comes first, and the last of a
/// name holds.
fn environment(service: &Entry, shared: Option<&Node>) -> Option<Entry> {
    let own = service.node.get("environment").map(|entry| &*entry.node);
    let at = own.or(shared)?;
    let mut variables: Vec<(&str, &Rc<Node>, Option<&str>)> = Vec::new();
    for item in [shared, own].into_iter().flatten().flat_map(|list| list.items()) {
        let Some(text) = item.as_str() else { continue };
        // a name alone takes its value from elsewhere
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        match variables.iter_mut().find(|(known, ..)| *known == name) {
            Some(variable) => *variable = (name, item, value),
            None => variables.push((name, item, value)),
        }
    }
    let written = variables.into_iter().filter(|(name, ..)| is_variable_name(name));
    let entries: Vec<Entry> = written
        .filter_map(|(name, item, value)| {
            let open = hangs_on_a_variable(value?);
            let node = if open { with_value(item, Value::Unknown) } else { with_text(item, value?) };
            Some(field(name, item, node))
        })
        .collect();
    (!entries.is_empty()).then(|| field("env", at, map(at, entries)))
}

/// `port`: `3000`, `https:3000` or `{ port: 3000 }`, to which requests are routed, and the others of `ports`: `5000/udp`.
fn ports(service: &Node) -> Option<Entry> {
    let main = service.get("port").and_then(|entry| {
        let node = if entry.node.entries().is_empty() { &entry.node } else { &entry.node.get("port")?.node };
        let number = match node.as_str() {
            Some(text) => text.rsplit(':').next()?.parse().ok()?,
            None => node.as_whole()?,
        };
        port(node, number, None)
    });
    let others = service.get("ports").map_or(&[][..], |all| all.node.items()).iter().filter_map(|item| {
        let Some(text) = item.as_str() else { return port(item, item.as_whole()?, None) };
        let (number, protocol) = text.split_once('/').map_or((text, None), |(number, word)| (number, Some(word)));
        port(item, number.parse().ok()?, protocol.filter(|word| *word == "udp"))
    });
    let mut known = HashSet::new();
    let is_new = |port: &Rc<Node>| {
        let text = |key: &str| port.get(key).map(|entry| entry.node.to_json().to_string());
        known.insert((text("port"), text("protocol")))
    };
    let all: Vec<Rc<Node>> = main.into_iter().chain(others).filter(is_new).collect();
    let at = service.get("port").or_else(|| service.get("ports"))?;
    (!all.is_empty()).then(|| field("ports", &at.node, list(&at.node, all)))
}

fn port(at: &Rc<Node>, number: i64, protocol: Option<&str>) -> Option<Rc<Node>> {
    (1..=65_535).contains(&number).then(|| {
        let mut fields = vec![field("port", at, with_value(at, Value::Int(number)))];
        fields.extend(protocol.map(|word| field("protocol", at, with_text(at, word))));
        map(at, fields)
    })
}

/// A path, alone or among others.
fn health(service: &Node) -> Option<Entry> {
    let entry = service.get("health")?;
    let node = if entry.node.entries().is_empty() { &entry.node } else { &entry.node.get("path")?.node };
    let path = node.as_str().filter(|path| path.starts_with('/') && !hangs_on_a_variable(path))?;
    let http = field("http", node, with_text(node, path));
    Some(field("health", &entry.node, map(&entry.node, vec![http])))
}

/// `deployment: { minimum: 50, maximum: 200 }`, percent of what runs.
fn update(service: &Node) -> Option<Entry> {
    let entry = service.get("deployment")?;
    let mut fields = Vec::new();
    if let Some(most) = entry.node.get("maximum") {
        let surge = whole(&most.node);
        fields.extend(
            surge
                .filter(|most| (100..=200).contains(most))
                .map(|percent| field("surge", &most.node, with_text(&most.node, &format!("{}%", percent - 100)))),
        );
    }
    if let Some(least) = entry.node.get("minimum") {
        let fewer = whole(&least.node);
        fields.extend(
            fewer.filter(|least| (0..=100).contains(least)).map(|percent| {
                field("unavailable", &least.node, with_text(&least.node, &format!("{}%", 100 - percent)))
            }),
        );
    }
    (!fields.is_empty()).then(|| field("update", &entry.node, map(&entry.node, fields)))
}

/// `termination: { grace: 45 }`, in seconds.
fn grace(service: &Node) -> Option<Entry> {
    let entry = service.get("termination")?.node.get("grace")?;
    let seconds = whole(&entry.node).filter(|seconds| *seconds >= 0)?;
    Some(field("stopGracePeriod", &entry.node, with_text(&entry.node, &format!("{seconds}s"))))
}

fn facts(entry: &Entry) -> Facts {
    let node = &entry.node;
    let image = node.get("image").and_then(|image| image.node.as_str()).filter(|text| !hangs_on_a_variable(text));
    let agent = node.get("agent").filter(|agent| match &agent.node.value {
        Value::Bool(is) => *is,
        // v2 takes any mapping for one, v3 refuses the file
        Value::Map(_) => true,
        _ => false,
    });
    let words = node.get("command").map(|command| {
        let text = command.node.as_str().unwrap_or_default();
        let word = |word: &str| Val::new(word.to_owned(), command.at());
        text.split_whitespace().map(word).collect()
    });
    let rare =
        RareFacts { mode: agent.map(|agent| Val::new(ReplicationMode::Global, agent.at())), ..RareFacts::default() };
    Facts {
        at: entry.at(),
        // a rack makes a HorizontalPodAutoscaler of targets
        scaler: node.get("scale").filter(|scale| scale.node.get("targets").is_some()).map(|_| BaseScaler::Horizontal),
        runnable: true,
        words: words.unwrap_or_default(),
        image: image.and_then(known_image),
        starts: true,
        rare: rare.into(),
        ..Facts::default()
    }
}
