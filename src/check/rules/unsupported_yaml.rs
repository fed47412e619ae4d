//! YAML that other readers may take and that is not read here. Found by the syntax module.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "unsupported-yaml", severity: Severity::Error, group: Group::Shape, suppressible: false, check: None };
