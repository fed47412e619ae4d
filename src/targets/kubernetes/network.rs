//! Services and Ingresses. Knows nothing of what runs behind them.

use super::ingress_objects::{
    IngressBackend, IngressHttp, IngressPath, IngressPort, IngressRule, IngressService, IngressSpec,
};
use super::names::is_host;
use super::objects::{Object, PortRef, ServicePort, ServiceSpec};
use super::unit::{self, WorkloadUnit};
use super::{KubernetesOutput, LoweredPlan};
use crate::plan::{Expose, Method, Port, Protocol};
use crate::targets::render::kubernetes_text::is_address;

/// Writes what stands before a service.
pub(super) fn lower(unit: &WorkloadUnit<'_>, out: &mut KubernetesOutput) {
    if unit.patch {
        if let Some(expose) = &unit.workload.expose {
            let message = "expose is not written: without an image the service has a Service and an Ingress elsewhere";
            out.lowered.lost(expose.at, message, "give the service an `image`, or keep the Ingress in the base");
        }
        return;
    }
    if unit.stateful {
        headless(unit, out);
    }
    if !unit.workload.ports.is_empty() {
        let object = service(unit, unit.workload.name.clone(), None);
        out.object(unit.path("service"), &object);
    }
    if let Some(expose) = &unit.workload.expose {
        ingress(unit, expose, out);
    }
}

fn headless(unit: &WorkloadUnit<'_>, out: &mut KubernetesOutput) {
    let name = unit.headless();
    if let Some(other) = unit.plan.workloads.iter().find(|other| other.name == name) {
        let message = format!("`{name}` is also the Service that names the replicas of {}", unit.workload.name);
        let at = crate::support::source::FieldSpan { value: other.at.key, ..other.at };
        out.lowered.refused(at, message, "give the service another name");
    }
    let object = service(unit, name, Some("None"));
    out.object(unit.path("headless-service"), &object);
}

fn service(unit: &WorkloadUnit<'_>, name: String, cluster_ip: Option<&'static str>) -> Object<ServiceSpec> {
    let port = |port: &Port| ServicePort {
        name: unit.port_name(port),
        port: port.port.value,
        target_port: unit.port_name(port).map_or(PortRef::Number(port.port.value), PortRef::Name),
        protocol: unit::protocol(port),
    };
    let ports = unit.workload.ports.iter().map(port).collect();
    let spec = ServiceSpec { cluster_ip, selector: unit.selected(), ports };
    Object { api_version: "v1", kind: "Service", metadata: unit.metadata(name), spec }
}

fn ingress(unit: &WorkloadUnit<'_>, expose: &Expose, out: &mut KubernetesOutput) {
    lost(expose, &mut out.lowered);
    check(expose, &mut out.lowered);
    let tcp = || unit.workload.ports.iter().filter(|port| port.protocol.value == Protocol::Tcp);
    let named = tcp().find(|port| port.name.as_ref().is_some_and(|name| name.value == "http"));
    let Some(port) = named.or_else(|| tcp().next()) else {
        out.lowered.refused(expose.at, "an Ingress sends to a tcp port, and the service has none", "add `port`");
        return;
    };
    let backend = IngressBackend {
        service: IngressService { name: unit.workload.name.clone(), port: IngressPort { number: port.port.value } },
    };
    let path = expose.path.as_ref().map_or_else(|| "/".to_owned(), |path| path.value.clone());
    let rule = IngressRule {
        host: expose.host.as_ref().map(|host| host.value.clone()),
        http: IngressHttp { paths: [IngressPath { path, path_type: "Prefix", backend }] },
    };
    let object = Object {
        api_version: "networking.k8s.io/v1",
        kind: "Ingress",
        metadata: unit.metadata(unit.workload.name.clone()),
        spec: IngressSpec { rules: [rule] },
    };
    out.object(unit.path("ingress"), &object);
}

/// How requests are spread is each controller's own annotation.
fn lost(expose: &Expose, out: &mut LoweredPlan) {
    let help = "set it where the cluster's ingress controller is configured";
    let method = match expose.method.value {
        Method::RoundRobin => None,
        Method::LeastConn => Some("least-conn"),
        Method::IpHash => Some("ip-hash"),
    };
    if let Some(method) = method {
        out.lost(expose.method.at, format!("{method} is not written: an Ingress has no field for it"), help);
    }
    if let Some(keepalive) = expose.keepalive {
        let message = format!("keepalive {} is not written: an Ingress has no field for it", keepalive.value);
        out.lost(keepalive.at, message, help);
    }
    for (word, time) in expose.timeouts.written() {
        let message = format!("the {word} timeout {} is not written: an Ingress has no field for it", time.value);
        out.lost(time.at, message, help);
    }
}

fn check(expose: &Expose, out: &mut LoweredPlan) {
    if let Some(host) = &expose.host
        && is_address(&host.value)
    {
        let message = format!("`{}` is an IP address, and the host of an Ingress is a DNS name", host.value);
        out.refused(
            host.at,
            message,
            "write a name that leads to it, or remove `host`: the Ingress then takes every host",
        );
    } else if let Some(host) = &expose.host
        && !is_host(&host.value)
    {
        let message = format!("`{}` is no host of an Ingress", host.value.escape_debug());
        out.refused(host.at, message, "use a lowercase name without scheme and port, such as app.example.com");
    }
    if let Some(path) = &expose.path {
        let bad = ["//", "/./", "/../", "%2f", "%2F"].iter().any(|part| path.value.contains(part))
            || ["/..", "/."].iter().any(|end| path.value.ends_with(end));
        if bad || !path.value.starts_with('/') {
            let message = format!("`{}` is no path of an Ingress", path.value.escape_debug());
            out.refused(path.at, message, "start with one `/`, without `.` or `..` as a part");
        }
    }
}
