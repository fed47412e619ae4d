//! What all replicas take together, against what all nodes have, in each state.

use super::labels::{group_name, label, label_nodes, load_text, uncounted};
use super::{MAX_LABELS, joined};
use crate::model::Service;
use crate::model::demand::{self, DemandClaim};
use crate::model::placement::Nodes;
use crate::model::quantity::{bytes_text, cores_text};
use crate::model::states::{Scope, State};
use crate::support::diagnostic::Finding;
use crate::support::plural::plural;
use crate::support::source::FileSpan;

/// Groups of nodes whose arithmetic is written out.
const MAX_GROUPS: usize = 4;

/// What a spec takes of its machines in each state.
pub struct Demands<'s, S> {
    pub(super) scope: Scope<'s>,
    pub(super) nodes: Vec<Nodes>,
    surge: S,
    /// Claims that are the same in every state, by index of the service; backing services have none.
    steady: Vec<(Option<usize>, DemandClaim<'s>)>,
    /// Indices of the services with windows.
    windowed: Vec<usize>,
}

impl<'s, S: Fn(&Service, u32) -> u32> Demands<'s, S> {
    /// `None` if the spec has no capacity, or a part that a sum needs is broken.
    #[must_use]
    pub fn of(scope: Scope<'s>, surge: S) -> Option<Demands<'s, S>> {
        let nodes = demand::nodes(scope.spec)?;
        if !demand::whole(scope.spec) {
            return None;
        }
        let mut demands = Demands { scope, nodes, surge, steady: Vec::new(), windowed: Vec::new() };
        let first = scope.states.list.first()?;
        for (index, service) in scope.spec.services().enumerate() {
            if service.schedule.is_empty() {
                let claim = demands.claim(first, index);
                demands.steady.extend(claim.map(|claim| (Some(index), claim)));
            } else {
                demands.windowed.push(index);
            }
        }
        let backing = demand::of_backing(scope.spec).filter(|claim| demand::fits_a_node(claim.each, &demands.nodes));
        let backing: Vec<_> = backing.map(|claim| (None, claim)).collect();
        demands.steady.extend(backing);
        Some(demands)
    }

    /// Whether the sums fit in every state.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.worst().is_none()
    }

    /// The finding for the state that exceeds the supply most, with the arithmetic of each resource that does.
    /// `start` creates it, `lead` opens its message.
    #[must_use]
    pub fn above_capacity(&self, start: impl Fn(FileSpan, String) -> Finding, lead: &str) -> Option<Finding> {
        let (state, _) = self.worst()?;
        Some(ExceededState::new(self, state).finding(start, lead))
    }

    /// The claim of one service in a state; `None` if one replica fits no node, which has its own rule.
    fn claim(&self, state: &State, index: usize) -> Option<DemandClaim<'s>> {
        let service = self.scope.spec.services.get(index)?;
        let mut claim = demand::of_service(service, self.scope.bounds(state, index, service).max);
        claim.count = claim.count.saturating_add((self.surge)(service, claim.count));
        demand::fits_a_node(claim.each, &self.nodes).then_some(claim)
    }

    /// All claims in a state: services in the order written, then backing services.
    pub(super) fn claims(&self, state: &State) -> Vec<DemandClaim<'s>> {
        let windowed = self.windowed.iter().filter_map(|index| Some((Some(*index), self.claim(state, *index)?)));
        let mut claims: Vec<(Option<usize>, DemandClaim<'s>)> = self.steady.iter().copied().chain(windowed).collect();
        claims.sort_by_key(|(index, _)| index.unwrap_or(usize::MAX));
        claims.into_iter().map(|(_, claim)| claim).collect()
    }

    pub(super) fn states(&self) -> &'s [State] {
        &self.scope.states.list
    }

    /// The claims of each service at its most, which no state exceeds. One placement of them holds in every state.
    pub(super) fn peak(&self) -> Vec<DemandClaim<'s>> {
        let services = self.scope.spec.services().map(|service| {
            let mut claim = demand::of_service(service, self.scope.peak(service));
            claim.count = claim.count.saturating_add((self.surge)(service, claim.count));
            claim
        });
        let fits = |claim: &DemandClaim<'s>| demand::fits_a_node(claim.each, &self.nodes);
        services.chain(demand::of_backing(self.scope.spec)).filter(fits).collect()
    }

    /// Cores, memory and GPUs of all nodes together.
    pub(super) fn supply(&self) -> [u128; 3] {
        let mut supply = [0u128; 3];
        for group in &self.nodes {
            for (sum, size) in supply.iter_mut().zip(group.free.parts()) {
                *sum = sum.saturating_add(u128::from(size) * u128::from(group.count));
            }
        }
        supply
    }

    /// The state that exceeds the supply most, and by how much: thousandths of the supply of a resource.
    fn worst(&self) -> Option<(&'s State, u128)> {
        let supply = self.supply();
        let steady = total(self.steady.iter().map(|(_, claim)| claim));
        let mut worst: Option<(&State, u128)> = None;
        for state in self.states() {
            let windowed: Vec<DemandClaim<'s>> =
                self.windowed.iter().filter_map(|index| self.claim(state, *index)).collect();
            let windowed = total(windowed.iter());
            let sums = steady.iter().zip(windowed).map(|(a, b)| a.saturating_add(b));
            let beyond = sums.zip(supply).filter(|(sum, supply)| sum > supply);
            let degree = beyond.map(|(sum, supply)| sum.saturating_mul(1000).checked_div(supply).unwrap_or(u128::MAX));
            if let Some(degree) = degree.max()
                && worst.is_none_or(|(_, most)| degree > most)
            {
                worst = Some((state, degree));
            }
        }
        worst
    }
}

