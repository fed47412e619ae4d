//! The facts of a compose service that the spec has no field for. Knows no field.

use crate::inputs::compose::project::ProjectService;
use crate::inputs::compose::project::view::{self, ServiceView};
use crate::inputs::facts::{
    Address, AddressKind, Device, EnvOrigin, Facts, HostPort, Mount, MountKind, Network, RareFacts, ReplicationMode,
    Variable,
};
use crate::inputs::images;
use crate::inputs::text::{is_private, is_unknown, known_text, scalar};
use crate::model::{Protocol, Val};
use crate::support::source::FieldSpan;
use crate::support::thin_vec::ThinVec;
use crate::syntax::Node;
use std::collections::HashSet;

/// The facts of a service.
pub(super) fn of(service: &ProjectService, view: &ServiceView) -> Facts {
    let node = &*service.entry.node;
    let word = |key: &str| view.word(key).cloned();
    let image = view.image.as_ref();
    let rare = RareFacts {
        container_name: word("container_name"),
        hostname: word("hostname"),
        network: word("network_mode").map(|mode| Val::new(network(mode.value.as_deref()), mode.at)),
        addresses: addresses(view).into(),
        devices: devices(view).into(),
        mode: view.mode.as_ref().and_then(|mode| Some(Val::new(self::mode(mode.value.as_deref())?, mode.at))),
        most_per_machine: most_per_machine(node),
        older_keys: view.older.clone(),
        memory_and_swap: view.memory_and_swap.map(|bytes| {
            // −1 means no bound at all
            let limit = bytes.value.and_then(|bytes| u64::try_from(bytes).ok()).filter(|bytes| *bytes > 0);
            Val::new(limit, bytes.at)
        }),
    };
    Facts {
        scaler: None,
        object: None,
        at: service.entry.at(),
        runnable: view.image.is_some() || view.build.is_some(),
        host_ports: view.ports.iter().filter_map(host_port).collect(),
        mounts: view.mounts.iter().map(mount).collect(),
        words: words(node, view).into(),
        image: image.and_then(|image| images::known_image(image.value.as_deref()?)),
        profiles: view.profiles.iter().filter_map(|name| Some(Val::new(name.value.clone()?, name.at))).collect(),
        starts: service.starts,
        variables: variables(service, view).into(),
        sidecars: ThinVec::default(),
        partial: service.partial,
        rare: rare.into(),
    }
}

fn network(mode: Option<&str>) -> Network {
    let Some(mode) = mode else { return Network::Unknown };
    match mode {
        "host" => Network::Host,
        "none" => Network::None,
        _ => match (mode.strip_prefix("service:"), mode.strip_prefix("container:")) {
            (Some(name), _) => Network::Service(name.to_owned()),
            (_, Some(name)) => Network::Container(name.to_owned()),
            _ => Network::Other(mode.to_owned()),
        },
    }
}

/// Modes other than `replicated`.
fn mode(word: Option<&str>) -> Option<ReplicationMode> {
    match word {
        Some("replicated") => None,
        Some("global") => Some(ReplicationMode::Global),
        Some("replicated-job") => Some(ReplicationMode::Job),
        Some("global-job") => Some(ReplicationMode::GlobalJob),
        _ => Some(ReplicationMode::Unknown),
    }
}

fn addresses(view: &ServiceView) -> Vec<Address> {
    let kind = |key: &str| match key {
        "ipv4_address" => AddressKind::V4,
        "ipv6_address" => AddressKind::V6,
        "mac_address" => AddressKind::Mac,
        _ => AddressKind::LinkLocal,
    };
    let mut all = Vec::new();
    if let Some(mac) = view.word("mac_address") {
        all.push(Address { at: mac.at, kind: AddressKind::Mac, network: None, address: mac.value.clone() });
    }
    for network in &view.networks {
        all.extend(network.addresses.iter().map(|(key, address)| Address {
            at: address.at,
            kind: kind(key),
            network: Some(network.name.clone()),
            address: address.value.clone(),
        }));
    }
    all
}

/// First and last port of `80` or `80-82`; `None` if it is neither.
pub(super) fn port_range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some((first, last))
}

