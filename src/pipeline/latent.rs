//! What is wrong with parts of files that are off: judged as if each were on, by itself, and told apart from what runs. Knows no rule's
//! meaning.
//!
//! What is off does nothing, so only what contradicts itself there is told: every place of such a finding lies in the part that is off.
//! What would come of the part beside the rest (a budget for one replica) is for whoever turns it on and sees it then.

use super::run::SpecRun;
use super::run_parts::BaseKey;
use crate::check::rules;
use crate::inputs::base::{LatentPart, LatentSwitch};
use crate::inputs::spec::profiles::MergedSpec;
use crate::support::diagnostic::{Collector, Finding, Severity};

/// The rule of all of them.
const RULE: &str = "fault-if-enabled";

impl SpecRun<'_> {
    /// Judges each part that is off; `laid` is the spec that says nothing.
    pub(super) fn latent(&mut self, parts: Vec<LatentPart>, laid: &MergedSpec) {
        for LatentPart { switch, mut project } in parts {
            let live = std::mem::replace(&mut self.collector, Collector::new(rules::severity));
            for finding in std::mem::take(&mut project.findings) {
                self.collector.add(None, finding);
            }
            let index = self.bases.len();
            project.hand_over(&mut self.merged, &mut self.known);
            self.bases.push((BaseKey::default(), project));
            let effective = self.effective(laid, Some(index), None);
            self.rules(&effective, &[], None, None);
            self.bases.truncate(index);
            let found = std::mem::replace(&mut self.collector, live).finish();
            for finding in found {
                let places = || std::iter::once(finding.at).chain(finding.related.iter().map(|one| one.place));
                let counts = finding.severity > Severity::Note && places().all(|place| switch.holds(place));
                if counts && !self.collector.has(finding.rule.clone(), finding.at) {
                    self.collector.add(None, of_part(finding, &switch));
                }
            }
        }
    }
}

/// The finding as one of what is off.
fn of_part(finding: Finding, part: &LatentSwitch) -> Finding {
    let message = format!("if {}: {} ({})", part.condition, finding.message, finding.rule);
    let (help, related) = (finding.help, finding.related);
    let mut latent = Finding::of(RULE, finding.at, message);
    (latent.help, latent.related) = (help, related);
    latent.label(part.at, "off here")
}
