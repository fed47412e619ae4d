//! One workload to be written as objects: its names, its labels, and which kind of object it becomes. Knows no object's
//! shape but metadata.

use super::LoweredPlan;
use super::base_objects::OverBase;
use super::metadata::{Labels, Metadata, Selector};
use super::names::{is_label, suggest};
use super::settings::{KubernetesSettings, SelectorForm};
use crate::inputs::kubernetes::WorkloadKind;
use crate::plan::ClusterAutoscaler;
use crate::plan::{Kind, Plan, PodSettings, Port, Protocol, Service, Signal, Workload};
use crate::support::source::FieldSpan;

/// The label that tells one service's replicas from another's.
pub(super) const NAME: &str = "app.kubernetes.io/name";
/// The label that distinguishes deployments: a chart of the same name in the namespace has another instance.
const INSTANCE: &str = "app.kubernetes.io/instance";
const PART_OF: &str = "app.kubernetes.io/part-of";

/// The labels that are ours.
pub(super) const OURS: [&str; 3] = [NAME, INSTANCE, PART_OF];

/// One workload with the settings that decide its form.
pub(super) struct WorkloadUnit<'a> {
    pub plan: &'a Plan,
    pub settings: &'a KubernetesSettings,
    pub workload: &'a Workload,
    /// No image: only fields laid over an object that is elsewhere.
    pub patch: bool,
    /// The object of the base below it.
    pub over: Option<&'a OverBase<'a>>,
    /// A StatefulSet, else a Deployment.
    pub stateful: bool,
}

impl<'a> WorkloadUnit<'a> {
    pub(super) fn new(plan: &'a Plan, settings: &'a KubernetesSettings, workload: &'a Workload) -> WorkloadUnit<'a> {
        let patch = workload.image.is_none();
        // a singleton with a volume needs the one guarantee a StatefulSet gives: never two at once on one claim
        let volumes = !patch && !workload.volumes.is_empty();
        let stateful = workload.kind.value == Kind::Stateful || volumes;
        WorkloadUnit { plan, settings, workload, patch, over: None, stateful }
    }

    /// This service laid over an object of the base.
    pub(super) fn over(
        plan: &'a Plan,
        settings: &'a KubernetesSettings,
        workload: &'a Workload,
        over: &'a OverBase<'a>,
    ) -> WorkloadUnit<'a> {
        let stateful = over.workload.kind == WorkloadKind::StatefulSet;
        WorkloadUnit { plan, settings, workload, patch: true, over: Some(over), stateful }
    }

    /// The workload's own name.
    pub(super) fn object_name(&self) -> String {
        self.over.map_or_else(|| self.workload.name.to_string(), OverBase::name)
    }

    /// The name of its container.
    pub(super) fn container_name(&self) -> String {
        let chosen =
            self.settings.containers.iter().find(|(service, _)| self.patch && **service == *self.workload.name);
        chosen.map_or_else(|| self.workload.name.to_string(), |(_, name)| name.clone())
    }

    /// The name of its autoscaler.
    pub(super) fn scaler_name(&self) -> String {
        self.over.and_then(OverBase::scaler_name).unwrap_or_else(|| self.object_name())
    }

