//! Code actions: the fixes that findings offer, a comment that allows a finding, and all safe fixes at once. A file that an open
//! spec is laid over has the fixes of that spec's findings.

use super::document::OpenDocument;
use super::position::{self, Encoding};
use super::{LanguageServer, diagnostics};
use crate::change::fix::{FixedFile, FixedFiles};
use crate::check::rules;
use crate::inputs::spec::edit;
use crate::support::diagnostic::{Edit, Finding, Fix, SPEC};
use crate::support::plural::plural;
use crate::support::source::{FileId, FileSpan, Source, Span};
use crate::support::thin_vec::ThinVec;
use gen_lsp_types::{
    CodeAction, CodeActionKind, OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, TextDocumentIdentifier,
    TextEdit, Uri, WorkspaceEdit,
};
use std::collections::{BTreeMap, HashSet};

/// The kind of the action that makes all safe fixes. Editors can be set to run it when a file is saved.
pub(super) const FIX_ALL: &str = "source.fixAll.scalegen";

/// The most findings for which a comment is offered, because each comment is tried out.
const MOST_ALLOWED: usize = 16;
/// Longer texts are not shown in a title.
const LONGEST: usize = 40;
/// The reason in a comment that a person has still to write.
const REASON: &str = "TODO: say why";

impl<H: super::Host> LanguageServer<H> {
    /// The actions for a part of a document. `only`: the requested kinds; empty means all but those of `source`.
    pub(super) fn actions(&mut self, uri: &str, within: Span, only: Option<&[CodeActionKind]>) -> Vec<CodeAction> {
        self.check(uri);
        let wants = |kind: &str| match only {
            Some(kinds) => kinds.iter().any(|wanted| {
                let wanted = wanted.as_str();
                wanted.is_empty()
                    || kind == wanted
                    || kind.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'))
            }),
            None => true,
        };
        let mut actions = Vec::new();
        if wants(CodeActionKind::QuickFix.as_str()) {
            actions.extend(self.quick_fixes(uri, within));
        }
        if wants(FIX_ALL) {
            actions.extend(self.fix_all(uri, false));
        }
        if wants(CodeActionKind::QuickFix.as_str()) && only.is_none() {
            actions.extend(self.fix_all(uri, true));
        }
        actions
    }

    fn quick_fixes(&mut self, uri: &str, within: Span) -> Vec<CodeAction> {
        let mut actions = Vec::new();
        for owner in self.checked_with(uri) {
            let found = self.found(&owner, uri, within);
            actions.extend(self.fixes_of(&owner, &found));
            if owner != uri {
                continue;
            }
            for finding in found.iter().take(MOST_ALLOWED) {
                if let Some(edit) = self.allowing(uri, finding) {
                    let Some(document) = self.documents.get(uri) else { continue };
                    let title = format!("allow `{}` here with a comment", finding.rule);
                    actions.push(self.action(document, title, finding, &[edit], false));
                }
            }
        }
        actions
    }

    /// What the check of one document found in a part of another, or of itself.
    fn found(&self, owner: &str, uri: &str, within: Span) -> Vec<Finding> {
        let Some(document) = self.documents.get(owner) else { return Vec::new() };
        let Some(analysis) = &document.analysis else { return Vec::new() };
        let sources = &analysis.checked.sources;
        let is_here = |file: FileId| match file {
            SPEC => owner == uri,
            file => sources.get(usize::from(file.0)).is_some_and(|source| self.uri_of(&source.name) == uri),
        };
        let touched = |finding: &&Finding| {
            let span = finding.at.span;
            span.start <= within.end && within.start <= span.end && is_here(finding.at.file)
        };
        // first the shown findings, then those joined to them, which `lint --fix` fixes too
        let reported = &analysis.checked.findings;
        let known: HashSet<(FileSpan, &str)> = reported.iter().map(|finding| (finding.at, &*finding.rule)).collect();
        let joined = analysis.all.iter().filter(|finding| !known.contains(&(finding.at, &*finding.rule)));
        reported.iter().chain(joined).filter(touched).cloned().collect()
    }

