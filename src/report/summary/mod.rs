//! Formations as tables for people, as text or Markdown. Prints its input: computes no number.

pub(super) mod json;

use super::markdown_text::prose;
use super::table::Table;
use super::words::clean;
use crate::plan::summary::{
    Cpu, Fact, Formation, LeastMost, Machines, Memory, PerResource, ServiceLine, SummedBounds, TakenShare, Total,
};
use crate::plan::summary::{bytes_text, cores_text};
use std::io::{self, Write};

/// How formations are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SummaryForm {
    /// Aligned text for a terminal.
    Table,
    /// For programs: version 1 of a frozen form.
    Json,
    /// For a page.
    Markdown,
}

/// Prints formations of one spec: the base first, then profiles. One that equals the first is only named.
///
/// # Errors
/// An error of `out`.
pub fn formations(all: &[Formation], form: SummaryForm, out: &mut dyn Write) -> io::Result<()> {
    if form == SummaryForm::Json {
        return json::write(all, out);
    }
    for (index, one) in all.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let heading = heading(one);
        let first = all.first().filter(|_| index > 0);
        if first.is_some_and(|first| has_equal_numbers(first, one)) {
            line(form, "## ", &format!("{heading}: as {}", first.map(place).unwrap_or_default()), out)?;
            continue;
        }
        line(form, "## ", &heading, out)?;
        writeln!(out)?;
        let mut tables = vec![services(one)];
        tables.extend(pools(one));
        if let Some(Fact::Is(machines)) = &one.machines {
            tables.push(shares(machines));
            tables.extend(placement(machines));
        }
        for (index, table) in tables.iter().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            if form == SummaryForm::Markdown { table.markdown(out)? } else { table.text(out)? }
        }
        let notes = notes(one);
        if !notes.is_empty() {
            writeln!(out)?;
        }
        for note in notes {
            line(form, "- ", &note, out)?;
        }
    }
    Ok(())
}

/// One line, with its sign in Markdown. Names of the spec are in it, so nothing in it can steer its reader.
fn line(form: SummaryForm, sign: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    if form == SummaryForm::Markdown {
        writeln!(out, "{sign}{}", prose(text))
    } else {
        writeln!(out, "{}", clean(text))
    }
}

fn place(formation: &Formation) -> String {
    formation.profile.as_ref().map_or_else(|| "the base".to_owned(), |profile| format!("profile {profile}"))
}

fn heading(formation: &Formation) -> String {
    let instant = formation.instant.as_ref().map_or_else(String::new, |(people, _)| format!(" at {people}"));
    match &formation.file {
        // files of another tool have no profiles, and no name of their own
        Some(file) if formation.name.starts_with(file.as_str()) => format!("{}{instant}", formation.name),
        Some(file) => format!("{file}: {}, {}{instant}", formation.name, place(formation)),
        None => format!("{}, {}{instant}", formation.name, place(formation)),
    }
}

fn has_equal_numbers(first: &Formation, formation: &Formation) -> bool {
    Formation { profile: None, ..first.clone() } == Formation { profile: None, ..formation.clone() }
}

/// A number as a cell: `–` if unset, `?` if the spec has a fault.
pub fn cell<T: Copy>(fact: Fact<T>, text: impl Fn(T) -> String) -> String {
    match fact {
        Fact::Is(value) => text(value),
        Fact::Unset => "–".to_owned(),
        Fact::Unknown => "?".to_owned(),
    }
}

/// `3`, or `2–6`.
pub fn range(range: LeastMost) -> String {
    if range.min == range.max { range.max.to_string() } else { format!("{}–{}", range.min, range.max) }
}

fn cpu(nano: u64) -> String {
    Cpu(nano).to_string()
}

fn memory(bytes: u64) -> String {
    Memory::bytes(bytes).to_string()
}

/// The optional columns that a formation needs.
struct Columns {
    slots: bool,
    gpu: bool,
    limits: bool,
    windows: bool,
}

impl Columns {
    fn of(formation: &Formation) -> Columns {
        let set = |fact: &Fact<u64>| *fact != Fact::Unset;
        Columns {
            slots: formation.services.iter().any(|line| set(&line.concurrency)),
            gpu: formation.total.all.gpu != Fact::Unset,
            limits: formation.services.iter().any(|line| set(&line.limits.cpu) || set(&line.limits.memory)),
            windows: formation.services.iter().any(|line| line.bounds.iter().any(|bounds| bounds.window.is_some())),
        }
    }

