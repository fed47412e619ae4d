//! A command in one string to its words, as compose splits it (mattn/go-shellwords): quotes and backslashes, no variables.

/// The words of a command. An operator of a shell (`;`, `|`, `>`) ends them. `None` if compose refuses the text: a quote that
/// does not end, a bracket that no `$` opens.
#[must_use]
pub fn split(text: &str) -> Option<Vec<String>> {
    let mut state = WordsState::default();
    for c in text.chars() {
        if state.take(c)? {
            break;
        }
    }
    if state.begun {
        state.words.push(state.word);
    }
    let open = state.escaped || state.single || state.double || state.back || state.dollar;
    (!open).then_some(state.words)
}

#[derive(Default)]
struct WordsState {
    words: Vec<String>,
    word: String,
    /// Whether a word has begun: quotes may hold nothing.
    begun: bool,
    escaped: bool,
    single: bool,
    double: bool,
    /// Between backticks.
    back: bool,
    /// Between `$(` and `)`.
    dollar: bool,
}

impl WordsState {
    /// Takes one character; returns whether it ends the words. `None` if compose refuses it.
    fn take(&mut self, c: char) -> Option<bool> {
        if std::mem::take(&mut self.escaped) {
            self.push(match c {
                't' => '\t',
                'n' => '\n',
                _ => c,
            });
            return Some(false);
        }
        let quoted = self.single || self.double;
        match c {
            '\\' if !self.single => self.escaped = true,
            // literally, without beginning a word
            '\\' => self.word.push(c),
            ' ' | '\t' | '\r' | '\n' if quoted || self.back || self.dollar => self.word.push(c),
            ' ' | '\t' | '\r' | '\n' => {
                if std::mem::take(&mut self.begun) {
                    self.words.push(std::mem::take(&mut self.word));
                }
            }
            '`' => {
                self.back ^= !quoted && !self.dollar;
                self.push(c);
            }
            ')' if !quoted && !self.back => {
                if !std::mem::take(&mut self.dollar) {
                    return None;
                }
                self.push(c);
            }
            '(' if !quoted && !self.back => {
                if self.dollar || !self.word.ends_with('$') {
                    return None;
                }
                self.dollar = true;
                self.word.push(c);
            }
            '"' if !self.single && !self.dollar => {
                self.begun |= self.double;
                self.double = !self.double;
            }
            '\'' if !self.double && !self.dollar => {
                self.begun |= self.single;
                self.single = !self.single;
            }
            ';' | '&' | '|' | '<' | '>' if !quoted && !self.back && !self.dollar => {
                // `2>`: the number belongs to the operator
                self.begun &= !(c == '>' && self.word.starts_with(|first: char| first.is_ascii_digit()));
                return Some(true);
            }
            _ => self.push(c),
        }
        Some(false)
    }

    fn push(&mut self, c: char) {
        self.word.push(c);
        self.begun = true;
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words_as_docker_compose_splits_them() {
        // each row was taken from `docker compose config`
        let cases: [(&str, Option<&[&str]>); 14] = [
            ("a; b", Some(&["a"])),
            ("a && b", Some(&["a"])),
            ("a -- >b", Some(&["a", "--"])),
            ("a 2>b", Some(&["a"])),
            ("a (b", None),
            ("a (b) c", None),
            ("a\\nb", Some(&["a\nb"])),
            ("a\nb", Some(&["a", "b"])),
            ("x 'y z' \"w\" \\\\q", Some(&["x", "y z", "w", "\\q"])),
            ("a `b c` d", Some(&["a", "`b c`", "d"])),
            ("a $(b c) d", Some(&["a", "$(b c)", "d"])),
            ("''", Some(&[""])),
            ("a=\"b c\"", Some(&["a=b c"])),
            ("a 'b", None),
        ];
        for (text, expected) in cases {
            let words = split(text);
            let words: Option<Vec<&str>> = words.as_ref().map(|words| words.iter().map(String::as_str).collect());
            assert_eq!(words.as_deref(), expected, "{text}");
        }
    }
}
