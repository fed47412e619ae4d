//! A baseline that cannot be read. Found by the baseline module.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "broken-baseline", severity: Severity::Error, group: Group::Settings, suppressible: false, check: None };
