//! What edits or compares specs: fixes, replica numbers, new specs, and differences. Prints nothing.

pub mod diff;
pub mod fix;
pub mod import;
pub mod scale;
pub mod size;
pub mod starter;
