//! Which names the API server takes, and a name that it would. Knows no object.

use super::Lowered;
use super::settings::Autoscaler;
use super::unit::Unit;

/// RFC 1123 label.
pub(super) fn is_label(text: &str) -> bool {
    let inside = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    (1..=63).contains(&text.len()) && inside && !text.starts_with('-') && !text.ends_with('-')
}

/// RFC 1123 subdomain: labels joined by dots.
pub(super) fn is_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}

/// What a host of an Ingress may be: a subdomain, its first label perhaps `*`.
pub(super) fn is_host(text: &str) -> bool {
    is_subdomain(text.strip_prefix("*.").unwrap_or(text))
}

/// IANA service name: what a container port may be called.
pub(super) fn is_port_name(text: &str) -> bool {
    text.len() <= 15 && is_label(text) && !text.contains("--") && text.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// The nearest label: `eventsHandlers` is `events-handlers`, `a_b` is `a-b`.
pub(super) fn suggest(text: &str, most: usize) -> String {
    let mut out = String::new();
    let mut lower_before = false;
    for c in text.chars() {
        if c.is_ascii_uppercase() && lower_before {
            out.push('-');
        }
        lower_before = c.is_ascii_lowercase() || c.is_ascii_digit();
        let c = c.to_ascii_lowercase();
        let plain = c.is_ascii_lowercase() || c.is_ascii_digit();
        if plain || !out.ends_with('-') {
            out.push(if plain { c } else { '-' });
        }
    }
    // a Service's name begins with a letter
    let start = out.find(|c: char| c.is_ascii_lowercase()).unwrap_or(0);
    let kept: String = out.chars().skip(start).take(most).collect();
    let kept = kept.trim_matches('-');
    if kept.is_empty() { "service".to_owned() } else { kept.to_owned() }
}

/// The service's key names its objects, so it must be a name for each of them.
pub(super) fn check(unit: &Unit<'_>, out: &mut Lowered) {
    let name = &unit.workload.name;
    let (most, why) = match () {
        () if unit.stateful => (52, "a StatefulSet adds a hash to it in a label of 63"),
        () if unit.autoscaled() && unit.settings.autoscaler == Autoscaler::Keda => {
            (54, "KEDA puts `keda-hpa-` before it")
        }
        () => (63, "the API's bound"),
    };
    let fault = if !is_label(name) {
        "is no DNS label (lowercase letters, digits and `-`)".to_owned()
    } else if name.len() > most {
        format!("has {} characters, above {most}: {why}", name.len())
    } else if unit.has_service() && !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        "cannot name a Service, which begins with a letter".to_owned()
    } else {
        return;
    };
    // the key is what must change, whatever stands below it
    let at = crate::support::source::At { value: unit.workload.at.key, ..unit.workload.at };
    out.refused(at, format!("`{name}` {fault}"), format!("rename the service to `{}`", suggest(name, most)));
}
