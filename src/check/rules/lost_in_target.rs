//! A setting that a target cannot hold. Found by the target as it lowers the plan.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "lost-in-target", severity: Severity::Warning, group: Group::Targets, suppressible: true, check: None };
