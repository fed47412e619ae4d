//! Sums over services for the page: a table, and the script's data.

use super::super::json_parts::seconds;
use super::super::page_parts::{POINTS, escape, html_table};
use super::{Together, plain_amount, rows};
use crate::simulate::Nanos;
use crate::simulate::together::SharedKind;
use serde::Serialize;
use std::fmt::Write;

/// One resource under every policy.
#[derive(Serialize)]
pub(in crate::report::simulation) struct DrawnSum<'a> {
    title: String,
    limit: Option<f64>,
    lines: Vec<DrawnLine<'a>>,
}

#[derive(Serialize)]
struct DrawnLine<'a> {
    policy: &'a str,
    at: Vec<f64>,
    band: Vec<(f64, f64)>,
}

/// The section with its place for charts.
pub(in crate::report::simulation) fn section(out: &mut String, group: &[Together], index: usize) {
    let Some(first) = group.first() else { return };
    // writing to a String cannot fail
    let _ = writeln!(out, "<section><h2>Together</h2><p>{}</p><ul class=\"verdicts\">", escape(&first.about()));
    for (word, line) in group.iter().flat_map(Together::lines) {
        let _ = writeln!(out, "<li class=\"{}\"><b>{word}</b> {}</li>", word.to_lowercase(), escape(&line));
    }
    let _ = writeln!(out, "</ul>");
    let heads: Vec<String> = group.iter().map(|trial| trial.parts.policy.clone()).collect();
    html_table(out, "median [worst run]", &heads, rows(group).into_iter());
    let _ = writeln!(
        out,
        "<div class=\"charts\" data-group=\"{index}\"><noscript>The charts need a script, which this page holds itself.</noscript></div></section>"
    );
}

fn what(kind: SharedKind, of: &str) -> String {
    match kind {
        SharedKind::Connections => format!("Connections of {of}"),
        SharedKind::Cpu => "Cores reserved".to_owned(),
        SharedKind::Memory => "GiB of memory reserved".to_owned(),
        SharedKind::Gpu => "GPUs reserved".to_owned(),
    }
}

impl Together {
    /// From the first known instant to the last.
    pub(in crate::report::simulation) fn span(&self) -> (Nanos, Nanos) {
        let (first, last) = (self.results.known.first(), self.results.known.last());
        (first.map_or(0, |(from, _)| *from), last.map_or(0, |(_, to)| *to))
    }

    /// The times between what is known.
    pub(in crate::report::simulation) fn gaps(&self) -> Vec<(f64, f64)> {
        let pairs = self.results.known.windows(2);
        let between = |pair: &[(Nanos, Nanos)]| Some((seconds(pair.first()?.1), seconds(pair.last()?.0)));
        pairs.filter_map(between).collect()
    }
}

/// The charts of one profile.
pub(in crate::report::simulation) fn drawn(group: &[Together]) -> Vec<DrawnSum<'_>> {
    let Some(first) = group.first() else { return Vec::new() };
    let resources = first.parts.shared.resources.iter();
    let sums = resources.map(|resource| DrawnSum {
        title: what(resource.kind, &resource.of),
        limit: resource.limit.map(|limit| plain_amount(resource.kind, i128::from(limit))),
        lines: group
            .iter()
            .filter_map(|one| {
                let same = |other: &crate::simulate::together::SharedResource| {
                    other.kind == resource.kind && other.of == resource.of
                };
                let at = one.parts.shared.resources.iter().position(same)?;
                let series = &one.results.resources.get(at)?.series;
                let size = series.len().div_ceil(POINTS).max(1);
                let band = |part: &[(Nanos, i128)]| {
                    let values = part.iter().map(|(_, taken)| plain_amount(resource.kind, *taken));
                    values.fold((f64::INFINITY, 0.0), |(least, most): (f64, f64), value| {
                        (least.min(value), most.max(value))
                    })
                };
                Some(DrawnLine {
                    policy: &one.parts.policy,
                    at: series.chunks(size).filter_map(|part| part.first()).map(|(at, _)| seconds(*at)).collect(),
                    band: series.chunks(size).map(band).collect(),
                })
            })
            .collect(),
    });
    sums.filter(|sum| sum.lines.iter().any(|line| !line.at.is_empty())).collect()
}
