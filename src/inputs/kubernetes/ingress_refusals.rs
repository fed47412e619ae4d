//! Values of an Ingress that the API server refuses. Knows no other object.
//!
//! The sources are `validateIngressSpec` and the functions that it calls in kubernetes/kubernetes, `pkg/apis/networking/validation/validation.go`.

use super::access::{entry, word};
use super::names;
use super::refused::{Say, is_placeholder, refused};
use crate::syntax::{Entry, Node};

/// A field's name, and the field if it is set.
type NamedEntry<'n> = (&'static str, Option<&'n Entry>);

/// `validateIngressSpec`.
pub(super) fn spec(node: &Node, say: Say<'_>) {
    let rules = entry(node, "rules").filter(|rules| !rules.node.items().is_empty());
    // `backend` was the name of the betas, and is told by itself
    if rules.is_none() && ["defaultBackend", "backend"].iter().all(|key| entry(node, key).is_none()) {
        let place = entry(node, "rules").map_or_else(|| node.at().place(), |rules| rules.at().key());
        refused(say, place, "an Ingress has no `rules` and no `defaultBackend`".to_owned(), "add one of the two");
    }
}

/// `validateIngressRules`.
pub(super) fn rule(node: &Node, say: Say<'_>) {
    let Some(host) = entry(node, "host").filter(|host| !host.node.text.is_empty() && !is_placeholder(&host.node.text))
    else {
        return;
    };
    let text = &*host.node.text;
    if text.parse::<core::net::IpAddr>().is_ok() {
        let what = format!("the host `{text}` is an address, not a name");
        refused(say, host.at().place(), what, "write a name, or leave `host` out for every host");
        return;
    }
    names::host(host, say);
}

/// `validateIngressBackend`.
pub(super) fn backend(node: &Node, say: Say<'_>) {
    either(node, "the backend", (("service", entry(node, "service")), ("resource", entry(node, "resource"))), say);
}

/// `validateIngressBackend`, of the port of a Service.
pub(super) fn port(node: &Node, say: Say<'_>) {
    let name = entry(node, "name").filter(|name| !name.node.text.is_empty());
    let number = entry(node, "number").filter(|number| number.node.as_whole() != Some(0));
    either(node, "the port of the backend", (("name", name), ("number", number)), say);
}

/// Reports where both of two fields are set, or none.
fn either(node: &Node, what: &str, (first, second): (NamedEntry<'_>, NamedEntry<'_>), say: Say<'_>) {
    match (first.1, second.1) {
        (Some(_), Some(both)) => {
            let what = format!("{what} has a `{}` and a `{}`", first.0, second.0);
            refused(say, both.at().key(), what, "keep one of the two");
        }
        (None, None) => {
            let what = format!("{what} has no `{}` and no `{}`", first.0, second.0);
            refused(say, node.at().place(), what, "add one of the two");
        }
        _ => {}
    }
}

/// `validateHTTPIngressPath`.
pub(super) fn absolute(node: &Node, say: Say<'_>) {
    let Some(own) = entry(node, "path").filter(|_| matches!(word(node, "pathType"), "Exact" | "Prefix")) else {
        return;
    };
    if !own.node.text.starts_with('/') && !is_placeholder(&own.node.text) {
        let what = format!("the path `{}` does not begin with `/`", own.node.text.escape_debug());
        refused(say, own.at().place(), what, format!("write `/{}`", own.node.text));
    }
}
