//! Turns failures of the validator into findings: one finding for one cause, in plain words. Knows no file.

mod unknown;

use super::keys::{Found, Keys};
use super::misplaced;
use super::suggested_fix::{self, SuggestedFix};
use super::words::{bound, error_words, nearest, twice, types, value_words};
use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::FileSpan;
use crate::support::suggest;
use crate::syntax::{Entry, MAX_FINDINGS, Node, Value};
use jsonschema::error::{TypeKind, ValidationError, ValidationErrorKind as Kind};
use serde_json::Value as Json;

pub(super) struct Faults<'t> {
    pub(super) tree: &'t Node,
    /// The contract that the tree breaks. Read at the first fault, because most trees have none.
    pub(super) schema: fn() -> &'static Json,
    /// The name of the whole document.
    pub(super) whole: &'static str,
    pub(super) keys: Keys<'t>,
    pub(super) findings: Vec<Finding>,
    missing: Vec<Missing>,
    /// Mappings that lack one of several forms, each with its finding.
    unchosen: Vec<(*const Node, Finding)>,
    /// The fields that unknown ones were probably meant for, with their mapping.
    pub(super) meant: Vec<(*const Node, String)>,
}

/// The fields that one mapping lacks.
struct Missing {
    rule: &'static str,
    from: *const Node,
    at: FileSpan,
    of: String,
    /// The fields, each with an example.
    keys: Vec<(String, Option<String>)>,
}

impl<'t> Faults<'t> {
    pub(super) fn new(tree: &'t Node, schema: fn() -> &'static Json, whole: &'static str) -> Faults<'t> {
        Faults {
            tree,
            schema,
            whole,
            keys: Keys::default(),
            findings: Vec::new(),
            missing: Vec::new(),
            unchosen: Vec::new(),
            meant: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, error: &ValidationError<'_>) {
        if self.full() {
            return;
        }
        let found = self.keys.locate(self.tree, error.instance_path().as_str());
        if found.node.is_unknown() {
            return;
        }
        let schema_path = error.schema_path().as_str();
        let rule = rule_of((self.schema)(), schema_path, error.kind());
        let node = found.node;
        match error.kind() {
            Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
                match own_words((self.schema)(), schema_path) {
                    Some(message) => self.clash(rule, &found, message),
                    None => {
                        self.union(context, &found);
                        self.other_form(error.instance_path().as_str(), schema_path, node);
                    }
                }
            }
            Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
                let place = unknown::FaultPlace { pointer: error.instance_path().as_str(), schema_path };
                self.unknown(rule, &found, unexpected, &place);
            }
            Kind::Required { property } => {
                self.missing(rule, &found, property.as_str().unwrap_or_default(), error.instance_path().as_str());
            }
            // for a map, the failing value is one of its keys: too long, or empty
            Kind::MaxLength { .. } | Kind::MinLength { .. } if !node.entries().is_empty() => {
                self.names(rule, node, matches!(error.kind(), Kind::MinLength { .. }));
            }
            Kind::Type { kind } => self.wrong_type(rule, &found, kind, (error.instance_path().as_str(), schema_path)),
            Kind::Enum { .. } | Kind::Constant { .. } if error.instance_path().as_str() == "/version" => {
                self.version(rule, &found, schema_path);
            }
            Kind::Enum { options } => self.choice(rule, &found, options, error.instance_path().as_str()),
            Kind::Not { .. } => {
                let message = own_words((self.schema)(), schema_path);
                self.clash(rule, &found, message.unwrap_or_else(|| format!("`{}` contradicts itself", found.name)));
            }
            Kind::UniqueItems => self.same_items(rule, &found),
            Kind::MinProperties { .. } if self.entries_beside(&found.name).is_some() => {}
            other => {
                let help = nearest(other, rule);
                let message =
                    bound(other, &found).unwrap_or_else(|| format!("{} {}", value_words(node), error_words(error)));
                self.report(rule, found.at.place(), message, help, 0);
            }
        }
    }

    /// A value of another type than the schema's; `places`: the pointers to it in the document and in the schema.
    fn wrong_type(&mut self, rule: &'static str, found: &Found<'t>, kind: &TypeKind, places: (&str, &str)) {
        let node = found.node;
        let message = format!("expected {}, found {}", types(kind), value_words(node));
        if self.beside_its_mapping(places.0, found) {
            return;
        }
        self.report(rule, found.at.place(), message, None, 0);
        let safe = !matches!(kind, TypeKind::Single(kind) if kind.as_str() == "boolean");
        self.suggest(quoted_number(kind, node), node, safe);
        self.other_form(places.0, places.1, node);
    }

