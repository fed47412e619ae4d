//! Secrets that stand near or on the lines of findings come out in no report: of a base file only the lines that take part
//! are shown, and of them no value of a variable.

use crate::cli::program::{folder, scalegen, words_of};
use scalegen::report::{ChangesForm, Format};
use tempfile::TempDir;

/// In every place where a compose file can hold one; each has its own number.
const BASE: &str = "x-note: hunter2-0
services:
  web:
    image: shop/web:1
    environment:
      SECRET_A: hunter2-1
    container_name: web
    environment_file_note: hunter2-2
  api:
    image: shop/api:1
    environment: { DSN: hunter2-3, APP_KEY: \"hunter2-4\", CACHE: \"redis://:hunter2-5@cache\" }
    ports: [\"8080:8080\"]
    command: serve --api-key hunter2-6 --port 1
    # hunter2-7
    mem_limit: 1g
    labels:
      note: hunter2-8
  all: { build: ., environment: { PASSWORD: hunter2-9, B: 'hunter2-10' }, container_name: all }
  shared:
    image: shop/shared:1
    environment:
      ABOVE: hunter2-11
      APP_TOKEN: ${APP_TOKEN:-}
      BELOW: hunter2-12
  torn:
    image: shop/torn:1
    environment: [A=hunter2-13]
    cpus: much
";

const SPEC: &str = "version: 1
name: shop
services:
  web: { replicas: 2, resources: &r { limits: { memory: 128Mi } } }
  api: { replicas: 2, ports: [ { port: 8080 } ], resources: *r }
  all: { replicas: 2, resources: *r }
  shared: { replicas: 2, sharedSecrets: [APP_TOKEN], resources: *r }
  torn: { replicas: 2, resources: *r }
  # what the rule of secrets points at is hidden too, on its line and beside it
  own:
    image: shop/own:1
    resources: *r
    env:
      MonkeY: hunter2-20
      API_TOKEN: hunter2-21
      DATABASE: postgres://app:hunter2-22@db/shop
      PEM_KEY: |
        hunter2-23
        hunter2-24
      FLAG: no # a finding on the line below a secret
      PLAIN: seen
    replicas: { min: 3, max: 2 }
  # only the rule knows that these are secrets: the lines between its places are shown
  near:
    image: shop/near:1
    resources: *r
    env:
      DSN: |
        hunter2-30
        hunter2-31
    sharedSecrets: [DSN, LONG]
  far:
    image: shop/far:1
    resources: *r
    sharedSecrets: [LONG]
    env:
      LONG:
        hunter2-32
        hunter2-33
targets: { compose: { base: docker-compose.yml } }
";

fn shop() -> TempDir {
    folder(&[
        ("scalegen.yaml", SPEC),
        ("docker-compose.yml", BASE),
        ("old.yaml", &SPEC.replace("replicas: 2", "replicas: 1")),
    ])
}

#[test]
fn no_report_shows_a_secret_near_or_on_the_line_of_a_finding() {
    let dir = shop();
    let clean = |said: &str, what: &str| {
        // the page of a rule has an example of its own, which SARIF carries
        let said = said.replace("app:hunter2@", "");
        let at = said.find("hunter2").map(|at| said[at.saturating_sub(200)..at + 12].to_owned());
        assert_eq!(at, None, "{what}");
    };
    for format in Format::ALL.iter().map(|format| format.name()) {
        let ran = scalegen(dir.path(), &["lint", "scalegen.yaml", "--format", format]);
        assert_eq!(ran.code, 1);
        clean(&format!("{}{}", ran.out, ran.err), format);
        // colours do not break them apart
        clean(&scalegen(dir.path(), &["lint", "scalegen.yaml", "--format", format, "--color", "always"]).out, format);
    }
    for format in ChangesForm::ALL.iter().map(|form| form.name()) {
        let ran = scalegen(dir.path(), &["diff", "old.yaml", "scalegen.yaml", "--format", format]);
        assert_eq!(ran.code, 1);
        clean(&format!("{}{}", ran.out, ran.err), format);
    }
    let ran = scalegen(dir.path(), &["render", "scalegen.yaml"]);
    assert_eq!(ran.code, 1);
    clean(&format!("{}{}", ran.out, ran.err), "render");
    for format in words_of("plan", "--format") {
        let ran = scalegen(dir.path(), &["plan", "scalegen.yaml", "--format", &format]);
        clean(&format!("{}{}", ran.out, ran.err), &format!("plan {format}"));
    }
    // every one of the findings is there anyway, and their lines
    let text = scalegen(dir.path(), &["lint", "scalegen.yaml"]).out;
    for rule in [
        "fixed-address-reset",
        "fixed-host-port",
        "shared-secret-empty-default",
        "wrong-type",
        "secret-in-env",
        "ambiguous-scalar",
        "min-above-max",
    ] {
        assert!(text.contains(&format!("[{rule}]")), "{rule}: {text}");
    }
    for line in [
        " 7 │     container_name: web\n",
        "18 │ …: { build: ., environment: { PASSWORD: *********, B: '**********' }, container_name: all }\n",
        "23 │       APP_TOKEN: ${APP_TOKEN:-}\n",
        "14 │       MonkeY: **********\n",
        "15 │       API_TOKEN: **********\n",
        "16 │       DATABASE: *********************************\n",
        "17 │       PEM_KEY: *\n",
        "20 │       FLAG: no # a finding",
        "28 │       DSN: |\n",
        "29 │         **********\n",
        "31 │     sharedSecrets: [DSN, LONG]\n",
        "35 │     sharedSecrets: [LONG]\n",
        "38 │         **********\n",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

/// Allowed by its author, so that it is rendered; `no` is mended.
const ALLOWED: &str = "version: 1
name: shop
services:
  web:
    image: shop/web:1
    replicas: 2
    resources: { limits: { memory: 1Gi } }
    ports: [ { port: 80 } ]
    env:
      PLAIN: seen
      # scalegen: allow secret-in-env (of a test)
      PEM_KEY: |
        hunter2-1
        hunter2-2
      FLAG: no
      # scalegen: allow secret-in-env (of a test)
      API_TOKEN: hunter2-3
      # scalegen: allow secret-in-env (of a test)
      DATABASE: postgres://app:hunter2-4@db/shop
targets: { compose: {}, kubernetes: {} }
";

#[test]
fn no_diff_shows_a_secret() {
    let changed = ALLOWED.replace("hunter2-3", "hunter2-30").replace("web:1", "web:2");
    let dir = folder(&[("scalegen.yaml", ALLOWED), ("new.yaml", &changed)]);
    let run = |args: &[&str]| {
        let ran = scalegen(dir.path(), args);
        assert!(
            ran.code < 2 && !format!("{}{}", ran.out, ran.err).contains("hunter2"),
            "{args:?}: {}{}",
            ran.out,
            ran.err
        );
        ran.out
    };
    let diff = run(&["lint", "--diff"]);
    let hunk = "-      FLAG: no\n+      FLAG: \"no\"\n       # scalegen: allow secret-in-env (of a test)\n       API_TOKEN: *********\n";
    assert!(
        diff.contains("       PEM_KEY: *\n         *********\n         *********\n") && diff.contains(hunk),
        "{diff}"
    );
    let diff = run(&["scale", "scalegen.yaml", "web", "--count", "4", "--dry-run"]);
    assert!(diff.contains("-    replicas: 2\n+    replicas: 4\n"), "{diff}");
    run(&["render", "scalegen.yaml", "--out", "deploy"]);
    // what is written is whole, and a file that differs in a secret alone does differ
    let written = std::fs::read_to_string(dir.path().join("deploy/kubernetes/web-deployment.yaml")).unwrap();
    assert!(written.contains("- name: API_TOKEN\n              value: hunter2-3\n"), "{written}");
    let diff = run(&["render", "new.yaml", "--out", "deploy", "--check"]);
    assert!(diff.contains("       PLAIN: seen\n       PEM_KEY: \"******"), "{diff}");
    let hunk = "             - name: API_TOKEN\n-              value: *********\n+              value: **********\n";
    assert!(diff.contains(hunk), "{diff}");
    for format in ChangesForm::ALL.iter().map(|form| form.name()) {
        let diff = run(&["diff", "scalegen.yaml", "new.yaml", "--format", format]);
        assert!(diff.contains("shop/web:2") && diff.contains("value: **********"), "{format}: {diff}");
    }
    // and --fix writes no star
    run(&["lint", "--fix"]);
    let fixed = std::fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap();
    assert_eq!(fixed, ALLOWED.replace("FLAG: no", "FLAG: \"no\""));
}

/// Stars stand for as many characters, so what is underlined is what was meant.
#[test]
fn carets_stand_where_they_stood() {
    let dir = shop();
    let text = scalegen(dir.path(), &["lint", "scalegen.yaml"]).out;
    let lines: Vec<&str> = text.lines().collect();
    let marked = |start: &str, word: &str| {
        let hits = lines.windows(2).filter(|pair| pair[0].contains(start) && pair[0].contains(word));
        let mut count = 0;
        for pair in hits {
            let column = |text: &str, at: usize| text[..at].chars().count();
            let caret = pair[1].find(['─', '┬']).map(|at| column(pair[1], at));
            assert_eq!(caret, pair[0].find(word).map(|at| column(pair[0], at)), "{}\n{}", pair[0], pair[1]);
            count += 1;
        }
        assert!(count > 0, "{start}: {text}");
    };
    marked("container_name: all }", "all }");
    marked("API_TOKEN: ***", "**********");
}

#[test]
fn what_a_chart_s_schema_refuses_is_not_repeated() {
    let spec = "version: 1
name: shop
services:
  web: { image: a/b:1, resources: { limits: { memory: 1Gi } } }
targets: { helm: { chart: chart, paths: { web: { replicas: web.replicas } } } }
";
    let schema = r#"{"properties": {
        "web": {"properties": {"replicas": {"maximum": 0}, "password": {"type": "integer"}}},
        "auth": {"maxProperties": 0}
    }}"#;
    let dir = folder(&[
        ("scalegen.yaml", spec),
        ("chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
        ("chart/values.yaml", "web: { replicas: 1, password: hunter2-1 }\nauth: { token: hunter2-2 }\n"),
        ("chart/values.schema.json", schema),
    ]);
    for format in Format::ALL.iter().map(|format| format.name()) {
        let ran = scalegen(dir.path(), &["lint", "scalegen.yaml", "--format", format]);
        assert_eq!(ran.code, 1, "{}", ran.out);
        assert!(!ran.out.replace("app:hunter2@", "").contains("hunter2"), "{format}: {}", ran.out);
    }
    // a number that is wrong is said
    let ran = scalegen(dir.path(), &["lint", "scalegen.yaml", "--format", "concise"]);
    assert!(ran.out.contains("1 is greater than the maximum of 0"), "{}", ran.out);
}

/// Every way to print findings.
fn printed_in_all_forms(dir: &TempDir, file: &str) -> String {
    let forms = Format::ALL.iter().map(|format| {
        let ran = scalegen(dir.path(), &["lint", "--isolated", file, "--format", format.name()]);
        ran.out + &ran.err
    });
    forms.collect()
}

#[test]
fn words_after_options_logins_and_contents_of_secrets_are_hidden() {
    let dir = folder(&[
        (
            "compose.yaml",
            "services:\n  web:\n    image: shop/web:1\n    healthcheck: { test: \"curl -u admin:s3cr3t-1 x\", interval: 5 s }\n    command: [\"--requirepass\", \"s3cr3t-2\", [x]]\nsecrets: { s: { content: s3cr3t-3, files: x } }\n",
        ),
        (
            "x.scalegen.yaml",
            "version: 1\nname: x\nservices:\n  web:\n    image: shop/web:1\n    env: { A_TOKEN: [s3cr3t-4], B: { c: d } }\n    annotations: { \"a.b/auth-token\": s3cr3t-5, x y: 3 }\n    sharedSecrets: [A_KEY=s3cr3t-6, pin=s3cr3t-10]\nbackingServices:\n  db: { kind: postgres, external: { urlEnv: \"postgres://u:s3cr3t-7@h/d\" } }\n",
        ),
        ("secret.yaml", "apiVersion: v1\nkind: Secret\nmetadata: { name: t }\ndata:\n  a: s3cr3t-8\n  a: s3cr3t-9\n"),
    ]);
    for (file, said) in [
        ("compose.yaml", "takes a time with its unit"),
        ("x.scalegen.yaml", "`A_KEY=…` cannot name a variable"),
        ("x.scalegen.yaml", "`postgres://u:********@h/d` cannot name a variable"),
        ("secret.yaml", "appears twice"),
    ] {
        let all = printed_in_all_forms(&dir, file);
        assert!(all.contains(said), "{file}: {all}");
        assert!(!all.contains("s3cr3t"), "{file}: {all}");
    }
}

#[test]
fn of_a_variable_the_part_is_shown_that_the_message_says() {
    let heap = |name: &str| {
        format!(
            "services:\n  web:\n    image: shop/web:1\n    mem_limit: 1g\n    environment:\n      {name}: -Xmx2g -Dx=s3cr3t\n"
        )
    };
    let dir = folder(&[("compose.yaml", &heap("JAVA_OPTS")), ("b/compose.yaml", &heap("JAVA_TOKEN"))]);
    let ran = scalegen(dir.path(), &["lint", "--isolated", "compose.yaml"]);
    assert!(ran.out.contains("JAVA_OPTS: -Xmx2g***********"), "{}", ran.out);
    let ran = scalegen(dir.path(), &["lint", "--isolated", "b/compose.yaml"]);
    assert!(ran.out.contains("JAVA_TOKEN: *****************"), "{}", ran.out);
}

#[test]
fn a_secret_of_a_file_of_variables_comes_out_nowhere() {
    let base = "services:\n  web:\n    image: shop/web:${TAG}\n    container_name: a-${DB_PASSWORD}\n    profiles: [\"${DB_PASS}\"]\n    volumes: [\"${DB_URL}:/data\"]\n    ports: [\"${PORT}:80\"]\n    env_file: ${APP_SECRET}.env\n";
    let dir = folder(&[
        ("compose.yaml", base),
        (
            ".env",
            "DB_PASSWORD=s3cr3t-1\nDB_PASS=s3cr3t-2\nDB_URL=redis://u:s3cr3t-3@h\nAPP_SECRET=s3cr3t-4\nPORT=8080\nTAG=1\n",
        ),
        (
            "scalegen.yaml",
            "version: 1\nname: x\nservices: { web: { replicas: 2 } }\ntargets: { compose: { base: compose.yaml, envFile: .env } }\n",
        ),
    ]);
    let all = printed_in_all_forms(&dir, "scalegen.yaml");
    assert!(!all.contains("s3cr3t"), "{all}");
    // a port is no secret, and a message without it would say little
    assert!(all.contains("2 replicas cannot share host port 8080"), "{all}");
}
