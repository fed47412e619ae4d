//! What the autoscaler of a chart does not hold: delays, steps, a second threshold, load. Writes no value.

use super::losses::Losses;
use super::values::percent;
use crate::inputs::helm::conventions::Convention;
use crate::plan::{Autoscaling, Share, Signal, Workload};
use crate::support::source::FieldSpan;

impl Losses<'_> {
    /// What the autoscaler of a chart, one target for cpu and one for memory, does not hold.
    pub(super) fn signal(&mut self, workload: &Workload) {
        let scaling = &workload.autoscaling;
        let (up, down) = (&scaling.up, &scaling.down);
        let load = scaling.watches(Signal::Load);
        for signal in scaling.signals() {
            match signal.value {
                Signal::Load => self.load(scaling),
                Signal::Cpu => self.utilization(scaling, "targetCPU", ("targetMemory", Signal::Memory)),
                Signal::Memory => self.utilization(scaling, "targetMemory", ("targetCPU", Signal::Cpu)),
            }
        }
        if down.threshold.written && (load || down.threshold.value != up.threshold.value) {
            let message = format!(
                "scale-down at {} is not written: the chart's autoscaler has one target both ways",
                down.threshold.value
            );
            self.lowered.lost(down.threshold.at, message, format!("write {}, or remove it", up.threshold.value));
        }
        for (what, delay) in [("up", up.delay), ("down", down.delay)] {
            if delay.written {
                let message = format!(
                    "scale-{what} after {} is not written: the values have no key for its behaviour",
                    delay.value
                );
                self.lowered.lost(delay.at, message, "remove it: Kubernetes' own 0s up and 5m down hold");
            }
        }
        self.steps(scaling);
        self.other_sources(scaling);
    }

    /// How much a step changes, and how far the signal may stray.
    fn steps(&mut self, scaling: &Autoscaling) {
        for (what, step) in [("up", &scaling.up), ("down", &scaling.down)] {
            let size = step.size.written.then(|| (step.size.at, format!("in steps of {}", step.size.text())));
            let every =
                step.every.filter(|every| every.written).map(|every| (every.at, format!("every {}", every.value)));
            let tolerance =
                step.tolerance.map(|tolerance| (tolerance.at, format!("with a tolerance of {}", tolerance.value)));
            for (at, said) in size.into_iter().chain(every).chain(tolerance) {
                let message = format!("scale-{what} {said} is not written: the values have no key for its behaviour");
                self.lowered.lost(at, message, "remove it: Kubernetes' own steps and tolerance hold");
            }
        }
    }

    /// Load is not a target of such an autoscaler.
    fn load(&mut self, scaling: &Autoscaling) {
        let up = &scaling.up;
        let message = "signal load is not written: the chart's autoscaler watches cpu and memory, with its own targets";
        self.lowered.lost(
            at_or(scaling.signal.written, scaling.signal.at, scaling.at),
            message,
            "write `signal: cpu` with a threshold for it",
        );
        if up.threshold.written {
            let message =
                format!("{} of the concurrency is not a target of the chart's autoscaler", up.threshold.value);
            self.lowered.lost(up.threshold.at, message, "write `signal: cpu` with a threshold for it");
        }
    }

    /// A target of cpu or memory under one key, and the chart's own target for the `other`, by key and by name.
    fn utilization(&mut self, scaling: &Autoscaling, word: &str, (other, beside): (&str, Signal)) {
        let up = &scaling.up;
        if up.threshold.written || scaling.signal.written {
            let at = at_or(up.threshold.written, up.threshold.at, scaling.signal.at);
            self.needs("target", at, &[word]);
        }
        let whole = Share(percent(up.threshold.value) * (Share::ONE / 100));
        if up.threshold.written && whole != up.threshold.value && self.table.has(word) {
            let message = format!("{} is not written: a target is whole percent, {whole}", up.threshold.value);
            self.lowered.lost(up.threshold.at, message, format!("write {whole}"));
        }
        if !self.table.of_base
            && self.table.convention != Some(Convention::HelmCreate)
            && self.table.has(other)
            && scaling.written
            && !scaling.watches(beside)
        {
            let beside = beside.word();
            let message =
                format!("the chart's own target for {beside} stays beside it: the larger number of the two counts");
            let at = at_or(scaling.signal.written, scaling.signal.at, scaling.at);
            self.lowered.ignored(at, message, format!("set the target for {beside} in values of your own"));
        }
    }

    /// Prediction and metrics, which such an autoscaler does not know.
    fn other_sources(&mut self, scaling: &Autoscaling) {
        if scaling.predictive.value {
            self.lowered.lost(
                scaling.predictive.at,
                "the chart's autoscaler follows the load, it does not predict it",
                "remove it",
            );
        }
        if let Some(prometheus) = &scaling.prometheus {
            let message = "the metrics are not written: the chart's autoscaler asks the cluster's metrics API";
            self.lowered.lost(
                FieldSpan { block: true, ..prometheus.at },
                message,
                "use the kubernetes target with `autoscaler: keda`",
            );
        }
    }
}

fn at_or(written: bool, at: FieldSpan, or: FieldSpan) -> FieldSpan {
    if written { at } else { FieldSpan { block: true, ..or } }
}
