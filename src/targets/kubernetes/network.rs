//! Services. Knows nothing of what runs behind them.

use super::objects::{Object, PortRef, ServicePort, ServiceSpec};
use super::unit::{self, WorkloadUnit};
use super::{KubernetesOutput, routes};
use crate::plan::Port;

/// Writes the Services of a service.
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
        let object = service(unit, unit.workload.name.to_string(), None);
        out.object(unit.path("service"), &object);
    }
    if let Some(expose) = &unit.workload.expose {
        routes::lower(unit, expose, out);
    }
}

fn headless(unit: &WorkloadUnit<'_>, out: &mut KubernetesOutput) {
    let name = unit.headless();
    if let Some(other) = unit.plan.workload(&name) {
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
