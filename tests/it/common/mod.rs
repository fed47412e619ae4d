//! What several tests use: golden files, judges, random specs, a loopback GitHub.

pub(crate) mod github;
pub(crate) mod golden;
pub(crate) mod judge;
pub(crate) mod meant;
pub(crate) mod sets;
pub(crate) mod specs;
