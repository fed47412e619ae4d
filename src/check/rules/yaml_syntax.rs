//! Text that is not YAML. Found by the syntax module.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "yaml-syntax", severity: Severity::Error, group: Group::Shape, suppressible: false, check: None };
