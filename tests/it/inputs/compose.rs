//! The compose file beside a spec: every form that bounds scaling is read, and nothing in a real file makes it stumble.

use super::compose_projects::{Args, project, read_texts, schema};
use crate::cli::program::{folder, scalegen};
use crate::common::judge::not_tested;
use proptest::prelude::*;
use scalegen::inputs::compose::project::Project;
use scalegen::inputs::compose::project::view::ServiceView;
use serde_json::Value as Json;
use std::collections::BTreeMap;

fn read(text: &str) -> (Project, Vec<String>) {
    let (mut project, _) = read_texts(&[("docker-compose.yml", text.to_owned())]);
    let findings = std::mem::take(&mut project.findings);
    let findings = findings.iter().map(|finding| format!("{}: {}", finding.rule, finding.message)).collect();
    (project, findings)
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

/// The same of keys that compose does not know, and of values below the services' own keys.
#[rustfmt::skip]
const KEYS_REFUSED: &[(&str, &[&str], &[&str])] = &[
    ("{}: 1", &["x-foo"], &["foo", "replicas", "memory", "Image", "limits"]),
    ("deploy: {{}: {}}", &["resources", "update_config", "x-foo"], &["resource", "limits", "restart", "foo"]),
    ("deploy: {resources: {{}: {}}}", &["limits", "reservations"], &["limit", "requests", "memory"]),
    ("deploy: {resources: {limits: {{}: \"3\"}}}", &["pids", "cpus"], &["cpu", "mem", "devices"]),
    ("deploy: {update_config: {}}", &["{parallelism: 0}", "{delay: 10s, order: stop-first}", "{max_failure_ratio: \"0.5\"}"], &["[]", "", "{parallelism: -1}", "{parallelism: x}", "{delay: 10}", "{delay: \"10\"}", "{order: last}", "{foo: 1}"]),
    ("deploy: {placement: {}}", &["{}", "{max_replicas_per_node: 2}", "{preferences: [{spread: a}]}"], &["", "[a]", "{constraints: a}", "{max_replicas_per_node: -1}", "{preferences: [{foo: 1}]}"]),
    ("deploy: {restart_policy: {}}", &["{condition: any, max_attempts: 3, window: 1m}"], &["always", "{max_attempts: -1}", "{window: 1}", "{foo: 1}"]),
    ("healthcheck: {}", &["{interval: 30s}", "{interval: 1m30s}", "{interval: \"0\"}", "{interval: 1d}", "{interval: \"-3s\"}", "{retries: \"3\"}", "{disable: true}", "{disable: \"yes\"}"], &["{interval: 30}", "{interval: \"30\"}", "{interval: \"\"}", "{interval: \"1h 3m\"}", "{retries: x}", "{retries: -1}", "{disable: x}", "{foo: 1}"]),
    ("stop_grace_period: {}", &["10s", "1m"], &["10", "\"10\"", "", "[a]"]),
    ("networks: {}", &["[]", "{}", "[default]", "{default: }", "{default: {aliases: [a]}}", "{default: {priority: 3}}"], &["", "x", "3", "{default: {foo: 1}}", "{default: [a]}", "{default: {aliases: a}}", "{default: {priority: x}}"]),
    ("depends_on: {}", &["[b]", "{b: {condition: service_healthy}}", "{}"], &["", "b", "{b: }", "{b: {}}", "{b: {condition: x}}", "{b: {condition: service_started, foo: 1}}", "[3]"]),
    ("networks: [{}]", &["default"], &["default, default"]),
    ("depends_on: [{}]", &["b"], &["b, b"]),
    ("group_add: [{}]", &["3, \"3\"", "a, b"], &["a, a", "3, 3"]),
    ("security_opt: [{}]", &["a:b, c"], &["a:b, a:b"]),
    ("volumes_from: [{}]", &["\"container:a\""], &["\"container:a\", \"container:a\""]),
    ("external_links: [{}]", &["a, b"], &["a, b, a"]),
    ("device_cgroup_rules: [{}]", &["a, b"], &["a, a"]),
    ("gpus: [{}]", &["{capabilities: [a, b], device_ids: [\"1\", \"2\"]}"], &["{capabilities: [a, a]}", "{device_ids: [\"1\", \"1\"]}"]),
    ("cap_add: [{}]", &["A, A"], &["3"]),
    ("environment: [{}]", &["A=b, A=c", "\" A=b\"", "\"A= b\"", "=b"], &["\"A =b\"", "\"A \""]),
    ("extra_hosts: {}", &["[\"a:1.1.1.1\", \"a:2.2.2.2\"]", "[a=b=c]", "{a: 1.1.1.1}"], &["[\":1.1.1.1\"]", "[\"=1.1.1.1\"]", "[\"a:b=c\"]", "{\"a:b\": 1.1.1.1}", "[\"a:1.1.1.1\", \"a:1.1.1.1\"]"]),
    ("build: {context: ., {}}", &["additional_contexts: [a=b]", "additional_contexts: {a: b}", "args: [A, B=c]", "ssh: [default]"], &["additional_contexts: [a]", "args: [\"A =b\"]", "ssh: [a]", "no_cache_filter: [a, a]"]),
    ("label_file: {}", &["[]"], &["x.labels", "[x.labels]", "3"]),
    ("logging: {}", &["{}", "{driver: x, options: {a: 3, b: c}}"], &["", "x", "{driver: 3}", "{options: [a]}", "{options: {a: true}}", "{foo: 1}"]),
    ("build: {}", &["{context: ., args: {A: 3}}", "{context: ., args: [A=3]}", "{context: ., no_cache: true}"], &["{foo: 1}", "{args: x}", "{no_cache: x}", "{dockerfile: [a]}"]),
    ("ulimits: {}", &["{}", "{nofile: 3}", "{nofile: {soft: 1, hard: 2}}"], &["", "[a]", "{nofile: x}", "{nofile: {soft: 1}}", "{nofile: {soft: 1, hard: 2, foo: 1}}"]),
    ("env_file: {}", &["[]", "[{path: x, required: false}]"], &["", "{path: x}", "[{required: false}]", "[{path: x, foo: 1}]"]),
    ("extra_hosts: {}", &["{a: 1.2.3.4}", "{a: [1.2.3.4]}", "[\"a:1.2.3.4\"]", "[\"a=1.2.3.4\"]"], &["", "a", "[a]", "[3]"]),
    ("devices: {}", &["[/dev/x]", "[{source: /dev/x, target: /dev/y}]"], &["", "/dev/x", "[{source: /dev/x}]", "[{target: /dev/y}]", "[{source: /x, target: /y, foo: 1}]"]),
    ("privileged: {}", &["true", "\"true\"", "\"no\"", "${X:-true}"], &["", "3", "x", "\"1\"", "[]"]),
    ("pull_policy: {}", &["always", "every_12h"], &["", "sometimes", "true"]),
    ("cgroup: {}", &["host"], &["x", ""]),
    ("cap_add: {}", &["[]", "[ALL]"], &["", "ALL", "[3]"]),
    ("profiles: {}", &["[]", "[a]"], &["", "a", "[3]"]),
    ("tmpfs: {}", &["/x", "[/x]"], &["", "3", "{}"]),
    ("labels: {}", &["{}", "[a=b]", "{a: 3, b: true, c: }"], &["", "a", "[3]", "{a: [b]}"]),
    ("volumes: [{}]", &["{type: tmpfs, target: /x, tmpfs: {size: 3}}"], &["{type: disk, target: /x}", "{type: volume, target: /x, foo: 1}", "{type: tmpfs, target: /x, tmpfs: {size: 1.5}}", "{type: volume, target: /x, read_only: x}"]),
    ("ports: [{}]", &["{target: 80, name: x, app_protocol: http}"], &["{target: 80, foo: 1}", "{target: -1}", "{target: 80, mode: 3}"]),
    ("blkio_config: {}", &["{weight: 300}", "{device_read_bps: [{path: /a, rate: 1mb}]}"], &["", "{weight: -1}", "{foo: 1}", "{device_read_bps: [{path: /a, rate: x}]}"]),
    ("secrets: {}", &["[]"], &["", "{}", "[{}]", "[{target: x}]"]),
    ("gpus: {}", &["[{count: all}]", "[{count: 2}]", "[{foo: 1}]"], &["[{count: x}]", "[{capabilities: gpu}]"]),
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
    ("hello", true),
    ("[a]", true),
    ("", true),
    ("# nothing\n", true),
    ("{}", true),
    ("null", true),
    ("name: x", false),
    ("x-a: 1", false),
    ("services: {}", false),
    ("services:", true),
    ("services: []", true),
    ("services: x", true),
    ("service: {a: {image: x}}", true),
    ("services: {a: {image: x}}\nimage: x", true),
    ("services: {a: {image: x}}\nx-foo: x", false),
    ("web: {image: x}\ndb: {image: y}", true),
    ("services: {a: {image: x}}\n---\nservices: {b: {image: y}}", false),
    ("services: {a: {image: x}}\n---\nservices: {a: {foo: 1}}", true),
    ("services: {a: {image: x}}\n---\nhello", true),
    ("---\nservices: {a: {image: x}}", false),
    ("services: {a: {image: x}}\nnetworks: {n: {foo: 1}}", true),
    ("services: {a: {image: x}}\nnetworks: [n]", true),
    ("services: {a: {image: x}}\nnetworks: {n: , m: {driver: bridge, ipam: {config: [{subnet: 10.0.0.0/8}]}}}", false),
    ("services: {a: {image: x}}\nnetworks: {n: {ipam: {config: [{foo: 1}]}}}", true),
    ("services: {a: {image: x}}\nvolumes: {v: {drivr: x}}", true),
    ("services: {a: {image: x}}\nvolumes: {v: {external: x}}", true),
    ("services: {a: {image: x}}\nvolumes: {v: {external: true}}", false),
    ("services: {a: {image: x}}\nsecrets: {s: {file: ./a, foo: 1}}", true),
    ("services: {a: {image: x}}\nconfigs: {c: x}", true),
];

/// The table as files. `together`: what is taken of one field stands in one file, as services of their own.
fn refused(together: bool) -> Vec<(String, bool)> {
    let mut files: Vec<(String, bool)> = FILES.iter().map(|(text, refused)| ((*text).to_owned(), *refused)).collect();
    for (field, takes, refuses) in REFUSED.iter().chain(KEYS_REFUSED) {
        let image = if field.starts_with("image") || field.starts_with("build") { "" } else { "    image: x\n" };
        let others = match field.split(':').next() {
            Some("extends") => "  b: {image: x}\n  c: {extends: a}\n",
            Some("depends_on") => "  b: {image: x}\n",
            _ => "",
        };
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
            (text.len() < 10 || text.starts_with('#') || !source.slice(finding.at.span).is_empty())
                && finding.help.is_some()
        };
        if !project.findings.iter().all(inside) {
            wrong.push(format!("{text}: no place or no help: {:?}", project.findings));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), refused(false).len(), wrong.join("\n"));
}

