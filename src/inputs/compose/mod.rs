//! A compose file that stands beside the spec, read for what bounds scaling. Knows no rule and no target.
//!
//! `${NAME:-default}` is read as its default: the environment is never asked. What depends on a variable without a
//! default is unknown, and unknown things are not judged.

pub mod balancer;
pub mod convert;
mod interpolate;
mod mentions;
mod ports;
pub mod project;
mod read;
mod read_project;
pub mod recognition;
mod refused;
mod styles;
pub mod verdicts;

pub use read_project::read_project;

use crate::model::{Protocol, Val};
use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::{FieldSpan, FileId, FileSpan, Source, Span};
use crate::syntax::{Entry, ParseMode, parse};
use project::shape;
use serde_json::Value as Json;
use std::collections::HashMap;

/// More values than any compose file has with its aliases written out; a file beyond it is not read.
const MAX_VALUES: u32 = 1_000_000;

/// The facts of one compose file.
#[derive(Clone, Debug, Default)]
pub struct Base {
    /// Which file of the run it is.
    pub file: FileId,
    /// The path as the spec wrote it.
    pub path: String,
    /// Its services, in the order written.
    pub services: Vec<BaseService>,
    /// Whether it includes other files, which are not read: services it lacks may stand there.
    pub partial: bool,
    index: HashMap<String, usize>,
}

/// One service of a compose file.
#[derive(Clone, Debug, Default)]
pub struct BaseService {
    /// Its key.
    pub name: String,
    /// Its entry; the place is the key.
    pub at: FieldSpan,
    /// Published and exposed ports that could be read.
    pub ports: Vec<BasePort>,
    /// A fixed container name.
    pub container_name: Option<Val<String>>,
    /// `network_mode: host`.
    pub host_network: Option<FieldSpan>,
    /// `deploy.replicas`, where it is a number.
    pub replicas: Option<Val<u32>>,
    /// Settings of the old style (`scale`, `mem_limit`, `cpus`, `mem_reservation`, `pids_limit`), which compose
    /// refuses beside other values under `deploy`: key, value where known, place.
    pub old_style: Vec<(String, Val<Option<String>>)>,
    /// Amounts under `deploy.resources`: `limits.cpus`, `reservations.memory` and so on, value where known, place.
    pub deploy: Vec<(String, Val<Option<String>>)>,
    /// Where a memory limit is set in either style.
    pub memory_limit: Option<FieldSpan>,
    /// Variables: name and value after interpolation by defaults (none where a variable has no default).
    pub env: Vec<(String, Val<Option<String>>)>,
    /// Variables whose value is `${NAME:-}` or `${NAME}`: an unset one becomes empty without a word. Place of each.
    pub empty_defaults: Vec<(String, FieldSpan)>,
    /// Whether it extends a service of another file, which is not read.
    pub partial: bool,
    /// Its image after interpolation by defaults, if it has one and that is known.
    pub image: Option<String>,
    /// Whether it names an image or a build.
    pub runnable: bool,
    /// `command`, if written.
    pub command: Option<FieldSpan>,
    /// Items of `ports` that cannot be read, word for word: an override that replaces the list must keep them.
    pub unread_ports: Vec<Json>,
    /// The test of its own health check, if it has one: its words in one line.
    pub healthcheck: Option<Val<String>>,
    /// Where it asks for GPUs or other devices; an override would add to them.
    pub devices: Option<FieldSpan>,
    /// Where its volumes are mounted, as far as that can be read.
    pub mounts: Vec<String>,
}

/// One port of a compose service.
#[derive(Clone, Debug)]
pub struct BasePort {
    /// Where it stands.
    pub at: FieldSpan,
    /// The item word for word, its variables included.
    pub written: Json,
    /// First and last host port; none where compose picks one, or it is not known.
    pub host: Option<(u16, u16)>,
    /// Whether it asks for a host port that hangs on a variable without a default.
    pub unknown_host: bool,
    /// The address it is bound to, if not all.
    pub ip: Option<String>,
    /// First and last container port.
    pub container: (u16, u16),
    /// Transport.
    pub protocol: Protocol,
}

/// `8080` or `8080-8082`.
#[must_use]
pub fn range_text((first, last): (u16, u16)) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

