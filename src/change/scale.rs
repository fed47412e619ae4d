//! Turns a request for one service (`2 replicas of 512Mi`) into changes of its spec. Knows the spec's fields, no bytes
//! and no files.

use crate::inputs::spec::edit::{EditValue, FieldChange, Refusal, change};
use crate::inputs::spec::models::models;
use crate::model::quantity::{Cpu, Memory};
use crate::model::{Service, Spec};
use crate::support::diagnostic::SPEC;
use crate::support::source::Source;
use crate::syntax::{self, Node, ParseMode};
use std::rc::Rc;

/// The requested values of one service; unset fields stay.
#[derive(Clone, Debug, Default)]
pub struct ScaleRequest {
    /// The service's key.
    pub service: String,
    /// The profile whose overlay is changed; `None` changes the base.
    pub profile: Option<String>,
    /// A fixed number of replicas: both ends of a range.
    pub count: Option<u32>,
    /// Least replicas.
    pub min: Option<u32>,
    /// Most replicas.
    pub max: Option<u32>,
    /// Request of cores, as it will be written.
    pub cpu: Option<String>,
    /// Request of memory, as it will be written.
    pub memory: Option<String>,
    /// Work one replica does at once.
    pub concurrency: Option<u32>,
}

/// The spec with the request written into it.
#[derive(Clone, Debug)]
pub struct Scaled {
    /// The whole text.
    pub text: String,
    /// What else was changed, or contradicts the request: lowercase, no full stop.
    pub notes: Vec<String>,
}

/// Why nothing can be changed.
#[derive(Clone, Debug)]
pub enum Stopped {
    /// No spec can be read from the text; `lint` says where it is wrong.
    Unreadable,
    /// No profile of that name; those there are.
    UnknownProfile(Vec<String>),
    /// No service of that name; those there are.
    UnknownService(Vec<String>),
    /// The name belongs to a backing service.
    Backing,
    /// The text there cannot be changed without touching something else.
    Refused(Refusal),
}

/// Writes a request into a spec. Checks names only: the caller lints the result.
///
/// # Errors
/// See [`Stopped`].
pub fn scale(text: &str, request: &ScaleRequest) -> Result<Scaled, Stopped> {
    let parsed = syntax::parse(SPEC, &Source::new("", text), ParseMode::Spec);
    let root = parsed.root.filter(|_| parsed.findings.is_empty()).ok_or(Stopped::Unreadable)?;
    let all = models(text.as_bytes());
    let Some((_, spec)) = all.iter().find(|(profile, _)| *profile == request.profile) else {
        return Err(Stopped::UnknownProfile(all.into_iter().filter_map(|(profile, _)| profile).collect()));
    };
    let service = find(spec, &request.service)?;
    let layer = EditedLayer::of(&root, request);
    let mut notes = Vec::new();
    let mut changes = layer.replicas(service, request);
    changes.extend(layer.concurrency(request));
    changes.extend(layer.cpu(service, request, &mut notes));
    changes.extend(layer.memory(service, request, &mut notes));
    let asks = request.count.is_some() || request.min.is_some() || request.max.is_some();
    if asks && !service.schedule.is_empty() {
        let count = service.schedule.len();
        let windows = if count == 1 { "its window keeps its" } else { "its windows keep their" };
        notes.push(format!("the base bounds change; {windows} own: {count} in `schedule`"));
    }
    let text = change(text, &changes).map_err(Stopped::Refused)?;
    if asks {
        notes.extend(profiles_that_keep_theirs(&text, request));
    }
    Ok(Scaled { text, notes })
}

/// The other profiles that keep a number of replicas of their own.
fn profiles_that_keep_theirs(text: &str, request: &ScaleRequest) -> Option<String> {
    let all = models(text.as_bytes());
    let replicas = |spec: &Spec| {
        let service = find(spec, &request.service).ok()?;
        Some((service.replicas.min.value, service.replicas.max.value))
    };
    let (_, requested) = all.iter().find(|(profile, _)| *profile == request.profile)?;
    let requested = replicas(requested)?;
    let others = all.iter().filter_map(|(profile, spec)| {
        let (min, max) = replicas(spec).filter(|own| *own != requested)?;
        let number = if min == max { min.to_string() } else { format!("{min}-{max}") };
        Some(format!("{} ({number})", profile.as_deref()?))
    });
    let others: Vec<String> = others.collect();
    let keep = if others.len() == 1 { "a profile keeps its" } else { "profiles keep their" };
    (request.profile.is_none() && !others.is_empty())
        .then(|| format!("the base changes; {keep} own replicas: {}", others.join(", ")))
}

fn find<'s>(spec: &'s Spec, name: &str) -> Result<&'s Service, Stopped> {
    if let Some(service) = spec.services.iter().find(|service| *service.name == *name) {
        return Ok(service);
    }
    if spec.backing.iter().any(|backing| backing.name == name) {
        return Err(Stopped::Backing);
    }
    Err(Stopped::UnknownService(spec.services.iter().map(|service| service.name.to_string()).collect()))
}

