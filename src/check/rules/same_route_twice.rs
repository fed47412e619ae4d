//! One host and path twice: which of the two answers is up to the load balancer. Looks at manifests.

use super::{Context, Group, Meta, Report};
use crate::inputs::kubernetes::RoutePath;
use crate::support::diagnostic::Severity;
use std::collections::HashMap;

pub(super) const META: Meta = Meta {
    id: "same-route-twice",
    severity: Severity::Error,
    group: Group::Network,
    suppressible: true,
    check: Some(check),
};

/// What decides where a request goes.
type RouteKey<'r> = (&'r str, &'r str, &'r str);

fn check(context: &Context<'_>, report: &mut Report) {
    let Some(set) = context.manifests() else { return };
    let mut known: HashMap<RouteKey<'_>, Vec<&RoutePath>> = HashMap::new();
    for route in set.routes.iter().filter(|route| !route.narrowed && route.path != "default") {
        let before = known.entry((&route.class, &route.host, &route.path)).or_default();
        let first =
            before.iter().find(|first| set.together(first.file, route.file) && first.object.kind == route.object.kind);
        if let Some(first) = first {
            let host = if route.host.is_empty() { "every host" } else { &route.host };
            let path = route.path.split_once(' ').map_or("", |(_, path)| path);
            let message =
                format!("{host} and path {path} stand twice: requests go to one of the two, and nobody says to which");
            let finding = report
                .at(route.at.place(), message)
                .label(first.at.place(), format!("the first, of {}/{}", first.object.kind, first.object.name))
                .help("give one of them another host or path, or remove it");
            report.push(finding);
        }
        before.push(route);
    }
}
