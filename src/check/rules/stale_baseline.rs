//! What a baseline knows and nobody finds any more. Found by the baseline room.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "stale-baseline", severity: Severity::Warning, group: Group::Settings, check: None };
