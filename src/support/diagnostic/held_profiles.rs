//! The profiles in which a finding holds: one pointer, as most hold in the base. Knows no finding.

use std::ops::Deref;
use std::sync::Arc;

/// The names of profiles in which a finding holds, in order; none if it holds in the base. Findings share the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldProfiles(Option<Arc<Box<[Arc<str>]>>>);

impl Deref for HeldProfiles {
    type Target = [Arc<str>];

    fn deref(&self) -> &[Arc<str>] {
        self.0.as_ref().map_or(&[], |names| names)
    }
}

impl From<Vec<Arc<str>>> for HeldProfiles {
    fn from(names: Vec<Arc<str>>) -> HeldProfiles {
        HeldProfiles((!names.is_empty()).then(|| Arc::new(names.into())))
    }
}

impl FromIterator<Arc<str>> for HeldProfiles {
    fn from_iter<I: IntoIterator<Item = Arc<str>>>(names: I) -> HeldProfiles {
        names.into_iter().collect::<Vec<_>>().into()
    }
}
