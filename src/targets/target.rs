//! The description of a target, and its input. Knows no target.

use super::lowered::{LoweredPlan, join_messages};
use crate::inputs::base::BaseProject;
use crate::inputs::helm::ChartFacts;
use crate::inputs::merge::Dropped;
use crate::plan::{BalancerOptions, ClusterOptions, Plan, TargetOptions, Val};
use crate::support::diagnostic::Finding;
use serde_json::Value as Json;

/// The description of a target, in its own file.
#[derive(Clone, Copy, Debug)]
pub struct TargetMeta {
    /// The name in `targets:` and after `--target`.
    pub name: &'static str,
    /// Whether, with these options, it has an autoscaler, so that rules look at ranges and windows.
    pub autoscales: fn(&TargetOptions) -> bool,
    /// Whether, with these options, all that scales a service on cpu or memory divides by what a replica requests, and what it requests
    /// is known from the spec and its base.
    pub measures_requests: fn(&TargetOptions) -> bool,
    /// What the output is laid over, if an option of it names such a thing.
    pub base: Option<BaseFile>,
    /// The opening of a text that the consumer replaces before it reads YAML, and for which it has no escape: it is never
    /// written literally.
    pub replaced: Option<&'static str>,
    /// Whether a rollout starts new replicas before it stops old ones, so that both run for a while.
    pub starts_new_first: bool,
    /// How many topics a service of this name reads at once, with the place that says so; `None` if unknown, which counts as one.
    /// Each has as many partitions as the backing service says.
    pub topics: fn(&TargetOptions, &str) -> Option<Val<u32>>,
    /// Whether its consumer limits the memory of a service that has no limit in the spec.
    pub limits: fn(&ServiceOfChart<'_>) -> bool,
    /// What its options say of the cluster, if it writes objects of Kubernetes.
    pub cluster: Option<fn(&TargetOptions) -> ClusterOptions>,
    /// What its options say of the balancer, if it spreads requests over replicas.
    pub balancer: Option<fn(&TargetOptions) -> BalancerOptions>,
    /// Whether its consumer reads decimal units of memory, as in `512M`, as binary ones.
    pub has_binary_units: bool,
    /// Whether, with these options, its replicas run on several machines of a swarm.
    pub in_swarm: fn(&TargetOptions) -> bool,
    /// A target whose program may read this one's files: they are checked together with that target's base.
    pub beside: Option<&'static str>,
    /// Its options whose keys are names of services.
    pub options_by_service: &'static [&'static str],
    /// The effects of applying the new files, from the documents of both; `None` if nothing is known.
    pub transitions: Option<JudgeTransitions>,
    /// Lowers a plan to views, losses and refusals.
    pub lower: fn(&Input<'_>) -> LoweredPlan,
    /// The language of its files: how values are escaped, and how a file is read back.
    pub format: OutputFormat,
    /// Its templates, all in that language: name and text.
    pub templates: &'static [(&'static str, &'static str)],
}

impl TargetMeta {
    /// A target of which nothing is said but what it writes: no autoscaler, no base, old replicas stop before new ones start.
    #[must_use]
    pub const fn new(
        name: &'static str,
        lower: fn(&Input<'_>) -> LoweredPlan,
        format: OutputFormat,
        templates: &'static [(&'static str, &'static str)],
    ) -> TargetMeta {
        TargetMeta {
            name,
            autoscales: |_| false,
            measures_requests: |_| false,
            base: None,
            replaced: None,
            starts_new_first: false,
            topics: |_, _| None,
            limits: |_| false,
            cluster: None,
            balancer: None,
            has_binary_units: false,
            in_swarm: |_| false,
            beside: None,
            options_by_service: &[],
            transitions: None,
            lower,
            format,
            templates,
        }
    }
}

/// The context in which a target's chart knows a service.
#[derive(Clone, Copy, Debug)]
pub struct ServiceOfChart<'a> {
    /// The target's options.
    pub options: &'a TargetOptions,
    /// The chart of its `chart` option, if the folder could be read.
    pub chart: Option<&'a ChartFacts>,
    /// The service's name.
    pub service: &'a str,
    /// Whether the spec has other services too.
    pub several: bool,
}

/// The language of a target's files.
#[derive(Clone, Copy, Debug)]
pub enum OutputFormat {
    /// YAML.
    Yaml,
    /// Words in directives and blocks.
    Directives(&'static DirectiveSyntax),
}

/// A language of directives, as a target that writes one defines it.
#[derive(Clone, Copy, Debug)]
pub struct DirectiveSyntax {
    /// Its reader, for messages.
    pub consumer: &'static str,
    /// Characters without a meaning in the language: a value with any other is not written.
    pub is_safe: fn(char) -> bool,
    /// Parses a text: each directive is the list of its words, and a block's own list is its last item. The error says in
    /// words for a message why the consumer could not read it.
    pub parse: fn(&str) -> Result<Json, String>,
}

/// The base of an output, with the option that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseFile {
    /// A compose file.
    Compose {
        /// The option that names it.
        option: &'static str,
        /// The option that names its file of variables.
        env_file: &'static str,
    },
    /// Kubernetes manifests.
    Manifests {
        /// The option that names them.
        option: &'static str,
        /// The option that gives the container that a service's fields mean.
        containers: &'static str,
    },
    /// Values of a Helm chart.
    Values {
        /// The option that names them.
        option: &'static str,
        /// The option that names the chart's folder where the values are not read.
        chart: &'static str,
        /// The options that say where values of the chart go.
        paths: &'static [&'static str],
    },
}

impl BaseFile {
    /// The option that names it.
    #[must_use]
    pub fn option(self) -> &'static str {
        match self {
            BaseFile::Compose { option, .. } | BaseFile::Manifests { option, .. } | BaseFile::Values { option, .. } => {
                option
            }
        }
    }
}

/// A target with its page.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its description.
    pub meta: TargetMeta,
    /// Manual page in Markdown, with the support table.
    pub page: &'static str,
}

impl Target {
    /// The first paragraph of the page: the target in one line.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        self.page.split("\n\n").nth(1).unwrap_or_default().trim()
    }
}

/// The input of a target.
#[derive(Debug)]
pub struct Input<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The options of this target; empty if `--target` names one that the spec does not.
    pub options: &'a TargetOptions,
    /// The project of its `base` option, if it has one; the plan is laid over it.
    pub base: Option<&'a BaseProject>,
    /// The base of the target that `beside` names, as far as the spec names it.
    pub beside: Option<&'a BaseProject>,
    /// The values that the spec removes from the base.
    pub dropped: &'a [Dropped],
    /// The chart of its `chart` option, if it has one and the folder could be read.
    pub chart: Option<&'a ChartFacts>,
    /// Whether the views will be written. A check drops them: a target may then leave them out, or their
    /// documents null.
    pub writes: bool,
}

/// Compares the documents of the old files with those of the new ones.
pub type JudgeTransitions = fn(&[serde_json::Value], &[serde_json::Value]) -> Vec<Transition>;

/// One effect of a change of the files, which none of them shows alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The effect: refused, reset or left behind.
    pub message: String,
    /// The safe way.
    pub help: String,
}

/// A finding of this target alone: all its messages as one, with the target's name in it if no part has
/// the name yet. Another target that has one part of it too keeps its own message.
#[must_use]
pub fn named(mut finding: Finding, target: &Target) -> Finding {
    join_messages(&mut finding);
    let name = target.meta.name;
    if !finding.message.to_ascii_lowercase().contains(name) {
        finding.message = format!("{name}: {}", finding.message);
    }
    finding
}
