//! Which files the server has something to say about. One function decides, so that a new reader is one more variant.

/// The language of an open file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A scaling spec.
    Spec,
    /// Anything else: nothing is said about it.
    Other,
}

/// The language that an editor may give a file to say that it is a spec, whatever its name.
pub const LANGUAGE: &str = "scalegen";

/// Keys that no other known format has at the root of a file.
const SPEC_KEYS: &[&str] = &["backingServices", "profiles", "capacity", "targets"];

/// The kind of a file: by what the editor calls its language, by its name, else by the keys at its root. `name` may be a
/// path or a URI.
#[must_use]
pub fn recognize(name: &str, language: &str, text: &str) -> FileKind {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    if language == LANGUAGE {
        return FileKind::Spec;
    }
    let Some(stem) = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml")) else {
        // an unsaved file has a name of its own choosing
        return if name.contains('.') { FileKind::Other } else { by_content(text) };
    };
    if stem == "scalegen" || stem.ends_with(".scalegen") {
        return FileKind::Spec;
    }
    let compose = stem.starts_with("compose") || stem.starts_with("docker-compose");
    if compose || stem == "convox" { FileKind::Other } else { by_content(text) }
}

/// By the keys that begin a line: this also works for a text that cannot be read as YAML.
fn by_content(text: &str) -> FileKind {
    let mut spec = false;
    for line in text.trim_start_matches('\u{feff}').lines() {
        let Some((key, value)) = line.split_once(':') else { continue };
        let value = value.split(" #").next().unwrap_or_default().trim();
        match key.trim_end() {
            "apiVersion" => return FileKind::Other,
            "version" => spec |= !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()),
            key => spec |= SPEC_KEYS.contains(&key),
        }
    }
    if spec { FileKind::Spec } else { FileKind::Other }
}
