//! Ports in other forms.

use super::super::convert::flow;
use super::answer::{Form, help_only, write};
use crate::syntax::{Node, Value};

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

/// A port number outside the valid range, in fields of a port.
fn out_of_range(text: &str) -> Option<Form> {
    let ports = text.split_once('/').map_or(text, |(ports, _)| ports);
    let number = |part: &str| part.parse::<u64>().ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit()));
    let mut all = ports.rsplit(':').take(2).flat_map(|part| part.split('-')).filter_map(number);
    let wrong = all.find(|port| !(1..=u64::from(u16::MAX)).contains(port))?;
    help_only(format!("{wrong} is not a port, which are 1 to 65535; write it like `{{ port: 80, publish: 8080 }}`"))
}

pub(super) fn port_item(node: &Node) -> Option<Form> {
    match node.value {
        Value::Str | Value::Int(_) => {
            out_of_range(&node.text).or_else(|| write(format!("{{ {} }}", port(&node.text)?)))
        }
        _ => None,
    }
}

pub(super) fn port_list(node: &Node) -> Option<Form> {
    match node.value {
        Value::Str | Value::Int(_) => {
            out_of_range(&node.text).or_else(|| write(format!("[{{ {} }}]", port(&node.text)?)))
        }
        Value::Map(_) => write(format!("[{}]", flow(node)?)).map(|form| Form { text: None, ..form }),
        _ => None,
    }
}

/// `port: "8080:80"`: two fields are in one.
pub(super) fn port_pair(node: &Node) -> Option<Form> {
    let fields = port(node.as_str().filter(|text| text.contains([':', '/']))?)?;
    let fields: Vec<String> = fields.split(", ").map(|field| format!("`{field}`")).collect();
    help_only(format!("write {}", fields.join(" and ")))
}