/// The part of the text that is changed: the service in the base or in one overlay.
struct EditedLayer {
    path: Vec<String>,
    /// What is there now.
    node: Option<Rc<Node>>,
    overlay: bool,
}

impl EditedLayer {
    fn of(root: &Rc<Node>, request: &ScaleRequest) -> EditedLayer {
        let name = request.service.as_str();
        let path: Vec<&str> = match &request.profile {
            Some(profile) => vec!["profiles", profile, "services", name],
            None => vec!["services", name],
        };
        let node = path.iter().try_fold(Rc::clone(root), |node, key| node.get(key).map(|entry| Rc::clone(&entry.node)));
        EditedLayer { path: path.into_iter().map(str::to_owned).collect(), node, overlay: request.profile.is_some() }
    }

    fn get(&self, key: &str) -> Option<&Rc<Node>> {
        self.node.as_ref().and_then(|node| node.get(key)).map(|entry| &entry.node)
    }

    fn is_map(&self, key: &str) -> bool {
        self.get(key).is_some_and(|node| matches!(node.value, syntax::Value::Map(_)))
    }

    fn change(&self, below: &[&str], value: EditValue) -> FieldChange {
        let below = below.iter().map(|key| (*key).to_owned());
        FieldChange { path: self.path.iter().cloned().chain(below).collect(), value }
    }

    fn replicas(&self, service: &Service, request: &ScaleRequest) -> Vec<FieldChange> {
        let int = |number: u32| EditValue::Int(u64::from(number));
        let map = self.is_map("replicas");
        if let Some(count) = request.count {
            return if map {
                ["min", "max"].iter().map(|end| self.change(&["replicas", end], int(count))).collect()
            } else {
                vec![self.change(&["replicas"], int(count))]
            };
        }
        let asked = [("min", request.min), ("max", request.max)];
        if map {
            let asked = asked.iter().filter_map(|(end, number)| Some((end, (*number)?)));
            return asked.map(|(end, number)| self.change(&["replicas", end], int(number))).collect();
        }
        if request.min.is_none() && request.max.is_none() {
            return Vec::new();
        }
        // a single number is both ends; an overlay without one takes the other end from the base
        let whole = !self.overlay || self.get("replicas").is_some();
        let now = [service.replicas.min.value, service.replicas.max.value];
        let fields = asked.iter().zip(now).filter_map(|((end, number), now)| {
            let number = number.or(whole.then_some(now))?;
            Some(((*end).to_owned(), int(number)))
        });
        vec![self.change(&["replicas"], EditValue::Map(fields.collect()))]
    }

    fn concurrency(&self, request: &ScaleRequest) -> Option<FieldChange> {
        let limit = EditValue::Int(u64::from(request.concurrency?));
        let path: &[&str] = if self.is_map("concurrency") { &["concurrency", "limit"] } else { &["concurrency"] };
        Some(self.change(path, limit))
    }

    fn cpu(&self, service: &Service, request: &ScaleRequest, notes: &mut Vec<String>) -> Vec<FieldChange> {
        let Some(text) = &request.cpu else { return Vec::new() };
        let amount = |value: Option<Cpu>| value.map(|cpu| (cpu.0, cpu.to_string()));
        let had = amount(service.resources.requests.cpu.map(|cpu| cpu.value));
        let limit = amount(service.resources.limits.cpu.map(|cpu| cpu.value));
        self.amount("cpu", text, Cpu::parse(text).map_or(0, |cpu| cpu.0), had, limit, notes)
    }

    fn memory(&self, service: &Service, request: &ScaleRequest, notes: &mut Vec<String>) -> Vec<FieldChange> {
        let Some(text) = &request.memory else { return Vec::new() };
        let amount = |value: Option<Memory>| value.map(|memory| (memory.bytes, memory.to_string()));
        let had = amount(service.resources.requests.memory.map(|memory| memory.value));
        let limit = amount(service.resources.limits.memory.map(|memory| memory.value));
        self.amount("memory", text, Memory::parse(text).map_or(0, |memory| memory.bytes), had, limit, notes)
    }

    /// The request. The limit is raised with it if it would be below, or if the two were equal.
    fn amount(
        &self,
        resource: &str,
        text: &str,
        wanted: u64,
        had: Option<(u64, String)>,
        limit: Option<(u64, String)>,
        notes: &mut Vec<String>,
    ) -> Vec<FieldChange> {
        let value = || EditValue::Text(text.to_owned());
        let mut changes = vec![self.change(&["resources", "requests", resource], value())];
        let Some((limit, shown)) = limit else { return changes };
        let equal = had.is_some_and(|(had, _)| had == limit);
        if limit < wanted {
            notes.push(format!("limits.{resource} was {shown}, below the request: set to {text} too"));
        } else if equal && limit != wanted {
            notes.push(format!("limits.{resource} was equal to the request: set to {text} too"));
        } else {
            return changes;
        }
        changes.push(self.change(&["resources", "limits", resource], value()));
        changes
    }
}
