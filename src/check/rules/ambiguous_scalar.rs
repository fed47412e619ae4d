//! A bare word or number that YAML 1.1 reads differently. Found on the tree, before any field is known.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "ambiguous-scalar", severity: Severity::Warning, group: Group::Shape, suppressible: true, check: None };
