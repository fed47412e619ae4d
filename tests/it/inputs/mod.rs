//! The formats that are read.

pub(crate) mod compose;
mod compose_merged;
pub(crate) mod compose_projects;
mod convox;
pub(crate) mod corpus;
mod custom_kinds;
pub(crate) mod foreign;
mod helm_values;
pub(crate) mod kubernetes;
mod kubernetes_beside;
pub(crate) mod kubernetes_corpus;
pub(crate) mod kubernetes_faults;
pub(crate) mod kubernetes_fields;
mod kubernetes_patches;
mod kubernetes_refusals;
mod kustomizations;
mod large_manifests;
pub(crate) mod layers;
pub(crate) mod recognise;
pub(crate) mod spec;
