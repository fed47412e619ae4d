//! The keys of a compose file: what each takes, and what those of a service mean for replicas. Knows no file and no project.

pub mod amounts;
pub mod forms;
pub mod sections;
pub mod service;
pub mod value_shape;
pub mod verdicts;
pub mod words;