    /// One row: first the numbers of one replica, then those of all.
    fn row(&self, name: &str, mine: Option<&ServiceLine>, sums: &RowSums<'_>, pools: Vec<String>) -> Vec<String> {
        let mut row = vec![name.to_owned(), cell(sums.replicas, range)];
        if self.slots {
            row.push(cell(sums.slots, range));
        }
        let each = |amounts: Option<&PerResource<Fact<u64>>>| match amounts {
            Some(each) => [cell(each.cpu, cpu), cell(each.memory, memory), cell(each.gpu, |gpu| gpu.to_string())],
            None => [String::new(), String::new(), String::new()],
        };
        let [cpu, memory, gpu] = each(mine.map(|line| &line.requests));
        row.extend([cpu, memory]);
        row.extend(self.gpu.then_some(gpu));
        if self.limits {
            let [cpu, memory, _] = each(mine.map(|line| &line.limits));
            row.extend([cpu, memory]);
        }
        row.extend([cell(sums.all.cpu, cores_text), cell(sums.all.memory, bytes_text)]);
        row.extend(self.gpu.then(|| cell(sums.all.gpu, |gpu| gpu.to_string())));
        row.extend(pools);
        row.extend(self.windows.then(|| sums.when.to_owned()));
        row
    }
}

/// The numbers of one row that hold for all replicas together.
struct RowSums<'a> {
    replicas: Fact<LeastMost>,
    slots: Fact<LeastMost>,
    all: PerResource<Fact<u128>>,
    when: &'a str,
}

fn services(formation: &Formation) -> Table {
    let columns = Columns::of(formation);
    let mut head = vec![("SERVICE", true), ("REPLICAS", false)];
    head.extend(columns.slots.then_some(("SLOTS", false)));
    head.extend([("CPU", false), ("MEMORY", false)]);
    head.extend(columns.gpu.then_some(("GPU", false)));
    if columns.limits {
        head.extend([("CPU LIMIT", false), ("MEMORY LIMIT", false)]);
    }
    head.extend([("ALL CPU", false), ("ALL MEMORY", false)]);
    head.extend(columns.gpu.then_some(("ALL GPU", false)));
    let pools: Vec<String> = formation.pools.iter().map(|pool| pool.to.to_uppercase()).collect();
    head.extend(pools.iter().map(|pool| (pool.as_str(), false)));
    head.extend(columns.windows.then_some(("WINDOW", true)));
    let mut table = Table::new(head);
    for line in &formation.services {
        for (index, bounds) in line.bounds.iter().enumerate() {
            let name = if index == 0 { line.name.as_str() } else { "" };
            let mine = (index == 0).then_some(&**line);
            let SummedBounds { window, replicas, slots, all, connections } = bounds;
            let when = window.as_deref().unwrap_or_default();
            let sums = RowSums { replicas: *replicas, slots: *slots, all: *all, when };
            let connections = connections.iter().map(|count| cell(*count, |count| count.to_string()));
            table.row(columns.row(name, mine, &sums, connections.collect()));
        }
    }
    let empty = || formation.pools.iter().map(|_| String::new()).collect::<Vec<_>>();
    for (name, bytes) in &formation.backing {
        let mut row = columns.row(
            name,
            None,
            &RowSums {
                replicas: Fact::Is(LeastMost { min: 1, max: 1 }),
                slots: Fact::Unset,
                all: PerResource { cpu: Fact::Unset, memory: bytes.widen(), gpu: Fact::Unset },
                when: "",
            },
            empty(),
        );
        // it has one instance, so the sum is that of the instance
        let column = if columns.slots { 4 } else { 3 };
        if let Some(each) = row.get_mut(column) {
            *each = cell(*bytes, memory);
        }
        table.row(row);
    }
    let mut total = |name: &str, total: &Total, when: &str| {
        let Total { replicas, slots, all, .. } = total;
        let sums = RowSums { replicas: *replicas, slots: *slots, all: *all, when };
        table.row(columns.row(name, None, &sums, empty()));
    };
    total("TOTAL", &formation.total, "");
    if let Some(peak) = &formation.peak {
        total("PEAK", peak, "the most over the week");
    }
    table
}

fn when(when: Option<&String>) -> String {
    when.cloned().unwrap_or_default()
}

/// A share in per cent with one place.
fn percent(permille: Option<u128>) -> String {
    permille.map_or_else(|| "–".to_owned(), |share| format!("{}.{} %", share / 10, share % 10))
}

