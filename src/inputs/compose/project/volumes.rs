//! Mounts of a compose service in one form: a mapping with `type`, `source`, `target`, `read_only`.
//!
//! The grammar of the short form is compose-go's (`format/volume.go`).

use crate::inputs::text::UNKNOWN;
use crate::inputs::tree::{field, map, with_text};
use crate::syntax::{Node, Value};
use std::rc::Rc;

/// The short form, in the long one; `None` if compose refuses it. `folder` is what relative paths start from.
pub(super) fn from_short(node: &Node, text: &str, folder: &str) -> Option<Rc<Node>> {
    let parts = sections(text)?;
    let (source, target, options) = match parts.as_slice() {
        [target] => (None, target, ""),
        [source, target] => (Some(source), target, ""),
        [source, target, options] => (Some(source), target, options.as_str()),
        _ => return None,
    };
    let kind = match source {
        Some(source) if source.starts_with(UNKNOWN) => "\0",
        Some(source) if is_path(source) => "bind",
        _ => "volume",
    };
    let source = source.map(|source| if kind == "bind" { place(folder, source) } else { source.clone() });
    let mut entries = vec![field("type", node, with_text(node, kind))];
    entries.extend(source.map(|source| field("source", node, with_text(node, &source))));
    entries.push(field("target", node, with_text(node, &clean(target))));
    let read_only = options.split(',').rev().find(|option| ["ro", "rw"].contains(option)) == Some("ro");
    if read_only || options.contains(UNKNOWN) {
        let mut flag = (*with_text(node, if read_only { "true" } else { "\0" })).clone();
        if read_only {
            flag.value = Value::Bool(true);
        }
        entries.push(field("read_only", node, Rc::new(flag)));
    }
    Some(map(node, entries))
}

/// The parts between colons; a colon after a single letter belongs to a drive of Windows.
fn sections(text: &str) -> Option<Vec<String>> {
    if text.is_empty() {
        return None;
    }
    if text.len() <= 2 {
        return Some(vec![text.to_owned()]);
    }
    let mut parts = vec![String::new()];
    for c in text.chars() {
        let part = parts.last_mut()?;
        let drive = part.chars().count() == 1 && part.chars().all(char::is_alphabetic);
        if c == ':' && !drive {
            if part.is_empty() {
                return None;
            }
            parts.push(String::new());
        } else {
            part.push(c);
        }
    }
    (parts.len() <= 3 && parts.last().is_some_and(|last| !last.is_empty())).then_some(parts)
}

/// Whether a source is a path and no volume's name.
fn is_path(source: &str) -> bool {
    let mut chars = source.chars();
    let first = chars.next();
    let drive = first.is_some_and(char::is_alphabetic) && chars.next() == Some(':');
    source.starts_with(['.', '/', '~']) || source.starts_with("\\\\") || drive
}

/// Whether a path stands for itself wherever it is written.
fn is_absolute(path: &str) -> bool {
    let mut chars = path.chars();
    let drive = chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.next() == Some(':')
        && matches!(chars.next(), Some('/' | '\\'));
    path.starts_with('/') || path.starts_with("\\\\") || drive
}

/// A path from a folder: relative to where the folder is relative to. The home folder of whoever runs compose stays `~`, a path
/// that begins with something unknown stays as it is.
pub(super) fn place(folder: &str, path: &str) -> String {
    if path.is_empty() || is_absolute(path) || path.starts_with(['~', UNKNOWN]) {
        return path.to_owned();
    }
    if folder.is_empty() { clean(path) } else { clean(&format!("{folder}/{path}")) }
}

/// A path without `.`, `//` and `x/..`, as Go's `path.Clean` does; `.` if nothing is left.
pub(super) fn clean(path: &str) -> String {
    if path.is_empty() {
        return String::new();
    }
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    match (rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

#[cfg(test)]
mod tests {
    use super::{clean, place, sections};

    #[test]
    fn sections_are_parted_by_colons() {
        let cases: [(&str, Option<&[&str]>); 9] = [
            ("/data", Some(&["/data"])),
            ("v:/data", Some(&["v:/data"])),
            ("vol:/data", Some(&["vol", "/data"])),
            ("vol:/data:ro", Some(&["vol", "/data", "ro"])),
            ("C:\\x:/data", Some(&["C:\\x", "/data"])),
            (":/data", None),
            ("a b:/data:", None),
            ("aa:bb:cc:dd", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let parts = sections(text);
            let parts: Option<Vec<&str>> = parts.as_ref().map(|parts| parts.iter().map(String::as_str).collect());
            assert_eq!(parts.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn paths_start_from_their_folder() {
        let cases = [
            ("", "./a", "a"),
            ("x", "../y/./z", "y/z"),
            ("x", "../../y", "../y"),
            ("x", "/y//z/", "/y//z/"),
            ("x", "~/y", "~/y"),
            ("", ".", "."),
        ];
        for (folder, path, expected) in cases {
            assert_eq!(place(folder, path), expected, "{folder} {path}");
        }
        assert_eq!(clean("/../a"), "/a");
    }
}
