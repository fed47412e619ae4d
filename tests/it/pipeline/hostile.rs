//! Hostile text in every string of the language: what is written holds exactly that text, or the spec is refused at its place.
//!
//! The spec that sets every field is rendered with a harmless word in one field, and again with the hostile text there.
//! Both outputs are parsed; the second must be the first with the word replaced, in every place, and nothing else changed.

use crate::common::judge::not_tested;
use crate::pipeline::scenarios::Folder;
use crate::targets::consumers::read;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use scalegen::report::{Batch, Format, Reported, TextStyle, write};
use scalegen::support::diagnostic::{RuleId, Severity};
use scalegen::targets::OutputFile;
use scalegen::{CheckResult, NoFiles};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Text that some reader takes for something else.
const TABLE: &[&str] = &[
    "",
    " ",
    " leading",
    "trailing ",
    "\t",
    "two\nlines",
    "end\n",
    "carriage\rreturn",
    "crlf\r\n",
    "a: b",
    "a #b",
    "# comment",
    ": #",
    "- item",
    "? key",
    "{{ value }}",
    "{% raw %}",
    "{# note #}",
    "{a: b}",
    "[a, b]",
    "'",
    "\"",
    "it's \"quoted\"",
    "\\",
    "\\n",
    "`id`",
    "; } server {",
    "a;b",
    "a{b}",
    "$VAR",
    "${VAR}",
    "$$",
    "${VAR:?no}",
    "$(id)",
    "!!python/object:os.system",
    "!override",
    "&anchor",
    "*alias",
    "<<",
    "=",
    "@at",
    "%TAG",
    "| literal",
    "> folded",
    "---",
    "...",
    "--- a",
    "no",
    "Yes",
    "on",
    "y",
    "null",
    "~",
    "true",
    "1",
    "1.0",
    "1e3",
    "1E3",
    "-1",
    "+1",
    ".5",
    "0x1F",
    "0o17",
    "08",
    "0777",
    "0b1",
    "1_000",
    "12:30",
    "12:30:45",
    "2026-01-01",
    "2026-01-01T00:00:00Z",
    ".inf",
    ".nan",
    "1Gi",
    "\u{2028}",
    "a\u{2029}b",
    "a\u{85}b",
    "\u{feff}a",
    "a\u{a0}b",
    "a\u{202e}b\u{202c}",
    "a\u{200b}b",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1b}]0;title\u{7}",
    "\u{1}",
    "\u{7f}",
    "a\u{9b}31m",
    "\u{8}\u{8}",
    "日本語",
    "e\u{301}",
    "😀",
    "../../etc/passwd",
    "/etc/passwd",
    "a/b",
    "a~1b",
    "con",
    "-rf",
    "--flag",
    "a,b",
    "a=b",
    "100%",
];

/// Strings that stand for themselves: (pattern of the path, the shape a harmless word takes there).
const TEXTS: &[(&str, &str)] = &[
    ("/services/gateway/image", "acme/zqk:1"),
    ("/services/gateway/command/0", "zqk"),
    ("/services/gateway/args/1", "zqk"),
    ("/services/gateway/env/LOG_LEVEL", "zqk"),
    ("/services/gateway/concurrency/env", "ZQK"),
    ("/services/gateway/autoscaling/metrics/prometheus/server", "http://zqk:9090"),
    ("/services/gateway/autoscaling/metrics/prometheus/running", "zqk"),
    ("/services/gateway/autoscaling/metrics/prometheus/queued", "zqk"),
    ("/services/gateway/sharedSecrets/0", "ZQK"),
    ("/services/gateway/expose/host", "zqk.example.com"),
    ("/services/gateway/expose/path", "/zqk"),
    ("/services/gateway/health/http", "/zqk"),
    ("/services/worker/ports/0/name", "zqk"),
    ("/services/worker/health/command/1", "zqk"),
    ("/services/scheduler/volumes/0/name", "zqk"),
    ("/services/scheduler/volumes/0/mount", "/zqk"),
    ("/services/store/volumes/0/name", "zqk"),
    ("/services/store/volumes/0/mount", "/zqk"),
    ("/backingServices/postgres/image", "acme/zqk:1"),
    ("/backingServices/warehouse/external/urlEnv", "ZQK"),
    ("/capacity/nodes/0/name", "zqk"),
    ("/name", "zqk"),
    ("/targets/compose/project", "zqk"),
    ("/targets/polyaxon/namespace", "zqk"),
    ("/targets/kubernetes/namespace", "zqk"),
    ("/targets/kubernetes/secretName", "zqk"),
    ("/targets/seldon/namespace", "zqk"),
    ("/targets/helm/paths/gateway/replicas", "zqk"),
];

