//! What rules, scenarios and sums ask about the options of a target. Knows no target: those that have an answer give it in their `META`.

use super::backing::TargetOptions;
use super::releases::{self, ReleaseNumber};
use crate::support::source::FieldSpan;

/// The autoscaler of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClusterAutoscaler {
    /// The HorizontalPodAutoscaler, part of Kubernetes.
    Hpa,
    /// A ScaledObject of KEDA.
    Keda,
    /// Nothing moves the number of replicas.
    None,
}

impl ClusterAutoscaler {
    /// Whether it has tolerances in these releases of Kubernetes and KEDA; a ScaledObject passes them on.
    #[must_use]
    pub fn tolerates(self, kubernetes: Option<ReleaseNumber>, keda: Option<ReleaseNumber>) -> bool {
        releases::has(kubernetes, releases::TOLERANCE)
            && match self {
                ClusterAutoscaler::Hpa => true,
                ClusterAutoscaler::Keda => releases::has(keda, releases::KEDA_TOLERANCE),
                ClusterAutoscaler::None => false,
            }
    }
}

/// What the options of a target say that writes objects of Kubernetes.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    /// The target's name.
    pub target: String,
    /// The target's entry in the spec.
    pub at: FieldSpan,
    /// The autoscaler that it writes.
    pub autoscaler: ClusterAutoscaler,
    /// Whether the autoscaler is written in the spec: else a base may have another one.
    pub names_autoscaler: bool,
    /// The release of Kubernetes that will read the files, if one is named.
    pub release: Option<ReleaseNumber>,
    /// The release of KEDA that will read them, if one is named.
    pub keda_release: Option<ReleaseNumber>,
    /// The namespace of every object, if one is named.
    pub namespace: Option<String>,
    /// Whether every pod satisfies the profile `restricted` of Pod Security.
    pub is_restricted: bool,
}

impl ClusterOptions {
    /// Whether the autoscaler has tolerances in every release that will read the files.
    #[must_use]
    pub fn tolerates(&self) -> bool {
        self.tolerates_by(self.autoscaler)
    }

    /// The same of another autoscaler in the same releases.
    #[must_use]
    pub fn tolerates_by(&self, autoscaler: ClusterAutoscaler) -> bool {
        autoscaler.tolerates(self.release, self.keda_release)
    }
}

/// What the options of a target say that spreads requests over replicas.
#[derive(Clone, Copy, Debug)]
pub struct BalancerOptions {
    /// Whether it runs on the host, where it reaches published ports only; `None` if that follows from the project.
    pub on_host: Option<bool>,
    /// The port on which it answers.
    pub listen: u16,
}

impl TargetOptions {
    /// The options of the target with this name as written, or none at this place.
    #[must_use]
    pub fn of(written: &[TargetOptions], name: &str, at: FieldSpan) -> TargetOptions {
        let own = written.iter().find(|target| target.name == name).cloned();
        own.unwrap_or_else(|| TargetOptions { name: name.to_owned(), at, options: Vec::new() })
    }
}
