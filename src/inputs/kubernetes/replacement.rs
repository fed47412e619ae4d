//! Replacements of kustomizations: a value is copied from one object, or from the kustomization, into fields of others, as
//! `api/filters/replacement` of kustomize 5.8 does. What is not certain is kept as changed. Knows no workload.

use super::access::{entry, flag, items, word};
use super::changed_objects::ObjectChange;
use super::field_path::FieldPath;
use super::kustomization::{KustomizationFile, NamedResource, joined};
use super::patch_target::PatchTarget;
use super::read_set::SetReading;
use crate::inputs::tree::{with_text, with_value};
use crate::syntax::{Node, Style, Value, plain_value};
use std::rc::Rc;

/// The field that is meant where none is written (`DefaultReplacementFieldPath`).
const DEFAULT_PATH: &str = "metadata.name";

/// One part of a text between delimiters.
#[derive(Debug)]
struct TextPart {
    delimiter: String,
    index: i64,
}

impl TextPart {
    fn read(options: Option<&Node>) -> Option<TextPart> {
        let options = options?;
        let delimiter = word(options, "delimiter").to_owned();
        let index = entry(options, "index").and_then(|index| match index.node.value {
            Value::Int(index) => Some(index),
            _ => None,
        });
        (!delimiter.is_empty()).then(|| TextPart { delimiter, index: index.unwrap_or_default() })
    }
}

impl SetReading<'_> {
    /// Applies the replacements of a kustomization to these objects.
    pub(super) fn replace(&mut self, folder: &str, own: &KustomizationFile, objects: &[usize]) {
        for node in &own.replacements {
            match entry(node, "path").filter(|path| path.node.as_str().is_some_and(|path| !path.is_empty())) {
                None => self.replacement(node, own, objects),
                Some(path) => {
                    let named = path.node.as_str().unwrap_or_default().to_owned();
                    let resource = NamedResource { path: named, at: path.at(), component: false };
                    for document in self.plain_documents(folder, &resource) {
                        match &document.value {
                            Value::Seq(all) => all.iter().for_each(|one| self.replacement(one, own, objects)),
                            _ => self.replacement(&document, own, objects),
                        }
                    }
                }
            }
        }
    }

    /// The documents of a file that is no object. Without it nothing is known.
    pub(super) fn plain_documents(&mut self, folder: &str, resource: &NamedResource) -> Vec<Rc<Node>> {
        match self.file(&joined(folder, &resource.path)) {
            Ok(id) => {
                self.built.insert(id);
                self.changes.patches.insert(id);
                self.patched.files.insert(id);
                self.into.get(id).map(|file| file.documents.clone()).unwrap_or_default()
            }
            Err(unread) => {
                self.unread_resource(resource, &unread);
                self.changes.changed.push(ObjectChange::unknown());
                Vec::new()
            }
        }
    }

    fn replacement(&mut self, node: &Node, own: &KustomizationFile, objects: &[usize]) {
        self.patched.work += objects.len() as u64;
        let value = if self.is_too_much() { None } else { self.replacing_value(node, own, objects) };
        for target in items(node, "targets") {
            if !self.replace_in(target, value.as_ref(), own, objects) {
                self.changes.changed.push(ObjectChange::of_target(target));
            }
        }
    }

    /// The value that is copied; `None` if it is not known here: names, labels and images are changed by other parts of kustomizations,
    /// and generated objects are in no file.
    fn replacing_value(&self, node: &Node, own: &KustomizationFile, objects: &[usize]) -> Option<Rc<Node>> {
        if let Some(value) = entry(node, "sourceValue") {
            return Some(with_text(&value.node, &value.node.text)).filter(|_| entry(node, "source").is_none());
        }
        let source = &entry(node, "source")?.node;
        let wanted = PatchTarget::read_plain(source);
        let mut found = None;
        for index in objects {
            let Some(known) = self.known_as(*index, &own.affixes) else { continue };
            let known = known.also_in(own.namespace.as_ref());
            if wanted.selects(self.manifests.get(*index)?, &known)? && found.replace(*index).is_some() {
                return None;
            }
        }
        let manifest =
            self.manifests.get(found?).filter(|_| !self.patched.inexact.contains(&found.unwrap_or_default()))?;
        let path = entry(source, "fieldPath").and_then(|path| path.node.as_str()).filter(|path| !path.is_empty());
        let path = FieldPath::read(path.unwrap_or(DEFAULT_PATH));
        let (object, field) = (manifest.object(), ObjectChange::field_name(path.keys()));
        let is_open = |change: &ObjectChange| change.touches(&object, &field);
        if path.keys().any(|key| matches!(key, "metadata" | "image")) || self.changes.changed.iter().any(is_open) {
            return None;
        }
        let value = path.value(&manifest.root)?;
        let part = TextPart::read(entry(source, "options").map(|options| &*options.node));
        match part {
            None => Some(Rc::clone(value)),
            Some(part) => {
                let index = usize::try_from(part.index).ok()?;
                Some(with_text(value, scalar_text(value)?.split(&*part.delimiter).nth(index)?))
            }
        }
    }

    /// Copies a value into the fields of a target; whether it is known which objects these are.
    fn replace_in(
        &mut self,
        target: &Node,
        value: Option<&Rc<Node>>,
        own: &KustomizationFile,
        objects: &[usize],
    ) -> bool {
        let Some(select) = entry(target, "select").map(|select| PatchTarget::read(&select.node)) else { return false };
        let rejected: Vec<PatchTarget> = items(target, "reject").map(|one| PatchTarget::read(one)).collect();
        let asks = select.asks_for_labels() || rejected.iter().any(PatchTarget::asks_for_labels);
        if asks
            && (self.changes.transformers.adds_labels()
                || own.adds_labels
                || rejected.iter().any(PatchTarget::asks_for_labels))
        {
            return false;
        }
        let mut selected = Vec::new();
        for index in objects {
            let Some(known) = self.known_as(*index, &own.affixes) else { continue };
            let known = known.also_in(own.namespace.as_ref());
            let Some(manifest) = self.manifests.get(*index) else { continue };
            let Some(mut fits) = select.selects(manifest, &known) else { return false };
            for rejected in &rejected {
                let Some(is) = rejected.selects(manifest, &known) else { return false };
                fits &= !is;
            }
            selected.extend(fits.then_some(*index));
        }
        let written: Vec<&str> = items(target, "fieldPaths").filter_map(|path| path.as_str()).collect();
        let paths = if written.is_empty() { vec![DEFAULT_PATH] } else { written };
        let options = entry(target, "options").map(|options| &*options.node);
        let (part, create) = (TextPart::read(options), options.and_then(|options| flag(entry(options, "create"))));
        let create = create.is_some_and(|create| create.value);
        for index in selected {
            for path in &paths {
                self.replace_field(index, &FieldPath::read(path), value, (part.as_ref(), create));
            }
        }
        true
    }

    fn replace_field(
        &mut self,
        index: usize,
        path: &FieldPath,
        value: Option<&Rc<Node>>,
        (part, create): (Option<&TextPart>, bool),
    ) {
        let Some(manifest) = self.manifests.get_mut(index) else { return };
        self.patched.work += u64::from(manifest.root.weight.min(100_000));
        let result = value.and_then(|value| path.edit(&manifest.root, create, &|old| replaced(old, value, part)));
        match result {
            Some(root) => manifest.root = root,
            None => {
                let object = manifest.object();
                let fields = vec![ObjectChange::field_name(path.keys())];
                self.changes.changed.push(ObjectChange { kind: object.kind, name: object.name, fields });
            }
        }
    }
}

