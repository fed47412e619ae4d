//! The shape of a merged spec against the published schema. Knows no model and no rule beyond the ids it reports under.

mod editor;
mod effort;
mod foreign;
pub mod foreign_words;
mod keys;
mod mend;
mod misplaced;
pub mod sample;
mod unknown;
mod words;

pub use foreign::breaks;

use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::FileSpan;
use crate::support::suggest;
use crate::syntax::{Entry, MAX_FINDINGS, Node, Value};
pub use editor::for_editors;
use jsonschema::error::{TypeKind, ValidationError, ValidationErrorKind as Kind};
use keys::{Found, Keys};
use mend::Mend;
use serde_json::Value as Json;
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::OnceLock;
use words::{bound, nearest, plain, shown, twice, types};

/// The published contract, as text.
pub const SCHEMA: &str = include_str!("../../../schemas/spec.schema.json");

/// Compiled when scalegen is built: compiling at run time would cost three quarters of a run.
#[jsonschema::validator(
    path = "schemas/spec.schema.json",
    draft = Draft202012,
    validate_formats = false,
    ignore_unknown_formats = true,
    methods = { is_valid = true, validate = false, iter_errors = true }
)]
struct SpecSchema;

/// The schema as a value, for the words of messages: read only when something is wrong.
fn schema() -> &'static Json {
    static PARSED: OnceLock<Json> = OnceLock::new();
    PARSED.get_or_init(|| serde_json::from_str(SCHEMA).unwrap_or_default())
}

/// The published contract of `.scalegen.toml`, as text.
pub const SETTINGS_SCHEMA: &str = include_str!("../../../schemas/settings.schema.json");

#[jsonschema::validator(
    path = "schemas/settings.schema.json",
    draft = Draft202012,
    validate_formats = false,
    ignore_unknown_formats = true,
    methods = { is_valid = true, validate = false, iter_errors = true }
)]
struct SettingsSchema;

fn settings_schema() -> &'static Json {
    static PARSED: OnceLock<Json> = OnceLock::new();
    PARSED.get_or_init(|| serde_json::from_str(SETTINGS_SCHEMA).unwrap_or_default())
}

/// All shape faults of a settings file, in no order.
#[must_use]
pub fn settings(tree: &Node) -> Vec<Finding> {
    let json = tree.to_json();
    if SettingsSchema::is_valid(&json) {
        return Vec::new();
    }
    let mut faults = Faults::new(tree, settings_schema, "the file");
    SettingsSchema::iter_errors(&json).for_each(|error| faults.take(&error));
    faults.done()
}

/// How many services are validated at once: the JSON they are turned into takes more memory than they do.
const CHUNK: usize = 256;

/// Checks merged specs one after another and remembers the parts that were found right: profiles share most of them.
///
/// Sound because the schema relates nothing across services, nor across the maps at the top.
#[derive(Debug, Default)]
pub struct ShapeChecker {
    right: HashSet<*const Node, foldhash::fast::RandomState>,
    /// Keeps the remembered parts alive, so that no other part takes their address.
    kept: Vec<Rc<Node>>,
    /// Whether no other spec comes after: then nothing is remembered.
    pub last: bool,
}

impl ShapeChecker {
    /// All shape faults of one merged spec (short forms written out), in no order.
    #[must_use]
    pub fn check(&mut self, tree: &Node) -> Vec<Finding> {
        let mut faults = Faults::new(tree, schema, "the spec");
        let services = tree.get("services").map_or(&[][..], |entry| entry.node.entries());
        let unknown: Vec<&Entry> = services.iter().filter(|entry| !self.knows(&entry.node)).collect();
        let (first, rest) = unknown.split_at(unknown.len().min(CHUNK));
        // an empty map of services is a fault, so one that is known to be right stands for all that are
        let known = if first.is_empty() { services.get(..1).unwrap_or_default() } else { &[] };
        let top: Vec<&Entry> =
            tree.entries().iter().filter(|entry| &*entry.key == "services" || !self.knows(&entry.node)).collect();
        let json = top.iter().map(|entry| {
            let split = &*entry.key == "services" && matches!(entry.node.value, Value::Map(_));
            let value = if split { chunk(known.iter().chain(first.iter().copied())) } else { entry.node.to_json() };
            (String::from(&*entry.key), value)
        });
        let json = Json::Object(json.collect());
        if SpecSchema::is_valid(&json) {
            first.iter().for_each(|entry| self.remember(&entry.node));
            top.iter().filter(|entry| &*entry.key != "services").for_each(|entry| self.remember(&entry.node));
        } else {
            SpecSchema::iter_errors(&json).for_each(|error| faults.take(&error));
        }
        for entries in rest.chunks(CHUNK) {
            let whole =
                [("version", Json::from(1)), ("name", Json::from("x")), ("services", chunk(entries.iter().copied()))];
            let json = Json::Object(whole.map(|(key, value)| (key.to_owned(), value)).into_iter().collect());
            if SpecSchema::is_valid(&json) {
                entries.iter().for_each(|entry| self.remember(&entry.node));
            } else {
                SpecSchema::iter_errors(&json).for_each(|error| faults.take(&error));
            }
        }
        faults.done()
    }

