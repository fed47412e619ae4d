//! nginx: one `upstream` for each exposed service and one `server` for each host name. Knows no rule and no other target.
//!
//! Three forms ([`form`]). On the host nginx lists one server for each published port. On the containers' network it uses Docker's
//! name server: through a variable in `proxy_pass` in any version, through `resolve` from 1.27.3 on.

mod form;
mod syntax;
mod view;

use super::{Input, LoweredPlan, OutputFormat, TargetMeta, View};
use crate::plan::{Duration, Expose, Method, Port, Protocol, Service, ServiceField, TargetOptions, Workload};
use crate::support::source::FieldSpan;
use form::{NginxContainer, NginxForm};
use std::collections::{BTreeMap, BTreeSet};
use view::{File, NginxLocation, Server, Upstream};

const TEMPLATES: &[(&str, &str)] = &[("nginx.conf.j2", include_str!("../../../templates/nginx/nginx.conf.j2"))];

pub(super) const META: TargetMeta = TargetMeta {
    balancer: Some(form::balancer),
    beside: Some("compose"),
    ..TargetMeta::new("nginx", lower, OutputFormat::Directives(&syntax::SYNTAX), TEMPLATES)
};

struct NginxContext<'a> {
    form: NginxForm,
    listen: u16,
    /// Whether concurrency becomes `max_conns`, and where that was asked for.
    max_conns: Option<FieldSpan>,
    options: &'a TargetOptions,
}

fn lower(input: &Input<'_>) -> LoweredPlan {
    let mut out = LoweredPlan::default();
    let options = input.options;
    let exposed: Vec<(&Workload, &Expose)> =
        input.plan.workloads.iter().filter_map(|workload| Some((workload, workload.expose.as_deref()?))).collect();
    // a service that could not be read may have it
    let hidden = |service: &Service| service.expose.is_some() || service.broken.has(ServiceField::Expose);
    if exposed.is_empty() && input.plan.unread.iter().any(|service| hidden(service)) {
        return out;
    }
    if exposed.is_empty() {
        let message = "no service has `expose`: there is nothing to write for nginx";
        out.refused(options.at, message, "add `expose` to a service, or take the target out");
        return out;
    }
    let listen = form::listen(options);
    let container = NginxContainer::of(input, listen);
    let context = NginxContext {
        form: form::choose(&mut out, options, &exposed, container.as_ref()),
        listen,
        max_conns: options.flag("maxConns").filter(|(on, _)| *on).map(|(_, at)| at),
        options,
    };
    let mut file = File::default();
    let mut taken = UsedNames::default();
    for (workload, expose) in exposed {
        losses(&mut out, &context, workload, expose);
        if let (Some(container), true) = (&container, context.form != NginxForm::Host) {
            container.reaches(&mut out, input, workload);
        }
        let path = path(&mut out, expose);
        let host = host(&mut out, expose);
        // a service without a reachable port must not take another's path: the result must not depend on the order of services
        let mut upstreams = Vec::new();
        let Some(location) = location(&mut out, &context, workload, expose, path.clone(), &mut upstreams) else {
            continue;
        };
        if !taken.add(&mut out, workload, expose, &host, &path) {
            continue;
        }
        file.upstreams.append(&mut upstreams);
        let server = match file.servers.iter_mut().find(|server| server.name == host) {
            Some(server) => server,
            None => {
                file.servers.push(Server::new(&host, context.listen, context.form == NginxForm::Variable));
                let Some(server) = file.servers.last_mut() else { continue };
                server
            }
        };
        server.locations.extend(location.by_parts());
    }
    if context.form == NginxForm::Host {
        own_port(&mut out, &context, &input.plan.workloads);
    }
    if let Ok(document) = file.document() {
        let path = format!("{}.conf", input.plan.name.value);
        out.views.push(View { path, template: "nginx.conf.j2", document, tags: Vec::new() });
    }
    out
}

fn tcp(workload: &Workload) -> impl Iterator<Item = &Port> {
    workload.ports.iter().filter(|port| port.protocol.value == Protocol::Tcp)
}

