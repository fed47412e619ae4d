//! An ignore of the settings that ignores nothing. Found by the settings module.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "unused-ignore", severity: Severity::Warning, group: Group::Settings, suppressible: true, check: None };
