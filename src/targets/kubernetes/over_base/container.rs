//! Changes of the main container. A list of a patch merges by the names of its items, so nothing else of the container is repeated.

use super::document::{PatchDocument, set};
use super::{is_of_spec, pod_settings, probe};
use crate::inputs::kubernetes::written_container;
use crate::plan::{Amounts, Cpu, EnvVar, Memory, Val};
use crate::support::source::FieldSpan;
use crate::syntax::Node;
use crate::targets::kubernetes::base_objects::OverBase;
use crate::targets::kubernetes::pod_objects::Env;
use crate::targets::kubernetes::unit::{self, WorkloadUnit};
use crate::targets::kubernetes::{LoweredPlan, json, pod};
use crate::targets::render::kubernetes_text::literal;
use serde_json::{Map, Value as Json};
use std::rc::Rc;

/// Adds the container's part of the patch.
pub(super) fn lower(unit: &WorkloadUnit<'_>, over: &OverBase<'_>, document: &mut PatchDocument, out: &mut LoweredPlan) {
    let mut container = Json::Object(Map::new());
    words(unit, over, &mut container, out);
    env(unit, over, &mut container, out);
    ports(unit, over, &mut container, out);
    resources(unit, over, &mut container, out);
    probe::lower(unit, over, &mut container, out);
    pod_settings::container(unit, over, written(over), &mut container, out);
    put(unit, over, document, container, out);
}

/// Adds changes under the name of their container.
fn put(
    unit: &WorkloadUnit<'_>,
    over: &OverBase<'_>,
    document: &mut PatchDocument,
    container: Json,
    out: &mut LoweredPlan,
) {
    if container.as_object().is_none_or(Map::is_empty) {
        return;
    }
    let name = &unit.workload.name;
    let names: Vec<String> = over.workload.named().map(|container| format!("`{}`", container.name)).collect();
    let Some(main) = over.workload.sure_main() else {
        let message = format!(
            "{} runs {}, and nothing says which of them the fields of `{name}` mean",
            over.title(),
            names.join(", ")
        );
        let help = format!("write `containers: {{ {name}: … }}` under `targets.kubernetes`, with one of these names");
        return out.missing(unit.workload.at.key(), message, help);
    };
    if over.workload.kind == crate::inputs::kubernetes::WorkloadKind::Rollout {
        let message = format!("{} keeps its container: kustomize only replaces the list of them whole", over.title());
        return out.lost(unit.workload.at, message, "change the container there");
    }
    document.change_container(&main.name, &over.container_names(), container);
}

/// The container as the base writes it.
pub(super) fn written<'o>(over: &'o OverBase<'_>) -> Option<&'o Node> {
    written_container(over.set, over.workload, over.workload.main()?)
}

/// Image, command and arguments.
fn words(unit: &WorkloadUnit<'_>, over: &OverBase<'_>, container: &mut Json, out: &mut LoweredPlan) {
    let (workload, own) = (unit.workload, &over.member.service);
    let differs = |value: &Val<Rc<str>>, own: Option<&Val<Rc<str>>>| {
        value.is_of_spec() && (over.changed || own.is_none_or(|own| own.value != value.value))
    };
    if let Some(image) = workload.image.as_deref().filter(|image| differs(image, own.image.as_deref())) {
        if image.value.contains(char::is_whitespace) {
            out.refused(image.at, "an image with a space in it is refused", "take the space away");
        }
        set(container, &["image"], Json::from(&*image.value));
    }
    for (key, words, own) in [("command", &workload.command, &own.command), ("args", &workload.args, &own.args)] {
        let Some(words) = words.as_ref().filter(|words| words.is_of_spec()) else { continue };
        if over.changed || own.as_ref().is_none_or(|own| own.value != words.value) {
            set(container, &[key], words.value.iter().map(|word| literal(word)).collect());
        }
    }
}

