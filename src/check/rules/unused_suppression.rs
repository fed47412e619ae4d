//! A suppression that suppresses nothing. Found by the suppress module, after every other rule has run.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "unused-suppression",
    severity: Severity::Warning,
    group: Group::Hygiene,
    suppressible: true,
    check: None,
};
