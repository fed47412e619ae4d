//! Sums over services in the stable form. Amounts of limits are connections, cores, bytes and GPUs.

use super::super::json_parts::{Asserted, asserted, seconds};
use super::Together;
use crate::simulate::results::{NamedNumber, TOGETHER, name, readable};
use crate::simulate::together::{Peak, SharedKind, SharedResource};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
pub(in crate::report::simulation) struct TogetherEntry<'a> {
    profile: Option<&'a str>,
    policy: &'a str,
    services: Vec<&'a str>,
    /// Services without a load, with the number of replicas assumed for them.
    others: &'a BTreeMap<String, u32>,
    scored_seconds: f64,
    #[serde(rename = "things")]
    resources: Vec<SharedEntry<'a>>,
    unplaced: Option<NamedNumber>,
    replica_hours: Option<NamedNumber>,
    cost: Option<NamedNumber>,
    assertions: Vec<AssertedOf<'a>>,
}

#[derive(Serialize)]
struct SharedEntry<'a> {
    name: &'static str,
    of: &'a str,
    limit: Option<f64>,
    results: BTreeMap<&'static str, NamedNumber>,
    peak: Option<PeakEntry>,
}

#[derive(Serialize)]
struct PeakEntry {
    taken: f64,
    at: f64,
    seed: u64,
}

#[derive(Serialize)]
struct AssertedOf<'a> {
    of: &'a str,
    #[serde(flatten)]
    asserted: Asserted<'a>,
}

pub(in crate::report::simulation) fn entry(together: &Together) -> TogetherEntry<'_> {
    let all = &together.results.all;
    let number = |wanted: &str| name(wanted).filter(|of| all.across(of.name, None).is_some()).map(|of| all.spreads(of));
    let resources = together.parts.shared.resources.iter().zip(&together.results.resources);
    TogetherEntry {
        profile: together.parts.profile.as_deref(),
        policy: &together.parts.policy,
        services: together.parts.members.iter().map(|member| member.service.as_str()).collect(),
        others: &together.parts.shared.others,
        scored_seconds: seconds(together.results.known.iter().map(|(from, to)| to - from).sum()),
        resources: resources
            .map(|(resource, found)| SharedEntry {
                name: resource.kind.name(),
                of: &resource.of,
                limit: resource.limit.map(|limit| amount(resource, i128::from(limit))),
                results: TOGETHER
                    .iter()
                    .filter(|of| [resource.kind.name(), "over_limit"].contains(&of.name))
                    .map(|of| (of.name, found.results.spreads(of)))
                    .collect(),
                peak: found.peak.map(|peak| peak_entry(resource, peak)),
            })
            .collect(),
        unplaced: number("unplaced"),
        replica_hours: number("replica_hours"),
        cost: number("cost"),
        assertions: together
            .verdicts
            .iter()
            .map(|(assertion, of, verdict)| AssertedOf { of, asserted: asserted(assertion, verdict) })
            .collect(),
    }
}

fn peak_entry(resource: &SharedResource, peak: Peak) -> PeakEntry {
    PeakEntry { taken: amount(resource, peak.taken), at: seconds(peak.at), seed: peak.seed }
}

fn amount(resource: &SharedResource, amount: i128) -> f64 {
    let kind = match resource.kind {
        SharedKind::Cpu => crate::simulate::results::NumberKind::Number,
        _ => crate::simulate::results::NumberKind::Count,
    };
    readable(kind, amount)
}
