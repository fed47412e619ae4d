//! Words of other tools in a spec: whoever does what the help says has a spec that lints. Row by row, from the table itself.

use scalegen::inputs::spec::schema::foreign_words::convert::braces;
use scalegen::inputs::spec::schema::foreign_words::table::{example, rows};
use scalegen::inputs::spec::schema::foreign_words::word_row::{WordAnswer, WordRow};
use scalegen::support::diagnostic::{Finding, Severity};
use scalegen::{CheckOptions, Files, fix, lint};

/// What else a mapping must say.
const BESIDE: &[(&str, &[&str])] = &[
    ("services/*", &["image: example/web:1"]),
    ("services/*/ports/*", &["port: 8080"]),
    ("services/*/health", &["http: /health"]),
    ("services/*/volumes/*", &["name: data", "mount: /data", "size: 1Gi"]),
    ("capacity/nodes/*", &["count: 1", "cpu: 4", "memory: 8Gi"]),
    ("services/*/schedule/*", &["replicas: 3", "days: [mon]", "from: \"08:00\"", "to: \"18:00\"", "timezone: UTC"]),
    ("services/*/tolerations/*", &["key: pool"]),
    ("backingServices/*", &["kind: postgres"]),
];

/// A compose file beside the spec, for what names one.
struct Beside;

impl Files for Beside {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let file = "services:\n  web:\n    image: example/web:1\n";
        if path == "docker-compose.yml" { Ok(file.into()) } else { Err("no such file".to_owned()) }
    }
}

/// A spec that says this at a place of the table; `above` stands in the mapping above it.
fn spec(at: &str, inside: &str, above: &str, without: &[String]) -> String {
    let mut text = inside.to_owned();
    let mut parts: Vec<&str> = at.split('/').filter(|part| !part.is_empty()).collect();
    let mut is_first = true;
    while let Some(part) = parts.last().copied() {
        let place = parts.join("/");
        let beside = BESIDE.iter().find(|(known, _)| *known == place).map_or(&[][..], |(_, beside)| beside);
        let mut fields: Vec<String> = Vec::new();
        let known = |field: &str| field.split(':').next().unwrap_or_default().to_owned();
        if is_first {
            let kept =
                beside.iter().filter(|field| !without.contains(&known(field)) && !text.starts_with(&known(field)));
            fields.extend(kept.map(|field| (*field).to_owned()));
        } else {
            fields.extend(beside.iter().map(|field| (*field).to_owned()));
        }
        if place == "services/*" && at.contains("volumes/") {
            fields.push("kind: stateful".to_owned());
        }
        fields.extend(Some(text.clone()).filter(|text| !text.is_empty()));
        parts.pop();
        let is_list = part == "*"
            && matches!(parts.last(), Some(&"ports" | &"volumes" | &"nodes" | &"schedule" | &"tolerations"));
        text = match part {
            "*" if is_list => format!("[{{ {} }}]", fields.join(", ")),
            "*" => format!("web: {{ {} }}", fields.join(", ")),
            key if text.starts_with('[') => format!("{key}: {text}"),
            key => format!("{key}: {{ {} }}", fields.join(", ")),
        };
        if is_first && !above.is_empty() {
            text = format!("{text}, {above}");
        }
        is_first = false;
    }
    let services = if at.starts_with("services") || inside.starts_with("services") {
        ""
    } else {
        "services: { web: { image: \"example/web:1\", resources: { limits: { memory: 1Gi } } } }\n"
    };
    // a field of the root is written once
    let head = ["version: 1", "name: m"].into_iter().filter(|line| {
        let key = line.split(':').next().unwrap_or_default();
        !(at.is_empty() && (without.iter().any(|taken| taken == key) || inside.starts_with(key)))
    });
    format!(
        "{}{services}{}\n",
        head.map(|line| format!("{line}\n")).collect::<String>(),
        text.replace("example/web:1,", "\"example/web:1\",").replace("example/web:1 }", "\"example/web:1\" }")
    )
}

fn check(text: &str) -> Vec<Finding> {
    lint("scalegen.yaml", text.as_bytes(), &Beside, &CheckOptions::default()).findings
}

fn errors(text: &str) -> Vec<String> {
    let errors = check(text).into_iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| format!("{}: {}", finding.rule.as_str(), finding.message)).collect()
}

/// The texts in backticks.
fn quoted(help: &str) -> Vec<&str> {
    help.split('`').skip(1).step_by(2).collect()
}

