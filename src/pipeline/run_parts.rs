//! What the steps of one run hand to each other: a base by its name, and a spec over a base. Knows no step.

use crate::inputs::merge::Dropped;
use crate::model::{Spec, TargetOptions};
use crate::support::source::FieldSpan;
use crate::syntax::Node;
use crate::targets::{BaseFile, Target};
use std::rc::Rc;

/// What names a base, and what else decides how it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BaseKey {
    /// Its files.
    pub(super) files: Vec<String>,
    /// The file of variables.
    pub(super) env_file: Option<String>,
    /// Which container the fields of a service mean, by service.
    pub(super) containers: Vec<(String, String)>,
}

/// The chart's folder, where an option of the target names one.
pub(super) fn chart<'o>(target: &Target, options: &'o TargetOptions) -> Option<(&'o str, FieldSpan)> {
    match target.meta.base {
        Some(BaseFile::Values(_, option)) => options.text(option),
        _ => None,
    }
}

/// A spec in one profile over one base, or over none.
pub(super) struct Effective {
    /// Which base; none for the spec by itself.
    pub(super) base: Option<usize>,
    /// The merged document.
    pub(super) tree: Rc<Node>,
    /// What it means.
    pub(super) spec: Spec,
    /// What the spec takes away from the base.
    pub(super) dropped: Vec<Dropped>,
}
