//! Reports what docker compose refuses in a document of its file: unknown keys, values of other forms, and text that
//! does not parse as it must. Knows no rule.
//!
//! Tested against docker compose's own verdicts by `tests/it/inputs/compose.rs`. Text with a variable that has no default is not checked.

use super::form_help;
use super::ports;
use super::tags::is_reset;
use super::unknown_keys::{KeyLevel, UnknownKeys};
use super::variables::{Variables, fill};
use super::volumes;
use crate::inputs::compose::keys::forms::{Reads, ValueForm, is_number_of_go};
use crate::inputs::compose::keys::sections::FILE;
use crate::inputs::compose::keys::service::MAP;
use crate::inputs::compose::keys::value_shape::{ShapeKey, ShapeKeys, ValueShape};
use crate::inputs::compose::keys::verdicts;
use crate::inputs::text::{UNKNOWN, is_private, scalar};
use crate::inputs::tree::with_text;
use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::FieldSpan;
use crate::syntax::{Entry, Node, Style, Value};
use std::collections::HashMap;

/// The text with every reference replaced by its default; `None` if one has no default. Text without references is itself.
fn with_defaults(text: &str) -> Option<String> {
    let filled = fill(text, &Variables::default());
    (!filled.invalid && !filled.text.contains(UNKNOWN)).then_some(filled.text)
}

/// The faults of documents.
#[derive(Debug, Default)]
pub(super) struct ShapeFaults {
    /// Those for which compose refuses the document.
    pub(super) found: Vec<Finding>,
    /// Those of values that it reads once all files are merged: what another file replaces is not read.
    pub(super) of_merged: Vec<Finding>,
}

/// The faults of a document. In one that is laid over another (`over`), a null keeps the value of the other.
pub(super) fn document(root: &Node, over: bool, faults: &mut ShapeFaults) {
    let ShapeFaults { found, of_merged } = faults;
    let mut judge = ShapeJudge { over, level: KeyLevel::File, unknown: UnknownKeys::default(), found, of_merged };
    let ShapeKeys::These(keys) = FILE.keys else { return };
    if judge.unknown.without_services(root, judge.found) {
        return;
    }
    for entry in root.entries().iter().filter(|entry| !is_reset(&entry.node)) {
        match keys.iter().find(|key| key.name == &*entry.key) {
            Some(key) if key.name == "services" => judge.services(entry),
            Some(key) => judge.value(key.name, key.shape, &entry.node, entry.at()),
            None => judge.unknown.refuse_unknown(
                entry,
                root,
                keys.iter().map(|key| (key.name, key.shape)),
                KeyLevel::File,
                judge.found,
            ),
        }
    }
}

/// The faults of a service that another one extends: only what the other leaves out may be missing.
pub(super) fn extended(entry: &Entry, faults: &mut ShapeFaults) {
    let ShapeFaults { found, of_merged } = faults;
    let mut judge =
        ShapeJudge { over: true, level: KeyLevel::Service, unknown: UnknownKeys::default(), found, of_merged };
    judge.service(entry);
}

struct ShapeJudge<'f> {
    /// Whether a value may be left to the document below.
    over: bool,
    level: KeyLevel,
    unknown: UnknownKeys,
    found: &'f mut Vec<Finding>,
    of_merged: &'f mut Vec<Finding>,
}

