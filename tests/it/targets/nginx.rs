//! The nginx target: three forms, methods, keepalive, one server for a host, what it refuses and what it loses.

use scalegen::{NoFiles, Rendered, render};

fn run(services: &str, options: &str) -> Rendered {
    let spec = format!("version: 1\nname: shop\nservices:\n{services}\ntargets:\n  nginx: {{ {options} }}\n");
    render("scalegen.yaml", spec.as_bytes(), &NoFiles, None, &[]).unwrap()
}

/// The text without its header.
fn text(services: &str, options: &str) -> String {
    let rendered = run(services, options);
    let files: Vec<_> = rendered.files.iter().flat_map(|(_, files)| files).collect();
    let [file] = files.as_slice() else { panic!("{:#?}", rendered.checked.findings) };
    assert_eq!(file.path, "shop.conf");
    file.text.split_once("\n\n").unwrap().1.to_owned()
}

fn upstream(services: &str, options: &str) -> String {
    text(services, options).split("\n}\n").next().unwrap().to_owned()
}

fn paths(rendered: &Rendered, rule: &str) -> Vec<String> {
    let checked = &rendered.checked;
    let of_rule = checked.findings.iter().zip(&checked.paths).filter(|(finding, _)| finding.rule == rule);
    of_rule.map(|(_, path)| path.clone()).collect()
}

const WEB: &str =
    "  web: { port: 80, publish: 8080, replicas: 2, concurrency: 5, expose: { method: least-conn, keepalive: 16 } }";

#[test]
fn host_form_in_full() {
    let expected = "upstream web {
    least_conn;
    server 127.0.0.1:8080;
    server 127.0.0.1:8081;
    keepalive 16;
}

server {
    listen 80 default_server;
    server_name _;

    location / {
        proxy_pass http://web;
        proxy_http_version 1.1;
        proxy_set_header Connection \"\";
        proxy_set_header Host $host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
    }
}
";
    assert_eq!(text(WEB, ""), expected);
    assert_eq!(text(WEB, "from: host, version: \"1.28\""), expected);
}

#[test]
fn connections_are_bounded_only_on_request_and_together_with_a_zone() {
    let lines = "upstream web {
    zone web 64k;
    least_conn;
    server 127.0.0.1:8080 max_conns=5;
    server 127.0.0.1:8081 max_conns=5;
    keepalive 16;";
    assert_eq!(upstream(WEB, "maxConns: true"), lines);
    let unknown = WEB.replace("concurrency: 5, ", "");
    assert_eq!(upstream(&unknown, "maxConns: true"), upstream(&unknown, ""));
}

#[test]
fn network_form_asks_for_names() {
    let plain = text(WEB, "from: network");
    assert!(!plain.contains("upstream") && !plain.contains("keepalive"), "{plain}");
    assert!(plain.contains("    server_name _;\n    resolver 127.0.0.11 valid=10s;\n"), "{plain}");
    assert!(plain.contains("        set $backend web:80;\n        proxy_pass http://$backend;\n"), "{plain}");
    let lost = paths(&run(WEB, "from: network, maxConns: true, version: \"1.27.2\""), "lost-in-target");
    assert_eq!(lost, ["/services/web/expose/method", "/services/web/expose/keepalive", "/targets/nginx/maxConns"]);
}

#[test]
fn network_form_from_1_27_3_on_follows_names() {
    let lines = "upstream web {
    resolver 127.0.0.11 valid=10s;
    zone web 64k;
    least_conn;
    server web:80 max_conns=5 resolve;
    keepalive 16;";
    for version in ["1.27.3", "1.28", "2.0"] {
        let options = format!("from: network, maxConns: true, version: \"{version}\"");
        assert_eq!(upstream(WEB, &options), lines);
        assert_eq!(paths(&run(WEB, &options), "lost-in-target"), [""; 0]);
    }
}

#[test]
fn the_form_follows_what_is_published() {
    let mixed = format!("{WEB}\n  api: {{ port: 90, expose: {{ path: /api }} }}");
    assert!(text(&mixed, "").contains("set $backend web:80;"));
    let refused = run(&mixed, "from: host");
    assert_eq!(paths(&refused, "refused-by-target"), ["/services/api/expose"]);
    assert!(refused.files.is_empty());
    let nothing = run("  web: { expose: { path: / } }", "");
    assert_eq!(paths(&nothing, "refused-by-target"), ["/services/web/expose"]);
}

