//! nginx's configuration language: text to a tree of directives. Knows no directive's meaning.

use crate::targets::DirectiveSyntax;
use serde_json::Value as Json;
use std::iter::Peekable;
use std::str::Chars;

/// The deepest nesting of blocks that is read; nginx itself needs four.
const MAX_DEPTH: usize = 16;

/// How nginx's files are written and read back.
pub(super) const SYNTAX: DirectiveSyntax = DirectiveSyntax { consumer: "nginx", is_safe, parse };

/// Characters that have no meaning in nginx's configuration, and cannot name a variable.
pub(super) fn is_safe(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '.' | '_' | '-' | ':' | '/' | '*' | '~' | '=' | '[' | ']' | '%' | '+' | '@')
}

/// Reads a text as nginx does: each directive is the list of its words, and a block's own list as its last item.
fn parse(text: &str) -> Result<Json, String> {
    let mut chars = text.chars().peekable();
    let tree = block(&mut chars, 0)?;
    match chars.next() {
        None => Ok(tree),
        Some(_) => Err("a `}` closes nothing".to_owned()),
    }
}

/// Directives up to the end of the text or the `}` that closes the block, which is left to the caller.
fn block(chars: &mut Peekable<Chars<'_>>, depth: usize) -> Result<Json, String> {
    if depth > MAX_DEPTH {
        return Err("blocks are nested too deep".to_owned());
    }
    let mut directives = Vec::new();
    let mut words: Vec<Json> = Vec::new();
    while let Some(c) = chars.peek().copied() {
        match c {
            '}' => break,
            ';' | '{' if words.is_empty() => return Err(format!("`{c}` follows no word")),
            ';' => {
                chars.next();
                directives.push(Json::Array(std::mem::take(&mut words)));
            }
            '{' => {
                chars.next();
                words.push(block(chars, depth + 1)?);
                if chars.next() != Some('}') {
                    return Err("a block is not closed".to_owned());
                }
                directives.push(Json::Array(std::mem::take(&mut words)));
            }
            '#' => while chars.next_if(|c| *c != '\n').is_some() {},
            c if c.is_ascii_whitespace() => {
                chars.next();
            }
            '"' | '\'' => {
                chars.next();
                words.push(Json::from(quoted(chars, c)?));
            }
            _ => words.push(Json::from(bare_word(chars))),
        }
    }
    match words.is_empty() {
        true => Ok(Json::Array(directives)),
        false => Err("a directive has no `;`".to_owned()),
    }
}

fn quoted(chars: &mut Peekable<Chars<'_>>, quote: char) -> Result<String, String> {
    let mut word = String::new();
    while let Some(c) = chars.next() {
        match c {
            c if c == quote => return Ok(word),
            '\\' => word.extend(chars.next()),
            c => word.push(c),
        }
    }
    Err(format!("a {quote} is not closed"))
}

/// A word ends at a space, `;` or `{`; inside it quotes and `#` mean nothing.
fn bare_word(chars: &mut Peekable<Chars<'_>>) -> String {
    let mut word = String::new();
    while let Some(c) = chars.next_if(|c| !c.is_ascii_whitespace() && !matches!(c, ';' | '{' | '}')) {
        word.push(c);
        if c == '\\' {
            word.extend(chars.next());
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::parse;
    use serde_json::json;

    #[test]
    fn directives_words_and_blocks() {
        let text = "# c; {\nlisten 80;\nserver { a \"b c\" 'd;'; location /x { e f#g; } }\n";
        let tree = json!([["listen", "80"], ["server", [["a", "b c", "d;"], ["location", "/x", [["e", "f#g"]]]]]]);
        assert_eq!(parse(text), Ok(tree));
    }

    #[test]
    fn broken_text_is_an_error() {
        for text in ["a", "a {", "a; }", ";", "{ }", "a \"b;", "a { b }"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"a {".repeat(100)).is_err());
    }
}
