//! Finds the context of the cursor in a text that may be half typed: the keys around it and the word before it.
//!
//! Read line by line, from indentation and brackets alone, so that a fault elsewhere in the file does not matter.

/// One step from the root of a document to a place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PathStep {
    Key(String),
    Item,
}

/// The kind of token at the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CursorRole {
    /// A key of the mapping at the path.
    Key,
    /// The value at the path.
    Value,
    /// An item of a list in block style: a value, or the first key of a mapping.
    Either,
    /// A comment.
    Comment,
}

/// The place of the cursor.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    pub path: Vec<PathStep>,
    pub role: CursorRole,
    /// Where the word before the cursor begins.
    pub start: usize,
    /// Keys that the mapping has already, as far as they are seen.
    pub siblings: Vec<String>,
    /// Whether brackets are open.
    pub flow: bool,
    /// The column of the line's first word, for what is inserted below it.
    pub indent: usize,
}

/// A mapping or list that is open at a line.
struct OpenLevel {
    column: usize,
    step: PathStep,
}

/// A bracket that is open.
struct Bracket {
    map: bool,
    key: Option<String>,
    seen: Vec<String>,
    /// Where the current key or value begins.
    token: usize,
    /// The column of the bracket's line.
    column: usize,
}

#[derive(Default)]
struct CursorReader {
    levels: Vec<OpenLevel>,
    brackets: Vec<Bracket>,
    /// The column of the key of an open block scalar; deeper lines belong to it.
    scalar: Option<usize>,
}

/// Reads the text up to a byte offset.
pub(super) fn at(text: &str, offset: usize) -> Cursor {
    let head = text.get(..offset).unwrap_or(text);
    let mut reader = CursorReader::default();
    let mut start = 0;
    while let Some(end) = head.get(start..).and_then(|rest| rest.find(['\n', '\r'])) {
        reader.line(head.get(start..start + end).unwrap_or_default(), start);
        start += end + 1;
    }
    reader.at_last_line(text, head, start)
}

/// How many blanks a line begins with.
fn blanks(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\u{feff}']).len()
}

