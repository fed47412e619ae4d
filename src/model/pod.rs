//! The fields of a replica besides its container: probes, placement, account, security. Knows no target.

use super::time::Duration;
use super::{Health, Val};
use crate::support::source::FieldSpan;

/// Fields that only a cluster has. A service without any of them has none of this.
#[derive(Clone, Debug, Default)]
pub struct PodSettings {
    /// The probe whose failures restart a replica.
    pub liveness: Option<Health>,
    /// The probe that must succeed before any other.
    pub startup: Option<Health>,
    /// How long a stopping replica continues to serve before it is told to stop.
    pub drain_delay: Option<Val<Duration>>,
    /// Labels that a node must have.
    pub node_selector: Vec<NamedText>,
    /// Taints that the replicas tolerate.
    pub tolerations: Vec<Toleration>,
    /// The service account of the replicas.
    pub service_account: Option<Val<String>>,
    /// Labels of every object of the service.
    pub labels: Vec<NamedText>,
    /// Annotations of the replicas.
    pub annotations: Vec<NamedText>,
    /// The security settings of the replicas.
    pub security: Option<PodSecurity>,
}

impl PodSettings {
    /// Both probes, each with its field.
    pub fn probes(&self) -> impl Iterator<Item = (&'static str, &Health)> {
        let all = [("liveness", &self.liveness), ("startup", &self.startup)];
        all.into_iter().filter_map(|(field, probe)| Some((field, probe.as_ref()?)))
    }
}

/// One entry of a map of texts.
#[derive(Clone, Debug)]
pub struct NamedText {
    /// Its key.
    pub name: String,
    /// Its value and the place of the entry.
    pub value: Val<String>,
}

/// A toleration. An unset field matches any value.
#[derive(Clone, Debug)]
pub struct Toleration {
    /// The list item.
    pub at: FieldSpan,
    /// Key of the taint.
    pub key: Option<Val<String>>,
    /// Value of the taint.
    pub value: Option<Val<String>>,
    /// The effect of the taint.
    pub effect: Option<Val<TaintEffect>>,
    /// How long a replica stays; forever if unset.
    pub seconds: Option<Val<u32>>,
}

/// The effect of a taint on replicas that do not tolerate it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the spec")]
pub enum TaintEffect {
    NoSchedule,
    PreferNoSchedule,
    NoExecute,
}

impl TaintEffect {
    pub(super) const WORDS: [(&'static str, TaintEffect); 3] = [
        ("NoSchedule", TaintEffect::NoSchedule),
        ("PreferNoSchedule", TaintEffect::PreferNoSchedule),
        ("NoExecute", TaintEffect::NoExecute),
    ];

    /// The word of the spec.
    #[must_use]
    pub fn word(self) -> &'static str {
        super::word_of(&TaintEffect::WORDS, &self)
    }
}

/// The security settings of a replica.
#[derive(Clone, Debug)]
pub struct PodSecurity {
    /// The field.
    pub at: FieldSpan,
    /// The profile of Pod Security that they satisfy.
    pub profile: Val<SecurityProfile>,
    /// The user of the processes; the image's user if unset.
    pub user: Option<Val<u32>>,
    /// The group of the processes; the image's if unset.
    pub group: Option<Val<u32>>,
    /// The group that owns volumes.
    pub volume_group: Option<Val<u32>>,
    /// Whether the image's files are read-only.
    pub read_only: Val<bool>,
}

/// A profile of Pod Security.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the spec")]
pub enum SecurityProfile {
    Restricted,
    Baseline,
}

impl SecurityProfile {
    pub(super) const WORDS: [(&'static str, SecurityProfile); 2] =
        [("restricted", SecurityProfile::Restricted), ("baseline", SecurityProfile::Baseline)];

    /// The word of the spec.
    #[must_use]
    pub fn word(self) -> &'static str {
        super::word_of(&SecurityProfile::WORDS, &self)
    }
}
