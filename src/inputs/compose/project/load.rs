//! The files of a compose project, one after the other, to one model. Knows the order of things, and no key of a service.

use super::dotenv;
use super::merge::{self, Budget};
use super::variables::{PROJECT_NAME, Variables, fill, fill_tree};
use super::{MAX_MERGED, NamedFile, Project, ProjectRequest, env_files, extends, forms, include, shape, volumes};
use crate::inputs::files::{InputFiles, Origin, ProjectReader, ReadFiles, Unread};
use crate::inputs::text::UNKNOWN;
use crate::inputs::tree::with_node;
use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::{FileId, FileSpan};
use crate::syntax::{Entry, MAX_FINDINGS, Node, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// The sections of a file that merge; all but services are read as they are.
const SECTIONS: [&str; 6] = ["services", "networks", "volumes", "secrets", "configs", "models"];

/// The name of a project that no file names.
const UNKNOWN_NAME: &str = "\0";

/// A file of variables.
pub(super) type EnvFile = (FileId, Rc<Vec<dotenv::DotenvVariable>>);

/// A file with its documents.
pub(super) type FileDocuments = (FileId, Rc<[Rc<Node>]>);

/// Several files in one.
#[derive(Debug, Default)]
pub(super) struct Model {
    /// The entries of each section.
    pub(super) sections: BTreeMap<&'static str, Vec<Entry>>,
    /// Services part of which was not read.
    pub(super) partial: BTreeSet<Rc<str>>,
}

/// What a file is read with.
#[derive(Clone, Debug)]
pub(super) struct ReadContext {
    /// What its relative paths start from.
    pub(super) folder: String,
    /// What its references become.
    pub(super) variables: Variables,
    /// Tells one set of variables from another.
    pub(super) number: usize,
}

/// One project on its way.
pub(super) struct Loader<'r> {
    pub(super) reader: ProjectReader<'r>,
    pub(super) into: &'r mut InputFiles,
    pub(super) origin: Origin,
    /// Whether files of variables of services may lack.
    pub(super) may_lack_variables: bool,
    /// Documents parsed, by path; none for what cannot be read.
    pub(super) read_before: HashMap<String, Option<FileDocuments>>,
    /// Files of variables read, by path and whether they are raw.
    pub(super) env_files: HashMap<(String, bool), Result<EnvFile, Unread>>,
    /// How many documents were asked for: one that is read again costs what it cost at first.
    pub(super) asked: usize,
    /// How many sets of variables there are.
    pub(super) numbers: usize,
    pub(super) scopes: extends::Scopes,
    pub(super) budget: Budget,
    pub(super) out: Project,
}

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
        scopes: extends::Scopes::default(),
        budget: Budget::new(),
        out: Project::default(),
    };
    let variables =
        request.env_file.as_ref().map(|file| loader.variables(file, &Variables::default(), &HashMap::new()));
    let variables = variables.map_or_else(Variables::default, |values| Variables::default().with(values));
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
        for (over, base) in std::mem::take(&mut self.budget.clashes) {
            let message = "docker compose cannot lay this over a value of another kind";
            let finding = Finding::new("wrong-type", Severity::Error, over, message);
            self.say(finding.label(base, "the value it is laid over").help("write both in the same form"));
        }
        if self.budget.is_spent() {
            let message = format!("merged, the project has over {MAX_MERGED} values");
            let file = self.out.files.first().copied().unwrap_or_default();
            let place = FileSpan { file, ..FileSpan::default() };
            let finding = Finding::new("invalid-value", Severity::Error, place, message);
            self.say(finding.help("extend and include less"));
            self.out.partial = true;
        }
        self.out
    }

    pub(super) fn say(&mut self, finding: Finding) {
        if self.out.findings.len() < MAX_FINDINGS {
            self.out.findings.push(finding);
        }
    }

    /// A number for a new set of variables.
    pub(super) fn next_number(&mut self) -> usize {
        self.numbers += 1;
        self.numbers
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
                if let Some(list) = root.get("include").filter(|list| !merge::is_reset(&list.node)) {
                    let trail = [trail, std::slice::from_ref(&file.path)].concat();
                    own = include::apply(self, list, own, context, &trail);
                }
                extends::apply(self, &mut own, context, &file.path);
                self.lay(&mut all, own);
            }
        }
        all
    }

    /// The variables with the name of the project: the file of variables says it, else the last file that has a `name`, else the
    /// folder on the machine that runs it, which nobody here knows (compose-go, `projectName`).
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
        // each is asked for again, and then counts
        self.asked = asked;
        let Some(last) = last else { return variables.of_project(UNKNOWN_NAME) };
        let name = fill(&last.text, &variables).text.to_lowercase();
        let lawful = |c: &char| c.is_ascii_alphanumeric() || "_-".contains(*c) || *c == UNKNOWN;
        let name: String = name.chars().filter(lawful).collect();
        let name = name.trim_start_matches(['_', '-']);
        if name.is_empty() {
            let message = format!("docker compose takes no project named `{}`", last.text.escape_debug());
            let finding = Finding::new("invalid-value", Severity::Error, last.at().place(), message);
            self.say(finding.help("write a name with a letter or digit in it"));
        }
        variables.of_project(if name.is_empty() { UNKNOWN_NAME } else { name })
    }

    /// Lays one model over another.
    pub(super) fn lay(&mut self, base: &mut Model, over: Model) {
        base.partial.extend(over.partial);
        for (section, entries) in over.sections {
            let one = if section == "services" { merge::service } else { merge::resource };
            let old = base.sections.remove(section).unwrap_or_default();
            let laid = merge::named(&old, &entries, &mut self.budget, one);
            let settled = laid.into_iter().filter(|entry| !merge::is_reset(&entry.node));
            let settled = settled.map(|entry| with_node(&entry, merge::settled(&entry.node)));
            base.sections.insert(section, settled.collect());
        }
    }

    /// The document with its references replaced.
    pub(super) fn filled(&mut self, root: &Rc<Node>, context: &ReadContext) -> Rc<Node> {
        let mut invalid = Vec::new();
        let filled = fill_tree(root, &context.variables, &mut invalid);
        for node in invalid {
            let message = "docker compose cannot read this reference to a variable";
            let finding = Finding::new("invalid-value", Severity::Error, node.at().place(), message);
            self.say(finding.help("write `${NAME}` or `${NAME:-default}`, and `$$` for a `$`"));
        }
        filled
    }

    /// Says what compose refuses in a document; of one that is cut short nothing is said but why.
    fn check(&mut self, root: &Rc<Node>, over: bool) {
        let mut found = Vec::new();
        shape::document(root, over, &mut found);
        found.into_iter().for_each(|finding| self.say(finding));
    }

    /// The sections of a document, its services in one form.
    pub(super) fn sections(&mut self, root: &Node, context: &ReadContext) -> Model {
        let mut model = Model::default();
        for section in SECTIONS {
            let Some(entry) = root.get(section).filter(|entry| !merge::is_reset(&entry.node)) else { continue };
            let form = |entry: &Entry| match section {
                "services" => with_node(entry, forms::service(&entry.node, &context.folder, &mut self.budget)),
                _ => entry.clone(),
            };
            model.sections.insert(section, entry.node.entries().iter().map(form).collect());
        }
        model
    }
}

/// The folder of a file.
pub(super) fn folder_of(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) => "/",
        Some((folder, _)) => folder,
        None => "",
    }
}

/// The text or texts of a value that is one or a list.
pub(super) fn one_or_more(node: &Rc<Node>) -> Vec<Rc<Node>> {
    match &node.value {
        Value::Seq(items) => items.clone(),
        Value::Null => Vec::new(),
        _ => vec![Rc::clone(node)],
    }
}
