//! A key that must be there. Found by the schema module, and by the model where one field needs another.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "missing-field", severity: Severity::Error, group: Group::Shape, suppressible: false, check: None };
