//! What every fuzz target asks of scalegen, and the generator of plausible specs. Knows scalegen's public doors only.
#![deny(unsafe_code)]

pub mod files;
pub mod fix;
pub mod leaks;
pub mod properties;
pub mod render;
pub mod specs;
pub mod write;
