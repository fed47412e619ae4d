//! A policy of the settings that cannot be judged. Found by the policy module.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "invalid-policy", severity: Severity::Error, group: Group::Settings, suppressible: false, check: None };
