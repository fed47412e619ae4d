//! Lowers `workload`: what is known of a service's jobs.

use super::read::{ValueReader, get};
use crate::model::Val;
use crate::model::time::Duration;
use crate::model::work::{Dispatch, Distribution, LOGNORMAL_MOST, ServiceTime, StartTime, Work};
use crate::syntax::Entry;

/// Reads `workload`, if it is written.
pub(super) fn read(reader: &mut ValueReader, entry: Option<&Entry>) -> Option<Box<Work>> {
    let entry = reader.formed(entry, false).filter(|entry| !entry.node.is_null())?;
    Some(Box::new(work(reader, entry)))
}

fn work(reader: &mut ValueReader, entry: &Entry) -> Work {
    let map = Some(entry);
    Work {
        at: entry.at(),
        service_time: service_time(reader, written(get(map, "serviceTime"))),
        dispatch: reader.word(get(map, "dispatch"), &Dispatch::WORDS),
        cpu_per_job: reader.cpu(get(map, "cpuPerJob")),
        idle: reader.cpu(get(map, "idle")),
        queue_limit: reader.int(get(map, "queueLimit")),
        patience: reader.duration(get(map, "patience")),
        deadline: reader.duration(get(map, "deadline")),
        retry: reader.flag(get(map, "retry")),
        start: start(reader, written(get(map, "start"))),
    }
}

/// A part that is not empty.
fn written(entry: Option<&Entry>) -> Option<&Entry> {
    entry.filter(|entry| !entry.node.is_null() && !entry.node.entries().is_empty())
}

fn service_time(reader: &mut ValueReader, entry: Option<&Entry>) -> Option<ServiceTime> {
    let entry = entry?;
    let mean = reader.duration(get(Some(entry), "mean"));
    let p95 = reader.duration(get(Some(entry), "p95"));
    let form = reader.word(get(Some(entry), "distribution"), &Distribution::WORDS);
    let mean = reader.or_lost(mean)?;
    if mean.value.0 == 0 {
        reader.report(
            "invalid-value",
            mean.at.place(),
            "a job that takes no time is no work".into(),
            "write `1s` or more",
        );
        return None;
    }
    let usual = if p95.is_some() { Distribution::Lognormal } else { Distribution::Exponential };
    let distribution = form.unwrap_or_else(|| Val::default_at(usual, entry.at()));
    let time = ServiceTime { at: entry.at(), mean, p95, distribution };
    fits(reader, &time).then_some(time)
}

/// Whether the form and its numbers go together.
fn fits(reader: &mut ValueReader, time: &ServiceTime) -> bool {
    let (mean, form) = (time.mean.value, time.distribution);
    let Some(p95) = time.p95 else {
        if form.value == Distribution::Lognormal {
            let message = "a log-normal time needs its 95th percentile".to_owned();
            reader.report("missing-field", form.place(), message, "add `p95`, or write `distribution: exponential`");
            return false;
        }
        return true;
    };
    if form.value != Distribution::Lognormal {
        let message = format!("the p95 of {} is not used: the distribution is {}", p95.value, form.value.word());
        reader.report("invalid-value", p95.at.place(), message, "remove it, or write `distribution: lognormal`");
        return false;
    }
    let most = Duration(mean.0.saturating_mul(LOGNORMAL_MOST) / 1000);
    if p95.value <= mean {
        let message = format!("a p95 of {} is not above the mean of {mean}", p95.value);
        reader.report("invalid-value", p95.at.place(), message, format!("write more than {mean}, and at most {most}"));
        return false;
    }
    if p95.value > most {
        let message = format!("no log-normal time with a mean of {mean} has a p95 of {}, above {most}", p95.value);
        reader.report("invalid-value", p95.at.place(), message, format!("write at most {most}, or another mean"));
        return false;
    }
    true
}

fn start(reader: &mut ValueReader, entry: Option<&Entry>) -> Option<StartTime> {
    let entry = entry?;
    let p50 = reader.duration(get(Some(entry), "p50"));
    let p95 = reader.duration(get(Some(entry), "p95"));
    let p50 = reader.or_lost(p50)?;
    if let Some(p95) = p95.filter(|p95| p95.value < p50.value) {
        let message = format!("a p95 of {} is below the median of {}", p95.value, p50.value);
        reader.report("invalid-value", p95.at.place(), message, format!("write at least {}", p50.value));
        return None;
    }
    Some(StartTime { at: entry.at(), p50, p95 })
}
