//! Rendering for all targets: views become text, the text is read back, and the user's own templates replace ours.

mod compare;
mod engine;
pub(super) mod environment;
mod job;
pub(super) mod kubernetes_text;
mod roundtrip;
mod sandbox_process;
pub(super) mod shell;
mod support;
mod user_templates;
mod view_value;
pub(super) mod yaml;

pub use engine::{Engine, LateFinding, RenderBug, RenderedView, render_all};
pub use job::Runner;
pub use sandbox_process::{answer, here};
pub use support::{SupportRow, Verdict, no_subject};
pub use user_templates::{LoadedTemplates, Templates, load};
