//! Differences between two states of specs, in words: headings, numbers and summaries that its forms share. Computes nothing.

mod json;
mod markdown;
mod text;

use super::simulation::Simulation;
use super::summary::range;
use super::words::TextStyle;
use crate::change::diff::{
    ChangedRow, Changes, CountedValue, Delta, NotRendered, Number, NumberGroup, NumberSubject, ProfileChanges, Seen,
    Status,
};
use crate::plan::summary::{Cpu, Fact, Memory, bytes_text, cores_text};
use crate::support::diagnostic::{DismissedBy, Severity};
use crate::support::plural::plural;
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Specs between two states.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    /// The name of the earlier state.
    pub from: &'a str,
    /// The name of the later one; `None` if it is the working tree.
    pub to: Option<&'a str>,
    /// The arguments of the run: a bot finds its own comment by them, so they must be the same in the next run.
    pub asked: &'a [String],
    /// The specs in which anything differs.
    pub specs: &'a [Changes],
    /// How many specs are as before.
    pub unchanged: usize,
    /// The spec before and after on recordings of load, if some are given.
    pub tried: Option<&'a Simulation<'a>>,
}

/// A form in which changes are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangesForm {
    /// For people.
    Text,
    /// For a comment on a pull request that a bot keeps up to date.
    Markdown,
    /// For programs: version 1 of a frozen form.
    Json,
}

impl ChangesForm {
    /// Every form, in the order in which help lists them.
    pub const ALL: &'static [ChangesForm] = &[ChangesForm::Text, ChangesForm::Markdown, ChangesForm::Json];

    /// The word that chooses it on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ChangesForm::Text => "text",
            ChangesForm::Markdown => "markdown",
            ChangesForm::Json => "json",
        }
    }
}

/// Prints the differences.
///
/// # Errors
/// An error of `out`.
pub fn changes(all: &Comparison<'_>, form: ChangesForm, style: TextStyle, out: &mut dyn Write) -> io::Result<()> {
    match form {
        ChangesForm::Text => text::write(all, style, out),
        ChangesForm::Markdown => markdown::write(all, out),
        ChangesForm::Json => json::write(all, out),
    }
}

/// `2 services scaled, 1 new error, 3 rendered files changed; 4 specs unchanged`.
pub(super) fn summary(all: &Comparison<'_>) -> String {
    let mut parts = Vec::new();
    let mut say = |count: usize, words: String| parts.extend((count > 0).then_some(words));
    let of = |status: fn(&Changes) -> bool| all.specs.iter().filter(|spec| status(spec)).count();
    let (came, went) = (of(|spec| spec.before.is_none()), of(|spec| spec.after.is_none()));
    say(came, plural(came, "new spec"));
    say(went, plural(went, "removed spec"));
    let both = || all.specs.iter().filter(|spec| spec.before.is_some() && spec.after.is_some());
    for (status, word) in [(Status::Added, "new profile"), (Status::Removed, "removed profile")] {
        let count = |one: &Changes| one.profiles.iter().filter(|profile| profile.status == status).count();
        let count = both().map(count).sum();
        say(count, plural(count, word));
    }
    let scaled = both().map(scaled).sum();
    say(scaled, format!("{} scaled", plural(scaled, "service")));
    if scaled == 0 {
        let kept = |one: &&Changes| one.profiles.iter().any(|profile| profile.status == Status::Kept);
        say(both().filter(kept).count(), "numbers changed beside the services".to_owned());
    }
    let count = |severity: Severity, new: bool| {
        let lists = all.specs.iter().map(|spec| if new { &spec.findings.new } else { &spec.findings.mended });
        lists.flatten().filter(|seen| seen.finding.severity == severity && seen.allowed.is_none()).count()
    };
    for (word, new) in [("new", true), ("mended", false)] {
        for severity in [Severity::Error, Severity::Warning, Severity::Note] {
            let count = count(severity, new);
            say(count, plural(count, &format!("{word} {}", severity.word())));
        }
    }
    let wider = |one: &Changes| one.findings.changed.iter().filter(|(old, new)| new.wider_than(old)).count();
    let wider = all.specs.iter().map(wider).sum();
    say(wider, format!("{} in more profiles", plural(wider, "finding")));
    let files = all.specs.iter().map(|spec| spec.rendered.len()).sum();
    say(files, format!("{} changed", plural(files, "rendered file")));
    let unchanged = match all.unchanged {
        0 => String::new(),
        count => format!("{} unchanged", plural(count, "spec")),
    };
    match (parts.is_empty(), all.specs.is_empty()) {
        (true, true) if all.unchanged == 0 => "nothing changed".to_owned(),
        (true, true) => format!("nothing changed in {}", plural(all.unchanged, "spec")),
        (true, false) => "no number, finding or rendered file changed".to_owned(),
        (false, _) if unchanged.is_empty() => parts.join(", "),
        (false, _) => format!("{}; {unchanged}", parts.join(", ")),
    }
}

