//! Two formations of one profile, number by number: what differs, and by how much. Knows no way of writing a number.

use super::rows::Profile;
use super::sheet::{self, Sheet};
use super::{Side, Status};

/// The base and every profile in which a number differs, or which came or went.
pub(super) fn compare(old: Option<&Side>, new: Option<&Side>) -> Vec<Profile> {
    let sheets = |side: Option<&Side>| {
        let all = side.map_or(&[][..], |side| &side.formations);
        all.iter().map(|one| (one.profile.clone(), Sheet::of(one))).collect::<Vec<_>>()
    };
    let (before, after) = (sheets(old), sheets(new));
    let missing = |side: Option<&Side>| Sheet::missing(side.is_some_and(|side| side.unreadable));
    let (no_old, no_new) = (missing(old), missing(new));
    let find = |all: &'_ [(Option<String>, Sheet)], profile: &Option<String>| {
        all.iter().position(|(other, _)| other == profile)
    };
    let mut profiles = Vec::new();
    let gone = before.iter().filter(|(profile, _)| find(&after, profile).is_none());
    for (profile, _) in after.iter().chain(gone) {
        let was = find(&before, profile).and_then(|index| before.get(index)).map_or(&no_old, |(_, sheet)| sheet);
        let is = find(&after, profile).and_then(|index| after.get(index)).map_or(&no_new, |(_, sheet)| sheet);
        let status = Status::of(was.there, is.there);
        let (groups, unchanged) = sheet::against(was, is);
        if !groups.is_empty() || status != Status::Kept {
            profiles.push(Profile { profile: profile.clone(), status, groups, unchanged });
        }
    }
    profiles
}
