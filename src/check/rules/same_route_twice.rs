//! One host and path twice: which of the two answers is up to the load balancer. Looks at manifests and at specs.

use super::{Context, Group, Meta, Report};
use crate::inputs::kubernetes::RoutePath;
use crate::model::{Service, ServiceField};
use crate::support::diagnostic::Severity;
use crate::support::source::FileId;
use std::collections::{HashMap, HashSet};

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
    let Some(set) = context.manifests() else { return of_spec(context, report) };
    let mut known: HashMap<RouteKey<'_>, Vec<&RoutePath>> = HashMap::new();
    let routes = || set.routes.iter().filter(|route| !route.narrowed && route.path != "default");
    let mut all: HashMap<RouteKey<'_>, Vec<&RoutePath>> = HashMap::new();
    routes().for_each(|route| all.entry(key(route)).or_default().push(route));
    let shared = shared_routes(&all);
    for route in routes() {
        let before = known.entry(key(route)).or_default();
        let joined = all.get(&key(route)).is_some_and(|all| set.complete || set.kustomized || are_joined(all, &shared));
        let first = before.iter().find(|first| {
            set.together(first.file, route.file)
                && first.object.kind == route.object.kind
                && (joined || first.file == route.file)
        });
        if let Some(first) = first {
            let host = if route.host.is_empty() { "every host" } else { &route.host };
            let path = route.path.split_once(' ').map_or("", |(_, path)| path);
            let message = format!("{host} and path {path} appear twice: {}", answer(first, route));
            let finding = report
                .at(route.at.place(), message)
                .label(first.at.place(), format!("the first, of {}/{}", first.object.kind, first.object.name))
                .help("give one of them another host or path, or remove it");
            report.push(finding);
        }
        before.push(route);
    }
}

/// Who answers. Gateway API gives the requests to the first rule of a route, of two routes to the older one (`HTTPRouteRule`).
fn answer(first: &RoutePath, second: &RoutePath) -> &'static str {
    match &*second.object.kind {
        "HTTPRoute" | "GRPCRoute" if first.at.file == second.at.file && first.object == second.object => {
            "all requests go to the first"
        }
        "HTTPRoute" | "GRPCRoute" => "requests go to the route that was made first",
        _ => "requests go to one of the two, and which one is not defined",
    }
}

/// Two files that share more routes than this do so on purpose.
const MOST_JOINED: usize = 16;

/// How many routes each two files share.
fn shared_routes(all: &HashMap<RouteKey<'_>, Vec<&RoutePath>>) -> HashMap<(FileId, FileId), u32> {
    let mut shared = HashMap::new();
    for routes in all.values().filter(|routes| routes.len() <= MOST_JOINED) {
        let pairs: HashSet<(FileId, FileId)> = pairs_of(routes).collect();
        pairs.into_iter().for_each(|pair| *shared.entry(pair).or_insert(0) += 1);
    }
    shared
}

/// The files of each two routes, where they are two.
fn pairs_of<'r>(routes: &'r [&RoutePath]) -> impl Iterator<Item = (FileId, FileId)> + 'r {
    let later = |index: usize| routes.iter().skip(index + 1);
    let pairs =
        routes.iter().enumerate().flat_map(move |(index, one)| later(index).map(move |other| (one.file, other.file)));
    pairs.filter(|(one, other)| one != other)
}

fn key(route: &RoutePath) -> RouteKey<'_> {
    let is_prefix = route.path.starts_with("Prefix ") || route.path.starts_with("PathPrefix ");
    (&route.class, &route.host, if is_prefix { without_slash(&route.path) } else { &route.path })
}

/// A prefix without the `/` at its end: Kubernetes compares element by element, so that it says nothing there.
fn without_slash(path: &str) -> &str {
    path.strip_suffix('/').filter(|bare| !bare.is_empty() && !bare.ends_with(' ')).unwrap_or(path)
}

/// Whether routes in several files of a folder, which nothing says are applied together, look as if they were: each has a host and
/// backends of its own. Examples in one folder lead to the same backend, name no host, or share more than one route.
fn are_joined(routes: &[&RoutePath], shared: &HashMap<(FileId, FileId), u32>) -> bool {
    let mut backends = HashSet::new();
    let alone = |pair| shared.get(&pair).is_none_or(|count| *count < 2);
    routes.len() <= MOST_JOINED
        && pairs_of(routes).all(alone)
        && routes.iter().all(|route| {
            !route.host.is_empty()
                && !route.services.is_empty()
                && route.services.iter().all(|backend| backends.insert((&backend.value, &route.object.namespace)))
        })
}

/// The routes of a spec. Services are sorted by name, so that the order of keys does not matter; one without a host may be distinguished
/// by its port.
fn of_spec(context: &Context<'_>, report: &mut Report) {
    let is_routed = |service: &&Service| service.expose.is_some() && !service.broken.has(ServiceField::Expose);
    let mut services: Vec<&Service> = context.spec.services().filter(is_routed).collect();
    services.sort_by(|one, two| one.name.cmp(&two.name));
    let mut known: HashMap<(&str, &str), &Service> = HashMap::new();
    for service in services {
        let Some(expose) = service.expose.as_deref() else { continue };
        let Some(host) = &expose.host else { continue };
        let path = expose.path.as_ref().map_or("/", |path| path.value.as_str());
        let path = if context.target_facts.cluster.is_some() { without_slash(path) } else { path };
        let Some(first) = known.get(&(host.value.as_str(), path)) else {
            known.insert((host.value.as_str(), path), service);
            continue;
        };
        let message = format!(
            "{} and path {path} appear twice: requests go to one of the two, and which one is not defined",
            host.value
        );
        let mut finding = report.at(expose.path.as_ref().unwrap_or(host).place(), message);
        if let Some(other) = first.expose.as_deref().and_then(|expose| expose.path.as_ref().or(expose.host.as_ref())) {
            finding = finding.label(other.place(), format!("the first, of `{}`", first.name));
        }
        report.push(finding.help("give one of them another host or path, or take its `expose` away"));
    }
}
