//! The targets: each has one folder with its page and one folder of templates; one line in the list registers it. A target sees the plan
//! and the base it is laid over, no other target and no rule.

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

use crate::plan::{ClusterOptions, TargetOptions};

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

/// The cluster of a spec: what its first target that writes objects of Kubernetes says.
#[must_use]
pub fn cluster(written: &[TargetOptions]) -> Option<ClusterOptions> {
    written.iter().find_map(|options| Some((get(&options.name)?.meta.cluster?)(options)))
}

/// The target with this name.
#[must_use]
pub fn get(name: &str) -> Option<&'static Target> {
    ALL.iter().find(|target| target.meta.name == name)
}
