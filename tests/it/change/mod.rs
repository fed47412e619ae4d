//! Fixes, new numbers and the difference of two specs.

pub(crate) mod diff;
pub(crate) mod fix;
pub(crate) mod import;
mod import_chart;
pub(crate) mod import_manifests;
mod import_values;
pub(crate) mod scale;
mod transitions;
