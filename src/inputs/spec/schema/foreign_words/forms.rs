//! Values of a form that is not accepted at their place, such as `ports: ["8080:80"]`, and the form that is. Knows single values.

mod answer;
mod autoscaling;
mod health;
mod lists;
mod one_word;
mod ports;
mod schedule;

use super::convert::{variable_text, word};
use super::leads_to;
use crate::support::secrets;
use crate::syntax::{Node, Value};
pub(in crate::inputs::spec::schema) use answer::Form;
use answer::{help_only, write};
use autoscaling::{metrics, scaling, signal, threshold};
use health::health;
use lists::{backing, items_without_blank, list_of_one, machines, one_port, pairs};
use one_word::{
    certificate, host_or_path, object_name, other_backing, pod_security, published, reference, strategy, value_from,
};
use ports::{port_item, port_list, port_pair};
use schedule::{day, days, time, windows};

/// One place, and the conversion of a value of another form there.
type FormPlace = (&'static str, fn(&Node) -> Option<Form>);

const PLACES: &[FormPlace] = &[
    ("version", version),
    ("services", named),
    ("backingServices", named),
    ("services/*/ports", port_list),
    ("services/*/ports/*", port_item),
    ("services/*/ports/*/port", port_pair),
    ("services/*/ports/*/port", one_port),
    ("services/*/port", one_port),
    ("services/*/ports/*/publish", port_pair),
    ("services/*/ports/*/publish", published),
    ("services/*/publish", published),
    ("services/*/image", image),
    ("services/*/kind", kind),
    ("services/*/env", env),
    ("services/*/env/*", value_from),
    ("services/*/env/*", variable),
    ("services/*/volumes/*", volume),
    ("services/*/replicas", count),
    ("services/*/replicas/min", count),
    ("services/*/replicas/max", count),
    ("services/*/connections", connections),
    ("services/*/health", health),
    ("services/*/expose", exposed),
    ("services/*/expose", host_or_path),
    ("services/*/expose", switch),
    ("services/*/expose/tls", certificate),
    ("services/*/expose/class", object_name),
    ("services/*/serviceAccount", object_name),
    ("services/*/volumes/*/storageClass", object_name),
    ("targets/*/namespace", object_name),
    ("targets/kubernetes/podSecurity", pod_security),
    ("services/*/update", strategy),
    ("services/*/autoscaling/signal", signal),
    ("services/*/autoscaling/metrics", metrics),
    ("services/*/autoscaling/scaleUp", scaling),
    ("services/*/autoscaling/scaleDown", scaling),
    ("services/*/autoscaling/scaleUp/threshold", threshold),
    ("services/*/autoscaling/scaleDown/threshold", threshold),
    ("services/*/nodeSelector", pairs),
    ("services/*/labels", pairs),
    ("services/*/annotations", pairs),
    ("services/*/tolerations", list_of_one),
    ("services/*/command", items_without_blank),
    ("services/*/args", items_without_blank),
    ("services/*/command/*", argument),
    ("services/*/args/*", argument),
    ("services/*/schedule", windows),
    ("services/*/schedule/*/days", days),
    ("services/*/schedule/*/days/*", day),
    ("services/*/schedule/*/from", time),
    ("services/*/schedule/*/to", time),
    ("capacity", machines),
    ("capacity/nodes", nodes),
    ("backingServices/*", backing),
    ("backingServices/*/kind", other_backing),
    ("targets", targets),
    ("targets/compose", target_base),
    ("targets/kubernetes", target_base),
    ("targets/*", switch),
];

const PLAIN_ENV: &str = "write a mapping: `env: { LOG_LEVEL: info }`";

/// What to write for a value at a JSON pointer.
pub(in crate::inputs::spec::schema) fn form(pointer: &str, node: &Node) -> Option<Form> {
    let of_place = PLACES.iter().filter(|(place, _)| leads_to(pointer, place)).find_map(|(_, form)| form(node));
    of_place.or_else(|| reference(node))
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

/// A list of items with a `name` each, where a mapping by name is expected.
fn named(node: &Node) -> Option<Form> {
    let first = node.items().first()?;
    let safe = |name: &str| name.chars().filter(|c| !c.is_control() && *c != '`').take(40).collect::<String>();
    if let [only] = first.entries()
        && (only.node.is_null() || matches!(only.node.value, Value::Map(_)))
    {
        let name = safe(&only.key);
        return help_only(format!("write `{name}:` in place of `- {name}:`, and its fields below, indented"));
    }
    let name = safe(first.get("name").and_then(|name| name.node.as_str()).or_else(|| first.as_str())?);
    help_only(format!(
        "write each one under its name: `{name}:` in place of `- name: {name}`, and its fields below, indented"
    ))
}

/// `[A=b]` and `[{ name: A, value: b }]` as a mapping. What has no value here gets it where the service runs.
fn env(node: &Node) -> Option<Form> {
    let (mut fields, mut given): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for item in node.items() {
        let (name, value) = match (item.as_str(), item.get("name"), item.get("value")) {
            (Some(text), ..) => match text.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (text.to_owned(), None),
            },
            (None, Some(name), value) => (name.node.text.to_string(), value.map(|value| value.node.text.to_string())),
            _ => return help_only(PLAIN_ENV),
        };
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        match value.filter(|value| !secrets::is_variable(&name, value)) {
            _ if !plain => return help_only(PLAIN_ENV),
            Some(value) if value.chars().any(|c| c.is_control() || c == '`') => return help_only(PLAIN_ENV),
            Some(value) => fields.push(format!("{name}: {}", variable_text(&value))),
            None => given.push(name),
        }
    }
    let text = format!("{{ {} }}", fields.join(", "));
    (node.items().len() <= 40 && text.len() <= 400).then_some(())?;
    let given = (!given.is_empty()).then(|| format!("`sharedSecrets: [{}]`", given.join(", ")));
    match (fields.is_empty(), given) {
        (true, None) => None,
        (true, Some(given)) => help_only(format!("write {given}: their values are given where the service runs")),
        (false, Some(given)) => {
            help_only(format!("write `env: {text}` and {given}, whose values are given where the service runs"))
        }
        (false, None) => Some(Form { help: format!("write a mapping: `env: {text}`"), text: Some(text) }),
    }
}

/// `data:/data` names a volume and its mount, but no size.
fn volume(node: &Node) -> Option<Form> {
    let (source, mount) = node.as_str()?.split_once(':')?;
    let mount = mount.split(':').next().filter(|mount| mount.starts_with('/'))?;
    if source.starts_with(['.', '/', '~', '$']) || !mount.chars().all(|c| c.is_ascii_graphic() && c != '`') {
        return help_only(
            "remove it: a folder of the host stays in the compose file that `targets.compose.base` names",
        );
    }
    let name: String =
        source.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    help_only(format!(
        "write `{{ name: {name}, mount: {mount}, size: 1Gi }}` with the size it needs, and `kind: stateful` in the \
         service; or leave it in the compose file that `targets.compose.base` names"
    ))
}

/// Numbers as words.
fn count(node: &Node) -> Option<Form> {
    let words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    if let (Value::Seq(_), [min, max]) = (&node.value, node.items()) {
        let (min, max) = (min.as_whole()?, max.as_whole()?);
        return (0 <= min && min <= max).then(|| write(format!("{{ min: {min}, max: {max} }}"))).flatten();
    }
    let text = node.as_str()?.trim().to_ascii_lowercase();
    if let Some(number) = words.iter().position(|word| **word == text) {
        return write(number.to_string());
    }
    // `2-6` and `2..6`
    let (min, max) = text.split_once("..").or_else(|| text.split_once('-'))?;
    let (min, max) = (min.trim().parse::<u32>().ok()?, max.trim().parse::<u32>().ok()?);
    write(format!("{{ min: {min}, max: {max} }}"))
}

fn connections(node: &Node) -> Option<Form> {
    if let Some(number) = node.as_whole() {
        return help_only(format!(
            "write it under the name of a backing service: `connections: {{ postgres: {number} }}` for `postgres`"
        ));
    }
    let name = node.items().first().and_then(|item| item.as_str()).or_else(|| node.as_str())?;
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').take(40).collect();
    help_only(format!("write how many one replica opens: `connections: {{ {name}: 5 }}`"))
}

/// Name and tag in fields of their own, as values of Helm charts have them.
fn image(node: &Node) -> Option<Form> {
    let part = |key: &str| node.get(key).map(|entry| entry.node.text.to_string());
    let name = part("repository").or_else(|| part("name"))?;
    let tag = part("tag").filter(|tag| !tag.is_empty());
    let whole = tag.map_or(name.clone(), |tag| format!("{name}:{tag}"));
    let is_plain = whole.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | ':' | '.' | '-' | '_'));
    is_plain.then(|| write(format!("\"{whole}\""))).flatten()
}

