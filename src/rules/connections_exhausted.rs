//! The connections that services open together, against what a backing service takes. Shares its sum with the rollout rule.

use super::{Context, Group, Meta, Report};
use crate::diagnostic::{Finding, Severity};
use crate::model::states::State;
use crate::model::{Backing, Connections, Part, Service, Val};
use crate::source::Place;
use std::collections::HashMap;

pub(super) const META: Meta =
    Meta { id: "connections-exhausted", severity: Severity::Error, group: Group::Backing, check: Some(check) };

/// Parts of a sum that are written out; the rest is one number.
const MAX_PARTS: usize = 6;
/// Services whose places are labelled, largest parts first.
const MAX_LABELS: usize = 20;

fn check(context: &Context<'_>, report: &mut Report) {
    for sum in sums(context, |_, _| 0).iter().filter(|sum| sum.total > sum.most()) {
        let finding = report.at(sum.place(), sum.message()).help(sum.help()).worst(sum.worst());
        report.push(sum.labels(finding));
    }
}

/// What one service opens.
struct Share<'s> {
    service: &'s Service,
    connections: &'s Connections,
    replicas: Val<u32>,
    surge: u32,
}

impl Share<'_> {
    fn slots(&self) -> u64 {
        u64::from(self.service.slots_each())
    }

    fn each(&self) -> u128 {
        let Connections { per_replica, per_slot, .. } = self.connections;
        u128::from(per_replica.value) + u128::from(per_slot.value) * u128::from(self.slots())
    }

    fn count(&self) -> u128 {
        u128::from(self.replicas.value) + u128::from(self.surge)
    }

    fn total(&self) -> u128 {
        self.count() * self.each()
    }

    fn uses_slots(&self) -> bool {
        self.connections.per_slot.value > 0
    }

    fn text(&self, alone: bool) -> String {
        let (replicas, per_slot) = (self.replicas.value, self.connections.per_slot.value);
        let per_replica = self.connections.per_replica.value;
        let (words, slot_words) = if alone {
            (
                if self.count() == 1 { " replica" } else { " replicas" },
                if self.slots() == 1 { " slot" } else { " slots" },
            )
        } else {
            ("", "")
        };
        let count = if self.surge > 0 { format!("({replicas} + {})", self.surge) } else { format!("{replicas}") };
        let slots = format!("{}{slot_words} × {per_slot}", self.slots());
        let each = match (per_replica, per_slot) {
            (_, 0) => format!("{per_replica}"),
            (0, _) => slots,
            _ => format!("({per_replica} + {slots})"),
        };
        if alone {
            format!("{count}{words} × {each} connections")
        } else {
            format!("{} {count} × {each}", self.service.name)
        }
    }
}

/// All that is opened to one backing service in one state: its worst.
pub(super) struct Sum<'s> {
    backing: &'s Backing,
    max: Val<u32>,
    shares: Vec<Share<'s>>,
    when: Option<&'s str>,
    pub(super) total: u128,
}

impl<'s> Sum<'s> {
    pub(super) fn most(&self) -> u128 {
        u128::from(self.max.value)
    }

    /// The share that opens most: the first of equal ones.
    fn largest(&self) -> Option<&Share<'s>> {
        self.shares.iter().rev().max_by_key(|share| share.total())
    }

    pub(super) fn place(&self) -> Place {
        self.largest().map_or(self.max.place(), |share| share.connections.at.place())
    }

    pub(super) fn worst(&self) -> i128 {
        i128::try_from(self.total).unwrap_or(i128::MAX)
    }

    /// `6 replicas × 10 slots × 4 connections + 3 reserved = 243, above maxConnections 200`.
    pub(super) fn message(&self) -> String {
        let opening: Vec<&Share<'_>> = self.shares.iter().filter(|share| share.total() > 0).collect();
        let alone = opening.len() == 1;
        let parts: Vec<(u128, String)> = opening.iter().map(|share| (share.total(), share.text(alone))).collect();
        let mut sum = joined(&parts, |rest| rest.to_string());
        let reserved = self.backing.reserved_connections.value;
        if reserved > 0 {
            sum.push_str(&format!(" + {reserved} reserved"));
        }
        let mut message = format!("{sum} = {}, above maxConnections {}", self.total, self.max.value);
        if let Some(when) = self.when {
            message.push_str(&format!(", from {when}"));
        }
        let unknown = |share: &&&Share<'_>| share.uses_slots() && share.service.concurrency.is_none();
        let unknown: Vec<&str> = opening.iter().filter(unknown).map(|share| share.service.name.as_str()).collect();
        match unknown.as_slice() {
            [] => {}
            [one] => message.push_str(&format!(" (the concurrency of `{one}` is unknown and counts 1)")),
            many => message.push_str(&format!(" (the concurrency of {} services is unknown and counts 1)", many.len())),
        }
        message
    }

    pub(super) fn help(&self) -> String {
        let mut help = format!("set maxConnections to at least {}", self.total);
        // fewer replicas help only where one is left
        if let Some(share) = self.largest().filter(|share| share.each() > 0 && share.surge == 0) {
            let others = self.total - share.total();
            let room = self.most().saturating_sub(others) / share.each();
            if others <= self.most() && room > 0 {
                help.push_str(&format!(", or the replicas of `{}` to at most {room}", share.service.name));
            }
        }
        help
    }

    pub(super) fn labels(&self, mut finding: Finding) -> Finding {
        finding = finding.label(self.max.place(), format!("maxConnections {}", self.max.value));
        let reserved = self.backing.reserved_connections;
        if reserved.written && reserved.value > 0 {
            finding = finding.label(reserved.place(), format!("{} reserved", reserved.value));
        }
        let mut shares: Vec<&Share<'_>> = self.shares.iter().filter(|share| share.total() > 0).collect();
        shares.sort_by_key(|share| std::cmp::Reverse(share.total()));
        for share in shares.into_iter().take(MAX_LABELS) {
            let Share { connections, replicas, service, .. } = share;
            let each = share.each();
            finding = finding.label(connections.at.place(), format!("{} a replica", plural(each, "connection")));
            finding = finding.label(replicas.place(), plural(replicas.value, "replica"));
            if share.surge > 0 {
                finding = finding.label(service.update.surge.place(), format!("surge {}", service.update.surge.value));
            }
            if let (true, Some(concurrency)) = (share.uses_slots(), &service.concurrency) {
                finding = finding.label(concurrency.limit.place(), plural(concurrency.limit.value, "slot"));
            }
        }
        finding
    }
}

