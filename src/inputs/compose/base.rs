//! A compose project that a spec is laid over: its layer, and what each of its services says by itself. Knows no rule and no target.

use super::convert::layer;
use super::interpolate::empty_when_unset;
use super::mentions::{self, Mention, Mentions};
use super::project::view::ServiceView;
use super::project::{self, ProjectRequest, ProjectService};
use crate::inputs::facts::{EnvOrigin, Facts, Mount, MountKind};
use crate::inputs::files::{InputFiles, ReadFiles};
use crate::inputs::images::KnownImage;
use crate::inputs::layer::Layer;
use crate::inputs::merge::{MergeCache, lay_over};
use crate::model::{self, Backing, LoweredBefore, Service};
use crate::support::diagnostic::Finding;
use crate::support::source::{FieldSpan, FileId, Source};
use crate::syntax::{Entry, Node, ParseMode, Style, Value, no_text, parse};
use serde_json::Value as Json;
use std::collections::HashMap;
use std::rc::Rc;

/// One base of a run.
#[derive(Debug)]
pub struct BaseProject {
    /// Its files as the spec names them, for messages.
    pub name: String,
    /// What it says, in the vocabulary of the spec.
    pub layer: Layer,
    /// Its services, in the order of the layer.
    pub services: Vec<BaseMember>,
    /// What is wrong with its files.
    pub findings: Vec<Finding>,
    index: HashMap<String, usize>,
    /// Where names of containers and addresses stand in other services.
    mentions: Mentions,
}

/// One service of a base, as it is without the spec.
#[derive(Debug)]
pub struct BaseMember {
    /// Its key.
    pub name: String,
    /// What the spec has no field for.
    pub facts: Facts,
    /// What it says, read as the spec is read.
    pub service: Rc<Service>,
    /// The same for a spec that has a backing service of this name.
    pub backing: Option<Backing>,
    /// Its keys in compose's own words, merged.
    pub project: ProjectService,
    /// The same in types.
    pub view: ServiceView,
    /// The items of its `ports` word for word, each with its place: an override that replaces the list keeps them.
    pub written_ports: Vec<(FieldSpan, Json)>,
}

impl BaseProject {
    /// Reads a project and what it says.
    #[must_use]
    pub fn read(request: &ProjectRequest, files: &dyn ReadFiles, into: &mut InputFiles) -> BaseProject {
        let mut project = project::read(request, files, into);
        let findings = std::mem::take(&mut project.findings);
        let mut layer = layer(&project);
        for service in &mut layer.services {
            settle_variables(&mut service.facts, into);
        }
        let alone = alone(&layer);
        let names: Vec<&str> = request.files.iter().map(|file| file.path.as_str()).collect();
        let members = project.services.iter().zip(&layer.services).zip(alone);
        let services: Vec<BaseMember> = members
            .map(|((own, layer), (service, backing))| BaseMember {
                name: own.entry.key.to_string(),
                facts: layer.facts.clone(),
                service,
                backing,
                view: ServiceView::of(&own.entry.node),
                written_ports: written_ports(own, into),
                project: own.clone(),
            })
            .collect();
        let index = services.iter().enumerate().map(|(index, service)| (service.name.clone(), index)).collect();
        let mentions = mentions::of(&services);
        BaseProject { name: names.join(", "), layer, services, findings, index, mentions }
    }

    /// The service with this name.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&BaseMember> {
        self.index.get(name).and_then(|index| self.services.get(*index))
    }

    /// Whether a file of it could not be read: services that it lacks may stand there.
    #[must_use]
    pub fn partial(&self) -> bool {
        self.layer.partial
    }
}

impl BaseMember {
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
    /// Where another service than `owner` names something of it by this text: its container, its address. Addresses with
    /// colons are not looked for.
    #[must_use]
    pub fn named_elsewhere(&self, owner: &BaseMember, text: &str) -> Option<FieldSpan> {
        // what is called like the service is found by the service's name too
        let everywhere = owner.name != text;
        let owner = self.index.get(&owner.name).copied();
        let mentions = self.mentions.get(text)?;
        let other = |mention: &&Mention| Some(mention.service) != owner && (everywhere || mention.by_key);
        mentions.iter().find(other).map(|mention| mention.at)
    }
}

