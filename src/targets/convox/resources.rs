//! `resources`: the backing services that convox runs. Knows one backing service at a time.

use super::generation::{Generation, ResourceType};
use super::scale::MB;
use super::view::Resource;
use crate::plan::{Backing, Plan, Workload};
use crate::targets::LoweredPlan;
use serde_json::{Map, Value as Json};

/// Convox's type for a backing service that convox runs.
fn kind<'g>(backing: &Backing, generation: &'g Generation) -> Option<&'g ResourceType> {
    let kind = backing.kind?.value;
    generation.resources.iter().find(|known| known.kind == kind).filter(|_| backing.external.is_none())
}

/// The names of the resources a service is linked to.
pub(super) fn connected(workload: &Workload, plan: &Plan, generation: &Generation) -> Vec<String> {
    let linked = |name: &str| plan.backing(name).is_some_and(|backing| kind(backing, generation).is_some());
    workload.connections.iter().map(|connection| &connection.to).filter(|name| linked(name)).cloned().collect()
}

/// A resource; `None` if it runs elsewhere or convox has no such type.
pub(super) fn resource(backing: &Backing, generation: &Generation, out: &mut LoweredPlan) -> Option<Resource> {
    if backing.external.is_some() {
        return None;
    }
    let Some(known) = kind(backing, generation) else {
        let word = backing.kind?;
        let types: Vec<&str> = generation.resources.iter().map(|known| known.kind.word()).collect();
        let message = format!(
            "convox {} has no resource of kind {}; it has {}",
            generation.word,
            word.value.word(),
            types.join(", ")
        );
        out.lost(word.at, message, "run it elsewhere and say so with `external: {urlEnv: …}`");
        return None;
    };
    let mut options = Map::new();
    let mut image = None;
    if generation.resource_containers {
        image = backing.image.as_ref().map(|image| image.value.to_string());
        if let Some(memory) = backing.memory {
            let whole = memory.value.bytes.div_ceil(MB);
            if !memory.value.bytes.is_multiple_of(MB) {
                let message =
                    format!("convox counts whole MB of 1024 × 1024 bytes: {} is written as {whole}", memory.value);
                out.lost(memory.at, message, format!("write `{whole}Mi`"));
            }
            options.insert("mem".to_owned(), Json::String(whole.to_string()));
        }
    } else {
        version(backing, generation, &mut options, out);
        if let Some(memory) = backing.memory {
            let message = format!("the machine's class decides: {} is not written", memory.value);
            out.lost(memory.at, message, "choose the option `class` in your convox.yml");
        }
    }
    settings(backing, known, out);
    Some(Resource { r#type: known.kind.word(), image, options })
}

/// The tag of the official image gives the version of the cloud's own service.
fn version(backing: &Backing, generation: &Generation, options: &mut Map<String, Json>, out: &mut LoweredPlan) {
    let (Some(image), Some(kind)) = (&backing.image, backing.kind) else { return };
    let tag = image.value.strip_prefix(kind.value.word()).and_then(|rest| rest.strip_prefix(':'));
    let number =
        tag.map(|tag| tag.split('-').next().unwrap_or(tag)).filter(|tag| tag.starts_with(|c: char| c.is_ascii_digit()));
    match number {
        Some(number) => {
            options.insert("version".to_owned(), Json::String(number.to_owned()));
        }
        None => {
            let message = format!(
                "convox {} runs the cloud's own {}: an image is not written",
                generation.word,
                kind.value.word()
            );
            out.lost(
                image.at,
                message,
                format!("write a numbered tag, such as `{}:7`, for its version", kind.value.word()),
            );
        }
    }
}

/// Reports a server's own settings: convox passes none on.
fn settings(backing: &Backing, known: &ResourceType, out: &mut LoweredPlan) {
    if let Some(most) = backing.max_connections
        && known.max_connections != Some(most.value)
    {
        let real = match known.max_connections {
            Some(usual) => format!("it takes its own {usual}"),
            None => "the machine's class decides".to_owned(),
        };
        let help = known
            .max_connections
            .map_or("write what the class takes".to_owned(), |usual| format!("write `maxConnections: {usual}`"));
        out.lost(
            most.at,
            format!(
                "convox cannot set the connections of a {}: {} is not written, {real}",
                known.kind.word(),
                most.value
            ),
            help,
        );
    }
    for (setting, what) in [(backing.shared_buffers, "shared_buffers"), (backing.work_mem, "work_mem")] {
        if let Some(value) = setting {
            out.lost(
                value.at,
                format!("convox cannot set {what}: {} is not written", value.value),
                "remove it, or use `external`",
            );
        }
    }
}
