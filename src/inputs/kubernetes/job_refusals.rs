//! Values of Jobs and CronJobs that the API server refuses. Knows no other object.
//!
//! The source is kubernetes/kubernetes, `pkg/apis/batch/validation/validation.go`.

use super::access::{entry, word};
use super::cron;
use super::refused::{Say, is_placeholder, refused};
use crate::syntax::Node;

/// `validateJobSpec`: an indexed Job counts its indexes.
pub(super) fn indexed(node: &Node, say: Say<'_>) {
    let mode = entry(node, "completionMode").filter(|mode| &*mode.node.text == "Indexed");
    match (mode, entry(node, "completions"), entry(node, "backoffLimitPerIndex")) {
        (Some(mode), None, _) => {
            let what = "`completionMode: Indexed` has no `completions`".to_owned();
            refused(say, mode.at().place(), what, "add `completions`");
        }
        (None, _, Some(limit)) if matches!(word(node, "completionMode"), "" | "NonIndexed") => {
            let what = "`backoffLimitPerIndex` is set for a Job without indexes".to_owned();
            refused(say, limit.at().key(), what, "write `completionMode: Indexed`, or take it out");
        }
        _ => {}
    }
}

/// `validateScheduleFormat`.
pub(super) fn schedule(node: &Node, say: Say<'_>) {
    let Some(schedule) = entry(node, "schedule").filter(|own| own.node.as_str().is_some()) else { return };
    let text = &*schedule.node.text;
    if let Some((why, help)) = cron::fault(text, true).filter(|_| !is_placeholder(text)) {
        refused(say, schedule.at().place(), format!("the schedule `{}` {why}", text.escape_debug()), help);
    }
}
