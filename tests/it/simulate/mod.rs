//! Simulation: engines, jobs, results and assertions.

mod plain;
mod queues;
mod random_hpas;
mod vectors;
