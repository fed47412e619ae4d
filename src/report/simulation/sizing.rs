//! The report of `scalegen size`: what was tried, what was chosen, and its results on the held-out days.

mod document;
mod words;

use super::super::markdown_text::prose;
use super::super::table::Table;
use super::super::words::{TextStyle, clean, clean_lines, json_text};
use super::numbers::cell_of;
use super::{Candidate, SimulationForm};
use crate::simulate::Nanos;
use crate::simulate::assertion::{Assertion, AssertionOutcome};
use crate::simulate::results::Statistic;
use crate::simulate::search::{Evaluation, FoundPolicies};
use std::io::{self, Write};

/// The results of every service that was sized.
#[derive(Debug)]
pub struct Sizing<'a> {
    /// scalegen's version.
    pub version: &'a str,
    /// The spec's name.
    pub name: &'a str,
    /// One for each recording.
    pub services: Vec<SizedService>,
}

/// One service.
#[derive(Debug, Default)]
pub struct SizedService {
    /// Its key.
    pub service: String,
    /// The profile; `None` for the base.
    pub profile: Option<String>,
    /// The policy that is tuned.
    pub policy: String,
    /// `rate of api.csv`.
    pub load: String,
    /// Samples of it.
    pub samples: usize,
    /// The beginning, the first day that is held out, and the end.
    pub days: (Nanos, Nanos, Nanos),
    /// Fields that varied, each with its values.
    pub axes: Vec<(&'static str, Vec<String>)>,
    /// Combinations before the grid was thinned.
    pub whole: usize,
    /// Fields that lost every second value, once for each time that they were thinned.
    pub thinned: Vec<&'static str>,
    /// Candidates that were played.
    pub tried: usize,
    /// Candidates that were not played, because lint finds an error.
    pub refused: usize,
    /// The assertions.
    pub assertions: Vec<Assertion>,
    /// The factor of the load with which they must hold as well.
    pub stress: f64,
    /// Seeds of the last stage.
    pub runs: u64,
    /// The first seed.
    pub seed: u64,
    /// The cost of a replica-hour.
    pub price: Option<f64>,
    /// The compared policies, the present one first.
    pub rows: Vec<SizedRow>,
    /// The cheapest policy that meets the assertions.
    pub found: FoundPolicies,
    /// The choice, judged on the held-out days.
    pub chosen: Option<ChosenPolicy>,
    /// A neighbour of the choice that fails by far: its changes and numbers.
    pub edge: Option<(Vec<SizedDifference>, Evaluation)>,
    /// The changes of the cheapest choice without such a neighbour.
    pub safer: Vec<SizedDifference>,
    /// Requests computed from metrics of pods.
    pub advice: Vec<String>,
    /// Why nothing was chosen.
    pub refusal: Option<String>,
    /// The assumptions.
    pub assumptions: Vec<(&'static str, String)>,
    /// What is not modelled.
    pub limits: Vec<&'static str>,
}

/// A field, its value before and after.
pub type SizedDifference = (&'static str, String, String);

/// One policy in the table.
#[derive(Debug)]
pub struct SizedRow {
    /// Its name.
    pub title: String,
    /// Its numbers on the days used for the choice.
    pub evaluation: Evaluation,
}

/// The choice.
#[derive(Debug)]
pub struct ChosenPolicy {
    /// Its changes; without a value before, the field was not there.
    pub differences: Vec<SizedDifference>,
    /// Its numbers on the held-out days.
    pub held: Evaluation,
    /// Whether each of these days met every assertion by itself.
    pub days: Vec<bool>,
    /// The diff of the spec.
    pub diff: String,
}

impl SizedService {
    /// Whether a policy was chosen, and holds on the held-out days.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.refusal.is_none()
            && self.chosen.as_ref().is_some_and(|chosen| {
                chosen.held.verdicts.iter().all(|verdict| verdict.outcome == AssertionOutcome::Ok)
            })
    }

    /// Replica-hours, wait p95 in seconds and whether it holds, of each candidate in the screening.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "it is for drawing")]
    pub fn frontier(&self) -> Vec<Candidate> {
        let all = self.found.screened.iter();
        all.filter_map(|candidate| {
            Some((candidate.hours? as f64 / 1e9, candidate.wait_p95? as f64 / 1e9, candidate.holds))
        })
        .collect()
    }

    /// The median of the lower bound of the hours, on the days used for the choice, in billionths: under the lowest minimum
    /// of replicas that was played.
    fn ideal(&self) -> Option<i128> {
        let hours = self.rows.iter().filter_map(|row| row.evaluation.results.across("ideal_hours", None));
        hours.map(|across| across.median).min()
    }

    fn row(&self, title: &str) -> Option<&SizedRow> {
        self.rows.iter().find(|row| row.title == title)
    }
}

impl Sizing<'_> {
    /// Whether every service has a policy that holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.services.iter().all(SizedService::holds)
    }
}

