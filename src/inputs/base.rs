//! The project of another tool that a spec is laid over, or that is checked without a spec: as a layer, and as single services.
//!
//! Knows no rule and no target, and of formats only what compose alone has.

use super::compose::project::ProjectService;
use super::compose::project::view::ServiceView;
use super::facts::{Facts, Mount, MountKind, Sidecar};
use super::files::Unread;
use super::helm::chart_base::ChartBase;
use super::images::{self, KnownImage};
use super::kubernetes::ManifestSet;
use super::layer::Layer;
use super::merge::{MergeCache, lay_over};
use crate::model::placement::Load;
use crate::model::quantity::{Cpu, Memory};
use crate::model::{self, Backing, BaseScaler, LoweredBefore, Service};
use crate::support::diagnostic::Finding;
use crate::support::source::{FieldSpan, FileSpan};
use crate::support::thin_vec::ThinVec;
use crate::syntax::{Entry, Node, Style, Value, no_text};
use serde_json::Value as Json;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::LazyLock;

/// One base of a run.
#[derive(Debug)]
pub struct BaseProject {
    /// Its files as the spec names them, for messages.
    pub name: String,
    /// Its values, in the vocabulary of the spec.
    pub layer: Layer,
    /// Its services, in the order of the layer.
    pub services: Vec<BaseMember>,
    /// What is wrong with its files.
    pub findings: Vec<Finding>,
    /// Its objects, if its files are manifests.
    pub manifests: Option<Box<ManifestSet>>,
    /// Its chart, where it is one of values.
    pub chart: Option<Box<ChartBase>>,
    /// The file word for word, where its format has no overlays, so that a target writes it again with other values: a convox.yml.
    pub written: Option<Rc<Node>>,
    /// Files that a command line named and that could not be read.
    pub unread: Vec<(String, Unread)>,
    /// Parts that are switched off, each as the project would be if it were on.
    pub latent: Vec<LatentPart>,
    index: HashMap<Rc<str>, usize>,
    /// What was merged and lowered of it by itself, for a run that lays a spec over it.
    alone: (MergeCache, LoweredBefore),
    /// Where other services name containers and addresses.
    pub(super) mentions: Mentions,
}

/// A part of the files that is switched off, as if it were on.
#[derive(Debug)]
pub struct LatentPart {
    /// The switch that is off.
    pub switch: LatentSwitch,
    /// The project with the part on.
    pub project: BaseProject,
}

/// A switch that turns a part of a file on.
#[derive(Clone, Debug)]
pub struct LatentSwitch {
    /// The condition, for people: `autoscaling.enabled` is true.
    pub condition: String,
    /// The place of the switch; if it is not written, the place of the part.
    pub at: FileSpan,
    /// The bytes of the part that is off.
    pub part: Vec<FileSpan>,
}

impl LatentSwitch {
    /// Whether a place is in the part that is off.
    #[must_use]
    pub fn holds(&self, place: FileSpan) -> bool {
        self.part.iter().any(|part| part.file == place.file && part.span.contains(place.span))
    }
}

/// One service of a base, without the spec.
#[derive(Debug)]
pub struct BaseMember {
    /// Its key.
    pub name: Rc<str>,
    /// What the spec has no field for.
    pub facts: Rc<Facts>,
    /// What it says, read as the spec is read.
    pub service: Rc<Service>,
    /// The same for a spec that has a backing service of this name.
    pub backing: Option<Box<Backing>>,
    /// Its keys in compose's own words, merged; of other formats what the layer says.
    pub project: ProjectService,
    /// Whether these are compose's words.
    pub(super) in_compose: bool,
    /// The same in compose's types, read when it is first asked for: of thousands of services few are.
    view: OnceCell<Box<ServiceView>>,
    /// The items of its `ports` in compose word for word, each with its place: an override that replaces the list keeps them.
    pub written_ports: ThinVec<(FieldSpan, Json)>,
    /// The command of a known server in compose word for word, under a spec: an override that changes one flag keeps the others.
    pub written_command: Option<Box<Json>>,
}

impl BaseMember {
    /// Whether two services surely run at once: neither has a profile of compose, or they share one. A profile that came to both from one
    /// that they extend tells nothing where one of them has another of its own: then they are variants.
    #[must_use]
    pub fn runs_beside(&self, other: &BaseMember) -> bool {
        let (own, others) = (&self.facts.profiles, &other.facts.profiles);
        if own.is_empty() || others.is_empty() {
            return own.is_empty() && others.is_empty();
        }
        let shared = || own.iter().flat_map(|name| others.iter().map(move |other| (name, other)));
        let mut shared = shared().filter(|(name, other)| name.value == other.value).peekable();
        let is_one_of_several = own.len() > 1 || others.len() > 1;
        shared.peek().is_some() && !(is_one_of_several && shared.all(|(name, other)| name.at == other.at))
    }
}