    /// The fixes of findings, each once.
    fn fixes_of(&self, owner: &str, found: &[Finding]) -> Vec<CodeAction> {
        let Some(document) = self.documents.get(owner) else { return Vec::new() };
        let mut actions = Vec::new();
        let mut offered = HashSet::new();
        for finding in found {
            let own = finding.at.file;
            let place = |edit: &Edit| (edit.file_for(own).0, edit.span, edit.text.clone());
            let places = |fix: &Fix| fix.edits.iter().map(place).collect::<Vec<_>>();
            if let Some(fix) = finding.fix.as_ref().filter(|fix| offered.insert(places(fix))) {
                let edited = fix.edits.first().and_then(|edit| document.source_of(edit.file_for(own)));
                let title = title(edited, finding, fix);
                actions.push(self.action(document, title, finding, &fix.edits, fix.safe));
            }
        }
        actions
    }

    /// The comment that allows a finding. It is tried out: it must remove the finding and cause no error.
    fn allowing(&mut self, uri: &str, finding: &Finding) -> Option<Edit> {
        if !rules::is_suppressible(&finding.rule) {
            return None;
        }
        let document = self.documents.get(uri)?;
        let analysis = document.analysis.as_ref().filter(|analysis| !analysis.stopped)?;
        let before = (analysis.checked.suppressed.len(), analysis.all.len());
        let source = document.source.clone();
        [above(&source, finding), behind(&source, finding)].into_iter().find(|edit| {
            let text = edit::apply(&source.text, std::slice::from_ref(edit));
            self.check_text(uri, &text)
                .is_some_and(|checked| checked.suppressed.len() > before.0 && checked.findings.len() < before.1)
        })
    }

    /// All fixes at once, as `scalegen lint --fix` makes them. Those of a file that a spec is laid over are the spec's.
    fn fix_all(&mut self, uri: &str, unsafe_too: bool) -> Option<CodeAction> {
        let is_checked = |document: &OpenDocument| document.analysis.is_some();
        let mut owners = self.checked_with(uri);
        if self.documents.get(uri).is_some_and(is_checked) {
            owners.truncate(1);
        }
        owners.iter().find_map(|owner| self.fix_all_of(owner, unsafe_too))
    }

    fn fix_all_of(&mut self, uri: &str, unsafe_too: bool) -> Option<CodeAction> {
        let document = self.documents.get(uri)?;
        let fixes = document.analysis.as_ref()?.all.iter().filter_map(|finding| finding.fix.as_ref());
        let fixes: Vec<bool> = fixes.map(|fix| fix.safe).collect();
        let worth = if unsafe_too { fixes.contains(&false) && fixes.len() > 1 } else { fixes.contains(&true) };
        if !worth {
            return None;
        }
        let FixedFiles { files, applied, .. } = self.fixed(uri, unsafe_too)?;
        if files.is_empty() {
            return None;
        }
        let count = applied.len();
        let within = if files.len() > 1 { format!(" in {} files", files.len()) } else { String::new() };
        let (title, kind) = if unsafe_too {
            let es = if count == 1 { "" } else { "es" };
            (format!("make {count} fix{es}{within}, also those that change what runs"), CodeActionKind::QuickFix)
        } else {
            let findings = plural(count, "finding");
            (format!("fix {findings}{within} without changing what runs"), CodeActionKind::Custom(FIX_ALL.into()))
        };
        let change = |file: &FixedFile| {
            let own = file.path.is_none().then(|| uri.to_owned());
            let edit = difference(&file.old, &file.new);
            let source = Source::new(file.name.as_str(), file.old.as_str());
            (own.unwrap_or_else(|| self.uri_of(&file.name)), vec![text_edit(&source, &edit, self.encoding)])
        };
        let edit = self.workspace_edit(files.iter().map(change).collect());
        Some(CodeAction { title, kind: Some(kind), edit: Some(edit), ..CodeAction::default() })
    }

    fn action(
        &self,
        document: &OpenDocument,
        title: String,
        finding: &Finding,
        edits: &[Edit],
        preferred: bool,
    ) -> CodeAction {
        let sources = document.analysis.as_ref().map_or(&[][..], |analysis| &analysis.checked.sources);
        let names: Vec<String> = sources.iter().map(|source| self.uri_of(&source.name)).collect();
        let uris = diagnostics::Uris { names: &names, own: Some(&document.uri) };
        let bare = Finding { related: ThinVec::default(), ..finding.clone() };
        let (_, diagnostic) =
            diagnostics::Out { sources, uris, encoding: self.encoding, related: false }.diagnostic(&bare);
        CodeAction {
            title,
            kind: Some(CodeActionKind::QuickFix),
            diagnostics: Some(vec![diagnostic]),
            is_preferred: preferred.then_some(true),
            edit: Some(self.edit(document, finding.at.file, edits)),
            ..CodeAction::default()
        }
    }

