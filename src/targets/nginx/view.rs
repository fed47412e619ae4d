//! The content of the file: once for the template, once as the tree of directives that the text must equal. Knows no
//! plan.

use serde::Serialize;
use serde_json::{Value as Json, json};

/// The file.
#[derive(Debug, Default)]
pub(super) struct File {
    pub upstreams: Vec<Upstream>,
    pub servers: Vec<Server>,
}

/// The replicas of one service.
#[derive(Debug, Serialize)]
pub(super) struct Upstream {
    pub name: String,
    /// The one server is a name that Docker's name server follows.
    pub resolve: bool,
    /// Without a zone each worker would count connections and follow names for itself.
    pub zone: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<&'static str>,
    pub servers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_conns: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keepalive: Option<u32>,
}

/// One host name.
#[derive(Debug, Serialize)]
pub(super) struct Server {
    pub listen: u16,
    /// It answers for every host that no other server names.
    pub default: bool,
    pub name: String,
    /// Its locations hold names to be asked for.
    pub resolver: bool,
    pub locations: Vec<NginxLocation>,
}

/// One path prefix, or one path alone.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct NginxLocation {
    pub path: String,
    /// This path and none below it.
    pub exact: bool,
    /// No replicas: 503.
    pub closed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream: Option<String>,
    /// A name and port to be asked for at each request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    pub keepalive: bool,
    /// Connections may become WebSockets.
    pub websocket: bool,
    /// Directives with their times.
    pub timeouts: Vec<(&'static str, String)>,
}

impl Server {
    pub fn new(name: &str, listen: u16, resolver: bool) -> Server {
        Server { listen, default: name == "_", name: name.to_owned(), resolver, locations: Vec::new() }
    }

    fn tree(&self) -> Json {
        let mut listen = vec!["listen".to_owned(), self.listen.to_string()];
        listen.extend(self.default.then(|| "default_server".to_owned()));
        let mut block = vec![json!(listen), json!(["server_name", self.name])];
        if self.resolver {
            block.push(json!(RESOLVER));
        }
        block.extend(self.locations.iter().map(NginxLocation::tree));
        json!(["server", block])
    }
}

/// Docker's name server in every container.
const RESOLVER: [&str; 3] = ["resolver", "127.0.0.11", "valid=10s"];

/// The header `Connection` that goes with what the client wants to upgrade to: none if it wants nothing.
const CONNECTION: &str = "$scalegen_connection";

/// What the service behind learns of the client.
const FORWARDED: [[&str; 3]; 4] = [
    ["proxy_set_header", "Host", "$host"],
    ["proxy_set_header", "X-Real-IP", "$remote_addr"],
    ["proxy_set_header", "X-Forwarded-For", "$proxy_add_x_forwarded_for"],
    ["proxy_set_header", "X-Forwarded-Proto", "$scheme"],
];

impl NginxLocation {
    fn tree(&self) -> Json {
        let directive = |block: Vec<Json>| match self.exact {
            true => json!(["location", "=", self.path, block]),
            false => json!(["location", self.path, block]),
        };
        let mut block = Vec::new();
        if self.closed {
            return directive(vec![json!(["return", "503"])]);
        }
        match (&self.address, &self.upstream) {
            (Some(address), _) => {
                block.push(json!(["set", "$backend", address]));
                block.push(json!(["proxy_pass", "http://$backend"]));
            }
            (None, upstream) => {
                block.push(json!(["proxy_pass", format!("http://{}", upstream.as_deref().unwrap_or_default())]));
            }
        }
        block.extend(self.timeouts.iter().map(|(directive, time)| json!([directive, time])));
        if self.keepalive || self.websocket {
            block.push(json!(["proxy_http_version", "1.1"]));
        }
        if self.websocket {
            block.push(json!(["proxy_set_header", "Upgrade", "$http_upgrade"]));
            block.push(json!(["proxy_set_header", "Connection", CONNECTION]));
        } else if self.keepalive {
            block.push(json!(["proxy_set_header", "Connection", ""]));
        }
        block.extend(FORWARDED.iter().map(|directive| json!(directive)));
        directive(block)
    }

    /// The locations that together take a path as an Ingress of the type Prefix does: part by part, so that `/api` takes
    /// `/api` and `/api/v1` but not `/apix`, which nginx's own prefix of text would take. A slash at the end changes nothing.
    pub fn by_parts(self) -> impl Iterator<Item = NginxLocation> {
        let path = self.path.trim_end_matches('/').to_owned();
        let alone = NginxLocation { path: path.clone(), exact: true, ..self.clone() };
        let below = NginxLocation { path: format!("{path}/"), ..self };
        (!path.is_empty()).then_some(alone).into_iter().chain([below])
    }
}

impl Upstream {
    fn tree(&self) -> Json {
        let mut block = Vec::new();
        if self.resolve {
            block.push(json!(RESOLVER));
        }
        if self.zone {
            block.push(json!(["zone", self.name, "64k"]));
        }
        block.extend(self.method.map(|method| json!([method])));
        for address in &self.servers {
            let mut server = vec!["server".to_owned(), address.clone()];
            server.extend(self.max_conns.map(|limit| format!("max_conns={limit}")));
            server.extend(self.resolve.then(|| "resolve".to_owned()));
            block.push(json!(server));
        }
        // after the method: nginx warns of the other order
        block.extend(self.keepalive.map(|keepalive| json!(["keepalive", keepalive.to_string()])));
        json!(["upstream", self.name, block])
    }
}

impl File {
    /// The document of the view.
    pub fn document(&self) -> Result<Json, serde_json::Error> {
        let websocket = self.servers.iter().any(|server| server.locations.iter().any(|location| location.websocket));
        let map = websocket.then(|| json!(["map", "$http_upgrade", CONNECTION, [["default", "upgrade"], ["", ""]]]));
        let trees = map.into_iter().chain(self.upstreams.iter().map(Upstream::tree));
        let trees = trees.chain(self.servers.iter().map(Server::tree));
        Ok(json!({
            "websocket": websocket,
            "upstreams": serde_json::to_value(&self.upstreams)?,
            "servers": serde_json::to_value(&self.servers)?,
            "directives": trees.collect::<Vec<Json>>(),
        }))
    }
}
