//! The policies as scalegen renders them: thresholds, delays and bounds for Foundry, an HPA and a ScaledObject.

use super::autoscaler_parts::{behavior, metrics, part, tolerates};
use super::{AutoscalerKind, nanos, scaled_object, whole};
use crate::model::time::Duration;
use crate::model::{ClusterAutoscaler, ClusterOptions, Service, Signal, Val, releases};
use crate::simulate::policy::ReplicaPolicy;
use crate::simulate::schedule::Schedule;
use crate::simulate::{foundry, hpa};

/// The policy of one service.
pub(super) fn policy(
    service: &Service,
    cluster: Option<&ClusterOptions>,
    kind: AutoscalerKind,
    schedule: &Schedule,
) -> Result<ReplicaPolicy, String> {
    match kind {
        AutoscalerKind::Fixed(count) => Ok(ReplicaPolicy::Fixed(whole(count.unwrap_or_else(|| service.fixed())))),
        AutoscalerKind::Foundry => Ok(ReplicaPolicy::Foundry(foundry(service))),
        AutoscalerKind::Hpa => hpa(service, cluster),
        AutoscalerKind::Keda => scaled_object::policy(service, cluster, schedule),
    }
}

fn foundry(service: &Service) -> foundry::FoundrySetup {
    let scaling = &service.autoscaling;
    // Foundry has its own delays, whatever the signal's defaults are elsewhere
    let or = |delay: Val<Duration>, own: Duration| if delay.written { delay.value } else { own };
    foundry::FoundrySetup {
        up: part(scaling.up.threshold.value),
        down: part(scaling.down.threshold.value),
        up_delay: nanos(or(scaling.up.delay, Duration::seconds(60))),
        down_delay: nanos(or(scaling.down.delay, Duration::seconds(1800))),
        concurrency: whole(service.slots_each()),
        outside: foundry::Outside::Jump,
    }
}

fn hpa(service: &Service, cluster: Option<&ClusterOptions>) -> Result<ReplicaPolicy, String> {
    let (metrics, signals) = metrics(service)?;
    let tolerates = tolerates(cluster, ClusterAutoscaler::Hpa);
    let mut config = hpa::HpaSetup::new(metrics).behavior(behavior(service, tolerates, tolerates));
    let release = cluster.and_then(|cluster| cluster.release);
    if releases::has(release, releases::SCALE_TO_ZERO) {
        config = config.release(hpa::Release::V1_37);
    }
    Ok(ReplicaPolicy::Hpa { config, signals })
}

/// Whether the threshold of scale-down has any effect.
pub(super) fn reads_down(service: &Service, cluster: Option<&ClusterOptions>, kind: AutoscalerKind) -> bool {
    match kind {
        AutoscalerKind::Foundry => true,
        AutoscalerKind::Keda => {
            service.autoscaling.signal.value == Signal::Load || tolerates(cluster, ClusterAutoscaler::Keda)
        }
        AutoscalerKind::Hpa => tolerates(cluster, ClusterAutoscaler::Hpa),
        AutoscalerKind::Fixed(_) => false,
    }
}

/// Whether a minimum of 0 is rendered as 0 for this autoscaler.
pub(super) fn sleeps(service: &Service, cluster: Option<&ClusterOptions>, kind: AutoscalerKind) -> bool {
    let load = service.autoscaling.signal.value == Signal::Load;
    let release = cluster.and_then(|cluster| cluster.release);
    match kind {
        AutoscalerKind::Hpa => load && releases::has(release, releases::SCALE_TO_ZERO),
        AutoscalerKind::Keda if service.is_moved_by_clock() => true,
        AutoscalerKind::Keda => {
            load && service.autoscaling.prometheus.as_ref().is_some_and(|asked| asked.queued.is_some())
        }
        AutoscalerKind::Foundry | AutoscalerKind::Fixed(_) => true,
    }
}