fn scalar_text(node: &Node) -> Option<&str> {
    matches!(node.value, Value::Str | Value::Int(_) | Value::Float(_) | Value::Bool(_)).then_some(&*node.text)
}

/// A value with another copied over it. A scalar keeps its type and takes the text; all else is replaced whole.
fn replaced(old: Option<&Rc<Node>>, value: &Rc<Node>, part: Option<&TextPart>) -> Option<Rc<Node>> {
    let scalar = |node: &&Rc<Node>| !matches!(node.value, Value::Map(_) | Value::Seq(_));
    let text = match (part, old) {
        (None, _) => scalar_text(value).map(str::to_owned),
        (Some(part), Some(old)) => Some(spliced(scalar_text(old)?, scalar_text(value)?, part)),
        (Some(_), None) => return None,
    };
    let Some(old) = old.filter(scalar) else {
        let Some(text) = text.filter(|_| old.is_none()) else { return Some(Rc::clone(value)) };
        // what is made has no type of its own
        return Some(typed(value, &text, plain_value(&text)));
    };
    let text = text?;
    let resolved = plain_value(&text);
    let same = match (&old.value, &resolved) {
        (Value::Str, _) => return Some(with_text(value, &text)),
        (Value::Int(_), Value::Int(_)) | (Value::Float(_), Value::Float(_)) | (Value::Bool(_), Value::Bool(_)) => true,
        _ => false,
    };
    same.then(|| typed(value, &text, resolved))
}

fn typed(at: &Rc<Node>, text: &str, value: Value) -> Rc<Node> {
    let mut made = Node::clone(&with_value(at, value));
    made.text = Rc::from(text);
    made.style = if at.style == Style::BlockScalar { Style::Plain } else { at.style };
    Rc::new(made)
}

/// The parts of a text with one of them replaced, or a new one before or after them.
fn spliced(old: &str, value: &str, part: &TextPart) -> String {
    let mut parts: Vec<&str> = old.split(&*part.delimiter).collect();
    match usize::try_from(part.index).map(|index| parts.get_mut(index)) {
        Err(_) => parts.insert(0, value),
        Ok(Some(own)) => *own = value,
        Ok(None) => parts.push(value),
    }
    parts.join(&part.delimiter)
}
