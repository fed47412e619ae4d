//! One HTML file that needs no network: numbers as tables, charts drawn by a script from data in the page.

use super::json_parts::seconds;
use super::numbers::{cell, difference, difference_rows, paired, rows, verdict};
use super::page_parts::{POINTS, escape, html_table};
use super::together::{self, DrawnSum};
use super::{LoadView, Simulation, Together, Trial, table};
use crate::simulate::jobs::{ChangedBy, Move};
use crate::simulate::policy::Gauges;
use crate::simulate::results::name;
use crate::simulate::trace::Quality;
use serde::Serialize;
use std::fmt::Write;
use std::io;

/// How every page of this kind begins.
pub const MARK: &str = "<!doctype html><!-- written by scalegen simulate -->";

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// The most rows of the table of steps.
const STEPS: usize = 1000;

/// What the script draws of one service and profile.
#[derive(Serialize)]
struct ChartGroup<'a> {
    from: f64,
    to: f64,
    /// Stretches that are not recorded, and stretches in which capacity cut the demand.
    gaps: Vec<(f64, f64)>,
    capped: Vec<(f64, f64)>,
    observed: Vec<(f64, f64)>,
    /// When rollouts began.
    rollouts: Vec<f64>,
    trials: Vec<Drawn<'a>>,
    /// What services take together.
    sums: Vec<DrawnSum<'a>>,
}

#[derive(Serialize)]
struct Drawn<'a> {
    policy: &'a str,
    slots: u32,
    thresholds: Option<(f64, f64)>,
    /// Where each point is in time.
    at: Vec<f64>,
    /// Least and most of each point.
    demand: Vec<(f64, f64)>,
    ready: Vec<(f64, f64)>,
    spec: Vec<(f64, f64)>,
    replicas: Vec<(f64, f64)>,
    load: Vec<(f64, f64)>,
    queue: Vec<(f64, f64)>,
    /// From this time on: least and most allowed.
    bounds: Vec<(f64, i32, i32)>,
    /// Seconds, and the share of jobs that waited longer.
    waits: Vec<(f64, f64)>,
}

/// The whole page.
pub(super) fn page(simulation: &Simulation<'_>) -> io::Result<String> {
    let mut body = String::new();
    let mut data = Vec::new();
    for (index, group) in simulation.groups().enumerate() {
        let Some(first) = group.first() else { continue };
        let load = simulation.load(&first.service);
        section(&mut body, simulation, group, index);
        data.push(drawn(group, load));
    }
    for group in together::groups(&simulation.together) {
        together::section(&mut body, group, data.len());
        data.push(sums(group));
    }
    // a `<` in JSON could end the script
    let json = serde_json::to_string(&data)?.replace('<', "\\u003c");
    let (name, version) = (escape(simulation.name), escape(simulation.version));
    Ok(format!(
        "{MARK}\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Simulation of {name}</title><style>\n{STYLE}</style></head><body>\n<main><h1>Simulation of {name}</h1>\n{body}\
         <footer>scalegen {version}. Times are UTC. Numbers of the tables: median of all runs, the worst run in brackets; charts: the first seed.</footer></main>\n\
         <script type=\"application/json\" id=\"data\">{json}</script><script>\n{SCRIPT}</script></body></html>\n"
    ))
}

