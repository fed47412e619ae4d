//! The commands over files of other tools, as a person runs them.

use super::program::{folder, scalegen, with_input};
use std::fs;
use std::path::Path;

const FAULTY: &str = "services:
  api:
    image: example/api:1
    deploy:
      replicas: 3
      resources:
        limits: { memory: 512M }
        reservations: { memory: 4G }
  store:
    image: postgres:17
    volumes: [\"data:/var/lib/postgresql/data\"]
    deploy: { replicas: 3, resources: { limits: { memory: 1G } } }
volumes: { data: {} }
";

/// What `lint --format concise` says of these paths, and its exit code.
fn lint(dir: &Path, paths: &[&str]) -> (i32, Vec<String>, String) {
    let ran = scalegen(dir, &[&["lint", "--format", "concise"], paths].concat());
    (ran.code, ran.out.lines().map(str::to_owned).collect(), ran.err)
}

#[test]
fn a_compose_file_is_checked_as_it_is() {
    let dir = folder(&[("docker-compose.yml", FAULTY)]);
    let (code, lines, err) = lint(dir.path(), &["docker-compose.yml"]);
    assert_eq!(code, 1, "{lines:?} {err}");
    assert_eq!(
        lines,
        [
            "docker-compose.yml:8:33: error[request-above-limit]: memory request 4Gi is above its limit 512Mi",
            "docker-compose.yml:12:25: error[shared-volume-replicated]: 3 replicas of postgres share `data` of docker-compose.yml: each would write the data of the others",
        ]
    );
    // the same from a folder, and from standard input under another name
    assert_eq!(lint(dir.path(), &[]).1, lines);
    let piped = with_input(dir.path(), &["lint", "--format", "concise", "-"], FAULTY);
    let piped: Vec<String> = piped.out.lines().map(|line| line.replace("<stdin>", "docker-compose.yml")).collect();
    assert_eq!(piped, lines);
}

#[test]
fn comments_settings_and_baselines_hold_in_any_file() {
    let allowed = FAULTY
        .replace("{ memory: 4G }", "{ memory: 4G } # scalegen: allow request-above-limit (a test)")
        // at a related place
        .replace("data\"]\n", "data\"] # scalegen: allow shared-volume-replicated (a test)\n");
    let dir = folder(&[("docker-compose.yml", &allowed)]);
    assert_eq!(lint(dir.path(), &[]).0, 0);
    let ignore = "[[ignore]]\nrules = [\"request-above-limit\", \"shared-volume-replicated\"]\npaths = [\"*.yml\"]\nreason = \"a test\"\n";
    let dir = folder(&[("docker-compose.yml", FAULTY), (".scalegen.toml", ignore)]);
    let (code, lines, _) = lint(dir.path(), &[]);
    assert_eq!(code, 0, "{lines:?}");
    let dir = folder(&[("docker-compose.yml", FAULTY)]);
    let written = scalegen(dir.path(), &["lint", "--write-baseline", "known.json"]);
    assert_eq!(written.code, 0, "{} {}", written.out, written.err);
    assert_eq!(lint(dir.path(), &["--baseline", "known.json", "docker-compose.yml"]).0, 0);
}

#[test]
fn a_folder_gives_specs_and_files_that_are_no_base_of_them() {
    let spec =
        "version: 1\nname: t\nservices: { api: { replicas: 2 } }\ntargets: { compose: { base: docker-compose.yml } }\n";
    let dir = folder(&[
        ("a/scalegen.yaml", spec),
        ("a/docker-compose.yml", "services:\n  api:\n    image: x\n    mem_limit: 1g\n"),
        ("b/stack.yml", "services:\n  web:\n    image: x\n    mem_limit: 1g\n"),
        ("b/values.yaml", "replicaCount: 3\nprofiles: [a]\n"),
        (
            "b/compose.scale.yml",
            "# Written by scalegen from scalegen.yaml; do not edit\nservices: { web: { image: x } }\n",
        ),
    ]);
    let (code, lines, err) = lint(dir.path(), &[]);
    assert_eq!((code, &*err), (0, ""), "{lines:?}");
    let text = scalegen(dir.path(), &["lint"]).out;
    assert!(text.ends_with("no findings in 1 spec, 1 compose file\n"), "{text}");
    // a base that is named alone is checked with its spec
    let base = scalegen(dir.path(), &["lint", "a/docker-compose.yml"]).out;
    assert!(base.ends_with("no findings in 1 file\n"), "{base}");
}

#[test]
fn what_is_not_read_is_said_in_one_sentence() {
    let dir = folder(&[
        ("notes.yaml", "title: x\n"),
        ("compose.yaml", "services:\n{{- if .Values.web }}\n  web: [\n"),
        ("broken.yaml", "a: [\n"),
    ]);
    let (code, lines, err) = lint(dir.path(), &["notes.yaml"]);
    assert_eq!((code, lines.len()), (2, 0), "{err}");
    assert!(err.starts_with("scalegen: notes.yaml is not a file that is read here: specs (scalegen.yaml"), "{err}");
    assert!(err.contains("compose files (compose*.yaml") && err.lines().count() == 1, "{err}");
    let (code, lines, err) = lint(dir.path(), &["compose.yaml"]);
    assert_eq!((code, lines.len()), (0, 0), "{err}");
    assert!(err.starts_with("scalegen: 1 template skipped"), "{err}");
    let (code, lines, _) = lint(dir.path(), &["broken.yaml"]);
    assert_eq!(code, 1);
    assert!(lines[0].starts_with("broken.yaml:1:4: error[yaml-syntax]: "), "{lines:?}");
}

#[test]
fn swarm_has_other_rules() {
    let text = "services:
  web:
    image: x
    container_name: web
    ports: [\"8080:80\"]
    deploy: { replicas: 3, endpoint_mode: dnsrr, resources: { limits: { memory: 1G } } }
";
    let dir = folder(&[("web-stack.yml", text)]);
    let (code, lines, _) = lint(dir.path(), &["web-stack.yml"]);
    assert_eq!(code, 1);
    assert_eq!(
        lines,
        [
            "web-stack.yml:5:13: error[refused-by-target]: Swarm refuses a port that its balancer publishes for `web`, which has none"
        ]
    );
}

#[test]
fn plan_and_diff_take_compose_files() {
    let dir = folder(&[("old.yml", FAULTY), ("new.yml", &FAULTY.replacen("replicas: 3", "replicas: 5", 1))]);
    let plan = scalegen(dir.path(), &["plan", "old.yml", "--format", "json"]);
    let plan: serde_json::Value = serde_json::from_str(&plan.out).unwrap_or_else(|_| panic!("{}", plan.err));
    let text = plan.to_string();
    assert!(text.contains("\"api\"") && text.contains("\"store\""), "{text}");
    let diff = scalegen(dir.path(), &["diff", "old.yml", "new.yml"]);
    assert_eq!(diff.code, 1, "{} {}", diff.out, diff.err);
    assert!(diff.out.contains("api") && diff.out.contains('5'), "{}", diff.out);
}

#[test]
fn plan_takes_a_folder_for_what_it_stands_for() {
    let workload = |name: &str, replicas: u32| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: {name} }}\nspec:\n  replicas: {replicas}\n  selector: {{ matchLabels: {{ app: {name} }} }}\n  template:\n    metadata: {{ labels: {{ app: {name} }} }}\n    spec: {{ containers: [{{ name: {name}, image: example/{name}:1.0 }}] }}\n"
        )
    };
    let (web, api) = (workload("web", 2), workload("api", 3));
    let dir = folder(&[
        ("k8s/web.yaml", &web),
        ("k8s/api.yaml", &api),
        ("built/web.yaml", &web),
        ("built/api.yaml", &api),
        ("built/kustomization.yaml", "resources: [api.yaml]\nreplicas: [{ name: api, count: 7 }]\n"),
        ("stack/docker-compose.yml", FAULTY),
        ("notes/README.txt", "nothing"),
    ]);
    let services = |name: &str| {
        let plan = scalegen(dir.path(), &["plan", name, "--format", "json"]);
        let plan: serde_json::Value =
            serde_json::from_str(&plan.out).unwrap_or_else(|_| panic!("{name}: {}", plan.err));
        let text = plan.to_string();
        ["web", "api", "store"].into_iter().filter(|name| text.contains(&format!("\"{name}\""))).collect::<Vec<_>>()
    };
    assert_eq!(services("k8s"), ["web", "api"]);
    assert_eq!(services("built"), ["api"]);
    assert_eq!(services("stack"), ["api", "store"]);
    let none = scalegen(dir.path(), &["plan", "notes"]);
    assert_eq!(none.code, 2);
    assert!(
        none.err.contains("no scalegen.yaml or *.scalegen.yaml in notes, and no compose file, and no manifest"),
        "{}",
        none.err
    );
}

