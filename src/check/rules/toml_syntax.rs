//! A settings file that is not TOML. Found by the settings module.

use super::{Group, Meta};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta =
    Meta { id: "toml-syntax", severity: Severity::Error, group: Group::Settings, suppressible: false, check: None };
