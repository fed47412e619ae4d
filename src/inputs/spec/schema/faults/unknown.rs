//! Unknown keys, and values of another form, with what to write for them. One finding for one cause.

use super::super::foreign_words::word_row::WordRow;
use super::super::foreign_words::{self, ForeignWord, Owner, forms};
use super::super::keys::Found;
use super::super::{misplaced, scalars};
use super::Faults;
use crate::support::diagnostic::{Edit, Finding, Fix, Severity};
use crate::support::source::FileSpan as Bytes;
use crate::support::suggest;
use crate::syntax::{Entry, MAX_FINDINGS, Node, Style, Value};
use serde_json::Value as Json;

/// Every field of a mapping that an unknown key was meant for.
pub(super) const ANY: &str = "*";

/// The place of a fault: in the document and in the schema.
pub(super) struct FaultPlace<'p> {
    pub pointer: &'p str,
    pub schema_path: &'p str,
}

/// The text to add for fields that a mapping lacks: each as it is written at the root, else as the schema's example.
pub(super) fn to_add(keys: &[String], examples: &[Option<String>]) -> String {
    let at_root = |key: &String| match key.as_str() {
        "version" => Some("`version: 1`"),
        "name" => Some("`name: my-app` with a name for the whole"),
        "services" => Some("`services: { web: { image: \"example/web:1.0\" } }` with what is to scale"),
        _ => None,
    };
    let written: Option<Vec<&str>> = keys.iter().map(at_root).collect();
    if let Some(written) = written.filter(|_| examples.iter().all(Option::is_none)) {
        return format!("add {}", written.join(", "));
    }
    let names: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    let like: Vec<&str> = examples.iter().flatten().map(String::as_str).collect();
    match like.len() == keys.len() {
        true => format!("add {}, like `{}`", names.join(", "), like.join(", ")),
        false => format!("add {}", names.join(", ")),
    }
}

/// The kind of a database, by the last part of its image's name.
pub(super) fn kind_of(image: &str) -> Option<&str> {
    let last = image.rsplit('/').next()?;
    last.split([':', '@']).next()
}

impl<'t> Faults<'t> {
    /// All unknown keys of one mapping.
    pub(super) fn unknown(
        &mut self,
        rule: &'static str,
        found: &Found<'t>,
        unexpected: &[String],
        place: &FaultPlace<'_>,
    ) {
        if place.pointer.is_empty() && self.is_manifest(found.node) {
            return;
        }
        let mut groups: Vec<(Option<&'static str>, Vec<ForeignWord<'t>>)> = Vec::new();
        let outside = if place.pointer.is_empty() { self.outside() } else { Vec::new() };
        for key in unexpected.iter().take(MAX_FINDINGS) {
            let Some(entry) = self.keys.get(found.node, key) else { continue };
            if let Some((map, _)) = outside.iter().find(|(_, service)| std::ptr::eq(*service, entry)) {
                self.unindented(rule, map, entry);
                continue;
            }
            if let Some(entries) = self.dotted(found, entry, place) {
                let owner = Owner { node: found.node, name: found.name.clone() };
                self.findings.extend(foreign_words::dotted(&entries, &owner, rule));
                continue;
            }
            let Some(row) = self.is_spec().then(|| self.row(place, entry)).flatten() else {
                self.unknown_key(rule, found, entry, place);
                continue;
            };
            let root = row.root();
            let goes_with = |(known, words): &&mut (Option<&'static str>, Vec<ForeignWord<'t>>)| match root {
                Some(_) => *known == root,
                None => row.is_sentence() && words.iter().all(|word| word.row.says_the_same(row)),
            };
            match groups.iter_mut().find(goes_with) {
                Some((_, words)) => words.push(ForeignWord { entry, row }),
                None => groups.push((root, vec![ForeignWord { entry, row }])),
            }
        }
        for (_, mut words) in groups {
            words.sort_by_key(|word| word.entry.at().key());
            let above = words.iter().any(|word| word.row.is_above());
            let owner = match place.pointer.rsplit_once('/').filter(|_| above) {
                Some((above, _)) => self.keys.locate(self.tree, above),
                None => Found { node: found.node, at: found.at, name: found.name.clone() },
            };
            for word in &words {
                // a sentence names what else is to be written
                let fields = if word.row.is_sentence() { vec![ANY.to_owned()] } else { word.roots() };
                self.meant.extend(fields.into_iter().map(|field| (std::ptr::from_ref(owner.node), field)));
            }
            let owner = Owner { node: owner.node, name: owner.name };
            let here = Owner { node: found.node, name: found.name.clone() };
            let finding = foreign_words::finding(&words, &owner, &here, rule);
            // `resources:` next to its service is read as a service: the fault is its place
            let is_service = place.pointer.starts_with("/services/") && place.pointer.matches('/').count() == 2;
            let is_field = is_service && misplaced::fields_below((self.schema)(), "/services").contains(&&*found.name);
            self.findings
                .extend(finding.map(|finding| if is_field { Finding { fix: None, ..finding } } else { finding }));
        }
    }

