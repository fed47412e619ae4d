//! The targets, alone and before their consumers.

mod autoscaler_table;
mod cases;
pub(crate) mod compose;
pub(crate) mod consumers;
pub(crate) mod convox;
mod convox_over_base;
pub(crate) mod engine;
mod engine_refusals;
pub(crate) mod facts;
pub(crate) mod from;
mod from_manifests;
pub(crate) mod helm;
pub(crate) mod keda;
pub(crate) mod kubernetes;
mod kubernetes_pods;
pub(crate) mod losses;
pub(crate) mod nginx;
pub(crate) mod over_base;
mod over_base_pods;
pub(crate) mod polyaxon;
pub(crate) mod read_back;
mod schema;
pub(crate) mod seldon;
pub(crate) mod stack;
pub(crate) mod support;
pub(crate) mod templates;
