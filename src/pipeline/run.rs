//! One run over a spec: reads it, expands its profiles, and checks and lowers each. Knows no text of a target.

use super::run_parts::{BaseKey, MeantKeys};
use super::{CheckOptions, Files, profile_services};
use crate::check::policy::Judged;
use crate::check::rules;
use crate::inputs::base::BaseProject;
use crate::inputs::helm::ChartFacts;
use crate::inputs::input_meta::SetReader;
use crate::inputs::merge::MergeCache;
use crate::inputs::spec::profiles;
use crate::inputs::spec::schema;
use crate::inputs::{InputFile, InputFiles, InputFormat, Origin};
use crate::model::TargetOptions;
use crate::support::diagnostic::{Collector, Finding, SPEC, Severity};
use crate::support::source::{FileId, FileSpan, Source, Span};
use crate::syntax::scalars;
use crate::targets::{self, Target};
use crate::{model, syntax};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

/// The most services, counted in each profile that differs, that one run checks. It bounds time and memory:
/// a profile may be one line and have as many services as the base.
const MOST_SERVICES: usize = 2_000_000;

/// The most services, and the most backing services, of one spec: a service of one line takes kilobytes.
const MOST_NAMED: usize = 20_000;

/// The number of entries of a map at the top of a spec.
fn named_in(tree: &syntax::Node, map: &str) -> usize {
    tree.get(map).map_or(0, |map| map.node.entries().len())
}

/// Reports that a spec has more services than are checked.
fn too_large(tree: &syntax::Node) -> Option<Finding> {
    let large = |map: &&str| named_in(tree, map) > MOST_NAMED;
    let map = ["services", "backingServices"].into_iter().find(large)?;
    let message =
        format!("{} in `{map}`, more than {MOST_NAMED}: nothing of this file is checked", named_in(tree, map));
    let at = tree.get(map)?.at().key();
    Some(Finding::new("invalid-value", Severity::Error, at, message).help("divide the spec"))
}

/// The state of one run.
pub(super) struct SpecRun<'w> {
    pub(super) wanted: &'w CheckOptions,
    /// Whether views are needed in the end, or only findings.
    pub(super) writes: bool,
    /// The spec and the files that it names; the index of one is its `FileId`.
    pub(super) inputs: InputFiles,
    pub(super) comments: Vec<syntax::Comment>,
    /// The spec's tree, kept for the paths of findings.
    pub(super) root: Option<Rc<syntax::Node>>,
    pub(super) collector: Collector,
    pub(super) shape: schema::ShapeChecker,
    pub(super) known: model::LoweredBefore,
    pub(super) profiles: Vec<String>,
    pub(super) targets: Vec<String>,
    /// The bases of targets, by the files that name them: each is read once a run.
    pub(super) bases: Vec<(BaseKey, BaseProject)>,
    /// Whether the spec and its profiles keep their removals, for a base.
    pub(super) removals: profiles::Removals,
    /// Services that were merged with a base before.
    pub(super) merged: MergeCache,
    /// Charts that specs name, by folder: each is read once a run.
    pub(super) charts: BTreeMap<String, Result<ChartFacts, Box<Finding>>>,
    /// Every target that was lowered, in any profile.
    pub(super) ran: Vec<&'static Target>,
    /// The views of the last profile.
    pub(super) lowered: Vec<(&'static Target, Vec<targets::View>)>,
    /// The services of the spec without its profiles.
    pub(super) services: HashSet<Rc<str>>,
    /// The profiles that are checked; empty for all.
    pub(super) chosen: Vec<Option<String>>,
    /// The results of the policies.
    pub(super) judged: Judged,
    /// The settings file, if it is one of the sources.
    pub(super) decided: Option<FileId>,
    /// Whether every profile and every target was checked, so that an unused suppression is truly unused.
    pub(super) complete: bool,
    /// The files that the run is about: the spec, or the files of a set.
    pub(super) subjects: Vec<FileId>,
    /// The reader of files that are checked without a spec; `None` if there is a spec.
    pub(super) foreign: Option<&'static SetReader>,
    /// The misspelt keys of the spec, as they were meant.
    pub(super) meant: MeantKeys,
}