/// Names, by one that stands in the spec: the hostile text takes its place wherever it is named.
const NAMES: &[(&str, &str)] = &[
    ("/services", "scorer"),
    ("/services", "store"),
    ("/services/gateway/env", "LOG_LEVEL"),
    ("/backingServices", "postgres"),
    ("/backingServices", "redis"),
    ("/backingServices", "warehouse"),
    ("/profiles", "development"),
];

/// Fields that take any text at all: refusing it there would be too easy.
const FREE: &[&str] = &[
    "/services/gateway/command/0",
    "/services/gateway/args/1",
    "/services/gateway/env/LOG_LEVEL",
    "/services/worker/health/command/1",
];

/// One string of the spec.
#[derive(Clone, Debug)]
enum Field {
    /// The value at a path, and its harmless form.
    Value(&'static str, &'static str),
    /// A key of the map at a path.
    Name(&'static str, &'static str),
}

fn fields() -> Vec<Field> {
    let values = TEXTS.iter().map(|(path, word)| Field::Value(path, word));
    values.chain(NAMES.iter().map(|(map, name)| Field::Name(map, name))).collect()
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

impl Field {
    /// The path of the place in the spec that now holds the text.
    fn path(&self, text: &str) -> String {
        match self {
            Field::Value(path, _) => (*path).to_owned(),
            Field::Name(map, _) => format!("{map}/{}", escaped(text)),
        }
    }

    /// The harmless text.
    fn word(&self) -> &'static str {
        match self {
            Field::Value(_, word) => word,
            Field::Name("/services/gateway/env", _) => "ZQK",
            Field::Name(..) => "zqk",
        }
    }

    /// The spec with this text in the field.
    fn set(&self, spec: &Json, text: &str) -> Json {
        let mut spec = spec.clone();
        match self {
            Field::Value(path, _) => *spec.pointer_mut(path).unwrap() = Json::String(text.to_owned()),
            Field::Name(map, old) => {
                let parts: &[&str] = if *map == "/profiles" {
                    &["profiles"]
                } else {
                    &["services", "backingServices", "recommendations"]
                };
                for part in parts {
                    spec[part] = renamed(spec[part].take(), old, text);
                }
            }
        }
        spec
    }
}

/// Every key and value that is this name, but for `kind`, whose words are the language's own.
fn renamed(value: Json, old: &str, new: &str) -> Json {
    match value {
        Json::Object(fields) => Json::Object(
            fields
                .into_iter()
                .map(|(key, value)| {
                    let value = if key == "kind" { value } else { renamed(value, old, new) };
                    (if key == old { new.to_owned() } else { key }, value)
                })
                .collect(),
        ),
        Json::Array(items) => items.into_iter().map(|item| renamed(item, old, new)).collect(),
        Json::String(text) if text == old => Json::String(new.to_owned()),
        other => other,
    }
}

/// A spec that sets every field once, with every image known, so that targets write whole files.
fn whole() -> Json {
    let mut spec = read(&std::fs::read_to_string("fixtures/everything.yaml").unwrap());
    for twice in ["beat", "scorer", "envoy", "pipelinegateway"] {
        take(&mut spec, "/services", twice);
    }
    // no name and no free text stands in these
    take(&mut spec, "/services/gateway", "schedule");
    take(&mut spec, "", "profiles");
    spec["profiles"] = serde_json::json!({"development": {}});
    // these name files, which are read before anything is written
    take(&mut spec, "/targets/compose", "base");
    take(&mut spec, "/targets/helm", "base");
    take(&mut spec, "/targets/helm", "chart");
    take(&mut spec, "", "from");
    spec
}

