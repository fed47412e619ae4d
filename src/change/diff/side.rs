//! One side of a comparison: a spec with its findings, numbers and rendered files, as far as its faults allow. Compares
//! nothing.

use crate::check::rules::{self, Group};
use crate::model::{Spec, TargetOptions};
use crate::pipeline::{Checked, Files, Rendered, Wanted, effective_models, lint, render_wanted};
use crate::plan::summary::{Formation, View, formation};
use crate::support::diagnostic::{Finding, Severity};
use crate::targets::{self, OutputFile, RenderBug};

/// One side.
#[derive(Debug)]
pub struct Side {
    /// The check of everything that was asked.
    pub checked: Checked,
    /// Whether the text holds no spec to take numbers from.
    pub unreadable: bool,
    /// The profiles of the spec, asked for or not.
    pub known: Vec<String>,
    /// The numbers of the base and each profile that was asked, the base first.
    pub formations: Vec<Formation>,
    /// What each of them renders to, in the same order.
    pub rendered: Vec<Rendering>,
}

/// What the targets write in one profile.
#[derive(Clone, Debug)]
pub struct Rendering {
    /// The profile; none for the base.
    pub profile: Option<String>,
    /// The files of each target, or how many errors stand in their way.
    pub targets: Vec<Target>,
}

impl Side {
    /// Works one side out, in the profiles that a check looks at, and with the numbers that the wanted targets can reach.
    /// Both sides of one comparison are given the same name and settings, so that they make no difference in rendered
    /// headers and findings.
    ///
    /// # Errors
    /// A template of ours is wrong: our bug.
    pub fn of(name: &str, bytes: &[u8], files: &dyn Files, wanted: &Wanted) -> Result<Side, RenderBug> {
        let checked = lint(name, bytes, files, wanted);
        let mut all = effective_models(name, bytes, files, wanted);
        let services = |(finding, path): (&Finding, &String)| finding.rule == "wrong-type" && path == "/services";
        let unreadable = all.is_empty() || checked.findings.iter().zip(&checked.paths).any(services);
        let names: Vec<Option<String>> = all.iter().map(|(profile, _)| profile.clone()).collect();
        let chosen = match &wanted.settings {
            Some(settings) if wanted.profiles.is_empty() => settings.choose(&names),
            _ => wanted.profiles.clone(),
        };
        let known = names.into_iter().flatten().collect();
        all.retain(|(profile, _)| !unreadable && (chosen.is_empty() || chosen.contains(profile)));
        let mut side = Side { checked, unreadable, known, formations: Vec::new(), rendered: Vec::new() };
        for (profile, spec) in &all {
            let fixed = fixed(spec, &wanted.targets);
            side.formations.push(formation(spec, &View { profile: profile.as_deref(), instant: None, fixed }));
            let targets = named(spec, &wanted.targets);
            let one = Wanted { profiles: vec![profile.clone()], targets, ..wanted.clone() };
            side.rendered.push(Rendering { profile: profile.clone(), targets: rendering(name, bytes, files, one)? });
        }
        Ok(side)
    }

    pub(super) fn errors(&self) -> usize {
        errors(&self.checked)
    }

    /// Whether a part of the spec could not be read, so that other rules could not look at it. A key too many hides nothing.
    pub(super) fn is_faulty(&self) -> bool {
        let hides = |finding: &&Finding| finding.severity == Severity::Error && finding.rule != "unknown-field";
        self.unreadable || self.checked.findings.iter().filter(hides).any(|finding| is_shape(&finding.rule))
    }
}

/// Whether a rule is about the form of the spec: it looks at everything that can be read.
pub(super) fn is_shape(rule: &str) -> bool {
    rules::get(rule).is_some_and(|rule| rule.meta.group == Group::Shape)
}

fn errors(checked: &Checked) -> usize {
    checked.findings.iter().filter(|finding| finding.severity == Severity::Error).count()
}

/// The targets to render: those asked for, else those the spec names.
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

/// Whether none of the asked targets has an autoscaler with the options the spec gives it: the written number counts.
#[must_use]
pub fn fixed(spec: &Spec, asked: &[String]) -> bool {
    let autoscales = |name: &String| {
        let written = spec.targets.iter().find(|target| target.name == *name).cloned();
        let options = written.unwrap_or_else(|| TargetOptions { name: name.clone(), at: spec.at, options: Vec::new() });
        targets::get(name).is_some_and(|target| (target.meta.autoscales)(&options))
    };
    !asked.is_empty() && !asked.iter().any(autoscales)
}

/// The files of one target, or how many errors stand in their way.
pub type Target = (String, Result<Vec<OutputFile>, usize>);

/// All targets in one run; where an error stands, each by itself, as it may be the error of one of them only.
fn rendering(name: &str, bytes: &[u8], files: &dyn Files, wanted: Wanted) -> Result<Vec<Target>, RenderBug> {
    if wanted.targets.is_empty() {
        return Ok(Vec::new());
    }
    let Rendered { checked, files: written } = render_wanted(name, bytes, files, &wanted)?;
    if checked.worst() != Some(Severity::Error) {
        return Ok(written.into_iter().map(|(target, files)| (target, Ok(files))).collect());
    }
    if let [target] = &wanted.targets[..] {
        return Ok(vec![(target.clone(), Err(errors(&checked)))]);
    }
    let mut all = Vec::new();
    for target in &wanted.targets {
        all.extend(rendering(name, bytes, files, Wanted { targets: vec![target.clone()], ..wanted.clone() })?);
    }
    Ok(all)
}
