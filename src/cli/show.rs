//! What the program says of itself: rules, targets, pages, schema, completions.

use super::args::{Cli, ListFormat, SettingsArgs};
use super::settings::SettingsFiles;
use super::{Exit, Failure};
use clap::CommandFactory;
use scalegen::check::policy;
use scalegen::check::rules;
use scalegen::lsp;
use scalegen::report::{Own, clean, clean_lines, site};
use scalegen::support::diagnostic::Severity;
use scalegen::support::markdown::{self, Block, Look, Screen};
use scalegen::targets;
use serde::Serialize;
use std::io::Write;

/// Pages that are neither a rule's nor a target's.
const PAGES: [(&str, &str); 5] = [
    ("policy", policy::PAGE),
    ("editors", lsp::PAGE),
    ("simulate", scalegen::simulate::PAGE),
    ("import", scalegen::change::import::PAGE),
    ("worked-examples", scalegen::simulate::EXAMPLES),
];

/// The manual page of a rule, a target, policies in general, or one policy of this folder; without a name, what there is.
pub fn explain(
    name: Option<&str>,
    screen: Option<Screen>,
    config: &SettingsArgs,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let Some(name) = name else { return map(config, out) };
    let facts = |severity: Severity, group: &str| Some(format!("({}, {group})", severity.word()));
    if let Some(rule) = rules::get(name) {
        return page(name, rule.page, facts(rule.meta.severity, rule.meta.group.heading()), screen, out);
    }
    let built_in = targets::get(name).map(|target| target.page);
    let built_in = built_in.or_else(|| PAGES.iter().find(|(page, _)| *page == name).map(|(_, text)| *text));
    if let Some(built_in) = built_in {
        page(name, built_in, None, screen, out)?;
    }
    let own = match (built_in, SettingsFiles::here(config)) {
        // settings that cannot be read do not hide a page that needs none
        (Some(_), Err(_)) => return Ok(Exit::Clean),
        (_, governing) => governing?.policies(),
    };
    // a policy may be called like a target: then there are two pages
    if let Some(one) = own.iter().find(|one| one.id == name) {
        if built_in.is_some() {
            writeln!(out)?;
        }
        return page(name, &clean_lines(&one.page), facts(one.severity, "policy"), screen, out);
    }
    if built_in.is_some() {
        return Ok(Exit::Clean);
    }
    let field = match name {
        "profile" => site::field_page("profiles"),
        "target" => site::field_page("targets"),
        "service" => site::field_page("services"),
        name => site::field_page(name),
    };
    let command =
        Cli::command().find_subcommand(name).map(|command| command.clone().bin_name(format!("scalegen {name}")));
    let is_known = field.is_some() || command.is_some();
    if let Some(mut command) = command {
        write!(out, "{}", command.render_long_help())?;
        if field.is_some() {
            writeln!(out)?;
        }
    }
    if let Some(field) = field {
        page(name, &field, None, screen, out)?;
    }
    if is_known {
        return Ok(Exit::Clean);
    }
    let known = rules::ALL.iter().map(|rule| rule.meta.id).chain(targets::ALL.iter().map(|target| target.meta.name));
    let fields = site::top_fields();
    let fields = fields.iter().filter_map(|(path, _)| path.rsplit('.').next());
    let cli = Cli::command();
    let commands = cli.get_subcommands().map(clap::Command::get_name);
    let pages = PAGES.iter().map(|(page, _)| *page);
    let all = known.chain(own.iter().map(|one| one.id.as_str())).chain(pages).chain(fields).chain(commands);
    Err(Failure(match scalegen::support::suggest::closest(name, all) {
        Some(close) => format!("nothing is named `{name}`; did you mean `{close}`?"),
        None => format!("nothing is named `{name}`; `scalegen explain` lists what there is"),
    }))
}

