//! Finds what each profile extends, and the circles among them. Knows no merge.

use super::{Overlay, ProfileFinding};
use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::FieldSpan;
use crate::syntax::Entry;
use std::collections::HashMap;

/// The most profiles of a circle that are named and labelled: it may have thousands.
const NAMED: usize = 12;

/// The index that each profile extends. A circle is cut at the link that leads back to its first profile in the
/// file.
pub(super) fn parents(overlays: &[Overlay], said: &mut ProfileFinding<'_>) -> Vec<Option<usize>> {
    let index: HashMap<&str, usize> = overlays.iter().enumerate().map(|(at, one)| (&*one.entry.key, at)).collect();
    let mut parents: Vec<Option<usize>> =
        overlays.iter().map(|overlay| parent(overlay, overlays, &index, said)).collect();
    for circle in circles(&parents) {
        if let Some(finding) = closing(overlays, &circle) {
            said.push(finding);
        }
        if let Some(last) = circle.last().and_then(|last| parents.get_mut(*last)) {
            *last = None;
        }
    }
    parents
}

/// The index of what one profile extends.
fn parent(
    overlay: &Overlay,
    overlays: &[Overlay],
    index: &HashMap<&str, usize>,
    said: &mut ProfileFinding<'_>,
) -> Option<usize> {
    let extends = overlay.extends.as_ref().filter(|extends| !extends.node.is_unknown())?;
    let Some(name) = extends.node.as_str() else {
        let message = format!("`extends` is {}, expected the name of a profile", extends.node.kind());
        let finding = Finding::new("wrong-type", Severity::Error, extends.at().place(), message);
        said.push(finding.help("name one profile, or remove `extends`"));
        return None;
    };
    let found = index.get(name).copied();
    if found.is_none() && !said.is_full() {
        said.push(unknown(overlays, name, &overlay.entry.key, extends.at()));
    }
    found
}

/// Each circle once, from its first profile in the file along what it extends.
fn circles(parents: &[Option<usize>]) -> Vec<Vec<usize>> {
    let mut circles = Vec::new();
    // the start from which a profile was visited; 0 if it was not
    let mut passed = vec![0; parents.len()];
    for start in 0..parents.len() {
        let mut chain = Vec::new();
        let mut next = Some(start);
        while let Some((index, mark)) = next.and_then(|index| Some((index, passed.get_mut(index)?))) {
            if *mark == start + 1 {
                let mut circle: Vec<usize> = chain.into_iter().skip_while(|passed| *passed != index).collect();
                let first = circle.iter().enumerate().min_by_key(|(_, index)| **index).map_or(0, |(at, _)| at);
                circle.rotate_left(first);
                circles.push(circle);
                break;
            }
            if *mark != 0 {
                break;
            }
            *mark = start + 1;
            chain.push(index);
            next = parents.get(index).copied().flatten();
        }
    }
    circles
}

/// The one finding about a circle, at the link that closes it.
fn closing(overlays: &[Overlay], circle: &[usize]) -> Option<Finding> {
    let all: Vec<&Entry> =
        circle.iter().filter_map(|index| overlays.get(*index)).map(|overlay| &overlay.entry).collect();
    let extends: Vec<&Entry> =
        circle.iter().filter_map(|index| overlays.get(*index)).filter_map(|overlay| overlay.extends.as_ref()).collect();
    let mut names: Vec<String> = all.iter().take(NAMED).map(|entry| entry.key.to_string()).collect();
    if let Some(more) = all.len().checked_sub(NAMED).filter(|more| *more > 0) {
        names.push(format!("{more} more"));
    }
    let (first, last) = (all.first()?, extends.last()?);
    let message = format!("profiles extend each other in a circle: {} → {}", names.join(" → "), first.key);
    let finding =
        Finding::new("invalid-value", Severity::Error, last.at().place(), message).help("remove this `extends`");
    let labelled = extends.iter().take(NAMED);
    Some(labelled.fold(finding, |finding, extends| finding.label(extends.at().place(), "part of the circle")))
}

fn unknown(overlays: &[Overlay], name: &str, own: &str, at: FieldSpan) -> Finding {
    let names = overlays.iter().map(|overlay| &*overlay.entry.key).filter(|name| *name != own);
    let message = format!("profile `{name}` does not exist");
    let finding = Finding::new("unknown-reference", Severity::Error, at.place(), message);
    if let Some(close) = crate::support::suggest::closest(name, names.clone()) {
        return finding.help(format!("did you mean `{close}`?"));
    }
    let mut listed: Vec<String> = names.clone().take(NAMED).map(|name| format!("`{name}`")).collect();
    if let Some(more) = overlays.len().checked_sub(NAMED + 1).filter(|more| *more > 0) {
        listed.push(format!("{more} more"));
    }
    finding.help(format!("profiles are {}", listed.join(", ")))
}
