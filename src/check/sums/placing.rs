//! Places all replicas of each state on the nodes, and words what does not fit.

use super::capacity::{Demands, total};
use super::labels::{group_name, label, label_nodes, load_text, uncounted};
use crate::model::demand::DemandClaim;
use crate::model::placement::{BUDGET, Bin, PlacementItem, PlacementOutcome, PlacementVerdict, place};
use crate::model::states::{Scope, State};
use crate::model::{Service, Spec};
use crate::support::diagnostic::Finding;
use crate::support::plural::plural;
use crate::support::source::FileSpan;

/// Different nodes, and services left over, that a message writes out.
const MAX_LISTED: usize = 6;

/// A state whose claims were not placed.
pub struct PlacingFailure<'s> {
    scope: Scope<'s>,
    state: &'s State,
    claims: Vec<DemandClaim<'s>>,
    outcome: PlacementOutcome,
}

impl<'s> PlacingFailure<'s> {
    /// The first state that provably has no placement, else the first in which none was found.
    #[must_use]
    pub fn of<S: Fn(&Service, u32) -> u32>(demands: &Demands<'s, S>) -> Option<PlacingFailure<'s>> {
        let scope = demands.scope;
        let supply = demands.supply();
        let fits =
            |claims: &[DemandClaim<'_>]| total(claims.iter()).iter().zip(supply).all(|(sum, supply)| *sum <= supply);
        // a placement of all services at their most holds in every state
        if let [_, _, ..] = demands.states() {
            let peak = demands.peak();
            if fits(&peak) && place(&items(&peak), &demands.nodes, BUDGET).verdict == PlacementVerdict::Fits {
                return None;
            }
        }
        let mut budget = BUDGET;
        let mut unknown: Option<PlacingFailure<'s>> = None;
        for state in demands.states() {
            let claims = demands.claims(state);
            if !fits(&claims) {
                continue;
            }
            let outcome = place(&items(&claims), &demands.nodes, budget);
            budget = budget.saturating_sub(outcome.steps);
            match outcome.verdict {
                PlacementVerdict::Fits => {}
                PlacementVerdict::Impossible => return Some(PlacingFailure { scope, state, claims, outcome }),
                PlacementVerdict::Unknown if unknown.is_none() => {
                    unknown = Some(PlacingFailure { scope, state, claims, outcome })
                }
                PlacementVerdict::Unknown => {}
            }
        }
        unknown
    }

    /// Whether it is proved that no placement exists.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        self.outcome.verdict == PlacementVerdict::Impossible
    }

    /// The claims that the best placement leaves over with how many replicas of each, the largest first.
    fn left_over(&self) -> Vec<(&DemandClaim<'s>, u64)> {
        let mut left: Vec<(&DemandClaim<'s>, u64)> =
            self.outcome.best.left.iter().filter_map(|(item, count)| Some((self.claims.get(*item)?, *count))).collect();
        let size = |(claim, count): &(&DemandClaim<'_>, u64)| {
            let [cpu, memory, _] = claim.each.parts();
            (u128::from(cpu) * u128::from(*count), u128::from(memory) * u128::from(*count))
        };
        left.sort_by_key(|part| std::cmp::Reverse(size(part)));
        left
    }

    /// The finding: the best placement and what it leaves over. `start` makes it, `lead` opens its message.
    #[must_use]
    pub fn finding(&self, start: impl Fn(FileSpan, String) -> Finding, lead: &str) -> Finding {
        let spec = self.scope.spec;
        let left = self.left_over();
        let place = left.first().map_or(spec.at.place(), |(claim, _)| claim.at);
        let worst = left.iter().map(|(_, count)| i128::from(*count)).sum::<i128>();
        let message = format!("{lead}{}", self.message(&left));
        let mut finding = start(place, message).help(help(left.first())).rank(worst);
        for (claim, _) in left.into_iter().take(MAX_LISTED) {
            finding = finding.label(claim.at, label(claim));
            if let Some(service) = claim.service.filter(|service| service.resources.written) {
                finding = finding.label(service.resources.at.place(), format!("each {}", load_text(claim.each)));
            }
        }
        label_nodes(finding, spec)
    }

    fn message(&self, left: &[(&DemandClaim<'_>, u64)]) -> String {
        let what = match self.outcome.verdict {
            PlacementVerdict::Impossible => "the sums fit the nodes, but no placement does",
            _ => "the sums fit the nodes, but no placement was found",
        };
        let text = |(claim, count): &(&DemandClaim<'_>, u64)| match claim.service {
            Some(_) => format!("{count} × {} ({})", claim.name, load_text(claim.each)),
            None => format!("{} ({})", claim.name, load_text(claim.each)),
        };
        let mut over: Vec<String> = left.iter().take(MAX_LISTED).map(text).collect();
        if left.len() > over.len() {
            over.push(plural(left.len() - over.len(), "more service"));
        }
        let bins = bins_text(self.scope.spec, &self.claims, &self.outcome.best.bins);
        let when = self.state.when.as_ref().map(|when| format!(", from {when}")).unwrap_or_default();
        format!("{what}: at best {bins}; left over {}{when}{}", over.join(", "), uncounted(&self.claims))
    }
}

/// The smallest change that would help the claim that is left over first.
fn help(left: Option<&(&DemandClaim<'_>, u64)>) -> String {
    match left {
        Some((claim, count)) if claim.service.is_some() && u64::from(claim.count) > *count => {
            let replicas = plural(u64::from(claim.count) - count, "replica");
            format!("run {replicas} of `{}`, ask for less, or add a node", claim.name)
        }
        _ => "ask for less, or add a node".to_owned(),
    }
}

fn items(claims: &[DemandClaim<'_>]) -> Vec<PlacementItem> {
    claims.iter().map(|claim| PlacementItem { each: claim.each, count: u64::from(claim.count) }).collect()
}

/// `2 × small [web 1, worker 2], 1 × large [web 3]`.
fn bins_text(spec: &Spec, claims: &[DemandClaim<'_>], bins: &[Bin]) -> String {
    let Some(capacity) = &spec.capacity else { return String::new() };
    let text = |bin: &Bin| {
        let name = |item: usize| claims.get(item).map_or("", |claim| claim.name);
        let mut holds: Vec<String> =
            bin.holds.iter().take(MAX_LISTED).map(|(item, count)| format!("{} {count}", name(*item))).collect();
        if bin.holds.len() > holds.len() {
            holds.push(format!("{} more", bin.holds.len() - holds.len()));
        }
        format!("{} × {} [{}]", bin.nodes, group_name(capacity, bin.group), holds.join(", "))
    };
    let mut texts: Vec<String> = bins.iter().take(MAX_LISTED).map(text).collect();
    let more: u64 = bins.iter().skip(MAX_LISTED).map(|bin| bin.nodes).sum();
    if more > 0 {
        texts.push(plural(more, "more node"));
    }
    if texts.is_empty() { "no node holds any".to_owned() } else { texts.join(", ") }
}
