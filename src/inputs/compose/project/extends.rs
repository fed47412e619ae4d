//! What a compose service extends: another one of its file, or one of another file. Knows no other key of a service.

use super::loader::{Loader, Model, ReadContext, folder_of};
use super::shape::ShapeFaults;
use super::{MAX_EXTENDS, NamedFile, shape};
use super::{forms, merge, tags};
use crate::inputs::text::{is_unknown, scalar};
use crate::inputs::tree::with_node;
use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::FieldSpan;
use crate::syntax::{Entry, Node, Value};
use std::collections::HashMap;
use std::rc::Rc;

/// The services of a file, each laid over what it extends.
pub(super) fn apply(loader: &mut Loader<'_>, model: &mut Model, context: &ReadContext, path: &str) {
    let Some(services) = model.sections.get_mut("services") else { return };
    if services.iter().all(|entry| extends_of(&entry.node).is_none()) {
        return;
    }
    let table = services.iter().map(|entry| (Rc::clone(&entry.key), Rc::clone(&entry.node))).collect();
    let scope = loader.scopes.add(path, context.clone(), table, HashMap::new());
    for entry in services {
        if let Some((node, partial)) = resolve(loader, scope, &entry.key, &mut Vec::new()) {
            if partial {
                model.partial.insert(Rc::clone(&entry.key));
            }
            *entry = with_node(entry, node);
        }
    }
}

fn extends_of(node: &Node) -> Option<&Entry> {
    node.get("extends").filter(|entry| !tags::is_reset(&entry.node) && !entry.node.is_null())
}

/// A service with what it extends, and whether part of it was not read. None if there is no such service.
fn resolve(
    loader: &mut Loader<'_>,
    scope: usize,
    name: &str,
    trail: &mut Vec<(usize, Rc<str>)>,
) -> Option<(Rc<Node>, bool)> {
    let here = loader.scopes.all.get_mut(scope)?;
    if let Some(done) = here.done.get(name) {
        return Some(done.clone());
    }
    let mut found = ShapeFaults::default();
    if let Some(written) = here.written.remove(name) {
        shape::extended(&written, &mut found);
    }
    let (key, node) = here.services.get_key_value(name).map(|(key, node)| (Rc::clone(key), Rc::clone(node)))?;
    loader.report_shape(found);
    let Some(extends) = extends_of(&node).cloned() else { return Some((node, false)) };
    trail.push((scope, Rc::clone(&key)));
    let base = base(loader, scope, &extends, trail);
    trail.pop();
    let result = match base {
        ExtendedBase::Read(base, partial) => (merge::extended(&base, &node, &mut loader.budget), partial),
        // what it lacks may be what it was to have from there
        ExtendedBase::Nothing | ExtendedBase::Unread => {
            (merge::extended(&without_value(&node), &node, &mut loader.budget), true)
        }
    };
    if let Some(here) = loader.scopes.all.get_mut(scope) {
        here.done.insert(key, result.clone());
    }
    Some(result)
}

/// An empty mapping in place of a service.
fn without_value(node: &Node) -> Rc<Node> {
    crate::inputs::tree::map(node, Vec::new())
}

enum ExtendedBase {
    /// The service, and whether part of it was not read.
    Read(Rc<Node>, bool),
    /// The service does not exist, which has a finding already.
    Nothing,
    /// It is in what was not read.
    Unread,
}

/// The service that another one extends.
fn base(loader: &mut Loader<'_>, scope: usize, extends: &Entry, trail: &mut Vec<(usize, Rc<str>)>) -> ExtendedBase {
    let part = |key: &str| extends.node.get(key).filter(|entry| !entry.node.is_null());
    let service = match &extends.node.value {
        Value::Map(_) => part("service"),
        Value::Str => Some(extends),
        // its form has a finding already
        _ => return ExtendedBase::Nothing,
    };
    let Some((service, name)) = service.and_then(|entry| Some((entry, entry.node.as_str()?))) else {
        let message = "docker compose takes no `extends` without `service`, a service's name";
        let finding = Finding::new("missing-field", Severity::Error, extends.at().key(), message);
        loader.report(finding.help("add `service`"));
        return ExtendedBase::Nothing;
    };
    if is_unknown(&service.node) {
        return ExtendedBase::Unread;
    }
    let target = match part("file") {
        Some(file) => match other(loader, scope, file) {
            Some(target) => target,
            None => return ExtendedBase::Unread,
        },
        None => scope,
    };
    if let Some(finding) = too_far(loader, target, name, service.at(), trail) {
        loader.report(finding);
        return ExtendedBase::Nothing;
    }
    match resolve(loader, target, name, trail) {
        Some((node, partial)) if target != scope => ExtendedBase::Read(forms::of_read_file(&node), partial),
        Some((node, partial)) => ExtendedBase::Read(node, partial),
        // an included file may have it
        None if loader.out.partial && target == scope => ExtendedBase::Unread,
        None => {
            let finding = unknown(loader, target, name, service.at());
            loader.report(finding);
            ExtendedBase::Nothing
        }
    }
}

