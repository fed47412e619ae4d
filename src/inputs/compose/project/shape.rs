//! What docker compose refuses in the parts of its file that are read here: other forms than it takes, and text that does not
//! read as a number. Keys are not judged: newer releases have more of them. Knows no rule.
//!
//! Held to docker compose's own verdicts by `tests/it/inputs/compose.rs`. Text with a variable that has no default is not judged.

use super::merge::is_reset;
use super::ports;
use super::shape_forms::{Reads, ValueForm, is_number_of_go};
use super::variables::{Variables, fill};
use crate::inputs::text::{UNKNOWN, scalar};
use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::FieldSpan;
use crate::syntax::{Entry, Node, Style, Value};
use core::net::IpAddr;
use std::collections::HashMap;

/// The text with every reference replaced by its default; none where one has no default. Text without references is itself.
fn known(text: &str) -> Option<String> {
    let filled = fill(text, &Variables::default());
    (!filled.invalid && !filled.text.contains(UNKNOWN)).then_some(filled.text)
}

/// The entry with this key, unless `!reset` takes it away.
fn get<'n>(node: &'n Node, key: &str) -> Option<&'n Entry> {
    node.get(key).filter(|entry| !is_reset(&entry.node))
}

use ValueForm::{Flag, List, Map, Nothing, Number, Text, Whole};

/// A field of a service: the keys down to it, the forms it takes, what its text must read as.
type ShapeField = (&'static [&'static str], &'static [ValueForm], Reads);

const FIELDS: &[ShapeField] = &[
    (&["image"], &[Text], Reads::AsIs),
    (&["build"], &[Text, Map], Reads::AsIs),
    (&["command"], &[Text, List, Nothing], Reads::AsIs),
    (&["container_name"], &[Text], Reads::ContainerName),
    (&["network_mode"], &[Text], Reads::AsIs),
    (&["scale"], &[Whole, Text], Reads::Count),
    (&["mem_limit"], &[Number, Text], Reads::Size),
    (&["mem_reservation"], &[Whole, Text], Reads::Size),
    (&["cpus"], &[Number, Text], Reads::Number),
    (&["pids_limit"], &[Number, Text], Reads::Whole),
    (&["gpus"], &[Text, List], Reads::All),
    (&["environment"], &[Map, List], Reads::AsIs),
    (&["healthcheck"], &[Map], Reads::AsIs),
    (&["healthcheck", "test"], &[Text, List], Reads::AsIs),
    (&["volumes"], &[List], Reads::AsIs),
    (&["ports"], &[List], Reads::AsIs),
    (&["extends"], &[Text, Map], Reads::AsIs),
    (&["deploy"], &[Map, Nothing], Reads::AsIs),
    (&["deploy", "replicas"], &[Whole, Text], Reads::Count),
    (&["deploy", "resources"], &[Map], Reads::AsIs),
    (&["deploy", "resources", "limits"], &[Map], Reads::AsIs),
    (&["deploy", "resources", "limits", "cpus"], &[Number, Text], Reads::Number),
    (&["deploy", "resources", "limits", "memory"], &[Text], Reads::Size),
    (&["deploy", "resources", "limits", "pids"], &[Whole, Text], Reads::Whole),
    (&["deploy", "resources", "reservations"], &[Map], Reads::AsIs),
    (&["deploy", "resources", "reservations", "cpus"], &[Number, Text], Reads::Number),
    (&["deploy", "resources", "reservations", "memory"], &[Text], Reads::Size),
    (&["deploy", "resources", "reservations", "devices"], &[List], Reads::AsIs),
];

/// The forms that items of these lists take.
const ITEMS: &[(&[&str], &[ValueForm])] = &[
    (&["command"], &[Text]),
    (&["environment"], &[Text]),
    (&["healthcheck", "test"], &[Text]),
    (&["volumes"], &[Text, Map]),
    (&["ports"], &[Whole, Text, Map]),
    (&["gpus"], &[Map]),
    (&["deploy", "resources", "reservations", "devices"], &[Map]),
];

/// The parts of a port's and a volume's long form, and whether one must be there.
const PORT: &[(&str, &[ValueForm], Reads, bool)] = &[
    ("target", &[Whole, Text], Reads::Whole, true),
    ("published", &[Whole, Text], Reads::AsIs, false),
    ("protocol", &[Text], Reads::AsIs, false),
    ("host_ip", &[Text], Reads::AsIs, false),
];
const VOLUME: &[(&str, &[ValueForm], Reads, bool)] =
    &[("type", &[Text], Reads::AsIs, true), ("target", &[Text], Reads::AsIs, true)];

