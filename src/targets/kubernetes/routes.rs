//! Routes requests from outside to a Service: an Ingress, or the route of a Gateway. Knows nothing of what runs behind it.

use super::ingress_objects::{
    IngressBackend, IngressHttp, IngressPath, IngressPort, IngressRule, IngressService, IngressSpec, IngressTls,
    ParentRef, PathMatch, RouteBackend, RouteMatch, RouteRule, RouteSpec,
};
use super::metadata::Metadata;
use super::names::{is_host, is_label, is_subdomain};
use super::objects::Object;
use super::unit::WorkloadUnit;
use super::{KubernetesOutput, LoweredPlan, placing};
use crate::plan::{Expose, GatewayRef, Method, Protocol, Val};
use crate::targets::render::kubernetes_text::is_address;

/// Writes the Ingress of a service, or its route if a Gateway is named.
pub(super) fn lower(unit: &WorkloadUnit<'_>, expose: &Expose, out: &mut KubernetesOutput) {
    report_losses(expose, &mut out.lowered);
    check(expose, &mut out.lowered);
    let tcp = || unit.workload.ports.iter().filter(|port| port.protocol.value == Protocol::Tcp);
    let named = tcp().find(|port| port.name.as_ref().is_some_and(|name| name.value == "http"));
    let Some(port) = named.or_else(|| tcp().next()) else {
        let kind = if expose.gateway.is_some() { "an HTTPRoute" } else { "an Ingress" };
        let message = format!("{kind} sends to a tcp port, and the service has none");
        out.lowered.refused(expose.at, message, "add `port`");
        return;
    };
    let metadata = Metadata {
        annotations: placing::checked(&expose.annotations, &mut out.lowered),
        ..unit.metadata(unit.workload.name.to_string())
    };
    match &expose.gateway {
        Some(gateway) => route(unit, (expose, gateway), metadata, port.port.value, out),
        None => ingress(unit, expose, metadata, port.port.value, out),
    }
}

fn path_of(expose: &Expose) -> String {
    expose.path.as_ref().map_or_else(|| "/".to_owned(), |path| path.value.clone())
}

fn ingress(unit: &WorkloadUnit<'_>, expose: &Expose, metadata: Metadata, port: u16, out: &mut KubernetesOutput) {
    let host = expose.host.as_ref().map(|host| host.value.clone());
    let service = IngressService { name: unit.workload.name.to_string(), port: IngressPort { number: port } };
    let path = IngressPath { path: path_of(expose), path_type: "Prefix", backend: IngressBackend { service } };
    for (name, what) in [(&expose.class, "an IngressClass"), (&expose.tls, "a Secret")] {
        check_name(name.as_ref(), what, &mut out.lowered);
    }
    let secret = expose.tls.as_ref().map(|secret| secret.value.clone());
    let tls = secret.map(|secret_name| IngressTls { hosts: host.clone().into_iter().collect(), secret_name });
    let spec = IngressSpec {
        ingress_class_name: expose.class.as_ref().map(|class| class.value.clone()),
        tls: tls.into_iter().collect(),
        rules: [IngressRule { host, http: IngressHttp { paths: [path] } }],
    };
    out.object(unit.path("ingress"), &Object { api_version: "networking.k8s.io/v1", kind: "Ingress", metadata, spec });
}

