//! What rules look at: one merged spec with its states, its base and the targets of the run.

mod manifests;
mod quota;
mod quota_objects;

pub use manifests::{ApartWorkload, ReplicatedHostPorts, RunningPods};
pub use quota::{PodUnderQuota, QuotaContainer};
pub use quota_objects::CountedObjects;

use crate::inputs::base::{BaseMember, BaseProject};
use crate::inputs::images;
use crate::inputs::kubernetes::PodContainer;
use crate::model::heap::{self, HeapFlag};
use crate::model::quantity::Memory;
use crate::model::states::{Reach, Scope, States};
use crate::model::{
    BalancerOptions, ClusterAutoscaler, ClusterOptions, EnvValue, Service, ServiceField, Signal, Spec, Val,
};
use crate::support::diagnostic::SPEC;
use crate::support::source::{FieldSpan, FileSpan};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// What a rule may look at: one merged spec and what the run wants of it.
#[derive(Debug)]
pub struct Context<'a> {
    /// The base, or the base with one profile laid over it.
    pub spec: &'a Spec,
    /// The states in reach; in `Reach::Fixed` there is one, without windows.
    pub states: &'a States,
    /// What the targets of the run can reach.
    pub reach: Reach,
    /// The base that the spec is laid over.
    pub base: Option<&'a BaseProject>,
    /// Whether the run has targets.
    pub has_targets: bool,
    /// What the targets of the run say.
    pub target_facts: TargetFacts<'a>,
    /// Whether some target of the run starts new replicas before it stops old ones, or the run has no target.
    pub starts_new_first: bool,
    /// Whether containers of the base run on a machine as it says, with its ports, names and addresses: by a target of the run that is
    /// laid over it, or because the run has no target.
    pub on_machines: bool,
    /// Whether there is no spec: files of another tool are checked as they are.
    pub foreign: bool,
    /// What recordings say of services: none but in `simulate` and `size`.
    pub loads: &'a [LoadFacts],
}

/// The recordings of one service, for rules that run only in `simulate` and `size`.
#[derive(Clone, Debug, Default)]
pub struct LoadFacts {
    /// The service's name.
    pub service: String,
    /// Whether a HorizontalPodAutoscaler decides about its replicas, its own or that of a ScaledObject.
    pub has_hpa: bool,
    /// The recording's file, for people.
    pub file: String,
    /// Times of which nothing is recorded: first second since 1970, and length in milliseconds.
    pub outages: Vec<(i64, u64)>,
    /// Requests that follow from what its pods used.
    pub requests: Vec<RecommendedRequest>,
}

/// A request as KRR would recommend it.
#[derive(Clone, Debug)]
pub struct RecommendedRequest {
    /// The signal of the resource.
    pub resource: Signal,
    /// The metrics' file, for people.
    pub file: String,
    /// The amount, for people.
    pub amount: String,
}

/// What targets say of the services of a spec, where a rule cannot know it.
#[derive(Debug, Default)]
pub struct TargetFacts<'a> {
    /// The project beside which the files of a target of the run are read.
    pub beside: Option<&'a BaseProject>,
    /// How many topics services read at once, by name, with the place that says so; one where a service is not named.
    pub topics: HashMap<Rc<str>, Val<u32>>,
    /// Whether some target of the run scales on cpu and memory by what a replica requests.
    pub measures_requests: bool,
    /// The services whose memory is limited by every target of the run, whatever the spec says; none without targets.
    pub limited: HashSet<String>,
    /// The options of the target of the run that writes objects of Kubernetes.
    pub cluster: Option<&'a ClusterOptions>,
    /// The options of the target of the run that spreads requests over replicas.
    pub balancer: Option<BalancerOptions>,
    /// Whether the consumer of a target of the run reads decimal units of memory as binary ones.
    pub has_binary_units: bool,
    /// Whether some target of the spec, of the run or not, has its replicas on several machines of a swarm.
    pub in_swarm: bool,
}

impl<'a> Context<'a> {
    /// The services of the spec of which recordings are given.
    pub fn loaded(&self) -> impl Iterator<Item = (&'a Service, &'a LoadFacts)> {
        let services = self.spec;
        self.loads
            .iter()
            .filter_map(move |load| Some((services.services().find(|service| *service.name == *load.service)?, load)))
    }

