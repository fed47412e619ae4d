//! Explains the parser's errors in our words: what is wrong, where to look, and the smallest fix. Builds no tree.

mod pairs;
mod slips;

use super::{MAX_DEPTH, UNSUPPORTED_YAML, YAML_SYNTAX, locate};
use crate::support::diagnostic::Finding;
use crate::support::source::{FileId, FileSpan, Span};
use crate::support::suggest;
use granit_parser::{ErrorKind, ScanError};
use std::borrow::Cow;

/// A name for a message, cropped.
pub(super) fn cropped_name(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(40) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

/// A character that YAML never allows.
pub(super) fn forbidden(file: FileId, at: usize, found: char) -> Finding {
    let place = FileSpan { file, span: Span::new(at, at + found.len_utf8()) };
    let code = u32::from(found);
    let message = format!("the control character U+{code:04X} is not allowed in YAML");
    let help = match code {
        0 => "remove it; zero bytes in text often mean that the file is in UTF-16: save it as UTF-8".to_owned(),
        1..=0xFF => format!("remove it, or write it as `\\x{code:02X}` in double quotes"),
        _ => format!("remove it, or write it as `\\u{code:04X}` in double quotes"),
    };
    Finding::of(YAML_SYNTAX, place, message).help(help)
}

/// A byte order mark that is not at the start of the file, with only comments before it.
pub(super) fn second_mark(file: FileId, at: usize) -> Finding {
    let place = FileSpan { file, span: Span::new(at, at + '\u{feff}'.len_utf8()) };
    let message = "a byte order mark is below the start of the file, where other readers take it for text";
    Finding::of(UNSUPPORTED_YAML, place, message).help("remove it")
}

/// Collections nested beyond the limit.
pub(super) fn too_deep(at: FileSpan) -> Finding {
    let message = format!("lists and mappings nested deeper than {MAX_DEPTH} levels");
    Finding::of(UNSUPPORTED_YAML, at, message).help("nest less")
}

/// An alias without an anchor before it.
pub(super) fn unknown_alias(at: FileSpan, name: &str, known: &[Cow<'_, str>]) -> Finding {
    // The newest anchors are enough for a suggestion, and a hostile file cannot cost more time.
    let near = known.iter().rev().take(100).map(AsRef::as_ref).filter(|other: &&str| other.len() <= 64);
    let help = match suggest::closest(name, near) {
        Some(other) => format!("did you mean `*{other}`?"),
        None => "define it before this line with `&name`, or quote the value if it is text".to_owned(),
    };
    let message = format!("the alias `*{}` names no anchor above it", cropped_name(name));
    Finding::of(YAML_SYNTAX, at, message).help(help)
}

/// The context of a parser error.
struct Scene<'a> {
    file: FileId,
    text: &'a str,
    /// The place that the parser reports.
    at: usize,
    /// The end of the last parsed token.
    reached: usize,
    /// The brackets that are open at `reached`.
    brackets: &'a [usize],
}

/// The finding for an error of the parser.
pub(super) fn error(file: FileId, text: &str, error: &ScanError, reached: usize, brackets: &[usize]) -> Finding {
    let at = locate::boundary(text, error.marker().byte_offset().unwrap_or(reached));
    let scene = Scene { file, text, at, reached: reached.min(at), brackets };
    scene
        .conflict()
        .or_else(|| scene.quotes(error.kind()))
        .or_else(|| scene.brackets(error.kind()))
        .or_else(|| scene.indentation(error.kind()))
        .or_else(|| scene.values(error.kind()))
        .or_else(|| scene.marks(error.kind()))
        .unwrap_or_else(|| scene.here(error.kind().to_string()))
}

impl Scene<'_> {
    fn finding(&self, (start, end): (usize, usize), message: impl Into<String>) -> Finding {
        let place = FileSpan { file: self.file, span: Span::new(start, end) };
        Finding::of(YAML_SYNTAX, place, message)
    }

    /// Points at the character that the parser reports.
    fn here(&self, message: impl Into<String>) -> Finding {
        self.finding(locate::character(self.text, self.at), message)
    }

    /// Points at the rest of the line that the parser reports.
    fn line(&self, message: impl Into<String>) -> Finding {
        self.finding(locate::rest_of_line(self.text, self.at), message)
    }

    fn label(&self, finding: Finding, (start, end): (usize, usize), label: &'static str) -> Finding {
        finding.label(FileSpan { file: self.file, span: Span::new(start, end) }, label)
    }

    /// The text of the line of `at`, before `at`.
    fn before(&self) -> &str {
        self.text.get(locate::line_start(self.text, self.at)..self.at).unwrap_or_default()
    }

    fn open(&self) -> locate::Open {
        locate::open(self.text, self.reached, self.at, !self.brackets.is_empty())
    }

    fn indentation(&self, kind: &ErrorKind) -> Option<Finding> {
        use ErrorKind as E;
        match kind {
            E::TabInBlockIndentation
            | E::TabNotAllowed
            | E::TabInIndentation
            | E::TabInPlainScalar
            | E::TabAtBlockScalarStart
            | E::InvalidBlockEntryWhitespace
            | E::InvalidMappingValueWhitespace => {
                let at = locate::indenting_tab(self.text, self.at).unwrap_or(self.at);
                let finding = self.finding(locate::character(self.text, at), "a tab is in the indentation");
                Some(finding.help("indent with spaces"))
            }
            E::ExpectedBlockMappingKey => Some(self.expected_key()),
            E::ExpectedBlockSequenceEntry => {
                let finding = self.line("a list item is expected here, as on the lines above");
                Some(finding.help("begin the line with `- `, or indent it to the level it belongs to"))
            }
            E::InvalidIndentation | E::InvalidQuotedScalarIndent | E::InvalidFlowScalarIndent => {
                Some(self.line("the line is not indented as far as the value it continues").help("indent it further"))
            }
            E::InvalidBlockScalarIndent => Some(
                self.line("the line's indentation does not fit the text block it is in")
                    .help("indent all lines of the block alike; blank lines no further than the first line of text"),
            ),
            _ => None,
        }
    }

    fn expected_key(&self) -> Finding {
        let before = self.before();
        if before.trim().is_empty() {
            let next = self.text.get(self.at..).and_then(|rest| rest.chars().next());
            if let Some(blank) = next.filter(|next| next.is_whitespace() && !next.is_ascii()) {
                return self.wide_blank(self.at, blank);
            }
            let finding = self.line("the indentation fits no level above");
            return finding.help("indent the line exactly as its siblings");
        }
        if matches!(before.trim(), "-") {
            let start = locate::line_start(self.text, self.at) + before.len() - before.trim_start().len();
            let finding =
                self.finding(locate::rest_of_line(self.text, start), "a list item is where a key is expected");
            return finding.help("indent the list below its key, or write a key");
        }
        self.line("text follows a value that is complete")
            .help("quote the whole value, or move the text to a line of its own")
    }

    fn values(&self, kind: &ErrorKind) -> Option<Finding> {
        use ErrorKind as E;
        match kind {
            E::MappingValueNotAllowed => Some(self.second_colon()),
            E::SimpleKeyExpected | E::InvalidSimpleKey => Some(self.no_colon()),
            E::MappingKeyNotAllowed => {
                Some(self.here("a key cannot begin here").help("put it on a line of its own, indented as its siblings"))
            }
            E::BlockSequenceEntryNotAllowed => Some(
                self.here("a list item `- ` cannot begin here")
                    .help("put the list on the lines below, or quote the value if it is text"),
            ),
            E::UnexpectedCharacter { character: '`' } if self.text.get(self.at..)?.starts_with("```") => Some(
                self.line("a fence of Markdown is not YAML").help("remove the lines that begin with three backticks"),
            ),
            E::UnexpectedCharacter { character } => Some(
                self.here(format!("a value cannot begin with `{}`", character.escape_debug()))
                    .help("put the value in quotes"),
            ),
            E::CommentInterceptedScalar => Some(
                self.line("a comment ends the value, but its text goes on below")
                    .help("move the comment above the value, or quote the value"),
            ),
            E::CommentNotSeparated => {
                Some(self.here("a space is missing before `#`").help("write ` #` to begin a comment"))
            }
            E::ExpectedWhitespace => Some(self.here("a space is missing here").help("separate the two by a space")),
            E::InvalidBlockScalarHeader => Some(
                self.line("text follows the `|` or `>` that opens a text block")
                    .help("begin the text on the next line, or quote the value if it begins with `|` or `>`"),
            ),
            E::ZeroBlockScalarIndent => {
                Some(self.here("a text block cannot be indented by 0").help("write a number from 1 to 9, or none"))
            }
            E::ExpectedNodeContent | E::UnexpectedEndOfPlainScalar => {
                Some(self.here("a value is missing here").help("write it, or remove the sign before it"))
            }
            E::RecursionLimitExceeded => {
                let (start, end) = locate::character(self.text, self.at);
                Some(too_deep(FileSpan { file: self.file, span: Span::new(start, end) }))
            }
            _ => None,
        }
    }

    /// A `:` in a place without a key: two on one line, a line that is indented too far, or a missing space above.
    fn second_colon(&self) -> Finding {
        let before = self.before();
        if before.contains(": ") {
            let finding = self.here("a second `: ` in one value");
            return finding.help("put the value in quotes");
        }
        let start = locate::line_start(self.text, self.at);
        if let Some(finding) = start.checked_sub(1).and_then(|end| self.equals_sign(end)) {
            return finding;
        }
        let above = self.text.get(..start).unwrap_or_default().trim_end();
        let above_start = locate::line_start(self.text, above.len());
        let above = above.get(above_start..).unwrap_or_default();
        let above = above.find(" #").and_then(|comment| above.get(..comment)).unwrap_or(above);
        let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let key = start + indent(before);
        let place = (key, (self.at + 1).min(self.text.len()).max(key));
        if let Some(colon) = above.find(':')
            && above.get(colon + 1..).is_some_and(|rest| !rest.starts_with([' ', '\t']) && !rest.is_empty())
        {
            let at = above_start + colon;
            return self.no_space(at);
        }
        if indent(before) > indent(above) && !above.trim().is_empty() {
            let whole = (above_start + indent(above), above_start + above.trim_end().len());
            if let Some(finding) = self.key_without_colon(whole) {
                return finding;
            }
            let finding = self.finding(place, "a key is not allowed below a value that is complete");
            let above = (above_start + indent(above), above_start + above.trim_end().len());
            let finding = self.label(finding, above, "this line has its value already");
            return finding.help("indent it as its siblings, or remove the value above");
        }
        self.finding(place, "a key is not allowed here")
            .help("indent it as its siblings, or quote the value if it is text")
    }

    /// A colon without a space after it; another blank character looks like one.
    fn no_space(&self, colon: usize) -> Finding {
        let next = self.text.get(colon + 1..).and_then(|rest| rest.chars().next());
        match next.filter(|next| next.is_whitespace() && !next.is_ascii()) {
            Some(next) => {
                let place = (colon + 1, colon + 1 + next.len_utf8());
                let message = format!("U+{:04X} after `:` only looks like a space", u32::from(next));
                self.finding(place, message).help("write a plain space there")
            }
            None => {
                let finding = self.finding((colon, colon + 1), "a space is missing after `:`");
                finding.help("write `: ` between key and value")
            }
        }
    }

    /// git's conflict markers: searched above the fault and in its line.
    fn conflict(&self) -> Option<Finding> {
        let (_, end) = locate::rest_of_line(self.text, self.at);
        let mut start = 0;
        for line in self.text.get(..end)?.split_inclusive('\n') {
            let mark = line.trim_end();
            if ["<<<<<<< ", ">>>>>>> "].iter().any(|begin| mark.starts_with(begin)) || mark == "=======" {
                let finding = self.finding((start, start + 7), "a mark of a merge that is not finished");
                return Some(finding.help("keep one of the two versions, and remove the lines with the marks"));
            }
            start += line.len();
        }
        None
    }

    /// A line that should be `key: value` and lacks `: `.
    fn no_colon(&self) -> Finding {
        let (start, end) = locate::rest_of_line(self.text, self.at);
        let line = self.text.get(start..end).unwrap_or_default();
        if let Some(finding) = self.equals_sign(end) {
            return finding;
        }
        if let Some(colon) = line.find(':') {
            let at = start + colon;
            return self.no_space(at);
        }
        if line.starts_with("//") || line.starts_with("/*") || line.starts_with("--") {
            let finding = self.finding((start, end), format!("`{}` is not a comment", cropped_name(line)));
            return finding.help("begin a comment with `#`");
        }
        let finding = self.finding((start, end), format!("`{}` is not a key: its `:` is missing", cropped_name(line)));
        finding.help("write `key: value`, or indent the line if it continues the value above")
    }

    /// Anchors, tags, directives, document marks.
    fn marks(&self, kind: &ErrorKind) -> Option<Finding> {
        use ErrorKind as E;
        let found = match kind {
            E::MissingAnchorOrAliasName => {
                let sign = self.text.get(self.at..).and_then(|rest| rest.chars().next()).unwrap_or('*');
                self.here(format!("a name is missing after `{sign}`"))
                    .help("write the anchor's name, or quote the value if it is text")
            }
            E::AnchorCountOverflow => self.here("too many anchors"),
            E::UndeclaredTagHandle
            | E::ExpectedTagBang
            | E::InvalidGlobalTagCharacter
            | E::InvalidTagTerminator
            | E::MissingTagUri
            | E::UnclosedVerbatimTag
            | E::InvalidTagEscape
            | E::InvalidTagUtf8LeadingByte
            | E::InvalidTagUtf8TrailingByte
            | E::InvalidTagUtf8 => self
                .line("this is not a tag that can be read")
                .help("remove it, or quote the value if it is text that begins with `!`"),
            E::DuplicateVersionDirective
            | E::UnsupportedYamlMajorVersion
            | E::DuplicateTagDirective
            | E::ExpectedTagDirectiveBang
            | E::InvalidTagDirectiveTerminator
            | E::InvalidDirectiveTerminator
            | E::MissingYamlVersionSeparator
            | E::MissingDirectiveName
            | E::InvalidDirectiveName
            | E::DirectiveByteLimitExceeded { .. }
            | E::TooManyReservedDirectiveParams { .. }
            | E::YamlVersionTooLong
            | E::MissingYamlVersion => self
                .line("a line that begins with `%` is a directive, and this one cannot be read")
                .help("remove it; YAML 1.2 needs none"),
            E::MissingDocumentEndBeforeDirective => self
                .line("a directive `%` is not allowed below a document")
                .help("remove it, or quote it if it is text"),
            E::ExpectedDocumentStart => self
                .line("text follows the end of the document")
                .help("indent it as the lines above, or begin the file with `---` after directives"),
            E::InvalidDocumentEnd => self.line("text follows `...`, which ends the document").help("remove it"),
            E::BomInsideDocument => self.here("a byte order mark is in the middle of the file").help("remove it"),
            _ => return None,
        };
        Some(found)
    }
}
