//! Numbers, charts and limits as text for a terminal and as Markdown.

use super::super::markdown_text::prose;
use super::super::table::Table;
use super::super::words::{TextStyle, clean};
use super::json_parts::seconds;
use super::lines::wrapped;
use super::numbers::{cell, difference, difference_rows, paired, rows, time, verdict};
use super::{Backtest, Simulation, Trial, chart, together};
use crate::simulate::results::name;
use std::io::{self, Write};

/// For a terminal.
pub(super) fn text(simulation: &Simulation<'_>, style: TextStyle, out: &mut dyn Write) -> io::Result<()> {
    for group in simulation.groups() {
        let Some(first) = group.first() else { continue };
        writeln!(out, "{}", clean(&format!("{}: {}", first.title(), about(simulation, first))))?;
        for line in before(group) {
            writeln!(out, "{}", clean(&line))?;
        }
        writeln!(out)?;
        numbers(group).text(out)?;
        if let Some(table) = differences(group) {
            writeln!(
                out,
                "\ndifference from {}, seed by seed on the same arrivals: median [lowest to highest]",
                clean(&first.policy)
            )?;
            table.text(out)?;
        }
        for trial in group {
            writeln!(
                out,
                "\n{}",
                clean(&format!(
                    "{}, seed {}: at most {} jobs at once",
                    trial.policy,
                    trial.run.seed,
                    chart::most_jobs(trial)
                ))
            )?;
            for line in chart::chart(trial, simulation.load(&trial.service), top(group), style) {
                writeln!(out, "{line}")?;
            }
        }
        writeln!(out, "{}", chart::legend(style))?;
        writeln!(out, "\nassumed")?;
        for (what, value) in assumed(group) {
            writeln!(out, "  {}", clean(&format!("{what}: {value}")))?;
        }
        writeln!(out, "not modelled")?;
        for limit in limits(group) {
            wrapped(limit, style.width, out)?;
        }
        writeln!(out)?;
    }
    together::text(&simulation.together, style, out)
}

/// For a pull request.
pub(super) fn markdown(simulation: &Simulation<'_>, out: &mut dyn Write) -> io::Result<()> {
    for group in simulation.groups() {
        let Some(first) = group.first() else { continue };
        writeln!(out, "### Simulation of {}\n\n{}\n", prose(&first.title()), prose(&about(simulation, first)))?;
        for line in before(group) {
            writeln!(out, "- {}", prose(&line))?;
        }
        writeln!(out)?;
        numbers(group).markdown(out)?;
        if let Some(table) = differences(group) {
            writeln!(
                out,
                "\nDifference from {}, seed by seed on the same arrivals: median, lowest to highest.\n",
                prose(&first.policy)
            )?;
            table.markdown(out)?;
        }
        writeln!(out, "\n<details><summary>Charts, assumptions and what is not modelled</summary>\n")?;
        let style = TextStyle { width: 100, ..TextStyle::default() };
        for trial in group {
            writeln!(
                out,
                "```text\n{}",
                clean(&format!(
                    "{}, seed {}: at most {} jobs at once",
                    trial.policy,
                    trial.run.seed,
                    chart::most_jobs(trial)
                ))
                .replace('`', "'")
            )?;
            for line in chart::chart(trial, simulation.load(&trial.service), top(group), style) {
                writeln!(out, "{line}")?;
            }
            writeln!(out, "{}\n```\n", chart::legend(style))?;
        }
        for (what, value) in assumed(group) {
            writeln!(out, "- {}", prose(&format!("{what}: {value}")))?;
        }
        writeln!(out, "\nNot modelled:\n")?;
        for limit in limits(group) {
            writeln!(out, "- {}", prose(limit))?;
        }
        writeln!(out, "\n</details>\n")?;
    }
    together::markdown(&simulation.together, out)
}

/// The setup of the simulation, in one line.
pub(super) fn about(simulation: &Simulation<'_>, trial: &Trial) -> String {
    let Some(load) = simulation.load(&trial.service) else { return String::new() };
    let (from, to) = (load.trace.from(), load.trace.to());
    let seeds = trial.results.seeds.len();
    let jobs = trial.results.across("arrivals", None).map_or(0, |across| across.median);
    let mut text = format!(
        "{} of {}, {} samples over {}, {jobs} jobs in each of {seeds} runs",
        load.kind,
        load.file,
        load.samples,
        time(seconds(to - from))
    );
    let share = |share: f64| format!("{:.1} %", share * 100.0);
    if load.trace.gap_share() > 0.0 {
        text.push_str(&format!("; {} of the time is not recorded and not scored", share(load.trace.gap_share())));
    }
    if let Some(step) = load.trace.hidden_bursts() {
        text.push_str(&format!(
            "; its steps of {} hide the bursts in them, so short waits are not known",
            time(seconds(step))
        ));
    }
    if load.trace.capped_share() > 0.0 {
        let guess = if load.guessed { " (a guess: the capacity of that time is not recorded)" } else { "" };
        text.push_str(&format!("; {} of the time capacity cut the demand{guess}", share(load.trace.capped_share())));
    }
    text
}

