//! A part of a file that is switched off and contradicts itself. Found by the pipeline, which checks it as if it were on.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "fault-if-enabled", severity: Severity::Note, group: Group::Base, suppressible: true, check: None };
