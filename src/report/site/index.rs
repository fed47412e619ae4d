//! The index of the search on every page, as one script. Knows names and summaries, no page.

use super::field::FieldPage;
use super::manual_page::manual_path;
use super::{Manual, commands, rule_path, target_path, words};
use crate::check::rules;
use crate::targets;
use serde_json::json;

/// The script with its entries: name, kind, path below the site's folder, words.
pub(super) fn script(fields: &[FieldPage], settings: &[FieldPage], manual: &Manual<'_>) -> String {
    let mut entries = Vec::new();
    for rule in rules::ALL {
        let (id, kind) = (rule.meta.id, format!("rule, {}", rule.meta.severity.word()));
        entries.push(json!([id, kind, rule_path(id), words(rule.summary())]));
    }
    for target in targets::ALL {
        entries.push(json!([target.meta.name, "target", target_path(target.meta.name), words(target.summary())]));
    }
    for page in manual.pages {
        entries.push(json!([page.name, "manual", manual_path(page.name), page.summary()]));
    }
    for command in manual.commands {
        let about = words(&command.about);
        let first = about.split_inclusive(". ").next().unwrap_or_default().trim_end();
        entries.push(json!([command.name, "command", format!("commands.html#{}", commands::id(command)), first]));
    }
    for field in fields {
        entries.push(json!([field.path, "field", format!("spec.html#{}", field.id), field.description]));
    }
    for field in settings {
        entries.push(json!([field.path, "setting", format!("settings.html#{}", field.id), field.description]));
    }
    let lines: Vec<String> = entries.iter().map(ToString::to_string).collect();
    include_str!("search.js").replace("/* entries */", &lines.join(",\n"))
}