/// The worst sum of each backing service that has a bound, with `surge` replicas more; none where a part is broken.
pub(super) fn sums<'s>(context: &'s Context<'s>, surge: impl Fn(&Service, u32) -> u32) -> Vec<Sum<'s>> {
    let services = &context.spec.services;
    let parts = [Part::Connections, Part::Replicas, Part::Schedule, Part::Update, Part::Kind, Part::Concurrency];
    let users = |service: &&Service| service.broken.has(Part::Connections) || !service.connections.is_empty();
    if services.iter().filter(users).any(|service| parts.iter().any(|part| service.broken.has(*part))) {
        return Vec::new();
    }
    let mut by_backing: HashMap<&str, Vec<(usize, &Service, &Connections)>> = HashMap::new();
    for (index, service) in services.iter().enumerate() {
        for connections in &service.connections {
            by_backing.entry(&connections.to).or_default().push((index, service, connections));
        }
    }
    let mut sums = Vec::new();
    for backing in context.spec.backing.iter().filter(|backing| !backing.broken) {
        let (Some(max), Some(users)) = (backing.max_connections, by_backing.get(&*backing.name)) else { continue };
        sums.extend(worst(context, backing, max, users, &surge));
    }
    sums
}

fn worst<'s>(
    context: &'s Context<'s>,
    backing: &'s Backing,
    max: Val<u32>,
    users: &[(usize, &'s Service, &'s Connections)],
    surge: &impl Fn(&Service, u32) -> u32,
) -> Option<Sum<'s>> {
    let share = |state: &State, (index, service, connections): (usize, &'s Service, &'s Connections)| {
        let replicas = context.bounds(state, index, service).max;
        Share { service, connections, replicas, surge: surge(service, replicas.value) }
    };
    // what has no window is the same in every state
    let (windowed, steady): (Vec<_>, Vec<_>) =
        users.iter().copied().partition(|(_, service, _)| !service.schedule.is_empty());
    let first = context.states.list.first()?;
    let reserved = u128::from(backing.reserved_connections.value);
    let base: u128 = reserved + steady.into_iter().map(|user| share(first, user).total()).sum::<u128>();
    let mut worst = (0u128, first);
    for state in &context.states.list {
        let total = base + windowed.iter().map(|user| share(state, *user).total()).sum::<u128>();
        if total > worst.0 {
            worst = (total, state);
        }
    }
    let (total, state) = worst;
    let shares = users.iter().map(|user| share(state, *user)).collect();
    Some(Sum { backing, max, shares, when: state.when.as_deref(), total })
}

/// `1 replica`, `2 replicas`.
pub(super) fn plural(count: impl Into<u128>, word: &str) -> String {
    let count = count.into();
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// `a + b + c`, or the largest six and the sum of the rest.
pub(super) fn joined(parts: &[(u128, String)], rest_text: impl Fn(u128) -> String) -> String {
    let mut largest: Vec<usize> = (0..parts.len()).collect();
    largest.sort_by_key(|index| std::cmp::Reverse(parts.get(*index).map(|(size, _)| *size)));
    let mut kept: Vec<usize> = largest.iter().copied().take(MAX_PARTS).collect();
    kept.sort_unstable();
    let mut texts: Vec<String> =
        kept.into_iter().filter_map(|index| parts.get(index)).map(|(_, text)| text.clone()).collect();
    let rest: Vec<u128> =
        largest.into_iter().skip(MAX_PARTS).filter_map(|index| parts.get(index)).map(|(size, _)| *size).collect();
    if !rest.is_empty() {
        let sum = rest.iter().fold(0u128, |sum, size| sum.saturating_add(*size));
        texts.push(format!("{} others {}", rest.len(), rest_text(sum)));
    }
    texts.join(" + ")
}
