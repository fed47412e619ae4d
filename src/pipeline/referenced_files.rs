//! The files that targets' options name: a compose file, a chart. Each is read through `Files`, once a run.

use super::Files;
use super::run::SpecRun;
use super::run_parts::{BaseKey, chart};
use crate::inputs::base::BaseProject;
use crate::inputs::compose::{project, read_project};
use crate::inputs::helm::{CHART, ChartFacts, OWN as VALUES, UnreadChartFile};
use crate::inputs::input_meta::SetPurpose;
use crate::inputs::kubernetes::recognition::read_base;
use crate::inputs::{self, InputFormat, Origin, recognise};
use crate::model::{Opt, OptVal, TargetOptions, Val};
use crate::support::diagnostic::{Finding, SPEC, Severity};
use crate::support::source::{FieldSpan, beside};
use crate::targets::{self, BaseFile, Target};
use crate::{model, syntax};

/// The base of a target, as its options or the spec name it.
struct NamedBase<'n> {
    /// The format of the files.
    format: InputFormat,
    /// The files in order, each with its place.
    files: Vec<(String, FieldSpan)>,
    /// A file of variables.
    env_file: Option<(&'n str, FieldSpan)>,
    /// The containers that the fields of services mean.
    containers: Vec<(String, String)>,
    /// Whether the spec itself says where values of a chart go.
    has_paths: bool,
}

impl NamedBase<'_> {
    fn key(&self) -> BaseKey {
        BaseKey {
            files: self.files.iter().map(|(path, _)| path.clone()).collect(),
            env_file: self.env_file.map(|(path, _)| path.to_owned()),
            containers: self.containers.clone(),
        }
    }

    /// A place that names one of its files.
    fn place(&self, file: &str) -> FieldSpan {
        let own = self.files.iter().find(|(path, _)| path == file);
        own.or(self.files.first()).map(|(_, at)| *at).unwrap_or_default()
    }
}

/// The files that a target's options name as its base.
fn base_files<'o>(target: &Target, options: &'o TargetOptions, files: &dyn Files) -> Option<NamedBase<'o>> {
    let base = target.meta.base?;
    let format = match base {
        BaseFile::Compose { .. } => InputFormat::COMPOSE,
        BaseFile::Manifests { .. } => InputFormat::KUBERNETES,
        BaseFile::Values { .. } => InputFormat::HELM_VALUES,
    };
    let written = options.get(base.option())?;
    let named: Vec<Val<String>> = match &written.value {
        Opt::Text(path) => vec![Val::new(path.clone(), written.at)],
        Opt::List(items) => items.iter().filter_map(text_of).collect(),
        _ => Vec::new(),
    };
    let named: Vec<(String, FieldSpan)> = match format {
        InputFormat::KUBERNETES => named.iter().flat_map(|path| files_at(path, &MANIFESTS, files)).collect(),
        InputFormat::HELM_VALUES => {
            named.iter().flat_map(|path| files_at(path, chart_values(path, files), files)).collect()
        }
        _ => named.into_iter().map(|path| (path.value, path.at)).collect(),
    };
    let (containers, env_file) = (containers(base, options), env_file(base, options));
    let has_paths = match base {
        BaseFile::Values { paths, .. } => paths.iter().any(|option| options.get(option).is_some()),
        _ => false,
    };
    (!named.is_empty()).then_some(NamedBase { format, files: named, env_file, containers, has_paths })
}

/// The file of variables of a base, if an option names one.
fn env_file(base: BaseFile, options: &TargetOptions) -> Option<(&str, FieldSpan)> {
    match base {
        BaseFile::Compose { env_file, .. } => options.text(env_file),
        _ => None,
    }
}

/// The chosen containers of a base.
fn containers(base: BaseFile, options: &TargetOptions) -> Vec<(String, String)> {
    match base {
        BaseFile::Manifests { containers, .. } => options.get(containers).map(|chosen| pairs_of(&chosen.value)),
        _ => None,
    }
    .unwrap_or_default()
}

fn text_of(item: &OptVal) -> Option<Val<String>> {
    match &item.0.value {
        Opt::Text(text) => Some(Val::new(text.clone(), item.0.at)),
        _ => None,
    }
}

