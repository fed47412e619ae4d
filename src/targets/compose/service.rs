//! One service of the spec as one service of compose. Knows no other service and reports what its own keys cannot hold.

use super::super::Lowered;
use super::values::{self, Words, literal, literals};
use super::{Amounts, Context, Deploy, Devices, Resources, Service, Under, UpdateConfig, health, ports};
use crate::plan::{Amount, Strategy, Val, Workload};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Volumes of the file, by name; none has options.
type Volumes = BTreeMap<String, BTreeMap<String, String>>;

pub(super) fn lower(out: &mut Lowered, context: &Context<'_>, workload: &Workload, volumes: &mut Volumes) -> Service {
    let under = context.under(&workload.name, workload.image.is_some());
    Service {
        image: workload.image.as_ref().map(|image| values::image(out, image)),
        restart: under.is_whole().then_some("unless-stopped"),
        entrypoint: workload.command.as_ref().map(|command| literals(&command.value)),
        command: workload.args.as_ref().map(|args| literals(&args.value)),
        environment: environment(out, context, workload),
        ports: ports::lower(out, workload, under),
        expose: if under.is_whole() { ports::exposed(workload) } else { Vec::new() },
        volumes: mounts(out, context, workload, under, volumes),
        depends_on: if context.whole { depends_on(context, workload) } else { Vec::new() },
        deploy: Deploy {
            replicas: Some(workload.fixed),
            update_config: update(out, workload),
            resources: resources(out, context, workload, under),
        },
        healthcheck: health::lower(out, context, workload, under),
        stop_grace_period: workload.stop_grace_period.map(|time| time.value.to_string()),
    }
}

/// Plain variables, then those that other fields ask for: the latter win.
fn environment(out: &mut Lowered, context: &Context<'_>, workload: &Workload) -> Words {
    let mut words: Words =
        workload.env.iter().map(|var| (var.name.clone(), Json::from(literal(var.value.value.text())))).collect();
    if let Some((env, limit)) = workload.concurrency.as_ref().and_then(|c| Some((c.env.as_ref()?, c.limit.value))) {
        let limit = limit.to_string();
        let plain = workload.env.iter().find(|var| var.name == env.value && var.value.value.text() != limit);
        if let Some(plain) = plain {
            let message =
                format!("`{}` is written as {limit}, the concurrency, not {}", env.value, plain.value.value.text());
            out.lost(plain.value.at, message, "take it out here: `concurrency` sets it");
        }
        words.insert(env.value.clone(), Json::from(limit));
    }
    for name in &workload.shared_secrets {
        let why = format!("every replica of {} needs the same value", workload.name);
        words.extend(values::required(out, &name.value, name.at, &why).map(|text| (name.value.clone(), text.into())));
    }
    for connections in &workload.connections {
        let external = context.input.plan.backing(&connections.to).and_then(|backing| backing.external.as_ref());
        let Some(Val { value: name, at, .. }) = external.map(|external| &external.url_env) else { continue };
        let why = format!("the address of {}", connections.to);
        words.extend(values::required(out, name, *at, &why).map(|text| (name.clone(), text.into())));
    }
    words
}

