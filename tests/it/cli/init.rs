//! `scalegen init` as a person runs it: the starter lints clean, its examples work, an editor takes it, nothing is overwritten.

use crate::cli::program::{Ran, scalegen};
use crate::inputs::spec::editor::shown;
use proptest::prelude::*;
use scalegen::change::starter::label;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::Builder::new().prefix("shop").tempdir().unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

fn files(dir: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap()))
        .collect()
}

fn init(dir: &Path, args: &[&str]) -> Ran {
    scalegen(dir, &[&["init"], args].concat())
}

/// The text with every example made part of it.
fn uncommented(text: &str) -> String {
    let bare = |line: &str| {
        let indent = line.len() - line.trim_start().len();
        match line[indent..].strip_prefix('#') {
            Some(example) if !example.starts_with(' ') => format!("{}{example}\n", &line[..indent]),
            _ => format!("{line}\n"),
        }
    };
    text.lines().map(bare).collect()
}

#[test]
fn a_starter_lints_without_a_word_and_renders() {
    let dir = folder(&[]);
    let ran = init(dir.path(), &["--name", "shop"]);
    assert_eq!((ran.code, &*ran.err), (0, ""));
    assert_eq!(ran.out, "wrote scalegen.yaml\nwrote scalegen.schema.json\nnext: scalegen render scalegen.yaml\n");
    let written = files(dir.path());
    assert_eq!(written.keys().collect::<Vec<_>>(), ["scalegen.schema.json", "scalegen.yaml"]);
    assert_eq!(written["scalegen.schema.json"], scalegen(dir.path(), &["schema"]).out);
    assert!(
        written["scalegen.yaml"]
            .starts_with("# yaml-language-server: $schema=scalegen.schema.json\n# How shop scales.")
    );
    let ran = scalegen(dir.path(), &["lint", "--fail-level", "note"]);
    assert_eq!((ran.code, &*ran.out), (0, "no findings in 1 file\n"));
    let ran = scalegen(dir.path(), &["render", "scalegen.yaml"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("image: example/web:1.0") && ran.out.contains("replicas: 2"), "{}", ran.out);
}

#[test]
fn every_example_in_a_starter_works() {
    let dir = folder(&[]);
    init(dir.path(), &[]);
    let text = fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap();
    let all = uncommented(&text);
    let examples = text.lines().zip(all.lines()).filter(|(before, after)| before != after).count();
    assert!(examples >= 9, "{examples} examples:\n{text}");
    fs::write(dir.path().join("scalegen.yaml"), &all).unwrap();
    let ran = scalegen(dir.path(), &["lint"]);
    assert_eq!(ran.code, 0, "{}\n{all}", ran.out);
    let ran = scalegen(dir.path(), &["render", "scalegen.yaml", "--profile", "large", "--out", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for target in ["compose", "kubernetes", "nginx"] {
        assert!(dir.path().join("out").join(target).is_dir(), "{target} is an example");
    }
}

#[test]
fn nothing_is_overwritten_without_force() {
    let mine = "version: 1 # mine\n";
    let dir = folder(&[("scalegen.yaml", mine)]);
    let ran = init(dir.path(), &[]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("scalegen.yaml is there already; --force overwrites it; nothing was changed"),
        "{}",
        ran.err
    );
    assert_eq!(files(dir.path()), BTreeMap::from([("scalegen.yaml".to_owned(), mine.to_owned())]));
    // an older schema is in the way, the same one is not
    fs::write(dir.path().join("scalegen.schema.json"), "{}").unwrap();
    let ran = init(dir.path(), &["new.scalegen.yaml"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("scalegen.schema.json is there already") && ran.err.contains("--schema names another"));
    assert!(!dir.path().join("new.scalegen.yaml").exists());
    let ran = init(dir.path(), &["--force"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.out, "wrote scalegen.yaml\nwrote scalegen.schema.json\nnext: scalegen render scalegen.yaml\n");
    assert!(fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap().contains("How "));
    // forced or not, what holds its text already is not written
    let ran = init(dir.path(), &["--force"]);
    assert_eq!((ran.code, &*ran.out), (0, "scalegen.yaml already says so\nnext: scalegen render scalegen.yaml\n"));
    let ran = init(dir.path(), &["new.scalegen.yaml"]);
    assert_eq!((ran.code, &*ran.out), (0, "wrote new.scalegen.yaml\nnext: scalegen render new.scalegen.yaml\n"));
}

#[test]
fn a_schema_elsewhere_is_named_and_none_is_written() {
    let dir = folder(&[]);
    let ran = init(dir.path(), &["deploy/scalegen.yaml", "--schema", "../scalegen.schema.json"]);
    assert_eq!((ran.code, &*ran.out), (0, "wrote deploy/scalegen.yaml\nnext: scalegen render deploy/scalegen.yaml\n"));
    let text = fs::read_to_string(dir.path().join("deploy/scalegen.yaml")).unwrap();
    assert!(text.starts_with("# yaml-language-server: $schema=../scalegen.schema.json\n"));
    assert!(text.contains("\nname: deploy\n"), "named after its folder");
    let ran = init(dir.path(), &["-", "--name", "no"]);
    assert_eq!(ran.code, 0);
    assert!(!ran.out.contains("$schema") && ran.out.contains("\nname: \"no\"\n"), "{}", ran.out);
    let ran = init(dir.path(), &["--no-schema"]);
    assert_eq!(ran.code, 0);
    assert!(!fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap().contains("$schema"));
    assert!(!dir.path().join("scalegen.schema.json").exists());
}

#[test]
fn a_bad_name_is_refused_with_a_good_one() {
    let dir = folder(&[]);
    let ran = init(dir.path(), &["--name", "My Shop_2"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("`My Shop_2` is not") && ran.err.contains("did you mean `my-shop-2`?"), "{}", ran.err);
    assert!(files(dir.path()).is_empty());
}

proptest! {
    #[test]
    fn a_label_after_a_folder_is_a_dns_label(folder in ".{0,80}") {
        prop_assert!(label(&folder).is_none_or(|label| scalegen::model::is_dns_label(&label)));
    }
}

const COMPOSE: &str = "services:
  db: { image: \"postgres:16-alpine\", ports: [\"5432:5432\"] }
  cache: { image: \"docker.io/library/redis@sha256:0123456789012345678901234567890123456789012345678901234567890123\" }
  api:
    image: example/api:1
    ports: [\"8080:80\", \"9090\"]
    deploy: { replicas: 1 }
  many:
    image: example/many:1
    ports: [\"70\"]
    deploy: { replicas: 3, resources: { limits: { memory: 1G } } }
  old: { image: \"example/old:1\", scale: 2, mem_limit: 1g }
  variable: { image: \"example/v:1\", ports: [\"${PORT:-8000}:80\"] }
  local: { image: \"example/l:1\", ports: [\"127.0.0.1:8001:80\"] }
  named: { image: \"example/n:1\", container_name: named, ports: [\"8053:53/udp\"] }
  \"no\": { image: \"example/no:1\", mem_limit: 64m }
  _hidden: { image: \"example/h:1\" }
";

#[test]
fn a_compose_file_beside_it_is_imported() {
    // as docker compose itself chooses
    let dir = folder(&[("docker-compose.yml", "services: { other: { image: x } }"), ("compose.yaml", COMPOSE)]);
    let ran = init(dir.path(), &["--name", "shop"]);
    assert_eq!((ran.code, &*ran.err), (0, ""));
    let text = fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap();
    let spec: Json = serde_yaml::from_str(&text).unwrap();
    let wanted = json!({
        "version": 1,
        "name": "shop",
        "services": {
            "api": { "ports": [{ "port": 80, "publish": 8080 }, { "port": 9090 }], "replicas": 1 },
            // one port of the machine is not one for each of three
            "many": { "ports": [{ "port": 70 }], "replicas": 3, "resources": { "limits": { "memory": "1Gi" } } },
            "old": { "replicas": 2, "resources": { "limits": { "memory": "1Gi" } } },
            "variable": { "ports": [{ "port": 80, "publish": 8000 }] },
            "local": { "ports": [{ "port": 80, "publish": 8001 }] },
            "named": { "ports": [{ "port": 53, "protocol": "udp", "publish": 8053 }] },
            "no": { "resources": { "limits": { "memory": "64Mi" } } },
        },
        "backingServices": { "db": { "kind": "postgres" }, "cache": { "kind": "redis" } },
        "targets": { "compose": { "base": "compose.yaml" } },
    });
    assert_eq!(spec, wanted, "{text}");
    assert!(text.contains("memory: 1Gi # compose.yaml: 1g"), "{text}");
    assert!(text.contains("# maxConnections: ?"), "{text}");
    assert!(ran.out.contains("named: `container_name`:") && ran.out.contains("_hidden: its name has"), "{}", ran.out);
    let ran = scalegen(dir.path(), &["lint"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
}

#[test]
fn an_override_of_the_file_is_part_of_the_base_unless_we_wrote_it() {
    let over = "services: { api: { deploy: { replicas: 5 } } }";
    let dir = folder(&[("compose.yaml", COMPOSE), ("compose.override.yaml", over)]);
    assert_eq!(init(dir.path(), &[]).code, 0);
    let text = fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap();
    assert!(text.contains("base: [compose.yaml, compose.override.yaml]"), "{text}");
    assert!(text.contains("replicas: 5 # compose.override.yaml: 5"), "{text}");
    let ours = folder(&[("compose.yaml", COMPOSE)]);
    init(ours.path(), &[]);
    assert_eq!(scalegen(ours.path(), &["render", "--out", ".", "--flat"]).code, 0);
    assert!(init(ours.path(), &["--force"]).code == 0);
    let text = fs::read_to_string(ours.path().join("scalegen.yaml")).unwrap();
    assert!(text.contains("base: compose.yaml"), "{text}");
}

#[test]
fn a_compose_file_that_says_nothing_is_passed_over() {
    for text in ["services: [", "{}", "services: { _x: { image: a } }", "include: [other.yaml]"] {
        let dir = folder(&[("compose.yml", text)]);
        let ran = init(dir.path(), &[]);
        assert_eq!(ran.code, 0, "{text}: {}", ran.err);
        assert!(ran.err.contains("compose.yml is skipped: "), "{text}: {}", ran.err);
        let spec = fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap();
        assert!(spec.contains("image: example/web:1.0") && !spec.contains("base:"), "{text}: {spec}");
        assert_eq!(scalegen(dir.path(), &["lint", "scalegen.yaml", "--fail-level", "note"]).code, 0, "{text}");
    }
}

#[test]
fn an_editor_takes_every_starter() {
    let alone = folder(&[]);
    let over = folder(&[("compose.yaml", COMPOSE)]);
    for dir in [&alone, &over] {
        assert_eq!(init(dir.path(), &[]).code, 0);
        let text = fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap();
        // one fault shows that the schema was read
        let wrong = text.replace("version: 1", "version: 2");
        let Some(files) = shown(dir.path(), json!({}), &[("scalegen.yaml", &text), ("wrong.yaml", &wrong)]) else {
            return;
        };
        assert_eq!(files[0]["diagnostics"], json!([]), "{text}");
        assert_eq!(files[1]["diagnostics"].as_array().unwrap().len(), 1, "{wrong}");
    }
}
