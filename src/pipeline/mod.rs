//! Checks and renders one spec: options in, findings, views and files out. Reads nothing itself: files come from [`Files`].

mod any_format;
mod as_meant;
mod by_cause;
mod effective;
mod finalize;
mod foreign;
mod latent;
mod load_settings;
mod object_paths;
mod profile;
mod profile_services;
mod referenced_files;
mod run;
mod run_parts;
mod run_rules;

pub use any_format::{each_effective_model, foreign_format, lint_alone, lint_any};
pub use foreign::{FileSet, lint_set, lint_syntax, model_of_set, named_bases};
pub use load_settings::{LoadedSettings, load_settings};

use crate::check::baseline::{Baseline, BaselineHits};
use crate::check::policy::Policies;
use crate::check::rules::LoadFacts;
use crate::check::settings::{Settings, Used};
use crate::support::diagnostic::{Finding, Severity, Suppressed};
use crate::support::source::Source;
use crate::targets::{self, Engine, Header, OutputFile, RenderBug, RenderedView, Target, Templates, View};
use run::SpecRun;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Reads the files that a spec names: the only way in for files.
pub trait Files {
    /// The bytes of a file; `path` is relative to the spec.
    ///
    /// # Errors
    /// Why it cannot be read, as a message.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;

    /// Whether the path exists, readable or not: some files may be absent, but none may be skipped silently.
    fn exists(&self, path: &str) -> bool {
        self.read(path).is_ok()
    }

    /// Whether fixes may be written into a file that can be read. A spec may name files anywhere on the machine.
    fn may_change(&self, _path: &str) -> bool {
        true
    }
}

/// Has no files: for text from standard input, and for tests.
#[derive(Clone, Copy, Debug)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _path: &str) -> Result<Vec<u8>, String> {
        Err("there is no folder to read it from".to_owned())
    }
}

/// The options of a check.
#[derive(Clone, Debug, Default)]
pub struct CheckOptions {
    /// Profiles to check; empty means those the settings name, else the base and all. `None` inside stands for the base.
    pub profiles: Vec<Option<String>>,
    /// Targets to check; empty means those the spec names.
    pub targets: Vec<String>,
    /// Whether the given files of another tool are complete, so that anything they name and lack is missing.
    pub nothing_else: bool,
    /// Rules not to report.
    pub ignore: Vec<String>,
    /// The settings that govern the spec.
    pub settings: Option<Arc<Settings>>,
    /// The policies of these settings.
    pub policies: Option<Arc<Policies>>,
    /// The spec's path as the patterns of the settings see it; empty if it has none, as standard input.
    pub path: String,
    /// Templates of the user's own, which replace ours.
    pub templates: Option<Arc<Templates>>,
    /// Options of the command that renders, which the header of each file repeats: where files go. `None` if they are
    /// printed.
    pub command: Option<Vec<String>>,
    /// Threads that may render at once; `None` means one.
    pub threads: usize,
    /// The baseline, and the spec's path as the baseline has it.
    pub baseline: Option<(Arc<Baseline>, String)>,
    /// Recordings of services, for rules that need a load.
    pub loads: Vec<LoadFacts>,
}

/// Whether we wrote a text, and will write it again.
#[must_use]
pub fn is_ours(text: &str) -> bool {
    text.starts_with(targets::MARK)
}

/// The result of checking one spec.
#[derive(Debug, Default)]
pub struct CheckResult {
    /// The spec and the files it names; a place's `FileId` is the index.
    pub sources: Vec<Source>,
    /// The findings: errors of shape, other errors, the rest, each by place.
    pub findings: Vec<Finding>,
    /// For each finding the RFC 6901 path of its place in its document.
    pub paths: Vec<String>,
    /// Findings that a comment in the spec or the settings allow.
    pub suppressed: Vec<Suppressed>,
    /// Which ignores of the settings were needed.
    pub ignores: BTreeSet<Used>,
    /// The entries of the baseline that occurred.
    pub met: BaselineHits,
    /// The policies of the settings that were evaluated for anything.
    pub judged: BTreeSet<usize>,
    /// Whether no error of shape kept other rules from running.
    pub shaped: bool,
    /// Whether every profile was checked for every target. Only then is an unused suppression certainly unused.
    pub complete: bool,
    /// The profiles of the spec, in the order written.
    pub profiles: Vec<String>,
    /// The targets the spec names that this release has, in the order written.
    pub targets: Vec<String>,
}

