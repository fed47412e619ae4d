//! The resources that services share under one policy: numbers, verdicts, rows of a table.

mod json;
mod page;

use super::super::markdown_text::prose;
use super::super::table::Table;
use super::super::words::{TextStyle, clean};
use super::chart::clock;
use super::lines::folded;
use super::numbers::{cell_of, verdict};
use crate::simulate::assertion::{Assertion, AssertionOutcome, AssertionVerdict};
use crate::simulate::results::Statistic;
use crate::simulate::together::{Member, Placer, SharedKind, SharedResource, SharedResources, TogetherResults, sum};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

pub(super) use json::{TogetherEntry, entry};
pub(super) use page::{DrawnSum, drawn, section};

/// The input of a sum; in a shard, only the services that it plays.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TogetherParts {
    /// The profile; `None` for the base.
    pub profile: Option<String>,
    /// The policy that all services are under.
    pub policy: String,
    /// The shared resources.
    pub shared: SharedResources,
    /// The services as they were played.
    pub members: Vec<Member>,
}

/// Several services under one policy.
#[derive(Debug)]
pub struct Together {
    /// The input.
    pub parts: TogetherParts,
    /// The sums.
    pub results: TogetherResults,
    /// The assertions, each with the resource it is about and its verdict.
    pub verdicts: Vec<(Assertion, String, AssertionVerdict)>,
}

impl Together {
    /// Sums, and judges the assertions.
    #[must_use]
    pub fn of(parts: TogetherParts, asserted: &[Assertion], place: &Placer<'_>) -> Together {
        let results = sum(&parts.shared, &parts.members, place);
        let mut verdicts = Vec::new();
        for assertion in asserted {
            let meant = |of: &str| assertion.service.as_deref().is_none_or(|name| name == of);
            if assertion.name.name == "unplaced" {
                verdicts.push((assertion.clone(), String::new(), assertion.judge(&results.all, true)));
            }
            for (resource, found) in parts.shared.resources.iter().zip(&results.resources) {
                let has = [resource.kind.name(), "over_limit"].contains(&assertion.name.name);
                if has && meant(&resource.of) {
                    verdicts.push((assertion.clone(), resource.of.clone(), assertion.judge(&found.results, true)));
                }
            }
        }
        Together { parts, results, verdicts }
    }

    /// Whether everything that was asserted holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.verdicts.iter().all(|(.., verdict)| verdict.outcome == AssertionOutcome::Ok)
    }

    /// The summed services, in one line.
    pub(super) fn about(&self) -> String {
        let names: Vec<&str> = self.parts.members.iter().map(|member| member.service.as_str()).collect();
        let profile = self.parts.profile.as_ref().map_or_else(String::new, |profile| format!(" in {profile}"));
        let mut text = format!("together{profile}: existing replicas of {}", names.join(", "));
        let others: Vec<String> =
            self.parts.shared.others.iter().map(|(name, count)| format!("{name} {count}")).collect();
        if !others.is_empty() {
            text.push_str(&format!("; without a load, and counted at their most: {}", others.join(", ")));
        }
        if self.results.known.is_empty() {
            text.push_str("; their recordings have no time in common, so nothing is summed");
        }
        text
    }

    /// `ok: connections.max <= 200 of postgres with hpa: …`.
    pub(super) fn lines(&self) -> impl Iterator<Item = (&'static str, String)> + '_ {
        self.verdicts.iter().map(|(assertion, of, judged)| {
            let (word, numbers) = verdict(assertion, judged);
            let named = assertion.service.is_some() || of.is_empty();
            let of = if named { String::new() } else { format!(" of {of}") };
            (word, format!("{}{of} with {}: {numbers}", assertion.text, self.parts.policy))
        })
    }
}

/// Sums grouped by profile.
pub(super) fn groups(all: &[Together]) -> impl Iterator<Item = &[Together]> {
    all.chunk_by(|one, other| one.parts.profile == other.parts.profile)
}