/// One place that names something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mention {
    /// The service that names it, by its index.
    pub(super) service: usize,
    /// Where.
    pub(super) at: FieldSpan,
    /// Whether a key names it, and not a text that happens to hold it.
    pub(super) by_key: bool,
}

/// Mentions by the text that is named. Of each kind at most one in each of two services, so that one of them is not the owner's.
pub(super) type Mentions = HashMap<String, Vec<Mention>>;

impl BaseProject {
    /// A project made of its layer and the faults of its files. `name` stands for its files in messages.
    #[must_use]
    pub fn of(name: String, layer: Layer, findings: Vec<Finding>) -> BaseProject {
        let mut caches = (MergeCache::default(), LoweredBefore::default());
        let members = layer.services.iter().zip(alone(&layer, &mut caches));
        let services: Vec<BaseMember> = members
            .map(|(layer, (service, backing))| BaseMember {
                name: Rc::clone(&layer.service.key),
                facts: Rc::clone(&layer.facts),
                service,
                backing,
                project: ProjectService {
                    entry: layer.service.clone(),
                    from_files: ThinVec::default(),
                    partial: layer.facts.partial,
                    starts: layer.facts.starts,
                },
                in_compose: false,
                view: OnceCell::new(),
                written_ports: ThinVec::default(),
                written_command: None,
            })
            .collect();
        let keys = layer.services.iter().map(|layer| Rc::clone(&layer.service.key));
        let index = keys.enumerate().map(|(index, key)| (key, index)).collect();
        let (unread, mentions) = (Vec::new(), Mentions::new());
        let latent = Vec::new();
        let (manifests, chart, written) = (None, None, None);
        BaseProject {
            name,
            layer,
            services,
            findings,
            manifests,
            chart,
            written,
            unread,
            latent,
            index,
            alone: caches,
            mentions,
        }
    }

    /// The service with this name.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&BaseMember> {
        self.index.get(name).and_then(|index| self.services.get(*index))
    }

    /// Adds what the other containers of each replica reserve to its services: requests, else limits.
    pub fn add_sidecars(&self, services: &mut [Rc<Service>]) {
        for service in services {
            let own = self.service(&service.name).map_or(&[][..], |member| &member.facts.sidecars);
            if !own.is_empty() {
                Rc::make_mut(service).beside = reserved(own);
            }
        }
    }

    /// Hands over what was merged and lowered of it by itself, so that it is not held twice: services that a spec leaves as they
    /// are stay the same.
    pub fn hand_over(&mut self, merged: &mut MergeCache, lowered: &mut LoweredBefore) {
        let (own_merged, own_lowered) = std::mem::take(&mut self.alone);
        merged.append(own_merged);
        lowered.take_in(own_lowered);
    }

    /// What changes numbers of replicas, by service.
    #[must_use]
    pub fn scalers(&self) -> Vec<(String, BaseScaler)> {
        let of = |member: &BaseMember| Some((member.name.to_string(), member.facts.scaler?));
        self.services.iter().filter_map(of).collect()
    }

    /// For messages: ` of docker-compose.yml`. Manifests are told by their places: a set of them has no name.
    #[must_use]
    pub fn of_files(&self) -> String {
        if self.manifests.is_some() { String::new() } else { format!(" of {}", self.name) }
    }

    /// The setting that makes a mount read-only, in the format's own words.
    #[must_use]
    pub fn read_only_words(&self) -> &'static str {
        if self.manifests.is_some() { "readOnly: true" } else { ":ro" }
    }

    /// Whether one of its files could not be read: services that it lacks may be there.
    #[must_use]
    pub fn partial(&self) -> bool {
        self.layer.partial
    }
}

impl BaseMember {
    /// Its keys in compose's types; nothing for other formats.
    #[must_use]
    pub fn view(&self) -> &ServiceView {
        static NOTHING: LazyLock<ServiceView> = LazyLock::new(ServiceView::default);
        if !self.in_compose {
            return &NOTHING;
        }
        self.view.get_or_init(|| Box::new(ServiceView::of(&self.project.entry.node)))
    }

    /// Whether an override writes the number of replicas of an effective service: the spec says one, and the base another or none.
    #[must_use]
    pub fn changes_replicas(&self, service: &Service) -> bool {
        let own = self.service.replicas.written.then(|| self.service.fixed());
        let several_modes = self.facts.mode.is_some();
        !several_modes && service.replicas_of_spec().is_some_and(|number| own != Some(number))
    }

