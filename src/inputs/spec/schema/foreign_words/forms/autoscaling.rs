//! Metrics and targets of an autoscaler in other forms.

use super::super::convert::{share, signal_of};
use super::answer::{Form, help_only, write};
use crate::syntax::Node;

pub(super) fn signal(node: &Node) -> Option<Form> {
    match signal_of(node.as_str()?)? {
        "load" => help_only(
            "write `signal: load`, with queries that count the running and the waiting work in `metrics.prometheus`",
        ),
        word => write(word.to_owned()),
    }
}

/// `scaleUp: 0.7`: the threshold alone.
pub(super) fn scaling(node: &Node) -> Option<Form> {
    let is_share = node.text.parse::<f64>().is_ok_and(|share| share > 0.0 && share <= 3.0);
    let threshold = if is_share { node.text.to_string() } else { share(node)? };
    write(format!("{{ threshold: {threshold} }}"))
}

/// The metrics of a HorizontalPodAutoscaler: their targets.
pub(super) fn metrics(node: &Node) -> Option<Form> {
    let resource = node.items().iter().find_map(|item| item.get("resource"))?;
    let name = resource.node.get("name")?.node.as_str().filter(|name| matches!(*name, "cpu" | "memory"))?;
    let target = &resource.node.get("target")?.node;
    let share = share(&target.get("averageUtilization")?.node)?;
    help_only(format!("remove `metrics`, and write `signal: {name}` and `scaleUp: {{ threshold: {share} }}`"))
}

pub(super) fn threshold(node: &Node) -> Option<Form> {
    let text = node.as_str()?;
    // 0.8 in quotes already has a help
    text.ends_with('%').then(|| share(node).and_then(write)).flatten()
}
