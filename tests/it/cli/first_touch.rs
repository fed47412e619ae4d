//! What somebody meets who has only just installed it: where files go, which names need not be said, what is told once.

use crate::cli::program::{folder, scalegen};
use std::fs;

const TWO: &str = "version: 1
name: shop
services:
  web: { image: a, port: 80, publish: 8080, expose: {}, resources: { limits: { memory: 1Gi } } }
targets: { compose: {}, nginx: {} }
";

#[test]
fn the_layout_does_not_depend_on_the_number_of_targets() {
    let dir = folder(&[("scalegen.yaml", TWO)]);
    let run = |args: &[&str]| scalegen(dir.path(), args);
    let first = |path: &str| fs::read_to_string(dir.path().join(path)).unwrap().lines().next().unwrap().to_owned();
    assert_eq!(run(&["render", "--out", "out"]).code, 0);
    let header = first("out/compose/compose.yaml");
    assert!(header.ends_with("run: scalegen render scalegen.yaml --out out"), "{header}");
    // one of the targets is the same file, whatever command wrote it
    let ran = run(&["render", "--target", "compose", "--out", "out", "--check"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "1 file is as rendered\n"));
    // the header's command does what it says
    let words: Vec<&str> = header.split("run: scalegen ").nth(1).unwrap().split(' ').collect();
    fs::remove_dir_all(dir.path().join("out")).unwrap();
    assert_eq!(run(&words).code, 0);
    assert_eq!(first("out/compose/compose.yaml"), header);
    // the form of an earlier release is asked for, and its files are found
    assert_eq!(run(&["render", "--target", "compose", "--out", "out", "--flat"]).code, 0);
    assert!(first("out/compose.yaml").ends_with("--target compose --out out --flat"));
    let ran = run(&["render", "--out", "out", "--check"]);
    assert!(ran.code == 1 && ran.out.starts_with("stray out/compose.yaml"), "{}", ran.out);
    assert_eq!(run(&["render", "--out", "out", "--prune"]).code, 0);
    assert!(!dir.path().join("out/compose.yaml").exists());
    assert!(run(&["render", "--out", "out", "--flat"]).err.contains("--flat is for one target"));
    // a target that is gone leaves a stray
    fs::write(dir.path().join("scalegen.yaml"), TWO.replace(", nginx: {}", "")).unwrap();
    let ran = run(&["render", "--out", "out", "--check"]);
    assert!(ran.code == 1 && ran.out.contains("stray out/nginx/shop.conf"), "{}", ran.out);
}

#[test]
fn the_command_in_a_header_is_the_same_from_everywhere() {
    let dir = folder(&[("shop/scalegen.yaml", TWO)]);
    let header = || fs::read_to_string(dir.path().join("shop/out/compose/compose.yaml")).unwrap();
    assert_eq!(scalegen(dir.path(), &["render", "shop/scalegen.yaml", "--out", "shop/out"]).code, 0);
    let above = header();
    fs::remove_dir_all(dir.path().join("shop/out")).unwrap();
    assert_eq!(scalegen(&dir.path().join("shop"), &["render", "--out", "out"]).code, 0);
    assert_eq!(header(), above);
    // a place on this machine stands in no file
    let whole = dir.path().join("shop/out").to_str().unwrap().to_owned();
    fs::remove_dir_all(&whole).unwrap();
    assert_eq!(scalegen(dir.path(), &["render", "shop/scalegen.yaml", "--out", &whole]).code, 0);
    assert!(!header().contains("--out"), "{}", header());
}

