//! The spec of the oracle as text, with what stands on which line.

use super::spec::{Budget, DAYS, Group, Load, Overlay, Spec, Target, Window, ZONES};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What stands on a line of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    Window(usize, usize),
    Port(usize, usize),
}

/// The text, with what stands on its lines.
#[derive(Default)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) lines: usize,
    pub(super) things: BTreeMap<usize, Thing>,
}

impl Text {
    fn line(&mut self, text: &str) -> usize {
        self.text.push_str(text);
        self.text.push('\n');
        self.lines += 1;
        self.lines
    }

    fn windows(&mut self, service: usize, indent: &str, windows: &[Window]) {
        if windows.is_empty() {
            self.line(&format!("{indent}schedule: []"));
            return;
        }
        self.line(&format!("{indent}schedule:"));
        for (index, window) in windows.iter().enumerate() {
            let days: Vec<&str> = window.days.iter().map(|day| DAYS[*day]).collect();
            let time = |minutes: usize| format!("{:02}:{:02}", minutes / 60, minutes % 60);
            let line = self.line(&format!(
                "{indent}  - {{ days: [{}], from: \"{}\", to: \"{}\", timezone: {}, replicas: {{ min: {}, max: {} }} }}",
                days.join(", "),
                time(window.from),
                time(window.to),
                ZONES[window.zone],
                window.bounds.0,
                window.bounds.1
            ));
            self.things.insert(line, Thing::Window(service, index));
        }
    }
}

pub(super) fn amounts(load: Load) -> String {
    let [cpu, memory, gpu] = load;
    let mut fields = Vec::new();
    fields.extend(cpu.map(|cpu| format!("cpu: {cpu}m")));
    fields.extend(memory.map(|memory| format!("memory: {memory}Mi")));
    fields.extend(gpu.map(|gpu| format!("gpu: {gpu}")));
    format!("{{ {} }}", fields.join(", "))
}

pub(super) fn text(spec: &Spec) -> Text {
    let mut out = Text::default();
    out.line("version: 1\nname: oracle\nservices:");
    out.lines += 2;
    for (index, service) in spec.services.iter().enumerate() {
        out.line(&format!("  s{index}:"));
        out.line("    image: example/s:1");
        if let Some((min, max)) = service.replicas {
            let range = if min == max { min.to_string() } else { format!("{{ min: {min}, max: {max} }}") };
            out.line(&format!("    replicas: {range}"));
        }
        out.line(&format!(
            "    resources: {{ requests: {}, limits: {} }}",
            amounts(service.requests),
            amounts(service.limits)
        ));
        if let Some(slots) = service.concurrency {
            out.line(&format!("    concurrency: {slots}"));
        }
        if !service.ports.is_empty() {
            out.line("    ports:");
        }
        for (number, port) in service.ports.iter().enumerate() {
            let protocol = if port.udp { "udp" } else { "tcp" };
            let (container, publish) = (80 + number, port.publish);
            let line = format!("      - {{ port: {container}, protocol: {protocol}, publish: {publish} }}");
            let line = out.line(&line);
            out.things.insert(line, Thing::Port(index, number));
        }
        if service.connections.iter().any(Option::is_some) {
            out.line("    connections:");
        }
        for (number, one) in service.connections.iter().enumerate() {
            if let Some((replica, slot)) = one {
                out.line(&format!("      b{number}: {{ perReplica: {replica}, perSlot: {slot} }}"));
            }
        }
        if let Some(budget) = service.budget {
            let budget = match budget {
                Budget::MinCount(count) => format!("minAvailable: {count}"),
                Budget::MinPercent(percent) => format!("minAvailable: {percent}%"),
                Budget::MaxCount(count) => format!("maxUnavailable: {count}"),
                Budget::MaxPercent(percent) => format!("maxUnavailable: {percent}%"),
            };
            out.line(&format!("    disruption: {{ {budget} }}"));
        }
        out.windows(index, "    ", &service.windows);
    }
    out.line("backingServices:");
    for (index, backing) in spec.backing.iter().enumerate() {
        let mut line = format!("  b{index}: {{ kind: {}", if backing.postgres { "postgres" } else { "redis" });
        let mut field = |name: &str, value: Option<String>| {
            let _ = value.map(|value| write!(line, ", {name}: {value}"));
        };
        field("maxConnections", backing.max.map(|max| max.to_string()));
        field("reservedConnections", backing.reserved.map(|reserved| reserved.to_string()));
        field("memory", backing.memory.map(|memory| format!("{memory}Mi")));
        field("external", backing.external.then(|| format!("{{ urlEnv: B{index}_URL }}")));
        out.line(&format!("{line} }}"));
    }
    if !spec.groups.is_empty() {
        out.line("capacity:\n  nodes:");
        out.lines += 1;
    }
    for Group { count, room: [cpu, memory, gpu], reserved } in &spec.groups {
        out.line(&format!(
            "    - {{ count: {count}, cpu: {cpu}m, memory: {memory}Mi, gpu: {gpu}, \
             reserved: {{ cpu: {}m, memory: {}Mi }} }}",
            reserved[0], reserved[1]
        ));
    }
    let Overlay { min, max, windows, cpu, most } = &spec.overlay;
    out.line("profiles:\n  p:\n    services:\n      s0:\n        kind: stateless");
    out.lines += 4;
    let bounds = [("min", min), ("max", max)];
    let bounds: Vec<String> = bounds.iter().filter_map(|(name, n)| n.map(|n| format!("{name}: {n}"))).collect();
    if !bounds.is_empty() && (bounds.len() == 2 || spec.services[0].replicas.is_some()) {
        out.line(&format!("        replicas: {{ {} }}", bounds.join(", ")));
    }
    if let Some(cpu) = cpu {
        out.line(&format!("        resources: {{ requests: {{ cpu: {cpu}m }} }}"));
    }
    if let Some(windows) = windows {
        out.windows(0, "        ", windows);
    }
    if let Some(most) = most {
        out.line(&format!("    backingServices: {{ b0: {{ maxConnections: {most} }} }}"));
    }
    match spec.target {
        Target::None => {}
        Target::Kubernetes => drop(out.line("targets: { kubernetes: { autoscaler: hpa } }")),
        Target::Compose => drop(out.line("targets: { compose: {} }")),
    }
    out
}
