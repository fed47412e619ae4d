//! The sums fit, but no placement of replicas on nodes does. Also speaks for `placement-not-found`, its weaker sister.

use super::connections_exhausted::plural;
use super::exceeds_capacity::{Demands, label, label_nodes, total, uncounted};
use super::exceeds_node::{group_name, load_text};
use super::{Context, Group, Meta, Report, placement_not_found};
use crate::diagnostic::{Finding, Severity};
use crate::model::Service;
use crate::model::demand::Claim;
use crate::model::placement::{BUDGET, Bin, Item, Outcome, Verdict, place};
use crate::model::states::State;

pub(super) const META: Meta =
    Meta { id: "unplaceable", severity: Severity::Error, group: Group::Capacity, check: Some(check) };

/// Different nodes, and services left over, that a message writes out.
const MAX_LISTED: usize = 6;

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(demands) = Demands::of(context, |_, _| 0) else { return };
    let Some(failure) = failure(&demands) else { return };
    let meta = if failure.outcome.verdict == Verdict::Impossible { META } else { placement_not_found::META };
    report.push(finding(context, &failure, &Report::new(meta), ""));
}

/// A state whose claims were not placed.
pub(super) struct Failure<'s> {
    pub(super) state: &'s State,
    pub(super) claims: Vec<Claim<'s>>,
    pub(super) outcome: Outcome,
}

/// The first state that is proved to have no placement, else the first in which none was found.
pub(super) fn failure<'s, S: Fn(&Service, u32) -> u32>(demands: &Demands<'s, S>) -> Option<Failure<'s>> {
    let supply = demands.supply();
    let fits = |claims: &[Claim<'_>]| total(claims.iter()).iter().zip(supply).all(|(sum, supply)| *sum <= supply);
    // what holds all services at their most holds every state
    if let [_, _, ..] = demands.states() {
        let peak = demands.peak();
        if fits(&peak) && place(&items(&peak), &demands.nodes, BUDGET).verdict == Verdict::Fits {
            return None;
        }
    }
    let mut budget = BUDGET;
    let mut unknown: Option<Failure<'s>> = None;
    for state in demands.states() {
        let claims = demands.claims(state);
        if !fits(&claims) {
            continue;
        }
        let outcome = place(&items(&claims), &demands.nodes, budget);
        budget = budget.saturating_sub(outcome.steps);
        match outcome.verdict {
            Verdict::Fits => {}
            Verdict::Impossible => return Some(Failure { state, claims, outcome }),
            Verdict::Unknown if unknown.is_none() => unknown = Some(Failure { state, claims, outcome }),
            Verdict::Unknown => {}
        }
    }
    unknown
}

fn items(claims: &[Claim<'_>]) -> Vec<Item> {
    claims.iter().map(|claim| Item { each: claim.each, count: u64::from(claim.count) }).collect()
}

pub(super) fn finding(context: &Context<'_>, failure: &Failure<'_>, report: &Report, lead: &str) -> Finding {
    let Failure { state, claims, outcome } = failure;
    let best = &outcome.best;
    let mut left: Vec<(&Claim<'_>, u64)> =
        best.left.iter().filter_map(|(item, count)| Some((claims.get(*item)?, *count))).collect();
    let size = |(claim, count): &(&Claim<'_>, u64)| {
        let [cpu, memory, _] = claim.each.parts();
        (u128::from(cpu) * u128::from(*count), u128::from(memory) * u128::from(*count))
    };
    left.sort_by_key(|part| std::cmp::Reverse(size(part)));
    let what = match outcome.verdict {
        Verdict::Impossible => "the sums fit the nodes, but no placement does",
        _ => "the sums fit the nodes, but no placement was found",
    };
    let mut over: Vec<String> = left
        .iter()
        .take(MAX_LISTED)
        .map(|(claim, count)| match claim.service {
            Some(_) => format!("{count} × {} ({})", claim.name, load_text(claim.each)),
            None => format!("{} ({})", claim.name, load_text(claim.each)),
        })
        .collect();
    if left.len() > over.len() {
        over.push(format!("{} more services", left.len() - over.len()));
    }
    let bins = bins_text(context, claims, &best.bins);
    let mut message = format!("{lead}{what}: at best {bins}; left over {}", over.join(", "));
    if let Some(when) = &state.when {
        message.push_str(&format!(", from {when}"));
    }
    message.push_str(&uncounted(claims));
    let place = left.first().map_or(context.spec.at.place(), |(claim, _)| claim.at);
    let help = match left.first() {
        Some((claim, count)) if claim.service.is_some() && u64::from(claim.count) > *count => {
            format!(
                "run {} of `{}`, ask for less, or add a node",
                plural(u64::from(claim.count) - count, "replica"),
                claim.name
            )
        }
        _ => "ask for less, or add a node".to_owned(),
    };
    let worst = left.iter().map(|(_, count)| i128::from(*count)).sum::<i128>();
    let mut finding = report.at(place, message).help(help).worst(worst);
    for (claim, _) in left.into_iter().take(MAX_LISTED) {
        finding = finding.label(claim.at, label(claim));
        if let Some(service) = claim.service.filter(|service| service.resources.written) {
            finding = finding.label(service.resources.at.place(), format!("each {}", load_text(claim.each)));
        }
    }
    label_nodes(finding, context)
}

/// `2 × small [web 1, worker 2], 1 × large [web 3]`.
fn bins_text(context: &Context<'_>, claims: &[Claim<'_>], bins: &[Bin]) -> String {
    let Some(capacity) = &context.spec.capacity else { return String::new() };
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
        texts.push(format!("{more} more nodes"));
    }
    if texts.is_empty() { "no node holds any".to_owned() } else { texts.join(", ") }
}
