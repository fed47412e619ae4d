//! What the targets share: views become text, the text is read back, and templates of the user's own stand in for ours.

mod apart;
mod back;
mod compared;
mod conf;
mod engine;
pub(super) mod kubernetes_text;
mod own;
mod part;
mod support;
pub(super) mod text;
pub(super) mod yaml;

pub use apart::{Runner, answer, here};
pub use engine::{Engine, RenderBug, Said, Written, render_all};
pub use own::{Taken, Templates, take};
pub use support::{Row, Verdict, no_subject};
