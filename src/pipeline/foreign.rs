//! Checks files of other tools as they are, without a spec: one project under an empty spec. Knows no rule and no format.

use super::referenced_files::BesideFiles;
use super::run::SpecRun;
use super::run_parts::{BaseKey, Effective};
use super::{CheckOptions, CheckResult, Files};
use crate::inputs::InputFile;
use crate::inputs::input_meta::{InputMeta, SetPurpose, SetReader};
use crate::inputs::spec::profiles::MergedSpec;
use crate::model::Spec;
use crate::support::diagnostic::{Finding, SPEC};
use crate::support::source::{FieldSpan, FileId, Source, Span, beside};
use crate::syntax::{self, Node, Style, Value, no_text};
use std::rc::Rc;

/// Files that one use of a tool takes together.
#[derive(Clone, Debug)]
pub struct FileSet {
    /// Their format.
    pub format: &'static InputMeta,
    /// Their paths, relative to the folder of the first.
    pub paths: Vec<String>,
    /// The name of the first in reports.
    pub name: String,
}

/// Checks files of another tool. Faults in them are findings; places are in the files of the set, the first of them first.
///
/// # Errors
/// A file of the set cannot be read: its path as the set has it, and why.
pub fn lint_set(set: &FileSet, files: &dyn Files, wanted: &CheckOptions) -> Result<CheckResult, (String, String)> {
    let mut run = SpecRun::idle("", Vec::new(), wanted, false);
    let Some(reader) = &set.format.sets else { return Ok(run.finish()) };
    run.foreign = Some(reader);
    run.read_set(set, reader, files)?;
    Ok(run.finish())
}

/// The files that a spec or a profile of it names as bases, as it writes them; empty if it does not parse.
#[must_use]
pub fn named_bases(bytes: &[u8]) -> Vec<String> {
    let source = Source::new("", String::from_utf8_lossy(bytes));
    let Some(root) = syntax::parse(SPEC, &source, syntax::ParseMode::Spec).root else { return Vec::new() };
    let profiles = root.get("profiles").map_or(&[][..], |profiles| profiles.node.entries());
    let mut named = Vec::new();
    for tree in std::iter::once(&*root).chain(profiles.iter().map(|profile| &*profile.node)) {
        let targets = tree.get("targets").map_or(&[][..], |targets| targets.node.entries());
        let bases = targets.iter().filter_map(|target| target.node.get("base")).chain(tree.get("from"));
        for base in bases {
            let items = base.node.items().iter().map(|item| &**item).chain([&*base.node]);
            named.extend(items.filter_map(|item| item.as_str()).map(str::to_owned));
        }
    }
    named
}

/// The syntax faults of a file of no known format; `None` if there are none.
#[must_use]
pub fn lint_syntax(name: &str, bytes: &[u8], wanted: &CheckOptions) -> Option<CheckResult> {
    let mut run = SpecRun::idle(name, bytes.to_vec(), wanted, false);
    if run.collector.is_empty() {
        let source = &run.inputs.get(SPEC)?.source;
        let parsed = syntax::parse(SPEC, source, syntax::ParseMode::Base);
        // several documents are not a fault in a file that may be of any format
        let faults = parsed.findings.into_iter().filter(|finding| finding.rule == syntax::YAML_SYNTAX);
        faults.for_each(|finding| run.collector.add(None, finding));
        run.comments = parsed.comments;
        run.root = parsed.root;
    }
    if run.collector.is_empty() { None } else { Some(run.finish()) }
}

impl CheckResult {
    /// Whether the first file does not parse and contains `{{`: it may be the template of a chart, which becomes YAML when it is built.
    #[must_use]
    pub fn is_template(&self) -> bool {
        let broken = |finding: &Finding| finding.rule == syntax::YAML_SYNTAX && finding.at.file == SPEC;
        self.findings.iter().any(broken) && self.sources.first().is_some_and(|source| source.text.contains("{{"))
    }

    /// Makes a file of a set the first, and drops the findings in the other named files. `others` are more findings of the same
    /// check, to which the same is done.
    pub fn see_from(&mut self, own: &str, named: &[String], others: &mut Vec<Finding>) {
        let position = self.sources.iter().position(|source| source.name == own).unwrap_or_default();
        self.sources.swap(SPEC.0.into(), position);
        let position = FileId(u16::try_from(position).unwrap_or_default());
        let swapped = |file: FileId| match file {
            file if file == position => SPEC,
            SPEC => position,
            file => file,
        };
        let dismissed = self.suppressed.iter_mut().map(|dismissed| &mut dismissed.finding);
        self.findings
            .iter_mut()
            .chain(dismissed)
            .chain(others.iter_mut())
            .for_each(|finding| move_places(finding, &swapped));
        let is_other = |file: FileId| {
            let source = self.sources.get(usize::from(file.0));
            file != SPEC && source.is_some_and(|source| named.contains(&source.name))
        };
        others.retain(|finding| !is_other(finding.at.file));
        let keep: Vec<bool> = self.findings.iter().map(|finding| !is_other(finding.at.file)).collect();
        let (mut kept, mut paths) = (keep.iter(), keep.iter());
        self.findings.retain(|_| kept.next().copied().unwrap_or(true));
        self.paths.retain(|_| paths.next().copied().unwrap_or(true));
    }
}

