//! The spec that `scalegen init` writes: values that a compose file beside it has, and examples to uncomment. Knows how a
//! spec is written, no rule and no target.
//!
//! A line that begins with `#` and no space is an example: without the `#` it is YAML. Prose has a space.

use crate::inputs::compose::{Base, BasePort, BaseService};
use crate::inputs::spec::schema::sample;
use crate::model::{BackingKind, Protocol};
use std::fmt::Write;

/// What the starter is made of.
#[derive(Clone, Copy, Debug)]
pub struct Starter<'a> {
    /// Name of the deployment, a DNS label.
    pub name: &'a str,
    /// File name of the spec, for the commands in its comments.
    pub file: &'a str,
    /// What the line for language servers names: a path relative to the spec, or an address.
    pub schema: Option<&'a str>,
    /// The compose file beside the spec.
    pub base: Option<&'a Base>,
    /// How much of it the starter says again.
    pub detail: Detail,
}

/// How much of a compose file a starter repeats. Less is for a file whose own values lint would refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Names of services.
    Names,
    /// Names and numbers of replicas.
    Replicas,
    /// Names, numbers of replicas, ports.
    Ports,
}

/// A name for a deployment after the name of a folder; `None` if no letter or digit is left of it.
#[must_use]
pub fn label(folder: &str) -> Option<String> {
    let plain = folder.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    let plain: String = plain.collect();
    let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
    let label: String = words.join("-").chars().take(63).collect();
    let label = label.trim_end_matches('-').to_owned();
    (!label.is_empty()).then_some(label)
}

impl Starter<'_> {
    /// The text of the spec.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        // writing to a string cannot fail
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let Starter { name, file, schema, .. } = self;
        if let Some(schema) = schema {
            writeln!(out, "# yaml-language-server: $schema={schema}")?;
        }
        writeln!(out, "# How {name} scales. Checked by `scalegen lint`; `scalegen plan {file}` shows the sums,")?;
        writeln!(out, "# `scalegen render {file} --out deploy` writes the files of the targets below.")?;
        writeln!(out, "# Lines that begin with # and no space are examples.\n")?;
        writeln!(out, "version: 1\nname: {}\n", quoted(name))?;
        match self.base.filter(|base| base.services.iter().any(is_plain)) {
            Some(base) => self.over(base, out),
            None => self.alone(out),
        }
    }

    /// A spec of its own, with one service.
    fn alone(&self, out: &mut String) -> std::fmt::Result {
        out.push_str(
            "services:
  web:
    image: example/web:1.0 # without images the targets write overlays for files that exist
    port: 8080
    replicas: 2 # or { min: 2, max: 6 }, which turns autoscaling on
    resources:
      requests: { memory: 256Mi }
      limits: { memory: 512Mi }
    #concurrency: { limit: 10, env: WORKERS } # work one replica does at once, and the variable that says so
    #connections: { postgres: 10 } # opened by one replica, held against maxConnections below
    #health: { http: /health }
    #expose: { path: / } # behind a load balancer

",
        );
        out.push_str("# What the services lean on and what bounds them.\n");
        out.push_str("#backingServices: { postgres: { kind: postgres, maxConnections: 100, memory: 1Gi } }\n\n");
        self.capacity(out);
        self.profiles("web", out);
        write!(
            out,
            "targets:\n  compose: {{}}\n  #nginx: {{}}\n  #kubernetes: {{ namespace: {} }}\n",
            quoted(self.name)
        )
    }

    /// A spec for services that a compose file has.
    fn over(&self, base: &Base, out: &mut String) -> std::fmt::Result {
        let named = base.services.iter().filter(|service| is_plain(service));
        let (backing, services): (Vec<&BaseService>, Vec<&BaseService>) = named.partition(|one| kind(one).is_some());
        if base.partial {
            writeln!(out, "# {} includes other files, whose services are not listed here.", base.path)?;
        }
        writeln!(out, "services:")?;
        if services.is_empty() {
            writeln!(out, "  # {} has only backing services; a service of yours:", base.path)?;
            writeln!(out, "  web: {{ image: example/web:1.0, resources: {{ limits: {{ memory: 512Mi }} }} }}")?;
        }
        for service in &services {
            self.service(service, base, out)?;
        }
        out.push('\n');
        if !backing.is_empty() {
            writeln!(
                out,
                "# What the services lean on. With its maxConnections and the services' connections lint does the sum."
            )?;
            writeln!(out, "backingServices:")?;
        }
        for service in &backing {
            let kind = kind(service).map_or("other", BackingKind::word);
            writeln!(out, "  {}: {{ kind: {kind} }}", quoted(&service.name))?;
        }
        if !backing.is_empty() {
            out.push('\n');
        }
        self.capacity(out);
        if let Some(first) = services.first() {
            self.profiles(&first.name, out);
        }
        writeln!(out, "targets:\n  compose: {{ base: {} }} # writes an override for it", quoted(&base.path))?;
        writeln!(out, "  #nginx: {{}} # spreads requests over the replicas of services with expose: {{}}")
    }

    fn service(&self, service: &BaseService, base: &Base, out: &mut String) -> std::fmt::Result {
        let mut lines: Vec<String> = Vec::new();
        if self.detail >= Detail::Replicas {
            lines.push(replicas(service));
        }
        if self.detail >= Detail::Ports {
            lines.extend(ports(service, &base.path));
        }
        if service.memory_limit.is_none() {
            lines.push("#resources: { limits: { memory: 512Mi } }".to_owned());
        }
        let name = quoted(&service.name);
        if lines.iter().all(|line| line.starts_with('#')) {
            // a mapping with comments only would be nothing
            writeln!(out, "  {name}: {{}}")?;
            lines.retain(|line| line.starts_with("# "));
        } else {
            writeln!(out, "  {name}:")?;
        }
        lines.iter().try_for_each(|line| writeln!(out, "    {line}"))
    }

    fn capacity(&self, out: &mut String) {
        out.push_str("# The machines on which everything must fit.\n");
        out.push_str("#capacity: { nodes: [{ count: 2, cpu: 4, memory: 16Gi }] }\n\n");
    }

    fn profiles(&self, service: &str, out: &mut String) {
        let (file, name) = (self.file, quoted(service));
        out.push_str(&format!("# Partial specs laid over the above: `scalegen render {file} --profile large`.\n"));
        out.push_str(&format!("#profiles: {{ large: {{ services: {{ {name}: {{ replicas: 6 }} }} }} }}\n\n"));
    }
}

