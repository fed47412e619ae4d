//! The shape of a merged spec against the published schema. Knows no model and no rule beyond the ids it reports under.

mod editor;
mod effort;
mod faults;
mod foreign;
pub mod foreign_words;
mod keys;
mod misplaced;
pub mod sample;
mod scalars;
mod suggested_fix;
mod words;

pub use foreign::breaks;

use crate::support::diagnostic::Finding;
use crate::syntax::{Entry, Node, Value};
pub use editor::for_editors;
use faults::Faults;
use serde_json::Value as Json;
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::OnceLock;

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

/// The schema as a value, for the words of messages. Read only if something is wrong.
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

/// All shape faults of a settings file, unordered.
#[must_use]
pub fn settings(tree: &Node) -> Vec<Finding> {
    let json = tree.to_json();
    if SettingsSchema::is_valid(&json) {
        return Vec::new();
    }
    let mut faults = Faults::new(tree, settings_schema, "the file");
    SettingsSchema::iter_errors(&json).for_each(|error| faults.take(&error));
    faults.into_findings()
}

/// How many services are validated at once: their JSON takes more memory than they do.
const CHUNK: usize = 256;

/// Checks merged specs one after another and remembers the valid parts, because profiles share most of them.
///
/// Sound because the schema relates nothing across services, nor across the maps at the top.
#[derive(Debug, Default)]
pub struct ShapeChecker {
    right: HashSet<*const Node, foldhash::fast::RandomState>,
    /// Keeps the remembered parts alive, so that no other part takes their address.
    kept: Vec<Rc<Node>>,
    /// Whether this is the last spec, so that nothing need be remembered.
    pub last: bool,
}

impl ShapeChecker {
    /// All shape faults of one merged spec (short forms expanded), unordered.
    #[must_use]
    pub fn check(&mut self, tree: &Node) -> Vec<Finding> {
        let mut faults = Faults::new(tree, schema, "the spec");
        let services = tree.get("services").map_or(&[][..], |entry| entry.node.entries());
        let unknown: Vec<&Entry> = services.iter().filter(|entry| !self.knows(&entry.node)).collect();
        let (first, rest) = unknown.split_at(unknown.len().min(CHUNK));
        // an empty map of services is a fault, so a valid service represents all valid ones
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
        faults.into_findings()
    }

    fn knows(&self, node: &Rc<Node>) -> bool {
        self.right.contains(&Rc::as_ptr(node))
    }

    fn remember(&mut self, node: &Rc<Node>) {
        // checking a scalar is faster than remembering it
        if !self.last && !node.entries().is_empty() && self.right.insert(Rc::as_ptr(node)) {
            self.kept.push(Rc::clone(node));
        }
    }
}

fn chunk<'e>(entries: impl Iterator<Item = &'e Entry>) -> Json {
    Json::Object(entries.map(|entry| (String::from(&*entry.key), entry.node.to_json())).collect())
}