/// The spec and the two states; `shown` formats each name.
pub(super) fn title(all: &Comparison<'_>, changes: &Changes, shown: impl Fn(&str) -> String) -> String {
    let from = shown(all.from);
    let to = all.to.map_or_else(|| "the working tree".to_owned(), &shown);
    match (&changes.before, &changes.after) {
        (Some(before), Some(after)) if changes.renamed => {
            format!("{} in {from} → {} in {to} (renamed)", shown(before), shown(after))
        }
        (Some(before), Some(after)) if before != after => format!("{} → {}", shown(before), shown(after)),
        (None, Some(after)) => format!("{}: new in {to}, not in {from}", shown(after)),
        (Some(before), None) => format!("{}: removed in {to}, in {from}", shown(before)),
        _ => format!("{}: {from} → {to}", shown(changes.name())),
    }
}

/// How many services of a spec have another number in any profile that exists on both sides.
fn scaled(changes: &Changes) -> usize {
    let kept = changes.profiles.iter().filter(|profile| profile.status == Status::Kept);
    let groups = kept.flat_map(|profile| &profile.groups);
    let names: BTreeSet<&str> =
        groups.filter(|group| group.kind == NumberSubject::Service).map(|group| group.name.as_str()).collect();
    names.len()
}

/// Profiles with the same differences, represented by the first.
pub(super) fn together(profiles: &[ProfileChanges]) -> Vec<(Vec<Option<String>>, &ProfileChanges)> {
    let mut all: Vec<(Vec<Option<String>>, &ProfileChanges)> = Vec::new();
    for changes in profiles {
        let what = |profile: &ProfileChanges| (profile.status, profile.unchanged);
        match all.iter_mut().find(|(_, other)| what(other) == what(changes) && other.groups == changes.groups) {
            Some((names, _)) => names.push(changes.profile.clone()),
            None => all.push((vec![changes.profile.clone()], changes)),
        }
    }
    all
}

/// `the base and profiles large, medium`; `shown` formats each name.
pub(super) fn profiles(names: &[Option<String>], shown: impl Fn(&str) -> String) -> String {
    let base = names.iter().any(Option::is_none).then(|| "the base".to_owned());
    let named: Vec<String> = names.iter().flatten().map(|name| shown(name)).collect();
    let word = if named.len() == 1 { "profile" } else { "profiles" };
    let named = (!named.is_empty()).then(|| format!("{word} {}", named.join(", ")));
    base.into_iter().chain(named).collect::<Vec<_>>().join(" and ")
}

/// The suffix that a status adds to a name.
pub(super) fn came_or_went(status: Status) -> &'static str {
    match status {
        Status::Added => " (new)",
        Status::Removed => " (removed)",
        Status::Kept => "",
    }
}

pub(super) fn status_word(status: Status) -> &'static str {
    match status {
        Status::Added => "added",
        Status::Removed => "removed",
        Status::Kept => "changed",
    }
}

/// The rows to show: of a removed group only its totals.
pub(super) fn rows(group: &NumberGroup) -> impl Iterator<Item = &ChangedRow> {
    let gone = group.status == Status::Removed;
    group.rows.iter().filter(move |row| {
        let each = matches!(row.number, Number::Concurrency | Number::Cpu | Number::Gpu);
        let limit = matches!(row.number, Number::CpuLimit | Number::MemoryLimit | Number::GpuLimit);
        let memory = row.number == Number::Memory && group.kind == NumberSubject::Service;
        !gone || (row.window.is_none() && !each && !limit && !memory)
    })
}

/// The name of a group in a table: a key as written, a unique group in capitals.
pub(super) fn label(group: &NumberGroup) -> &str {
    match group.kind {
        NumberSubject::Service | NumberSubject::Backing => &group.name,
        NumberSubject::Total => "TOTAL",
        NumberSubject::Peak => "PEAK",
        NumberSubject::Capacity => "CAPACITY",
    }
}

/// The name of a number; a backing service's own connections need none.
pub(super) fn number(number: &Number, kind: NumberSubject) -> String {
    let word = match number {
        Number::Replicas => "replicas",
        Number::Slots => "slots",
        Number::Concurrency => "concurrency",
        Number::Cpu | Number::CpuShare => "cpu",
        Number::Memory | Number::MemoryShare => "memory",
        Number::Gpu | Number::GpuShare => "gpu",
        Number::CpuLimit => "cpu limit",
        Number::MemoryLimit => "memory limit",
        Number::GpuLimit => "gpu limit",
        Number::AllCpu => "all cpu",
        Number::AllMemory => "all memory",
        Number::AllGpu => "all gpu",
        Number::Connections(to) if kind == NumberSubject::Service => return format!("{to} connections"),
        Number::Connections(_) => "connections",
        Number::Nodes => "nodes",
        Number::Cost => "cost a month",
    };
    word.to_owned()
}

/// A number as a cell: `–` if unset, `?` if the spec has a fault.
pub(super) fn cell(fact: Fact<CountedValue>, number: &Number) -> String {
    match fact {
        Fact::Is(value) => text(value, number),
        Fact::Unset => "–".to_owned(),
        Fact::Unknown => "?".to_owned(),
    }
}

