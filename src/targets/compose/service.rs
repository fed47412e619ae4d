//! One service of the spec as one service of compose. Knows no other service, and reports what its own keys cannot hold.

use super::super::LoweredPlan;
use super::resources::{self, WrittenAmounts};
use super::values::{self, VariableWords, literal, literals};
use super::{ComposeContext, ComposeService, Deploy, Under, UpdateConfig, health, ports, stack};
use crate::inputs::base::BaseMember;
use crate::inputs::{AddressKind, EnvOrigin, ReplicationMode};
use crate::plan::{Amount, Strategy, Update, Val, Workload};
use crate::support::diagnostic::{Finding, Severity};
use crate::targets::foreign_base;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Volumes of the file, by name; none has options.
type Volumes = BTreeMap<String, BTreeMap<String, String>>;

/// One service with the tags that its values carry.
pub(super) struct WrittenService {
    pub(super) service: ComposeService,
    /// Tags: the keys down from the service.
    pub(super) tags: Vec<(Vec<String>, &'static str)>,
}

pub(super) fn lower(
    out: &mut LoweredPlan,
    context: &ComposeContext<'_>,
    workload: &Workload,
    volumes: &mut Volumes,
) -> WrittenService {
    let under = context.under(&workload.name, workload.image.is_some());
    let WrittenAmounts { resources, mut older, tags } = resources::lower(out, context, workload, under);
    let owned = |path: Vec<&'static str>| path.into_iter().map(str::to_owned).collect();
    let mut tags = tags.into_iter().map(|(path, tag)| (owned(path), tag)).collect();
    let mut deploy = Deploy { replicas: None, update_config: update(out, context, workload, under), resources };
    replicas(out, context, workload, under, &mut deploy, &mut older);
    if context.stack {
        // Swarm ignores names and addresses of containers
        stack::refused(out, context, under);
    } else {
        addresses(context, workload, under, &mut tags);
    }
    // keys that Swarm ignores are not written
    let own = under.is_whole() && !context.stack;
    let image = under.written(workload.image.as_deref(), |base, image| {
        base.service.image.as_ref().is_some_and(|own| own.value == *image)
    });
    let same = |own: Option<&Val<Vec<String>>>, words: &Vec<String>| own.is_some_and(|own| own.value == *words);
    let command =
        under.written(workload.command.as_deref(), |base, words| same(base.service.command.as_deref(), words));
    let args = under.written(workload.args.as_deref(), |base, words| same(base.service.args.as_deref(), words));
    let period = under.written(workload.stop_grace_period.as_ref(), |base, time| {
        base.service.stop_grace_period.is_some_and(|own| own.value == *time)
    });
    let service = ComposeService {
        image: image.map(|image| values::image(out, image)),
        restart: own.then_some("unless-stopped"),
        entrypoint: command.map(|command| literals(&command.value)),
        command: args.map(|args| literals(&args.value).into()),
        environment: environment(out, context, workload, under),
        ports: ports::lower(out, context, workload, under),
        expose: if own { ports::exposed(workload) } else { Vec::new() },
        volumes: mounts(out, context, workload, under, volumes),
        depends_on: if own && context.whole { depends_on(context, workload) } else { Vec::new() },
        deploy,
        older,
        healthcheck: health::lower(out, context, workload, under),
        stop_grace_period: period.map(|time| time.value.to_string()),
    };
    WrittenService { service, tags }
}

/// The number, by the base's own key; `None` if the base runs one on each machine.
fn replicas(
    out: &mut LoweredPlan,
    context: &ComposeContext<'_>,
    workload: &Workload,
    under: Under<'_>,
    deploy: &mut Deploy,
    older: &mut serde_json::Map<String, Json>,
) {
    let Some(base) = under.member() else {
        deploy.replicas = (under.is_whole() || workload.replicas_of_spec().is_some()).then_some(workload.fixed);
        return;
    };
    let number = workload.replicas_of_spec();
    if let (Some(mode), Some(number)) = (&base.facts.mode, number) {
        let how = match mode.value {
            ReplicationMode::Global => "with `mode: global`, one on each machine",
            ReplicationMode::GlobalJob => "with `mode: global-job`, one on each machine to its end",
            ReplicationMode::Job => "with `mode: replicated-job`, to its end",
            ReplicationMode::Unknown => "in another mode than `replicated`",
        };
        let (file, name) = (context.base_name(), &base.name);
        let message = format!("{file} runs `{name}` {how}: {number} replicas are not written");
        let finding = Finding::new("lost-in-target", Severity::Warning, workload.fixed_place(), message);
        let finding = finding.label(mode.place(), "how many run is not the spec's to say");
        out.findings.push(finding.help("take `mode` out there, or `replicas` out here"));
        return;
    }
    if !base.changes_replicas(workload) {
        return;
    }
    let has = |key: &str| !context.stack && base.facts.older_keys.iter().any(|(own, _)| *own == key);
    let under_deploy =
        base.project.entry.node.get("deploy").is_some_and(|deploy| deploy.node.get("replicas").is_some());
    if has("scale") {
        older.insert("scale".to_owned(), Json::from(workload.fixed));
    }
    if !has("scale") || under_deploy {
        deploy.replicas = Some(workload.fixed);
    }
}

/// Removes names and addresses that only one container can have, if the override itself makes several.
fn addresses(
    context: &ComposeContext<'_>,
    workload: &Workload,
    under: Under<'_>,
    tags: &mut Vec<(Vec<String>, &'static str)>,
) {
    let (Some(project), Some(base)) = (context.base, under.member()) else { return };
    if workload.fixed < 2 || !base.changes_replicas(workload) {
        return;
    }
    let facts = &base.facts;
    let kept = |text: Option<&str>| text.is_some_and(|text| project.named_elsewhere(base, text).is_some());
    let mut reset = |path: &[&str]| tags.push((path.iter().map(|key| (*key).to_owned()).collect(), "!reset"));
    if facts.container_name.as_ref().is_some_and(|name| !kept(name.value.as_deref())) {
        reset(&["container_name"]);
    }
    if facts.hostname.is_some() {
        reset(&["hostname"]);
    }
    for address in facts.addresses.iter().filter(|address| !kept(address.address.as_deref())) {
        let key = match address.kind {
            AddressKind::V4 => "ipv4_address",
            AddressKind::V6 => "ipv6_address",
            AddressKind::LinkLocal => "link_local_ips",
            AddressKind::Mac => "mac_address",
        };
        match &address.network {
            Some(network) => reset(&["networks", network, key]),
            None => reset(&[key]),
        }
    }
}

/// Plain variables, then those that other fields require: the latter win.
fn environment(
    out: &mut LoweredPlan,
    context: &ComposeContext<'_>,
    workload: &Workload,
    under: Under<'_>,
) -> VariableWords {
    let own = |base: &BaseMember, name: &str, text: &str| {
        base.service.env.iter().any(|own| own.name == *name && own.value.value.text() == text)
    };
    let vars = workload
        .env
        .iter()
        .filter(|var| under.written(Some(&var.value), |base, value| own(base, &var.name, value.text())).is_some());
    let mut words = VariableWords::new();
    for var in vars {
        let text = if foreign_base::is_secret(var) {
            let why = format!("{} needs it, and it may be a secret", workload.name);
            let message = format!("`{}` may be a secret: it is asked for when the file is used", var.name);
            out.lost(var.value.at, message, "give it then, or write the variable under `env` where it is none");
            values::required(out, &var.name, var.value.at, &why)
        } else {
            Some(literal(var.value.value.text()))
        };
        words.extend(text.map(|text| (var.name.clone(), Json::from(text))));
    }
    if let Some((env, limit)) = workload.concurrency.as_ref().and_then(|c| Some((c.env.as_ref()?, c.limit.value))) {
        let limit = limit.to_string();
        let plain = workload.env.iter().find(|var| var.name == env.value && var.value.value.text() != limit);
        if let Some(plain) = plain.filter(|plain| under.says(plain.value.at)) {
            let message =
                format!("`{}` is written as {limit}, the concurrency, not {}", env.value, plain.value.value.text());
            out.lost(plain.value.at, message, "take it out here: `concurrency` sets it");
        }
        if under.member().is_none_or(|base| !own(base, &env.value, &limit)) {
            words.insert(env.value.clone(), Json::from(limit));
        }
    }
    // a variable that the base already sets is left to it, whatever file or variable it comes from
    let supplied = |name: &str| {
        let variables = under.member().map_or(&[][..], |base| &base.facts.variables);
        variables.iter().any(|variable| variable.name == name && variable.origin != EnvOrigin::EmptyUnlessSet)
    };
    for name in workload.shared_secrets.iter().filter(|name| !supplied(&name.value)) {
        let why = format!("every replica of {} needs the same value", workload.name);
        words.extend(values::required(out, &name.value, name.at, &why).map(|text| (name.value.clone(), text.into())));
    }
    for connections in &workload.connections {
        let external = context.input.plan.backing(&connections.to).and_then(|backing| backing.external.as_ref());
        let url = external.map(|external| &external.url_env).filter(|url| !supplied(&url.value));
        let Some(Val { value: name, at, .. }) = url else { continue };
        let why = format!("the address of {}", connections.to);
        words.extend(values::required(out, name, *at, &why).map(|text| (name.clone(), text.into())));
    }
    words
}

/// The backing services of this file that it depends on.
fn depends_on(context: &ComposeContext<'_>, workload: &Workload) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let kafka = workload.partitioned_by.as_ref().map(|name| name.value.as_str());
    for name in workload.connections.iter().map(|connections| connections.to.as_str()).chain(kafka) {
        let backing = context.input.plan.backing(name);
        let own = backing.is_some_and(|backing| backing.image.is_some() && backing.external.is_none());
        // a pooler is a backing service for its clients, and a service of the same file
        let written = own || name != &*workload.name && context.is_workload(name);
        if written && names.iter().all(|old| old != name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// Replicas of one compose service share a named volume; several get an unnamed one each.
fn mounts(
    out: &mut LoweredPlan,
    context: &ComposeContext<'_>,
    workload: &Workload,
    under: Under<'_>,
    volumes: &mut Volumes,
) -> Vec<String> {
    let mut mounts = Vec::new();
    for volume in &workload.volumes {
        let mount = volume.mount.value.as_str();
        if !mount.starts_with('/') || mount.contains(':') || mount.contains(char::is_control) {
            let message = format!("`{}` is not an absolute path that compose can mount", mount.escape_debug());
            out.refused(volume.mount.at, message, "write a path that starts with `/` and has no `:`");
            continue;
        }
        let same = |other: &String| other.trim_end_matches('/') == mount.trim_end_matches('/');
        let kept = match under {
            Under::Known(base) if base.facts.mounts.iter().filter_map(|mount| mount.target.as_ref()).any(same) => {
                let message = format!("{} mounts a volume of its own at {mount}, which stays", context.base_name());
                Some((message, ""))
            }
            Under::Unknown => {
                let message =
                    format!("what is mounted at {mount} below the override is not known; no volume is written");
                Some((message, "name the compose file as `base`, or give the service an `image`"))
            }
            Under::Known(_) | Under::Nothing => None,
        };
        if let Some((message, help)) = kept {
            out.lost(volume.at, message, help);
            continue;
        }
        out.lost(volume.size.at, format!("compose volumes have no size; {} is not written", volume.size.value), "");
        if workload.fixed > 1 {
            let message = format!(
                "{} replicas of one compose service would share the volume `{}`; each gets an unnamed one, which `down` forgets",
                workload.fixed, volume.name.value
            );
            out.lost(volume.name.at, message, "run one replica, or another target, where the data must stay");
            mounts.push(literal(mount));
        } else {
            let name = format!("{}-{}", workload.name, volume.name.value);
            mounts.push(format!("{name}:{}", literal(mount)));
            volumes.insert(name, BTreeMap::new());
        }
    }
    mounts
}

/// Swarm replaces either a new replica first or an old one first.
fn update(
    out: &mut LoweredPlan,
    context: &ComposeContext<'_>,
    workload: &Workload,
    under: Under<'_>,
) -> Option<UpdateConfig> {
    let update = &workload.update();
    if !update.written || !under.says(update.at) {
        return None;
    }
    let own = under.member().map(|base| base.service.update()).filter(|own| own.written);
    let config = config(update, workload.fixed);
    if own.is_some_and(|own| self::config(&own, workload.fixed) == config) {
        return None;
    }
    if !context.stack {
        let message = "only Swarm obeys `update_config`; `docker compose up` replaces all replicas at once";
        out.ignored(update.at, message, "");
    }
    let unavailable = config.unheeded.then_some(update.unavailable).flatten();
    if let Some(unavailable) = unavailable.filter(|unavailable| under.says(unavailable.at)) {
        let surge = config.written.parallelism;
        let message = format!("with a surge of {surge} Swarm starts the new replicas first; none is missing meanwhile");
        out.lost(unavailable.at, message, "take it out, or write `surge: 0`");
    }
    Some(config.written)
}

/// Swarm's settings of an update.
#[derive(PartialEq)]
struct SwarmUpdate {
    written: UpdateConfig,
    /// Whether the number of missing replicas is left out.
    unheeded: bool,
}

fn config(update: &Update, replicas: u32) -> SwarmUpdate {
    if update.strategy.value == Strategy::Recreate {
        // 0 means all at once
        return SwarmUpdate { written: UpdateConfig { parallelism: 0, order: "stop-first" }, unheeded: false };
    }
    let surge = update.surge.value.up(replicas);
    let unavailable =
        update.unavailable.filter(|amount| !matches!(amount.value, Amount::Count(0) | Amount::Percent(0)));
    if surge == 0 {
        let at_once = unavailable.map_or(1, |amount| amount.value.down(replicas).max(1));
        return SwarmUpdate { written: UpdateConfig { parallelism: at_once, order: "stop-first" }, unheeded: false };
    }
    SwarmUpdate { written: UpdateConfig { parallelism: surge, order: "start-first" }, unheeded: unavailable.is_some() }
}
