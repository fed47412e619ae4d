//! The compose file beside a spec: every form that bounds scaling is read, and nothing in a real file makes it stumble.

use super::compose_projects::{Args, project};
use crate::cli::program::{folder, scalegen};
use proptest::prelude::*;
use scalegen::inputs::compose::Base;
use scalegen::model::Protocol;
use scalegen::support::source::{FileId, Source};

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

/// Values for a field of service `a`, and whether docker compose refuses them. `{}` in a field stands for the value.
#[rustfmt::skip]
const REFUSED: &[(&str, &[&str], &[&str])] = &[
    // field, what it takes, what it refuses
    ("image: {}", &["x", "\"3\"", "512m", "${X:-a}"], &["", "3", "1.5", "true", "[a]", "{}", "{a: b}"]),
    ("build: {}", &["x", "{}", "{context: .}"], &["", "3", "true", "[a]"]),
    ("command: {}", &["", "x", "[a]", "[]", "[\"3\"]"], &["3", "true", "{}", "[3]", "[~]", "[[a]]", "[{a: b}]"]),
    ("container_name: {}", &["ab", "a.b-c_d", "!reset null", "${X:-ab}"], &["", "3", "\"3\"", "\"\"", "a", "\"a b\"", "\"--\"", "ä", "[a]", "{}", "${X:-3}"]),
    ("network_mode: {}", &["host", "bogus", "\"\"", "container:x"], &["", "3", "true", "[a]", "{}"]),
    ("scale: {}", &["3", "\"3\"", "\"+3\"", "03", "3.0", "1e1", "1_000", "0b11", "0x3", "${X:-3}", "!reset null"], &["", "-1", "\"-1\"", "1.5", "abc", "\"3.0\"", "\" 3\"", "\"0x3\"", "\"\"", "true", "yes", "[3]", "{}"]),
    ("mem_limit: {}", &["3", "-1", "1.5", "512m", "1.5g", "64MiB", "300 mb", "\".5g\"", "\"1e9\"", "1p", "1kib", "5B", "${X:-5}m", "1_000"], &["", "abc", "5x", "16Gi", "\" 1g\"", "\"1g \"", "\"1.5.2g\"", "5bb", "1EB", "\"0x10\"", "true", "yes", "[1]", "{}"]),
    ("mem_reservation: {}", &["3", "512m"], &["", "1.5", "abc", "true", "[1]"]),
    ("cpus: {}", &["3", "1.5", "\".5\"", "\"5.\"", "\"1e-1\"", "\"1_0\"", "-1", "\"0x1p-2\""], &["", "abc", "512m", "5x", "\" 1\"", "\"1,5\"", "\"inf\"", ".inf", "\"nan\"", "true", "[1]", "{}"]),
    ("pids_limit: {}", &["3", "-1", "1.5", "\"3\""], &["", "abc", "\"1.5\"", "true", "{}"]),
    ("gpus: {}", &["all", "[]", "[{}]"], &["", "3", "some", "[a]", "{}"]),
    ("environment: {}", &["{}", "[]", "{A: b, B: 3, C: true, D: }", "[A=b, A]", "!reset null"], &["", "A=b", "3", "[3]", "[{A: b}]", "[~]", "{A: [b]}", "{A: {b: c}}"]),
    ("healthcheck: {}", &["{}", "{test: a}", "{test: []}", "{test: [CMD, a]}", "{test: [CMD-SHELL, a]}", "{test: [NONE]}", "{test: [\"${X:-CMD}\", a]}"], &["", "3", "[a]", "{test: }", "{test: 3}", "{test: {}}", "{test: [3]}", "{test: [cmd, a]}"]),
    ("volumes: {}", &["[]", "[a]", "[a:/b]", "[{type: volume, target: /x}]"], &["", "a", "{}", "[3]", "[~]", "[[a]]", "[\"\"]", "[{}]", "[{target: /x}]", "[{type: volume, source: a}]", "[{type: volume, target: 3}]"]),
    ("ports: {}", &["[]", "[3]", "[80:80]", "[\"0:80\"]", "[\"80/sctp\"]", "[\"80/TCP\"]", "[\"80/\"]", "[\"1.2.3.4::80\"]", "[\"::1:80:80\"]", "[\"[::1]:80:80\"]", "[\"${P}:80\"]", "[\"8-9:80\"]", "[\"80-81\"]", "!reset []"], &["", "3", "\"80\"", "{}", "[~]", "[[a]]", "[true]", "[1.5]", "[-1]", "[\"\"]", "[a]", "[\"a:b\"]", "[\"80:0\"]", "[0]", "[\"70000:80\"]", "[70000]", "[\"9-8:80\"]", "[\"1-3:80-81\"]", "[\"-1:80\"]", "[\"80/foo\"]", "[\"80 \"]", "[\" 80:80\"]", "[\"1.2.3.4:80\"]", "[\"x:80:80\"]", "[\"80:80:80\"]", "[\"0x50\"]"]),
    ("ports: [{}]", &["{target: 80}", "{target: \"80\"}", "{target: 0}", "{target: 80, published: abc}", "{target: 80, published: 0}", "{target: 80, protocol: foo}", "{target: \"${P:-80}\"}", "{target: 80, host_ip: \"::1\"}"], &["{}", "{published: 80}", "{target: abc}", "{target: \"80-81\"}", "{target: 1.5}", "{target: }", "{target: 80, published: 1.5}", "{target: 80, protocol: 3}", "{target: 80, host_ip: abc}", "{target: 80, host_ip: 3}"]),
    ("extends: {}", &["b", "{service: b}", "{service: b, file: }"], &["", "3", "[b]", "{}", "{service: }", "{service: 3}", "nobody", "{service: nobody}", "a", "c"]),
    ("deploy: {}", &["", "{}", "!reset null"], &["3", "abc", "true", "[a]"]),
    ("deploy: {replicas: {}}", &["3", "\"3\"", "\"${X:-3}\""], &["", "-1", "1.5", "abc", "\"\"", "true", "[3]", "{a: b}"]),
    ("deploy: {resources: {}}", &["{}"], &["", "3", "abc", "[a]"]),
    ("deploy: {resources: {limits: {}}}", &["{}", "{cpus: 1.5, memory: 1g, pids: 3}", "{cpus: \"1\", memory: \"5\", pids: \"3\"}"], &["", "3", "abc", "[a]", "{cpus: }", "{cpus: abc}", "{cpus: true}", "{memory: }", "{memory: 5}", "{memory: 1.5}", "{memory: 5x}", "{memory: {a: b}}", "{pids: }", "{pids: 1.5}", "{pids: abc}"]),
    ("deploy: {resources: {reservations: {}}}", &["{}", "{cpus: 1, memory: 1g}", "{devices: []}"], &["", "[a]", "{cpus: abc}", "{memory: 5}", "{devices: }", "{devices: 3}", "{devices: [a]}", "{devices: {}}"]),
];

