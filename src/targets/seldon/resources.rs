//! Sizes of a component: nested in a `SeldonRuntime`, flat in the setup chart. Knows one service at a time.

use super::facts::{Component, SCHEDULER_VOLUME};
use super::install::InstallForm;
use super::written::ComponentOutput;
use crate::plan::{Amounts, Memory, Workload};
use crate::targets::LoweredPlan;
use serde_json::{Map, Value as Json, json};

/// Image and resources, in the form that the operator merges into the component's container.
pub(super) fn runtime(workload: &Workload, written: &mut ComponentOutput, out: &mut LoweredPlan) {
    uncounted(workload, out);
    if let Some(image) = &workload.image {
        written.container.insert("image".to_owned(), json!(&*image.value));
    }
    let mut resources = Map::new();
    for (key, amounts) in [("requests", &workload.resources.requests), ("limits", &workload.resources.limits)] {
        let amounts = quantities(amounts);
        if !amounts.is_empty() {
            resources.insert(key.to_owned(), Json::Object(amounts));
        }
    }
    if !resources.is_empty() {
        written.container.insert("resources".to_owned(), Json::Object(resources));
    }
}

fn quantities(amounts: &Amounts) -> Map<String, Json> {
    let mut map = Map::new();
    if let Some(cpu) = amounts.cpu {
        map.insert("cpu".to_owned(), json!(cpu.value.to_string()));
    }
    if let Some(memory) = amounts.memory {
        map.insert("memory".to_owned(), json!(memory.value.to_string()));
    }
    map
}

/// Reports the sizes of a component without an override, which a `SeldonRuntime` cannot hold.
pub(super) fn lost_without_override(workload: &Workload, component: &Component, out: &mut LoweredPlan) {
    uncounted(workload, out);
    let resources = workload.resources.written.then_some(workload.resources.at);
    for (at, what) in [(resources, "resources"), (workload.image.as_ref().map(|image| image.at), "image")] {
        if let Some(at) = at {
            let message =
                format!("a SeldonRuntime has no override for {}: its {what} are in the setup chart", component.chart);
            out.lost(at, message, "use `form: values`");
        }
    }
}

/// `{cpu, memory}`: cpu is the request, memory is request and limit in one; there is no cpu limit.
pub(super) fn setup(workload: &Workload, values: &mut Map<String, Json>, out: &mut LoweredPlan) {
    uncounted(workload, out);
    image(workload, values, out);
    let (requests, limits) = (&workload.resources.requests, &workload.resources.limits);
    let mut flat = Map::new();
    if let Some(cpu) = requests.cpu {
        flat.insert("cpu".to_owned(), json!(cpu.value.to_string()));
    }
    if let Some(cpu) = limits.cpu {
        let message = format!("the setup chart limits no cpu: {} is not written", cpu.value);
        out.lost(cpu.at, message, "use `form: runtime`, or remove it");
    }
    if let Some(memory) = limits.memory.or(requests.memory) {
        flat.insert("memory".to_owned(), json!(memory.value.to_string()));
    }
    if let (Some(request), Some(limit)) = (requests.memory, limits.memory)
        && request.value.bytes != limit.value.bytes
    {
        let message = format!(
            "the setup chart has one number for memory, request and limit: {} is written, not {}",
            limit.value, request.value
        );
        out.lost(request.at, message, format!("request {} too, or use `form: runtime`", limit.value));
    }
    if !flat.is_empty() {
        values.insert("resources".to_owned(), Json::Object(flat));
    }
}

/// The chart takes an image in three parts.
fn image(workload: &Workload, values: &mut Map<String, Json>, out: &mut LoweredPlan) {
    let Some(image) = &workload.image else { return };
    let name = &*image.value;
    let (registry, rest) = match name.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (first, rest),
        _ => ("docker.io", name),
    };
    match rest.rsplit_once(':') {
        Some((repository, tag)) if !rest.contains('@') => {
            values.insert("image".to_owned(), json!({"registry": registry, "repository": repository, "tag": tag}));
        }
        _ => {
            let message = format!(
                "the setup chart takes an image by registry, repository and tag: `{}` has no tag of its own",
                name.escape_debug()
            );
            out.lost(image.at, message, "write it with a tag");
        }
    }
}

/// GPUs and processes: Seldon's own components have no setting for them.
fn uncounted(workload: &Workload, out: &mut LoweredPlan) {
    let (requests, limits) = (&workload.resources.requests, &workload.resources.limits);
    for (request, limit, what) in [(requests.gpu, limits.gpu, "GPUs"), (requests.pids, limits.pids, "processes")] {
        let written = || request.iter().chain(&limit);
        if written().all(|amount| amount.value == 0) {
            continue;
        }
        for amount in written() {
            let message = format!("Seldon's own components count no {what}: {} is not written", amount.value);
            out.lost(amount.at, message, "remove it");
        }
    }
}

/// Volumes: only the scheduler has one, and the setup chart makes it.
pub(super) fn volumes(workload: &Workload, form: InstallForm, written: &mut ComponentOutput, out: &mut LoweredPlan) {
    let (name, mount, usual) = SCHEDULER_VOLUME;
    for volume in &workload.volumes {
        if !written.component.once {
            out.lost(
                volume.at,
                format!("{} has no volume: `{}` is not written", written.component.chart, volume.name.value),
                "remove it",
            );
            continue;
        }
        for (given, fixed, at) in
            [(&volume.name.value, name, volume.name.at), (&volume.mount.value, mount, volume.mount.at)]
        {
            if given != fixed {
                let message = format!("the setup chart calls it `{fixed}`: `{}` is not written", given.escape_debug());
                out.lost(at, message, format!("write `{fixed}`"));
            }
        }
        match form {
            InstallForm::Values => storage(volume.size.value, written),
            InstallForm::Runtime if volume.size.value.bytes == usual => {}
            InstallForm::Runtime => {
                let message = format!(
                    "the setup chart makes the scheduler's volume, {} unless told otherwise: {} is not written",
                    Memory::bytes(usual),
                    volume.size.value
                );
                out.lost(volume.size.at, message, "use `form: values`");
            }
        }
    }
}

fn storage(size: Memory, written: &mut ComponentOutput) {
    let resources = written.setup.entry("resources").or_insert_with(|| json!({}));
    if let Some(resources) = resources.as_object_mut() {
        resources.insert("storage".to_owned(), json!(size.to_string()));
    }
}
