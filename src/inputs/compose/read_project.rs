//! A compose project read as a base, or as an input of its own. Knows no rule and no target.

use super::convert::layer;
use super::interpolate::empty_when_unset;
use super::larger_project;
use super::mentions;
use super::project::{self, DEFAULT_FILES, ProjectRequest, ProjectService};
use super::references::NamedSections;
use super::{refused, refused_by_engine};
use crate::inputs::base::BaseProject;
use crate::inputs::facts::{EnvOrigin, Facts};
use crate::inputs::files::{InputFiles, ReadFiles};
use crate::support::source::{FieldSpan, FileId, Source};
use crate::syntax::{Node, ParseMode, parse};
use serde_json::Value as Json;
use std::rc::Rc;

/// Reads the project that a spec is laid over. Its files are all that compose reads of it.
#[must_use]
pub fn read_project(request: &ProjectRequest, files: &dyn ReadFiles, into: &mut InputFiles) -> BaseProject {
    let (mut base, sections) = read(request, false, files, into);
    for member in &mut base.services {
        member.written_ports = written_ports(&member.project, into).into();
        let command = member.project.entry.node.get("command").filter(|_| member.facts.image.is_some());
        member.written_command = command.and_then(|entry| as_written(&entry.node, into)).map(Box::new);
    }
    let (found, _) = refused::of(&base, &sections, true);
    base.findings.extend(found);
    base
}

/// Reads a project that is checked without a spec. No override repeats its ports, and values that a spec could
/// change are reported too. `complete` says that the files are the whole project; otherwise the name of the first file tells, unless a
/// file above it has what it lacks.
pub(super) fn read_alone(
    request: &ProjectRequest,
    complete: bool,
    files: &dyn ReadFiles,
    into: &mut InputFiles,
) -> BaseProject {
    let (mut base, sections) = read(request, true, files, into);
    let first = request.files.first().map_or("", |file| &file.path);
    let is_main = DEFAULT_FILES.iter().any(|(main, _)| Some(*main) == first.rsplit('/').next());
    let (mut found, missing) = refused::of(&base, &sections, complete || is_main);
    if !complete && is_main && !missing.is_empty() && larger_project::holds(first, &missing, files) {
        found = refused::of(&base, &sections, false).0;
    }
    found.extend(refused_by_engine::of(&base));
    base.findings.extend(found);
    base
}

/// A project with the sections that its services refer to.
fn read(
    request: &ProjectRequest,
    alone: bool,
    files: &dyn ReadFiles,
    into: &mut InputFiles,
) -> (BaseProject, NamedSections) {
    let mut project = project::read(request, files, into);
    let findings = std::mem::take(&mut project.findings);
    let mut layer = layer(&project, alone);
    for service in &mut layer.services {
        settle_variables(Rc::make_mut(&mut service.facts), into);
    }
    let names: Vec<&str> = request.files.iter().map(|file| file.path.as_str()).collect();
    let mut base = BaseProject::of(names.join(", "), layer, findings);
    base.unread = project.unread;
    for (member, own) in base.services.iter_mut().zip(project.services) {
        member.in_compose = true;
        member.project = own;
    }
    base.mentions = mentions::of(&base.services);
    let mut section = |key: &str| project.sections.remove(key).unwrap_or_default();
    let sections = NamedSections {
        networks: section("networks"),
        volumes: section("volumes"),
        secrets: section("secrets"),
        configs: section("configs"),
        models: section("models"),
    };
    (base, sections)
}

/// `${NAME:?why}` does not become empty if the variable is unset: compose stops.
fn settle_variables(facts: &mut Facts, files: &InputFiles) {
    for variable in facts.variables.iter_mut().filter(|variable| variable.origin == EnvOrigin::EmptyUnlessSet) {
        let source = files.get(variable.at.file).map(|file| &file.source);
        let text = source.and_then(|source| slice(source, variable.at)).unwrap_or_default();
        // `- NAME=${OTHER:-}` is one text
        let value = text.trim_matches(['"', '\'']);
        let value = value.strip_prefix(&format!("{}=", variable.name)).unwrap_or(value);
        if !empty_when_unset(value) {
            variable.origin = EnvOrigin::Written;
        }
    }
}

fn slice(source: &Source, at: FieldSpan) -> Option<&str> {
    source.text.get(at.value.start as usize..at.value.end as usize)
}

/// The items of `ports` as they are written, their variables included.
fn written_ports(service: &ProjectService, files: &InputFiles) -> Vec<(FieldSpan, Json)> {
    let items = service.entry.node.get("ports").map_or(&[][..], |entry| entry.node.items());
    let mut all: Vec<(FieldSpan, Json)> = Vec::new();
    for item in items {
        // the ports of a range have one place
        if all.last().is_none_or(|(at, _)| *at != item.at()) {
            all.push((item.at(), as_written(item, files).unwrap_or_else(|| item.to_json())));
        }
    }
    all
}

/// A value as its text says it, before variables and other forms.
fn as_written(node: &Node, files: &InputFiles) -> Option<Json> {
    let source = &files.get(node.file)?.source;
    let (start, end) = (node.span.start as usize, node.span.end as usize);
    let line = source.text.get(..start)?.rfind(['\n', '\r']).map_or(0, |end| end + 1);
    // the lines of a block are indented as far as its first
    let before = " ".repeat(source.text.get(line..start)?.chars().count());
    let text = format!("{before}{}", source.text.get(start..end)?);
    let parsed = parse(FileId::default(), &Source::new("", text), ParseMode::Base);
    let whole = parsed.findings.is_empty();
    parsed.root.filter(|_| whole).map(|root| root.to_json())
}
