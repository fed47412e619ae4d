//! An amount or a duration that cannot be read. Found by the model, which alone knows units.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "invalid-quantity", severity: Severity::Error, group: Group::Shape, suppressible: false, check: None };
