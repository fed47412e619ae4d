//! `scalegen explain`: the page of a name, laid out, or a map of all names.

use super::args::{Cli, ListFormat, SettingsArgs};
use super::profile_page::{self, SpecEntry};
use super::settings::SettingsFiles;
use super::{Exit, Failure, manual, show};
use clap::CommandFactory;
use scalegen::check::rules;
use scalegen::inputs::spec::schema::foreign_words::convert::braces;
use scalegen::inputs::spec::schema::foreign_words::table;
use scalegen::inputs::spec::schema::foreign_words::word_row::{WordAnswer, WordRow};
use scalegen::report::{clean_lines, site};
use scalegen::support::diagnostic::Severity;
use scalegen::support::markdown::{self, Block, Look, Screen};
use scalegen::targets;
use std::io::Write;

/// The page of a rule, a target, the manual, a policy or a profile of this folder, a command, a field of a spec or of the settings; without a name, what there
/// is. Without a screen, the Markdown it is written in.
pub fn explain(
    name: Option<&str>,
    screen: Option<Screen>,
    config: &SettingsArgs,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let Some(name) = name else { return map(config, out) };
    if let Some(rule) = rules::get(name) {
        let facts = facts(rule.meta.severity, rule.meta.group.heading());
        page(name, rule.page, Some(facts), screen, out)?;
        return Ok(Exit::Clean);
    }
    let mut pages = Pages { screen, found: 0 };
    let built_in = targets::get(name).map(|target| target.page).or_else(|| manual::get(name).map(|page| page.text));
    if let Some(text) = built_in {
        pages.add(name, text, None, out)?;
    }
    let own = match (built_in, SettingsFiles::here(config)) {
        // settings that cannot be read do not hide a page that needs none
        (Some(_), Err(_)) => return Ok(Exit::Clean),
        (_, governing) => governing?.policies(),
    };
    // a policy may be called like a target: then there are two pages
    if let Some(one) = own.iter().find(|one| one.id == name) {
        pages.add(name, &clean_lines(&one.page), Some(facts(one.severity, "policy")), out)?;
    }
    if pages.found > 0 {
        return Ok(Exit::Clean);
    }
    if let Some(mut command) = command(name) {
        write!(out, "{}", command.render_long_help())?;
        pages.found += 1;
        if field(name).is_some() {
            writeln!(out)?;
        }
    }
    if let Some(near) = misspelt(name) {
        return Err(Failure(no_such(name, &near)));
    }
    if let Some(text) = field(name).or_else(|| profile_page::of(name)) {
        page(name, &text, None, screen, out)?;
        pages.found += 1;
    }
    if pages.found > 0 {
        return Ok(Exit::Clean);
    }
    if let Some(text) = site::page_of_value(name).or_else(|| foreign(name)) {
        page(name, &text, None, screen, out)?;
        return Ok(Exit::Clean);
    }
    let policies: Vec<&str> = own.iter().map(|policy| policy.id.as_str()).collect();
    Err(unknown(name, &policies))
}

/// The pages of one name, one after the other.
struct Pages {
    screen: Option<Screen>,
    found: usize,
}

impl Pages {
    fn add(&mut self, name: &str, text: &str, facts: Option<String>, out: &mut dyn Write) -> Result<(), Failure> {
        if self.found > 0 {
            writeln!(out)?;
        }
        self.found += 1;
        page(name, text, facts, self.screen, out)
    }
}

fn facts(severity: Severity, group: &str) -> String {
    format!("({}, {group})", severity.word())
}

fn command(name: &str) -> Option<clap::Command> {
    let cli = Cli::command();
    let command = cli.find_subcommand(name)?.clone();
    Some(command.bin_name(format!("scalegen {name}")))
}

fn field(name: &str) -> Option<String> {
    match name {
        "profile" => site::field_page("profiles"),
        "target" => site::field_page("targets"),
        "service" => site::field_page("services"),
        name => {
            profile_page::below_profiles(name).or_else(|| site::field_page(name)).or_else(|| site::settings_page(name))
        }
    }
}

