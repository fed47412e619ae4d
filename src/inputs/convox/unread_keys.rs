//! Reports keys that Convox drops without a word, with the key that was probably meant, and has each value judged. Knows no value.

use super::{ConvoxFindings, hangs_on_a_variable, value_shapes};
use crate::inputs::field_rows::{FieldRow, field_rows};
use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::{Source, Span};
use crate::support::suggest::closest;
use crate::syntax::{Entry, Node};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The newest releases that the table of keys was compared with.
const RELEASES: &str = "v3 up to 3.24.9, v2 up to 20260421192651";

/// Words of other tools, in the type where they are written, with what Convox has for them.
const OTHER_WORDS: [(&str, &str, &str); 17] = [
    ("Service", "autoscaling", "scale: {count: 1-5, targets: {cpu: 70}}"),
    ("Service", "cmd", "command: …"),
    ("Service", "cpu_shares", "scale: {cpu: …}"),
    ("Service", "deploy", "scale: {count: …}"),
    ("Service", "dockerfile", "build: {manifest: …}"),
    ("Service", "entrypoint", "command: …"),
    ("Service", "env", "environment: [NAME=value]"),
    ("Service", "healthcheck", "health: …"),
    ("Service", "instances", "scale: {count: …}"),
    ("Service", "mem_limit", "scale: {memory: …}"),
    ("Service", "readinessProbe", "health: …"),
    ("Service", "livenessProbe", "liveness: …"),
    ("Service", "replicas", "scale: {count: …}"),
    ("Service", "stop_grace_period", "termination: {grace: …}"),
    ("Scale", "instances", "count: …"),
    ("Scale", "replicas", "count: …"),
    ("Scale", "mem", "memory: …"),
];

/// The keys of each type.
static KEYS: LazyLock<HashMap<&'static str, Vec<FieldRow>>> = LazyLock::new(|| field_rows(include_str!("keys.txt")));

/// Reports the keys of a file that no generation of Convox reads. Returns whether it has keys that only v3 reads, so that nobody wrote
/// it for v2.
pub(super) fn report(root: &Node, source: &Source, found: &mut ConvoxFindings) -> bool {
    let mut walk = Walk { source, found, is_of_v3: false };
    walk.mapping(root, "Manifest", "");
    walk.is_of_v3
}

struct Walk<'w> {
    source: &'w Source,
    found: &'w mut ConvoxFindings,
    /// Whether there was a key that only v3 reads.
    is_of_v3: bool,
}

impl Walk<'_> {
    /// Looks at the keys of one mapping. A type with `~` takes its keys in any case.
    fn mapping(&mut self, node: &Node, kind: &'static str, path: &str) {
        let (of, any_case) = kind.strip_prefix('~').map_or((kind, false), |of| (of, true));
        let Some(rows) = KEYS.get(of) else { return };
        for entry in node.entries() {
            let known = rows
                .iter()
                .find(|row| row.name == &*entry.key || any_case && row.name.eq_ignore_ascii_case(&entry.key));
            let own = joined(path, &entry.key);
            match known {
                Some(row) => {
                    self.is_of_v3 |= !row.verdict.contains("v2");
                    self.value(&entry.node, row.kind, &own);
                }
                // Convox merges it in quotes, too, because it writes each service out and reads it once more
                None if &*entry.key == "<<" => {}
                None if hangs_on_a_variable(&entry.key) || self.holds_an_anchor(entry, of) => {}
                None => self.unread(entry, node, of, &own),
            }
        }
    }

    fn value(&mut self, node: &Node, kind: &'static str, path: &str) {
        let plain = !self.source.slice(node.span).starts_with(['"', '\'']);
        value_shapes::judge(node, kind, path, plain, self.found);
        let kind = match kind {
            "environment" => "[]variable",
            "text-or-texts" => "[]text",
            kind => kind,
        };
        if let Some(items) = kind.strip_prefix("[]") {
            node.items().iter().for_each(|item| self.value(item, items, path));
        } else if let Some(values) = kind.strip_prefix("{}") {
            node.entries().iter().for_each(|entry| self.value(&entry.node, values, &joined(path, &entry.key)));
        } else {
            self.mapping(node, kind, path);
        }
    }

    /// Whether a key at the root is there for what other places take from it.
    fn holds_an_anchor(&self, entry: &Entry, of: &str) -> bool {
        let (start, end) = (entry.key_span.end, entry.node.span.end);
        let written = (start < end).then(|| self.source.slice(Span { start, end }));
        of == "Manifest" && (entry.key.starts_with("x-") || written.is_some_and(|text| text.contains('&')))
    }

    fn unread(&mut self, entry: &Entry, beside: &Node, of: &'static str, path: &str) {
        let message =
            format!("no release of Convox reads `{}` ({RELEASES}): it is dropped without a word", path.escape_debug());
        let mut finding = Finding::new("dead-setting", Severity::Warning, entry.at().key(), message);
        // the value of an unknown key may be a secret
        if !entry.node.is_null() {
            finding = finding.secret(entry.node.span);
        }
        let near = near_key(&entry.key, of);
        if let Some(near) = near.filter(|near| beside.get(near.name).is_none()) {
            finding = finding.fix_in_own_words(entry.key_span, near.name, false);
        }
        self.found.push(finding.help(match (near, elsewhere(&entry.key, of)) {
            (Some(near), _) => format!("did you mean `{}`{}?", near.name, only_generation(near)),
            (None, Some(text)) => format!("write `{text}`"),
            (None, None) => "remove it, or move it to where it belongs".to_owned(),
        }));
    }
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// The key of a type that was probably meant.
fn near_key(key: &str, of: &str) -> Option<&'static FieldRow> {
    let rows = KEYS.get(of)?;
    let near = closest(key, rows.iter().map(|row| row.name))?;
    rows.iter().find(|row| row.name == near)
}

/// What Convox has for a word of another tool, or the key below one of this type that has the name.
fn elsewhere(key: &str, of: &str) -> Option<String> {
    if let Some((.., text)) = OTHER_WORDS.iter().find(|(own, word, _)| *own == of && *word == key) {
        return Some((*text).to_owned());
    }
    let has = |row: &&FieldRow| KEYS.get(row.kind).is_some_and(|rows| rows.iter().any(|row| row.name == key));
    let holders: Vec<&FieldRow> = KEYS.get(of)?.iter().filter(has).collect();
    match holders[..] {
        [only] => Some(format!("{}: {{{key}: …}}", only.name)),
        _ => None,
    }
}

/// The generation of a key that only one knows.
fn only_generation(row: &FieldRow) -> &'static str {
    match (row.verdict.contains("v2"), row.verdict.contains("v3")) {
        (true, false) => " (v2)",
        (false, true) => " (v3)",
        _ => "",
    }
}
