//! The ports of one service that a spec can hold unchanged. Knows no other field.

use super::origin::Origins;
use super::outcome::NotHeld;
use super::swarm::Reader;
use crate::inputs::Network;
use crate::inputs::base::BaseMember;
use crate::inputs::compose::project::view;
use crate::support::source::{FieldSpan, FileSpan};
use crate::syntax::{Entry, Node, Value};
use std::rc::Rc;

/// The `ports` of a layer's service, without those that an override would change.
pub(super) fn select(
    member: &BaseMember,
    ports: &Entry,
    origins: &Origins<'_>,
    reader: Reader,
    lost: &mut Vec<NotHeld>,
) -> Option<Entry> {
    let replicas = member.service.fixed().max(1);
    let mut items = Vec::new();
    let mut reported: Vec<FieldSpan> = Vec::new();
    let mut lose = |at: FieldSpan, why: &str| {
        if !reported.contains(&at) {
            reported.push(at);
            let text = origins.text(FileSpan { file: at.file, span: at.value });
            let text: String = if text.contains('\n') { String::new() } else { format!(" {text}") };
            lost.push(NotHeld {
                service: member.name.to_string(),
                why: format!("port{text}: {why}"),
                place: at.place(),
            });
        }
    };
    for port in &member.view().ports {
        if origins.is_private(FileSpan { file: port.at.file, span: port.at.value }) {
            lose(port.at, "it depends on the file of variables, of which nothing is copied");
            continue;
        }
        match inside(member, port).and_then(|()| ranges(member, port, origins)) {
            Err(why) => lose(port.at, why),
            Ok(()) => {
                let publish = match reader {
                    Reader::Swarm if port.published.is_some() => Err("a stack file over another takes no port away"),
                    _ => published(member, port, replicas),
                };
                items.extend(item(ports, port.at, publish == Ok(true)));
                if let Err(why) = publish {
                    lose(port.at, why);
                }
            }
        }
    }
    let value = Value::Seq(items);
    let node = Rc::new(Node { value, ..(*ports.node).clone() });
    (!node.items().is_empty()).then(|| Entry { node, ..ports.clone() })
}

/// Whether a spec can hold the container's port, or why not.
fn inside(member: &BaseMember, port: &view::ComposePort) -> Result<(), &'static str> {
    let meets = |one: (u16, u16), other: (u16, u16)| one.0 <= other.1 && other.0 <= one.1;
    let alike = |one: &&view::ComposePort| {
        one.protocol == port.protocol && one.target.zip(port.target).is_some_and(|(one, other)| meets(one, other))
    };
    let parts = member.view().ports.iter().filter(|other| other.at == port.at).count();
    let Some((first, last)) = port.target else { return Err("the container's port depends on a variable") };
    if parts > 1 || first != last {
        return Err("a spec has no ranges of ports");
    }
    if member.view().ports.iter().filter(alike).count() > 1 {
        return Err("a spec has one port of the machine for one of the container");
    }
    match port.protocol.as_str() {
        "tcp" | "udp" => Ok(()),
        _ => Err("a spec has tcp and udp only"),
    }
}

/// Refuses a port that is part of a written range: compose joins `90-91:90-91` and `91:91`, and an override would write the range again.
fn ranges(member: &BaseMember, port: &view::ComposePort, origins: &Origins<'_>) -> Result<(), &'static str> {
    let Some((number, _)) = port.target else { return Ok(()) };
    let within = |one: &view::ComposePort| {
        let text = origins.text(FileSpan { file: one.at.file, span: one.at.value });
        let text = text.trim_matches(['"', '\'']);
        let container = text.rsplit(':').next().and_then(|last| last.split('/').next()).unwrap_or_default();
        let ends = container.split_once('-').and_then(|(first, last)| first.parse().ok().zip(last.parse::<u16>().ok()));
        ends.is_some_and(|(first, last)| (first..=last).contains(&number))
    };
    if member.view().ports.iter().any(within) { Err("a spec has no ranges of ports") } else { Ok(()) }
}

/// Whether an override would write the machine's port unchanged, or why not; false if there is none.
fn published(member: &BaseMember, port: &view::ComposePort, replicas: u32) -> Result<bool, &'static str> {
    let Some(published) = &port.published else { return Ok(false) };
    let Some(text) = &published.value else { return Err("the port of the machine depends on a variable") };
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let (Ok(from), Ok(to)) = (from.parse::<u32>(), to.parse::<u32>()) else {
        return Err("the port of the machine cannot be read");
    };
    let shared = member.facts.network.as_ref().is_some_and(|mode| {
        matches!(mode.value, Network::Host | Network::None | Network::Service(_) | Network::Container(_))
    });
    match () {
        () if from == 0 => Err("a spec cannot leave the port of the machine to the engine by number 0"),
        () if shared => Err("it cannot be published on the network of another"),
        () if to < from || to - from + 1 != replicas => {
            Err("a spec publishes as many ports of the machine as there are replicas, which these are not")
        }
        () => Ok(true),
    }
}

/// The layer's item at a place.
fn item(ports: &Entry, at: FieldSpan, publish: bool) -> Option<Rc<Node>> {
    let item = ports.node.items().iter().find(|item| item.span == at.value && item.file == at.file)?;
    let kept = item.entries().iter().filter(|entry| publish || &*entry.key != "publish").cloned();
    Some(Rc::new(Node { value: Value::Map(kept.collect()), ..(**item).clone() }))
}
