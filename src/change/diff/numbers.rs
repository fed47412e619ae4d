//! Two formations of one profile, number by number: what differs, and by how much. Knows no way of writing a number.

use super::rows::ProfileChanges;
use super::sheet::{self, Sheet};
use super::side::ProfileNumbers;
use super::{Side, Status};
use std::collections::HashMap;

/// The base and every profile in which a number differs, or which came or went.
pub(super) fn compare(old: Option<&Side<'_>>, new: Option<&Side<'_>>) -> Vec<ProfileChanges> {
    fn all<'s>(side: Option<&'s Side<'_>>) -> &'s [ProfileNumbers] {
        side.map_or(&[], |side| &side.profiles)
    }
    fn by_name(all: &[ProfileNumbers]) -> HashMap<Option<&str>, &Sheet> {
        all.iter().map(|profile_numbers| (profile_numbers.profile.as_deref(), &profile_numbers.sheet)).collect()
    }
    let (before, after) = (by_name(all(old)), by_name(all(new)));
    let missing = |side: Option<&Side<'_>>| Sheet::missing(side.is_some_and(|side| side.unreadable));
    let (no_old, no_new) = (missing(old), missing(new));
    let mut profiles = Vec::new();
    let gone = all(old).iter().filter(|profile_numbers| !after.contains_key(&profile_numbers.profile.as_deref()));
    for ProfileNumbers { profile, .. } in all(new).iter().chain(gone) {
        let was = before.get(&profile.as_deref()).copied().unwrap_or(&no_old);
        let is = after.get(&profile.as_deref()).copied().unwrap_or(&no_new);
        let status = Status::of(was.there, is.there);
        let (groups, unchanged) = sheet::against(was, is);
        if !groups.is_empty() || status != Status::Kept {
            profiles.push(ProfileChanges { profile: profile.clone(), status, groups, unchanged });
        }
    }
    profiles
}
