//! Ports, the balancer and health checks: convox routes HTTP to one port and asks only there. Knows one service.

use super::generation::Generation;
use super::view::{Health, Service};
use crate::plan::{Check, Duration, Method, Port, Protocol, Val, Workload};
use crate::targets::Lowered;

/// Failures after which convox gives a process up; it cannot be set.
const RETRIES: u32 = 3;

/// Writes `port`, `ports`, `domain`, `internal`, `sticky` and `health`.
pub(super) fn route(workload: &Workload, generation: &Generation, view: &mut Service, out: &mut Lowered) {
    let main = main_port(workload, generation);
    view.port = main.map(|port| port.port.value);
    for port in &workload.ports {
        if let Some(name) = &port.name {
            out.lost(name.at, format!("convox does not name ports: `{}` is not written", name.value), "remove `name`");
        }
        if let Some(publish) = port.publish {
            let message = format!("convox gives no host ports: {} is not bound on any machine", publish.value);
            out.lost(publish.at, message, "remove `publish`, or use `expose`");
        }
        if main.is_some_and(|main| std::ptr::eq(main, port)) {
            continue;
        }
        let entry = format!("{}/{}", port.port.value, port.protocol.value.word());
        if generation.ports {
            view.ports.push(entry);
        } else {
            let message = format!(
                "convox {} has one port for each service, and that over tcp: {entry} is not opened",
                generation.word
            );
            out.lost(port.port.at, message, "use generation v3");
        }
    }
    expose(workload, main, generation, view, out);
    health(workload, main, generation, view, out);
}

/// The port that convox routes HTTP to and asks: the only one, or the first of a service that speaks HTTP.
fn main_port<'w>(workload: &'w Workload, generation: &Generation) -> Option<&'w Port> {
    let asked = workload.health.as_ref().is_some_and(|health| matches!(health.check.value, Check::Http(_)));
    let one = workload.ports.len() == 1 || !generation.ports;
    let first = workload.ports.iter().find(|port| port.protocol.value == Protocol::Tcp);
    first.filter(|_| one || asked || workload.expose.is_some())
}

fn expose(workload: &Workload, main: Option<&Port>, generation: &Generation, view: &mut Service, out: &mut Lowered) {
    let Some(expose) = &workload.expose else {
        view.internal = main.map(|_| true);
        return;
    };
    if main.is_none() {
        let message = format!("convox routes to one tcp port, and {} has none", workload.name);
        out.lost(expose.at, message, "write `port`");
        return;
    }
    view.domain = expose.host.as_ref().map(|host| host.value.clone());
    if let Some(path) = expose.path.as_ref().filter(|path| path.value != "/") {
        let message = format!(
            "convox routes by host, not by path: all of it goes here, not only `{}`",
            path.value.escape_debug()
        );
        out.lost(path.at, message, "give each service a host of its own");
    }
    let sticky = expose.method.value == Method::IpHash;
    view.sticky = (sticky || generation.sticky).then_some(sticky);
    match expose.method.value {
        Method::RoundRobin => {}
        Method::LeastConn => {
            out.lost(expose.method.at, "convox's balancer cannot choose the least busy process", "use `round-robin`");
        }
        Method::IpHash => {
            let message = "convox keeps a client on one process by a cookie, not by its address";
            out.ignored(expose.method.at, message, "use `round-robin` where clients keep no cookies");
        }
    }
    if let Some(keepalive) = expose.keepalive {
        let message = format!("convox's balancer has its own idle connections: {} is not written", keepalive.value);
        out.lost(keepalive.at, message, "remove `keepalive`");
    }
}

fn health(workload: &Workload, main: Option<&Port>, generation: &Generation, view: &mut Service, out: &mut Lowered) {
    let Some(health) = &workload.health else { return };
    let Check::Http(path) = &health.check.value else {
        let off = main.is_some() && generation.health_options;
        let what = if health.check.value == Check::Tcp { "a port" } else { "a command" };
        let then = if off { "the check is switched off" } else { "nothing is written" };
        out.lost(health.check.at, format!("convox asks over HTTP only, not {what}: {then}"), "give `http: /path`");
        if off {
            view.health = Some(Health { disable: Some(true), ..Health::default() });
        }
        return;
    };
    let Some(main) = main else {
        out.lost(health.check.at, "convox asks the tcp port it routes to, and there is none", "write `port`");
        return;
    };
    let other = health.port.filter(|port| port.value != main.port.value);
    if let (Some(port), false) = (other, generation.health_options) {
        let message = format!("convox {} asks port {} only, not {}", generation.word, main.port.value, port.value);
        out.lost(port.at, message, "remove `port`, or use generation v3");
    }
    if let Some(retries) = health.retries.filter(|retries| retries.value != RETRIES) {
        let message = format!("convox gives a process up after {RETRIES} failures, not {}", retries.value);
        out.lost(retries.at, message, format!("write `retries: {RETRIES}`"));
    }
    view.health = Some(Health {
        path: Some(path.clone()),
        port: other.filter(|_| generation.health_options).map(|port| port.value),
        disable: None,
        grace: health.start_period.map(|time| seconds(time, "grace", out)),
        interval: health.interval.map(|time| seconds(time, "interval", out)),
        timeout: health.timeout.map(|time| seconds(time, "timeout", out)),
    });
}

/// Whole seconds, rounded up; 0 would silently become convox's default.
fn seconds(time: Val<Duration>, what: &str, out: &mut Lowered) -> u64 {
    let whole = time.value.as_seconds();
    if whole == 0 {
        out.refused(
            time.at,
            format!("convox takes `{what}: 0` for unset and uses its default"),
            "write `1s`, or remove it",
        );
    } else if !time.value.0.is_multiple_of(1000) {
        let message = format!("convox counts whole seconds: {} is written as {whole}", time.value);
        out.lost(time.at, message, format!("write `{whole}s`"));
    }
    whole
}
