//! Bytes to text: UTF-8, or a finding that says why not. Knows nothing of YAML.

use super::YAML_SYNTAX;
use crate::support::diagnostic::Finding;
use crate::support::source::{FileId, FileSpan, Span};

/// Why bytes are not text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecodable {
    /// A byte that no UTF-8 text holds at this place.
    NotUtf8 {
        /// 0-based offset of the first wrong byte.
        offset: usize,
        /// That byte.
        byte: u8,
    },
    /// A byte order mark of another encoding, by the encoding's name.
    OtherEncoding(&'static str),
}

/// Checks that bytes are UTF-8 text. A UTF-8 byte order mark stays in the text, so that offsets hold.
///
/// # Errors
/// The bytes again, with the first wrong byte, or the encoding whose byte order mark they begin with.
pub fn decode(bytes: Vec<u8>) -> Result<String, (Vec<u8>, Undecodable)> {
    let other = match bytes.as_slice() {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => Some("UTF-32"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some("UTF-16"),
        _ => None,
    };
    if let Some(name) = other {
        return Err((bytes, Undecodable::OtherEncoding(name)));
    }
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let bytes = error.into_bytes();
        let byte = bytes.get(offset).copied().unwrap_or_default();
        (bytes, Undecodable::NotUtf8 { offset, byte })
    })
}

/// The finding for a file that is not text. Its span fits `String::from_utf8_lossy` of the same bytes, where the wrong
/// byte shows as one replacement character of three bytes.
#[must_use]
pub fn undecodable(file: FileId, why: Undecodable) -> Finding {
    let (span, message) = match why {
        Undecodable::NotUtf8 { offset, byte } => {
            let message = format!("byte 0x{byte:02X} at offset {offset} is not UTF-8");
            (Span::new(offset, offset.saturating_add(3)), message)
        }
        Undecodable::OtherEncoding(name) => (Span::new(0, 0), format!("the file is in {name}, not UTF-8")),
    };
    Finding::of(YAML_SYNTAX, FileSpan { file, span }, message).help("save the file as UTF-8")
}
