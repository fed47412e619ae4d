//! Version 1 of the formations' JSON form: frozen, so it has its own structs. A new field is allowed; a changed one is version 2.
//!
//! `{"version": 1, "name": …, "formations": […]}`, the base (`"profile": null`) first. CPU is a number of cores, memory
//! a number of bytes, a price a number of the currency's unit for a month. Null is a number nobody wrote, or one that a
//! fault in the spec hides; `unknown` lists the latter as paths from the formation. Every key is always there.
//!
//! A formation: `name` and `file` (the first of the files it was read from if that is not a spec or a folder was named, else null),
//! `instant` (RFC 3339 or null), `limitResources`, `services`, `backingServices`, `total` (with the base
//! bounds, or those at the instant), `peak` (the most over a week, or null), `connections`, `capacity` (or null).
//! A service has `requests` and `limits` of one replica and `bounds`: the base's (`"window": null`) and each window's,
//! with `all` (what the most replicas take: requests, else limits) and `connections` by backing service.
//! A `when` is the moment a sum is reached at (`mon 08:00 Europe/Berlin`), null outside every window.

use crate::plan::summary::{
    Fact, Formation, LeastMost, Machines, PerResource, Pool, ServiceLine, SummedBounds, TakenShare, Total,
};
use crate::report::words::json_text;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

#[derive(Serialize)]
struct SummaryV1<'a> {
    version: u8,
    name: &'a str,
    formations: Vec<V1Formation<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct V1Formation<'a> {
    name: &'a str,
    file: Option<&'a str>,
    profile: Option<&'a str>,
    instant: Option<&'a str>,
    limit_resources: bool,
    services: Vec<V1Service<'a>>,
    backing_services: Vec<V1Backing<'a>>,
    total: V1Total<'a>,
    peak: Option<V1Total<'a>>,
    connections: Vec<V1Pool<'a>>,
    capacity: Option<V1Machines<'a>>,
    unknown: Vec<String>,
}

#[derive(Serialize)]
struct V1Service<'a> {
    name: &'a str,
    concurrency: Option<u64>,
    requests: V1Each,
    limits: V1Each,
    bounds: Vec<V1Bounds<'a>>,
}

#[derive(Serialize)]
struct V1Bounds<'a> {
    window: Option<&'a str>,
    replicas: Option<V1Range>,
    slots: Option<V1Range>,
    all: V1Each,
    connections: BTreeMap<&'a str, u128>,
}

#[derive(Serialize)]
struct V1Range {
    min: u64,
    max: u64,
}

#[derive(Serialize)]
struct V1Each {
    cpu: Option<f64>,
    memory: Option<u128>,
    gpu: Option<u128>,
}

#[derive(Serialize)]
struct V1Backing<'a> {
    name: &'a str,
    memory: Option<u64>,
}

#[derive(Serialize)]
struct V1Total<'a> {
    replicas: Option<V1Range>,
    slots: Option<V1Range>,
    all: V1Each,
    when: V1When<'a>,
}

#[derive(Serialize)]
struct V1When<'a> {
    cpu: Option<&'a str>,
    memory: Option<&'a str>,
    gpu: Option<&'a str>,
}

#[derive(Serialize)]
struct V1Pool<'a> {
    to: &'a str,
    used: Option<u128>,
    when: Option<&'a str>,
    max: Option<u64>,
    reserved: u64,
}

#[derive(Serialize)]
struct V1Machines<'a> {
    nodes: u64,
    cpu: V1Share<'a, f64>,
    memory: V1Share<'a, u128>,
    gpu: V1Share<'a, u128>,
    price: Option<V1Price>,
    placement: Option<V1Placement<'a>>,
}

#[derive(Serialize)]
struct V1Share<'a, T> {
    used: Option<T>,
    of: T,
    when: Option<&'a str>,
}

#[derive(Serialize)]
struct V1Price {
    amount: f64,
    nodes: u64,
}

#[derive(Serialize)]
struct V1Placement<'a> {
    when: Option<&'a str>,
    nodes: Vec<V1Node<'a>>,
    nowhere: Vec<V1Held<'a>>,
    impossible: bool,
}

#[derive(Serialize)]
struct V1Node<'a> {
    group: &'a str,
    count: u64,
    holds: Vec<V1Held<'a>>,
}

#[derive(Serialize)]
struct V1Held<'a> {
    name: &'a str,
    count: u64,
}

pub(super) fn write(all: &[Formation], out: &mut dyn Write) -> io::Result<()> {
    let name = all.first().map_or("", |one| &one.name);
    let whole = SummaryV1 { version: 1, name, formations: all.iter().map(formation).collect() };
    writeln!(out, "{}", json_text(&whole)?)
}

fn formation(formation: &Formation) -> V1Formation<'_> {
    let capacity = match &formation.machines {
        Some(Fact::Is(found)) => Some(machines(found)),
        _ => None,
    };
    let backing = formation.backing.iter().map(|(name, memory)| V1Backing { name, memory: memory.value() });
    V1Formation {
        name: &formation.name,
        file: formation.file.as_deref(),
        profile: formation.profile.as_deref(),
        instant: formation.instant.as_ref().map(|(_, program)| program.as_str()),
        limit_resources: formation.limits,
        services: formation.services.iter().map(|line| service(line, &formation.pools)).collect(),
        backing_services: backing.collect(),
        total: total(&formation.total),
        peak: formation.peak.as_ref().map(total),
        connections: formation.pools.iter().map(pool).collect(),
        capacity,
        unknown: unknown(formation),
    }
}

