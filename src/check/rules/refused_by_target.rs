//! A setting that the reader of a target would reject or drop. Found by the target as it lowers the plan.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "refused-by-target",
    severity: Severity::Error,
    group: Group::Targets,
    suppressible: false,
    check: None,
};