/// The location of one path, and its upstream.
fn location(
    out: &mut LoweredPlan,
    context: &NginxContext<'_>,
    workload: &Workload,
    expose: &Expose,
    path: String,
    upstreams: &mut Vec<Upstream>,
) -> Option<NginxLocation> {
    if workload.fixed == 0 {
        // nginx refuses an upstream without servers
        return Some(NginxLocation { path, closed: true, ..NginxLocation::default() });
    }
    let servers = match context.form {
        NginxForm::Host => published(out, context, workload, expose)?,
        NginxForm::Variable | NginxForm::Resolve => {
            let Some(port) = tcp(workload).next() else {
                let message = format!("no TCP port of `{}` is known", workload.name);
                out.refused(expose.at, message, "add `port` to the service");
                return None;
            };
            vec![format!("{}:{}", workload.name, port.port.value)]
        }
    };
    let open = NginxLocation {
        path,
        websocket: expose.websocket.value,
        timeouts: timeouts(expose),
        ..NginxLocation::default()
    };
    if context.form == NginxForm::Variable {
        return Some(NginxLocation { address: servers.into_iter().next(), ..open });
    }
    let limit = workload.concurrency.as_ref().map(|concurrency| concurrency.limit.value);
    let max_conns = limit.filter(|_| context.max_conns.is_some());
    let upstream = Upstream {
        name: workload.name.to_string(),
        resolve: context.form == NginxForm::Resolve,
        zone: context.form == NginxForm::Resolve || max_conns.is_some(),
        method: method(expose.method.value),
        servers,
        max_conns,
        keepalive: expose.keepalive.map(|keepalive| keepalive.value),
    };
    let upstream_name = Some(upstream.name.clone());
    upstreams.push(upstream);
    Some(NginxLocation { upstream: upstream_name, keepalive: expose.keepalive.is_some(), ..open })
}

/// The timeouts towards a replica; nginx reads whole seconds and milliseconds.
fn timeouts(expose: &Expose) -> Vec<(&'static str, String)> {
    let directive = |word| match word {
        "connect" => "proxy_connect_timeout",
        "send" => "proxy_send_timeout",
        _ => "proxy_read_timeout",
    };
    let text = |time: Duration| match time.0 % 1000 {
        0 => format!("{}s", time.0 / 1000),
        _ => format!("{}ms", time.0),
    };
    expose.timeouts.written().map(|(word, time)| (directive(word), text(time.value))).collect()
}

fn method(method: Method) -> Option<&'static str> {
    match method {
        Method::RoundRobin => None,
        Method::LeastConn => Some("least_conn"),
        Method::IpHash => Some("ip_hash"),
    }
}

/// One address for each replica of the first published TCP port.
fn published(
    out: &mut LoweredPlan,
    context: &NginxContext<'_>,
    workload: &Workload,
    expose: &Expose,
) -> Option<Vec<String>> {
    let Some(publish) = tcp(workload).find_map(|port| port.publish) else {
        let message = format!("`{}` publishes no TCP port, so nginx on the host cannot reach it", workload.name);
        let help = match context.options.get("from") {
            Some(_) => "add `publish` to its port, or write `from: network`",
            None => "add `publish` to its port",
        };
        out.refused(expose.at, message, help);
        return None;
    };
    let last = u64::from(publish.value) + u64::from(workload.fixed) - 1;
    let Ok(last) = u16::try_from(last) else {
        let message =
            format!("{} replicas from host port {} on end at {last}, above 65535", workload.fixed, publish.value);
        out.refused(publish.at, message, "publish from a lower port on");
        return None;
    };
    Some((publish.value..=last).map(|port| format!("127.0.0.1:{port}")).collect())
}

/// Refuses a port on which Docker listens already.
fn own_port(out: &mut LoweredPlan, context: &NginxContext<'_>, workloads: &[Workload]) {
    for workload in workloads {
        for publish in tcp(workload).filter_map(|port| port.publish) {
            let last = u64::from(publish.value) + u64::from(workload.fixed.max(1)) - 1;
            if (u64::from(publish.value)..=last).contains(&u64::from(context.listen)) {
                let at = context.options.get("listen").map_or(publish.at, |listen| listen.at);
                let range = match workload.fixed {
                    0 | 1 => publish.value.to_string(),
                    _ => format!("{} to {last}", publish.value),
                };
                let message =
                    format!("nginx cannot listen on {}: `{}` publishes {range}", context.listen, workload.name);
                out.refused(at, message, "let nginx listen on another port");
            }
        }
    }
}

