//! The reference of fields, from a published schema: the spec's page, and the base of the settings' page. Knows
//! JSON Schema's keywords, no field by name.

use super::field::FieldPage;
use super::named::NamedPages;
use super::shell::{SideItem, SideList, SitePage};
use crate::inputs::spec::schema::{SCHEMA, sample};
use crate::support::markdown::{self, escape};
use serde_json::{Map, Value as Json};

/// All fields of a spec in the order of the schema, each before its children.
pub(super) fn fields() -> Vec<FieldPage> {
    fields_of(SCHEMA, &serde_json::json!({ "$ref": "#/$defs/spec" }))
}

/// The fields of what a part of a schema describes.
pub(super) fn fields_of(schema: &str, part: &Json) -> Vec<FieldPage> {
    let schema: Json = serde_json::from_str(schema).unwrap_or_default();
    let mut fields = Vec::new();
    let mut walk = SpecWalk { root: &schema, fields: &mut fields };
    let root = walk.resolved(part);
    walk.inner(&root, "", "", 0);
    fields
}

/// How a page's language writes values.
pub(super) struct ValueSyntax {
    /// A value on one line.
    pub line: fn(&Json) -> String,
    /// The language of blocks, and a field's name and value as one.
    pub language: &'static str,
    pub block: fn(&str, &Json) -> String,
    /// A map of one field with its value.
    pub example: fn(&Json) -> String,
}

pub(super) const YAML: ValueSyntax =
    ValueSyntax { line: sample::line, language: "yaml", block: |_, value| sample::yaml(value), example: sample::yaml };

struct SpecWalk<'w> {
    root: &'w Json,
    fields: &'w mut Vec<FieldPage>,
}

