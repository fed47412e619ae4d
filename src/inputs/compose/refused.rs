//! What compose or the engine refuses in a whole project: unknown names, keys that exclude each other, services without
//! an image. Knows no rule.
//!
//! `docker compose config` 5.6.1 refuses each, but for the amounts that it drops.

use super::larger_project::MissingName;
use super::project::view::ServiceView;
use super::references::{self, NamedSections, References};
use super::refused_by_engine::{amounts, values};
use crate::inputs::base::{BaseMember, BaseProject};
use crate::inputs::text::{UNKNOWN, known_text};
use crate::support::diagnostic::Finding;
use crate::support::source::FieldSpan;
use crate::syntax::{Entry, Node, Value};
use std::collections::HashMap;
use std::rc::Rc;

/// The faults of a project that no spec laid over it can change, and the names that it lacks. `whole` says that the named files are the
/// whole project.
pub(super) fn of(base: &BaseProject, sections: &NamedSections, whole: bool) -> (Vec<Finding>, Vec<MissingName>) {
    let mut found = Vec::new();
    let references = References::of(base, sections, whole);
    for member in &base.services {
        // not kept: there may be thousands, and hardly any rule asks for one
        let view = ServiceView::of(&member.project.entry.node);
        references.of_member(member, &view, &mut found);
        two_networks(member, &view, &mut found);
        mounts_and_devices(member, &view, &mut found);
        one_place_twice(member, &mut found);
        builds(member, &mut found);
        watched(member, &mut found);
        dropped_amounts(member, &mut found);
        values::of_member(member, &mut found);
        amounts::without_field(member, &mut found);
        if references.whole {
            nothing_to_run(member, &references, &mut found);
        }
    }
    references::circles(base, &mut found);
    one_name_twice(base, &mut found);
    contents("secret", &sections.secrets, &["file", "environment"], &mut found);
    contents("config", &sections.configs, &["file", "environment", "content"], &mut found);
    external_volumes(&sections.volumes, &mut found);
    external_names(&sections.networks, &mut found);
    (found, references.missing.into_inner())
}

/// A service with neither image nor build.
fn nothing_to_run(member: &BaseMember, references: &References<'_>, found: &mut Vec<Finding>) {
    let node = &member.project.entry.node;
    let has = |key: &str| {
        let empty = |node: &Node| node.is_null() || key == "image" && known_text(node) == Some("");
        node.get(key).is_some_and(|entry| !empty(&entry.node))
    };
    // a service that is not a mapping has a finding already
    if member.facts.partial
        || !matches!(node.value, Value::Map(_))
        || (node.entries().is_empty() && node.span.is_empty())
        || ["image", "build", "provider"].into_iter().any(has)
    {
        return;
    }
    references.missing.borrow_mut().push(("services", member.name.to_string()));
    let message = format!("`{}` has neither `image` nor `build`: docker compose refuses it", member.name);
    let finding = Finding::of("missing-field", member.project.entry.at().key(), message);
    found.push(finding.help("write `image`, or `build` with the folder to build"));
}

/// Networks together with a network mode that allows none.
fn two_networks(member: &BaseMember, view: &ServiceView, found: &mut Vec<Finding>) {
    let Some(mode) = view.word("network_mode") else { return };
    let written = mode.value.as_deref().is_some_and(|mode| !mode.is_empty() && !mode.contains(UNKNOWN));
    let networks = member.project.entry.node.get("networks").filter(|entry| !entry.node.entries().is_empty());
    if let (true, Some(networks)) = (written, networks) {
        let message =
            format!("`{}` has `networks` beside `network_mode`: docker compose takes one of them", member.name);
        let finding = Finding::of("invalid-value", networks.at().key(), message);
        found.push(finding.label(mode.at.place(), "the mode").help("remove one of the two"));
    }
}

