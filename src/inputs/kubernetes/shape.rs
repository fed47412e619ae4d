//! Checks the shape of an object as Kubernetes' strict decoding does: unknown fields, values of another type, amounts that it
//! cannot read. Knows no rule and no link.
//!
use super::access::{item_at, quantity_text};
use super::documents::Manifest;
use super::field_table::{fields, type_of};
use super::{known_kinds, limits, names, refusals};
use crate::inputs::field_rows::FieldRow;
use crate::model::quantity::{Cpu, MUCH_MEMORY, Memory, Unit};
use crate::support::diagnostic::Finding;
use crate::support::source::{FileSpan, Span};
use crate::support::suggest::closest;
use crate::syntax::{Entry, MAX_FINDINGS, Node, Style, Value};

/// How complete an object is within its set.
#[derive(Clone, Copy, Debug)]
pub(super) struct ObjectStanding {
    /// Whether it is complete: a patch, and an object that a patch of its set changes, may lack what another file has.
    pub(super) whole: bool,
    /// Whether nothing else sets its selector.
    pub(super) selects: bool,
    /// Whether it is a patch: a field that it adds may belong to a kind that another patch turns the object into.
    pub(super) partial: bool,
}

/// Adds the faults of an object that Kubernetes would refuse.
pub(super) fn check(manifest: &Manifest, standing: ObjectStanding, findings: &mut Vec<Finding>) {
    // the API server sees what an encrypted file holds, and not the file: https://github.com/getsops/sops
    if manifest.root.get("sops").is_some_and(|sops| sops.node.get("mac").is_some()) {
        return;
    }
    let before = findings.len();
    match type_of(&manifest.group, &manifest.version, &manifest.kind) {
        Some(of) => {
            let mut shape = Shape { findings, resource: "", large: false, standing };
            shape.object(&manifest.root, of, &Holder { at: manifest.at.place(), name: &manifest.kind });
            let mut found = Vec::new();
            // a patch with a target may have any name
            if standing.whole {
                names::of_object(manifest, &mut |finding| found.push(finding));
            }
            found.into_iter().for_each(|finding| shape.report(finding));
        }
        None => findings.extend(known_kinds::unknown_kind(manifest)),
    }
    if manifest.kind == "Secret" {
        findings.iter_mut().skip(before).for_each(|finding| keep_secret(&manifest.root, finding));
    }
}

/// The fields of a Secret that hold no secret.
const OPEN_IN_SECRET: [&str; 5] = ["apiVersion", "kind", "metadata", "type", "immutable"];

/// Hides what a Secret holds from a finding: whatever else it has, also under a misspelt key. A fix is not offered: it is shown with the lines
/// around it.
fn keep_secret(root: &Node, finding: &mut Finding) {
    let held = root.entries().iter().filter(|entry| !OPEN_IN_SECRET.contains(&&*entry.key));
    let spans: Vec<Span> = held.map(|entry| entry.node.span).collect();
    let start = spans.iter().map(|span| span.start).min();
    let end = spans.iter().map(|span| span.end).max();
    finding.rare.secret = start.zip(end).map(|(start, end)| Span { start, end });
    finding.fix = None;
}

struct Shape<'f> {
    findings: &'f mut Vec<Finding>,
    /// The resource whose amount is looked at.
    resource: &'static str,
    /// Whether other amounts of the container are those of a very large machine, so that a hundred cores are meant.
    large: bool,
    standing: ObjectStanding,
}

/// The owner of a mapping: what to underline if one of its fields is missing, and its name.
struct Holder<'h> {
    at: FileSpan,
    name: &'h str,
}

