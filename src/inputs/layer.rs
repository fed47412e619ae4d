//! What one project contains, in the vocabulary of the spec. Plain data; knows no format.

use super::facts::{Facts, ObjectName};
use super::files::InputFormat;
use crate::support::source::{FileId, FileSpan};
use crate::syntax::Entry;
use std::rc::Rc;

/// One project of another tool: a base of a spec, or an input of its own.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The format of its files.
    pub format: InputFormat,
    /// Its files in the order read; the first is the one that was named.
    pub files: Vec<FileId>,
    /// Its services, in the order written.
    pub services: Vec<LayerService>,
    /// Objects that are not services: autoscalers, budgets, volumes, networks.
    pub objects: Vec<LayerObject>,
    /// Whether several machines share the replicas by the tool's own means (Swarm). Ports and names then do not belong to one machine.
    pub swarm: bool,
    /// The version of the format that its first file names.
    pub version: Option<String>,
    /// Whether one of its files could not be read: services that it lacks may be there.
    pub partial: bool,
}

/// One service of a layer.
#[derive(Clone, Debug)]
pub struct LayerService {
    /// Its key and fields, as an entry of `services` of the spec. A number of replicas stays one number.
    pub service: Entry,
    /// Its fields as an entry of `backingServices`, for a spec that has a backing service of this name; `None` if it
    /// cannot be one.
    pub backing: Option<Box<Entry>>,
    /// What the spec has no field for.
    pub facts: Rc<Facts>,
}

/// An object of a layer that is not a service.
#[derive(Clone, Debug)]
pub struct LayerObject {
    /// Its name.
    pub name: ObjectName,
    /// The place of its name.
    pub at: FileSpan,
    /// The services it acts on, by their names in the layer.
    pub services: Vec<String>,
}

impl Layer {
    /// The service with this name. A linear search: for many look-ups, build a table.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&LayerService> {
        self.services.iter().find(|service| *service.service.key == *name)
    }
}