fn section(out: &mut String, simulation: &Simulation<'_>, group: &[Trial], index: usize) {
    let Some(first) = group.first() else { return };
    // writing to a String cannot fail
    let _ = writeln!(
        out,
        "<section><h2>{}</h2><p>{}</p>",
        escape(&first.title()),
        escape(&table::about(simulation, first))
    );
    verdicts(out, group);
    let heads: Vec<String> =
        group.iter().map(|trial| trial.policy.clone() + if trial.present { " (present)" } else { "" }).collect();
    let all = rows(group).map(|(row, statistic, label)| {
        let cells = group.iter().map(|trial| cell(trial, row, statistic));
        std::iter::once(label.to_owned()).chain(cells).collect()
    });
    html_table(out, "median [worst run]", &heads, all);
    if let [first, others @ ..] = group
        && !others.is_empty()
    {
        let _ = writeln!(
            out,
            "<h3>Difference from {}</h3><p>Seed by seed on the same arrivals: median [lowest to highest].</p>",
            escape(&first.policy)
        );
        let heads: Vec<String> = others.iter().map(|trial| trial.policy.clone()).collect();
        let all = difference_rows(group).filter_map(|(row, statistic, label)| {
            let of = name(row)?;
            let cells = others.iter().map(|trial| {
                paired(trial, first, row, statistic).map_or_else(|| "–".to_owned(), |pair| difference(of, pair))
            });
            Some(std::iter::once(label.to_owned()).chain(cells).collect())
        });
        html_table(out, "", &heads, all);
    }
    let _ = writeln!(
        out,
        "<div class=\"charts\" data-group=\"{index}\"><noscript>The charts need a script, which this page holds itself.</noscript></div>"
    );
    for trial in group {
        moves(out, trial);
    }
    let _ = writeln!(out, "<h3>Assumed</h3><dl>");
    for (what, value) in table::assumed(group) {
        let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", escape(what), escape(&value));
    }
    let _ = writeln!(
        out,
        "<dt>seeds</dt><dd>{} runs from {}, {}</dd></dl><h3>Not modelled</h3><ul>",
        first.results.seeds.len(),
        first.run.seed,
        first.results.generator()
    );
    for limit in table::limits(group) {
        let _ = writeln!(out, "<li>{}</li>", escape(limit));
    }
    let _ = writeln!(out, "</ul></section>");
}

fn verdicts(out: &mut String, group: &[Trial]) {
    let _ = writeln!(out, "<ul class=\"verdicts\">");
    for trial in group {
        if let Some(test) = &trial.backtest {
            let _ = writeln!(out, "<li>{}</li>", escape(&table::backtest(trial, test)));
        }
    }
    for trial in group {
        for (assertion, judged) in &trial.verdicts {
            let (word, numbers) = verdict(assertion, judged);
            let class = word.to_lowercase();
            let _ = writeln!(
                out,
                "<li class=\"{class}\"><b>{word}</b> {} with {}: {}</li>",
                escape(&assertion.text),
                escape(&trial.policy),
                escape(&numbers)
            );
        }
    }
    let _ = writeln!(out, "</ul>");
}

/// Why each step came.
fn moves(out: &mut String, trial: &Trial) {
    let all = &trial.run.moves;
    let _ = writeln!(
        out,
        "<details><summary>Why it moved: {} steps of {} in seed {}</summary>",
        all.len(),
        escape(&trial.policy),
        trial.run.seed
    );
    let heads = ["step", "cause", "metrics ask for", "after the windows", "policies allow"].map(str::to_owned);
    let number = |value: Option<i32>| value.map_or_else(|| "–".to_owned(), |value| value.to_string());
    let row = |step: &Move| {
        let cause = match step.by {
            ChangedBy::Load => "load",
            ChangedBy::Bounds => "other bounds",
            ChangedBy::Activation => "woken or put to sleep",
        };
        vec![
            super::chart::clock(step.at),
            format!("{} → {}", step.from, step.to),
            cause.to_owned(),
            number(step.proposal),
            number(step.stabilized),
            number(step.limit),
        ]
    };
    html_table(out, "time", &heads, all.iter().take(STEPS).map(row));
    if all.len() > STEPS {
        let _ = writeln!(out, "<p>The first {STEPS} of {}.</p>", all.len());
    }
    let _ = writeln!(out, "</details>");
}

