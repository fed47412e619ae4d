//! Fields that a spec sets and no target of the run reads. Knows the tree and field names, no target.

use crate::check::rules;
use crate::support::diagnostic::Finding;
use crate::support::source::FileSpan;
use crate::syntax::Node;
use std::collections::HashSet;

/// How many fields one message names.
const NAMED: usize = 5;

/// A profile's name; none for the base.
type ProfileName = Option<String>;

/// One field that is written, with its places.
struct UnreadField {
    field: &'static str,
    /// The target's reason for not reading it.
    note: &'static str,
    places: Vec<FileSpan>,
}

/// One finding about all of `fields` that a spec writes: in the base, or else in the profiles that write them.
///
/// `wanted` are the profiles of the run, `None` for the base; an empty list means all.
#[must_use]
pub fn report(
    root: &Node,
    fields: &[(&'static str, &'static str)],
    targets: &[&str],
    wanted: &[ProfileName],
) -> Vec<(ProfileName, Finding)> {
    let among: HashSet<&ProfileName> = wanted.iter().collect();
    let runs = |profile: &ProfileName| among.is_empty() || among.contains(profile);
    let profiles = root.get("profiles").map_or(&[][..], |profiles| profiles.node.entries());
    let profiles = profiles.iter().map(|entry| (Some(entry.key.to_string()), &*entry.node));
    let profiles = profiles.filter(|(profile, _)| runs(profile));
    if let Some(found) = finding(&written(root, fields), targets) {
        // what the base writes is in every profile too
        let held: Vec<ProfileName> = if runs(&None) { vec![None] } else { profiles.map(|(name, _)| name).collect() };
        return held.into_iter().map(|profile| (profile, found.clone())).collect();
    }
    let found = |overlay| finding(&written(overlay, fields), targets);
    profiles.filter_map(|(profile, overlay)| Some((profile, found(overlay)?))).collect()
}

/// The fields of a list that a document writes. `null` writes nothing; a map is not a field, it only holds others.
fn written(root: &Node, fields: &[(&'static str, &'static str)]) -> Vec<UnreadField> {
    let mut all = PathTree::default();
    for (index, (field, _)) in fields.iter().enumerate() {
        all.add(field, index);
    }
    let mut places = vec![Vec::new(); fields.len()];
    all.find(root, &mut places);
    let each = fields.iter().zip(places).map(|((field, note), mut places)| {
        places.dedup();
        UnreadField { field, note, places }
    });
    each.filter(|field| !field.places.is_empty()).collect()
}

/// The paths of fields by what they begin with, so that a document is read once for all of them.
#[derive(Default)]
struct PathTree {
    /// The fields that end here, by their index.
    ends: Vec<usize>,
    below: Vec<(FieldStep, PathTree)>,
}

/// One step of a path: a key, or `*` for any; `list` goes on in the items of its list.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FieldStep {
    key: &'static str,
    list: bool,
}

impl PathTree {
    fn add(&mut self, path: &'static str, field: usize) {
        let mut tree = self;
        for part in path.split('.') {
            let step = match part.strip_suffix("[]") {
                Some(key) => FieldStep { key, list: true },
                None => FieldStep { key: part, list: false },
            };
            let known = tree.below.iter().position(|(other, _)| *other == step);
            let index = known.unwrap_or_else(|| {
                tree.below.push((step, PathTree::default()));
                tree.below.len() - 1
            });
            let Some((_, below)) = tree.below.get_mut(index) else { return };
            tree = below;
        }
        tree.ends.push(field);
    }

    fn find(&self, node: &Node, places: &mut [Vec<FileSpan>]) {
        for entry in node.entries() {
            for (step, below) in self.below.iter().filter(|(step, _)| step.key == "*" || *step.key == *entry.key) {
                let value = &entry.node;
                if !(value.is_null() || value.is_unknown() || !value.entries().is_empty()) {
                    for field in &below.ends {
                        places.get_mut(*field).into_iter().for_each(|own| own.push(entry.at().place()));
                    }
                }
                if step.list {
                    value.items().iter().for_each(|item| below.find(item, places));
                } else {
                    below.find(value, places);
                }
            }
        }
    }
}

/// The one finding about all of them, at the first in the file; `None` if there are none.
fn finding(unread: &[UnreadField], targets: &[&str]) -> Option<Finding> {
    let first = unread.iter().flat_map(|field| &field.places).min()?;
    let name = |field: &UnreadField| match field.places.len() {
        1 => field.field.to_owned(),
        places => format!("{} ({places} places)", field.field),
    };
    let mut names: Vec<String> = unread.iter().take(NAMED).map(name).collect();
    if let Some(more) = unread.len().checked_sub(NAMED).filter(|more| *more > 0) {
        names.push(format!("{more} more"));
    }
    let targets = targets.join(", ");
    let message = format!("no target of this run ({targets}) reads {}", names.join(", "));
    let finding = rules::finding("lost-in-target", *first, message)
        .help(match unread.iter().map(|field| field.note).find(|note| !note.is_empty()) {
            Some(note) => format!("{note}; else remove what no target reads, or name a target that does"),
            None => "remove what no target reads, or name a target that does".to_owned(),
        })
        .rank(i128::try_from(unread.len()).unwrap_or(0));
    let places = unread.iter().take(NAMED).filter_map(|field| Some((field.field, field.places.first()?)));
    Some(places.fold(finding, |finding, (field, place)| finding.label(*place, format!("{field} is not read"))))
}