#[test]
fn a_command_that_works_on_specs_alone_names_the_import_for_other_files() {
    let manifest = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\n";
    let dir = folder(&[("docker-compose.yml", FAULTY), ("k8s/web.yaml", manifest)]);
    let told = |args: &[&str]| {
        let ran = scalegen(dir.path(), args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}: {}", ran.err);
        ran.err
    };
    let compose =
        "docker-compose.yml is a compose file, no spec; `scalegen import docker-compose.yml` writes a spec over it";
    assert!(told(&["scale", "docker-compose.yml", "api", "--replicas", "4"]).contains(compose));
    assert!(told(&["render", "docker-compose.yml"]).contains(compose));
    assert!(told(&["size", "docker-compose.yml", "--metrics", "api=memory:m.json"]).contains(compose));
    assert!(told(&["render", "k8s/web.yaml"]).contains("k8s/web.yaml is a manifest, no spec"));
    let piped = with_input(dir.path(), &["render", "-"], FAULTY);
    assert!(piped.err.contains("standard input is a compose file, no spec"), "{}", piped.err);
    assert_eq!(fs::read_to_string(dir.path().join("docker-compose.yml")).unwrap(), FAULTY);
}

#[test]
fn a_folder_of_rendered_files_says_that_they_are_passed_over() {
    let spec = "version: 1\nname: shop\ntargets: { compose: {} }\nservices:\n  web: { image: example/web:1 }\n";
    let dir = folder(&[("scalegen.yaml", spec)]);
    let rendered = scalegen(dir.path(), &["render", "--out", "deploy"]);
    assert_eq!(rendered.code, 0, "{}", rendered.err);
    let (code, lines, err) = lint(dir.path(), &["deploy"]);
    assert_eq!((code, lines.len()), (2, 0), "{err}");
    assert!(err.contains(" but one that scalegen wrote; name it to check it"), "{err}");
}

