//! Host ports that two services want. Ranges are as wide as the replicas written; the base file's ports count too.

use super::{Context, Group, Meta, Report};
use crate::inputs::base::{BaseMember, BaseProject};
use crate::inputs::compose::range_text;
use crate::model::intervals::{self, Interval};
use crate::model::{Protocol, Service, ServiceField};
use crate::support::diagnostic::Severity;
use crate::support::source::FileSpan;
use std::collections::HashMap;

pub(super) const META: Meta = Meta {
    id: "port-collision",
    severity: Severity::Error,
    group: Group::Network,
    suppressible: true,
    check: Some(check),
};

/// Host ports of one service.
#[derive(Clone, Copy)]
struct PortRange<'a> {
    service: &'a str,
    protocol: Protocol,
    first: u16,
    last: u16,
    /// Whether it is in the base file.
    in_base: bool,
    /// Its service in the base file.
    member: Option<&'a BaseMember>,
    /// The machine's address that it is bound to; `None` for all.
    address: Option<&'a str>,
    at: FileSpan,
}

impl PortRange<'_> {
    fn text(&self) -> String {
        range_text((self.first, self.last))
    }
}

/// Ranges that a message names; all are labelled.
const MAX_NAMED: usize = 6;

fn check(context: &Context<'_>, report: &mut Report) {
    let member = |service: &Service| context.base.and_then(|base| base.service(&service.name));
    let mut ranges: Vec<PortRange<'_>> =
        context.spec.services().flat_map(|service| of_service(service, member(service))).collect();
    if let Some(base) = context.base {
        of_base(context, base, &mut ranges);
    }
    // the service written later should change; a port of the base file stays
    ranges.sort_by_key(|range| (range.protocol, !range.in_base, range.at));
    for ranges in ranges.chunk_by(|one, next| one.protocol == next.protocol) {
        let of = |(owner, range): (usize, &PortRange<'_>)| Interval {
            start: range.first.into(),
            end: i64::from(range.last) + 1,
            owner,
        };
        let meetings = intervals::meetings(ranges.iter().enumerate().map(of).collect());
        let mut taken = TakenPorts::of(ranges);
        for met in meetings.chunk_by(|one, next| one.second == next.second) {
            let Some(second) = met.first().and_then(|met| ranges.get(met.second)) else { continue };
            let met: Vec<&PortRange<'_>> = met.iter().filter_map(|met| ranges.get(met.first)).collect();
            let met: Vec<&PortRange<'_>> = met.into_iter().filter(|first| stand_together(first, second)).collect();
            if met.is_empty() {
                continue;
            }
            push(report, second, &met, &mut taken);
        }
    }
}

fn push(report: &mut Report, second: &PortRange<'_>, met: &[&PortRange<'_>], taken: &mut TakenPorts) {
    let (own, other): (Vec<&PortRange<'_>>, Vec<&PortRange<'_>>) =
        met.iter().partition(|first| first.service == second.service);
    let is_single = |range: &PortRange<'_>| range.first == range.last;
    let ports = if is_single(second) { "port" } else { "ports" };
    let udp = if second.protocol == Protocol::Udp { " (udp)" } else { "" };
    let mut texts: Vec<String> = own.iter().map(|first| format!("its own {}", first.text())).collect();
    texts.extend(other.iter().map(|first| format!("{} of `{}`", first.text(), first.service)));
    if texts.len() > MAX_NAMED {
        let more = texts.len() - MAX_NAMED;
        texts.truncate(MAX_NAMED);
        texts.push(format!("{more} more"));
    }
    // a port that collides with one of its own service is one of several
    let meet = if is_single(second) && own.is_empty() { "meets" } else { "meet" };
    let waits = std::iter::once(&second).chain(met).find_map(|range| started_by(range));
    let when = waits.map(|profile| format!(" once the compose profile `{profile}` is started")).unwrap_or_default();
    let message =
        format!("host {ports} {}{udp} of `{}` {meet} {}{when}", second.text(), second.service, listed(&texts));
    let width = second.last - second.first;
    let help = match met.first().and_then(|first| taken.take(first.last, width)) {
        Some(free) if width == 0 => format!("publish {free}, or another free port"),
        Some(free) => format!("publish from {free} on, or another free range of {}", u32::from(width) + 1),
        None if width == 0 => "publish another free port".to_owned(),
        None => format!("publish from another free range of {}", u32::from(width) + 1),
    };
    let shared = met.iter().map(|first| i128::from(first.last.min(second.last) - first.first.max(second.first)) + 1);
    let mut finding = report.at(second.at, message).help(help).rank(shared.sum::<i128>());
    for first in met {
        finding = finding.label(first.at, format!("`{}` has {}", first.service, first.text()));
    }
    report.push(finding);
}

/// Whether two ranges can be asked for at once on one address. Services that share no compose profile may never run together. A
/// service without a profile always runs, so it runs beside one with a profile as well; where both begin at one port they are
/// taken as two forms of one service, of which somebody starts one by its name.
fn stand_together(one: &PortRange<'_>, other: &PortRange<'_>) -> bool {
    let (Some(first), Some(second)) = (one.member, other.member) else { return true };
    let together = match (first.facts.profiles.is_empty(), second.facts.profiles.is_empty()) {
        (true, true) => true,
        (false, false) => first.name == second.name || first.runs_beside(second),
        _ => one.first != other.first,
    };
    // what the spec publishes is bound at every address
    if !one.in_base || !other.in_base {
        return together;
    }
    let same = match (one.address, other.address) {
        (Some(one), Some(other)) => meet(one, other),
        _ => true,
    };
    // the items of one service are one list, which compose takes out of two files
    same && together && (first.name != second.name || one.at.file == other.at.file)
}