/// What is wrong with a service of a compose file; `all` are the services of the file, `partial` says that there are more.
pub(in crate::inputs::compose) fn service(
    entry: &Entry,
    all: &HashMap<&str, &Entry>,
    partial: bool,
    found: &mut Vec<Finding>,
) {
    if form(entry, false, found) {
        extended(entry, all, partial, found);
    }
}

/// What is wrong with the forms in a service; whether it is a mapping. Under one that is laid over another (`over`), nothing
/// leaves what the other has.
pub(super) fn form(entry: &Entry, over: bool, found: &mut Vec<Finding>) -> bool {
    let node = &*entry.node;
    let left = |node: &Node| over && node.is_null();
    if left(node) {
        return false;
    }
    if !is(&entry.key, &[Map], node, entry.at(), found) {
        return false;
    }
    for (path, forms, reads) in FIELDS {
        let Some((key, field)) = at(node, path).filter(|(_, field)| !left(&field.node)) else { continue };
        if is(key, forms, &field.node, field.at(), found) {
            text(key, *reads, &field.node, field.at(), found);
        }
    }
    for (path, forms) in ITEMS {
        let Some((key, field)) = at(node, path) else { continue };
        for item in field.node.items() {
            if is(key, forms, item, item.at(), found) {
                one(key, item, found);
            }
        }
    }
    if let Some((key, variables)) = at(node, &["environment"]) {
        for variable in variables.node.entries() {
            is(key, &[Text, Number, Flag, Nothing], &variable.node, variable.at(), found);
        }
    }
    if let Some((key, test)) = at(node, &["healthcheck", "test"])
        && let Some(first) = test.node.items().first()
        && first.as_str().and_then(known).is_some_and(|first| !["CMD", "CMD-SHELL", "NONE"].contains(&&*first))
    {
        found.push(invalid(key, "`CMD`, `CMD-SHELL` or `NONE` first", first, first.at()));
    }
    true
}

/// The field at the end of these keys, with its key.
fn at<'n>(node: &'n Node, path: &[&'static str]) -> Option<(&'static str, &'n Entry)> {
    let (last, above) = path.split_last()?;
    let parent = above.iter().try_fold(node, |node, key| get(node, key).map(|entry| &*entry.node))?;
    Some((last, get(parent, last)?))
}

/// Refuses a value of another form.
fn is(key: &str, forms: &[ValueForm], node: &Node, at: FieldSpan, found: &mut Vec<Finding>) -> bool {
    if forms.iter().any(|form| form.takes(node)) {
        return true;
    }
    let forms: Vec<&str> = forms.iter().map(|form| form.words()).collect();
    let forms = forms.join(" or ");
    let key = key.escape_debug();
    let message = format!("docker compose takes {forms} for `{key}`, not {}", node.kind());
    let finding = Finding::new("wrong-type", Severity::Error, at.place(), message);
    found.push(finding.help(format!("write {forms}, or leave `{key}` out")));
    false
}

/// Refuses a text that does not read as it must, and a negative number where none may stand.
fn text(key: &str, reads: Reads, node: &Node, at: FieldSpan, found: &mut Vec<Finding>) {
    let wrong = match &node.value {
        Value::Str if node.style == Style::Plain && is_number_of_go(&node.text) => false,
        Value::Str => known(&node.text).is_some_and(|text| !reads.takes(&text)),
        Value::Float(number) => !number.is_finite() && reads == Reads::Number,
        _ => reads == Reads::Count && node.as_whole().is_some_and(|number| number < 0),
    };
    if wrong {
        let rule = match reads {
            Reads::Size => "invalid-quantity",
            Reads::Count | Reads::Whole | Reads::Number => "wrong-type",
            Reads::AsIs | Reads::ContainerName | Reads::All => "invalid-value",
        };
        found.push(Finding { rule: rule.into(), ..invalid(key, reads.words(), node, at) });
    }
}

fn invalid(key: &str, takes: &str, node: &Node, at: FieldSpan) -> Finding {
    let message = format!("docker compose takes {takes} for `{key}`, not `{}`", node.text.escape_debug());
    Finding::new("invalid-value", Severity::Error, at.place(), message).help(format!("write {takes}"))
}

