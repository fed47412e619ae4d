//! The autoscaler of a run: its loops, and what each step came from.

use super::watch::Scrapes;
use super::world::World;
use crate::simulate::fixed::Fixed;
use crate::simulate::foundry::{self, Foundry};
use crate::simulate::hpa::{self, Hpa, Metric, PodReading, Pods, Reading};
use crate::simulate::keda::{KedaMemory, Values};
use crate::simulate::policy::{MetricSource, Observation, ReplicaPolicy, TriggerFormula};
use crate::simulate::{Bounds, Nanos};
use serde::Serialize;

/// A change of `spec.replicas`, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Move {
    /// The instant.
    pub at: Nanos,
    /// Replicas before.
    pub from: i32,
    /// Replicas after.
    pub to: i32,
    /// The cause.
    pub by: ChangedBy,
    /// The metrics' proposal, if there was one.
    pub proposal: Option<i32>,
    /// The proposal after the windows.
    pub stabilized: Option<i32>,
    /// What policies allowed.
    pub limit: Option<i32>,
}

/// What changed `spec.replicas`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangedBy {
    /// Metrics or load.
    Load,
    /// Bounds that changed: no flap.
    Bounds,
    /// KEDA's own loop, or a request that woke a module.
    Activation,
}

/// The result of an evaluation.
#[derive(Debug, Clone, Copy)]
pub(super) struct EvaluationResult {
    pub(super) replicas: i32,
    pub(super) by: ChangedBy,
    pub(super) proposal: Option<i32>,
    pub(super) stabilized: Option<i32>,
    pub(super) limit: Option<i32>,
}

impl EvaluationResult {
    pub(super) fn without_proposal(replicas: i32, by: ChangedBy) -> Self {
        EvaluationResult { replicas, by, proposal: None, stabilized: None, limit: None }
    }

    /// Whether the proposal is above `max`.
    pub(super) fn wants_above(&self, max: i32) -> bool {
        self.stabilized.or(self.proposal).is_some_and(|wanted| wanted > max)
    }
}

/// The running autoscaler.
#[derive(Debug)]
pub(super) enum Control<'a> {
    Fixed(Fixed),
    Foundry(Foundry),
    Hpa(Box<Hpa>, &'a [MetricSource]),
    Keda(Box<KedaMemory>, Box<Hpa>, &'a [MetricSource], Option<&'a TriggerFormula>),
}

impl<'a> Control<'a> {
    pub(super) fn new(policy: &'a ReplicaPolicy, from: Nanos) -> Self {
        match policy {
            ReplicaPolicy::Fixed(replicas) => Control::Fixed(Fixed { replicas: *replicas }),
            ReplicaPolicy::Foundry(config) => Control::Foundry(Foundry::new(*config)),
            ReplicaPolicy::Hpa { config, signals } => Control::Hpa(Box::new(Hpa::new(config.clone())), signals),
            ReplicaPolicy::Keda { config, signals, formula } => {
                let mut config = config.clone();
                config.created = from;
                let keda = KedaMemory::new(config);
                let hpa = Hpa::new(keda.hpa_config());
                Control::Keda(Box::new(keda), Box::new(hpa), signals, formula.as_ref())
            }
        }
    }

