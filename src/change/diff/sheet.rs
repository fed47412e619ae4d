//! A formation as a flat list of numbers, and the comparison of two such lists. Knows no delta and no profile.

use super::Status;
use super::rows::{ChangedRow, CountedValue, Number, NumberGroup, NumberSubject};
use crate::plan::summary::{
    Fact, Formation, Machines, PerResource, Pool, ServiceLine, SummedBounds, TakenShare, Total,
};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Every number of one formation.
pub(super) struct Sheet {
    /// Entries that are equal in several profiles are shared.
    entries: Vec<Rc<SheetEntry>>,
    /// Whether the formation exists, or may exist.
    pub there: bool,
    /// Whether what is missing is unknown: the spec could not be read.
    unknown: bool,
    /// Whether the numbers change over the week.
    week: bool,
}

/// The numbers of one group.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct SheetEntry {
    kind: NumberSubject,
    name: String,
    cells: Vec<Cell>,
    /// Whether what is missing is unknown.
    unknown: bool,
}

type Cell = (Number, Option<String>, Fact<CountedValue>);

impl Sheet {
    /// One that is not there, or cannot be known.
    pub fn missing(unknown: bool) -> Sheet {
        Sheet { entries: Vec::new(), there: unknown, unknown, week: false }
    }

    /// The numbers of one formation; `seen` are the entries of the sheets before it.
    pub fn of(formation: &Formation, seen: &mut HashSet<Rc<SheetEntry>>) -> Sheet {
        let entry = |kind, name: &str, cells| SheetEntry { kind, name: name.to_owned(), cells, unknown: false };
        let mut entries: Vec<SheetEntry> = formation
            .services
            .iter()
            .map(|line| entry(NumberSubject::Service, &line.name, service(line, &formation.pools)))
            .collect();
        entries.push(entry(NumberSubject::Total, "", total(&formation.total)));
        entries.push(entry(NumberSubject::Peak, "", total(formation.peak.as_ref().unwrap_or(&formation.total))));
        let mut backing: Vec<SheetEntry> = Vec::new();
        for (name, memory) in &formation.backing {
            let cell = (Number::Memory, None, memory.map(|bytes| CountedValue::Bytes(bytes.into())));
            backing.push(entry(NumberSubject::Backing, name, vec![cell]));
        }
        for pool in &formation.pools {
            match backing.iter_mut().find(|entry| entry.name == pool.to) {
                Some(entry) => entry.cells.push(connections(pool)),
                None => backing.push(entry(NumberSubject::Backing, &pool.to, vec![connections(pool)])),
            }
        }
        entries.extend(backing);
        match &formation.machines {
            Some(Fact::Is(found)) => entries.push(entry(NumberSubject::Capacity, "", machines(found))),
            Some(_) => entries.push(SheetEntry { unknown: true, ..entry(NumberSubject::Capacity, "", Vec::new()) }),
            None => {}
        }
        let mut shared = |entry: SheetEntry| match seen.get(&entry) {
            Some(old) => Rc::clone(old),
            None => {
                let new = Rc::new(entry);
                seen.insert(Rc::clone(&new));
                new
            }
        };
        let entries = entries.into_iter().map(&mut shared).collect();
        Sheet { entries, there: true, unknown: false, week: formation.peak.is_some() }
    }
}

fn amounts(each: &PerResource<Fact<u64>>, [cpu, memory, gpu]: [Number; 3]) -> [Cell; 3] {
    [
        (cpu, None, each.cpu.map(|cores| CountedValue::Cores(cores.into()))),
        (memory, None, each.memory.map(|bytes| CountedValue::Bytes(bytes.into()))),
        (gpu, None, each.gpu.map(|count| CountedValue::Count(count.into()))),
    ]
}

fn sums(each: &PerResource<Fact<u128>>, window: Option<&String>) -> [Cell; 3] {
    [
        (Number::AllCpu, window.cloned(), each.cpu.map(CountedValue::Cores)),
        (Number::AllMemory, window.cloned(), each.memory.map(CountedValue::Bytes)),
        (Number::AllGpu, window.cloned(), each.gpu.map(CountedValue::Count)),
    ]
}

/// The base bounds first, then what one replica has, then the windows.
fn service(line: &ServiceLine, pools: &[Pool]) -> Vec<Cell> {
    let own = |cells: &mut Vec<Cell>| {
        cells.push((Number::Concurrency, None, line.concurrency.map(|limit| CountedValue::Count(limit.into()))));
        cells.extend(amounts(&line.requests, [Number::Cpu, Number::Memory, Number::Gpu]));
        cells.extend(amounts(&line.limits, [Number::CpuLimit, Number::MemoryLimit, Number::GpuLimit]));
    };
    let mut cells = Vec::new();
    for (index, bounds) in line.bounds.iter().enumerate() {
        let SummedBounds { window, replicas, slots, all, connections } = bounds;
        cells.push((Number::Replicas, window.clone(), replicas.map(CountedValue::Range)));
        cells.push((Number::Slots, window.clone(), slots.map(CountedValue::Range)));
        if index == 0 {
            own(&mut cells);
        }
        cells.extend(sums(all, window.as_ref()));
        for (pool, count) in pools.iter().zip(connections) {
            cells.push((Number::Connections(pool.to.clone()), window.clone(), count.map(CountedValue::Count)));
        }
    }
    cells
}

