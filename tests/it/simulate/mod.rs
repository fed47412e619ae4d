//! Simulation: engines, jobs, results and assertions.

mod plain;
mod random_hpas;
mod vectors;
