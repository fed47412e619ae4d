//! Whole specs through the whole tool.

pub(crate) mod as_meant;
pub(crate) mod bombs;
pub(crate) mod bounds;
pub(crate) mod follow_on;
pub(crate) mod hostile;
pub(crate) mod large_specs;
pub(crate) mod memory;
pub(crate) mod over_a_base;
pub(crate) mod properties;
pub(crate) mod scenarios;
