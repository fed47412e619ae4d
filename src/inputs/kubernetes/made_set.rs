//! A set of objects that are in no manifest: what the values of a chart come to. Knows no other format.

use super::convert::name_services;
use super::documents::object;
use super::set::{ManifestSet, SetChanges};
use super::shape::{self, ObjectStanding};
use crate::support::diagnostic::Finding;
use crate::support::source::FileId;
use crate::syntax::Node;
use std::rc::Rc;

/// The set of objects with what Kubernetes would refuse of them, as far as it is written: `files` are those that were given. What an object lacks is not
/// told.
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
