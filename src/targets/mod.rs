//! The targets: one folder with its page and one folder of templates each, one word in the list registers all. A target sees the plan only.

mod render;

pub use render::{
    Engine, RenderBug, Row, Runner, Said, Taken, Templates, Verdict, Written, answer, here, no_subject, render_all,
    take,
};

use crate::inputs::compose::base::BaseProject;
use crate::inputs::helm::Chart;
use crate::inputs::merge::Dropped;
use crate::plan::{Plan, TargetOptions};
use crate::support::diagnostic::{Bound, Finding, RuleId, Severity};
use crate::support::source::{At, Place};
use std::collections::HashMap;

/// What a target's file says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    /// The name in `targets:` and after `--target`.
    pub name: &'static str,
    /// Whether, with these options, it has an autoscaler: then rules look at ranges and windows.
    pub autoscales: fn(&TargetOptions) -> bool,
    /// What the output is laid over, if an option of it names such a thing.
    pub base: Option<Over>,
    /// What opens a text that the consumer replaces before it reads YAML, and for which it has no escape: it is never
    /// written as it stands.
    pub replaced: Option<&'static str>,
    /// Plan to views, losses and refusals.
    pub lower: fn(&Input<'_>) -> Lowered,
    /// Its templates: name (with the extension that chooses the escaping) and text.
    pub templates: &'static [(&'static str, &'static str)],
}

/// What an output is laid over, with the option that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// A compose file.
    Compose(&'static str),
    /// The folder of a Helm chart.
    Chart(&'static str),
}

/// A target with its page.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What its file says of it.
    pub meta: Meta,
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

macro_rules! targets {
    ($($name:ident)*) => {
        $(mod $name;)*
        /// Every target, in the order of the manual.
        pub const ALL: &[Target] = &[$(Target {
            meta: $name::META,
            page: include_str!(concat!(stringify!($name), "/", stringify!($name), ".md")),
        }),*];
    };
}

targets! {
    compose
    nginx
    polyaxon
    kubernetes
    convox
    seldon
    helm
}

/// The target with this name.
#[must_use]
pub fn get(name: &str) -> Option<&'static Target> {
    ALL.iter().find(|target| target.meta.name == name)
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
    /// What the spec takes away from the base.
    pub dropped: &'a [Dropped],
    /// The chart its `chart` option names, where it has one and the folder could be read.
    pub chart: Option<&'a Chart>,
    /// Whether the views will be written. A check throws them away: a target may leave their documents null then, but
    /// lists them all the same.
    pub writes: bool,
}

/// What a target makes of a plan.
#[derive(Debug, Default)]
pub struct Lowered {
    /// The files to write.
    pub views: Vec<View>,
    /// What is lost, refused or written in vain.
    pub findings: Vec<Finding>,
    /// Where the finding of a rule at a place stands among them, as far as it was looked up.
    known: HashMap<(RuleId, Place), usize>,
    /// How many findings are looked up in `known`: others may be pushed beside.
    seen: usize,
    bound: Bound,
}

impl Lowered {
    /// `lost-in-target`: the target cannot say this. `at` is the field.
    pub fn lost(&mut self, at: At, message: impl Into<String>, help: impl Into<String>) {
        self.say("lost-in-target", Severity::Warning, at.place(), message, help);
    }

    /// `ignored-by-consumer`: written, but the usual consumer does not look at it.
    pub fn ignored(&mut self, at: At, message: impl Into<String>, help: impl Into<String>) {
        self.say("ignored-by-consumer", Severity::Note, at.place(), message, help);
    }

    /// `refused-by-target`: the consumer would reject it or drop it without a word.
    pub fn refused(&mut self, at: At, message: impl Into<String>, help: impl Into<String>) {
        self.say("refused-by-target", Severity::Error, at.place(), message, help);
    }

    /// `invalid-value`: a value that could end or open something in the output's own language.
    pub fn unsafe_value(&mut self, at: At, message: impl Into<String>, help: impl Into<String>) {
        self.say("invalid-value", Severity::Error, at.place(), message, help);
    }

