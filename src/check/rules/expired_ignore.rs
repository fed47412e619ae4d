//! An ignore of the settings whose last day is over. Found by the settings module.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "expired-ignore", severity: Severity::Warning, group: Group::Settings, suppressible: true, check: None };
