//! File URIs and paths, each made from the other. Other schemes have no path. Knows no other module.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::path::{Path, PathBuf};

/// All but the characters that RFC 3986 has in a path as they are.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The path that a `file:` URI names; `None` for other schemes and for other hosts.
#[must_use]
pub fn to_path(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    if !rest.starts_with('/') {
        return None;
    }
    let text = percent_decode_str(rest).decode_utf8().ok()?;
    if text.contains('\0') {
        return None;
    }
    // `/c:/x` on Windows
    let drive = text.get(1..3).is_some_and(|drive| drive.ends_with(':'));
    Some(PathBuf::from(if cfg!(windows) && drive { text.get(1..).unwrap_or_default() } else { &text }))
}

/// The `file:` URI of an absolute path.
#[must_use]
pub fn from_path(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() };
    let root = if text.starts_with('/') { "file://" } else { "file:///" };
    format!("{root}{}", escaped(&text))
}

/// A path with percent signs for what a URI cannot hold.
#[must_use]
pub fn escaped(path: &str) -> String {
    utf8_percent_encode(path, PATH).to_string()
}