impl Shape<'_> {
    fn report(&mut self, finding: Finding) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        }
    }

    fn object(&mut self, node: &Node, of: &'static str, holder: &Holder<'_>) {
        let Some(rows) = fields(of) else { return };
        let mut meant = Vec::new();
        for entry in node.entries() {
            match rows.iter().find(|row| row.name == &*entry.key) {
                Some(row) => self.value(entry, &entry.node, (of, row)),
                // `$patch: delete` and its kind steer a merge
                None if entry.key.starts_with('$') => {}
                None => meant.extend(self.unknown(entry, node, of, rows)),
            }
        }
        let ObjectStanding { whole, selects, .. } = self.standing;
        for row in rows.iter().filter(|row| row.required && whole) {
            let written = node.get(row.name).is_some_and(|entry| !entry.node.is_null());
            let elsewhere = row.name == "selector" && !selects;
            if !written && !elsewhere && !meant.contains(&row.name) {
                let message =
                    format!("`{}` has no `{}`: the API server refuses it", holder.name.escape_debug(), row.name);
                let finding = Finding::of("missing-field", holder.at, message);
                self.report(finding.help(format!("add `{}`", row.name)));
            }
        }
        let mut found = Vec::new();
        refusals::check(of, node, (whole, selects), &mut |finding| found.push(finding));
        found.into_iter().for_each(|finding| self.report(finding));
    }

    /// Reports a field that the type does not have; returns the one that was probably meant.
    fn unknown(&mut self, entry: &Entry, beside: &Node, of: &str, rows: &'static [FieldRow]) -> Option<&'static str> {
        let of = of.strip_prefix("V1").or_else(|| of.strip_prefix("V2")).unwrap_or(of);
        let of = of.split('@').next().unwrap_or(of);
        let key = entry.key.escape_debug().to_string();
        let message = format!("`{key}` is not a field of {of}: kubectl and the API server refuse it");
        let finding = Finding::of("unknown-field", entry.at().key(), message);
        let near = closest(&entry.key, rows.iter().map(|row| row.name));
        if near.is_none() && self.standing.partial {
            return None;
        }
        self.report(match near {
            Some(near) if beside.get(near).is_some() => finding.help(format!("did you mean `{near}`?")),
            Some(near) => finding.help(format!("did you mean `{near}`?")).fix_in_own_words(entry.key_span, near, false),
            None => finding.help("remove it, or move it to where it belongs"),
        });
        near
    }

    fn value(&mut self, entry: &Entry, node: &Node, (of, row): (&'static str, &'static FieldRow)) {
        self.typed(entry, node, row.kind);
        let Some(allowed) = limits::allowed(of, row.name) else { return };
        let items = node.items().iter().map(|item| &**item);
        for item in items.chain((node.items().is_empty()).then_some(node)).filter(|item| !is_open(item)) {
            if let Some((what, help)) = allowed.judge(item) {
                let message = format!("`{}` {what}: the API server refuses it", row.name);
                self.report(Finding::of("refused-by-api", item.at().place(), message).help(help));
            }
        }
    }

    fn typed(&mut self, entry: &Entry, node: &Node, kind: &'static str) {
        if is_open(node) || is_open_number(node, kind) {
            return;
        }
        if let Some(items) = kind.strip_prefix("[]") {
            match &node.value {
                Value::Seq(all) => all.iter().for_each(|item| self.typed(entry, item, items)),
                _ => self.wrong(entry, node, "a list"),
            }
        } else if let Some(values) = kind.strip_prefix("{}") {
            match &node.value {
                Value::Map(all) => {
                    // a quota is of many replicas
                    self.large = is_large(node) || &*entry.key == "hard";
                    for entry in all {
                        self.resource = match &*entry.key {
                            "cpu" | "requests.cpu" | "limits.cpu" => "cpu",
                            "memory" | "requests.memory" | "limits.memory" => "memory",
                            _ => "",
                        };
                        self.typed(entry, &entry.node, values);
                    }
                    self.resource = "";
                }
                _ => self.wrong(entry, node, "a mapping"),
            }
        } else {
            self.scalar(entry, node, kind);
        }
    }

    fn scalar(&mut self, entry: &Entry, node: &Node, kind: &'static str) {
        match (kind, &node.value) {
            ("any" | "time", _) => {}
            ("string", Value::Str) if is_old_bool(node) => self.wrong(entry, node, "a string"),
            ("string" | "int-or-string", Value::Str) | ("int-or-string" | "number", Value::Int(_)) => {}
            ("number", Value::Float(_)) | ("boolean", Value::Bool(_)) => {}
            ("boolean", Value::Str) if is_old_bool(node) => {}
            ("integer" | "int-or-string", _) if node.as_whole().is_some() => {}
            ("quantity", Value::Str | Value::Int(_) | Value::Float(_)) => self.quantity(entry, node),
            ("string", _) => self.wrong(entry, node, "a string"),
            ("integer", _) => self.wrong(entry, node, "a whole number"),
            ("number", _) => self.wrong(entry, node, "a number"),
            ("boolean", _) => self.wrong(entry, node, "`true` or `false`"),
            ("quantity", _) => self.wrong(entry, node, "an amount"),
            ("int-or-string", _) => self.wrong(entry, node, "a number or a string"),
            (_, Value::Map(_)) => {
                // an item of a list is underlined where it begins
                let own = std::ptr::eq(node, &raw const *entry.node);
                let at = if own { entry.at().key() } else { item_at(node, "name").place() };
                self.object(node, kind, &Holder { at, name: &entry.key });
            }
            _ => self.wrong(entry, node, "a mapping"),
        }
    }

    fn wrong(&mut self, entry: &Entry, node: &Node, expected: &str) {
        let kind = if is_old_bool(node) { "a boolean to YAML 1.1" } else { node.kind() };
        let at = if std::ptr::eq(node, &raw const *entry.node) { entry.at() } else { node.at() };
        let message = format!("`{}` is {kind}, but Kubernetes takes {expected} there", entry.key.escape_debug());
        let finding = Finding::of("wrong-type", at.place(), message);
        let plain = node.style == Style::Plain && !node.text.is_empty();
        self.report(match (expected, plain) {
            ("a string", true) => {
                let quoted = format!("\"{}\"", node.text);
                finding.help("put it into quotes").fix_in_own_words(node.span, quoted, true)
            }
            ("a whole number" | "`true` or `false`", _) if node.style == Style::Quoted => {
                finding.help(format!("write {expected}, without quotes"))
            }
            _ => finding.help(format!("write {expected}")),
        });
    }

    fn quantity(&mut self, entry: &Entry, node: &Node) {
        let Some(text) = quantity_text(node) else { return };
        let read = Memory::parse(text);
        let spaced = text.len() != text.trim().len();
        let memory = match read {
            Ok(memory) if !spaced => memory,
            Ok(_) => {
                let message = format!("`{}` has a space around it: Kubernetes reads no amount", text.escape_debug());
                self.report(Finding::of("invalid-quantity", entry.at().place(), message).help("take the space out"));
                return;
            }
            // a number of bytes that is too large is not a fault of its form
            Err(_) if Cpu::parse(text).is_ok() => return,
            Err(bad) => {
                let finding = Finding::of("invalid-quantity", entry.at().place(), bad.why);
                self.report(match bad.meant {
                    Some(meant) => finding.help(format!("did you mean `{meant}`?")),
                    None => finding.help("write it like `500m`, `2`, `512Mi` or `4Gi`"),
                });
                return;
            }
        };
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let small = digits && memory.unit == Unit::None && (1..LEAST_BYTES).contains(&memory.bytes);
        match self.resource {
            "memory" if memory.unit == Unit::Fraction => {
                let meant = text.trim_end_matches(['m', 'u', 'n']);
                self.ambiguous(entry, format!("`{text}` of memory is {} bytes", memory.bytes), &format!("{meant}Mi"));
            }
            "memory" if small => {
                self.ambiguous(entry, format!("`{text}` of memory is {text} bytes"), &format!("{text}Mi"))
            }
            "cpu" if digits && memory.bytes >= MOST_CORES && !self.large => {
                self.ambiguous(entry, format!("`{text}` of cpu is {text} cores for one replica"), &format!("{text}m"));
            }
            _ => {}
        }
    }

    fn ambiguous(&mut self, entry: &Entry, message: String, meant: &str) {
        let finding = Finding::of("ambiguous-unit", entry.at().place(), message);
        self.report(finding.help(format!("did you mean `{meant}`?")).fix_in_own_words(entry.node.span, meant, false));
    }
}

