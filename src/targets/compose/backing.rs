//! A backing service as one service of compose. Knows how the server of a base or of an image is started, and what official images
//! need to start.

use super::super::LoweredPlan;
use super::resources::{self, WrittenAmounts};
use super::server_flags::{self, Setting};
use super::values::{self, VariableWords, literal, literals};
use super::{ComposeContext, ComposeService, Deploy, Under, own_command};
use crate::inputs::base::BaseMember;
use crate::inputs::images::{self, ServerStart};
use crate::plan::{Backing, BackingKind};
use serde_json::Value as Json;

/// `None` if it runs elsewhere, or if there is nothing to write or to write it from.
pub(super) fn lower(out: &mut LoweredPlan, context: &ComposeContext<'_>, backing: &Backing) -> Option<ComposeService> {
    if backing.external.is_some() {
        return None;
    }
    let under = context.under(&backing.name, backing.image.is_some());
    let absent =
        context.whole || context.base.is_some_and(|base| base.service(&backing.name).is_none() && !base.partial());
    // a pooler is in the file as the service of the same name
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
    let started = start(out, context, backing, under);
    let mut service = ComposeService {
        image: image.map(|image| values::image(out, image)),
        command: started.command,
        ..ComposeService::default()
    };
    if under.is_whole() {
        service.restart = (!context.stack).then_some("unless-stopped");
        service.environment = password(out, backing);
    }
    service.environment.extend(started.variable.map(|(name, flags)| (name.to_owned(), literal(&flags).into())));
    let memory = under.written(backing.memory.as_ref(), |base, memory| {
        own(base).and_then(|own| own.memory).is_some_and(|own| own.value.bytes == memory.bytes)
    });
    if let Some(memory) = memory.filter(|_| context.input.plan.limit_resources.value) {
        let mut written = WrittenAmounts::default();
        resources::write_limits(out, None, Some(*memory), None, context.styled(under), &mut written);
        service.deploy = Deploy { resources: written.resources, ..Deploy::default() };
        service.older = written.older;
    }
    if let Some(brokers) = backing.brokers.filter(|brokers| brokers.value > 1) {
        let message = format!("one `{}` runs in compose, not {} brokers", backing.name, brokers.value);
        out.lost(brokers.at, message, "");
    }
    let nothing = service.image.is_none() && service.command.is_none() && service.environment.is_empty();
    let nothing = nothing && service.deploy == Deploy::default() && service.older.is_empty();
    (!nothing).then_some(service)
}

/// How the server gets its settings.
#[derive(Default)]
struct Started {
    /// The command that is written.
    command: Option<Json>,
    /// The variable from which the image's start script reads flags, with the flags.
    variable: Option<(&'static str, String)>,
}

/// The flags with which the server starts. A server that the base starts in its own way keeps its command, except for values that the spec
/// sets differently.
fn start(out: &mut LoweredPlan, context: &ComposeContext<'_>, backing: &Backing, under: Under<'_>) -> Started {
    let alike = under.member().and_then(|base| base.backing.as_deref());
    let mut settings = server_flags::settings(out, backing, alike);
    // a value that the base's own flags already have is not written
    settings.retain(|setting| under.says(setting.at) && !setting.said);
    if settings.is_empty() {
        return Started::default();
    }
    let start = backing.image.as_ref().map_or(ServerStart::Command, |image| images::start(&image.value));
    let own = under.member().filter(|base| base.view().command.is_some());
    let script = |base: &&BaseMember| base.facts.words.iter().any(|word| word.value.ends_with("/run.sh"));
    match start {
        ServerStart::Script(variable) if own.is_none_or(|base| script(&base)) => {
            let Some(variable) = variable else {
                for Setting { at, text, .. } in settings {
                    let message =
                        format!("the image of `{}` starts by a script, which is not told {text}", backing.name);
                    out.lost(at, message, "set it as the image's own page says, or take another image");
                }
                return Started::default();
            };
            by_variable(out, context, under, variable, settings)
        }
        _ if own.is_some() => {
            let mut command = own.and_then(|base| base.written_command.as_deref().cloned());
            let mut changed = false;
            for setting in settings {
                let written = command.as_ref().filter(|_| setting.other.is_some());
                if let Some(new) = written.and_then(|command| own_command::with_flag(command, &setting.words)) {
                    (command, changed) = (Some(new), true);
                    continue;
                }
                let (base, name) = (context.base_name(), &backing.name);
                let has = format!("{base} gives `{name}` a command of its own, which stays");
                not_told(out, setting, &has, "there");
            }
            Started { command: command.filter(|_| changed), variable: None }
        }
        _ => {
            // the entry points of the other kinds put the server before the flags themselves, under the name of their release
            let server = backing.kind.is_some_and(|kind| kind.value.is_postgres()).then(|| "postgres".to_owned());
            let flags = settings.into_iter().flat_map(|setting| setting.words);
            let words: Vec<String> = server.into_iter().chain(flags).collect();
            Started { command: Some(literals(&words).into()), variable: None }
        }
    }
}

/// Flags by the variable of the image's start script; one that the base sets stays.
fn by_variable(
    out: &mut LoweredPlan,
    context: &ComposeContext<'_>,
    under: Under<'_>,
    variable: &'static str,
    settings: Vec<Setting>,
) -> Started {
    let own = under.member().filter(|base| base.facts.variables.iter().any(|own| own.name == variable));
    let Some(base) = own else {
        let flags: Vec<String> = settings.into_iter().flat_map(|setting| setting.words).collect();
        return Started { command: None, variable: Some((variable, flags.join(" "))) };
    };
    for setting in settings {
        let has = format!("{} sets {variable} of `{}` itself, which stays", context.base_name(), base.name);
        not_told(out, setting, &has, &format!("to {variable} there"));
    }
    Started::default()
}

/// Reports a server that starts with the base's command, which contradicts the spec.
fn not_told(out: &mut LoweredPlan, setting: Setting, has: &str, there: &str) {
    let Setting { at, text, words, other, .. } = setting;
    let words = words.join(" ");
    match other {
        Some(other) => out.lost(
            at,
            format!("{has}: it says {other} where the spec says {text}"),
            format!("write `{words}` in place of {other} {there}, or what is there into the spec"),
        ),
        None => out.lost(at, format!("{has}; it must say {text}"), format!("add `{words}` {there}")),
    }
}

/// Official images of databases do not start without a password.
fn password(out: &mut LoweredPlan, backing: &Backing) -> VariableWords {
    let name = match backing.kind.map(|kind| kind.value) {
        Some(BackingKind::Postgres | BackingKind::Postgis) => "POSTGRES_PASSWORD",
        Some(BackingKind::Mysql) => "MYSQL_ROOT_PASSWORD",
        Some(BackingKind::Mariadb) => "MARIADB_ROOT_PASSWORD",
        _ => return VariableWords::new(),
    };
    let why = format!("the image of {} does not start without", backing.name);
    values::required(out, name, backing.at, &why).map(|text| (name.to_owned(), text.into())).into_iter().collect()
}
