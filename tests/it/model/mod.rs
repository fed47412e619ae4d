//! What a spec means.

pub(crate) mod lowering;
pub(crate) mod placement;
pub(crate) mod quantities;
