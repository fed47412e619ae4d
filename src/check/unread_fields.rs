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
    /// What a target says of it.
    note: &'static str,
    places: Vec<FileSpan>,
}

/// One finding about all of `fields` that a spec writes, in the base or else in the profiles that write them.
///
/// `wanted` are the profiles of the run, none for the base; an empty list wants all.
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

/// The fields of a list that a document writes. `null` writes nothing; a map is not the field but what holds others.
fn written(root: &Node, fields: &[(&'static str, &'static str)]) -> Vec<UnreadField> {
    let mut all = Vec::new();
    for (field, note) in fields {
        let mut places = Vec::new();
        find(root, field, &mut places);
        places.dedup();
        if !places.is_empty() {
            all.push(UnreadField { field, note, places });
        }
    }
    all
}

fn find(node: &Node, path: &str, places: &mut Vec<FileSpan>) {
    let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
    let (key, list) = head.strip_suffix("[]").map_or((head, false), |key| (key, true));
    let entries = node.entries().iter().filter(|entry| key == "*" || &*entry.key == key);
    for entry in entries {
        match rest {
            None if entry.node.is_null() || entry.node.is_unknown() || !entry.node.entries().is_empty() => {}
            None => places.push(entry.at().place()),
            Some(rest) if list => entry.node.items().iter().for_each(|item| find(item, rest, places)),
            Some(rest) => find(&entry.node, rest, places),
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