    /// Services at the root next to an empty `services:`, each with that entry; likewise for backing services.
    fn outside(&self) -> Vec<(&'t Entry, &'t Entry)> {
        ["services", "backingServices"].iter().filter_map(|map| self.entries_beside(map)).flatten().collect()
    }

    /// The entry after an empty `services:` at the root that has fields of a service, so that it was meant to be below it.
    pub(super) fn entries_beside(&self, map: &str) -> Option<Vec<(&'t Entry, &'t Entry)>> {
        let fields = misplaced::fields_below((self.schema)(), &format!("/{map}"));
        let known = self.is_spec().then(|| (self.schema)().pointer("/$defs/spec/properties")?.as_object()).flatten()?;
        let entries = self.tree.entries();
        let index = entries.iter().position(|entry| *entry.key == *map)?;
        let owner =
            entries.get(index).filter(|owner| owner.node.entries().is_empty() && owner.node.items().is_empty())?;
        let is_service = |entry: &&Entry| {
            let is_field = |field: &Entry| fields.iter().any(|name| *name == &*field.key);
            !known.contains_key(&*entry.key) && entry.node.entries().iter().any(is_field)
        };
        let follows = entries.get(index + 1..).unwrap_or_default().iter().take_while(is_service);
        let all: Vec<(&Entry, &Entry)> = follows.map(|entry| (owner, entry)).collect();
        (!all.is_empty()).then_some(all)
    }

    fn unindented(&mut self, rule: &'static str, owner: &Entry, entry: &Entry) {
        let (map, name) = (&owner.key, entry.key.escape_debug());
        let message = format!("`{name}` is beside `{map}`, not in it");
        let finding = Finding::new(rule, Severity::Error, entry.at().key(), message)
            .label(owner.at().key(), "this has nothing below it")
            .help(format!("indent it with all that is below it, so that it is below `{map}:`"));
        self.findings.push(finding);
    }

