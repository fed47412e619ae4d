//! Converts the value of a foreign word to fields of ours with their text. Knows single values, no place.

mod kinds;
mod pods;
mod times;

use super::word_row::{To, WordAnswer, WordRow, WrittenField};
use crate::support::secrets;
use crate::syntax::{Node, Style, Value};

pub(super) use kinds::{database, target};
pub(super) use pods::{containers, ingress, metadata, version};
pub(super) use times::{DAYS, hours, is_clock, moment, triggers};

/// The longest suggestion: a person writes the rest.
const LONGEST: usize = 200;

/// The fields that a value becomes; `None` if its form is not converted.
pub(super) fn fields_of(row: &WordRow, node: &Node) -> Option<Vec<WrittenField>> {
    let WordAnswer::Fields { to, .. } = row.answer else { return None };
    let field = |path: &str, text: Option<String>| Some(vec![WrittenField { path: path.to_owned(), text: text? }]);
    let fields = match to {
        To::Same(path) | To::Above(path) => field(path, flow(node)),
        To::Number(path) => field(path, number(node)),
        To::Memory(path) => field(path, memory(node)),
        To::Duration(path) => field(path, duration(node)),
        To::With(convert) => convert(node),
    }?;
    (!fields.is_empty() && fields.iter().map(|field| field.text.len()).sum::<usize>() <= LONGEST).then_some(fields)
}

/// Several fields as one piece of flow style without the outer braces: `resources: { limits: { memory: 512Mi } }`. Of fields
/// that exclude each other the first is written.
#[must_use]
pub fn braces(fields: &[WrittenField]) -> String {
    let mut parts: Vec<(String, Vec<WrittenField>)> = Vec::new();
    for field in fields {
        let (key, rest) = field.path.split_once('.').unwrap_or((&field.path, ""));
        let inner = WrittenField { path: rest.to_owned(), text: field.text.clone() };
        if key.is_empty() {
            continue;
        }
        match parts.iter_mut().find(|(known, _)| known == key) {
            Some((_, fields)) => fields.push(inner),
            None => parts.push((key.to_owned(), vec![inner])),
        }
    }
    let part = |(key, fields): &(String, Vec<WrittenField>)| match fields.as_slice() {
        [first, ..] if first.path.is_empty() => format!("{key}: {}", first.text),
        several => format!("{key}: {{ {} }}", braces(several)),
    };
    parts.iter().map(part).collect::<Vec<_>>().join(", ")
}

/// A value on one line, as written. `None` if it has a secret's name in it, an alias or a form that needs lines.
pub(super) fn flow(node: &Node) -> Option<String> {
    match &node.value {
        Value::Map(entries) => {
            let pair = |entry: &crate::syntax::Entry| {
                let hidden = secrets::is_variable(&entry.key, &entry.node.text) || entry.via.is_some();
                (!hidden).then(|| Some(format!("{}: {}", entry.key, flow(&entry.node)?))).flatten()
            };
            let all: Vec<String> = entries.iter().map(pair).collect::<Option<_>>()?;
            Some(if all.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", all.join(", ")) })
        }
        Value::Seq(items) => {
            let all: Vec<String> = items.iter().map(|item| flow(item)).collect::<Option<_>>()?;
            Some(format!("[{}]", all.join(", ")))
        }
        Value::Unknown => None,
        Value::Str => word(&node.text, node.style == Style::Quoted),
        _ => Some(node.text.to_string()),
    }
}

/// A text as a scalar in flow style.
pub(super) fn word(text: &str, quoted: bool) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '%');
    if text.is_empty() || text.chars().any(|c| c.is_control() || c == '`') {
        return text.is_empty().then(|| "\"\"".to_owned());
    }
    let number = text.parse::<f64>().is_ok() || crate::syntax::ambiguous_text(text).is_some();
    let bare = !quoted && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/') && text.chars().all(plain);
    Some(if bare && !number {
        text.to_owned()
    } else {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    })
}

/// Memory as compose reads it: `512m`, `1g`, `512MB` are powers of 1024, a bare number is bytes.
pub(super) fn memory(node: &Node) -> Option<String> {
    let text = node.text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    if digits.is_empty() || !matches!(node.value, Value::Str | Value::Int(_) | Value::Float(_)) {
        return None;
    }
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "" => return bytes(digits),
        "b" => "",
        "k" | "kb" | "ki" | "kib" => "Ki",
        "m" | "mb" | "mi" | "mib" => "Mi",
        "g" | "gb" | "gi" | "gib" => "Gi",
        "t" | "tb" | "ti" | "tib" => "Ti",
        _ => return None,
    };
    Some(format!("{digits}{unit}"))
}

