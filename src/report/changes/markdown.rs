//! Changes as one comment on a pull request, which a bot finds again by its first line and replaces. Text from a
//! spec can neither end a cell, a fence or a fold, nor mention or link anyone.
//!
//! A comment on GitHub holds 65,536 characters. A longer text loses rendered diffs first, then findings that are not new,
//! then numbers, each of them whole, and says how many are left out.

use super::{Comparison, came_or_went, cell, delta, label, number, profiles, refusal, summary, title, together};
use crate::change::diff::{Changes, NumberSubject, ProfileChanges, RenderedFile, Seen, Status};
use crate::check::fingerprint::fnv1a;
use crate::report::findings::sentence;
use crate::report::fit::{Piece, fit};
use crate::report::markdown_text::{code, prose};
use crate::report::simulation::{Simulation, SimulationForm, simulation};
use crate::report::words::{TextStyle, clean, clean_lines};
use crate::support::plural::plural;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::io::{self, Write};

/// The most characters of a comment.
const LONGEST: usize = 65_000;
/// How many of these are reserved for the line that says what was left out.
const NOTE: usize = 500;
/// The most characters of a name or cell.
const LONGEST_NAME: usize = 200;
/// The most characters of a message.
const LONGEST_TEXT: usize = 800;

pub(super) fn write(all: &Comparison<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut pieces =
        vec![piece(0, format!("{}\n### scalegen diff: {}\n", marker(all.asked), summary(all)), ("title", "titles"))];
    for changes in all.specs {
        spec(all, changes, &mut pieces);
    }
    if let Some(tried) = all.tried {
        pieces.push(simulated(tried)?);
    }
    let (text, left) = fit(&pieces, LONGEST - NOTE);
    out.write_all(text.as_bytes())?;
    if left.is_empty() {
        return Ok(());
    }
    let left: Vec<String> = left.iter().map(|(count, what)| format!("{count} {what}")).collect();
    writeln!(out, "\nLeft out, as a comment holds so much and no more: {}; `--format text` shows all.", left.join(", "))
}

/// The results of the change on recordings of load.
fn simulated(tried: &Simulation<'_>) -> io::Result<Piece> {
    let mut text = b"\n".to_vec();
    simulation(tried, SimulationForm::Markdown, TextStyle::default(), &mut text)?;
    Ok(piece(1, String::from_utf8_lossy(&text).into_owned(), ("simulation", "simulations")))
}

fn piece(rank: u8, head: String, what: (&'static str, &'static str)) -> Piece {
    Piece { rank, head, rows: Vec::new(), tail: String::new(), what }
}

/// All but the characters that are written into a comment as they are.
const COMMENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'/').remove(b'-').remove(b' ').remove(b'=');

/// The first line: hidden, and the same for the same question.
fn marker(asked: &[String]) -> String {
    // two hyphens would end the comment
    let mut words = utf8_percent_encode(&asked.join(" "), COMMENT).to_string().replace("--", "-%2D");
    if words.len() > LONGEST_NAME {
        let hash = fnv1a(&asked.iter().map(String::as_bytes).collect::<Vec<_>>());
        words.truncate(LONGEST_NAME);
        words.push_str(&format!("... {hash:016x}"));
    }
    format!("<!-- scalegen diff: {} -->", words.trim_end_matches('-'))
}

