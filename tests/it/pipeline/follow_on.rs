//! One fault is one finding: what only follows from it is not said beside it, and what stands beside it is.

use crate::cli::program::{folder, scalegen};

fn lint(spec: &str, args: &[&str]) -> Vec<String> {
    let dir = folder(&[("scalegen.yaml", spec)]);
    let ran = scalegen(dir.path(), &[&["lint", "--format", "concise"], args].concat());
    let short =
        |line: &str| line.trim_start_matches("scalegen.yaml:").split(": ").take(2).collect::<Vec<_>>().join(" ");
    ran.out.lines().map(short).collect()
}

#[test]
fn an_alias_that_leads_nowhere_is_said_once_and_nothing_of_what_it_stands_for() {
    let spec = "version: 1
name: *name
services:
  whole: *service
  resources: { image: a, resources: *r, replicas: 2 }
  limits: { image: a, resources: { limits: *l } }
  memory: { image: a, resources: { limits: { memory: *m, cpu: *m } } }
  replicas: { image: a, replicas: *n, env: *e, ports: *p, resources: { limits: { memory: 1Gi } } }
  inside: { image: a, replicas: { min: *n, max: 3 }, env: { A: *a }, resources: { limits: { memory: 1Gi } } }
  merged: { image: a, <<: *merge, resources: { limits: { memory: 1Gi } } }
  bad: { image: a, replicas: { min: 3, max: 2 }, resources: { limits: { memory: 1Gi } } }
targets: *targets
profiles:
  large: *overlay
  small: { extends: *base }
";
    let found = lint(spec, &[]);
    let (syntax, others): (Vec<&String>, Vec<&String>) = found.iter().partition(|line| line.ends_with("[yaml-syntax]"));
    assert_eq!(others, ["11:37 error[min-above-max]"], "{found:#?}");
    assert_eq!(syntax.len(), spec.matches(": *").count(), "{found:#?}");
    assert_eq!(lint("version: 1\nname: shop\nservices: *s\n", &[]), ["3:11 error[yaml-syntax]"]);
    assert_eq!(lint("*s\n", &[]), ["1:1 error[yaml-syntax]"]);
    assert_eq!(
        lint(
            "version: 1\nname: shop\nservices: { web: { image: a, resources: { limits: { memory: 1Gi } } } }\nprofiles: *p\n",
            &[]
        ),
        ["4:11 error[yaml-syntax]"]
    );
}

#[test]
fn an_alias_that_leads_nowhere_in_a_base_file_is_said_once() {
    let base =
        "services:\n  web:\n    image: a\n    deploy: *d\n    ports: *p\n    environment: *e\n    healthcheck: *h\n";
    let spec = "version: 1
name: shop
services: { web: { replicas: 2, resources: { limits: { memory: 1Gi } } } }
targets: { compose: { base: base.yml } }
";
    let dir = folder(&[("scalegen.yaml", spec), ("base.yml", base)]);
    let ran = scalegen(dir.path(), &["lint", "--format", "concise"]);
    let rules: Vec<&str> = ran.out.lines().filter_map(|line| line.split_once('[')?.1.split(']').next()).collect();
    assert_eq!(rules, ["yaml-syntax"; 4], "{}", ran.out);
    std::fs::write(dir.path().join("base.yml"), "services: *s\n").unwrap();
    let ran = scalegen(dir.path(), &["lint", "--format", "concise"]);
    assert!(!ran.out.contains("expected a mapping") && ran.out.contains("yaml-syntax"), "{}", ran.out);
}

#[test]
fn a_service_or_a_part_of_another_form_is_said_once() {
    let spec = "version: 1
name: shop
services:
  number: 3
  text: text
  list: []
  resources: { image: a, resources: 5 }
  limits: { image: a, resources: { limits: 5 } }
  memory: { image: a, resources: { limits: { memory: [] } } }
targets: { compose: {} }
profiles:
  large: { services: { memory: 3 } }
";
    let found = lint(spec, &[]);
    let rules: Vec<&str> = found.iter().filter_map(|line| line.split_once(' ')).map(|(_, rule)| rule).collect();
    assert_eq!(rules, ["error[wrong-type]"; 7], "{found:#?}");
}

#[test]
fn a_bare_word_in_a_profile_that_is_not_asked_for_is_not_its_fault() {
    let spec = "version: 1
name: shop
services:
  web: { image: a, env: { BASE: no }, resources: { limits: { memory: 1Gi } } }
profiles:
  large: { extends: middle, services: { web: { env: { LARGE: no } } } }
  middle: { services: { web: { env: { MIDDLE: no } } } }
  small: { services: { web: { env: { SMALL: no } } } }
  one: &s { services: { web: { env: { SHARED: no } } } }
  twin: *s
";
    let lines = |args: &[&str]| -> Vec<String> {
        let all = lint(spec, args);
        all.iter()
            .filter(|line| line.contains("ambiguous-scalar"))
            .map(|line| line.split(':').next().unwrap().into())
            .collect()
    };
    assert_eq!(lines(&[]), ["4", "6", "7", "8", "9"]);
    assert_eq!(lines(&["--profile", "large"]), ["4", "6", "7"]);
    assert_eq!(lines(&["--profile", "small"]), ["4", "8"]);
    // one overlay by two names
    assert_eq!(lines(&["--profile", "twin"]), ["4", "9"]);
    assert_eq!(lines(&["--profile", "small", "--profile", "one"]), ["4", "8", "9"]);
}
