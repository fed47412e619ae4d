//! The state while one compose project is read: the files so far, and how one model is laid over another. Knows no order of files.

use super::merge::{self, Budget};
use super::of_merged::MergedServices;
use super::shape::ShapeFaults;
use super::variables::{Variables, fill_tree};
use super::{NamedFile, Project, coolify, dotenv, forms, shape, tags};
use crate::inputs::files::{InputFiles, Origin, ProjectReader, Unread};
use crate::inputs::tree::with_node;
use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::FileId;
use crate::syntax::{Entry, MAX_FINDINGS, Node, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// The sections of a file that merge; all but services are read as they are.
const SECTIONS: [&str; 6] = ["services", "networks", "volumes", "secrets", "configs", "models"];

/// A file of variables.
pub(super) type EnvFile = (FileId, Rc<Vec<dotenv::DotenvVariable>>);

/// A file with its documents.
pub(super) type FileDocuments = (FileId, Rc<[Rc<Node>]>);

/// Several files in one.
#[derive(Debug, Default)]
pub(super) struct Model {
    /// The entries of each section.
    pub(super) sections: BTreeMap<&'static str, Vec<Entry>>,
    /// Services that could be read in part only.
    pub(super) partial: BTreeSet<Rc<str>>,
    /// Sections that take the place of those below (`!override`).
    pub(super) replacing: BTreeSet<&'static str>,
}

/// The context in which a file is read.
#[derive(Clone, Debug)]
pub(super) struct ReadContext {
    /// The base of its relative paths.
    pub(super) folder: String,
    /// The variables that replace its references.
    pub(super) variables: Variables,
    /// Identifies a set of variables.
    pub(super) number: usize,
}

/// Reads files, each laid over those before it. The last list has the files on the way here, which may not be included again.
pub(super) type ReadModel = fn(&mut Loader<'_>, &[NamedFile], &ReadContext, &[String]) -> Model;

/// The services of one file, as they extend each other.
#[derive(Debug)]
pub(super) struct ExtendsScope {
    pub(super) path: String,
    pub(super) context: ReadContext,
    pub(super) services: HashMap<Rc<str>, Rc<Node>>,
    /// The services as written, for a file that is only extended: only those that are used are checked.
    pub(super) written: HashMap<Rc<str>, Entry>,
    /// Services with what they extend; whether part of it was not read.
    pub(super) done: HashMap<Rc<str>, (Rc<Node>, bool)>,
}

/// The files whose services are extended, by path and set of variables.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    pub(super) all: Vec<ExtendsScope>,
    pub(super) index: HashMap<(String, usize), Option<usize>>,
}

/// The state of reading one project.
pub(super) struct Loader<'r> {
    pub(super) reader: ProjectReader<'r>,
    pub(super) into: &'r mut InputFiles,
    pub(super) origin: Origin,
    /// Whether files of variables of services may be missing.
    pub(super) may_lack_variables: bool,
    /// Documents parsed, by path; none for what cannot be read.
    pub(super) read_before: HashMap<String, Option<FileDocuments>>,
    /// Files of variables read, by path and whether they are raw.
    pub(super) env_files: HashMap<(String, bool), Result<EnvFile, Unread>>,
    /// How many documents were requested: one that is read again counts again.
    pub(super) asked: usize,
    /// How many sets of variables there are.
    pub(super) numbers: usize,
    pub(super) scopes: Scopes,
    /// Reads several files into one model. Included files are read like the first file.
    pub(super) model: ReadModel,
    pub(super) budget: Budget,
    /// Faults of values that are read once all files are merged.
    pub(super) of_merged: Vec<Finding>,
    pub(super) out: Project,
}

impl Scopes {
    pub(super) fn add(
        &mut self,
        path: &str,
        context: ReadContext,
        services: HashMap<Rc<str>, Rc<Node>>,
        written: HashMap<Rc<str>, Entry>,
    ) -> usize {
        self.all.push(ExtendsScope { path: path.to_owned(), context, services, written, done: HashMap::new() });
        self.all.len() - 1
    }
}

impl Loader<'_> {
    pub(super) fn report(&mut self, finding: Finding) {
        if self.out.findings.len() < MAX_FINDINGS {
            self.out.findings.push(finding);
        }
    }

    /// A number for a new set of variables.
    pub(super) fn next_number(&mut self) -> usize {
        self.numbers += 1;
        self.numbers
    }

    /// Lays one model over another.
    pub(super) fn lay(&mut self, base: &mut Model, over: Model) {
        base.partial.extend(over.partial);
        for (section, entries) in over.sections {
            let one = if section == "services" { merge::service } else { merge::resource };
            let old = base.sections.remove(section).filter(|_| !over.replacing.contains(section)).unwrap_or_default();
            let laid = merge::named(&old, &entries, &mut self.budget, one);
            let settled = laid.into_iter().filter(|entry| !tags::is_reset(&entry.node));
            let form = |node| if section == "services" { forms::of_read_file(&node) } else { node };
            let settled = settled.map(|entry| with_node(&entry, form(merge::settled(&entry.node))));
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
            self.report(finding.help("write `${NAME}` or `${NAME:-default}`, and `$$` for a `$`"));
        }
        filled
    }

    /// Reports what compose refuses in a document. Of a truncated one, only the reason is reported.
    pub(super) fn check(&mut self, root: &Rc<Node>, over: bool) {
        let mut faults = ShapeFaults::default();
        shape::document(root, over, &mut faults);
        if let Some(file) = self.into.get(root.file) {
            coolify::leave_out_keys(&file.source, &mut faults.found);
        }
        self.report_shape(faults);
    }

    /// Reports faults of shape; those that merging may take away are kept until it is done.
    pub(super) fn report_shape(&mut self, faults: ShapeFaults) {
        for finding in faults.found {
            // what is said of a whole item is not said of its first key too
            let of_item = |before: &Finding| {
                before.rule == "wrong-type"
                    && before.at.file == finding.at.file
                    && before.at.span.start == finding.at.span.start
                    && before.at.span.end < finding.at.span.end
            };
            self.out.findings.retain(|before| !of_item(before));
            self.report(finding);
        }
        let free = MAX_FINDINGS.saturating_sub(self.of_merged.len());
        self.of_merged.extend(faults.of_merged.into_iter().take(free));
    }

    /// Reports the faults of values that are still there once all is merged.
    pub(super) fn report_merged(&mut self) {
        let late = std::mem::take(&mut self.of_merged);
        if late.is_empty() {
            return;
        }
        let services = std::mem::take(&mut self.out.services);
        let merged = MergedServices::of(services.iter().map(|service| &service.entry));
        for finding in late {
            if !merged.replaced(self.into, finding.at) {
                self.report(finding);
            }
        }
        self.out.services = services;
    }

    /// The sections of a document, its services in one form.
    pub(super) fn sections(&mut self, root: &Node, context: &ReadContext) -> Model {
        let mut model = Model::default();
        for section in SECTIONS {
            let Some(entry) = root.get(section).filter(|entry| !tags::is_reset(&entry.node)) else { continue };
            if tags::is_override(&entry.node) {
                model.replacing.insert(section);
            }
            let form = |entry: &Entry| match section {
                "services" => with_node(entry, forms::service(&entry.node, &context.folder, &mut self.budget)),
                "networks" | "volumes" => with_node(entry, forms::resource(&entry.node)),
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