/// Texts by name.
fn pairs_of(map: &Opt) -> Vec<(String, String)> {
    let Opt::Map(fields) = map else { return Vec::new() };
    fields.iter().filter_map(|(name, one)| Some((name.clone(), text_of(one)?.value))).collect()
}

/// File names that a folder may have, each with one that is laid over it.
type FolderNames = [(&'static str, Option<&'static str>)];

/// A folder of manifests is what its kustomization lists.
const MANIFESTS: [(&str, Option<&str>); 3] =
    [("kustomization.yaml", None), ("kustomization.yml", None), ("Kustomization", None)];

/// What a chart's folder is read by.
fn chart_values(path: &Val<String>, files: &dyn Files) -> &'static FolderNames {
    let chart = format!("{}/{CHART}", path.value.trim_end_matches('/'));
    if files.exists(chart.strip_prefix("./").unwrap_or(&chart)) { &[(VALUES, None)] } else { &[] }
}

/// The files that a path names: itself, or those in a folder by which a tool recognises it.
fn files_at(path: &Val<String>, names: &FolderNames, files: &dyn Files) -> Vec<(String, FieldSpan)> {
    let folder = path.value.trim_end_matches('/');
    let within = |name: &str| if folder == "." { name.to_owned() } else { format!("{folder}/{name}") };
    let is_file = [".yaml", ".yml", ".json"].iter().any(|ending| folder.ends_with(ending));
    let found = names.iter().filter(|_| !is_file).find(|(name, _)| files.exists(&within(name)));
    match found {
        Some((name, over)) => {
            let over = over.map(within).filter(|path| files.exists(path));
            std::iter::once(within(name)).chain(over).map(|file| (file, path.at)).collect()
        }
        None => vec![(path.value.clone(), path.at)],
    }
}

/// The format of a file that the spec names at its top: compose if nothing tells.
fn format_of(path: &str, files: &dyn Files) -> InputFormat {
    let text = || files.read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let near = |name: &str| {
        let near = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        files.read(&near).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    };
    let known = recognise::by_place(path, &near).or_else(|| recognise::by_content(&text()?));
    known.filter(|format| format.sets.is_some()).map_or(InputFormat::COMPOSE, |format| format.format)
}

/// Adapts the files next to a spec to readers of projects.
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

