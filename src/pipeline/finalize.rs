//! Finalizes the findings of a run: severities, fixes, and what allows each. Knows no rule's meaning.
//!
//! The decision closest to a finding wins: a rule that is off finds nothing, then a comment in the spec, then the settings'
//! ignores, then the baseline, last the command line, which only hides.

use super::object_paths::ObjectPaths;
use super::run::SpecRun;
use super::{CheckOptions, CheckResult, by_cause, foreign};
use crate::check::baseline::{Baseline, BaselineHits, SeenFinding};
use crate::check::fixable;
use crate::check::noted_origins;
use crate::check::rules;
use crate::check::settings::{self, Used};
use crate::check::suppress::{self, CommentedFile};
use crate::inputs::base::BaseProject;
use crate::inputs::{InputFile, InputFormat, Origin};
use crate::support::diagnostic::{DismissedBy, Finding, SPEC, Suppressed};
use crate::support::secrets;
use crate::support::source::{FileId, Source, Span};
use crate::syntax;
use crate::targets::LateFinding;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The objects of files with manifests, read once for all that asks for them.
type ObjectsByFile = BTreeMap<FileId, ObjectPaths>;

/// The most services that are shown with a template.
const MOST_SERVICES: usize = 3;

/// Adds findings that only rendering shows, each with the text its place is in and the places of the spec that it is about. Each is reported once,
/// however often it occurred.
pub(super) fn late(checked: &mut CheckResult, wanted: &CheckOptions, target: &str, said: Vec<LateFinding>) {
    let spec = checked.sources.first().filter(|_| !said.is_empty());
    let root = spec.and_then(|spec| syntax::parse(SPEC, spec, syntax::ParseMode::Spec).root);
    for LateFinding { source, finding, about } in said {
        let mut finding = match &root {
            Some(root) => concerning(finding, root, target, &about),
            None => finding,
        };
        let known = checked.sources.iter().position(|old| old.name == source.name && old.text == source.text);
        let index = known.unwrap_or_else(|| {
            checked.sources.push(source);
            checked.sources.len() - 1
        });
        finding.at.file = FileId(u16::try_from(index).unwrap_or(u16::MAX));
        finding = rules::ranked(finding);
        let settings = wanted.settings.as_deref();
        let again = checked.findings.iter().any(|old| old.at == finding.at && old.message == finding.message);
        if again || !settings.is_none_or(|settings| settings.settle(&mut finding)) {
            continue;
        }
        match settings.and_then(|settings| settings.ignored(&finding.rule, &wanted.path)) {
            Some((_, reason)) => {
                let by = DismissedBy::Ignore(reason.to_owned());
                checked.suppressed.push(Suppressed { finding, path: String::new(), by });
            }
            None => {
                checked.findings.push(finding);
                checked.paths.push(String::new());
            }
        }
    }
}

/// Labels the target and the services of the spec that a finding in another text is about.
fn concerning(finding: Finding, root: &syntax::Node, target: &str, about: &[String]) -> Finding {
    let targets = root.get("targets").and_then(|targets| targets.node.get(target));
    let finding = match targets {
        Some(entry) => finding.label(entry.at().key(), format!("rendered for `{target}`")),
        None => finding,
    };
    // a file is named after its service: `web-deployment`
    let named = |name: &str| {
        about.iter().any(|word| word == name || word.strip_prefix(name).is_some_and(|rest| rest.starts_with('-')))
    };
    let services = root.get("services").map_or(&[][..], |services| services.node.entries());
    let services = services.iter().filter(|entry| named(&entry.key)).take(MOST_SERVICES);
    services.fold(finding, |finding, entry| finding.label(entry.at().key(), "this service"))
}

impl CheckResult {
    /// Removes the findings that a baseline accepts for the spec, which it calls `path`.
    pub fn accept(&mut self, baseline: &Baseline, path: &str) {
        let (sources, mut met) = (std::mem::take(&mut self.sources), std::mem::take(&mut self.met));
        let accepted = self.take_out(|finding, place| {
            baseline.accepts(path, &SeenFinding { sources: &sources, finding, path: place }, &mut met)
        });
        (self.sources, self.met) = (sources, met);
        let by_baseline = |(finding, path)| Suppressed { finding, path, by: DismissedBy::Baseline };
        self.suppressed.extend(accepted.into_iter().map(by_baseline));
        self.suppressed.sort_by(|a, b| a.finding.order(&b.finding));
    }

    /// Leaves out the findings of some rules. These findings still use up comments and entries of the baseline.
    fn hide(&mut self, rules: &[String]) {
        if rules.is_empty() {
            return;
        }
        let shown = |finding: &Finding| !rules.iter().any(|rule| finding.rule == **rule);
        self.take_out(|finding, _| !shown(finding));
        self.suppressed.retain(|dismissed| shown(&dismissed.finding));
    }
}

