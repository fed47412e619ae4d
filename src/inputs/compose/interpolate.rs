//! Compose's `${NAME:-default}` with an empty environment. Knows no compose key.

/// Stands in a text for what depends on the environment.
pub(super) const UNKNOWN: char = '\0';

/// Defaults inside defaults that are followed; deeper ones are unknown.
const MAX_DEPTH: usize = 16;

/// The text with every reference replaced by its default, and by [`UNKNOWN`] where it has none.
pub(super) fn fill(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fill_into(text, MAX_DEPTH, &mut out);
    out
}

/// The text with every reference replaced by its default; none where one has no default.
pub(super) fn known(text: &str) -> Option<String> {
    let filled = fill(text);
    (!filled.contains(UNKNOWN)).then_some(filled)
}

/// Whether the whole text is one reference that becomes empty while its variable is unset: `${NAME}`, `${NAME:-}`.
pub(super) fn empty_when_unset(text: &str) -> bool {
    let text = text.trim();
    let Some(rest) = text.strip_prefix('$') else { return false };
    let Some(inner) = rest.strip_prefix('{') else {
        return name_length(rest) == rest.len() && !rest.is_empty();
    };
    match closing(inner) {
        Some(end) if end + 1 == inner.len() => {
            let (name, after) = inner.split_at(name_length(inner.get(..end).unwrap_or_default()));
            let default = after.get(..after.len() - 1).unwrap_or_default();
            let default = default.strip_prefix(":-").or(default.strip_prefix('-')).unwrap_or(default);
            !name.is_empty() && default.is_empty()
        }
        _ => false,
    }
}

fn fill_into(text: &str, depth: usize, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let after = after.get(1..).unwrap_or_default();
        if let Some(tail) = after.strip_prefix('$') {
            out.push('$');
            rest = tail;
        } else if let Some(inner) = after.strip_prefix('{') {
            let Some(end) = closing(inner) else {
                out.push(UNKNOWN);
                return;
            };
            let (reference, tail) = inner.split_at(end);
            reference_into(reference, depth, out);
            rest = tail.get(1..).unwrap_or_default();
        } else {
            // a `$` that begins no name is an error to compose: unknown as well
            out.push(UNKNOWN);
            rest = after.get(name_length(after)..).unwrap_or_default();
        }
    }
    out.push_str(rest);
}

fn reference_into(reference: &str, depth: usize, out: &mut String) {
    let (name, operator) = reference.split_at(name_length(reference));
    let unset = operator.strip_prefix(":-").or(operator.strip_prefix('-'));
    match unset {
        Some(default) if depth > 0 && !name.is_empty() => fill_into(default, depth - 1, out),
        // `${NAME:+x}` of an unset variable is empty
        None if !name.is_empty() && (operator.starts_with(":+") || operator.starts_with('+')) => {}
        _ => out.push(UNKNOWN),
    }
}

/// How many bytes of the text are a variable's name.
fn name_length(text: &str) -> usize {
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return 0;
    }
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// The byte of the `}` that closes the reference whose `${` stands just before the text.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0usize;
    let bytes = text.as_bytes();
    for (index, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' if index > 0 && bytes.get(index - 1) == Some(&b'$') => open += 1,
            b'}' if open == 0 => return Some(index),
            b'}' => open -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{empty_when_unset, fill, known};

    #[test]
    fn references_become_their_defaults() {
        let cases = [
            ("plain", Some("plain")),
            ("${PORT:-8080}:80", Some("8080:80")),
            ("${PORT-8080}", Some("8080")),
            ("a$$b", Some("a$b")),
            ("$$$$", Some("$$")),
            ("${A:-${B:-${C-3}}}x", Some("3x")),
            ("${A:-}", Some("")),
            ("${A:+set}", Some("")),
            ("${A+set}", Some("")),
            ("${A:-a}${B:-b}", Some("ab")),
            ("$NAME", None),
            ("${NAME}", None),
            ("${NAME:?needed}", None),
            ("${NAME?needed}", None),
            ("${A:-$B}", None),
            ("${unclosed", None),
            ("${}", None),
            ("${1:-x}", None),
            ("$", None),
            ("50$", None),
        ];
        for (text, expected) in cases {
            assert_eq!(known(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn the_known_part_stays() {
        assert_eq!(fill("${PORT}:80"), "\0:80");
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = format!("{}x{}", "${A:-".repeat(5000), "}".repeat(5000));
        assert_eq!(known(&deep), None);
    }

    #[test]
    fn empty_references() {
        for text in ["${KEY}", "$KEY", "${KEY:-}", "${KEY-}", " ${KEY:-} "] {
            assert!(empty_when_unset(text), "{text}");
        }
        for text in ["", "$", "${KEY:-x}", "${KEY:?}", "${KEY}x", "x${KEY}", "$KEY!", "${KEY:+}", "${}", "${A}${B}"] {
            assert!(!empty_when_unset(text), "{text}");
        }
    }
}
