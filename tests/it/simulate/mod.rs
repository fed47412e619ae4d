//! Simulation: engines, jobs, results and assertions.

mod vectors;
