//! Answers jobs on the user's own templates, in a process that can be stopped. Starts no process.
//!
//! Steps are counted (fuel), but not all that an expression does is a step: a list made of twice itself, sixty times over, is
//! small and has no end when it is compared, joined or printed, and a template can nest deeper than any stack. Only a process
//! that can be stopped, with bounds that the system keeps, is safe from all of it.

use super::engine;
use super::job::TemplateJob;

/// Does jobs in this very process: for templates that are trusted, or where the process is one to be stopped.
///
/// # Errors
/// None; only the process can fail.
pub fn here(job: &str) -> Result<String, String> {
    Ok(answer(job))
}

/// Does a job and writes down what came of it.
#[must_use]
pub fn answer(job: &str) -> String {
    let answered = serde_json::from_str(job).and_then(|job| match job {
        TemplateJob::Check(templates) => {
            let faults = templates.iter().map(|(name, text)| engine::fault(name, text));
            serde_json::to_string(&faults.collect::<Vec<_>>())
        }
        TemplateJob::Render(render) => serde_json::to_string(&engine::text(render)),
    });
    // a job that cannot be read gets an answer that cannot be read
    answered.unwrap_or_default()
}