#[test]
fn a_stream_in_which_nothing_stands_is_told_in_one_sentence() {
    let dir = folder(&[]);
    for text in ["", "\n\n", "---\n---\n", "# Source: web/templates/service.yaml\n---\n# none\n...\n"] {
        let ran = with_input(dir.path(), &["lint", "-"], text);
        assert_eq!((ran.code, ran.err.lines().count()), (2, 1), "{text:?}: {}", ran.err);
        assert!(ran.err.contains("nothing is in standard input"), "{}", ran.err);
    }
    // what helm prints around the manifests is none of them
    let release = "NAME: web\nSTATUS: pending-install\nHOOKS:\nMANIFEST:\n---\napiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { selector: { app: web }, ports: [{ port: 80 }] }\n\nNOTES:\n1. Get: the url\n  - it: [\n";
    let ran = with_input(dir.path(), &["lint", "-"], release);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
}

#[test]
fn a_folder_gives_json_manifests_and_says_what_is_in_utf_16() {
    let set = r#"{"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "a"}, "spec": {"selector": {"matchLabels": {"app": "a"}}, "template": {"metadata": {"labels": {"app": "b"}}, "spec": {"containers": []}}}}"#;
    let dir = folder(&[("agent.json", set), ("package.json", "{\"name\": \"a\", \"version\": 1}")]);
    let wide: Vec<u8> = "\u{feff}apiVersion: v1\nkind: Service\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(dir.path().join("wide.yaml"), wide).unwrap();
    let other: Vec<u8> = "\u{feff}some: words\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(dir.path().join("words.yaml"), other).unwrap();
    let (code, lines, err) = lint(dir.path(), &[]);
    assert_eq!((code, err.as_str()), (1, ""), "{lines:?}");
    let of = |file: &str| lines.iter().filter(|line| line.starts_with(file)).count();
    assert_eq!((of("agent.json"), of("wide.yaml"), of("package.json"), of("words.yaml")), (1, 1, 0, 0), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("UTF-16")), "{lines:#?}");
}

