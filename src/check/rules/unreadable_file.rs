//! A file that a spec names and that cannot be read. Found where the file comes in.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "unreadable-file", severity: Severity::Error, group: Group::Shape, suppressible: false, check: None };