    /// Edits of a document, and of the files that it was checked with; of `own` if they name no file.
    pub(super) fn edit(&self, document: &OpenDocument, own: FileId, edits: &[Edit]) -> WorkspaceEdit {
        let mut changes: BTreeMap<String, Vec<TextEdit>> = BTreeMap::new();
        for edit in edits {
            let file = edit.file_for(own);
            let Some(source) = document.source_of(file) else { continue };
            let uri = if file == SPEC { document.uri.clone() } else { self.uri_of(&source.name) };
            changes.entry(uri).or_default().push(text_edit(source, edit, self.encoding));
        }
        self.workspace_edit(changes)
    }

    /// Edits by the URI of their document. An open one is edited only in the version that was checked, if the client can tell.
    fn workspace_edit(&self, changes: BTreeMap<String, Vec<TextEdit>>) -> WorkspaceEdit {
        if !self.client.versions {
            let changes = changes.into_iter().map(|(uri, edits)| (Uri(uri), edits)).collect();
            return WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() };
        }
        let versioned = |(uri, edits): (String, Vec<TextEdit>)| {
            let version = self.documents.get(&uri).map(|document| document.version);
            let document =
                OptionalVersionedTextDocumentIdentifier::new(version, TextDocumentIdentifier { uri: Uri(uri) });
            TextDocumentEdit::new(document, edits.into_iter().map(Into::into).collect()).into()
        };
        let changes = changes.into_iter().map(versioned).collect();
        WorkspaceEdit { document_changes: Some(changes), ..WorkspaceEdit::default() }
    }
}

fn text_edit(source: &Source, edit: &Edit, encoding: Encoding) -> TextEdit {
    TextEdit { range: position::range(source, edit.span, encoding), new_text: edit.text.clone() }
}

/// The title of a fix, in one line.
fn title(source: Option<&Source>, finding: &Finding, fix: &Fix) -> String {
    let short = |text: &str| !text.is_empty() && text.len() <= LONGEST && !text.contains(['\n', '\r', '`']);
    let change = match fix.edits.as_slice() {
        [one] => {
            let old = source.map_or("", |source| source.slice(one.span));
            match (short(old), one.text.is_empty()) {
                (true, true) => Some(format!("remove `{}`", old.trim())),
                (true, false) if short(&one.text) => Some(format!("replace `{old}` with `{}`", one.text)),
                _ => None,
            }
        }
        _ => None,
    };
    let what = change
        .or_else(|| finding.help.as_deref().map(str::to_owned))
        .unwrap_or_else(|| format!("fix `{}`", finding.rule));
    if fix.safe { what } else { format!("{what} (changes what runs)") }
}

fn comment(finding: &Finding) -> String {
    format!("# scalegen: allow {} ({REASON})", finding.rule)
}

/// A comment on a line of its own above a finding.
fn above(source: &Source, finding: &Finding) -> Edit {
    let line = source.line_span(source.line_index(finding.at.span.start));
    let text = source.slice(line);
    let bare = text.trim_start_matches('\u{feff}');
    let start = line.start as usize + (text.len() - bare.len());
    let indent: String = bare.chars().take_while(|c| *c == ' ').collect();
    let end = if source.text.contains("\r\n") { "\r\n" } else { "\n" };
    Edit::new(Span::new(start, start), format!("{indent}{}{end}", comment(finding)))
}

/// A comment at the end of a finding's line, for lines above which no comment is allowed.
fn behind(source: &Source, finding: &Finding) -> Edit {
    let line = source.line_span(source.line_index(finding.at.span.start));
    let end = line.end as usize;
    Edit::new(Span::new(end, end), format!(" {}", comment(finding)))
}

/// The one range in which two texts differ.
fn difference(old: &str, new: &str) -> Edit {
    let mut before = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    while !old.is_char_boundary(before) || !new.is_char_boundary(before) {
        before -= 1;
    }
    let most = old.len().min(new.len()) - before;
    let mut same = old.bytes().rev().zip(new.bytes().rev()).take(most).take_while(|(a, b)| a == b).count();
    while !old.is_char_boundary(old.len() - same) || !new.is_char_boundary(new.len() - same) {
        same -= 1;
    }
    let text = new.get(before..new.len() - same).unwrap_or_default().to_owned();
    Edit::new(Span::new(before, old.len() - same), text)
}
