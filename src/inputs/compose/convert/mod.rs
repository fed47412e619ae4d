//! Converts a compose project to a layer: the fields of each service in the vocabulary of the spec, and facts. Knows no rule and no target.
//!
//! A value that depends on an unset variable is `Unknown` in the layer. So is text that came from a file of variables; numbers from it are known.
//! Defaults of compose are left out, because nobody wrote them.

mod backing;
mod facts;
mod fields;

use super::project::view::ServiceView;
use super::project::{Project, ProjectService};
use crate::inputs::files::InputFormat;
use crate::inputs::layer::{Layer, LayerService};
use crate::inputs::tree::{map, with_node};
use std::rc::Rc;

/// The layer of a project.
#[must_use]
pub fn layer(project: &Project) -> Layer {
    Layer {
        format: InputFormat::COMPOSE,
        files: project.files.clone(),
        services: project.services.iter().map(service).collect(),
        objects: Vec::new(),
        swarm: project.swarm,
        version: project.version.clone(),
        partial: project.partial,
    }
}

fn service(service: &ProjectService) -> LayerService {
    let view = ServiceView::of(&service.entry.node);
    let facts = facts::of(service, &view);
    let fields = fields::of(&service.entry.node, &view);
    let backing = backing::of(&view, &facts);
    let entry = |entries| with_node(&service.entry, map(&service.entry.node, entries));
    LayerService { service: entry(fields), backing: Some(entry(backing)), facts: Rc::new(facts) }
}