/// Whether a container requests devices, or so much memory that a hundred cores go with it.
fn is_large(amounts: &Node) -> bool {
    let device = |entry: &Entry| entry.key.contains('/');
    let memory = |entry: &Entry| {
        let bytes = quantity_text(&entry.node).and_then(|text| Memory::parse(text).ok());
        &*entry.key == "memory" && bytes.is_some_and(|memory| memory.bytes >= MUCH_MEMORY)
    };
    amounts.entries().iter().any(|entry| device(entry) || memory(entry))
}

/// A bare number of bytes below this is probably a mistake: no process runs in less than a mebibyte.
const LEAST_BYTES: u64 = 1 << 20;
/// A bare number of cores from here on is probably a mistake for one replica.
const MOST_CORES: u64 = 100;

/// Whether a value is absent, or is left to be filled in before anybody applies it: `{{ .Values.n }}`, `${N}`, `$(N)`, `<N>`, `%N%`,
/// `__N__`, `@N@`, `REPLICA_COUNT`, and `TOLERATIONS_OF_WEB: ""` where a chart's generator puts a whole block.
fn is_open(node: &Node) -> bool {
    let text = &*node.text;
    let between = |start: &str, end: &str| text.len() > 2 && text.starts_with(start) && text.ends_with(end);
    let marked = [("<", ">"), ("%", "%"), ("__", "__"), ("@", "@")].iter().any(|(start, end)| between(start, end));
    let capitals =
        |word: &str| word.contains('_') && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let plain = matches!(node.value, Value::Str);
    if let [only] = node.entries()
        && capitals(&only.key)
    {
        return true;
    }
    let capitals = capitals(text);
    node.is_null()
        || node.is_unknown()
        || text.contains("{{")
        || (plain && (text.starts_with('$') || text.contains("${") || marked || capitals))
}

/// Whether a word replaces a number, as scripts fill it in: `PORT`.
fn is_open_number(node: &Node, kind: &str) -> bool {
    let number = matches!(kind, "integer" | "number" | "quantity" | "boolean");
    number && node.text.len() > 2 && node.text.bytes().all(|byte| byte.is_ascii_uppercase()) && !is_old_bool(node)
}

/// Whether the readers of YAML 1.1, kubectl's among them, take a bare word for a boolean.
fn is_old_bool(node: &Node) -> bool {
    let plain = node.style == Style::Plain && matches!(node.value, Value::Str);
    plain
        && matches!(
            &*node.text,
            "yes" | "Yes" | "YES" | "no" | "No" | "NO" | "on" | "On" | "ON" | "off" | "Off" | "OFF"
        )
}
