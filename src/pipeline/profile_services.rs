//! Services that only a profile names. Knows the merged trees, no rule.
//!
//! A profile may add a service that is whole, which is one with an image. Any other is one that the spec or the base file
//! must know already: else a typo in the name of a service would be a service more, and the profile would change nothing.

use crate::inputs::base::BaseProject;
use crate::support::diagnostic::{Finding, Severity};
use crate::support::suggest;
use crate::syntax::Node;
use std::collections::HashSet;
use std::rc::Rc;

/// Findings that search for the name that was meant; each costs as much as the spec has services.
const MOST_GUESSES: usize = 50;

/// The names of a spec's services.
pub(super) fn names(tree: &Node) -> HashSet<Rc<str>> {
    let services = tree.get("services").map_or(&[][..], |services| services.node.entries());
    services.iter().map(|service| Rc::clone(&service.key)).collect()
}

/// One finding for each service of a profile that neither the spec without profiles nor a base file has, and that has no
/// image.
pub(super) fn unknown(tree: &Node, known: &HashSet<Rc<str>>, bases: &[&BaseProject], profile: &str) -> Vec<Finding> {
    let services = tree.get("services").map_or(&[][..], |services| services.node.entries());
    let in_base = |name: &str| bases.iter().any(|base| base.partial() || base.service(name).is_some());
    let is_new = |name: &Rc<str>| !known.contains(name) && !in_base(name);
    let mut findings = Vec::new();
    for service in services.iter().filter(|service| is_new(&service.key) && !has_image(&service.node)) {
        let name = service.key.escape_debug();
        let message = format!(
            "the profile `{}` names the service `{name}`, which the spec does not have, and gives it no `image`",
            profile.escape_debug()
        );
        let mut all: Vec<&str> = known.iter().map(|name| &**name).collect();
        all.sort_unstable();
        let close = if findings.len() < MOST_GUESSES { suggest::closest(&service.key, all.into_iter()) } else { None };
        let finding = Finding::new("unknown-service", Severity::Error, service.at().key(), message);
        findings.push(match close {
            Some(close) if service.via.is_none() => {
                finding.help(format!("did you mean `{close}`?")).fix(service.key_span, close, false)
            }
            Some(close) => finding.help(format!("did you mean `{close}`?")),
            None => finding.help(format!("give it an `image`, or write `{name}` under `services` too")),
        });
    }
    findings
}

/// Whether a service is whole; one of another form has its finding already.
fn has_image(service: &Node) -> bool {
    service.is_unknown()
        || (!service.is_null() && service.entries().is_empty() && service.as_str().is_some())
        || service.get("image").is_some_and(|image| !image.node.is_null())
}