/// A port of the machine that is asked for; port 0 is any that is free.
fn host_port(port: &view::ComposePort) -> Option<HostPort> {
    let published = port.published.as_ref()?;
    let host = published.value.as_deref().and_then(port_range).filter(|(first, _)| *first > 0);
    if published.value.is_some() && host.is_none() {
        return None;
    }
    let protocol = match port.protocol.as_str() {
        "tcp" => Some(Protocol::Tcp),
        "udp" => Some(Protocol::Udp),
        _ => None,
    };
    Some(HostPort {
        at: port.at,
        host,
        unknown: published.value.is_none(),
        address: port.host_ip.as_ref().and_then(|address| address.value.clone()),
        container: port.target.unwrap_or_default(),
        protocol,
        per_machine: port.mode == "host",
    })
}

fn mount(mount: &view::ComposeMount) -> Mount {
    let text = |text: &view::WrittenText| text.as_ref().and_then(|text| text.value.clone());
    let kind = match (mount.kind.as_deref(), &mount.source) {
        (Some("volume"), Some(_)) => MountKind::Volume,
        (Some("volume"), None) => MountKind::Anonymous,
        (Some("bind"), _) => MountKind::Bind,
        (Some("tmpfs"), _) => MountKind::Tmpfs,
        _ => MountKind::Other,
    };
    Mount { at: mount.at, kind, source: text(&mount.source), target: text(&mount.target), read_only: mount.read_only }
}

fn devices(view: &ServiceView) -> Vec<Device> {
    let paths = view.devices.iter().map(|(path, at)| Device {
        at: *at,
        path: path.clone(),
        ids: Vec::new(),
        count: None,
        gpu: false,
    });
    let requests = view.requests.iter().map(|request| Device {
        at: request.at,
        path: None,
        ids: request.ids.clone(),
        count: request.count.and_then(|count| u32::try_from(count.value?).ok()),
        gpu: request.is_gpu(),
    });
    paths.chain(requests).collect()
}

fn most_per_machine(service: &Node) -> Option<Val<Option<u32>>> {
    let placement = service.get("deploy").and_then(|entry| entry.node.get("placement"))?;
    let entry = placement.node.get("max_replicas_per_node")?;
    let most = known_text(&entry.node).and_then(|text| text.parse().ok());
    // 0 is not a bound
    (most != Some(0)).then(|| Val::new(most, entry.at()))
}

/// The known words, each with its place. Words from a file of variables are left out, because they may be secrets.
fn words(service: &Node, view: &ServiceView) -> Vec<Val<String>> {
    let mut all = Vec::new();
    for (key, words) in [("entrypoint", &view.entrypoint), ("command", &view.command)] {
        let Some(entry) = service.get(key) else { continue };
        let items = entry.node.items();
        if items.is_empty() && !is_private(&entry.node) {
            let split = words.as_ref().and_then(|words| words.value.as_ref()).into_iter().flatten();
            all.extend(split.map(|word| Val::new(word.clone(), entry.at())));
        }
        for item in items.iter().filter(|item| !is_private(item)) {
            all.extend(known_text(item).map(|word| Val::new(word.to_owned(), item.at())));
        }
    }
    all
}

/// The variables, each name once; what is written wins over files, a later file over an earlier one.
fn variables(service: &ProjectService, view: &ServiceView) -> Vec<Variable> {
    let mut all = Vec::new();
    let mut known: HashSet<&str> = HashSet::new();
    let written = service.entry.node.get("environment").map_or(&[][..], |entry| entry.node.entries());
    for (entry, (name, value)) in written.iter().zip(&view.environment) {
        known.insert(name);
        let origin = match scalar(&entry.node) {
            None => EnvOrigin::PassedThrough,
            Some(_) if is_empty_unless_set(&entry.node, value) => EnvOrigin::EmptyUnlessSet,
            Some(_) => EnvOrigin::Written,
        };
        all.push(Variable { name: name.clone(), at: entry.at(), origin });
    }
    for variable in service.from_files.iter().rev() {
        if known.insert(&variable.name) {
            let at: FieldSpan = variable.at;
            all.push(Variable { name: variable.name.clone(), at, origin: EnvOrigin::File });
        }
    }
    all
}

/// Whether a value becomes empty while a variable is unset: it is all unknown, or empty although something is written.
fn is_empty_unless_set(node: &Node, value: &Val<Option<String>>) -> bool {
    let all_unknown = is_unknown(node) && node.text.chars().all(|c| c == crate::inputs::text::UNKNOWN);
    let empty_default = value.value.as_deref() == Some("") && node.span.len() > 2;
    all_unknown || empty_default
}