#[test]
fn services_of_one_host_share_its_server() {
    let services = "  web: { port: 80, publish: 8081, expose: { host: a.example.com } }
  other: { port: 80, publish: 8082, expose: { host: b.example.com } }
  api: { port: 80, publish: 8083, expose: { host: A.example.com, path: /api, method: ip-hash } }
  off: { port: 80, publish: 8084, replicas: 0, expose: { host: b.example.com, path: /off } }";
    let text = text(services, "listen: 8000");
    assert_eq!(text.matches("listen 8000;").count(), 2, "{text}");
    let names: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("server_name") || line.starts_with("location"))
        .collect();
    assert_eq!(
        names,
        [
            "server_name a.example.com;",
            "location / {",
            "location = /api {",
            "location /api/ {",
            "server_name b.example.com;",
            "location / {",
            "location = /off {",
            "location /off/ {"
        ]
    );
    assert!(text.contains("    location /off/ {\n        return 503;\n    }\n"), "{text}");
    assert!(!text.contains("upstream off"), "{text}");
    assert!(text.contains("    ip_hash;\n    server 127.0.0.1:8083;\n"), "{text}");
}

#[test]
fn what_nginx_would_refuse_is_refused_at_its_place() {
    let twice = format!("{WEB}\n  api: {{ port: 90, publish: 9090, expose: {{ path: / }} }}");
    assert_eq!(paths(&run(&twice, ""), "refused-by-target"), ["/services/api/expose/path"]);
    let slash = "  a: { port: 90, publish: 9090, expose: { path: /x } }\n  b: { port: 90, publish: 9091, expose: { path: /x/ } }";
    assert_eq!(paths(&run(slash, ""), "refused-by-target"), ["/services/b/expose/path"]);
    assert_eq!(paths(&run(WEB, "listen: 8081"), "refused-by-target"), ["/targets/nginx/listen"]);
    let end = WEB.replace("8080", "65535");
    assert_eq!(paths(&run(&end, ""), "refused-by-target"), ["/services/web/publish"]);
    let case = format!("{WEB}\n  WEB: {{ port: 90, publish: 9090, expose: {{ path: /x }} }}");
    assert_eq!(paths(&run(&case, ""), "refused-by-target"), ["/services/WEB"]);
}

#[test]
fn hostile_values_never_reach_the_text() {
    let hostile = [
        "/a; } server { listen 1;",
        "/a b",
        "/a{",
        "/a}",
        "/$host",
        "/a\\\"",
        "/a'",
        "/a\\n}",
        "/a#",
        "/a%20b",
        "a",
        "~ ^/",
        "/\u{2028}",
        "/é",
    ];
    for value in hostile {
        let services = format!("  web: {{ port: 80, publish: 8080, expose: {{ path: \"{value}\" }} }}");
        let rendered = run(&services, "");
        assert_eq!(paths(&rendered, "invalid-value"), ["/services/web/expose/path"], "{value}");
        assert!(rendered.files.is_empty());
    }
    for value in ["~^a", "a b", "a;b", "*", "*.*.a", "$a", "a/b", "", "-a", "a\\n"] {
        let services = format!("  web: {{ port: 80, publish: 8080, expose: {{ host: \"{value}\" }} }}");
        let rendered = run(&services, "");
        assert_eq!(paths(&rendered, "invalid-value"), ["/services/web/expose/host"], "{value}");
        assert!(rendered.files.is_empty());
    }
    for version in ["latest", "1.x", "1.27.3; }"] {
        let rendered = run(WEB, &format!("version: \"{version}\""));
        assert_eq!(paths(&rendered, "invalid-value"), ["/targets/nginx/version"], "{version}");
    }
}