impl SpecWalk<'_> {
    /// A schema merged with the one it refers to; its own words win.
    fn resolved(&self, schema: &Json) -> Map<String, Json> {
        let mut node = schema.as_object().cloned().unwrap_or_default();
        while let Some(Json::String(to)) = node.shift_remove("$ref") {
            let target = self.root.pointer(to.trim_start_matches('#')).and_then(Json::as_object);
            for (key, value) in target.into_iter().flatten() {
                node.entry(key).or_insert_with(|| value.clone());
            }
        }
        node
    }

    /// The fields within one: its named fields, entries of a map, items of a list.
    fn inner(&mut self, node: &Map<String, Json>, path: &str, id: &str, depth: usize) {
        let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let anchor = |name: &str| if id.is_empty() { name.to_owned() } else { format!("{id}-{name}") };
        let required: Vec<&str> = texts(node.get("required"));
        for (name, schema) in node.get("properties").and_then(Json::as_object).into_iter().flatten() {
            self.field(schema, name, join(name), anchor(&markdown::anchor(name)), required.contains(&&**name), depth);
        }
        if let Some(entry) = node.get("additionalProperties").filter(|entry| entry.is_object()) {
            self.field(entry, "<name>", join("<name>"), anchor("name"), false, depth);
        }
        let items = node.get("items").map(|items| self.resolved(items));
        if let Some(items) = items.filter(|items| items.contains_key("properties")) {
            self.inner(&items, &format!("{path}[]"), id, depth);
        }
        for form in node.get("oneOf").and_then(Json::as_array).into_iter().flatten() {
            let form = self.resolved(form);
            self.inner(&form, path, id, depth);
        }
    }

    fn field(&mut self, schema: &Json, name: &str, path: String, id: String, required: bool, depth: usize) {
        let node = self.resolved(schema);
        let index = self.fields.len();
        let words = texts(node.get("enum"));
        let meanings = texts(node.get("enumDescriptions"));
        let meaning = |index: usize| meanings.get(index).copied().unwrap_or_default().to_owned();
        self.fields.push(FieldPage {
            name: name.to_owned(),
            description: node.get("description").and_then(Json::as_str).unwrap_or_default().to_owned(),
            kind: self.kind(&node),
            default: node.get("default").cloned(),
            examples: node.get("examples").and_then(Json::as_array).cloned().unwrap_or_default(),
            choices: words.iter().enumerate().map(|(index, word)| ((*word).to_owned(), meaning(index))).collect(),
            required,
            parent: false,
            depth,
            path: path.clone(),
            id: id.clone(),
        });
        let mut node = node;
        if let Some(own) =
            node.get_mut("properties").and_then(Json::as_object_mut).filter(|_| path == "profiles.<name>")
        {
            // an overlay repeats the fields at the top
            own.retain(|name, _| !self.fields.iter().any(|field| field.path == *name) && name != "targets");
        }
        self.inner(&node, &path, &id, depth + 1);
        let parent = self.fields.len() > index + 1;
        if let Some(field) = self.fields.get_mut(index) {
            field.parent = parent;
        }
    }

    /// The form of a value, in words.
    fn kind(&self, node: &Map<String, Json>) -> String {
        if let Some(forms) = node.get("oneOf").and_then(Json::as_array) {
            let forms: Vec<String> = forms.iter().map(|form| self.kind(&self.resolved(form))).collect();
            return forms.join(", or ");
        }
        match node.get("format").and_then(Json::as_str) {
            Some("scalegen-cpu") => return "cores".to_owned(),
            Some("scalegen-memory") => return "bytes".to_owned(),
            Some("scalegen-duration") => return "duration".to_owned(),
            Some("scalegen-time") => return "time of day".to_owned(),
            Some("scalegen-timezone") => return "time zone".to_owned(),
            Some("scalegen-percent") => return "whole number or percentage".to_owned(),
            Some("scalegen-dns-label") => return "DNS label".to_owned(),
            _ => {}
        }
        let types = match node.get("type") {
            Some(Json::String(one)) => vec![one.as_str()],
            several => texts(several),
        };
        let words: Vec<String> =
            types.iter().filter(|name| **name != "null").map(|name| self.word(name, node)).collect();
        words.join(", or ")
    }

    fn word(&self, kind: &str, node: &Map<String, Json>) -> String {
        match kind {
            "integer" | "number" => {
                let word = if kind == "integer" { "whole number" } else { "number" };
                let within = node.get("allOf").and_then(|all| all.get(0));
                let bound = |key: &str| node.get(key).or_else(|| within.and_then(|within| within.get(key)));
                match (bound("minimum"), bound("maximum")) {
                    (Some(least), Some(most)) if most != 1_000_000 => format!("{word} from {least} to {most}"),
                    (Some(least), _) => format!("{word}, {least} or more"),
                    _ => word.to_owned(),
                }
            }
            "string" if node.contains_key("enum") => "one of the words below".to_owned(),
            "string" => "text".to_owned(),
            "boolean" => "true or false".to_owned(),
            "array" => match node.get("items").map(|items| self.resolved(items)) {
                Some(items) if items.contains_key("properties") => "list of mappings".to_owned(),
                Some(items) if items.contains_key("enum") => format!("list of {}", texts(items.get("enum")).join(", ")),
                _ => "list of texts".to_owned(),
            },
            _ if node.contains_key("properties") => "mapping".to_owned(),
            _ => "mapping by name".to_owned(),
        }
    }
}

fn texts(list: Option<&Json>) -> Vec<&str> {
    list.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect()
}

