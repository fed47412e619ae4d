//! Values of a Service that the API server refuses. Knows no other object.
//!
//! The sources are `ValidateService` and `validateServicePort` of kubernetes/kubernetes, `pkg/apis/core/validation/validation.go`.

use super::access::{entry, item_at, items, word};
use super::names;
use super::refused::{Say, is_placeholder, refused};
use crate::support::diagnostic::Finding;
use crate::syntax::Node;

/// Looks at the `spec` of a Service. `whole` says that nothing is laid over it or under it.
pub(super) fn check(node: &Node, whole: bool, say: Say<'_>) {
    let ports: Vec<&Node> = items(node, "ports").map(|item| &**item).collect();
    ports.iter().for_each(|port| names::of_service_port(port, say));
    names::labels(entry(node, "selector"), say);
    port_names(&ports, say);
    twice(&ports, say);
    if whole {
        of_kind(node, &ports, say);
    }
}

/// Several ports need names, each unique.
fn port_names(ports: &[&Node], say: Say<'_>) {
    let bare = ports.iter().find(|port| entry(port, "name").is_none());
    if let Some(bare) = bare.filter(|_| ports.len() > 1) {
        let what = format!("one of {} ports of a Service has no `name`", ports.len());
        refused(say, item_at(bare, "port").place(), what, "add a `name` to each");
    }
}

/// Names, numbers with their protocol, and node ports with theirs must be unique.
fn twice(ports: &[&Node], say: Say<'_>) {
    let protocol = |port: &Node| match word(port, "protocol") {
        "" => "TCP".to_owned(),
        word => word.to_owned(),
    };
    for key in ["name", "port", "nodePort"] {
        let own = |port: &&Node| {
            let entry = entry(port, key)?;
            let text = entry.node.text.to_string();
            let zero = text.is_empty() || text == "0" || is_placeholder(&text);
            (!zero).then(|| (text, if key == "name" { String::new() } else { protocol(port) }))
        };
        for (index, port) in ports.iter().enumerate() {
            let (Some(text), Some(at)) = (own(port), entry(port, key)) else { continue };
            let first = ports.iter().take(index).find(|first| own(first) == Some(text.clone()));
            let Some(first) = first.and_then(|first| entry(first, key)) else { continue };
            let with = if text.1.is_empty() { String::new() } else { format!(" of {}", text.1) };
            let message = format!(
                "`{key}: {}`{with} appears twice in one Service: the API server refuses it",
                text.0.escape_debug()
            );
            let finding = Finding::of("refused-by-api", at.at().place(), message);
            say(finding.label(first.at().place(), "the first").help("give it another, or take it out"));
        }
    }
}

/// Fields that a type needs, and fields that it does not allow.
fn of_kind(node: &Node, ports: &[&Node], say: Say<'_>) {
    let written = entry(node, "type");
    let kind = match word(node, "type") {
        "" => "ClusterIP",
        kind => kind,
    };
    let cluster_ip = entry(node, "clusterIP");
    let headless = cluster_ip.filter(|address| &*address.node.text == "None");
    if ports.is_empty() && headless.is_none() && matches!(kind, "ClusterIP" | "NodePort" | "LoadBalancer") {
        let place = entry(node, "ports").or_else(|| entry(node, "selector")).or(written);
        let place = place.map_or_else(|| node.at().place(), |entry| entry.at().key());
        refused(
            say,
            place,
            format!("a Service of type {kind} has no ports"),
            "add `ports`, or write `clusterIP: None`",
        );
    }
    if let Some(headless) = headless.filter(|_| matches!(kind, "NodePort" | "LoadBalancer")) {
        let what = format!("`clusterIP: None` is set beside `type: {kind}`");
        refused(say, headless.at().place(), what, "take `clusterIP` out, or write `type: ClusterIP`");
    }
    if let Some(named) = written.filter(|_| kind == "ExternalName" && word(node, "externalName").is_empty()) {
        let what = "`type: ExternalName` has no `externalName`".to_owned();
        refused(say, named.at().place(), what, "add `externalName`, or write another type");
    }
    if kind == "ClusterIP" {
        for port in ports {
            let used = entry(port, "nodePort").filter(|port| port.node.as_whole().is_some_and(|port| port != 0));
            if let Some(used) = used {
                let default = if written.is_none() { ", the default" } else { "" };
                let what = format!("`nodePort` is set in a Service of type ClusterIP{default}");
                refused(say, used.at().key(), what, "write `type: NodePort`, or take `nodePort` out");
            }
        }
    }
    let outside = matches!(kind, "NodePort" | "LoadBalancer") || entry(node, "externalIPs").is_some();
    if let Some(policy) = entry(node, "externalTrafficPolicy").filter(|policy| !outside && !policy.node.text.is_empty())
    {
        let what = format!("`externalTrafficPolicy` is set in a Service of type {kind}");
        refused(say, policy.at().key(), what, "take it out, or write `type: NodePort` or `type: LoadBalancer`");
    }
}
