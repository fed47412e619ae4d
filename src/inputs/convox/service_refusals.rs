//! What the validation of Convox refuses within a service: bounds of a rollout, exclusive words, listeners, mounts. Knows no other section
//! but the configs that are mounted.

use super::refusals::{REFUSED_BY_V2, REFUSED_BY_V3, Refusals, RefusingReader, is_blank, section, text};
use super::scale::whole;
use crate::syntax::{Entry, Node, Value};
use std::collections::HashMap;

/// Reports what is refused in one service.
pub(super) fn report(root: &Node, service: &Entry, refusals: &mut Refusals<'_>) {
    let node = &service.node;
    deployment(node, refusals);
    routers(node, refusals);
    security(node, refusals);
    mounts(root, node, refusals);
    volumes(node, refusals);
    // an agent runs on every node, and its autoscaler is left out
    if let Some(scale) = node.get("scale").filter(|_| !is_true(node, "agent")) {
        autoscale(&scale.node, refusals);
        vertical(&scale.node, refusals);
    }
}

/// `deployment.minimum` and `maximum`, in percent: `validateServices`.
fn deployment(service: &Node, refusals: &mut Refusals<'_>) {
    let Some(deployment) = service.get("deployment") else { return };
    for (key, least, most) in [("minimum", 0, 100), ("maximum", 100, 200)] {
        let Some(entry) = deployment.node.get(key) else { continue };
        if let Some(percent) = whole(&entry.node).filter(|percent| !(least..=most).contains(percent)) {
            let message = format!("`deployment.{key}` is {percent}, not from {least} to {most}");
            // ECS takes other numbers
            refusals.refuse(entry.at().place(), message, RefusingReader::NotV2, format!("write {least} to {most}"));
        }
    }
}

fn is_true(node: &Node, key: &str) -> bool {
    node.get(key).is_some_and(|entry| matches!(entry.node.value, Value::Bool(true)))
}

fn routers(service: &Node, refusals: &mut Refusals<'_>) {
    if let Some(entry) = service.get("internalRouter").filter(|_| is_true(service, "internalRouter"))
        && is_true(service, "internal")
    {
        let message = "`internal` and `internalRouter` are both true".to_owned();
        refusals.refuse(entry.at().place(), message, RefusingReader::V3, "take one of the two out");
    }
}

/// `ServiceSecurityContext.Validate`.
fn security(service: &Node, refusals: &mut Refusals<'_>) {
    let Some(context) = service.get("securityContext").map(|entry| &entry.node) else { return };
    if let Some((entry, profile)) = text(context, "seccompProfile")
        && !["", "RuntimeDefault", "Unconfined"].contains(&profile)
    {
        let message = format!("`seccompProfile` is `{}`", profile.escape_debug());
        refusals.refuse(entry.at().place(), message, RefusingReader::V3, "write `RuntimeDefault` or `Unconfined`");
    }
    for key in ["add", "drop"] {
        let Some(list) = context.get("capabilities").and_then(|entry| entry.node.get(key)) else { continue };
        for item in list.node.items() {
            let Some(name) = item.as_str().filter(|name| name.starts_with("CAP_")) else { continue };
            let message = format!("capability `{}` has `CAP_`", name.escape_debug());
            let help = format!("write `{}`", name.trim_start_matches("CAP_").escape_debug());
            refusals.refuse(item.at().place(), message, RefusingReader::V3, help);
        }
    }
    if let Some((entry, "0")) = text(context, "runAsUser")
        && is_true(context, "runAsNonRoot")
    {
        let message = "`runAsUser` is 0, and `runAsNonRoot` is true".to_owned();
        refusals.refuse(
            entry.at().place(),
            message,
            RefusingReader::V3,
            "give it another user, or take `runAsNonRoot` out",
        );
    }
}

