//! No placement was found, and none was excluded. `unplaceable` finds it on its way.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "placement-not-found",
    severity: Severity::Warning,
    group: Group::Capacity,
    suppressible: true,
    check: None,
};
