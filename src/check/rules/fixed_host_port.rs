//! Host ports of the base that several replicas cannot share. Compose writes fixed numbers, so ranges do not matter.

use super::{Context, Group, Meta, Replicated, Report};
use crate::inputs::HostPort;
use crate::inputs::compose::range_text;
use crate::model::ServiceField;
use crate::support::diagnostic::Severity;
use crate::support::source::FieldSpan;

pub(super) const META: Meta = Meta {
    id: "fixed-host-port",
    severity: Severity::Warning,
    group: Group::Network,
    suppressible: true,
    check: Some(check),
};

/// The ports that one item of the base asks for.
struct Asked {
    at: FieldSpan,
    /// The machine's ports; `None` if they depend on a variable.
    host: Option<(u16, u16)>,
    container: (u16, u16),
    /// How many replicas can have one port each.
    most: u32,
}

fn check(context: &Context<'_>, report: &mut Report) {
    for replicated in context.replicated_on_machines() {
        if context.in_swarm(replicated.base) {
            continue;
        }
        if replicated.service.is_some_and(|service| service.broken.is_faulty(ServiceField::Ports)) {
            continue;
        }
        let going: Vec<Asked> =
            host_ports_of_base(&replicated).into_iter().filter(|asked| asked.most < replicated.replicas).collect();
        let Some(first) = going.first() else { continue };
        let texts: Vec<String> = going.iter().map(text).collect();
        let is_one = going.len() == 1 && first.host.is_none_or(|(begin, end)| begin == end);
        let (plural, go) = if is_one { ("", "lets it go") } else { ("s", "lets them go") };
        let (replicas, path, name) = (replicated.replicas, &replicated.base.name, &replicated.member.name);
        let message = format!("{replicas} replicas cannot share host port{plural} {} of {path}", texts.join(", "));
        // without an override that writes the number, nothing of the base is taken away
        let message = if replicated.changed { format!("{message}: the override {go}") } else { message };
        let port = first.container.0;
        let own = replicated.service.is_some_and(|service| !service.is_base_only());
        let help = if own {
            format!("write `publish` at port {port} of `{name}`, the first host port of a range of {replicas}")
        } else {
            format!("publish a range of {replicas} host ports at port {port} of `{name}` in {path}, or none")
        };
        let mut finding = report.at(replicated.place, message).help(help).rank(replicas);
        for port in going {
            finding = finding.label(port.at.place(), format!("host port {}", text(&port)));
        }
        report.push(finding);
    }
}

/// Host ports of the base that the spec does not publish itself, one for each item of the file.
fn host_ports_of_base(replicated: &Replicated<'_>) -> Vec<Asked> {
    let ours = |port: &HostPort| {
        replicated
            .service
            .zip(port.protocol)
            .is_some_and(|(service, protocol)| service.publishes(port.container, protocol))
    };
    let mut all: Vec<Asked> = Vec::new();
    for port in replicated.member.facts.host_ports.iter().filter(|port| !ours(port)) {
        let wide = |(first, last): (u16, u16)| u32::from(last - first) + 1;
        // the ports of a range for one port inside are a choice
        let one_inside = port.container.0 == port.container.1;
        let most = port.host.filter(|_| one_inside).map_or(1, wide);
        match all.last_mut().filter(|last| last.at == port.at) {
            Some(last) => {
                let join = |(first, end): (u16, u16), (more, most): (u16, u16)| (first.min(more), end.max(most));
                last.host = last.host.zip(port.host).map(|(own, more)| join(own, more));
                last.container = join(last.container, port.container);
            }
            None => all.push(Asked { at: port.at, host: port.host, container: port.container, most }),
        }
    }
    all
}

fn text(port: &Asked) -> String {
    port.host.map_or_else(|| format!("${{…}}:{}", range_text(port.container)), range_text)
}