/// `ConfigMount.Validate`, and the configs that are mounted.
fn mounts(root: &Node, service: &Node, refusals: &mut Refusals<'_>) {
    let items = service.get("configMounts").map_or(&[][..], |mounts| mounts.node.items());
    for item in items {
        for key in ["id", "dir", "filename"].into_iter().filter(|key| is_blank(item, key)) {
            refusals.missing(
                item.at().place(),
                format!("the mount has no `{key}`"),
                REFUSED_BY_V3,
                &format!("add `{key}`"),
            );
        }
        let Some((entry, id)) = text(item, "id") else { continue };
        let configs = root.get("configs").map_or(&[][..], |configs| configs.node.items());
        if !configs.iter().any(|config| text(config, "id").is_none_or(|(_, own)| own == id)) {
            refusals.unknown(entry.at().place(), ("the `id` of a config", id), "configs", REFUSED_BY_V3);
        }
    }
}

/// Words for how a volume is mounted.
const ACCESS_MODES: [&str; 3] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce"];

/// `VolumeOption.Validate`.
fn volumes(service: &Node, refusals: &mut Refusals<'_>) {
    let items = service.get("volumeOptions").map_or(&[][..], |options| options.node.items());
    let kinds = ["emptyDir", "awsEfs", "azureFiles"];
    let written = items.iter().filter_map(|item| kinds.iter().find_map(|kind| item.get(kind)));
    for entry in written.filter(|entry| !entry.node.entries().is_empty()) {
        let (kind, node) = (&*entry.key, &entry.node);
        let needs: &[&str] = if kind == "emptyDir" { &["id", "mountPath"] } else { &["id", "mountPath", "accessMode"] };
        for key in needs.iter().filter(|key| is_blank(node, key)) {
            refusals.missing(
                entry.at().key(),
                format!("`{kind}` has no `{key}`"),
                REFUSED_BY_V3,
                &format!("add `{key}`"),
            );
        }
        let word = text(node, "accessMode").filter(|(_, word)| kind != "emptyDir" && !ACCESS_MODES.contains(word));
        if let Some((at, word)) = word.filter(|(_, word)| !word.trim().is_empty()) {
            let message = format!("`accessMode` is `{}`", word.escape_debug());
            refusals.refuse(
                at.at().place(),
                message,
                RefusingReader::V3,
                format!("write one of {}", ACCESS_MODES.join(", ")),
            );
        }
        if let Some((at, medium)) =
            text(node, "medium").filter(|(_, word)| kind == "emptyDir" && !["", "Memory"].contains(word))
        {
            let message = format!("`medium` is `{}`", medium.escape_debug());
            refusals.refuse(at.at().place(), message, RefusingReader::V3, "write `Memory`, or take it out");
        }
    }
}

/// `validateServiceScale`: where an autoscaler is on, there is something to scale, and its percentages are some.
fn autoscale(scale: &Node, refusals: &mut Refusals<'_>) {
    let Some(autoscale) = scale.get("autoscale").filter(|entry| !entry.node.entries().is_empty()) else { return };
    let bound = |key: &str| scale.get(key).and_then(|entry| Some((entry, whole(&entry.node)?)));
    if let (Some((_, min)), Some((entry, max))) = (bound("min"), bound("max"))
        && min == max
    {
        let message = format!("`max` is {max} and `min` too, and `autoscale` has nothing to do");
        refusals.refuse(
            entry.at().place(),
            message,
            RefusingReader::V3,
            "write a larger `max`, or take `autoscale` out",
        );
    }
    for (key, most) in [("cpu", 100.0), ("memory", 100.0), ("gpuUtilization", 100.0), ("queueDepth", f64::INFINITY)] {
        let mode = autoscale.node.entries().iter().find(|entry| entry.key.eq_ignore_ascii_case(key));
        let entries = mode.map_or(&[][..], |mode| mode.node.entries());
        let Some(entry) = entries.iter().find(|entry| entry.key.eq_ignore_ascii_case("threshold")) else { continue };
        let number = match entry.node.value {
            Value::Int(number) => number.to_string().parse().ok(),
            Value::Float(number) => Some(number),
            _ => None,
        };
        if number.is_some_and(|number: f64| number <= 0.0 || number > most) {
            let bounds = if most.is_finite() { "above 0 and at most 100" } else { "above 0" };
            let message = format!("the threshold `{}` of `{key}` is not {bounds}", entry.node.text.escape_debug());
            refusals.refuse(entry.at().place(), message, RefusingReader::V3, format!("write a number {bounds}"));
        }
    }
}

