//! One side of a comparison: a spec with its findings, numbers and rendered files, as far as its faults allow. Compares
//! nothing.

use super::sheet::Sheet;
use crate::check::rules::{self, Group};
use crate::model::{Spec, TargetOptions};
use crate::pipeline::{
    CheckOptions, CheckResult, Files, Rendered, each_effective_model, foreign_format, lint_any, render_with_options,
};
use crate::plan::summary::{SummaryQuestion, formation};
use crate::support::diagnostic::{Finding, Severity};
use crate::targets::{self, OutputFile, RenderBug};
use std::collections::HashSet;

/// One side.
pub struct Side<'a> {
    name: &'a str,
    bytes: &'a [u8],
    files: &'a dyn Files,
    wanted: &'a CheckOptions,
    /// The check of everything that was requested.
    pub checked: CheckResult,
    /// Whether the text holds no spec to take numbers from.
    pub unreadable: bool,
    /// All profiles of the spec, requested or not.
    pub known: Vec<String>,
    /// The base and each requested profile, the base first.
    pub(super) profiles: Vec<ProfileNumbers>,
}

/// What is kept of one profile. Its rendered files are not kept: many profiles of many services do not fit in memory together.
pub(super) struct ProfileNumbers {
    /// The profile; `None` for the base.
    pub profile: Option<String>,
    /// Its numbers.
    pub sheet: Sheet,
    /// The targets to render.
    pub targets: Vec<String>,
}

impl<'a> Side<'a> {
    /// Computes one side in the profiles that a check looks at, with the numbers that the requested targets can reach.
    /// Both sides of a comparison get the same name and settings, so that these make no difference in rendered
    /// headers and findings.
    #[must_use]
    pub fn of(name: &'a str, bytes: &'a [u8], files: &'a dyn Files, wanted: &'a CheckOptions) -> Side<'a> {
        let checked = lint_any(name, bytes, files, wanted);
        let services = |(finding, path): (&Finding, &String)| finding.rule == "wrong-type" && path == "/services";
        let faulty = checked.findings.iter().zip(&checked.paths).any(services);
        let mut side =
            Side { name, bytes, files, wanted, checked, unreadable: true, known: Vec::new(), profiles: Vec::new() };
        // nothing is rendered from a file of another tool
        let is_spec = foreign_format(name, bytes, files).is_none();
        let mut chosen = wanted.profiles.clone();
        let mut seen = HashSet::new();
        each_effective_model(name, bytes, files, wanted, |names, profile, spec| {
            if profile.is_none() {
                side.unreadable = faulty;
                side.known = names.iter().flatten().cloned().collect();
                if let (true, Some(settings)) = (chosen.is_empty(), &wanted.settings) {
                    chosen = settings.choose(names);
                }
            }
            if faulty || !(chosen.is_empty() || chosen.contains(&profile)) {
                return;
            }
            let fixed = fixed(&spec, &wanted.targets);
            let numbers = formation(&spec, &SummaryQuestion { profile: profile.as_deref(), instant: None, fixed });
            let sheet = Sheet::of(&numbers, &mut seen);
            let targets = if is_spec { named(&spec, &wanted.targets) } else { Vec::new() };
            side.profiles.push(ProfileNumbers { profile, sheet, targets });
        });
        side
    }

    /// The rendered files of one profile, target by target; empty if this side does not have the profile.
    ///
    /// # Errors
    /// A template of ours is wrong, which is our bug.
    pub(super) fn render(&self, profile: Option<&str>) -> Result<Vec<TargetFiles>, RenderBug> {
        let Some(one) = self.profiles.iter().find(|one| one.profile.as_deref() == profile) else {
            return Ok(Vec::new());
        };
        let (profiles, targets) = (vec![one.profile.clone()], one.targets.clone());
        let one = CheckOptions { profiles, targets, ..self.wanted.clone() };
        rendering(self.name, self.bytes, self.files, one)
    }

    pub(super) fn errors(&self) -> usize {
        errors(&self.checked)
    }

    /// Whether a part of the spec could not be read, so that other rules could not check it. An unknown key hides nothing.
    pub(super) fn is_faulty(&self) -> bool {
        let hides = |finding: &&Finding| finding.severity == Severity::Error && finding.rule != "unknown-field";
        self.unreadable || self.checked.findings.iter().filter(hides).any(|finding| is_shape(&finding.rule))
    }
}

/// Whether a rule is about the form of the spec: it looks at everything that can be read.
pub(super) fn is_shape(rule: &str) -> bool {
    rules::get(rule).is_some_and(|rule| rule.meta.group == Group::Shape)
}

fn errors(checked: &CheckResult) -> usize {
    checked.findings.iter().filter(|finding| finding.severity == Severity::Error).count()
}

/// The targets to render: the requested ones, else those the spec names.
fn named(spec: &Spec, asked: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let written = spec.targets.iter().map(|target| &target.name);
    let all: Vec<&String> = if asked.is_empty() { written.collect() } else { asked.iter().collect() };
    for name in all {
        if targets::get(name).is_some() && !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// Whether none of the requested targets has an autoscaler with the options in the spec, so that the written number counts.
#[must_use]
pub fn fixed(spec: &Spec, asked: &[String]) -> bool {
    let autoscales = |name: &String| {
        let options = TargetOptions::of(&spec.targets, name, spec.at);
        targets::get(name).is_some_and(|target| (target.meta.autoscales)(&options))
    };
    !asked.is_empty() && !asked.iter().any(autoscales)
}

/// The files of one target, or the number of errors that kept it from being rendered.
pub type TargetFiles = (String, Result<Vec<OutputFile>, usize>);

/// Renders all targets in one run. If there is an error, renders each by itself, because the error may belong to one of them only.
fn rendering(name: &str, bytes: &[u8], files: &dyn Files, wanted: CheckOptions) -> Result<Vec<TargetFiles>, RenderBug> {
    if wanted.targets.is_empty() {
        return Ok(Vec::new());
    }
    let Rendered { checked, files: written } = render_with_options(name, bytes, files, &wanted)?;
    if checked.worst() != Some(Severity::Error) {
        return Ok(written.into_iter().map(|(target, files)| (target, Ok(files))).collect());
    }
    if let [target] = &wanted.targets[..] {
        return Ok(vec![(target.clone(), Err(errors(&checked)))]);
    }
    let mut all = Vec::new();
    for target in &wanted.targets {
        all.extend(rendering(name, bytes, files, CheckOptions { targets: vec![target.clone()], ..wanted.clone() })?);
    }
    Ok(all)
}