impl ShapeJudge<'_> {
    fn services(&mut self, services: &Entry) {
        let node = &services.node;
        if self.over && node.is_null() || !has_form("services", &MAP, node, services.at(), self.found) {
            return;
        }
        if keys_beside_services(node, self.found) {
            return;
        }
        for entry in node.entries() {
            service_name(entry, self.found);
            // compose does not look at a value that a reset removes
            if !is_reset(&entry.node) && !entry.node.is_unknown() {
                let over = self.over;
                self.over |= entry.node.get("extends").is_some_and(|extends| !extends.node.is_null());
                self.service(entry);
                self.over = over;
            }
        }
    }

    fn service(&mut self, entry: &Entry) {
        let node = &entry.node;
        if self.over && node.is_null() || !has_form(&entry.key, &MAP, node, entry.at(), self.found) {
            return;
        }
        let level = std::mem::replace(&mut self.level, KeyLevel::Service);
        self.rows("", node);
        self.level = level;
    }

    /// The entries of a mapping whose keys are in the table of verdicts.
    fn rows(&mut self, prefix: &'static str, node: &Node) {
        let level = self.level;
        for entry in node.entries().iter().filter(|entry| !is_reset(&entry.node)) {
            match verdicts::shape_of(prefix, &entry.key) {
                Some(shape) => {
                    self.level = KeyLevel::BelowService;
                    self.value(&entry.key, shape, &entry.node, entry.at());
                    self.level = level;
                }
                None => self.unknown.refuse_unknown(entry, node, verdicts::rows(prefix), level, self.found),
            }
        }
    }

    fn value(&mut self, key: &str, shape: &ValueShape, node: &Node, at: FieldSpan) {
        if self.over && node.is_null() || is_reset(node) || !has_form(key, shape, node, at, self.found) {
            return;
        }
        // sizes, times, commands and hosts are text until the project is merged (compose-go, `Transform`)
        let late = matches!(shape.reads, Reads::Size | Reads::Duration | Reads::Command | Reads::Host);
        text(key, shape.reads, node, at, if late { self.of_merged } else { self.found });
        special(key, node, at, if key == "test" { self.of_merged } else { self.found });
        match shape.keys {
            ShapeKeys::Anything => {}
            ShapeKeys::Named(each) => {
                let entries = node.entries().iter().filter(|entry| !entry.key.starts_with("x-"));
                entries.for_each(|entry| self.value(&entry.key, each, &entry.node, entry.at()));
            }
            ShapeKeys::These(keys) => self.keys(key, keys, true, node, at),
            ShapeKeys::Open(keys) => self.keys(key, keys, false, node, at),
            ShapeKeys::Rows(prefix) => self.rows(prefix, node),
        }
        if shape.distinct {
            twice(key, node, self.found);
        }
        let Some(each) = shape.items else { return };
        // an item is laid over nothing
        let over = std::mem::replace(&mut self.over, false);
        for item in node.items() {
            if let Some(meant) = form_help::parted_port(key, item) {
                let takes = "`[[address:]host:]container[/protocol]`";
                let finding = invalid(key, takes, &with_text(item, &meant.0), item.at());
                self.found.push(finding.help(format!("write `\"{}\"`, without the blank", meant.1)));
                continue;
            }
            self.value(key, each, item, item.at());
            short_form(key, item, self.found);
        }
        self.over = over;
    }

    fn keys(&mut self, name: &str, keys: &'static [ShapeKey], closed: bool, node: &Node, at: FieldSpan) {
        let Value::Map(entries) = &node.value else { return };
        for entry in entries.iter().filter(|entry| !is_reset(&entry.node)) {
            match keys.iter().find(|key| key.name == &*entry.key) {
                Some(key) => self.value(key.name, key.shape, &entry.node, entry.at()),
                None if closed => {
                    let names = keys.iter().map(|key| (key.name, key.shape));
                    self.unknown.refuse_unknown(entry, node, names, self.level, self.found);
                }
                None => {}
            }
        }
        if self.over {
            return;
        }
        for key in keys.iter().filter(|key| key.needed && node.get(key.name).is_none()) {
            // an item of a list has no key
            let item = if at.key == at.value { "item of " } else { "" };
            let message = format!("docker compose takes no {item}`{}` without `{}`", name.escape_debug(), key.name);
            let finding = Finding::new("missing-field", Severity::Error, at.place(), message);
            self.found.push(finding.help(format!("add `{}`", key.name)));
        }
    }
}