/// `VPA.Validate`.
fn vertical(scale: &Node, refusals: &mut Refusals<'_>) {
    let Some(vpa) = scale.get("vpa").filter(|entry| !entry.node.entries().is_empty()) else { return };
    if is_blank(&vpa.node, "updateMode") {
        refusals.missing(
            vpa.at().key(),
            "`vpa` has no `updateMode`".to_owned(),
            REFUSED_BY_V3,
            "add `updateMode`, as in `Initial`",
        );
    }
    let modes = ["off", "initial", "recreate", "false", ""];
    if let Some((entry, mode)) =
        text(&vpa.node, "updateMode").filter(|(_, mode)| !modes.contains(&&*mode.to_ascii_lowercase()))
    {
        let message = format!("`updateMode` is `{}`", mode.escape_debug());
        refusals.refuse(entry.at().place(), message, RefusingReader::V3, "write `Off`, `Initial` or `Recreate`");
    }
    if is_true(&vpa.node, "cpuOnly") && is_true(&vpa.node, "memOnly") {
        let message = "`cpuOnly` and `memOnly` are both true".to_owned();
        refusals.refuse(vpa.at().key(), message, RefusingReader::V3, "take one of the two out");
    }
}

/// The listeners of the network balancer that a rack of v2 shares: `Validate`.
pub(super) fn shared_ports(root: &Node, refusals: &mut Refusals<'_>) {
    let mut owners: HashMap<i64, &str> = HashMap::new();
    for service in section(root, "services") {
        let items = service.node.get("nlb").map_or(&[][..], |nlb| nlb.node.items());
        if let Some(nlb) = service.node.get("nlb").filter(|_| !items.is_empty() && is_true(&service.node, "agent")) {
            let message = "an agent has no `nlb` ports".to_owned();
            refusals.refuse(nlb.at().key(), message, RefusingReader::V2, "take `nlb` or `agent` out");
        }
        for item in items {
            listener(item, refusals);
            let Some((entry, port)) = item.get("port").and_then(|entry| Some((entry, whole(&entry.node)?))) else {
                continue;
            };
            if let Some(owner) = owners.insert(port, &service.key) {
                let message = format!(
                    "`nlb` port {port} of `{}` is one of `{}`, too",
                    service.key.escape_debug(),
                    owner.escape_debug()
                );
                refusals.refuse(entry.at().place(), message, RefusingReader::V2, "give it another port");
            }
        }
    }
}

fn listener(item: &Node, refusals: &mut Refusals<'_>) {
    for key in ["port", "containerPort"] {
        let Some(entry) = item.get(key) else { continue };
        let allowed = if key == "port" { 1..=65_535 } else { 0..=65_535 };
        if let Some(port) = whole(&entry.node).filter(|port| !allowed.contains(port)) {
            refusals.refuse(entry.at().place(), format!("`{key}` is {port}"), RefusingReader::V2, "write 1 to 65535");
        }
    }
    for (key, words) in [("protocol", ["tcp", "tls"]), ("scheme", ["public", "internal"])] {
        let Some((entry, word)) = text(item, key) else { continue };
        let own = word.trim().to_ascii_lowercase();
        if !own.is_empty() && !words.contains(&&*own) {
            let message = format!("`{key}` is `{}`", word.escape_debug());
            refusals.refuse(entry.at().place(), message, RefusingReader::V2, format!("write {}", words.join(" or ")));
        }
    }
    let tls = text(item, "protocol").is_some_and(|(_, word)| word.trim().eq_ignore_ascii_case("tls"));
    if tls && is_blank(item, "certificate") {
        refusals.missing(
            item.at().place(),
            "a `tls` listener has no `certificate`".to_owned(),
            REFUSED_BY_V2,
            "add the ARN of one",
        );
    }
}