/// What can be explained: commands, fields, targets and rules, each in one line.
fn map(config: &SettingsArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    writeln!(out, "scalegen explain NAME shows the page of any of these.\n")?;
    let cli = Cli::command();
    let about = |command: &clap::Command| command.get_about().map(ToString::to_string).unwrap_or_default();
    let commands = cli.get_subcommands().map(|command| (command.get_name().to_owned(), about(command)));
    list("Commands", commands.collect(), out)?;
    list("Fields of a spec (further down by path: services.*.resources.limits.memory)", site::top_fields(), out)?;
    let all = targets::ALL.iter().map(|target| (target.meta.name.to_owned(), target.summary().to_owned()));
    list("Targets", all.collect(), out)?;
    list("Rules of your own", vec![("policy".to_owned(), "How to write them, in .scalegen.toml.".to_owned())], out)?;
    writeln!(out, "Rules")?;
    rules(ListFormat::Text, config, out)
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

/// A page, laid out for a terminal where there is one, with a rule's facts in its title.
fn page(
    name: &str,
    text: &str,
    facts: Option<String>,
    screen: Option<Screen>,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
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
    Ok(Exit::Clean)
}

#[derive(Serialize)]
struct RuleLine<'a> {
    id: &'a str,
    severity: &'a str,
    group: &'a str,
    summary: &'a str,
}

#[derive(Serialize)]
struct TargetLine<'a> {
    name: &'a str,
    summary: &'a str,
}

/// The list of rules, and behind them the policies of this folder.
pub fn rules(format: ListFormat, config: &SettingsArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    let own = SettingsFiles::here(config)?.policies();
    let own: Vec<Own> = own.into_iter().map(|own| Own { summary: clean(&own.summary), ..own }).collect();
    let own = own.iter().map(|own| RuleLine {
        id: &own.id,
        severity: own.severity.word(),
        group: "policy",
        summary: &own.summary,
    });
    let lines: Vec<RuleLine<'_>> = rules::ALL
        .iter()
        .map(|rule| RuleLine {
            id: rule.meta.id,
            severity: rule.meta.severity.word(),
            group: rule.meta.group.heading(),
            summary: rule.summary(),
        })
        .chain(own)
        .collect();
    match format {
        ListFormat::Json => json(&lines, out)?,
        ListFormat::Markdown => {
            writeln!(out, "| rule | severity | what it finds |\n|---|---|---|")?;
            for line in lines {
                writeln!(out, "| `{}` | {} | {} |", line.id, line.severity, line.summary.replace('|', "\\|"))?;
            }
        }
        ListFormat::Text => {
            let width = lines.iter().map(|line| line.id.len()).max().unwrap_or(0);
            let mut group = "";
            for line in &lines {
                if line.group != group {
                    group = line.group;
                    writeln!(out, "{group}")?;
                }
                writeln!(out, "  {:width$}  {:7}  {}", line.id, line.severity, line.summary)?;
            }
        }
    }
    Ok(Exit::Clean)
}

/// The list of targets.
pub fn targets(format: ListFormat, out: &mut dyn Write) -> Result<Exit, Failure> {
    let lines: Vec<TargetLine<'_>> =
        targets::ALL.iter().map(|target| TargetLine { name: target.meta.name, summary: target.summary() }).collect();
    match format {
        ListFormat::Json => json(&lines, out)?,
        ListFormat::Markdown => {
            writeln!(out, "| target | what it writes |\n|---|---|")?;
            for line in lines {
                writeln!(out, "| `{}` | {} |", line.name, line.summary.replace('|', "\\|"))?;
            }
        }
        ListFormat::Text => {
            let width = lines.iter().map(|line| line.name.len()).max().unwrap_or(0);
            for line in &lines {
                writeln!(out, "{:width$}  {}", line.name, line.summary)?;
            }
        }
    }
    Ok(Exit::Clean)
}

fn json(lines: &impl Serialize, out: &mut dyn Write) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(lines).map_err(|error| Failure(error.to_string()))?;
    writeln!(out, "{text}")?;
    Ok(())
}

/// The published schema of specs, dressed for editors, or that of settings.
pub fn schema(settings: bool, out: &mut dyn Write) -> Result<Exit, Failure> {
    let schema = if settings {
        scalegen::inputs::spec::schema::SETTINGS_SCHEMA
    } else {
        &scalegen::inputs::spec::schema::for_editors()
    };
    out.write_all(schema.as_bytes())?;
    Ok(Exit::Clean)
}

/// A completion script.
pub fn completions(shell: clap_complete::Shell, out: &mut dyn Write) -> Result<Exit, Failure> {
    // clap_complete panics where its writer fails; memory does not
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "scalegen", &mut script);
    out.write_all(&script)?;
    Ok(Exit::Clean)
}
