//! References that silently become empty. Knows no compose key.

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

fn name_length(text: &str) -> usize {
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return 0;
    }
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// The byte of the `}` that closes the reference whose `${` is just before the text.
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
    use super::empty_when_unset;

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
