//! A name that stands for nothing in the spec. Names of profiles are looked up where profiles are laid.

use super::{Context, Group, Meta, Report};
use crate::model::{Backing, BackingKind, ServiceField, Val};
use crate::support::diagnostic::Severity;
use crate::support::source::FileSpan;
use crate::support::suggest::closest;
use std::collections::{HashMap, HashSet};

pub(super) const META: Meta = Meta {
    id: "unknown-reference",
    severity: Severity::Error,
    group: Group::Shape,
    suppressible: false,
    check: Some(check),
};

/// How many pairs of names are compared for suggestions: a spec with thousands of wrong names need not have one for each.
const COMPARED: usize = 1_000_000;

fn check(context: &Context<'_>, report: &mut Report) {
    let backing = &context.spec.backing;
    let by_name: HashMap<&str, &Backing> = backing.iter().map(|backing| (backing.name.as_str(), backing)).collect();
    let mut names = Names { backing, left: COMPARED, services: None };
    claimed(context, report);
    for service in context.spec.services() {
        for connections in service.connections.iter().filter(|entry| !by_name.contains_key(entry.to.as_str())) {
            let place = connections.at.key();
            let services =
                names.services.get_or_insert_with(|| context.spec.services().map(|service| &*service.name).collect());
            if services.contains(connections.to.as_str()) {
                let name = connections.to.escape_debug();
                let message = format!("no backing service is named `{name}`: it is a service of the spec");
                let help = format!(
                    "connections are counted to what serves them: move `{name}` to `backingServices` and write its `kind`"
                );
                report.push(report.at(place, message).help(help));
                continue;
            }
            names.unknown(report, place, &connections.to, |_| true);
        }
        let Some(topic) = &service.partitioned_by else { continue };
        if service.broken.has(ServiceField::PartitionedBy) {
            continue;
        }
        match by_name.get(topic.value.as_str()) {
            None => names.unknown(report, topic.place(), &topic.value, Backing::may_be_kafka),
            Some(other) if !other.may_be_kafka() => {
                let kind = other.kind.map_or(BackingKind::Other, |kind| kind.value);
                let message = format!("`{}` is of kind {}; only kafka has partitions", topic.value, kind.word());
                let none = !names.backing.iter().any(Backing::may_be_kafka);
                let help = match none {
                    true => "name a backing service of kind kafka, or remove `partitionedBy`".to_owned(),
                    false => names.listed(Backing::may_be_kafka),
                };
                let mut finding = report.at(topic.place(), message).help(help);
                if let Some(Val { at, .. }) = other.kind {
                    finding = finding.label(at.place(), format!("of kind {}", kind.word()));
                }
                report.push(finding);
            }
            Some(_) => {}
        }
    }
}

/// The claimed row, and the services that it names.
fn claimed(context: &Context<'_>, report: &mut Report) {
    let Some(claims) = &context.spec.claims else { return };
    let rows = &context.spec.recommendations;
    let Some(row) = rows.iter().find(|row| row.name == claims.value) else {
        let names: Vec<String> = rows.iter().take(8).map(|row| format!("`{}`", row.name)).collect();
        let help = match closest(&claims.value, rows.iter().map(|row| row.name.as_str())) {
            Some(close) => format!("did you mean `{close}`?"),
            None if names.is_empty() => "add it under `recommendations`".to_owned(),
            None => format!("name one of {}, or add it under `recommendations`", names.join(", ")),
        };
        let message = format!("no row of recommendations is named `{}`", claims.value.escape_debug());
        report.push(report.at(claims.place(), message).help(help));
        return;
    };
    let services = || context.spec.services().map(|service| &*service.name);
    for advice in row.services.iter().filter(|advice| services().all(|name| name != advice.name)) {
        let help = match closest(&advice.name, services()) {
            Some(close) => format!("did you mean `{close}`?"),
            None => "remove it, or add it under `services`".to_owned(),
        };
        let message = format!("no service is named `{}`", advice.name.escape_debug());
        report.push(report.at(advice.at.key(), message).label(claims.place(), "claimed here").help(help));
    }
}

struct Names<'s> {
    backing: &'s [Backing],
    left: usize,
    /// The names of the services, once one is asked for.
    services: Option<HashSet<&'s str>>,
}

impl Names<'_> {
    fn unknown(&mut self, report: &mut Report, place: FileSpan, name: &str, fits: fn(&Backing) -> bool) {
        let close = match self.left.checked_sub(self.backing.len()) {
            None => None,
            Some(left) => {
                self.left = left;
                let names = self.backing.iter().filter(|backing| fits(backing)).map(|backing| backing.name.as_str());
                closest(name, names)
            }
        };
        let help = match close {
            Some(close) => format!("did you mean `{close}`?"),
            None => self.listed(fits),
        };
        report.push(report.at(place, format!("no backing service is named `{}`", name.escape_debug())).help(help));
    }

    /// The names that would fit, if they are few.
    fn listed(&self, fits: fn(&Backing) -> bool) -> String {
        let mut fitting =
            self.backing.iter().filter(|backing| fits(backing)).map(|backing| format!("`{}`", backing.name));
        let few: Vec<String> = fitting.by_ref().take(8).collect();
        match (few.len(), fitting.next()) {
            (0, _) => "add it under `backingServices`".to_owned(),
            (_, None) => format!("name one of {}, or add it under `backingServices`", few.join(", ")),
            (_, Some(_)) => format!("name one of {}, …, or add it under `backingServices`", few.join(", ")),
        }
    }
}

impl Backing {
    /// What could not be read may be anything.
    fn may_be_kafka(&self) -> bool {
        self.kind.is_none_or(|kind| kind.value.is_kafka())
    }
}