    /// The spec with the states in reach, for sums.
    #[must_use]
    pub fn scope(&self) -> Scope<'a> {
        Scope { spec: self.spec, states: self.states, reach: self.reach }
    }

    /// The most replicas of a service over all states in reach, with the place that sets the number.
    #[must_use]
    pub fn peak(&self, service: &Service) -> Val<u32> {
        self.scope().peak(service)
    }

    /// The services that read a kafka topic of known width: the service, the topic's name, its partitions.
    pub fn partitioned(&self) -> impl Iterator<Item = (&'a Service, &'a Val<String>, Val<u32>)> {
        let topics = self.spec.backing.iter().filter(|backing| backing.kind.is_some_and(|kind| kind.value.is_kafka()));
        let partitions: HashMap<&str, Val<u32>> =
            topics.filter_map(|backing| Some((backing.name.as_str(), backing.partitions?))).collect();
        self.spec.services().filter_map(move |service| {
            let topic = service.partitioned_by.as_deref()?;
            Some((service, topic, *partitions.get(topic.value.as_str())?))
        })
    }

    /// The cluster of a spec that is laid over manifests, or of one without a base: not of manifests without a spec.
    #[must_use]
    pub fn rendered_cluster(&self) -> Option<&'a ClusterOptions> {
        self.target_facts.cluster.filter(|_| !self.foreign)
    }

    /// Which autoscaler of the run acts on both thresholds of a service.
    #[must_use]
    pub fn two_thresholds(&self, service: &Service) -> TwoThresholds {
        if !self.has_targets {
            return TwoThresholds::Steps;
        }
        let Some(cluster) = self.target_facts.cluster else { return TwoThresholds::None };
        let scaling = &service.autoscaling;
        match cluster.autoscaler {
            ClusterAutoscaler::Keda
                if scaling.written && scaling.signal.value == Signal::Load && scaling.prometheus.is_some() =>
            {
                TwoThresholds::Steps
            }
            _ if cluster.tolerates() => TwoThresholds::Tolerances,
            _ => TwoThresholds::None,
        }
    }
}

/// A service of the base of which several replicas run.
#[derive(Clone, Copy, Debug)]
pub struct Replicated<'a> {
    /// The base.
    pub base: &'a BaseProject,
    /// What the base says of it.
    pub member: &'a BaseMember,
    /// The effective service; `None` for a backing service.
    pub service: Option<&'a Service>,
    /// How many.
    pub replicas: u32,
    /// What sets the number.
    pub place: FileSpan,
    /// Whether the override writes the number: then it also lets go what only one replica can have.
    pub changed: bool,
}

impl<'a> Context<'a> {
    /// Whether the base runs in a swarm, in which replicas run on several machines, each with a name of its own, and one port of
    /// all machines leads to all of them.
    #[must_use]
    pub fn in_swarm(&self, base: &BaseProject) -> bool {
        if self.foreign { base.layer.swarm } else { self.target_facts.in_swarm }
    }

    /// The services of the base of which several run, as far as that is known, in the order of the base.
    #[must_use]
    pub fn replicated(&self) -> Vec<Replicated<'a>> {
        let Some(base) = self.base else { return Vec::new() };
        if base.manifests.is_some() && self.foreign {
            return replicated_manifests(base);
        }
        let services: HashMap<&str, &'a Service> =
            self.spec.services().map(|service| (&*service.name, service)).collect();
        let replicated = |member: &'a BaseMember| {
            let service = services.get(&*member.name).copied();
            let counted = service.unwrap_or(&member.service);
            // an autoscaler runs up to its most
            let range = base.manifests.is_some();
            let replicas = if range { counted.replicas.max.value } else { counted.fixed() };
            // as many as there are machines
            let fixed = member.facts.mode.is_none() && !counted.broken.has(ServiceField::Replicas);
            (fixed && replicas > 1).then(|| Replicated {
                base,
                member,
                service,
                replicas,
                place: if range { counted.replicas.max.place() } else { counted.fixed_place() },
                changed: member.changes_replicas(counted),
            })
        };
        base.services.iter().filter_map(replicated).collect()
    }

    /// Those of [`Context::replicated`] that share what one machine has once: its ports, names and addresses. Empty if every
    /// target writes whole files for a cluster.
    #[must_use]
    pub fn replicated_on_machines(&self) -> Vec<Replicated<'a>> {
        let manifests = self.base.is_some_and(|base| base.manifests.is_some());
        if self.on_machines || manifests { self.replicated() } else { Vec::new() }
    }

    /// Those of [`Context::replicated`] without those of a swarm that have a machine each (`max_replicas_per_node: 1`): the
    /// folders and local volumes of that machine are their own.
    #[must_use]
    pub fn replicated_together(&self) -> Vec<Replicated<'a>> {
        let mut all = self.replicated();
        let is_one_per_machine =
            |member: &BaseMember| member.facts.most_per_machine.is_some_and(|most| most.value == Some(1));
        all.retain(|replicated| !(is_one_per_machine(replicated.member) && self.in_swarm(replicated.base)));
        all
    }
}

