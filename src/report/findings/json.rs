//! Version 1 of the JSON form: frozen, so it has its own structs. A new field is allowed; a changed one is version 2.
//!
//! Every key is always there: `help` and `fix` are null, and lists are empty, if there is nothing to report.

use std::io::{self, Write};

use serde::Serialize;

use super::{Batch, Position, Reported, TextStyle, json_text};
use crate::support::diagnostic::{Finding, Fix, Severity};
use crate::support::source::{FileSpan, LineColumn};

#[derive(Serialize)]
struct FindingsV1<'a> {
    version: u8,
    findings: Vec<V1Finding<'a>>,
    summary: V1Summary,
}

#[derive(Serialize)]
struct V1Finding<'a> {
    rule: &'a str,
    severity: &'a str,
    file: &'a str,
    profiles: Vec<&'a str>,
    start: V1Numbers,
    end: V1Numbers,
    path: &'a str,
    object: Option<&'a str>,
    message: &'a str,
    help: Option<&'a str>,
    related: Vec<V1Related<'a>>,
    fix: Option<V1Fix<'a>>,
}

#[derive(Serialize)]
struct V1Numbers {
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct V1Related<'a> {
    file: &'a str,
    start: V1Numbers,
    end: V1Numbers,
    label: &'a str,
}

#[derive(Serialize)]
struct V1Fix<'a> {
    edits: Vec<V1Edit<'a>>,
    safe: bool,
}

#[derive(Serialize)]
struct V1Edit<'a> {
    file: &'a str,
    start: V1Numbers,
    end: V1Numbers,
    text: &'a str,
}

#[derive(Serialize)]
struct V1Summary {
    files: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    suppressed: usize,
}

pub(super) fn write(batch: &Batch<'_>, _style: TextStyle, out: &mut dyn Write) -> io::Result<()> {
    let findings =
        batch.files.iter().flat_map(|file| file.findings().map(|(found, path)| finding(file, found, path))).collect();
    let summary = V1Summary {
        files: batch.files.len(),
        errors: batch.count(Severity::Error),
        warnings: batch.count(Severity::Warning),
        notes: batch.count(Severity::Note),
        suppressed: batch.suppressed,
    };
    writeln!(out, "{}", json_text(&FindingsV1 { version: 1, findings, summary })?)
}

fn finding<'a>(file: &Reported<'a>, found: &'a Finding, path: &'a str) -> V1Finding<'a> {
    let at = file.position(found.at);
    V1Finding {
        rule: &found.rule,
        severity: found.severity.word(),
        file: at.file,
        profiles: found.profiles.iter().map(AsRef::as_ref).collect(),
        start: numbers(at.start),
        end: numbers(at.end),
        path,
        object: found.object.as_deref(),
        message: &found.message,
        help: found.help.as_deref(),
        related: found
            .related
            .iter()
            .map(|related| {
                let Position { file, start, end } = file.position(related.place);
                V1Related { file, start: numbers(start), end: numbers(end), label: &related.label }
            })
            .collect(),
        fix: found.fix.as_ref().map(|offered| fix(file, found, offered)),
    }
}

fn fix<'a>(file: &Reported<'a>, found: &Finding, fix: &'a Fix) -> V1Fix<'a> {
    let edit = |edit: &'a crate::support::diagnostic::Edit| {
        let at = file.position(FileSpan { file: edit.file_for(found.at.file), span: edit.span });
        V1Edit { file: at.file, start: numbers(at.start), end: numbers(at.end), text: &edit.text }
    };
    V1Fix { edits: fix.edits.iter().map(edit).collect(), safe: fix.safe }
}

fn numbers(numbers: LineColumn) -> V1Numbers {
    V1Numbers { line: numbers.line, column: numbers.column }
}
