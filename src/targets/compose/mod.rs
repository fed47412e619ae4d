//! Compose: a whole file if every image is known, else an override for a file next to the spec. Knows no rule.
//!
//! One view serves both forms; its fields are in the order in which a person would write them.

mod backing;
mod foreign_base;
mod health;
mod losses;
mod own_command;
mod ports;
mod resets;
mod resources;
mod server_flags;
mod service;
mod stack;
mod values;

use super::{BaseFile, Input, LoweredPlan, OutputFormat, TargetMeta, View};
use crate::inputs::InputFormat;
use crate::inputs::base::{BaseMember, BaseProject};
use crate::plan::Val;
use crate::support::diagnostic::SPEC;
use crate::support::source::FieldSpan;
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use values::VariableWords;

const TEMPLATES: &[(&str, &str)] = &[("compose.yaml.j2", include_str!("../../../templates/compose/compose.yaml.j2"))];

pub(super) const META: TargetMeta = TargetMeta {
    base: Some(BaseFile::Compose { option: "base", env_file: "envFile" }),
    has_binary_units: true,
    in_swarm: stack::is_wanted,
    ..TargetMeta::new("compose", lower, OutputFormat::Yaml, TEMPLATES)
};

/// The file.
#[derive(Debug, Serialize)]
struct ComposeFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    services: serde_json::Map<String, Json>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    volumes: BTreeMap<String, BTreeMap<String, String>>,
}

/// One service of the file; empty parts are not written.
#[derive(Clone, Debug, Default, Serialize)]
struct ComposeService {
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restart: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entrypoint: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<Json>,
    #[serde(skip_serializing_if = "VariableWords::is_empty")]
    environment: VariableWords,
    #[serde(skip_serializing_if = "Option::is_none")]
    ports: Option<Vec<Json>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    expose: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    volumes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
    #[serde(skip_serializing_if = "Deploy::is_empty")]
    deploy: Deploy,
    /// Keys of the older style, which the base uses.
    #[serde(flatten)]
    older: serde_json::Map<String, Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    healthcheck: Option<health::Healthcheck>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_grace_period: Option<String>,
}

/// Number and size of the replicas.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
struct Deploy {
    #[serde(skip_serializing_if = "Option::is_none")]
    replicas: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    update_config: Option<UpdateConfig>,
    #[serde(skip_serializing_if = "DeployResources::is_empty")]
    resources: DeployResources,
}

impl Deploy {
    fn is_empty(&self) -> bool {
        *self == Deploy::default()
    }
}

/// How Swarm replaces the old version.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct UpdateConfig {
    parallelism: u32,
    order: &'static str,
}

/// Limits and reservations of one replica.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
struct DeployResources {
    #[serde(skip_serializing_if = "ComposeAmounts::is_empty")]
    limits: ComposeAmounts,
    #[serde(skip_serializing_if = "ComposeAmounts::is_empty")]
    reservations: ComposeAmounts,
}

impl DeployResources {
    fn is_empty(&self) -> bool {
        *self == DeployResources::default()
    }
}

/// Amounts in compose's own units.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
struct ComposeAmounts {
    #[serde(skip_serializing_if = "Option::is_none")]
    cpus: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pids: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    devices: Vec<Devices>,
}

impl ComposeAmounts {
    fn is_empty(&self) -> bool {
        *self == ComposeAmounts::default()
    }
}

/// GPUs.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Devices {
    count: u32,
    capabilities: [&'static str; 1],
}

/// The base of a service.
#[derive(Clone, Copy, Debug)]
enum Under<'b> {
    /// None: the service is written as a whole.
    Nothing,
    /// A service of the base file.
    Known(&'b BaseMember),
    /// A base file that was not named, or a part of it that was not read.
    Unknown,
}

impl<'b> Under<'b> {
    fn member(self) -> Option<&'b BaseMember> {
        match self {
            Under::Known(service) => Some(service),
            _ => None,
        }
    }

    fn is_whole(self) -> bool {
        matches!(self, Under::Nothing)
    }

    /// The value, if it must be written: in a whole service always, in an override if the spec sets it and the base has another.
    fn written<T>(self, value: Option<&Val<T>>, same: impl Fn(&BaseMember, &T) -> bool) -> Option<&Val<T>> {
        value.filter(|value| match self {
            Under::Nothing => true,
            Under::Known(base) => value.is_of_spec() && !same(base, &value.value),
            Under::Unknown => value.is_of_spec(),
        })
    }

    /// Whether a part without a single value must be written: the spec sets it.
    fn says(self, at: FieldSpan) -> bool {
        self.is_whole() || at.file == SPEC
    }
}

/// The context in which every service of the run is lowered.
struct ComposeContext<'a> {
    input: &'a Input<'a>,
    /// The compose project below.
    base: Option<&'a BaseProject>,
    /// The base of another tool, whose known fields are all written.
    foreign: Option<&'a BaseProject>,
    /// Every service has an image and no base is named.
    whole: bool,
    /// Whether the file is for `docker stack deploy`, not for `docker compose`.
    stack: bool,
}

