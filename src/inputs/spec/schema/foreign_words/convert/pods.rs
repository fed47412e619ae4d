//! Converts parts of a pod and what leads to it: its containers, an ingress, the metadata of an object. Knows single values, no
//! place.

use super::super::word_row::WrittenField;
use super::{environment, field, flow, variable_text};
use crate::support::secrets;
use crate::syntax::{Node, Value};

/// A list of one container: its fields are those of the service.
pub(in crate::inputs::spec::schema::foreign_words) fn containers(node: &Node) -> Option<Vec<WrittenField>> {
    let [container] = node.items() else { return None };
    let mut fields = Vec::new();
    for entry in container.entries() {
        match &*entry.key {
            "name" => {}
            key @ ("image" | "command" | "args" | "resources") => fields.push(field(key, flow(&entry.node)?)),
            "ports" => {
                let [port] = entry.node.items() else { return None };
                fields.push(field("port", port.get("containerPort")?.node.as_whole()?.to_string()));
            }
            "env" => fields.extend(named_values(&entry.node).or_else(|| environment(&entry.node))?),
            _ => return None,
        }
    }
    Some(fields)
}

/// `[{ name: A, value: b }]` as a mapping.
fn named_values(node: &Node) -> Option<Vec<WrittenField>> {
    let variable = |item: &Node| {
        let (name, value) = (item.get("name")?.node.text.clone(), item.get("value")?.node.text.clone());
        let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !secrets::is_variable(&name, &value)
            && !value.chars().any(|c| c.is_control() || c == '`');
        is_plain.then(|| format!("{name}: {}", variable_text(&value)))
    };
    let all: Vec<String> = node.items().iter().map(|item| variable(item)).collect::<Option<_>>()?;
    (!all.is_empty()).then(|| vec![field("env", format!("{{ {} }}", all.join(", ")))])
}

/// An ingress as a service of compose, a chart or a manifest has it: where it leads from.
pub(in crate::inputs::spec::schema::foreign_words) fn ingress(node: &Node) -> Option<Vec<WrittenField>> {
    let mut fields = Vec::new();
    for entry in node.entries() {
        match &*entry.key {
            "enabled" => {}
            "host" | "hostname" => fields.push(field("expose.host", flow(&entry.node)?)),
            "path" => fields.push(field("expose.path", flow(&entry.node)?)),
            "class" | "className" | "ingressClassName" => fields.push(field("expose.class", flow(&entry.node)?)),
            "hosts" => {
                let [host] = entry.node.items() else { return None };
                let host = host.get("host").map_or(host, |host| &host.node);
                fields.push(field("expose.host", matches!(host.value, Value::Str).then(|| flow(host))??));
            }
            _ => return None,
        }
    }
    Some(fields)
}

/// The metadata of a manifest with only a name.
pub(in crate::inputs::spec::schema::foreign_words) fn metadata(node: &Node) -> Option<Vec<WrittenField>> {
    let [name] = node.entries() else { return None };
    (*name.key == *"name").then(|| Some(vec![field("name", flow(&name.node)?)]))?
}

/// The version of a manifest's language.
pub(in crate::inputs::spec::schema::foreign_words) fn version(_: &Node) -> Option<Vec<WrittenField>> {
    Some(vec![field("version", "1")])
}