/// A circle of services, or a chain that is too long.
fn too_far(
    loader: &Loader<'_>,
    target: usize,
    name: &str,
    at: FieldSpan,
    trail: &[(usize, Rc<str>)],
) -> Option<Finding> {
    let wrong = |message: String| Finding::new("invalid-value", Severity::Error, at.place(), message);
    let file = |scope: usize| loader.scopes.all.get(scope).map_or("", |scope| &scope.path);
    let same = |(scope, own): &(usize, Rc<str>)| **own == *name && file(*scope) == file(target);
    if let Some(start) = trail.iter().position(same) {
        let circle = trail.iter().skip(start);
        let one = circle.clone().all(|(scope, _)| file(*scope) == file(target));
        let shown = |scope: usize, name: &str| match one {
            true => name.to_owned(),
            false => format!("{name} of {}", file(scope).escape_debug()),
        };
        let circle: Vec<String> = circle.map(|(scope, name)| shown(*scope, name)).collect();
        let message =
            format!("services extend each other in a circle: {} → {}", circle.join(" → "), shown(target, name));
        return Some(wrong(message).help("remove this `extends`"));
    }
    (trail.len() >= MAX_EXTENDS).then(|| {
        wrong(format!("over {MAX_EXTENDS} services extend each other")).help("extend fewer services in a chain")
    })
}

fn unknown(loader: &Loader<'_>, scope: usize, name: &str, at: FieldSpan) -> Finding {
    let here = loader.scopes.all.get(scope);
    let path = here.map_or("", |scope| &scope.path);
    let message = format!("`{}` has no service `{}`", path.escape_debug(), name.escape_debug());
    let finding = Finding::new("unknown-reference", Severity::Error, at.place(), message);
    let names = here.into_iter().flat_map(|scope| scope.services.keys()).map(|name| &**name);
    match crate::support::suggest::closest(name, names) {
        Some(close) => finding.help(format!("did you mean `{close}`?")),
        None => finding.help("name a service of that file"),
    }
}

/// The file that an `extends` names.
fn other(loader: &mut Loader<'_>, scope: usize, file: &Entry) -> Option<usize> {
    let context = loader.scopes.all.get(scope)?.context.clone();
    if scalar(&file.node).is_none() {
        let message = format!("docker compose takes a path for `file`, not {}", file.node.kind());
        let finding = Finding::new("wrong-type", Severity::Error, file.at().place(), message);
        loader.report(finding.help("write the path of a compose file"));
        return None;
    }
    let named = loader.named(&file.node, file.at(), &context.folder)?;
    let key = (named.path.clone(), context.number);
    if let Some(known) = loader.scopes.index.get(&key) {
        return *known;
    }
    let scope = read(loader, &named, &context);
    loader.scopes.index.insert(key, scope);
    scope
}

fn read(loader: &mut Loader<'_>, named: &NamedFile, context: &ReadContext) -> Option<usize> {
    let (_, roots) = loader.documents(named)?;
    let folder = folder_of(&named.path).to_owned();
    let context = ReadContext { folder, ..context.clone() };
    let (mut model, mut written) = (Model::default(), HashMap::new());
    for root in roots.iter() {
        let root = loader.filled(root, &context);
        let entries = root.get("services").map_or(&[][..], |entry| entry.node.entries());
        written.extend(entries.iter().map(|entry| (Rc::clone(&entry.key), entry.clone())));
        // the includes of an extended file are not read: compose does not read them either
        let own = loader.sections(&root, &context);
        loader.lay(&mut model, own);
    }
    let services = model.sections.remove("services").unwrap_or_default();
    let table = services.into_iter().map(|entry| (entry.key, entry.node)).collect();
    Some(loader.scopes.add(&named.path, context, table, written))
}
