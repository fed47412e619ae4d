//! A policy of the settings that holds nowhere. Found by the policy module.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "unused-policy", severity: Severity::Note, group: Group::Settings, suppressible: true, check: None };
