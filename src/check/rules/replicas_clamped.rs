//! `replicas-clamped`. Found by the target that knows the consumer's arithmetic, while it lowers the plan.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "replicas-clamped",
    severity: Severity::Warning,
    group: Group::Targets,
    suppressible: true,
    check: None,
};
