//! Simulation: engines, jobs, results and assertions.

mod engines;
mod plain;
mod queues;
mod random_hpas;
mod speed;
mod vectors;