/// The compose profile that a service waits for; `None` if a plain `up` starts it.
fn started_by<'a>(range: &PortRange<'a>) -> Option<&'a str> {
    range.member?.facts.profiles.iter().next().map(|name| name.value.as_str())
}

/// Whether two addresses of a machine have one in common. The engine's sockets of IPv6 take nothing of IPv4 (moby,
/// `osallocator_linux.go`: `IPV6_V6ONLY`).
fn meet(one: &str, other: &str) -> bool {
    let bare = |address: &str| address.trim_start_matches('[').trim_end_matches(']').to_owned();
    let (one, other) = (bare(one), bare(other));
    let everywhere = |address: &str| matches!(address, "0.0.0.0" | "::");
    one == other || (one.contains(':') == other.contains(':') && (everywhere(&one) || everywhere(&other)))
}

/// `a, b and c`.
fn listed(texts: &[String]) -> String {
    match texts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => texts.concat(),
    }
}

/// The host ports of one protocol that are taken: ranges in order that do not overlap.
struct TakenPorts(Vec<(u16, u16)>);

impl TakenPorts {
    fn of(ranges: &[PortRange<'_>]) -> TakenPorts {
        let mut all: Vec<(u16, u16)> = ranges.iter().map(|range| (range.first, range.last)).collect();
        all.sort_unstable();
        let mut taken: Vec<(u16, u16)> = Vec::new();
        for (first, last) in all {
            match taken.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => taken.push((first, last)),
            }
        }
        TakenPorts(taken)
    }

    /// Like [`TakenPorts::free`], but also takes the ports, so that each of several findings names another range.
    fn take(&mut self, after: u16, more: u16) -> Option<u16> {
        let first = self.free(after, more)?;
        let index = self.0.partition_point(|(_, last)| *last < first);
        self.0.insert(index, (first, first.checked_add(more)?));
        Some(first)
    }

    /// The first port above this one from which enough ports are free.
    fn free(&self, after: u16, more: u16) -> Option<u16> {
        let mut free = after.checked_add(1)?;
        let from = self.0.partition_point(|(_, last)| *last < free);
        for (first, last) in self.0.iter().skip(from) {
            if free.checked_add(more)? < *first {
                break;
            }
            free = last.checked_add(1)?;
        }
        free.checked_add(more).map(|_| free)
    }
}

fn of_service<'a>(service: &'a Service, member: Option<&'a BaseMember>) -> impl Iterator<Item = PortRange<'a>> {
    let width = service.fixed();
    let good =
        width > 0 && !service.broken.has(ServiceField::Replicas) && !service.broken.is_faulty(ServiceField::Ports);
    service.ports.iter().filter(move |_| good).filter_map(move |port| {
        // the published ports of the base are read from the base
        let publish = port.publish.filter(|publish| publish.is_of_spec())?;
        let last = (u32::from(publish.value) + (width - 1).min(65_535)).min(65_535);
        Some(PortRange {
            service: &service.name,
            protocol: port.protocol.value,
            first: publish.value,
            last: u16::try_from(last).unwrap_or(u16::MAX),
            in_base: false,
            member,
            address: None,
            at: publish.place(),
        })
    })
}

/// How many replicas run of a service that no spec is laid over; `None` if unknown.
fn fixed_replicas(member: &BaseMember, service: Option<&Service>) -> u32 {
    let known = service.filter(|service| !service.broken.has(ServiceField::Replicas));
    known.filter(|_| member.facts.mode.is_none()).map_or(0, Service::fixed)
}

/// The host ports of the base file that stay under the override. What the spec publishes is bound at every address, so that a
/// range of the base file meets it whatever address it names.
fn of_base<'a>(context: &Context<'a>, base: &'a BaseProject, ranges: &mut Vec<PortRange<'a>>) {
    let ours: HashMap<&str, &Service> = context.spec.services().map(|service| (&*service.name, service)).collect();
    for member in &base.services {
        let own = ours.get(&*member.name).filter(|own| !own.is_base_only());
        for port in &member.facts.host_ports {
            let Some(protocol) = port.protocol else { continue };
            let stays = own.is_none_or(|own| own.fixed() == 1 && !own.publishes(port.container, protocol));
            let (Some((first, last)), true) = (port.host, stays) else { continue };
            // one replica binds one port of a range, and compose takes a free one
            let wide = u32::from(last - first) + 1;
            let all = fixed_replicas(member, ours.get(&*member.name).copied()) >= wide;
            if first != last && port.container.0 == port.container.1 && !all {
                continue;
            }
            let (service, address) = (&*member.name, port.address.as_deref());
            let (member, at) = (Some(member), port.at.place());
            ranges.push(PortRange { service, protocol, first, last, in_base: true, member, address, at });
        }
    }
}