    fn knows(&self, node: &Rc<Node>) -> bool {
        self.right.contains(&Rc::as_ptr(node))
    }

    fn remember(&mut self, node: &Rc<Node>) {
        // a scalar is checked faster than it is remembered
        if !self.last && !node.entries().is_empty() && self.right.insert(Rc::as_ptr(node)) {
            self.kept.push(Rc::clone(node));
        }
    }
}

fn chunk<'e>(entries: impl Iterator<Item = &'e Entry>) -> Json {
    Json::Object(entries.map(|entry| (String::from(&*entry.key), entry.node.to_json())).collect())
}

struct Faults<'t> {
    tree: &'t Node,
    /// The contract that the tree breaks; read at the first fault, as most trees have none.
    schema: fn() -> &'static Json,
    /// What the whole document is called.
    whole: &'static str,
    keys: Keys<'t>,
    findings: Vec<Finding>,
    missing: Vec<Missing>,
    /// The fields that unknown ones were probably meant for, with the mapping they stand in.
    meant: Vec<(*const Node, String)>,
}

/// What is missing from one mapping.
struct Missing {
    rule: &'static str,
    from: *const Node,
    at: FileSpan,
    of: String,
    /// The fields, each with an example as it is written.
    keys: Vec<(String, Option<String>)>,
}