    fn version(&mut self, rule: &'static str, found: &Found<'_>, schema_path: &str) {
        // what is not a whole number has its finding already
        if found.node.as_whole().is_none() {
            return;
        }
        let message = format!("this release reads version 1, found {}", value_words(found.node));
        let help = "write `version: 1`, or use the release of scalegen that reads the other number";
        self.report(rule, found.at.place(), message, Some(help.to_owned()), 0);
        self.other_form("/version", schema_path, found.node);
    }

    fn same_items(&mut self, rule: &'static str, found: &Found<'_>) {
        let message = format!("`{}` has an item twice", found.name);
        let second = twice(found.node);
        let at = second.map_or(found.at.place(), |(_, second)| second.at().place());
        self.report(rule, at, message, Some("remove one of the two".to_owned()), 0);
        if let (Some((first, _)), Some(finding)) = (second, self.findings.last_mut()) {
            *finding = finding.clone().label(first.at().place(), "the same");
        }
    }

    fn full(&self) -> bool {
        self.findings.len() + self.missing.len() + self.unchosen.len() >= MAX_FINDINGS
    }

    fn report(&mut self, rule: &'static str, at: FileSpan, message: String, help: Option<String>, worst: i128) {
        let mut finding = Finding::new(rule, Severity::Error, at, message).rank(worst);
        finding.help = help.map(Into::into);
        self.findings.push(finding);
    }

    /// Adds a fix to the last finding.
    fn suggest(&mut self, fix: Option<SuggestedFix>, node: &Node, safe: bool) {
        if let (Some(fix), Some(finding)) = (fix, self.findings.last_mut()) {
            fix.add(finding, node, safe);
        }
    }

    /// Fields that exclude each other: points at the one written last and labels the others.
    fn clash(&mut self, rule: &'static str, found: &Found<'_>, message: String) {
        let named = |entry: &&Entry| message.split([' ', ',']).any(|word| word == &*entry.key);
        let mut places: Vec<FileSpan> =
            found.node.entries().iter().filter(named).map(|entry| entry.at().key()).collect();
        places.sort();
        let at = places.pop().unwrap_or_else(|| found.at.place());
        if places.is_empty() {
            let finding = Finding::new(rule, Severity::Error, at, message).help("write one of them");
            self.unchosen.push((std::ptr::from_ref(found.node), finding));
            return;
        }
        let finding = Finding::new(rule, Severity::Error, at, message).help("write only one of them");
        self.findings.push(places.into_iter().fold(finding, |finding, place| finding.label(place, "beside this one")));
    }

    fn missing(&mut self, rule: &'static str, found: &Found<'_>, key: &str, pointer: &str) {
        let from = std::ptr::from_ref(found.node);
        let example = misplaced::example((self.schema)(), pointer, key).filter(|_| !pointer.is_empty());
        let image = found.node.get("image").and_then(|image| unknown::kind_of(image.node.as_str()?));
        let example = match image.filter(|kind| misplaced::may_be((self.schema)(), pointer, key, kind)) {
            Some(kind) => Some(format!("{key}: {kind}")),
            None => example,
        };
        if let Some(old) = self.missing.iter_mut().find(|old| old.from == from && old.rule == rule) {
            old.keys.push((key.to_owned(), example));
            return;
        }
        let root = found.name.is_empty();
        let first = self.tree.entries().first().map_or_else(|| self.tree.at().place(), |first| first.at().key());
        let at = if root { first } else { found.at.key() };
        let of = if root { self.whole.to_owned() } else { format!("`{}`", found.name) };
        self.missing.push(Missing { rule, from, at, of, keys: vec![(key.to_owned(), example)] });
    }

    /// One finding lists all fields that a mapping lacks. A field that is misspelt there is not missing.
    pub(super) fn into_findings(mut self) -> Vec<Finding> {
        for Missing { rule, from, at, of, keys } in std::mem::take(&mut self.missing) {
            let misspelt = |key: &String| {
                self.meant.iter().any(|(node, meant)| *node == from && (meant == key || meant == unknown::ANY))
            };
            let (keys, examples): (Vec<String>, Vec<Option<String>>) =
                keys.into_iter().filter(|(key, _)| !misspelt(key)).unzip();
            if !keys.is_empty() {
                let names: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
                let message = format!("{of} has no {}", names.join(", no "));
                self.report(rule, at, message, Some(unknown::to_add(&keys, &examples)), 0);
            }
        }
        // a form that is misspelt there, or in another tool's words, is not missing
        let is_meant = |node: &*const Node| self.meant.iter().any(|(owner, _)| owner == node);
        let lacking = std::mem::take(&mut self.unchosen).into_iter().filter(|(node, _)| !is_meant(node));
        let lacking: Vec<Finding> = lacking.map(|(_, finding)| finding).collect();
        self.findings.extend(lacking);
        if let (true, Some(last)) = (self.findings.len() >= MAX_FINDINGS, self.findings.last()) {
            let (rule, at) = (last.rule.clone(), last.at);
            self.findings.truncate(MAX_FINDINGS - 1);
            let message = format!("{MAX_FINDINGS} or more faults of shape in this file: the rest is not listed");
            self.findings.push(Finding::new(rule, Severity::Error, at, message));
        }
        self.findings
    }

