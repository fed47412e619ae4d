//! Runs jobs on the user's own templates in a process that can be killed. Starts no process.
//!
//! Steps are counted (fuel), but an expression can do a lot in one step: a list that is doubled sixty times is
//! small, but never ends when it is compared, joined or printed, and a template can nest deeper than any stack. Only a process
//! that can be killed, with limits of the system, is safe from all of that.

use super::engine;
use super::job::TemplateJob;

/// Runs jobs in this very process: for trusted templates, or if this process is the one to be killed.
///
/// # Errors
/// None; only another process can fail.
pub fn here(job: &str) -> Result<String, String> {
    Ok(answer(job))
}

/// Runs a job and serializes its answer.
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