    pub(super) fn signals(&self) -> &'a [MetricSource] {
        match self {
            Control::Hpa(_, signals) | Control::Keda(_, _, signals, _) => signals,
            _ => &[],
        }
    }

    /// KEDA's polling interval.
    pub(super) fn polling(&self) -> Option<Nanos> {
        if let Control::Keda(keda, ..) = self { Some(keda.config().polling) } else { None }
    }

    /// The bounds that hold: KEDA's own, else the schedule's.
    pub(super) fn bounds(&self, scheduled: Bounds) -> Bounds {
        match self {
            Control::Keda(keda, ..) => Bounds { min: keda.config().min, max: keda.config().max },
            _ => scheduled,
        }
    }

    /// One sync. `blind`: nothing is recorded at this time, so metrics fail.
    pub(super) fn sync(
        &mut self,
        world: &World,
        scrapes: &Scrapes,
        seen: &Observation,
        blind: bool,
    ) -> EvaluationResult {
        let bounds = world.bounds;
        let current = world.standing.slow.spec;
        match self {
            Control::Fixed(fixed) => EvaluationResult::without_proposal(fixed.tick(bounds), ChangedBy::Bounds),
            Control::Foundry(foundry) => {
                let Some(last) = scrapes.last_scrape(world.now - seen.lag).filter(|_| !blind) else {
                    return EvaluationResult::without_proposal(current, ChangedBy::Load);
                };
                evaluate(foundry, world, last, bounds)
            }
            Control::Hpa(hpa, signals) => {
                let shown = ShownToHpa::new(hpa.config(), signals, world, scrapes, seen, blind);
                sync_hpa(hpa, world, &shown, bounds)
            }
            Control::Keda(keda, hpa, signals, formula) => {
                let values = trigger_values(signals, world, scrapes, seen, blind);
                let result = formula_value(*formula, &values);
                let mut readings = Vec::new();
                let ready = i32::try_from(world.slots.len()).unwrap_or(i32::MAX);
                keda.readings(current, ready, Values { triggers: &values, formula: result }, &mut readings);
                let own: Vec<MetricSource> = signals.iter().filter(|signal| is_of_pods(signal)).cloned().collect();
                let mut shown = ShownToHpa::new(hpa.config(), &own, world, scrapes, seen, blind);
                shown.outside = readings.iter().map(total_of).collect();
                sync_hpa(hpa, world, &shown, keda.hpa_bounds())
            }
        }
    }

    /// KEDA's own loop.
    pub(super) fn poll(
        &mut self,
        world: &World,
        scrapes: &Scrapes,
        seen: &Observation,
        blind: bool,
    ) -> Option<EvaluationResult> {
        let Control::Keda(keda, _, signals, formula) = self else { return None };
        let values = trigger_values(signals, world, scrapes, seen, blind);
        let formula = formula_value(*formula, &values);
        let replicas = keda.poll(world.now, world.standing.slow.spec, Values { triggers: &values, formula })?;
        Some(EvaluationResult::without_proposal(replicas, ChangedBy::Activation))
    }

    /// What a job that comes at 0 replicas does (F5).
    pub(super) fn request(&mut self, world: &World) -> Option<EvaluationResult> {
        let Control::Foundry(foundry) = self else { return None };
        let replicas = foundry.request(world.now, world.standing.slow.spec, world.bounds)?;
        Some(EvaluationResult::without_proposal(replicas, ChangedBy::Activation))
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn evaluate(
    foundry: &mut Foundry,
    world: &World,
    last: &crate::simulate::policy::Gauges,
    bounds: Bounds,
) -> EvaluationResult {
    let current = world.standing.slow.spec;
    let tick = foundry::FoundryTick {
        now: world.now,
        current,
        existing: last.existing,
        bounds,
        running: last.running as f64,
        waiting: last.queued > 0,
    };
    let outside = !(bounds.min..=bounds.max).contains(&current);
    let replicas = foundry.tick(&tick);
    let mut verdict =
        EvaluationResult::without_proposal(replicas, if outside { ChangedBy::Bounds } else { ChangedBy::Load });
    // at max the rule wants one more while load is high
    let one_more = current >= bounds.max && foundry.load(&tick) >= foundry.up();
    verdict.proposal = one_more.then(|| current.saturating_add(1));
    verdict
}

fn is_of_pods(signal: &MetricSource) -> bool {
    matches!(signal, MetricSource::Cpu | MetricSource::RunningPerPod)
}

fn total_of(reading: &Reading) -> Option<i64> {
    if let Reading::Total(total) = reading { Some(*total) } else { None }
}

fn trigger_values(
    signals: &[MetricSource],
    world: &World,
    scrapes: &Scrapes,
    seen: &Observation,
    blind: bool,
) -> Vec<Option<f64>> {
    let at = world.now - seen.lag;
    let value = |signal: &MetricSource| match signal {
        _ if blind => None,
        MetricSource::Cpu | MetricSource::RunningPerPod => Some(0.0),
        _ => scrapes.value(signal, at),
    };
    signals.iter().map(value).collect()
}

fn formula_value(formula: Option<&TriggerFormula>, values: &[Option<f64>]) -> Option<f64> {
    let values: Option<Vec<f64>> = values.iter().copied().collect();
    (formula?.0)(&values?)
}

/// What an HPA is shown at one sync.
struct ShownToHpa {
    /// Totals of External and Object metrics, in their order; `None` fails.
    outside: Vec<Option<i64>>,
    /// Pods and what each metric of pods reads of them, in their order.
    pods: Vec<crate::simulate::hpa::Pod>,
    inside: Vec<Vec<PodReading>>,
    blind: bool,
}

impl ShownToHpa {
    fn new(
        config: &hpa::HpaSetup,
        signals: &[MetricSource],
        world: &World,
        scrapes: &Scrapes,
        seen: &Observation,
        blind: bool,
    ) -> Self {
        let mut shown = ShownToHpa { outside: Vec::new(), pods: Vec::new(), inside: Vec::new(), blind };
        let at = world.now - seen.lag;
        for signal in signals {
            if is_of_pods(signal) {
                let (pods, readings) = world.pods(signal, seen);
                shown.pods = pods;
                shown.inside.push(readings);
            } else {
                shown.outside.push(scrapes.value(signal, at).filter(|_| !blind).map(milli));
            }
        }
        let value = |metric: &Metric| {
            matches!(
                metric,
                Metric::External(hpa::ExternalTarget::Value(_)) | Metric::Object(hpa::ExternalTarget::Value(_))
            )
        };
        if shown.pods.is_empty() && config.metrics.iter().any(value) {
            shown.pods = world.pods(&MetricSource::Running, seen).0;
        }
        shown
    }
}

/// Milli-units, to the nearest one.
#[expect(clippy::cast_possible_truncation, reason = "it saturates")]
fn milli(value: f64) -> i64 {
    (value * 1000.0).round() as i64
}

fn sync_hpa(hpa: &mut Hpa, world: &World, shown: &ShownToHpa, bounds: Bounds) -> EvaluationResult {
    let (mut outside, mut inside) = (shown.outside.iter(), shown.inside.iter());
    let mut reading = |metric: &Metric| match metric {
        _ if shown.blind => Reading::Failed,
        Metric::External(_) | Metric::Object(_) => {
            outside.next().copied().flatten().map_or(Reading::Failed, Reading::Total)
        }
        _ => inside.next().map_or(Reading::Failed, |readings| Reading::Pods(readings)),
    };
    // one metric is the rule, and needs no list of its own
    let (mut one, mut many) = (None, Vec::new());
    match hpa.config().metrics.as_slice() {
        [metric] => one = Some(reading(metric)),
        metrics => many.extend(metrics.iter().map(reading)),
    }
    let readings = one.as_slice();
    let readings = if readings.is_empty() { many.as_slice() } else { readings };
    let status = i32::try_from(world.alive.len()).unwrap_or(i32::MAX);
    let tick = hpa::HpaTick {
        now: world.now,
        current: world.standing.slow.spec,
        status,
        bounds,
        pods: Pods::List(&shown.pods),
        readings,
    };
    let decision = hpa.tick(&tick);
    let jump = matches!(decision.reason, hpa::Reason::AboveMax | hpa::Reason::BelowMin);
    EvaluationResult {
        replicas: decision.replicas,
        by: if jump { ChangedBy::Bounds } else { ChangedBy::Load },
        proposal: decision.proposal,
        stabilized: decision.stabilized,
        limit: decision.limit,
    }
}
