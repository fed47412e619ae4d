//! An imported number whose file has changed since. Found by the module of noted origins, which reads comments.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "base-changed", severity: Severity::Note, group: Group::Base, suppressible: true, check: None };
