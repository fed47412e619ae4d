//! Finds a request of cpu together with the target of an autoscaler on cpu, because each depends on the other. Knows no load.

use crate::model::Service;
use crate::model::quantity::{Cpu, Share};

/// A request and the target that belongs to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Joint {
    /// The new request in thousandths of a core.
    pub request: u64,
    /// The new target of scale-up in whole percent of it.
    pub up: u32,
    /// The new target of scale-down, in the same unit.
    pub down: u32,
    /// Cores of a pod at which it scales up now.
    pub trigger_before: f64,
    /// Cores of a pod at which it will scale up, after rounding.
    pub trigger: f64,
}

/// The least request, in thousandths of a core (the floor of KRR).
const LEAST: u64 = 10;

/// The cpu that all slots of a pod want at once becomes its request. The target is scaled by the inverse factor, so that
/// request × target, the cores at which the autoscaler acts, stays the same.
///
/// # Errors
/// What is missing, or a target that no pod could reach.
pub fn joint(service: &Service) -> Result<Joint, String> {
    let name = &service.name;
    let work = service.work.as_deref();
    let per_job = work.and_then(|work| work.cpu_per_job).map(|cpu| cpu.value.0).filter(|cpu| *cpu > 0);
    let per_job = per_job.ok_or_else(|| {
        format!("{name}: the request of cpu stays: with signal cpu it follows only from the cores of a job; write `workload: {{ cpuPerJob: 250m }}`")
    })?;
    let idle = work.and_then(|work| work.idle).map_or(0, |idle| idle.value.0);
    let Some(before) = service.reserved_cpu().map(|cpu| cpu.value).filter(|cpu| cpu.0 > 0) else {
        return Err(format!("{name}: signal cpu is a share of the request, and none is written"));
    };
    let all = per_job.saturating_mul(u64::from(service.slots_each())).saturating_add(idle);
    let request = all.div_ceil(Cpu::CORE / 1000).max(LEAST);
    let (up, down) = (service.autoscaling.up.threshold.value, service.autoscaling.down.threshold.value);
    let percent = |share: Share| {
        let wide = u128::from(share.0) * u128::from(before.0) * 100;
        let whole = u128::from(Share::ONE) * u128::from(request) * u128::from(Cpu::CORE / 1000);
        u32::try_from((2 * wide + whole) / (2 * whole)).unwrap_or(u32::MAX)
    };
    let (up, down_percent) = (percent(up), percent(down).min(percent(up)));
    let limit = service.resources.limits.cpu.map(|limit| limit.value);
    if let Some(limit) = limit {
        let millis = limit.millis();
        if request > millis {
            return Err(format!(
                "{name}: all slots want {request}m at once, above the limit of {limit}: raise it or lower `concurrency`"
            ));
        }
        let most = 100 * millis / request;
        if u64::from(up) > most {
            return Err(format!(
                "{name}: the target would be {up} % of a request of {request}m, and a pod reaches at most {most} % at its limit of {limit}"
            ));
        }
    }
    if down_percent == 0 {
        return Err(format!("{name}: the target would be 0 % of a request of {request}m"));
    }
    Ok(Joint {
        request,
        up,
        down: down_percent,
        trigger_before: cores(service.autoscaling.up.threshold.value, before),
        trigger: rounded(up, request),
    })
}

#[expect(clippy::cast_precision_loss, reason = "it is for reading")]
fn cores(share: Share, request: Cpu) -> f64 {
    share.0 as f64 / Share::ONE as f64 * (request.0 as f64 / Cpu::CORE as f64)
}

#[expect(clippy::cast_precision_loss, reason = "it is for reading")]
fn rounded(percent: u32, millis: u64) -> f64 {
    f64::from(percent) / 100.0 * (millis as f64 / 1000.0)
}

/// Bytes in whole MiB, as they are written: `512Mi`, `2Gi`.
#[must_use]
pub fn megabytes(bytes: u64) -> String {
    let mebibytes = bytes.div_ceil(1 << 20);
    if mebibytes.is_multiple_of(1024) { format!("{}Gi", mebibytes / 1024) } else { format!("{mebibytes}Mi") }
}
