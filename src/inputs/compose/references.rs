//! The names that the services of a compose project refer to: services, networks, volumes, secrets, configs, models. Knows no rule.
//!
//! `docker compose config` 5.6.1 refuses a name that leads nowhere ("depends on undefined service", also for links, for the
//! containers whose network, processes or mounts are joined, and for services behind a profile that is off; "refers to undefined
//! network", "volume", "secret", "config", "model") and services that wait for each other ("dependency cycle detected").

use super::larger_project::MissingName;
use super::project::view::ServiceView;
use crate::inputs::base::{BaseMember, BaseProject};
use crate::inputs::text::{UNKNOWN, known_text};
use crate::support::diagnostic::Finding;
use crate::support::source::FieldSpan;
use crate::support::suggest;
use crate::syntax::{Entry, Node};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

/// The most suggestions that are searched for: each search costs as much as there are names.
const MOST_GUESSES: usize = 200;

/// The sections of a project that services name entries of.
#[derive(Debug, Default)]
pub(super) struct NamedSections {
    pub(super) networks: Vec<Entry>,
    pub(super) volumes: Vec<Entry>,
    pub(super) secrets: Vec<Entry>,
    pub(super) configs: Vec<Entry>,
    pub(super) models: Vec<Entry>,
}

/// One service that another one requires.
struct Dependency<'p> {
    name: &'p str,
    at: FieldSpan,
    does: &'static str,
    /// Whether it may be disabled.
    optional: bool,
}

/// The names that services may refer to.
pub(super) struct References<'p> {
    services: HashMap<&'p str, &'p BaseMember>,
    sections: [(&'static str, HashSet<&'p str>); 5],
    /// How many suggestions were searched for.
    guesses: Cell<usize>,
    /// Whether every name must exist: the files are all that compose reads.
    pub(super) whole: bool,
    /// The names that do not exist.
    pub(super) missing: RefCell<Vec<MissingName>>,
}

impl<'p> References<'p> {
    /// `whole` says that the named files are the whole project.
    pub(super) fn of(base: &'p BaseProject, sections: &'p NamedSections, whole: bool) -> References<'p> {
        let keys = |entries: &'p [Entry]| entries.iter().map(|entry| &*entry.key).collect::<HashSet<&str>>();
        let mut networks = keys(&sections.networks);
        networks.insert("default");
        let whole = whole && !base.partial();
        let services = base.services.iter().map(|member| (&*member.name, member)).collect();
        let sections = [
            ("networks", networks),
            ("volumes", keys(&sections.volumes)),
            ("secrets", keys(&sections.secrets)),
            ("configs", keys(&sections.configs)),
            ("models", keys(&sections.models)),
        ];
        References { services, sections, guesses: Cell::new(0), whole, missing: RefCell::default() }
    }

    /// The names that one service refers to and that do not exist.
    pub(super) fn of_member(&self, member: &BaseMember, view: &ServiceView, found: &mut Vec<Finding>) {
        for dependency in dependencies(member) {
            match self.services.get(dependency.name) {
                None => {
                    let names = self.services.keys().copied();
                    let missing = ("services", dependency.name);
                    self.unknown(member, dependency.does, missing, dependency.at, names, found);
                }
                Some(other) => self.switched_off(member, &dependency, other, found),
            }
        }
        let node = &*member.project.entry.node;
        let child = |key: &str| node.get(key).map(|entry| &*entry.node);
        let entries = |key: &str| child(key).map_or(&[][..], Node::entries).iter();
        let mut named: Vec<(&str, &'static str, &str, FieldSpan)> = Vec::new();
        named.extend(entries("networks").map(|entry| ("networks", "is part of the network", &*entry.key, entry.at())));
        named.extend(entries("models").map(|entry| ("models", "uses the model", &*entry.key, entry.at())));
        for (section, does) in [("secrets", "reads the secret"), ("configs", "reads the config")] {
            let items = child(section).map_or(&[][..], Node::items).iter().filter_map(|item| source(item));
            named.extend(items.map(|(name, at)| (section, does, name, at)));
        }
        let build = child("build").and_then(|build| build.get("secrets"));
        let items = build.map_or(&[][..], |secrets| secrets.node.items()).iter().filter_map(|item| source(item));
        named.extend(items.map(|(name, at)| ("secrets", "is built with the secret", name, at)));
        for mount in view.mounts.iter().filter(|mount| mount.kind.as_deref() == Some("volume")) {
            if let Some(name) = mount.source.as_ref().and_then(|source| source.value.as_deref()) {
                named.push(("volumes", "mounts the volume", name, mount.at));
            }
        }
        for (section, does, name, at) in named {
            let Some((_, names)) = self.sections.iter().find(|(own, _)| *own == section) else { continue };
            if !names.contains(name) {
                self.unknown(member, does, (section, name), at, names.iter().copied(), found);
            }
        }
    }

    fn unknown(
        &self,
        member: &BaseMember,
        does: &str,
        (section, name): (&'static str, &str),
        at: FieldSpan,
        names: impl Iterator<Item = &'p str>,
        found: &mut Vec<Finding>,
    ) {
        if name.is_empty() || name.contains(UNKNOWN) || member.facts.partial {
            return;
        }
        self.guesses.set(self.guesses.get() + 1);
        let close = if self.guesses.get() > MOST_GUESSES { None } else { closest(name, names) };
        if close.is_none() && !self.whole {
            return;
        }
        self.missing.borrow_mut().push((section, name.to_owned()));
        let message = format!("`{}` {does} `{}`, which the file does not have", member.name, name.escape_debug());
        let finding = Finding::of("unknown-reference", at.place(), message);
        found.push(finding.help(match close {
            Some(close) => format!("did you mean `{close}`?"),
            None if section == "volumes" && name.contains('/') => {
                format!("write `./{}`: a folder of the machine begins with a dot or `/`", name.escape_debug())
            }
            None if section == "services" => "name one that the file has, or add it".to_owned(),
            None => {
                format!("name one that the file has, or add `{section}: {{{}: {{}}}}` at its end", name.escape_debug())
            }
        }));
    }

    /// A service that always starts, and waits for one that does not start.
    fn switched_off(
        &self,
        member: &BaseMember,
        dependency: &Dependency<'_>,
        other: &BaseMember,
        found: &mut Vec<Finding>,
    ) {
        let profiles = member.project.entry.node.get("profiles").map_or(&[][..], |list| list.node.items());
        let always = profiles.is_empty() && member.project.starts;
        if !always || other.project.starts || dependency.optional || !self.whole {
            return;
        }
        let Some(profile) = other.view().profiles.first() else { return };
        let Some(name) = profile.value.as_deref() else { return };
        let message = format!(
            "`{}` {} `{}`, which starts with the profile `{}` alone",
            member.name,
            dependency.does,
            other.name.escape_debug(),
            name.escape_debug()
        );
        let finding = Finding::of("unknown-reference", dependency.at.place(), message);
        let help = format!("give `{}` the same profile, or `{}` none", member.name, other.name.escape_debug());
        found.push(finding.label(profile.at.place(), "the profile").help(help));
    }
}

/// The name of a secret or config that a service reads.
fn source(item: &Node) -> Option<(&str, FieldSpan)> {
    match item.get("source") {
        Some(entry) => Some((known_text(&entry.node)?, entry.at())),
        None => Some((known_text(item)?, item.at())),
    }
}

/// The closest of these names; of equally close ones the first in alphabetical order.
fn closest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    suggest::closest(name, names.into_iter())
}

