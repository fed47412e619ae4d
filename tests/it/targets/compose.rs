//! The compose target: units, ports over a base, secrets, health, databases, what it refuses and what it loses.

use scalegen::syntax::{ParseMode, parse};
use scalegen::{Files, Rendered, render};
use serde_json::{Value, json};

/// One compose file under one name.
struct Beside(&'static str);

impl Files for Beside {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match path {
            "base.yml" => Ok(self.0.as_bytes().to_vec()),
            _ => Err("no such file".to_owned()),
        }
    }
}

fn run(spec: &str, base: &'static str) -> Rendered {
    let target = if base.is_empty() { "{}" } else { "{ base: base.yml }" };
    let spec = format!("version: 1\nname: shop\n{spec}\ntargets:\n  compose: {target}\n");
    render("scalegen.yaml", spec.as_bytes(), &Beside(base), None, &[]).unwrap()
}

/// Path, text and the text read as YAML.
fn file(spec: &str, base: &'static str) -> (String, String, Value) {
    let rendered = run(spec, base);
    let files = rendered.files.into_iter().flat_map(|(_, files)| files).collect::<Vec<_>>();
    let [file] = files.as_slice() else { panic!("{:#?}", rendered.checked.findings) };
    let source = scalegen::support::source::Source::new("out", file.text.as_str());
    let document = parse(scalegen::support::source::FileId(0), &source, ParseMode::Base).root.unwrap().to_json();
    (file.path.clone(), file.text.clone(), document)
}

fn service(spec: &str, base: &'static str) -> Value {
    file(spec, base).2["services"]["web"].clone()
}

fn ports(replicas: u32, publish: &str, base: &'static str) -> Value {
    let spec = format!("services:\n  web: {{ replicas: {replicas}, port: 80, {publish} }}");
    service(&spec, base)["ports"].clone()
}

/// Rule, path and message of what is said.
fn said(rendered: &Rendered, rule: &str) -> Vec<(String, String)> {
    let checked = &rendered.checked;
    let of_rule = checked.findings.iter().zip(&checked.paths).filter(|(finding, _)| finding.rule == rule);
    of_rule.map(|(finding, path)| (path.clone(), finding.message.clone())).collect()
}

fn paths(rendered: &Rendered, rule: &str) -> Vec<String> {
    said(rendered, rule).into_iter().map(|(path, _)| path).collect()
}

#[test]
fn a_whole_file_where_every_image_is_known() {
    let (path, text, document) = file(
        "services:\n  web:\n    image: nginx:1.27\n    command: [/bin/app]\n    args: [--x, $HOME]\n    port: 80\n    \
         env: { A: a$b, B: \"${X}\", N: 1e3, T: true, O: no }\n    connections: { db: 2, far: 1 }\n    sharedSecrets: [KEY]\n\
         backingServices:\n  db: { kind: postgres, image: postgres:17, maxConnections: 50 }\n  \
         far: { kind: redis, external: { urlEnv: FAR_URL } }",
        "",
    );
    assert_eq!(path, "compose.yaml");
    assert!(!text.contains("!override"), "{text}");
    assert_eq!(document["name"], "shop");
    assert_eq!(
        document["services"]["web"],
        json!({
            "image": "nginx:1.27", "restart": "unless-stopped",
            "entrypoint": ["/bin/app"], "command": ["--x", "$$HOME"],
            "environment": {
                "A": "a$$b", "B": "$${X}", "N": "1e3", "T": "true", "O": "no",
                "KEY": "${KEY:?every replica of web needs the same value}",
                "FAR_URL": "${FAR_URL:?the address of far}",
            },
            "expose": ["80"], "depends_on": ["db"], "deploy": { "replicas": 1 },
        })
    );
    assert_eq!(document["services"]["db"]["command"], json!(["postgres", "-c", "max_connections=50"]));
    let password = document["services"]["db"]["environment"]["POSTGRES_PASSWORD"].as_str().unwrap();
    assert!(password.starts_with("${POSTGRES_PASSWORD:?"), "{password}");
    assert_eq!(document["services"].get("far"), None);
}

