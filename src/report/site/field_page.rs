//! One field of the spec as a page of Markdown, for `scalegen explain`. The words are the schema's own.

use super::field::FieldPage;
use super::spec::fields;
use crate::inputs::spec::schema::sample;

/// So many fields of one name are shown together.
const MOST: usize = 4;

/// The pages of the fields that a name means: a whole path (`services.web.replicas`, with any name where one stands), or the
/// last keys of one (`limits.memory`). None where there is no such field.
#[must_use]
pub fn field_page(name: &str) -> Option<String> {
    let asked: Vec<&str> = name.split('.').map(|key| key.trim_end_matches("[]")).collect();
    let all = fields();
    let meant: Vec<&FieldPage> = all.iter().filter(|field| means(&field.path, &asked)).collect();
    if meant.is_empty() {
        return None;
    }
    let mut pages: Vec<String> = meant.iter().take(MOST).map(|field| page(field, &all)).collect();
    if meant.len() > MOST {
        let more: Vec<String> = meant.iter().skip(MOST).map(|field| format!("`{}`", field.path)).collect();
        pages.push(format!("The same name elsewhere: {}.\n", more.join(", ")));
    }
    Some(pages.join("\n"))
}

fn means(path: &str, asked: &[&str]) -> bool {
    let keys: Vec<&str> = path.split('.').map(|key| key.trim_end_matches("[]")).collect();
    let Some(from) = keys.len().checked_sub(asked.len()) else { return false };
    let tail = keys.get(from..).unwrap_or_default();
    // a name alone is no field of ours
    let names_a_field = |key: Option<&&str>| key.is_some_and(|key| *key != "<name>" || from == 0);
    names_a_field(tail.first())
        && names_a_field(tail.last())
        && tail.iter().zip(asked).all(|(key, asked)| key == asked || *key == "<name>")
}

fn page(field: &FieldPage, all: &[FieldPage]) -> String {
    let mut out = format!("# {}\n\n{}\n\n", field.path, field.description);
    let default =
        field.default.as_ref().map(|default| format!(", default `{}`", sample::line(default))).unwrap_or_default();
    let required = if field.required { ", required" } else { "" };
    out.push_str(&format!("Form: {}{default}{required}.\n", field.kind));
    for (word, meaning) in &field.choices {
        let meaning = if meaning.is_empty() { String::new() } else { format!(": {meaning}") };
        out.push_str(&format!("\n- `{word}`{meaning}"));
    }
    if !field.choices.is_empty() {
        out.push('\n');
    }
    let prefix = [format!("{}.", field.path), format!("{}[].", field.path)];
    let inner: Vec<&FieldPage> = all
        .iter()
        .filter(|one| {
            prefix.iter().filter_map(|prefix| one.path.strip_prefix(prefix.as_str())).any(|rest| !rest.contains('.'))
        })
        .collect();
    if !inner.is_empty() {
        out.push_str("\n## Fields\n\n");
        inner.iter().for_each(|one| out.push_str(&format!("- `{}`: {}\n", one.name, one.description)));
    }
    let mut examples: Vec<String> = Vec::new();
    for example in &field.examples {
        let text = sample::yaml(&serde_json::json!({ field.name.as_str(): example }));
        if !examples.contains(&text) && field.name != "<name>" {
            examples.push(text);
        }
    }
    if !examples.is_empty() {
        out.push_str("\n## Examples\n");
        examples.iter().for_each(|text| out.push_str(&format!("\n```yaml\n{text}\n```\n")));
    }
    out
}

/// The fields at the top of a spec, each with what it is for.
#[must_use]
pub fn top_fields() -> Vec<(String, String)> {
    let service =
        |field: &FieldPage| field.path.strip_prefix("services.<name>.").is_some_and(|rest| !rest.contains('.'));
    let all = fields().into_iter().filter(|field| field.depth == 0 || service(field));
    all.map(|field| (field.path.replace("services.<name>", "services.*"), field.description)).collect()
}