/// The same without images: targets write overlays for files that exist.
fn overlay() -> Json {
    let mut spec = whole();
    for (_, service) in spec["services"].as_object_mut().unwrap() {
        service.as_object_mut().unwrap().shift_remove("image");
    }
    // patches for whatever is there: the manifests of the fixture hold only some of the services
    for option in ["base", "containers"] {
        spec["targets"]["kubernetes"].as_object_mut().unwrap().shift_remove(option);
    }
    spec
}

fn take(spec: &mut Json, map: &str, key: &str) {
    spec.pointer_mut(map).unwrap().as_object_mut().unwrap().shift_remove(key).unwrap();
}

/// The spec without the services that the target has no place for: some know only names of their own.
fn fitted(spec: &Json, target: &str) -> Json {
    let mut spec = spec.clone();
    loop {
        let outcome = render("scalegen.yaml", &spec, None, target);
        let errors = errors(&outcome.checked);
        let Some((_, path, message)) = errors.first() else { return spec };
        let name = path.strip_prefix("/services/").unwrap_or_else(|| panic!("{target}: {path}: {message}"));
        assert!(!["compose", "kubernetes", "nginx"].contains(&target), "{target}: {path}: {message}");
        let name = name.split('/').next().unwrap();
        take(&mut spec, "/services", name);
        // the sizing table speaks of services too
        for (_, row) in spec["recommendations"].as_object_mut().unwrap() {
            row["services"].as_object_mut().unwrap().shift_remove(name);
        }
    }
}

/// JSON, which is YAML, in ASCII as far as YAML has escapes for it: what is hostile comes from escapes.
fn text_of(spec: &Json) -> String {
    let mut out = String::new();
    for c in spec.to_string().chars() {
        match u32::from(c) {
            code @ (0x7f..0x1_0000) => out.push_str(&format!("\\u{code:04x}")),
            code @ 0x1_0000.. => out.push_str(&format!("\\U{code:08x}")),
            _ => out.push(c),
        }
    }
    out
}

/// What one rendering gave: the check, and the parsed files by target and path.
struct Outcome {
    checked: CheckResult,
    files: BTreeMap<(String, String), (OutputFile, Json)>,
}

fn render(name: &str, spec: &Json, profile: Option<&str>, target: &str) -> Outcome {
    let files = Folder(PathBuf::from("fixtures"));
    let text = text_of(spec);
    let rendered = scalegen::render(name, text.as_bytes(), &files, profile, &[target.to_owned()])
        .unwrap_or_else(|bug| panic!("{bug}\n{text}"));
    let mut parsed = BTreeMap::new();
    for (target, files) in rendered.files {
        for file in files {
            visible(&file.text, &file.path);
            let document = match file.path.ends_with(".yaml") || file.path.ends_with(".yml") {
                true => read(&file.text),
                // other languages are compared line by line, without our header
                false => file.text.lines().skip(1).collect(),
            };
            parsed.insert((target.clone(), file.path.clone()), (file, document));
        }
    }
    Outcome { checked: rendered.checked, files: parsed }
}

/// No character that moves a cursor, ends a line or turns the direction of writing stands in what people read.
fn visible(text: &str, what: &str) {
    let bad = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(bad), "{what} has a raw {:?}:\n{}", text.chars().find(|c| bad(*c)), text.escape_debug());
}

fn check_reports(checked: &CheckResult) {
    for format in [Format::Text, Format::Concise] {
        let files = [Reported {
            sources: &checked.sources,
            findings: &checked.findings,
            paths: &checked.paths,
            suppressed: &[],
        }];
        let mut out = Vec::new();
        write(
            format,
            &Batch { files: &files, suppressed: 0, policies: &[], kinds: &[] },
            TextStyle::default(),
            &mut out,
        )
        .unwrap();
        visible(&String::from_utf8(out).unwrap(), format.name());
    }
}

