//! Finds the names of a spec: where each is defined and where it is used. Knows which options have the names of services as keys from
//! the targets.

use crate::support::source::Span;
use crate::syntax::{Entry, Node, Value};
use crate::targets;

/// The kind of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameKind {
    Service,
    Backing,
    Profile,
    /// A row of `recommendations`.
    Row,
}

impl NameKind {
    pub fn word(self) -> &'static str {
        match self {
            NameKind::Service => "service",
            NameKind::Backing => "backing service",
            NameKind::Profile => "profile",
            NameKind::Row => "recommendation",
        }
    }
}

/// A place of names in a spec or in a profile.
struct NamePlace {
    /// The path from the root, `*` for any key. One that ends with `*` is about that key, any other about the value.
    path: &'static [&'static str],
    kind: NameKind,
    /// Whether the name is defined there, and not only used.
    defines: bool,
}

const fn definition(path: &'static [&'static str], kind: NameKind) -> NamePlace {
    NamePlace { path, kind, defines: true }
}

const fn reference(path: &'static [&'static str], kind: NameKind) -> NamePlace {
    NamePlace { path, kind, defines: false }
}

const PLACES: &[NamePlace] = &[
    definition(&["services", "*"], NameKind::Service),
    definition(&["backingServices", "*"], NameKind::Backing),
    definition(&["profiles", "*"], NameKind::Profile),
    definition(&["recommendations", "*"], NameKind::Row),
    reference(&["recommendations", "*", "services", "*"], NameKind::Service),
    reference(&["services", "*", "connections", "*"], NameKind::Backing),
    reference(&["services", "*", "partitionedBy"], NameKind::Backing),
    reference(&["extends"], NameKind::Profile),
    reference(&["claims"], NameKind::Row),
];

/// One occurrence of a name.
#[derive(Clone, Debug)]
pub(super) struct Occurrence {
    pub kind: NameKind,
    pub name: String,
    /// The name's bytes, with its quotes.
    pub span: Span,
    /// Whether it defines the name, in the base or in a profile.
    pub defines: bool,
    /// Whether it is in the base.
    pub base: bool,
}

/// The kind of name at a path, as a key of the mapping or as the value.
pub(super) fn kind_at(path: &[&str], key: bool) -> Option<NameKind> {
    place(path, key).map(|(kind, _)| kind)
}

/// The kind of name at a path, and whether the name is defined there.
fn place(path: &[&str], key: bool) -> Option<(NameKind, bool)> {
    let (path, overlay) = match path {
        ["profiles", _, rest @ ..] if !rest.is_empty() => (rest, true),
        path => (path, false),
    };
    let matches = |pattern: &[&str]| {
        pattern.len() == path.len()
            && pattern.iter().zip(path).all(|(wanted, step)| *wanted == "*" || wanted == step)
            && (pattern.last() == Some(&"*")) == key
    };
    if let (["targets", target, option, _], true) = (path, key) {
        let by_service = targets::get(target).is_some_and(|target| target.meta.options_by_service.contains(option));
        return by_service.then_some((NameKind::Service, false));
    }
    let found = PLACES.iter().find(|place| matches(place.path))?;
    // profiles do not nest, and only they extend
    let fits = match found.path {
        ["profiles", ..] => !overlay,
        ["extends"] => overlay,
        _ => true,
    };
    fits.then_some((found.kind, found.defines))
}

/// All names of a document, in the order of the text.
pub(super) fn all(root: &Node) -> Vec<Occurrence> {
    let mut found = Vec::new();
    walk(root, &mut Vec::new(), &mut found);
    found.sort_by_key(|occurrence: &Occurrence| occurrence.span);
    found.dedup_by_key(|occurrence| occurrence.span);
    found
}

fn walk<'n>(node: &'n Node, path: &mut Vec<&'n str>, found: &mut Vec<Occurrence>) {
    // no name is deeper than this
    if path.len() > 6 {
        return;
    }
    for entry in node.entries().iter().filter(|entry| entry.via.is_none()) {
        path.push(&entry.key);
        let base = path.first() != Some(&"profiles") || path.len() < 3;
        if let Some((kind, defines)) = place(path, true) {
            found.push(Occurrence { kind, name: entry.key.to_string(), span: entry.key_span, defines, base });
        } else if let (Some((kind, defines)), Some(name)) = (place(path, false), text(entry)) {
            found.push(Occurrence { kind, name, span: entry.node.span, defines, base });
        }
        walk(&entry.node, path, found);
        path.pop();
    }
}

fn text(entry: &Entry) -> Option<String> {
    let scalar = !matches!(entry.node.value, Value::Map(_) | Value::Seq(_) | Value::Null | Value::Unknown);
    (scalar && !entry.node.text.is_empty()).then(|| entry.node.text.to_string())
}

/// The name at a byte offset; the offset after its last byte counts too.
pub(super) fn at(all: &[Occurrence], offset: u32) -> Option<&Occurrence> {
    all.iter().find(|occurrence| occurrence.span.start <= offset && offset <= occurrence.span.end)
}

/// The definitions of a name: in the base, or if the base does not have it, in profiles.
pub(super) fn definitions<'o>(all: &'o [Occurrence], of: &Occurrence) -> Vec<&'o Occurrence> {
    let same: Vec<&Occurrence> = references(all, of).into_iter().filter(|reference| reference.defines).collect();
    let base: Vec<&Occurrence> = same.iter().copied().filter(|occurrence| occurrence.base).collect();
    if base.is_empty() { same } else { base }
}

/// Every occurrence of a name. A service and a backing service with one name are one pooler, so the occurrences of both count.
pub(super) fn references<'o>(all: &'o [Occurrence], of: &Occurrence) -> Vec<&'o Occurrence> {
    let both = [NameKind::Service, NameKind::Backing];
    let given = |kind: &NameKind| {
        all.iter().any(|occurrence| occurrence.defines && occurrence.kind == *kind && occurrence.name == of.name)
    };
    let pooler = both.contains(&of.kind) && both.iter().all(given);
    let same = |kind: NameKind| kind == of.kind || (pooler && both.contains(&kind));
    all.iter().filter(|occurrence| same(occurrence.kind) && occurrence.name == of.name).collect()
}

/// Each defined name of a kind, once.
pub(super) fn defined(all: &[Occurrence], kind: NameKind) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for occurrence in all.iter().filter(|occurrence| occurrence.kind == kind && occurrence.defines) {
        if !names.contains(&occurrence.name.as_str()) {
            names.push(&occurrence.name);
        }
    }
    names
}
