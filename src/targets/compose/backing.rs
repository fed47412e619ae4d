//! A backing service as one service of compose. Knows the flags of postgres, and what official images need to start.

use super::super::Lowered;
use super::resources::{self, WrittenAmounts};
use super::values::{self, Words};
use super::{Context, Deploy, Service, Under};
use crate::inputs::compose::base::BaseMember;
use crate::plan::{Backing, BackingKind, Memory, Val};

/// None where it runs elsewhere, or where there is nothing to write or to write it from.
pub(super) fn lower(out: &mut Lowered, context: &Context<'_>, backing: &Backing) -> Option<Service> {
    if backing.external.is_some() {
        return None;
    }
    let under = context.under(&backing.name, backing.image.is_some());
    let absent = context.whole
        || context.input.base.is_some_and(|base| base.service(&backing.name).is_none() && !base.partial());
    // a pooler stands in the file as the service of the same name
    if backing.image.is_none() && context.is_workload(&backing.name) {
        return None;
    }
    if backing.image.is_none() && absent {
        let place = if context.whole { "the file".to_owned() } else { context.base_name().to_owned() };
        let message = format!("`{}` is not written: it has no image and {place} has no such service", backing.name);
        out.lost(backing.at, message, "give it an `image`, or say where it runs with `external`");
        return None;
    }
    let own = |base: &BaseMember| base.backing.clone();
    let image = under.written(backing.image.as_ref(), |base, image| {
        own(base).and_then(|own| own.image).is_some_and(|own| own.value == *image)
    });
    let mut service = Service {
        image: image.map(|image| values::image(out, image)),
        command: command(out, context, backing, under),
        ..Service::default()
    };
    if under.is_whole() {
        service.restart = Some("unless-stopped");
        service.environment = password(out, backing);
    }
    let memory = under.written(backing.memory.as_ref(), |base, memory| {
        own(base).and_then(|own| own.memory).is_some_and(|own| own.value.bytes == memory.bytes)
    });
    if let Some(memory) = memory.filter(|_| context.input.plan.limit_resources.value) {
        let mut written = WrittenAmounts::default();
        resources::write_limits(out, None, Some(*memory), None, under.known(), &mut written);
        service.deploy = Deploy { resources: written.resources, ..Deploy::default() };
        service.older = written.older;
    }
    if let Some(brokers) = backing.brokers.filter(|brokers| brokers.value > 1) {
        let message = format!("one `{}` runs in compose, not {} brokers", backing.name, brokers.value);
        out.lost(brokers.at, message, "");
    }
    let nothing = service.image.is_none() && service.command.is_none();
    let nothing = nothing && service.deploy == Deploy::default() && service.older.is_empty();
    (!nothing).then_some(service)
}

/// postgres with its settings; one that the base starts its own way keeps that.
fn command(out: &mut Lowered, context: &Context<'_>, backing: &Backing, under: Under<'_>) -> Option<Vec<String>> {
    if !backing.kind.is_some_and(|kind| kind.value.is_postgres()) {
        return None;
    }
    let reserved = Some(backing.reserved_connections).filter(|reserved| reserved.written);
    let settings = [
        ("max_connections", backing.max_connections.map(|n| (n.at, n.value.to_string()))),
        ("superuser_reserved_connections", reserved.map(|n| (n.at, n.value.to_string()))),
        ("shared_buffers", backing.shared_buffers.map(|memory| (memory.at, postgres_memory(out, memory)))),
        ("work_mem", backing.work_mem.map(|memory| (memory.at, postgres_memory(out, memory)))),
    ];
    let own = under.known().filter(|base| base.view.command.is_some());
    let alike = under.known().and_then(|base| base.backing.as_ref());
    let same = [
        max_connections_agree(backing, alike),
        false,
        memory_agrees(backing.shared_buffers, alike.and_then(|own| own.shared_buffers)),
        memory_agrees(backing.work_mem, alike.and_then(|own| own.work_mem)),
    ];
    let mut words = Vec::new();
    for ((name, value), same) in settings.into_iter().zip(same) {
        // what the base's own flags say already needs no word
        let Some((at, value)) = value.filter(|(at, _)| under.says(*at) && !same) else { continue };
        if own.is_some() {
            let message = format!(
                "{} gives `{}` a command of its own, which stays; it must say {name}={value}",
                context.base_name(),
                backing.name
            );
            out.lost(at, message, format!("add `-c {name}={value}` there"));
            continue;
        }
        if words.is_empty() {
            words.push("postgres".to_owned());
        }
        words.extend(["-c".to_owned(), format!("{name}={value}")]);
    }
    (!words.is_empty()).then_some(words)
}

fn max_connections_agree(backing: &Backing, own: Option<&Backing>) -> bool {
    let (ours, theirs) = (backing.max_connections, own.and_then(|own| own.max_connections));
    ours.zip(theirs).is_some_and(|(ours, theirs)| ours.value == theirs.value)
}

fn memory_agrees(ours: Option<Val<Memory>>, own: Option<Val<Memory>>) -> bool {
    ours.zip(own).is_some_and(|(ours, own)| ours.value.bytes == own.value.bytes)
}

/// Memory as postgres reads it: its units are powers of 1024, and 1 kB is the least of them.
fn postgres_memory(out: &mut Lowered, memory: Val<Memory>) -> String {
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

/// Official images of databases do not start without a password.
fn password(out: &mut Lowered, backing: &Backing) -> Words {
    let name = match backing.kind.map(|kind| kind.value) {
        Some(BackingKind::Postgres | BackingKind::Postgis) => "POSTGRES_PASSWORD",
        Some(BackingKind::Mysql) => "MYSQL_ROOT_PASSWORD",
        Some(BackingKind::Mariadb) => "MARIADB_ROOT_PASSWORD",
        _ => return Words::new(),
    };
    let why = format!("the image of {} does not start without", backing.name);
    values::required(out, name, backing.at, &why).map(|text| (name.to_owned(), text.into())).into_iter().collect()
}
