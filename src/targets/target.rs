//! What a target says of itself, and what it is given. Knows no target.

use super::lowered::{LoweredPlan, join_messages};
use crate::inputs::base::BaseProject;
use crate::inputs::helm::ChartFacts;
use crate::inputs::merge::Dropped;
use crate::plan::{Plan, TargetOptions, Val};
use crate::support::diagnostic::Finding;
use serde_json::Value as Json;

/// What a target's file says of itself.
#[derive(Clone, Copy, Debug)]
pub struct TargetMeta {
    /// The name in `targets:` and after `--target`.
    pub name: &'static str,
    /// Whether, with these options, it has an autoscaler: then rules look at ranges and windows.
    pub autoscales: fn(&TargetOptions) -> bool,
    /// Whether, with these options, all that scales a service on cpu or memory divides by what a replica requests, and what it requests
    /// is known from the spec and its base.
    pub measures_requests: fn(&TargetOptions) -> bool,
    /// What the output is laid over, if an option of it names such a thing.
    pub base: Option<BaseFile>,
    /// What opens a text that the consumer replaces before it reads YAML, and for which it has no escape: it is never
    /// written as it stands.
    pub replaced: Option<&'static str>,
    /// Whether a rollout starts new replicas before it stops old ones, so that both run for a while.
    pub starts_new_first: bool,
    /// How many topics a service of this name reads at once, with the place that says so; none where it is not known, and one then.
    /// Each has as many partitions as the backing service says.
    pub topics: fn(&TargetOptions, &str) -> Option<Val<u32>>,
    /// Whether its consumer limits the memory of a service for which the spec writes no limit.
    pub limits: fn(&ServiceOfChart<'_>) -> bool,
    /// A target whose program this one's files may be read beside: they are looked at together with what that one is laid over.
    pub beside: Option<&'static str>,
    /// What taking the new files does to what runs by the old ones, from the documents of both; none where nothing is known.
    pub transitions: Option<JudgeTransitions>,
    /// Plan to views, losses and refusals.
    pub lower: fn(&Input<'_>) -> LoweredPlan,
    /// The language of its files: how values are escaped, and how a file is read back.
    pub format: OutputFormat,
    /// Its templates, all in that language: name and text.
    pub templates: &'static [(&'static str, &'static str)],
}

/// A service as the chart of a target may know it.
#[derive(Clone, Copy, Debug)]
pub struct ServiceOfChart<'a> {
    /// The target's options.
    pub options: &'a TargetOptions,
    /// The chart its `chart` option names, where the folder could be read.
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
    /// Who reads it, for messages.
    pub consumer: &'static str,
    /// Characters that can neither end nor open anything: a value with another one is not written.
    pub is_safe: fn(char) -> bool,
    /// Reads a text: each directive is the list of its words, and a block's own list is its last item. The error says in
    /// words for a message why the consumer could not.
    pub parse: fn(&str) -> Result<Json, String>,
}

/// What an output is laid over, with the option that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseFile {
    /// A compose file.
    Compose(&'static str),
    /// Kubernetes manifests; the other option says for services which container their fields mean.
    Manifests(&'static str, &'static str),
    /// Values of a Helm chart; the other option names the chart's folder where the values are not read.
    Values(&'static str, &'static str),
}

/// A target with its page.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What its file says of it.
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

/// What a target is given.
#[derive(Debug)]
pub struct Input<'a> {
    /// What is to run.
    pub plan: &'a Plan,
    /// The options written for this target; empty where `--target` names one the spec does not.
    pub options: &'a TargetOptions,
    /// The project its `base` option names, where it has one; the plan is laid over it.
    pub base: Option<&'a BaseProject>,
    /// What the target that `beside` names is laid over, as far as the spec names it.
    pub beside: Option<&'a BaseProject>,
    /// What the spec takes away from the base.
    pub dropped: &'a [Dropped],
    /// The chart its `chart` option names, where it has one and the folder could be read.
    pub chart: Option<&'a ChartFacts>,
    /// Whether the views will be written. A check throws them away: a target may leave their documents null then, but
    /// lists them all the same.
    pub writes: bool,
}

/// Compares the documents of the old files with those of the new ones.
pub type JudgeTransitions = fn(&[serde_json::Value], &[serde_json::Value]) -> Vec<Transition>;

/// One thing that happens between two states of the files, whatever each of them says for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// What is refused, reset or left behind.
    pub message: String,
    /// The safe way.
    pub help: String,
}

/// A finding that only this target gives: all it says as one message, with the target's name in it where no part of it has
/// the name yet. Another target that says one part of it too keeps its own words.
#[must_use]
pub fn named(mut finding: Finding, target: &Target) -> Finding {
    join_messages(&mut finding);
    let name = target.meta.name;
    if !finding.message.to_ascii_lowercase().contains(name) {
        finding.message = format!("{name}: {}", finding.message);
    }
    finding
}