pub(super) fn page(fields: &[FieldPage], named: &NamedPages) -> SitePage {
    let mut body = "<h1>Spec</h1>\n".to_owned();
    body.push_str(
        "<p>Every field of <code>scalegen.yaml</code>, version 1. <code>scalegen schema</code> prints the same for editors. A profile holds the \
         same fields, and nothing is required there. Amounts are written as in Kubernetes (<code>500m</code>, <code>512Mi</code>), durations as \
         in Prometheus (<code>90s</code>, <code>1h30m</code>).</p>\n",
    );
    let mut items = Vec::new();
    for field in fields {
        if field.depth == 0 {
            items.push(SideItem { code: true, ..SideItem::new(field.name.clone(), format!("#{}", field.id)) });
        } else if field.depth <= 2 && field.parent && field.name != "<name>" {
            items.push(SideItem {
                code: true,
                inner: true,
                ..SideItem::new(field.name.clone(), format!("#{}", field.id))
            });
        }
        body.push_str(&field_markdown(field, &YAML));
    }
    let _ = named;
    SitePage {
        path: "spec.html".to_owned(),
        title: "Spec".to_owned(),
        summary: "Every field of a scaling spec, with its default and examples.".to_owned(),
        section: "spec.html",
        body,
        side: SideList { title: "Fields", items },
    }
}

/// One field: its name, facts, description and examples.
pub(super) fn field_markdown(field: &FieldPage, written: &ValueSyntax) -> String {
    let (before, own) = field.path.split_at(field.path.len() - field.name.len());
    let name = format!("<code><span class=\"c\">{}</span>{}</code>", escape(before), escape(own));
    let mut facts = format!("<span class=\"fact\">{}</span>", escape(&field.kind));
    if let Some(default) = &field.default {
        let default = escape(&(written.line)(default));
        facts.push_str(&format!(" <span class=\"fact\">default <code>{default}</code></span>"));
    }
    if field.required {
        facts.push_str(" <span class=\"fact\">required</span>");
    }
    let link = markdown::heading_link(&field.id, &field.path);
    let mut out = match field.depth {
        0 => format!("<h2 id=\"{}\">{name} {link}</h2>\n<p class=\"facts\">{facts}</p>\n", field.id),
        _ if field.parent => format!("<h3 id=\"{}\">{name} {link}</h3>\n<p class=\"facts\">{facts}</p>\n", field.id),
        _ => format!("<div class=\"field\" id=\"{}\">\n<p class=\"name\">{name} {facts} {link}</p>\n", field.id),
    };
    out.push_str(&format!("<p>{}</p>\n", escape(&field.description)));
    if field.choices.iter().any(|(_, meaning)| !meaning.is_empty()) {
        out.push_str("<ul>\n");
        for (word, meaning) in &field.choices {
            out.push_str(&format!("<li><code>{}</code>: {}</li>\n", escape(word), escape(meaning)));
        }
        out.push_str("</ul>\n");
    } else if !field.choices.is_empty() {
        let words: Vec<String> = field
            .choices
            .iter()
            .map(|(word, _)| format!("<code>{}</code>", escape(&(written.line)(&Json::from(&**word)))))
            .collect();
        out.push_str(&format!("<p>One of {}.</p>\n", words.join(", ")));
    } else {
        out.push_str(&examples(field, written));
    }
    if field.depth > 0 && !field.parent {
        out.push_str("</div>\n");
    }
    out
}

/// Small examples on one line, large ones as blocks.
fn examples(field: &FieldPage, written: &ValueSyntax) -> String {
    let mut seen: Vec<&Json> = Vec::new();
    for example in &field.examples {
        if !seen.contains(&example) && example.as_object().is_none_or(|fields| !fields.is_empty()) {
            seen.push(example);
        }
    }
    let is_large =
        |value: &&Json| value.is_object() || value.as_array().is_some_and(|items| items.iter().any(Json::is_object));
    let (large, small): (Vec<&Json>, Vec<&Json>) = seen.into_iter().partition(is_large);
    let mut out = String::new();
    if !small.is_empty() {
        let small: Vec<String> =
            small.iter().map(|example| format!("<code>{}</code>", escape(&(written.line)(example)))).collect();
        out.push_str(&format!("<p class=\"examples\">For example {}</p>\n", small.join(", ")));
    }
    let block = |one: &&Json| markdown::code(written.language, &(written.block)(&field.name, one));
    large.iter().for_each(|example| out.push_str(&block(example)));
    out
}
