//! The sentences around the table of a sizing.

use super::super::chart::clock;
use super::super::numbers::{number_text, verdict};
use super::{SizedDifference, SizedService};
use crate::simulate::assertion::AssertionVerdict;
use crate::simulate::results::NumberKind;
use crate::simulate::search::{BATCH, KEPT, OFF, SECOND};

/// Hours by the price of one.
#[expect(clippy::cast_precision_loss, reason = "it is for reading")]
pub(super) fn cost(hours: i128, price: f64) -> String {
    format!("{:.2}", hours as f64 / 1e9 * price)
}

/// The sentence about what was tried, and how.
pub(super) fn tried(sized: &SizedService) -> Vec<String> {
    let title = match &sized.profile {
        Some(profile) => format!("{} in {profile}", sized.service),
        None => sized.service.clone(),
    };
    let (from, split, to) = sized.days;
    let mut lines = vec![format!("{title}: {} of {}, {} samples", sized.policy, sized.load, sized.samples)];
    if to > from {
        lines.push(format!(
            "chosen on {} to {}; held out, and looked at once: {} to {}",
            clock(from),
            clock(split),
            clock(split),
            clock(to)
        ));
    }
    for (field, values) in &sized.axes {
        lines.push(format!("  {field}: {}", list(values)));
    }
    if sized.tried > 0 {
        let mut thinned: Vec<&str> = sized.thinned.clone();
        thinned.dedup();
        let rule = match thinned.as_slice() {
            [] => String::new(),
            fields => format!(
                " (of {}; the longest of the fields lost every second value until 5,000 were left: {})",
                sized.whole,
                fields.join(", ")
            ),
        };
        lines.push(format!(
            "{} candidates{rule}, {} with errors of lint left out; {} pass seed {} with the load × {}; of these the {KEPT} cheapest with {} seeds, then {BATCH} at a time with {} until one holds",
            sized.tried,
            sized.refused,
            sized.found.screened.iter().filter(|candidate| candidate.holds).count(),
            sized.seed,
            sized.stress,
            sized.runs.min(SECOND),
            sized.runs
        ));
    }
    lines
}

/// At most eight values of a field: the first and the last of them.
fn list(values: &[String]) -> String {
    match values {
        [first, second, .., last] if values.len() > 12 => {
            format!("{first}, {second} … {last} ({} values)", values.len())
        }
        _ => values.join(", "),
    }
}

/// The sentence about the result.
pub(super) fn outcome(sized: &SizedService) -> Vec<String> {
    let mut lines = sized.advice.clone();
    if let Some(refusal) = &sized.refusal {
        lines.push(format!("nothing is chosen: {refusal}"));
        return lines;
    }
    let Some(chosen) = &sized.chosen else {
        lines.push("nothing is chosen: no candidate meets every assertion in the worst run".to_owned());
        lines.extend(nearest(sized));
        return lines;
    };
    lines.extend(saved(sized));
    if let Some(row) = sized.row("chosen") {
        lines.extend(verdicts(sized, "on the days it was chosen on", &row.evaluation.verdicts));
        let stressed = format!("there with the load × {}", sized.stress);
        lines.extend(verdicts(sized, &stressed, &row.evaluation.stressed));
    }
    lines.extend(verdicts(sized, "on the held-out days", &chosen.held.verdicts));
    lines.push(days(&chosen.days));
    if let Some((differences, evaluation)) = &sized.edge {
        let worst = evaluation.verdicts.iter().chain(&evaluation.stressed).filter_map(|verdict| verdict.margin).min();
        let worst = worst.map_or_else(String::new, |margin| format!(" by {} %", -margin / 10));
        lines.push(format!(
            "it is on an edge: with {} an assertion fails{worst}, above {} %",
            changes(differences),
            -OFF / 10
        ));
        if sized.row("off the edge").is_some() {
            lines.push(format!("off the edge, where every neighbour holds: {}", changes(&sized.safer)));
        }
    }
    if chosen.differences.is_empty() {
        lines.push("the present policy is the cheapest that holds: nothing changes".to_owned());
    } else {
        lines.push(format!("chosen: {}", changes(&chosen.differences)));
    }
    lines
}

fn changes(differences: &[SizedDifference]) -> String {
    let difference = |(field, before, after): &SizedDifference| match before.as_str() {
        "" => format!("{field} {after}"),
        before => format!("{field} {before} → {after}"),
    };
    match differences {
        [] => "the present policy".to_owned(),
        all => all.iter().map(difference).collect::<Vec<_>>().join(", "),
    }
}

/// How much of the possible saving is achieved.
fn saved(sized: &SizedService) -> Option<String> {
    let (present, chosen) = (sized.rows.first()?.evaluation.hours(), sized.row("chosen")?.evaluation.hours());
    let ideal = sized.ideal()?;
    let hours = |value: i128| number_text(NumberKind::Number, value);
    let (less, most) = (present - chosen, present - ideal);
    if less < 0 {
        return Some(format!("it costs {} replica-hours more than the present policy", hours(-less)));
    }
    let share = less.saturating_mul(100).checked_div(most)?;
    Some(format!("saves {share} % of what can be saved: {} of {} replica-hours", hours(less), hours(most)))
}

/// If nothing was chosen: how near the present policy comes.
fn nearest(sized: &SizedService) -> Vec<String> {
    let Some(present) = sized.rows.first() else { return Vec::new() };
    let mut lines = verdicts(sized, "with the present policy", &present.evaluation.verdicts);
    match sized.rows.iter().find(|row| row.title.starts_with("fixed:")) {
        Some(row) => lines.push(format!("{} holds", row.title)),
        None => lines.push("even the most replicas at all times do not meet it: raise `replicas.max`".to_owned()),
    }
    lines
}

fn verdicts(sized: &SizedService, place: &str, all: &[AssertionVerdict]) -> Vec<String> {
    let line = |(assertion, judged): (&crate::simulate::assertion::Assertion, &AssertionVerdict)| {
        let (word, numbers) = verdict(assertion, judged);
        format!("{word}: {} {place}: {numbers}", assertion.text)
    };
    sized.assertions.iter().zip(all).map(line).collect()
}

/// `4 of 4 …`: what that many good days say about the chance of a bad one.
#[expect(clippy::cast_precision_loss, reason = "days")]
pub(super) fn days(days: &[bool]) -> String {
    let met = days.iter().filter(|met| **met).count();
    let bad = 100.0 * (1.0 - 0.05_f64.powf(1.0 / days.len().max(1) as f64));
    match met == days.len() {
        true => format!(
            "each held-out day by itself: {met} of {met} meet it (a bad day in up to {bad:.0} % of days is compatible with that)"
        ),
        false => format!("each held-out day by itself: {met} of {} meet it", days.len()),
    }
}