/// Whether what is mounted holds the data of an image, and all replicas share it.
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

/// `${NAME:?why}` is no empty text while nobody sets the variable: compose stops.
fn settle_variables(facts: &mut Facts, files: &InputFiles) {
    for variable in facts.variables.iter_mut().filter(|variable| variable.origin == EnvOrigin::EmptyUnlessSet) {
        let source = files.get(variable.at.file).map(|file| &file.source);
        let text = source.and_then(|source| slice(source, variable.at)).unwrap_or_default();
        // `- NAME=${OTHER:-}` stands there whole
        let value = text.trim_matches(['"', '\'']);
        let value = value.strip_prefix(&format!("{}=", variable.name)).unwrap_or(value);
        if !empty_when_unset(value) {
            variable.origin = EnvOrigin::Written;
        }
    }
}

fn slice(source: &Source, at: FieldSpan) -> Option<&str> {
    source.text.get(at.value.start as usize..at.value.end as usize)
}

/// What each service of a layer says without a spec: as a service, and as a backing service.
fn alone(layer: &Layer) -> Vec<(Rc<Service>, Option<Backing>)> {
    let section = |key: &str, entries: Vec<Entry>| {
        let first = entries.first().cloned()?;
        Some(Entry { key: Rc::from(key), node: mapping(entries), ..first })
    };
    let nothing = mapping(Vec::new());
    let services = lay_over(layer, &nothing, &mut MergeCache::default()).tree;
    let services = model::lower(&services, &mut LoweredBefore::default()).spec.services;
    let backing = layer.services.iter().filter_map(|service| service.backing.clone()).collect();
    let backing = mapping(section("backingServices", backing).into_iter().collect());
    let backing = model::lower(&backing, &mut LoweredBefore::default()).spec.backing;
    let mut backing = backing.into_iter();
    let each = services.into_iter().zip(&layer.services);
    each.map(|(service, own)| (service, own.backing.as_ref().and_then(|_| backing.next()))).collect()
}

fn mapping(entries: Vec<Entry>) -> Rc<Node> {
    let first = entries.first();
    let (file, span) = first.map_or_else(Default::default, |first| (first.file, first.node.span));
    let value = Value::Map(entries);
    Rc::new(Node { file, span, value, text: no_text(), style: Style::Block, tag: None, weight: 1 })
}

/// The items of `ports` as they are written, their variables included.
fn written_ports(service: &ProjectService, files: &InputFiles) -> Vec<(FieldSpan, Json)> {
    let items = service.entry.node.get("ports").map_or(&[][..], |entry| entry.node.items());
    let mut all: Vec<(FieldSpan, Json)> = Vec::new();
    for item in items {
        // the ports of a range stand in one place
        if all.last().is_none_or(|(at, _)| *at != item.at()) {
            all.push((item.at(), as_written(item, files).unwrap_or_else(|| item.to_json())));
        }
    }
    all
}

/// A value as its text says it, before variables and other forms.
fn as_written(node: &Node, files: &InputFiles) -> Option<Json> {
    let source = &files.get(node.file)?.source;
    let (start, end) = (node.span.start as usize, node.span.end as usize);
    let line = source.text.get(..start)?.rfind(['\n', '\r']).map_or(0, |end| end + 1);
    // the lines of a block stand as far in as its first
    let before = " ".repeat(source.text.get(line..start)?.chars().count());
    let text = format!("{before}{}", source.text.get(start..end)?);
    let parsed = parse(FileId::default(), &Source::new("", text), ParseMode::Base);
    let whole = parsed.findings.is_empty();
    parsed.root.filter(|_| whole).map(|root| root.to_json())
}