impl<'w> SpecRun<'w> {
    /// Runs every step but the last, which is `finish`.
    pub(super) fn new(
        name: &str,
        bytes: Vec<u8>,
        files: &dyn Files,
        wanted: &'w CheckOptions,
        writes: bool,
    ) -> SpecRun<'w> {
        let mut run = SpecRun::idle(name, bytes, wanted, writes);
        if !run.collector.is_empty() {
            return run;
        }
        run.read(files);
        run.read_as_meant(files)
    }

    /// A run that has only the bytes of the spec so far.
    pub(super) fn idle(name: &str, bytes: Vec<u8>, wanted: &'w CheckOptions, writes: bool) -> SpecRun<'w> {
        let (text, fault) = match syntax::decode(bytes) {
            Ok(text) => (text, None),
            Err((bytes, why)) => (String::from_utf8_lossy(&bytes).into_owned(), Some(syntax::undecodable(SPEC, why))),
        };
        let mut inputs = InputFiles::default();
        let source = Source::new(name, text);
        inputs.add(InputFile::new(source, InputFormat::SPEC, Origin::Spec));
        let mut run = SpecRun {
            wanted,
            writes,
            inputs,
            comments: Vec::new(),
            root: None,
            collector: Collector::new(rules::severity),
            shape: schema::ShapeChecker::default(),
            known: model::LoweredBefore::default(),
            profiles: Vec::new(),
            targets: Vec::new(),
            bases: Vec::new(),
            removals: profiles::Removals::Done,
            merged: MergeCache::default(),
            charts: BTreeMap::new(),
            ran: Vec::new(),
            lowered: Vec::new(),
            services: HashSet::new(),
            chosen: wanted.profiles.clone(),
            judged: Judged::default(),
            decided: None,
            complete: wanted.profiles.is_empty() && wanted.targets.is_empty(),
            subjects: vec![SPEC],
            foreign: None,
            meant: MeantKeys::new(),
        };
        if let Some(finding) = fault {
            run.collector.add(None, finding);
        }
        run
    }

    pub(super) fn read(&mut self, files: &dyn Files) {
        let Some(source) = self.inputs.all().first().map(|spec| &spec.source) else { return };
        let parsed = syntax::parse(SPEC, source, syntax::ParseMode::Spec);
        self.comments = parsed.comments;
        let broken = !parsed.findings.is_empty();
        for finding in parsed.findings {
            self.collector.add(None, finding);
        }
        let Some(root) = parsed.root else {
            if !broken {
                let place = FileSpan { file: SPEC, span: Span::new(0, 0) };
                let finding = Finding::new("missing-field", Severity::Error, place, "the spec is empty")
                    .help("add `version: 1`, `name` and `services`");
                self.collector.add(None, finding);
            }
            return;
        };
        self.root = Some(Rc::clone(&root));
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
        if let Some(finding) = too_large(&root) {
            self.complete = false;
            self.collector.add(None, finding);
            return;
        }
        let written = root;
        let root = self.with_meant_keys(&written);
        drop(written);
        self.choose(&root);
        // before the profiles are laid: what they share with the tree looks as if it were used more than once
        let ambiguous = {
            let apart = if self.chosen.is_empty() { Vec::new() } else { profiles::apart(&root, &self.chosen) };
            scalars::ambiguous(&root, &apart)
        };
        let mut found = Vec::new();
        let layers = self.lay(&root, &mut found);
        for finding in found {
            self.collector.add(None, finding);
        }
        self.layers(layers, files);
        self.close(&root, ambiguous);
    }

    /// The profiles of the spec, and which of them are checked.
    fn choose(&mut self, root: &syntax::Node) {
        self.profiles = profiles::names(root).flatten().map(str::to_owned).collect();
        let several = !self.profiles.is_empty();
        (self.shape.last, self.known.last) = (!several, !several);
        if let (true, Some(settings)) = (self.chosen.is_empty(), &self.wanted.settings) {
            let all: Vec<Option<String>> = profiles::names(root).map(|name| name.map(str::to_owned)).collect();
            self.chosen = settings.choose(&all);
        }
    }

    /// The base and every requested profile. A profile that is the same spec as one before is not checked again.
    fn layers(&mut self, layers: profiles::Layers, files: &dyn Files) {
        let chosen: HashSet<Option<String>> = self.chosen.iter().cloned().collect();
        // a policy may use the profile's name
        let named = self.has_policies();
        let mut checked: HashMap<usize, Option<String>> = HashMap::new();
        let mut services = 0;
        for laid in layers {
            if laid.profile.is_none() && !self.profiles.is_empty() {
                self.services = profile_services::names(&laid.tree);
            }
            if !chosen.is_empty() && !chosen.contains(&laid.profile) {
                self.complete = false;
                continue;
            }
            if let Some(profile) = &laid.profile {
                self.collector.number(profile);
            }
            if let (false, false, Some(earlier)) = (named, self.writes, checked.get(&laid.number)) {
                // a finding that holds in the base is reported for the base
                if let (Some(profile), Some(earlier)) = (&laid.profile, earlier) {
                    self.collector.same(profile, earlier);
                }
                continue;
            }
            services += named_in(&laid.tree, "services");
            if laid.profile.is_some() && (services > MOST_SERVICES || too_large(&laid.tree).is_some()) {
                self.too_many(&laid);
                return;
            }
            checked.insert(laid.number, laid.profile.clone());
            self.profile(laid, files);
        }
    }

    /// Whether the team has policies of its own.
    pub(super) fn has_policies(&self) -> bool {
        self.wanted.policies.as_ref().is_some_and(|policies| !policies.list.is_empty())
    }

    /// Reports where the bound on all services of all profiles is reached.
    fn too_many(&mut self, laid: &profiles::MergedSpec) {
        self.complete = false;
        let message = format!(
            "with this profile there are more than {MOST_NAMED} services in it, or more than {MOST_SERVICES} over all \
             profiles: neither it nor what is written after it is checked"
        );
        let finding = Finding::new("invalid-value", Severity::Error, laid.at.key(), message);
        self.collector.add(None, finding.help("check some of the profiles with `--profile`, or divide the spec"));
    }

    /// Reports services that only a profile names, if they exist nowhere else.
    pub(super) fn unknown_services(&mut self, laid: &profiles::MergedSpec, bases: &[Option<usize>]) {
        let Some(profile) = laid.profile.as_deref() else { return };
        let read: Vec<&BaseProject> =
            bases.iter().flatten().filter_map(|index| Some(&self.bases.get(*index)?.1)).collect();
        for finding in profile_services::unknown(&laid.tree, &self.services, &read, profile) {
            self.collector.add(Some(profile), finding);
        }
    }

    /// The targets of this run: the requested ones, else those the spec names.
    pub(super) fn scopes(&mut self, tree: &syntax::Node) -> Vec<(&'static Target, TargetOptions)> {
        let written = model::targets(tree);
        for written in &written {
            if targets::get(&written.name).is_some() && !self.targets.contains(&written.name) {
                self.targets.push(written.name.clone());
            }
        }
        let of = |name: &String| Some((targets::get(name)?, TargetOptions::of(&written, name, tree.at())));
        if self.wanted.targets.is_empty() {
            written.iter().filter_map(|target| of(&target.name)).collect()
        } else {
            // a target that is requested twice counts once
            let asked = self.wanted.targets.iter().enumerate();
            let first =
                asked.filter(|(index, name)| self.wanted.targets.iter().position(|n| n == *name) == Some(*index));
            first.filter_map(|(_, name)| of(name)).collect()
        }
    }
}
