//! The connections that services open together to a backing service, at the worst instant, and the finding about them.

use super::{MAX_LABELS, joined};
use crate::model::states::{Scope, State};
use crate::model::{Backing, Connections, Service, ServiceField, Val};
use crate::support::diagnostic::{Finding, SPEC};
use crate::support::plural::plural;
use crate::support::source::FileSpan;
use std::collections::HashMap;

/// What one service opens.
struct ConnectionShare<'s> {
    service: &'s Service,
    connections: &'s Connections,
    replicas: Val<u32>,
    surge: u32,
}

impl ConnectionShare<'_> {
    fn slots(&self) -> u64 {
        u64::from(self.service.slots_each())
    }

    fn connections_each(&self) -> u128 {
        let Connections { per_replica, per_slot, .. } = self.connections;
        u128::from(per_replica.value) + u128::from(per_slot.value) * u128::from(self.slots())
    }

    fn count(&self) -> u128 {
        u128::from(self.replicas.value) + u128::from(self.surge)
    }

    fn total(&self) -> u128 {
        self.count() * self.connections_each()
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
            let word = if matches!((per_replica, per_slot), (1, 0) | (0, 1)) { "connection" } else { "connections" };
            format!("{count}{words} × {each} {word}")
        } else {
            format!("{} {count} × {each}", self.service.name)
        }
    }
}

/// All that is opened to one backing service in one state: its worst.
pub struct ConnectionSum<'s> {
    backing: &'s Backing,
    max: Val<u32>,
    /// The fewest replicas of a pooler that then run, each with a bound of its own.
    pooler: Option<Val<u32>>,
    shares: Vec<ConnectionShare<'s>>,
    when: Option<&'s str>,
    /// Connections, the reserved ones included.
    pub total: u128,
}

impl<'s> ConnectionSum<'s> {
    /// The bound.
    #[must_use]
    pub fn most(&self) -> u128 {
        bound(self.max, self.pooler)
    }

    /// `maxConnections 200`, of a pooler `2 replicas × maxConnections 150 = 300`.
    fn bound_text(&self) -> String {
        match self.pooler.map(|replicas| replicas.value.max(1)) {
            None | Some(1) => format!("maxConnections {}", self.max.value),
            Some(count) => format!("{count} replicas × maxConnections {} = {}", self.max.value, self.most()),
        }
    }

    /// What the services open, without what is reserved.
    #[must_use]
    pub fn opened(&self) -> u128 {
        self.total.saturating_sub(u128::from(self.backing.reserved_connections.value))
    }

    /// Whether as many connections are reserved as there are.
    #[must_use]
    pub fn leaves_none(&self) -> bool {
        self.backing.reserved_connections.value >= self.max.value
    }

    /// The share that opens most: the first of equal ones.
    fn largest(&self) -> Option<&ConnectionShare<'s>> {
        self.shares.iter().rev().max_by_key(|share| share.total())
    }

    /// The `connections` entry of the largest part.
    #[must_use]
    pub fn place(&self) -> FileSpan {
        self.largest().map_or(self.max.place(), |share| share.connections.at.place())
    }

    /// How bad it is, among sums of one backing service.
    #[must_use]
    pub fn worst(&self) -> i128 {
        i128::try_from(self.total).unwrap_or(i128::MAX)
    }

    /// `6 replicas × 10 slots × 4 connections + 3 reserved = 243, above maxConnections 200`.
    #[must_use]
    pub fn message(&self) -> String {
        let opening: Vec<&ConnectionShare<'_>> = self.shares.iter().filter(|share| share.total() > 0).collect();
        let alone = opening.len() == 1;
        let parts: Vec<(u128, String)> = opening.iter().map(|share| (share.total(), share.text(alone))).collect();
        let mut sum = joined(&parts, |rest| rest.to_string());
        let reserved = self.backing.reserved_connections.value;
        if reserved > 0 {
            let plus = if sum.is_empty() { "" } else { " + " };
            sum.push_str(&format!("{plus}{reserved} reserved"));
        }
        let mut message = format!("{sum} = {}, above {}", self.total, self.bound_text());
        if let Some(when) = self.when {
            message.push_str(&format!(", from {when}"));
        }
        let unknown = |share: &&&ConnectionShare<'_>| share.uses_slots() && share.service.concurrency.is_none();
        let unknown: Vec<&str> = opening.iter().filter(unknown).map(|share| &*share.service.name).collect();
        match unknown.as_slice() {
            [] => {}
            [one] => message.push_str(&format!(" (the concurrency of `{one}` is unknown and counts 1)")),
            many => message.push_str(&format!(" (the concurrency of {} services is unknown and counts 1)", many.len())),
        }
        message
    }

    /// The smallest change: the bound, or the replicas of the largest part.
    #[must_use]
    pub fn help(&self) -> String {
        let count = self.pooler.map_or(1, |replicas| u128::from(replicas.value.max(1)));
        let least = self.total.div_ceil(count);
        let mut help = match self.max.at.file {
            SPEC => format!("set maxConnections to at least {least}"),
            // the words of a base stay as they are
            _ => format!("start `{}` with at least {least} in place of {}", self.backing.name, self.max.value),
        };
        if let (Some(_), 1..) = (self.pooler, self.max.value) {
            let replicas = self.total.div_ceil(u128::from(self.max.value));
            help.push_str(&format!(", or the replicas of `{}` to at least {replicas}", self.backing.name));
        }
        // fewer replicas help only if one is left
        if let Some(share) = self.largest().filter(|share| share.connections_each() > 0 && share.surge == 0) {
            let others = self.total - share.total();
            let most = self.most().saturating_sub(others) / share.connections_each();
            if others <= self.most() && most > 0 {
                help.push_str(&format!(", or the replicas of `{}` to at most {most}", share.service.name));
            }
        }
        help
    }

    /// Labels every place that took part, the largest parts first.
    #[must_use]
    pub fn labels(&self, mut finding: Finding) -> Finding {
        finding = finding.label(self.max.place(), format!("maxConnections {}", self.max.value));
        if let Some(replicas) = self.pooler {
            finding = finding.label(replicas.place(), format!("{} of the pooler", plural(replicas.value, "replica")));
        }
        let reserved = self.backing.reserved_connections;
        if reserved.written && reserved.value > 0 {
            finding = finding.label(reserved.place(), format!("{} reserved", reserved.value));
        }
        let mut shares: Vec<&ConnectionShare<'_>> = self.shares.iter().filter(|share| share.total() > 0).collect();
        shares.sort_by_key(|share| std::cmp::Reverse(share.total()));
        for share in shares.into_iter().take(MAX_LABELS) {
            let ConnectionShare { connections, replicas, service, .. } = share;
            let each = share.connections_each();
            finding = finding.label(connections.at.place(), format!("{} a replica", plural(each, "connection")));
            finding = finding.label(replicas.place(), plural(replicas.value, "replica"));
            if share.surge > 0 {
                finding =
                    finding.label(service.update().surge.place(), format!("surge {}", service.update().surge.value));
            }
            if let (true, Some(concurrency)) = (share.uses_slots(), &service.concurrency) {
                finding = finding.label(concurrency.limit.place(), plural(concurrency.limit.value, "slot"));
            }
        }
        finding
    }
}

