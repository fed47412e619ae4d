//! Findings as the protocol's diagnostics. The text is the finding's own, complete and unchanged.

use super::position::{self, Encoding};
use crate::report::{findings, words};
use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::{FileSpan, Source};
use gen_lsp_types::{Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, Position, Range, Uri};
use serde_json::json;

/// The documents of a check's sources.
pub(super) struct Uris<'a> {
    /// By the index of the source.
    pub names: &'a [String],
    /// The document that was checked, if it is the first source.
    pub own: Option<&'a str>,
}

impl Uris<'_> {
    fn of(&self, place: FileSpan) -> String {
        let index = usize::from(place.file.0);
        match self.own.filter(|_| index == 0) {
            Some(own) => own.to_owned(),
            None => self.names.get(index).cloned().unwrap_or_default(),
        }
    }
}

/// The context that turns findings into diagnostics.
pub(super) struct Out<'a> {
    pub sources: &'a [Source],
    pub uris: Uris<'a>,
    pub encoding: Encoding,
    /// Whether the client shows related places.
    pub related: bool,
}

impl Out<'_> {
    /// A finding as a diagnostic, with the URI of its file.
    pub fn diagnostic(&self, finding: &Finding) -> (String, Diagnostic) {
        let related = finding.related.iter().map(|related| {
            let location = Location { uri: Uri(self.uris.of(related.place)), range: self.range(related.place) };
            DiagnosticRelatedInformation { location, message: related.label.clone() }
        });
        let related: Vec<DiagnosticRelatedInformation> = related.collect();
        let diagnostic = Diagnostic {
            range: self.range(finding.at),
            severity: Some(severity(finding.severity)),
            code: Some(finding.rule.as_str().into()),
            source: Some("scalegen".to_owned()),
            message: message(finding).into(),
            related_information: (self.related && !related.is_empty()).then_some(related),
            data: Some(
                json!({ "help": finding.help.as_deref(), "object": finding.object.as_deref(), "profiles": finding.profiles.iter().map(AsRef::as_ref).collect::<Vec<&str>>() }),
            ),
            ..Diagnostic::default()
        };
        (self.uris.of(finding.at), diagnostic)
    }

    fn range(&self, place: FileSpan) -> Range {
        let source = self.sources.get(usize::from(place.file.0));
        source.map_or_else(Range::default, |source| position::range(source, place.span, self.encoding))
    }
}

/// The message on the first line, then the profiles it holds in, then the help.
pub(super) fn message(finding: &Finding) -> String {
    let mut message = words::clean(&finding.message);
    if let Some(profiles) = findings::profile_words(finding) {
        message.push('\n');
        message.push_str(&words::clean(&profiles));
    }
    if let Some(help) = &finding.help {
        message.push_str("\nhelp: ");
        message.push_str(&words::clean(help));
    }
    message
}

fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::Error,
        Severity::Warning => DiagnosticSeverity::Warning,
        Severity::Note => DiagnosticSeverity::Information,
    }
}

/// The diagnostic on the first line if the settings cannot be read.
pub(super) fn failure(why: &str) -> Diagnostic {
    let range = Range { start: Position::default(), end: Position::default() };
    let severity = Some(DiagnosticSeverity::Error);
    let message = words::clean(why).into();
    Diagnostic { range, severity, source: Some("scalegen".to_owned()), message, ..Diagnostic::default() }
}