/// Cores, memory and GPUs of all claims.
pub(super) fn total<'c, 's: 'c>(claims: impl Iterator<Item = &'c DemandClaim<'s>>) -> [u128; 3] {
    let mut sums = [0u128; 3];
    for claim in claims {
        for (sum, part) in sums.iter_mut().zip(claim.each.parts()) {
            *sum = sum.saturating_add(u128::from(part) * u128::from(claim.count));
        }
    }
    sums
}

/// What nodes have and services take.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NodeResource {
    Cpu,
    Memory,
    Gpu,
}

impl NodeResource {
    const ALL: [NodeResource; 3] = [NodeResource::Cpu, NodeResource::Memory, NodeResource::Gpu];

    /// The amount of this resource.
    fn of(self, [cpu, memory, gpu]: &[u128; 3]) -> u128 {
        match self {
            NodeResource::Cpu => *cpu,
            NodeResource::Memory => *memory,
            NodeResource::Gpu => *gpu,
        }
    }

    /// The amount that all replicas of a claim take.
    fn claimed(self, claim: &DemandClaim<'_>) -> u128 {
        self.of(&claim.each.parts().map(u128::from)) * u128::from(claim.count)
    }

    /// The unit of its amounts, as a suffix.
    fn unit(self) -> &'static str {
        match self {
            NodeResource::Cpu => "cores",
            NodeResource::Memory => "of memory",
            NodeResource::Gpu => "gpus",
        }
    }

    fn text(self, amount: u128) -> String {
        match self {
            NodeResource::Cpu => cores_text(amount),
            NodeResource::Memory => bytes_text(amount),
            NodeResource::Gpu => amount.to_string(),
        }
    }
}

/// One state whose sums are above the supply.
struct ExceededState<'d, 's, S> {
    demands: &'d Demands<'s, S>,
    state: &'s State,
    claims: Vec<DemandClaim<'s>>,
}

impl<'d, 's, S: Fn(&Service, u32) -> u32> ExceededState<'d, 's, S> {
    fn new(demands: &'d Demands<'s, S>, state: &'s State) -> ExceededState<'d, 's, S> {
        ExceededState { demands, state, claims: demands.claims(state) }
    }

