//! The way of one spec through the rooms, from its text to findings and files. Reads nothing itself: files come in by `Files`.

mod govern;
mod named;
mod settle;

pub use govern::{Decided, decide};

use crate::base::Base;
use crate::baseline::{Baseline, Met};
use crate::chart::Chart;
use crate::diagnostic::{Collector, Finding, SPEC, Severity, Suppressed};
use crate::model::states::States;
use crate::model::{Spec, TargetOptions};
use crate::plan::plan;
use crate::policy::{Judged, Policies};
use crate::rules::{self, Context, Reach};
use crate::settings::{Settings, Used};
use crate::source::{FileId, Place, Source, Span};
use crate::targets::{self, Engine, Header, Input, Lowered, OutputFile, RenderBug, Target, Templates, View, Written};
use crate::{model, profiles, scalars, schema, syntax};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// Up to so many bytes a spec's tree is kept for the paths of findings; a larger spec is read again for them.
const KEPT: usize = 256 * 1024;

/// The one door through which files that a spec names come in.
pub trait Files {
    /// The bytes of a file; `path` is relative to the spec.
    ///
    /// # Errors
    /// Why it cannot be read, for a person.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;

    /// Whether something stands there, be it readable or not: some files may be absent, but none may be passed over.
    fn exists(&self, path: &str) -> bool {
        self.read(path).is_ok()
    }
}

/// A door that opens on nothing: for text from standard input, and for tests.
#[derive(Clone, Copy, Debug)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _path: &str) -> Result<Vec<u8>, String> {
        Err("there is no folder to read it from".to_owned())
    }
}

/// What a run wants of a spec.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Profiles to check; empty means those the settings name, else the base and all. `None` inside stands for the base.
    pub profiles: Vec<Option<String>>,
    /// Targets to check; empty means those the spec names.
    pub targets: Vec<String>,
    /// Rules not to report.
    pub ignore: Vec<String>,
    /// The settings that govern the spec.
    pub settings: Option<Arc<Settings>>,
    /// The policies of these settings.
    pub policies: Option<Arc<Policies>>,
    /// The spec's path as the patterns of the settings see it; empty where it has none, as standard input.
    pub path: String,
    /// Templates of the user's own, which stand in for ours.
    pub templates: Option<Arc<Templates>>,
    /// Threads that may render at once; none stands for one.
    pub threads: usize,
    /// What is accepted for now, and the spec's path as the baseline has it.
    pub baseline: Option<(Arc<Baseline>, String)>,
}

/// What checking one spec gave.
#[derive(Debug, Default)]
pub struct Checked {
    /// The spec and the files it names; a place's `FileId` is the index.
    pub sources: Vec<Source>,
    /// The findings, by place.
    pub findings: Vec<Finding>,
    /// For each finding the RFC 6901 path of its place in its document.
    pub paths: Vec<String>,
    /// Findings that a comment in the spec or the settings allow.
    pub suppressed: Vec<Suppressed>,
    /// Which ignores of the settings were needed.
    pub ignores: BTreeSet<Used>,
    /// What of the baseline was met.
    pub met: Met,
    /// Which policies of the settings were judged for anything.
    pub judged: BTreeSet<usize>,
    /// Whether no error of shape hid anything.
    pub shaped: bool,
    /// Whether every profile was checked for every target: only then is unused what nothing needed.
    pub complete: bool,
    /// The profiles of the spec, in the order written.
    pub profiles: Vec<String>,
    /// The targets the spec names that this release has, in the order written.
    pub targets: Vec<String>,
}