/// Settings that this form of nginx does not have.
fn losses(out: &mut LoweredPlan, context: &NginxContext<'_>, workload: &Workload, expose: &Expose) {
    let fixed = workload.fixed;
    if expose.method.value == Method::IpHash && context.form != NginxForm::Variable && fixed > 1 {
        let message = format!(
            "ip_hash looks at the first three numbers of an IPv4 address: the clients of one /24 network, or behind one \
             proxy, all reach one of the {fixed} replicas"
        );
        out.ignored(expose.method.at, message, "write `least-conn` where any replica may answer");
    }
    match context.form {
        NginxForm::Host => {
            let help = "put nginx on the network (`from: network`), where it follows the replicas";
            if workload.scales {
                let max = workload.replicas.max;
                let message =
                    format!("the upstream lists {fixed} of up to {} replicas; the rest get no requests", max.value);
                out.lost(max.at, message, help);
            }
            for window in workload.schedule.iter().filter(|window| window.max.value > fixed) {
                let message = format!(
                    "the upstream lists {fixed} in {} too, where up to {} replicas run",
                    window.label(),
                    window.max.value
                );
                out.lost(window.at, message, help);
            }
        }
        NginxForm::Variable => {
            let help = "write the `version` of an nginx from 1.27.3 on";
            if method(expose.method.value).is_some() {
                let message = "before 1.27.3 a name is asked for at each request: it has no balancing method";
                out.lost(expose.method.at, message, help);
            }
            if let Some(keepalive) = expose.keepalive {
                let message = "before 1.27.3 a name is asked for at each request: no connections are kept";
                out.lost(keepalive.at, message, help);
            }
            if let (Some(at), Some(_)) = (context.max_conns, &workload.concurrency) {
                out.lost(at, "before 1.27.3 a name is asked for at each request: it has no max_conns", help);
            }
        }
        NginxForm::Resolve => {}
    }
}

/// A path prefix that is one plain word to nginx.
fn path(out: &mut LoweredPlan, expose: &Expose) -> String {
    let Some(path) = &expose.path else { return "/".to_owned() };
    let text = &path.value;
    if !text.starts_with('/') || !text.chars().all(|c| syntax::is_safe(c) && c != '%') {
        let message = format!("`{}` is not a path nginx can take as one word", text.escape_debug());
        let help = "start with `/`; use letters, digits and . _ - : / * ~ = [ ] + @, not escaped by `%`";
        out.unsafe_value(path.at, message, help);
    }
    text.clone()
}

/// A host name, `*.` in front allowed; `_` if none is given, which matches no name.
fn host(out: &mut LoweredPlan, expose: &Expose) -> String {
    let Some(host) = &expose.host else { return "_".to_owned() };
    let name = host.value.strip_prefix("*.").unwrap_or(&host.value);
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) || !name.chars().all(good) {
        let message = format!("`{}` is not a host name", host.value.escape_debug());
        out.unsafe_value(host.at, message, "use letters, digits, `-` and `.`; `*.` may come first");
    }
    host.value.to_ascii_lowercase()
}

/// Reports names that are used already: nginx refuses the second.
#[derive(Default)]
struct UsedNames {
    upstreams: BTreeMap<String, String>,
    locations: BTreeSet<(String, String)>,
}

impl UsedNames {
    fn add(&mut self, out: &mut LoweredPlan, workload: &Workload, expose: &Expose, host: &str, path: &str) -> bool {
        if let Some(other) = self.upstreams.insert(workload.name.to_lowercase(), workload.name.to_string()) {
            let message = format!("nginx takes the upstreams `{other}` and `{}` for one", workload.name);
            out.refused(workload.at, message, "rename one of the services");
            return false;
        }
        if !self.locations.insert((host.to_owned(), path.trim_end_matches('/').to_owned())) {
            let at = expose.path.as_ref().or(expose.host.as_ref()).map_or(expose.at, |value| value.at);
            let host = if host == "_" { "every host" } else { host };
            let message = format!("`{path}` at {host} is exposed by another service already");
            out.refused(at, message, "give this service another `path` or `host`");
            return false;
        }
        true
    }
}
