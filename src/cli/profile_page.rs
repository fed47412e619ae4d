//! A profile of the spec in this folder as a page of Markdown, for `scalegen explain`: what it writes, and what stands there without it.

use super::read;
use scalegen::report::clean;
use scalegen::support::diagnostic::SPEC;
use scalegen::support::secrets;
use scalegen::support::source::Source;
use scalegen::syntax::{self, Node, ParseMode, Value};
use std::path::Path;
use std::rc::Rc;

/// So many values are shown; more are counted.
const MOST: usize = 100;

/// The names of the profiles of the spec in this folder; none where there is no spec that can be read.
pub fn names() -> Vec<String> {
    let Some((_, root)) = here() else { return Vec::new() };
    let profiles = root.get("profiles").map_or(&[][..], |profiles| profiles.node.entries());
    profiles.iter().map(|profile| clean(&profile.key)).collect()
}

/// The page of one profile.
pub fn of(name: &str) -> Option<String> {
    let (file, root) = here()?;
    let profile = root.get("profiles")?.node.get(name)?.node.clone();
    let mut page = format!("# profile {name}\n\nA profile of `{file}`.");
    if let Some(below) = profile.get("extends").and_then(|below| below.node.as_str()) {
        page.push_str(&format!(" It lies over the profile `{}`.", clean(below)));
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

fn here() -> Option<(&'static str, Rc<Node>)> {
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
            let hidden = secrets::is_variable(&entry.key, &entry.node.text);
            let value = if hidden { "a secret".to_owned() } else { shown(&entry.node) };
            let was = match below {
                _ if hidden => String::new(),
                None => "–".to_owned(),
                Some(below) => shown(below),
            };
            rows.push(format!("| `{}` | {value} | {was} |\n", path.join(".")));
        } else {
            written(&entry.node, below, path, rows);
        }
        path.pop();
    }
}

/// A value in one cell.
fn shown(node: &Node) -> String {
    let text = match &node.value {
        Value::Null => return "nothing".to_owned(),
        Value::Map(entries) => {
            let all: Vec<String> =
                entries.iter().map(|entry| format!("{}: {}", entry.key, plain(&entry.node))).collect();
            format!("{{ {} }}", all.join(", "))
        }
        _ => plain(node),
    };
    let short: String = clean(&text).replace(['|', '`'], " ").chars().take(60).collect();
    format!("`{short}`")
}

fn plain(node: &Node) -> String {
    match &node.value {
        Value::Map(_) => "{ … }".to_owned(),
        Value::Seq(items) => {
            let all: Vec<String> = items.iter().map(|item| plain(item)).collect();
            format!("[{}]", all.join(", "))
        }
        _ => node.text.to_string(),
    }
}
