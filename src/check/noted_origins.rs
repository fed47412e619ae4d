//! `base-changed`: an import notes behind each number what its file said. Reports the numbers whose files have changed since.
//! Knows the comments that `import` writes, and no other rule.

use crate::inputs::base::BaseProject;
use crate::inputs::compose::project::amounts;
use crate::inputs::{InputFiles, LayerService};
use crate::model::quantity::{Cpu, Memory};
use crate::support::diagnostic::{Finding, SPEC};
use crate::support::secrets;
use crate::support::source::{FileSpan, Source};
use crate::syntax::{Comment, Entry, Node, Value};
use std::collections::HashMap;
use std::rc::Rc;

/// A value of the spec that may have an origin: the keys below its service, and the node.
struct SpecValue<'n> {
    section: &'n str,
    service: &'n str,
    path: Vec<&'n str>,
    node: &'n Node,
}

/// Fields that are not numbers. A difference in them means something else.
const WORDS: [&str; 2] = ["kind", "command"];

/// Numbers whose files no longer say what the comment notes.
#[must_use]
pub fn changed(
    root: &Node,
    source: &Source,
    comments: &[Comment],
    base: &BaseProject,
    files: &InputFiles,
) -> Vec<Finding> {
    let names: Vec<&str> =
        base.layer.files.iter().filter_map(|file| Some(files.get(*file)?.source.name.as_str())).collect();
    let mut noted: HashMap<usize, (&str, &str)> = HashMap::new();
    for comment in comments {
        let text = source.slice(comment.span).trim_start_matches('#').trim();
        // text after a further ` #` is another comment
        let text = text.split(" #").next().unwrap_or(text).trim();
        let Some((file, text)) = text.split_once(": ") else { continue };
        if names.iter().any(|name| *name == file || name.ends_with(&format!("/{file}"))) {
            noted.insert(source.line_index(comment.span.start), (file, text));
        }
    }
    if noted.is_empty() {
        return Vec::new();
    }
    let values = values(root);
    let findings = values.iter().filter_map(|value| {
        let (file, text) = noted.get(&source.line_index(value.node.span.end.saturating_sub(1)))?;
        differs(value, file, text, base, files)
    });
    findings.collect()
}

/// The values below services and backing services.
fn values(root: &Node) -> Vec<SpecValue<'_>> {
    let mut all = Vec::new();
    for section in ["services", "backingServices"] {
        for service in root.get(section).map_or(&[][..], |entry| entry.node.entries()) {
            let mut path = Vec::new();
            below(&service.node, section, &service.key, &mut path, &mut all);
        }
    }
    all
}

fn below<'n>(
    node: &'n Node,
    section: &'n str,
    service: &'n str,
    path: &mut Vec<&'n str>,
    all: &mut Vec<SpecValue<'n>>,
) {
    for entry in node.entries() {
        path.push(&entry.key);
        match &entry.node.value {
            Value::Map(_) => below(&entry.node, section, service, path, all),
            Value::Seq(items) if &*entry.key == "ports" => {
                all.extend(items.iter().map(|item| SpecValue { section, service, path: path.clone(), node: item }));
            }
            _ => all.push(SpecValue { section, service, path: path.clone(), node: &entry.node }),
        }
        path.pop();
    }
}

/// Where a number of `health` stands today that an import took before it copied probes of their own: the liveness probe was health where
/// it stood alone, and the failures of any startup probe were the start period.
fn probe_of_old<'n>(value: &SpecValue<'n>) -> Option<SpecValue<'n>> {
    let path = match value.path.as_slice() {
        ["health", "startPeriod"] => vec!["startup", "retries"],
        ["health", rest @ ..] => ["liveness"].iter().chain(rest).copied().collect(),
        _ => return None,
    };
    Some(SpecValue { path, ..*value })
}

