//! Lowers `autoscaling`: how the number of replicas follows the load. Defaults depend on the signal.

use super::read::{ValueReader, get};
use crate::model::quantity::Share;
use crate::model::time::Duration;
use crate::model::{Autoscaling, Prometheus, ScalingRule, Signal, Step, StepSelect, StepSize, Val};
use crate::support::source::FieldSpan;
use crate::syntax::{Entry, Node, Value};

const SIGNALS: [(&str, Signal); 3] = [("load", Signal::Load), ("cpu", Signal::Cpu), ("memory", Signal::Memory)];

/// The defaults of a direction: seconds of delay, replicas and percent of a step, seconds of a step.
struct Usual {
    delay: u64,
    replicas: Option<u32>,
    percent: Option<u32>,
    /// `None`: the delay.
    every: Option<u64>,
}

/// One replica a delay, as Foundry's compute modules scale.
const LOAD: [Usual; 2] = [
    Usual { delay: 60, replicas: Some(1), percent: None, every: None },
    Usual { delay: 1800, replicas: Some(1), percent: None, every: None },
];
/// Kubernetes' own defaults (pkg/apis/autoscaling/v2/defaults.go, the same from 1.23 to 1.36).
const RESOURCE: [Usual; 2] = [
    Usual { delay: 0, replicas: Some(4), percent: Some(100), every: Some(15) },
    Usual { delay: 300, replicas: None, percent: Some(100), every: Some(15) },
];

/// Reads `autoscaling`.
pub(super) fn read(reader: &mut ValueReader, entry: Option<&Entry>, service: FieldSpan) -> Autoscaling {
    let rule = entry.map(|written| rule(reader, entry, written.at()));
    Autoscaling::new(entry.map_or(service, Entry::at), rule)
}

/// What holds for a service that says nothing of it.
pub(in crate::model) fn usual(service: FieldSpan) -> ScalingRule {
    rule(&mut ValueReader { findings: Vec::new(), broken: false }, None, service)
}

fn rule(reader: &mut ValueReader, entry: Option<&Entry>, at: FieldSpan) -> ScalingRule {
    let prometheus = get(get(entry, "metrics"), "prometheus").and_then(|entry| {
        let server = reader.text(get(Some(entry), "server"));
        let running = reader.text(get(Some(entry), "running"));
        let queued = reader.text(get(Some(entry), "queued"));
        let (server, running) = reader.or_lost(server.zip(running))?;
        Some(Box::new(Prometheus { at: entry.at(), server, running, queued }))
    });
    let mut signals = signals(reader, get(entry, "signal"));
    let usual = if prometheus.is_some() { Signal::Load } else { Signal::Cpu };
    // the rule of steps for load is the strictest
    let first = signals.iter().position(|signal| signal.value == Signal::Load).unwrap_or(0);
    let signal = if signals.is_empty() { Val::default_at(usual, at) } else { signals.remove(first) };
    let [usual_up, usual_down] = if signal.value == Signal::Load { LOAD } else { RESOURCE };
    let mut up = step(reader, get(entry, "scaleUp"), at, &usual_up);
    let mut down = step(reader, get(entry, "scaleDown"), at, &usual_down);
    // a single written threshold is the one target, and the place to change it
    match ["scaleUp", "scaleDown"].map(|step| get(get(entry, step), "threshold").is_some()) {
        [true, false] => down.threshold = Val { written: false, ..up.threshold },
        [false, true] => up.threshold = Val { written: false, ..down.threshold },
        _ => {}
    }
    let predictive = reader.flag(get(entry, "predictive")).unwrap_or_else(|| Val::default_at(false, at));
    ScalingRule { signal, further: signals, up, down, predictive, prometheus }
}

/// One signal, or a list of them.
fn signals(reader: &mut ValueReader, entry: Option<&Entry>) -> Vec<Val<Signal>> {
    let Some(entry) = entry else { return Vec::new() };
    let Value::Seq(items) = &entry.node.value else {
        return reader.word(Some(entry), &SIGNALS).into_iter().collect();
    };
    let known = |item: &Node| SIGNALS.iter().find(|(word, _)| item.as_str() == Some(word)).map(|(_, signal)| *signal);
    let mut signals = Vec::with_capacity(items.len());
    for item in items {
        // the schema reports a value that is not a signal
        if let Some(signal) = reader.or_lost(known(item)) {
            signals.push(Val::new(signal, item.at()));
        }
    }
    signals
}

fn step(reader: &mut ValueReader, entry: Option<&Entry>, above: FieldSpan, usual: &Usual) -> Step {
    let at = entry.map_or(above, Entry::at);
    let threshold = reader.share(get(entry, "threshold"));
    let delay = reader.duration(get(entry, "delay"));
    let every = reader.duration(get(entry, "every"));
    let size = size(reader, get(entry, "step"), at, usual);
    Step {
        threshold: threshold.unwrap_or_else(|| Val::default_at(Share(Share::ONE / 4 * 3), at)),
        delay: delay.unwrap_or_else(|| Val::default_at(Duration::seconds(usual.delay), at)),
        every: every.or_else(|| usual.every.map(|every| Val::default_at(Duration::seconds(every), at))),
        size,
        tolerance: reader.share(get(entry, "tolerance")),
    }
}

fn size(reader: &mut ValueReader, entry: Option<&Entry>, above: FieldSpan, usual: &Usual) -> StepSize {
    let at = entry.map_or(above, Entry::at);
    let replicas = reader.int(get(entry, "replicas"));
    let percent = reader.int(get(entry, "percent"));
    let select =
        reader.word(get(entry, "select"), &StepSelect::WORDS).unwrap_or_else(|| Val::default_at(StepSelect::Max, at));
    let written = replicas.is_some() || percent.is_some();
    let default = |size: Option<u32>| size.filter(|_| !written).map(|size| Val::default_at(size, at));
    StepSize {
        at,
        written,
        replicas: replicas.or_else(|| default(usual.replicas)),
        percent: percent.or_else(|| default(usual.percent)),
        select,
    }
}