impl<'t> Faults<'t> {
    fn new(tree: &'t Node, schema: fn() -> &'static Json, whole: &'static str) -> Faults<'t> {
        Faults {
            tree,
            schema,
            whole,
            keys: Keys::default(),
            findings: Vec::new(),
            missing: Vec::new(),
            meant: Vec::new(),
        }
    }

    fn take(&mut self, error: &ValidationError<'_>) {
        if self.full() {
            return;
        }
        let found = self.keys.locate(self.tree, error.instance_path().as_str());
        if found.node.is_unknown() {
            return;
        }
        let schema_path = error.schema_path().as_str();
        let rule = rule_of((self.schema)(), schema_path, error.kind());
        let node = found.node;
        match error.kind() {
            Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
                match own_words((self.schema)(), schema_path) {
                    Some(message) => self.clash(rule, &found, message),
                    None => {
                        self.union(context, &found);
                        self.other_form(error.instance_path().as_str(), schema_path, node);
                    }
                }
            }
            Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
                let place = unknown::FaultPlace { pointer: error.instance_path().as_str(), schema_path };
                self.unknown(rule, &found, unexpected, &place);
            }
            Kind::Required { property } => {
                self.missing(rule, &found, property.as_str().unwrap_or_default(), error.instance_path().as_str());
            }
            // said of a map, it is its keys that are too long, or one that is empty
            Kind::MaxLength { .. } | Kind::MinLength { .. } if !node.entries().is_empty() => {
                self.names(rule, node, matches!(error.kind(), Kind::MinLength { .. }));
            }
            Kind::Type { kind } => {
                let message = format!("expected {}, found {}", types(kind), shown(node));
                if self.beside_its_mapping(error.instance_path().as_str(), &found) {
                    return;
                }
                self.say(rule, found.at.place(), message, None, 0);
                let safe = !matches!(kind, TypeKind::Single(kind) if kind.as_str() == "boolean");
                self.mend(quoted_number(kind, node), node, safe);
                self.other_form(error.instance_path().as_str(), schema_path, node);
            }
            Kind::Enum { .. } | Kind::Constant { .. } if error.instance_path().as_str() == "/version" => {
                // what is no whole number has its finding already
                if node.as_whole().is_none() {
                    return;
                }
                let message = format!("this release reads version 1, found {}", shown(node));
                let help = "write `version: 1`, or use the release of scalegen that reads the other number";
                self.say(rule, found.at.place(), message, Some(help.to_owned()), 0);
                self.other_form("/version", schema_path, node);
            }
            Kind::Enum { options } => self.choice(rule, &found, options, error.instance_path().as_str()),
            Kind::Not { .. } => {
                let message = own_words((self.schema)(), schema_path);
                self.clash(rule, &found, message.unwrap_or_else(|| format!("`{}` contradicts itself", found.name)));
            }
            Kind::UniqueItems => {
                let message = format!("`{}` has an item twice", found.name);
                let second = twice(node);
                let at = second.map_or(found.at.place(), |(_, second)| second.at().place());
                self.say(rule, at, message, Some("remove one of the two".to_owned()), 0);
                if let (Some((first, _)), Some(finding)) = (second, self.findings.last_mut()) {
                    *finding = finding.clone().label(first.at().place(), "the same");
                }
            }
            other => {
                let help = nearest(other, rule);
                let message = bound(other, &found).unwrap_or_else(|| format!("{} {}", shown(node), plain(error)));
                self.say(rule, found.at.place(), message, help, 0);
            }
        }
    }

    fn full(&self) -> bool {
        self.findings.len() + self.missing.len() >= MAX_FINDINGS
    }

    fn say(&mut self, rule: &'static str, at: FileSpan, message: String, help: Option<String>, worst: i128) {
        let mut finding = Finding::new(rule, Severity::Error, at, message).rank(worst);
        finding.help = help;
        self.findings.push(finding);
    }

    /// Adds to the last finding what mends it.
    fn mend(&mut self, mend: Option<Mend>, node: &Node, safe: bool) {
        if let (Some(mend), Some(finding)) = (mend, self.findings.last_mut()) {
            mend.add(finding, node, safe);
        }
    }

    /// Fields that exclude each other: points at the one written last, the others take part.
    fn clash(&mut self, rule: &'static str, found: &Found<'_>, message: String) {
        let named = |entry: &&Entry| message.split([' ', ',']).any(|word| word == &*entry.key);
        let mut places: Vec<FileSpan> =
            found.node.entries().iter().filter(named).map(|entry| entry.at().key()).collect();
        places.sort();
        let at = places.pop().unwrap_or_else(|| found.at.place());
        let help = if places.is_empty() { "write one of them" } else { "write only one of them" };
        let finding = Finding::new(rule, Severity::Error, at, message).help(help);
        self.findings.push(places.into_iter().fold(finding, |finding, place| finding.label(place, "beside this one")));
    }

    fn missing(&mut self, rule: &'static str, found: &Found<'_>, key: &str, pointer: &str) {
        let from = std::ptr::from_ref(found.node);
        let example = misplaced::example((self.schema)(), pointer, key).filter(|_| !pointer.is_empty());
        let image = found.node.get("image").and_then(|image| unknown::kind_of(image.node.as_str()?));
        let example = match image.filter(|kind| misplaced::may_be((self.schema)(), pointer, key, kind)) {
            Some(kind) => Some(format!("{key}: {kind}")),
            None => example,
        };
        if let Some(old) = self.missing.iter_mut().find(|old| old.from == from && old.rule == rule) {
            old.keys.push((key.to_owned(), example));
            return;
        }
        let root = found.name.is_empty();
        let first = self.tree.entries().first().map_or_else(|| self.tree.at().place(), |first| first.at().key());
        let at = if root { first } else { found.at.key() };
        let of = if root { self.whole.to_owned() } else { format!("`{}`", found.name) };
        self.missing.push(Missing { rule, from, at, of, keys: vec![(key.to_owned(), example)] });
    }

    /// One finding lists everything that is missing from one mapping; a field that stands there misspelt is not missing.
    fn done(mut self) -> Vec<Finding> {
        for Missing { rule, from, at, of, keys } in std::mem::take(&mut self.missing) {
            let misspelt = |key: &String| {
                self.meant.iter().any(|(node, meant)| *node == from && (meant == key || meant == unknown::ANY))
            };
            let (keys, examples): (Vec<String>, Vec<Option<String>>) =
                keys.into_iter().filter(|(key, _)| !misspelt(key)).unzip();
            if !keys.is_empty() {
                let names: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
                let message = format!("{of} has no {}", names.join(", no "));
                self.say(rule, at, message, Some(unknown::to_add(&keys, &examples)), 0);
            }
        }
        if let (true, Some(last)) = (self.findings.len() >= MAX_FINDINGS, self.findings.last()) {
            let (rule, at) = (last.rule.clone(), last.at);
            self.findings.truncate(MAX_FINDINGS - 1);
            let message = format!("{MAX_FINDINGS} or more faults of shape in this file: the rest is not listed");
            self.findings.push(Finding::new(rule, Severity::Error, at, message));
        }
        self.findings
    }

    /// Reports the branch whose type matches; if none does, one wrong type that lists the forms.
    fn union(&mut self, branches: &[Vec<ValidationError<'static>>], found: &Found<'_>) {
        let here = |error: &ValidationError<'_>| match error.kind() {
            Kind::Type { kind }
                if std::ptr::eq(self.keys.locate(self.tree, error.instance_path().as_str()).node, found.node) =>
            {
                Some(types(kind))
            }
            _ => None,
        };
        let forms: Vec<Option<String>> = branches.iter().map(|branch| branch.iter().find_map(here)).collect();
        match forms.iter().position(Option::is_none).and_then(|index| branches.get(index)) {
            Some(branch) => branch.iter().for_each(|error| self.take(error)),
            None => {
                let mut forms: Vec<String> = forms.into_iter().flatten().collect();
                forms.dedup();
                let message = format!("expected {}, found {}", forms.join(" or "), shown(found.node));
                let number =
                    forms.iter().any(|form| form == "a whole number") && found.node.text.parse::<i64>().is_ok();
                self.say("wrong-type", found.at.place(), message, None, 0);
                self.mend(number.then(|| mend::bare(found.node)), found.node, true);
            }
        }
    }

    fn names(&mut self, rule: &'static str, node: &Node, empty: bool) {
        let wrong = |entry: &&Entry| if empty { entry.key.is_empty() } else { entry.key.chars().count() > 63 };
        for entry in node.entries().iter().filter(wrong).take(MAX_FINDINGS) {
            let (message, help) = match entry.key.chars().count() {
                0 => ("an empty name".to_owned(), "write a name"),
                many => {
                    (format!("the name `{}` has {many} characters", entry.key.escape_debug()), "use 1 to 63 characters")
                }
            };
            self.say(rule, entry.at().key(), message, Some(help.to_owned()), 0);
        }
    }

    fn choice(&mut self, rule: &'static str, found: &Found<'_>, options: &Json, pointer: &str) {
        let words: Vec<&str> = options.as_array().map_or(&[][..], |all| all).iter().filter_map(Json::as_str).collect();
        let list: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        let message = format!("{} is not one of {}", shown(found.node), list.join(", "));
        let close = suggest::closest(&found.node.text, words.iter().copied());
        self.say(rule, found.at.place(), message, None, 0);
        self.mend(close.map(mend::meant), found.node, false);
        self.other_form(pointer, "", found.node);
    }
}