fn brief(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn name(text: &str) -> String {
    code(&brief(text, LONGEST_NAME))
}

fn spec(all: &Comparison<'_>, changes: &Changes, pieces: &mut Vec<Piece>) {
    pieces.push(piece(0, format!("\n#### {}\n", title(all, changes, name)), ("spec", "specs")));
    let found = &changes.findings;
    let said = str::to_owned;
    let new = found.new.iter().map(|seen| (said("new"), seen, None));
    let wider = |(old, new): &&(Seen, Seen)| new.wider_than(old);
    let also = found.changed.iter().filter(wider).map(|(old, new)| (said("in more profiles"), new, Some(old)));
    let still = found.changed.iter().filter(|pair| !wider(pair)).map(|(old, new)| (said("still"), new, Some(old)));
    let mended = found.mended.iter().map(|seen| (prose(&brief(&super::mended(seen), LONGEST_TEXT)), seen, None));
    pieces.extend(findings(1, new.chain(also).collect(), ("new finding", "new findings")));
    for (names, profile) in together(&changes.profiles) {
        pieces.push(numbers(&names, profile));
    }
    pieces.extend(findings(3, still.chain(mended).collect(), ("other finding", "other findings")));
    pieces.extend(super::hidden(changes).map(|line| piece(3, format!("\n{line}\n"), ("note", "notes"))));
    pieces.extend(changes.rendered.iter().map(rendered));
    for change in &changes.applied {
        let names = profiles(&change.profiles, name);
        let text = format!("{}; {}", change.transition.message, change.transition.help);
        let line = format!("\n**{}**, {names}: {}\n", name(&change.target), prose(&brief(&text, LONGEST_TEXT)));
        pieces.push(piece(1, line, ("note", "notes")));
    }
    for refused in &changes.refused {
        let names = profiles(&refused.profiles, name);
        let line = format!("\n{}, {names}: {}\n", name(&refused.target), refusal(refused));
        pieces.push(piece(3, line, ("note", "notes")));
    }
}

/// One table for profiles with the same changes.
fn numbers(names: &[Option<String>], profile: &ProfileChanges) -> Piece {
    let heading = format!("\n**{}**{}\n", profiles(names, name), came_or_went(profile.status));
    let unchanged = match profile.unchanged {
        0 => String::new(),
        count => format!("\n{} unchanged\n", plural(count, "service")),
    };
    let what = ("number", "numbers");
    if profile.groups.is_empty() {
        return piece(2, format!("{heading}{unchanged}"), what);
    }
    let windows = profile.groups.iter().flat_map(super::rows).any(|row| row.window.is_some());
    let (more, line) = if windows { (" window |", "---|") } else { ("", "") };
    let head =
        format!("{heading}\n| service | number | before | after | change |{more}\n|---|---|---:|---:|---:|{line}\n");
    let mut rows = Vec::new();
    for group in &profile.groups {
        let named = matches!(group.kind, NumberSubject::Service | NumberSubject::Backing);
        let own = if named { name(label(group)) } else { label(group).to_owned() };
        let mut own = format!("{own}{}", came_or_went(group.status));
        if group.rows.is_empty() {
            rows.push(format!("| {own} | | | | |{}\n", if windows { " |" } else { "" }));
        }
        for row in super::rows(group) {
            let window = match &row.window {
                Some(window) => format!(" {} |", name(window)),
                None if windows => " |".to_owned(),
                None => String::new(),
            };
            let (before, after) = (cell(row.before, &row.number), cell(row.after, &row.number));
            let number = prose(&brief(&number(&row.number, group.kind), LONGEST_NAME));
            let own = std::mem::take(&mut own);
            rows.push(format!("| {own} | {number} | {before} | {after} | {} |{window}\n", delta(row)));
        }
    }
    Piece { rank: 2, head, rows, tail: unchanged, what }
}

fn findings(rank: u8, all: Vec<(String, &Seen, Option<&Seen>)>, what: (&'static str, &'static str)) -> Option<Piece> {
    if all.is_empty() {
        return None;
    }
    let row = |(word, seen, old): &(String, &Seen, Option<&Seen>)| {
        let Seen { finding, file, start, .. } = seen;
        let said = |seen: &Seen| prose(&brief(&sentence(&seen.finding), LONGEST_TEXT));
        let help = finding.help.as_deref().filter(|_| rank == 1);
        let help = help.map_or_else(String::new, |help| format!("<br>help: {}", prose(&brief(help, LONGEST_TEXT))));
        let was = old.map_or_else(String::new, |old| format!("<br>was: {}", said(old)));
        let place = name(&format!("{file}:{}:{}", start.line, start.column));
        let (severity, rule) = (finding.severity.word(), name(&finding.rule));
        format!("| {word} | {place} | {severity} {rule} | {}{was}{help} |\n", said(seen))
    };
    let head = "\n| | place | rule | finding |\n|---|---|---|---|\n".to_owned();
    Some(Piece { rank, head, rows: all.iter().map(row).collect(), tail: String::new(), what })
}

/// A file's diff, folded.
fn rendered(file: &RenderedFile) -> Piece {
    let what = ("rendered diff", "rendered diffs");
    let title = |shown: fn(&str) -> String| {
        let (path, names) = (shown(&format!("{}/{}", file.target, file.path)), profiles(&file.profiles, shown));
        format!("{path}{}, {names}: +{} −{}", came_or_went(file.status), file.added, file.removed)
    };
    let Some(diff) = file.diff.as_ref().filter(|_| file.status != Status::Removed) else {
        let why = if file.diff.is_none() { ", too long to compare line by line" } else { "" };
        return piece(4, format!("\n{}{why}\n", title(name)), what);
    };
    let lines: Vec<String> = diff.lines().map(clean_lines).collect();
    let longest = diff.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let body = format!("{fence}diff\n{}\n{fence}\n", lines.join("\n"));
    piece(4, format!("\n<details><summary>{}</summary>\n\n{body}\n</details>\n", title(html)), what)
}

/// A name where Markdown is not interpreted; code mentions nobody.
fn html(text: &str) -> String {
    let text = clean(&brief(text, LONGEST_NAME));
    format!("<code>{}</code>", text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
}
