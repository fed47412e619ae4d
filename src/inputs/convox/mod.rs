//! Reads a `convox.yml` into a layer, as Convox's own reader takes it. Knows no rule and no target.
//!
//! Convox reads leniently (pkg/manifest of convox/convox 3.24): keys that it does not know and amounts in another form than it
//! wants are silently dropped. Each is a finding here. `${NAME}` is replaced before the YAML is read, so a
//! value with it is unknown. Defaults of Convox are left out, because nobody wrote them.

pub mod recognition;
mod refusals;
mod scale;
mod service;
mod service_refusals;
mod unread_keys;
mod validation;
mod value_shapes;

use crate::inputs::base::BaseProject;
use crate::inputs::files::{InputFile, InputFiles, InputFormat, MAX_BYTES, Origin, ReadFiles};
use crate::inputs::layer::Layer;
use crate::support::diagnostic::Finding;
use crate::support::source::{FileId, Source};
use crate::syntax::{self, Node, ParseMode};

/// The keys of a service that the layer holds, or that have no meaning on another platform.
pub const READ_KEYS: [&str; 9] =
    ["image", "build", "environment", "port", "ports", "scale", "health", "deployment", "termination"];

/// The most findings of one file.
const MAX_FINDINGS: usize = 200;

/// The faults of a file, up to a bound.
#[derive(Debug, Default)]
struct ConvoxFindings {
    list: Vec<Finding>,
}

impl ConvoxFindings {
    fn push(&mut self, finding: Finding) {
        if self.list.len() < MAX_FINDINGS {
            self.list.push(finding);
        }
    }
}

/// Reads one file.
fn read(path: &str, files: &dyn ReadFiles, into: &mut InputFiles) -> BaseProject {
    let layer = Layer {
        format: InputFormat::CONVOX,
        files: Vec::new(),
        services: Vec::new(),
        objects: Vec::new(),
        swarm: false,
        version: None,
        partial: false,
    };
    let bytes = match files.read(path, MAX_BYTES) {
        Ok(bytes) => bytes,
        Err(unread) => {
            let mut project = BaseProject::of(path.to_owned(), layer, Vec::new());
            project.unread.push((path.to_owned(), unread));
            return project;
        }
    };
    let (text, undecodable) = match syntax::decode(bytes) {
        Ok(text) => (text, None),
        Err((bytes, why)) => (String::from_utf8_lossy(&bytes).into_owned(), Some(why)),
    };
    let source = Source::new(path, text);
    let Some(id) = into.add(InputFile::new(source, InputFormat::CONVOX, Origin::Base(0))) else {
        return BaseProject::of(path.to_owned(), layer, Vec::new());
    };
    let mut found = ConvoxFindings::default();
    let mut layer = Layer { files: vec![id], ..layer };
    if let Some(why) = undecodable {
        found.push(syntax::undecodable(id, why));
        layer.partial = true;
        return BaseProject::of(path.to_owned(), layer, found.list);
    }
    let (root, comments) = parsed(id, into, &mut found);
    if let Some(input) = into.get_mut(id) {
        input.comments = comments;
        input.documents.extend(root.clone());
    }
    if let Some(root) = &root {
        let shared = root.get("environment").map(|entry| &*entry.node);
        let services = root.get("services").map(|services| services.node.entries()).unwrap_or_default();
        layer.services = services.iter().map(|entry| service::layer(entry, shared, &mut found)).collect();
        if let Some(input) = into.get(id) {
            let is_of_v3 = unread_keys::report(root, &input.source, &mut found);
            validation::report(root, is_of_v3, &mut found);
        }
    }
    let mut project = BaseProject::of(path.to_owned(), layer, found.list);
    project.written = root;
    project
}

fn parsed(
    id: FileId,
    into: &InputFiles,
    found: &mut ConvoxFindings,
) -> (Option<std::rc::Rc<Node>>, Vec<syntax::Comment>) {
    let Some(input) = into.get(id) else { return (None, Vec::new()) };
    let parsed = syntax::parse(id, &input.source, ParseMode::Base);
    parsed.findings.into_iter().for_each(|finding| found.push(finding));
    (parsed.root, parsed.comments)
}

/// Whether Convox replaces something in a text before it reads it.
fn hangs_on_a_variable(text: &str) -> bool {
    text.contains("${")
}
