//! The command line: reads, dispatches, writes, and alone decides how the process ends.

mod applied;
mod args;
mod baseline;
mod bounded;
mod check;
mod child;
mod clock;
mod diff;
mod docs;
mod existing;
mod explain;
mod fix;
mod git;
mod given;
mod import;
mod init;
mod lint;
mod lsp;
mod man;
mod manual;
mod plan;
mod price;
mod profile_page;
mod progress;
mod read;
mod recorder;
mod render;
mod reports;
mod sandbox_process;
mod scale;
mod settings;
mod show;
mod simulate;
mod size;
mod staged;
mod subjects;
mod templates;
mod unread_values;
mod watch;
mod wire;
mod write;

use args::{Cli, Color, Command};
use clap::Parser;
use scalegen::report::{self, TextStyle};
use scalegen::support::markdown::Screen;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Nothing at or above the fail level.
    Clean,
    /// Findings, or files that differ.
    Findings,
    /// Could not run.
    Failed,
}

impl Exit {
    /// This, unless something could not be read.
    fn or_failed(self, failed: bool) -> Exit {
        if failed { Exit::Failed } else { self }
    }
}

/// Why a command could not run: for a person, lowercase, no full stop.
#[derive(Debug)]
pub struct Failure(pub String);

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure(format!("cannot write the output: {}", read::io_error_text(&error)))
    }
}

pub fn main() -> ExitCode {
    if sandbox_process::called() {
        return sandbox_process::main();
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let bad_usage = error.use_stderr();
            let plain = error.render().to_string();
            let clean = report::clean_lines(&plain);
            // plain text has lost the escape sequences that `print` would write
            let steers = |arg: std::ffi::OsString| report::clean(&arg.to_string_lossy()) != arg.to_string_lossy();
            if clean != plain || (bad_usage && std::env::args_os().any(steers)) {
                // an argument that would steer the terminal is escaped
                let _ = io::stderr().write_all(clean.as_bytes());
                return ExitCode::from(2);
            }
            return match error.print() {
                // as with a reader that left, see `Listened`
                Err(error) if !bad_usage && error.kind() != io::ErrorKind::BrokenPipe => {
                    complain(&Failure::from(error).0);
                    ExitCode::from(2)
                }
                _ => ExitCode::from(if bad_usage { 2 } else { 0 }),
            };
        }
    };
    let mut out = io::BufWriter::new(Listened(io::stdout()));
    let ended = run(&cli, &mut out).and_then(|exit| {
        out.flush()?;
        Ok(exit)
    });
    match ended {
        Ok(Exit::Clean) => ExitCode::SUCCESS,
        Ok(Exit::Findings) => ExitCode::from(1),
        Ok(Exit::Failed) => ExitCode::from(2),
        Err(Failure(message)) => {
            complain(&message);
            ExitCode::from(2)
        }
    }
}

/// Standard output that may lose its reader, as before `| head -1`. The run then ends as it would have, without a message.
struct Listened<W>(W);

impl<W: Write> Write for Listened<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                watch::unheard();
                Ok(bytes.len())
            }
            outcome => outcome,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                watch::unheard();
                Ok(())
            }
            outcome => outcome,
        }
    }
}

fn run(cli: &Cli, out: &mut dyn Write) -> Result<Exit, Failure> {
    match &cli.command {
        Command::Lint(args) => lint::start(args, style(cli.color, &io::stdout()), out),
        Command::Render(args) => render::run(args, style(cli.color, &io::stderr()), out),
        Command::Plan(args) => plan::run(args, style(cli.color, &io::stderr()), out),
        Command::Scale(args) => scale::run(args, style(cli.color, &io::stderr()), out),
        Command::Simulate(args) => {
            simulate::run(args, style(cli.color, &io::stdout()), style(cli.color, &io::stderr()), out)
        }
        Command::Size(args) => size::run(args, style(cli.color, &io::stdout()), style(cli.color, &io::stderr()), out),
        Command::Import(args) => import::run(args, out),
        Command::Init(args) => init::run(args, out),
        Command::Diff(args) => diff::run(args, style(cli.color, &io::stdout()), style(cli.color, &io::stderr()), out),
        Command::Explain { name, markdown, config } => {
            let screen = (!markdown).then(|| screen(cli.color));
            explain::explain(name.as_deref(), screen, config, out)
        }
        Command::Docs { out: folder, force } => docs::run(folder, *force, out),
        Command::Lsp(args) => lsp::run(args),
        Command::Rules { list, config } => show::rules(list.format, config, out),
        Command::Targets(list) => show::targets(list.format, out),
        Command::Schema { settings } => show::schema(*settings, out),
        Command::Completions { shell } => show::completions(*shell, out),
        Command::Man { out: folder } => man::run(folder.as_deref(), out),
    }
}

/// Prints on standard error why something could not be done; control characters are made visible.
pub fn complain(message: &str) {
    let clean = report::clean(message);
    // if even this cannot be written, the exit code still says it
    let _ = io::stderr().write_all(format!("scalegen: {clean}\n").as_bytes());
}

/// How a page is laid out; `None` if it goes into a file or a pipe, unless colour is asked for.
fn screen(color: Color) -> Screen {
    let TextStyle { color, width, .. } = style(color, &io::stdout());
    Screen { width, color }
}

fn style(color: Color, stream: &impl IsTerminal) -> TextStyle {
    let terminal = stream.is_terminal();
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
    };
    let width = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let width = width.or_else(|| terminal.then(terminal_width).flatten());
    TextStyle { color, width: width.unwrap_or(100), ..TextStyle::default() }
}

fn terminal_width() -> Option<usize> {
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}

/// The name closest to a wrong one on the command line, with the whole list if none is close.
pub fn suggestion<'n>(wrong: &str, names: impl Iterator<Item = &'n str> + Clone) -> String {
    match scalegen::support::suggest::closest(wrong, names.clone()) {
        None if names.clone().next().is_none() => "there are none".to_owned(),
        Some(close) => format!("did you mean `{close}`?"),
        None => format!("there are: {}", names.collect::<Vec<_>>().join(", ")),
    }
}

/// A path for people: control characters are escaped.
pub fn display_path(path: &Path) -> String {
    report::clean(&path.to_string_lossy())
}

/// Refuses unknown targets.
pub fn known_targets(names: &[String]) -> Result<(), Failure> {
    for name in names {
        if scalegen::targets::get(name).is_none() {
            let all = scalegen::targets::ALL.iter().map(|target| target.meta.name);
            return Err(Failure(format!("unknown target `{name}`; {}", suggestion(name, all))));
        }
    }
    Ok(())
}
