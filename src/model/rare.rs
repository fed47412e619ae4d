//! What few services have, behind one pointer: a large spec has thousands of services without. Knows no other part of a service.

use super::placement::Load;
use super::time::Duration;
use super::work::Work;
use super::{BrokenWindow, Disruption, Expose, PodSettings, Spread, Update, Val, Volume};
use crate::support::rare::RareFields;
use crate::support::thin_vec::ThinVec;
use std::sync::LazyLock;

/// What few services have.
#[derive(Clone, Debug, Default)]
pub struct RareOfService {
    /// Entry point.
    pub command: Option<Box<Val<Vec<String>>>>,
    /// Arguments.
    pub args: Option<Box<Val<Vec<String>>>>,
    /// Windows of which something could not be read.
    pub broken_windows: ThinVec<BrokenWindow>,
    /// The kafka backing service whose partitions bound the useful replicas.
    pub partitioned_by: Option<Box<Val<String>>>,
    /// Variables every replica must receive with the same value.
    pub shared_secrets: ThinVec<Val<String>>,
    /// How a load balancer reaches it.
    pub expose: Option<Box<Expose>>,
    /// Persistent volumes.
    pub volumes: ThinVec<Volume>,
    /// How a new version replaces the old; `None` if unset.
    pub written_update: Option<Box<Update>>,
    /// Time to stop in after the first signal.
    pub stop_grace_period: Option<Val<Duration>>,
    /// Its disruption budget.
    pub disruption: Option<Val<Disruption>>,
    /// What replicas are spread over.
    pub spread: Option<Val<Spread>>,
    /// What is known of its jobs.
    pub work: Option<Box<Work>>,
    /// Fields of a replica that only a cluster has; `None` if none of them is set.
    pub pod: Option<Box<PodSettings>>,
    /// Requests of other containers of each replica, which only a base has.
    pub beside: Load,
}

impl RareFields for RareOfService {
    fn none() -> &'static RareOfService {
        static NONE: LazyLock<RareOfService> = LazyLock::new(RareOfService::default);
        &NONE
    }

    fn is_none(&self) -> bool {
        let RareOfService {
            command,
            args,
            broken_windows,
            partitioned_by,
            shared_secrets,
            expose,
            volumes,
            written_update,
            stop_grace_period,
            disruption,
            spread,
            work,
            pod,
            beside,
        } = self;
        command.is_none()
            && args.is_none()
            && broken_windows.is_empty()
            && partitioned_by.is_none()
            && shared_secrets.is_empty()
            && expose.is_none()
            && volumes.is_empty()
            && written_update.is_none()
            && stop_grace_period.is_none()
            && disruption.is_none()
            && spread.is_none()
            && work.is_none()
            && pod.is_none()
            && *beside == Load::default()
    }
}
