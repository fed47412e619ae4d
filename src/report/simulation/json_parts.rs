//! Parts of the stable form that simulations and sums share.

use crate::simulate::Nanos;
use crate::simulate::assertion::AssertionOutcome;
use crate::simulate::results::readable;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Asserted<'a> {
    assertion: &'a str,
    outcome: &'static str,
    reason: Option<&'a str>,
    value: Option<f64>,
    bound: f64,
    /// How far inside the bound, as a fraction of it.
    margin: Option<f64>,
    seed: Option<u64>,
}

#[expect(clippy::cast_precision_loss, reason = "instants are far below 2^53 µs")]
pub(super) fn seconds(at: Nanos) -> f64 {
    (at / 1000) as f64 / 1e6
}

pub(super) fn asserted<'a>(
    assertion: &'a crate::simulate::assertion::Assertion,
    verdict: &'a crate::simulate::assertion::AssertionVerdict,
) -> Asserted<'a> {
    let (outcome, reason) = match &verdict.outcome {
        AssertionOutcome::Ok => ("ok", None),
        AssertionOutcome::Failed => ("failed", None),
        AssertionOutcome::Undecided(reason) => ("undecided", Some(reason.as_str())),
    };
    let number = |value: i128| readable(assertion.name.kind, value);
    Asserted {
        assertion: &assertion.text,
        outcome,
        reason,
        value: verdict.worst.map(number),
        bound: number(assertion.bound),
        margin: verdict.margin.map(|margin| readable(crate::simulate::results::NumberKind::Count, margin) / 1000.0),
        seed: verdict.seed,
    }
}