/// `x-rule` on the failing subschema, else the keyword's own rule.
fn rule_of(schema: &'static Json, schema_path: &str, kind: &Kind) -> &'static str {
    let parent = schema_path.rsplit_once('/').map_or("", |(parent, _)| parent);
    let by_keyword = match kind {
        Kind::Type { .. } => return "wrong-type",
        Kind::Required { .. } => "missing-field",
        Kind::AdditionalProperties { .. } | Kind::UnevaluatedProperties { .. } => "unknown-field",
        _ => "invalid-value",
    };
    schema.pointer(parent).and_then(|schema| schema.get("x-rule")).and_then(Json::as_str).unwrap_or(by_keyword)
}

/// `replicas: "3"`: the quotes are the fault.
fn quoted_number(kind: &TypeKind, node: &Node) -> Option<Mend> {
    let wants = |word| matches!(kind, TypeKind::Single(kind) if kind.as_str() == word);
    let number =
        (wants("integer") && node.text.parse::<i64>().is_ok()) || (wants("number") && node.text.parse::<f64>().is_ok());
    if matches!(node.value, Value::Str) && number {
        return Some(mend::bare(node));
    }
    if wants("boolean") {
        return mend::switch(node);
    }
    if wants("array") {
        return mend::listed(node);
    }
    let is_scalar = matches!(node.value, Value::Int(_) | Value::Float(_) | Value::Bool(_));
    (wants("string") && is_scalar).then(|| mend::quoted(node))
}

/// What the schema itself says of a failure: `x-message` beside the failing keyword.
fn own_words(schema: &Json, schema_path: &str) -> Option<String> {
    let parent = schema_path.rsplit_once('/').map_or("", |(parent, _)| parent);
    schema.pointer(parent)?.get("x-message")?.as_str().map(str::to_owned)
}
