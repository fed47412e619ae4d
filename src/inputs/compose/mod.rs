//! Compose files. Knows no rule and no target.

pub mod project;
pub mod verdicts;