/// Whole projects, and the rule that speaks where docker compose refuses them.
#[rustfmt::skip]
const PROJECTS: &[(&str, &str)] = &[
    ("services: {a: {environment: {A: b}}}", "missing-field"),
    ("services: {a: {provider: {type: x}}}", ""),
    ("services: {a: {image: x, depends_on: [b]}}", "unknown-reference"),
    ("services: {a: {image: x, depends_on: {b: {condition: service_started, required: false}}}}", "unknown-reference"),
    ("services: {a: {image: x, links: [\"b:c\"]}}", "unknown-reference"),
    ("services: {a: {image: x, volumes_from: [\"b:ro\"]}}", "unknown-reference"),
    ("services: {a: {image: x, volumes_from: [\"container:b\"]}}", ""),
    ("services: {a: {image: x, network_mode: \"service:b\"}}", "unknown-reference"),
    ("services: {a: {image: x, ipc: \"service:b\"}}", "unknown-reference"),
    ("services: {a: {image: x, pid: \"service:b\"}}", "unknown-reference"),
    ("services: {a: {image: x, external_links: [b]}}", ""),
    ("services: {a: {image: x, networks: [n]}}", "unknown-reference"),
    ("services: {a: {image: x, networks: [n]}}\nnetworks: {n: }", ""),
    ("services: {a: {image: x, volumes: [\"vol:/a\"]}}", "unknown-reference"),
    ("services: {a: {image: x, volumes: [\"vol:/a\", \"./b:/b\", /c]}}\nvolumes: {vol: }", ""),
    ("services: {a: {image: x, volumes: [\"d:/data\"]}}", ""),
    ("services: {a: {image: x, secrets: [s]}}", "unknown-reference"),
    ("services: {a: {image: x, secrets: [{source: s}]}}\nsecrets: {s: {file: ./s}}", ""),
    ("services: {a: {image: x, configs: [s]}}", "unknown-reference"),
    ("services: {a: {image: x, models: [m]}}", "unknown-reference"),
    ("services: {a: {build: {context: ., secrets: [s]}}}", "unknown-reference"),
    ("services: {a: {image: x, depends_on: [a]}}", "invalid-value"),
    ("services: {a: {image: x, depends_on: [b]}, b: {image: x, links: [c]}, c: {image: x, network_mode: \"service:a\"}}", "invalid-value"),
    ("services: {a: {image: x, depends_on: [b, c]}, b: {image: x, depends_on: [c]}, c: {image: x}}", ""),
    ("services: {a: {image: x, network_mode: host, networks: [default]}}", "invalid-value"),
    ("services: {a: {image: x, network_mode: host, networks: {}}}", ""),
    ("services: {a: {image: x, container_name: same}, b: {image: x, container_name: same}}", "invalid-value"),
    ("services: {a: {image: x, volumes: [{type: bind, target: /a}]}}", "missing-field"),
    ("services: {a: {image: x, deploy: {resources: {reservations: {devices: [{capabilities: [gpu], count: 1, device_ids: [a]}]}}}}}", "invalid-value"),
    ("services: {a: {image: x}}\nsecrets: {s: {}}", "missing-field"),
    ("services: {a: {image: x}}\nsecrets: {s: {external: true}}", ""),
    ("services: {a: {image: x}}\nsecrets: {s: {file: a, environment: B}}", "invalid-value"),
    ("services: {a: {image: x}}\nconfigs: {s: {}}", "missing-field"),
    ("services: {a: {image: x}}\nconfigs: {s: {content: a, file: b}}", "invalid-value"),
    ("services: {a: {image: x}}\nvolumes: {v: {external: true, driver: b}}", "invalid-value"),
    ("services: {a: {image: x, uts: \"service:b\"}}", "unknown-reference"),
    ("services: {a: {image: \"\"}}", "missing-field"),
    ("services: {a: {image: \"\", build: .}}", ""),
    ("services: {a: {image: x, tmpfs: [/x], volumes: [\"./a:/x\"]}}", "invalid-value"),
    ("services: {a: {image: x, tmpfs: [/x, \"/x:size=1m\"]}}", "invalid-value"),
    ("services: {a: {image: x, tmpfs: [/x, /x, /y], volumes: [\"./a:/z\", \"./b:/z\"]}}", ""),
    ("services: {a: {platform: linux/arm64, build: {context: ., platforms: [linux/amd64]}}}", "invalid-value"),
    ("services: {a: {platform: linux/arm64, build: {context: ., platforms: [linux/amd64, linux/arm64]}}}", ""),
    ("services: {a: {build: {context: ., dockerfile: b, dockerfile_inline: FROM c}}}", "invalid-value"),
    ("services: {a: {image: x, develop: {watch: [{path: ., action: sync}]}}}", "missing-field"),
    ("services: {a: {image: x, develop: {watch: [{path: ., action: sync, target: /x}, {path: ., action: restart}]}}}", ""),
    ("services: {a: {image: x}}\nnetworks: {n: {name: a, external: {name: b}}}", "invalid-value"),
    ("name: \"---\"\nservices: {a: {image: x}}", "invalid-value"),
    ("name: \"A b_\"\nservices: {a: {image: x}}", ""),
];