    /// Whether a variable is written in a list (`- NAME=value`), out of which compose takes nothing.
    #[must_use]
    pub fn lists_variable(&self, name: &str) -> bool {
        let variables = self.project.entry.node.get("environment");
        let written = variables.and_then(|variables| variables.node.get(name));
        // an item of a list has no key of its own
        written.is_some_and(|entry| entry.key_span == entry.node.span)
    }
}

impl BaseProject {
    /// A place where a service other than `owner` mentions this text, which is one of its container names or addresses. Addresses with
    /// colons are not looked for.
    #[must_use]
    pub fn named_elsewhere(&self, owner: &BaseMember, text: &str) -> Option<FieldSpan> {
        // a container named like its service is found by the service's name too
        let everywhere = *owner.name != *text;
        let owner = self.index.get(&*owner.name).copied();
        let mentions = self.mentions.get(text)?;
        let other = |mention: &&Mention| Some(mention.service) != owner && (everywhere || mention.by_key);
        mentions.iter().find(other).map(|mention| mention.at)
    }
}

/// Whose data a mount holds that all replicas share: that of the image, or, if that is not known, of the image that the folder tells.
#[must_use]
pub fn data_of(image: Option<&'static KnownImage>, mount: &Mount) -> Option<&'static KnownImage> {
    let folder = || images::of_data_folder(mount.target.as_deref()?.trim_end_matches('/'));
    let image = image.or_else(folder)?;
    is_data(image, mount).then_some(image)
}

/// Whether a mount holds the data of the image and all replicas share it.
#[must_use]
pub fn is_data(image: &KnownImage, mount: &Mount) -> bool {
    let shared = matches!(mount.kind, MountKind::Volume | MountKind::Bind) && !mount.read_only;
    let bare = |path: &str| path.trim_end_matches('/').to_owned();
    let Some(target) = mount.target.as_deref().map(bare).filter(|_| shared) else { return false };
    let holds = |path: &str| {
        let path = bare(path);
        path == target || path.strip_prefix(&target).is_some_and(|rest| rest.starts_with('/'))
    };
    image.data.iter().any(|path| holds(path))
}

/// The sum of what containers reserve.
fn reserved(sidecars: &[Sidecar]) -> Load {
    let of = |sidecar: &Sidecar, key: &str| {
        let part = |side: &str| Some(sidecar.resources.as_ref()?.node.get(side)?.node.get(key)?.node.text.to_string());
        part("requests").or_else(|| part("limits"))
    };
    sidecars.iter().fold(Load::default(), |sum, sidecar| {
        let cpu = of(sidecar, "cpu").and_then(|text| Cpu::parse(&text).ok()).map_or(0, |cpu| cpu.0);
        let memory = of(sidecar, "memory").and_then(|text| Memory::parse(&text).ok()).map_or(0, |memory| memory.bytes);
        Load { cpu: sum.cpu.saturating_add(cpu), memory: sum.memory.saturating_add(memory), gpu: sum.gpu }
    })
}

/// What each service of a layer says without a spec: as a service, and as a backing service.
fn alone(
    layer: &Layer,
    (merged, lowered): &mut (MergeCache, LoweredBefore),
) -> Vec<(Rc<Service>, Option<Box<Backing>>)> {
    let section = |key: &str, entries: Vec<Entry>| {
        let first = entries.first().cloned()?;
        Some(Entry { key: Rc::from(key), node: mapping(entries), ..first })
    };
    let nothing = mapping(Vec::new());
    let services = lay_over(layer, &nothing, merged).tree;
    let services = model::lower(&services, lowered).spec.services;
    let backing = layer.services.iter().filter_map(|service| service.backing.as_deref().cloned()).collect();
    let backing = mapping(section("backingServices", backing).into_iter().collect());
    let backing = model::lower(&backing, &mut LoweredBefore::default()).spec.backing;
    let mut backing = backing.into_iter();
    let each = services.into_iter().zip(&layer.services);
    each.map(|(service, own)| (service, own.backing.as_ref().and_then(|_| backing.next()).map(Box::new))).collect()
}

fn mapping(entries: Vec<Entry>) -> Rc<Node> {
    let first = entries.first();
    let (file, span) = first.map_or_else(Default::default, |first| (first.file, first.node.span));
    let value = Value::Map(entries);
    Rc::new(Node { file, span, value, text: no_text(), style: Style::Block, tag: None, weight: 1 })
}
