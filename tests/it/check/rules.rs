//! Runs every rule's page: flagged examples give exactly the findings marked in them, clean ones none.
//!
//! An example is a partial spec; `version` and `name` are put in front where they are missing. A mark is a comment at
//! the end of a line, `# error: message` (or `warning`, `note`): a finding of the page's rule that begins on this line.
//! `yaml input NAME` opens an example without a spec: files of another tool, checked as they are with the files behind it.
//! A fenced block with a file name in its info string is a file beside the example above it; `.scalegen.toml` holds for it,
//! and `loads.json` says what recordings say of its services.
//! The page's rule is judged in each profile and target the example names; no other error may appear.

use crate::check::edges::in_full;
use crate::common::golden::golden;
use scalegen::check::baseline;
use scalegen::check::rules::{self, Group, LoadFacts, RecommendedRequest, Rule};
use scalegen::check::settings;
use scalegen::inputs::recognise;
use scalegen::model::Signal;
use scalegen::support::diagnostic::{Finding, Severity};
use scalegen::support::source::{FileSpan, Source};
use scalegen::{CheckOptions, FileSet, Files, lint, lint_set, render_with_options, targets};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One example of a page.
#[derive(Debug, Default)]
pub struct Example {
    /// 1-based line of the page on which its text begins.
    pub line: usize,
    text: String,
    /// Files beside it.
    pub files: BTreeMap<String, String>,
    /// Whether there is no spec, and the files are the example.
    pub foreign: bool,
}

/// A finding, as marked or as found: file, line, severity, message.
type Mark = (String, usize, String, String);

impl Files for Example {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.files.get(path).map(|text| text.clone().into_bytes()).ok_or_else(|| "no such file".to_owned())
    }
}

