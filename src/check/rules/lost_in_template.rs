//! What a template of the user's leaves out. Found by the targets' engine.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "lost-in-template",
    severity: Severity::Warning,
    group: Group::Settings,
    suppressible: true,
    check: None,
};