#[test]
fn without_an_image_or_with_a_base_it_is_an_override() {
    let (path, _, document) = file("services: { web: { replicas: 2 } }", "");
    assert_eq!(
        (path.as_str(), document),
        ("compose.override.yaml", json!({"services": {"web": {"deploy": {"replicas": 2}}}}))
    );
    let (path, _, document) = file("services: { web: { image: a:1 } }", "services: { web: { image: a } }");
    let web = json!({"image": "a:1"});
    assert_eq!((path.as_str(), document), ("compose.override.yaml", json!({"services": {"web": web}})));
    // what the base says already is not said again, in whatever unit
    let base = "services: { web: { image: a, scale: 4, mem_limit: 512m } }";
    let spec = "services: { web: { replicas: 4, resources: { limits: { memory: 512Mi } } } }";
    assert_eq!(file(spec, base).2, json!({"services": {}}));
}

#[test]
fn amounts_are_in_composes_units() {
    let spec = |limited: &str| {
        format!(
            "{limited}services:\n  web:\n    resources:\n      requests: {{ cpu: 250m, memory: 512Mi, gpu: 2 }}\n      \
             limits: {{ cpu: 1500m, memory: 4G, gpu: 2, pids: 100 }}"
        )
    };
    let reservations = json!({
        "cpus": "0.25", "memory": "512M", "devices": [{"count": 2, "capabilities": ["gpu"]}],
    });
    let limits = json!({"cpus": "1.5", "memory": "4000000000b", "pids": 100});
    let resources = service(&spec(""), "")["deploy"]["resources"].clone();
    assert_eq!(resources, json!({"limits": limits, "reservations": reservations}));
    let resources = service(&spec("limitResources: false\n"), "")["deploy"]["resources"].clone();
    assert_eq!(resources, json!({"reservations": reservations}));
}

#[test]
fn what_the_engine_would_refuse_is_refused_at_its_place() {
    let cases = [
        ("image: a, resources: { limits: { memory: 5Mi } }", "/services/web/resources/limits/memory"),
        ("image: a, resources: { requests: { memory: 1Mi } }", "/services/web/resources/requests/memory"),
        ("image: a, resources: { limits: { cpu: 0 } }", "/services/web/resources/limits/cpu"),
        ("image: a, resources: { limits: { cpu: 5m } }", "/services/web/resources/limits/cpu"),
        ("image: App", "/services/web/image"),
        ("image: a, sharedSecrets: [A.B]", "/services/web/sharedSecrets/0"),
        ("image: a, port: 80, publish: 65535, replicas: 2", "/services/web/publish"),
        (
            "image: a, kind: stateful, volumes: [{ name: d, mount: \"/d:ro\", size: 1Gi }]",
            "/services/web/volumes/0/mount",
        ),
    ];
    for (web, place) in cases {
        let rendered = run(&format!("services: {{ web: {{ {web} }} }}"), "");
        assert_eq!(paths(&rendered, "refused-by-target"), [place], "{web}");
        assert!(rendered.files.is_empty(), "{web}: written all the same");
    }
}

const TWO_PORTS: &str = "services: { web: { image: a, ports: [\"${PORT:-8080}:80\", \"9090:9090\"] } }";

#[test]
fn ports_of_the_base_give_way_to_replicas() {
    assert_eq!(ports(3, "publish: 8080", TWO_PORTS), json!(["8080-8082:80", "9090"]));
    assert_eq!(ports(3, "", TWO_PORTS), json!(["80", "9090"]));
    let (_, text, _) = file("services: { web: { replicas: 3, port: 80, publish: 8080 } }", TWO_PORTS);
    assert!(text.contains("ports: !override [\"8080-8082:80\", \"9090\"]"), "{text}");
}

#[test]
fn ports_of_the_base_stay_where_nothing_is_to_be_said() {
    assert_eq!(ports(1, "", TWO_PORTS), Value::Null);
    // the same port as its default: the variable stays in force
    assert_eq!(ports(1, "publish: 8080", TWO_PORTS), Value::Null);
    assert_eq!(ports(1, "publish: 8000", TWO_PORTS), json!(["8000:80", "9090:9090"]));
    let wide = "services: { web: { image: a, ports: [\"9000-9005:90\", \"70\"] } }";
    assert_eq!(ports(3, "", wide), Value::Null);
    assert_eq!(ports(3, "publish: 8080", wide), json!(["9000-9005:90", "70", "8080-8082:80"]));
}