/// A document as what runs in the end receives it: after compose's and Kubernetes' own escapes, and the shell's.
fn received(target: &str, document: &Json) -> Json {
    let mut document = document.clone();
    match target {
        "compose" => {
            document = undoubled(document);
            for (_, service) in document["services"].as_object_mut().unwrap() {
                let test = service.pointer_mut("/healthcheck/test/1");
                if let Some(test) = test.filter(|test| test.as_str().is_some_and(|test| test.starts_with("wget "))) {
                    *test = asked(test.as_str().unwrap()).into();
                }
            }
        }
        "kubernetes" => document = expanded(document, false),
        // one line, which the rack takes apart as a shell does, and hands its words to Kubernetes
        "convox" => {
            for (_, service) in document["services"].as_object_mut().into_iter().flatten() {
                if let Some(command) = service.get("command").and_then(Json::as_str).map(words) {
                    service["command"] = expanded(command, true);
                }
            }
        }
        "helm" => joined(&mut document),
        // the chart joins the two
        "polyaxon" => {
            for service in document.as_object_mut().unwrap().values_mut() {
                if let Some(tag) = service.get("imageTag").and_then(Json::as_str).map(str::to_owned) {
                    let image = service["image"].as_str().unwrap();
                    // it has a tag of its own for an image without one
                    service["image"] = if tag == "latest" { image.into() } else { format!("{image}:{tag}").into() };
                    service.as_object_mut().unwrap().shift_remove("imageTag");
                }
            }
        }
        _ => {}
    }
    document
}

/// A chart joins `repository` and `tag`, and takes its own tag for an image without one.
fn joined(value: &mut Json) {
    let Json::Object(fields) = value else { return };
    if let (Some(repository), Some(tag)) = (fields.get("repository"), fields.get("tag")) {
        let (repository, tag) = (repository.as_str().unwrap().to_owned(), tag.as_str().unwrap_or_default().to_owned());
        let image = if tag.is_empty() || tag == "latest" { repository } else { format!("{repository}:{tag}") };
        fields.shift_remove("tag");
        fields.insert("repository".to_owned(), image.into());
    }
    fields.values_mut().for_each(joined);
}

/// Compose's escape: `$$` is one `$`. What it would take for a variable is left as it stands, to be seen.
fn undoubled(value: Json) -> Json {
    match value {
        Json::String(text) if text.contains("$$") || !text.contains('$') => text.replace("$$", "$").into(),
        Json::String(text) if text.starts_with("${") => text.into(),
        Json::String(text) => format!("a variable of compose: {text}").into(),
        Json::Array(items) => items.into_iter().map(undoubled).collect(),
        Json::Object(fields) => Json::Object(fields.into_iter().map(|(key, value)| (key, undoubled(value))).collect()),
        other => other,
    }
}

/// Kubernetes' escape in commands and variables: `$$` is one `$`, and `$(NAME)` a variable.
fn expanded(value: Json, inside: bool) -> Json {
    match value {
        Json::String(text) if inside => {
            let text = text.replace("$$", "\u{0}");
            assert!(!text.contains("$(") || !text.contains(')'), "a variable of Kubernetes: {text}");
            text.replace('\u{0}', "$").into()
        }
        Json::Array(items) => items.into_iter().map(|item| expanded(item, inside)).collect(),
        Json::Object(fields) => {
            let into = |key: &str| inside || ["command", "args", "env"].contains(&key);
            let fields = fields.into_iter().map(|(key, value)| {
                let value = expanded(value, into(&key));
                (key, value)
            });
            Json::Object(fields.collect())
        }
        other => other,
    }
}

