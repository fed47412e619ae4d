//! Reports fields of another tool's file that a file written as a whole does not hold, so that nothing is lost silently.
//! Knows the facts of a base, and no target.

use super::LoweredPlan;
use crate::inputs::base::{BaseMember, BaseProject};
use crate::inputs::compose::verdicts::{KEYS, KeyVerdict};
use crate::inputs::convox::READ_KEYS;
use crate::inputs::kubernetes::{ManifestSet, ManifestWorkload, unsaid_of_pods, unsaid_of_probes, written_container};
use crate::inputs::{InputFormat, MountKind};
use crate::plan::{EnvVar, Workload};
use crate::support::diagnostic::SPEC;
use crate::support::secrets;
use crate::support::source::{FieldSpan, Source};
use crate::syntax::Node;

/// The most names in one message.
const MOST_NAMES: usize = 12;

/// Keys of compose that mean nothing on another platform, or that another part of a file there replaces.
const TAKEN_OVER: [&str; 6] = ["restart", "depends_on", "links", "networks", "container_name", "build"];

/// Reports fields of the base's service that no file written as a whole holds.
pub(super) fn report_losses(base: &BaseProject, workload: &Workload, out: &mut LoweredPlan) {
    let Some(member) = base.service(&workload.name) else { return };
    variables(base, member, workload, out);
    unknown(base, member, out);
    mounts(base, member, workload, out);
    probes(base, member, workload, out);
    pods(base, member, out);
    if base.layer.format == InputFormat::COMPOSE {
        keys(base, member, out);
    }
    unread_keys(base, member, out);
    for sidecar in &member.facts.sidecars {
        let message = format!(
            "container `{}` of `{}` in {} is not written: a service has one container",
            sidecar.name, member.name, base.name
        );
        out.lost(sidecar.at, message, "write it as a service of its own where it can be one");
    }
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

/// Fields that depend on unset variables.
fn unknown(base: &BaseProject, member: &BaseMember, out: &mut LoweredPlan) {
    let Some(layer) = base.layer.service(&member.name) else { return };
    let own = layer.service.node.entries().iter().filter(|entry| !["env", "image"].contains(&&*entry.key));
    let why = match base.layer.format {
        InputFormat::KUBERNETES => "is said in a form that a spec has no words for",
        _ => "depends on a variable that has no value here",
    };
    for entry in own.filter(|entry| hangs(&entry.node)) {
        let message = format!("`{}` of `{}` in {} {why}", entry.key, member.name, base.name);
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

/// What a probe of a manifest asks that a check of a spec cannot ask, unless the spec asks something else.
fn probes(base: &BaseProject, member: &BaseMember, workload: &Workload, out: &mut LoweredPlan) {
    let Some((set, own)) = manifest_of(base, member) else { return };
    let Some(container) = own.main().and_then(|main| written_container(set, own, main)) else { return };
    for (path, entry) in unsaid_of_probes(container) {
        let ours = match path.split('.').next() {
            Some("livenessProbe") => workload.pod.as_deref().and_then(|pod| pod.liveness.as_ref()),
            Some("startupProbe") => workload.pod.as_deref().and_then(|pod| pod.startup.as_ref()),
            _ => workload.health.as_deref(),
        };
        if ours.is_some_and(|health| health.at.file == SPEC) {
            continue;
        }
        let message =
            format!("`{path}` of `{}` in {} is not written: a spec has no field for it", workload.name, base.name);
        out.lost(entry.at(), message, "write a check that the replicas answer, by `http`, `tcp` or `command`");
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
    no_field(base, member, &lost, member.facts.at, out);
}

/// Keys of a service of a convox.yml that its layer does not hold.
fn unread_keys(base: &BaseProject, member: &BaseMember, out: &mut LoweredPlan) {
    let root = base.written.as_deref();
    let service = root.and_then(|root| root.get("services")?.node.get(&member.name));
    let all = service.map_or(&[][..], |service| service.node.entries()).iter();
    let lost = all.filter(|entry| !READ_KEYS.contains(&&*entry.key) && !entry.node.is_null());
    let names: Vec<&str> = lost.map(|entry| &*entry.key).collect();
    no_field(base, member, &names, member.facts.at, out);
}

/// The workload that a service of the base is, if manifests say it.
fn manifest_of<'b>(base: &'b BaseProject, member: &BaseMember) -> Option<(&'b ManifestSet, &'b ManifestWorkload)> {
    let set = base.manifests.as_deref()?;
    let index = set.names.iter().position(|name| name.as_deref() == Some(&*member.name))?;
    Some((set, set.workloads.get(index)?))
}

/// What the pods of a manifest say beside their probes and a spec cannot say.
fn pods(base: &BaseProject, member: &BaseMember, out: &mut LoweredPlan) {
    let Some((set, own)) = manifest_of(base, member) else { return };
    let unsaid = unsaid_of_pods(set, own);
    let mut names: Vec<&str> = unsaid.iter().map(|(path, _)| path.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let at = unsaid.first().map_or(member.facts.at, |(_, entry)| entry.at());
    no_field(base, member, &names, at, out);
}

/// Reports keys of the base that no field of a spec holds.
pub(super) fn no_field(base: &BaseProject, member: &BaseMember, keys: &[&str], at: FieldSpan, out: &mut LoweredPlan) {
    if keys.is_empty() {
        return;
    }
    let (verb, object) = if keys.len() == 1 { ("is", "it") } else { ("are", "them") };
    let message = format!(
        "{} of `{}` in {} {verb} not written: a spec has no field for {object}",
        listed(keys),
        member.name,
        base.name
    );
    out.lost(at, message, "write it in an overlay of your own");
}

/// Names in a sentence, up to a bound.
fn listed(names: &[&str]) -> String {
    let first: Vec<String> = names.iter().take(MOST_NAMES).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(MOST_NAMES);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", first.join(", "))
}

/// Whether a variable of a base may hold a secret, so that it must not be written into a manifest.
pub(super) fn is_secret(variable: &EnvVar) -> bool {
    if variable.value.at.file == SPEC {
        return false;
    }
    let value = variable.value.value.text();
    let line = Source::new("", format!("{}={value}", variable.name));
    !value.is_empty() && (secrets::is_name(&variable.name) || !secrets::on_line(&line, 0, false).is_empty())
}
