//! The formats that are read.

pub(crate) mod compose;
pub(crate) mod compose_projects;
pub(crate) mod convox;
mod corpus;
pub(crate) mod layers;
pub(crate) mod spec;