impl CheckResult {
    /// The highest severity among the findings.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

/// Checks one spec in the base and every requested profile, for every requested target. Cannot fail: faults are findings.
#[must_use]
pub fn lint(name: &str, bytes: &[u8], files: &dyn Files, wanted: &CheckOptions) -> CheckResult {
    lint_owned(name, bytes.to_vec(), files, wanted)
}

/// Like [`lint`], but takes ownership of the bytes, so that they are not held twice.
#[must_use]
pub fn lint_owned(name: &str, bytes: Vec<u8>, files: &dyn Files, wanted: &CheckOptions) -> CheckResult {
    SpecRun::new(name, bytes, files, wanted, false).finish()
}

/// The result of rendering one spec.
#[derive(Debug)]
pub struct Rendered {
    /// The check; if it has an error, there are no files.
    pub checked: CheckResult,
    /// The files, by target in the order asked.
    pub files: Vec<(String, Vec<OutputFile>)>,
}

/// Checks one spec in one profile for the requested targets and, if there is no error, renders them.
///
/// # Errors
/// A template of ours is wrong, which is our bug. Nothing is written.
pub fn render(
    name: &str,
    bytes: &[u8],
    files: &dyn Files,
    profile: Option<&str>,
    targets: &[String],
) -> Result<Rendered, RenderBug> {
    let profiles = vec![profile.map(str::to_owned)];
    render_with_options(
        name,
        bytes,
        files,
        &CheckOptions { profiles, targets: targets.to_vec(), ..CheckOptions::default() },
    )
}

/// Like [`render`], with all options of a check; the first of the requested profiles is rendered.
///
/// # Errors
/// As [`render`].
pub fn render_with_options(
    name: &str,
    bytes: &[u8],
    files: &dyn Files,
    wanted: &CheckOptions,
) -> Result<Rendered, RenderBug> {
    let profile = wanted.profiles.first().and_then(Option::as_deref);
    let Lowering { mut checked, views: lowered } = lower_with_options(name, bytes, files, wanted);
    if checked.worst() == Some(Severity::Error) {
        return Ok(Rendered { checked, files: Vec::new() });
    }
    let spec = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let own = wanted.templates.as_ref();
    let header = |target: &Target| Header {
        spec: spec.to_owned(),
        profile: profile.map(str::to_owned),
        target: target.meta.name.to_owned(),
        named: wanted.command.is_none() || !wanted.targets.is_empty(),
        options: wanted.command.clone().unwrap_or_default(),
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
        for RenderedView { file, said } in written.by_ref().take(views.len()) {
            files.extend(file);
            finalize::late(&mut checked, wanted, &header.target, said);
        }
        rendered.push((header.target.clone(), files));
    }
    if checked.worst() == Some(Severity::Error) {
        rendered.clear();
    }
    Ok(Rendered { checked, files: rendered })
}

/// The result of lowering one spec.
#[derive(Debug)]
pub struct Lowering {
    /// The check.
    pub checked: CheckResult,
    /// The files that each target would write, by target in the order asked; also if there is an error.
    pub views: Vec<(&'static Target, Vec<targets::View>)>,
}

/// Checks one spec in one profile for one target and stops before its text.
#[must_use]
pub fn lower(name: &str, bytes: &[u8], files: &dyn Files, profile: Option<&str>, target: &str) -> Lowering {
    let (profiles, targets) = (vec![profile.map(str::to_owned)], vec![target.to_owned()]);
    lower_with_options(name, bytes, files, &CheckOptions { profiles, targets, ..CheckOptions::default() })
}

fn lower_with_options(name: &str, bytes: &[u8], files: &dyn Files, wanted: &CheckOptions) -> Lowering {
    let mut run = SpecRun::new(name, bytes.to_vec(), files, wanted, true);
    let views = std::mem::take(&mut run.lowered);
    Lowering { checked: run.finish(), views }
}
