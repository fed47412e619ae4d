//! The files that targets' options name: a compose file, a chart. Comes to them by `Files` only, each once a run.

use super::Files;
use super::run::SpecRun;
use crate::inputs::base::BaseProject;
use crate::inputs::compose::{project, read_project};
use crate::inputs::helm::{ChartFacts, UnreadChartFile};
use crate::inputs::{self, Origin};
use crate::model::{Opt, OptVal, TargetOptions, Val};
use crate::support::diagnostic::{Finding, SPEC, Severity};
use crate::support::source::{FieldSpan, beside};
use crate::targets::{self, BaseFile, Target};
use crate::{model, syntax};

/// The chart's folder, where an option of the target names one.
pub(super) fn chart<'o>(target: &Target, options: &'o TargetOptions) -> Option<(&'o str, FieldSpan)> {
    match target.meta.base {
        Some(BaseFile::Chart(option)) => options.text(option),
        _ => None,
    }
}

/// The files that a target's options name as its base, in order, each with its place.
fn base_files<'o>(target: &Target, options: &'o TargetOptions) -> Vec<(&'o str, FieldSpan)> {
    let Some(BaseFile::Compose(option)) = target.meta.base else { return Vec::new() };
    let Some(written) = options.get(option) else { return Vec::new() };
    match &written.value {
        Opt::Text(path) => vec![(path.as_str(), written.at)],
        Opt::List(items) => {
            let text = |item: &'o OptVal| match &item.0.value {
                Opt::Text(path) => Some((path.as_str(), item.0.at)),
                _ => None,
            };
            items.iter().filter_map(text).collect()
        }
        _ => Vec::new(),
    }
}

/// The files that a path names: itself, or those of the project in a folder, as docker compose looks for them there.
fn files_at(path: &Val<String>, files: &dyn Files) -> Vec<(String, FieldSpan)> {
    let folder = path.value.trim_end_matches('/');
    let within = |name: &str| if folder == "." { name.to_owned() } else { format!("{folder}/{name}") };
    let is_file = [".yaml", ".yml", ".json"].iter().any(|ending| folder.ends_with(ending));
    let found = project::DEFAULT_FILES.iter().filter(|_| !is_file).find(|(name, _)| files.exists(&within(name)));
    match found {
        Some((name, over)) => {
            let over = Some(within(over)).filter(|path| files.exists(path));
            std::iter::once(within(name)).chain(over).map(|file| (file, path.at)).collect()
        }
        None => vec![(path.value.clone(), path.at)],
    }
}

/// The files beside a spec, as readers of projects want them.
pub(super) struct BesideFiles<'f>(pub(super) &'f dyn Files);

impl inputs::ReadFiles for BesideFiles<'_> {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, inputs::Unread> {
        let unread = |why: String| inputs::Unread { why, missing: !self.0.exists(path) };
        let bytes = self.0.read(path).map_err(unread)?;
        if bytes.len() > most {
            let why = format!("it has more than the {most} bytes that are left for a project");
            return Err(inputs::Unread { why, missing: false });
        }
        Ok(bytes)
    }
}

