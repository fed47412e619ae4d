//! scalegen: one scaling spec in, every platform's configuration out, checked before it ships.
#![forbid(unsafe_code)]

pub mod base;
pub mod diagnostic;
pub mod model;
pub mod pipeline;
pub mod plan;
pub mod profiles;
pub mod report;
pub mod rules;
pub mod schema;
pub mod source;
pub mod subject;
pub mod suggest;
pub mod suppress;
pub mod syntax;
pub mod targets;

pub use pipeline::{Checked, Files, Lowering, NoFiles, Rendered, Wanted, lint, lower, render};
