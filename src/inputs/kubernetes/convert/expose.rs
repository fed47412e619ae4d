//! What leads to a workload from outside as `expose` of the spec. Knows no container.

use super::pod_settings::texts;
use crate::inputs::kubernetes::access;
use crate::inputs::kubernetes::network::{OLD_CLASS, RoutePath};
use crate::inputs::kubernetes::set::ManifestSet;
use crate::inputs::leaf;
use crate::syntax::{Entry, Node};

/// The first route that leads to a workload, else a Service that is reached from outside.
pub(super) fn of(set: &ManifestSet, index: usize) -> Option<Entry> {
    let links = set.links.get(index)?;
    if let Some(route) = links.routes.iter().find_map(|route| set.routes.get(*route)) {
        return Some(leaf::mapping("expose", route.at, fields(route)));
    }
    let public =
        links.services.iter().filter_map(|service| set.services.get(*service)).find(|service| service.is_public())?;
    Some(leaf::mapping("expose", public.kind_at, Vec::new()))
}

fn fields(route: &RoutePath) -> Vec<Entry> {
    let mut fields = Vec::new();
    if !route.host.is_empty() {
        fields.push(leaf::text("host", route.at, &route.host));
    }
    let path = route.path.split_once(' ').map(|(_, path)| path).filter(|path| path.starts_with('/'));
    fields.extend(path.map(|path| leaf::text("path", route.at, path)));
    let head = &route.head;
    fields.extend(head.class.as_ref().map(|class| leaf::text("class", class.at, &class.value)));
    fields.extend(head.certificate(&route.host).map(|secret| leaf::text("tls", secret.at, &secret.value)));
    fields.extend(head.annotations.as_ref().and_then(|all| texts("annotations", all, &|key| key != OLD_CLASS)));
    fields.extend(head.gateway.as_ref().and_then(|parent| gateway(parent)));
    fields
}

/// The Gateway of a route.
fn gateway(parent: &Node) -> Option<Entry> {
    let own = [("name", "name"), ("namespace", "namespace"), ("sectionName", "listener")];
    let fields = own.into_iter().filter_map(|(key, field)| {
        let value = access::text(access::entry(parent, key))?;
        Some(leaf::text(field, value.at, &value.value))
    });
    Some(leaf::mapping("gateway", access::entry(parent, "name")?.at(), fields.collect()))
}
