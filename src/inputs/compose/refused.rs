//! What compose or the engine refuses of a whole project, judged where no spec is beside it: names that lead nowhere, keys that are
//! misspelt, amounts and modes that the engine does not start with. Knows no rule.
//!
//! Names and keys: `docker compose config` 5.6.1 refuses each ("depends on undefined service", also for links and network modes,
//! "refers to undefined volume", "additional properties not allowed"). `dnsrr`: swarmkit's
//! `validateEndpointSpec` ("port published with ingress mode can't be used with dnsrr mode"). Memory: the engine's least limit.

use super::project::DEFAULT_FILES;
use super::verdicts::KEYS;
use crate::inputs::base::{BaseMember, BaseProject};
use crate::inputs::text::{UNKNOWN, known};
use crate::support::diagnostic::Finding;
use crate::support::source::FieldSpan;
use crate::support::suggest;
use crate::syntax::{Entry, Node};
use std::cell::Cell;
use std::collections::HashSet;

/// The least memory that the engine limits a container to, in bytes.
const LEAST_MEMORY: i64 = 6 << 20;

/// So many names that were meant are searched for, of keys and of references: each search costs as much as there are names.
const MOST_GUESSES: usize = 200;

/// The sections of a project that services name entries of.
pub(super) struct NamedSections<'p> {
    pub(super) networks: &'p [Entry],
    pub(super) volumes: &'p [Entry],
}

/// What is refused of a project.
pub(super) fn of(base: &BaseProject, sections: &NamedSections<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let references = References::of(base, sections);
    let mut guesses = 0;
    for member in &base.services {
        misspelt(member, &mut guesses, &mut found);
        references.of_member(member, &mut found);
        memory(member, &mut found);
        if base.layer.swarm {
            names_without_balancer(member, &mut found);
        }
    }
    found
}

/// Keys that compose does not know and that are close to one that it does. Others may be of a newer release.
fn misspelt(member: &BaseMember, guesses: &mut usize, found: &mut Vec<Finding>) {
    let node = &*member.project.entry.node;
    let at = |path: &[&str]| path.iter().try_fold(node, |node, key| node.get(key).map(|entry| &*entry.node));
    let of_service = KEYS.iter().map(|row| row.name).filter(|name| !name.contains('.'));
    near(node, &of_service.collect::<Vec<_>>(), guesses, found);
    let of_deploy = KEYS.iter().filter_map(|row| row.name.strip_prefix("deploy."));
    let of_deploy: Vec<&str> = of_deploy.map(|name| name.split('.').next().unwrap_or(name)).collect();
    let below: [(&[&str], &[&str]); 5] = [
        (&["deploy"], &of_deploy),
        (&["deploy", "resources"], &["limits", "reservations"]),
        (&["deploy", "resources", "limits"], &["cpus", "memory", "pids"]),
        (&["deploy", "resources", "reservations"], &["cpus", "memory", "generic_resources", "devices"]),
        (&["healthcheck"], &["disable", "interval", "retries", "test", "timeout", "start_period", "start_interval"]),
    ];
    for (path, keys) in below {
        if let Some(node) = at(path) {
            near(node, keys, guesses, found);
        }
    }
}

fn near(node: &Node, keys: &[&str], guesses: &mut usize, found: &mut Vec<Finding>) {
    for entry in node.entries().iter().filter(|entry| !keys.contains(&&*entry.key) && !entry.key.starts_with("x-")) {
        *guesses += 1;
        let close = if *guesses > MOST_GUESSES { None } else { suggest::closest(&entry.key, keys.iter().copied()) };
        let Some(close) = close else { continue };
        let message = format!("docker compose knows no key `{}` here", entry.key.escape_debug());
        let finding = Finding::of("unknown-field", entry.at().key(), message);
        found.push(finding.help(format!("did you mean `{close}`?")));
    }
}

/// What services may name.
struct References<'p> {
    services: HashSet<&'p str>,
    networks: HashSet<&'p str>,
    volumes: HashSet<&'p str>,
    /// How many names that were meant were searched for.
    guesses: Cell<usize>,
    /// Whether every name has to be there: the files are all that compose reads.
    whole: bool,
}

