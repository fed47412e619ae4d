//! Decides whether an imported compose project is deployed to a swarm. Knows no value of a service.

use crate::inputs::InputFormat;
use crate::inputs::base::{BaseMember, BaseProject};

/// The reader of a project's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// docker compose.
    Compose,
    /// Either: a service has keys that only Swarm obeys, and the files are named for compose.
    Unclear,
    /// `docker stack deploy`.
    Swarm,
}

/// Keys of a service that Swarm's reader refuses.
const REFUSED: [&str; 7] =
    ["extends", "volumes_from", "mem_limit", "memswap_limit", "cpu_shares", "cpu_quota", "cpuset"];

/// Keys that Swarm's reader ignores, and compose's does not.
const PASSED_OVER: [&str; 5] = ["cpus", "container_name", "network_mode", "restart", "scale"];

/// Keys below `deploy` that compose ignores.
const OF_SWARM: [&str; 3] = ["endpoint_mode", "update_config", "placement"];

/// Decides by the file name (a stack), the keys under `deploy`, and keys that only compose reads.
pub(super) fn reader(project: &BaseProject) -> Reader {
    if project.layer.format != InputFormat::COMPOSE || !project.layer.swarm {
        return Reader::Compose;
    }
    let any = |keys: &[&str]| {
        let has = |member: &BaseMember| keys.iter().any(|key| member.project.entry.node.get(key).is_some());
        project.services.iter().any(has)
    };
    let of_swarm = project.services.iter().any(|member| {
        let deploy = member.project.entry.node.get("deploy");
        deploy.is_some_and(|deploy| OF_SWARM.iter().any(|key| deploy.node.get(key).is_some()))
    });
    let named = project.name.split(", ").any(|path| path.rsplit('/').next().is_some_and(|name| name.contains("stack")));
    match () {
        () if named && !any(&["deploy"]) => Reader::Compose,
        () if named && !any(&REFUSED) && (of_swarm || !any(&PASSED_OVER)) => Reader::Swarm,
        () => Reader::Unclear,
    }
}
