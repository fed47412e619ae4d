//! Version 1 of the changes' JSON form: frozen, so it has its own structs. A new field is allowed; a changed one is version 2.
//!
//! `{"version": 1, "from": …, "to": …, "scaled": …, "newErrors": …, "specs": […], "unchanged": …}`. Every key is always
//! there. `to` is null where it is the working tree; `scaled` says whether any number differs; `specs` holds what differs, `unchanged` counts the others.
//!
//! A spec: `before` and `after` are its names, null where it is not there. `profiles` has the base (null) and each profile
//! in which a number differs; a group's `kind` is `service`, `total`, `peak` (the most over the week), `backing` or
//! `capacity`, and its `numbers` are only those that differ. `unchanged` counts services.
//!
//! A number: `number` (`replicas`, `slots`, `concurrency`, `cpu`, `memory`, `gpu`, `cpuLimit`, `memoryLimit`, `gpuLimit`
//! of one replica; `allCpu`, `allMemory`, `allGpu` and `connections` of the most replicas; `nodes` and `cost` of the
//! machines), `to` (the backing service of connections), `window` (null for the base bounds), `before`, `after` and
//! `change`. CPU is a number of cores, memory of bytes; `replicas` and `slots` are `{"min", "max"}`; connections of a
//! backing service are `{"used", "reserved", "of", "permille"}`, shares of the machines the same without `reserved`;
//! `cost` is `{"amount", "nodes", "of"}`. Null is a number nobody wrote, or one that a fault hides: `unknown` then names
//! the side. `change` is null where a side is.
//!
//! Findings: `new`, `mended` (`allowed`: it is there still, and `by` `comment`, `settings` or `baseline` is not reported),
//! `hidden` (not found any more, which may be for the present errors) and `changed` (`before` and `after`; `wider`:
//! it holds in more profiles now). `rendered` has a unified diff of each file, null where it is too long to compare; `notRendered`
//! counts the errors in the way on each side.

use super::{Comparison, status_word};
use crate::change::diff::{
    AppliedChange, ChangedRow, Changes, CountedValue, Delta, Number, NumberGroup, NumberSubject, ProfileChanges, Seen,
};
use crate::plan::summary::Fact;
use crate::report::simulation::{SimulationDocument, document};
use crate::report::summary::json::units;
use crate::report::words::json_text;
use crate::support::diagnostic::{DismissedBy, Severity};
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChangesV1<'a> {
    version: u8,
    from: &'a str,
    to: Option<&'a str>,
    scaled: bool,
    new_errors: usize,
    specs: Vec<V1Spec<'a>>,
    unchanged: usize,
    /// The form of `simulate`; its trials are called `before (…)` and `after (…)`. Absent without loads.
    #[serde(skip_serializing_if = "Option::is_none")]
    simulation: Option<SimulationDocument<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct V1Spec<'a> {
    before: Option<&'a str>,
    after: Option<&'a str>,
    scaled: bool,
    profiles: Vec<V1Profile<'a>>,
    findings: V1Findings<'a>,
    rendered: Vec<V1Rendered<'a>>,
    not_rendered: Vec<V1Refused<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    applied: Vec<V1Applied<'a>>,
}

/// What applying the new files does to what runs.
#[derive(Serialize)]
struct V1Applied<'a> {
    profiles: &'a [Option<String>],
    target: &'a str,
    message: &'a str,
    help: &'a str,
}

#[derive(Serialize)]
struct V1Profile<'a> {
    profile: Option<&'a str>,
    status: &'a str,
    groups: Vec<V1Group<'a>>,
    unchanged: usize,
}

#[derive(Serialize)]
struct V1Group<'a> {
    kind: &'a str,
    name: Option<&'a str>,
    status: &'a str,
    numbers: Vec<V1Number<'a>>,
}

#[derive(Serialize)]
struct V1Number<'a> {
    number: &'a str,
    to: Option<&'a str>,
    window: Option<&'a str>,
    before: Option<V1Value>,
    after: Option<V1Value>,
    change: Option<V1Change>,
    unknown: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum V1Value {
    Whole(u128),
    Decimal(f64),
    Range { min: u64, max: u64 },
    Cores { used: Option<f64>, of: Option<f64>, permille: Option<u128> },
    Share { used: Option<u128>, of: Option<u128>, permille: Option<u128> },
    Pool { used: Option<u128>, reserved: u64, of: Option<u128>, permille: Option<u128> },
    Price { amount: f64, nodes: u64, of: u64 },
}