/// Refuses a value of another form.
fn has_form(key: &str, shape: &ValueShape, node: &Node, at: FieldSpan, found: &mut Vec<Finding>) -> bool {
    if shape.forms.iter().any(|form| form.takes(node)) {
        return true;
    }
    let forms: Vec<&str> = shape.forms.iter().map(|form| form.words()).collect();
    let forms = forms.join(" or ");
    let key = key.escape_debug().to_string();
    let endless = matches!(node.value, Value::Float(number) if !number.is_finite());
    let kind = if endless { format!("`{}`", node.text) } else { node.kind().to_owned() };
    let message = format!("docker compose takes {forms} for `{key}`, not {kind}");
    let finding = Finding::new("wrong-type", Severity::Error, at.place(), message);
    let help = match (shape.reads, &node.value) {
        _ if endless && shape.forms.contains(&ValueForm::Text) => format!("write it in quotes: `\"{}\"`", node.text),
        (Reads::Duration, Value::Int(_)) => format!("write the unit: `{}s`", node.text),
        _ => form_help::of_form(&key, shape, node).unwrap_or_else(|| match shape.reads {
            Reads::Duration | Reads::Size => format!("write {}", shape.reads.words()),
            _ => format!("write {forms}, or leave `{key}` out"),
        }),
    };
    found.push(finding.help(help));
    false
}

/// Refuses a text that does not parse as it must, and a negative number if none is allowed.
fn text(key: &str, reads: Reads, node: &Node, at: FieldSpan, found: &mut Vec<Finding>) {
    if node.style == Style::Plain && form_help::is_curled(&node.text) && reads == Reads::AsIs {
        let message = format!("the curled quotes of `{}` are letters of the text", key.escape_debug());
        let finding = Finding::new("ambiguous-scalar", Severity::Warning, at.place(), message);
        found.push(finding.help("write straight quotes: `\"`"));
    }
    let wrong = match &node.value {
        Value::Str if node.style == Style::Plain && is_number_of_go(&node.text) => false,
        Value::Str => with_defaults(&node.text).is_some_and(|text| !reads.takes(&text)),
        Value::Float(number) => !number.is_finite() && reads == Reads::Number,
        _ => reads == Reads::Count && node.as_whole().is_some_and(|number| number < 0),
    };
    if wrong {
        let rule = match reads {
            Reads::Size => "invalid-quantity",
            Reads::Count | Reads::Whole | Reads::Number | Reads::Flag => "wrong-type",
            _ => "invalid-value",
        };
        let finding = invalid(key, &reads.words(), node, at);
        let help = form_help::of_text(key, reads, node);
        let finding = match help {
            Some(help) => finding.help(help),
            None => finding,
        };
        found.push(match reads {
            Reads::Command => finding.help("close each quote and bracket, or write the command as a list of words"),
            _ => Finding { rule: rule.into(), ..finding },
        });
    }
}

fn invalid(key: &str, takes: &str, node: &Node, at: FieldSpan) -> Finding {
    // a value from a file of variables is not shown
    let shown = if is_private(node) {
        "what its variable stands for".to_owned()
    } else {
        format!("`{}`", node.text.escape_debug())
    };
    let message = format!("docker compose takes {takes} for `{}`, not {shown}", key.escape_debug());
    Finding::new("invalid-value", Severity::Error, at.place(), message).help(format!("write {takes}"))
}