fn route(
    unit: &WorkloadUnit<'_>,
    (expose, gateway): (&Expose, &GatewayRef),
    metadata: Metadata,
    port: u16,
    out: &mut KubernetesOutput,
) {
    let said = &mut out.lowered;
    if let Some(class) = &expose.class {
        let message = format!("class {} is not written: the Gateway has the class", class.value);
        said.lost(class.at, message, "remove `class`, or `gateway`");
    }
    if let Some(secret) = &expose.tls {
        let message = format!("the Secret {} is not written: the Gateway's listener has the certificate", secret.value);
        said.lost(secret.at, message, "name it at the listener, and remove `tls` here");
    }
    check_name(Some(&gateway.name), "a Gateway", said);
    if let Some(listener) = &gateway.listener {
        check_name(Some(listener), "a listener", said);
    }
    if let Some(namespace) = gateway.namespace.as_ref().filter(|namespace| !is_label(&namespace.value)) {
        let message = format!("`{}` cannot name a namespace", namespace.value.escape_debug());
        said.refused(namespace.at, message, "use 1 to 63 lowercase letters, digits and `-`");
    }
    let text = |value: &Option<Val<String>>| value.as_ref().map(|value| value.value.clone());
    let spec = RouteSpec {
        parent_refs: [ParentRef {
            name: gateway.name.value.clone(),
            namespace: text(&gateway.namespace),
            section_name: text(&gateway.listener),
        }],
        hostnames: text(&expose.host).into_iter().collect(),
        rules: [RouteRule {
            matches: [RouteMatch { path: PathMatch { kind: "PathPrefix", value: path_of(expose) } }],
            backend_refs: [RouteBackend { name: unit.workload.name.to_string(), port }],
        }],
    };
    let object = Object { api_version: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", metadata, spec };
    out.object(unit.path("httproute"), &object);
}

fn check_name(name: Option<&Val<String>>, what: &str, out: &mut LoweredPlan) {
    if let Some(name) = name.filter(|name| !is_subdomain(&name.value)) {
        let message = format!("`{}` cannot name {what}", name.value.escape_debug());
        out.refused(name.at, message, "use lowercase letters, digits, `-` and `.`");
    }
}

/// Each controller has its own annotation for load balancing.
fn report_losses(expose: &Expose, out: &mut LoweredPlan) {
    let kind = if expose.gateway.is_some() { "an HTTPRoute" } else { "an Ingress" };
    let help = "write the controller's own annotation under `expose.annotations`";
    let method = match expose.method.value {
        Method::RoundRobin => None,
        Method::LeastConn => Some("least-conn"),
        Method::IpHash => Some("ip-hash"),
    };
    if let Some(method) = method {
        out.lost(expose.method.at, format!("{method} is not written: {kind} has no field for it"), help);
    }
    if let Some(keepalive) = expose.keepalive {
        let message = format!("keepalive {} is not written: {kind} has no field for it", keepalive.value);
        out.lost(keepalive.at, message, help);
    }
    for (word, time) in expose.timeouts.written() {
        let message = format!("the {word} timeout {} is not written: {kind} has no field for it", time.value);
        out.lost(time.at, message, help);
    }
}

fn check(expose: &Expose, out: &mut LoweredPlan) {
    let kind = if expose.gateway.is_some() { "an HTTPRoute" } else { "an Ingress" };
    if let Some(host) = &expose.host
        && is_address(&host.value)
    {
        let message = format!("`{}` is an IP address, and the host of {kind} is a DNS name", host.value);
        out.refused(host.at, message, "write a name that leads to it, or remove `host`: every host is then taken");
    } else if let Some(host) = &expose.host
        && !is_host(&host.value)
    {
        let message = format!("`{}` is not a host of {kind}", host.value.escape_debug());
        let bare = host.value.split_once("://").map_or(&*host.value, |(_, rest)| rest);
        let bare = bare.split(['/', ':', '?']).next().unwrap_or_default().to_ascii_lowercase();
        let help = match is_host(&bare) && !is_address(&bare) {
            true => format!("write `{bare}`: a host has no scheme, port or path"),
            false => "use a lowercase name without scheme and port, such as app.example.com".to_owned(),
        };
        out.refused(host.at, message, help);
    }
    if let Some(path) = &expose.path {
        let bad = ["//", "/./", "/../", "%2f", "%2F"].iter().any(|part| path.value.contains(part))
            || ["/..", "/."].iter().any(|end| path.value.ends_with(end));
        if bad || !path.value.starts_with('/') {
            let message = format!("`{}` is not a path of {kind}", path.value.escape_debug());
            out.refused(path.at, message, "start with one `/`, without `.` or `..` as a part");
        }
    }
}
