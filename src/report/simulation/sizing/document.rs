//! A sizing as JSON, in a stable form. Times are seconds, shares fractions of 1, instants Unix seconds.

use super::super::json_parts::seconds;
use super::{SizedDifference, SizedService, Sizing};
use crate::simulate::assertion::{Assertion, AssertionOutcome, AssertionVerdict};
use crate::simulate::results::{NumberKind, PolicyResults, readable};
use crate::simulate::search::Evaluation;
use serde::Serialize;
use std::collections::BTreeMap;

/// It rises only when a field is removed or changes its meaning.
const VERSION: u32 = 1;

#[derive(Serialize)]
pub(super) struct SizingDocument<'a> {
    version: u32,
    scalegen: &'a str,
    name: &'a str,
    holds: bool,
    services: Vec<SizedEntry<'a>>,
}

#[derive(Serialize)]
struct SizedEntry<'a> {
    service: &'a str,
    profile: Option<&'a str>,
    policy: &'a str,
    load: &'a str,
    samples: usize,
    chosen_on: [f64; 2],
    held_out: [f64; 2],
    grid: BTreeMap<&'static str, &'a [String]>,
    combinations: usize,
    thinned: &'a [&'static str],
    candidates: usize,
    refused_by_lint: usize,
    passed_screening: usize,
    stress: f64,
    policies: Vec<PolicyEntry<'a>>,
    holds: bool,
    refusal: Option<&'a str>,
    changes: Vec<ChangedField<'a>>,
    held_out_result: Option<HeldOut>,
    on_an_edge: bool,
    off_the_edge: Vec<ChangedField<'a>>,
    requests: &'a [String],
    assumptions: BTreeMap<&'static str, &'a str>,
    limits: &'a [&'static str],
}

#[derive(Serialize)]
struct PolicyEntry<'a> {
    policy: &'a str,
    holds: bool,
    cost: Option<f64>,
    assertions: Vec<AssertedOnce>,
    stressed: Vec<AssertedOnce>,
    results: PolicyResults,
}

#[derive(Serialize)]
struct ChangedField<'a> {
    field: &'static str,
    before: &'a str,
    after: &'a str,
}

#[derive(Serialize)]
struct HeldOut {
    assertions: Vec<AssertedOnce>,
    replica_hours: f64,
    days: usize,
    days_met: usize,
}

#[derive(Serialize)]
struct AssertedOnce {
    assertion: String,
    outcome: &'static str,
    value: Option<f64>,
    bound: f64,
    margin: Option<f64>,
}

pub(super) fn document<'a>(sizing: &'a Sizing<'a>) -> SizingDocument<'a> {
    SizingDocument {
        version: VERSION,
        scalegen: sizing.version,
        name: sizing.name,
        holds: sizing.holds(),
        services: sizing.services.iter().map(sized_entry).collect(),
    }
}

fn sized_entry(sized: &SizedService) -> SizedEntry<'_> {
    let (from, split, to) = sized.days;
    SizedEntry {
        service: &sized.service,
        profile: sized.profile.as_deref(),
        policy: &sized.policy,
        load: &sized.load,
        samples: sized.samples,
        chosen_on: [seconds(from), seconds(split)],
        held_out: [seconds(split), seconds(to)],
        grid: sized.axes.iter().map(|(field, values)| (*field, values.as_slice())).collect(),
        combinations: sized.whole,
        thinned: &sized.thinned,
        candidates: sized.tried,
        refused_by_lint: sized.refused,
        passed_screening: sized.found.screened.iter().filter(|candidate| candidate.holds).count(),
        stress: sized.stress,
        policies: sized.rows.iter().map(|row| policy(sized, &row.title, &row.evaluation)).collect(),
        holds: sized.holds(),
        refusal: sized.refusal.as_deref(),
        changes: sized.chosen.as_ref().map_or_else(Vec::new, |chosen| changed(&chosen.differences)),
        held_out_result: sized.chosen.as_ref().map(|chosen| HeldOut {
            assertions: asserted(&sized.assertions, &chosen.held.verdicts),
            replica_hours: readable(NumberKind::Number, chosen.held.hours()),
            days: chosen.days.len(),
            days_met: chosen.days.iter().filter(|met| **met).count(),
        }),
        on_an_edge: sized.edge.is_some(),
        off_the_edge: changed(&sized.safer),
        requests: &sized.advice,
        assumptions: sized.assumptions.iter().map(|(name, value)| (*name, value.as_str())).collect(),
        limits: &sized.limits,
    }
}

fn policy<'a>(sized: &'a SizedService, title: &'a str, evaluation: &Evaluation) -> PolicyEntry<'a> {
    PolicyEntry {
        policy: title,
        holds: evaluation.holds(),
        cost: sized.price.map(|price| readable(NumberKind::Number, evaluation.hours()) * price),
        assertions: asserted(&sized.assertions, &evaluation.verdicts),
        stressed: asserted(&sized.assertions, &evaluation.stressed),
        results: evaluation.results.document(),
    }
}

fn changed(differences: &[SizedDifference]) -> Vec<ChangedField<'_>> {
    differences.iter().map(|(field, before, after)| ChangedField { field, before, after }).collect()
}

fn asserted(assertions: &[Assertion], verdicts: &[AssertionVerdict]) -> Vec<AssertedOnce> {
    let entry = |(assertion, verdict): (&Assertion, &AssertionVerdict)| AssertedOnce {
        assertion: assertion.text.clone(),
        outcome: match verdict.outcome {
            AssertionOutcome::Ok => "ok",
            AssertionOutcome::Failed => "failed",
            AssertionOutcome::Undecided(_) => "undecided",
        },
        value: verdict.worst.map(|worst| readable(assertion.name.kind, worst)),
        bound: readable(assertion.name.kind, assertion.bound),
        margin: verdict.margin.map(|margin| readable(NumberKind::Count, margin) / 1000.0),
    };
    assertions.iter().zip(verdicts).map(entry).collect()
}