fn service<'a>(line: &'a ServiceLine, pools: &'a [Pool]) -> V1Service<'a> {
    let bounds = line.bounds.iter().map(|bounds| {
        let SummedBounds { window, replicas, slots, all, connections } = bounds;
        let counts = pools.iter().zip(connections).filter_map(|(pool, count)| Some((pool.to.as_str(), count.value()?)));
        V1Bounds {
            window: window.as_deref(),
            replicas: range(*replicas),
            slots: range(*slots),
            all: sums(all),
            connections: counts.collect(),
        }
    });
    V1Service {
        name: &line.name,
        concurrency: line.concurrency.value(),
        requests: amounts(&line.requests),
        limits: amounts(&line.limits),
        bounds: bounds.collect(),
    }
}

fn range(range: Fact<LeastMost>) -> Option<V1Range> {
    range.value().map(|LeastMost { min, max }| V1Range { min, max })
}

/// Billionths to a decimal number; exact to 15 digits, far beyond any spec's cores or price.
#[expect(clippy::cast_precision_loss, reason = "JSON numbers are floating point to most programs that read them")]
pub(in crate::report) fn units(nano: u128) -> f64 {
    nano as f64 / 1e9
}

fn amounts(each: &PerResource<Fact<u64>>) -> V1Each {
    let wide = |fact: Fact<u64>| fact.value().map(u128::from);
    V1Each { cpu: wide(each.cpu).map(units), memory: wide(each.memory), gpu: wide(each.gpu) }
}

fn sums(each: &PerResource<Fact<u128>>) -> V1Each {
    V1Each { cpu: each.cpu.value().map(units), memory: each.memory.value(), gpu: each.gpu.value() }
}

fn total(total: &Total) -> V1Total<'_> {
    let PerResource { cpu, memory, gpu } = &total.when;
    V1Total {
        replicas: range(total.replicas),
        slots: range(total.slots),
        all: sums(&total.all),
        when: V1When { cpu: cpu.as_deref(), memory: memory.as_deref(), gpu: gpu.as_deref() },
    }
}

fn pool(pool: &Pool) -> V1Pool<'_> {
    V1Pool {
        to: &pool.to,
        used: pool.used.value(),
        when: pool.when.as_deref(),
        max: pool.max.value(),
        reserved: pool.reserved,
    }
}

fn machines(machines: &Machines) -> V1Machines<'_> {
    fn share<T>(share: &TakenShare, unit: impl Fn(u128) -> T) -> V1Share<'_, T> {
        V1Share { used: share.used.value().map(&unit), of: unit(share.of), when: share.when.as_deref() }
    }
    fn held(list: &[(String, u64)]) -> Vec<V1Held<'_>> {
        list.iter().map(|(name, count)| V1Held { name, count: *count }).collect()
    }
    let placement = machines.placed.as_ref().map(|placed| V1Placement {
        when: placed.when.as_deref(),
        nodes: placed
            .nodes
            .iter()
            .map(|node| V1Node { group: &node.group, count: node.count, holds: held(&node.holds) })
            .collect(),
        nowhere: held(&placed.left),
        impossible: placed.impossible,
    });
    V1Machines {
        nodes: machines.nodes,
        cpu: share(&machines.shares.cpu, units),
        memory: share(&machines.shares.memory, |bytes| bytes),
        gpu: share(&machines.shares.gpu, |count| count),
        price: machines.price.map(|(amount, nodes)| V1Price { amount: units(amount), nodes }),
        placement,
    }
}

/// Paths of the numbers that a fault in the spec hides.
fn unknown(formation: &Formation) -> Vec<String> {
    let mut paths = Vec::new();
    let mut note = |hidden: bool, path: String| paths.extend(hidden.then_some(path));
    let each = |each: &PerResource<Fact<u64>>| [each.cpu, each.memory, each.gpu].contains(&Fact::Unknown);
    for (index, line) in formation.services.iter().enumerate() {
        let path = |rest: &str| format!("/services/{index}/{rest}");
        note(line.concurrency == Fact::Unknown, path("concurrency"));
        note(each(&line.requests), path("requests"));
        note(each(&line.limits), path("limits"));
        for (number, bounds) in line.bounds.iter().enumerate() {
            let SummedBounds { replicas, slots, all, connections, .. } = bounds;
            note(*replicas == Fact::Unknown, path(&format!("bounds/{number}/replicas")));
            note(*slots == Fact::Unknown, path(&format!("bounds/{number}/slots")));
            note([all.cpu, all.memory, all.gpu].contains(&Fact::Unknown), path(&format!("bounds/{number}/all")));
            note(connections.contains(&Fact::Unknown), path(&format!("bounds/{number}/connections")));
        }
    }
    for (index, (_, memory)) in formation.backing.iter().enumerate() {
        note(*memory == Fact::Unknown, format!("/backingServices/{index}/memory"));
    }
    for (name, total) in [("total", Some(&formation.total)), ("peak", formation.peak.as_ref())] {
        let Some(Total { replicas, slots, all, .. }) = total else { continue };
        note(*replicas == Fact::Unknown, format!("/{name}/replicas"));
        note(*slots == Fact::Unknown, format!("/{name}/slots"));
        note([all.cpu, all.memory, all.gpu].contains(&Fact::Unknown), format!("/{name}/all"));
    }
    for (index, pool) in formation.pools.iter().enumerate() {
        note(pool.used == Fact::Unknown, format!("/connections/{index}/used"));
        note(pool.max == Fact::Unknown, format!("/connections/{index}/max"));
    }
    note(formation.machines == Some(Fact::Unknown), "/capacity".to_owned());
    paths
}
