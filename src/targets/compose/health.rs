//! The health check of one service. Knows that a check runs inside the container, with the tools of its image.

use super::super::LoweredPlan;
use super::values::literals;
use super::{ComposeContext, Under};
use crate::inputs::base::BaseMember;
use crate::plan::{Check, Health, Protocol, Val, Workload};
use crate::targets::render::shell::shell_word;
use serde::Serialize;

/// Test and timing.
#[derive(Clone, Debug, Default, Serialize)]
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

/// The check; reports the parts that cannot be written. A container has one: that of `health`, else that of `liveness`.
///
/// A base's own test stays, unless the spec gives an exact command, because the base knows the tools of its image.
pub(super) fn lower(
    out: &mut LoweredPlan,
    context: &ComposeContext<'_>,
    workload: &Workload,
    under: Under<'_>,
) -> Option<Healthcheck> {
    let liveness = workload.pod.as_deref().and_then(|pod| pod.liveness.as_ref());
    let health = workload.health.as_deref().or(liveness).filter(|health| under.says(health.at))?;
    let own = under.member().and_then(own_test);
    let known = under.member().and_then(|base| base.service.health.as_deref());
    let test = match (&health.check.value, own) {
        (Check::Command(words), Some(_)) if is_command(known, words) => Vec::new(),
        (Check::Command(words), _) => [vec!["CMD".to_owned()], literals(words)].concat(),
        (check, Some(own)) => {
            if !asks_the_same(check, health, &own) {
                let message = format!("the test of {} stays as it is: `{}`", context.base_name(), own.escape_debug());
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
        interval: changed(health.interval, known.and_then(|own| own.interval)).map(|time| time.to_string()),
        timeout: changed(health.timeout, known.and_then(|own| own.timeout)).map(|time| time.to_string()),
        retries: changed(health.retries, known.and_then(|own| own.retries)),
        start_period: changed(health.start_period, known.and_then(|own| own.start_period)).map(|time| time.to_string()),
    };
    let nothing = check.test.is_empty()
        && check.interval.is_none()
        && check.timeout.is_none()
        && check.retries.is_none()
        && check.start_period.is_none();
    (!nothing).then_some(check)
}

/// The base's own test in one line.
fn own_test(base: &BaseMember) -> Option<String> {
    let health =
        base.view().health.as_ref().filter(|health| health.disable.is_none_or(|off| off.value == Some(false)))?;
    let test = health.test.as_ref()?;
    match test.value.as_deref() {
        Some([none]) if none == "NONE" => None,
        Some([_, rest @ ..]) => Some(rest.join(" ")),
        _ => Some("${…}".to_owned()),
    }
}

/// Whether the base has exactly this command.
fn is_command(own: Option<&Health>, words: &[String]) -> bool {
    own.is_some_and(|own| matches!(&own.check.value, Check::Command(own) if own == words))
}

/// A value that the base does not already have.
fn changed<T: PartialEq>(ours: Option<Val<T>>, own: Option<Val<T>>) -> Option<T> {
    let ours = ours.filter(|ours| own.is_none_or(|own| own.value != ours.value));
    ours.map(|ours| ours.value)
}

/// Whether the base's test requests the same path, and the same port if the spec names one.
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

/// Tries the tools that small images have; without any of them the container is never healthy.
fn shell_test(out: &mut LoweredPlan, workload: &Workload, health: &Health, check: &Check) -> Option<Vec<String>> {
    let first = workload.ports.iter().find(|port| port.protocol.value == Protocol::Tcp);
    let Some(port) = health.port.or(first.map(|port| port.port)) else {
        let message = format!("no port of `{}` is known, so its health cannot be asked", workload.name);
        out.lost(health.check.at, message, "add `port` here or in the service");
        return None;
    };
    let command = match check {
        Check::Http(path) => {
            if !path.starts_with('/') || !path.chars().all(in_url) {
                let message = format!("`{}` is not a path of a URL", path.escape_debug());
                out.unsafe_value(health.check.at, message, "start with `/`, and write other characters as `%20`");
            }
            let url = shell_word(&format!("http://127.0.0.1:{}{path}", port.value), "/:._-");
            format!("wget -q -O /dev/null {url} || curl -fsS -o /dev/null {url} || exit 1")
        }
        Check::Tcp | Check::Command(_) => {
            let port = port.value;
            format!("nc -z 127.0.0.1 {port} || bash -c '</dev/tcp/127.0.0.1/{port}' || exit 1")
        }
    };
    Some(literals(&["CMD-SHELL".to_owned(), command]))
}

/// Characters that are allowed in a path and query.
fn in_url(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~%!$&'()*+,;=:@/?".contains(c)
}