impl<'a> ComposeContext<'a> {
    fn of(input: &'a Input<'a>) -> ComposeContext<'a> {
        let (base, foreign) = match input.base {
            Some(base) if base.layer.format != InputFormat::COMPOSE => (None, Some(base)),
            base => (base, None),
        };
        let named = input.options.get("base").is_some() || base.is_some();
        let images = input.plan.workloads.iter().all(|workload| workload.image.is_some());
        let whole = !named && (foreign.is_some() || images);
        ComposeContext { input, base, foreign, whole, stack: stack::is_wanted(input.options) }
    }
}

impl ComposeContext<'_> {
    /// The base of the service with this name; `image` says whether it could be written as a whole.
    fn under(&self, name: &str, image: bool) -> Under<'_> {
        if self.whole {
            return Under::Nothing;
        }
        let Some(base) = self.base else { return Under::Unknown };
        match base.service(name) {
            Some(service) => Under::Known(service),
            None if image && !base.partial() => Under::Nothing,
            None => Under::Unknown,
        }
    }

    /// The name of the file.
    fn path(&self) -> &'static str {
        match (self.stack, self.whole) {
            (false, true) => "compose.yaml",
            (false, false) => "compose.override.yaml",
            (true, true) => "stack.yaml",
            (true, false) => "stack.override.yaml",
        }
    }

    /// The service of the base whose style of keys is kept. Swarm knows only one style.
    fn styled<'b>(&self, under: Under<'b>) -> Option<&'b BaseMember> {
        under.member().filter(|_| !self.stack)
    }

    /// Whether a service of the spec has this name.
    fn is_workload(&self, name: &str) -> bool {
        self.input.plan.workload(name).is_some_and(|workload| !workload.is_base_only())
    }

    /// The base file's name, for messages.
    fn base_name(&self) -> &str {
        self.base.map_or("the file below", |base| base.name.as_str())
    }
}

fn lower(input: &Input<'_>) -> LoweredPlan {
    let mut out = LoweredPlan::default();
    let plan = input.plan;
    let context = ComposeContext::of(input);
    let ComposeContext { base, foreign, whole, stack, .. } = context;
    let mut file = ComposeFile {
        version: stack.then(|| stack::version(whole, base)).flatten(),
        name: project(&mut out, &context),
        services: serde_json::Map::new(),
        volumes: BTreeMap::new(),
    };
    let mut tags = Vec::new();
    if plan.limit_resources.value {
        plan.workloads.iter().for_each(|workload| resources::more_cores_than_a_node(&mut out, &context, workload));
    }
    // a service that only the base names belongs to the base
    for workload in plan.workloads.iter().filter(|workload| context.whole || !workload.is_base_only()) {
        if let Some(foreign) = foreign
            && !foreign_base::stands(foreign, workload, &mut out)
        {
            continue;
        }
        let mut written = service::lower(&mut out, &context, workload, &mut file.volumes);
        if stack {
            stack::kept(&mut out, &context, workload, &std::mem::take(&mut written.tags));
        }
        let replaced = !whole && !stack && written.service.ports.is_some();
        let mut tagged = resets::Tagged::of(&written.service, written.tags, input.writes);
        if replaced {
            tagged.tag(&["ports"], "!override");
        }
        resets::removed(&mut out, &mut tagged, &context, "services", &workload.name);
        add(&mut file, &mut tags, &workload.name, tagged);
        losses::report_losses(&mut out, &context, workload);
    }
    for backing in &plan.backing {
        let written = backing::lower(&mut out, &context, backing);
        let mut tagged = resets::Tagged::of(&written.clone().unwrap_or_default(), Vec::new(), input.writes);
        let removes = resets::removed(&mut out, &mut tagged, &context, "backingServices", &backing.name);
        if written.is_none() && !removes {
            continue;
        }
        if file.services.contains_key(&backing.name) {
            let message = format!("a service and a backing service are both named `{}`", backing.name);
            out.refused(backing.at, message, "rename one of them: in compose both are services");
            continue;
        }
        add(&mut file, &mut tags, &backing.name, tagged);
    }
    for name in resets::removed_services(&context).filter(|_| !stack) {
        file.services.insert(name.to_owned(), Json::Null);
        tags.push((format!("/services/{name}"), "!reset"));
    }
    if let Ok(document) = serde_json::to_value(&file) {
        out.views.push(View { path: context.path().to_owned(), template: "compose.yaml.j2", document, tags });
    }
    out
}

/// The name of the project. A stack gets its name when it is deployed.
fn project(out: &mut LoweredPlan, context: &ComposeContext<'_>) -> Option<String> {
    let input = context.input;
    if context.stack {
        stack::project(out, input.options);
        return None;
    }
    values::project(out, input.options, context.whole.then_some(input.plan.name.value.as_str()))
}

fn add(file: &mut ComposeFile, tags: &mut Vec<(String, &'static str)>, name: &str, tagged: resets::Tagged) {
    let (value, own) = tagged.into_parts();
    // an override is empty for a service that does not change
    let nothing = value.as_object().is_some_and(serde_json::Map::is_empty);
    if nothing {
        return;
    }
    tags.extend(own.into_iter().map(|(pointer, tag)| (format!("/services/{name}{pointer}"), tag)));
    file.services.insert(name.to_owned(), value);
}
