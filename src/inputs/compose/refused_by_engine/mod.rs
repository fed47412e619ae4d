//! What the engine or Swarm refuses of a compose project that `docker compose config` takes: amounts, modes, names of images, waits
//! that never end well. Knows no rule.
//!
//! Sources. `dnsrr`: swarmkit's `validateEndpointSpec` ("port published with ingress mode can't be used with dnsrr mode"). Restart
//! policies: moby, `ValidateRestartPolicy`. Images: the grammar of distribution/reference. Health: docker compose,
//! `isServiceHealthy` ("container … has no healthcheck configured"); official images bring no health check (docker-library/faq).

pub(super) mod amounts;
pub(super) mod values;

use super::project::view::ServiceView;
use crate::inputs::base::{BaseMember, BaseProject};
use crate::inputs::compose::is_image_reference;
use crate::inputs::text::{is_private, known_text};
use crate::support::diagnostic::Finding;
use crate::syntax::Node;

/// A text that is known and does not come from a file of variables, which no message may show.
fn showable_text(node: &Node) -> Option<&str> {
    known_text(node).filter(|_| !is_private(node))
}

/// The faults that a spec could change: checked only if no spec is laid over the project.
pub(super) fn of(base: &BaseProject) -> Vec<Finding> {
    let mut found = Vec::new();
    for member in &base.services {
        // not kept: there may be thousands, and hardly any rule asks for one
        let view = ServiceView::of(&member.project.entry.node);
        amounts::of_member(member, &view, &mut found);
        image_name(&view, &mut found);
        restart(&view, &mut found);
        waits_for_health(base, member, &mut found);
        if base.layer.swarm {
            names_without_balancer(member, &view, &mut found);
        }
    }
    found
}

/// A name of an image that the engine does not read: with a character that no name has, or with a capital letter.
fn image_name(view: &ServiceView, found: &mut Vec<Finding>) {
    let Some(image) = &view.image else { return };
    let Some(text) = image.value.as_deref().filter(|text| !is_image_reference(text)) else { return };
    let lawful = |c: char| c.is_ascii_alphanumeric() || "._-/:@+".contains(c);
    let bare = text.trim_matches(|c: char| !lawful(c));
    // `${NAME:-""}` is set before it runs
    if bare.is_empty() {
        return;
    }
    let small = bare.to_ascii_lowercase();
    let (message, help) = match text.chars().find(|c| !lawful(*c)) {
        Some(wrong) => {
            let message =
                format!("no image is named `{}`: a name has no `{}`", text.escape_debug(), wrong.escape_debug());
            let letters = "write the name with letters, digits, `.`, `_`, `-`, `/`, `:` and `@` alone".to_owned();
            (message, if bare.chars().all(lawful) { format!("write `{bare}`") } else { letters })
        }
        None if is_image_reference(&small) => (
            format!("no image is named `{}`: a name is in lower case", text.escape_debug()),
            format!("write `{small}`"),
        ),
        None => {
            let message = format!("`{}` is not the name of an image", text.escape_debug());
            (message, "write it as `registry/name:tag`".to_owned())
        }
    };
    found.push(Finding::of("invalid-value", image.at.place(), message).help(help));
}

/// The words of a restart policy.
const RESTARTS: [&str; 4] = ["no", "always", "on-failure", "unless-stopped"];

/// A restart policy that the engine does not have.
fn restart(view: &ServiceView, found: &mut Vec<Finding>) {
    let Some(restart) = view.word("restart") else { return };
    let Some(text) = restart.value.as_deref().filter(|text| !text.is_empty()) else { return };
    let (word, retries) = text.split_once(':').unwrap_or((text, ""));
    if RESTARTS.contains(&word) {
        // moby: "maximum retry count can only be used with 'on-failure'"
        if word != "on-failure" && retries.parse::<i64>().is_ok_and(|retries| retries != 0) {
            let message = format!("the engine counts retries with `on-failure` alone, not with `{word}`");
            let finding = Finding::of("invalid-value", restart.at.place(), message);
            found.push(finding.help(format!("write `{word}` or `on-failure:{}`", retries.escape_debug())));
        }
        return;
    }
    let message = format!("the engine has no restart policy `{}`", text.escape_debug());
    let meant = match word.trim_end_matches([',', ';']) {
        "never" | "none" | "false" => "\"no\"",
        "true" | "yes" | "on" => "always",
        "onfailure" | "on_failure" | "OnFailure" => "on-failure",
        word => RESTARTS.iter().find(|own| own.eq_ignore_ascii_case(word)).copied().unwrap_or_default(),
    };
    let finding = Finding::of("invalid-value", restart.at.place(), message);
    found.push(finding.help(match meant {
        "" => "write `\"no\"`, `always`, `on-failure` or `unless-stopped`".to_owned(),
        meant => format!("write `{meant}`"),
    }));
}

/// A service that waits until another one is healthy, which no check ever says of it.
fn waits_for_health(base: &BaseProject, member: &BaseMember, found: &mut Vec<Finding>) {
    let depends = member.project.entry.node.get("depends_on");
    for entry in depends.map_or(&[][..], |depends| depends.node.entries()) {
        let part = |key: &str| entry.node.get(key).filter(|part| known_text(&part.node).is_some());
        let Some(condition) = part("condition") else { continue };
        let optional = part("required").is_some_and(|part| known_text(&part.node) == Some("false"));
        let Some(other) = base.service(&entry.key).filter(|other| !other.facts.partial) else { continue };
        if known_text(&condition.node) != Some("service_healthy") || optional || !is_never_healthy(other) {
            continue;
        }
        let message = format!("`{}` waits until `{}` is healthy, which has no health check", member.name, other.name);
        let finding = Finding::of("missing-field", condition.at().place(), message);
        let label =
            if other.view().health.is_some() { "switched off" } else { "official images bring no health check" };
        let finding = finding.label(other.project.entry.at().key(), label);
        found.push(finding.help(format!("give `{}` a `healthcheck`, or write `service_started`", other.name)));
    }
}

/// Whether a service is sure to have no health check: none is written, and its image is an official one; or it is switched off.
fn is_never_healthy(member: &BaseMember) -> bool {
    let view = member.view();
    match &view.health {
        Some(health) => {
            let off = health.disable.as_ref().is_some_and(|off| off.value == Some(true));
            let words = health.test.as_ref().and_then(|test| test.value.as_deref());
            off || words.and_then(|words| words.first()).is_some_and(|word| word == "NONE")
        }
        None => {
            let image = view.image.as_ref().and_then(|image| image.value.as_deref());
            view.build.is_none() && member.facts.image.is_some() && image.is_some_and(|image| !image.contains('/'))
        }
    }
}

/// A port that Swarm's balancer publishes, of a service without the balancer.
fn names_without_balancer(member: &BaseMember, view: &ServiceView, found: &mut Vec<Finding>) {
    let Some(mode) = view.endpoint_mode.as_ref().filter(|mode| mode.value.as_deref() == Some("dnsrr")) else {
        return;
    };
    let Some(port) = view.ports.iter().find(|port| port.published.is_some() && port.mode != "host") else {
        return;
    };
    let message = format!("Swarm refuses a port that its balancer publishes for `{}`, which has none", member.name);
    let finding = Finding::of("refused-by-target", port.at.place(), message);
    found.push(
        finding
            .label(mode.at.place(), "names in place of a balancer")
            .help("write the port with `mode: host`, or `vip`"),
    );
}
