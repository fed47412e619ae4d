//! A service of another tool's file, as far as compose can run it: reports what compose cannot run, and what is left out. Knows the facts of
//! a base, and no key of compose.

use super::LoweredPlan;
use crate::inputs::ReplicationMode;
use crate::inputs::base::BaseProject;
use crate::plan::Workload;
use crate::targets::foreign_base;

/// Whether a service can be written as a whole; reports the parts that cannot.
pub(super) fn stands(base: &BaseProject, workload: &Workload, out: &mut LoweredPlan) -> bool {
    let Some(member) = base.service(&workload.name) else { return true };
    let name = &workload.name;
    match member.facts.mode.as_ref().map(|mode| (&mode.value, mode.at)) {
        Some((ReplicationMode::Job | ReplicationMode::GlobalJob, at)) => {
            let message = format!("`{name}` is not written: it runs to its end, and compose would start it again");
            out.lost(at, message, "run it by hand, or write it in a file of your own");
            return false;
        }
        Some((ReplicationMode::Global, at)) => {
            let message =
                format!("`{name}` runs on each machine, and compose knows one: {} is written", workload.fixed);
            out.lost(at, message, "");
        }
        _ => {}
    }
    if workload.image.is_none() {
        let message = format!("`{name}` is not written: {} names no image for it", base.name);
        out.lost(member.facts.at, message, format!("write `image` for `{name}`"));
        return false;
    }
    foreign_base::report_losses(base, workload, out);
    true
}