/// Writes a sizing in one form.
///
/// # Errors
/// An error of `out`.
pub fn sizing(sizing: &Sizing<'_>, form: SimulationForm, style: TextStyle, out: &mut dyn Write) -> io::Result<()> {
    match form {
        SimulationForm::Json => writeln!(out, "{}", json_text(&document::document(sizing))?),
        SimulationForm::Table => sizing.services.iter().try_for_each(|service| text(service, style, out)),
        SimulationForm::Markdown => sizing.services.iter().try_for_each(|service| markdown(service, out)),
    }
}

fn text(sized: &SizedService, style: TextStyle, out: &mut dyn Write) -> io::Result<()> {
    for line in words::tried(sized) {
        writeln!(out, "{}", clean(&line))?;
    }
    if !sized.rows.is_empty() {
        writeln!(out)?;
        table(sized).text(out)?;
        writeln!(out)?;
    }
    for line in words::outcome(sized) {
        writeln!(out, "{}", clean(&line))?;
    }
    if let Some(chosen) = &sized.chosen {
        write!(out, "{}", clean_lines(&chosen.diff))?;
    }
    writeln!(out, "not modelled")?;
    for limit in &sized.limits {
        super::lines::wrapped(limit, style.width, out)?;
    }
    writeln!(out)
}

fn markdown(sized: &SizedService, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "### Size of {}\n", prose(&sized.service))?;
    for line in words::tried(sized) {
        writeln!(out, "{}\n", prose(&line))?;
    }
    if !sized.rows.is_empty() {
        table(sized).markdown(out)?;
        writeln!(out)?;
    }
    for line in words::outcome(sized) {
        writeln!(out, "- {}", prose(&line))?;
    }
    writeln!(out, "\n<details><summary>Assumptions and what is not modelled</summary>\n")?;
    for (what, value) in &sized.assumptions {
        writeln!(out, "- {}", prose(&format!("{what}: {value}")))?;
    }
    for limit in &sized.limits {
        writeln!(out, "- {}", prose(limit))?;
    }
    writeln!(out, "\n</details>\n")
}

/// The columns of the table: name, statistic, heading.
const COLUMNS: [(&str, Option<Statistic>, &str); 6] = [
    ("replica_hours", None, "replica-hours"),
    ("over", None, "× ideal"),
    ("wait", Some(Statistic::P95), "wait p95"),
    ("lost", None, "lost"),
    ("killed", None, "killed"),
    ("flap", None, "flaps"),
];

fn table(sized: &SizedService) -> Table {
    let priced = sized.price.map(|_| "cost");
    let heads = COLUMNS.iter().map(|(_, _, head)| *head).chain(priced).chain(["holds"]);
    let mut table = Table::new(std::iter::once(("median [worst run]", true)).chain(heads.map(|head| (head, false))));
    for row in &sized.rows {
        let results = &row.evaluation.results;
        let cells = COLUMNS.iter().map(|(name, statistic, _)| cell_of(results, name, *statistic));
        let cost = sized.price.map(|price| words::cost(row.evaluation.hours(), price));
        let holds = if row.evaluation.holds() { "yes" } else { "no" }.to_owned();
        table.row(std::iter::once(row.title.clone()).chain(cells).chain(cost).chain([holds]));
    }
    if let Some(ideal) = sized.ideal() {
        let hours = super::numbers::number_text(crate::simulate::results::NumberKind::Number, ideal);
        let dashes = || "–".to_owned();
        let rest = COLUMNS.iter().skip(2).map(|_| dashes());
        let cost = sized.price.map(|price| words::cost(ideal, price));
        let cells = [hours, "1.00".to_owned()].into_iter().chain(rest).chain(cost).chain([dashes()]);
        table.row(std::iter::once("ideal: no job waits".to_owned()).chain(cells));
    }
    table
}