    /// Whether the document is a spec: settings have their own words.
    pub(super) fn is_spec(&self) -> bool {
        std::ptr::fn_addr_eq(self.schema, super::super::schema as fn() -> &'static Json)
    }

    /// The row for a word of another tool. What differs from a field only in how its parts are joined is that field.
    fn row(&self, place: &FaultPlace<'_>, entry: &Entry) -> Option<&'static WordRow> {
        let (key, value) = (&*entry.key, &*entry.node);
        let is_field = || self.fields_here(place).iter().any(|known| suggest::is_same_word(known, key));
        let same = || foreign_words::row_of_same_word(place.pointer, key, value).filter(|_| !is_field());
        foreign_words::row(place.pointer, key, value).or_else(same)
    }

    /// The keys with dots that begin with the same field as this one, if it is the first of them.
    fn dotted(&mut self, found: &Found<'t>, entry: &'t Entry, place: &FaultPlace<'_>) -> Option<Vec<&'t Entry>> {
        let (root, _) = entry.key.split_once('.').filter(|_| self.is_spec())?;
        self.fields_here(place).contains(&root).then_some(())?;
        let is_like = |other: &&Entry| other.key.split_once('.').is_some_and(|(own, _)| own == root);
        let all: Vec<&Entry> = found.node.entries().iter().filter(is_like).collect();
        let is_first = all.first().is_some_and(|first| std::ptr::eq(*first, entry));
        self.meant.push((std::ptr::from_ref(found.node), root.to_owned()));
        Some(if is_first { all } else { Vec::new() })
    }

    /// Whether all that is below a key are fields of a service.
    fn is_service(&self, entry: &Entry) -> bool {
        let fields = misplaced::fields_below((self.schema)(), "/services");
        let own = entry.node.entries();
        own.iter().any(|field| *field.key == *"image") && own.iter().all(|field| fields.contains(&&*field.key))
    }

    /// The fields of the mapping that a fault is in.
    fn fields_here(&self, place: &FaultPlace<'_>) -> Vec<&'static str> {
        let parent = place.schema_path.rsplit_once('/').map_or("", |(parent, _)| parent);
        let fields = (self.schema)().pointer(parent).and_then(|here| here.get("properties")?.as_object());
        fields.into_iter().flat_map(|fields| fields.keys().map(String::as_str)).collect()
    }

    /// An unknown key that no other tool uses: misplaced, misspelt, or neither.
    fn unknown_key(&mut self, rule: &'static str, found: &Found<'t>, entry: &'t Entry, place: &FaultPlace<'_>) {
        let key = &*entry.key;
        let schema = (self.schema)();
        let parent = place.schema_path.rsplit_once('/').map_or("", |(parent, _)| parent);
        let here = schema.pointer(parent);
        let known = self.fields_here(place);
        let owner = if found.name.is_empty() { String::new() } else { format!(" in `{}`", found.name) };
        let message = format!("unknown field `{}`{owner}", key.escape_debug());
        let mut finding = Finding::new(rule, Severity::Error, entry.at().key(), message);
        let elsewhere = here.filter(|_| self.is_spec()).and_then(|here| {
            misplaced::of_backing_service(schema, place.pointer, key)
                .or_else(|| misplaced::help(schema, here, place.pointer, key))
        });
        let is_service = |map: &str| self.tree.get(map).is_some_and(|map| map.node.get(key).is_some());
        let map = ["services", "backingServices"].into_iter().find(|map| place.pointer.is_empty() && is_service(map));
        let decimal = scalars::decimal_comma(found.node, entry);
        if let Some((field, value)) = scalars::key_with_value(entry).filter(|(field, _)| known.contains(field)) {
            finding = finding.help(format!("write `{field}: {value}`: a blank is missing after `:`"));
            self.meant.push((std::ptr::from_ref(found.node), field.to_owned()));
        } else if let Some(number) = decimal {
            finding = finding.help(format!("write `{number}`: a comma ends a value between braces"));
        } else if place.pointer.is_empty() && self.is_spec() && self.is_service(entry) {
            let name = key.escape_debug();
            finding = finding.help(format!("write it under `services`: `services: {{ {name}: … }}`"));
            self.meant.push((std::ptr::from_ref(found.node), "services".to_owned()));
        } else if let (Some(map), true) = (map, self.is_spec()) {
            finding = finding.help(format!("write it under `{map}`: `{map}: {{ {}: … }}`", key.escape_debug()));
        } else if let Some(help) = elsewhere {
            finding = finding.help(help);
        } else if let Some(close) = suggest::closest(key, known.iter().copied()) {
            if self.keys.get(found.node, close).is_some() {
                finding = finding.help(format!("remove it: `{close}` is written too"));
            } else {
                finding = finding.help(format!("did you mean `{close}`?"));
                self.meant.push((std::ptr::from_ref(found.node), close.to_owned()));
                if entry.via.is_none() {
                    finding = finding.fix(entry.key_span, close, false);
                }
            }
        } else if !known.is_empty() {
            let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            let holds =
                place.pointer.is_empty() && self.is_spec() && matches!(entry.node.value, Value::Map(_) | Value::Seq(_));
            let anchors = if holds { "; what only holds anchors has a name that begins with `x-`" } else { "" };
            finding = finding.help(format!("known fields are {}{anchors}", known.join(", ")));
        }
        self.findings.push(finding);
    }

    /// A manifest of Kubernetes in place of a spec: one finding, without the missing fields of a spec.
    fn is_manifest(&mut self, root: &'t Node) -> bool {
        let (Some(first), Some(kind)) = (root.get("apiVersion"), root.get("kind")) else { return false };
        if !self.is_spec() || root.get("services").is_some() {
            return false;
        }
        let short = |text: &str| -> String {
            text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect()
        };
        let name = root.get("metadata").and_then(|metadata| metadata.node.get("name"));
        let name = name.map_or_else(|| "web".to_owned(), |name| short(&name.node.text));
        let replicas =
            root.get("spec").and_then(|spec| spec.node.get("replicas")).and_then(|replicas| replicas.node.as_whole());
        let replicas = replicas.filter(|replicas| *replicas >= 0).unwrap_or(1);
        let message = format!("this is a manifest of Kubernetes (`{}`), no scalegen spec", short(&kind.node.text));
        let help = format!(
            "write a spec beside it: `version: 1`, `name: {name}` and `services: {{ {name}: {{ replicas: {replicas} }} }}`; \
             without an `image` scalegen renders patches over the manifest"
        );
        self.findings.push(Finding::new("unknown-field", Severity::Error, first.at().key(), message).help(help));
        let root: *const Node = root;
        self.meant.extend(["version", "name", "services"].map(|key| (root, key.to_owned())));
        true
    }

    /// Fields of a service next to its empty key instead of below it: one finding for all of them.
    pub(super) fn beside_its_mapping(&mut self, pointer: &str, found: &Found<'t>) -> bool {
        let map = match pointer.rsplit_once('/') {
            Some((map @ ("/services" | "/backingServices"), _)) if self.is_spec() => map,
            _ => return false,
        };
        let fields = misplaced::fields_below((self.schema)(), map);
        let services = &self.keys.locate(self.tree, map).node;
        let in_braces = services.style == Style::Flow;
        let entries = services.entries();
        let is_field = |entry: &Entry| fields.iter().any(|field| *field == &*entry.key);
        let Some(index) = entries.iter().position(|entry| *entry.key == *found.name) else { return false };
        let before = entries.get(..index).unwrap_or_default();
        let Some(owner) = before
            .iter()
            .rfind(|entry| !is_field(entry))
            .filter(|owner| owner.node.is_null() || owner.node.entries().is_empty())
        else {
            return false;
        };
        let Some(entry) = entries.get(index).filter(|entry| is_field(entry)) else { return false };
        let at: Bytes = entry.at().key();
        let same =
            |finding: &&mut Finding| finding.related.first().is_some_and(|first| first.place == owner.at().key());
        // blanks mean nothing between braces, a value of several lines would have to move as a whole, and nothing can be below a value
        let simple = matches!(entry.node.style, Style::Plain | Style::Quoted | Style::Flow);
        let inset = (!in_braces && simple && owner.node.span.is_empty()).then(|| {
            let before = crate::support::source::Span::new(at.span.start as usize, at.span.start as usize);
            Edit::new(before, "  ")
        });
        let last = before.last().map(|entry| entry.at().key().span.start);
        if let Some(finding) = self.findings.iter_mut().rev().find(same) {
            *finding = finding.clone().label(at, "and this");
            // the entries between would change their mapping
            let follows = |fix: &Fix| fix.edits.last().is_some_and(|edit| Some(edit.span.start) == last);
            match (&mut finding.fix, inset) {
                (Some(fix), Some(inset)) if follows(fix) => fix.edits.push(inset),
                (fix, _) => *fix = None,
            }
            return true;
        }
        let name = owner.key.escape_debug().to_string();
        let message = format!("`{}` is beside `{name}`, not in it", found.name);
        let help = match in_braces {
            true => format!("write it in braces of its own: `{name}: {{ {}: … }}`", found.name),
            false => format!("indent it, so that it is below `{name}:`"),
        };
        let mut finding = Finding::new("wrong-type", Severity::Error, at, message)
            .help(help)
            .label(owner.at().key(), "this has nothing below it");
        let inset = inset.filter(|_| last == Some(owner.at().key().span.start));
        finding.fix = inset.map(|inset| Box::new(Fix { edits: vec![inset], safe: false }));
        self.findings.push(finding);
        true
    }

    /// Adds to the last finding what to write for a value of another form, unless it says so already.
    pub(super) fn other_form(&mut self, pointer: &str, schema_path: &str, node: &Node) {
        let spec = self.is_spec();
        let backing = spec.then(|| misplaced::of_backing_kind((self.schema)(), pointer, &node.text)).flatten();
        let Some(finding) = self.findings.last_mut() else { return };
        if let Some(help) = backing.or_else(|| scalars::unread(spec, node)) {
            finding.help = Some(help.into());
            finding.fix = None;
        } else if let Some(form) = spec.then(|| forms::form(pointer, node)).flatten() {
            finding.help = Some(form.help.into());
            finding.fix = None;
            let whole = matches!(node.style, Style::Plain | Style::Quoted | Style::Flow) && !node.span.is_empty();
            if let (Some(text), true) = (form.text, whole && node.tag.is_none()) {
                finding.fix = Some(Box::new(Fix { edits: vec![Edit::new(node.span, text)], safe: false }));
            }
        } else if finding.help.is_none() {
            let parent = schema_path.rsplit_once('/').map_or("", |(parent, _)| parent);
            let examples = (self.schema)().pointer(parent).and_then(|schema| schema.get("examples")?.as_array());
            let all: Vec<String> = examples
                .into_iter()
                .flatten()
                .map(super::super::sample::line)
                .filter(|example| example.len() <= 80)
                .collect();
            if let Some(first) = all.first() {
                let help = match all.get(1).filter(|second| *second != first) {
                    Some(second) => format!("write it like `{first}` or `{second}`"),
                    None => format!("write it like `{first}`"),
                };
                finding.help = Some(help.into());
            }
        }
    }
}