fn pools(formation: &Formation) -> Option<Table> {
    if formation.pools.is_empty() {
        return None;
    }
    let timed = formation.pools.iter().any(|pool| pool.when.is_some());
    let mut head = vec![("CONNECTIONS", true), ("USED", false), ("RESERVED", false), ("OF", false), ("SHARE", false)];
    head.extend(timed.then_some(("WHEN", true)));
    let mut table = Table::new(head);
    for pool in &formation.pools {
        let mut row = vec![
            pool.to.clone(),
            cell(pool.used, |used| used.to_string()),
            pool.reserved.to_string(),
            cell(pool.max, |max| max.to_string()),
            percent(pool.permille()),
        ];
        row.extend(timed.then(|| when(pool.when.as_ref())));
        table.row(row);
    }
    Some(table)
}

fn shares(machines: &Machines) -> Table {
    let PerResource { cpu, memory, gpu } = &machines.shares;
    let timed = [cpu, memory, gpu].iter().any(|share| share.when.is_some());
    let mut head = vec![("CAPACITY", true), ("USED", false), ("OF", false), ("SHARE", false)];
    head.extend(timed.then_some(("WHEN", true)));
    let mut table = Table::new(head);
    let mut add = |name: &str, share: &TakenShare, text: fn(u128) -> String| {
        let mut row = vec![name.to_owned(), cell(share.used, text), text(share.of), percent(share.permille())];
        row.extend(timed.then(|| when(share.when.as_ref())));
        table.row(row);
    };
    add("cpu", cpu, cores_text);
    add("memory", memory, bytes_text);
    if gpu.of > 0 || gpu.used != Fact::Unset {
        add("gpu", gpu, |gpu| gpu.to_string());
    }
    table
}

fn placement(machines: &Machines) -> Option<Table> {
    let placed = machines.placed.as_ref().filter(|placed| !placed.nodes.is_empty() || !placed.left.is_empty())?;
    let mut table = Table::new([("NODES", true), ("COUNT", false), ("EACH HOLDS", true)]);
    let names = |held: &[(String, u64)]| {
        held.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
    };
    for node in &placed.nodes {
        table.row([node.group.clone(), node.count.to_string(), names(&node.holds)]);
    }
    if !placed.left.is_empty() {
        table.row(["nowhere".to_owned(), String::new(), names(&placed.left)]);
    }
    Some(table)
}

fn notes(formation: &Formation) -> Vec<String> {
    let mut notes = Vec::new();
    if !formation.limits {
        notes.push("limitResources is false: limits are not in force".to_owned());
    }
    match &formation.machines {
        Some(Fact::Is(machines)) => {
            if let Some(placed) = &machines.placed {
                if let Some(when) = &placed.when {
                    notes.push(format!("placed as on {when}, when most is taken"));
                }
                if placed.impossible {
                    notes.push("no placement holds everything".to_owned());
                } else if !placed.left.is_empty() {
                    notes.push("no placement of everything was found".to_owned());
                }
            }
            if let Some((price, priced)) = machines.price {
                let of = if priced == machines.nodes { String::new() } else { format!(" of {}", machines.nodes) };
                let word = if machines.nodes == 1 { "node" } else { "nodes" };
                notes.push(format!("cost: {} a month for {priced}{of} {word}", cores_text(price)));
            }
        }
        Some(_) => notes.push("capacity has a fault: no share is computed".to_owned()),
        None => {}
    }
    notes
}

/// The formation before and after a change, as `convox scale` shows one: a changed cell has both numbers.
///
/// # Errors
/// An error of `out`.
pub fn before_and_after(before: &Formation, after: &Formation, out: &mut dyn Write) -> io::Result<()> {
    let columns = Columns::of(after).slots || Columns::of(before).slots;
    let mut head = vec![("SERVICE", true), ("COUNT", false)];
    head.extend(columns.then_some(("SLOTS", false)));
    head.extend([("CPU", false), ("MEMORY", false)]);
    let mut table = Table::new(head);
    for new in &after.services {
        let old = before.services.iter().find(|old| old.name == new.name).unwrap_or(new);
        let both = |text: &dyn Fn(&ServiceLine) -> String| {
            let (old, new) = (text(old), text(new));
            if old == new { new } else { format!("{old} → {new}") }
        };
        let base = |line: &ServiceLine| line.bounds.first().map_or(Fact::Unknown, |bounds| bounds.replicas);
        let slots = |line: &ServiceLine| line.bounds.first().map_or(Fact::Unknown, |bounds| bounds.slots);
        let mut row = vec![new.name.clone(), both(&|line| cell(base(line), range))];
        row.extend(columns.then(|| both(&|line| cell(slots(line), range))));
        row.push(both(&|line| cell(line.requests.cpu, cpu)));
        row.push(both(&|line| cell(line.requests.memory, memory)));
        table.row(row);
    }
    table.text(out)
}
