//! What edits or compares specs: fixes, new numbers of replicas, new specs, and the difference of two. Prints nothing.

pub mod diff;
pub mod fix;
pub mod import;
pub mod scale;
pub mod size;
pub mod starter;