    /// Fields of its replicas that only a cluster has.
    pub(super) fn pod(&self) -> Option<&'a PodSettings> {
        self.workload.pod.as_deref()
    }

    /// The API's word for the workload.
    pub(super) fn kind(&self) -> &str {
        if let Some(over) = self.over {
            return &over.workload.object.kind;
        }
        if self.stateful { "StatefulSet" } else { "Deployment" }
    }

    /// Whether an autoscaler sets the number of replicas, so that nothing else may.
    pub(super) fn autoscaled(&self) -> bool {
        match self.settings.autoscaler {
            ClusterAutoscaler::Hpa => self.workload.scales || self.is_moved_by_windows(),
            // a cron trigger gives no range to a service without one, a formula does
            ClusterAutoscaler::Keda => self.workload.scales || self.workload.by_clock || self.votes_in_windows(),
            ClusterAutoscaler::None => false,
        }
    }

    /// Whether the base is one number and windows have others: an autoscaler whose bounds are equal holds what CronJobs write into it.
    /// One at 0 is switched off, and so is its autoscaler.
    pub(super) fn is_moved_by_windows(&self) -> bool {
        let (min, max) = (self.workload.replicas.min.value, self.workload.replicas.max.value);
        let other = |window: &crate::plan::Window| (window.min.value, window.max.value) != (min, max);
        !self.workload.scales && min > 0 && self.workload.schedule.iter().any(other)
    }

    /// Whether KEDA's cron triggers alone set the number.
    pub(super) fn follows_the_clock(&self) -> bool {
        self.settings.autoscaler == ClusterAutoscaler::Keda && self.workload.by_clock
    }

    /// Whether the base is one number, a window is a range, and a formula has work to ask for.
    fn votes_in_windows(&self) -> bool {
        let scaling = &self.workload.autoscaling;
        let asks = scaling.signal.value == Signal::Load && scaling.prometheus.is_some();
        asks && self.workload.schedule.iter().any(|window| window.min.value < window.max.value)
    }

    /// Whether a Service is written: a StatefulSet must name one, ports want one.
    pub(super) fn has_service(&self) -> bool {
        !self.patch && (self.stateful || !self.workload.ports.is_empty())
    }

    /// The Service that gives each replica of a StatefulSet its own name.
    pub(super) fn headless(&self) -> String {
        format!("{}-headless", self.workload.name)
    }

    /// `<service>-<kind>.yaml`.
    pub(super) fn path(&self, kind: &str) -> String {
        format!("{}-{kind}.yaml", self.workload.name)
    }

    /// Metadata of an object with this name.
    pub(super) fn metadata(&self, name: String) -> Metadata {
        let namespace = self.settings.namespace.clone().or_else(|| self.over.and_then(OverBase::namespace));
        Metadata { name: Some(name), namespace, labels: self.labels(), ..Metadata::default() }
    }

    /// Every object's labels.
    pub(super) fn labels(&self) -> Labels {
        let mut labels = self.own_labels();
        labels.insert(PART_OF.into(), self.plan.name.value.clone());
        self.add_own(&mut labels);
        labels
    }

    /// Adds the labels that the spec gives the service; those of ours stay.
    pub(super) fn add_own(&self, labels: &mut Labels) {
        for label in self.pod().into_iter().flat_map(|pod| &pod.labels) {
            labels.entry(label.name.clone().into()).or_insert_with(|| label.value.value.clone());
        }
    }

    /// The labels that select its replicas. They never change, so a selector can rely on them.
    pub(super) fn selected(&self) -> Labels {
        self.over.map_or_else(|| self.own_labels(), OverBase::selected)
    }

    /// The selector labels of a workload that scalegen writes.
    fn own_labels(&self) -> Labels {
        let mut labels = Labels::from([(NAME.into(), self.workload.name.to_string())]);
        if self.settings.selector == SelectorForm::Instance {
            labels.insert(INSTANCE.into(), self.plan.name.value.clone());
        }
        labels
    }

    /// Those labels as a selector.
    pub(super) fn selector(&self) -> Selector {
        Selector { match_labels: self.selected() }
    }

    /// What a port is called: its name, or one made from its number where a Service with several needs one.
    pub(super) fn port_name(&self, port: &Port) -> Option<String> {
        let made = || format!("{}-{}", port.protocol.value.word(), port.port.value);
        let several = self.workload.ports.len() > 1;
        port.name.as_ref().map(|name| name.value.clone()).or_else(|| several.then(made))
    }
}

/// TCP is what the API takes if nothing is said.
pub(super) fn protocol(port: &Port) -> Option<&'static str> {
    (port.protocol.value == Protocol::Udp).then_some("UDP")
}

/// Whether a service says that it uses this backing service.
pub(super) fn leans_on(service: &Service, backing: &str) -> bool {
    service.connections.iter().any(|connections| connections.to == backing)
        || service.partitioned_by.as_ref().is_some_and(|name| name.value == backing)
}

/// The service's key names its objects, so it must be a name for each of them.
pub(super) fn check_name(unit: &WorkloadUnit<'_>, out: &mut LoweredPlan) {
    let name = &unit.workload.name;
    let (most, why) = match () {
        () if unit.stateful => (52, "a StatefulSet adds a hash to it in a label of 63"),
        () if unit.autoscaled() && unit.settings.autoscaler == ClusterAutoscaler::Keda => {
            (54, "KEDA puts `keda-hpa-` before it")
        }
        () => (63, "the API's bound"),
    };
    let fault = if !is_label(name) {
        "is not a DNS label (lowercase letters, digits and `-`)".to_owned()
    } else if name.len() > most {
        format!("has {} characters, above {most}: {why}", name.len())
    } else if unit.has_service() && !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        "cannot name a Service, which begins with a letter".to_owned()
    } else {
        return;
    };
    // the key is what must change, whatever is below it
    let at = FieldSpan { value: unit.workload.at.key, ..unit.workload.at };
    out.refused(at, format!("`{name}` {fault}"), format!("rename the service to `{}`", suggest(name, most)));
}