/// The key that a line begins with, without quotes, and where its value begins in the line.
fn key(content: &str) -> Option<(String, usize)> {
    let quote = content.chars().next().filter(|c| matches!(c, '"' | '\''));
    if let Some(quote) = quote {
        let end = content.get(1..)?.find(quote)? + 1;
        let rest = content.get(end + 1..)?;
        let colon = rest.len() - rest.trim_start().len();
        let after = rest.trim_start().strip_prefix(':')?;
        let ends = after.is_empty() || after.starts_with([' ', '\t']);
        return ends.then(|| (content.get(1..end).unwrap_or_default().to_owned(), end + 1 + colon + 1));
    }
    if content.starts_with(['{', '[', '#', '&', '*', '!', '|', '>', '%', '@', '`']) {
        return None;
    }
    let colon = content
        .match_indices(':')
        .map(|(at, _)| at)
        .find(|at| content.get(at + 1..).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t'])))?;
    let name = content.get(..colon)?;
    (!name.contains(" #")).then(|| (name.trim_end().to_owned(), colon + 1))
}

impl CursorReader {
    /// A whole line above the cursor.
    fn line(&mut self, line: &str, start: usize) {
        let column = blanks(line);
        let content = line.get(column..).unwrap_or_default();
        if content.trim().is_empty() {
            return;
        }
        if self.scalar.is_some_and(|limit| column > limit) {
            return;
        }
        self.scalar = None;
        if content.starts_with('#') {
            return;
        }
        // an unclosed bracket ends at a line further left that has a key
        let outside = self.brackets.first().is_some_and(|bracket| column <= bracket.column);
        if outside && key(content).is_some() {
            self.brackets.clear();
        }
        if let Some(last) = self.brackets.last_mut() {
            // the text between the brackets continues here
            last.token = start + column;
            self.flow(content, start + column, column);
            return;
        }
        let (content, column, at) = self.dashes(content, column, start);
        match key(content) {
            Some((name, value)) => {
                self.enter(column, name);
                let rest = content.get(value..).unwrap_or_default();
                self.value(rest, at + value, column);
            }
            None => self.value(content, at, column),
        }
    }

    /// Opens a list for each dash; returns the rest of the line, its column and its offset.
    fn dashes<'l>(&mut self, content: &'l str, column: usize, start: usize) -> (&'l str, usize, usize) {
        let (mut content, mut column) = (content, column);
        while content == "-" || content.starts_with("- ") {
            while self
                .levels
                .pop_if(|level| level.column > column || (level.column == column && level.step == PathStep::Item))
                .is_some()
            {}
            self.levels.push(OpenLevel { column, step: PathStep::Item });
            let rest = content.get(1..).unwrap_or_default();
            let more = 1 + blanks(rest);
            column += more;
            content = content.get(more..).unwrap_or_default();
        }
        (content, column, start + column)
    }

    fn enter(&mut self, column: usize, name: String) {
        while self.levels.pop_if(|level| level.column >= column).is_some() {}
        self.levels.push(OpenLevel { column, step: PathStep::Key(name) });
    }

    fn value(&mut self, rest: &str, at: usize, column: usize) {
        let trimmed = rest.trim();
        if trimmed.starts_with(['|', '>']) {
            self.scalar = Some(column);
        } else if trimmed.starts_with(['{', '[']) || !self.brackets.is_empty() {
            self.flow(rest, at, column);
        }
    }

    /// Reads brackets, keys and commas; returns whether the text ended inside a comment.
    fn flow(&mut self, text: &str, at: usize, column: usize) -> bool {
        let mut chars = text.char_indices().peekable();
        let mut before = ' ';
        while let Some((index, c)) = chars.next() {
            match c {
                '#' if before.is_whitespace() => return true,
                '"' | '\'' if before.is_whitespace() || matches!(before, '{' | '[' | ',' | ':') => {
                    while chars.next_if(|(_, inner)| *inner != c).is_some() {}
                    chars.next();
                }
                '{' | '[' => {
                    let token = at + index + 1;
                    self.brackets.push(Bracket { map: c == '{', key: None, seen: Vec::new(), token, column });
                }
                '}' | ']' => {
                    self.brackets.pop();
                }
                ',' => {
                    if let Some(bracket) = self.brackets.last_mut() {
                        bracket.key = None;
                        bracket.token = at + index + 1;
                    }
                }
                ':' if chars.peek().is_none_or(|(_, next)| next.is_whitespace()) => {
                    if let Some(bracket) =
                        self.brackets.last_mut().filter(|bracket| bracket.map && bracket.key.is_none())
                    {
                        let name = bracket.token.checked_sub(at).and_then(|from| text.get(from..index));
                        let name = name.unwrap_or_default().trim().trim_matches(['"', '\'']).to_owned();
                        bracket.seen.push(name.clone());
                        bracket.key = Some(name);
                        bracket.token = at + index + 1;
                    }
                }
                _ => {}
            }
            before = c;
        }
        false
    }

    /// The line of the cursor, which ends there.
    fn at_last_line(mut self, text: &str, head: &str, start: usize) -> Cursor {
        let line = head.get(start..).unwrap_or_default();
        let column = blanks(line);
        let content = line.get(column..).unwrap_or_default();
        let indent = column;
        if content.starts_with('#') || (content.contains(" #") && self.brackets.is_empty() && comment(content)) {
            return self.cursor(CursorRole::Comment, word(head), Vec::new(), indent);
        }
        let outside = self.brackets.first().is_some_and(|bracket| column <= bracket.column && !content.is_empty());
        if outside && key(content).is_some() {
            self.brackets.clear();
        }
        if let Some(last) = self.brackets.last_mut() {
            // the text between the brackets continues here
            last.token = start + column;
            self.flow(content, start + column, column);
            return self.in_flow(head, indent);
        }
        let (content, column, at) = self.dashes(content, column, start);
        let item = column > indent;
        if let Some((name, value)) = key(content) {
            self.enter(column, name);
            let rest = content.get(value..).unwrap_or_default();
            self.value(rest, at + value, column);
            if self.brackets.is_empty() {
                let first = at + value + blanks(rest);
                return self.cursor(CursorRole::Value, first.min(head.len()), Vec::new(), column);
            }
            return self.in_flow(head, column);
        }
        if content.trim_start().starts_with(['{', '[']) {
            self.flow(content, at, column);
            return self.in_flow(head, column);
        }
        while self.levels.pop_if(|level| level.column >= column).is_some() {}
        let siblings = siblings(text, start, column);
        let role = if item { CursorRole::Either } else { CursorRole::Key };
        self.cursor(role, at.min(head.len()), siblings, column)
    }

    /// Inside of brackets.
    fn in_flow(mut self, head: &str, indent: usize) -> Cursor {
        let Some(last) = self.brackets.last_mut() else {
            // the last one closed on this line: the value is whole
            return self.cursor(CursorRole::Value, head.len(), Vec::new(), indent);
        };
        let token = last.token.min(head.len());
        let rest = head.get(token..).unwrap_or_default();
        let start = token + (rest.len() - rest.trim_start().len());
        let role = if last.map && last.key.is_none() { CursorRole::Key } else { CursorRole::Value };
        let siblings = std::mem::take(&mut last.seen);
        self.cursor(role, start, siblings, indent)
    }

    fn cursor(self, role: CursorRole, start: usize, siblings: Vec<String>, indent: usize) -> Cursor {
        let flow = !self.brackets.is_empty();
        let mut path: Vec<PathStep> = self.levels.into_iter().map(|level| level.step).collect();
        for bracket in self.brackets {
            match (bracket.map, bracket.key) {
                (true, Some(key)) => path.push(PathStep::Key(key)),
                (true, None) => {}
                (false, _) => path.push(PathStep::Item),
            }
        }
        Cursor { path, role, start, siblings, flow, indent }
    }
}

