//! The whole behaviour of scalegen, in one test binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking

mod base;
mod cli;
mod compose;
mod consumers;
mod convox;
mod corpus;
mod editor;
mod engine;
mod fix;
mod formats;
mod golden;
mod helm;
mod hooks;
mod hostile;
mod judge;
mod keda;
mod kubernetes;
mod meant;
mod nginx;
mod placement;
mod plan;
mod polyaxon;
mod readme;
mod reports;
mod rule_edges;
mod rule_sums;
mod rules;
mod scale;
mod scenarios;
mod schema;
mod seldon;
mod shape;
mod support;
mod syntax;
mod tidy;
