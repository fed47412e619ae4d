//! Text as one word of a shell. Knows no target.

/// The word: bare if it has only letters, digits and characters of `plain`, else in single quotes.
pub fn shell_word(text: &str, plain: &str) -> String {
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || plain.contains(c)) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