fn differs(value: &SpecValue<'_>, file: &str, noted: &str, base: &BaseProject, files: &InputFiles) -> Option<Finding> {
    let last = *value.path.last()?;
    if WORDS.contains(&last) {
        return None;
    }
    let place = FileSpan { file: SPEC, span: value.node.span };
    let service = base.layer.service(value.service);
    let now = service.and_then(|service| {
        let other = || probe_of_old(value).and_then(|value| present_value(&value, service));
        present_value(value, service).or_else(other)
    });
    let Some(now) = now else {
        let noted = secrets::starred(noted, 0, secrets::url_password(noted).as_slice());
        let message = format!("{file} said {} when this number was taken, and says none now", noted.escape_debug());
        let finding = Finding::of("base-changed", place, message);
        let finding = match service {
            Some(service) => finding.label(service.service.at().key(), "this service"),
            None => finding,
        };
        return Some(finding.help("keep the number and take the comment away, or take both away"));
    };
    let at = FileSpan { file: now.file, span: now.span };
    let text = files.get(now.file).map_or("", |file| file.source.slice(at.span)).trim();
    let text = text.trim_matches(['"', '\'']);
    let flag = ["maxConnections", "sharedBuffers", "workMem"].contains(&last);
    let text = if flag { &*now.text } else { text };
    let lines = text.contains(['\n', '\r']);
    if now.is_unknown() || lines || text == noted || same_amount(last, noted, &now) {
        return None;
    }
    let (text, noted) = without_secrets((text, noted), at, files);
    let message = format!("{file} says {} now, not {}", text.escape_debug(), noted.escape_debug());
    let finding = Finding::of("base-changed", place, message).label(at, "what it says now");
    Some(finding.help("change the number here, or keep it, and write what the file says now into the comment"))
}

/// Both texts with stars for likely secrets, if one of them holds any.
fn without_secrets((text, noted): (&str, &str), at: FileSpan, files: &InputFiles) -> (String, String) {
    let stars = |text: &str| "*".repeat(text.chars().count());
    let of_url = |text: &str| secrets::starred(text, 0, secrets::url_password(text).as_slice());
    let hidden = files.get(at.file).is_some_and(|file| {
        let line = file.source.line_index(at.span.start);
        let start = file.source.line_span(line).start;
        let own = (at.span.start - start) as usize..(at.span.end - start) as usize;
        let found = secrets::on_line(&file.source, line, true);
        found.iter().any(|hidden| hidden.start < own.end && own.start < hidden.end)
    });
    if hidden { (stars(text), stars(noted)) } else { (of_url(text), of_url(noted)) }
}

/// The value that the base has now at the same place.
fn present_value(value: &SpecValue<'_>, service: &LayerService) -> Option<Rc<Node>> {
    let backing = value.section == "backingServices";
    let entry: &Entry = if backing { service.backing.as_ref()? } else { &service.service };
    let mut node = &entry.node;
    for key in &value.path {
        node = &node.get(key)?.node;
    }
    if let Value::Seq(items) = &node.value
        && let Some(port) = value.node.get("port")
    {
        let same = |item: &&Rc<Node>| item.get("port").is_some_and(|own| own.node.as_whole() == port.node.as_whole());
        return items.iter().find(same).cloned();
    }
    Some(Rc::clone(node))
}

/// Whether two texts are the same amount: `512m` and `0.5g`.
fn same_amount(field: &str, noted: &str, now: &Node) -> bool {
    match field {
        "memory" => Memory::parse(&now.text).is_ok_and(|own| {
            amounts::bytes(noted).is_some_and(|bytes| u64::try_from(bytes).is_ok_and(|bytes| bytes == own.bytes))
        }),
        "cpu" => Cpu::parse(&now.text).ok().zip(Cpu::parse(noted).ok()).is_some_and(|(own, noted)| own == noted),
        "interval" | "timeout" | "startPeriod" | "stopGracePeriod" => {
            amounts::duration(noted).is_some() && amounts::duration(noted) == amounts::duration(&now.text)
        }
        _ => now.as_whole().is_some_and(|number| noted.parse() == Ok(number)),
    }
}
