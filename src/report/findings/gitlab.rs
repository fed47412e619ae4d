//! GitLab's code quality report: frozen, so it has its own structs. A list with an object for each finding.
//!
//! A place is given as lines, which every GitLab reads, and as positions, which have the columns. Fingerprints must differ
//! within a report, and stay the same between two reports for GitLab to see what is new.

use std::io::{self, Write};

use serde::Serialize;

use super::{Batch, Reported, TextStyle, fingerprint::Fingerprints, json_text, sentence};
use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::LineColumn;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: GitlabLocation<'a>,
}

#[derive(Serialize)]
struct GitlabLocation<'a> {
    path: &'a str,
    lines: LineRange,
    positions: Positions,
}

#[derive(Serialize)]
struct LineRange {
    begin: usize,
    end: usize,
}

#[derive(Serialize)]
struct Positions {
    begin: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    line: usize,
    column: usize,
}

pub(super) fn write(batch: &Batch<'_>, _style: TextStyle, out: &mut dyn Write) -> io::Result<()> {
    let mut fingerprints = Fingerprints::default();
    let issues: Vec<Issue<'_>> = batch
        .files
        .iter()
        .flat_map(|file| file.findings().map(move |(finding, path)| (file, finding, path)))
        .map(|(file, finding, path)| issue(file, finding, fingerprints.of(file, finding, path)))
        .collect();
    writeln!(out, "{}", json_text(&issues)?)
}

fn issue<'a>(file: &Reported<'a>, finding: &'a Finding, fingerprint: String) -> Issue<'a> {
    let at = file.position(finding.at);
    let mut description = sentence(finding);
    if let Some(help) = &finding.help {
        description.push_str("; help: ");
        description.push_str(help);
    }
    Issue {
        description,
        check_name: &finding.rule,
        fingerprint,
        severity: match finding.severity {
            Severity::Error => "major",
            Severity::Warning => "minor",
            Severity::Note => "info",
        },
        location: GitlabLocation {
            path: at.file.trim_start_matches("./"),
            lines: LineRange { begin: at.start.line, end: at.end.line },
            positions: Positions { begin: point(at.start), end: point(at.end) },
        },
    }
}

fn point(at: LineColumn) -> Point {
    Point { line: at.line, column: at.column }
}
