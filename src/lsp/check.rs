//! Checks the open documents and publishes diagnostics: for each file, the findings of all open specs together.

use super::document::{Analysis, OpenDocument};
use super::host::{Host, NamedFiles, OnlyText, SpecSettings, normal};
use super::recognize::FileKind;
use super::set_around::set_around;
use super::{LanguageServer, diagnostics};
use crate::change::fix::{FixedFiles, fix_set, fix_with_files};
use crate::inputs::input_meta::InputMeta;
use crate::pipeline::{CheckOptions, CheckResult, FileSet, Files, NoFiles, lint, lint_alone, lint_any, lint_set};
use crate::support::diagnostic::{Finding, SPEC};
use crate::support::source::Source;
use crate::support::uri;
use crate::syntax::{self, ParseMode};
use gen_lsp_types::{Diagnostic, PublishDiagnosticsParams, Uri};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

impl<H: Host> LanguageServer<H> {
    /// Checks every document that is out of date, in its newest version, and returns what has to be published.
    pub fn publish(&mut self) -> Vec<PublishDiagnosticsParams> {
        let mut touched = BTreeSet::new();
        for owner in std::mem::take(&mut self.stale) {
            self.check(&owner);
            let said = self.diagnostics_of(&owner);
            let old = self.published.remove(&owner).unwrap_or_default();
            touched.extend(said.keys().chain(old.keys()).cloned());
            if self.documents.contains_key(&owner) {
                self.published.insert(owner, said);
            }
        }
        touched.into_iter().map(|uri| self.message(uri)).collect()
    }

    /// All findings of all open documents about one file.
    fn message(&self, uri: String) -> PublishDiagnosticsParams {
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        for diagnostic in self.published.values().filter_map(|said| said.get(&uri)).flatten() {
            // two specs report the same fault of their common settings
            if !diagnostics.contains(diagnostic) {
                diagnostics.push(diagnostic.clone());
            }
        }
        let version = self.documents.get(&uri).map(|document| document.version);
        PublishDiagnosticsParams { uri: Uri(uri), version, diagnostics }
    }

    /// Brings the check of a document up to date.
    pub(super) fn check(&mut self, uri: &str) {
        let open = self.open_files();
        let Some(document) = self.documents.get_mut(uri) else { return };
        if document.analysis.is_none() && !document.kind.is_other() {
            document.analysis = analyse(document, &mut self.host, &open);
        }
    }

    /// Checks another text in place of a document's own, with the document's settings and files.
    pub(super) fn check_text(&mut self, uri: &str, text: &str) -> Option<CheckResult> {
        let open = self.open_files();
        let document = self.documents.get(uri)?;
        let is_spec = document.kind.is_spec();
        let check = |name: &str, files: &dyn Files, wanted: &CheckOptions| {
            if is_spec {
                lint(name, text.as_bytes(), files, wanted)
            } else {
                lint_any(name, text.as_bytes(), files, wanted)
            }
        };
        Some(with_settings(document, &mut self.host, (&open, &|_| false), check).1)
    }

    /// A document with its fixes made, and those of the files that it is read with, as `scalegen lint --fix` makes them: in the
    /// folders that the editor has open and in the document's own.
    pub(super) fn fixed(&mut self, uri: &str, unsafe_too: bool) -> Option<FixedFiles> {
        let open = self.open_files();
        let document = self.documents.get(uri)?;
        let folder = document.path.as_deref().and_then(Path::parent);
        let roots: Vec<&Path> = self.roots.iter().map(PathBuf::as_path).chain(folder).collect();
        let is_near = |file: &Path| roots.iter().any(|root| file.starts_with(root));
        match (document.kind, document.path.as_deref()) {
            (FileKind::Foreign(format), Some(path)) => {
                let all = set_around(format, path, &mut self.host, &open);
                // the other files of the set have actions of their own
                let may_change = |file: &Path| file == path || (is_near(file) && all.iter().all(|own| own != file));
                let set = file_set(format, path, &all);
                let governing = self.host.settings(Path::new(&set.name));
                let (host, folder) = (&self.host, path.parent().unwrap_or(path));
                let files =
                    NamedFiles { host, folder, open: &open, may_change: &may_change, asked: RefCell::default() };
                fix_set(&set, &files, &governing.wanted, unsafe_too).ok()
            }
            // it has no folder, and so no neighbours
            (FileKind::Foreign(format), None) => {
                let Source { name, text, .. } = &document.source;
                let set = FileSet { format, paths: vec![name.clone()], name: name.clone() };
                fix_set(&set, &OnlyText { name, text }, &CheckOptions::default(), unsafe_too).ok()
            }
            (FileKind::Spec, _) => {
                let text = document.source.text.as_bytes();
                let fix = |name: &str, files: &dyn Files, wanted: &CheckOptions| {
                    fix_with_files(name, text, files, wanted, unsafe_too)
                };
                Some(with_settings(document, &mut self.host, (&open, &is_near), fix).1)
            }
            _ => None,
        }
    }