/// The most connections: of a pooler each replica has its own bound, and one runs at least.
fn bound(max: Val<u32>, pooler: Option<Val<u32>>) -> u128 {
    u128::from(max.value) * pooler.map_or(1, |replicas| u128::from(replicas.value.max(1)))
}

/// The worst sum of each backing service that has a bound, with `surge` replicas more; empty if a part is broken.
#[must_use]
pub fn connections<'s>(scope: Scope<'s>, surge: impl Fn(&Service, u32) -> u32) -> Vec<ConnectionSum<'s>> {
    let services = || scope.spec.services();
    let parts = [
        ServiceField::Connections,
        ServiceField::Replicas,
        ServiceField::Schedule,
        ServiceField::Update,
        ServiceField::Kind,
        ServiceField::Concurrency,
    ];
    let users = |service: &&Service| service.broken.has(ServiceField::Connections) || !service.connections.is_empty();
    if services().filter(users).any(|service| parts.iter().any(|part| service.broken.has(*part))) {
        return Vec::new();
    }
    let mut by_backing: HashMap<&str, Vec<(usize, &Service, &Connections)>> = HashMap::new();
    for (index, service) in services().enumerate() {
        for connections in &service.connections {
            by_backing.entry(&connections.to).or_default().push((index, service, connections));
        }
    }
    let mut sums = Vec::new();
    for backing in scope.spec.backing.iter().filter(|backing| !backing.broken) {
        let (Some(max), Some(users)) = (backing.max_connections, by_backing.get(&*backing.name)) else { continue };
        sums.extend(worst(scope, backing, max, users, &surge));
    }
    sums
}

fn worst<'s>(
    scope: Scope<'s>,
    backing: &'s Backing,
    max: Val<u32>,
    users: &[(usize, &'s Service, &'s Connections)],
    surge: &impl Fn(&Service, u32) -> u32,
) -> Option<ConnectionSum<'s>> {
    let share = |state: &State, (index, service, connections): (usize, &'s Service, &'s Connections)| {
        let replicas = scope.bounds(state, index, service).max;
        ConnectionShare { service, connections, replicas, surge: surge(service, replicas.value) }
    };
    // what has no window is the same in every state
    let (windowed, steady): (Vec<_>, Vec<_>) =
        users.iter().copied().partition(|(_, service, _)| !service.schedule.is_empty());
    let first = scope.states.list.first()?;
    let reserved = u128::from(backing.reserved_connections.value);
    let base: u128 = reserved + steady.into_iter().map(|user| share(first, user).total()).sum::<u128>();
    let pooler = scope.spec.pooler(backing);
    if pooler.is_some_and(|(_, service)| {
        [ServiceField::Replicas, ServiceField::Schedule].iter().any(|part| service.broken.has(*part))
    }) {
        return None;
    }
    // the clients may be many while the pooler is at its fewest
    let fewest = |state: &State| pooler.map(|(index, service)| scope.bounds(state, index, service).min);
    let above = |total: u128, state: &State| {
        let signed = |number: u128| i128::try_from(number).unwrap_or(i128::MAX);
        signed(total).saturating_sub(signed(bound(max, fewest(state))))
    };
    let mut worst = (0u128, first);
    for state in &scope.states.list {
        let total = base + windowed.iter().map(|user| share(state, *user).total()).sum::<u128>();
        if above(total, state) > above(worst.0, worst.1) {
            worst = (total, state);
        }
    }
    let (total, state) = worst;
    let shares = users.iter().map(|user| share(state, *user)).collect();
    Some(ConnectionSum { backing, max, pooler: fewest(state), shares, when: state.when.as_deref(), total })
}