fn drawn<'a>(group: &'a [Trial], load: Option<&LoadView>) -> ChartGroup<'a> {
    let steps = load.map_or(&[][..], |load| load.trace.steps.as_slice());
    let gaps = load.map_or_else(Vec::new, |load| load.trace.gaps());
    let stretches = steps.chunk_by(|one, next| one.quality == next.quality && one.to == next.from);
    let capped = stretches.filter(|part| part.first().is_some_and(|step| step.quality == Quality::Capped));
    let capped = capped.filter_map(|part| Some((seconds(part.first()?.from), seconds(part.last()?.to)))).collect();
    let observed = group.iter().filter_map(|trial| trial.backtest.as_ref()).next();
    ChartGroup {
        from: load.map_or(0.0, |load| seconds(load.trace.from())),
        to: load.map_or(0.0, |load| seconds(load.trace.to())),
        rollouts: group.first().map_or_else(Vec::new, |trial| trial.rollouts.iter().map(|at| seconds(*at)).collect()),
        gaps: gaps.into_iter().map(|(from, to)| (seconds(from), seconds(to))).collect(),
        capped,
        observed: observed.map_or_else(Vec::new, |test| {
            test.observed.iter().map(|(at, replicas)| (seconds(*at), *replicas)).collect()
        }),
        trials: group.iter().map(one).collect(),
        sums: Vec::new(),
    }
}

fn sums(group: &[Together]) -> ChartGroup<'_> {
    let (from, to) = group.first().map_or((0, 0), Together::span);
    ChartGroup {
        from: seconds(from),
        to: seconds(to),
        gaps: group.first().map_or_else(Vec::new, Together::gaps),
        capped: Vec::new(),
        observed: Vec::new(),
        rollouts: Vec::new(),
        trials: Vec::new(),
        sums: together::drawn(group),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn one(trial: &Trial) -> Drawn<'_> {
    let series = &trial.run.series;
    let size = series.len().div_ceil(POINTS).max(1);
    let slots = i64::from(trial.slots);
    let line = |value: &dyn Fn(&Gauges) -> f64| -> Vec<(f64, f64)> {
        let band = |part: &[Gauges]| {
            let values = part.iter().map(value);
            values.fold((f64::INFINITY, 0.0), |(least, most): (f64, f64), value| (least.min(value), most.max(value)))
        };
        series.chunks(size).map(band).collect()
    };
    let mut bounds = Vec::new();
    if let Some(first) = series.first() {
        let begin = trial.schedule.at(first.at);
        bounds.push((seconds(first.at), begin.min, begin.max));
        for at in trial.schedule.changes().into_iter().filter(|at| *at > first.at) {
            let bound = trial.schedule.at(at);
            bounds.push((seconds(at), bound.min, bound.max));
        }
    }
    let billionth = |part: u64| part as f64 / 1e9;
    Drawn {
        policy: &trial.policy,
        slots: trial.slots,
        thresholds: trial.thresholds.map(|(up, down)| (billionth(up), billionth(down))),
        at: series.chunks(size).filter_map(|part| part.first()).map(|now| seconds(now.at)).collect(),
        demand: line(&|now| (now.running + now.queued) as f64),
        ready: line(&|now| (i64::from(now.ready) * slots) as f64),
        spec: line(&|now| (i64::from(now.spec) * slots) as f64),
        replicas: line(&|now| f64::from(now.existing)),
        load: line(&|now| match i64::from(now.existing) * slots {
            0 => 0.0,
            all => now.running as f64 / all as f64,
        }),
        queue: line(&|now| now.queued as f64),
        bounds,
        waits: waits(trial),
    }
}

/// The wait that a share of the jobs exceeded.
#[expect(clippy::cast_precision_loss, reason = "thousandths")]
fn waits(trial: &Trial) -> Vec<(f64, f64)> {
    let mut wait = trial.run.tally.wait.clone();
    // 100 ÷ (1 − q) jobs are needed for the share q
    let least = 100_000_u64.checked_div(wait.count()).map_or(1000, |share| share.max(1));
    let shares = [1000, 900, 800, 700, 600, 500, 400, 300, 200, 150, 100, 70, 50, 30, 20, 15, 10, 7, 5, 3, 2, 1];
    let kept = shares.into_iter().filter(|share| *share >= least && *share < 1000);
    kept.filter_map(|share| Some((seconds(wait.percentile(1000 - share)?), share as f64 / 1000.0))).collect()
}
