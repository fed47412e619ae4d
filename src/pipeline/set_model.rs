//! Files of another tool as one effective model, for what shows numbers without a spec. Knows no rule and no format.

use super::Files;
use super::foreign::FileSet;
use super::referenced_files::BesideFiles;
use crate::inputs::base::{BaseMember, BaseProject};
use crate::inputs::{InputFiles, ObjectName, ReplicationMode, Sidecar};
use crate::model::quantity::{Cpu, Memory};
use crate::model::{self, Amounts, LoweredBefore, Service, ServiceField, Spec, Val};
use crate::syntax::{Entry, Node, Style, Value, no_text};
use std::collections::HashSet;
use std::rc::Rc;

/// The services of a set with the numbers that hold together: containers beside the main one are added to what a replica takes,
/// what runs to its end is left out, and of what is written several times in files that nobody applies together the first counts.
///
/// # Errors
/// A file of the set cannot be read: its path as the set has it, and why.
pub fn set_model(set: &FileSet, files: &dyn Files) -> Result<Spec, (String, String)> {
    let mut inputs = InputFiles::default();
    let nothing: Rc<Node> = Rc::new(Node {
        file: crate::support::diagnostic::SPEC,
        span: crate::support::source::Span::new(0, 0),
        value: Value::Map(Vec::new()),
        text: no_text(),
        style: Style::Block,
        tag: None,
        weight: 1,
    });
    let mut spec = model::lower(&nothing, &mut LoweredBefore::default()).spec;
    let Some(reader) = &set.format.sets else { return Ok(spec) };
    let mut project = (reader.read)(&set.paths, &BesideFiles(files), &mut inputs);
    if let Some((path, unread)) = project.unread.pop() {
        return Err((path, unread.why));
    }
    spec.name = Val::default_at(set.name.clone(), spec.at);
    spec.services = services(&project);
    Ok(spec)
}

fn services(project: &BaseProject) -> Vec<Rc<Service>> {
    let mut known: HashSet<&ObjectName> = HashSet::new();
    let mut all = Vec::with_capacity(project.services.len());
    for member in &project.services {
        let again = member.facts.object.as_ref().is_some_and(|object| !known.insert(object));
        let mode = member.facts.mode.as_ref().map(|mode| &mode.value);
        let ends = matches!(mode, Some(ReplicationMode::Job | ReplicationMode::GlobalJob));
        if !again && !ends && member.facts.runnable && member.facts.starts {
            all.push(whole(member));
        }
    }
    all
}

/// A service with all that one replica of it takes.
fn whole(member: &BaseMember) -> Rc<Service> {
    let several = member.facts.mode.is_some();
    if member.facts.sidecars.is_empty() && !several {
        return Rc::clone(&member.service);
    }
    let mut service = Service::clone(&member.service);
    if several {
        // as many as there are machines
        service.broken.set_unknown(ServiceField::Replicas);
    }
    for sidecar in &member.facts.sidecars {
        let part = |key: &str| -> Option<&Entry> { sidecar.resources.as_ref()?.node.get(key) };
        add(&mut service.resources.requests, part("requests"), sidecar);
        add(&mut service.resources.limits, part("limits"), sidecar);
    }
    Rc::new(service)
}

fn add(amounts: &mut Amounts, more: Option<&Entry>, sidecar: &Sidecar) {
    let value = |key: &str| Some(more?.node.get(key)?.node.text.to_string());
    if let Some(cpu) = value("cpu").and_then(|text| Cpu::parse(&text).ok()) {
        let own = amounts.cpu.get_or_insert_with(|| Val::new(Cpu(0), sidecar.at));
        own.value = Cpu(own.value.0.saturating_add(cpu.0));
    }
    if let Some(memory) = value("memory").and_then(|text| Memory::parse(&text).ok()) {
        let own = amounts.memory.get_or_insert_with(|| Val::new(Memory::bytes(0), sidecar.at));
        own.value = Memory { bytes: own.value.bytes.saturating_add(memory.bytes), ..own.value };
    }
}