#[test]
fn a_spec_that_stands_here_need_not_be_named() {
    let dir = folder(&[("scalegen.yaml", TWO)]);
    for args in [&["plan"][..], &["render", "--target", "compose"], &["scale", "web", "--count", "2"]] {
        let ran = scalegen(dir.path(), args);
        assert_eq!(ran.code, 0, "{args:?}: {}", ran.err);
    }
    assert!(fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap().contains("replicas: 2"));
    // the spec's folder and the service are told apart, whichever comes first
    let above = folder(&[("shop/scalegen.yaml", TWO)]);
    for (count, args) in [("3", ["scale", "web", "shop"]), ("4", ["scale", "shop", "web"])] {
        let ran = scalegen(above.path(), &[&args[..], &["--count", count]].concat());
        assert_eq!(ran.code, 0, "{args:?}: {}", ran.err);
        let text = fs::read_to_string(above.path().join("shop/scalegen.yaml")).unwrap();
        assert!(text.contains(&format!("replicas: {count}")), "{text}");
    }
    // a service is often called like the folder that it is built from
    fs::create_dir(above.path().join("web")).unwrap();
    fs::write(above.path().join("shop.scalegen.yaml"), TWO).unwrap();
    for (count, args) in [
        ("5", ["scale", "web", "shop"]),
        ("6", ["scale", "shop", "web"]),
        ("7", ["scale", "web", "shop/scalegen.yaml"]),
        ("8", ["scale", "shop/scalegen.yaml", "web"]),
    ] {
        let ran = scalegen(above.path(), &[&args[..], &["--count", count]].concat());
        assert_eq!(ran.code, 0, "{args:?}: {}", ran.err);
        let text = fs::read_to_string(above.path().join("shop/scalegen.yaml")).unwrap();
        assert!(text.contains(&format!("replicas: {count}")), "{args:?}: {text}");
    }
    let ran = scalegen(above.path(), &["scale", "8.0", "shop", "--count", "2"]);
    assert!(ran.code == 2 && ran.err.contains("unknown service `8.0`"), "{}", ran.err);
    for args in [["scale", "web", "nope.yaml"], ["scale", "nope.yaml", "web"]] {
        let ran = scalegen(above.path(), &[&args[..], &["--count", "2"]].concat());
        assert!(ran.code == 2 && ran.err.contains("cannot read nope.yaml"), "{args:?}: {}", ran.err);
    }
    fs::remove_dir(above.path().join("web")).unwrap();
    let ran = scalegen(above.path(), &["scale", "web", "api", "--count", "2"]);
    assert!(ran.code == 2 && ran.err.contains("neither web nor api is a spec or a folder"), "{}", ran.err);
    let empty = folder(&[]);
    let ran = scalegen(empty.path(), &["plan"]);
    assert!(ran.code == 2 && ran.err.contains("no scalegen.yaml in this folder"), "{}", ran.err);
    let wanted = "no scalegen.yaml in this folder; name the spec, or write one with `scalegen init`\n";
    assert!(ran.err.ends_with(wanted), "{}", ran.err);
    fs::write(dir.path().join("scalegen.yml"), TWO).unwrap();
    assert!(scalegen(dir.path(), &["plan"]).err.contains("scalegen.yaml and scalegen.yml are in this folder"));
}

