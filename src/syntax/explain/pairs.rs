//! Errors in quotes and brackets: the primary place is where the pair opens. Knows no other errors.

use super::{Scene, locate};
use crate::support::diagnostic::Finding;
use granit_parser::ErrorKind;

impl Scene<'_> {
    pub(super) fn quotes(&self, kind: &ErrorKind) -> Option<Finding> {
        use ErrorKind as E;
        match kind {
            E::UnclosedQuotedScalar => Some(self.unclosed_quote(self.at)),
            E::InvalidQuotedScalarIndent
            | E::DocumentIndicatorInQuotedScalar
            | E::TabInIndentation
            | E::InvalidIndentation => {
                let quote = self.open().quote?;
                let finding = self.unclosed_quote(quote);
                let stop = locate::rest_of_line(self.text, self.at);
                Some(self.label(finding, stop, "this line cannot belong to it"))
            }
            E::InvalidTrailingSingleQuotedScalar | E::InvalidTrailingDoubleQuotedScalar if self.ends_in_comma() => {
                Some(self.line("a comma follows the closing quote").help(
                    "remove the comma: outside `[…]` and `{…}` the line ends a value, and no comma stands between keys",
                ))
            }
            E::InvalidTrailingSingleQuotedScalar => {
                Some(self.line("text follows the closing quote").help(
                    "write a single quote inside single quotes as `''`, or quote the whole value in double quotes",
                ))
            }
            E::InvalidTrailingDoubleQuotedScalar => Some(
                self.line("text follows the closing quote")
                    .help("write a double quote inside double quotes as `\\\"`, or move the closing quote to the end"),
            ),
            E::UnknownQuotedScalarEscape
            | E::InvalidQuotedScalarHexEscape
            | E::InvalidLowSurrogateHexEscape
            | E::InvalidLowSurrogate
            | E::MissingLowSurrogate
            | E::UnpairedLowSurrogate
            | E::InvalidUnicodeEscape => {
                let place = locate::bad_escape(self.text, self.at);
                let place = place.unwrap_or_else(|| locate::character(self.text, self.at));
                let escape = self.text.get(place.0..place.1).unwrap_or_default();
                Some(
                    self.finding(place, format!("`{escape}` is not an escape that double quotes know"))
                        .help("write `\\\\` for a backslash, or use single quotes, where it means itself"),
                )
            }
            _ => None,
        }
    }

    /// Whether the line of the fault ends in a comma behind a closing quote.
    fn ends_in_comma(&self) -> bool {
        let (start, end) = locate::rest_of_line(self.text, self.at);
        let line = self.text.get(..end).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
        let rest = self.text.get(start..end).unwrap_or_default();
        let line = if rest.trim_end().ends_with(',') { rest } else { line };
        let bare = line.trim_end().strip_suffix(',').unwrap_or_default();
        bare.is_empty() && line.trim() == "," || bare.ends_with(['"', '\''])
    }

    fn unclosed_quote(&self, at: usize) -> Finding {
        let (start, end) = locate::character(self.text, at);
        let quote = self.text.get(start..end).unwrap_or_default();
        self.finding((start, end), format!("the quote `{quote}` is never closed"))
            .help(format!("close it with `{quote}` at the end of the value"))
    }

    pub(super) fn brackets(&self, kind: &ErrorKind) -> Option<Finding> {
        use ErrorKind as E;
        match kind {
            E::UnclosedFlowCollection { .. } => Some(self.unclosed_bracket(self.at)),
            E::MismatchedFlowCollectionEnd { open, close } => Some(
                self.here(format!("the bracket `{open}` is closed by `{close}`"))
                    .help(format!("close it with `{}`", partner(*open))),
            ),
            E::MisplacedFlowCollectionEnd => {
                let found = self.text.get(self.at..).and_then(|rest| rest.chars().next()).unwrap_or(']');
                Some(self.here(format!("the bracket `{found}` closes nothing")).help("remove it, or quote the value"))
            }
            E::InvalidIndentation
            | E::UnexpectedEofFlowMapping
            | E::UnexpectedEofFlowSequence
            | E::DocumentIndicatorInQuotedScalar
            | E::InvalidFlowScalarIndent => {
                let finding = self.unclosed_bracket(self.innermost()?);
                let stop = locate::rest_of_line(self.text, self.at);
                Some(self.label(finding, stop, "this line does not belong to it"))
            }
            E::ExpectedFlowMappingSeparator | E::ExpectedFlowSequenceSeparator | E::InvalidColonPlacement => {
                let close = self.innermost().and_then(|at| self.text.get(at..)?.chars().next()).map_or(']', partner);
                let finding = self.here(format!("a `,` or `{close}` is missing before this"));
                let finding = finding.help("separate the values by commas; quote a value that contains `: `");
                Some(match self.innermost() {
                    Some(open) => {
                        self.label(finding, locate::character(self.text, open), "in the brackets opened here")
                    }
                    None => finding,
                })
            }
            E::UnexpectedEofImplicitFlowMapping => {
                Some(self.here("a value is missing before this").help("remove the extra comma"))
            }
            E::BlockEntryInFlowCollection => Some(
                self.here("a list item `- ` is not allowed inside brackets")
                    .help("separate the values by commas, without dashes"),
            ),
            E::PlainScalarStartsWithDashFlowIndicator => {
                Some(self.here("a bare `-` is not allowed inside brackets").help("quote it"))
            }
            E::FlowMappingValueAdjacentCollection => Some(self.here("a space is missing after `:`").help("write `: `")),
            _ => None,
        }
    }

    fn unclosed_bracket(&self, at: usize) -> Finding {
        let (start, end) = locate::character(self.text, at);
        let open = self.text.get(start..end).and_then(|text| text.chars().next()).unwrap_or('[');
        self.finding((start, end), format!("the bracket `{open}` is never closed"))
            .help(format!("close it with `{}`", partner(open)))
    }

    /// The innermost bracket that is open at the error.
    fn innermost(&self) -> Option<usize> {
        let open = self.open();
        let known = self.brackets.len().checked_sub(open.closed + 1).and_then(|index| self.brackets.get(index));
        open.brackets.last().or(known).copied()
    }
}

fn partner(open: char) -> char {
    if open == '{' { '}' } else { ']' }
}
