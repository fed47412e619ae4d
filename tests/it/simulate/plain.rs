//! A second HPA, written again from the statements in the plainest way: lists that are scanned, slots as the controller
//! has them, one map of pods. It counts the branches that it takes and can be given one fault at a time.

use super::faults::Fault;
use scalegen::simulate::hpa::{
    ExternalTarget, HpaSetup, HpaTick, Metric, Phase, Pod, PodReading, PodResource, PodSample, Pods, PolicyKind,
    Reading, Ready, ResourceTarget, Rules, Select,
};
use scalegen::simulate::{Nanos, SECOND};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy)]
struct Event {
    at: Nanos,
    change: i32,
    outdated: bool,
}

/// Pods by what S13 makes of them.
struct Groups {
    used: BTreeMap<usize, i64>,
    unready: Vec<usize>,
    missing: Vec<usize>,
    asked: Vec<i64>,
}

/// The second HPA.
#[derive(Debug)]
pub(super) struct Plain {
    config: HpaSetup,
    fault: Option<Fault>,
    proposals: Option<Vec<(Nanos, i32)>>,
    ups: Vec<Event>,
    downs: Vec<Event>,
    slept: bool,
    /// How often each branch was taken.
    pub(super) taken: BTreeMap<String, u64>,
}

impl Plain {
    pub(super) fn new(config: HpaSetup, fault: Option<Fault>) -> Self {
        let (ups, downs) = (Vec::new(), Vec::new());
        Plain { config, fault, proposals: None, ups, downs, slept: false, taken: BTreeMap::new() }
    }