/// Bound folders without a path, and devices that are named and counted.
fn mounts_and_devices(member: &BaseMember, view: &ServiceView, found: &mut Vec<Finding>) {
    for mount in view.mounts.iter().filter(|mount| mount.kind.as_deref() == Some("bind")) {
        if mount.source.is_none() {
            let message = format!("`{}` binds a folder without `source`: docker compose refuses it", member.name);
            found.push(
                Finding::of("missing-field", mount.at.place(), message).help("add `source`, the path on the machine"),
            );
        }
    }
    for device in view.requests.iter().filter(|device| !device.ids.is_empty()) {
        if let Some(count) = &device.count {
            let message = "docker compose takes `count` or `device_ids`, not both";
            found.push(Finding::of("invalid-value", count.at.place(), message).help("remove one of the two"));
        }
    }
}

/// Two mounts at one path of a container, of which at least one is memory. Of two volumes compose drops the first.
fn one_place_twice(member: &BaseMember, found: &mut Vec<Finding>) {
    let node = &member.project.entry.node;
    let items = |key: &str| node.get(key).map_or(&[][..], |entry| entry.node.items()).iter();
    let memory = items("tmpfs").filter_map(|item| Some((known_text(item)?.split(':').next()?, item.at())));
    let volumes = items("volumes").filter_map(|item| {
        let target = item.get("target")?;
        Some((known_text(&target.node)?, item.at()))
    });
    let mut first: HashMap<&str, FieldSpan> = HashMap::new();
    for (target, at) in memory.chain(volumes) {
        let Some(first) = first.insert(target, at) else { continue };
        let message =
            format!("`{}` mounts two things at {}: docker compose takes one", member.name, target.escape_debug());
        let finding = Finding::of("invalid-value", at.place(), message);
        found.push(finding.label(first.place(), "the first").help("remove one of the two"));
    }
}

/// Two ways to say what is built, and a platform that is not among the built ones.
fn builds(member: &BaseMember, found: &mut Vec<Finding>) {
    let node = &member.project.entry.node;
    let Some(build) = node.get("build") else { return };
    let written =
        |key: &str| build.node.get(key).filter(|entry| known_text(&entry.node).is_some_and(|text| !text.is_empty()));
    if let (Some(file), Some(text)) = (written("dockerfile"), written("dockerfile_inline")) {
        let message =
            format!("`{}` has `dockerfile` and `dockerfile_inline`: docker compose takes one of them", member.name);
        let finding = Finding::of("invalid-value", text.at().key(), message);
        found.push(finding.label(file.at().key(), "the file").help("remove one of the two"));
    }
    let Some(platform) = node.get("platform") else { return };
    let Some(own) = known_text(&platform.node).filter(|own| !own.is_empty()) else { return };
    let platforms = build.node.get("platforms").map_or(&[][..], |entry| entry.node.items());
    let other = |item: &Rc<Node>| known_text(item).is_some_and(|text| text != own);
    if !platforms.is_empty() && platforms.iter().all(other) {
        let message = format!(
            "`{}` runs on `{}`, which is not among the platforms that it is built for: docker compose refuses it",
            member.name,
            own.escape_debug()
        );
        let finding = Finding::of("invalid-value", platform.at().place(), message);
        let finding = finding.help(format!("add `{}` to `build.platforms`", own.escape_debug()));
        found.push(match platforms.first() {
            Some(first) => finding.label(first.at().place(), "built for"),
            None => finding,
        });
    }
}

/// Watched paths without a target to copy to.
fn watched(member: &BaseMember, found: &mut Vec<Finding>) {
    let watch = member.project.entry.node.get("develop").and_then(|develop| develop.node.get("watch"));
    for item in watch.map_or(&[][..], |watch| watch.node.items()) {
        let Some(action) = item.get("action") else { continue };
        let target = item.get("target").is_some_and(|target| known_text(&target.node) != Some(""));
        if let (false, Some(word @ ("sync" | "sync+restart" | "sync+exec"))) = (target, known_text(&action.node)) {
            let message = format!("docker compose takes no `action: {word}` without `target`");
            let finding = Finding::of("missing-field", action.at().place(), message);
            found.push(finding.help("add `target`, the path in the container, or write `action: rebuild`"));
        }
    }
}

