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
    for backing in context.backing().filter(|backing| !backing.broken) {
        let (Some(buffers), Some(memory)) = (backing.shared_buffers, backing.memory) else { continue };
        let (buffer_bytes, bytes) = (buffers.value.bytes, memory.value.bytes);
        if buffer_bytes < bytes {
            continue;
        }
        let how = if buffer_bytes == bytes { "all of" } else { "above" };
        let word = if context.foreign { "shared_buffers" } else { "sharedBuffers" };
        let quarter = Memory::bytes(bytes / 4);
        let usual = match buffers.is_of_spec() {
            true => quarter.to_string(),
            // as PostgreSQL writes it, whose MB are powers of 1024
            false => format!("`shared_buffers={}MB`", (quarter.bytes >> 20).max(1)),
        };
        let finding = report
            .at(buffers.place(), format!("{word} {} is {how} memory {}", buffers.value, memory.value))
            .label(memory.place(), format!("memory {}", memory.value))
            .help(format!("a quarter of memory is usual: {usual}"))
            .rank(buffer_bytes - bytes);
        report.push(finding);
    }
}