/// The lines before the numbers: the backtest, then the verdicts.
fn before(group: &[Trial]) -> Vec<String> {
    let backtests = group.iter().filter_map(|trial| Some(backtest(trial, trial.backtest.as_ref()?)));
    let verdicts = group.iter().flat_map(|trial| {
        trial.verdicts.iter().map(|(assertion, judged)| {
            let (word, numbers) = verdict(assertion, judged);
            format!("{word}: {} with {}: {numbers}", assertion.text, trial.policy)
        })
    });
    backtests.chain(verdicts).collect()
}

pub(super) fn backtest(trial: &Trial, test: &Backtest) -> String {
    format!(
        "backtest of {} against {} over {}: {:.2} replicas apart on average, at most one apart in {:.1} % of the time, {:.1} replica-hours where {:.1} ran",
        trial.policy,
        test.file,
        time(seconds(test.compared)),
        test.difference,
        test.within_one * 100.0,
        test.simulated_hours,
        test.observed_hours
    )
}

fn numbers(group: &[Trial]) -> Table {
    let heads: Vec<String> = group
        .iter()
        .map(|trial| if trial.present { format!("{} (present)", trial.policy) } else { trial.policy.clone() })
        .collect();
    let mut table = Table::new(
        std::iter::once(("median [worst run]", true)).chain(heads.iter().map(|head| (head.as_str(), false))),
    );
    for (row, statistic, label) in rows(group) {
        let cells = group.iter().map(|trial| cell(trial, row, statistic));
        table.row(std::iter::once(label.to_owned()).chain(cells));
    }
    table
}

fn differences(group: &[Trial]) -> Option<Table> {
    let (first, others) = group.split_first().filter(|(_, others)| !others.is_empty())?;
    let heads = others.iter().map(|trial| (trial.policy.as_str(), false));
    let mut table = Table::new(std::iter::once(("", true)).chain(heads));
    for (row, statistic, label) in difference_rows(group) {
        let of = name(row)?;
        let cells = others.iter().map(|trial| {
            paired(trial, first, row, statistic).map_or_else(|| "–".to_owned(), |numbers| difference(of, numbers))
        });
        table.row(std::iter::once(label.to_owned()).chain(cells));
    }
    Some(table)
}

/// The upper end of every chart of a group: one and a half times the most slots, or the most jobs if those are fewer. A long
/// queue under one policy would leave no line for the others; each chart says how long it is.
fn top(group: &[Trial]) -> i64 {
    let slots = |trial: &Trial| {
        trial.run.series.iter().map(|now| i64::from(now.ready.max(now.spec)) * i64::from(trial.slots)).max()
    };
    let slots = group.iter().filter_map(slots).max().unwrap_or(1).max(1);
    let jobs = group.iter().map(chart::most_jobs).max().unwrap_or(0);
    slots.max(jobs.min(slots + (slots + 1) / 2))
}

/// The assumptions of the first trial, and those of others if they differ.
pub(super) fn assumed(group: &[Trial]) -> Vec<(&'static str, String)> {
    let Some((first, others)) = group.split_first() else { return Vec::new() };
    let value = |trial: &Trial, name: &str| {
        trial.assumptions.iter().find(|(what, _)| *what == name).map(|(_, value)| value.clone())
    };
    let mut names: Vec<&'static str> = first.assumptions.iter().map(|(name, _)| *name).collect();
    for (name, _) in others.iter().flat_map(|trial| &trial.assumptions) {
        if !names.contains(name) {
            names.push(name);
        }
    }
    let row = |name: &'static str| {
        let usual = value(first, name);
        let mut text = usual.clone().unwrap_or_else(|| "–".to_owned());
        for other in others {
            let own = value(other, name);
            if own != usual {
                text.push_str(&format!("; {}: {}", other.policy, own.unwrap_or_else(|| "–".to_owned())));
            }
        }
        (name, text)
    };
    names.into_iter().map(row).collect()
}

/// What is not modelled in any of the trials, each once.
pub(super) fn limits(group: &[Trial]) -> Vec<&'static str> {
    let mut all: Vec<&'static str> = Vec::new();
    for limit in group.iter().flat_map(|trial| &trial.limits) {
        if !all.contains(limit) {
            all.push(limit);
        }
    }
    all
}