/// The backing services of this file that it leans on.
fn depends_on(context: &Context<'_>, workload: &Workload) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let kafka = workload.partitioned_by.as_ref().map(|name| name.value.as_str());
    for name in workload.connections.iter().map(|connections| connections.to.as_str()).chain(kafka) {
        let backing = context.input.plan.backing(name);
        let written = backing.is_some_and(|backing| backing.image.is_some() && backing.external.is_none());
        if written && names.iter().all(|old| old != name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// Replicas of one compose service share a named volume; several get an unnamed one each.
fn mounts(
    out: &mut Lowered,
    context: &Context<'_>,
    workload: &Workload,
    under: Under<'_>,
    volumes: &mut Volumes,
) -> Vec<String> {
    let mut mounts = Vec::new();
    for volume in &workload.volumes {
        let mount = volume.mount.value.as_str();
        if !mount.starts_with('/') || mount.contains(':') || mount.contains(char::is_control) {
            let message = format!("`{}` is no absolute path that compose can mount", mount.escape_debug());
            out.refused(volume.mount.at, message, "write a path that starts with `/` and has no `:`");
            continue;
        }
        let same = |other: &String| other.trim_end_matches('/') == mount.trim_end_matches('/');
        match under {
            Under::Known(base) if base.mounts.iter().any(same) => {
                let message = format!("{} mounts a volume of its own at {mount}, which stays", context.base_name());
                out.lost(volume.at, message, "");
                continue;
            }
            Under::Unknown => {
                let message =
                    format!("what is mounted at {mount} below the override is not known; no volume is written");
                out.lost(volume.at, message, "name the compose file as `base`, or give the service an `image`");
                continue;
            }
            Under::Known(_) | Under::Nothing => {}
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

fn resources(out: &mut Lowered, context: &Context<'_>, workload: &Workload, under: Under<'_>) -> Resources {
    let (requests, limits) = (&workload.resources.requests, &workload.resources.limits);
    let limited = context.input.plan.limit_resources.value;
    let mut written = Resources::default();
    if limited {
        written.limits = Amounts {
            cpus: limits.cpu.map(|cpu| values::cpu_limit(out, cpu)),
            memory: limits.memory.map(|memory| values::memory(out, memory)),
            pids: limits.pids.map(|pids| pids.value),
            devices: Vec::new(),
        };
    }
    let zero = |bytes: u64| bytes == 0;
    written.reservations = Amounts {
        cpus: requests.cpu.map(|cpu| cpu.value.cores()),
        memory: requests.memory.filter(|memory| !zero(memory.value.bytes)).map(|memory| values::memory(out, memory)),
        pids: None,
        devices: Vec::new(),
    };
    if let Some(cpu) = requests.cpu {
        let message = format!("only Swarm reserves cores; `docker compose up` does not look at {}", cpu.value);
        out.ignored(cpu.at, message, "");
    }
    if let Some(pids) = requests.pids {
        out.lost(pids.at, format!("compose reserves no processes; {} is not written", pids.value), "");
    }
    let gpus = requests.gpu.or(if limited { limits.gpu } else { None });
    if let Some(gpu) = gpus.filter(|_| under.known().is_some_and(|base| base.devices.is_some())) {
        let message = format!("{} asks for devices itself, which an override cannot replace", context.base_name());
        out.lost(gpu.at, message, "take them out there");
    } else if let Some(gpu) = gpus.filter(|gpu| gpu.value > 0) {
        written.reservations.devices.push(Devices { count: gpu.value, capabilities: ["gpu"] });
    }
    if let (Some(limit), Some(request)) = (limits.gpu, requests.gpu)
        && limited
        && limit.value != request.value
    {
        let message = format!("compose has one number of GPUs: the request of {} is written", request.value);
        out.lost(limit.at, message, format!("write {} here too", request.value));
    }
    written
}

/// Swarm replaces either a new replica first or an old one first.
fn update(out: &mut Lowered, workload: &Workload) -> Option<UpdateConfig> {
    let update = &workload.update;
    if !update.written {
        return None;
    }
    out.ignored(update.at, "only Swarm obeys `update_config`; `docker compose up` replaces all replicas at once", "");
    if update.strategy.value == Strategy::Recreate {
        // 0 is all at once
        return Some(UpdateConfig { parallelism: 0, order: "stop-first" });
    }
    let surge = update.surge.value.up(workload.fixed);
    let unavailable =
        update.unavailable.filter(|amount| !matches!(amount.value, Amount::Count(0) | Amount::Percent(0)));
    if surge == 0 {
        let at_once = unavailable.map_or(1, |amount| amount.value.down(workload.fixed).max(1));
        return Some(UpdateConfig { parallelism: at_once, order: "stop-first" });
    }
    if let Some(unavailable) = unavailable {
        let message = format!("with a surge of {surge} Swarm starts the new replicas first; none is missing meanwhile");
        out.lost(unavailable.at, message, "take it out, or write `surge: 0`");
    }
    Some(UpdateConfig { parallelism: surge, order: "start-first" })
}
