//! The health check of one service. Knows that a check runs inside the container, with the tools of its image.

use super::super::Lowered;
use super::values::literals;
use super::{Context, Under};
use crate::plan::{Check, Health, Protocol, Workload};
use serde::Serialize;

/// Test and times.
#[derive(Debug, Default, Serialize)]
pub(super) struct Healthcheck {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    test: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retries: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_period: Option<String>,
}

/// The check, with what of it cannot be written reported.
///
/// A base's own test stays, unless the spec gives the very command: the base knows the tools of its image.
pub(super) fn lower(
    out: &mut Lowered,
    context: &Context<'_>,
    workload: &Workload,
    under: Under<'_>,
) -> Option<Healthcheck> {
    let health = workload.health.as_ref()?;
    let own = under.known().and_then(|base| base.healthcheck.as_ref());
    let test = match (&health.check.value, own) {
        (Check::Command(words), _) => [vec!["CMD".to_owned()], literals(words)].concat(),
        (check, Some(own)) => {
            if !asks_the_same(check, health, &own.value) {
                let message =
                    format!("the test of {} stays as it is: `{}`", context.base_name(), own.value.escape_debug());
                out.lost(
                    health.check.at,
                    message,
                    "give the whole test as `command` to replace it, or take it out there",
                );
            }
            Vec::new()
        }
        (check, None) => shell_test(out, workload, health, check)?,
    };
    let check = Healthcheck {
        test,
        interval: health.interval.map(|time| time.value.to_string()),
        timeout: health.timeout.map(|time| time.value.to_string()),
        retries: health.retries.map(|retries| retries.value),
        start_period: health.start_period.map(|time| time.value.to_string()),
    };
    let nothing = check.test.is_empty()
        && check.interval.is_none()
        && check.timeout.is_none()
        && check.retries.is_none()
        && check.start_period.is_none();
    (!nothing).then_some(check)
}

/// Whether the base's test asks for the same path, and for the port where the spec names one.
fn asks_the_same(check: &Check, health: &Health, own: &str) -> bool {
    let path = match check {
        Check::Http(path) => own
            .find(path.as_str())
            .is_some_and(|at| !own.get(at + path.len()..).unwrap_or_default().starts_with(is_path)),
        _ => false,
    };
    path && health.port.is_none_or(|port| own.contains(&format!(":{}", port.value)))
}

fn is_path(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '?' | '&')
}

/// The first tool of those that small images have; without any of them the container is never healthy.
fn shell_test(out: &mut Lowered, workload: &Workload, health: &Health, check: &Check) -> Option<Vec<String>> {
    let first = workload.ports.iter().find(|port| port.protocol.value == Protocol::Tcp);
    let Some(port) = health.port.or(first.map(|port| port.port)) else {
        let message = format!("no port of `{}` is known, so its health cannot be asked", workload.name);
        out.lost(health.check.at, message, "add `port` here or in the service");
        return None;
    };
    let command = match check {
        Check::Http(path) => {
            if !path.starts_with('/') || !path.chars().all(in_url) {
                let message = format!("`{}` is no path of a URL", path.escape_debug());
                out.unsafe_value(health.check.at, message, "start with `/`, and write other characters as `%20`");
            }
            let url = quoted(&format!("http://127.0.0.1:{}{path}", port.value));
            format!("wget -q -O /dev/null {url} || curl -fsS -o /dev/null {url} || exit 1")
        }
        Check::Tcp | Check::Command(_) => {
            let port = port.value;
            format!("nc -z 127.0.0.1 {port} || bash -c '</dev/tcp/127.0.0.1/{port}' || exit 1")
        }
    };
    Some(literals(&["CMD-SHELL".to_owned(), command]))
}

/// Characters that may stand in a path and query.
fn in_url(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~%!$&'()*+,;=:@/?".contains(c)
}

/// One word of a shell: bare where it is plain, else in single quotes.
fn quoted(text: &str) -> String {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/:._-".contains(&byte));
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