/// The files of a set as a spec; `None` if one of them cannot be read. Broken parts are marked in it.
#[must_use]
pub fn model_of_set(set: &FileSet, files: &dyn Files, wanted: &CheckOptions) -> Option<Spec> {
    let mut run = SpecRun::idle("", Vec::new(), wanted, false);
    let reader = set.format.sets.as_ref()?;
    run.foreign = Some(reader);
    run.read_project(set, reader, files).ok()?;
    let laid = MergedSpec { profile: None, tree: empty_spec(), number: 0, at: FieldSpan::default() };
    Some(run.effective(&laid, Some(0), None).spec)
}

impl SpecRun<'_> {
    fn read_set(&mut self, set: &FileSet, reader: &SetReader, files: &dyn Files) -> Result<(), (String, String)> {
        self.read_project(set, reader, files)?;
        let laid = MergedSpec { profile: None, tree: empty_spec(), number: 0, at: FieldSpan::default() };
        let mut effective = self.effective(&laid, Some(0), None);
        self.let_go_of_layer(&mut effective);
        self.rules(&effective, &[], None, None);
        let parts = self.bases.first_mut().map(|(_, project)| std::mem::take(&mut project.latent));
        self.latent(parts.unwrap_or_default(), &laid);
        self.judge(&effective, None);
        Ok(())
    }

    /// Lets go of what made the one model of a set: rules see the model and the services of the project, and only policies ask
    /// for the tree.
    fn let_go_of_layer(&mut self, effective: &mut Effective) {
        (self.merged, self.known) = Default::default();
        if !self.has_policies() {
            effective.tree = None;
        }
        if let Some((_, project)) = self.bases.first_mut() {
            project.layer.services = Vec::new();
        }
    }

    /// Reads the project of a set as the one base of the run.
    fn read_project(&mut self, set: &FileSet, reader: &SetReader, files: &dyn Files) -> Result<(), (String, String)> {
        let first = self.inputs.all().len();
        let purpose = SetPurpose { complete: self.wanted.nothing_else, for_rules: true, as_built: true };
        let mut project = (reader.read)(&set.paths, purpose, &BesideFiles(files), &mut self.inputs);
        if let Some((path, unread)) = project.unread.pop() {
            return Err((path, unread.why));
        }
        let is_named = |(_, input): &(FileId, &InputFile)| set.paths.contains(&input.source.name);
        let all = (0..).map(FileId).zip(self.inputs.all());
        self.subjects = all.skip(first).filter(is_named).map(|(id, _)| id).collect();
        self.inputs.rename(first, |path| beside(&set.name, path));
        // messages name the file only: whoever ran the command knows the folder
        project.name = set.name.rsplit('/').next().unwrap_or(&set.name).to_owned();
        for finding in std::mem::take(&mut project.findings) {
            self.collector.add(None, finding);
        }
        project.hand_over(&mut self.merged, &mut self.known);
        self.bases.push((BaseKey { files: set.paths.clone(), ..BaseKey::default() }, project));
        Ok(())
    }
}

/// An empty spec.
pub(super) fn empty_spec() -> Rc<Node> {
    let (file, value, style) = (SPEC, Value::Map(Vec::new()), Style::Block);
    Rc::new(Node { file, span: Span::new(0, 0), value, text: no_text(), style, tag: None, weight: 1 })
}

/// Removes the empty spec from a run's files: each place moves to the file before.
pub(super) fn without_spec<'f>(sources: &mut Vec<Source>, findings: impl Iterator<Item = &'f mut Finding>) {
    if !sources.is_empty() {
        sources.remove(0);
    }
    sources.iter_mut().for_each(|source| source.foreign = true);
    findings.for_each(move_up);
}

fn move_up(finding: &mut Finding) {
    move_places(finding, &|file| FileId(file.0.saturating_sub(1)));
}

/// Moves every place of a finding to another file.
pub(super) fn move_places(finding: &mut Finding, to: &dyn Fn(FileId) -> FileId) {
    finding.at.file = to(finding.at.file);
    for related in &mut finding.related {
        related.place.file = to(related.place.file);
    }
    let edits = finding.fix.iter_mut().flat_map(|fix| &mut fix.edits);
    edits.filter_map(|edit| edit.file.as_mut()).for_each(|file| *file = to(*file));
    let rare = finding.rare.if_set().into_iter();
    rare.flat_map(|rare| &mut rare.alternates).for_each(|alternate| move_places(alternate, to));
}