/// Those that docker compose refuses only where no profile is on.
const BEHIND_PROFILES: &[(&str, &str)] = &[
    ("services: {a: {image: x, depends_on: [b]}, b: {image: x, profiles: [p]}}", "unknown-reference"),
    ("services: {a: {image: x, network_mode: \"service:b\"}, b: {image: x, profiles: [p]}}", "unknown-reference"),
    ("services: {a: {image: x, profiles: [p], depends_on: [b]}, b: {image: x, profiles: [p]}}", ""),
    (
        "services: {a: {image: x, depends_on: {b: {condition: service_started, required: false}}}, b: {image: x, profiles: [p]}}",
        "",
    ),
];

/// Each alone, and under a spec: no finding vanishes because a spec stands over the file.
#[test]
fn what_docker_compose_refuses_of_a_whole_project_is_a_finding_with_and_without_a_spec() {
    let spec = "version: 1\nname: shop\nservices: {a: {resources: {limits: {memory: 64Mi}}}}\ntargets: {compose: {base: compose.yaml}}\n";
    let mut wrong = Vec::new();
    for (text, rule) in PROJECTS.iter().chain(BEHIND_PROFILES) {
        let dir = folder(&[("compose.yaml", text), ("scalegen.yaml", spec)]);
        for name in ["compose.yaml", "scalegen.yaml"] {
            let ran = scalegen(dir.path(), &["lint", name, "--format", "concise"]);
            let found = ran.out.lines().filter(|line| line.starts_with("compose.yaml") && line.contains(": error["));
            let found: Vec<&str> = found.collect();
            let right = match rule.is_empty() {
                true => found.is_empty(),
                false => found.len() == 1 && found[0].contains(&format!("error[{rule}]")),
            };
            if !right {
                wrong.push(format!("{text}, lint {name}: {rule:?} is wanted, found {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What stands in a service already stays in what a help says to write.
#[test]
fn a_help_keeps_what_stands_there() {
    let help = |text: &str| {
        let (project, _) = read_texts(&[("compose.yaml", text.to_owned())]);
        let helps: Vec<_> = project.findings.iter().filter_map(|finding| finding.help.as_deref()).collect();
        helps.concat()
    };
    let service = |rest: &str| format!("services: {{a: {{image: x, {rest}}}}}");
    assert_eq!(help(&service("replicas: 3")), "write `deploy: {replicas: 3}`");
    assert_eq!(help(&service("memory: 512m")), "write `deploy: {resources: {limits: {memory: 512m}}}`");
    assert_eq!(
        help(&service("replicas: 3, deploy: {mode: global}")),
        "write `replicas: 3` in `deploy`, beside what is there"
    );
    assert_eq!(
        help(&service("memory: 512m, deploy: {resources: {limits: {cpus: 1}}}")),
        "write `memory: 512m` in `deploy.resources.limits`, beside what is there"
    );
    assert_eq!(
        help(&service("limits: {memory: 5m}, deploy: {}")),
        "write `resources: {limits: …}` in `deploy`, beside what is there"
    );
    assert_eq!(help(&service("interval: 3s")), "write `healthcheck: {interval: 3s}`");
    assert_eq!(help(&service("healthcheck: {interval: 30}")), "write the unit: `30s`");
    assert_eq!(help(&service("imge: x")), "did you mean `image`?");
    assert_eq!(help(&service("env: {A: b}")), "write `environment`");
}

/// Docker compose lays an override over the file beside it without being told.
#[test]
fn the_override_beside_a_file_is_part_of_its_project() {
    let main = "services: {web: {image: x, depends_on: [late]}}\n";
    let over = "services: {web: {mem_limit: 5x}, late: {image: y}}\n";
    let dir = folder(&[("compose.yaml", main), ("compose.override.yaml", over)]);
    let found = |path: &str| {
        let ran = scalegen(dir.path(), &["lint", path, "--format", "concise"]);
        ran.out.lines().filter(|line| line.contains("error[")).map(str::to_owned).collect::<Vec<_>>()
    };
    let wrong = "compose.override.yaml:1:29: error[invalid-quantity]: docker compose takes an amount such as `512m` for `mem_limit`, not `5x`";
    assert_eq!(found("compose.yaml"), [wrong]);
    assert_eq!(found("."), [wrong]);
    assert_eq!(found("compose.override.yaml"), [wrong]);
}

#[test]
fn a_file_of_variables_that_is_not_there_is_an_error_unless_it_is_private() {
    for (path, wanted) in [("api.env", 1), ("./deploy/api.env", 1), (".env", 0), ("./.env.local", 0)] {
        let text = format!("services: {{web: {{image: x, env_file: {path}}}}}\n");
        let dir = folder(&[("compose.yaml", text.as_str())]);
        let ran = scalegen(dir.path(), &["lint", "compose.yaml", "--format", "concise"]);
        assert_eq!(ran.out.matches("error[unreadable-file]").count(), wanted, "{path}: {}", ran.out);
    }
}

#[test]
fn docker_compose_refuses_the_projects_of_the_table() {
    for (text, rule) in PROJECTS {
        let dir = folder(&[("compose.yaml", text)]);
        let path = dir.path().join("compose.yaml");
        let Some(verdict) = crate::common::judge::judge("compose.sh", &[path.to_str().unwrap()]) else { return };
        assert_eq!(verdict.accepted, rule.is_empty(), "{text}: {}", verdict.err);
    }
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
            let (project, _) = read(&format!("services: {{a: {{{key}: {value}}}}}"));
            assert_eq!(project.services.len(), 1, "{key}: {value}");
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
        let (project, findings) = read(&text);
        assert!(!project.services.is_empty() || !findings.is_empty(), "{}: nothing read, nothing said", path.display());
        println!("{}: {} services, {findings:?}", path.display(), project.services.len());
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

/// The schemas that one is made of, itself among them, with references followed.
fn parts<'s>(schema: &'s Json, node: &'s Json, all: &mut Vec<&'s Json>) {
    if let Some(path) = node["$ref"].as_str() {
        return parts(schema, schema.pointer(path.trim_start_matches('#')).unwrap(), all);
    }
    all.push(node);
    let words = ["allOf", "oneOf", "anyOf"];
    words.iter().filter_map(|word| node[word].as_array()).flatten().for_each(|part| parts(schema, part, all));
}

/// Walks the schema: at each mapping, `say` gets what stands around it, the keys that it has, and whether it takes no others.
fn walk(schema: &Json, node: &Json, around: &str, depth: usize, say: &mut dyn FnMut(&str, &[String], bool)) {
    let mut all = Vec::new();
    parts(schema, node, &mut all);
    let properties = all.iter().filter_map(|part| part["properties"].as_object()).flatten();
    let properties: BTreeMap<&String, &Json> = properties.collect();
    let closed =
        all.iter().any(|part| ["additionalProperties", "unevaluatedProperties"].iter().any(|word| part[word] == false));
    let named = all.iter().filter_map(|part| part["patternProperties"].as_object()).flatten();
    let named: Vec<&Json> = named.filter(|(pattern, _)| *pattern != "^x-").map(|(_, each)| each).collect();
    let keys: Vec<String> = properties.keys().map(|key| (*key).clone()).collect();
    if !keys.is_empty() {
        say(around, &keys, closed && named.is_empty());
    }
    if depth == 0 {
        return;
    }
    let deeper = |inside: &str| around.replacen("{}", inside, 1);
    for (key, value) in properties {
        walk(schema, value, &deeper(&format!("{{{key}: {{}}}}")), depth - 1, say);
    }
    for value in named {
        walk(schema, value, &deeper("{b: {}}"), depth - 1, say);
    }
    for items in all.iter().filter(|part| part["items"].is_object()) {
        walk(schema, &items["items"], &deeper("[{}]"), depth - 1, say);
    }
}

#[test]
fn every_key_of_the_schema_is_known_at_its_level_and_no_other() {
    let Some(schema) = schema() else { return not_tested("the keys of compose's schema, level by level") };
    let (mut wrong, mut keys_tried, mut levels) = (Vec::new(), 0, 0);
    let unknown = |text: &str| {
        let (_, findings) = read(text);
        findings.iter().any(|finding| finding.starts_with("unknown-field"))
    };
    walk(&schema, &schema, "{}", 9, &mut |around, keys, closed| {
        // what docker compose looks at only when a file is included, and what runs in no service
        if ["{include:", "{jobs:"].iter().any(|start| around.starts_with(start)) {
            return;
        }
        levels += 1;
        for key in keys {
            keys_tried += 1;
            let text = around.replacen("{}", &format!("{{{key}: }}"), 1);
            if unknown(&text) {
                wrong.push(format!("a key of the schema is refused: {text}"));
            }
        }
        let text = around.replacen("{}", "{scalegen: }", 1);
        if unknown(&text) != closed {
            wrong.push(format!(
                "a key that the schema {} is {}: {text}",
                if closed { "refuses" } else { "takes" },
                if closed { "taken" } else { "refused" }
            ));
        }
    });
    println!("{keys_tried} keys in {levels} mappings of compose's schema");
    assert!(keys_tried > 400 && levels > 50, "the schema has another shape");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Compose takes the file and sets no limit: `docker compose config` 5.6.1 writes none for `1e9` and `1073741824.0`.
#[test]
fn an_amount_that_compose_drops_is_told_and_is_no_limit() {
    for (written, dropped) in [("1e9", true), ("1073741824.0", true), ("\"1e9\"", false), ("0x40000000", false)] {
        let text = format!("services: {{web: {{image: x, mem_limit: {written}}}}}\n");
        let dir = folder(&[("compose.yaml", text.as_str())]);
        let ran = scalegen(dir.path(), &["lint", "compose.yaml", "--format", "concise"]);
        assert_eq!(
            ran.out.contains("error[invalid-quantity]: docker compose drops"),
            dropped,
            "{written}: {}",
            ran.out
        );
        let (project, _) = read_texts(&[("compose.yaml", text)]);
        let view = ServiceView::of(&project.service("web").unwrap().entry.node);
        assert_eq!(view.limits.memory.is_none(), dropped, "{written}");
    }
}

/// A project in folders: the file below lacks names that the file above has, and neither says that they are one project. What no file
/// above has is missing all the same.
#[test]
fn a_part_of_a_project_above_is_not_refused_for_what_it_lacks() {
    let above = "services: {web: {image: x, networks: [back]}}\nnetworks: {back: }\n";
    let cases = [
        ("services: {web: {ports: [\"80:80\"]}}", 0),
        ("services: {late: {image: y, networks: [back], depends_on: [other]}}", 0),
        ("services: {late: {ports: [\"80:80\"]}}", 1),
        ("services: {late: {image: y, networks: [front]}}", 1),
    ];
    for (part, wanted) in cases {
        let dir = folder(&[("compose.yaml", above), ("parts/one/compose.yml", part)]);
        let errors = |from: &str, path: &str| {
            let ran = scalegen(&dir.path().join(from), &["lint", path, "--format", "concise"]);
            ran.out.lines().filter(|line| line.contains("error[")).count()
        };
        assert_eq!(errors(".", "parts/one/compose.yml"), wanted, "{part}");
        assert_eq!(errors("parts/one", "compose.yml"), wanted, "{part}");
        assert_eq!(errors(".", "."), wanted, "{part}");
        let alone = folder(&[("compose.yml", part)]);
        let ran = scalegen(alone.path(), &["lint", "compose.yml", "--format", "concise"]);
        assert!(ran.out.contains("error["), "{part}: {}", ran.out);
    }
    let late = "services: {late: {ports: [\"80:80\"]}}";
    let aboves = [
        ("networks: {n: }\n", 0),
        ("include: [parts/other/compose.yml]\nservices: {web: {image: x}}\n", 0),
        ("include: [{path: [parts/one/compose.yml]}]\n", 0),
        ("include: [parts/other.yml]\nservices: {web: {image: x}}\n", 1),
    ];
    for (above, wanted) in aboves {
        let dir = folder(&[("compose.yaml", above), ("parts/one/compose.yml", late)]);
        let ran = scalegen(&dir.path().join("parts/one"), &["lint", "compose.yml", "--format", "concise"]);
        assert_eq!(ran.out.matches("error[").count(), wanted, "{above}: {}", ran.out);
    }
    let beside = folder(&[("compose.yml", cases[0].0), ("compose.prod.yml", above)]);
    let ran = scalegen(beside.path(), &["lint", "compose.yml", "--format", "concise"]);
    assert!(!ran.out.contains("error["), "{}", ran.out);
}

/// Services that one of several profiles starts use one port: the file is right, and so is the spec that an import makes of it.
#[test]
fn an_import_of_alternatives_by_profile_has_no_collision() {
    let service =
        |name: &str, profile: &str| format!("  {name}: {{image: x, ports: [\"80:80\"], profiles: [{profile}]}}\n");
    for (other, collides) in [("gpu", false), ("cpu", true)] {
        let text = format!("services:\n{}{}", service("cpu", "cpu"), service("gpu", other));
        let dir = folder(&[("compose.yaml", text.as_str())]);
        let alone = scalegen(dir.path(), &["lint", "compose.yaml", "--format", "concise"]);
        assert_eq!(alone.out.contains("port-collision"), collides, "{}", alone.out);
        scalegen(dir.path(), &["import", "compose.yaml", "--name", "shop"]);
        let ran = scalegen(dir.path(), &["lint", "scalegen.yaml", "--format", "concise"]);
        assert_eq!(ran.out.contains("port-collision"), collides, "{}", ran.out);
    }
}

/// Slips of newcomers: keys of a service, what the help says, and the keys with the help applied, which are clean.
#[rustfmt::skip]
const SLIPS: &[(&str, &str, &str)] = &[
    ("mem_limit: 512Mi", "write `512m`", "mem_limit: 512m"),
    ("mem_limit: \"512 megabytes\"", "write `512m`", "mem_limit: 512m"),
    ("mem_limit: 512", "write the unit: `512m`", "mem_limit: 512m"),
    ("deploy: {resources: {limits: {memory: 1Gi}}}", "write `1g`", "deploy: {resources: {limits: {memory: 1g}}}"),
    ("deploy: {resources: {limits: {memory: 512}}}", "write the unit: `512m`", "deploy: {resources: {limits: {memory: 512m}}}"),
    ("deploy: {resources: {limits: {cpus: 500m}}}", "write cores: `0.5`", "deploy: {resources: {limits: {cpus: 0.5}}}"),
    ("ports: \"80:80\"", "write a list: `ports: [\"80:80\"]`", "ports: [\"80:80\"]"),
    ("ports: [\"80: 80\"]", "write `\"80:80\"`", "ports: [\"80:80\"]"),
    ("ports: [{8080: 80}]", "write `\"8080:80\"`, without the blank", "ports: [\"8080:80\"]"),
    ("ports: [“80:80”]", "write straight quotes", "ports: [\"80:80\"]"),
    ("ports: [{containerPort: 80}]", "write `target`", "ports: [{target: 80}]"),
    ("volumes: {\"./data\": /data}", "write each as an item of a list: `- \"./data:/data\"`", "volumes: [\"./data:/data\"]"),
    ("volumes: [\"data/x:/data\"]", "write `./data/x`", "volumes: [\"./data/x:/data\"]"),
    ("environment: [{A: b}]", "write `A=…` in the item", "environment: [A=b]"),
    ("environment: A=b", "write each as an item of a list: `- NAME=…`", "environment: [A=b]"),
    ("environment: {A: “b”}", "write straight quotes", "environment: {A: \"b\"}"),
    ("depends_on: db", "write a list: `depends_on: [\"db\"]`", "depends_on: [\"db\"]"),
    ("depends_on: {db: {condition: started}}", "write `service_started`", "depends_on: {db: {condition: service_started}}"),
    ("healthcheck: {test: [\"probe\"]}", "write `\"CMD\"` as the first item", "healthcheck: {test: [\"CMD\", \"probe\"]}"),
    ("healthcheck: {test: probe, periodSeconds: 5s}", "write `interval`", "healthcheck: {test: probe, interval: 5s}"),
    ("healthcheck: {test: probe, interval: \"5\"}", "write the unit: `5s`", "healthcheck: {test: probe, interval: 5s}"),
    ("command: [sleep, 10]", "write it in quotes: `\"10\"`", "command: [sleep, \"10\"]"),
    ("command: \"it's\"", "close each quote", "command: [\"it's\"]"),
    ("image: \"y:1,\"", "write `y:1`", "image: y:1"),
    ("image: “y”", "write `y`", "image: y"),
    ("restart: never", "write `\"no\"`", "restart: \"no\""),
    ("restart: always,", "write `always`", "restart: always"),
    ("restart: on_failure:3", "write `on-failure`", "restart: on-failure:3"),
    ("x-scalegen: {replicas: 3}", "write it into scalegen.yaml", ""),
    ("depends_on: {db: {condition: service_healthy}}", "give `db` a `healthcheck`, or write `service_started`", "depends_on: {db: {condition: service_started}}"),
    ("gpus: 1", "write `gpus: [{count: 1}]`", "gpus: [{count: 1}]"),
    ("autoscaling: {max: 3}", "docker compose scales nothing by itself", "deploy: {replicas: 3}"),
];

/// Slips in whole files.
#[rustfmt::skip]
const FILE_SLIPS: &[(&str, &str, &str)] = &[
    ("services:\nweb:\n  image: x\n", "indent them", "services:\n  web:\n    image: x\n"),
    ("services:\n  web:\n  image: x\n  ports: []\n", "indent the keys of `web` two columns further in", "services:\n  web:\n    image: x\n    ports: []\n"),
    ("services:\n  web:\n    image:x\n    restart:always\n", "write a blank after each colon: `image: …`", "services:\n  web:\n    image: x\n    restart: always\n"),
    ("services:\n  web:\n    image = x\n", "write a colon and a blank for each `=`: `image: …`", "services:\n  web:\n    image: x\n"),
    ("services:\n  web:\n    image: \"x\",\n    restart: always\n", "remove the comma", "services:\n  web:\n    image: \"x\"\n    restart: always\n"),
    ("services:\n  web:\n    image: 'x',\n", "remove the comma", "services:\n  web:\n    image: 'x'\n"),
    ("services:\n  - web:\n      image: x\n", "write each name as a key", "services:\n  web:\n    image: x\n"),
    ("services:\n  web:\n    image: x\n    ports:\n      -\"80:80\"\n", "write a blank after each dash", "services:\n  web:\n    image: x\n    ports:\n      - \"80:80\"\n"),
    ("services: {web: {image: x, networks: [front]}}\n", "add `networks: {front: {}}`", "services: {web: {image: x, networks: [front]}}\nnetworks: {front: {}}\n"),
];

#[test]
fn the_help_for_a_slip_mends_it() {
    let of_service = |keys: &str| {
        let image = if keys.starts_with("image") { "" } else { "    image: x\n" };
        format!("services:\n  web:\n{image}    {keys}\n  db: {{image: \"mysql:8\"}}\n")
    };
    let keys = SLIPS.iter().map(|(slip, help, mended)| (of_service(slip), *help, of_service(mended)));
    let files = FILE_SLIPS.iter().map(|(slip, help, mended)| ((*slip).to_owned(), *help, (*mended).to_owned()));
    let mut wrong = Vec::new();
    for (slip, help, mended) in keys.chain(files) {
        let lint = |text: &str| {
            let dir = folder(&[("compose.yaml", text)]);
            let ran = scalegen(dir.path(), &["lint", "compose.yaml", "--format", "json"]);
            let report: Json = serde_json::from_str(&ran.out).unwrap();
            report["findings"].as_array().unwrap().clone()
        };
        let found = lint(&slip);
        let told = |finding: &Json| finding["help"].as_str().is_some_and(|text| text.contains(help));
        let faults = |found: &[Json]| found.iter().filter(|finding| finding["severity"] != "note").count();
        if !found.iter().any(told) || faults(&found) == 0 {
            wrong.push(format!("{slip}: {help} is wanted: {found:?}"));
        }
        let after = lint(&mended);
        if faults(&after) > 0 {
            wrong.push(format!("{mended}: not clean: {after:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What one habit left out of a whole file is one finding of the spec that an import makes of it.
#[test]
fn an_import_of_services_without_limits_has_one_warning() {
    for (count, warnings) in [(3, 3), (4, 1), (20, 1)] {
        let services: String = (0..count).map(|index| format!("  s{index}: {{image: x, scale: 2}}\n")).collect();
        let dir = folder(&[("compose.yaml", &format!("services:\n{services}"))]);
        scalegen(dir.path(), &["import", "compose.yaml", "--name", "shop"]);
        let ran = scalegen(dir.path(), &["lint", "scalegen.yaml", "--format", "json"]);
        let report: Json = serde_json::from_str(&ran.out).unwrap();
        let findings = report["findings"].as_array().unwrap();
        let found: Vec<&Json> = findings.iter().filter(|finding| finding["rule"] == "missing-limits").collect();
        assert_eq!(found.len(), warnings, "{count}: {}", ran.out);
        let places: usize = found.iter().map(|finding| 1 + finding["related"].as_array().map_or(0, Vec::len)).sum();
        assert_eq!(places, count, "each service has its place: {}", ran.out);
    }
}

/// All GPUs beside a number of them: how many that is depends on the machine, so no sum counts the number alone.
#[test]
fn all_gpus_beside_a_number_are_an_unknown_number() {
    let request = |count: &str| format!("{{capabilities: [gpu], count: {count}}}");
    let gpus = |keys: &str| {
        let dir = folder(&[("compose.yaml", &format!("services: {{web: {{image: x, {keys}}}}}\n"))]);
        let ran = scalegen(dir.path(), &["plan", "compose.yaml", "--format", "json"]);
        let plan: Json = serde_json::from_str(&ran.out).unwrap_or_else(|why| panic!("{why}: {}{}", ran.out, ran.err));
        plan.to_string()
    };
    let devices = |list: &str| format!("deploy: {{resources: {{reservations: {{devices: [{list}]}}}}}}");
    let two = gpus(&devices(&request("2")));
    let mixed = gpus(&format!("gpus: all, {}", devices(&request("2"))));
    assert!(two.contains("\"gpu\":2"), "{two}");
    assert!(!mixed.contains("\"gpu\":2"), "{mixed}");
}

/// Coolify takes its own keys out of a file before compose reads it; in a file that is not Coolify's they are refused.
#[test]
fn keys_of_coolify_are_left_alone_in_its_files() {
    for (variable, unknown) in [("SERVICE_URL_WEB_80", 1), ("URL_WEB", 3)] {
        let mount = "{type: bind, source: ./a, target: /a, content: x}";
        let keys = format!("environment: [{variable}], exclude_from_hc: true, volumes: [{mount}], other: x");
        let dir = folder(&[("compose.yaml", &format!("services: {{web: {{image: x, {keys}}}}}\n"))]);
        let ran = scalegen(dir.path(), &["lint", "compose.yaml", "--format", "concise"]);
        assert_eq!(ran.out.matches("error[unknown-field]").count(), unknown, "{}", ran.out);
    }
}