    /// The open documents whose checks may have findings in this one: itself, and those that read it.
    pub(super) fn checked_with(&mut self, uri: &str) -> Vec<String> {
        let mut all = vec![uri.to_owned()];
        let Some(path) = self.documents.get(uri).and_then(|document| document.path.clone()) else { return all };
        let others: Vec<String> = self.documents.keys().filter(|other| *other != uri).cloned().collect();
        for other in others {
            self.check(&other);
            let analysis = self.documents.get(&other).and_then(|document| document.analysis.as_ref());
            if analysis.is_some_and(|analysis| analysis.read.contains(&path)) {
                all.push(other);
            }
        }
        all
    }

    /// The texts of all open documents that are files.
    fn open_files(&self) -> BTreeMap<PathBuf, String> {
        let file = |document: &OpenDocument| Some((document.path.clone()?, document.source.text.clone()));
        self.documents.values().filter_map(file).collect()
    }

    /// The diagnostics that one document causes, by file.
    fn diagnostics_of(&self, owner: &str) -> BTreeMap<String, Vec<Diagnostic>> {
        let mut said: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
        let Some(document) = self.documents.get(owner) else { return said };
        said.insert(owner.to_owned(), Vec::new());
        let Some(analysis) = &document.analysis else { return said };
        let (sources, findings) = document.findings();
        let mut add = |sources: &[Source], findings: &[Finding], own: bool| {
            let names: Vec<String> = sources.iter().map(|source| self.uri_of(&source.name)).collect();
            let uris = diagnostics::Uris { names: &names, own: own.then_some(owner) };
            let out = diagnostics::Out { sources, uris, encoding: self.encoding, related: self.client.related };
            for finding in findings {
                let (uri, diagnostic) = out.diagnostic(finding);
                said.entry(uri).or_default().push(diagnostic);
            }
        };
        add(&sources, &findings, true);
        for report in analysis.reported.iter() {
            add(&report.sources, &report.findings, false);
        }
        if let Some(why) = &analysis.failure {
            said.entry(owner.to_owned()).or_default().insert(0, diagnostics::failure(why));
        }
        said
    }

    /// The URI of a file that a report calls `name`: the one the editor uses, if the file is open.
    pub(super) fn uri_of(&self, name: &str) -> String {
        if self.documents.contains_key(name) {
            return name.to_owned();
        }
        let path = normal(&self.host.absolute(name));
        let open = self.documents.values().find(|document| document.path.as_ref() == Some(&path));
        open.map_or_else(|| uri::from_path(&path), |document| document.uri.clone())
    }

    /// Marks documents that depend on a changed file: every document that read it, or all of them if `path` is `None`.
    pub(super) fn depend(&mut self, path: Option<&Path>) {
        for (uri, document) in self.documents.iter_mut().filter(|(_, document)| !document.kind.is_other()) {
            let reads = |path: &Path| document.analysis.as_ref().is_none_or(|analysis| analysis.read.contains(path));
            let asks = |path: &Path| reads(path) || document.is_beside(path);
            if path.is_none_or(asks) {
                document.forget();
                self.stale.insert(uri.clone());
            }
        }
    }
}

/// Texts of open documents by their paths, and which files an answer may change.
type OpenTexts<'a> = (&'a BTreeMap<PathBuf, String>, &'a dyn Fn(&Path) -> bool);