/// The variables that spec or profile set differently; of `value` and `valueFrom` the other one is removed.
fn env(unit: &WorkloadUnit<'_>, over: &OverBase<'_>, container: &mut Json, out: &mut LoweredPlan) {
    let workload = unit.workload;
    let own = |name: &str| over.member.service.env.iter().find(|own| own.name == name);
    let differs = |var: &&EnvVar| {
        let same = own(&var.name).is_some_and(|own| own.value.value.text() == var.value.value.text());
        var.value.is_of_spec() && (over.changed || !same)
    };
    let plain = |name: &str, text: &str| Env { name: name.to_owned(), value: Some(text.to_owned()), value_from: None };
    let mut all: Vec<Env> = Vec::new();
    for var in workload.env.iter().filter(differs) {
        all.push(plain(&var.name, &literal(var.value.value.text())));
    }
    if let Some((name, limit)) = workload.concurrency.as_ref().and_then(|one| Some((one.env.as_ref()?, one.limit))) {
        let limit = limit.value.to_string();
        let same = own(&name.value).is_some_and(|own| own.value.value.text() == limit);
        all.retain(|env| env.name != name.value);
        if over.changed || !same {
            all.push(plain(&name.value, &limit));
        }
    }
    let external = unit.plan.backing.iter().filter(|backing| unit::leans_on(workload, &backing.name));
    let urls = external.filter_map(|backing| backing.external.as_ref().map(|external| &external.url_env));
    let secrets = workload.shared_secrets.iter().filter(|secret| secret.is_of_spec());
    for required in secrets.chain(urls) {
        required_variable(unit, over, (&required.value, required.at), &mut all, out);
    }
    let items: Vec<Json> = all.iter().map(|env| without_other(env, over)).collect();
    if !items.is_empty() {
        set(container, &["env"], Json::Array(items));
    }
}

/// A variable from a Secret, unless the base has it.
fn required_variable(
    unit: &WorkloadUnit<'_>,
    over: &OverBase<'_>,
    (name, at): (&str, FieldSpan),
    all: &mut Vec<Env>,
    out: &mut LoweredPlan,
) {
    if written_variable(over, name).is_some() {
        return;
    }
    if written(over).is_some_and(|written| written.get("envFrom").is_some()) {
        let message = format!("`{name}` is not written: it may come by the `envFrom` of {}", over.title());
        return out.ignored(at, message, "write it there where it does not");
    }
    all.retain(|env| env.name != name);
    all.push(pod::secret(unit, name));
}

/// A variable as the base writes it.
fn written_variable<'o>(over: &'o OverBase<'_>, name: &str) -> Option<&'o Node> {
    let items = written(over)?.get("env")?.node.items();
    items.iter().map(|item| &**item).find(|item| item.get("name").is_some_and(|own| own.node.as_str() == Some(name)))
}

fn without_other(env: &Env, over: &OverBase<'_>) -> Json {
    let mut item = json(env);
    let other = if env.value.is_some() { "valueFrom" } else { "value" };
    if written_variable(over, &env.name).is_some_and(|own| own.get(other).is_some()) {
        set(&mut item, &[other], Json::Null);
    }
    item
}

/// Ports that the base does not have. Services stay as they are.
fn ports(unit: &WorkloadUnit<'_>, over: &OverBase<'_>, container: &mut Json, out: &mut LoweredPlan) {
    let own = &over.member.service.ports;
    let mut items = Vec::new();
    for port in unit.workload.ports.iter().filter(|port| port.port.is_of_spec()) {
        let same =
            own.iter().find(|own| own.port.value == port.port.value && own.protocol.value == port.protocol.value);
        let name = port.name.as_ref().map(|name| name.value.as_str());
        if let Some(same) = same.filter(|_| !over.changed) {
            let own = same.name.as_ref().map(|name| name.value.as_str());
            if name.is_none() || name == own {
                continue;
            }
        } else {
            let message =
                format!("no Service leads to port {}: those of {} stay as they are", port.port.value, over.title());
            out.ignored(port.port.at, message, "write the port into a Service there");
        }
        items.push(json(&super::super::pod_objects::ContainerPort {
            name: name.map(str::to_owned),
            container_port: port.port.value,
            protocol: unit::protocol(port),
        }));
    }
    if !items.is_empty() {
        set(container, &["ports"], Json::Array(items));
    }
}

