//! Simulation: engines, jobs, results and assertions.

mod assertions;
mod command;
mod conserved;
mod costs;
mod demands;
mod drains;
mod engines;
mod faults;
mod foreign;
mod known_queues;
mod lives;
mod manual;
mod plain;
mod pruned;
mod queues;
mod random_hpas;
mod rollouts;
mod shards;
mod sizes;
mod together;
mod traces;
mod vectors;
