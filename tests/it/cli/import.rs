//! `scalegen import` as a person runs it: what is written and printed, and what is refused.

use crate::cli::program::{Ran, scalegen, with_input};
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
        "  worker: `replicas` depends on a variable that is not set  docker-compose.yml:9\n",
        "  check: the test of `healthcheck` may hold a secret, so nothing of it is copied  docker-compose.yml:10\n",
    ] {
        assert!(ran.out.contains(line), "{line}\n{}", ran.out);
    }
}

/// What Swarm's reader makes of a stack with its override, and who a project is read by.
#[test]
fn a_stack_is_imported_for_a_swarm() {
    let stack = "version: \"3.8\"\nservices:\n  api:\n    image: example/api:1\n    ports: [\"8080:80\"]\n    deploy: { replicas: 4, update_config: { order: start-first } }\n";
    let dir = folder(&[("docker-stack.yml", stack)]);
    let ran = import(dir.path(), &["docker-stack.yml", "--name", "shop"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("a stack file over another takes no port away"), "{}", ran.out);
    let text = fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap();
    assert!(text.contains("    form: stack # for `docker stack deploy`\n") && !text.contains("publish"), "{text}");
    let read = |files: &[&str]| {
        let paths: Vec<String> = files.iter().map(|file| dir.path().join(file).to_str().unwrap().to_owned()).collect();
        crate::common::judge::judge("stack.sh", &paths.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let render = || scalegen(dir.path(), &["render", "scalegen.yaml", "--target", "compose", "--out", "."]).code;
    assert_eq!(render(), 0);
    let over = "compose/stack.override.yaml";
    let (Some(alone), Some(both)) = (read(&["docker-stack.yml"]), read(&["docker-stack.yml", over])) else { return };
    assert_eq!((both.accepted, &both.out), (true, &alone.out), "{}", both.err);
    fs::write(dir.path().join("scalegen.yaml"), text.replace("replicas: 4", "replicas: 6")).unwrap();
    assert_eq!(render(), 0);
    let Some(changed) = read(&["docker-stack.yml", over]) else { return };
    assert_eq!(changed.out, alone.out.replace("replicas: 4", "replicas: 6"));

    // Swarm's keys in a file that is named for compose, keys of compose in a stack, a stack of other things
    let form = |name: &str, text: &str| {
        let dir = folder(&[(name, text)]);
        import(dir.path(), &[name, "--name", "shop"]);
        let text = fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap();
        text.lines().find(|line| line.contains("form:")).map(str::to_owned)
    };
    let asked = Some("    # form: stack ? where `docker stack deploy` reads the file".to_owned());
    assert_eq!(form("docker-compose.yml", stack), asked);
    assert_eq!(form("docker-stack.yml", &stack.replace("    ports:", "    mem_limit: 1g\n    ports:")), asked);
    assert_eq!(form("full-stack.yml", "services: { api: { image: \"example/api:1\" } }\n"), None);
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
    assert!(ran.err.contains("cannot be held by a spec:\n  api: `replicas` depends on a variable that is not set"));
    let ran = import(dir.path(), &["compose.yml", "--env-file", ".env", "--name", "shop"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let text = fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap();
    assert!(text.contains("    envFile: .env #") && !text.contains('7'), "{text}");
    assert!(text.contains("memory: 64Mi") && !ran.out.contains('7'), "{text}{}", ran.out);
}

#[test]
fn what_holds_no_services_is_refused_in_one_sentence() {
    let dir = folder(&[("k8s.yml", "apiVersion: v1\nkind: Pod\n"), ("bad.yml", "services: [")]);
    let ran = import(dir.path(), &["missing.yml"]);
    let said = "scalegen: missing.yml cannot be read: no such file or directory\nscalegen: nothing was written\n";
    assert_eq!((ran.code, &*ran.err), (2, said));
    for file in ["k8s.yml", "bad.yml"] {
        let ran = import(dir.path(), &[file]);
        assert_eq!(ran.code, 2, "{file}: {}", ran.out);
        assert!(
            ran.err.contains(&format!("{file} has no services to import; compose files, Kubernetes manifests")),
            "{}",
            ran.err
        );
        assert!(!dir.path().join("scalegen.yaml").exists());
    }
}

const MANIFESTS: &str = "apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: server
          image: example/web:1
          env: [{ name: API_TOKEN, value: do-not-copy-me }]
          readinessProbe: { exec: { command: [probe, --password, hunter2] } }
          resources: { limits: { memory: 256Mi } }
";

#[test]
fn manifests_stay_as_they_are_and_no_secret_of_them_is_copied() {
    let dir = folder(&[("k8s/web.yaml", MANIFESTS), ("k8s/README.md", "no manifest"), ("k8s/values.yaml", "a: 1\n")]);
    let ran = import(dir.path(), &["k8s/", "--name", "shop"]);
    assert_eq!((ran.code, &*ran.err), (0, ""), "{}", ran.out);
    let text = fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap();
    assert!(text.contains("    replicas: 3 # k8s/web.yaml: 3\n"), "{text}");
    assert!(text.contains("        memory: 256Mi # k8s/web.yaml: 256Mi\n"), "{text}");
    assert!(text.ends_with("targets:\n  kubernetes:\n    base: k8s/web.yaml\n"), "{text}");
    for secret in ["do-not-copy-me", "hunter2"] {
        assert!(!text.contains(secret) && !ran.out.contains(secret), "{text}{}", ran.out);
    }
    assert!(
        ran.out.contains("the command of the probe may hold a secret, so nothing of it is copied  k8s/web.yaml:14\n")
    );
    let ran = scalegen(dir.path(), &["render"]);
    assert!(
        ran.code == 0 && ran.out.contains("kind: Component") && !ran.out.contains("Deployment"),
        "{}{}",
        ran.out,
        ran.err
    );
    // what a spec is laid over is checked with it, not once more by itself
    let ran = scalegen(dir.path(), &["lint"]);
    assert!(ran.out.contains("1 file"), "{}", ran.out);
}

#[test]
fn a_stream_asks_for_its_file_and_says_which_containers_are_meant() {
    let dir = folder(&[("all.yaml", MANIFESTS)]);
    let ran = with_input(dir.path(), &["import", "-", "--name", "shop"], MANIFESTS);
    assert_eq!((ran.code, &*ran.err), (0, ""), "{}", ran.out);
    let text = fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap();
    let end = "targets:\n  kubernetes:\n    # base: ? the file that these manifests are kept in\n    containers:\n      web: server\n";
    assert!(text.contains("# Imported from standard input") || text.contains("Imported from standard input"), "{text}");
    assert!(text.ends_with(end), "{text}");
    let ran = scalegen(dir.path(), &["render"]);
    assert!(ran.code == 0 && ran.out.contains("- name: server"), "{}{}", ran.out, ran.err);
}

#[test]
fn a_convox_yml_is_under_every_target() {
    let convox = "services:\n  web:\n    image: example/web:1\n    port: 3000\n    scale: { count: 1-4, cpu: 250, memory: 512 }\n";
    let dir = folder(&[("convox.yml", convox)]);
    let ran = import(dir.path(), &["convox.yml", "--name", "shop"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let text = fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap();
    assert!(
        text.contains("      max: 4 # convox.yml: 1-4\n") && text.contains("memory: 512Mi # convox.yml: 512\n"),
        "{text}"
    );
    assert!(text.ends_with("from: convox.yml\ntargets:\n  convox: {}\n"), "{text}");
    let ran = scalegen(dir.path(), &["plan"]);
    assert!(ran.code == 0 && ran.out.contains("web"), "{}{}", ran.out, ran.err);
}

#[test]
fn files_of_two_tools_and_folders_of_none_are_refused() {
    let dir = folder(&[
        ("docker-compose.yml", COMPOSE),
        ("web.yaml", MANIFESTS),
        ("empty/x.txt", ""),
        ("spec/scalegen.yaml", "version: 1\n"),
    ]);
    for (args, why) in [
        (vec!["docker-compose.yml", "web.yaml"], "web.yaml is of another tool than the files before it"),
        (vec!["empty"], "empty holds nothing to import"),
        (vec!["spec/scalegen.yaml"], "spec/scalegen.yaml is a spec already"),
        (vec!["-", "web.yaml"], "- is imported alone"),
    ] {
        let ran = import(dir.path(), &args);
        assert!(ran.code == 2 && ran.err.contains(why), "{args:?}: {}", ran.err);
        assert!(!dir.path().join("scalegen.yaml").exists());
    }
}

#[test]
fn plan_diff_and_simulate_take_a_spec_over_manifests() {
    let hpa = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: scale-web, namespace: shop }\nspec:\n  \
               scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }\n  minReplicas: 2\n  maxReplicas: 6\n  metrics:\n    \
               - { type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 60 } } }\n";
    let web = MANIFESTS
        .replace("limits: { memory: 256Mi }", "requests: { cpu: 500m, memory: 128Mi }, limits: { memory: 256Mi }");
    let web = web.replace("  replicas: 3\n", "");
    let load = "time,value\n2026-01-01T00:00:00Z,1\n2026-01-01T00:01:00Z,1\n2026-01-01T00:02:00Z,1\n";
    let spec = "version: 1\nname: shop\nservices:\n  web: {}\nprofiles:\n  large: { services: { web: { replicas: { max: 9 } } } }\n\
                targets:\n  kubernetes: { base: [k8s/web.yaml, k8s/hpa.yaml] }\n";
    let dir = folder(&[("k8s/web.yaml", &web), ("k8s/hpa.yaml", hpa), ("scalegen.yaml", spec), ("load.csv", load)]);
    let more = spec.replace("max: 9", "max: 12");
    fs::write(dir.path().join("after.scalegen.yaml"), more).unwrap();
    let ran = scalegen(dir.path(), &["plan", "--profile", "large"]);
    assert!(ran.code == 0 && ran.out.contains("web") && ran.out.contains('9'), "{}{}", ran.out, ran.err);
    let ran = scalegen(dir.path(), &["diff", "scalegen.yaml", "after.scalegen.yaml"]);
    assert!(ran.code <= 1 && ran.out.contains("9") && ran.out.contains("12"), "{}{}", ran.out, ran.err);
    let simulate = [
        "simulate",
        "scalegen.yaml",
        "--load",
        "web=cpu:load.csv",
        "--set",
        "web.cpuPerJob=250m",
        "--set",
        "web.serviceTime=30s",
    ];
    let ran = scalegen(dir.path(), &simulate);
    assert!(ran.code == 0 && ran.out.contains("web"), "{}{}", ran.out, ran.err);
    let ran = scalegen(dir.path(), &["render", "--profile", "large"]);
    assert!(ran.out.contains("name: scale-web") && ran.out.contains("maxReplicas: 9"), "{}{}", ran.out, ran.err);
    // a number that was noted and says otherwise now
    let noted = "version: 1\nname: shop\nservices:\n  web:\n    replicas:\n      min: 2 # k8s/hpa.yaml: 2\n      max: 5 # k8s/hpa.yaml: 5\n\
                 targets:\n  kubernetes: { base: [k8s/web.yaml, k8s/hpa.yaml] }\n";
    fs::write(dir.path().join("noted.scalegen.yaml"), noted).unwrap();
    let ran = scalegen(dir.path(), &["lint", "noted.scalegen.yaml"]);
    assert!(ran.out.contains("k8s/hpa.yaml says 6 now, not 5"), "{}{}", ran.out, ran.err);
}

/// A folder is one set; what stands below it is another, and is named.
#[test]
fn folders_below_that_hold_manifests_are_named() {
    let manifest = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec: { replicas: 2, selector: { matchLabels: { a: b } }, \
                    template: { metadata: { labels: { a: b } }, spec: { containers: [{ name: web, image: 'web:1' }] } } }\n";
    let dir = folder(&[
        ("k8s/web.yaml", manifest),
        ("k8s/prod/deep/web.yaml", manifest),
        ("k8s/docs/notes.yaml", "title: notes\n"),
        ("k8s/.old/web.yaml", manifest),
    ]);
    let ran = scalegen(dir.path(), &["import", "k8s/"]);
    assert!(
        ran.code == 0 && ran.out.contains("\nnot read: k8s/prod; each is a set of its own\n"),
        "{}{}",
        ran.out,
        ran.err
    );
    let one = scalegen(dir.path(), &["import", "k8s/prod/deep", "--to", "prod.scalegen.yaml"]);
    assert!(one.code == 0 && !one.out.contains("not read"), "{}{}", one.out, one.err);
}
