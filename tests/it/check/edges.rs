//! Specs at the edges of rules that no page shows: everything each finding says is committed beside them and compared.

use crate::common::golden::golden;
use crate::tidy::files;
use scalegen::support::diagnostic::Finding;
use scalegen::support::source::{FileSpan, Source};
use scalegen::{CheckOptions, Files, lint};

const FOLDER: &str = "fixtures/edges";

/// The files of the folder, for specs that name one.
struct Beside;

impl Files for Beside {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        std::fs::read(format!("{FOLDER}/{path}")).map_err(|_| "no such file".to_owned())
    }
}

/// A finding with every place and label, its help, the edits of its fix and its profiles.
pub fn in_full(finding: &Finding, source: &Source, sources: &[Source]) -> String {
    let words = |place: FileSpan| {
        let source = match sources.get(usize::from(place.file.0)) {
            Some(other) if place.file != finding.at.file => other,
            _ => source,
        };
        let start = source.numbers(place.span.start);
        let text = source.text.get(place.span.start as usize..place.span.end as usize).expect("a place in its file");
        format!("{}:{}:{} {text:?}", source.name, start.line, start.column)
    };
    let mut out =
        format!("  {} {} {}: {}\n", finding.severity.word(), finding.rule, words(finding.at), finding.message);
    for related in &finding.related {
        out.push_str(&format!("    {}: {}\n", words(related.place), related.label));
    }
    if let Some(help) = &finding.help {
        out.push_str(&format!("    help: {help}\n"));
    }
    if let Some(fix) = &finding.fix {
        for edit in &fix.edits {
            let how = if fix.safe { "fix" } else { "unsafe fix" };
            let at = words(FileSpan { file: finding.at.file, span: edit.span });
            out.push_str(&format!("    {how}: {at} becomes {:?}\n", edit.text));
        }
    }
    if !finding.profiles.is_empty() {
        out.push_str(&format!("    in {}\n", finding.profiles.join(", ")));
    }
    out
}

#[test]
fn every_edge_is_said_as_committed() {
    let specs: Vec<_> = files(FOLDER, ".spec.yaml");
    assert!(!specs.is_empty());
    for path in specs {
        let text = std::fs::read(&path).unwrap();
        let checked = lint("spec", &text, &Beside, &CheckOptions::default());
        let source = |finding: &Finding| &checked.sources[usize::from(finding.at.file.0)];
        let said: String =
            checked.findings.iter().map(|finding| in_full(finding, source(finding), &checked.sources)).collect();
        assert!(!said.is_empty(), "{}: an edge at which nothing is said", path.display());
        golden(&path.to_string_lossy().replace(".spec.yaml", ".txt"), &said);
    }
}

#[test]
fn every_file_of_the_folder_is_used() {
    let used: Vec<String> =
        files(FOLDER, ".spec.yaml").iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    for path in files(FOLDER, "") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let golden =
            name.strip_suffix(".txt").is_some_and(|name| path.with_file_name(format!("{name}.spec.yaml")).exists());
        let named = used.iter().any(|text| text.contains(&name));
        assert!(golden || named || name.ends_with(".spec.yaml"), "{}: nothing uses it", path.display());
    }
}

/// A name is compared with all that could be meant, so only so many are: the rest are findings without a guess.
#[test]
fn only_so_many_names_are_guessed_at() {
    struct One(String);
    impl Files for One {
        fn read(&self, _: &str) -> Result<Vec<u8>, String> {
            Ok(self.0.clone().into_bytes())
        }
    }
    let count = |rule: &str, spec: &str, base: &str| {
        let checked = lint("spec", spec.as_bytes(), &One(base.to_owned()), &CheckOptions::default());
        let of: Vec<&Finding> = checked.findings.iter().filter(|finding| finding.rule == rule).collect();
        let guessed =
            of.iter().filter(|finding| finding.help.as_deref().is_some_and(|help| help.starts_with("did you")));
        (of.len(), guessed.count())
    };
    let services: String = (0..52).map(|n| format!("  service-{n:02}: {{}}\n")).collect();
    let spec =
        format!("version: 1\nname: example\nservices:\n{services}targets: {{ compose: {{ base: base.yml }} }}\n");
    assert_eq!(count("unknown-service", &spec, "services: { service-xx: { image: x } }\n"), (52, 50));

    // `aMSTERDAM`, `AmSTERDAM`: 103 ways to write one city, one of them twice
    let written = |n: usize| {
        let way = |(at, c): (usize, char)| if n >> at & 1 == 1 { c.to_ascii_uppercase() } else { c };
        "amsterdam".char_indices().map(way).collect::<String>()
    };
    let window = |zone: String| {
        format!("      - {{ days: [mon], from: \"08:00\", to: \"08:01\", timezone: {zone}, replicas: 2 }}\n")
    };
    let windows: String = (0..103).chain([1]).map(|n| window(written(n))).collect();
    let spec = format!("version: 1\nname: example\nservices:\n  web:\n    image: x\n    schedule:\n{windows}");
    assert_eq!(count("unknown-timezone", &spec, ""), (104, 101));
}
