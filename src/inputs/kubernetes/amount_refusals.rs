//! Amounts of resources that contradict each other, which the API server refuses. Knows no other object.
//!
//! The sources are `validateContainerResourceRequirements` (`ValidateResourceRequirements` before 1.33) and `ValidateLimitRange` of
//! kubernetes/kubernetes, `pkg/apis/core/validation/validation.go`.

use super::access::{entry, quantity_text};
use super::refused::{Say, is_placeholder, refused};
use crate::model::quantity::{Cpu, Memory};
use crate::support::diagnostic::Finding;
use crate::syntax::{Entry, Node};

/// Whether requests must equal limits: devices (`nvidia.com/gpu`) and huge pages cannot be shared.
fn is_whole(resource: &str) -> bool {
    let device = resource.split_once('/').is_some_and(|(domain, _)| !domain.ends_with("kubernetes.io"));
    (device && !resource.starts_with("requests.")) || resource.starts_with("hugepages-")
}

fn is_filled_in(node: &Node) -> bool {
    quantity_text(node).is_some_and(|text| !is_placeholder(text))
}

/// The requests and limits of a container: those of devices.
pub(super) fn devices(node: &Node, say: Say<'_>) {
    let of = |key: &str| entry(node, key).map_or(&[][..], |own| own.node.entries());
    let amount = |own: &Entry| Memory::parse(quantity_text(&own.node)?).ok();
    for request in of("requests").iter().filter(|own| is_whole(&own.key) && is_filled_in(&own.node)) {
        let name = request.key.escape_debug();
        let Some(limit) = of("limits").iter().find(|limit| limit.key == request.key) else {
            let what = format!("`{name}` is requested and has no limit, and cannot be shared");
            refused(say, request.at().key(), what, "write it under `limits`: the request follows");
            continue;
        };
        let (Some(wanted), Some(most)) = (amount(request), amount(limit)) else { continue };
        if wanted.bytes != most.bytes && is_filled_in(&limit.node) {
            let message = format!(
                "{} `{name}` requested and {} as limit, which must be equal: the API server refuses it",
                request.node.text.escape_debug(),
                limit.node.text.escape_debug()
            );
            let finding = Finding::of("refused-by-api", request.at().place(), message);
            say(finding.label(limit.at().place(), "the limit").help("write one number at both, or the limit alone"));
        }
    }
    for own in of("limits").iter().chain(of("requests")).filter(|own| is_whole(&own.key)) {
        let part = quantity_text(&own.node).is_some_and(|text| text.ends_with('m') || text.contains('.'));
        let nano = quantity_text(&own.node).and_then(|text| Cpu::parse(text).ok());
        if part && !own.key.starts_with("hugepages-") && nano.is_some_and(|nano| nano.0 % Cpu::CORE != 0) {
            let what = format!("`{}` {} is no whole number", own.key.escape_debug(), own.node.text.escape_debug());
            refused(say, own.at().place(), what, "write a whole number");
        }
    }
}

/// The bounds of a LimitRange, of one type: `min` ≤ `defaultRequest` ≤ `default` ≤ `max`.
pub(super) fn limits(node: &Node, say: Say<'_>) {
    const ORDER: [&str; 4] = ["min", "defaultRequest", "default", "max"];
    for (index, lower) in ORDER.iter().enumerate() {
        for upper in ORDER.iter().skip(index + 1) {
            let (Some(low), Some(high)) = (entry(node, lower), entry(node, upper)) else { continue };
            for own in low.node.entries() {
                let Some(other) = entry(&high.node, &own.key) else { continue };
                let (Some(least), Some(most)) = (nano(&own.node), nano(&other.node)) else { continue };
                if least > most {
                    let message = format!(
                        "{lower} {} of {} is above {upper} {}: the API server refuses it",
                        own.node.text.escape_debug(),
                        own.key.escape_debug(),
                        other.node.text.escape_debug()
                    );
                    let finding = Finding::of("refused-by-api", own.at().place(), message);
                    let help = format!("write at most {}", other.node.text.escape_debug());
                    say(finding.label(other.at().place(), format!("{upper} {}", other.node.text)).help(help));
                }
            }
        }
    }
}

/// A quantity, comparable with another of its resource.
fn nano(node: &Node) -> Option<u128> {
    let text = quantity_text(node)?;
    let whole = || Memory::parse(text).ok().map(|amount| u128::from(amount.bytes) * u128::from(Cpu::CORE));
    Cpu::parse(text).ok().map(|amount| u128::from(amount.0)).or_else(whole)
}
