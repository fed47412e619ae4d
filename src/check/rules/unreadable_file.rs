//! A file that a spec names and that cannot be read. Found by the code that reads it.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "unreadable-file", severity: Severity::Error, group: Group::Shape, suppressible: false, check: None };