/// The fenced `yaml` blocks of a page.
pub fn examples(page: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut open: Option<Option<String>> = None;
    for (index, line) in page.lines().enumerate() {
        match (&open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                let (language, file) = info.split_once(' ').unwrap_or((info, ""));
                let known = match language {
                    "toml" => file == settings::NAME,
                    "json" => file == BASELINE || file == LOADS,
                    "jinja" => file.starts_with(TEMPLATES),
                    other => other == "yaml",
                };
                assert!(known, "line {}: every block of a page is yaml, settings, a baseline or a template", index + 1);
                let input = file.strip_prefix("input ");
                let file = input.unwrap_or(file);
                if file.is_empty() || input.is_some() {
                    examples.push(Example { line: index + 2, foreign: input.is_some(), ..Example::default() });
                }
                open = Some((!file.is_empty()).then(|| file.to_owned()));
            }
            (Some(_), Some(_)) => open = None,
            (Some(file), None) => {
                let example = examples.last_mut().expect("a file stands behind the example it belongs to");
                let text = match file {
                    Some(file) => example.files.entry(file.clone()).or_default(),
                    None => &mut example.text,
                };
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    examples
}

/// The marks of one text.
fn marks(file: &str, text: &str) -> Vec<Mark> {
    let of_line = |(index, line): (usize, &str)| {
        let words = ["error", "warning", "note"];
        let (at, word) = words.iter().filter_map(|word| Some((line.find(&format!("# {word}: "))?, *word))).min()?;
        let message = line[at..].split_once(": ").expect("found with it").1;
        Some((file.to_owned(), index + 1, word.to_owned(), message.trim_end().to_owned()))
    };
    text.lines().enumerate().filter_map(of_line).collect()
}

impl Example {
    /// The example as a whole spec.
    pub fn spec(&self) -> String {
        let root = |key: &str| self.text.lines().any(|line| line.starts_with(&format!("{key}:")));
        let mut front = String::new();
        for (key, value) in [("version", "1"), ("name", "example")] {
            if !root(key) {
                front.push_str(&format!("{key}: {value}\n"));
            }
        }
        front + &self.text
    }
}

/// What recordings say of an example's services.
const LOADS: &str = "loads.json";

/// The recordings of an example.
fn loads(example: &Example) -> Vec<LoadFacts> {
    let Some(text) = example.files.get(LOADS) else { return Vec::new() };
    let all: Vec<serde_json::Value> = serde_json::from_str(text).expect("a list");
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
    let signal = |value: &serde_json::Value| match value.as_str() {
        Some("cpu") => Signal::Cpu,
        Some("memory") => Signal::Memory,
        other => panic!("{other:?}"),
    };
    all.iter()
        .map(|one| LoadFacts {
            service: text(&one["service"]),
            has_hpa: one["hasHpa"].as_bool().expect("a truth"),
            file: text(&one["file"]),
            outages: list(&one["outages"])
                .iter()
                .map(|hole| (hole[0].as_i64().expect("seconds"), hole[1].as_u64().expect("milliseconds")))
                .collect(),
            requests: list(&one["requests"])
                .iter()
                .map(|request| RecommendedRequest {
                    resource: signal(&request["resource"]),
                    file: text(&request["file"]),
                    amount: text(&request["amount"]),
                })
                .collect(),
        })
        .collect()
}

/// An example's baseline.
const BASELINE: &str = ".scalegen-baseline.json";
/// Where an example's templates stand.
const TEMPLATES: &str = "templates/";

impl Example {
    /// What rendering the example with its templates says of them.
    fn render(&self, spec: &str) -> Vec<(Source, Finding)> {
        let own = |(name, text): (&String, &String)| {
            Some((name.strip_prefix(TEMPLATES)?.to_owned(), Source::new(name.as_str(), text.as_str())))
        };
        let files: Vec<(String, Source)> = self.files.iter().filter_map(own).collect();
        if files.is_empty() {
            return Vec::new();
        }
        let taken = targets::load(files, FileSpan::default(), targets::here);
        assert!(taken.misnamed.is_empty(), "{:?}", taken.misnamed);
        let templates = Some(Arc::new(taken.templates));
        let wanted = CheckOptions { profiles: vec![None], templates, ..CheckOptions::default() };
        let checked =
            render_with_options("scalegen.yaml", spec.as_bytes(), self, &wanted).expect("no bug of ours").checked;
        let of = |finding: &Finding| checked.sources[usize::from(finding.at.file.0)].clone();
        let said = checked.findings.iter().map(|finding| (of(finding), finding.clone()));
        taken.broken.into_iter().chain(said.filter(|(source, _)| source.name.starts_with(TEMPLATES))).collect()
    }
}

/// All that is found in an example without a spec.
fn found_in_sets(example: &Example) -> (Vec<(Source, Finding)>, Vec<Source>) {
    let (mut found, mut sources) = (Vec::new(), Vec::new());
    let paths: Vec<&str> = example.files.keys().map(String::as_str).collect();
    for format in scalegen::inputs::ALL {
        let Some(reader) = &format.sets else { continue };
        let is_own = |path: &&str| {
            let beside = |path: &str| example.files.get(path).cloned();
            recognise::recognise(path, &example.files[*path], &beside).is_some_and(|own| own.format == format.format)
        };
        let own: Vec<&str> = paths.iter().copied().filter(is_own).collect();
        for set in (reader.sets)(&own) {
            let paths: Vec<String> = set.iter().map(|index| own[*index].to_owned()).collect();
            let set = FileSet { format, name: paths[0].clone(), paths };
            let checked = lint_set(&set, example, &CheckOptions::default()).expect("every file is there");
            let of = |finding: &Finding| checked.sources[usize::from(finding.at.file.0)].clone();
            found.extend(checked.findings.iter().map(|finding| (of(finding), finding.clone())));
            sources.extend(checked.sources.clone());
        }
    }
    (found, sources)
}

/// All that is found in an example, each with its file, and the files that the spec reads.
fn all_found(example: &Example, spec: &str) -> (Vec<(Source, Finding)>, Vec<Source>) {
    let decided = example.files.get(settings::NAME).map(|text| {
        let source = Source::new(settings::NAME, text.as_str());
        (scalegen::load_settings(&source, settings::CalendarDay::parse("2026-11-26").unwrap()), source)
    });
    let known = example.files.get(BASELINE).map(|text| {
        let source = Source::new(BASELINE, text.as_str());
        (baseline::read(&source), source)
    });
    let wanted = CheckOptions {
        settings: decided.as_ref().map(|(read, _)| Arc::clone(&read.settings)),
        policies: decided.as_ref().map(|(read, _)| Arc::clone(&read.policies)),
        path: "scalegen.yaml".to_owned(),
        loads: loads(example),
        baseline: known.as_ref().map(|(read, _)| (Arc::new(read.baseline.clone()), "scalegen.yaml".to_owned())),
        ..CheckOptions::default()
    };
    if example.foreign {
        return found_in_sets(example);
    }
    let checked = lint("scalegen.yaml", spec.as_bytes(), example, &wanted);
    let of = |finding: &Finding| checked.sources[usize::from(finding.at.file.0)].clone();
    let mut all: Vec<(Source, Finding)> =
        checked.findings.iter().map(|finding| (of(finding), finding.clone())).collect();
    if let Some((read, source)) = &known {
        let stale = read.baseline.stale(&checked.met, &BTreeSet::from(["scalegen.yaml"]), |_| false);
        all.extend(read.findings.iter().cloned().chain(stale).map(|finding| (source.clone(), finding)));
    }
    all.extend(example.render(spec));
    if let Some((read, source)) = &decided {
        let mut unused = read.settings.unused(&checked.ignores, &["scalegen.yaml"], checked.complete);
        unused.extend(read.policies.unused(
            &checked.judged,
            &checked.profiles.iter().map(String::as_str).collect(),
            checked.complete,
        ));
        all.extend(read.findings.iter().cloned().chain(unused).map(|finding| (source.clone(), finding)));
    }
    (all, checked.sources)
}

/// Why an example does not do what its page says; none where it does.
fn judge(rule: &Rule, example: &Example) -> Option<String> {
    let spec = example.spec();
    let added = spec.lines().count() - example.text.lines().count();
    let (all, _) = all_found(example, &spec);
    let mut found: Vec<Mark> = Vec::new();
    let mut others = Vec::new();
    for (source, finding) in &all {
        let line = source.numbers(finding.at.span.start).line;
        let line = if source.name == "scalegen.yaml" { line.saturating_sub(added) } else { line };
        let mark = (source.name.clone(), line, finding.severity.word().to_owned(), finding.message.clone());
        if finding.rule == rule.meta.id {
            found.push(mark);
        } else if finding.severity == Severity::Error {
            others.push(format!("{} {mark:?}", finding.rule));
        }
        // a message of shape often says it all
        let shape =
            rules::get(&finding.rule).is_some_and(|rule| rule.meta.group == Group::Shape || rule.meta.check.is_none());
        assert!(finding.help.is_some() || shape, "{}: no help: {finding:?}", rule.meta.id);
        let first = finding.message.chars().next().expect("a message");
        assert!(!first.is_uppercase() && !finding.message.ends_with('.'), "{}: {}", rule.meta.id, finding.message);
    }
    let mut wanted = marks("scalegen.yaml", &example.text);
    for (file, text) in &example.files {
        wanted.extend(marks(file, text));
    }
    found.sort();
    wanted.sort();
    if found == wanted && others.is_empty() {
        return None;
    }
    let show =
        |marks: &[Mark]| marks.iter().map(|(f, l, s, m)| format!("\n    {f}:{l} # {s}: {m}")).collect::<String>();
    let mut why =
        format!("{} (page line {}):\n  marked:{}\n  found:{}", rule.meta.id, example.line, show(&wanted), show(&found));
    for other in others {
        why.push_str(&format!("\n  and another error: {other}"));
    }
    Some(why)
}

/// A target that the example names and this release does not have.
fn missing_target(example: &Example) -> Option<String> {
    let lines = example.text.lines().skip_while(|line| !line.starts_with("targets:")).skip(1);
    let names = lines.take_while(|line| line.starts_with(' ') || line.is_empty());
    let names = names.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let mut names = names.filter_map(|line| line.trim_start().split_once(':').map(|(name, _)| name.to_owned()));
    names.find(|name| scalegen::targets::get(name).is_none())
}

#[test]
fn every_page_says_what_happens() {
    let mut faults = Vec::new();
    for rule in rules::ALL {
        let examples = examples(rule.page);
        let flagged = |example: &Example| {
            !marks("", &example.text).is_empty() || example.files.values().any(|text| !marks("", text).is_empty())
        };
        if !examples.iter().any(flagged) || examples.iter().all(flagged) {
            faults.push(format!("{}: the page needs a flagged and a clean example", rule.meta.id));
        }
        for example in &examples {
            if let Some(target) = missing_target(example) {
                eprintln!("{}: the example on line {} waits for the target {target}", rule.meta.id, example.line);
                continue;
            }
            faults.extend(judge(rule, example));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// What an example's findings of the page's rule say beside their messages.
fn told(rule: &Rule, example: &Example) -> String {
    let (all, sources) = all_found(example, &example.spec());
    let own = all.iter().filter(|(_, finding)| finding.rule == rule.meta.id);
    own.map(|(source, finding)| in_full(finding, source, &sources)).collect()
}

#[test]
fn labels_helps_and_fixes_of_every_page_are_golden() {
    let mut out = String::new();
    for rule in rules::ALL {
        for example in examples(rule.page).iter().filter(|example| missing_target(example).is_none()) {
            let told = told(rule, example);
            if !told.is_empty() {
                out.push_str(&format!("{} (line {} of the page)\n{told}\n", rule.meta.id, example.line));
            }
        }
    }
    golden("fixtures/pages.txt", &out);
}

#[test]
fn every_rule_has_a_page_of_the_same_form() {
    for rule in rules::ALL {
        let id = rule.meta.id;
        let page = rule.page;
        assert!(page.starts_with(&format!("# {id}\n\n")), "{id}: the page begins with its id");
        let summary = rule.summary();
        assert!(summary.ends_with('.') && !summary.contains('\n'), "{id}: the first paragraph is one line: {summary}");
        let why = page.find("\n## Why\n").unwrap_or_else(|| panic!("{id}: no heading Why"));
        let examples = page.find("\n## Examples\n").unwrap_or_else(|| panic!("{id}: no heading Examples"));
        assert!(
            why < examples && page[why..examples].replace('\n', " ").contains("The place is "),
            "{id}: its section Why has no sentence that begins with \"The place is \""
        );
        let word = |c: char| c.is_ascii_lowercase() || c == '-';
        assert!(id.chars().all(word) && !id.starts_with('-') && !id.ends_with('-'), "{id}");
    }
    let ids: BTreeSet<&str> = rules::ALL.iter().map(|rule| rule.meta.id).collect();
    assert_eq!(ids.len(), rules::ALL.len(), "two rules with one id");
}

#[test]
fn every_file_of_the_folder_is_registered() {
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/check/rules")).expect("the folder of rules")
    {
        let name = entry.expect("an entry").file_name().into_string().expect("a plain name");
        let (stem, end) = name.split_once('.').expect("an ending");
        if stem != "mod" {
            names.entry(stem.replace('_', "-")).or_default().push(end.to_owned());
        }
    }
    for (id, mut ends) in names {
        ends.sort();
        assert_eq!(ends, ["md", "rs"], "{id}: one .rs and one .md");
        assert!(rules::get(&id).is_some(), "{id} stands in the folder and not in the list");
    }
}

#[test]
fn groups_stand_together_in_the_list() {
    let groups: Vec<_> = rules::ALL.iter().map(|rule| rule.meta.group).collect();
    assert!(groups.is_sorted(), "the list is in the order of the manual: {groups:?}");
}