#[derive(Serialize)]
#[serde(untagged)]
enum V1Change {
    Whole(i128),
    Decimal(f64),
    Range { min: i128, max: i128 },
    Cores { used: Option<f64>, permille: Option<i128> },
    Share { used: Option<i128>, permille: Option<i128> },
}

#[derive(Serialize)]
struct V1Findings<'a> {
    new: Vec<ChangedFindingV1<'a>>,
    mended: Vec<V1Mended<'a>>,
    hidden: Vec<ChangedFindingV1<'a>>,
    changed: Vec<V1Changed<'a>>,
}

#[derive(Serialize)]
struct ChangedFindingV1<'a> {
    rule: &'a str,
    severity: &'a str,
    file: &'a str,
    line: usize,
    column: usize,
    path: &'a str,
    profiles: Vec<&'a str>,
    message: &'a str,
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct V1Mended<'a> {
    #[serde(flatten)]
    finding: ChangedFindingV1<'a>,
    allowed: bool,
    by: Option<&'static str>,
}

#[derive(Serialize)]
struct V1Changed<'a> {
    before: ChangedFindingV1<'a>,
    after: ChangedFindingV1<'a>,
    wider: bool,
}

#[derive(Serialize)]
struct V1Rendered<'a> {
    profiles: &'a [Option<String>],
    target: &'a str,
    path: &'a str,
    status: &'a str,
    added: usize,
    removed: usize,
    diff: Option<&'a str>,
}

#[derive(Serialize)]
struct V1Refused<'a> {
    profiles: &'a [Option<String>],
    target: &'a str,
    before: usize,
    after: usize,
}

pub(super) fn write(all: &Comparison<'_>, out: &mut dyn Write) -> io::Result<()> {
    let whole = ChangesV1 {
        version: 1,
        from: all.from,
        to: all.to,
        scaled: all.specs.iter().any(Changes::scaled),
        new_errors: all.specs.iter().map(|spec| spec.fails(Severity::Error)).sum(),
        specs: all.specs.iter().map(spec).collect(),
        unchanged: all.unchanged,
        simulation: all.tried.map(document),
    };
    writeln!(out, "{}", json_text(&whole)?)
}

fn spec(changes: &Changes) -> V1Spec<'_> {
    let found = &changes.findings;
    let changed = found.changed.iter().map(|(old, new)| V1Changed {
        before: finding(old),
        after: finding(new),
        wider: new.wider_than(old),
    });
    let rendered = changes.rendered.iter().map(|file| V1Rendered {
        profiles: &file.profiles,
        target: &file.target,
        path: &file.path,
        status: status_word(file.status),
        added: file.added,
        removed: file.removed,
        diff: file.diff.as_deref(),
    });
    let refused = changes.refused.iter().map(|refused| V1Refused {
        profiles: &refused.profiles,
        target: &refused.target,
        before: refused.before,
        after: refused.after,
    });
    V1Spec {
        before: changes.before.as_deref(),
        after: changes.after.as_deref(),
        scaled: changes.scaled(),
        profiles: changes.profiles.iter().map(profile).collect(),
        findings: V1Findings {
            new: found.new.iter().map(finding).collect(),
            mended: found.mended.iter().map(mended_finding).collect(),
            hidden: found.hidden.iter().map(finding).collect(),
            changed: changed.collect(),
        },
        rendered: rendered.collect(),
        not_rendered: refused.collect(),
        applied: changes.applied.iter().map(applied).collect(),
    }
}

fn applied(change: &AppliedChange) -> V1Applied<'_> {
    V1Applied {
        profiles: &change.profiles,
        target: &change.target,
        message: &change.transition.message,
        help: &change.transition.help,
    }
}

fn mended_finding(seen: &Seen) -> V1Mended<'_> {
    let by = seen.allowed.as_ref().map(|by| match by {
        DismissedBy::Comment => "comment",
        DismissedBy::Ignore(_) => "settings",
        DismissedBy::Baseline => "baseline",
    });
    V1Mended { finding: finding(seen), allowed: by.is_some(), by }
}

