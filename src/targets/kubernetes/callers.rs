//! Services that others call by name and that have no Service, so that their callers cannot find them. Knows which variables,
//! words and keys of compose name a service, and no object.

use super::base_objects::BaseObjects;
use super::unit::WorkloadUnit;
use super::{Input, KubernetesSettings, LoweredPlan};
use crate::inputs::base::BaseProject;
use crate::plan::{Plan, Workload};
use crate::support::source::FieldSpan;
use std::collections::{BTreeMap, HashMap};

/// One place that names a service.
struct Call<'p> {
    caller: &'p str,
    /// What of the caller names the service: a variable, or a field of it.
    part: &'p str,
    at: FieldSpan,
    port: Option<u16>,
}

impl Call<'_> {
    /// The place, for messages: `API_URL` of web. Made when it is needed: thousands of services call one another, and hardly
    /// any call is a finding.
    fn place(&self) -> String {
        format!("`{}` of {}", self.part.escape_debug(), self.caller)
    }
}

/// Reports each service that is called and has no Service, or none at that port, with its callers.
///
/// A workload of the base has the Services that the base gives it: they are not written, and not judged here.
pub(super) fn unanswered(
    input: &Input<'_>,
    settings: &KubernetesSettings,
    objects: Option<&BaseObjects<'_>>,
    out: &mut LoweredPlan,
) {
    let all = calls(input);
    for callee in &input.plan.workloads {
        let calls = all.get(&*callee.name).map_or(&[][..], Vec::as_slice);
        let is_of_base = |objects: &BaseObjects<'_>| callee.is_base_only() || objects.find(&callee.name).is_some();
        if calls.is_empty() || objects.is_some_and(is_of_base) {
            continue;
        }
        let unit = WorkloadUnit::new(input.plan, settings, callee);
        // the Service of a patched workload is elsewhere
        if unit.patch {
            continue;
        }
        if !unit.has_service() {
            if let Some(call) = calls.iter().find(|call| call.port.is_some()).or(calls.first()) {
                no_service(input.base, callee, call, out);
            }
            continue;
        }
        let mut reported: Vec<u16> = Vec::new();
        for call in calls {
            let Some(port) = call.port else { continue };
            if callee.ports.iter().any(|own| own.port.value == port) || reported.contains(&port) {
                continue;
            }
            reported.push(port);
            let own: Vec<String> = callee.ports.iter().map(|own| own.port.value.to_string()).collect();
            let serves = if own.is_empty() { "no port".to_owned() } else { own.join(", ") };
            let message = format!(
                "{} names {}:{port}, and the Service of `{}` has {serves}: nothing answers there",
                call.place(),
                callee.name,
                callee.name
            );
            out.lost(call.at, message, format!("write port {port} for `{}`, or name one that it has", callee.name));
        }
    }
}

fn no_service(base: Option<&BaseProject>, callee: &Workload, call: &Call<'_>, out: &mut LoweredPlan) {
    let name = &callee.name;
    let (names, help) = match call.port {
        Some(port) => (format!("{} names {name}:{port}", call.place()), format!("write `port: {port}` for `{name}`")),
        None => (
            format!("{} names it", call.place()),
            format!("write `port` for `{name}`, the one at which {} calls it", call.caller),
        ),
    };
    let known = base.is_some_and(|base| base.service(name).is_some());
    let why = if known { "no port of it is written in the spec or its base" } else { "it has no port" };
    out.lost(call.at, format!("`{name}` gets no Service, because {why}, and {names}: nothing answers"), help);
}

/// For each service the places that name it, in the order of the plan.
fn calls<'p>(input: &Input<'p>) -> HashMap<&'p str, Vec<Call<'p>>> {
    let mut calls: HashMap<&str, Vec<Call<'_>>> = HashMap::new();
    for caller in &input.plan.workloads {
        let mut add = |callee: &'p str, part: &'p str, at: FieldSpan, port: Option<u16>| {
            if callee != &*caller.name {
                calls.entry(callee).or_default().push(Call { caller: &caller.name, part, at, port });
            }
        };
        for var in &caller.env {
            let text = var.value.value.text();
            let mut named = named(text, input.plan);
            if let Some(callee) = whole(&var.name, text, input.plan) {
                named.entry(callee).or_insert(None);
            }
            for (callee, port) in named {
                add(callee, &var.name, var.value.at, port);
            }
        }
        for (field, words) in [("command", &caller.command), ("args", &caller.args)] {
            let Some(words) = words else { continue };
            let mut first: BTreeMap<&str, Option<u16>> = BTreeMap::new();
            for (callee, port) in words.value.iter().flat_map(|word| named(word, input.plan)) {
                first.entry(callee).or_insert(port);
            }
            for (callee, port) in first {
                add(callee, field, words.at, port);
            }
        }
        let member = input.base.and_then(|base| base.service(&caller.name));
        for key in ["links", "depends_on"] {
            let list = member.and_then(|member| member.project.entry.node.get(key));
            for entry in list.map_or(&[][..], |list| list.node.entries()) {
                let condition = entry.node.get("condition").and_then(|condition| condition.node.as_str());
                // a dependency that must have ended is not called
                let callee = input.plan.workload(&entry.key);
                if let Some(callee) = callee.filter(|_| condition != Some("service_completed_successfully")) {
                    add(&callee.name, key, entry.at(), None);
                }
            }
        }
    }
    calls
}

/// The services whose names a text uses as hosts: after `//` or `@`, or before a port. Each with the first port, if any.
fn named<'p>(text: &str, plan: &'p Plan) -> BTreeMap<&'p str, Option<u16>> {
    let mut called = BTreeMap::new();
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mut from = 0;
    while let Some(start) = text.get(from..).and_then(|rest| rest.find(part)).map(|offset| from + offset) {
        let rest = text.get(start..).unwrap_or_default();
        let (token, behind) = rest.split_at(rest.find(|c| !part(c)).unwrap_or(rest.len()));
        from = start + token.len();
        let before = text.get(..start).unwrap_or_default();
        let port = behind.strip_prefix(':').and_then(|behind| {
            let (digits, _) = behind.split_at(behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len()));
            digits.parse::<u16>().ok()
        });
        if (port.is_some() || before.ends_with("//") || before.ends_with('@'))
            && let Some(workload) = plan.workload(token)
        {
            let known: &mut Option<u16> = called.entry(&*workload.name).or_default();
            *known = known.or(port);
        }
    }
    called
}

/// Parts of names of variables that hold a host.
const HOSTS: [&str; 7] = ["HOST", "ADDR", "SERVER", "ENDPOINT", "UPSTREAM", "BROKER", "URL"];

/// The service whose name is the whole value of a host variable.
fn whole<'p>(variable: &str, text: &str, plan: &'p Plan) -> Option<&'p str> {
    let callee = plan.workload(text)?;
    let variable = variable.to_ascii_uppercase();
    HOSTS.iter().any(|part| variable.contains(part)).then_some(&*callee.name)
}
