//! One side of a comparison: a spec checked, put in numbers and rendered, as far as its faults allow. Compares nothing.

use crate::diagnostic::{Finding, Severity};
use crate::formation::{Formation, View, formation};
use crate::model::{Spec, TargetOptions};
use crate::models::models;
use crate::pipeline::{Checked, Files, Rendered, Wanted, lint, render};
use crate::rules::{self, Group};
use crate::targets::{self, OutputFile, RenderBug};

/// What is asked of both sides.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Only these profiles; empty means the base and all of them.
    pub profiles: Vec<String>,
    /// Only these targets, and the numbers they can reach; empty means those the spec names, and all bounds.
    pub targets: Vec<String>,
}

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
    /// Works one side out. Both sides of one comparison are given the same name, so that it makes no difference in
    /// rendered headers and fingerprints.
    ///
    /// # Errors
    /// A template of ours is wrong: our bug.
    pub fn of(name: &str, bytes: &[u8], files: &dyn Files, asked: &Asked) -> Result<Side, RenderBug> {
        let profiles: Vec<Option<String>> = asked.profiles.iter().cloned().map(Some).collect();
        let wanted = Wanted { profiles, targets: asked.targets.clone(), ignore: Vec::new() };
        let checked = lint(name, bytes, files, &wanted);
        let mut all = models(bytes);
        let services = |(finding, path): (&Finding, &String)| finding.rule == "wrong-type" && path == "/services";
        let unreadable = all.is_empty() || checked.findings.iter().zip(&checked.paths).any(services);
        let known = all.iter().filter_map(|(profile, _)| profile.clone()).collect();
        all.retain(|(profile, _)| !unreadable && (wanted.profiles.is_empty() || wanted.profiles.contains(profile)));
        let mut side = Side { checked, unreadable, known, formations: Vec::new(), rendered: Vec::new() };
        for (profile, spec) in &all {
            let (profile, fixed) = (profile.as_deref(), fixed(spec, &asked.targets));
            side.formations.push(formation(spec, &View { profile, instant: None, fixed }));
            let targets = rendering(name, bytes, files, profile, &named(spec, &asked.targets))?;
            side.rendered.push(Rendering { profile: profile.map(str::to_owned), targets });
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
fn rendering(
    name: &str,
    bytes: &[u8],
    files: &dyn Files,
    profile: Option<&str>,
    targets: &[String],
) -> Result<Vec<Target>, RenderBug> {
    if targets.is_empty() {
        return Ok(Vec::new());
    }
    let Rendered { checked, files: written } = render(name, bytes, files, profile, targets)?;
    if checked.worst() != Some(Severity::Error) {
        return Ok(written.into_iter().map(|(target, files)| (target, Ok(files))).collect());
    }
    if let [target] = targets {
        return Ok(vec![(target.clone(), Err(errors(&checked)))]);
    }
    let mut all = Vec::new();
    for target in targets {
        all.extend(rendering(name, bytes, files, profile, std::slice::from_ref(target))?);
    }
    Ok(all)
}