#[test]
fn every_form_of_port_survives() {
    let base = "services: { web: { image: a, ports: [\"127.0.0.1:9090:9090\", \"53:53/udp\", \"7000-7001:7000-7001\", \"${X}:60\", \
                \"61:${Y}\", { target: 80, published: 8080, mode: host }, { target: 81, published: \"8081\" }, 62] } }";
    let list = json!([
        "127.0.0.1::9090", "53/udp", "7000-7001", "60", "61:${Y}", {"target": 80, "published": "8080-8081", "mode": "host"},
        {"target": 81}, 62,
    ]);
    assert_eq!(ports(2, "publish: 8080", base), list);
    let kept = json!([
        "127.0.0.1:9090:9090", "53:53/udp", "7000-7001:7000-7001", "${X}:60", "61:${Y}",
        {"target": 80, "published": "8000", "mode": "host"}, {"target": 81, "published": "8081"}, 62,
    ]);
    assert_eq!(ports(1, "publish: 8000", base), kept);
}

#[test]
fn a_tests_own_words_stay_in_the_base() {
    let base =
        "services: { web: { image: a, healthcheck: { test: [CMD, curl, \"http://localhost/ready\"], retries: 9 } } }";
    let web = |health: &str| format!("services: {{ web: {{ port: 80, health: {{ {health} }} }} }}");
    let rendered = run(&web("http: /ready, interval: 1m30s"), base);
    assert_eq!(paths(&rendered, "lost-in-target"), Vec::<String>::new());
    assert_eq!(service(&web("http: /ready, interval: 1m30s"), base)["healthcheck"], json!({"interval": "1m30s"}));
    for other in ["http: /read", "http: /ready/x", "tcp: true", "http: /ready, port: 8081"] {
        let lost = paths(&run(&web(other), base), "lost-in-target");
        assert_eq!(lost.len(), 1, "{other}: {lost:?}");
        assert!(lost[0].starts_with("/services/web/health/"), "{lost:?}");
        assert_eq!(service(&web(other), base)["healthcheck"], Value::Null, "{other}");
    }
    let own = service(&web("command: [test, -e, $X]"), base)["healthcheck"].clone();
    assert_eq!(own, json!({"test": ["CMD", "test", "-e", "$$X"]}));
}

#[test]
fn a_container_has_one_check_that_of_health_else_that_of_liveness() {
    let test = |checks: &str, base: &'static str| {
        let spec = format!("services:\n  web: {{ image: a, port: 80, {checks} }}");
        let check = service(&spec, base)["healthcheck"].clone();
        (check["test"].to_string(), check["interval"].clone())
    };
    let alive = "liveness: { command: [alive], interval: 20s }";
    assert_eq!(test(alive, ""), ("[\"CMD\",\"alive\"]".to_owned(), json!("20s")));
    let both = format!("health: {{ command: [ready] }}, {alive}");
    assert_eq!(test(&both, ""), ("[\"CMD\",\"ready\"]".to_owned(), Value::Null));
    assert_eq!(test("startup: { command: [begun] }", ""), ("null".to_owned(), Value::Null));
    let own = "services: { web: { image: a, healthcheck: { test: [CMD, own] } } }";
    assert_eq!(test(alive, own).0, "null", "the check of the base stays");
    assert_eq!(test(alive, "services: { web: { image: a } }").0, "[\"CMD\",\"alive\"]");
}

#[test]
fn a_shell_takes_a_path_as_one_word() {
    let test = |health: &str| service(&format!("services: {{ web: {{ port: 80, health: {{ {health} }} }} }}"), "");
    let plain = test("http: /ready, port: 81")["healthcheck"]["test"].clone();
    let url = "http://127.0.0.1:81/ready";
    assert_eq!(
        plain,
        json!(["CMD-SHELL", format!("wget -q -O /dev/null {url} || curl -fsS -o /dev/null {url} || exit 1")])
    );
    let hostile = test("http: \"/a?b=1&c=$(id)'\"")["healthcheck"]["test"][1].as_str().unwrap().to_owned();
    assert!(hostile.starts_with(r"wget -q -O /dev/null 'http://127.0.0.1:80/a?b=1&c=$$(id)'\''' || curl"), "{hostile}");
    let lost = run("services: { web: { health: { http: / } } }", "");
    assert_eq!(paths(&lost, "lost-in-target"), ["/services/web/health/http"]);
}