/// What to write for a word of another tool.
fn foreign(name: &str) -> Option<String> {
    let rows: Vec<_> = table::rows().filter(|row| row.words.contains(&name)).collect();
    let explain_row = |row: &&WordRow| {
        let place = if row.at.is_empty() { "the root".to_owned() } else { format!("`{}`", row.at.replace('/', ".")) };
        let of = if row.tool.is_empty() { "another tool" } else { row.tool };
        let said = match row.answer {
            WordAnswer::Fields { .. } => format!("write `{}`, with your own value", braces(&table::example(row)?)),
            WordAnswer::Remove(why) => format!("remove it: {why}"),
            WordAnswer::Instead(what) => what.to_owned(),
            WordAnswer::Told(_) => "`scalegen lint` says what to write for the values that stand there".to_owned(),
        };
        Some(format!("- At {place} a word of {of}: {said}.\n"))
    };
    let mut lines: Vec<String> = rows.iter().filter_map(explain_row).collect();
    lines.dedup();
    (!lines.is_empty()).then(|| format!("# {name}\n\nNo field of a spec.\n\n{}", lines.concat()))
}

/// What a path probably means that ends where an entry has its name: an entry of the spec in this folder, or a field of one.
fn misspelt(name: &str) -> Option<String> {
    let known = profile_page::entry(name);
    if matches!(known, SpecEntry::Known) {
        return None;
    }
    let field = site::misspelt_field(name);
    match known {
        SpecEntry::Near(other) if field.is_none() && site::is_entry(name) => Some(other),
        _ => field,
    }
}

fn unknown(name: &str, policies: &[&str]) -> Failure {
    let named = profile_page::names();
    let profiles = named.iter().map(String::as_str);
    let known = rules::ALL.iter().map(|rule| rule.meta.id).chain(targets::ALL.iter().map(|target| target.meta.name));
    let mut fields = [site::top_fields(), site::top_settings()].concat();
    fields.push(("settings".to_owned(), String::new()));
    let fields = fields.iter().filter_map(|(path, _)| path.rsplit('.').next());
    let cli = Cli::command();
    let commands = cli.get_subcommands().map(clap::Command::get_name);
    let pages = manual::PAGES.iter().map(|page| page.name);
    let all = known.chain(policies.iter().copied()).chain(pages).chain(fields).chain(commands).chain(profiles);
    let close = || scalegen::support::suggest::closest(name, all).map(str::to_owned);
    let near = || site::near_field(name);
    Failure(match if name.contains(['.', '/']) { near().or_else(close) } else { close().or_else(near) } {
        Some(close) => no_such(name, &close),
        None => format!("nothing is named `{name}`; `scalegen explain` lists what there is"),
    })
}

fn no_such(name: &str, near: &str) -> String {
    format!("nothing is named `{name}`; did you mean `{near}`?")
}

/// What can be explained: pages of the manual, commands, fields, profiles, targets and rules, each in one line.
fn map(config: &SettingsArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    writeln!(out, "scalegen explain NAME shows the page of any of these.\n")?;
    let cli = Cli::command();
    let pages = manual::PAGES.iter().map(|page| (page.name.to_owned(), page.summary()));
    list("The manual", pages.collect(), out)?;
    let about = |command: &clap::Command| command.get_about().map(ToString::to_string).unwrap_or_default();
    let commands = cli.get_subcommands().map(|command| (command.get_name().to_owned(), about(command)));
    list("Commands", commands.collect(), out)?;
    list("Fields of a spec (further down by path: services.*.resources.limits.memory)", site::top_fields(), out)?;
    list("Fields of .scalegen.toml (further down: settings.ignore.until)", site::top_settings(), out)?;
    let profiles = profile_page::names();
    if !profiles.is_empty() {
        let said = |name: String| (name, "A profile of the spec in this folder.".to_owned());
        list("Profiles", profiles.into_iter().map(said).collect(), out)?;
    }
    let all = targets::ALL.iter().map(|target| (target.meta.name.to_owned(), target.summary().to_owned()));
    list("Targets", all.collect(), out)?;
    writeln!(out, "Rules")?;
    show::rules(ListFormat::Text, config, out)
}

fn list(heading: &str, lines: Vec<(String, String)>, out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(out, "{heading}")?;
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, what) in lines {
        writeln!(out, "  {name:width$}  {what}")?;
    }
    writeln!(out)?;
    Ok(())
}

/// A page, laid out if there is a screen, with a rule's facts in its title.
fn page(
    name: &str,
    text: &str,
    facts: Option<String>,
    screen: Option<Screen>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match (screen, facts) {
        (Some(screen), facts) => {
            let mut blocks = markdown::blocks(text);
            if let (Some(Block::Heading(_, title, _)), Some(facts)) = (blocks.first_mut(), facts) {
                title.push(markdown::TextRun { text: format!(" {facts}"), look: Look::Plain, link: None });
            }
            write!(out, "{}", markdown::terminal(&blocks, screen))?;
        }
        (None, Some(facts)) => write!(out, "{name} {facts}\n\n{text}")?,
        (None, None) => write!(out, "{text}")?,
    }
    Ok(())
}
