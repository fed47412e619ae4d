//! Reads the files of a compose project, one after the other, into one model. Knows their order, and no key of a service.

use super::loader::{Loader, Model, ReadContext, Scopes, folder_of};
use super::merge::Budget;
use super::variables::{PROJECT_NAME, Variables, fill};
use super::{MAX_MERGED, NamedFile, Project, ProjectRequest, env_files, extends, include, tags, volumes};
use crate::inputs::files::{InputFiles, ProjectReader, ReadFiles};
use crate::inputs::text::UNKNOWN;
use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::FileSpan;
use crate::syntax::Node;
use std::collections::HashMap;
use std::rc::Rc;

/// The name of a project whose files give none.
const UNKNOWN_NAME: &str = "\0";

/// Reads a project.
pub(super) fn project(request: &ProjectRequest, files: &dyn ReadFiles, into: &mut InputFiles) -> Project {
    let mut loader = Loader {
        reader: ProjectReader::new(files),
        into,
        origin: request.origin,
        may_lack_variables: request.may_lack_variables,
        read_before: HashMap::new(),
        env_files: HashMap::new(),
        asked: 0,
        numbers: 0,
        scopes: Scopes::default(),
        model: |loader, files, context, trail| loader.model(files, context, trail),
        budget: Budget::new(),
        of_merged: Vec::new(),
        out: Project::default(),
    };
    let variables =
        request.env_file.as_ref().map(|file| loader.variables(file, &Variables::default(), &HashMap::new()));
    let variables = variables.map_or_else(Variables::default, |values| Variables::default().with_fallback(values));
    let mut named = request.files.clone();
    if named.is_empty()
        && let Some(list) = variables.get("COMPOSE_FILE")
    {
        let at = request.env_file.as_ref().and_then(|file| file.at);
        let folder = request.env_file.as_ref().map_or("", |file| folder_of(&file.path));
        let separator = variables.get("COMPOSE_PATH_SEPARATOR").filter(|text| !text.is_empty()).unwrap_or(":");
        let paths = list.split(separator).filter(|path| !path.is_empty());
        named = paths.map(|path| NamedFile { path: volumes::place(folder, path), at }).collect();
    }
    let mut profiles = request.profiles.clone();
    let more = variables.get("COMPOSE_PROFILES").unwrap_or_default();
    profiles.extend(more.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned));
    let folder = named.first().map_or("", |first| folder_of(&first.path)).to_owned();
    loader.out.folder.clone_from(&folder);
    let name = |file: &NamedFile| file.path.rsplit('/').next().unwrap_or_default().contains("stack");
    loader.out.swarm = named.iter().any(name);
    let variables = loader.with_name(&named, variables);
    let context = ReadContext { folder, variables, number: 0 };
    let model = loader.model(&named, &context, &[]);
    loader.finish(model, &profiles)
}

impl Loader<'_> {
    fn finish(mut self, mut model: Model, profiles: &[String]) -> Project {
        let services = model.sections.remove("services").unwrap_or_default();
        self.out.sections = model.sections;
        for entry in services {
            let partial = model.partial.contains(&entry.key);
            let service = env_files::service(&mut self, entry, partial, profiles);
            self.out.swarm |= service.is_for_swarm();
            self.out.services.push(service);
        }
        self.report_merged();
        for (over, base, kind) in std::mem::take(&mut self.budget.clashes) {
            let message = "docker compose cannot lay this over a value of another kind";
            let finding = Finding::new("wrong-type", Severity::Error, over, message);
            self.report(finding.label(base, "the value it is laid over").help(format!("write {kind} here")));
        }
        if self.budget.is_spent() {
            let message = format!("merged, the project has over {MAX_MERGED} values");
            let file = self.out.files.first().copied().unwrap_or_default();
            let place = FileSpan { file, ..FileSpan::default() };
            let finding = Finding::new("invalid-value", Severity::Error, place, message);
            self.report(finding.help("extend and include less"));
            self.out.partial = true;
        }
        self.out
    }

    /// Several files, each laid over those before it. `trail` are the files on the way here, which may not be included again.
    pub(super) fn model(&mut self, named: &[NamedFile], context: &ReadContext, trail: &[String]) -> Model {
        let mut all = Model::default();
        for (index, file) in named.iter().enumerate() {
            let Some((id, roots)) = self.documents(file) else { continue };
            if trail.is_empty() {
                self.without_content(id, &roots);
            }
            for (document, root) in roots.iter().enumerate() {
                let root = self.filled(root, context);
                if let (true, None, Some(version)) = (trail.is_empty(), &self.out.version, root.get("version")) {
                    self.out.version = Some(version.node.text.to_string());
                }
                self.check(&root, index + document > 0);
                let mut own = self.sections(&root, context);
                if let Some(list) = root.get("include").filter(|list| !tags::is_reset(&list.node)) {
                    let trail = [trail, std::slice::from_ref(&file.path)].concat();
                    own = include::apply(self, list, own, context, &trail);
                }
                extends::apply(self, &mut own, context, &file.path);
                self.lay(&mut all, own);
            }
        }
        all
    }

    /// The variables with the name of the project: from the file of variables, else from the last file that has a `name`, else from the
    /// folder on the machine that runs it, which is unknown here (compose-go, `projectName`).
    fn with_name(&mut self, named: &[NamedFile], variables: Variables) -> Variables {
        if variables.get(PROJECT_NAME).is_some_and(|name| !name.is_empty()) {
            return variables;
        }
        let (asked, mut last): (usize, Option<Rc<Node>>) = (self.asked, None);
        for file in named {
            let Some((_, roots)) = self.documents(file) else { continue };
            let mut names = roots.iter().filter_map(|root| Some(Rc::clone(&root.get("name")?.node)));
            last = names.rfind(|name| name.as_str().is_some_and(|name| !name.is_empty())).or(last);
        }
        // each is requested again, and then counts
        self.asked = asked;
        let Some(last) = last else { return variables.of_project(UNKNOWN_NAME) };
        let name = fill(&last.text, &variables).text.to_lowercase();
        let lawful = |c: &char| c.is_ascii_alphanumeric() || "_-".contains(*c) || *c == UNKNOWN;
        let name: String = name.chars().filter(lawful).collect();
        let name = name.trim_start_matches(['_', '-']);
        if name.is_empty() {
            let message = format!("docker compose takes no project named `{}`", last.text.escape_debug());
            let finding = Finding::new("invalid-value", Severity::Error, last.at().place(), message);
            self.report(finding.help("write a name with a letter or digit in it"));
        }
        variables.of_project(if name.is_empty() { UNKNOWN_NAME } else { name })
    }
}
