//! Values of a form that the place does not take, such as `ports: ["8080:80"]`, and the form it takes. Knows single values.

use super::convert::{flow, share};
use super::leads_to;
use crate::support::secrets;
use crate::syntax::{Node, Value};

/// What to write for a value, and whether a program may write it.
pub(in crate::inputs::spec::schema) struct Form {
    /// The help.
    pub help: String,
    /// The new value, where it is unambiguous.
    pub text: Option<String>,
}

/// One place and what is done about a value of another form there.
type FormPlace = (&'static str, fn(&Node) -> Option<Form>);

const PLACES: &[FormPlace] = &[
    ("version", version),
    ("services", named),
    ("backingServices", named),
    ("services/*/ports", port_list),
    ("services/*/ports/*", port_item),
    ("services/*/ports/*/port", port_pair),
    ("services/*/env", env),
    ("services/*/volumes/*", volume),
    ("services/*/replicas", count),
    ("services/*/replicas/min", count),
    ("services/*/replicas/max", count),
    ("services/*/connections", connections),
    ("services/*/health", health),
    ("services/*/expose", switch),
    ("services/*/autoscaling/scaleUp/threshold", threshold),
    ("services/*/autoscaling/scaleDown/threshold", threshold),
    ("services/*/schedule/*/days", days),
    ("capacity/nodes", nodes),
    ("targets", targets),
    ("targets/*", switch),
];

/// What to write for a value at a JSON pointer.
pub(in crate::inputs::spec::schema) fn form(pointer: &str, node: &Node) -> Option<Form> {
    PLACES.iter().filter(|(place, _)| leads_to(pointer, place)).find_map(|(_, form)| form(node))
}

fn write(text: String) -> Option<Form> {
    Some(Form { help: format!("write `{text}`"), text: Some(text) })
}

fn say(help: impl Into<String>) -> Option<Form> {
    Some(Form { help: help.into(), text: None })
}

/// `version: "3.8"` and `version: 3` are compose's.
fn version(node: &Node) -> Option<Form> {
    let text = &*node.text;
    let compose = text.starts_with(['2', '3']) && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let text = (compose || text == "1.0" || text == "v1" || text == "1").then(|| "1".to_owned());
    match compose {
        true => Some(Form {
            help: "write `version: 1`: it is the version of scalegen's language, not of the compose file format"
                .to_owned(),
            text,
        }),
        false => text.is_some().then(|| Form { help: "write `version: 1`".to_owned(), text }),
    }
}

/// A list of things with a `name` each, where a mapping by name is expected.
fn named(node: &Node) -> Option<Form> {
    let first = node.items().first()?;
    let name = first.get("name").and_then(|name| name.node.as_str()).or_else(|| first.as_str())?;
    let name: String = name.chars().filter(|c| !c.is_control() && *c != '`').take(40).collect();
    say(format!(
        "write each one under its name: `{name}:` in place of `- name: {name}`, and its fields below, indented"
    ))
}

/// `8080:80`, `127.0.0.1:8080:80`, `80`, `53:53/udp` as fields of a port.
fn port(text: &str) -> Option<String> {
    let (ports, protocol) = text.split_once('/').unwrap_or((text, ""));
    let mut parts = ports.rsplit(':');
    let inside: u16 = parts.next()?.parse().ok()?;
    let outside = match parts.next() {
        Some("") | None => None,
        // a range begins at its first port
        Some(host) => Some(host.split('-').next()?.parse::<u16>().ok()?),
    };
    let mut fields = format!("port: {inside}");
    if let Some(outside) = outside {
        fields.push_str(&format!(", publish: {outside}"));
    }
    if protocol == "udp" {
        fields.push_str(", protocol: udp");
    }
    Some(fields)
}

fn port_item(node: &Node) -> Option<Form> {
    match node.value {
        Value::Str | Value::Int(_) => write(format!("{{ {} }}", port(&node.text)?)),
        _ => None,
    }
}

fn port_list(node: &Node) -> Option<Form> {
    match node.value {
        Value::Str | Value::Int(_) => write(format!("[{{ {} }}]", port(&node.text)?)),
        Value::Map(_) => write(format!("[{}]", flow(node)?)).map(|form| Form { text: None, ..form }),
        _ => None,
    }
}

/// `port: "8080:80"`: two fields stand in one.
fn port_pair(node: &Node) -> Option<Form> {
    let fields = port(node.as_str().filter(|text| text.contains([':', '/']))?)?;
    let fields: Vec<String> = fields.split(", ").map(|field| format!("`{field}`")).collect();
    say(format!("write {}", fields.join(" and ")))
}

/// `[A=b]` and `[{ name: A, value: b }]` as a mapping.
fn env(node: &Node) -> Option<Form> {
    let mut fields = Vec::new();
    for item in node.items() {
        let (name, value) = match (item.as_str(), item.get("name"), item.get("value")) {
            (Some(text), ..) => text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))?,
            (None, Some(name), Some(value)) => (name.node.text.to_string(), value.node.text.to_string()),
            _ => return say("write a mapping: `env: { LOG_LEVEL: info }`; names of secrets stand in `sharedSecrets`"),
        };
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !plain || secrets::is_name(&name) || value.chars().any(|c| c.is_control() || c == '`') {
            return say("write a mapping: `env: { LOG_LEVEL: info }`; names of secrets stand in `sharedSecrets`");
        }
        let bare = !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric()) && !value.starts_with('0');
        let bare = bare && (value.parse::<u32>().is_ok() || crate::syntax::ambiguous_text(&value).is_none());
        let value = if bare { value } else { format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")) };
        fields.push(format!("{name}: {value}"));
    }
    let text = format!("{{ {} }}", fields.join(", "));
    (!fields.is_empty() && text.len() <= 400).then_some(())?;
    Some(Form { help: format!("write a mapping: `env: {text}`"), text: Some(text) })
}

