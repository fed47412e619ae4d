//! Makes text safe to print: escapes characters that control a terminal, plain or in JSON. Also the style of text
//! for people.

use std::io;

/// The style of text for people; formats for programs ignore it.
#[derive(Clone, Copy, Debug)]
pub struct TextStyle {
    /// Whether to write terminal colours.
    pub color: bool,
    /// The most characters of a line: words wrap there, and longer source lines are cropped around the place.
    pub width: usize,
    /// Whether boxes are drawn with line-drawing characters, or with ASCII.
    pub unicode: bool,
}

impl Default for TextStyle {
    /// Plain text for a file or a log.
    fn default() -> TextStyle {
        TextStyle { color: false, width: 120, unicode: true }
    }
}

/// JSON may contain C1 controls and reordering marks literally; a terminal that shows it should not get them.
pub(super) fn json_text<T: serde::Serialize>(value: &T) -> io::Result<String> {
    let json = serde_json::to_string_pretty(value)?;
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if character != '\n' && is_hostile(character) {
            escaped.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            escaped.push(character);
        }
    }
    Ok(escaped)
}

/// Breaks at spaces, so that lines keep to the width if they can; `used` is the width of the first line already in use.
pub(super) fn wrap(text: &str, width: usize, used: usize, indent: &str) -> String {
    let mut wrapped = String::new();
    let mut column = used;
    for (index, word) in text.split(' ').enumerate() {
        let length = word.chars().count();
        if index > 0 && column + 1 + length > width {
            wrapped.push('\n');
            wrapped.push_str(indent);
            column = indent.len();
        } else if index > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
    }
    wrapped
}

/// Whether a character controls a terminal or hides what a line says: controls, and the marks that reorder text.
pub(super) fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
        || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

/// The text with a visible character in place of each hostile one, so that columns stay.
#[must_use]
pub fn clean(text: &str) -> String {
    // nearly all texts are plain ASCII, which is copied at once
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    text.chars().map(|character| if is_hostile(character) { stand_in(character) } else { character }).collect()
}

/// Like `clean`, for text of several lines: line ends and tabs stay.
#[must_use]
pub fn clean_lines(text: &str) -> String {
    let mut rest = text.chars().peekable();
    let mut cleaned = String::with_capacity(text.len());
    while let Some(character) = rest.next() {
        let lawful = matches!(character, '\n' | '\t') || (character == '\r' && rest.peek() == Some(&'\n'));
        cleaned.push(if is_hostile(character) && !lawful { stand_in(character) } else { character });
    }
    cleaned
}

pub(super) fn stand_in(hostile: char) -> char {
    let picture = match u32::from(hostile) {
        code @ 0..=0x1f => 0x2400 + code,
        0x7f => 0x2421,
        _ => 0xfffd,
    };
    char::from_u32(picture).unwrap_or(char::REPLACEMENT_CHARACTER)
}