/// Rules of single keys that the shapes do not express.
fn special(key: &str, node: &Node, at: FieldSpan, found: &mut Vec<Finding>) {
    match key {
        "test" => {
            if let Some(first) = node.items().first()
                && first
                    .as_str()
                    .and_then(with_defaults)
                    .is_some_and(|word| !["CMD", "CMD-SHELL", "NONE"].contains(&&*word))
            {
                let finding = invalid(key, "`CMD`, `CMD-SHELL` or `NONE` first", first, first.at());
                found.push(finding.help("write `\"CMD\"` as the first item, before the command"));
            }
        }
        "extra_hosts" => {
            for entry in node.entries().iter().filter(|entry| entry.key.is_empty() || entry.key.contains([':', '='])) {
                let message = format!("docker compose takes no host named `{}`", entry.key.escape_debug());
                let finding = Finding::new("invalid-value", Severity::Error, entry.at().key(), message);
                found.push(finding.help("write the name alone, and the address as its value"));
            }
        }
        "oom_score_adj" => {
            let number = node.as_whole().or_else(|| node.as_str().and_then(|text| text.parse().ok()));
            if number.is_some_and(|number| !(-1000..=1000).contains(&number)) {
                found.push(invalid(key, "a number from -1000 to 1000", node, at));
            }
        }
        "host_ip" => {
            let text = node.as_str().and_then(with_defaults).filter(|text| !text.is_empty());
            if text.is_some_and(|text| !ports::is_address(&text)) {
                found.push(invalid(key, "an address", node, at));
            }
        }
        _ => {}
    }
}

/// Refuses an item that is in its list twice.
fn twice(key: &str, node: &Node, found: &mut Vec<Finding>) {
    let mut seen: HashMap<(&'static str, &str), FieldSpan> = HashMap::new();
    for item in node.items() {
        // what depends on a variable may differ
        let Some(text) = scalar(item).filter(|text| !text.contains(UNKNOWN)) else { continue };
        if let Some(first) = seen.insert((item.kind(), text), item.at()) {
            let message = format!("docker compose takes no item of `{}` twice", key.escape_debug());
            let finding = Finding::new("invalid-value", Severity::Error, item.at().place(), message);
            found.push(finding.label(first.place(), "the first").help("remove one of the two"));
        }
    }
}

/// One item of a list whose texts have a grammar of their own.
fn short_form(key: &str, item: &Node, found: &mut Vec<Finding>) {
    let Some(text) = scalar(item).and_then(with_defaults) else { return };
    match key {
        "ports" if ports::is_refused(item, &text) => {
            let finding = invalid(key, "`[[address:]host:]container[/protocol]`", item, item.at());
            found.push(match form_help::of_item(key, &text) {
                Some(help) => finding.help(help),
                None => finding,
            });
        }
        "volumes" if volumes::from_short(item, &text, "").is_none() => {
            found.push(invalid(key, "`[source:]target[:options]`, no part empty", item, item.at()));
        }
        _ => {}
    }
}

/// Reports keys of a service that are in the column of its name, above which nothing is.
fn keys_beside_services(services: &Node, found: &mut Vec<Finding>) -> bool {
    let entries = services.entries();
    let is_key = |entry: &&Entry| {
        let known = ["image", "build", "ports", "command", "environment", "volumes", "restart"].contains(&&*entry.key);
        known && !matches!(entry.node.value, Value::Map(_) | Value::Null)
    };
    let Some(first) = entries.iter().find(is_key) else { return false };
    let above = entries.iter().take_while(|entry| !std::ptr::eq(*entry, first));
    let Some(name) = above.last().filter(|entry| entry.node.is_null()) else { return false };
    let (key, name) = (first.key.escape_debug(), name.key.escape_debug());
    let message = format!("`{key}` is in the column of the services: docker compose takes it for one");
    let finding = Finding::new("wrong-type", Severity::Error, first.at().key(), message);
    found.push(finding.help(format!("indent the keys of `{name}` two columns further in than its name")));
    true
}

fn service_name(entry: &Entry, found: &mut Vec<Finding>) {
    let lawful = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if entry.key.is_empty() || !entry.key.chars().all(lawful) {
        let message = format!("docker compose takes no service named `{}`", entry.key.escape_debug());
        let finding = Finding::new("invalid-value", Severity::Error, entry.at().key(), message);
        found.push(finding.help("letters, digits, `.`, `_` and `-` make a name"));
    }
}
