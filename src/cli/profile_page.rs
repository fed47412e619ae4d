//! What `scalegen explain` says of the spec in this folder: a profile as a page of Markdown, with its values and those of the base in
//! the same places, and the names of entries.

use super::read;
use scalegen::report::clean;
use scalegen::support::diagnostic::SPEC;
use scalegen::support::secrets;
use scalegen::support::source::Source;
use scalegen::support::suggest;
use scalegen::syntax::{self, Entry, Node, ParseMode, Value};
use std::path::Path;
use std::rc::Rc;

/// The most values that are shown; the rest are counted.
const MOST: usize = 100;

/// Replaces the value of a variable that holds a secret.
const SECRET: &str = "a secret";

/// The names of the profiles of the spec in this folder; none if there is no spec that can be read.
pub fn names() -> Vec<String> {
    let Some((_, root)) = spec_in_folder() else { return Vec::new() };
    let profiles = root.get("profiles").map_or(&[][..], |profiles| profiles.node.entries());
    profiles.iter().map(|profile| clean(&profile.key)).collect()
}

/// The page of the profile that `profiles.NAME` names.
pub fn below_profiles(path: &str) -> Option<String> {
    of(path.strip_prefix("profiles.")?)
}

/// An entry that a path names in the spec of this folder.
pub enum SpecEntry {
    /// There is one.
    Known,
    /// There is none, but one with nearly this name: its path.
    Near(String),
    /// There is none, or no spec.
    Unknown,
}

/// Looks up the entry of a path such as `services.web`.
pub fn entry(path: &str) -> SpecEntry {
    let Some(((above, name), (_, root))) = path.rsplit_once('.').zip(spec_in_folder()) else {
        return SpecEntry::Unknown;
    };
    let into = |node: Rc<Node>, key: &str| node.get(key).map(|entry| entry.node.clone());
    let Some(map) = above.split('.').try_fold(root, into) else { return SpecEntry::Unknown };
    let names = || map.entries().iter().map(|entry| &*entry.key);
    if names().any(|known| known == name) {
        return SpecEntry::Known;
    }
    let near = suggest::closest(name, names());
    near.map_or(SpecEntry::Unknown, |near| SpecEntry::Near(format!("{above}.{}", clean(near))))
}

/// The page of one profile.
pub fn of(name: &str) -> Option<String> {
    let (file, root) = spec_in_folder()?;
    let profile = root.get("profiles")?.node.get(name)?.node.clone();
    let mut page = format!("# profile {name}\n\nA profile of `{file}`.");
    if let Some(below) = profile.get("extends").and_then(|below| below.node.as_str()) {
        page.push_str(&format!(" It is laid over the profile `{}`.", clean(below)));
    }
    let mut rows = Vec::new();
    written(&profile, Some(&root), &mut Vec::new(), &mut rows);
    if rows.is_empty() {
        page.push_str(" It writes nothing of its own.\n");
    } else {
        page.push_str("\n\n| field | in the profile | in the spec |\n|---|---|---|\n");
        rows.iter().take(MOST).for_each(|row| page.push_str(row));
        if rows.len() > MOST {
            page.push_str(&format!("\nand {} more.\n", rows.len() - MOST));
        }
    }
    page.push_str(&format!("\n`scalegen plan --profile {name}` shows what it comes to.\n"));
    Some(page)
}

fn spec_in_folder() -> Option<(&'static str, Rc<Node>)> {
    let file = read::HERE.into_iter().find(|name| Path::new(name).is_file())?;
    let bytes = read::spec(Path::new(file)).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let root = syntax::parse(SPEC, &Source::new(file, text.as_str()), ParseMode::Spec).root?;
    Some((file, root))
}

/// One row for each value of an overlay.
fn written(overlay: &Node, spec: Option<&Node>, path: &mut Vec<String>, rows: &mut Vec<String>) {
    for entry in overlay.entries() {
        if path.is_empty() && &*entry.key == "extends" {
            continue;
        }
        path.push(clean(&entry.key));
        let below = spec.and_then(|spec| spec.get(&entry.key)).map(|below| &*below.node);
        if entry.node.entries().is_empty() {
            let value = cell_text(&entry.key, &entry.node);
            let was = below.map_or_else(|| "–".to_owned(), |below| cell_text(&entry.key, below));
            rows.push(format!("| `{}` | {value} | {was} |\n", path.join(".")));
        } else {
            written(&entry.node, below, path, rows);
        }
        path.pop();
    }
}

/// The value of a key in one cell.
fn cell_text(key: &str, node: &Node) -> String {
    if matches!(node.value, Value::Null) {
        return "nothing".to_owned();
    }
    let text = line_text(key, node, true);
    if text == SECRET {
        return text;
    }
    let short: String = clean(&text).replace(['|', '`'], " ").chars().take(60).collect();
    format!("`{short}`")
}

/// The value of a key on one line, without secrets; `whole`: with the values of a mapping.
fn line_text(key: &str, node: &Node, whole: bool) -> String {
    match &node.value {
        Value::Map(_) if !whole => "{ … }".to_owned(),
        Value::Map(entries) => {
            let pair = |entry: &Entry| format!("{}: {}", entry.key, line_text(&entry.key, &entry.node, false));
            format!("{{ {} }}", entries.iter().map(pair).collect::<Vec<String>>().join(", "))
        }
        Value::Seq(items) => {
            let all: Vec<String> = items.iter().map(|item| line_text(key, item, false)).collect();
            format!("[{}]", all.join(", "))
        }
        _ if secrets::is_variable(key, &node.text) => SECRET.to_owned(),
        _ => secrets::starred(&node.text, 0, &secrets::on_line(&Source::new("", &*node.text), 0, false)),
    }
}
