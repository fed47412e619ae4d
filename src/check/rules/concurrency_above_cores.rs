//! More slots than cores. A rule of thumb for work that computes; silent if nothing limits the cores.

use super::{Context, Group, Meta, Report};
use crate::model::ServiceField;
use crate::model::quantity::Cpu;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "concurrency-above-cores",
    severity: Severity::Note,
    group: Group::Resources,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    if !context.spec.limit_resources.value {
        return;
    }
    for service in context.spec.services() {
        let (Some(concurrency), Some(cpu)) = (&service.concurrency, service.resources.limits.cpu) else { continue };
        let slots = concurrency.limit;
        let needed = u64::from(slots.value).saturating_mul(Cpu::CORE);
        if service.broken.has(ServiceField::Concurrency)
            || service.broken.has(ServiceField::Resources)
            || needed <= cpu.value.0
        {
            continue;
        }
        let cores = cpu.value.cores();
        let unit = if cores == "1" { "core" } else { "cores" };
        let sharing = if slots.value == 1 { "slot shares" } else { "slots share" };
        let whole = (cpu.value.0 / Cpu::CORE).max(1);
        let finding = report
            .at(slots.place(), format!("{} {sharing} {cores} {unit}", slots.value))
            .label(cpu.place(), format!("limit {cores} {unit}"))
            .help(if slots.value > 1 {
                format!("for work that computes write concurrency {whole}, or cpu {}", slots.value)
            } else {
                format!("for work that computes write cpu {}", slots.value)
            })
            .rank(needed - cpu.value.0);
        report.push(finding);
    }
}