impl Base {
    /// Whether a text could be a compose file: empty, or with a line that begins `services:` or `include:`. Of another file
    /// that a spec names by mistake, or by malice, no line is to be shown.
    #[must_use]
    pub fn is_likely(text: &str) -> bool {
        let begins = |line: &str| {
            let line = line.trim_start_matches(['\u{feff}', ' ', '\t', '{', '"', '\'']);
            let rest = line.strip_prefix("services").or_else(|| line.strip_prefix("include"));
            rest.is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ']).starts_with(':'))
        };
        text.trim().is_empty() || text.lines().any(begins)
    }

    /// The service with this name.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&BaseService> {
        self.index.get(name).and_then(|index| self.services.get(*index))
    }

    /// Reads a compose file. Faults of the file itself are findings on it; what can be read is read all the same.
    #[must_use]
    pub fn read(file: FileId, path: &str, source: &Source) -> (Base, Vec<Finding>) {
        let parsed = parse(file, source, ParseMode::Base);
        let mut findings = parsed.findings;
        let mut base = Base { file, path: path.to_owned(), ..Base::default() };
        let start = FileSpan { file, span: Span::new(0, 0) };
        let wrong = |place: FileSpan, message: String| Finding::new("invalid-value", Severity::Error, place, message);
        let Some(root) = parsed.root else {
            if findings.is_empty() {
                findings.push(wrong(start, "the compose file is empty".into()).help("name a file with `services`"));
            }
            return (base, findings);
        };
        let first = root.entries().first().map_or(start, |entry| entry.at().key());
        if root.weight > MAX_VALUES {
            let message = format!("with its aliases written out the file has over {MAX_VALUES} values");
            findings.push(wrong(first, message).help("write fewer aliases of aliases"));
            return (base, findings);
        }
        base.partial = root.get("include").is_some();
        let services = root.get("services").map_or(&[][..], |entry| entry.node.entries());
        let unknown = root.is_unknown() || root.get("services").is_some_and(|entry| entry.node.is_unknown());
        if services.is_empty() && !base.partial && !unknown {
            let message = match root.get("services") {
                Some(entry) if !entry.node.is_null() && entry.node.kind() != "a mapping" => {
                    format!("`services` is {}, expected a mapping", entry.node.kind())
                }
                _ if root.kind() != "a mapping" => format!("the compose file is {}, expected a mapping", root.kind()),
                _ => "the compose file has no services".to_owned(),
            };
            let place = root.get("services").map_or(first, |entry| entry.at().key());
            findings.push(wrong(place, message).help("name a file with `services`"));
        }
        // of a document that is cut short nothing is said but why
        let whole = findings.is_empty();
        if whole {
            shape::top(&root, &mut findings);
        }
        let others: HashMap<&str, &Entry> = services.iter().map(|entry| (&*entry.key, entry)).collect();
        let judged = if whole { services } else { &[] };
        judged.iter().for_each(|entry| shape::service(entry, &others, base.partial, &mut findings));
        base.services = services.iter().map(|entry| read::service(entry, &others)).collect();
        base.index = base.services.iter().enumerate().map(|(index, s)| (s.name.clone(), index)).collect();
        (base, findings)
    }
}

/// Compose's bytes: `512m`, `1.5g`, `64MiB`, `1073741824`; all units are powers of 1024. None where it is no such text.
#[must_use]
pub fn compose_bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let power = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        "p" | "pb" | "pib" => 5,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits: u128 = format!("{whole}{part}").parse().ok()?;
    let scale = 10u128.checked_pow(u32::try_from(part.len()).ok()?)?;
    u64::try_from(digits.checked_mul(1u128 << (10 * power))? / scale).ok()
}

#[cfg(test)]
mod tests {
    use super::compose_bytes;

    #[test]
    fn bytes_are_powers_of_1024() {
        let cases = [
            ("512m", Some(512 << 20)),
            ("1.5g", Some(3 << 29)),
            ("64MiB", Some(64 << 20)),
            ("17179869184", Some(16 << 30)),
            ("300 mb", Some(300 << 20)),
            ("1b", Some(1)),
            ("16Gi", None),
            ("", None),
            (".", None),
            ("1..5g", None),
            ("-1", None),
            ("99999999999999999999p", None),
        ];
        for (text, expected) in cases {
            assert_eq!(compose_bytes(text), expected, "{text}");
        }
    }
}
