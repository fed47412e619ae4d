//! A setting that is written and then ignored by the usual reader. Found by the target as it lowers the plan.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "ignored-by-consumer",
    severity: Severity::Note,
    group: Group::Targets,
    suppressible: true,
    check: None,
};