    fn say(
        &mut self,
        rule: &'static str,
        severity: Severity,
        at: Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let (message, help) = (message.into(), help.into());
        // several things lost at one place are one finding with one message each
        if let Some(old) = self.known(rule, at) {
            if !old.message.contains(&message) {
                old.message = format!("{}; {message}", old.message);
            }
            return;
        }
        let finding = Finding::new(rule, severity, at, message);
        let finding = if help.is_empty() { finding } else { finding.help(help) };
        self.findings.extend(self.bound.take(finding));
    }

    /// The first finding of a rule at a place.
    fn known(&mut self, rule: &'static str, at: Place) -> Option<&mut Finding> {
        for (index, finding) in self.findings.iter().enumerate().skip(self.seen) {
            self.known.entry((finding.rule.clone(), finding.at)).or_insert(index);
        }
        self.seen = self.findings.len();
        let index = self.known.get(&(RuleId::from(rule), at))?;
        self.findings.get_mut(*index)
    }
}

/// What all targets of a run say of one field under one rule is one finding with one message each, so that no target's
/// loss hides behind another's; the profile with the most targets speaking shows.
#[must_use]
pub fn joined(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::new();
    let mut index: HashMap<(RuleId, Place), usize> = HashMap::new();
    for finding in findings {
        let key = (finding.rule.clone(), finding.at);
        let Some(old) = index.get(&key).and_then(|index| kept.get_mut(*index)) else {
            index.insert(key, kept.len());
            kept.push(finding);
            continue;
        };
        if is_among(&finding.message, &old.message) {
            continue;
        }
        old.message = format!("{}; {}", old.message, finding.message);
        old.help = match (old.help.take(), finding.help) {
            (Some(first), Some(second)) if !is_among(&second, &first) => Some(format!("{first}; {second}")),
            (first, second) => first.or(second),
        };
        for related in finding.related {
            if old.related.iter().all(|known| known.place != related.place) {
                old.related.push(related);
            }
        }
        old.worst += 1;
    }
    kept
}

/// Whether the words are one or more of those that were joined already, in whatever order the targets spoke.
fn is_among(words: &str, joined: &str) -> bool {
    format!("; {joined}; ").contains(&format!("; {words}; "))
}

/// One file to write, before it is text.
#[derive(Clone, Debug)]
pub struct View {
    /// Path inside the target's folder, `/` between parts.
    pub path: String,
    /// Template that writes it, one of the target's own.
    pub template: &'static str,
    /// What the file holds. For YAML this is the very document: the text is read back and must equal it.
    /// For nginx it is what the template needs, and under `directives` the tree that the text must equal.
    /// A string that must carry a local tag (`!override`) stands in `tags` by its JSON pointer.
    pub document: serde_json::Value,
    /// Local tags: JSON pointer in `document` → tag.
    pub tags: Vec<(String, &'static str)>,
}

/// One file as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Path inside the target's folder.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// What the header of every file says.
#[derive(Clone, Debug)]
pub struct Header {
    /// The spec's file name, without folders: output must not depend on where a checkout lies.
    pub spec: String,
    /// The profile; none for the base.
    pub profile: Option<String>,
    /// The target.
    pub target: String,
}

/// How every file we write begins: `--prune` and `--check` know our files by it.
pub const MARK: &str = "# Written by scalegen from ";

impl Header {
    /// The one header line.
    #[must_use]
    pub fn line(&self) -> String {
        // what ends a line or hides in one is left out
        let clean = |text: &str| text.chars().filter(|c| !render::yaml::is_hidden(*c)).collect::<String>();
        // the command is there to be pasted: a name a shell would take apart is quoted
        let word = |text: &str| {
            let plain =
                |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '+' | '@' | '%' | ':' | ',');
            if !text.is_empty() && text.chars().all(plain) && !text.starts_with('-') {
                text.to_owned()
            } else {
                format!("'{}'", text.replace('\'', "'\\''"))
            }
        };
        let spec = clean(&self.spec);
        let profile = self.profile.as_deref().map(clean);
        let named = profile.as_ref().map(|profile| format!(", profile {profile}")).unwrap_or_default();
        let chosen = profile.as_ref().map(|profile| format!(" --profile {}", word(profile))).unwrap_or_default();
        format!(
            "{MARK}{spec}{named}; do not edit, run: scalegen render {} --target {}{chosen}",
            word(&spec),
            self.target
        )
    }
}
