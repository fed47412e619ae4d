//! An ignore of the settings that ignores nothing. Found by the settings room.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "unused-ignore", severity: Severity::Warning, group: Group::Settings, check: None };
