//! The whole behaviour of scalegen, in one test binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking

mod change;
mod check;
mod cli;
mod common;
mod inputs;
mod lsp;
mod model;
mod pipeline;
mod plan;
mod project;
mod report;
mod simulate;
mod syntax;
mod targets;
mod tidy;
