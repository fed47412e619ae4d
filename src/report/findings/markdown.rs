//! A table for a comment on a pull request. What is in a file can neither end a cell nor mention or link anyone.

use std::io::{self, Write};

use super::{Batch, Reported, TextStyle, excerpt::SHOWN_RELATED, sentence};
use crate::report::markdown_text::{code, prose};
use crate::support::diagnostic::Finding;

/// A comment on GitHub holds 65,536 characters; rows beyond this are counted, not shown.
const LONGEST: usize = 60_000;

pub(super) fn write(batch: &Batch<'_>, _style: TextStyle, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "### scalegen: {}", batch.summary())?;
    let mut rows = batch.files.iter().flat_map(|file| file.findings.iter().map(move |finding| (file, finding)));
    let mut written = 0;
    let mut first = true;
    while let Some((file, finding)) = rows.next() {
        let row = row(file, finding);
        written += row.chars().count();
        if written > LONGEST {
            return writeln!(out, "\n… and {} more findings, which the other formats show", rows.count() + 1);
        }
        if first {
            writeln!(out, "\n| place | rule | finding |\n|---|---|---|")?;
            first = false;
        }
        out.write_all(row.as_bytes())?;
    }
    Ok(())
}

fn row(file: &Reported<'_>, finding: &Finding) -> String {
    let place = |place| {
        let at = file.position(place);
        code(&format!("{}:{}:{}", at.file, at.start.line, at.start.column))
    };
    let mut cell = prose(&sentence(finding));
    if let Some(help) = &finding.help {
        cell.push_str(&format!("<br>help: {}", prose(help)));
    }
    for related in finding.related.iter().take(SHOWN_RELATED) {
        cell.push_str(&format!("<br>{} {}", place(related.place), prose(&related.label)));
    }
    if finding.related.len() > SHOWN_RELATED {
        cell.push_str(&format!("<br>and {} more places", finding.related.len() - SHOWN_RELATED));
    }
    format!("| {} | {} {} | {cell} |\n", place(finding.at), finding.severity.word(), code(&finding.rule))
}