impl SpecRun<'_> {
    /// Reads the project that a target's options name as its base; returns its index.
    pub(super) fn base(
        &mut self,
        target: &Target,
        options: &TargetOptions,
        files: &dyn Files,
        profile: Option<&str>,
    ) -> Option<usize> {
        let named = base_files(target, options);
        if named.is_empty() {
            return None;
        }
        self.project(&named, options.text("envFile"), files, profile)
    }

    /// Reads the project that the spec names at its top, which is under every target without a base of its own.
    pub(super) fn from(&mut self, tree: &syntax::Node, files: &dyn Files, profile: Option<&str>) -> Option<usize> {
        let written = model::from(tree);
        let paths: Vec<(String, FieldSpan)> = written.iter().flat_map(|path| files_at(path, files)).collect();
        if paths.is_empty() {
            return None;
        }
        let named: Vec<(&str, FieldSpan)> = paths.iter().map(|(path, at)| (path.as_str(), *at)).collect();
        // what docker compose reads beside its file is said once, under its target
        let targets = model::targets(tree);
        let env_file = targets.iter().find(|target| target.name == "compose").and_then(|target| target.text("envFile"));
        self.project(&named, env_file, files, profile)
    }

    /// Reads a project once a run; returns its index.
    fn project(
        &mut self,
        named: &[(&str, FieldSpan)],
        env_file: Option<(&str, FieldSpan)>,
        files: &dyn Files,
        profile: Option<&str>,
    ) -> Option<usize> {
        let key =
            (named.iter().map(|(path, _)| (*path).to_owned()).collect(), env_file.map(|(path, _)| path.to_owned()));
        let index = match self.bases.iter().position(|(known, _)| *known == key) {
            Some(index) => index,
            None => {
                let project = self.read_base(named, env_file, files);
                self.bases.push((key, project));
                self.bases.len() - 1
            }
        };
        let findings = self.bases.get(index).map_or(&[][..], |(_, base)| &base.findings);
        for finding in findings {
            // what the spec names is named at another place in each profile that names it
            let again = named
                .iter()
                .chain(&env_file)
                .find(|(path, _)| finding.message.starts_with(&format!("`{}`", path.escape_debug())));
            let at = again.filter(|_| finding.at.file == SPEC).map_or(finding.at, |(_, at)| at.place());
            self.collector.add(profile, Finding { at, ..finding.clone() });
        }
        Some(index)
    }

    /// Reads the project that another target is laid over, where this target's files are read beside it; returns its index.
    pub(super) fn beside(
        &mut self,
        target: &Target,
        tree: &syntax::Node,
        files: &dyn Files,
        profile: Option<&str>,
    ) -> Option<usize> {
        let name = target.meta.beside?;
        let written = model::targets(tree).into_iter().find(|written| written.name == name)?;
        self.base(targets::get(name)?, &written, files, profile)
    }

    fn read_base(
        &mut self,
        named: &[(&str, FieldSpan)],
        env_file: Option<(&str, FieldSpan)>,
        files: &dyn Files,
    ) -> BaseProject {
        let name =
            |(path, at): &(&str, FieldSpan)| project::NamedFile { path: (*path).to_owned(), at: Some(at.place()) };
        let request = project::ProjectRequest {
            files: named.iter().map(name).collect(),
            env_file: env_file.as_ref().map(name),
            profiles: Vec::new(),
            origin: Origin::Base(u16::try_from(self.bases.len()).unwrap_or(u16::MAX)),
            may_lack_variables: false,
        };
        let first = self.inputs.all().len();
        let mut project = read_project(&request, &BesideFiles(files), &mut self.inputs);
        let spec = self.inputs.all().first().map(|spec| spec.source.name.clone()).unwrap_or_default();
        self.inputs.rename(first, |path| beside(&spec, path));
        for finding in project.findings.iter_mut().filter(|finding| finding.rule == "unreadable-file") {
            if finding.at.file == SPEC {
                finding.help = Some("the path is relative to the spec; mend it or put the file there".to_owned());
            }
        }
        project
    }

    /// Reads the chart that a target's options name.
    pub(super) fn chart(&mut self, target: &Target, options: &TargetOptions, files: &dyn Files, profile: Option<&str>) {
        let Some((folder, at)) = chart(target, options) else { return };
        if !self.charts.contains_key(folder) {
            let mut read =
                |path: &str| files.read(path).map_err(|why| UnreadChartFile { why, missing: !files.exists(path) });
            let chart = ChartFacts::read(folder, &mut read).map_err(|why| {
                let finding = Finding::new("unreadable-file", Severity::Error, at.place(), why);
                Box::new(finding.help("name the chart's folder, relative to the spec"))
            });
            self.charts.insert(folder.to_owned(), chart);
        }
        if let Some(Err(unread)) = self.charts.get(folder) {
            self.collector.add(profile, Finding { at: at.place(), ..(**unread).clone() });
        }
    }
}
