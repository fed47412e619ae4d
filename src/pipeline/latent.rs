//! Checks parts of files that are off as if each were on, by itself, and reports them apart from what runs. Knows no rule's
//! meaning.
//!
//! A part that is off does nothing, so only contradictions within it are reported: every place of such a finding is in the part that is off.
//! Problems of the part together with the rest (a budget for one replica) will be reported once it is on.

use super::run::SpecRun;
use super::run_parts::BaseKey;
use crate::check::rules;
use crate::inputs::base::{LatentPart, LatentSwitch};
use crate::inputs::spec::profiles::MergedSpec;
use crate::support::diagnostic::{Collector, Finding, Severity};

/// The rule of all these findings.
const RULE: &str = "fault-if-enabled";

impl SpecRun<'_> {
    /// Checks each part that is off; `laid` is the empty spec.
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
                let places = || std::iter::once(finding.at).chain(finding.related.iter().map(|label| label.place));
                let counts = finding.severity > Severity::Note && places().all(|place| switch.holds(place));
                if counts && !self.collector.has(finding.rule.clone(), finding.at) {
                    self.collector.add(None, of_part(finding, &switch));
                }
            }
        }
    }
}

/// The finding as one about a part that is off.
fn of_part(finding: Finding, part: &LatentSwitch) -> Finding {
    let message = format!("if {}: {} ({})", part.condition, finding.message, finding.rule);
    let (help, related) = (finding.help, finding.related);
    let mut latent = Finding::of(RULE, finding.at, message);
    (latent.help, latent.related) = (help, related);
    latent.label(part.at, "off here")
}
