//! Changes for people: a table of numbers for each profile, findings in one line each, unified diffs. Computes nothing.

use super::{
    Comparison, came_or_went, cell, delta, hidden, label, mended, number, profiles, refusal, rows, summary, title,
    together,
};
use crate::change::diff::{Changes, NumberGroup, ProfileChanges, RenderedFile, Seen, Status};
use crate::report::findings::sentence;
use crate::report::simulation::{SimulationForm, simulation};
use crate::report::table::Table;
use crate::report::words::{TextStyle, clean, clean_lines};
use crate::support::diagnostic::Severity;
use crate::support::plural::plural;
use std::io::{self, Write};

const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const CYAN: &str = "36";
const BOLD: &str = "1";

pub(super) fn write(all: &Comparison<'_>, style: TextStyle, out: &mut dyn Write) -> io::Result<()> {
    let pen = ChangesPen { color: style.color };
    for spec in all.specs {
        pen.spec(all, spec, out)?;
    }
    if let Some(tried) = all.tried {
        simulation(tried, SimulationForm::Table, style, out)?;
    }
    writeln!(out, "{}", summary(all))
}

/// Colours, or none.
struct ChangesPen {
    color: bool,
}

impl ChangesPen {
    fn paint(&self, code: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn spec(&self, all: &Comparison<'_>, changes: &Changes, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}\n", self.paint(BOLD, &clean(&title(all, changes, str::to_owned))))?;
        for (names, profile) in together(&changes.profiles) {
            let heading = format!("{}{}", profiles(&names, str::to_owned), came_or_went(profile.status));
            writeln!(out, "{}\n", clean(&heading))?;
            self.numbers(profile, out)?;
            writeln!(out)?;
        }
        self.findings(changes, out)?;
        for file in &changes.rendered {
            self.rendered(file, out)?;
        }
        for change in &changes.applied {
            let names = profiles(&change.profiles, str::to_owned);
            writeln!(out, "{}", clean(&format!("{}, {names}: {}", change.target, change.transition.message)))?;
            writeln!(out, "    help: {}\n", clean(&change.transition.help))?;
        }
        for refused in &changes.refused {
            let names = profiles(&refused.profiles, str::to_owned);
            writeln!(out, "{}\n", clean(&format!("{}, {names}: {}", refused.target, refusal(refused))))?;
        }
        Ok(())
    }

    fn numbers(&self, profile: &ProfileChanges, out: &mut dyn Write) -> io::Result<()> {
        let windows = profile.groups.iter().flat_map(rows).any(|row| row.window.is_some());
        let mut head = vec![("", true), ("SERVICE", true), ("NUMBER", true)];
        head.extend([("BEFORE", false), ("AFTER", false), ("CHANGE", false)]);
        head.extend(windows.then_some(("WINDOW", true)));
        let mut table = Table::new(head);
        for group in &profile.groups {
            let mut first = [mark(group).to_owned(), label(group).to_owned()];
            if group.rows.is_empty() {
                table.row(first.clone());
            }
            for row in rows(group) {
                let mut cells: Vec<String> = first.iter_mut().map(std::mem::take).collect();
                cells.push(number(&row.number, group.kind));
                cells.extend([cell(row.before, &row.number), cell(row.after, &row.number), delta(row)]);
                cells.extend(windows.then(|| row.window.clone().unwrap_or_default()));
                table.row(cells);
            }
        }
        if !profile.groups.is_empty() {
            let mut drawn = Vec::new();
            table.text(&mut drawn)?;
            for line in String::from_utf8_lossy(&drawn).lines() {
                writeln!(out, "{}", self.marked(line))?;
            }
        }
        if profile.unchanged > 0 {
            writeln!(out, "{} unchanged", plural(profile.unchanged, "service"))?;
        }
        Ok(())
    }

    /// A line of a table with its mark in colour.
    fn marked(&self, line: &str) -> String {
        for (mark, code) in [("+", GREEN), ("-", RED), ("~", YELLOW)] {
            if let Some(rest) = line.strip_prefix(mark) {
                return format!("{}{rest}", self.paint(code, mark));
            }
        }
        line.to_owned()
    }

    fn findings(&self, changes: &Changes, out: &mut dyn Write) -> io::Result<()> {
        let found = &changes.findings;
        for seen in &found.new {
            self.finding("new", seen, out)?;
            if let Some(help) = &seen.finding.help {
                writeln!(out, "    help: {}", clean(help))?;
            }
        }
        for (old, new) in &found.changed {
            self.finding(if new.wider_than(old) { "also in more profiles:" } else { "still" }, new, out)?;
            writeln!(out, "    was: {}", clean(&sentence(&old.finding)))?;
        }
        for seen in &found.mended {
            let colon = if seen.allowed.is_some() { ":" } else { "" };
            self.finding(&format!("{}{colon}", clean(&mended(seen))), seen, out)?;
        }
        if let Some(line) = hidden(changes) {
            writeln!(out, "{line}")?;
        }
        if found.hidden.len() + found.new.len() + found.changed.len() + found.mended.len() > 0 {
            writeln!(out)?;
        }
        Ok(())
    }

    fn finding(&self, word: &str, seen: &Seen, out: &mut dyn Write) -> io::Result<()> {
        let Seen { finding, file, start, .. } = seen;
        let code = match finding.severity {
            _ if word == "mended" => GREEN,
            Severity::Error => RED,
            Severity::Warning => YELLOW,
            Severity::Note => CYAN,
        };
        let kind = self.paint(code, &format!("{word} {}[{}]", finding.severity.word(), finding.rule));
        let place = format!("{file}:{}:{}", start.line, start.column);
        writeln!(out, "{kind} {}: {}", clean(&place), clean(&sentence(finding)))
    }

    fn rendered(&self, file: &RenderedFile, out: &mut dyn Write) -> io::Result<()> {
        let names = profiles(&file.profiles, str::to_owned);
        let (target, path, status) = (&file.target, &file.path, came_or_went(file.status));
        let title = format!("{target}/{path}{status}, {names}: +{} -{}", file.added, file.removed);
        writeln!(out, "{}", self.paint(BOLD, &clean(&title)))?;
        let diff = file.diff.as_deref().unwrap_or("too long to compare line by line");
        for line in diff.lines().filter(|_| file.status != Status::Removed) {
            let line = clean_lines(line);
            let code = match line.chars().next() {
                Some('+') => GREEN,
                Some('-') => RED,
                Some('@') => CYAN,
                _ => "",
            };
            writeln!(out, "{}", if code.is_empty() { line } else { self.paint(code, &line) })?;
        }
        writeln!(out)
    }
}

fn mark(group: &NumberGroup) -> &'static str {
    match group.status {
        Status::Added => "+",
        Status::Removed => "-",
        Status::Kept => "~",
    }
}