#[test]
fn postgres_keeps_the_command_of_its_base() {
    let spec = "services: { web: { replicas: 1 } }\nbackingServices:\n  db: { kind: postgres, maxConnections: 200, \
                sharedBuffers: 256Mi, workMem: 100k, reservedConnections: 5, memory: 2Gi }";
    let plain = file(spec, "services: { web: { image: a }, db: { image: postgres } }").2;
    let flags = ["max_connections=200", "superuser_reserved_connections=5", "shared_buffers=256MB", "work_mem=97kB"];
    let command: Vec<&str> = std::iter::once("postgres").chain(flags.iter().flat_map(|flag| ["-c", flag])).collect();
    let limits = json!({"resources": {"limits": {"memory": "2G"}}});
    assert_eq!(plain["services"]["db"], json!({"command": command, "deploy": limits}));
    let own = "services: { web: { image: a }, db: { image: postgres, command: postgres -c fsync=off } }";
    assert_eq!(file(spec, own).2["services"]["db"], json!({"deploy": limits}));
    let lost = said(&run(spec, own), "lost-in-target");
    assert_eq!(lost.len(), 4, "{lost:?}");
    assert!(lost[0].1.contains("max_connections=200"), "{lost:?}");
}

#[test]
fn a_backing_service_nobody_runs_is_lost() {
    let spec = "services: { web: { image: a } }\nbackingServices: { cache: { kind: redis, memory: 1Gi } }";
    assert_eq!(paths(&run(spec, ""), "lost-in-target"), ["/backingServices/cache"]);
    assert_eq!(paths(&run(spec, "services: { web: { image: a } }"), "lost-in-target"), ["/backingServices/cache"]);
    assert_eq!(paths(&run(spec, "services: { web: { image: a }, cache: { image: b } }"), "lost-in-target"), [""; 0]);
}

#[test]
fn replicas_do_not_share_a_volume() {
    let spec = |replicas: u32| {
        format!(
            "services:\n  web:\n    image: a\n    kind: stateful\n    replicas: {replicas}\n    volumes:\n      \
             - {{ name: data, mount: /data, size: 1Gi }}"
        )
    };
    let one = file(&spec(1), "").2;
    assert_eq!(one["services"]["web"]["volumes"], json!(["web-data:/data"]));
    assert_eq!(one["volumes"], json!({"web-data": {}}));
    let several = file(&spec(3), "").2;
    assert_eq!((&several["services"]["web"]["volumes"], several.get("volumes")), (&json!(["/data"]), None));
    let lost = paths(&run(&spec(3), ""), "lost-in-target");
    assert_eq!(lost, ["/services/web/volumes/0/name", "/services/web/volumes/0/size"]);
    // a volume of the base holds data already
    let base = "services: { web: { image: a, volumes: [\"old:/data/\"] } }\nvolumes: { old: {} }";
    assert_eq!(service(&spec(1), base).get("volumes"), None);
    assert_eq!(paths(&run(&spec(1), base), "lost-in-target"), ["/services/web/volumes/0"]);
}

#[test]
fn what_compose_cannot_say_is_said() {
    let rendered = run(
        "services:\n  web:\n    image: a\n    replicas: { min: 0, max: 4 }\n    concurrency: 3\n    spread: zone\n    \
         disruption: { minAvailable: 1 }\n    autoscaling: { scaleUp: { threshold: 0.8 }, scaleDown: { threshold: 0.3 } }\n    \
         update: { surge: 1, unavailable: 1 }\n    resources: { requests: { cpu: 1, pids: 9 } }\n    schedule:\n      \
         - { days: [mon], from: \"08:00\", to: \"18:00\", timezone: UTC, replicas: { min: 2, max: 6 } }",
        "",
    );
    let mut lost = paths(&rendered, "lost-in-target");
    lost.sort();
    let web = |path: &str| format!("/services/web/{path}");
    assert_eq!(
        lost,
        [
            "autoscaling",
            "concurrency",
            "disruption/minAvailable",
            "replicas/max",
            "resources/requests/pids",
            "schedule/0",
            "spread",
            "update/unavailable"
        ]
        .map(web)
    );
    let number = said(&rendered, "lost-in-target").into_iter().find(|(path, _)| path.ends_with("max")).unwrap().1;
    assert_eq!(number, "compose runs a fixed number: 1 is written, not 0 to 4");
    assert_eq!(paths(&rendered, "ignored-by-consumer"), ["update", "resources/requests/cpu"].map(web));
}

