//! Keys of Coolify, which takes them out of a compose file before compose reads it. Knows no rule.
//!
//! Source: Coolify's `bootstrap/helpers/docker.php` and `parsers.php`. A file is Coolify's if it has one of the variables that Coolify sets.

use crate::support::diagnostic::Finding;
use crate::support::source::Source;

/// Its keys of a service and of a mount.
const KEYS: [&str; 4] = ["exclude_from_hc", "content", "is_directory", "isDirectory"];

/// The beginnings of the variables that it sets.
const VARIABLES: [&str; 5] = ["SERVICE_URL_", "SERVICE_FQDN_", "SERVICE_PASSWORD_", "SERVICE_USER_", "SERVICE_BASE64_"];

/// Takes the findings about unknown keys that are Coolify's out of those about one of its files.
pub(super) fn leave_out_keys(source: &Source, found: &mut Vec<Finding>) {
    let is_key = |finding: &Finding| finding.rule == "unknown-field" && KEYS.contains(&source.slice(finding.at.span));
    if found.iter().any(is_key) && VARIABLES.iter().any(|variable| source.text.contains(variable)) {
        found.retain(|finding| !is_key(finding));
    }
}