/// Whole files, and whether docker compose refuses them.
const FILES: &[(&str, bool)] = &[
    ("services: {a: }", true),
    ("services: {a: 3}", true),
    ("services: {a: [b]}", true),
    ("services: {a: b}", true),
    ("services: {\"a b\": {image: x}}", true),
    ("services: {A.b_c-d: {image: x}}", false),
    ("services: {a: {image: x, extends: b}, b: {image: x, extends: a}}", true),
    ("services: {a: {extends: b}, b: {extends: c}, c: {image: x}}", false),
    ("x-a: &a {replicas: abc}\nservices: {a: {image: x, deploy: *a}}", true),
    ("x-a: &a {replicas: abc}\nservices: {a: {image: x}}", false),
    ("version: 3\nservices: {a: {image: x}}", true),
    ("version: \"3\"\nname: b\nservices: {a: {image: x}}", false),
    ("name: 3\nservices: {a: {image: x}}", true),
    ("include: 3\nservices: {a: {image: x}}", true),
    ("include:\nservices: {a: {image: x}}", false),
];

/// The table as files. `together`: what is taken of one field stands in one file, as services of their own.
fn refused(together: bool) -> Vec<(String, bool)> {
    let mut files: Vec<(String, bool)> = FILES.iter().map(|(text, refused)| ((*text).to_owned(), *refused)).collect();
    for (field, takes, refuses) in REFUSED {
        let image = if field.starts_with("image") || field.starts_with("build") { "" } else { "    image: x\n" };
        let others = if field.starts_with("extends") { "  b: {image: x}\n  c: {extends: a}\n" } else { "" };
        let service = |name: &str, value: &str| format!("  {name}:\n{image}    {}\n", field.replacen("{}", value, 1));
        let alone = |value: &str| format!("services:\n{}{others}", service("a", value));
        if together && !field.starts_with("container_name") {
            let all = takes.iter().enumerate().map(|(index, value)| service(&format!("a{index}"), value));
            let others = others.replace("extends: a", "extends: a0");
            files.push((format!("services:\n{}{others}", all.collect::<String>()), false));
        } else {
            files.extend(takes.iter().map(|value| (alone(value), false)));
        }
        files.extend(refuses.iter().map(|value| (alone(value), true)));
    }
    files
}