/// A result computed from a text with the settings and files of a document, and the files that were read.
fn with_settings<T>(
    document: &OpenDocument,
    host: &mut dyn Host,
    (open, may_change): OpenTexts<'_>,
    work: impl FnOnce(&str, &dyn Files, &CheckOptions) -> T,
) -> (Rc<SpecSettings>, T, BTreeSet<PathBuf>) {
    let name = &document.source.name;
    match document.path.as_deref() {
        Some(path) => {
            let governing = host.settings(path);
            let folder = path.parent().unwrap_or(path);
            let files = NamedFiles { host, folder, open, may_change, asked: RefCell::default() };
            let done = work(name, &files, &governing.wanted);
            (governing, done, files.asked.into_inner())
        }
        None => (Rc::default(), work(name, &NoFiles, &CheckOptions::default()), BTreeSet::new()),
    }
}

/// The check of a document; `None` for another tool's file that a spec is laid over, or a template.
fn analyse(document: &OpenDocument, host: &mut dyn Host, open: &BTreeMap<PathBuf, String>) -> Option<Analysis> {
    let text = &document.source.text;
    match (document.kind, document.path.as_deref()) {
        (FileKind::Foreign(format), Some(path)) => {
            if host.is_base(path) {
                return None;
            }
            of_set(document, (format, path), host, open)
        }
        (FileKind::Foreign(format), None) => {
            let checked =
                lint_alone(format, &document.source.name, text.as_bytes(), &NoFiles, &CheckOptions::default());
            let done = (Rc::default(), checked, BTreeSet::new());
            (!done.1.is_template()).then(|| whole(document, None, host, done))
        }
        _ => {
            let check =
                |name: &str, files: &dyn Files, wanted: &CheckOptions| lint(name, text.as_bytes(), files, wanted);
            let done = with_settings(document, host, (open, &|_| false), check);
            Some(whole(document, document.path.as_deref(), host, done))
        }
    }
}

/// The check of a file of another tool together with those that `lint` takes with it. Findings of the other files are left to them.
fn of_set(
    document: &OpenDocument,
    (format, path): (&'static InputMeta, &Path),
    host: &mut dyn Host,
    open: &BTreeMap<PathBuf, String>,
) -> Option<Analysis> {
    let folder = path.parent().unwrap_or(path);
    // one that cannot be read does not affect the others
    let alone = || vec![path.to_path_buf()];
    for all in [set_around(format, path, host, open), alone()] {
        let first = all.first().cloned().unwrap_or_else(|| path.to_path_buf());
        let names: Vec<String> = all.iter().map(|file| file.to_string_lossy().into_owned()).collect();
        let set = file_set(format, path, &all);
        let governing = host.settings(&first);
        let files = NamedFiles { host, folder, open, may_change: &|_| false, asked: RefCell::default() };
        let Ok(checked) = lint_set(&set, &files, &governing.wanted) else { continue };
        if checked.is_template() {
            return None;
        }
        let asked = files.asked.into_inner();
        let mut analysis = whole(document, Some(&first), host, (governing, checked, asked));
        analysis.checked.see_from(&document.source.name, &names, &mut analysis.all);
        analysis.stopped &= analysis.checked.findings.iter().any(|finding| finding.rule == syntax::YAML_SYNTAX);
        return Some(analysis);
    }
    None
}

/// These files as a set, seen from the folder of one of them.
fn file_set(format: &'static InputMeta, path: &Path, all: &[PathBuf]) -> FileSet {
    let folder = path.parent().unwrap_or(path);
    let below = |file: &PathBuf| file.strip_prefix(folder).unwrap_or(file).to_string_lossy().into_owned();
    let name = all.first().map_or(path, PathBuf::as_path).to_string_lossy().into_owned();
    FileSet { format, paths: all.iter().map(below).collect(), name }
}

/// A check with all that belongs to it. `path` is the file whose settings hold.
fn whole(
    document: &OpenDocument,
    path: Option<&Path>,
    host: &mut dyn Host,
    (governing, mut checked, read): (Rc<SpecSettings>, CheckResult, BTreeSet<PathBuf>),
) -> Analysis {
    let faults = checked.findings.iter().any(|finding| finding.rule == syntax::YAML_SYNTAX);
    let stopped = faults && syntax::parse(SPEC, &document.source, ParseMode::Spec).root.is_none();
    let reported = path.map(|path| host.reports(path, &checked)).unwrap_or_default();
    // only now: the settings and the baseline count over all findings, as in `lint`
    let all = checked.findings.clone();
    checked.keep_causes();
    Analysis { checked, all, reported, failure: governing.failure.clone(), read, stopped }
}
