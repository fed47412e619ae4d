//! A template of the user's that cannot be used. Found by the targets' engine.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "broken-template", severity: Severity::Error, group: Group::Settings, suppressible: false, check: None };