    fn is(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    fn took(&mut self, branch: &str) {
        if self.fault.is_some() {
            return;
        }
        match self.taken.get_mut(branch) {
            Some(count) => *count += 1,
            None => drop(self.taken.insert(branch.to_owned(), 1)),
        }
    }

    fn proposals(&mut self) -> &mut Vec<(Nanos, i32)> {
        self.proposals.get_or_insert_default()
    }

    pub(super) fn tick(&mut self, tick: &HpaTick) -> i32 {
        let (now, current) = (tick.now, tick.current);
        let (min, max) = (tick.bounds.min, tick.bounds.max);
        if self.proposals.is_none() {
            let first = if self.is(Fault::FirstCountForgotten) { vec![] } else { vec![(now, current)] };
            self.proposals = Some(first);
        }
        if current == 0 {
            let outside = self.config.metrics.iter().any(|m| matches!(m, Metric::External(_) | Metric::Object(_)));
            let woken = self.slept || self.is(Fault::PersonsZeroWakes);
            if !self.config.scale_to_zero || !woken || (min == 0 && !outside) {
                self.took("S3 off");
                return 0;
            }
            self.took(if min == 0 { "Z2 asked at zero" } else { "Z2 asked at zero with a minimum" });
        } else if current > max || current < min {
            let jump = if current > max { max } else { min };
            self.took(if current > max { "S3 above max" } else { "S3 below min" });
            if !self.is(Fault::JumpIsNoEvent) {
                self.store_event(now, current, jump);
            }
            self.settle_sleep(tick, jump);
            return jump;
        }
        let Some(proposal) = self.proposal(tick) else {
            self.took("S5 failed tick");
            if self.is(Fault::FailedTickStores) {
                self.proposals().push((now, current));
            }
            return current;
        };
        self.took("S3 metrics");
        let proposal = if self.is(Fault::ClampedBeforeWindow) { proposal.clamp(min, max) } else { proposal };
        let mut wanted = if self.config.behavior.is_some() {
            self.with_behavior(tick, proposal)
        } else {
            self.without_behavior(tick, proposal)
        };
        if current == 0 && wanted < min && !self.is(Fault::MinimumAtZeroInSteps) {
            self.took("Z5 minimum at zero");
            wanted = min;
        }
        if wanted != current {
            self.store_event(now, current, wanted);
            self.settle_sleep(tick, wanted);
        }
        wanted
    }

    fn settle_sleep(&mut self, tick: &HpaTick, wanted: i32) {
        let outside = self.config.metrics.iter().any(|m| matches!(m, Metric::External(_) | Metric::Object(_)));
        self.slept = self.config.scale_to_zero && tick.current > 0 && wanted == 0 && tick.bounds.min == 0 && outside;
        if self.slept {
            self.took("Z6 slept");
        }
    }

    // S21
    fn without_behavior(&mut self, tick: &HpaTick, proposal: i32) -> i32 {
        let cutoff = tick.now - self.config.downscale_stabilization;
        let excluded = self.is(Fault::PlainWindowEndExcluded);
        let young = |at: Nanos| if excluded { at > cutoff } else { at >= cutoff };
        let kept: Vec<i32> = self.proposals().iter().filter(|(at, _)| young(*at)).map(|(_, stored)| *stored).collect();
        let held = kept.into_iter().chain([proposal]).max().unwrap();
        if held != proposal {
            self.took("S21 down window binds");
        }
        self.proposals().push((tick.now, proposal));
        let cap = match self.fault {
            Some(Fault::NoCap) => i32::MAX,
            Some(Fault::CapWithoutFour) => tick.current * 2,
            _ => (2 * tick.current).max(4),
        };
        if held > cap && cap < tick.bounds.max {
            self.took(if cap == 4 { "S21 cap of four" } else { "S21 cap" });
        }
        if held < tick.bounds.min { tick.bounds.min } else { held.min(cap.min(tick.bounds.max)) }
    }

    // S18, S19
    fn with_behavior(&mut self, tick: &HpaTick, proposal: i32) -> i32 {
        let behavior = self.config.behavior.clone().unwrap();
        let current = tick.current;
        let up_window = behavior.scale_up.window.unwrap_or(0);
        let down_window = behavior.scale_down.window.unwrap_or(self.config.downscale_stabilization);
        let included = self.is(Fault::WindowEndIncluded);
        let young = |at: Nanos, window: Nanos| if included { at >= tick.now - window } else { at > tick.now - window };
        let (mut least, mut most) = (proposal, proposal);
        for (at, stored) in self.proposals().iter() {
            if young(*at, up_window) {
                least = least.min(*stored);
            }
            if young(*at, down_window) {
                most = most.max(*stored);
            }
        }
        let mut stable = current;
        if stable < least {
            stable = least;
        }
        if stable > most {
            stable = most;
        }
        if proposal > current && stable < proposal {
            self.took("S18 up window binds");
        }
        if proposal < current && stable > proposal {
            self.took("S18 down window binds");
        }
        let stored = if self.is(Fault::StabilizedStored) { stable } else { proposal };
        self.proposals().push((tick.now, stored));
        if stable > current {
            let limit = self.limit(tick, &behavior.scale_up, true);
            let limit = if self.is(Fault::LimitCutsBelowCurrent) { limit } else { limit.max(current) };
            stable.min(limit).min(tick.bounds.max)
        } else if stable < current {
            let limit = self.limit(tick, &behavior.scale_down, false);
            let limit = if self.is(Fault::LimitCutsBelowCurrent) { limit } else { limit.min(current) };
            stable.max(limit).max(tick.bounds.min)
        } else {
            stable
        }
    }

    fn policies(rules: &Rules, up: bool) -> Vec<(PolicyKind, i32, Nanos)> {
        match &rules.policies {
            Some(policies) => policies.iter().map(|policy| (policy.kind, policy.value, policy.period)).collect(),
            None if up => vec![(PolicyKind::Pods, 4, 15 * SECOND), (PolicyKind::Percent, 100, 15 * SECOND)],
            None => vec![(PolicyKind::Percent, 100, 15 * SECOND)],
        }
    }

    fn limit(&mut self, tick: &HpaTick, rules: &Rules, up: bool) -> i32 {
        let select = rules.select.unwrap_or(Select::Max);
        let name = if up { "up" } else { "down" };
        if select == Select::Disabled && !self.is(Fault::DisabledIgnored) {
            self.took(&format!("S19 {name} Disabled"));
            return tick.current;
        }
        let mut limits = Vec::new();
        for (kind, value, period) in Self::policies(rules, up) {
            let added = self.changes(tick.now, period, &self.ups);
            let removed = self.changes(tick.now, period, &self.downs);
            let start = match (self.is(Fault::OwnEventsOnly), up) {
                (false, _) => tick.current - added + removed,
                (true, true) => tick.current - added,
                (true, false) => tick.current + removed,
            };
            limits.push((self.allowed(kind, value, start, up), kind));
        }
        let largest = (select == Select::Max || self.is(Fault::MinIsMax)) == up;
        let (limit, kind) = if largest {
            *limits.iter().max_by_key(|(limit, _)| *limit).unwrap()
        } else {
            *limits.iter().min_by_key(|(limit, _)| *limit).unwrap()
        };
        self.took(&format!("S19 {name} {kind:?} {select:?} binds"));
        limit
    }

    #[allow(clippy::cast_possible_truncation)]
    fn allowed(&self, kind: PolicyKind, value: i32, start: i32, up: bool) -> i32 {
        let (start_float, value_float) = (f64::from(start), f64::from(value));
        match (kind, up) {
            (PolicyKind::Pods, true) => start + value,
            (PolicyKind::Pods, false) => start - value,
            (PolicyKind::Percent, true) if self.is(Fault::PercentUpRoundsDown) => {
                (start_float * (1.0 + value_float / 100.0)).floor() as i32
            }
            (PolicyKind::Percent, true) if self.is(Fault::PercentInFractions) => {
                let whole = i64::from(start) * (100 + i64::from(value));
                (whole.div_euclid(100) + i64::from(whole.rem_euclid(100) > 0)) as i32
            }
            (PolicyKind::Percent, true) => (start_float * (1.0 + value_float / 100.0)).ceil() as i32,
            (PolicyKind::Percent, false) if self.is(Fault::PercentDownRoundsUp) => {
                (start_float * (1.0 - value_float / 100.0)).ceil() as i32
            }
            (PolicyKind::Percent, false) => (start_float * (1.0 - value_float / 100.0)).trunc() as i32,
        }
    }

    fn changes(&self, now: Nanos, period: Nanos, events: &[Event]) -> i32 {
        let included = self.is(Fault::PeriodEndIncluded);
        let young = |at: Nanos| if included { at >= now - period } else { at > now - period };
        events.iter().filter(|event| young(event.at)).map(|event| event.change).sum()
    }

    // S20
    fn store_event(&mut self, now: Nanos, before: i32, after: i32) {
        let Some(behavior) = self.config.behavior.clone() else { return };
        let up = after > before;
        let longest = |rules: &Rules, up| Self::policies(rules, up).iter().map(|policy| policy.2).max().unwrap();
        let (own, other) = (longest(&behavior.scale_up, true), longest(&behavior.scale_down, false));
        let (own, other) = if up { (own, other) } else { (other, own) };
        let list = self.is(Fault::EventsAreAList);
        let first = self.is(Fault::FirstOutdatedOverwritten);
        let events = if up { &mut self.ups } else { &mut self.downs };
        for event in events.iter_mut() {
            if event.at < now - own {
                event.outdated = true;
            }
        }
        let outdated: Vec<usize> =
            events.iter().enumerate().filter(|(_, event)| event.outdated).map(|(index, _)| index).collect();
        let slot = if first { outdated.first() } else { outdated.last() };
        let new = Event { at: now, change: (after - before).abs(), outdated: false };
        let mut inside = false;
        match slot {
            Some(slot) if !list => {
                inside = events[*slot].at > now - other;
                events[*slot] = new;
            }
            _ => events.push(new),
        }
        if slot.is_some() {
            self.took(if inside { "S20 overwrites inside the other period" } else { "S20 overwrites" });
        }
    }

    // S5
    fn proposal(&mut self, tick: &HpaTick) -> Option<i32> {
        let metrics = self.config.metrics.clone();
        let mut proposals = Vec::new();
        for (metric, reading) in metrics.iter().zip(tick.readings) {
            if let Some(proposal) = self.of_metric(tick, metric, reading) {
                proposals.push(proposal);
            }
        }
        let failed = metrics.len() - proposals.len();
        let best = if self.is(Fault::SmallestMetricWins) { proposals.iter().min() } else { proposals.iter().max() };
        let best = *best?;
        if failed > 0 {
            self.took("S5 some metrics failed");
            if best < tick.current && !self.is(Fault::FailedMetricsIgnored) {
                self.took("S5 fall refused");
                return None;
            }
        }
        if proposals.len() > 1 {
            self.took("S5 several metrics");
        }
        Some(best.max(0))
    }

    // S6, S7
    fn within(&mut self, ratio: f64) -> bool {
        let (mut up, mut down) = (self.config.tolerance, self.config.tolerance);
        if let Some(behavior) = &self.config.behavior {
            up = behavior.scale_up.tolerance.unwrap_or(up);
            down = behavior.scale_down.tolerance.unwrap_or(down);
        }
        if self.is(Fault::TolerancesSwapped) {
            std::mem::swap(&mut up, &mut down);
        }
        #[allow(clippy::float_cmp)]
        if ratio == 1.0 - down {
            self.took("S6 exact lower end");
            return !self.is(Fault::LowerEndExcluded);
        }
        #[allow(clippy::float_cmp)]
        if ratio == 1.0 + up {
            self.took("S6 exact upper end");
            return !self.is(Fault::UpperEndExcluded);
        }
        ratio > 1.0 - down && ratio < 1.0 + up
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
    fn of_metric(&mut self, tick: &HpaTick, metric: &Metric, reading: &Reading) -> Option<i32> {
        match (metric, reading) {
            (Metric::External(ExternalTarget::AverageValue(target)), Reading::Total(value)) => {
                let value = if *value < 0 && !self.is(Fault::NegativeSumStays) { i64::MAX } else { *value };
                Some(self.average_value(tick, *target, value))
            }
            (Metric::Object(ExternalTarget::AverageValue(target)), Reading::Total(value)) => {
                Some(self.average_value(tick, *target, *value))
            }
            (
                Metric::External(ExternalTarget::Value(target)) | Metric::Object(ExternalTarget::Value(target)),
                Reading::Total(value),
            ) => {
                let ratio = *value as f64 / *target as f64;
                if tick.current == 0 && !self.is(Fault::ToleranceAtZero) {
                    self.took("S9 at zero");
                    return Some(ratio.ceil() as i32);
                }
                if self.within(ratio) {
                    return Some(tick.current);
                }
                let ready = self.ready(tick)?;
                Some((ratio * f64::from(ready)).ceil() as i32)
            }
            (Metric::Pods { average }, Reading::Pods(readings)) => {
                self.of_pods(tick, PodResource::Other, None, *average, readings)
            }
            (
                Metric::Resource(resource, target) | Metric::ContainerResource(resource, target),
                Reading::Pods(readings),
            ) => match target {
                ResourceTarget::Utilization(percent) => self.of_pods(tick, *resource, Some(*percent), 0, readings),
                ResourceTarget::AverageValue(average) => self.of_pods(tick, *resource, None, *average, readings),
            },
            _ => None,
        }
    }

    // S8
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
    fn average_value(&mut self, tick: &HpaTick, target: i64, value: i64) -> i32 {
        let replicas = if self.is(Fault::AverageOfSpec) { tick.current } else { tick.status };
        let ratio = value as f64 / (target as f64 * f64::from(replicas));
        if self.within(ratio) {
            self.took("S8 inside");
            return if self.is(Fault::HoldProposesSpec) { tick.current } else { replicas };
        }
        let quotient = value as f64 / target as f64;
        if self.is(Fault::AverageRoundsDown) { quotient.floor() as i32 } else { quotient.ceil() as i32 }
    }

    // S9
    fn ready(&self, tick: &HpaTick) -> Option<i32> {
        let Pods::List(pods) = tick.pods else { panic!("pods come as a list") };
        if pods.is_empty() {
            return None;
        }
        let counts = |pod: &&Pod| {
            self.is(Fault::ValueCountsAllPods)
                || (pod.phase == Phase::Running
                    && pod.ready == Ready::True
                    && !(self.is(Fault::ValueLeavesTerminating) && pod.deleted))
        };
        Some(i32::try_from(pods.iter().filter(counts).count()).unwrap())
    }

    // S13
    fn counts_for(&self, now: Nanos, resource: PodResource, pod: &Pod, sample: PodSample) -> bool {
        if resource != PodResource::Cpu && !self.is(Fault::MemoryAsksReadiness) {
            return true;
        }
        let not_ready = pod.ready == Ready::False || (self.is(Fault::UnknownIsUnready) && pod.ready == Ready::Unknown);
        let Some(started) = pod.started else { return false };
        if pod.ready == Ready::Absent {
            return false;
        }
        let over = started + self.config.cpu_initialization;
        let initial = if self.is(Fault::InitializationIsLonger) { over >= now } else { over > now };
        let fresh = sample.at >= pod.ready_changed + sample.window;
        let never_ready = started + self.config.initial_readiness_delay > pod.ready_changed;
        if initial { !not_ready && fresh } else { !(not_ready && never_ready) }
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
    fn ratio(&self, percent: Option<i32>, average: i64, used: &BTreeMap<usize, i64>, asked: &[i64]) -> Option<f64> {
        let total: i64 = used.values().sum();
        let Some(percent) = percent else {
            if self.is(Fault::AverageNotTruncated) {
                return Some(total as f64 / used.len() as f64 / average as f64);
            }
            return Some((total / i64::try_from(used.len()).unwrap()) as f64 / average as f64);
        };
        let requests: i64 = used.keys().map(|index| asked[*index]).sum();
        if requests == 0 {
            return None;
        }
        if self.is(Fault::UtilizationNotTruncated) {
            return Some(total as f64 * 100.0 / requests as f64 / f64::from(percent));
        }
        Some(f64::from((total * 100 / requests) as i32) / f64::from(percent))
    }

    // S12, S13
    fn groups(
        &mut self,
        now: Nanos,
        resource: PodResource,
        percent: Option<i32>,
        pods: &[Pod],
        readings: &[PodReading],
    ) -> Option<Groups> {
        let mut used: BTreeMap<usize, i64> = BTreeMap::new();
        let (mut unready, mut missing, mut asked) = (Vec::new(), Vec::new(), Vec::new());
        for (index, (pod, reading)) in pods.iter().zip(readings).enumerate() {
            let ignored = (pod.deleted && !self.is(Fault::DeletedPodsCount)) || pod.phase == Phase::Failed;
            let needed = percent.is_some() && !(ignored && self.is(Fault::RequestsOfCountingPodsOnly));
            if needed && reading.request.is_none() {
                self.took("S12 request missing");
                return None;
            }
            asked.push(reading.request.unwrap_or(0));
            match reading.sample {
                _ if ignored => {}
                _ if pod.phase == Phase::Pending => unready.push(index),
                None => missing.push(index),
                Some(sample) if self.counts_for(now, resource, pod, sample) => {
                    used.insert(index, sample.value);
                }
                Some(_) => unready.push(index),
            }
        }
        Some(Groups { used, unready, missing, asked })
    }

    // S11, S14 to S16
    fn of_pods(
        &mut self,
        tick: &HpaTick,
        resource: PodResource,
        percent: Option<i32>,
        average: i64,
        readings: &[PodReading],
    ) -> Option<i32> {
        let Pods::List(pods) = tick.pods else { panic!("pods come as a list") };
        let Groups { mut used, unready, mut missing, asked } =
            self.groups(tick.now, resource, percent, pods, readings)?;
        if used.is_empty() {
            self.took("S16 no sample");
            return None;
        }
        let ready = used.keys().filter(|index| pods[**index].ready == Ready::True).count();
        let count = if self.is(Fault::OnlyReadyPodsCount) { ready } else { used.len() };
        let ratio = self.ratio(percent, average, &used, &asked)?;
        let rising = !unready.is_empty() && ratio > 1.0 && !self.is(Fault::UnreadyLeftOut);
        if self.is(Fault::MissingLeftOut) {
            missing.clear();
        }
        if !rising && missing.is_empty() {
            self.took("S14");
            return Some(if self.within(ratio) { tick.current } else { rounded_up(ratio, count) });
        }
        for index in &missing {
            let assumed = match percent {
                _ if self.is(Fault::MissingUseNothing) => 0,
                Some(_) if self.is(Fault::MissingUseTheRequest) => asked[*index],
                Some(percent) => asked[*index] * i64::from(percent.max(100)) / 100,
                None => average,
            };
            if ratio < 1.0 {
                self.took("S15 missing pods hold a fall");
                used.insert(*index, assumed);
            } else if ratio > 1.0 {
                self.took("S15 missing pods hold a rise");
                used.insert(*index, 0);
            }
        }
        if rising {
            self.took("S15 unready pods hold a rise");
            used.extend(unready.iter().map(|index| (*index, 0)));
        }
        let new = self.ratio(percent, average, &used, &asked)?;
        self.rebalanced(tick, ratio, new, used.len())
    }

    // S15
    fn rebalanced(&mut self, tick: &HpaTick, ratio: f64, new: f64, count: usize) -> Option<i32> {
        if self.within(new) {
            self.took("S15 inside");
            return Some(tick.current);
        }
        if ((ratio < 1.0 && new > 1.0) || (ratio > 1.0 && new < 1.0)) && !self.is(Fault::DirectionNotChecked) {
            self.took("S15 other direction");
            return Some(tick.current);
        }
        let replicas = rounded_up(new, count);
        let against = (new < 1.0 && replicas > tick.current) || (new > 1.0 && replicas < tick.current);
        if against && !self.is(Fault::ResultNotChecked) {
            self.took("S15 against the direction");
            return Some(tick.current);
        }
        self.took("S15 result");
        Some(replicas)
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
fn rounded_up(ratio: f64, count: usize) -> i32 {
    (ratio * count as f64).ceil() as i32
}
