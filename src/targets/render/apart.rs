//! Work on templates of the user's own as a text that goes to a process of its own, and what comes back. Starts no process.
//!
//! Steps are counted (fuel), but not all that an expression does is a step: a list made of twice itself, sixty times over, is
//! small and has no end when it is compared, joined or printed, and a template can nest deeper than any stack. Only a process
//! that can be stopped, with bounds that the system keeps, is safe from all of it.

use super::engine;
use crate::support::source::Span;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::borrow::Cow;

/// Has a job done: takes the job's text to where [`answer`] may fail, never end or take all memory, and brings back what it
/// says.
///
/// # Errors
/// Why nothing came back, to stand in a finding: lowercase, no full stop.
pub type Runner = fn(job: &str) -> Result<String, String>;

/// Does jobs in this very process: for templates that are trusted, or where the process is one to be stopped.
///
/// # Errors
/// None; only the process can fail.
pub fn here(job: &str) -> Result<String, String> {
    Ok(answer(job))
}

/// What is to be done.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Job<'a> {
    /// Read these templates (name and text), without running them.
    Check(Vec<(Cow<'a, str>, Cow<'a, str>)>),
    /// Run one.
    Render(Render<'a>),
}

/// One file to write by a template of the user's.
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

/// What is wrong with a template.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Fault {
    /// Which of the user's it is; none where no place is known.
    pub(super) template: Option<String>,
    start: u32,
    end: u32,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(template: Option<String>, span: Span, message: String) -> Fault {
        let Span { start, end } = span;
        Fault { template, start, end, message }
    }

    pub(super) fn span(&self) -> Span {
        Span { start: self.start, end: self.end }
    }
}

/// Does a job and writes down what came of it.
#[must_use]
pub fn answer(job: &str) -> String {
    let answered = serde_json::from_str(job).and_then(|job| match job {
        Job::Check(templates) => {
            let faults = templates.iter().map(|(name, text)| engine::fault(name, text));
            serde_json::to_string(&faults.collect::<Vec<_>>())
        }
        Job::Render(render) => serde_json::to_string(&engine::text(render)),
    });
    // what is no answer is one that cannot be read
    answered.unwrap_or_default()
}

/// Why the user's templates cannot be read, in their order.
pub(super) fn check(runner: Runner, templates: &[(&str, &str)]) -> Vec<Option<Fault>> {
    let borrowed = templates.iter().map(|(name, text)| (Cow::Borrowed(*name), Cow::Borrowed(*text)));
    match (ask::<Vec<Option<Fault>>>(runner, &Job::Check(borrowed.collect())), templates) {
        (Ok(faults), _) if faults.len() == templates.len() => faults,
        (_, []) => Vec::new(),
        (Ok(_), [_]) => vec![Some(nowhere(UNREADABLE.to_owned()))],
        (Err(why), [_]) => vec![Some(nowhere(why))],
        // one of them is to blame
        _ => templates.iter().flat_map(|one| check(runner, std::slice::from_ref(one))).collect(),
    }
}

/// What one of the user's templates writes.
pub(super) fn render(runner: Runner, render: Render<'_>) -> Result<String, Fault> {
    match ask(runner, &Job::Render(render)) {
        Ok(written) => written,
        Err(why) => Err(nowhere(why)),
    }
}

const UNREADABLE: &str = "the process that reads templates gave no answer";

fn ask<T: for<'de> Deserialize<'de>>(runner: Runner, job: &Job<'_>) -> Result<T, String> {
    let job = serde_json::to_string(job).map_err(|error| error.to_string())?;
    serde_json::from_str(&runner(&job)?).map_err(|_| UNREADABLE.to_owned())
}

fn nowhere(message: String) -> Fault {
    Fault { template: None, start: 0, end: 0, message }
}
