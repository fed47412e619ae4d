//! Prints what the program knows of itself: rules, targets, schema, completions.

use super::args::{Cli, ListFormat, SettingsArgs};
use super::settings::SettingsFiles;
use super::{Exit, Failure};
use clap::CommandFactory;
use scalegen::check::rules;
use scalegen::report::{PolicyRule, clean};
use scalegen::targets;
use serde::Serialize;
use std::io::Write;

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
    let policies = SettingsFiles::here(config)?.policies();
    let clean = |policy: PolicyRule| PolicyRule { summary: clean(&policy.summary), ..policy };
    let policies: Vec<PolicyRule> = policies.into_iter().map(clean).collect();
    let policies = policies.iter().map(|policy| RuleLine {
        id: &policy.id,
        severity: policy.severity.word(),
        group: "policy",
        summary: &policy.summary,
    });
    let lines: Vec<RuleLine<'_>> = rules::ALL
        .iter()
        .map(|rule| RuleLine {
            id: rule.meta.id,
            severity: rule.meta.severity.word(),
            group: rule.meta.group.heading(),
            summary: rule.summary(),
        })
        .chain(policies)
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
    // clap_complete panics if its writer fails; memory does not fail
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "scalegen", &mut script);
    out.write_all(&script)?;
    Ok(Exit::Clean)
}
