//! The same key twice in one mapping. Found by the syntax module, since no tree can hold both.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "duplicate-key", severity: Severity::Error, group: Group::Shape, suppressible: false, check: None };
