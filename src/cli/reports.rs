//! `--format FORMAT[=FILE]`, repeatable: which reports a run prints and where each goes.

use super::{Failure, read, suggestion, write};
use scalegen::report::{ChangesForm, Format, TextStyle};
use std::io::{self, Write};
use std::path::PathBuf;

/// A form that a word on the command line chooses; the first one is for people.
pub trait ReportForm: Copy + 'static {
    /// Every form, in the order in which help lists them.
    const ALL: &'static [Self];
    /// Its word.
    fn word(self) -> &'static str;
}

impl ReportForm for Format {
    const ALL: &'static [Format] = Format::ALL;

    fn word(self) -> &'static str {
        self.name()
    }
}

impl ReportForm for ChangesForm {
    const ALL: &'static [ChangesForm] = ChangesForm::ALL;

    fn word(self) -> &'static str {
        self.name()
    }
}

/// One report: to standard output, or to a file.
pub struct ReportOutput<F> {
    format: F,
    file: Option<PathBuf>,
}

/// What the values of `--format` ask for; none asks for text.
pub fn wanted<F: ReportForm>(values: &[String]) -> Result<Vec<ReportOutput<F>>, Failure> {
    if values.is_empty() {
        return Ok(F::ALL.first().map(|format| ReportOutput { format: *format, file: None }).into_iter().collect());
    }
    let mut outputs: Vec<ReportOutput<F>> = Vec::new();
    for value in values {
        let (name, file) = match value.split_once('=') {
            Some((name, "")) => return Err(Failure(format!("`--format {name}=` names no file"))),
            Some((name, "-")) => (name, None),
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (value.as_str(), None),
        };
        let format = F::ALL.iter().copied().find(|format| format.word() == name).ok_or_else(|| {
            let names = F::ALL.iter().map(|format| format.word());
            Failure(format!("unknown format `{name}`; {}", suggestion(name, names)))
        })?;
        if let Some(other) = outputs.iter().find(|other| other.file == file) {
            let other = other.format.word();
            return Err(Failure(match file {
                None => format!(
                    "two formats for standard output, {other} and {name}; give one a file: --format {name}=FILE"
                ),
                Some(file) => format!("two formats for {}, {other} and {name}", file.display()),
            }));
        }
        outputs.push(ReportOutput { format, file });
    }
    Ok(outputs)
}

/// Refuses a report that would be written over a file that the run reads.
pub fn refuse_overwrites<F: ReportForm>(outputs: &[ReportOutput<F>], inputs: &[PathBuf]) -> Result<(), Failure> {
    for output in outputs {
        let Some(file) = &output.file else { continue };
        let option = format!("--format {}={}", output.format.word(), file.display());
        read::refuse_overwrite(&option, file, inputs).map_err(Failure)?;
    }
    Ok(())
}

/// Writes every report: first that to standard output, then the files, each whole or not at all.
pub fn print<F: ReportForm>(
    outputs: &[ReportOutput<F>],
    write: impl Fn(F, TextStyle, &mut dyn Write) -> io::Result<()>,
    style: TextStyle,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    for output in outputs.iter().filter(|output| output.file.is_none()) {
        write(output.format, style, out)?;
    }
    for output in outputs {
        if let Some(file) = &output.file {
            let mut bytes = Vec::new();
            write(output.format, TextStyle::default(), &mut bytes)?;
            write::write_file(file, &String::from_utf8_lossy(&bytes)).map(drop).map_err(Failure)?;
        }
    }
    Ok(())
}