/// `data:/data` names a volume and its mount, but no size.
fn volume(node: &Node) -> Option<Form> {
    let (source, mount) = node.as_str()?.split_once(':')?;
    let mount = mount.split(':').next().filter(|mount| mount.starts_with('/'))?;
    if source.starts_with(['.', '/', '~', '$']) || !mount.chars().all(|c| c.is_ascii_graphic() && c != '`') {
        return say("remove it: a folder of the host stays in the compose file that `targets.compose.base` names");
    }
    let name: String =
        source.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    say(format!(
        "write `{{ name: {name}, mount: {mount}, size: 1Gi }}` with the size it needs, and `kind: stateful` in the \
         service; or leave it in the compose file that `targets.compose.base` names"
    ))
}

/// Numbers as words.
fn count(node: &Node) -> Option<Form> {
    let words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let text = node.as_str()?.trim().to_ascii_lowercase();
    if let Some(number) = words.iter().position(|word| **word == text) {
        return write(number.to_string());
    }
    // `2-6` and `2..6`
    let (min, max) = text.split_once("..").or_else(|| text.split_once('-'))?;
    let (min, max) = (min.trim().parse::<u32>().ok()?, max.trim().parse::<u32>().ok()?);
    say(format!("write `replicas: {{ min: {min}, max: {max} }}`"))
}

fn connections(node: &Node) -> Option<Form> {
    let name = node.items().first().and_then(|item| item.as_str()).or_else(|| node.as_str())?;
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').take(40).collect();
    say(format!("write how many one replica opens: `connections: {{ {name}: 5 }}`"))
}

fn health(node: &Node) -> Option<Form> {
    let path = node.as_str().filter(|text| text.starts_with('/'))?;
    let plain = path.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.'));
    plain.then(|| write(format!("{{ http: {path} }}"))).flatten()
}

/// `expose: true` and `compose: yes`: what is there without options is an empty mapping.
fn switch(node: &Node) -> Option<Form> {
    match (&node.value, &*node.text) {
        (Value::Bool(true), _) | (Value::Str, "yes" | "on" | "enabled") => write("{}".to_owned()),
        (Value::Bool(false), _) | (Value::Str, "no" | "off" | "disabled") => {
            say("remove it: what is not written is off")
        }
        _ => None,
    }
}

fn threshold(node: &Node) -> Option<Form> {
    let text = node.as_str()?;
    // 0.8 in quotes has its help already
    text.ends_with('%').then(|| share(node).and_then(write)).flatten()
}

/// `mon-fri`, `weekdays` and single days.
fn days(node: &Node) -> Option<Form> {
    let all = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let text = node.as_str()?.trim().to_ascii_lowercase();
    let day = |word: &str| all.iter().position(|day| word.starts_with(day));
    let picked = match text.as_str() {
        "weekdays" | "workdays" => all.get(..5)?,
        "weekend" | "weekends" => all.get(5..)?,
        "daily" | "all" | "*" | "everyday" => &all[..],
        range => {
            let (from, to) = range.split_once('-').unwrap_or((range, range));
            all.get(day(from.trim())?..=day(to.trim())?)?
        }
    };
    write(format!("[{}]", picked.join(", ")))
}

fn nodes(node: &Node) -> Option<Form> {
    matches!(node.value, Value::Map(_))
        .then(|| write(format!("[{}]", flow(node)?)).map(|form| Form { text: None, ..form }))?
}

/// `targets: [compose]` and `targets: compose`.
fn targets(node: &Node) -> Option<Form> {
    let names: Vec<&str> = match &node.value {
        Value::Seq(items) => items.iter().map(|item| item.as_str()).collect::<Option<_>>()?,
        _ => vec![node.as_str()?],
    };
    let plain = names.iter().all(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase()));
    let all: Vec<String> = names.iter().map(|name| format!("{name}: {{}}")).collect();
    (plain && !all.is_empty()).then(|| write(format!("{{ {} }}", all.join(", "))))?
}
