//! What is to run.

pub(crate) mod summary;
