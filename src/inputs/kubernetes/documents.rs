//! Splits files of manifests into single objects: streams, lists, live dumps, templates that are skipped. Knows no field of a spec.

use super::access::{entry, text};
use crate::inputs::facts::ObjectName;
use crate::inputs::files::{InputFile, KEPT_TEXT};
use crate::model::Val;
use crate::support::diagnostic::{Finding, MOST_FINDINGS, Severity};
use crate::support::source::{FieldSpan, FileId, FileSpan, Source};
use crate::syntax::{Comment, Node, ParseMode, StreamDocument, UNSUPPORTED_YAML, Value, directives, parse_stream};
use std::rc::Rc;

/// The most objects of one file: each takes some hundred bytes besides its tree.
pub const MAX_OBJECTS: usize = 20_000;

/// One object of a file.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The file it is in.
    pub file: FileId,
    /// `apps/v1`, as written; `None` if a list's item leaves it to the list.
    pub api_version: Option<Val<String>>,
    /// API group and version apart; the group is empty for the core group.
    pub group: String,
    /// `v1`, `v2beta2`.
    pub version: String,
    /// `Deployment`, as written.
    pub kind: String,
    /// Where its kind is.
    pub at: FieldSpan,
    /// Its name; `None` if the server generates one.
    pub name: Option<Val<String>>,
    /// Its namespace; `None` if the apply decides.
    pub namespace: Option<Val<String>>,
    /// Whether a server wrote it: its numbers say what runs, not what somebody requests.
    pub live: bool,
    /// Whether its document contains marks of a template: missing fields may be filled in.
    pub marked: bool,
    /// Whether another document of its file is a template that was skipped: its branches may leave this object out.
    pub beside_template: bool,
    /// The object.
    pub root: Rc<Node>,
}

impl Manifest {
    /// Its name among the objects of a set.
    #[must_use]
    pub fn object(&self) -> ObjectName {
        let value = |text: &Option<Val<String>>| text.as_ref().map(|text| text.value.clone()).unwrap_or_default();
        ObjectName {
            group: self.group.clone(),
            kind: self.kind.clone(),
            namespace: value(&self.namespace),
            name: value(&self.name),
        }
    }

    /// Where its name is, or its kind if it has none.
    #[must_use]
    pub fn name_at(&self) -> FieldSpan {
        self.name.as_ref().map_or(self.at, |name| name.at)
    }

    /// Whether its kind is not one of Kubernetes' own, so that a controller may make pods of it.
    #[must_use]
    pub fn is_custom(&self) -> bool {
        self.group.contains('.') && !self.group.ends_with(".k8s.io") && self.spec().is_some()
    }

    /// Whether it is a namespace of Kubernetes.
    #[must_use]
    pub fn is_namespace(&self) -> bool {
        self.kind == "Namespace" && self.group.is_empty()
    }

    /// Its `spec`.
    #[must_use]
    pub fn spec(&self) -> Option<&Node> {
        entry(&self.root, "spec").map(|entry| &*entry.node)
    }
}

/// The result of reading one file.
#[derive(Debug, Default)]
pub struct ManifestFile {
    /// Its objects, in the order written.
    pub manifests: Vec<Manifest>,
    /// Faults of its YAML.
    pub findings: Vec<Finding>,
    /// Its comments.
    pub comments: Vec<Comment>,
    /// How many documents are templates, or text with templates' marks that is not YAML: they are skipped.
    pub templates: usize,
    /// A kustomization's own document.
    pub kustomization: Option<Rc<Node>>,
    /// The documents that its objects are in.
    pub documents: Vec<Rc<Node>>,
    /// Where the first object beyond [`MAX_OBJECTS`] is.
    beyond: Option<FileSpan>,
}

/// Schemas of CustomResourceDefinitions from this size on are not read in files that a kustomization names: no rule needs them, and
/// projects have megabytes of them, which each of their kustomizations includes.
const LARGE_SCHEMA: usize = 16 * 1024;

