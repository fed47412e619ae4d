//! `scalegen docs`: the manual's site as files. `report::site` makes the pages; the help of the command line is read
//! here.

use super::args::Cli;
use super::{Exit, Failure, display_path, existing, manual, write};
use clap::{Arg, CommandFactory};
use scalegen::report::site::{self, Argument, CommandPage, Manual};
use scalegen::support::plural::plural;
use std::io::Write;
use std::path::Path;

/// How to begin: the README up to what only a checkout has.
fn guide() -> &'static str {
    let readme = include_str!("../../README.md");
    readme.split("\n## Work on scalegen").next().unwrap_or(readme)
}

/// Writes the site, all files or none.
pub fn run(folder: &Path, force: bool, out: &mut dyn Write) -> Result<Exit, Failure> {
    let commands = commands();
    let manual =
        Manual { version: env!("CARGO_PKG_VERSION"), guide: guide(), pages: manual::PAGES, commands: &commands };
    let files: Vec<write::FileToWrite> =
        site::files(&manual).into_iter().map(|(path, text)| write::FileToWrite { path: path.into(), text }).collect();
    if !force {
        existing::owned(folder, &files, |start| {
            start.windows(site::MARK.len()).any(|part| part == site::MARK.as_bytes())
        })
        .map_err(Failure)?;
    }
    let written = write::all(folder, &files).map_err(Failure)?.len();
    let mut said: Vec<String> = Vec::new();
    if written > 0 {
        said.push(format!("wrote {}", plural(written, "file")));
    }
    said.extend(write::as_rendered(files.len() - written));
    said.push(format!("begin with {}", display_path(&folder.join("index.html"))));
    writeln!(out, "{}", said.join("; "))?;
    Ok(Exit::Clean)
}

/// The tool itself, then its commands in the order of the help.
fn commands() -> Vec<CommandPage> {
    let mut root = Cli::command();
    root.build();
    let mut all = vec![command(&mut root)];
    all.extend(root.get_subcommands_mut().filter(|subcommand| subcommand.get_name() != "help").map(command));
    all
}

fn command(clap: &mut clap::Command) -> CommandPage {
    let usage = clap.render_usage().to_string();
    let about = clap.get_long_about().or(clap.get_about()).map(ToString::to_string);
    // help and version are on every command, so they are left out here
    let visible = |arg: &&Arg| !arg.is_hide_set() && !["help", "version"].contains(&arg.get_id().as_str());
    let global = |arg: &&Arg| arg.is_global_set() && clap.get_name() != "scalegen";
    let (first, then): (Vec<&Arg>, Vec<&Arg>) =
        clap.get_arguments().filter(visible).filter(|arg| !global(arg)).partition(|arg| arg.is_positional());
    CommandPage {
        name: clap.get_bin_name().unwrap_or(clap.get_name()).to_owned(),
        about: about.unwrap_or_default(),
        usage: usage.trim_start_matches("Usage: ").to_owned(),
        arguments: first.into_iter().chain(then).map(argument).collect(),
        after: clap.get_after_help().map(ToString::to_string).unwrap_or_default(),
    }
}

fn argument(arg: &Arg) -> Argument {
    let values = arg.get_possible_values();
    // a switch has the values true and false, which nobody writes
    let takes = arg.get_action().takes_values();
    let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let default: Vec<String> =
        arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    let value = |value: &clap::builder::PossibleValue| {
        (value.get_name().to_owned(), value.get_help().map(ToString::to_string).unwrap_or_default())
    };
    Argument {
        name: arg.to_string(),
        help,
        default: (takes && !default.is_empty()).then(|| default.join(", ")),
        values: if takes {
            values.iter().filter(|value| !value.is_hide_set()).map(value).collect()
        } else {
            Vec::new()
        },
    }
}
