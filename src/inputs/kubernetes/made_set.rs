//! A set of generated objects, which are in no manifest: those that the values of a chart become. Knows no other format.

use super::convert::name_services;
use super::documents::object;
use super::set::{ManifestSet, SetChanges};
use super::shape::{self, ObjectStanding};
use crate::support::diagnostic::Finding;
use crate::support::source::FileId;
use crate::syntax::Node;
use std::rc::Rc;

/// The set of objects with the faults of their written values that Kubernetes would refuse: `files` are the given files. Missing fields are not
/// reported.
#[must_use]
pub fn set_of_objects(objects: Vec<Rc<Node>>, files: &[FileId]) -> (ManifestSet, Vec<Finding>) {
    let manifests = objects.iter().filter_map(|root| object(root.file, root)).collect();
    let changes = SetChanges { named: files.iter().copied().collect(), ..SetChanges::default() };
    let mut set = ManifestSet::new(manifests, changes);
    name_services(&mut set);
    let mut findings = Vec::new();
    for manifest in &set.manifests {
        shape::check(manifest, ObjectStanding { whole: false, selects: true, partial: false }, &mut findings);
    }
    (set, findings)
}
