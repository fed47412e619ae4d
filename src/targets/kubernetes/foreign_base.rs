//! What a file of another tool says of a service and these manifests do not: named, so that nothing is lost without a word. Knows the facts
//! of a base, and no object.

use super::LoweredPlan;
use crate::inputs::MountKind;
use crate::inputs::base::{BaseMember, BaseProject, is_data};
use crate::inputs::compose::verdicts::{KEYS, KeyVerdict};
use crate::plan::{EnvVar, Workload};
use crate::support::diagnostic::SPEC;
use crate::support::secrets;
use crate::support::source::Source;
use crate::syntax::Node;

/// Keys that mean nothing to a cluster, or whose place another object takes.
const TAKEN_OVER: [&str; 6] = ["restart", "depends_on", "links", "networks", "container_name", "build"];

/// So many names stand in one message.
const MOST_NAMES: usize = 12;

/// Whether nothing can be written of a service, which is said: a database whose data would have no place, and what has no image.
pub(super) fn cannot_stand(base: &BaseProject, workload: &Workload, out: &mut LoweredPlan) -> bool {
    let Some(member) = base.service(&workload.name) else { return false };
    let name = &workload.name;
    if let Some(image) = member.facts.image.filter(|_| workload.volumes.is_empty())
        && let Some(mount) = member.facts.mounts.iter().find(|mount| is_data(image, mount))
        && member.view.entrypoint.is_none()
    {
        let target = mount.target.as_deref().unwrap_or_default();
        let message = format!(
            "`{name}` is not written: it keeps the data of a {} in {target} of {}, and no size of a volume is known",
            image.kind, base.name
        );
        let help = format!(
            "say where it runs, `backingServices.{name}: {{ kind: {}, external: {{ urlEnv: … }} }}`, or write `kind: stateful` and \
             `volumes: [{{ name: data, mount: {target}, size: … }}]` for the service",
            image.kind
        );
        out.lost(mount.at, message, help);
        return true;
    }
    if workload.image.is_none() {
        let why = match member.view.build {
            Some(_) => "it is built there",
            None => "what it is hangs on a variable",
        };
        let message = format!("`{name}` is not written: {} names no image for it, {why}", base.name);
        out.lost(member.facts.at, message, format!("write `image` for `{name}`"));
        return true;
    }
    false
}

/// Names what the base says of a service and no object holds.
pub(super) fn say(base: &BaseProject, workload: &Workload, out: &mut LoweredPlan) {
    let Some(member) = base.service(&workload.name) else { return };
    variables(base, member, workload, out);
    unknown(base, member, out);
    mounts(base, member, workload, out);
    keys(base, member, out);
}

fn variables(base: &BaseProject, member: &BaseMember, workload: &Workload, out: &mut LoweredPlan) {
    let written = |name: &str| workload.env.iter().any(|var| var.name == name);
    let elsewhere = |name: &str| workload.shared_secrets.iter().any(|secret| secret.value == name);
    let mut names: Vec<&str> = Vec::new();
    for variable in &member.facts.variables {
        let known = names.contains(&variable.name.as_str());
        if !known && !written(&variable.name) && !elsewhere(&variable.name) {
            names.push(&variable.name);
        }
    }
    if !names.is_empty() {
        let message = format!(
            "{} of `{}` {} not written: {} {} no value here",
            listed(&names),
            workload.name,
            if names.len() == 1 { "is" } else { "are" },
            base.name,
            if names.len() == 1 { "gives it" } else { "gives them" },
        );
        out.lost(member.facts.at, message, "write them under `env`, or as `sharedSecrets`");
    }
}

/// Fields that hang on variables nobody set.
fn unknown(base: &BaseProject, member: &BaseMember, out: &mut LoweredPlan) {
    let Some(layer) = base.layer.service(&member.name) else { return };
    let own = layer.service.node.entries().iter().filter(|entry| !["env", "image"].contains(&&*entry.key));
    for entry in own.filter(|entry| hangs(&entry.node)) {
        let message =
            format!("`{}` of `{}` in {} hangs on a variable that has no value here", entry.key, member.name, base.name);
        out.lost(entry.at(), message, format!("write `{}` for the service", entry.key));
    }
}

fn hangs(node: &Node) -> bool {
    node.is_unknown()
        || node.entries().iter().any(|entry| hangs(&entry.node))
        || node.items().iter().any(|item| hangs(item))
}

fn mounts(base: &BaseProject, member: &BaseMember, workload: &Workload, out: &mut LoweredPlan) {
    for mount in &member.facts.mounts {
        let target = mount.target.as_deref().unwrap_or("?");
        if workload
            .volumes
            .iter()
            .any(|volume| volume.mount.value.trim_end_matches('/') == target.trim_end_matches('/'))
        {
            continue;
        }
        let what = match (mount.kind, &mount.source) {
            (MountKind::Bind, Some(source)) => format!("the machine's {source}"),
            (_, Some(source)) => format!("volume {source}"),
            (MountKind::Tmpfs, None) => "memory".to_owned(),
            _ => "a volume without a name".to_owned(),
        };
        let message = format!("{what} at {target} of `{}` in {} is not written", workload.name, base.name);
        out.lost(mount.at, message, "write `volumes` with a size where the data must stay");
    }
}

/// Keys of the base that no field holds.
fn keys(base: &BaseProject, member: &BaseMember, out: &mut LoweredPlan) {
    let service = &member.project.entry.node;
    let deploy = service.get("deploy").map(|entry| &entry.node);
    let there = |name: &str| match name.strip_prefix("deploy.") {
        Some(below) => deploy.is_some_and(|deploy| deploy.get(below).is_some_and(|entry| !entry.node.is_null())),
        None => service.get(name).is_some_and(|entry| !entry.node.is_null()),
    };
    let held = |verdict: KeyVerdict| matches!(verdict, KeyVerdict::Field(_));
    let named_elsewhere = ["env_file", "volumes", "tmpfs"];
    let lost = KEYS.iter().filter(|key| !held(key.verdict) && there(key.name));
    let lost: Vec<&str> =
        lost.map(|key| key.name).filter(|key| !TAKEN_OVER.contains(key) && !named_elsewhere.contains(key)).collect();
    if !lost.is_empty() {
        let message = format!(
            "{} of `{}` in {} {} not written: a spec has no field for {}",
            listed(&lost),
            member.name,
            base.name,
            if lost.len() == 1 { "is" } else { "are" },
            if lost.len() == 1 { "it" } else { "them" },
        );
        out.lost(member.facts.at, message, "write it in an overlay of your own");
    }
}

fn listed(names: &[&str]) -> String {
    let first: Vec<String> = names.iter().take(MOST_NAMES).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(MOST_NAMES);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", first.join(", "))
}

/// Whether a variable that a base sets may hold a secret: it is then no literal of a manifest.
pub(super) fn is_secret(variable: &EnvVar) -> bool {
    if variable.value.at.file == SPEC {
        return false;
    }
    let value = variable.value.value.text();
    let line = Source::new("", format!("{}={value}", variable.name));
    !value.is_empty() && (secrets::is_name(&variable.name) || !secrets::on_line(&line, 0, false).is_empty())
}