#[test]
fn a_file_that_two_kustomizations_take_is_told_once() {
    let web = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  replicas: -1\n  template:\n    metadata: { labels: { app: web } }\n    spec: { containers: [{ name: web, image: example/web:1.0 }] }\n";
    let over = "resources: [../base]\n";
    let files = [
        ("base/web.yaml", web),
        ("base/kustomization.yaml", "resources: [web.yaml]\ncommonLabels: { app: web }\n"),
        ("test/kustomization.yaml", over),
        ("live/kustomization.yaml", over),
    ];
    let (code, lines, _) = lint(folder(&files).path(), &[]);
    assert_eq!(code, 1);
    let rules = ["refused-by-api", "files-without-limits"];
    assert_eq!(rules.map(|rule| lines.iter().filter(|line| line.contains(rule)).count()), [1, 1], "{lines:#?}");
}

#[test]
fn what_a_complete_set_lacks_is_missing() {
    let scaler = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: web }\nspec:\n  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: shop }\n  maxReplicas: 4\n";
    let dir = folder(&[("web.yaml", scaler)]);
    assert_eq!(lint(dir.path(), &["web.yaml"]).0, 0);
    let (code, lines, _) = lint(dir.path(), &["--complete", "web.yaml"]);
    assert!(code == 1 && lines.iter().any(|line| line.contains("unknown-target")), "{lines:#?}");
}

#[test]
fn files_that_extend_each_other_in_a_circle_have_one_finding_that_names_them() {
    let one = |other: &str| format!("services:\n  w:\n    extends: {{ file: {other}, service: w }}\n");
    let dir = folder(&[("compose.yaml", &one("common.yaml")), ("common.yaml", &one("compose.yaml"))]);
    let ran = scalegen(dir.path(), &["lint", "--format", "concise", "."]);
    let errors: Vec<&str> = ran.out.lines().filter(|line| line.contains("error[")).collect();
    let circle = "services extend each other in a circle: w of compose.yaml → w of common.yaml → w of compose.yaml";
    assert!(errors.len() == 1 && errors.iter().all(|line| line.contains(circle)), "{}", ran.out);
    // what extends nothing and runs nothing is still refused
    let dir = folder(&[("compose.yaml", "services:\n  w: { mem_limit: 1g }\n")]);
    assert!(scalegen(dir.path(), &["lint", "."]).out.contains("has neither `image` nor `build`"));
}

#[test]
fn the_files_of_a_compose_project_have_one_note_about_limits() {
    let service = |name: &str, rest: &str| format!("services:\n  {name}:\n    image: example/{name}:1\n{rest}");
    let dir = folder(&[
        ("compose.yaml", &format!("include: [db.yaml]\n{}", service("web", "    env_file: .env\n"))),
        ("db.yaml", &service("db", "")),
    ]);
    // a file of variables that is not there says nothing about limits
    let (code, lines, err) = lint(dir.path(), &["compose.yaml"]);
    assert_eq!(
        (code, lines.as_slice()),
        (0, &["compose.yaml:3:3: note[files-without-limits]: 2 of 2 services have no memory limit".to_owned()][..]),
        "{err}"
    );
    fs::write(dir.path().join("db.yaml"), service("db", "    mem_limit: 1g\n")).unwrap();
    let (_, lines, _) = lint(dir.path(), &["compose.yaml"]);
    assert_eq!(lines, ["compose.yaml:3:3: note[files-without-limits]: 1 of 2 services has no memory limit"]);
}
