//! What an editor makes of a spec with the schema `scalegen schema` prints: the real yaml-language-server is asked, and
//! check-jsonschema as a second opinion on what the schema takes and refuses.

use crate::check::rules::{Example, examples};
use crate::cli::program::scalegen;
use crate::common::judge::{Call, Verdict, judge};
use crate::pipeline::scenarios::Folder;
use proptest::prelude::*;
use scalegen::check::rules::{self, Group};
use scalegen::model::quantity::{Cpu, Memory};
use scalegen::model::time::{Duration, TimeOfDay};
use scalegen::support::diagnostic::Severity;
use scalegen::{CheckOptions, Files, lint};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A folder with the schema in it, as the README says to write it.
pub fn workspace() -> TempDir {
    // a name pattern of the language server finds nothing below a folder whose name begins with a dot
    let dir = tempfile::Builder::new().prefix("workspace").tempdir().unwrap();
    let printed = scalegen(dir.path(), &["schema"]);
    assert_eq!(printed.code, 0, "{}", printed.err);
    fs::write(dir.path().join("scalegen.schema.json"), printed.out).unwrap();
    dir
}

/// What the language server shows for texts in a folder: `‸` marks where something is completed, `§` where one points.
pub fn shown(dir: &Path, settings: Json, texts: &[(&str, &str)]) -> Option<Vec<Json>> {
    let files: Vec<Json> = texts.iter().map(|(name, text)| marked(name, text)).collect();
    let input = json!({ "settings": settings, "files": files }).to_string();
    let args = vec!["-", dir.to_str().unwrap()];
    let verdict = Call { args, input: &input, ..Call::default() }.ask("editor.py")?;
    Some(verdict.json()["files"].as_array().unwrap().clone())
}

