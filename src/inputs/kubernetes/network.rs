//! Services, and the routes that lead to them from outside. Knows no workload.

use super::access::{entry, items, path, text, word};
use super::documents::Manifest;
use super::selector::LabelSelector;
use crate::inputs::facts::ObjectName;
use crate::model::Val;
use crate::support::source::{FieldSpan, FileId};
use crate::syntax::{Entry, Node};
use std::rc::Rc;

/// The annotation that was the class before Ingresses had a field for it; the API refuses both at once.
pub(super) const OLD_CLASS: &str = "kubernetes.io/ingress.class";

/// A Service.
#[derive(Clone, Debug)]
pub struct NetworkService {
    /// Its name.
    pub object: ObjectName,
    /// The file it is in.
    pub file: FileId,
    /// Where its name is.
    pub at: FieldSpan,
    /// The pods behind it; `None` if it has no selector.
    pub selector: Option<LabelSelector>,
    /// `ClusterIP` if unset.
    pub kind: String,
    /// The place of the type.
    pub kind_at: FieldSpan,
}

impl NetworkService {
    /// Whether clients outside the cluster reach it directly.
    #[must_use]
    pub fn is_public(&self) -> bool {
        matches!(self.kind.as_str(), "LoadBalancer" | "NodePort")
    }
}

/// One path of an Ingress or a route.
#[derive(Clone, Debug)]
pub struct RoutePath {
    /// The object it belongs to.
    pub object: ObjectName,
    /// The file it is in.
    pub file: FileId,
    /// What to underline: the path, or the rule if no path is written.
    pub at: FieldSpan,
    /// What else distinguishes it: the class of the Ingress, the gateways of a route.
    pub class: String,
    /// Host name, empty for all.
    pub host: String,
    /// The path with its type: `Prefix /api`.
    pub path: String,
    /// Whether requests are matched by more than host and path, so that two entries may have the same of both.
    pub narrowed: bool,
    /// The services that requests go to, by name.
    pub services: Vec<Val<String>>,
    /// What its object says for all its paths.
    pub head: Rc<RouteHead>,
}

/// What an Ingress or a route says for all its paths.
#[derive(Clone, Debug, Default)]
pub struct RouteHead {
    /// The class of an Ingress.
    pub class: Option<Val<String>>,
    /// The Secrets with certificates, each with the hosts that it is for; none are all.
    pub certificates: Vec<(Vec<String>, Val<String>)>,
    /// The annotations as written.
    pub annotations: Option<Entry>,
    /// The first parent of a route, if it is a Gateway.
    pub gateway: Option<Rc<Node>>,
}

impl RouteHead {
    fn of(manifest: &Manifest, spec: &Node) -> RouteHead {
        let annotations = path(&manifest.root, &["metadata", "annotations"]).cloned();
        let old = annotations.as_ref().and_then(|all| text(all.node.get(OLD_CLASS)));
        let certificates = items(spec, "tls").filter_map(|item| {
            let hosts = items(item, "hosts").map(|host| host.text.to_ascii_lowercase());
            Some((hosts.collect(), text(entry(item, "secretName"))?))
        });
        let parent = items(spec, "parentRefs").next();
        RouteHead {
            class: text(entry(spec, "ingressClassName")).or(old),
            certificates: certificates.collect(),
            annotations,
            gateway: parent.filter(|parent| matches!(word(parent, "kind"), "" | "Gateway")).cloned(),
        }
    }

    /// The Secret with the certificate for a host.
    #[must_use]
    pub fn certificate(&self, host: &str) -> Option<&Val<String>> {
        let own = self.certificates.iter().find(|(hosts, _)| hosts.is_empty() || hosts.iter().any(|own| own == host));
        own.map(|(_, secret)| secret)
    }
}

/// Reads a Service.
pub(super) fn service(manifest: &Manifest) -> Option<NetworkService> {
    if manifest.kind != "Service" || !manifest.group.is_empty() {
        return None;
    }
    let spec = manifest.spec()?;
    let kind = entry(spec, "type");
    Some(NetworkService {
        object: manifest.object(),
        file: manifest.file,
        at: manifest.name_at(),
        selector: entry(spec, "selector").map(LabelSelector::labels).filter(|selector| !selector.is_empty()),
        kind: kind.map_or_else(|| "ClusterIP".to_owned(), |kind| kind.node.text.to_string()),
        kind_at: kind.map_or_else(|| manifest.name_at(), Entry::at),
    })
}

/// The paths of an Ingress, an HTTPRoute or a GRPCRoute.
pub(super) fn paths(manifest: &Manifest) -> Vec<RoutePath> {
    let Some(spec) = manifest.spec() else { return Vec::new() };
    match (manifest.kind.as_str(), manifest.group.as_str()) {
        ("Ingress", "networking.k8s.io" | "extensions") => ingress(manifest, spec),
        ("HTTPRoute" | "GRPCRoute", "gateway.networking.k8s.io") => route(manifest, spec),
        _ => Vec::new(),
    }
}