fn finding(seen: &Seen) -> ChangedFindingV1<'_> {
    let Seen { finding, file, start, path, .. } = seen;
    ChangedFindingV1 {
        rule: &finding.rule,
        severity: finding.severity.word(),
        file,
        line: start.line,
        column: start.column,
        path,
        profiles: finding.profiles.iter().map(AsRef::as_ref).collect(),
        message: &finding.message,
        help: finding.help.as_deref(),
    }
}

fn profile(changes: &ProfileChanges) -> V1Profile<'_> {
    V1Profile {
        profile: changes.profile.as_deref(),
        status: status_word(changes.status),
        groups: changes.groups.iter().map(group).collect(),
        unchanged: changes.unchanged,
    }
}

fn group(group: &NumberGroup) -> V1Group<'_> {
    let (kind, named) = match group.kind {
        NumberSubject::Service => ("service", true),
        NumberSubject::Total => ("total", false),
        NumberSubject::Peak => ("peak", false),
        NumberSubject::Backing => ("backing", true),
        NumberSubject::Capacity => ("capacity", false),
    };
    V1Group {
        kind,
        name: named.then_some(group.name.as_str()),
        status: status_word(group.status),
        numbers: group.rows.iter().map(number).collect(),
    }
}

fn number(row: &ChangedRow) -> V1Number<'_> {
    let (name, to) = match &row.number {
        Number::Replicas => ("replicas", None),
        Number::Slots => ("slots", None),
        Number::Concurrency => ("concurrency", None),
        Number::Cpu | Number::CpuShare => ("cpu", None),
        Number::Memory | Number::MemoryShare => ("memory", None),
        Number::Gpu | Number::GpuShare => ("gpu", None),
        Number::CpuLimit => ("cpuLimit", None),
        Number::MemoryLimit => ("memoryLimit", None),
        Number::GpuLimit => ("gpuLimit", None),
        Number::AllCpu => ("allCpu", None),
        Number::AllMemory => ("allMemory", None),
        Number::AllGpu => ("allGpu", None),
        Number::Connections(to) => ("connections", Some(to.as_str())),
        Number::Nodes => ("nodes", None),
        Number::Cost => ("cost", None),
    };
    let unknown = [("before", row.before), ("after", row.after)];
    let unknown = unknown.iter().filter(|(_, fact)| *fact == Fact::Unknown).map(|(side, _)| *side);
    V1Number {
        number: name,
        to,
        window: row.window.as_deref(),
        before: row.before.value().map(|value| self::value(value, &row.number)),
        after: row.after.value().map(|value| self::value(value, &row.number)),
        change: row.delta().map(|delta| change(delta, &row.number)),
        unknown: unknown.collect(),
    }
}

fn value(value: CountedValue, number: &Number) -> V1Value {
    match value {
        CountedValue::Count(count) | CountedValue::Bytes(count) => V1Value::Whole(count),
        CountedValue::Cores(nano) => V1Value::Decimal(units(nano)),
        CountedValue::Range(range) => V1Value::Range { min: range.min, max: range.max },
        CountedValue::Share { used, reserved, of, permille } if matches!(number, Number::Connections(_)) => {
            V1Value::Pool { used: used.value(), reserved, of: of.value(), permille }
        }
        CountedValue::Share { used, of, permille, .. } if *number == Number::CpuShare => {
            V1Value::Cores { used: used.value().map(units), of: of.value().map(units), permille }
        }
        CountedValue::Share { used, of, permille, .. } => {
            V1Value::Share { used: used.value(), of: of.value(), permille }
        }
        CountedValue::Price { amount, nodes, of } => V1Value::Price { amount: units(amount), nodes, of },
    }
}

fn change(delta: Delta, number: &Number) -> V1Change {
    let signed = |nano: i128| units(nano.unsigned_abs()) * if nano < 0 { -1.0 } else { 1.0 };
    match delta {
        Delta::Count(amount) | Delta::Bytes(amount) => V1Change::Whole(amount),
        Delta::Range(min, max) => V1Change::Range { min, max },
        Delta::Cores(nano) | Delta::Price(nano) => V1Change::Decimal(signed(nano)),
        Delta::Share(used, permille) if *number == Number::CpuShare => {
            V1Change::Cores { used: used.map(signed), permille }
        }
        Delta::Share(used, permille) => V1Change::Share { used, permille },
    }
}
