//! JUnit XML for servers that collect test reports: a suite for each spec, a case for each finding. Knows no colour.
//!
//! Errors and warnings are failures. A note is a skipped case, because a server would otherwise call the run failed. A spec
//! without findings is one passed case. A case is named by rule and path, so that its history survives moved lines.

use std::io::{self, Write};

use super::{Batch, Reported, TextStyle, is_hostile, sentence, stand_in};
use crate::support::diagnostic::{Finding, Severity};

pub(super) fn write(batch: &Batch<'_>, _style: TextStyle, out: &mut dyn Write) -> io::Result<()> {
    let (cases, failures, skipped) = batch.files.iter().map(counts).fold((0, 0, 0), |sum, file| {
        let (cases, failures, skipped) = file;
        (sum.0 + cases, sum.1 + failures, sum.2 + skipped)
    });
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuites name="scalegen" tests="{cases}" failures="{failures}" errors="0" skipped="{skipped}">"#
    )?;
    for file in batch.files {
        suite(file, out)?;
    }
    writeln!(out, "</testsuites>")
}

/// Cases, failures among them, skipped ones among them.
fn counts(file: &Reported<'_>) -> (usize, usize, usize) {
    let skipped = file.findings.iter().filter(|finding| finding.severity == Severity::Note).count();
    (file.findings.len().max(1), file.findings.len() - skipped, skipped)
}

fn suite(file: &Reported<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (cases, failures, skipped) = counts(file);
    let name = escape(file.sources.first().map_or("", |spec| &spec.name));
    writeln!(
        out,
        r#"  <testsuite name="{name}" tests="{cases}" failures="{failures}" errors="0" skipped="{skipped}">"#
    )?;
    if file.findings.is_empty() {
        writeln!(out, r#"    <testcase name="no findings" classname="{name}" file="{name}"/>"#)?;
    }
    for (finding, path) in file.findings() {
        case(file, finding, path, out)?;
    }
    writeln!(out, "  </testsuite>")
}

fn case(file: &Reported<'_>, finding: &Finding, path: &str, out: &mut dyn Write) -> io::Result<()> {
    let at = file.position(finding.at);
    let (line, column) = (at.start.line, at.start.column);
    let (name, rule) = (escape(at.file), escape(&finding.rule));
    let case = if path.is_empty() { rule.clone() } else { format!("{rule} at {}", escape(path)) };
    writeln!(out, r#"    <testcase name="{case}" classname="{name}" file="{name}" line="{line}">"#)?;
    let severity = finding.severity.word();
    let message = escape(&sentence(finding));
    let place = format!("{name}:{line}:{column}: {severity}[{rule}]: {message}");
    match finding.severity {
        // the schema allows a skipped case no type
        Severity::Note => writeln!(out, r#"      <skipped message="{place}"/>"#)?,
        Severity::Error | Severity::Warning => {
            write!(out, r#"      <failure message="{message}" type="{rule}">{place}"#)?;
            if let Some(help) = &finding.help {
                write!(out, "\nhelp: {}", escape(help))?;
            }
            for related in &finding.related {
                let at = file.position(related.place);
                let (line, column) = (at.start.line, at.start.column);
                write!(out, "\n{}:{line}:{column}: {}", escape(at.file), escape(&related.label))?;
            }
            writeln!(out, "</failure>")?;
        }
    }
    writeln!(out, "    </testcase>")
}

/// Text for an attribute or an element. XML 1.0 has no way to write most control characters: they get a visible one.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            '\0'..='\x1f' if !matches!(character, '\t' | '\n' | '\r') => escaped.push(stand_in(character)),
            _ if is_hostile(character) => escaped.push_str(&format!("&#x{:x};", u32::from(character))),
            _ => escaped.push(character),
        }
    }
    escaped
}
