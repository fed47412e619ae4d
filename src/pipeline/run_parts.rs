//! Data that the steps of one run share: the key of a base, and a spec over a base. Knows no step.

use crate::inputs::merge::Dropped;
use crate::model::{Spec, TargetOptions};
use crate::support::source::FieldSpan;
use crate::syntax::Node;
use crate::targets::{BaseFile, Target};
use std::collections::HashMap;
use std::rc::Rc;

/// Identifies a base: its files, and everything else that decides how it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BaseKey {
    /// Its files.
    pub(super) files: Vec<String>,
    /// The file of variables.
    pub(super) env_file: Option<String>,
    /// The container that the fields of each service mean.
    pub(super) containers: Vec<(String, String)>,
}

/// What misspelt keys were meant as, by the first byte of each.
pub(super) type MeantKeys = HashMap<u32, Rc<str>>;

/// The chart's folder, if an option of the target names one.
pub(super) fn chart<'o>(target: &Target, options: &'o TargetOptions) -> Option<(&'o str, FieldSpan)> {
    match target.meta.base {
        Some(BaseFile::Values { chart, .. }) => options.text(chart),
        _ => None,
    }
}

/// A spec in one profile over one base, or over none.
pub(super) struct Effective {
    /// The index of the base; `None` for the spec by itself.
    pub(super) base: Option<usize>,
    /// The merged document; `None` once nothing asks for it any more.
    pub(super) tree: Option<Rc<Node>>,
    /// Its model.
    pub(super) spec: Spec,
    /// The values that the spec removes from the base.
    pub(super) dropped: Vec<Dropped>,
}
