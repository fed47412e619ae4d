//! Prints findings, numbers and differences, for people and for programs. Prints its input: no filter, no exit code, no stdout.

mod changes;
pub(crate) mod findings;
mod fit;
mod markdown_text;
mod simulation;
pub mod site;
pub(crate) mod summary;
mod table;
pub(crate) mod words;

pub use changes::{ChangesForm, Comparison, changes};
pub use findings::{Batch, Format, PolicyRule, Reported, write};
pub use simulation::{
    Backtest, ChosenPolicy, LoadView, MARK as SIMULATION_MARK, MergedShards, Shard, Simulation, SimulationForm,
    SizedRow, SizedService, Sizing, Together, TogetherParts, Trial, backtest, merge as merge_shards, simulation,
    simulation_page, sizing,
};
pub use summary::{SummaryForm, before_and_after, formations};
pub use words::{TextStyle, clean, clean_lines};
