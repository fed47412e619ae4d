//! Services that others call by name, and that no Service stands before: their callers would find nobody. Knows what variables,
//! words and compose's own keys say of a name, and no object.

use super::unit::WorkloadUnit;
use super::{Input, KubernetesSettings, LoweredPlan};
use crate::inputs::base::BaseProject;
use crate::plan::Workload;
use crate::support::source::FieldSpan;

/// One place that names a service.
struct Call<'p> {
    caller: &'p str,
    /// What names it, for a person: `API_URL` of web.
    by: String,
    at: FieldSpan,
    port: Option<u16>,
}

/// Says of each service that is called and has no Service, or none at that port, who would find nobody.
pub(super) fn unanswered(input: &Input<'_>, settings: &KubernetesSettings, out: &mut LoweredPlan) {
    for callee in &input.plan.workloads {
        let unit = WorkloadUnit::new(input.plan, settings, callee);
        // what a patch is laid over has its Service elsewhere
        if unit.patch {
            continue;
        }
        let calls = calls(input, &callee.name);
        if !unit.has_service() {
            if let Some(call) = calls.iter().find(|call| call.port.is_some()).or(calls.first()) {
                no_service(input.base, callee, call, out);
            }
            continue;
        }
        let mut told: Vec<u16> = Vec::new();
        for call in &calls {
            let Some(port) = call.port else { continue };
            if callee.ports.iter().any(|own| own.port.value == port) || told.contains(&port) {
                continue;
            }
            told.push(port);
            let own: Vec<String> = callee.ports.iter().map(|own| own.port.value.to_string()).collect();
            let serves = if own.is_empty() { "no port".to_owned() } else { own.join(", ") };
            let message = format!(
                "{} names {}:{port}, and the Service of `{}` has {serves}: nobody answers there",
                call.by, callee.name, callee.name
            );
            out.lost(call.at, message, format!("write port {port} for `{}`, or name one that it has", callee.name));
        }
    }
}

fn no_service(base: Option<&BaseProject>, callee: &Workload, call: &Call<'_>, out: &mut LoweredPlan) {
    let name = &callee.name;
    let (names, help) = match call.port {
        Some(port) => (format!("{} names {name}:{port}", call.by), format!("write `port: {port}` for `{name}`")),
        None => (
            format!("{} names it", call.by),
            format!("write `port` for `{name}`, the one at which {} calls it", call.caller),
        ),
    };
    let known = base.is_some_and(|base| base.service(name).is_some());
    let why = if known { "no port of it is written in the spec or its base" } else { "it has no port" };
    out.lost(call.at, format!("`{name}` gets no Service, because {why}, and {names}: nobody answers"), help);
}

/// Every place that names a service, in the order of the plan.
fn calls<'p>(input: &Input<'p>, callee: &str) -> Vec<Call<'p>> {
    let mut calls = Vec::new();
    for caller in input.plan.workloads.iter().filter(|caller| caller.name != callee) {
        for var in &caller.env {
            let text = var.value.value.text();
            if let Some(port) = named(text, callee).or_else(|| whole(&var.name, text, callee)) {
                let by = format!("`{}` of {}", var.name.escape_debug(), caller.name);
                calls.push(Call { caller: &caller.name, by, at: var.value.at, port });
            }
        }
        for (field, words) in [("command", &caller.command), ("args", &caller.args)] {
            let Some(words) = words else { continue };
            if let Some(port) = words.value.iter().find_map(|word| named(word, callee)) {
                let by = format!("`{field}` of {}", caller.name);
                calls.push(Call { caller: &caller.name, by, at: words.at, port });
            }
        }
        let member = input.base.and_then(|base| base.service(&caller.name));
        for key in ["links", "depends_on"] {
            let list = member.and_then(|member| member.project.entry.node.get(key));
            // one that must have ended is not called
            let entry = list.and_then(|list| list.node.get(callee)).filter(|entry| {
                let condition = entry.node.get("condition").and_then(|condition| condition.node.as_str());
                condition != Some("service_completed_successfully")
            });
            calls.extend(entry.map(|entry| Call {
                caller: &caller.name,
                by: format!("`{key}` of {}", caller.name),
                at: entry.at(),
                port: None,
            }));
        }
    }
    calls
}

/// Whether a text calls a service as a host: after `//` or `@`, or before a port. Gives the port, where one stands there.
fn named(text: &str, name: &str) -> Option<Option<u16>> {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    text.match_indices(name)
        .find_map(|(start, _)| {
            let (before, rest) = (text.get(..start)?, text.get(start + name.len()..)?);
            if before.ends_with(part) || rest.starts_with(part) {
                return None;
            }
            let digits: String = rest.strip_prefix(':')?.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok().map(Some)
        })
        .or_else(|| {
            let host = |start: &str| {
                let rest = text.split(start).skip(1).find_map(|rest| rest.strip_prefix(name))?;
                (!rest.starts_with(part)).then_some(None)
            };
            host("//").or_else(|| host("@"))
        })
}

/// Parts of names of variables that hold a host.
const HOSTS: [&str; 7] = ["HOST", "ADDR", "SERVER", "ENDPOINT", "UPSTREAM", "BROKER", "URL"];

/// A variable for a host whose whole value is the name.
fn whole(variable: &str, text: &str, name: &str) -> Option<Option<u16>> {
    let variable = variable.to_ascii_uppercase();
    (text == name && HOSTS.iter().any(|part| variable.contains(part))).then_some(None)
}