impl<'p> References<'p> {
    fn of(base: &'p BaseProject, sections: &NamedSections<'p>) -> References<'p> {
        let keys = |entries: &'p [Entry]| entries.iter().map(|entry| &*entry.key).collect::<HashSet<&str>>();
        let mut networks = keys(sections.networks);
        networks.insert("default");
        let name = base.name.split(", ").next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        let main = DEFAULT_FILES.iter().any(|(main, _)| *main == name);
        // a service without an image is a patch of one in a file that is not here
        let whole = main && !base.partial() && base.services.iter().all(|member| member.facts.runnable);
        let services = base.services.iter().map(|member| member.name.as_str()).collect();
        References { services, networks, volumes: keys(sections.volumes), guesses: Cell::new(0), whole }
    }

    fn of_member(&self, member: &BaseMember, found: &mut Vec<Finding>) {
        let node = &*member.project.entry.node;
        let entries = |key: &str| node.get(key).map_or(&[][..], |entry| entry.node.entries());
        for entry in entries("depends_on") {
            self.one(member, "depends on the service", &entry.key, entry.at(), &self.services, found);
        }
        for entry in entries("networks") {
            self.one(member, "is part of the network", &entry.key, entry.at(), &self.networks, found);
        }
        for item in node.get("links").map_or(&[][..], |entry| entry.node.items()) {
            let name = known(item).and_then(|text| text.split(':').next());
            name.into_iter().for_each(|name| {
                self.one(member, "links to the service", name, item.at(), &self.services, found);
            });
        }
        if let Some(mode) = member.view.word("network_mode")
            && let Some(name) = mode.value.as_deref().and_then(|mode| mode.strip_prefix("service:"))
        {
            self.one(member, "joins the network of the service", name, mode.at, &self.services, found);
        }
        for mount in member.view.mounts.iter().filter(|mount| mount.kind.as_deref() == Some("volume")) {
            if let Some(name) = mount.source.as_ref().and_then(|source| source.value.as_deref()) {
                self.one(member, "mounts the volume", name, mount.at, &self.volumes, found);
            }
        }
    }

    fn one(
        &self,
        member: &BaseMember,
        does: &str,
        name: &str,
        at: FieldSpan,
        known: &HashSet<&str>,
        found: &mut Vec<Finding>,
    ) {
        if known.contains(name) || name.is_empty() || name.contains(UNKNOWN) || member.facts.partial {
            return;
        }
        self.guesses.set(self.guesses.get() + 1);
        let close = if self.guesses.get() > MOST_GUESSES { None } else { closest(name, known) };
        if close.is_none() && !self.whole {
            return;
        }
        let message = format!("`{}` {does} `{}`, which the file does not have", member.name, name.escape_debug());
        let finding = Finding::of("unknown-reference", at.place(), message);
        found.push(finding.help(match close {
            Some(close) => format!("did you mean `{close}`?"),
            None => "name one that the file has, or add it".to_owned(),
        }));
    }
}

/// The closest of these names; of several the first in the order of the alphabet.
fn closest<'n>(name: &str, known: &HashSet<&'n str>) -> Option<&'n str> {
    let mut names: Vec<&str> = known.iter().copied().collect();
    names.sort_unstable();
    suggest::closest(name, names.into_iter())
}

/// A limit that no container starts with.
fn memory(member: &BaseMember, found: &mut Vec<Finding>) {
    let Some(limit) = member.view.limits.memory.as_ref() else { return };
    let Some(bytes) = limit.value.filter(|bytes| (1..LEAST_MEMORY).contains(bytes)) else { return };
    let message = format!("{bytes} bytes of memory are below 6 MiB, the least the Docker engine accepts");
    found.push(Finding::of("refused-by-target", limit.at.place(), message).help("write at least `6m`"));
}

/// A port that Swarm's balancer publishes, of a service that has no balancer.
fn names_without_balancer(member: &BaseMember, found: &mut Vec<Finding>) {
    let Some(mode) = member.view.endpoint_mode.as_ref().filter(|mode| mode.value.as_deref() == Some("dnsrr")) else {
        return;
    };
    let Some(port) = member.view.ports.iter().find(|port| port.published.is_some() && port.mode != "host") else {
        return;
    };
    let message = format!("Swarm refuses a port that its balancer publishes for `{}`, which has none", member.name);
    let finding = Finding::of("refused-by-target", port.at.place(), message);
    found.push(
        finding
            .label(mode.at.place(), "names in place of a balancer")
            .help("write the port with `mode: host`, or `vip`"),
    );
}
