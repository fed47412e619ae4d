//! What a compose file includes: whole projects of their own, with their own folder and variables. Knows no key of a service.

use super::loader::{Loader, Model, ReadContext, folder_of, one_or_more};
use super::{MAX_INCLUDES, NamedFile, volumes};
use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::FieldSpan;
use crate::syntax::{Entry, Node, Value};
use std::collections::HashMap;
use std::rc::Rc;

/// The model with what its file includes under it.
pub(super) fn apply(
    loader: &mut Loader<'_>,
    list: &Entry,
    own: Model,
    context: &ReadContext,
    trail: &[String],
) -> Model {
    let mut all = Model::default();
    for item in list.node.items() {
        let Some(included) = included_model(loader, item, context, trail) else { continue };
        loader.lay(&mut all, included);
    }
    // the file's own values are laid over all of it; it keeps its tags for the files named before
    all.partial.extend(own.partial);
    for (section, entries) in own.sections {
        let one = if section == "services" { super::merge::service } else { super::merge::resource };
        let old = all.sections.remove(section).unwrap_or_default();
        all.sections.insert(section, super::merge::named(&old, &entries, &mut loader.budget, one));
    }
    all
}

fn included_model(loader: &mut Loader<'_>, item: &Rc<Node>, context: &ReadContext, trail: &[String]) -> Option<Model> {
    let value = |key: &str| item.get(key).filter(|entry| !entry.node.is_null());
    let paths: Vec<(Rc<Node>, FieldSpan)> = match &item.value {
        Value::Map(_) => {
            let entry = value("path")?;
            one_or_more(&entry.node).into_iter().map(|node| (Rc::clone(&node), place(entry, &node))).collect()
        }
        _ => vec![(Rc::clone(item), item.at())],
    };
    let mut files: Vec<NamedFile> = Vec::new();
    for (node, at) in paths {
        files.push(loader.named(&node, at, &context.folder)?);
    }
    let first = files.first()?;
    let refused = |message: String| {
        let at = first.at.unwrap_or_else(|| item.at().place());
        Finding::new("invalid-value", Severity::Error, at, message).help("remove this `include`")
    };
    if trail.contains(&first.path) {
        let message = format!("files include each other in a circle: {} → {}", trail.join(" → "), first.path);
        loader.report(refused(message));
        return None;
    }
    if trail.len() > MAX_INCLUDES {
        loader.report(refused(format!("over {MAX_INCLUDES} files include each other")));
        loader.out.partial = true;
        return None;
    }
    let folder = match value("project_directory").and_then(|entry| entry.node.as_str()) {
        Some(folder) => volumes::place(&context.folder, folder),
        None => folder_of(&first.path).to_owned(),
    };
    let folder = if folder == "." { String::new() } else { folder };
    let (mut variables, mut number) = (context.variables.clone(), context.number);
    if let Some(entry) = value("env_file") {
        // a later file wins over an earlier one, and what the including file knows over both
        let mut values = HashMap::new();
        for node in one_or_more(&entry.node) {
            if node.as_str() == Some("/dev/null") {
                continue;
            }
            let Some(named) = loader.named(&node, place(entry, &node), &context.folder) else { continue };
            let more = loader.variables(&named, &variables, &values);
            values.extend(more);
        }
        variables = variables.with_fallback(values);
        number = loader.next_number();
    }
    Some((loader.model)(loader, &files, &ReadContext { folder, variables, number }, trail))
}

/// The place of a text that is the value of an entry, or one item of it.
fn place(entry: &Entry, node: &Rc<Node>) -> FieldSpan {
    if Rc::ptr_eq(&entry.node, node) { entry.at() } else { node.at() }
}