/// The number the compose file runs, and why it must stay.
fn replicas(service: &BaseService) -> String {
    let scale = service.old_style.iter().find(|(key, _)| key == "scale").and_then(|(_, value)| value.value.as_deref());
    let written = scale.and_then(|scale| scale.parse().ok()).or(service.replicas.map(|replicas| replicas.value));
    let why = match (scale, &service.container_name, service.host_network) {
        (Some(_), ..) => " # no other while the compose file has `scale`",
        (None, Some(_), _) => " # no more while it has a container_name",
        (None, None, Some(_)) => " # no more while it is on the host's network",
        (None, None, None) => "",
    };
    format!("replicas: {}{why}", written.unwrap_or(1))
}

/// Its ports, where the spec can say all of them as the compose file does; an override replaces the whole list.
fn ports(service: &BaseService, path: &str) -> Vec<String> {
    let all = &service.ports;
    if all.is_empty() && service.unread_ports.is_empty() {
        return Vec::new();
    }
    let said = |port: &BasePort| {
        let bare = port.written.as_str().is_some_and(|text| !text.contains('$'));
        let single = port.container.0 == port.container.1;
        let number = port.host.is_none_or(|(first, _)| first > 0) && port.container.0 > 0;
        bare && single && number && port.ip.is_none() && !port.unknown_host
    };
    if !service.unread_ports.is_empty() || !all.iter().all(said) {
        return vec![format!("# its ports stay as {path} has them")];
    }
    let fields = |port: &BasePort| {
        let publish = port.host.map_or_else(String::new, |(first, _)| format!(", publish: {first}"));
        let udp = if port.protocol == Protocol::Udp { ", protocol: udp" } else { "" };
        format!("port: {}{udp}{publish}", port.container.0)
    };
    match &**all {
        [one] if one.protocol == Protocol::Tcp => fields(one).split(", ").map(str::to_owned).collect(),
        several => {
            let items: Vec<String> = several.iter().map(|port| format!("{{ {} }}", fields(port))).collect();
            vec![format!("ports: [{}]", items.join(", "))]
        }
    }
}

/// What a service's image makes of it, where that is a database, a cache or a broker.
fn kind(service: &BaseService) -> Option<BackingKind> {
    let image = service.image.as_deref()?;
    let name = image.rsplit('/').next()?.split([':', '@']).next()?;
    match name {
        "mongo" => Some(BackingKind::Mongodb),
        "cp-kafka" => Some(BackingKind::Kafka),
        name => BackingKind::named(name),
    }
}

/// Whether a spec can name this service.
fn is_plain(service: &BaseService) -> bool {
    crate::model::is_plain_name(&service.name)
}

fn quoted(text: &str) -> String {
    sample::line(&serde_json::Value::from(text))
}