/// The words of a command line, as a real shell takes it apart.
fn words(line: &str) -> Json {
    let script = format!("for word in {line}; do printf '%s\\0' \"$word\"; done");
    let output = Command::new("sh").args(["-fc", &script]).output().unwrap();
    assert!(output.status.success(), "sh: {line}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_terminator('\0').collect()
}

/// The address that a health check asks for when a real shell runs it.
fn asked(test: &str) -> String {
    let script = format!("wget() {{ shift 3; printf '%s.' \"$*\"; }}; {test}");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "sh: {test}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().strip_suffix('.').unwrap().to_owned()
}

/// The document with a word replaced in every string and key.
fn replaced(document: &Json, word: &str, text: &str) -> Json {
    match document {
        Json::String(old) => Json::String(old.replace(word, text)),
        Json::Array(items) => items.iter().map(|item| replaced(item, word, text)).collect(),
        Json::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| (key.replace(word, text), replaced(value, word, text)));
            Json::Object(fields.collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

/// The first place where two documents differ.
fn differ(meant: &Json, read: &Json, at: &str) -> Option<String> {
    match (meant, read) {
        (Json::Object(a), Json::Object(b)) => {
            if let Some(key) = a.keys().chain(b.keys()).find(|key| !a.contains_key(*key) || !b.contains_key(*key)) {
                return Some(format!("{at}/{} is in one of them only", key.escape_debug()));
            }
            a.iter().find_map(|(key, value)| differ(value, &b[key], &format!("{at}/{}", key.escape_debug())))
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(index, (a, b))| differ(a, b, &format!("{at}/{index}")))
        }
        (a, b) if a == b => None,
        (a, b) => Some(format!("{at}: meant {a}, read {b}")),
    }
}

/// A spec, a target and a field, with the harmless outcome to compare with.
struct Trial {
    spec: Json,
    target: &'static str,
    field: Field,
    harmless: Outcome,
}

/// What became of one text.
#[derive(Debug, PartialEq)]
enum Fate {
    Written(Vec<String>),
    Refused,
}

impl Trial {
    /// None where the target has no place even for the harmless word: a component whose name is fixed.
    fn new(spec: &Json, target: &'static str, field: Field) -> Option<Trial> {
        let word = field.word();
        let harmless = render("scalegen.yaml", &field.set(spec, word), profile(&field, word), target);
        if let Some(error) = errors(&harmless.checked).first() {
            assert!(matches!(field, Field::Name("/services", _)), "{target}, {field:?}: {error:?}");
            return None;
        }
        Some(Trial { spec: spec.clone(), target, field, harmless })
    }

    /// Whether the target writes the field.
    fn writes(&self) -> bool {
        let word = self.field.word();
        self.harmless.files.iter().any(|((_, path), (file, document))| {
            path.contains(word) || file.text.contains(word) || document.to_string().contains(word)
        })
    }

    fn is_free(&self) -> bool {
        matches!(self.field, Field::Value(path, _) if FREE.contains(&path))
    }

    /// The text in the field is written as it is, or refused there; why not, otherwise.
    fn run(&self, text: &str) -> Result<Fate, String> {
        let outcome =
            render("scalegen.yaml", &self.field.set(&self.spec, text), profile(&self.field, text), self.target);
        check_reports(&outcome.checked);
        let errors = errors(&outcome.checked);
        let path = self.field.path(text);
        if !errors.is_empty() {
            let near = |at: &str| at == path || at.starts_with(&format!("{path}/"));
            // YAML bounds the length of a key: the reader points at it, but there is no path to it
            let long = |rule: &str| rule == "yaml-syntax" && text.len() > 1000 && matches!(self.field, Field::Name(..));
            return match errors.iter().any(|(rule, at, _)| near(at) || long(rule)) {
                true => Ok(Fate::Refused),
                false => Err(format!("refused, but not at {path}: {errors:?}")),
            };
        }
        let word = self.field.word();
        // a path without its first stroke is still that path
        let path = matches!(self.field, Field::Value("/services/gateway/health/http", _)) && self.target == "compose";
        let slash = if path && !text.starts_with('/') { "/" } else { "" };
        // nginx compares hosts in small letters, and gets them so
        let host = matches!(self.field, Field::Value("/services/gateway/expose/host", _)) && self.target == "nginx";
        let written = if host { text.to_ascii_lowercase() } else { format!("{slash}{text}") };
        let meant: BTreeMap<(String, String), Json> = self
            .harmless
            .files
            .iter()
            .map(|((target, path), (_, document))| {
                let document = replaced(&received(target, document), word, &written);
                ((target.clone(), path.replace(word, text)), document)
            })
            .collect();
        if !meant.keys().eq(outcome.files.keys()) {
            return Err(format!("other files: {:?}", outcome.files.keys().collect::<Vec<_>>()));
        }
        for (key, (_, document)) in &outcome.files {
            if let Some(difference) = differ(&meant[key], &received(self.target, document), "") {
                return Err(format!("{}: {difference}", key.1.escape_debug()));
            }
        }
        Ok(Fate::Written(outcome.files.into_values().map(|(file, _)| file.text).collect()))
    }
}

fn profile<'t>(field: &Field, text: &'t str) -> Option<&'t str> {
    matches!(field, Field::Name("/profiles", _)).then_some(text)
}

