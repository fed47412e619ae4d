//! How long a run goes on before anything of it is scored (W11). Knows no job.

use super::SimulatedService;
use crate::simulate::policy::ReplicaPolicy;
use crate::simulate::{HOUR, Nanos, hpa};

/// W11.
pub(super) fn warm_up(service: &SimulatedService) -> Nanos {
    service.warm_up.unwrap_or_else(|| of_policy(&service.policy))
}

fn of_policy(policy: &ReplicaPolicy) -> Nanos {
    let plain = |config: &hpa::HpaSetup| config.downscale_stabilization;
    let window = match policy {
        ReplicaPolicy::Fixed(_) => 0,
        ReplicaPolicy::Foundry(config) => config.down_delay,
        ReplicaPolicy::Hpa { config, .. } => {
            let behavior = config.behavior.as_ref();
            behavior.and_then(|behavior| behavior.scale_down.window).unwrap_or_else(|| plain(config))
        }
        ReplicaPolicy::Keda { config, .. } => {
            let behavior = config.behavior.as_ref();
            behavior.and_then(|behavior| behavior.scale_down.window).unwrap_or(config.cooldown).max(config.cooldown)
        }
    };
    window.max(HOUR / 2)
}