/// One item of a list that has a grammar of its own.
fn one(key: &str, item: &Node, found: &mut Vec<Finding>) {
    let parts = match (key, &item.value) {
        ("ports", Value::Map(_)) => PORT,
        ("volumes", Value::Map(_)) => VOLUME,
        ("ports", _) => {
            if scalar(item).and_then(known).is_some_and(|text| ports::is_refused(item, &text)) {
                found.push(invalid(key, "`[[address:]host:]container[/protocol]`", item, item.at()));
            }
            return;
        }
        ("volumes", _) if known(&item.text).is_some_and(|text| text.is_empty()) => {
            return found.push(invalid(key, "a path", item, item.at()));
        }
        _ => return,
    };
    for (part, forms, reads, needed) in parts {
        match get(item, part) {
            Some(entry) => part_of_one(part, forms, *reads, entry, found),
            None if *needed => {
                let message = format!("docker compose takes no item of `{key}` without `{part}`");
                let finding = Finding::new("missing-field", Severity::Error, item.at().place(), message);
                found.push(finding.help(format!("add `{part}`")));
            }
            None => {}
        }
    }
}

fn part_of_one(part: &str, forms: &[ValueForm], reads: Reads, entry: &Entry, found: &mut Vec<Finding>) {
    if !is(part, forms, &entry.node, entry.at(), found) {
        return;
    }
    text(part, reads, &entry.node, entry.at(), found);
    let text = entry.node.as_str().and_then(known).filter(|text| part == "host_ip" && !text.is_empty());
    if text.is_some_and(|text| !is_address(&text)) {
        found.push(invalid(part, "an address", &entry.node, entry.at()));
    }
}

/// Refuses a service that extends one that is not there, or itself by way of others.
fn extended(entry: &Entry, all: &HashMap<&str, &Entry>, partial: bool, found: &mut Vec<Finding>) {
    let Some(first) = get(&entry.node, "extends") else { return };
    let far = get(&first.node, "file").is_some_and(|file| !file.node.is_null());
    let service = get(&first.node, "service").filter(|service| service.node.as_str().is_some());
    if matches!(first.node.value, Value::Map(_)) && service.is_none() {
        let message = "docker compose takes no `extends` without `service`";
        let finding = Finding::new("missing-field", Severity::Error, first.at().key(), message);
        return found.push(finding.help("add `service`, a service's name"));
    }
    let name = service.unwrap_or(first).node.as_str();
    let Some(name) = name.filter(|name| !far && !partial && !name.contains('$')) else { return };
    let place = service.unwrap_or(first).at().place();
    let wrong = |message: String, help: &str| Finding::new("invalid-value", Severity::Error, place, message).help(help);
    if !all.contains_key(name) {
        let message = format!("`{}` extends `{}`, which the file does not have", entry.key, name.escape_debug());
        return found.push(wrong(message, "name a service of this file"));
    }
    let mut next = Some(name);
    for _ in 0..all.len() {
        let Some(name) = next else { return };
        if name == &*entry.key {
            let message = format!("`{}` extends itself", entry.key);
            return found.push(wrong(message, "leave one `extends` of the circle out"));
        }
        let onward = all.get(name).and_then(|entry| get(&entry.node, "extends"));
        next = onward.and_then(|entry| match &entry.node.value {
            Value::Map(_) if get(&entry.node, "file").is_some() => None,
            Value::Map(_) => get(&entry.node, "service").and_then(|entry| entry.node.as_str()),
            _ => entry.node.as_str(),
        });
    }
}

/// Whether a text is an address, in brackets or not.
pub(super) fn is_address(text: &str) -> bool {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    text.contains(UNKNOWN) || bare.parse::<IpAddr>().is_ok()
}

/// What is wrong beside the services.
pub(in crate::inputs::compose) fn top(root: &Node, found: &mut Vec<Finding>) {
    let fields: [(&str, &[ValueForm]); 3] = [("version", &[Text]), ("name", &[Text]), ("include", &[List, Nothing])];
    for (key, forms) in fields {
        if let Some(entry) = get(root, key) {
            is(key, forms, &entry.node, entry.at(), found);
        }
    }
    for entry in root.get("services").map_or(&[][..], |services| services.node.entries()) {
        let lawful = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if entry.key.is_empty() || !entry.key.chars().all(lawful) {
            let message = format!("docker compose takes no service named `{}`", entry.key.escape_debug());
            let finding = Finding::new("invalid-value", Severity::Error, entry.at().key(), message);
            found.push(finding.help("letters, digits, `.`, `_` and `-` make a name"));
        }
    }
}
