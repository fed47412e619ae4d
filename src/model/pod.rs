//! What one replica is beside its container: probes of their own, where it may run, whose it is, what it may do. Knows no target.

use super::time::Duration;
use super::{Health, Val};
use crate::support::source::FieldSpan;

/// Fields that only a cluster has. A service without any of them has none of this.
#[derive(Clone, Debug, Default)]
pub struct PodSettings {
    /// After whose failures a replica is started again.
    pub liveness: Option<Health>,
    /// What is asked before any other question.
    pub startup: Option<Health>,
    /// How long a replica that is to go serves on before it is told to stop.
    pub drain_delay: Option<Val<Duration>>,
    /// Labels of the nodes that may take a replica.
    pub node_selector: Vec<NamedText>,
    /// Taints that keep no replica away.
    pub tolerations: Vec<Toleration>,
    /// Under whose name replicas talk to the cluster.
    pub service_account: Option<Val<String>>,
    /// Labels of every object of the service.
    pub labels: Vec<NamedText>,
    /// Annotations of the replicas.
    pub annotations: Vec<NamedText>,
    /// What the replicas may do on their node.
    pub security: Option<PodSecurity>,
}

impl PodSettings {
    /// Both probes with the field they are in.
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
    /// Its value and where the entry stands.
    pub value: Val<String>,
}

/// A taint that is tolerated. What is not written is any.
#[derive(Clone, Debug)]
pub struct Toleration {
    /// The list item.
    pub at: FieldSpan,
    /// Key of the taint.
    pub key: Option<Val<String>>,
    /// Value of the taint.
    pub value: Option<Val<String>>,
    /// What the taint does.
    pub effect: Option<Val<TaintEffect>>,
    /// How long a replica stays; for ever where unset.
    pub seconds: Option<Val<u32>>,
}

/// What a taint does to replicas that do not tolerate it.
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

/// What replicas may do on their node.
#[derive(Clone, Debug)]
pub struct PodSecurity {
    /// The field.
    pub at: FieldSpan,
    /// The profile of Pod Security that they satisfy.
    pub profile: Val<SecurityProfile>,
    /// Who runs the processes; the image's user where unset.
    pub user: Option<Val<u32>>,
    /// The group of the processes; the image's where unset.
    pub group: Option<Val<u32>>,
    /// The group that owns volumes.
    pub volume_group: Option<Val<u32>>,
    /// Whether the image's files cannot be written to.
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