#[test]
fn replicas_beyond_the_list_are_lost_on_the_host_only() {
    let services = "  web:
    port: 80
    publish: 8080
    replicas: { min: 2, max: 6 }
    expose: { host: a.example.com }
    schedule:
      - { days: [mon], from: \"08:00\", to: \"18:00\", timezone: UTC, replicas: { min: 4, max: 8 } }
      - { days: [sun], from: \"08:00\", to: \"18:00\", timezone: UTC, replicas: { min: 1, max: 2 } }
  hidden: { replicas: { min: 1, max: 3 } }";
    let lost = paths(&run(services, ""), "lost-in-target");
    let lost: Vec<&str> = lost.iter().map(String::as_str).filter(|path| path.starts_with("/services/web/")).collect();
    assert_eq!(lost, ["/services/web/replicas/max", "/services/web/schedule/0"]);
    assert_eq!(text(services, "").matches("server 127.0.0.1:").count(), 2);
    let network = paths(&run(services, "from: network, version: \"1.27.3\""), "lost-in-target");
    assert!(
        !network.iter().any(|path| path.starts_with("/services/web/replicas") || path.contains("schedule")),
        "{network:?}"
    );
}

#[test]
fn nothing_exposed_is_refused() {
    assert_eq!(paths(&run("  web: { port: 80 }", ""), "refused-by-target"), ["/targets/nginx"]);
}

/// Answers every request with a name, until dropped.
struct Service(u16);

impl Service {
    fn named(name: &'static str) -> Service {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut start = [0; 4096];
                let read = std::io::Read::read(&mut stream, &mut start).unwrap_or_default();
                let path = String::from_utf8_lossy(&start[..read]).split(' ').nth(1).unwrap_or_default().to_owned();
                let body = format!("{name} {path}\n");
                let reply = format!("HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                let _ = std::io::Write::write_all(&mut stream, reply.as_bytes());
            }
        });
        Service(port)
    }
}

/// The table of the Kubernetes documentation for the path type Prefix, at a real nginx.
#[test]
fn paths_are_taken_part_by_part_as_an_ingress_does() {
    let (web, api, deep) = (Service::named("web"), Service::named("api"), Service::named("deep"));
    let services = format!(
        "  web: {{ port: 80, publish: {}, expose: {{}} }}\n  api: {{ port: 80, publish: {}, expose: {{ path: /api }} }}\n  \
         deep: {{ port: 80, publish: {}, expose: {{ path: /api/v1/ }} }}",
        web.0, api.0, deep.0
    );
    let own = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = own.local_addr().unwrap().port();
    drop(own);
    let dir = tempfile::TempDir::new().unwrap();
    let conf = dir.path().join("shop.conf");
    std::fs::write(&conf, text(&services, &format!("listen: {listen}"))).unwrap();
    let expected = [
        ("/", "web /"),
        ("/apix", "web /apix"),
        ("/ap", "web /ap"),
        ("/apix/v1", "web /apix/v1"),
        ("/api", "api /api"),
        ("/api/", "api /api/"),
        ("/api/v", "api /api/v"),
        ("/api/v10", "api /api/v10"),
        ("/api?a=b", "api /api?a=b"),
        ("/api/v1", "deep /api/v1"),
        ("/api/v1/", "deep /api/v1/"),
        ("/api/v1/x", "deep /api/v1/x"),
    ];
    for (path, answer) in expected {
        let url = format!("http://127.0.0.1:{listen}{path}");
        let Some(verdict) = crate::common::judge::judge("live-nginx.sh", &[conf.to_str().unwrap(), &url, "1"]) else {
            return;
        };
        let verdict = verdict.accepted("nginx", &std::fs::read_to_string(&conf).unwrap()).json();
        assert_eq!(verdict["answers"], serde_json::json!({ answer: 1 }), "{path}: {verdict}");
    }
}

/// A compose file beside the spec, and the text of nginx's file without its header.
struct Base(&'static str);

impl scalegen::Files for Base {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        if path == "base.yml" { Ok(self.0.as_bytes().to_vec()) } else { Err("no such file".to_owned()) }
    }
}

fn beside(base: &'static str, expose: &str, options: &str, targets: &[String]) -> Rendered {
    let spec = format!(
        "version: 1\nname: shop\nservices:\n  api: {{ port: 8000, publish: 8000, replicas: 3, expose: {{ {expose} }} }}\n\
         targets: {{ compose: {{ base: base.yml }}, nginx: {{ {options} }} }}\n"
    );
    render("scalegen.yaml", spec.as_bytes(), &Base(base), None, targets).unwrap()
}