/// One text with its marks taken out, as the judge is asked.
pub fn marked(name: &str, text: &str) -> Json {
    let (mut complete, mut hover, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    for (index, line) in text.lines().enumerate() {
        let mut bare = String::new();
        for c in line.chars() {
            let place = json!([index + 1, bare.chars().count() + 1]);
            match c {
                '‸' => complete.push(place),
                '§' => hover.push(place),
                c => bare.push(c),
            }
        }
        lines.push(bare);
    }
    json!({ "name": name, "text": lines.join("\n") + "\n", "complete": complete, "hover": hover })
}

/// The line that names the schema, and a spec that goes on with `rest`.
fn spec(rest: &str) -> String {
    format!("# yaml-language-server: $schema=scalegen.schema.json\nversion: 1\nname: shop\n{rest}")
}

/// A spec with a fault on most lines; what follows `# ` is what the editor says there.
const FAULTS: &str = r##"version: 2 # Value is not accepted. Valid values: 1.
name: shop
servces: {} # Property servces is not allowed.
services:
  web:
    kind: stateles # Value is not accepted. Valid values: "stateless", "stateful", "singleton".
    replicas: many # Incorrect type. Expected "integer | min and max".
    port: 80
    ports: [{ port: 81 }] # port and ports exclude each other
    autoscaling:
      signal: lod # Value is not accepted. Valid values: "load", "cpu", "memory".
      scaleUp: { threshold: 750 } # Value is above the maximum of 100.
      scaleDown: { delay: 5 } # write the unit, as in 90s
    concurrency: [1] # Incorrect type. Expected "integer | limit and env".
    resources:
      requests: { cpu: { cores: 1 } } # Incorrect type. Expected one of string, number.
      limits: { memory: 16GB } # not an amount of memory: write it like 512Mi or 4Gi
    health: { interval: 5s } # health needs one of http, tcp and command
    replica: 3 # Property replica is not allowed.
    volumes: [{ name: data, size: 1Gi }] # Missing property "mount".
    connections: { postgres: x } # Incorrect type. Expected "integer | perReplica and perSlot".
    command: "a b" # Incorrect type. Expected "array".
    disruption: { minAvailable: 1, maxUnavailable: 2 } # minAvailable and maxUnavailable exclude each other
    update: { surge: 150% } # neither a whole number nor a percentage up to 100%
  worker:
    replicas: { min: 1 } # Missing property "max".
    health: { http: /a, tcp: true } # http and tcp exclude each other
    schedule:
      - days: [mon, funday] # Value is not accepted. Valid values: "mon", "tue", "wed", "thu", "fri", "sat", "sun".
        from: 8 Uhr # not a time of day: write it like "08:00"
        to: "18:00"
        timezone: Europe/Berlin
        replicas: 3
profiles:
  large:
    version: 1 # Property version is not allowed.
    services: { web: { replicas: -1, image: null } } # Value is below the minimum of 0.
targets:
  compos: {} # Property compos is not allowed.
  polyaxon: {} # Missing property "chart".
  compose: { base: 3 } # Incorrect type. Expected one of string, array.
"##;

#[test]
fn faults_are_said_at_their_lines_in_words_a_person_understands() {
    let dir = workspace();
    let text = format!("# yaml-language-server: $schema=scalegen.schema.json\n{FAULTS}");
    let Some(files) = shown(dir.path(), json!({}), &[("scalegen.yaml", &text)]) else { return };
    let found: BTreeSet<(usize, String)> = files[0]["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| (each["line"].as_u64().unwrap() as usize, each["message"].as_str().unwrap().to_owned()))
        .collect();
    let lines = text.lines().enumerate().skip(1);
    let wanted: BTreeSet<(usize, String)> =
        lines.filter_map(|(index, line)| Some((index + 1, line.split_once(" # ")?.1.to_owned()))).collect();
    assert!(wanted.len() > 25);
    assert_eq!(found, wanted);
}

/// What is offered: the spec after its name, what must be among the offers (label, and the text inserted), what must not.
type Offer = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

const OFFERS: &[Offer] = &[
    (
        "‸",
        &[("services", "services:\n  api:\n    image: example/api:1.0\n    replicas: 3"), ("targets", "targets:\n  ")],
        &["version", "name"],
    ),
    (
        "services:\n  ‸",
        &[("{ api: { image: example/api:1.0, replicas: 3 } }", "api:\n  image: example/api:1.0\n  replicas: 3")],
        &[],
    ),
    (
        "services:\n  web:\n    image: a\n    ‸",
        &[
            ("kind", "kind: "),
            ("replicas", "replicas: "),
            ("health", "health:\n  "),
            ("ports", "ports:\n  - port: "),
            ("connections", "connections:\n  postgres: 20"),
            ("disruption", "disruption:\n  "),
        ],
        &["image", "extends"],
    ),
    (
        "services:\n  web:\n    kind: ‸",
        &[("stateless", "stateless"), ("stateful", "stateful"), ("singleton", "singleton")],
        &["null"],
    ),
    (
        "services:\n  web:\n    replicas: ‸",
        &[("1", "1"), ("3", "3"), ("{ min: 1, max: 4 }", "\n  min: 1\n  max: 4")],
        &[],
    ),
    (
        "services:\n  web:\n    autoscaling:\n      signal: ‸",
        &[("load", "load"), ("cpu", "cpu"), ("memory", "memory")],
        &[],
    ),
    (
        "services:\n  web:\n    autoscaling:\n      scaleUp:\n        delay: ‸",
        &[("1m", "1m"), ("30s", "30s")],
        &["threshold"],
    ),
    (
        "profiles:\n  large:\n    ‸",
        &[("extends", "extends: "), ("claims", "claims: "), ("targets", "targets:\n  ")],
        &["version", "name", "profiles"],
    ),
    (
        "profiles:\n  large:\n    services:\n      web:\n        ‸",
        &[("replicas", "replicas: "), ("kind", "kind: ")],
        &[],
    ),
    (
        "profiles:\n  large:\n    services:\n      web:\n        kind: ‸",
        &[("stateful", "stateful"), ("null", "null")],
        &[],
    ),
    (
        "targets:\n  compose: {}\n  ‸",
        // no default of an option is written out
        &[("kubernetes", "kubernetes:\n  "), ("nginx", "nginx:\n  "), ("polyaxon", "polyaxon:\n  ")],
        &["compose"],
    ),
    ("targets:\n  kubernetes:\n    ‸", &[("autoscaler", "autoscaler: "), ("namespace", "namespace: ")], &["listen"]),
    ("targets:\n  kubernetes:\n    autoscaler: ‸", &[("hpa", "hpa"), ("keda", "keda"), ("none", "none")], &[]),
];

#[test]
fn what_may_stand_there_is_offered_once() {
    let dir = workspace();
    let texts: Vec<(String, String)> =
        OFFERS.iter().enumerate().map(|(index, (rest, ..))| (format!("{index}.yaml"), spec(rest))).collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (&**name, &**text)).collect();
    let Some(files) = shown(dir.path(), json!({}), &texts) else { return };
    let mut faults = Vec::new();
    for (file, (rest, wanted, unwanted)) in files.iter().zip(OFFERS) {
        let offers: Vec<(&str, &str)> = file["complete"][0]
            .as_array()
            .unwrap()
            .iter()
            .map(|offer| (offer["label"].as_str().unwrap(), offer["text"].as_str().unwrap_or_default()))
            .collect();
        let missing = wanted.iter().filter(|want| !offers.contains(want));
        faults.extend(missing.map(|want| format!("{rest:?}: {want:?} is not among {offers:#?}")));
        let labels: Vec<&str> = offers.iter().map(|(label, _)| *label).collect();
        faults.extend(
            labels.iter().filter(|label| unwanted.contains(label)).map(|l| format!("{rest:?}: {l} is offered")),
        );
        faults.extend(
            labels.iter().filter(|label| label.contains("[object")).map(|l| format!("{rest:?}: {l} is offered")),
        );
        if labels.iter().collect::<BTreeSet<_>>().len() != labels.len() {
            faults.push(format!("{rest:?}: offered twice: {labels:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_hover_explains_with_default_and_example() {
    const POINTED: &str = "services:
  web:
    ki§nd: singleton
    replic§as: 1
    autosca§ling: { scaleUp: { del§ay: 2m } }
    conne§ctions: { post§gres: 2 }
    schedule:
      - { days: [mon], from: \"08:00\", to: \"09:00\", timezone: UTC, replic§as: { m§in: 1, max: 1 } }
profiles:
  large: { services: { web: { replicas: { m§in: 1, max: 3 } } } }
targets: { kubernetes: { auto§scaler: keda } }
";
    const SHOWN: &[&[&str]] = &[
        &[
            "What sort of workload it is.",
            "Default: `stateless`",
            "* `singleton`: At most one replica: a scheduler, a beat.",
        ],
        &[
            "How many replicas run: a number, or a range",
            "Default: `1`",
            "```yaml\nmin: 1\nmax: 4\n```",
            "```yaml\n3\n```",
        ],
        &["How the number of replicas follows the signal.", "```yaml\nsignal: cpu\nscaleUp:\n  threshold: 0.8\n```"],
        &["How long the threshold must be met", "Default: `1m`", "```yaml\n30s\n```"],
        &["Connections opened to backing services", "```yaml\npostgres:\n  perSlot: 4\nredis: 10\n```"],
        &["Connections opened to one backing service.", "```yaml\n20\n```"],
        &["The replicas in the window", "```yaml\nmin: 3\nmax: 10\n```"],
        &["Fewest replicas in the window.", "```yaml\n2\n```"],
        &["Fewest replicas. With 0 the service may be scaled away", "```yaml\n1\n```"],
        &["What moves the number of replicas", "Default: `hpa`", "* `keda`: ScaledObject of KEDA"],
    ];
    let dir = workspace();
    let Some(files) = shown(dir.path(), json!({}), &[("scalegen.yaml", &spec(POINTED))]) else { return };
    assert_eq!(files[0]["diagnostics"], json!([]));
    let hovers: Vec<&str> = files[0]["hover"].as_array().unwrap().iter().map(|hover| hover.as_str().unwrap()).collect();
    assert_eq!(hovers.len(), SHOWN.len());
    for (hover, wanted) in hovers.iter().zip(SHOWN) {
        for part in *wanted {
            assert!(hover.contains(part), "{part:?} is not in the hover:\n{hover}");
        }
    }
}

#[test]
fn a_file_name_is_enough_where_the_editor_knows_it() {
    let page = fs::read_to_string("src/lsp/editors.md").unwrap();
    let (_, block) = page.split_once("```json\n\"yaml.schemas\"").expect("the page shows the setting");
    let block = format!("\"yaml.schemas\"{block}");
    let setting: Json = serde_json::from_str(&format!("{{{}}}", block.split_once("```").unwrap().0)).unwrap();
    let settings = json!({ "schemas": setting["yaml.schemas"] });
    let dir = workspace();
    let wrong = "version: 1\nname: shop\nservices: { web: { replica: 3 } }\n";
    let texts = [("scalegen.yaml", wrong), ("deploy/shop.scalegen.yaml", wrong), ("compose.yaml", wrong)];
    let Some(files) = shown(dir.path(), settings, &texts) else { return };
    let said: Vec<usize> = files.iter().map(|file| file["diagnostics"].as_array().unwrap().len()).collect();
    assert_eq!(said, [1, 1, 0], "{files:#?}");
}

/// Every spec there is, with the files beside it: the fixtures, and the examples of the rules' pages.
fn specs() -> Vec<(String, String, Box<dyn Files>)> {
    let mut specs: Vec<(String, String, Box<dyn Files>)> = Vec::new();
    for folder in ["broken", "fixes", "scale", "scenarios"] {
        for entry in walkdir::WalkDir::new(format!("fixtures/{folder}")).sort_by_file_name() {
            let path = entry.unwrap().into_path();
            let written = path.components().any(|part| part.as_os_str() == "expected" || part.as_os_str() == "chart");
            let named = path.to_string_lossy().into_owned();
            if named.ends_with(".yaml") && !written && (folder != "scenarios" || named.ends_with("/scalegen.yaml")) {
                let folder = Folder(path.parent().unwrap().to_path_buf());
                specs.push((named, fs::read_to_string(&path).unwrap(), Box::new(folder)));
            }
        }
    }
    let everything = fs::read_to_string("fixtures/everything.yaml").unwrap();
    specs.push(("fixtures/everything.yaml".to_owned(), everything, Box::new(Folder("fixtures".into()))));
    for rule in rules::ALL {
        for example in examples(rule.page).into_iter().filter(|example| !example.foreign) {
            let Example { line, .. } = example;
            specs.push((format!("{}.md:{line}", rule.meta.id), example.spec(), Box::new(example)));
        }
    }
    specs
}

/// Where the schema and scalegen differ on the shape of a spec, and why that is right.
const DIFFERENCES: &[(&str, &str)] = &[
    ("fixtures/broken/extends-in-a-circle.yaml", "a schema does not follow names"),
    ("unknown-reference.md:18", "a schema does not follow names"),
    ("fixtures/fixes/units.unsafe.yaml", "volumes need another `kind`, whose default a schema does not fill in"),
    ("invalid-value.md:22", "volumes need another `kind`, whose default a schema does not fill in"),
    (
        "threshold-out-of-range.md:15",
        "what a signal can reach depends on requests and limits, which a schema does not divide",
    ),
    (
        "threshold-out-of-range.md:23",
        "what a signal can reach depends on requests and limits, which a schema does not divide",
    ),
    ("unreadable-file.md:13", "a schema reads no other files"),
];

#[test]
fn the_schema_and_scalegen_refuse_the_same_specs() {
    let dir = workspace();
    let schema = dir.path().join("scalegen.schema.json");
    let mut ours: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut args = vec![schema.to_str().unwrap().to_owned()];
    for (index, (name, text, files)) in specs().into_iter().enumerate() {
        let checked = lint("scalegen.yaml", text.as_bytes(), &*files, &CheckOptions::default());
        let of_shape = |id: &str| {
            // the schema itself reports under this one
            id == "threshold-out-of-range" || rules::get(id).is_some_and(|rule| rule.meta.group == Group::Shape)
        };
        let fault = checked.findings.iter().find(|one| one.severity == Severity::Error && of_shape(&one.rule));
        ours.insert(name.clone(), fault.map(|fault| format!("{}: {}", fault.rule, fault.message)));
        let path = dir.path().join(format!("{index}.yaml")).to_str().unwrap().to_owned();
        fs::write(&path, text).unwrap();
        names.insert(path.clone(), name);
        args.push(path);
    }
    assert!(ours.len() > 150, "{}", ours.len());
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let Some(Verdict { out, err, .. }) = judge("check-jsonschema.sh", &args) else { return };
    let report: Json = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"));
    let mut theirs: BTreeMap<&str, String> = BTreeMap::new();
    for list in ["parse_errors", "errors"] {
        for error in report[list].as_array().into_iter().flatten() {
            let name = &names[error["filename"].as_str().unwrap()];
            theirs.insert(name, format!("{} {}", error["path"], error["message"]));
        }
    }
    let known: BTreeSet<&str> = DIFFERENCES.iter().map(|(name, _)| *name).collect();
    let mut differ = BTreeSet::new();
    let mut faults = Vec::new();
    for (name, fault) in &ours {
        if fault.is_some() != theirs.contains_key(&**name) {
            differ.insert(&**name);
            if !known.contains(&**name) {
                faults.push(format!("{name}: scalegen says {fault:?}, the schema {:?}", theirs.get(&**name)));
            }
        }
    }
    faults.extend(known.difference(&differ).map(|name| format!("{name}: no difference any more")));
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert!(theirs.len() > 15 && ours.len() - theirs.len() > 100, "{} refused of {}", theirs.len(), ours.len());
}

/// One definition of the printed schema, for single values.
fn definition(name: &str) -> jsonschema::Validator {
    let mut schema: Json = serde_json::from_str(&scalegen::inputs::spec::schema::for_editors()).unwrap();
    let definitions = schema["$defs"].take();
    jsonschema::validator_for(&json!({ "$defs": definitions, "$ref": format!("#/$defs/{name}") })).unwrap()
}

/// Definitions with a pattern, and how scalegen reads such a text.
type Reader = (&'static str, fn(&str) -> bool);

const READERS: &[Reader] = &[
    ("cpu", |text| Cpu::parse(text).is_ok()),
    ("memory", |text| Memory::parse(text).is_ok()),
    ("duration", |text| Duration::parse(text).is_some()),
    ("time", |text| TimeOfDay::parse(text).is_some()),
];

proptest! {
    #[test]
    fn the_editor_refuses_no_text_that_scalegen_reads(
        text in "[ +]?[0-9]{0,3}[.:]?[0-9]{0,2}([a-zA-Z]{1,2}[+-]?[0-9]{0,2}){0,3} ?",
    ) {
        thread_local! {
            static SCHEMAS: Vec<jsonschema::Validator> = READERS.iter().map(|(name, _)| definition(name)).collect();
        }
        SCHEMAS.with(|schemas| {
            for ((name, reads), schema) in READERS.iter().zip(schemas) {
                prop_assert!(!reads(&text) || schema.is_valid(&json!(text)), "{name} {text:?}");
            }
            Ok(())
        })?;
    }
}

#[test]
fn the_editor_refuses_the_texts_that_scalegen_cannot_read() {
    const TEXTS: &[&str] = &[
        "", " ", "16GB", "500x", "1 Gi", "Mi", "-1", "1e", "0.5.5", "2gi", "512Mi", "500m", ".5", "5.", "1e3", "90s",
        "1h30m", "1.5h", "30", "30m1h", "1m1m", "5ms", "5m5s5ms", "0", "1y", "08:00", "8:00", "24:00", "24:01",
        "25:00", "8:0", "0800", "12:60", "25%",
    ];
    for (name, reads) in READERS {
        let schema = definition(name);
        for text in TEXTS {
            assert_eq!(schema.is_valid(&json!(text)), reads(text), "{name} {text:?}");
        }
    }
    let (amount, duration) = (definition("amount"), definition("duration"));
    assert!(["25%", "0%", "100%", "+5%"].iter().all(|text| amount.is_valid(&json!(text))));
    assert!(!["150%", "%", "5 %", "five", "-1%"].iter().any(|text| amount.is_valid(&json!(text))));
    assert!(duration.is_valid(&json!(0)) && !duration.is_valid(&json!(5)));
}

#[test]
fn every_example_reads_back_as_the_schema_has_it() {
    fn walk(node: &Json, seen: &mut usize) {
        let examples = node.get("examples").and_then(Json::as_array).into_iter().flatten();
        for value in examples.chain(node.get("default")).filter(|value| !value.is_null()) {
            for text in [
                scalegen::inputs::spec::schema::sample::yaml(value),
                scalegen::inputs::spec::schema::sample::line(value),
            ] {
                let read: Json = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
                assert_eq!(&read, value, "{text}");
                *seen += 1;
            }
        }
        match node {
            Json::Object(fields) => fields.values().for_each(|value| walk(value, seen)),
            Json::Array(items) => items.iter().for_each(|value| walk(value, seen)),
            _ => {}
        }
    }
    let mut seen = 0;
    walk(&serde_json::from_str(scalegen::inputs::spec::schema::SCHEMA).unwrap(), &mut seen);
    assert!(seen > 300, "{seen}");
}

#[test]
fn words_for_choices_are_as_many_as_choices() {
    fn walk(node: &Json) {
        if let Some(words) = node.get("enumDescriptions") {
            assert_eq!(words.as_array().unwrap().len(), node["enum"].as_array().unwrap().len(), "{node}");
        }
        match node {
            Json::Object(fields) => fields.values().for_each(walk),
            Json::Array(items) => items.iter().for_each(walk),
            _ => {}
        }
    }
    walk(&serde_json::from_str(&scalegen::inputs::spec::schema::for_editors()).unwrap());
}