    /// One finding with the arithmetic of each resource that is exceeded.
    fn finding(&self, start: impl Fn(FileSpan, String) -> Finding, lead: &str) -> Finding {
        let supply = self.demands.supply();
        let sums = total(self.claims.iter());
        let exceeded: Vec<NodeResource> =
            NodeResource::ALL.into_iter().filter(|resource| resource.of(&sums) > resource.of(&supply)).collect();
        let texts: Vec<String> = exceeded.iter().map(|resource| self.sum(*resource, &sums, &supply)).collect();
        let degree =
            |resource: &NodeResource| (resource.of(&sums) << 20).checked_div(resource.of(&supply)).unwrap_or(u128::MAX);
        let first = exceeded.iter().copied().max_by_key(degree).unwrap_or(NodeResource::Cpu);
        let mut parts: Vec<&DemandClaim<'_>> = self.claims.iter().filter(|claim| first.claimed(claim) > 0).collect();
        parts.sort_by_key(|claim| std::cmp::Reverse(first.claimed(claim)));
        let place = parts.first().map_or(self.demands.scope.spec.at.place(), |claim| claim.at);
        let mut message = format!("{lead}{}", texts.join("; "));
        if let Some(when) = &self.state.when {
            message.push_str(&format!(", from {when}"));
        }
        message.push_str(&uncounted(&self.claims));
        let worst =
            exceeded.iter().map(|resource| resource.of(&sums).saturating_mul(1000).checked_div(resource.of(&supply)));
        let worst = worst.map(|degree| degree.unwrap_or(u128::MAX)).max().unwrap_or(0);
        let mut finding = start(place, message)
            .help(self.help(&exceeded, &sums, &supply))
            .rank(i128::try_from(worst).unwrap_or(i128::MAX));
        for claim in parts.into_iter().take(MAX_LABELS) {
            finding = finding.label(claim.at, label(claim));
            if let Some(service) = claim.service.filter(|service| service.resources.written) {
                finding = finding.label(service.resources.at.place(), format!("each {}", load_text(claim.each)));
            }
        }
        label_nodes(finding, self.demands.scope.spec)
    }

    /// `web 8 × 2 + worker 2 × 0.5 = 17 cores, above 12 (3 × 4)`.
    fn sum(&self, resource: NodeResource, sums: &[u128; 3], supply: &[u128; 3]) -> String {
        let parts: Vec<&DemandClaim<'_>> = self.claims.iter().filter(|claim| resource.claimed(claim) > 0).collect();
        let texts: Vec<(u128, String)> = parts
            .iter()
            .map(|claim| {
                let each = resource.text(resource.of(&claim.each.parts().map(u128::from)));
                let text = match (claim.service, parts.len()) {
                    (None, _) => format!("{} {each}", claim.name),
                    (Some(_), 1) => {
                        format!("{} × {each}", plural(claim.count, "replica"))
                    }
                    (Some(_), _) => format!("{} {} × {each}", claim.name, claim.count),
                };
                (resource.claimed(claim), text)
            })
            .collect();
        let sum = joined(&texts, |rest| resource.text(rest));
        let (all, has) = (resource.text(resource.of(sums)), resource.text(resource.of(supply)));
        format!("{sum} = {all} {}, above {has}{}", resource.unit(), self.sizes(resource))
    }

    /// ` (3 × 4 + 2 × 8)`.
    fn sizes(&self, resource: NodeResource) -> String {
        let sizes =
            self.demands.nodes.iter().map(|group| (group.count, resource.of(&group.free.parts().map(u128::from))));
        let sizes: Vec<(u64, u128)> = sizes.filter(|(count, size)| *count > 0 && *size > 0).collect();
        if sizes.is_empty() || sizes.len() > MAX_GROUPS {
            return String::new();
        }
        let texts: Vec<String> =
            sizes.iter().map(|(count, size)| format!("{count} × {}", resource.text(*size))).collect();
        format!(" ({})", texts.join(" + "))
    }

    /// How many more nodes of one group would be enough, for the resource that needs the most of them.
    fn help(&self, exceeded: &[NodeResource], sums: &[u128; 3], supply: &[u128; 3]) -> String {
        let nodes = |(index, group): (usize, &Nodes)| {
            let sizes = group.free.parts().map(u128::from);
            let needed = exceeded.iter().map(|resource| {
                let missing = resource.of(sums) - resource.of(supply);
                let size = resource.of(&sizes);
                (size > 0).then(|| missing.div_ceil(size))
            });
            let needed: Option<Vec<u128>> = needed.collect();
            needed.and_then(|needed| needed.into_iter().max()).map(|needed| (needed, index))
        };
        let capacity = self.demands.scope.spec.capacity.as_ref();
        match (self.demands.nodes.iter().enumerate().filter_map(nodes).min(), capacity) {
            (Some((needed, index)), Some(capacity)) => {
                format!("run fewer replicas, or add {needed} more {}", group_name(capacity, index))
            }
            _ => "run fewer replicas, or add nodes that have it".to_owned(),
        }
    }
}