fn of_nginx(rendered: &Rendered) -> &str {
    let found = rendered.files.iter().find(|(target, _)| *target == "nginx");
    found.and_then(|(_, files)| files.first()).map_or("", |file| &file.text)
}

#[test]
fn an_nginx_of_the_project_asks_for_names_on_its_network() {
    let api = "  api: { image: 'a:1' }\n";
    let forms = [
        ("image: 'nginx:1.27', ports: ['80:80']", "set $backend api:8000;"),
        ("image: 'nginx:1.27', ports: ['8080:80'], volumes: ['./out:/etc/nginx/conf.d:ro']", "set $backend api:8000;"),
        ("image: 'nginxinc/nginx-unprivileged:1.29.1', ports: ['80:8080']", "server api:8000 resolve;"),
        // on the machine's network, or of another purpose, nginx is not the container
        ("image: 'nginx:1.27', network_mode: host, volumes: ['./out:/etc/nginx/conf.d:ro']", "server 127.0.0.1:8002;"),
        ("image: 'nginx:1.27', ports: ['8080:80']", "server 127.0.0.1:8002;"),
        ("image: 'httpd:2', ports: ['80:80']", "server 127.0.0.1:8002;"),
    ];
    for (proxy, expected) in forms {
        let base: &'static str = format!("services:\n{api}  proxy: {{ {proxy} }}\n").leak();
        for targets in [vec![], vec!["nginx".to_owned()]] {
            let rendered = beside(base, "", "", &targets);
            assert!(of_nginx(&rendered).contains(expected), "{proxy}: {:#?}", rendered.checked.findings);
        }
    }
    let own = "  proxy: { image: 'nginx:1.28', port: 80, publish: 80 }\n  web: { image: a, port: 80, publish: 8080, expose: {} }";
    assert!(text(own, "").contains("server web:80 resolve;"));
}

#[test]
fn what_the_nginx_of_the_project_cannot_reach_is_said() {
    let base = "services:\n  api: { image: 'a:1' }\n  proxy: { image: 'nginx:1.27', ports: ['80:80'] }\n";
    let rendered = beside(base, "", "from: host", &[]);
    assert_eq!(paths(&rendered, "ignored-by-consumer"), ["/targets/nginx/from"]);
    let base = "services:\n  api: { image: 'a:1', networks: [back] }\n  proxy: { image: 'nginx:1.27', ports: ['80:80'] }\n\
                networks: { back: {} }\n";
    let rendered = beside(base, "", "", &[]);
    assert_eq!(paths(&rendered, "refused-by-target"), ["/services/api/expose"]);
    let base = "services:\n  api: { image: 'a:1', networks: [back] }\n  \
                proxy: { image: 'nginx:1.27', ports: ['80:80'], networks: [default, back] }\nnetworks: { back: {} }\n";
    assert_eq!(paths(&beside(base, "", "", &[]), "refused-by-target"), [""; 0]);
}

#[test]
fn websockets_and_timeouts() {
    let web = "  web: { port: 80, publish: 8080, replicas: 2, expose: { websocket: true, timeouts: { connect: 1500ms, read: 1h } } }";
    let text = text(web, "");
    let map = "map $http_upgrade $scalegen_connection {\n    default upgrade;\n    \"\" \"\";\n}\n";
    assert!(text.starts_with(map), "{text}");
    let location = "        proxy_pass http://web;
        proxy_connect_timeout 1500ms;
        proxy_read_timeout 3600s;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $scalegen_connection;
";
    assert!(text.contains(location), "{text}");
    let none = "  web: { port: 80, publish: 8080, expose: { timeouts: { send: 0s } } }";
    assert_eq!(paths(&run(none, ""), "invalid-value"), ["/services/web/expose/timeouts/send"]);
}

#[test]
fn ip_hash_takes_a_network_for_one_client() {
    let web = |replicas: u32| {
        format!("  web: {{ port: 80, publish: 8080, replicas: {replicas}, expose: {{ method: ip-hash }} }}")
    };
    assert_eq!(paths(&run(&web(2), ""), "ignored-by-consumer"), ["/services/web/expose/method"]);
    assert_eq!(paths(&run(&web(1), ""), "ignored-by-consumer"), [""; 0]);
}