    /// Reports the branch whose type matches; if none does, one wrong type that lists the forms.
    fn union(&mut self, branches: &[Vec<ValidationError<'static>>], found: &Found<'_>) {
        let here = |error: &ValidationError<'_>| match error.kind() {
            Kind::Type { kind }
                if std::ptr::eq(self.keys.locate(self.tree, error.instance_path().as_str()).node, found.node) =>
            {
                Some(types(kind))
            }
            _ => None,
        };
        let forms: Vec<Option<String>> = branches.iter().map(|branch| branch.iter().find_map(here)).collect();
        match forms.iter().position(Option::is_none).and_then(|index| branches.get(index)) {
            Some(branch) => branch.iter().for_each(|error| self.take(error)),
            None => {
                let mut forms: Vec<String> = forms.into_iter().flatten().collect();
                forms.dedup();
                let message = format!("expected {}, found {}", forms.join(" or "), value_words(found.node));
                let number =
                    forms.iter().any(|form| form == "a whole number") && found.node.text.parse::<i64>().is_ok();
                self.report("wrong-type", found.at.place(), message, None, 0);
                self.suggest(number.then(|| suggested_fix::bare(found.node)), found.node, true);
            }
        }
    }

    fn names(&mut self, rule: &'static str, node: &Node, empty: bool) {
        let wrong = |entry: &&Entry| if empty { entry.key.is_empty() } else { entry.key.chars().count() > 63 };
        for entry in node.entries().iter().filter(wrong).take(MAX_FINDINGS) {
            let (message, help) = match entry.key.chars().count() {
                0 => ("an empty name".to_owned(), "write a name"),
                many => {
                    (format!("the name `{}` has {many} characters", entry.key.escape_debug()), "use 1 to 63 characters")
                }
            };
            self.report(rule, entry.at().key(), message, Some(help.to_owned()), 0);
        }
    }

    fn choice(&mut self, rule: &'static str, found: &Found<'_>, options: &Json, pointer: &str) {
        let words: Vec<&str> = options.as_array().map_or(&[][..], |all| all).iter().filter_map(Json::as_str).collect();
        let list: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        let message = format!("{} is not one of {}", value_words(found.node), list.join(", "));
        let close = suggest::closest(&found.node.text, words.iter().copied());
        self.report(rule, found.at.place(), message, None, 0);
        self.suggest(close.map(suggested_fix::correction), found.node, false);
        self.other_form(pointer, "", found.node);
    }
}

/// `x-rule` on the failing subschema, else the keyword's own rule.
fn rule_of(schema: &'static Json, schema_path: &str, kind: &Kind) -> &'static str {
    let parent = schema_path.rsplit_once('/').map_or("", |(parent, _)| parent);
    let by_keyword = match kind {
        Kind::Type { .. } => return "wrong-type",
        Kind::Required { .. } => "missing-field",
        Kind::AdditionalProperties { .. } | Kind::UnevaluatedProperties { .. } => "unknown-field",
        _ => "invalid-value",
    };
    schema.pointer(parent).and_then(|schema| schema.get("x-rule")).and_then(Json::as_str).unwrap_or(by_keyword)
}

/// `replicas: "3"`: the quotes are the fault.
fn quoted_number(kind: &TypeKind, node: &Node) -> Option<SuggestedFix> {
    let wants = |word| matches!(kind, TypeKind::Single(kind) if kind.as_str() == word);
    let number =
        (wants("integer") && node.text.parse::<i64>().is_ok()) || (wants("number") && node.text.parse::<f64>().is_ok());
    if matches!(node.value, Value::Str) && number {
        return Some(suggested_fix::bare(node));
    }
    if wants("boolean") {
        return suggested_fix::switch(node);
    }
    if wants("array") {
        return suggested_fix::listed(node);
    }
    let is_scalar = matches!(node.value, Value::Int(_) | Value::Float(_) | Value::Bool(_));
    (wants("string") && is_scalar).then(|| suggested_fix::quoted(node))
}

/// The schema's own message for a failure: `x-message` beside the failing keyword.
fn own_words(schema: &Json, schema_path: &str) -> Option<String> {
    let parent = schema_path.rsplit_once('/').map_or("", |(parent, _)| parent);
    schema.pointer(parent)?.get("x-message")?.as_str().map(str::to_owned)
}