/// Reads a file that nobody named: large schemas of CustomResourceDefinitions are left out.
pub(super) fn read_without_schemas(id: FileId, source: &Source) -> ManifestFile {
    match without_schemas(&source.text) {
        Some(text) => read_file(id, &Source::new(&source.name, text)),
        None => read_file(id, source),
    }
}

/// The text with large schemas blanked, so that all other places stay the same; `None` if there are none.
fn without_schemas(text: &str) -> Option<String> {
    const KIND: &str = "\nkind: CustomResourceDefinition";
    if text.len() < LARGE_SCHEMA || !text.contains(KIND.trim_start()) {
        return None;
    }
    let mut kept = String::with_capacity(text.len());
    let mut is_cut = false;
    for (index, document) in text.split("\n---").enumerate() {
        if index > 0 {
            kept.push_str("\n---");
        }
        let is_one = document.contains(KIND) || document.starts_with(KIND.trim_start());
        let cut =
            document.find("\nspec:").map(|at| at + "\nspec:".len()).filter(|_| is_one && document.len() > LARGE_SCHEMA);
        let (head, schema) = document.split_at_checked(cut.unwrap_or(document.len())).unwrap_or((document, ""));
        kept.push_str(head);
        kept.extend(schema.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        is_cut |= !schema.is_empty();
    }
    is_cut.then_some(kept)
}

/// Reads one file. Documents that only template marks make unreadable are counted. A broken document hides no other.
#[must_use]
pub fn read_file(id: FileId, source: &Source) -> ManifestFile {
    let cut = without_notes(source);
    let stream = parse_stream(id, cut.as_ref().unwrap_or(source), ParseMode::Base);
    let mut file = ManifestFile { comments: stream.comments, ..ManifestFile::default() };
    if !source.text.contains("{{") {
        file.findings.extend(directives(&source.text).map(|directive| {
            let text = directive.text.escape_debug();
            let message = format!("kubectl refuses `{text}`: it cuts a file at `---`, and reads a directive alone");
            let at = FileSpan { file: id, span: directive.span };
            Finding::new(UNSUPPORTED_YAML, Severity::Error, at, message).help("take the line out")
        }));
    }
    for document in stream.documents {
        let StreamDocument { span, root, findings } = document;
        let text = source.slice(span);
        // for YAML `#{NAME}` is a comment: the value that a script puts there seems to be missing
        let marked = text.contains("{{") || text.contains(": #{");
        if text.contains("{{") && !findings.is_empty() {
            file.templates += 1;
            continue;
        }
        file.findings.extend(findings.into_iter().take(MOST_FINDINGS.saturating_sub(file.findings.len())));
        if let Some(root) = root {
            let first = file.manifests.len();
            add(&mut file, id, &root, None, 0);
            file.manifests.iter_mut().skip(first).for_each(|manifest| manifest.marked = marked);
            file.documents.push(root);
        }
    }
    let templated = file.templates > 0;
    file.manifests.iter_mut().for_each(|manifest| manifest.beside_template = templated);
    if let Some(at) = file.beyond {
        let message = format!("more than {MAX_OBJECTS} objects in one file: from this one on none is checked");
        file.findings.push(Finding::new("invalid-value", Severity::Error, at, message).help("divide the file"));
    }
    file
}

/// The objects of a file that was read before. Its text is read again if it was too large for its documents to be kept.
#[must_use]
pub fn manifests_of(id: FileId, input: &InputFile) -> Vec<Manifest> {
    if input.documents.is_empty() && input.source.text.len() > KEPT_TEXT {
        return read_file(id, &input.source).manifests;
    }
    let mut file = ManifestFile::default();
    input.documents.iter().for_each(|root| add(&mut file, id, root, None, 0));
    file.manifests
}

/// The text before a chart's notes, which `helm install --dry-run` prints behind the manifests; `None` if there are not notes.
fn without_notes(source: &Source) -> Option<Source> {
    let (manifests, _) = source.text.split_once("\nNOTES:\n")?;
    Some(Source::new(&source.name, format!("{manifests}\n")))
}

/// Adds an object, or the items of a list of objects.
fn add(file: &mut ManifestFile, id: FileId, root: &Rc<Node>, list: Option<&Manifest>, depth: usize) {
    if depth > 4 {
        return;
    }
    if file.manifests.len() >= MAX_OBJECTS {
        let at = root.get("kind").map_or_else(|| root.at().key(), |kind| kind.at().place());
        file.beyond.get_or_insert(at);
        return;
    }
    if root.get("kind").is_some_and(|kind| kind.node.as_str().is_some_and(is_kustomization))
        || (root.get("kind").is_none() && root.get("resources").is_some() && root.get("apiVersion").is_none())
    {
        file.kustomization.get_or_insert_with(|| Rc::clone(root));
        return;
    }
    let Some(manifest) = manifest(id, root, list) else { return };
    let items = root.get("items").filter(|items| matches!(items.node.value, Value::Seq(_)));
    match items.filter(|_| manifest.kind.ends_with("List")) {
        Some(items) => {
            for item in items.node.items() {
                add(file, id, item, Some(&manifest), depth + 1);
            }
        }
        None if is_template(&manifest) => file.templates += 1,
        None => file.manifests.push(manifest),
    }
}

fn is_kustomization(kind: &str) -> bool {
    matches!(kind, "Kustomization" | "Component")
}

/// An object outside of lists.
pub(super) fn object(file: FileId, root: &Rc<Node>) -> Option<Manifest> {
    manifest(file, root, None)
}

/// An object; `None` for a document without a kind. The items of a `DeploymentList` may leave kind and version to the list.
fn manifest(file: FileId, root: &Rc<Node>, list: Option<&Manifest>) -> Option<Manifest> {
    let api_version = text(entry(root, "apiVersion"));
    let written = text(entry(root, "kind"));
    let of_list = list.filter(|list| list.kind != "List").and_then(|list| list.kind.strip_suffix("List"));
    let kind = written.as_ref().map(|kind| kind.value.clone()).or_else(|| of_list.map(str::to_owned))?;
    let whole = api_version.as_ref().map(|version| version.value.as_str());
    let whole = whole.or_else(|| list.filter(|_| of_list.is_some())?.api_version.as_ref().map(|v| v.value.as_str()));
    let (group, version) = whole?.rsplit_once('/').unwrap_or(("", whole?));
    let (group, version) = (group.to_owned(), version.to_owned());
    let metadata = entry(root, "metadata").map(|entry| &*entry.node);
    let of = |key: &str| text(metadata.and_then(|metadata| entry(metadata, key)));
    let live = metadata.is_some_and(|metadata| metadata.get("uid").is_some()) || root.get("status").is_some();
    Some(Manifest {
        file,
        api_version,
        group,
        version,
        kind,
        at: written.map_or_else(|| root.at(), |kind| kind.at),
        name: of("name").filter(|name| !name.value.is_empty()),
        namespace: of("namespace"),
        live: live && list_of_server(root),
        marked: false,
        beside_template: false,
        root: Rc::clone(root),
    })
}

/// Whether `status` or `uid` came from a server: generators write `status: {}` and `replicas: 0` into it too.
fn list_of_server(root: &Node) -> bool {
    let uid = entry(root, "metadata").is_some_and(|metadata| metadata.node.get("uid").is_some());
    uid || root.get("status").is_some_and(|status| !status.node.entries().is_empty())
}

/// Whether a template's mark replaces a name or a number.
fn is_template(manifest: &Manifest) -> bool {
    let marked = |value: &Val<String>| value.value.contains("{{");
    [&manifest.name, &manifest.namespace, &manifest.api_version].into_iter().flatten().any(marked)
        || manifest.kind.contains("{{")
}
