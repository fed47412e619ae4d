//! The targets: one folder with its page and one folder of templates each, one word in the list registers all. A target sees the plan only.

mod cluster_values;
mod foreign_base;
mod lowered;
mod render;
mod target;
mod view;

pub use lowered::{LoweredPlan, joined};
pub use render::{
    Engine, LateFinding, LoadedTemplates, RenderBug, RenderedView, Runner, SupportRow, Templates, Verdict, answer,
    here, load, no_subject, render_all,
};
pub use target::{
    BaseFile, DirectiveSyntax, Input, JudgeTransitions, OutputFormat, ServiceOfChart, Target, TargetMeta, Transition,
    named,
};
pub use view::{Header, MARK, OutputFile, View};

macro_rules! targets {
    ($(mod $name:ident;)*) => {
        $(mod $name;)*
        /// Every target, in the order of the manual.
        pub const ALL: &[Target] = &[$(Target {
            meta: $name::META,
            page: include_str!(concat!(stringify!($name), "/", stringify!($name), ".md")),
        }),*];
    };
}

cfg_if! {
    if #[targets] {
        mod compose;
        mod nginx;
        mod polyaxon;
        mod kubernetes;
        mod convox;
        mod seldon;
        mod helm;
    }
}

/// The target with this name.
#[must_use]
pub fn get(name: &str) -> Option<&'static Target> {
    ALL.iter().find(|target| target.meta.name == name)
}
