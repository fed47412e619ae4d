//! PostgreSQL's shared buffers against the memory it has. Looks at one backing service at a time.

use super::{Context, Group, Meta, Report};
use crate::model::quantity::Memory;
use crate::support::diagnostic::Severity;

pub(super) const META: Meta = Meta {
    id: "shared-buffers-above-memory",
    severity: Severity::Error,
    group: Group::Backing,
    suppressible: true,
    check: Some(check),
};

fn check(context: &Context<'_>, report: &mut Report) {
    // without a spec a database is a service whose image says so
    let members = context.base.filter(|_| context.foreign).map_or(&[][..], |base| &base.services);
    let known =
        members.iter().filter(|member| member.facts.image.is_some()).filter_map(|member| member.backing.as_ref());
    for backing in context.spec.backing.iter().chain(known).filter(|backing| !backing.broken) {
        let (Some(buffers), Some(memory)) = (backing.shared_buffers, backing.memory) else { continue };
        let (buffer_bytes, bytes) = (buffers.value.bytes, memory.value.bytes);
        if buffer_bytes < bytes {
            continue;
        }
        let how = if buffer_bytes == bytes { "all of" } else { "above" };
        let word = if context.foreign { "shared_buffers" } else { "sharedBuffers" };
        let finding = report
            .at(buffers.place(), format!("{word} {} is {how} memory {}", buffers.value, memory.value))
            .label(memory.place(), format!("memory {}", memory.value))
            .help(format!("a quarter of memory is usual: {}", Memory::bytes(bytes / 4)))
            .rank(buffer_bytes - bytes);
        report.push(finding);
    }
}
