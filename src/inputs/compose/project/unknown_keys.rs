//! Reports keys that docker compose does not know, with the key that was probably meant. Knows no rule.

use crate::inputs::compose::keys::value_shape::{ShapeKeys, ValueShape};
use crate::inputs::compose::keys::verdicts;
use crate::inputs::text::{is_private, known_text};
use crate::support::diagnostic::{Finding, Severity};
use crate::support::suggest;
use crate::syntax::{Entry, Node, Value};

/// The most suggestions that are searched for in a document: each search costs as much as there are keys.
const MOST_GUESSES: usize = 200;

/// A value longer than this is not repeated.
const MOST_SHOWN: usize = 12;

/// The level of a mapping in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyLevel {
    File,
    Service,
    BelowService,
}

/// Where a key that is in a service by mistake may belong, in the order of the search.
const BELOW: [&[&str]; 5] =
    [&["deploy"], &["deploy", "resources"], &["deploy", "resources", "limits"], &["healthcheck"], &["build"]];

/// Words of other tools for keys of a service.
const OTHER_WORDS: [(&str, &str); 7] = [
    ("cmd", "command"),
    ("env", "environment"),
    ("health", "healthcheck"),
    ("mem", "mem_limit"),
    ("memory_limit", "mem_limit"),
    ("name", "container_name"),
    ("resource", "deploy"),
];

/// Words of other tools for keys below a key of a service.
const OTHER_WORDS_BELOW: [(&str, &str); 9] = [
    ("cmd", "test"),
    ("command", "test"),
    ("containerPort", "target"),
    ("failureThreshold", "retries"),
    ("hostPort", "published"),
    ("initialDelaySeconds", "start_period"),
    ("mountPath", "target"),
    ("periodSeconds", "interval"),
    ("timeoutSeconds", "timeout"),
];

/// What was reported for a document's keys.
#[derive(Debug, Default)]
pub(super) struct UnknownKeys {
    guesses: usize,
}

impl UnknownKeys {
    /// Refuses a key that is none of these, unless compose ignores it.
    pub(super) fn refuse_unknown(
        &mut self,
        entry: &Entry,
        beside: &Node,
        keys: impl Iterator<Item = (&'static str, &'static ValueShape)>,
        level: KeyLevel,
        found: &mut Vec<Finding>,
    ) {
        if entry.key.starts_with("x-") {
            if &*entry.key == "x-scalegen" {
                let message = "nothing reads `x-scalegen`: what scalegen is told is in a spec beside the compose file";
                let finding = Finding::new("dead-setting", Severity::Warning, entry.at().key(), message);
                found.push(finding.help("write it into scalegen.yaml, which `scalegen import` writes over this file"));
            }
            return;
        }
        let message = format!("docker compose knows no key `{}` here", entry.key.escape_debug());
        let mut finding = Finding::new("unknown-field", Severity::Error, entry.at().key(), message);
        // the value of an unknown key may be a secret
        if repeatable_value(&entry.node).is_none() && !entry.node.is_null() {
            finding = finding.secret(entry.node.span);
        }
        self.guesses += 1;
        let meant = (self.guesses <= MOST_GUESSES).then(|| probable_key(entry, beside, keys, level)).flatten();
        if let Some(ExpectedKey::Here(close)) = meant
            && beside.get(close).is_none()
        {
            finding = finding.fix_in_own_words(entry.key_span, close, false);
        }
        let general = || "remove it, or begin its name with `x-`: docker compose ignores such keys".to_owned();
        found.push(finding.help(meant.map_or_else(general, ExpectedKey::help)));
    }

    /// Reports a file with services at its root, where the first version of compose files had them.
    pub(super) fn without_services(&mut self, root: &Node, found: &mut Vec<Finding>) -> bool {
        let is_service = |entry: &&Entry| ["image", "build"].iter().any(|key| entry.node.get(key).is_some());
        let services: Vec<&Entry> = root.entries().iter().filter(is_service).collect();
        let section = root.get("services");
        let Some(first) = services.first().filter(|_| section.is_none_or(|section| section.node.is_null())) else {
            return false;
        };
        let names: Vec<String> =
            services.iter().take(3).map(|entry| format!("`{}`", entry.key.escape_debug())).collect();
        let more = if services.len() > names.len() { ", …" } else { "" };
        let message = format!(
            "services are at the root of the file, where docker compose refuses them: {}{more}",
            names.join(", ")
        );
        let finding = Finding::new("unknown-field", Severity::Error, first.at().key(), message);
        found.push(finding.help(match section {
            Some(_) => "indent them, two columns further in than `services:`",
            None => "write `services:` above them, and them two columns further in",
        }));
        true
    }
}

