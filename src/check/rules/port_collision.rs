//! Host ports that two services want. Ranges are as wide as the replicas written; the base file's ports count too.

use super::{Context, Group, Meta, Report};
use crate::inputs::compose::{Base, range_text};
use crate::model::{Part, Protocol, Service};
use crate::support::diagnostic::Severity;
use crate::support::source::Place;
use std::collections::{BTreeMap, HashMap};

pub(super) const META: Meta =
    Meta { id: "port-collision", severity: Severity::Error, group: Group::Network, check: Some(check) };

/// Host ports of one service.
#[derive(Clone, Copy)]
struct Range<'a> {
    service: &'a str,
    protocol: Protocol,
    first: u16,
    last: u16,
    /// Whether it stands in the base file.
    in_base: bool,
    at: Place,
}

fn check(context: &Context<'_>, report: &mut Report) {
    let mut ranges: Vec<Range<'_>> = context.spec.services().flat_map(of_service).collect();
    if let Some(base) = context.base {
        of_base(context, base, &mut ranges);
    }
    ranges.sort_by_key(|range| (range.protocol, range.first, range.last, range.at));
    let mut sweeps: BTreeMap<Protocol, Sweep<'_>> = BTreeMap::new();
    for range in ranges {
        let sweep = sweeps.entry(range.protocol).or_default();
        if let Some(other) = sweep.meets(&range) {
            push(report, other, range);
        }
        sweep.add(range);
    }
}

fn push(report: &mut Report, a: Range<'_>, b: Range<'_>) {
    // the later one in the spec is to be changed; a port of the base file stays
    let (first, second) = match (a.in_base, b.in_base) {
        (true, false) => (a, b),
        (false, true) => (b, a),
        _ if a.at <= b.at => (a, b),
        _ => (b, a),
    };
    let text = |range: &Range<'_>| range_text((range.first, range.last));
    let plural = |range: &Range<'_>| if range.first == range.last { "port" } else { "ports" };
    let udp = if second.protocol == Protocol::Udp { " (udp)" } else { "" };
    let message = if first.service == second.service {
        format!("host {} {}{udp} of `{}` meet its own {}", plural(&second), text(&second), second.service, text(&first))
    } else {
        let (plural, meet) = if second.first == second.last { ("port", "meets") } else { ("ports", "meet") };
        format!(
            "host {plural} {}{udp} of `{}` {meet} {} of `{}`",
            text(&second),
            second.service,
            text(&first),
            first.service
        )
    };
    let both = second.last - second.first;
    let help = match first.last.checked_add(1).filter(|free| free.checked_add(both).is_some()) {
        Some(free) => format!("publish from {free} on, or another free range of {}", u32::from(both) + 1),
        None => format!("publish from another free range of {}", u32::from(both) + 1),
    };
    let finding = report
        .at(second.at, message)
        .label(first.at, format!("`{}` has {}", first.service, text(&first)))
        .help(help)
        .worst(first.last.min(second.last) - first.first.max(second.first));
    report.push(finding);
}

fn of_service(service: &Service) -> impl Iterator<Item = Range<'_>> {
    let width = service.fixed();
    let good = width > 0 && !service.broken.has(Part::Replicas) && !service.broken.has(Part::Ports);
    service.ports.iter().filter(move |_| good).filter_map(move |port| {
        let publish = port.publish?;
        let last = (u32::from(publish.value) + (width - 1).min(65_535)).min(65_535);
        Some(Range {
            service: &service.name,
            protocol: port.protocol.value,
            first: publish.value,
            last: u16::try_from(last).unwrap_or(u16::MAX),
            in_base: false,
            at: publish.place(),
        })
    })
}

/// The host ports of the base file that stay under the override.
fn of_base<'a>(context: &Context<'a>, base: &'a Base, ranges: &mut Vec<Range<'a>>) {
    let ours: HashMap<&str, &Service> =
        context.spec.services().map(|service| (service.name.as_str(), service)).collect();
    for service in &base.services {
        let own = ours.get(service.name.as_str());
        for port in &service.ports {
            let stays = own.is_none_or(|own| own.fixed() == 1 && !own.publishes(port.container, port.protocol));
            let (Some((first, last)), true) = (port.host, stays) else { continue };
            // one replica binds one port of a range, and compose takes a free one
            if first != last && port.container.0 == port.container.1 {
                continue;
            }
            let (protocol, at) = (port.protocol, port.at.place());
            ranges.push(Range { service: &service.name, protocol, first, last, in_base: true, at });
        }
    }
}

/// Of the ranges met so far of one protocol those that reach furthest. What the spec publishes is bound at every address,
/// so that a range of the base file meets it whatever address it names.
#[derive(Default)]
struct Sweep<'a> {
    spec: Option<Range<'a>>,
    base: Option<Range<'a>>,
}

impl<'a> Sweep<'a> {
    /// A range that shares a port with this one; two of the base file are its own affair.
    fn meets(&self, range: &Range<'a>) -> Option<Range<'a>> {
        let met = |other: &Range<'a>| other.last >= range.first;
        let base = if range.in_base { None } else { self.base.filter(met) };
        self.spec.filter(met).or(base)
    }

    fn add(&mut self, range: Range<'a>) {
        let furthest = if range.in_base { &mut self.base } else { &mut self.spec };
        if furthest.is_none_or(|old| range.last > old.last) {
            *furthest = Some(range);
        }
    }
}
