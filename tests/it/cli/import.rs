//! `scalegen import` as a person runs it: what is written and printed, and what is refused.

use crate::cli::program::{Ran, scalegen};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const COMPOSE: &str = "services:
  api:
    image: example/api:1
    ports: [\"8080:80\"]
    environment: { API_TOKEN: do-not-copy-me }
    healthcheck: { test: [CMD, probe], interval: 20s }
    depends_on: [db]
    deploy: { replicas: 4, resources: { limits: { memory: 512m } } }
  worker: { image: \"example/w:1\", deploy: { replicas: \"${WORKERS}\" }, mem_limit: \"${LIMIT:-1g}\" }
  check: { image: \"example/c:1\", healthcheck: { test: \"probe --password hunter2\" } }
  db: { image: \"postgres:16\", command: postgres -c max_connections=200, environment: { POSTGRES_PASSWORD: hunter2 } }
";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::Builder::new().prefix("shop").tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn import(dir: &Path, args: &[&str]) -> Ran {
    scalegen(dir, &[&["import"], args].concat())
}

#[test]
fn numbers_come_with_their_origin_and_questions_with_none() {
    let dir = folder(&[("docker-compose.yml", COMPOSE)]);
    let ran = import(dir.path(), &["docker-compose.yml", "--name", "shop"]);
    assert_eq!((ran.code, &*ran.err), (0, ""), "{}", ran.out);
    let text = fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap();
    for line in [
        "    replicas: 4 # docker-compose.yml: 4\n",
        "        memory: 512Mi # docker-compose.yml: 512m\n",
        "        memory: 1Gi # docker-compose.yml: ${LIMIT:-1g}\n",
        "      interval: 20s # docker-compose.yml: 20s\n",
        "    # connections: { db: ? } how many one replica opens: the size of its pool\n",
        "    kind: postgres # docker-compose.yml: postgres:16\n",
        "    maxConnections: 200 # docker-compose.yml: 200\n",
        "targets:\n  compose:\n    base: docker-compose.yml\n",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains("image:") && !text.contains("do-not-copy-me") && !text.contains("hunter2"), "{text}");
    assert!(!ran.out.contains("do-not-copy-me") && !ran.out.contains("hunter2"), "{}", ran.out);
    for line in [
        "  services.api.replicas: 4  docker-compose.yml:8\n",
        "  api: image, environment, depends_on\n",
        "  worker: `replicas` hangs on a variable that nobody set  docker-compose.yml:9\n",
        "  check: the test of `healthcheck` may hold a secret, so nothing of it is copied  docker-compose.yml:10\n",
    ] {
        assert!(ran.out.contains(line), "{line}\n{}", ran.out);
    }
}

#[test]
fn a_spec_that_stands_there_is_never_overwritten() {
    let mine = "version: 1 # mine\n";
    let dir = folder(&[("docker-compose.yml", COMPOSE), ("scalegen.yaml", mine)]);
    let ran = import(dir.path(), &["docker-compose.yml"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("scalegen.yaml is there already; --to names another file"), "{}", ran.err);
    assert_eq!(fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap(), mine);
    let ran = import(dir.path(), &["docker-compose.yml", "--to", "docker-compose.yml"]);
    assert_eq!(ran.code, 2);
    assert_eq!(fs::read_to_string(dir.path().join("docker-compose.yml")).unwrap(), COMPOSE);
}

#[test]
fn paths_are_relative_to_the_spec_and_several_files_are_one_base() {
    let over = "services: { api: { deploy: { replicas: 6 } } }";
    let dir = folder(&[("a/compose.yml", COMPOSE), ("a/prod.yml", over)]);
    let ran = import(dir.path(), &["a/compose.yml", "a/prod.yml", "--to", "scaling/shop.scalegen.yaml"]);
    assert_eq!((ran.code, &*ran.err), (0, ""), "{}", ran.out);
    let text = fs::read_to_string(dir.path().join("scaling/shop.scalegen.yaml")).unwrap();
    assert!(text.contains("base: [../a/compose.yml, ../a/prod.yml]"), "{text}");
    assert!(text.contains("replicas: 6 # ../a/prod.yml: 6"), "{text}");
    assert!(ran.out.contains("services.api.replicas: 6  a/prod.yml:1\n"), "{}", ran.out);
    let ran = scalegen(dir.path(), &["render", "scaling/shop.scalegen.yaml"]);
    assert!(ran.code == 0 && ran.out.contains("services: {}"), "{}{}", ran.out, ran.err);
}

#[test]
fn no_value_of_a_file_of_variables_is_copied() {
    let compose = "services: { api: { image: a, deploy: { replicas: \"${N}\" }, mem_limit: 64m } }";
    let dir = folder(&[("compose.yml", compose), (".env", "N=7\n")]);
    let ran = import(dir.path(), &["compose.yml", "--to", "-"]);
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("    # envFile: .env ? docker compose reads it"), "{}", ran.out);
    assert!(ran.err.contains("cannot be held by a spec:\n  api: `replicas` hangs on a variable that nobody set"));
    let ran = import(dir.path(), &["compose.yml", "--env-file", ".env", "--name", "shop"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let text = fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap();
    assert!(text.contains("    envFile: .env #") && !text.contains('7'), "{text}");
    assert!(text.contains("memory: 64Mi") && !ran.out.contains('7'), "{text}{}", ran.out);
}

#[test]
fn what_holds_no_services_is_refused_in_one_sentence() {
    let dir = folder(&[("k8s.yml", "apiVersion: v1\nkind: Pod\n"), ("bad.yml", "services: [")]);
    for file in ["k8s.yml", "bad.yml", "missing.yml"] {
        let ran = import(dir.path(), &[file]);
        assert_eq!(ran.code, 2, "{file}: {}", ran.out);
        assert!(ran.err.contains(&format!("{file} has no services to import; compose files are read")), "{}", ran.err);
        assert!(!dir.path().join("scalegen.yaml").exists());
    }
}
