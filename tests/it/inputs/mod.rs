//! The formats that are read.

pub(crate) mod compose;
pub(crate) mod compose_projects;
mod convox;
pub(crate) mod corpus;
pub(crate) mod foreign;
pub(crate) mod layers;
pub(crate) mod recognise;
pub(crate) mod spec;
