//! What the API server of Kubernetes refuses of a manifest. Found by the reader of manifests.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "refused-by-api", severity: Severity::Error, group: Group::Shape, suppressible: false, check: None };
