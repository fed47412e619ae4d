//! A baseline that cannot be read. Found by the baseline room.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "broken-baseline", severity: Severity::Error, group: Group::Settings, check: None };