/// Whether ` #` in this line is outside of quotes.
fn comment(content: &str) -> bool {
    let at = content.find(" #").unwrap_or_default();
    let before = content.get(..at).unwrap_or_default();
    before.matches('"').count() % 2 == 0 && before.matches('\'').count() % 2 == 0
}

/// Where the word before the end of a text begins.
pub(super) fn word(head: &str) -> usize {
    head.trim_end_matches(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.')).len()
}

/// The keys at a column in the mapping around a line, above and below it.
fn siblings(text: &str, start: usize, column: usize) -> Vec<String> {
    let mut found = Vec::new();
    let above = text.get(..start).unwrap_or_default().lines().rev();
    let below = text.get(start..).unwrap_or_default().lines().skip(1);
    collect(above, column, true, &mut found);
    collect(below, column, false, &mut found);
    found
}

fn collect<'l>(lines: impl Iterator<Item = &'l str>, column: usize, above: bool, found: &mut Vec<String>) {
    for line in lines {
        let indent = blanks(line);
        let content = line.get(indent..).unwrap_or_default();
        if content.trim().is_empty() || content.starts_with('#') {
            continue;
        }
        // the first key of an item is behind its dash
        let first = content.starts_with("- ") && indent + 1 + blanks(content.get(1..).unwrap_or_default()) == column;
        if indent == column && !content.starts_with("- ") {
            found.extend(key(content).map(|(name, _)| name));
        } else if first && above {
            let rest = line.get(column..).unwrap_or_default();
            found.extend(key(rest).map(|(name, _)| name));
            return;
        } else if indent < column {
            return;
        }
    }
}
