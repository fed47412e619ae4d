//! Annotations of GitHub Actions: one workflow command for each finding. Knows no colour and no width.
//!
//! GitHub shows at most ten errors, ten warnings and ten notices of a step; the log has all of them. It refuses columns
//! if a place spans several lines, so they are left out there.

use std::io::{self, Write};

use super::{Batch, Reported, TextStyle, clean, sentence};
use crate::support::diagnostic::{Finding, Severity};

pub(super) fn write(batch: &Batch<'_>, _style: TextStyle, out: &mut dyn Write) -> io::Result<()> {
    for file in batch.files {
        for finding in file.findings {
            writeln!(out, "{}", command(file, finding))?;
        }
    }
    Ok(())
}

fn command(file: &Reported<'_>, finding: &Finding) -> String {
    let word = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let at = file.position(finding.at);
    let mut command = format!("::{word} file={},line={}", property(at.file), at.start.line);
    if at.start.line == at.end.line {
        let (line, start, end) = (at.end.line, at.start.column, at.end.column);
        command.push_str(&format!(",endLine={line},col={start},endColumn={end}"));
    } else {
        command.push_str(&format!(",endLine={}", at.end.line));
    }
    command.push_str(&format!(",title={}::{}", property(&finding.rule), data(&sentence(finding))));
    if let Some(help) = &finding.help {
        command.push_str(&format!("%0Ahelp: {}", data(help)));
    }
    for related in &finding.related {
        let at = file.position(related.place);
        let (line, column) = (at.start.line, at.start.column);
        command.push_str(&format!("%0A{}:{line}:{column}: {}", data(at.file), data(&related.label)));
    }
    command
}

/// The text of a command: it ends with the line, so line ends are escaped, and with them the sign that escapes.
fn data(text: &str) -> String {
    clean(&text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A"))
}

/// The value of a property: a comma would end it, a colon the whole list.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
