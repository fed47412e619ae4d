//! A threshold outside 0 to 1. Found by the schema room, whose bounds editors show.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "threshold-out-of-range", severity: Severity::Error, group: Group::Autoscaling, check: None };