/// A variable whose value is not a scalar.
fn variable(node: &Node) -> Option<Form> {
    match node.value {
        Value::Null => {
            help_only("write its value, `\"\"` where it is empty; the name of a secret goes into `sharedSecrets`")
        }
        Value::Map(_) => help_only("write each variable by its whole name: `env: { LOG_LEVEL: info }`"),
        Value::Seq(_) => help_only("write one text: `\"a,b\"`"),
        _ => None,
    }
}

/// A word of a command with `: ` in it was read as a mapping.
fn argument(node: &Node) -> Option<Form> {
    let [only] = node.entries() else { return None };
    let text = format!("{}: {}", only.key, only.node.as_str()?);
    let is_plain = text.chars().all(|c| c.is_ascii_graphic() || c == ' ') && !text.contains(['"', '\\', '`']);
    is_plain.then(|| help_only(format!("put it in quotes: `\"{text}\"`"))).flatten()
}

/// The kinds of Kubernetes' workloads.
fn kind(node: &Node) -> Option<Form> {
    match node.as_str()?.to_ascii_lowercase().as_str() {
        "deployment" | "replicaset" => write("stateless".to_owned()),
        "statefulset" => write("stateful".to_owned()),
        "daemonset" => help_only(
            "remove the service: one replica on each node is not a number that a spec can scale; its manifest stays as it is",
        ),
        "job" | "cronjob" => {
            help_only("remove the service: what runs once or by the clock is not scaled; its manifest stays as it is")
        }
        _ => None,
    }
}