/// Values that a finding repeats may be URLs with a password.
fn hide_url_passwords(finding: &mut Finding) {
    let labels = finding.related.iter_mut().map(|related| &mut related.label);
    for text in labels.chain([&mut finding.message]) {
        if let Some(hidden) = secrets::without_url_passwords(text) {
            *text = hidden;
        }
    }
    if let Some(hidden) = finding.help.as_deref().and_then(secrets::without_url_passwords) {
        finding.help = Some(hidden.into());
    }
    let rare = finding.rare.if_set().into_iter();
    rare.flat_map(|rare| &mut rare.alternates).for_each(hide_url_passwords);
}

impl SpecRun<'_> {
    /// Imported numbers whose files have changed since.
    pub(super) fn origins(&mut self, root: &syntax::Node) {
        let Some(source) = self.source(SPEC).filter(|_| !self.bases.is_empty()) else { return };
        let each = |base: &BaseProject| noted_origins::changed(root, source, &self.comments, base, &self.inputs);
        let mut found: Vec<Finding> = self.bases.iter().flat_map(|(_, base)| each(base)).collect();
        found.sort_by(Finding::order);
        found.dedup_by(|one, other| one.at == other.at && one.message == other.message);
        for finding in found {
            self.collector.add_alone(None, finding);
        }
    }

    pub(super) fn finish(mut self) -> CheckResult {
        // nothing asks them again, and what comes now may read large files once more
        (self.bases, self.merged, self.known) = Default::default();
        self.faults_of_policies();
        let mut findings = std::mem::take(&mut self.collector).finish();
        findings.iter_mut().for_each(hide_url_passwords);
        self.join_copies(&mut findings);
        findings.retain_mut(|finding| self.settle(finding));
        self.judge_fixes(&mut findings);
        let shaped = findings.iter().all(|finding| rules::is_suppressible(&finding.rule));
        let (mut findings, mut suppressed) = self.without_allowed(findings);
        let ignores = self.take_ignored(&mut findings, &mut suppressed);
        by_cause::arrange(&mut findings);
        suppressed.sort_by(|(a, _), (b, _)| a.order(b));
        let mut objects = ObjectsByFile::new();
        self.name_objects(findings.iter_mut().chain(suppressed.iter_mut().map(|(finding, _)| finding)), &mut objects);
        let paths = self.paths(findings.iter(), &mut objects);
        let suppressed_paths = self.paths(suppressed.iter().map(|(finding, _)| finding), &mut objects);
        drop(objects);
        let suppressed = suppressed.into_iter().zip(suppressed_paths);
        let mut sources = self.inputs.into_sources();
        let mut suppressed: Vec<Suppressed> =
            suppressed.map(|((finding, by), path)| Suppressed { finding, path, by }).collect();
        if self.foreign.is_some() {
            let all = findings.iter_mut().chain(suppressed.iter_mut().map(|dismissed| &mut dismissed.finding));
            foreign::without_spec(&mut sources, all);
        }
        let mut checked = CheckResult {
            suppressed,
            sources,
            findings,
            paths,
            ignores,
            met: BaselineHits::default(),
            judged: self.judged.held,
            shaped,
            complete: self.complete,
            profiles: self.profiles,
            targets: self.targets,
        };
        if let Some((baseline, path)) = &self.wanted.baseline {
            checked.accept(baseline, path);
        }
        checked.hide(&self.wanted.ignore);
        checked
    }

    /// Moves findings in copies of a file to that file, where equal ones are one.
    fn join_copies(&self, findings: &mut Vec<Finding>) {
        let copies: Vec<Option<FileId>> = self.inputs.all().iter().map(|file| file.copy_of).collect();
        if copies.iter().all(Option::is_none) {
            return;
        }
        let original = |file: FileId| copies.get(usize::from(file.0)).copied().flatten().unwrap_or(file);
        findings.iter_mut().for_each(|finding| foreign::move_places(finding, &original));
        findings.sort_by(Finding::order);
        findings.dedup_by(|one, other| one.rule == other.rule && one.at == other.at && one.message == other.message);
    }

    /// Gives a finding its severity; `false` for one of a rule that is off.
    fn settle(&self, finding: &mut Finding) -> bool {
        finding.severity = rules::severity(&finding.rule).unwrap_or(finding.severity);
        self.wanted.settings.as_deref().is_none_or(|settings| settings.settle(finding))
    }

    /// Removes fixes that cannot be offered.
    fn judge_fixes(&self, findings: &mut [Finding]) {
        let has_fix = |finding: &Finding| finding.fix.is_some() || !finding.alternates.is_empty();
        if !findings.iter().any(|finding| has_fix(finding) || finding.rule == "missing-field") {
            return;
        }
        let root = self.root.clone().or_else(|| self.foreign.map(|_| foreign::empty_spec()));
        if let (Some(source), Some(root)) = (self.source(SPEC), root) {
            fixable::judge(source, &root, &|file| self.source(file), findings);
        }
    }

    /// Splits findings into those that no comment allows, with those about the comments themselves, and those that one allows.
    fn without_allowed(&self, findings: Vec<Finding>) -> (Vec<Finding>, Vec<(Finding, DismissedBy)>) {
        let policies = self.wanted.policies.as_deref();
        let known = suppress::RunFacts {
            all_checked: self.complete,
            settings: self.wanted.settings.as_deref(),
            // the comment may be meant for a policy that could not be evaluated
            judged: &|id| policies.is_some_and(|policies| policies.list.iter().any(|policy| policy.id == *id)),
        };
        let (mut findings, allowed) = suppress::apply(&self.commented(), findings, &known);
        findings.retain_mut(|finding| self.settle(finding));
        (findings, allowed.into_iter().map(|finding| (finding, DismissedBy::Comment)).collect())
    }

    /// Moves findings that the settings ignore to the suppressed ones; returns the ignores that had an effect.
    fn take_ignored(
        &self,
        findings: &mut Vec<Finding>,
        suppressed: &mut Vec<(Finding, DismissedBy)>,
    ) -> BTreeSet<Used> {
        let mut ignores = BTreeSet::new();
        let Some(settings) = self.wanted.settings.as_deref() else { return ignores };
        let ignored = |finding: &Finding| settings.ignored(&finding.rule, &self.wanted.path);
        for finding in findings.extract_if(.., |finding| ignored(finding).is_some()) {
            let Some((used, reason)) = ignored(&finding) else { continue };
            ignores.insert(used);
            suppressed.push((finding, DismissedBy::Ignore(reason.to_owned())));
        }
        ignores
    }

    /// The files whose comments count. Faults of the comments are reported for files that the run is about.
    fn commented(&self) -> Vec<CommentedFile<'_>> {
        let all = (0..).map(FileId).zip(self.inputs.all());
        all.map(|(id, input)| CommentedFile {
            id,
            source: &input.source,
            comments: if id == SPEC { &self.comments } else { &input.comments },
            is_subject: self.subjects.contains(&id),
        })
        .collect()
    }

    /// Errors in evaluating policies are in the settings file, which is then one of the spec's files.
    fn faults_of_policies(&mut self) {
        let Some(policies) = self.wanted.policies.as_ref().filter(|_| !self.judged.faults.is_empty()) else { return };
        let source = policies.source.clone();
        let Some(file) = self.inputs.add(InputFile::new(source, InputFormat::SETTINGS, Origin::Spec)) else { return };
        self.decided = Some(file);
        for (_, mut finding) in std::mem::take(&mut self.judged.faults) {
            finding.at.file = file;
            self.collector.add(None, finding);
        }
    }

    fn source(&self, file: FileId) -> Option<&Source> {
        self.inputs.get(file).map(|input| &input.source)
    }

    /// Sets the object of each finding in a manifest.
    fn name_objects<'f>(&self, findings: impl Iterator<Item = &'f mut Finding>, manifests: &mut ObjectsByFile) {
        for finding in findings {
            let file = finding.at.file;
            let Some(own) = self.inputs.get(file).filter(|input| input.format == InputFormat::KUBERNETES) else {
                continue;
            };
            let objects = manifests.entry(file).or_insert_with(|| ObjectPaths::of(file, own));
            finding.object = objects.object(finding.at.span);
        }
    }

    /// The RFC 6901 path of each finding's place in its document.
    fn paths<'f>(&self, findings: impl Iterator<Item = &'f Finding>, manifests: &mut ObjectsByFile) -> Vec<String> {
        let mut spec = self.root.as_ref().map(|root| syntax::Paths::new(Rc::clone(root)));
        // by file and document
        let mut documents: BTreeMap<(FileId, Span), syntax::Paths> = BTreeMap::new();
        let path = |finding: &Finding| {
            let file = finding.at.file;
            let own = self.inputs.get(file).filter(|input| input.format == InputFormat::KUBERNETES);
            if let Some(own) = own {
                return manifests.entry(file).or_insert_with(|| ObjectPaths::of(file, own)).path(finding.at.span);
            }
            if let (true, Some(source)) = (self.decided == Some(file), self.source(file)) {
                return settings::path(source, finding.at.span);
            }
            if let Some(spec) = spec.as_mut().filter(|_| file == SPEC) {
                return spec.of(finding.at.span);
            }
            let Some(root) = self.inputs.get(file).and_then(|input| input.document(finding.at.span)) else {
                return String::new();
            };
            let paths = documents.entry((file, root.span)).or_insert_with(|| syntax::Paths::new(Rc::clone(root)));
            paths.of(finding.at.span)
        };
        findings.map(path).collect()
    }
}