/// Bytes in the largest unit that holds them.
fn bytes(digits: &str) -> Option<String> {
    let bytes: u64 = digits.parse().ok()?;
    let units = [(1u64 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki")];
    let whole = units.iter().find(|(size, _)| bytes >= *size && bytes.is_multiple_of(*size));
    Some(whole.map_or_else(|| bytes.to_string(), |(size, unit)| format!("{}{unit}", bytes / size)))
}

/// `80`, `80%` and `"80"` as a share.
pub(super) fn share(node: &Node) -> Option<String> {
    let percent: u32 = node.text.trim().trim_end_matches('%').trim().parse().ok()?;
    if percent == 0 || percent > 1000 {
        return None;
    }
    let text = format!("{}.{:02}", percent / 100, percent % 100);
    Some(text.strip_suffix('0').map_or(text.clone(), str::to_owned))
}

/// A duration: a bare number is seconds.
pub(super) fn duration(node: &Node) -> Option<String> {
    let text = node.text.trim();
    let bare = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if bare {
        return Some(format!("{text}s"));
    }
    (text.len() <= 20 && text.starts_with(|c: char| c.is_ascii_digit())).then(|| text.to_owned())
}

fn field(path: &str, text: impl Into<String>) -> WrittenField {
    WrittenField { path: path.to_owned(), text: text.into() }
}

/// The value of a variable: bare if every reader takes it for the same text.
pub(super) fn variable_text(value: &str) -> String {
    let bare = !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric()) && !value.starts_with('0');
    let bare = bare && (value.parse::<u32>().is_ok() || crate::syntax::ambiguous_text(value).is_none());
    if bare { value.to_owned() } else { format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")) }
}

/// Compose's `environment`: a mapping as it is, or a list of `NAME=value`.
pub(super) fn environment(node: &Node) -> Option<Vec<WrittenField>> {
    if !matches!(node.value, Value::Seq(_)) {
        return Some(vec![field("env", flow(node)?)]);
    }
    let variable = |item: &Node| {
        let (name, value) = item.as_str()?.split_once('=')?;
        let is_plain =
            name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !secrets::is_variable(name, value);
        let is_plain = is_plain && !value.chars().any(|c| c.is_control() || c == '`');
        is_plain.then(|| format!("{name}: {}", variable_text(value)))
    };
    let all: Option<Vec<String>> = node.items().iter().map(|item| variable(item)).collect();
    Some(vec![field("env", format!("{{ {} }}", all?.join(", ")))])
}

/// Compose's `deploy`: replicas and resources; its other keys stay where they are.
pub(super) fn deploy(node: &Node) -> Option<Vec<WrittenField>> {
    let mut fields = Vec::new();
    let known = ["replicas", "resources"];
    if node.entries().iter().any(|entry| !known.contains(&&*entry.key)) {
        return None;
    }
    if let Some(replicas) = node.get("replicas") {
        fields.push(field("replicas", flow(&replicas.node)?));
    }
    for (theirs, ours) in [("reservations", "requests"), ("limits", "limits")] {
        let Some(part) = node.get("resources").and_then(|resources| resources.node.get(theirs)) else { continue };
        for entry in part.node.entries() {
            let (key, text) = match &*entry.key {
                "cpus" => ("cpu", entry.node.text.to_string()),
                "memory" => ("memory", memory(&entry.node)?),
                "pids" => ("pids", flow(&entry.node)?),
                _ => return None,
            };
            fields.push(WrittenField { path: format!("resources.{ours}.{key}"), text });
        }
    }
    Some(fields)
}

/// Compose's `healthcheck`.
pub(super) fn healthcheck(node: &Node) -> Option<Vec<WrittenField>> {
    let test = node.get("test")?;
    let words: Vec<&str> = test.node.items().iter().filter_map(|item| item.as_str()).collect();
    let list = |words: &[&str]| {
        let all: Option<Vec<String>> = words.iter().map(|text| word(text, true)).collect();
        Some(format!("[{}]", all?.join(", ")))
    };
    let command = match (test.node.as_str(), words.as_slice()) {
        (Some(line), _) => list(&["sh", "-c", line])?,
        (None, ["CMD-SHELL", line]) => list(&["sh", "-c", line])?,
        (None, ["CMD", rest @ ..]) if !rest.is_empty() => list(rest)?,
        _ => return None,
    };
    let mut fields = vec![field("health.command", command)];
    for (theirs, ours) in
        [("interval", "interval"), ("timeout", "timeout"), ("retries", "retries"), ("start_period", "startPeriod")]
    {
        let Some(entry) = node.get(theirs) else { continue };
        let text = if ours == "retries" { flow(&entry.node)? } else { duration(&entry.node)? };
        fields.push(field(&format!("health.{ours}"), text));
    }
    Some(fields)
}

/// A readiness probe of Kubernetes.
pub(super) fn readiness(node: &Node) -> Option<Vec<WrittenField>> {
    let mut fields = probe("health", node)?;
    if let Some(entry) = node.get("initialDelaySeconds") {
        fields.push(field("health.startPeriod", duration(&entry.node)?));
    }
    Some(fields)
}

/// A liveness probe of Kubernetes. A delay before it has no field: `startup` and `health.startPeriod` hold it back.
pub(super) fn liveness(node: &Node) -> Option<Vec<WrittenField>> {
    probe("liveness", node)
}

/// A startup probe of Kubernetes.
pub(super) fn startup(node: &Node) -> Option<Vec<WrittenField>> {
    probe("startup", node)
}

fn probe(to: &str, node: &Node) -> Option<Vec<WrittenField>> {
    let mut fields = match (node.get("httpGet"), node.get("tcpSocket"), node.get("exec")) {
        (Some(handler), ..) => http_get(&handler.node)?,
        (_, Some(handler), _) => tcp_socket(&handler.node)?,
        (.., Some(handler)) => exec(&handler.node)?,
        _ => return None,
    };
    for field in &mut fields {
        field.path.insert_str(0, &format!("{to}."));
    }
    for (theirs, ours) in [("periodSeconds", "interval"), ("timeoutSeconds", "timeout")] {
        if let Some(entry) = node.get(theirs) {
            fields.push(field(&format!("{to}.{ours}"), duration(&entry.node)?));
        }
    }
    if let Some(entry) = node.get("failureThreshold") {
        fields.push(field(&format!("{to}.retries"), flow(&entry.node)?));
    }
    Some(fields)
}

/// A target utilisation of a HorizontalPodAutoscaler: percent of the cpu request.
pub(super) fn cpu_target(node: &Node) -> Option<Vec<WrittenField>> {
    Some(vec![field("signal", "cpu"), field("scaleUp.threshold", share(node)?)])
}

/// A threshold beside the signal: a share, or percent where it is above what a share can be.
pub(super) fn threshold(node: &Node) -> Option<Vec<WrittenField>> {
    let is_share = node.text.parse::<f64>().is_ok_and(|number| number > 0.0 && number <= 3.0);
    let text = if is_share { node.text.to_string() } else { share(node)? };
    Some(vec![field("scaleUp.threshold", text)])
}

/// A target utilisation for memory: percent of the request.
pub(super) fn memory_target(node: &Node) -> Option<Vec<WrittenField>> {
    Some(vec![field("signal", "memory"), field("scaleUp.threshold", share(node)?)])
}

/// `autoscaling` or `hpa` as Helm charts and manifests have it.
pub(super) fn autoscaler(node: &Node) -> Option<Vec<WrittenField>> {
    let mut fields = Vec::new();
    for entry in node.entries() {
        match &*entry.key {
            "enabled" => {}
            "minReplicas" | "min" => fields.push(field("replicas.min", flow(&entry.node)?)),
            "maxReplicas" | "max" => fields.push(field("replicas.max", flow(&entry.node)?)),
            "targetCPUUtilizationPercentage" | "targetCPU" | "cpu" => {
                fields.push(field("autoscaling.signal", "cpu"));
                fields.push(field("autoscaling.scaleUp.threshold", share(&entry.node)?));
            }
            _ => return None,
        }
    }
    Some(fields)
}

/// A decimal number or thousandths, quoted or not; a comma counts as the point if it can mean nothing else.
fn number(node: &Node) -> Option<String> {
    let text = match node.text.split_once(',') {
        Some((whole, part)) if !part.contains(',') => format!("{whole}.{part}"),
        _ => node.text.to_string(),
    };
    let digits = text.strip_suffix('m').unwrap_or(&text);
    digits.parse::<f64>().is_ok_and(|number| number >= 0.0).then_some(text)
}

/// The metric of an autoscaler, by its word.
pub(super) fn signal(node: &Node) -> Option<Vec<WrittenField>> {
    Some(vec![field("signal", signal_of(node.as_str()?)?)])
}

/// The signal of ours that a word names.
pub(super) fn signal_of(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    let named = |words: &[&str]| words.iter().any(|part| word.contains(part));
    if named(&["mem", "ram"]) {
        return Some("memory");
    }
    if named(&["cpu", "processor"]) {
        return Some("cpu");
    }
    named(&["rps", "request", "queue", "http", "concurren", "job", "custom", "prom"]).then_some("load")
}

/// The handler of a probe, which is under `health` by itself.
pub(super) fn http_get(node: &Node) -> Option<Vec<WrittenField>> {
    let path = node.get("path").and_then(|path| flow(&path.node));
    Some(with_port(field("http", path.unwrap_or_else(|| "/".to_owned())), node))
}

/// A probe's `tcpSocket`.
pub(super) fn tcp_socket(node: &Node) -> Option<Vec<WrittenField>> {
    Some(with_port(field("tcp", "true"), node))
}

/// A probe's `exec`.
pub(super) fn exec(node: &Node) -> Option<Vec<WrittenField>> {
    Some(vec![field("command", flow(&node.get("command")?.node)?)])
}

/// A handler with its port; a named port is that of the service.
fn with_port(handler: WrittenField, node: &Node) -> Vec<WrittenField> {
    let port = node.get("port").filter(|port| port.node.as_whole().is_some());
    let port = port.map(|port| field("port", port.node.text.to_string()));
    std::iter::once(handler).chain(port).collect()
}
