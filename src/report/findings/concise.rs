//! One line for each finding, as compilers print them and editors read them. Knows no colour and no width.

use std::io::{self, Write};

use super::{Batch, TextStyle, clean, profile_words};

pub(super) fn write(batch: &Batch<'_>, _style: TextStyle, out: &mut dyn Write) -> io::Result<()> {
    for file in batch.files {
        for finding in file.findings {
            let at = file.position(finding.at);
            let (line, column) = (at.start.line, at.start.column);
            let (severity, rule) = (finding.severity.word(), &finding.rule);
            write!(out, "{}:{line}:{column}: {severity}[{rule}]: {}", clean(at.file), clean(&finding.message))?;
            if let Some(profiles) = profile_words(finding) {
                write!(out, " ({})", clean(&profiles))?;
            }
            writeln!(out)?;
        }
    }
    Ok(())
}
