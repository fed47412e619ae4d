//! The compose file beside a spec: every form that bounds scaling is read, and nothing in a real file makes it stumble.

use proptest::prelude::*;
use scalegen::base::Base;
use scalegen::model::Protocol;
use scalegen::source::{FileId, Source};

fn read(text: &str) -> (Base, Vec<String>) {
    let source = Source::new("docker-compose.yml", text);
    let (base, findings) = Base::read(FileId(1), "docker-compose.yml", &source);
    let findings = findings.iter().map(|finding| format!("{}: {}", finding.rule, finding.message)).collect();
    (base, findings)
}

#[test]
fn what_bounds_scaling_is_read() {
    let (base, findings) = read(
        r#"
x-limits: &limits { limits: { cpus: "0.5", memory: 64M } }
services:
  api:
    build: .
    container_name: the-api
    scale: 2
    mem_limit: ${MEM:-512m}
    ports:
      - "${PORT:-8080}:80"
      - 127.0.0.1:9000-9002:9000/udp
      - 3000
      - { target: 443, published: "8443", host_ip: "::1", protocol: tcp, mode: host }
      - [nonsense]
      - ${PORT}:81
    environment:
      KEY: ${KEY:-}
      NUMBER: 3
      PASSED:
    deploy:
      replicas: "${N:-3}"
      resources: *limits
  worker:
    extends: { service: api }
    network_mode: host
    ports: !reset []
    environment: ["KEY=abc", "TOKEN=$TOKEN", BARE]
  far:
    extends: { file: other.yml, service: x }
"#,
    );
    assert_eq!(findings, Vec::<String>::new());
    let api = base.service("api").unwrap();
    let ports: Vec<_> = api.ports.iter().map(|p| (p.host, p.ip.as_deref(), p.container, p.protocol)).collect();
    assert_eq!(
        ports,
        [
            (Some((8080, 8080)), None, (80, 80), Protocol::Tcp),
            (Some((9000, 9002)), Some("127.0.0.1"), (9000, 9000), Protocol::Udp),
            (None, None, (3000, 3000), Protocol::Tcp),
            (Some((8443, 8443)), Some("::1"), (443, 443), Protocol::Tcp),
            (None, None, (81, 81), Protocol::Tcp),
        ]
    );
    assert_eq!(api.container_name.as_ref().unwrap().value, "the-api");
    assert_eq!(api.replicas.unwrap().value, 3);
    let old: Vec<_> = api.old_style.iter().map(|(key, value)| (key.as_str(), value.value.as_deref())).collect();
    assert_eq!(old, [("scale", Some("2")), ("mem_limit", Some("512m"))]);
    let deploy: Vec<_> = api.deploy.iter().map(|(key, value)| (key.as_str(), value.value.as_deref())).collect();
    assert_eq!(deploy, [("limits.cpus", Some("0.5")), ("limits.memory", Some("64M"))]);
    assert!(api.memory_limit.is_some() && api.runnable && api.host_network.is_none());
    let env: Vec<_> = api.env.iter().map(|(name, value)| (name.as_str(), value.value.as_deref())).collect();
    assert_eq!(env, [("KEY", Some("")), ("NUMBER", Some("3")), ("PASSED", None)]);
    let empty = |name: &str| base.service(name).unwrap().empty_defaults.iter().map(|e| e.0.clone()).collect::<Vec<_>>();
    assert_eq!(empty("api"), ["KEY"]);

    let worker = base.service("worker").unwrap();
    assert!(worker.host_network.is_some() && worker.runnable);
    assert_eq!(worker.ports.len(), 5, "what is extended keeps its ports");
    assert_eq!(empty("worker"), ["TOKEN"], "its own KEY is no empty default");
    assert!(base.service("far").unwrap().partial);
    assert!(base.service("absent").is_none());
}

#[test]
fn a_file_without_services_is_a_finding() {
    for (text, message) in [
        ("", "invalid-value: the compose file is empty"),
        ("- a\n", "invalid-value: the compose file is a list, expected a mapping"),
        ("name: x\n", "invalid-value: the compose file has no services"),
        ("services: [a]\n", "invalid-value: `services` is a list, expected a mapping"),
        ("services: {}\n", "invalid-value: the compose file has no services"),
    ] {
        assert_eq!(read(text).1, [message], "{text:?}");
    }
    assert_eq!(read("include: [a.yml]\n").1, Vec::<String>::new());
    assert!(read("services: {a: ").1[0].starts_with("yaml-syntax"));
}

#[test]
fn services_that_extend_each_other_in_a_circle_end() {
    let (base, _) = read("services: {a: {extends: b, image: x}, b: {extends: {service: a}}}");
    assert!(base.service("b").unwrap().runnable);
}

#[test]
fn wrong_types_are_passed_over() {
    let keys = [
        "ports",
        "deploy",
        "environment",
        "extends",
        "container_name",
        "network_mode",
        "scale",
        "mem_limit",
        "cpus",
        "image",
        "build",
        "command",
    ];
    for value in
        ["1", "[]", "{}", "[[1], {a: b}, null]", "{a: [1]}", "x", "null", "!reset null", "true", "1.5", "\"\\0\""]
    {
        for key in keys {
            let (base, findings) = read(&format!("services: {{a: {{{key}: {value}}}}}"));
            assert_eq!((base.services.len(), findings.len()), (1, 0), "{key}: {value}: {findings:?}");
        }
        read(&format!("services: {{a: {value}}}"));
        read(&format!("services: {value}"));
        read(&format!("services: {{a: {{deploy: {{replicas: {value}, resources: {value}}}}}}}"));
        read(&format!("services: {{a: {{deploy: {{resources: {{limits: {value}}}}}}}}}"));
    }
}

#[test]
fn an_alias_bomb_is_a_finding() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for n in 1..9 {
        text += &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", "));
    }
    text += "services: {web: {ports: *a8}}\n";
    let (_, findings) = read(&text);
    assert_eq!(findings.len(), 1, "{findings:?}");
}

proptest! {
    #[test]
    fn no_text_makes_it_stumble(text in "(services|[a-z]{1,3}|[\\[\\]{}:,\\-&*!|>'\"#$ \n]|\\$\\{|:-|[0-9]{1,5}|/udp){0,60}") {
        read(&text);
        read(&format!("services:\n  a:\n    ports: [{text:?}]\n    environment: [{text:?}]\n"));
    }
}

/// Reads every file of the folder named by `SCALEGEN_CORPUS`.
#[test]
fn real_files_are_read() {
    let Some(folder) = std::env::var_os("SCALEGEN_CORPUS") else {
        println!("SCALEGEN_CORPUS names no folder: no real files were read");
        return;
    };
    let folder = std::path::PathBuf::from(folder);
    let compose = folder.join("compose");
    let folder = if compose.is_dir() { compose } else { folder };
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let (base, findings) = read(&text);
        assert!(!base.services.is_empty() || !findings.is_empty(), "{}: nothing read, nothing said", path.display());
        println!("{}: {} services, {findings:?}", path.display(), base.services.len());
        count += 1;
    }
    assert!(count > 0, "{} holds no files", folder.display());
}
