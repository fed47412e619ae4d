//! A key the language does not have. Found by the schema module; profiles finds those that cannot be in a profile.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "unknown-field", severity: Severity::Error, group: Group::Shape, suppressible: false, check: None };
