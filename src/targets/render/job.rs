//! Jobs on the user's own templates as data: the request, the answer, and how to ask a process. Starts none.

use crate::support::source::Span;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::borrow::Cow;

/// Runs a job: sends its text to a process in which `answer` may fail, never end or take all memory, and returns
/// the answer.
///
/// # Errors
/// Why there is no answer, for a finding: lowercase, no full stop.
pub type Runner = fn(job: &str) -> Result<String, String>;

/// A request.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum TemplateJob<'a> {
    /// Read these templates (name and text), without running them.
    Check(Vec<(Cow<'a, str>, Cow<'a, str>)>),
    /// Run one.
    Render(Render<'a>),
}

/// One file to write by a user's template.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Render<'a> {
    pub(super) target: Cow<'a, str>,
    /// The template to run.
    pub(super) template: Cow<'a, str>,
    /// All of the user's for this target, by name.
    pub(super) own: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    pub(super) header: Cow<'a, str>,
    pub(super) document: Cow<'a, Json>,
    pub(super) tags: Vec<Cow<'a, str>>,
}

/// The fault of a template.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TemplateFault {
    /// Its index among the user's; `None` if no place is known.
    pub(super) template: Option<String>,
    start: u32,
    end: u32,
    pub(super) message: String,
}

impl TemplateFault {
    pub(super) fn new(template: Option<String>, span: Span, message: String) -> TemplateFault {
        let Span { start, end } = span;
        TemplateFault { template, start, end, message }
    }

    pub(super) fn span(&self) -> Span {
        Span { start: self.start, end: self.end }
    }
}

/// Why the user's templates cannot be read, in their order.
pub(super) fn check(runner: Runner, templates: &[(&str, &str)]) -> Vec<Option<TemplateFault>> {
    let borrowed = templates.iter().map(|(name, text)| (Cow::Borrowed(*name), Cow::Borrowed(*text)));
    match (ask::<Vec<Option<TemplateFault>>>(runner, &TemplateJob::Check(borrowed.collect())), templates) {
        (Ok(faults), _) if faults.len() == templates.len() => faults,
        (_, []) => Vec::new(),
        (Ok(_), [_]) => vec![Some(without_place(UNREADABLE.to_owned()))],
        (Err(why), [_]) => vec![Some(without_place(why))],
        // one of them is to blame
        _ => templates.iter().flat_map(|template| check(runner, std::slice::from_ref(template))).collect(),
    }
}

/// The output of one of the user's templates.
pub(super) fn render(runner: Runner, render: Render<'_>) -> Result<String, TemplateFault> {
    match ask(runner, &TemplateJob::Render(render)) {
        Ok(written) => written,
        Err(why) => Err(without_place(why)),
    }
}

const UNREADABLE: &str = "the process that reads templates gave no answer";

fn ask<T: for<'de> Deserialize<'de>>(runner: Runner, job: &TemplateJob<'_>) -> Result<T, String> {
    let job = serde_json::to_string(job).map_err(|error| error.to_string())?;
    serde_json::from_str(&runner(&job)?).map_err(|_| UNREADABLE.to_owned())
}

fn without_place(message: String) -> TemplateFault {
    TemplateFault { template: None, start: 0, end: 0, message }
}
