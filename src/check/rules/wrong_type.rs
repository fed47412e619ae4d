//! A value of another form than its field has. Found by the schema module.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "wrong-type", severity: Severity::Error, group: Group::Shape, suppressible: false, check: None };