fn total(total: &Total) -> Vec<Cell> {
    let mut cells = vec![
        (Number::Replicas, None, total.replicas.map(CountedValue::Range)),
        (Number::Slots, None, total.slots.map(CountedValue::Range)),
    ];
    cells.extend(sums(&total.all, None));
    cells
}

fn connections(pool: &Pool) -> Cell {
    let share = CountedValue::Share {
        used: pool.used,
        reserved: pool.reserved,
        of: pool.max.widen(),
        permille: pool.permille(),
    };
    (Number::Connections(pool.to.clone()), None, Fact::Is(share))
}

fn machines(machines: &Machines) -> Vec<Cell> {
    let share = |share: &TakenShare| {
        Fact::Is(CountedValue::Share {
            used: share.used,
            reserved: 0,
            of: Fact::Is(share.of),
            permille: share.permille(),
        })
    };
    let PerResource { cpu, memory, gpu } = &machines.shares;
    let mut cells = vec![
        (Number::Nodes, None, Fact::Is(CountedValue::Count(machines.nodes.into()))),
        (Number::CpuShare, None, share(cpu)),
        (Number::MemoryShare, None, share(memory)),
    ];
    if gpu.of > 0 || gpu.used.value().is_some() {
        cells.push((Number::GpuShare, None, share(gpu)));
    }
    if let Some((amount, nodes)) = machines.price {
        cells.push((Number::Cost, None, Fact::Is(CountedValue::Price { amount, nodes, of: machines.nodes })));
    }
    cells
}

/// The groups that differ, in the order of the later sheet and then those that are gone, and how many services do not differ.
pub(super) fn against(was: &Sheet, is: &Sheet) -> (Vec<NumberGroup>, usize) {
    fn index(sheet: &Sheet) -> HashMap<(NumberSubject, &str), &SheetEntry> {
        sheet.entries.iter().map(|entry| ((entry.kind, entry.name.as_str()), &**entry)).collect()
    }
    let (old_index, new_index) = (index(was), index(is));
    let (mut groups, mut unchanged) = (Vec::new(), 0);
    let mut add = |old: Option<&SheetEntry>, new: Option<&SheetEntry>| {
        let Some(SheetEntry { kind, name, .. }) = new.or(old) else { return };
        // if no number changes over the week, the most is the total
        if *kind == NumberSubject::Peak && !was.week && !is.week {
            return;
        }
        let there = |entry: Option<&SheetEntry>, sheet: &Sheet| entry.is_some() || sheet.unknown;
        // a backing service without memory that nobody connects to is still in the spec
        let both = *kind == NumberSubject::Backing && was.there && is.there;
        let status = if both { Status::Kept } else { Status::of(there(old, was), there(new, is)) };
        let rows = rows((old, was.unknown), (new, is.unknown));
        if !rows.is_empty() || status != Status::Kept {
            groups.push(NumberGroup { kind: *kind, name: name.clone(), status, rows });
        } else if *kind == NumberSubject::Service {
            unchanged += 1;
        }
    };
    for kind in [
        NumberSubject::Service,
        NumberSubject::Total,
        NumberSubject::Peak,
        NumberSubject::Backing,
        NumberSubject::Capacity,
    ] {
        for new in is.entries.iter().filter(|entry| entry.kind == kind) {
            add(old_index.get(&(kind, new.name.as_str())).copied(), Some(new));
        }
        for old in was.entries.iter().filter(|entry| entry.kind == kind) {
            if !new_index.contains_key(&(kind, old.name.as_str())) {
                add(Some(old), None);
            }
        }
    }
    (groups, unchanged)
}

/// The numbers that differ between two entries, each with whether a missing entry is unknown.
fn rows(
    (old, old_unknown): (Option<&SheetEntry>, bool),
    (new, new_unknown): (Option<&SheetEntry>, bool),
) -> Vec<ChangedRow> {
    let missing = |entry: Option<&SheetEntry>, unknown: bool| match entry.map_or(unknown, |entry| entry.unknown) {
        true => Fact::Unknown,
        false => Fact::Unset,
    };
    let mut left: Vec<&Cell> = old.map_or_else(Vec::new, |entry| entry.cells.iter().collect());
    let mut rows = Vec::new();
    for (number, window, after) in new.map_or(&[][..], |entry| &entry.cells) {
        let before = match left.iter().position(|cell| (&cell.0, &cell.1) == (number, window)) {
            Some(index) => left.remove(index).2,
            None => missing(old, old_unknown),
        };
        rows.push(ChangedRow { number: number.clone(), window: window.clone(), before, after: *after });
    }
    let gone = left.into_iter().map(|(number, window, before)| ChangedRow {
        number: number.clone(),
        window: window.clone(),
        before: *before,
        after: missing(new, new_unknown),
    });
    rows.extend(gone);
    // an unset number and one that a fault hides have no value on either side
    rows.retain(|row| row.before != row.after && (row.before.value().is_some() || row.after.value().is_some()));
    rows
}