/// Amounts of bytes as numbers with a point or an exponent: compose takes the file and drops them, so that there is no limit
/// (compose-go, `UnitBytes`: an integer or a text).
fn dropped_amounts(member: &BaseMember, found: &mut Vec<Finding>) {
    for key in ["mem_limit", "mem_reservation", "memswap_limit", "shm_size"] {
        let Some(entry) = member.project.entry.node.get(key) else { continue };
        if let Value::Float(number) = entry.node.value
            && number.is_finite()
        {
            let text = &entry.node.text;
            let message =
                format!("docker compose drops `{key}: {text}`: it reads bytes from whole numbers and from text");
            let finding = Finding::of("invalid-quantity", entry.at().place(), message);
            found.push(finding.help(format!("write it in quotes: `\"{text}\"`")));
        }
    }
}

/// Two services that start and use one container name.
fn one_name_twice(base: &BaseProject, found: &mut Vec<Finding>) {
    let mut names = HashMap::new();
    for member in base.services.iter().filter(|member| member.project.starts) {
        let Some(name) = &member.facts.container_name else { continue };
        let Some(text) = name.value.as_deref().filter(|text| !text.contains(UNKNOWN)) else { continue };
        let Some((other, first)) = names.insert(text, (&member.name, name.at)) else { continue };
        let message =
            format!("the container of `{}` has the name of that of `{other}`: {}", member.name, text.escape_debug());
        let finding = Finding::of("invalid-value", name.at.place(), message);
        found
            .push(finding.label(first.place(), "the first").help("give each its own name, or remove `container_name`"));
    }
}

/// Secrets and configs with no source, or more than one.
fn contents(noun: &str, entries: &[Entry], ways: &[&str], found: &mut Vec<Finding>) {
    for entry in entries.iter().filter(|entry| !entry.node.is_unknown()) {
        let external = entry.node.get("external").is_some_and(|entry| known_text(&entry.node) != Some("false"));
        let written: Vec<&Entry> = ways.iter().filter_map(|way| entry.node.get(way)).collect();
        let name = entry.key.escape_debug();
        let list: Vec<String> = ways.iter().map(|way| format!("`{way}`")).collect();
        let list = list.join(" or ");
        let other = entry.node.get("driver").is_some();
        match written.as_slice() {
            [] if !external && !other && matches!(entry.node.value, Value::Map(_)) => {
                let message = format!("the {noun} `{name}` has no {list}: docker compose refuses it");
                let finding = Finding::of("missing-field", entry.at().key(), message);
                found.push(finding.help("add one, or `external: true` where it exists already"));
            }
            [first, second, ..] if !external => {
                let message = format!(
                    "the {noun} `{name}` has `{}` and `{}`: docker compose takes one of them",
                    first.key, second.key
                );
                let finding = Finding::of("invalid-value", second.at().key(), message);
                found.push(finding.label(first.at().key(), "the first").help("remove one of the two"));
            }
            _ => {}
        }
    }
}

/// An external volume with a driver: it exists already, so the driver has no effect.
fn external_volumes(volumes: &[Entry], found: &mut Vec<Finding>) {
    for volume in volumes {
        let Some(external) = volume.node.get("external") else { continue };
        let is_external = known_text(&external.node) == Some("true");
        let Some(key) = ["driver", "driver_opts", "labels"].iter().find_map(|key| volume.node.get(key)) else {
            continue;
        };
        if is_external {
            let name = volume.key.escape_debug();
            let message = format!("the volume `{name}` has `{}` beside `external`: docker compose refuses it", key.key);
            let finding = Finding::of("invalid-value", key.at().key(), message);
            found.push(finding.label(external.at().key(), "it exists already").help("remove one of the two"));
        }
    }
}

/// A network whose name is given in the old form and in the new one.
fn external_names(networks: &[Entry], found: &mut Vec<Finding>) {
    for network in networks {
        let old = network.node.get("external").and_then(|external| external.node.get("name"));
        let new = network.node.get("name");
        let (Some(old), Some(new)) = (old, new) else { continue };
        if known_text(&old.node).zip(known_text(&new.node)).is_some_and(|(old, new)| old != new) {
            let name = network.key.escape_debug();
            let message = format!("the network `{name}` has two names: docker compose takes `name` alone");
            let finding = Finding::of("invalid-value", new.at().place(), message);
            found.push(finding.label(old.at().place(), "the other").help("write `external: true` and `name`"));
        }
    }
}
