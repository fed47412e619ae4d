//! The start flags for a server's settings, by kind. Knows no service and no file.
//!
//! Flags: PostgreSQL documentation, "postgres" (`-c name=value`); MySQL and MariaDB reference manuals, "Server Command Options"
//! (`--max-connections=N`); Redis and Valkey documentation, "Configuration" (`--maxclients N`); `memcached --help`
//! (`-c N`); MongoDB reference, "mongod" (`--maxConns N`).

use super::super::LoweredPlan;
use crate::plan::{Backing, BackingKind, Memory, Val};
use crate::support::source::FieldSpan;

/// One setting of a server in the spec.
pub(super) struct Setting {
    /// The field that sets it.
    pub at: FieldSpan,
    /// The flag with its value, for messages.
    pub text: String,
    /// The flag, one word to each item.
    pub words: Vec<String>,
    /// Whether the base's command already has the value.
    pub said: bool,
    /// The different value in the base's command.
    pub other: Option<String>,
}

/// The settings of a backing service for which its kind has flags, compared with the base's own service.
pub(super) fn settings(out: &mut LoweredPlan, backing: &Backing, own: Option<&Backing>) -> Vec<Setting> {
    let Some(kind) = backing.kind.map(|kind| kind.value) else { return Vec::new() };
    if kind.is_postgres() {
        return postgres(out, backing, own);
    }
    let Some(most) = backing.max_connections else { return Vec::new() };
    let number = most.value.to_string();
    let words = match kind {
        BackingKind::Mysql | BackingKind::Mariadb => vec![format!("--max-connections={number}")],
        BackingKind::Redis | BackingKind::Valkey => vec!["--maxclients".to_owned(), number],
        BackingKind::Memcached => vec!["-c".to_owned(), number],
        BackingKind::Mongodb => vec!["--maxConns".to_owned(), number],
        _ => return Vec::new(),
    };
    let other = own.and_then(|own| own.max_connections).filter(|own| own.value != most.value);
    let other = other.map(|own| own.value.to_string());
    vec![Setting { at: most.at, text: words.join(" "), words, said: max_connections_agree(backing, own), other }]
}

fn postgres(out: &mut LoweredPlan, backing: &Backing, own: Option<&Backing>) -> Vec<Setting> {
    let reserved = Some(backing.reserved_connections).filter(|reserved| reserved.written);
    let settings = [
        (
            "max_connections",
            backing.max_connections.map(|n| (n.at, n.value.to_string())),
            max_connections_agree(backing, own),
        ),
        ("superuser_reserved_connections", reserved.map(|n| (n.at, n.value.to_string())), false),
        (
            "shared_buffers",
            backing.shared_buffers.map(|memory| (memory.at, postgres_memory(out, memory))),
            memory_agrees(backing.shared_buffers, own.and_then(|own| own.shared_buffers)),
        ),
        (
            "work_mem",
            backing.work_mem.map(|memory| (memory.at, postgres_memory(out, memory))),
            memory_agrees(backing.work_mem, own.and_then(|own| own.work_mem)),
        ),
    ];
    let written: Vec<_> = settings.into_iter().filter_map(|(name, value, said)| Some((name, value?, said))).collect();
    let mut setting = |(name, (at, value), said): (&str, (FieldSpan, String), bool)| {
        let text = format!("{name}={value}");
        let other = match name {
            "max_connections" => own.and_then(|own| own.max_connections).map(|own| own.value.to_string()),
            "shared_buffers" => own.and_then(|own| own.shared_buffers).map(|own| postgres_memory(out, own)),
            "work_mem" => own.and_then(|own| own.work_mem).map(|own| postgres_memory(out, own)),
            _ => None,
        };
        let other = other.filter(|_| !said);
        Setting { at, words: vec!["-c".to_owned(), text.clone()], text, said, other }
    };
    written.into_iter().map(&mut setting).collect()
}

fn max_connections_agree(backing: &Backing, own: Option<&Backing>) -> bool {
    let (ours, theirs) = (backing.max_connections, own.and_then(|own| own.max_connections));
    ours.zip(theirs).is_some_and(|(ours, theirs)| ours.value == theirs.value)
}

fn memory_agrees(ours: Option<Val<Memory>>, own: Option<Val<Memory>>) -> bool {
    ours.zip(own).is_some_and(|(ours, own)| ours.value.bytes == own.value.bytes)
}

/// Memory as postgres reads it: its units are powers of 1024, and 1 kB is the least of them.
fn postgres_memory(out: &mut LoweredPlan, memory: Val<Memory>) -> String {
    let bytes = memory.value.bytes;
    if bytes < 64 << 10 {
        let message = format!("{} is below 64Ki, less than postgres takes", memory.value);
        out.refused(memory.at, message, "write at least 128Ki for sharedBuffers, 64Ki for workMem");
    }
    let units = [(30, "GB"), (20, "MB")];
    match units.iter().find(|(power, _)| bytes.trailing_zeros() >= *power) {
        Some((power, unit)) => format!("{}{unit}", bytes >> power),
        None => format!("{}kB", bytes >> 10),
    }
}