fn resources(unit: &WorkloadUnit<'_>, over: &OverBase<'_>, container: &mut Json, out: &mut LoweredPlan) {
    let (given, own) = (&unit.workload.resources, &over.member.service.resources);
    side("requests", &given.requests, &own.requests, over, (container, out));
    let limited = &unit.plan.limit_resources;
    if limited.value {
        side("limits", &given.limits, &own.limits, over, (container, out));
    } else if limited.is_of_spec() && own.limits.at.is_some() {
        let message =
            format!("the limits of `{}` in {} go: the patch takes them away", unit.workload.name, over.project.name);
        out.lost(limited.at, message, "");
        set(container, &["resources", "limits"], Json::Null);
    }
    for pids in [given.requests.pids, given.limits.pids].into_iter().flatten().filter(Val::is_of_spec) {
        let message = format!("{} processes are not written: a container has no field for them", pids.value);
        out.lost(pids.at, message, "set podPidsLimit on the nodes' kubelets");
    }
    gpus(given, own, over, (container, out));
}

fn side(
    key: &str,
    given: &Amounts,
    own: &Amounts,
    over: &OverBase<'_>,
    (container, out): (&mut Json, &mut LoweredPlan),
) {
    let cpu = over.written(given.cpu.as_ref(), own.cpu.map(|own| own.value), |own: Cpu, value| own == value);
    let memory = over
        .written(given.memory.as_ref(), own.memory.map(|own| own.value), |own: Memory, value| own.bytes == value.bytes);
    let storage = own.ephemeral_storage.map(|own| own.value);
    let storage =
        over.written(given.ephemeral_storage.as_ref(), storage, |own: Memory, value| own.bytes == value.bytes);
    let (cpu, memory, ephemeral_storage) = (cpu.copied(), memory.copied(), storage.copied());
    let amounts = Amounts { at: given.at, cpu, memory, ephemeral_storage, gpu: None, pids: None };
    for (resource, amount) in pod::amounts(&amounts, out) {
        set(container, &["resources", key, resource], Json::from(amount));
    }
}

/// Devices are requested by their limit; the API refuses a request that differs from it.
fn gpus(
    given: &crate::plan::Resources,
    own: &crate::plan::Resources,
    over: &OverBase<'_>,
    (container, out): (&mut Json, &mut LoweredPlan),
) {
    let gpu = |resources: &crate::plan::Resources| resources.limits.gpu.or(resources.requests.gpu);
    let Some(wanted) = gpu(given) else { return };
    if let (Some(request), Some(limit)) = (given.requests.gpu, given.limits.gpu)
        && request.value != limit.value
        && (is_of_spec(request.at) || is_of_spec(limit.at))
    {
        let message =
            format!("requests.gpu {} is not written: limits.gpu {} counts for both", request.value, limit.value);
        out.lost(request.at, message, format!("write {} in both", limit.value));
    }
    if over.written(Some(&wanted), gpu(own).map(|own| own.value), |own, value| own == value).is_none() {
        return;
    }
    let resources = written(over).and_then(|written| written.get("resources"));
    let device = |side: &str| {
        let entries = resources.and_then(|all| all.node.get(side)).map_or(&[][..], |side| side.node.entries());
        entries.iter().find(|entry| entry.key.ends_with("/gpu")).map(|entry| entry.key.to_string())
    };
    let key = device("limits").or_else(|| device("requests")).unwrap_or_else(|| "nvidia.com/gpu".to_owned());
    for side in ["requests", "limits"] {
        if side == "limits" || device(side).is_some() {
            set(container, &["resources", side, &key], Json::from(wanted.value.to_string()));
        }
    }
}
