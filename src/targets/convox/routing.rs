//! Ports, the balancer and health checks: convox routes HTTP to one port and checks only that. Knows one service.

use super::generation::Generation;
use super::view::{ConvoxHealth, ConvoxService};
use crate::plan::{Check, Duration, Health as HealthCheck, Method, Port, Protocol, ProxyTimeouts, Val, Workload};
use crate::targets::LoweredPlan;
use crate::targets::render::kubernetes_text::is_address;

/// The shortest and longest period and timeout in seconds that a load balancer accepts.
const INTERVALS: (u64, u64) = (5, 300);
const TIMEOUTS: (u64, u64) = (2, 120);
/// The characters of a path that it accepts.
const LONGEST_PATH: usize = 1024;

/// Writes `port`, `ports`, `domain`, `internal`, `sticky` and `health`.
pub(super) fn route(workload: &Workload, generation: &Generation, view: &mut ConvoxService, out: &mut LoweredPlan) {
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

/// The port to which convox routes HTTP, and which it checks: the only one, or the first of a service that speaks HTTP.
fn main_port<'w>(workload: &'w Workload, generation: &Generation) -> Option<&'w Port> {
    let asked = workload.health.as_ref().is_some_and(|health| matches!(health.check.value, Check::Http(_)));
    let one = workload.ports.len() == 1 || !generation.ports;
    let first = workload.ports.iter().find(|port| port.protocol.value == Protocol::Tcp);
    first.filter(|_| one || asked || workload.expose.is_some())
}

fn expose(
    workload: &Workload,
    main: Option<&Port>,
    generation: &Generation,
    view: &mut ConvoxService,
    out: &mut LoweredPlan,
) {
    let Some(expose) = &workload.expose else {
        view.internal = main.map(|_| true);
        return;
    };
    if main.is_none() {
        let message = format!("convox routes to one tcp port, and {} has none", workload.name);
        out.lost(expose.at, message, "write `port`");
        return;
    }
    if let Some(host) = expose.host.as_ref().filter(|host| generation.on_kubernetes && is_address(&host.value)) {
        let message = format!(
            "`{}` is an IP address, and the Ingress that convox {} makes takes a DNS name",
            host.value, generation.word
        );
        out.refused(host.at, message, "write a name that leads to it, or remove `host`");
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
    timeouts(&expose.timeouts, generation, view, out);
}

/// One number applies to connecting, writing and reading.
fn timeouts(timeouts: &ProxyTimeouts, generation: &Generation, view: &mut ConvoxService, out: &mut LoweredPlan) {
    let read = timeouts.read.filter(|_| generation.timeout);
    view.timeout = read.map(|time| seconds(time, "timeout", out));
    for (word, time) in timeouts.written() {
        let all = read.filter(|read| word == "read" || read.value == time.value);
        let (message, help) = match (all, read) {
            (Some(_), _) => continue,
            (None, Some(read)) => (
                format!("convox has one timeout for all: {} of `read` holds, not {word} {}", read.value, time.value),
                format!("write `{}` here too, or take it out", read.value),
            ),
            (None, None) if generation.timeout => (
                format!("convox takes its timeout from `read`: {word} {} is not written", time.value),
                format!("write `read: {}`", time.value),
            ),
            (None, None) => (
                format!("convox {} has no such timeout: {word} {} is not written", generation.word, time.value),
                "use generation v3, or remove it".to_owned(),
            ),
        };
        out.lost(time.at, message, help);
    }
}

fn health(
    workload: &Workload,
    main: Option<&Port>,
    generation: &Generation,
    view: &mut ConvoxService,
    out: &mut LoweredPlan,
) {
    let Some(health) = &workload.health else { return };
    let Check::Http(path) = &health.check.value else {
        let off = main.is_some() && generation.health_options;
        let what = if health.check.value == Check::Tcp { "a port" } else { "a command" };
        let then = if off { "the check is switched off" } else { "nothing is written" };
        out.lost(health.check.at, format!("convox asks over HTTP only, not {what}: {then}"), "give `http: /path`");
        if off {
            view.health = Some(ConvoxHealth { disable: Some(true), ..ConvoxHealth::default() });
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
    if let Some(retries) = health.retries.filter(|retries| retries.value != generation.retries) {
        let fixed = generation.retries;
        let message =
            format!("convox {} gives a process up after {fixed} failures, not {}", generation.word, retries.value);
        out.lost(retries.at, message, format!("write `retries: {fixed}`"));
    }
    if generation.balancer_asks {
        balancer(health, path, generation, out);
    }
    view.health = Some(ConvoxHealth {
        path: Some(path.clone()),
        port: other.filter(|_| generation.health_options).map(|port| port.value),
        disable: None,
        grace: health.start_period.map(|time| seconds(time, "grace", out)),
        interval: health.interval.map(|time| seconds(time, "interval", out)),
        timeout: health.timeout.map(|time| seconds(time, "timeout", out)),
    });
}

/// Values that a load balancer refuses, with Convox's defaults: an interval of 5 s, and a timeout of one second
/// less than the interval.
fn balancer(health: &HealthCheck, path: &str, generation: &Generation, out: &mut LoweredPlan) {
    let word = generation.word;
    let whole = |time: Option<Val<Duration>>| time.map(|time| (time.value.as_seconds(), time)).filter(|(s, _)| *s > 0);
    let (interval, timeout) = (whole(health.interval), whole(health.timeout));
    for (what, time, (least, most)) in [("interval", interval, INTERVALS), ("timeout", timeout, TIMEOUTS)] {
        let Some((seconds, time)) = time.filter(|(seconds, _)| !(least..=most).contains(seconds)) else { continue };
        let bound =
            if seconds < least { format!("below {least} s, the least") } else { format!("above {most} s, the most") };
        let message = format!("the load balancer of convox {word} refuses an {what} of {}: it is {bound}", time.value);
        let message = if what == "timeout" { message.replacen("an timeout", "a timeout", 1) } else { message };
        out.refused(time.at, message, format!("write `{}s`", seconds.clamp(least, most)));
    }
    let every = interval.map_or(INTERVALS.0, |(seconds, _)| seconds);
    match (interval, timeout) {
        (_, Some((seconds, time))) if seconds >= every && every >= INTERVALS.0 && seconds <= TIMEOUTS.1 => {
            let default = if interval.is_none() { ", which holds where no interval is written" } else { "" };
            let message = format!(
                "the load balancer of convox {word} refuses a timeout of {}: it must be below the interval, {every} s{default}",
                time.value
            );
            out.refused(time.at, message, format!("write an interval above {seconds} s, or a shorter timeout"));
        }
        (Some((seconds, time)), None) if seconds > TIMEOUTS.1 + 1 && seconds <= INTERVALS.1 => {
            let message = format!(
                "without a timeout convox {word} takes {} s, one less than the interval, and the load balancer refuses more than {} s",
                seconds - 1,
                TIMEOUTS.1
            );
            out.refused(time.at, message, format!("write `timeout: {}s`", TIMEOUTS.1));
        }
        _ => {}
    }
    if !path.starts_with('/') || path.chars().count() > LONGEST_PATH {
        let message = format!(
            "the load balancer of convox {word} asks for a path that begins with `/`, of at most {LONGEST_PATH} characters"
        );
        out.refused(health.check.at, message, "write a path such as `/health`");
    }
}

/// Whole seconds, rounded up; 0 would silently become convox's default.
fn seconds(time: Val<Duration>, what: &str, out: &mut LoweredPlan) -> u64 {
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
