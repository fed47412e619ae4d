//! Less than the claimed row of the sizing table recommends. Knows the table, not who wrote it.

use super::{Context, Group, Meta, Report};
use crate::model::quantity::{Cpu, Memory, bytes_text, cores_text};
use crate::model::{Advice, Recommendation, Service, ServiceField, Val};
use crate::support::diagnostic::Severity;
use crate::support::plural::plural;
use crate::support::source::FileSpan;

pub(super) const META: Meta = Meta {
    id: "below-recommendation",
    severity: Severity::Warning,
    group: Group::Resources,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(claims) = &context.spec.claims else { return };
    let row = context.spec.recommendations.iter().find(|row| row.name == claims.value);
    let Some(row) = row else { return };
    for advice in &row.services {
        // one that is not there is an unknown reference
        let Some(service) = context.spec.services().find(|service| *service.name == *advice.name) else { continue };
        let mut judge = Judge { claims: claims.place(), row, service, report };
        if !service.broken.has(ServiceField::Replicas) {
            judge.replicas(context, advice);
        }
        if !service.broken.has(ServiceField::Resources) {
            judge.requests(advice);
            if context.spec.limit_resources.value {
                judge.limits(advice);
            }
        }
    }
}

fn nano(cpu: Val<Cpu>) -> Val<u64> {
    Val { value: cpu.value.0, at: cpu.at, written: cpu.written }
}

fn bytes(memory: Val<Memory>) -> Val<u64> {
    Val { value: memory.value.bytes, at: memory.at, written: memory.written }
}

/// Amounts of one kind in one unit: what is in a service and what the row has for it.
struct Pair {
    field: &'static str,
    own: Option<Val<u64>>,
    row: Option<Val<u64>>,
}

struct Judge<'a, 't> {
    claims: FileSpan,
    row: &'a Recommendation,
    service: &'a Service,
    report: &'a mut Report<'t>,
}

impl Judge<'_, '_> {
    fn replicas(&mut self, context: &Context<'_>, advice: &Advice) {
        let Some(wanted) = advice.replicas else { return };
        let peak = context.peak(self.service);
        if peak.value >= wanted.value {
            return;
        }
        let Service { name, .. } = self.service;
        let message = format!(
            "`{name}` reaches {}, below the {} that `{}` recommends",
            plural(peak.value, "replica"),
            wanted.value,
            self.row.name
        );
        let help = format!("let it reach {}, or claim a smaller row", wanted.value);
        self.report(peak.place(), message, help, wanted.place(), &wanted.value.to_string(), wanted.value);
    }

    /// A request that is not written is the limit, else nothing.
    fn requests(&mut self, advice: &Advice) {
        let (own, row) = (&self.service.resources, &advice.requests);
        let field = |requested: bool, request, limit| if requested { request } else { limit };
        let cpu = Pair {
            field: field(own.requests.cpu.is_some(), "requests.cpu", "limits.cpu"),
            own: self.service.reserved_cpu().map(nano),
            row: row.cpu.map(nano),
        };
        let memory = Pair {
            field: field(own.requests.memory.is_some(), "requests.memory", "limits.memory"),
            own: self.service.reserved_memory().map(bytes),
            row: row.memory.map(bytes),
        };
        self.unwritten(&cpu, &memory);
        self.compare(&cpu, cores_text);
        self.compare(&memory, bytes_text);
    }

    /// A limit that is not written is none: nothing is below it.
    fn limits(&mut self, advice: &Advice) {
        let (own, row) = (&self.service.resources.limits, &advice.limits);
        self.compare(&Pair { field: "limits.cpu", own: own.cpu.map(nano), row: row.cpu.map(nano) }, cores_text);
        let memory = Pair { field: "limits.memory", own: own.memory.map(bytes), row: row.memory.map(bytes) };
        self.compare(&memory, bytes_text);
    }

    fn compare(&mut self, pair: &Pair, text: fn(u128) -> String) {
        let (Some(own), Some(wanted)) = (pair.own, pair.row) else { return };
        if own.value >= wanted.value {
            return;
        }
        let (has, needs) = (text(own.value.into()), text(wanted.value.into()));
        let (name, row) = (&self.service.name, &self.row.name);
        let message = format!("{} {has} of `{name}` is below the {needs} that `{row}` recommends", pair.field);
        let help = format!("write {needs}, or claim a smaller row");
        self.report(own.place(), message, help, wanted.place(), &needs, wanted.value);
    }

    /// No request at all, for either: one finding, since both have one place.
    fn unwritten(&mut self, cpu: &Pair, memory: &Pair) {
        let needs = |what, pair: &Pair, text: fn(u128) -> String| {
            let row = pair.row.filter(|row| row.value > 0 && pair.own.is_none())?;
            Some((what, text(row.value.into()), row.place()))
        };
        let missing: Vec<(&str, String, FileSpan)> =
            [needs("cpu", cpu, cores_text), needs("memory", memory, bytes_text)].into_iter().flatten().collect();
        let Some((_, first, label)) = missing.first() else { return };
        let resources = &self.service.resources;
        let place = if resources.written { resources.at.key() } else { self.service.at.key() };
        let list = |item: fn(&str, &str) -> String, joint: &str| {
            missing.iter().map(|(what, needs, _)| item(what, needs)).collect::<Vec<_>>().join(joint)
        };
        let message = format!(
            "`{}` requests no {}, below the {} that `{}` recommends",
            self.service.name,
            list(|what, _| what.to_owned(), " and no "),
            list(|_, needs| needs.to_owned(), " and "),
            self.row.name
        );
        let help = format!("write `requests: {{ {} }}`", list(|what, needs| format!("{what}: {needs}"), ", "));
        self.report(place, message, help, *label, first, 0);
    }

    /// `worst`: what the row has for it. One place has one number, so that more is worse.
    fn report(
        &mut self,
        at: FileSpan,
        message: String,
        help: String,
        row: FileSpan,
        needs: &str,
        worst: impl Into<i128>,
    ) {
        let finding = self
            .report
            .at(at, message)
            .label(row, format!("`{}` recommends {needs}", self.row.name))
            .label(self.claims, "claimed here")
            .help(help)
            .rank(worst);
        self.report.push(finding);
    }
}