/// What was probably meant by a key.
enum ExpectedKey {
    /// Another key in the same place.
    Here(&'static str),
    /// Something else, with how to write it.
    Elsewhere(String),
}

impl ExpectedKey {
    fn help(self) -> String {
        match self {
            ExpectedKey::Here(close) => format!("did you mean `{close}`?"),
            ExpectedKey::Elsewhere(help) => help,
        }
    }
}

/// Finds what was probably meant by a key.
fn probable_key(
    entry: &Entry,
    beside: &Node,
    keys: impl Iterator<Item = (&'static str, &'static ValueShape)>,
    level: KeyLevel,
) -> Option<ExpectedKey> {
    let key = &*entry.key;
    if level == KeyLevel::Service
        && let Some(path) = BELOW.iter().find(|path| has_key(path, key))
    {
        // keys that exist on the way stay
        let there = path.iter().scan(Some(beside), |node, key| {
            *node = node.and_then(|node| node.get(key)).map(|entry| &*entry.node);
            node.filter(|node| matches!(node.value, Value::Map(_))).map(|_| *key)
        });
        let there: Vec<&str> = there.collect();
        let rest = path.get(there.len()..).unwrap_or_default();
        let text = nested(rest, key, repeatable_value(&entry.node).as_deref());
        return Some(ExpectedKey::Elsewhere(match there.is_empty() {
            true => format!("write `{text}`"),
            false => format!("write `{text}` in `{}`, beside what is there", there.join(".")),
        }));
    }
    if level == KeyLevel::Service
        && let Some((_, own)) = OTHER_WORDS.iter().find(|(other, _)| *other == key)
    {
        return Some(ExpectedKey::Elsewhere(format!("write `{own}`")));
    }
    if level == KeyLevel::Service && ["autoscaling", "autoscale", "hpa"].contains(&key) {
        let help = "remove it: docker compose scales nothing by itself, `deploy: {replicas: …}` is a fixed number";
        return Some(ExpectedKey::Elsewhere(help.to_owned()));
    }
    let names: Vec<&'static str> = keys.map(|(name, _)| name).collect();
    let other = OTHER_WORDS_BELOW.iter().find(|(other, own)| *other == key && names.contains(own));
    if let Some((_, own)) = other.filter(|_| level == KeyLevel::BelowService) {
        return Some(ExpectedKey::Elsewhere(format!("write `{own}`")));
    }
    if let Some(close) = suggest::closest(key, names.into_iter()) {
        return Some(ExpectedKey::Here(close));
    }
    verdicts::of_service(key)?;
    Some(ExpectedKey::Elsewhere(match level {
        KeyLevel::File => format!("`{key}` is a key of a service: write it in one below `services`"),
        _ => format!("`{key}` is a key of the service: write it two columns below the service's name"),
    }))
}

/// Whether the mapping at the end of these keys has this key.
fn has_key(path: &[&'static str], key: &str) -> bool {
    let Some((first, below)) = path.split_first() else { return false };
    let shape = below.iter().try_fold(verdicts::of_service(first), |shape, name| Some(child(shape?, name)));
    shape.flatten().is_some_and(|shape| child(shape, key).is_some())
}

/// The shape of a key's value in a mapping.
fn child(shape: &ValueShape, name: &str) -> Option<&'static ValueShape> {
    match shape.keys {
        ShapeKeys::These(keys) => keys.iter().find(|key| key.name == name).map(|key| key.shape),
        ShapeKeys::Rows(prefix) => verdicts::rows(prefix).find(|(own, _)| *own == name).map(|(_, shape)| shape),
        _ => None,
    }
}

/// `deploy: {resources: {limits: {memory: 512m}}}`.
fn nested(path: &[&str], key: &str, value: Option<&str>) -> String {
    let open: Vec<String> = path.iter().map(|key| format!("{key}: {{")).collect();
    format!("{}{key}: {}{}", open.concat(), value.unwrap_or("…"), "}".repeat(path.len()))
}

/// A value that may be repeated in a message: a number, an amount, a boolean.
fn repeatable_value(node: &Node) -> Option<String> {
    let text = known_text(node).filter(|text| text.len() <= MOST_SHOWN && !is_private(node))?;
    let amount = || {
        let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let is_number = number.starts_with(|c: char| c.is_ascii_digit()) && number.parse::<f64>().is_ok();
        is_number && text.len() - number.len() <= 3
    };
    let is = match node.value {
        Value::Int(_) | Value::Float(_) | Value::Bool(_) => true,
        Value::Str => amount(),
        _ => false,
    };
    is.then(|| text.to_owned())
}
