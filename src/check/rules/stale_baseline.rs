//! An entry of a baseline that no finding matches any more. Found by the baseline module.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "stale-baseline", severity: Severity::Warning, group: Group::Settings, suppressible: true, check: None };