/// Compose's `expose` is a list of ports.
fn exposed(node: &Node) -> Option<Form> {
    let first = node.items().first().map_or(node, |first| first);
    let port: u16 = first.text.parse().ok()?;
    help_only(format!(
        "write `port: {port}` in the service: other services reach it there; `expose: {{}}` puts it behind a load balancer"
    ))
}

/// `expose: true` and `compose: yes`: a field without options is an empty mapping.
fn switch(node: &Node) -> Option<Form> {
    match (&node.value, &*node.text) {
        (Value::Bool(true), _) | (Value::Str, "yes" | "on" | "enabled") => write("{}".to_owned()),
        (Value::Bool(false), _) | (Value::Str, "no" | "off" | "disabled") => {
            help_only("remove it: what is not written is off")
        }
        _ => None,
    }
}

fn nodes(node: &Node) -> Option<Form> {
    if let Some(count) = node.as_whole() {
        return help_only(format!("write what one machine has: `nodes: [{{ count: {count}, cpu: 4, memory: 16Gi }}]`"));
    }
    list_of_one(node)
}

/// The file of a target in place of its options: only some targets are laid over one.
fn target_base(node: &Node) -> Option<Form> {
    let path = node.as_str().filter(|text| text.ends_with(".yml") || text.ends_with(".yaml") || text.ends_with('/'))?;
    write(format!("{{ base: {} }}", word(path, false)?))
}

/// `targets: [compose]` and `targets: compose`.
fn targets(node: &Node) -> Option<Form> {
    let names: Vec<&str> = match &node.value {
        Value::Seq(items) => items.iter().map(|item| item.as_str()).collect::<Option<_>>()?,
        _ => vec![node.as_str()?],
    };
    let known = |name| match name {
        "k8s" | "kube" | "kustomize" => "kubernetes",
        "docker" | "docker-compose" => "compose",
        name => name,
    };
    let names: Vec<&str> = names.into_iter().map(known).collect();
    let plain = names.iter().all(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase()));
    let all: Vec<String> = names.iter().map(|name| format!("{name}: {{}}")).collect();
    (plain && !all.is_empty()).then(|| write(format!("{{ {} }}", all.join(", "))))?
}