/// The specs that a person may write after the help.
fn followed(row: &WordRow, help: &str, taken: &[String]) -> Vec<String> {
    if help.starts_with("remove it") {
        return vec![spec(row.at, "", "", &[])];
    }
    let is_field = |text: &&str| text.contains(": ");
    let fields: Vec<&str> = quoted(help).into_iter().filter(is_field).collect();
    let parent = row.at.rsplit_once('/').map_or("", |(parent, _)| parent);
    match row.answer {
        // one end of a range needs the other, and a host port its port
        WordAnswer::Fields { .. } if help.contains("the other end") => {
            if row.at == "services/*/replicas" {
                return vec![spec(row.at, "min: 2, max: 6", "", taken)];
            }
            let range = "replicas: { min: 2, max: 6 }";
            let inside = if help.contains(" in `web`") { "" } else { range };
            vec![spec(row.at, inside, if inside.is_empty() { range } else { "" }, taken)]
        }
        WordAnswer::Fields { .. } if row.at == "services/*" && help.contains("publish: ") => {
            vec![spec(row.at, &format!("port: 80, {}", fields.join(", ")), "", taken)]
        }
        WordAnswer::Fields { .. }
            if row.at == "services/*/health" && ["command: ", "tcp: "].iter().any(|form| help.contains(form)) =>
        {
            vec![spec(row.at, &fields.join(", "), "", &["http".to_owned()])]
        }
        WordAnswer::Fields { .. } if help.contains(" in `web`") => {
            fields.iter().map(|text| spec(row.at, "", text, &[])).collect()
        }
        WordAnswer::Fields { .. } => vec![spec(row.at, &fields.join(", "), "", taken)],
        // a sentence shows a field of the mapping itself or of one above
        _ => fields
            .iter()
            .flat_map(|text| {
                let places = [row.at, parent, "services/*", ""];
                places.map(|place| spec(place, text, "", if place == "services/*" { &[] } else { taken }))
            })
            .collect(),
    }
}