/// Why values that were read are of no chart that is known.
fn unknown_layout(named: &NamedBase<'_>, project: &BaseProject, files: &BesideFiles<'_>) -> Option<Finding> {
    let (path, at) = named.files.first().filter(|_| project.findings.is_empty() && project.unread.is_empty())?;
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let near = |name: &str| {
        let near = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        files.0.read(&near).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    };
    let why = recognise::why_not(path, &near).unwrap_or_else(|| "holds no values of a chart".to_owned());
    let message = format!("`{}` {why}", path.escape_debug());
    Some(Finding::new("unreadable-file", Severity::Error, at.place(), message))
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
        let named = base_files(target, options, files)?;
        Some(self.project(&named, files, profile))
    }

    /// Reads the project that the spec names at its top, which is the base of every target without one of its own.
    pub(super) fn from(&mut self, tree: &syntax::Node, files: &dyn Files, profile: Option<&str>) -> Option<usize> {
        let written = model::from(tree);
        let compose = project::DEFAULT_FILES.iter().map(|(name, over)| (*name, Some(*over)));
        let names: Vec<(&str, Option<&str>)> = compose.chain(MANIFESTS).collect();
        let paths = written.iter().flat_map(|path| match chart_values(path, files) {
            [] => files_at(path, &names, files),
            values => files_at(path, values, files),
        });
        let paths: Vec<(String, FieldSpan)> = paths.collect();
        let format = format_of(&paths.first()?.0, files);
        // options of the reading are reported once, under that target
        let written = model::targets(tree);
        let bases = || written.iter().filter_map(|own| Some((targets::get(&own.name)?.meta.base?, own)));
        let env_file = bases().find_map(|(base, options)| env_file(base, options));
        let containers = bases().map(|(base, options)| containers(base, options)).find(|chosen| !chosen.is_empty());
        let containers = containers.unwrap_or_default();
        let named = NamedBase { format, files: paths, env_file, containers, has_paths: false };
        Some(self.project(&named, files, profile))
    }

    /// Reads a project once a run; returns its index.
    fn project(&mut self, named: &NamedBase<'_>, files: &dyn Files, profile: Option<&str>) -> usize {
        let key = named.key();
        let index = match self.bases.iter().position(|(known, _)| *known == key) {
            Some(index) => index,
            None => {
                let mut project = self.read_base(named, files);
                project.hand_over(&mut self.merged, &mut self.known);
                self.bases.push((key, project));
                self.bases.len() - 1
            }
        };
        let findings = self.bases.get(index).map_or(&[][..], |(_, base)| &base.findings);
        let names = || named.files.iter().map(|(path, at)| (path.as_str(), *at)).chain(named.env_file);
        for finding in findings {
            // a file that the spec names has another place in each profile that names it
            let again = names().find(|(path, _)| finding.message.starts_with(&format!("`{}`", path.escape_debug())));
            let at = again.filter(|_| finding.at.file == SPEC).map_or(finding.at, |(_, at)| at.place());
            self.collector.add(profile, Finding { at, ..finding.clone() });
        }
        index
    }

    /// Reads the base of another target, if this target's files are read next to it; returns its index.
    pub(super) fn beside(
        &mut self,
        target: &Target,
        tree: &syntax::Node,
        files: &dyn Files,
        profile: Option<&str>,
    ) -> Option<usize> {
        let name = target.meta.beside?;
        let written = TargetOptions::of(&model::targets(tree), name, tree.at());
        self.base(targets::get(name)?, &written, files, profile)
    }

    fn read_base(&mut self, named: &NamedBase<'_>, files: &dyn Files) -> BaseProject {
        let origin = Origin::Base(u16::try_from(self.bases.len()).unwrap_or(u16::MAX));
        let first = self.inputs.all().len();
        let mut project = match named.format {
            InputFormat::COMPOSE => self.read_compose(named, origin, files),
            format => self.read_set_of(format, named, origin, files),
        };
        let spec = self.inputs.all().first().map(|spec| spec.source.name.clone()).unwrap_or_default();
        self.inputs.rename(first, |path| beside(&spec, path));
        for finding in project.findings.iter_mut().filter(|finding| finding.rule == "unreadable-file") {
            if finding.at.file == SPEC {
                finding.help = Some("the path is relative to the spec; correct it or put the file there".into());
            }
        }
        project
    }

    fn read_compose(&mut self, named: &NamedBase<'_>, origin: Origin, files: &dyn Files) -> BaseProject {
        let name = |(path, at): (&str, FieldSpan)| project::NamedFile { path: path.to_owned(), at: Some(at.place()) };
        let request = project::ProjectRequest {
            files: named.files.iter().map(|(path, at)| name((path, *at))).collect(),
            env_file: named.env_file.map(name),
            profiles: Vec::new(),
            origin,
            may_lack_variables: false,
        };
        read_project(&request, &BesideFiles(files), &mut self.inputs)
    }

    /// Reads files whose format is recognised by itself.
    fn read_set_of(
        &mut self,
        format: InputFormat,
        named: &NamedBase<'_>,
        origin: Origin,
        files: &dyn Files,
    ) -> BaseProject {
        let first = self.inputs.all().len();
        let paths = named.key().files;
        let reader = inputs::ALL.iter().find(|meta| meta.format == format).and_then(|meta| meta.sets.as_ref());
        let files = BesideFiles(files);
        let mut project = match (format, reader) {
            (InputFormat::KUBERNETES, _) | (_, None) => read_base(&paths, &named.containers, &files, &mut self.inputs),
            (_, Some(reader)) => (reader.read)(&paths, SetPurpose::default(), &files, &mut self.inputs),
        };
        let is_known = project.chart.as_ref().is_some_and(|chart| named.has_paths || chart.names().next().is_some());
        if format == InputFormat::HELM_VALUES && !is_known {
            project.findings.extend(unknown_layout(named, &project, &files));
        }
        self.inputs.set_origin(first, origin);
        for (path, unread) in std::mem::take(&mut project.unread) {
            let message = format!("`{}` cannot be read: {}", path.escape_debug(), unread.why);
            let place = named.place(&path).place();
            project.findings.push(Finding::new("unreadable-file", Severity::Error, place, message));
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