#[test]
fn update_speaks_swarm() {
    let update = |replicas: u32, update: &str| {
        let spec = format!("services: {{ web: {{ replicas: {replicas}, update: {{ {update} }} }} }}");
        service(&spec, "")["deploy"]["update_config"].clone()
    };
    assert_eq!(update(10, "surge: 25%"), json!({"parallelism": 3, "order": "start-first"}));
    assert_eq!(update(10, "surge: 0, unavailable: 25%"), json!({"parallelism": 2, "order": "stop-first"}));
    assert_eq!(update(10, "strategy: recreate"), json!({"parallelism": 0, "order": "stop-first"}));
}

#[test]
fn limits_of_the_base_outlive_limit_resources_false() {
    let base = "services: { web: { image: a, deploy: { resources: { limits: { cpus: '1' } } } } }";
    let rendered = run("limitResources: false\nservices: { web: { resources: { limits: { cpu: 2 } } } }", base);
    assert_eq!(paths(&rendered, "lost-in-target"), ["/limitResources"]);
}

fn database(backing: &str, base: &'static str) -> Value {
    let spec = format!("services: {{ web: {{ image: 'a:1' }} }}\nbackingServices: {{ db: {{ {backing} }} }}");
    file(&spec, base).2["services"]["db"].clone()
}

#[test]
fn servers_are_started_with_the_connections_of_the_spec() {
    let cases = [
        ("mysql", "mysql:8.0", json!(["--max-connections=500"])),
        ("mariadb", "mariadb:11", json!(["--max-connections=500"])),
        ("redis", "redis:7", json!(["--maxclients", "500"])),
        ("valkey", "valkey/valkey:8", json!(["--maxclients", "500"])),
        ("memcached", "memcached:1", json!(["-c", "500"])),
        ("mongodb", "mongo:7", json!(["--maxConns", "500"])),
        ("postgis", "postgis/postgis:16", json!(["postgres", "-c", "max_connections=500"])),
        ("rabbitmq", "rabbitmq:4", Value::Null),
    ];
    for (kind, image, command) in cases {
        let db = database(&format!("kind: {kind}, image: '{image}', maxConnections: 500"), "");
        assert_eq!(db["command"], command, "{kind}");
        let none = database(&format!("kind: {kind}, image: '{image}'"), "");
        assert_eq!(none["command"], Value::Null, "{kind}");
    }
}

#[test]
fn an_image_that_starts_by_its_own_script_gets_flags_by_its_variable() {
    let cases = [
        ("postgres", "bitnami/postgresql:16", "POSTGRESQL_EXTRA_FLAGS", "-c max_connections=500"),
        ("mysql", "docker.io/bitnamilegacy/mysql:8", "MYSQL_EXTRA_FLAGS", "--max-connections=500"),
        ("redis", "redis/redis-stack:7", "REDIS_ARGS", "--maxclients 500"),
    ];
    for (kind, image, variable, flags) in cases {
        let db = database(&format!("kind: {kind}, image: '{image}', maxConnections: 500"), "");
        assert_eq!((&db["command"], &db["environment"][variable]), (&Value::Null, &json!(flags)), "{kind}");
    }
    let spec = "services: { web: { image: 'a:1' } }\n\
                backingServices: { db: { kind: memcached, image: 'bitnami/memcached:1', maxConnections: 500 } }";
    assert_eq!(paths(&run(spec, ""), "lost-in-target"), ["/backingServices/db/maxConnections"]);
}