impl Checked {
    /// The gravest severity among the findings.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

/// Checks one spec in the base and every wanted profile, for every wanted target. Cannot fail: faults are findings.
#[must_use]
pub fn lint(name: &str, bytes: &[u8], files: &dyn Files, wanted: &Wanted) -> Checked {
    lint_owned(name, bytes.to_vec(), files, wanted)
}

/// The same for bytes that nobody else needs: they are not held twice.
#[must_use]
pub fn lint_owned(name: &str, bytes: Vec<u8>, files: &dyn Files, wanted: &Wanted) -> Checked {
    Run::new(name, bytes, files, wanted, false).finish()
}

/// What rendering one spec gave.
#[derive(Debug)]
pub struct Rendered {
    /// The check; where an error stands in it, there are no files.
    pub checked: Checked,
    /// The files, by target in the order asked.
    pub files: Vec<(String, Vec<OutputFile>)>,
}

/// Checks one spec in one profile for the wanted targets and, where no error stands, renders them.
///
/// # Errors
/// A template of ours is wrong: our bug, and nothing is written.
pub fn render(
    name: &str,
    bytes: &[u8],
    files: &dyn Files,
    profile: Option<&str>,
    targets: &[String],
) -> Result<Rendered, RenderBug> {
    let profiles = vec![profile.map(str::to_owned)];
    render_wanted(name, bytes, files, &Wanted { profiles, targets: targets.to_vec(), ..Wanted::default() })
}

/// The same for all that can be wanted of a check; the first of the wanted profiles is the one to render.
///
/// # Errors
/// As above.
pub fn render_wanted(name: &str, bytes: &[u8], files: &dyn Files, wanted: &Wanted) -> Result<Rendered, RenderBug> {
    let profile = wanted.profiles.first().and_then(Option::as_deref);
    let Lowering { mut checked, views: lowered } = lower_wanted(name, bytes, files, wanted);
    if checked.worst() == Some(Severity::Error) {
        return Ok(Rendered { checked, files: Vec::new() });
    }
    let spec = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let own = wanted.templates.as_ref();
    let header = |target: &Target| Header {
        spec: spec.to_owned(),
        profile: profile.map(str::to_owned),
        target: target.meta.name.to_owned(),
    };
    let ready: Vec<(Engine<'_>, Header, Vec<Arc<View>>)> = lowered
        .into_iter()
        .map(|(target, views)| (Engine::new(target, own), header(target), views.into_iter().map(Arc::new).collect()))
        .collect();
    let jobs = ready.iter().flat_map(|(engine, header, views)| views.iter().map(move |view| (engine, view, header)));
    let mut written = targets::render_all(&jobs.collect::<Vec<_>>(), wanted.threads)?.into_iter();
    let mut rendered = Vec::new();
    for (_, header, views) in &ready {
        let mut files = Vec::with_capacity(views.len());
        for Written { file, said } in written.by_ref().take(views.len()) {
            files.extend(file);
            settle::late(&mut checked, wanted, &header.target, said);
        }
        rendered.push((header.target.clone(), files));
    }
    if checked.worst() == Some(Severity::Error) {
        rendered.clear();
    }
    Ok(Rendered { checked, files: rendered })
}

/// What lowering one spec gave.
#[derive(Debug)]
pub struct Lowering {
    /// The check.
    pub checked: Checked,
    /// What each target means to write, by target in the order asked; also where an error stands.
    pub views: Vec<(&'static Target, Vec<targets::View>)>,
}

/// Checks one spec in one profile for one target and stops before its text.
#[must_use]
pub fn lower(name: &str, bytes: &[u8], files: &dyn Files, profile: Option<&str>, target: &str) -> Lowering {
    let (profiles, targets) = (vec![profile.map(str::to_owned)], vec![target.to_owned()]);
    lower_wanted(name, bytes, files, &Wanted { profiles, targets, ..Wanted::default() })
}

fn lower_wanted(name: &str, bytes: &[u8], files: &dyn Files, wanted: &Wanted) -> Lowering {
    let mut run = Run::new(name, bytes.to_vec(), files, wanted, true);
    let views = std::mem::take(&mut run.lowered);
    Lowering { checked: run.finish(), views }
}

/// One spec on its way.
struct Run<'w> {
    wanted: &'w Wanted,
    /// Whether views are wanted in the end, or only findings.
    writes: bool,
    sources: Vec<Source>,
    comments: Vec<syntax::Comment>,
    /// The spec's tree, kept for the paths of findings; not kept where it is large.
    root: Option<Rc<syntax::Node>>,
    collector: Collector,
    shape: schema::Shape,
    known: model::Known,
    profiles: Vec<String>,
    targets: Vec<String>,
    /// Files named by specs, by path: read once a run. What cannot be read is said wherever it is named.
    bases: BTreeMap<String, Result<Base, Box<Finding>>>,
    /// Charts named by specs, by folder, in the same way.
    charts: BTreeMap<String, Result<Chart, Box<Finding>>>,
    /// Every target that was lowered, in any profile.
    ran: Vec<&'static Target>,
    /// The views of the last profile.
    lowered: Vec<(&'static Target, Vec<targets::View>)>,
    /// The profiles that are checked; empty for all.
    chosen: Vec<Option<String>>,
    /// What the policies came to.
    judged: Judged,
    /// The settings file, where it is one of the sources.
    decided: Option<FileId>,
    /// Whether every profile and every target was checked, so that an unused suppression is truly unused.
    complete: bool,
}

impl<'w> Run<'w> {
    fn new(name: &str, bytes: Vec<u8>, files: &dyn Files, wanted: &'w Wanted, writes: bool) -> Run<'w> {
        let (text, fault) = match syntax::decode(bytes) {
            Ok(text) => (text, None),
            Err((bytes, why)) => (String::from_utf8_lossy(&bytes).into_owned(), Some(syntax::undecodable(SPEC, why))),
        };
        let mut run = Run {
            wanted,
            writes,
            sources: vec![Source::new(name, text)],
            comments: Vec::new(),
            root: None,
            collector: Collector::default(),
            shape: schema::Shape::default(),
            known: model::Known::default(),
            profiles: Vec::new(),
            targets: Vec::new(),
            bases: BTreeMap::new(),
            charts: BTreeMap::new(),
            ran: Vec::new(),
            lowered: Vec::new(),
            chosen: wanted.profiles.clone(),
            judged: Judged::default(),
            decided: None,
            complete: wanted.profiles.is_empty() && wanted.targets.is_empty(),
        };
        match fault {
            Some(finding) => run.collector.add(None, finding),
            None => run.read(files),
        }
        run
    }

    fn read(&mut self, files: &dyn Files) {
        let Some(source) = self.sources.first() else { return };
        let parsed = syntax::parse(SPEC, source, syntax::Mode::Spec);
        self.comments = parsed.comments;
        let broken = !parsed.findings.is_empty();
        for finding in parsed.findings {
            self.collector.add(None, finding);
        }
        let Some(root) = parsed.root else {
            if !broken {
                let place = Place { file: SPEC, span: Span::new(0, 0) };
                let finding = Finding::new("missing-field", Severity::Error, place, "the spec is empty")
                    .help("add `version: 1`, `name` and `services`");
                self.collector.add(None, finding);
            }
            return;
        };
        if source.text.len() <= KEPT {
            self.root = Some(Rc::clone(&root));
        }
        if root.is_unknown() {
            return;
        }
        if !matches!(root.value, syntax::Value::Map(_)) {
            let message = format!("the spec is {}, expected a mapping", root.kind());
            let finding = Finding::new("wrong-type", Severity::Error, root.at().place(), message)
                .help("write a mapping with `version: 1`, `name` and `services`");
            self.collector.add(None, finding);
            return;
        }
        let mut found = Vec::new();
        let laid = profiles::lay(&root, &mut found);
        for finding in found {
            self.collector.add(None, finding);
        }
        self.profiles = laid.iter().filter_map(|laid| laid.profile.clone()).collect();
        let several = laid.len() > 1;
        (self.shape.last, self.known.last) = (!several, !several);
        if let (true, Some(settings)) = (self.chosen.is_empty(), &self.wanted.settings) {
            let all: Vec<Option<String>> = laid.iter().map(|laid| laid.profile.clone()).collect();
            self.chosen = settings.choose(&all);
        }
        for laid in &laid {
            if self.chosen.is_empty() || self.chosen.contains(&laid.profile) {
                self.one(laid, files);
            } else {
                self.complete = false;
            }
        }
        let apart = if self.chosen.is_empty() { Vec::new() } else { profiles::apart(&root, &self.chosen) };
        for finding in scalars::ambiguous(&root, &apart) {
            // where no text may stand, quotes would not help
            if !self.collector.has("wrong-type", finding.at) {
                self.collector.add(None, finding);
            }
        }
        self.not_the_subject(&root);
    }

    /// One profile: shape, model, rules, plan, targets.
    fn one(&mut self, laid: &profiles::Laid, files: &dyn Files) {
        let profile = laid.profile.as_deref();
        for finding in self.shape.check(&laid.tree) {
            self.collector.add(profile, finding);
        }
        let model::Lowered { spec, findings } = model::lower(&laid.tree, &mut self.known);
        for finding in findings {
            // the schema's word on the same place comes first
            if !self.collector.has("wrong-type", finding.at) {
                self.collector.add(profile, finding);
            }
        }
        let scopes = self.scopes(&spec);
        let bases: Vec<Option<String>> =
            scopes.iter().map(|(target, options)| self.base(target, options, files, profile)).collect();
        self.rules(&spec, &scopes, &bases, profile);
        if let Some(policies) = &self.wanted.policies {
            for finding in policies.judge(&spec, &laid.tree, profile, &mut self.judged) {
                self.collector.add(profile, finding);
            }
        }
        let plan = plan(spec, profile);
        self.lowered.clear();
        let mut said = Vec::new();
        for ((target, options), base) in scopes.iter().zip(&bases) {
            self.chart(target, options, files, profile);
            let base = base.as_ref().and_then(|path| self.bases.get(path)?.as_ref().ok());
            let chart = named::chart(target, options).and_then(|(folder, _)| self.charts.get(folder)?.as_ref().ok());
            let Lowered { views, findings } =
                (target.meta.lower)(&Input { plan: &plan, options, base, chart, writes: self.writes });
            said.extend(findings);
            self.lowered.push((target, views));
            if self.ran.iter().all(|ran| ran.meta.name != target.meta.name) {
                self.ran.push(target);
            }
        }
        for finding in targets::joined(said) {
            self.collector.add(profile, finding);
        }
    }

    /// The targets of this run: those asked for, else those the spec names.
    fn scopes(&mut self, spec: &Spec) -> Vec<(&'static Target, TargetOptions)> {
        for written in &spec.targets {
            if targets::get(&written.name).is_some() && !self.targets.contains(&written.name) {
                self.targets.push(written.name.clone());
            }
        }
        let empty = |name: &str| TargetOptions { name: name.to_owned(), at: spec.at, options: Vec::new() };
        let of = |name: &String| {
            let written = spec.targets.iter().find(|target| target.name == *name);
            Some((targets::get(name)?, written.cloned().unwrap_or_else(|| empty(name))))
        };
        if self.wanted.targets.is_empty() {
            spec.targets.iter().filter_map(|target| of(&target.name)).collect()
        } else {
            // asked for twice is asked for once
            let asked = self.wanted.targets.iter().enumerate();
            let first =
                asked.filter(|(index, name)| self.wanted.targets.iter().position(|n| n == *name) == Some(*index));
            first.filter_map(|(_, name)| of(name)).collect()
        }
    }

    fn rules(
        &mut self,
        spec: &Spec,
        scopes: &[(&'static Target, TargetOptions)],
        bases: &[Option<String>],
        profile: Option<&str>,
    ) {
        let scales = scopes.iter().any(|(target, options)| (target.meta.autoscales)(options));
        let reach = if scales || scopes.is_empty() { Reach::Range } else { Reach::Fixed };
        let states = match reach {
            Reach::Range => States::of(spec),
            Reach::Fixed => States::without_windows(),
        };
        let options: Vec<TargetOptions> = scopes.iter().map(|(_, options)| options.clone()).collect();
        let base = bases.iter().flatten().find_map(|path| self.bases.get(path)?.as_ref().ok());
        let context = Context { spec, states: &states, reach, base, targets: &options };
        for finding in rules::check(&context) {
            self.collector.add(profile, finding);
        }
    }
}
