//! What the binary knows of itself: rules, targets, pages, schema, completions.

use super::args::{Cli, ListFormat};
use super::{Exit, Failure};
use clap::CommandFactory;
use scalegen::markdown::{self, Block, Look, Screen};
use scalegen::{rules, targets};
use serde::Serialize;
use std::io::Write;

/// The manual page of a rule or a target; without a name, what there is.
pub fn explain(name: Option<&str>, screen: Option<Screen>, out: &mut dyn Write) -> Result<Exit, Failure> {
    let Some(name) = name else {
        rules(ListFormat::Text, out)?;
        writeln!(out)?;
        return targets(ListFormat::Text, out);
    };
    let rule = rules::get(name);
    let page = rule.map(|rule| rule.page).or_else(|| targets::get(name).map(|target| target.page));
    let Some(page) = page else {
        let all = rules::ALL.iter().map(|rule| rule.meta.id).chain(targets::ALL.iter().map(|target| target.meta.name));
        return Err(Failure(match scalegen::suggest::closest(name, all.clone()) {
            Some(close) => format!("no rule or target is named `{name}`; did you mean `{close}`?"),
            None => format!("no rule or target is named `{name}`; see `scalegen rules` and `scalegen targets`"),
        }));
    };
    let facts = rule.map(|rule| format!("({}, {})", rule.meta.severity.word(), rule.meta.group.heading()));
    match (screen, facts) {
        (Some(screen), facts) => {
            let mut blocks = markdown::blocks(page);
            if let (Some(Block::Heading(_, title, _)), Some(facts)) = (blocks.first_mut(), facts) {
                title.push(markdown::Run { text: format!(" {facts}"), look: Look::Plain, link: None });
            }
            write!(out, "{}", markdown::terminal(&blocks, screen))?;
        }
        (None, Some(facts)) => write!(out, "{name} {facts}\n\n{page}")?,
        (None, None) => write!(out, "{page}")?,
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

/// The list of rules.
pub fn rules(format: ListFormat, out: &mut dyn Write) -> Result<Exit, Failure> {
    let lines: Vec<RuleLine<'_>> = rules::ALL
        .iter()
        .map(|rule| RuleLine {
            id: rule.meta.id,
            severity: rule.meta.severity.word(),
            group: rule.meta.group.heading(),
            summary: rule.summary(),
        })
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
    let schema = if settings { scalegen::schema::SETTINGS_SCHEMA } else { &scalegen::schema::for_editors() };
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