#[test]
fn what_docker_compose_refuses_is_a_finding_in_the_file() {
    let mut wrong = Vec::new();
    for (text, refused) in refused(false) {
        let source = Source::new("docker-compose.yml", text.as_str());
        let (_, findings) = Base::read(FileId(1), "docker-compose.yml", &source);
        if findings.is_empty() == refused {
            wrong.push(format!("{text}: {findings:?}"));
        }
        let inside = |finding: &scalegen::support::diagnostic::Finding| {
            finding.at.file == FileId(1) && !source.slice(finding.at.span).is_empty() && finding.help.is_some()
        };
        if !findings.iter().all(inside) {
            wrong.push(format!("{text}: no place or no help: {findings:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), refused(false).len(), wrong.join("\n"));
}

/// The same for a whole project.
#[test]
fn what_docker_compose_refuses_is_a_finding_in_the_project() {
    let mut wrong = Vec::new();
    for (text, refused) in refused(false) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("compose.yml"), &text).unwrap();
        let args = Args { files: vec!["compose.yml".to_owned()], env_file: None };
        let (project, files) = project(folder.path(), &args);
        if project.findings.is_empty() == refused {
            wrong.push(format!("{text}: {:?}", project.findings));
        }
        let inside = |finding: &scalegen::support::diagnostic::Finding| {
            let source = &files.get(finding.at.file).unwrap().source;
            !source.slice(finding.at.span).is_empty() && finding.help.is_some()
        };
        if !project.findings.iter().all(inside) {
            wrong.push(format!("{text}: no place or no help: {:?}", project.findings));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), refused(false).len(), wrong.join("\n"));
}

#[test]
fn docker_compose_refuses_what_the_table_says() {
    let folder = tempfile::TempDir::new().unwrap();
    let files = refused(true);
    let next = std::sync::atomic::AtomicUsize::new(0);
    let wrong = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some((text, refused)) = files.get(index) else { return };
                    let path = folder.path().join(format!("{index}.yml"));
                    std::fs::write(&path, text).unwrap();
                    let Some(verdict) = crate::common::judge::judge("compose.sh", &[path.to_str().unwrap()]) else {
                        return;
                    };
                    if verdict.accepted == *refused {
                        wrong.lock().unwrap().push(format!("{text}: {}", verdict.err));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), files.len(), wrong.join("\n"));
}

#[test]
fn a_malformed_value_of_a_base_file_is_shown_where_it_stands() {
    let folder = tempfile::TempDir::new().unwrap();
    let spec = "version: 1\nname: shop\nservices: {web: {replicas: 2, resources: {limits: {memory: 1Gi}}}}\n\
                targets: {compose: {base: base.yml}}\n";
    std::fs::write(folder.path().join("scalegen.yaml"), spec).unwrap();
    std::fs::write(folder.path().join("base.yml"), "services:\n  web:\n    image: a\n    deploy: 3\n    ports: [{}]\n")
        .unwrap();
    let ran = crate::cli::program::scalegen(folder.path(), &["lint", "--format", "concise"]);
    assert_eq!(ran.code, 1);
    assert_eq!(
        ran.out,
        "base.yml:4:13: error[wrong-type]: docker compose takes a mapping or nothing for `deploy`, not a number\n\
         base.yml:5:13: error[missing-field]: docker compose takes no item of `ports` without `target`\n"
    );
}

#[test]
fn hostile_types_do_not_make_it_stumble() {
    let keys = ["ports", "deploy", "environment", "extends", "container_name", "network_mode", "scale", "mem_limit"];
    for value in ["1", "[]", "[[1], {a: b}, null]", "{a: [1]}", "x", "null", "!reset null", "true", "1.5", "\"\\0\""] {
        for key in keys {
            let (base, _) = read(&format!("services: {{a: {{{key}: {value}}}}}"));
            assert_eq!(base.services.len(), 1, "{key}: {value}");
        }
        read(&format!("services: {{a: {value}}}"));
        read(&format!("services: {value}"));
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

/// A file is read once, and that it cannot be read is said wherever it is named.
#[test]
fn a_file_that_is_not_there_is_a_finding_at_every_place_that_names_it() {
    let dir = folder(&[(
        "scalegen.yaml",
        "version: 1\nname: shop\nservices: { api: { image: a/b:1, resources: { limits: { memory: 1Gi } } } }
profiles:
  one: { targets: { compose: { base: gone.yaml } } }
  two: { targets: { helm: { chart: gone } } }
targets: { compose: { base: gone.yaml }, helm: { chart: gone, convention: helm-create } }\n",
    )]);
    let ran = scalegen(dir.path(), &["lint", "scalegen.yaml", "--format", "concise"]);
    let at = |line: &str| line.split(": ").next().unwrap_or_default().to_owned();
    let places: Vec<String> = ran.out.lines().filter(|line| line.contains("[unreadable-file]")).map(at).collect();
    assert_eq!(
        places,
        ["scalegen.yaml:5:38", "scalegen.yaml:6:36", "scalegen.yaml:7:29", "scalegen.yaml:7:57"],
        "{}",
        ran.out
    );
}
