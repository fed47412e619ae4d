//! The reference of `.scalegen.toml`, from its published schema. Knows TOML's syntax, no field but the list of rules.

use super::field::FieldPage;
use super::shell::{SideItem, SideList, SitePage};
use super::spec::{ValueSyntax, field_markdown, fields_of};
use crate::inputs::spec::schema::SETTINGS_SCHEMA;
use serde_json::Value as Json;

pub(super) const TOML: ValueSyntax = ValueSyntax { line, language: "toml", block, example };

/// All fields. Rules have pages of their own, so only their table is listed.
pub(super) fn fields() -> Vec<FieldPage> {
    let mut fields = fields_of(SETTINGS_SCHEMA, &serde_json::from_str(SETTINGS_SCHEMA).unwrap_or_default());
    fields.retain(|field| !field.path.starts_with("rules."));
    fields
}

pub(super) fn page(fields: &[FieldPage]) -> SitePage {
    let mut body = "<h1>Settings</h1>\n".to_owned();
    body.push_str(
        "<p>Every field of <code>.scalegen.toml</code>. The nearest one in a spec's folder or above holds. <code>scalegen schema --settings \
         &gt; settings.schema.json</code> prints the same for editors: language servers for TOML complete, explain and check a file whose first \
         line is <code>#:schema ./settings.schema.json</code>. Each of the <a href=\"rules.html\">rules</a> can stand under \
         <code>[rules]</code>.</p>\n",
    );
    let mut items = Vec::new();
    for field in fields {
        if field.depth == 0 {
            items.push(SideItem { code: true, ..SideItem::new(field.name.clone(), format!("#{}", field.id)) });
        }
        body.push_str(&field_markdown(field, &TOML));
    }
    SitePage {
        path: "settings.html".to_owned(),
        title: "Settings".to_owned(),
        summary: "Every field of .scalegen.toml, with its default and examples.".to_owned(),
        section: "settings.html",
        body,
        side: SideList { title: "Fields", items },
    }
}

/// The settings in one sentence.
pub(super) fn about() -> String {
    let schema: Json = serde_json::from_str(SETTINGS_SCHEMA).unwrap_or_default();
    schema.get("description").and_then(Json::as_str).unwrap_or_default().to_owned()
}

/// One field with its value: a table, or one line.
fn example(field: &Json) -> String {
    let example = |(name, value): (&String, &Json)| match value {
        Json::Array(items) if items.iter().any(Json::is_object) => block(name, value),
        Json::Object(_) => block(name, value),
        scalar => format!("{name} = {}", line(scalar)),
    };
    let all: Vec<String> = field.as_object().into_iter().flatten().map(example).collect();
    all.join("\n").trim_end().to_owned()
}

/// Scalars and lists of them are the same in JSON and in TOML.
fn line(value: &Json) -> String {
    match value {
        Json::Array(items) => format!("[{}]", items.iter().map(line).collect::<Vec<_>>().join(", ")),
        scalar => scalar.to_string(),
    }
}

/// A table under its name, or several.
fn block(name: &str, value: &Json) -> String {
    let table = |head: String, value: &Json| {
        let fields = value.as_object().into_iter().flatten();
        fields.fold(head, |text, (key, value)| format!("{text}{key} = {}\n", line(value)))
    };
    match value {
        Json::Array(tables) => {
            let tables: Vec<String> = tables.iter().map(|value| table(format!("[[{name}]]\n"), value)).collect();
            tables.join("\n")
        }
        one => table(format!("[{name}]\n"), one),
    }
}
