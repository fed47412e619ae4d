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

/// The layer of a project; `alone` says that no spec is laid over it. A spec could have a backing service of any name, so every
/// service then has that reading too; without a spec only known servers are backing services.
#[must_use]
pub fn layer(project: &Project, alone: bool) -> Layer {
    Layer {
        format: InputFormat::COMPOSE,
        files: project.files.clone(),
        services: project.services.iter().map(|member| service(member, alone)).collect(),
        objects: Vec::new(),
        swarm: project.swarm,
        version: project.version.clone(),
        partial: project.partial,
    }
}

fn service(service: &ProjectService, alone: bool) -> LayerService {
    let view = ServiceView::of(&service.entry.node);
    let facts = facts::of(service, &view);
    let fields = fields::of(&service.entry.node, &view);
    let backing = (!alone || facts.image.is_some()).then(|| backing::of(&view, &facts));
    let entry = |entries| with_node(&service.entry, map(&service.entry.node, entries));
    LayerService { service: entry(fields), backing: backing.map(entry).map(Box::new), facts: Rc::new(facts) }
}