#[test]
fn where_no_spec_stands_what_stands_is_shown_and_nothing_is_written_for_it() {
    let compose = "services:\n  web: { image: \"a:1\", mem_limit: 256m, scale: 3 }\n";
    let dir = folder(&[("docker-compose.yml", compose)]);
    let ran = scalegen(dir.path(), &["plan"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.contains("docker-compose.yml") && ran.out.contains("768Mi"), "{}", ran.out);
    // the whole that is shown is what the folder's table shows
    assert_eq!(scalegen(dir.path(), &["plan", "."]).out, ran.out);
    let refused = |args: &[&str], help: &str| {
        let ran = scalegen(dir.path(), args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.out);
        assert_eq!(ran.err, format!("scalegen: no scalegen.yaml in this folder; {help}\n"), "{args:?}");
    };
    let import = "`scalegen import docker-compose.yml` writes a spec over it";
    refused(&["render"], import);
    refused(&["scale", "web", "--count", "2"], import);
    fs::create_dir(dir.path().join("shop")).unwrap();
    fs::write(dir.path().join("shop/scalegen.yaml"), TWO).unwrap();
    refused(&["render"], "name the spec, as shop/scalegen.yaml");
    fs::write(dir.path().join("big.scalegen.yaml"), TWO).unwrap();
    refused(&["render"], "name the spec, as big.scalegen.yaml");
    let ran = scalegen(dir.path(), &["plan"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for name in ["docker-compose.yml", "big.scalegen.yaml", "shop/scalegen.yaml"] {
        assert!(ran.out.contains(name), "{name}: {}", ran.out);
    }
}

#[test]
fn what_three_services_lose_is_told_once_and_names_the_target() {
    let service = "{ image: a, replicas: { min: 2, max: 5 }, disruption: { maxUnavailable: 1 }, resources: { requests: { cpu: 1 }, limits: { memory: 1Gi } } }";
    let spec = format!(
        "version: 1\nname: shop\nservices:\n  a: {service}\n  b: {service}\n  c: {service}\ntargets: {{ compose: {{}}, kubernetes: {{}} }}\nprofiles: {{ large: {{}}, small: {{ services: {{ a: {{ replicas: {{ min: 3 }} }} }} }} }}\n"
    );
    let dir = folder(&[("scalegen.yaml", &spec)]);
    let ran = scalegen(dir.path(), &["lint", "--format", "concise"]);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), 3, "{}", ran.out);
    assert!(lines.iter().all(|line| line.contains("compose") && line.contains("the same for `b`, `c`")), "{}", ran.out);
    // a baseline knows each of them: what is told once is not forgotten
    assert_eq!(scalegen(dir.path(), &["lint", "--write-baseline", "known.json"]).code, 0);
    assert_eq!(fs::read_to_string(dir.path().join("known.json")).unwrap().matches("lost-in-target").count(), 6);
    fs::write(dir.path().join("scalegen.yaml"), spec.replace("  a: ", "  d: ").replace("{ a: ", "{ d: ")).unwrap();
    let ran = scalegen(dir.path(), &["lint", "--baseline", "known.json", "--format", "concise"]);
    assert!(!ran.out.contains("the same for"), "{}", ran.out);
}

#[test]
fn a_field_a_command_and_a_concept_are_explained() {
    let dir = folder(&[]);
    let explain = |name: &str| scalegen(dir.path(), &["explain", name, "--markdown"]);
    for (name, said) in [
        ("replicas", "# services.<name>.replicas\n"),
        ("services.web.resources.limits.memory", "# services.<name>.resources.limits.memory\n"),
        ("services.*.kind", "- `singleton`: "),
        ("profile", "Named overlays"),
        ("render", "--out <DIR>"),
        ("scale", "[SPEC] <SERVICE>"),
        // a value of a field, and words of other tools
        ("keda", "# targets.kubernetes.autoscaler\n"),
        ("singleton", "# services.<name>.kind\n"),
        ("mem_limit", "write `resources: { limits: { memory: 512Mi } }`"),
        ("livenessProbe", "a word of Kubernetes"),
    ] {
        let ran = explain(name);
        assert!(ran.code == 0 && ran.out.contains(said), "{name}: {}{}", ran.out, ran.err);
    }
    assert!(!explain("limits.memory").out.contains("backingServices"));
    let ran = explain("replics");
    assert!(ran.code == 2 && ran.err.contains("did you mean `replicas`?"), "{}", ran.err);
    let map = scalegen(dir.path(), &["explain"]).out;
    for part in ["Commands\n", "  services.*.replicas ", "Targets\n", "  compose ", "Rules\n", "  port-collision "] {
        assert!(map.contains(part), "{part}: {map}");
    }
}

#[test]
fn what_is_out_of_its_bounds_is_told_once() {
    for (field, rule) in [
        ("replicas: { min: 2000000, max: 3 }", "invalid-value"),
        ("replicas: { min: 0, max: -1 }", "invalid-value"),
        ("port: 70000", "invalid-value"),
    ] {
        let spec = format!(
            "version: 1\nname: shop\nservices:\n  web: {{ image: a, {field}, resources: {{ limits: {{ memory: 1Gi }} }} }}\n"
        );
        let dir = folder(&[("scalegen.yaml", &spec)]);
        let ran = scalegen(dir.path(), &["lint", "--format", "concise"]);
        assert_eq!(ran.out.lines().count(), 1, "{field}: {}", ran.out);
        assert!(ran.out.contains(rule), "{}", ran.out);
    }
    let backing = "version: 1\nname: shop\nbackingServices: { db: { kind: postgres, maxConnections: 0 } }\n";
    let dir = folder(&[("scalegen.yaml", backing)]);
    let ran = scalegen(dir.path(), &["lint", "--format", "concise"]);
    assert!(ran.out.lines().count() == 1 && ran.out.contains("invalid-value"), "{}", ran.out);
}

#[test]
fn a_render_reports_its_findings_in_every_form() {
    let dir = folder(&[("scalegen.yaml", TWO)]);
    let run = |args: &[&str]| scalegen(dir.path(), args);
    let ran = run(&["render", "--target", "compose", "--format", "github", "--format", "json=found.json"]);
    assert!(ran.code == 0 && ran.out.contains("services:") && !ran.out.contains("findings"), "{}", ran.out);
    let report: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(dir.path().join("found.json")).unwrap()).unwrap();
    assert_eq!(report["summary"]["errors"], 0, "{report:#}");
    // what is wrong stops the render and stands in the report
    fs::write(dir.path().join("scalegen.yaml"), TWO.replace("port: 80", "port: 0")).unwrap();
    let ran = run(&["render", "--out", "out", "--format", "github"]);
    assert!(ran.code == 1 && ran.err.starts_with("::error file=scalegen.yaml,"), "{}", ran.err);
    let ran = run(&["render", "--format", "jsn"]);
    assert!(ran.code == 2 && ran.err.contains("did you mean `json`?"), "{}", ran.err);
    let ran = run(&["render", "--format", "json=scalegen.yaml"]);
    assert!(ran.code == 2 && fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap().contains("version: 1"));
}

#[test]
fn init_invents_no_service_and_names_what_it_cannot_carry() {
    let database = "services:\n  db:\n    image: postgres:17\n    environment: { POSTGRES_PASSWORD: \"${PW:?}\" }\n";
    let dir = folder(&[("docker-compose.yml", database)]);
    assert_eq!(scalegen(dir.path(), &["init"]).code, 0);
    let spec = fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap();
    assert!(!spec.contains("services:\n  web") && spec.contains("\nbackingServices:\n  db:\n"), "{spec}");
    let ran = scalegen(dir.path(), &["render"]);
    assert!(ran.code == 0 && !ran.out.contains("web"), "{}{}", ran.out, ran.err);

    let ports = "services:\n  front: { image: \"f:1\", ports: [\"5000:80\"], deploy: { replicas: 2 } }\n  back: { image: \"b:1\", ports: [\"5001:80\"] }\n";
    let dir = folder(&[("docker-compose.yml", ports)]);
    let ran = scalegen(dir.path(), &["init"]);
    let said = format!("{}{}", ran.out, ran.err);
    let spec = fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap();
    assert!(spec.contains("{ port: 80, publish: 5001 } # docker-compose.yml: 5001:80"), "{spec}");
    assert!(said.contains("front: port \"5000:80\": a spec publishes as many ports"), "{said}");
}