/// Numbers of one replica are written as in the spec, sums in whole units.
fn cores(nano: u128, number: &Number) -> String {
    match (number, u64::try_from(nano)) {
        (Number::Cpu | Number::CpuLimit, Ok(nano)) => Cpu(nano).to_string(),
        _ => cores_text(nano),
    }
}

fn bytes(count: u128, number: &Number) -> String {
    match (number, u64::try_from(count)) {
        (Number::Memory | Number::MemoryLimit, Ok(count)) => Memory::bytes(count).to_string(),
        _ => bytes_text(count),
    }
}

/// A used amount, in its unit.
fn used_amount(amount: u128, number: &Number) -> String {
    match number {
        Number::CpuShare => cores_text(amount),
        Number::MemoryShare => bytes_text(amount),
        _ => amount.to_string(),
    }
}

fn text(value: CountedValue, number: &Number) -> String {
    match value {
        CountedValue::Count(count) => count.to_string(),
        CountedValue::Range(bounds) => range(bounds),
        CountedValue::Cores(nano) => cores(nano, number),
        CountedValue::Bytes(count) => bytes(count, number),
        CountedValue::Share { used, reserved, of, permille } => {
            let amount = |fact: Fact<u128>| match fact {
                Fact::Is(amount) => used_amount(amount, number),
                Fact::Unset => "0".to_owned(),
                Fact::Unknown => "?".to_owned(),
            };
            let of = if of == Fact::Unset { String::new() } else { format!(" of {}", amount(of)) };
            let share = permille.map_or_else(String::new, |share| format!(", {}.{} %", share / 10, share % 10));
            let reserved = if reserved == 0 { String::new() } else { format!(" + {reserved}") };
            format!("{}{reserved}{of}{share}", amount(used))
        }
        CountedValue::Price { amount, nodes, of } if nodes == of => cores_text(amount),
        CountedValue::Price { amount, nodes, of } => format!("{} for {nodes} of {of} nodes", cores_text(amount)),
    }
}

/// The difference, with its sign; empty if unknown.
pub(super) fn delta(row: &ChangedRow) -> String {
    let signed = |amount: i128, text: &dyn Fn(u128) -> String| {
        format!("{}{}", if amount < 0 { "-" } else { "+" }, text(amount.unsigned_abs()))
    };
    let count = |amount: i128| signed(amount, &|count| count.to_string());
    let number = &row.number;
    match row.delta() {
        None => String::new(),
        Some(Delta::Count(amount)) => count(amount),
        Some(Delta::Range(min, max)) if min == max => count(max),
        Some(Delta::Range(0, max)) => format!("max {}", count(max)),
        Some(Delta::Range(min, 0)) => format!("min {}", count(min)),
        Some(Delta::Range(min, max)) => format!("min {}, max {}", count(min), count(max)),
        Some(Delta::Cores(amount)) => signed(amount, &|nano| cores(nano, number)),
        Some(Delta::Bytes(amount)) => signed(amount, &|count| bytes(count, number)),
        Some(Delta::Share(used, permille)) => {
            let used =
                used.filter(|amount| *amount != 0).map(|amount| signed(amount, &|count| used_amount(count, number)));
            let points = |share: u128| format!("{}.{} points", share / 10, share % 10);
            let share = permille.filter(|share| *share != 0).map(|share| signed(share, &points));
            used.into_iter().chain(share).collect::<Vec<_>>().join(", ")
        }
        // the same sum for other machines
        Some(Delta::Price(0)) => String::new(),
        Some(Delta::Price(amount)) => signed(amount, &cores_text),
    }
}

/// The message about findings that a fault hides.
pub(super) fn hidden(changes: &Changes) -> Option<String> {
    let count = changes.findings.hidden.len();
    let are = if count == 1 { "is" } else { "are" };
    let found = plural(count, "earlier finding");
    (count > 0).then(|| format!("{found} {are} not found any more, which may be for the present errors"))
}

/// What happened to a finding that is no longer reported.
pub(super) fn mended(seen: &Seen) -> String {
    match &seen.allowed {
        None => "mended".to_owned(),
        Some(DismissedBy::Comment) => "now allowed by a comment".to_owned(),
        Some(DismissedBy::Ignore(reason)) if reason.is_empty() => "now ignored by the settings".to_owned(),
        Some(DismissedBy::Ignore(reason)) => format!("now ignored by the settings ({reason})"),
        Some(DismissedBy::Baseline) => "now in the baseline".to_owned(),
    }
}

/// Why a target's files are not compared.
pub(super) fn refusal(refused: &NotRendered) -> String {
    let errors = [(refused.before, "before"), (refused.after, "now")];
    let errors: Vec<String> = errors
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, when)| format!("{} {when}", plural(*count, "error")))
        .collect();
    format!("not rendered, {}", errors.join(", "))
}
