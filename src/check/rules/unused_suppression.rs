//! A suppression that suppresses nothing. Found by the suppress room, after every other rule has run.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "unused-suppression", severity: Severity::Warning, group: Group::Hygiene, check: None };
