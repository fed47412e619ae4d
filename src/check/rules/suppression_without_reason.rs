//! A suppression that does not say why. Found by the suppress module, after every other rule has run.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "suppression-without-reason",
    severity: Severity::Note,
    group: Group::Hygiene,
    suppressible: true,
    check: None,
};
