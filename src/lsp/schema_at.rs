//! Looks up a place of a spec in the published schema: the allowed fields, with their descriptions.

use super::cursor::PathStep;
use crate::inputs::spec::schema::SCHEMA;
use serde_json::{Map, Value as Json};
use std::sync::OnceLock;

type SchemaObject = Map<String, Json>;

fn schema() -> &'static Json {
    static PARSED: OnceLock<Json> = OnceLock::new();
    PARSED.get_or_init(|| serde_json::from_str(SCHEMA).unwrap_or_default())
}

/// The most references and alternatives that are followed in one chain.
const DEEPEST: usize = 16;

/// The schemas that apply to one place, the nearest first.
#[derive(Clone, Debug, Default)]
pub(super) struct SchemasAt(Vec<&'static SchemaObject>);

/// One field that may be in a mapping.
pub(super) struct SchemaField {
    pub name: &'static str,
    pub at: SchemasAt,
}

/// The place that a path leads to.
pub(super) fn at(path: &[PathStep]) -> SchemasAt {
    let root = schema().pointer("/$defs/spec").and_then(Json::as_object);
    let mut here = SchemasAt(Vec::new());
    here.add(root, 0);
    for step in path {
        let mut next = SchemasAt(Vec::new());
        for object in &here.0 {
            match step {
                PathStep::Key(key) => {
                    let own = object.get("properties").and_then(|fields| fields.get(key));
                    next.add(own.or_else(|| object.get("additionalProperties")).and_then(Json::as_object), 0);
                }
                PathStep::Item => next.add(object.get("items").and_then(Json::as_object), 0),
            }
        }
        here = next;
    }
    here
}

impl SchemasAt {
    fn add(&mut self, object: Option<&'static SchemaObject>, depth: usize) {
        let Some(object) = object.filter(|_| depth < DEEPEST) else { return };
        self.0.push(object);
        let reference = object.get("$ref").and_then(Json::as_str).and_then(|to| to.strip_prefix('#'));
        self.add(reference.and_then(|to| schema().pointer(to)).and_then(Json::as_object), depth + 1);
        for word in ["allOf", "oneOf", "anyOf"] {
            for part in object.get(word).and_then(Json::as_array).into_iter().flatten() {
                self.add(part.as_object(), depth + 1);
            }
        }
    }

    fn first(&self, word: &str) -> Option<&'static Json> {
        self.0.iter().find_map(|object| object.get(word))
    }

    /// The field in one paragraph.
    pub fn description(&self) -> Option<&'static str> {
        self.first("description").and_then(Json::as_str)
    }

    /// The default value.
    pub fn default(&self) -> Option<&'static Json> {
        self.first("default")
    }

    /// The allowed words, each with its meaning.
    pub fn choices(&self) -> Vec<(&'static Json, Option<&'static str>)> {
        let Some(object) = self.0.iter().find(|object| object.contains_key("enum")) else { return Vec::new() };
        let words = object.get("enum").and_then(Json::as_array).into_iter().flatten();
        let meanings = object.get("enumDescriptions").and_then(Json::as_array);
        let meaning = |index| meanings.and_then(|meanings| meanings.get(index)).and_then(Json::as_str);
        words.enumerate().map(|(index, word)| (word, meaning(index))).collect()
    }

    /// Example values.
    pub fn examples(&self) -> impl Iterator<Item = &'static Json> {
        self.0.iter().filter_map(|object| object.get("examples")).filter_map(Json::as_array).flatten()
    }

    /// Whether a value of this JSON type is allowed.
    pub fn allows_type(&self, kind: &str) -> bool {
        self.0.iter().filter_map(|object| object.get("type")).any(|types| match types {
            Json::String(one) => one == kind,
            Json::Array(all) => all.iter().any(|option| option == kind),
            _ => false,
        })
    }

    /// The fields with names of their own that may be in the mapping.
    pub fn fields(&self) -> Vec<SchemaField> {
        let mut fields: Vec<SchemaField> = Vec::new();
        for (name, object) in self.0.iter().filter_map(|object| object.get("properties")?.as_object()).flatten() {
            if fields.iter().all(|field| field.name != name) {
                let mut at = SchemasAt(Vec::new());
                at.add(object.as_object(), 0);
                fields.push(SchemaField { name, at });
            }
        }
        fields
    }
}
