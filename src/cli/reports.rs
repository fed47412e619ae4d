//! `--format FORMAT[=FILE]`, said as often as wanted: which reports a run gives and where each goes.

use super::{Failure, read, suggestion, write};
use scalegen::report::{self, Batch, Format, Style};
use std::io::Write;
use std::path::PathBuf;

/// One report: to standard output, or to a file.
pub struct Output {
    format: Format,
    file: Option<PathBuf>,
}

/// What the values of `--format` ask for; none asks for text.
pub fn wanted(values: &[String]) -> Result<Vec<Output>, Failure> {
    if values.is_empty() {
        return Ok(vec![Output { format: Format::Text, file: None }]);
    }
    let mut outputs: Vec<Output> = Vec::new();
    for value in values {
        let (name, file) = match value.split_once('=') {
            Some((name, "")) => return Err(Failure(format!("`--format {name}=` names no file"))),
            Some((name, "-")) => (name, None),
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (value.as_str(), None),
        };
        let format = Format::named(name).ok_or_else(|| {
            let names = Format::ALL.iter().map(|format| format.name());
            Failure(format!("unknown format `{name}`; {}", suggestion(name, names)))
        })?;
        if let Some(other) = outputs.iter().find(|other| other.file == file) {
            let other = other.format.name();
            return Err(Failure(match file {
                None => format!(
                    "two formats for standard output, {other} and {name}; give one a file: --format {name}=FILE"
                ),
                Some(file) => format!("two formats for {}, {other} and {name}", file.display()),
            }));
        }
        outputs.push(Output { format, file });
    }
    Ok(outputs)
}

/// Refuses a report that would be written over a file that is checked.
pub fn apart(outputs: &[Output], paths: &[PathBuf]) -> Result<(), Failure> {
    for output in outputs {
        let Some(file) = &output.file else { continue };
        if paths.iter().any(|path| read::same(path, file)) {
            let (name, file) = (output.format.name(), file.display());
            return Err(Failure(format!("--format {name}={file} would write over a spec that is checked")));
        }
    }
    Ok(())
}

/// Writes every report: first that to standard output, then the files, each whole or not at all.
pub fn print(outputs: &[Output], batch: &Batch<'_>, style: Style, out: &mut dyn Write) -> Result<(), Failure> {
    for output in outputs.iter().filter(|output| output.file.is_none()) {
        report::write(output.format, batch, style, out)?;
    }
    for output in outputs {
        if let Some(file) = &output.file {
            let mut bytes = Vec::new();
            report::write(output.format, batch, Style::default(), &mut bytes)?;
            write::one(file, &String::from_utf8_lossy(&bytes)).map_err(Failure)?;
        }
    }
    Ok(())
}
