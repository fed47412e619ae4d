//! Specs at the edges of rules that no page shows: everything each finding says is committed beside them and compared.

use crate::golden::golden;
use crate::tidy::files;
use scalegen::diagnostic::Finding;
use scalegen::source::{Place, Source};
use scalegen::{Files, Wanted, lint};

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
    let words = |place: Place| {
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
            let at = words(Place { file: finding.at.file, span: edit.span });
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
        let checked = lint("spec", &text, &Beside, &Wanted::default());
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