fn ingress(manifest: &Manifest, spec: &Node) -> Vec<RoutePath> {
    let head = Rc::new(RouteHead::of(manifest, spec));
    let annotations = head.annotations.as_ref();
    let annotation = |key: &str| annotations.and_then(|all| all.node.get(key));
    let class = head.class.as_ref().map(|class| class.value.clone()).unwrap_or_default();
    let own = manifest.object();
    let group = annotation("alb.ingress.kubernetes.io/group.name").map(|group| group.node.text.to_string());
    let class = match (class.as_str(), group) {
        ("alb", Some(group)) => format!("alb of {group}"),
        // each gets a load balancer of its own: an "implicit IngressGroup" of the AWS Load Balancer Controller, and GKE's Ingress
        ("alb" | "gce" | "gce-internal", _) => format!("{class} of {own:?}"),
        _ => class,
    };
    // a second Ingress for the same path takes a share of its requests: `nginx.ingress.kubernetes.io/canary`
    let narrowed = annotations.is_some_and(|all| {
        all.node.entries().iter().any(|entry| entry.key.contains("canary") && &*entry.node.text != "false")
    });
    let mut all = Vec::new();
    let mut add = |at: FieldSpan, host: &str, path: String, backend: Option<&Entry>| {
        let narrowed = narrowed || backend.is_some_and(|backend| is_conditional(&backend.node, annotations));
        all.push(RoutePath {
            object: manifest.object(),
            file: manifest.file,
            at,
            class: class.clone(),
            host: host.to_ascii_lowercase(),
            path,
            narrowed,
            services: backend.and_then(|backend| ingress_service(&backend.node)).into_iter().collect(),
            head: Rc::clone(&head),
        });
    };
    for rule in items(spec, "rules") {
        let host = word(rule, "host");
        let Some(paths) = path(rule, &["http", "paths"]) else { continue };
        for item in paths.node.items() {
            let at = entry(item, "path").map_or_else(|| item.at(), Entry::at);
            let kind = match word(item, "pathType") {
                "" => "ImplementationSpecific",
                kind => kind,
            };
            let written = entry(item, "path").map_or("", |path| &path.node.text);
            add(at, host, format!("{kind} {}", if written.is_empty() { "/" } else { written }), entry(item, "backend"));
        }
    }
    if let Some(backend) = entry(spec, "defaultBackend").or_else(|| entry(spec, "backend")) {
        add(backend.at(), "", "default".to_owned(), Some(backend));
    }
    all
}

/// Whether the AWS Load Balancer Controller makes more of a path than a way to a Service: an action of an annotation, such as a redirect, which
/// it leaves out where it would lead to itself, or conditions that a request must also fulfil.
fn is_conditional(backend: &Node, annotations: Option<&Entry>) -> bool {
    let port = path(backend, &["service", "port", "name"]).or_else(|| entry(backend, "servicePort"));
    let conditions = |service: Val<String>| format!("alb.ingress.kubernetes.io/conditions.{}", service.value);
    port.is_some_and(|port| &*port.node.text == "use-annotation")
        || ingress_service(backend)
            .is_some_and(|service| annotations.is_some_and(|all| all.node.get(&conditions(service)).is_some()))
}

/// `service.name`, or `serviceName` of the betas.
fn ingress_service(backend: &Node) -> Option<Val<String>> {
    text(path(backend, &["service", "name"])).or_else(|| text(entry(backend, "serviceName")))
}

fn route(manifest: &Manifest, spec: &Node) -> Vec<RoutePath> {
    let head = Rc::new(RouteHead::of(manifest, spec));
    let mut gateways: Vec<String> = items(spec, "parentRefs")
        .map(|parent| {
            ["namespace", "name", "sectionName", "port"]
                .map(|key| entry(parent, key).map_or_else(String::new, |e| e.node.text.to_string()))
                .join("/")
        })
        .collect();
    gateways.sort_unstable();
    let hosts: Vec<String> = items(spec, "hostnames").map(|host| host.text.to_ascii_lowercase()).collect();
    if hosts.is_empty() {
        // its hosts are those of the listeners, each of which may take the routes of one namespace
        gateways.push(manifest.object().namespace);
    }
    let hosts = if hosts.is_empty() { vec![String::new()] } else { hosts };
    // without a gateway no request comes through it
    let idle = entry(spec, "parentRefs").is_none();
    let mut all = Vec::new();
    for rule in items(spec, "rules") {
        let backends: Vec<Val<String>> =
            items(rule, "backendRefs").filter_map(|backend| text(entry(backend, "name"))).collect();
        let matches: Vec<Option<&Node>> = items(rule, "matches").map(|item| Some(&**item)).collect();
        let matches = if matches.is_empty() { vec![None] } else { matches };
        for route_match in matches {
            let part = route_match.and_then(|route_match| entry(route_match, "path"));
            let kind = part.map_or("PathPrefix", |part| match word(&part.node, "type") {
                "" => "PathPrefix",
                kind => kind,
            });
            let value = part.map_or("/", |part| match word(&part.node, "value") {
                "" => "/",
                value => value,
            });
            let more = ["headers", "queryParams", "method"];
            let narrowed =
                idle || route_match.is_some_and(|route_match| more.iter().any(|key| entry(route_match, key).is_some()));
            for host in &hosts {
                all.push(RoutePath {
                    object: manifest.object(),
                    file: manifest.file,
                    at: part.map_or_else(|| route_match.unwrap_or(rule).at(), Entry::at),
                    class: gateways.join(","),
                    host: host.clone(),
                    path: format!("{kind} {value}"),
                    narrowed,
                    services: backends.clone(),
                    head: Rc::clone(&head),
                });
            }
        }
    }
    all
}