/// The rows of one table: a label, and a cell of each policy.
pub(super) fn rows(group: &[Together]) -> Vec<Vec<String>> {
    let Some(first) = group.first() else { return Vec::new() };
    let mut rows = Vec::new();
    let mut row = |label: String, cell: &dyn Fn(&Together) -> String| {
        rows.push(std::iter::once(label).chain(group.iter().map(cell)).collect());
    };
    for resource in &first.parts.shared.resources {
        let found = |one: &Together| {
            let same = |other: &SharedResource| other.kind == resource.kind && other.of == resource.of;
            let at = one.parts.shared.resources.iter().position(same)?;
            Some((one.parts.shared.resources.get(at)?.clone(), one.results.resources.get(at)?.clone()))
        };
        let (name, of) = (resource.kind.name(), limit_text(resource));
        let what = match resource.kind {
            SharedKind::Connections => format!("connections of {}", resource.of),
            _ => format!("{} reserved", resource.of),
        };
        let number = |one: &Together, name: &str, statistic: Option<Statistic>| {
            found(one).map_or_else(|| "–".to_owned(), |(_, found)| cell_of(&found.results, name, statistic))
        };
        row(format!("{what}, most{of}"), &|one| number(one, name, Some(Statistic::Max)));
        row(format!("{what}, when most"), &|one| {
            let peak = found(one).and_then(|(_, found)| found.peak);
            peak.map_or_else(|| "–".to_owned(), |peak| format!("{} in seed {}", clock(peak.at), peak.seed))
        });
        if resource.limit.is_some() {
            row(format!("{what}, time above"), &|one| number(one, "over_limit", None));
        }
    }
    if !first.parts.shared.nodes.is_empty() {
        row("time without a node for every replica".to_owned(), &|one| cell_of(&one.results.all, "unplaced", None));
    }
    if first.parts.members.len() > 1 {
        row("replica-hours of all".to_owned(), &|one| cell_of(&one.results.all, "replica_hours", None));
        if first.results.all.across("cost", None).is_some() {
            row("cost of all".to_owned(), &|one| cell_of(&one.results.all, "cost", None));
        }
    }
    rows
}

fn limit_text(resource: &SharedResource) -> String {
    resource.limit.map_or_else(String::new, |limit| format!(" of {}", amount_text(resource.kind, i128::from(limit))))
}

/// `12 cores`, `48.0 GiB`, `200`.
fn amount_text(kind: SharedKind, amount: i128) -> String {
    let number = plain_amount(kind, amount);
    match kind {
        SharedKind::Connections => amount.to_string(),
        SharedKind::Gpu => format!("{amount} GPUs"),
        SharedKind::Cpu => format!("{} cores", (number * 1000.0).round() / 1000.0),
        SharedKind::Memory => format!("{number:.1} GiB"),
    }
}

/// Connections, cores, GiB, GPUs.
#[expect(clippy::cast_precision_loss, reason = "it is for reading")]
fn plain_amount(kind: SharedKind, amount: i128) -> f64 {
    match kind {
        SharedKind::Connections | SharedKind::Gpu => amount as f64,
        SharedKind::Cpu => amount as f64 / 1e9,
        SharedKind::Memory => amount as f64 / f64::from(1u32 << 30),
    }
}

fn table(group: &[Together]) -> Table {
    let heads = group.iter().map(|trial| (trial.parts.policy.as_str(), false));
    let mut table = Table::new(std::iter::once(("median [worst run]", true)).chain(heads));
    for row in rows(group) {
        table.row(row);
    }
    table
}

/// For a terminal.
pub(super) fn text(all: &[Together], style: TextStyle, out: &mut dyn Write) -> io::Result<()> {
    for group in groups(all) {
        let Some(first) = group.first() else { continue };
        folded(&first.about(), style.width, out)?;
        for (word, line) in group.iter().flat_map(Together::lines) {
            writeln!(out, "{}", clean(&format!("{word}: {line}")))?;
        }
        writeln!(out)?;
        table(group).text(out)?;
        writeln!(out)?;
    }
    Ok(())
}

/// For a pull request.
pub(super) fn markdown(all: &[Together], out: &mut dyn Write) -> io::Result<()> {
    for group in groups(all) {
        let Some(first) = group.first() else { continue };
        writeln!(out, "### Together\n\n{}\n", prose(&first.about()))?;
        for (word, line) in group.iter().flat_map(Together::lines) {
            writeln!(out, "- {}", prose(&format!("{word}: {line}")))?;
        }
        writeln!(out)?;
        table(group).markdown(out)?;
        writeln!(out)?;
    }
    Ok(())
}
