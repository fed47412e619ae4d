//! `scalegen man`: the command line as manual pages of the system, from the same definition that reads it.

use super::args::Cli;
use super::{Exit, Failure, write};
use clap::CommandFactory;
use scalegen::support::plural::plural;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Prints the page of the tool, or writes a page for the tool and each command into a folder.
pub fn run(folder: Option<&Path>, out: &mut dyn Write) -> Result<Exit, Failure> {
    let mut root = Cli::command();
    root.build();
    let Some(folder) = folder else {
        out.write_all(&page(root)?)?;
        return Ok(Exit::Clean);
    };
    let mut pages = Vec::new();
    let commands =
        root.get_subcommands().filter(|subcommand| subcommand.get_name() != "help").cloned().collect::<Vec<_>>();
    for command in std::iter::once(root).chain(commands) {
        let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
        let text = String::from_utf8_lossy(&page(command)?).into_owned();
        pages.push(write::FileToWrite { path: PathBuf::from(format!("{name}.1")), text });
    }
    let written = write::all(folder, &pages).map_err(Failure)?.len();
    writeln!(out, "wrote {}", plural(written, "page"))?;
    Ok(Exit::Clean)
}

fn page(command: clap::Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    // no date: one version gives the same bytes wherever and whenever it is built
    clap_mangen::Man::new(command).date("").render(&mut page)?;
    Ok(page)
}