fn errors(checked: &CheckResult) -> Vec<(RuleId, String, String)> {
    let with_paths = checked.findings.iter().zip(&checked.paths);
    let errors = with_paths.filter(|(finding, _)| finding.severity == Severity::Error);
    errors.map(|(finding, path)| (finding.rule.clone(), path.clone(), finding.message.clone())).collect()
}

fn targets() -> Vec<&'static str> {
    scalegen::targets::ALL.iter().map(|target| target.meta.name).collect()
}

/// Every target with every field of a spec.
fn trials(spec: &Json, targets: &[&'static str]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for target in targets {
        let spec = fitted(spec, target);
        let fields = fields().into_iter().filter(|field| exists(&spec, field));
        trials.extend(fields.filter_map(|field| Trial::new(&spec, target, field)));
    }
    trials
}

/// The table against every field of one spec: fields of free text take one in `free`, others one in `other`, each from
/// another start, so that together they take all. Returns what was written, for a second reader.
fn sweep(trials: &[Trial], texts: &[&str], free: usize, other: usize) -> Vec<String> {
    let mut failures = Vec::new();
    let mut written = Vec::new();
    for (index, trial) in trials.iter().enumerate() {
        let step = match (trial.is_free(), trial.writes()) {
            (_, false) => texts.len(),
            (true, true) => free,
            (false, true) => other,
        };
        let (mut tried, mut taken) = (0, 0);
        // what the targets escape themselves is always tried
        let always = |text: &str| trial.is_free() && text.contains('$');
        let chosen = texts.iter().enumerate().filter(|(at, text)| at % step == index % step || always(text));
        for (_, text) in chosen {
            tried += 1;
            match trial.run(text) {
                Ok(Fate::Written(texts)) => {
                    taken += 1;
                    written.extend(texts);
                }
                Ok(Fate::Refused) => {}
                Err(why) => failures.push(format!("{}, {:?} = {text:?}: {why}", trial.target, trial.field)),
            }
        }
        // refusing everything would be too easy
        if trial.is_free() && taken * 10 < tried * 8 {
            failures.push(format!("{}, {:?}: only {taken} of {tried} texts are taken", trial.target, trial.field));
        }
    }
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
    written
}

fn exists(spec: &Json, field: &Field) -> bool {
    match field {
        Field::Value(path, _) => spec.pointer(path).is_some(),
        Field::Name(map, name) => spec.pointer(map).is_some_and(|map| map.get(name).is_some()),
    }
}

#[test]
fn every_field_of_whole_files_takes_hostile_text_or_refuses_it() {
    let long = "x".repeat(10_240);
    let texts: Vec<&str> = TABLE.iter().copied().chain([long.as_str()]).collect();
    let written = sweep(&trials(&whole(), &targets()), &texts, 4, 12);
    second_reader(&written);
}

#[test]
fn every_field_of_overlays_takes_hostile_text_or_refuses_it() {
    sweep(&trials(&overlay(), &["compose", "kubernetes"]), TABLE, 8, 16);
}

/// Fields that stand for something else (quantities, times, words of the language): no text in them stops the tool.
#[test]
fn every_other_string_is_understood_or_refused_at_its_place() {
    let spec = whole();
    let mut paths = Vec::new();
    strings(&spec, String::new(), &mut paths);
    paths.retain(|path| !TEXTS.iter().any(|(text, _)| text == path));
    assert!(paths.len() > 60, "{paths:?}");
    for (index, path) in paths.iter().enumerate() {
        for text in TABLE.iter().skip(index % 25).step_by(25) {
            let mut spec = spec.clone();
            *spec.pointer_mut(path).unwrap() = Json::String((*text).to_owned());
            let checked = scalegen::lint(
                "scalegen.yaml",
                text_of(&spec).as_bytes(),
                &NoFiles,
                &scalegen::CheckOptions::default(),
            );
            check_reports(&checked);
            let target = targets()[index % targets().len()];
            check_reports(&render("scalegen.yaml", &spec, None, target).checked);
        }
    }
}