/// The services that one requires to start.
fn dependencies(member: &BaseMember) -> Vec<Dependency<'_>> {
    let node = &*member.project.entry.node;
    let mut all = Vec::new();
    for entry in node.get("depends_on").map_or(&[][..], |entry| entry.node.entries()) {
        let required = entry.node.get("required").and_then(|entry| known_text(&entry.node));
        let optional = required == Some("false");
        all.push(Dependency { name: &entry.key, at: entry.at(), does: "depends on the service", optional });
    }
    let items = |key: &str| node.get(key).map_or(&[][..], |entry| entry.node.items()).iter();
    for item in items("links") {
        if let Some(name) = known_text(item).and_then(|text| text.split(':').next()) {
            all.push(Dependency { name, at: item.at(), does: "links to the service", optional: false });
        }
    }
    for item in items("volumes_from") {
        let text = known_text(item).filter(|text| !text.starts_with("container:"));
        if let Some(name) = text.and_then(|text| text.split(':').next()) {
            all.push(Dependency { name, at: item.at(), does: "mounts the volumes of the service", optional: false });
        }
    }
    for (key, does) in [
        ("network_mode", "joins the network of the service"),
        ("ipc", "joins the memory of the service"),
        ("pid", "joins the processes of the service"),
        ("uts", "joins the host name of the service"),
    ] {
        let Some(entry) = node.get(key) else { continue };
        if let Some(name) = known_text(&entry.node).and_then(|mode| mode.strip_prefix("service:")) {
            all.push(Dependency { name, at: entry.at(), does, optional: false });
        }
    }
    all
}

/// Services that wait for each other: none of them starts.
pub(super) fn circles(base: &BaseProject, found: &mut Vec<Finding>) {
    let index: HashMap<&str, usize> =
        base.services.iter().enumerate().map(|(index, member)| (&*member.name, index)).collect();
    let edges: Vec<Vec<(usize, FieldSpan)>> = base
        .services
        .iter()
        .map(|member| {
            let all = dependencies(member).into_iter();
            all.filter_map(|reference| Some((*index.get(reference.name)?, reference.at))).collect()
        })
        .collect();
    let mut done = vec![false; edges.len()];
    for start in 0..edges.len() {
        let mut trail: Vec<(usize, usize)> = vec![(start, 0)];
        while let Some((service, next)) = trail.last().copied() {
            if done.get(service).copied().unwrap_or(true) {
                trail.pop();
                continue;
            }
            let Some((other, at)) = edges.get(service).and_then(|edges| edges.get(next)).copied() else {
                if let Some(done) = done.get_mut(service) {
                    *done = true;
                }
                trail.pop();
                continue;
            };
            if let Some(last) = trail.last_mut() {
                last.1 += 1;
            }
            match trail.iter().position(|(own, _)| *own == other) {
                Some(position) => {
                    let members = trail.iter().skip(position).filter_map(|(own, _)| base.services.get(*own));
                    let mut names: Vec<&str> = members.map(|member| &*member.name).collect();
                    names.extend(names.first().copied());
                    let message = format!("services wait for each other in a circle: {}", names.join(" → "));
                    let finding = Finding::of("invalid-value", at.place(), message);
                    found.push(finding.help("remove one of these dependencies: docker compose refuses the circle"));
                }
                None => trail.push((other, 0)),
            }
        }
    }
}
