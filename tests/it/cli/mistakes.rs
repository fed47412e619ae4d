//! Slips of people who are new to the language: the answer names the cause at its place, and what it says to write is read.

use crate::cli::program::{folder, scalegen};

/// A slip under `web`: its lines, the line of the finding, the help, and the lines when the help is followed.
type Slip = (&'static str, u64, &'static str, &'static str);

const HEAD: &str = "version: 1\nname: shop\nservices:\n  web:\n    image: shop/web:1.4\n";
const TAIL: &str = "    resources: { requests: { cpu: 1 }, limits: { memory: 512Mi } }\ntargets: { kubernetes: {} }\n";

const SLIPS: &[Slip] = &[
    (
        "    min_replicas: 2\n    max-replicas: 5\n",
        6,
        "write `replicas: { min: 2, max: 5 }`",
        "    replicas: { min: 2, max: 5 }\n",
    ),
    ("    Replica_Count: 3\n", 6, "write `replicas: 3`", "    replicas: 3\n"),
    ("    node_selector: { a: b }\n", 6, "did you mean `nodeSelector`?", "    nodeSelector: { a: b }\n"),
    ("    workers: 4\n", 6, "write `concurrency: 4`, how many jobs one replica runs at once", "    concurrency: 4\n"),
    ("    environment_variables: { A: b }\n", 6, "write `env: { A: b }`", "    env: { A: b }\n"),
    ("    port: 8080#http\n", 6, "write `8080 #`: a comment begins after a blank", "    port: 8080 #http\n"),
    ("    port: 8080,\n", 6, "write `8080`: nothing ends a value but its line", "    port: 8080\n"),
    ("    port: 8_080\n", 6, "write `8080`", "    port: 8080\n"),
    (
        "    replicas: ${REPLICAS:-3}\n",
        6,
        "write the value itself: a spec reads no variables, and what differs from stage to stage stands in `profiles`",
        "    replicas: 3\n",
    ),
    (
        "    replicas: {{ .Values.replicas }}\n",
        6,
        "a bare `{{` opens two mappings: write the value itself, or quote what a template fills in",
        "    replicas: 3\n",
    ),
    ("    replicas = 3\n", 6, "write `replicas: 3`", "    replicas: 3\n"),
    (
        "    replicas: 3 // for now\n",
        6,
        "write `3 # for now`: a comment begins with `#`",
        "    replicas: 3 # for now\n",
    ),
    (
        "    port: 80\n    health: { http: /, port: “80” }\n",
        7,
        "write `80`: curled quotes are letters of the value, YAML knows `\"` and `'`",
        "    port: 80\n    health: { http: /, port: 80 }\n",
    ),
    ("    port: 80\n    health: { http: ‘/h’ }\n", 7, "write `/h`", "    port: 80\n    health: { http: /h }\n"),
    ("    // the port\n    port: 80\n", 6, "begin a comment with `#`", "    # the port\n    port: 80\n"),
    ("   \u{a0}port: 80\n", 6, "write plain spaces there", "    port: 80\n"),
    (
        "    command: [sh, -c, echo: hi]\n",
        6,
        "put it in quotes: `\"echo: hi\"`",
        "    command: [sh, -c, \"echo: hi\"]\n",
    ),
    (
        "    replicas: { min: 1, max: 4 }\n    schedule: [{ days: [weekdays], from: \"08:00\", to: \"18:00\", timezone: UTC, replicas: 2 }]\n",
        7,
        "write `mon`, `tue`, `wed`, `thu`, `fri`",
        "    replicas: { min: 1, max: 4 }\n    schedule: [{ days: [mon, tue, wed, thu, fri], from: \"08:00\", to: \"18:00\", timezone: UTC, replicas: 2 }]\n",
    ),
    (
        "    replicas: { min: 1, max: 4 }\n    schedule: { days: [mon], from: \"08:00\", to: \"18:00\", timezone: UTC, replicas: 2 }\n",
        7,
        "write a list: `[{ days: [mon], from: \"08:00\", to: \"18:00\", timezone: UTC, replicas: 2 }]`",
        "    replicas: { min: 1, max: 4 }\n    schedule: [{ days: [mon], from: \"08:00\", to: \"18:00\", timezone: UTC, replicas: 2 }]\n",
    ),
];

/// The first error in a text: its line and help.
fn answer(text: &str) -> Option<(u64, String)> {
    let dir = folder(&[("scalegen.yaml", text)]);
    let ran = scalegen(dir.path(), &["lint", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}{}", ran.out, ran.err));
    let errors: Vec<&serde_json::Value> =
        report["findings"].as_array().unwrap().iter().filter(|one| one["severity"] == "error").collect();
    let first = errors.first()?;
    assert_eq!(errors.len(), 1, "one cause, one error: {errors:?}");
    Some((first["start"]["line"].as_u64().unwrap(), first["help"].as_str().unwrap_or_default().to_owned()))
}

#[test]
fn a_slip_of_a_newcomer_is_told_where_it_is_and_the_help_can_be_followed() {
    for (lines, line, help, followed) in SLIPS {
        assert_eq!(answer(&format!("{HEAD}{lines}{TAIL}")), Some((*line, (*help).to_owned())), "{lines}");
        assert_eq!(answer(&format!("{HEAD}{followed}{TAIL}")), None, "{followed}");
    }
}

#[test]
fn so_is_a_slip_of_the_whole() {
    let web = "{ image: \"a:1\", resources: { limits: { memory: 1Gi } } }";
    let root = "version: 1\nname: shop\n";
    let services = format!("services: {{ web: {web} }}\n");
    let cases = [
        (
            format!("{root}{services}target: kubernetes\n"),
            4,
            "write `targets: { kubernetes: {} }`",
            format!("{root}{services}targets: {{ kubernetes: {{}} }}\n"),
        ),
        (
            format!("{root}web: {web}\n"),
            3,
            "write it under `services`: `services: { web: … }`",
            format!("{root}services:\n  web: {web}\n"),
        ),
        (
            format!("{root}services:\n  - web: {web}\n"),
            3,
            "write `web:` in place of `- web:`, and its fields below, indented",
            format!("{root}services:\n  web: {web}\n"),
        ),
        (
            format!("{root}services:\n  web\n    image: a:1\n"),
            4,
            "write `web:`",
            format!("{root}services:\n  web:\n    image: a:1\n"),
        ),
        (
            format!("```yaml\n{root}{services}```\n"),
            1,
            "remove the lines that begin with three backticks",
            format!("{root}{services}"),
        ),
        (
            format!("{root}{services}backingServices: {{ db: {{ type: postgresql, maxConnections: 9 }} }}\n"),
            4,
            "write `kind: postgres`",
            format!("{root}{services}backingServices: {{ db: {{ kind: postgres, maxConnections: 9 }} }}\n"),
        ),
        (
            format!("{root}services: {{ web: {web}, db: {{ kind: postgres }} }}\n"),
            3,
            "move `db` from `services` to `backingServices`: it is counted, not scaled",
            format!("{root}{services}backingServices: {{ db: {{ kind: postgres }} }}\n"),
        ),
        (
            format!("{root}services: {{ web: {web}, db: {{ maxConnections: 9 }} }}\n"),
            3,
            "move `db` from `services` to `backingServices`: it is counted, not scaled",
            format!("{root}{services}backingServices: {{ db: {{ kind: postgres, maxConnections: 9 }} }}\n"),
        ),
        (
            format!("{root}services: {{ web: {{ image: a, resources: {{ limits: {{ cpu: 0,5 }} }} }} }}\n"),
            3,
            "write `0.5`: a comma ends a value between braces",
            format!("{root}services: {{ web: {{ image: a, resources: {{ limits: {{ cpu: 0.5 }} }} }} }}\n"),
        ),
    ];
    for (text, line, help, followed) in cases {
        assert_eq!(answer(&text), Some((line, help.to_owned())), "{text}");
        assert_eq!(answer(&followed), None, "{followed}");
    }
}

#[test]
fn what_only_looks_like_a_slip_has_its_usual_answer() {
    let near = [
        // two numbers, of which no comma touches the second
        ("    resources: { limits: { cpu: 0, 5: } }\n", "known fields are `cpu`, `memory`"),
        ("    port: 80 80\n", ""),
        // a quoted text is as it was meant
        ("    port: \"80,\"\n", ""),
        ("    min_age: 2\n", "known fields are"),
    ];
    for (lines, begin) in near {
        let text = format!("{HEAD}{lines}targets: {{ kubernetes: {{}} }}\n");
        let (line, help) = answer(&text).unwrap();
        assert_eq!(line, 6, "{lines}");
        assert!(help.starts_with(begin) && (!begin.is_empty() || help.is_empty()), "{lines}: {help}");
    }
}

#[test]
fn a_spec_of_another_name_is_named() {
    let spec = format!("{HEAD}{TAIL}");
    let dir = folder(&[("Scalegen.yaml", spec.as_str()), ("notes.yaml", "a: 1\n")]);
    let ran = scalegen(dir.path(), &["lint"]);
    assert!(ran.code == 2 && ran.err.contains("; Scalegen.yaml reads like a spec: name it"), "{}", ran.err);
    let ran = scalegen(dir.path(), &["plan"]);
    assert!(ran.code == 2 && ran.err.contains("name the spec, as Scalegen.yaml"), "{}", ran.err);
    // what is not a spec is not offered
    let dir = folder(&[("notes.yaml", "a: 1\n")]);
    let ran = scalegen(dir.path(), &["lint"]);
    assert!(ran.code == 2 && !ran.err.contains("reads like"), "{}", ran.err);
}

#[test]
fn a_file_of_variables_that_is_not_here_is_one_cause_and_its_example_is_named() {
    let compose = "services:\n  a: { image: a, env_file: .env }\n  b: { image: b, env_file: .env }\n  c: { image: c, env_file: [.env] }\n";
    let spec = "version: 1\nname: shop\nservices: { a: { resources: { limits: { memory: 1Gi } } } }\ntargets: { compose: { base: compose.yaml } }\n";
    let told = |files: &[(&str, &str)]| {
        let dir = folder(files);
        let ran = scalegen(dir.path(), &["lint", "scalegen.yaml", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let unread = report["findings"].as_array().unwrap().iter().filter(|one| one["rule"] == "unreadable-file");
        let of = |one: &serde_json::Value| {
            (one["help"].as_str().unwrap().to_owned(), one["related"].as_array().unwrap().len())
        };
        unread.map(of).collect::<Vec<_>>()
    };
    let files = [("compose.yaml", compose), ("scalegen.yaml", spec)];
    assert_eq!(told(&files), [("correct the path or put the file there".to_owned(), 2)]);
    let with = [files[0], files[1], (".env.example", "A=1\n")];
    assert_eq!(told(&with), [("copy `.env.example` to `.env`, or correct the path".to_owned(), 2)]);
    assert!(told(&[files[0], files[1], (".env", "A=1\n")]).is_empty());
}

#[test]
fn values_of_a_chart_that_is_not_read_are_named_where_a_folder_is_searched() {
    let spec = format!("{HEAD}{TAIL}");
    let chart = "apiVersion: v2\nname: web\nversion: 0.1.0\n";
    // also where an alias bomb keeps it from being read at all
    let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
    let dir = folder(&[
        ("scalegen.yaml", spec.as_str()),
        ("charts/one/Chart.yaml", chart),
        ("charts/one/values.yaml", "size: { web: 3 }\n"),
        ("charts/two/Chart.yaml", chart),
        ("charts/two/values.yaml", bomb),
    ]);
    let ran = scalegen(dir.path(), &["lint"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("charts/one/values.yaml is of a chart of no known layout"), "{}", ran.err);
    assert!(ran.err.contains("(1 more such file)") && ran.err.lines().count() == 1, "{}", ran.err);
    // a hook gets every file, and says nothing of those that it does not know
    assert_eq!(scalegen(dir.path(), &["lint", "--only-known", "."]).err, "");
}

/// Several files are no stream: `-` made a folder of that name.
#[test]
fn a_dash_is_not_a_folder() {
    let dir = folder(&[("scalegen.yaml", "version: 1\nname: shop\nservices: { web: { image: a } }\n")]);
    for args in [["docs", "--out", "-"], ["man", "--out", "-"], ["render", "--out", "-"]] {
        let ran = scalegen(dir.path(), &args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.out);
        assert!(ran.err.contains("not to standard output"), "{args:?}: {}", ran.err);
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}