fn strings(value: &Json, path: String, out: &mut Vec<String>) {
    match value {
        Json::String(_) => out.push(path),
        Json::Array(items) => items.iter().enumerate().for_each(|(i, item)| strings(item, format!("{path}/{i}"), out)),
        Json::Object(fields) => {
            fields.iter().for_each(|(key, value)| strings(value, format!("{path}/{}", escaped(key)), out));
        }
        _ => {}
    }
}

/// The name of the spec's own file stands in the header of every output.
#[test]
fn the_file_name_of_the_spec_changes_only_the_header() {
    let spec = whole();
    for target in ["compose", "nginx"].into_iter().filter(|target| targets().contains(target)) {
        let plain = render("scalegen.yaml", &spec, None, target);
        for name in TABLE {
            let outcome = render(name, &spec, None, target);
            check_reports(&outcome.checked);
            for (key, (file, _)) in &outcome.files {
                let below = |text: &str| text.split_once('\n').unwrap().1.to_owned();
                assert!(file.text.starts_with(scalegen::targets::MARK), "{name:?}: {}", file.text);
                assert_eq!(below(&file.text), below(&plain.files[key].0.text), "{name:?}");
            }
        }
    }
}

#[test]
fn random_text_in_a_random_field() {
    let piece = prop_oneof![
        3 => proptest::sample::select(TABLE).prop_map(str::to_owned),
        1 => "[ -~]{0,6}",
        1 => "\\PC{0,4}",
        1 => proptest::char::range('\u{1}', '\u{a0}').prop_map(String::from),
    ];
    let text = proptest::collection::vec(piece, 1..5).prop_map(|pieces| pieces.concat());
    let spec = whole();
    let trials = trials(&spec, &targets());
    let mut runner = TestRunner::new(Config { cases: 300, failure_persistence: None, ..Config::default() });
    runner
        .run(&(0..trials.len(), text), |(index, text)| {
            let trial = &trials[index];
            let fate = trial.run(&text).map_err(|why| format!("{}, {:?} = {text:?}: {why}", trial.target, trial.field));
            prop_assert!(fate.is_ok(), "{}", fate.unwrap_err());
            Ok(())
        })
        .unwrap();
}

/// Reads YAML as tools written in Python do: YAML 1.1, dates and sexagesimal numbers included.
const PYTHON: &str = "
import json, sys, yaml
class Loader(yaml.SafeLoader): pass
Loader.add_multi_constructor('!', lambda loader, tag, node:
    loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else
    loader.construct_mapping(node, deep=True) if isinstance(node, yaml.MappingNode) else loader.construct_scalar(node))
print(json.dumps([yaml.load(text, Loader) for text in json.load(sys.stdin)], default=repr))
";

/// A sample of the files as a reader of YAML 1.1 sees them.
fn second_reader(written: &[String]) {
    let python = Path::new(".consumers/py/bin/python");
    if !python.exists() {
        return not_tested("what PyYAML reads in hostile files");
    }
    let yaml: Vec<&String> = written.iter().filter(|text| !text.contains("upstream ")).collect();
    let sample: Vec<&String> = yaml.iter().step_by((yaml.len() / 400).max(1)).copied().collect();
    let mut child =
        Command::new(python).args(["-c", PYTHON]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let input = serde_json::to_string(&sample).unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let feeder = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap().unwrap();
    assert!(output.status.success(), "PyYAML refuses a file");
    let seen: Vec<Json> = serde_json::from_slice(&output.stdout).unwrap();
    for (text, seen) in sample.iter().zip(&seen) {
        assert_eq!(differ(&read(text), seen, ""), None, "PyYAML reads something else in\n{text}");
    }
    assert!(seen.len() > 100, "only {} files were read a second time", seen.len());
}
