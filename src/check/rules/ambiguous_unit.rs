//! Decimal units of memory that compose itself reads as binary. Thousandths of a byte are found by the model, which has the text.

use super::{Context, Group, Meta, Report};
use crate::model::quantity::{Memory, Unit};
use crate::model::{Backing, Service, Val};
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "ambiguous-unit",
    severity: Severity::Warning,
    group: Group::Shape,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    if !context.target_facts.has_binary_units {
        return;
    }
    // the sizes that reach a compose file
    let of_service = |service: &Service| [service.resources.requests.memory, service.resources.limits.memory];
    let of_backing = |backing: &Backing| [backing.memory, backing.shared_buffers, backing.work_mem];
    let services = context.spec.services().flat_map(of_service);
    let backing = context.spec.backing.iter().filter(|backing| backing.external.is_none()).flat_map(of_backing);
    for size in services.chain(backing).flatten().filter(|size| size.value.unit == Unit::Decimal) {
        judge(size, report);
    }
}

fn judge(size: Val<Memory>, report: &mut Report) {
    let bytes = size.value.bytes;
    let units = [("T", 4u32), ("G", 3), ("M", 2), ("k", 1)];
    let exact = units.iter().find(|(_, power)| bytes > 0 && bytes.is_multiple_of(1000u64.pow(*power)));
    let Some((unit, power)) = exact else { return };
    let number = bytes / 1000u64.pow(*power);
    let compose = u128::from(number) << (10 * power);
    let message = format!("{number}{unit} is {bytes} bytes here, but in compose files {number}{unit} means {compose}");
    let binary = if *unit == "k" { "Ki".to_owned() } else { format!("{unit}i") };
    let finding = report
        .at(size.place(), message)
        .help(format!("write `{number}{binary}` for {compose} bytes; {bytes} are written as bytes"));
    report.push(finding);
}