#[test]
fn what_a_base_tells_its_server_is_not_told_again() {
    let spec = |kind: &str| {
        format!(
            "services: {{ web: {{ replicas: 1 }} }}\nbackingServices: {{ db: {{ kind: {kind}, maxConnections: 500 }} }}"
        )
    };
    let agree = [
        ("mysql", "image: 'mysql:8', command: --max-connections=500"),
        ("redis", "image: 'redis:7', command: [redis-server, --maxclients, '500']"),
        ("memcached", "image: 'memcached:1', command: memcached -c 500"),
        ("mongodb", "image: 'mongo:7', command: [mongod, --maxConns, '500']"),
        (
            "postgres",
            "image: 'bitnami/postgresql:16', environment: { POSTGRESQL_EXTRA_FLAGS: '-c max_connections=500' }",
        ),
    ];
    for (kind, db) in agree {
        let base: &'static str = format!("services: {{ web: {{ image: a }}, db: {{ {db} }} }}").leak();
        let rendered = run(&spec(kind), base);
        assert_eq!(paths(&rendered, "lost-in-target"), [""; 0], "{db}");
        assert_eq!(file(&spec(kind), base).2["services"].get("db"), None, "{db}");
    }
    let differ = [
        ("mysql", "image: 'mysql:8', command: mysqld"),
        ("postgres", "image: 'bitnami/postgresql:16', environment: { POSTGRESQL_EXTRA_FLAGS: '-c work_mem=4MB' }"),
    ];
    for (kind, db) in differ {
        let base: &'static str = format!("services: {{ web: {{ image: a }}, db: {{ {db} }} }}").leak();
        assert_eq!(paths(&run(&spec(kind), base), "lost-in-target"), ["/backingServices/db/maxConnections"], "{db}");
    }
    // its own start script, named, still reads the variable
    let base = "services: { web: { image: a }, db: { image: 'bitnami/postgresql:16', command: /opt/bitnami/scripts/postgresql/run.sh } }";
    let db = file(&spec("postgres"), base).2["services"]["db"].clone();
    assert_eq!(db, json!({"environment": {"POSTGRESQL_EXTRA_FLAGS": "-c max_connections=500"}}));
}

#[test]
fn replicas_never_get_a_gpu_each() {
    let spec = |replicas: u32, gpu: u32| {
        format!(
            "services: {{ web: {{ image: 'a:1', replicas: {replicas}, resources: {{ limits: {{ gpu: {gpu} }} }} }} }}\n\
             capacity: {{ nodes: [{{ count: 1, cpu: 16, memory: 64Gi, gpu: 4 }}] }}"
        )
    };
    let message = |rendered: &Rendered| said(rendered, "lost-in-target");
    assert_eq!(
        message(&run(&spec(4, 1), "")),
        [(
            "/services/web/resources/limits/gpu".to_owned(),
            "compose gives each of the 4 replicas the same GPU of the machine: 4 × 1 = 4 are meant, 1 works, and 3 of 4 stay idle"
                .to_owned()
        )]
    );
    assert!(
        message(&run(&spec(2, 2), ""))[0].1.contains("the same 2 GPUs of the machine: 2 × 2 = 4 are meant, 2 work,")
    );
    assert_eq!(message(&run(&spec(1, 4), "")), []);
    // those of the base stay, and are shared as well; all of them are meant to be
    let base = |devices: &str| -> &'static str {
        let devices = format!("[{{ capabilities: [gpu], {devices} }}]");
        format!(
            "services: {{ web: {{ image: a, deploy: {{ resources: {{ reservations: {{ devices: {devices} }} }} }} }} }}"
        )
        .leak()
    };
    let more = "services: { web: { replicas: 3 } }";
    for devices in ["count: 1", "device_ids: ['0']"] {
        assert_eq!(paths(&run(more, base(devices)), "lost-in-target"), ["/services/web/replicas"], "{devices}");
    }
    assert_eq!(paths(&run(more, base("count: all")), "lost-in-target"), [""; 0]);
}

#[test]
fn a_variable_that_the_base_sets_is_left_to_it() {
    let spec = "services: { web: { connections: { db: 1 }, sharedSecrets: [KEY] } }\n\
                backingServices: { db: { kind: postgres, maxConnections: 100, external: { urlEnv: DB_URL } } }";
    let bare = "services: { web: { image: 'x:1', environment: { OTHER: a } } }\n";
    let written = service(spec, bare)["environment"].clone();
    assert_eq!(written.as_object().unwrap().keys().collect::<Vec<_>>(), ["KEY", "DB_URL"], "{written}");
    let set = "services: { web: { image: 'x:1', environment: { DB_URL: 'postgres://db', KEY: k } } }\n";
    let files = run(spec, set).files;
    assert!(files.iter().all(|(_, files)| files.iter().all(|file| !file.text.contains("DB_URL"))), "{files:#?}");
}
