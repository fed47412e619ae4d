//! A number that was imported, and whose file says otherwise now. Found by the module of noted origins, which reads comments.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "base-changed", severity: Severity::Note, group: Group::Base, suppressible: true, check: None };