#[test]
fn whoever_does_what_the_help_says_has_a_spec_that_lints() {
    let mut wrong = Vec::new();
    for row in rows() {
        let taken: Vec<String> = example(row)
            .into_iter()
            .flatten()
            .map(|field| field.path.split('.').next().unwrap_or_default().to_owned())
            .collect();
        for word in row.words {
            let text = spec(row.at, &format!("{word}: {}", row.sample), "", &taken);
            let found = check(&text);
            let Some(finding) = found.iter().find(|finding| finding.rule == "unknown-field") else {
                wrong.push(format!("{word} at {}: no finding in\n{text}{:?}", row.at, errors(&text)));
                continue;
            };
            let help = finding.help.clone().unwrap_or_default();
            if let (WordAnswer::Fields { .. }, Some(fields)) = (row.answer, example(row)) {
                let told = fields.iter().all(|field| help.contains(&field.text));
                assert!(
                    told && quoted(&help).len() <= 3 + fields.len(),
                    "{word} at {}: {help}, not {}",
                    row.at,
                    braces(&fields)
                );
            }
            let next = followed(row, &help, &taken);
            if next.is_empty() || next.iter().all(|next| !errors(next).is_empty()) {
                wrong.push(format!(
                    "{word} at {}: {help}\n{}{:?}",
                    row.at,
                    next.concat(),
                    next.iter().map(|next| errors(next)).collect::<Vec<_>>()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} rows\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn what_is_sure_a_program_writes() {
    let fixed = |text: &str| fix("scalegen.yaml", text.as_bytes(), &Beside, &CheckOptions::default(), true).text;
    let head = "version: 1\nname: m\nservices:\n  web:\n    image: \"example/web:1\"\n";
    let cases = [
        ("    mem_limit: 512m # measured\n", "    resources: { limits: { memory: 512Mi } } # measured\n"),
        (
            "    mem_limit: 1g\n    cpus: \"0.5\"\n    port: 80\n",
            "    resources: { limits: { memory: 1Gi, cpu: 0.5 } }\n    port: 80\n",
        ),
        ("    minReplicas: 2\n    port: 80\n    maxReplicas: 6\n", "    replicas: { min: 2, max: 6 }\n    port: 80\n"),
        (
            "    port: 80\n    restart: always\n    depends_on:\n      - db\n    replicas: 2\n",
            "    port: 80\n    replicas: 2\n",
        ),
        (
            "    ports: [\"8080:80\", 53/udp]\n",
            "    ports: [{ port: 80, publish: 8080 }, { port: 53, protocol: udp }]\n",
        ),
        ("    env: [A=1, B=x y, C=]\n", "    env: { A: 1, B: \"x y\", C: \"\" }\n"),
        ("    replicas: three\n", "    replicas: 3\n"),
        ("    replicas: 2-6\n", "    replicas: { min: 2, max: 6 }\n"),
        ("    environment:\n      - A=1\n      - B=x y\n", "    env: { A: 1, B: \"x y\" }\n"),
        (
            "    healthcheck:\n      test: [CMD, curl, localhost]\n      interval: 30\n    port: 80\n",
            "    health: { command: [\"curl\", \"localhost\"], interval: 30s }\n    port: 80\n",
        ),
        (
            "    deploy:\n      replicas: 3\n      resources:\n        limits: { memory: 512M }\n    port: 80\n",
            "    replicas: 3\n    resources: { limits: { memory: 512Mi } }\n    port: 80\n",
        ),
        (
            "    podDisruptionBudget:\n      # one\n      maxUnavailable: 1\n",
            "    disruption:\n      # one\n      maxUnavailable: 1\n",
        ),
        (
            "    image_: 1\n    health: curl -f localhost\n",
            "    image_: 1\n    health: { command: [\"sh\", \"-c\", \"curl -f localhost\"] }\n",
        ),
        ("targets: [compose, nginx]\n", "targets: { compose: {}, nginx: {} }\n"),
        ("targets: { docker-compose: {} }\n", "targets: { compose: {} }\n"),
        ("    resources: { limits: { memory: 1 Gi } }\n", "    resources: { limits: { memory: 1Gi } }\n"),
    ];
    for (wrong, right) in cases {
        assert_eq!(fixed(&format!("{head}{wrong}")), Some(format!("{head}{right}")), "{wrong}");
    }
    // a comment inside what would become one line stays
    assert_eq!(fixed(&format!("{head}    deploy:\n      # measured\n      replicas: 3\n")), None);
    let indented = fixed("version: 1\nname: m\nservices:\n  web:\n  image: a\n  replicas: 3\n");
    assert_eq!(indented.as_deref(), Some("version: 1\nname: m\nservices:\n  web:\n    image: a\n    replicas: 3\n"));
}

#[test]
fn what_stands_there_already_is_not_written_twice() {
    let help = |text: &str| {
        let text = format!("version: 1\nname: m\nservices: {{ web: {{ image: a, {text} }} }}\n");
        check(&text)
            .into_iter()
            .find(|finding| finding.rule == "unknown-field")
            .and_then(|finding| finding.help)
            .unwrap_or_default()
    };
    assert_eq!(
        help("mem_limit: 1g, resources: { requests: { memory: 1Gi } }"),
        "write `limits: { memory: 1Gi }` in `resources`"
    );
    assert_eq!(help("mem_limit: 1g, resources: { limits: { cpu: 1 } }"), "write `memory: 1Gi` in `resources.limits`");
    assert_eq!(
        help("mem_limit: 1g, resources: { limits: { memory: 1Gi } }"),
        "remove it: `resources.limits.memory` is written too"
    );
    assert_eq!(help("limits: { memory: 1Gi }, port: 80"), "write `resources: { limits: { memory: 1Gi } }`");
    assert_eq!(
        help("limits: { memory: 1Gi }, resources: { requests: { cpu: 1 } }"),
        "write `limits: { memory: 1Gi }` in `resources`"
    );
    assert_eq!(help("interval: 10s"), "write it as `health.interval` or `liveness.interval` or `startup.interval`");
    assert_eq!(help("resources: { replicas: 3 }"), "write it in `web` itself, less indented");
    // no value of a variable that looks like a secret is repeated
    assert!(!help("environment: { DB_PASSWORD: hunter2 }").contains("hunter2"));
}

#[test]
fn one_mistake_over_a_profile_and_several_words_are_one_finding() {
    let text = "version: 1\nname: m\nservices: { web: { image: a, minReplicas: 2, maxReplicas: 6 } }\nprofiles: { large: {}, small: {} }\n";
    let found = check(text);
    let unknown: Vec<&Finding> = found.iter().filter(|finding| finding.rule == "unknown-field").collect();
    assert_eq!((unknown.len(), unknown[0].related.len()), (1, 1), "{found:#?}");
    let mut checked = lint("scalegen.yaml", text.as_bytes(), &Beside, &CheckOptions::default());
    checked.keep_causes();
    assert_eq!(checked.findings.len(), 1, "{:#?}", checked.findings);
}

/// Two words under one service, in lines and in braces: whatever stands beside it, fixing ends and leaves no more errors.
#[test]
fn any_two_words_together_are_fixed_as_far_as_each_is() {
    let rows: Vec<&WordRow> = rows().filter(|row| row.at == "services/*").collect();
    assert!(rows.len() > 20);
    for (index, one) in rows.iter().enumerate() {
        for other in rows.iter().skip(index) {
            let (first, second) = (one.words[0], other.words[other.words.len() - 1]);
            if first == second {
                continue;
            }
            let block = format!(
                "version: 1\nname: m\nservices:\n  web:\n    image: \"example/web:1\"\n    {first}: {}\n    {second}: {}\n",
                one.sample, other.sample
            );
            let flow = format!(
                "version: 1\nname: m\nservices: {{ web: {{ {first}: {}, image: \"example/web:1\", {second}: {} }} }}\n",
                one.sample, other.sample
            );
            for text in [block, flow] {
                let before = errors(&text).len();
                let fixed = fix("scalegen.yaml", text.as_bytes(), &Beside, &CheckOptions::default(), true);
                let after = fixed.text.as_deref().map_or(before, |text| errors(text).len());
                assert!(after <= before, "{text}\n{:?}", fixed.text);
            }
        }
    }
}