/// In manifests each workload counts by itself: several may have one name. An autoscaler runs up to its most.
fn replicated_manifests(base: &BaseProject) -> Vec<Replicated<'_>> {
    let several = |member: &'_ BaseMember| {
        let replicas = member.service.replicas.max;
        let known = member.facts.mode.is_none() && !member.service.broken.has(ServiceField::Replicas);
        (known && replicas.value > 1).then_some((replicas.value, replicas.place()))
    };
    let all = base.services.iter().filter_map(|member| Some((member, several(member)?)));
    let all = all.map(|(member, (replicas, place))| Replicated {
        base,
        member,
        service: Some(&*member.service),
        replicas,
        place,
        changed: false,
    });
    all.collect()
}

/// The heap that flags of a service ask for, and the memory that it may use.
#[derive(Debug)]
pub struct ServiceHeap<'a> {
    /// The service.
    pub service: &'a str,
    /// The heap.
    pub heap: HeapFlag,
    /// Its limit.
    pub limit: Val<Memory>,
}

impl<'a> Context<'a> {
    /// The heaps of services with a memory limit: one of their commands, one of each of their variables.
    #[must_use]
    pub fn heaps(&self) -> Vec<ServiceHeap<'a>> {
        let mut all = Vec::new();
        if let Some(set) = self.manifests() {
            set.workloads
                .iter()
                .flat_map(|workload| &workload.pod.containers)
                .for_each(|workload| all.extend(of_container(workload)));
            return all;
        }
        for service in self.spec.services().filter(|service| !service.broken.has(ServiceField::Resources)) {
            let Some(limit) = service.resources.limits.memory else { continue };
            let words = |list: &Option<Box<Val<Vec<String>>>>| -> Vec<Val<String>> {
                let Some(list) = list else { return Vec::new() };
                // a base has the place of each word
                let member = self.base.and_then(|base| base.service(&service.name));
                let own = member.map_or(&[][..], |member| &member.facts.words);
                let own: HashMap<&str, FieldSpan> = own.iter().map(|word| (word.value.as_str(), word.at)).collect();
                let at = |word: &String| own.get(word.as_str()).copied().unwrap_or(list.at);
                let from_base = list.at.file != SPEC;
                list.value
                    .iter()
                    .map(|word| Val::new(word.clone(), if from_base { at(word) } else { list.at }))
                    .collect()
            };
            let words = [words(&service.command), words(&service.args)].concat();
            let variables = service.env.iter().filter_map(|variable| match &variable.value.value {
                EnvValue::Text(text) => heap::of_variable(&variable.name, text, variable.value.at),
                _ => None,
            });
            let heaps = heap::of_words(&words).into_iter().chain(variables);
            let image = service.image.as_ref().map(|image| &*image.value);
            all.extend(heaps.map(|heap| ServiceHeap { service: &service.name, heap: sure_of(heap, image), limit }));
        }
        all
    }
}

/// In manifests every container counts, by its own name.
fn of_container(container: &PodContainer) -> Vec<ServiceHeap<'_>> {
    let Some(limit) = container.resources.limits.memory else { return Vec::new() };
    let variables = container.env.iter().filter_map(|(name, text)| heap::of_variable(name, &text.value, text.at));
    let heaps = heap::of_words(&container.words).into_iter().chain(variables);
    let image = container.image.as_ref().map(|image| image.value.as_str());
    heaps.map(|heap| ServiceHeap { service: &container.name, heap: sure_of(heap, image), limit }).collect()
}

/// A heap whose variable an image is known to read needs no "if".
fn sure_of(heap: HeapFlag, image: Option<&str>) -> HeapFlag {
    let reads = |variable: &String| image.is_some_and(|image| images::reads_flags_of(image, variable));
    HeapFlag { variable: heap.variable.filter(|variable| !reads(variable)), ..heap }
}

/// How an autoscaler takes a scale-up and a scale-down threshold that differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TwoThresholds {
    /// It has one target for both, or nothing scales.
    None,
    /// By tolerances around one target: it goes to the number that the target asks for, so it cannot swing.
    Tolerances,
    /// By steps of one replica: the spec's own rule, and the votes that stand for it. What one step brings can call for
    /// the other.
    Steps,
}
