//! Files of other tools as `lint` checks them: grouped into sets and judged without a spec.

use scalegen::support::source::Source;
use scalegen::{CheckOptions, FileSet, Files, lint_set};

/// One finding: place, rule, message, help.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FoundInSet {
    /// The file as it was given.
    pub file: String,
    /// Its line.
    pub line: usize,
    /// The rule.
    pub rule: String,
    /// What is wrong.
    pub message: String,
    /// What is underlined first.
    pub marked: String,
    /// How to mend it; empty where the finding does not say.
    pub help: String,
}

/// What is found in manifests, each once, by place. Paths are relative to what `files` reads them from.
pub fn found_in_manifests(paths: &[String], files: &dyn Files) -> Vec<FoundInSet> {
    let format = scalegen::inputs::ALL.iter().find(|format| format.noun == "manifest").expect("manifests are read");
    let reader = format.sets.as_ref().expect("sets of manifests are read");
    let names: Vec<&str> = paths.iter().map(String::as_str).collect();
    let mut all = Vec::new();
    for set in (reader.sets)(&names) {
        let paths: Vec<String> = set.iter().map(|index| paths[*index].clone()).collect();
        let set = FileSet { format, name: paths[0].rsplit('/').next().unwrap().to_owned(), paths };
        let checked = lint_set(&set, files, &CheckOptions::default()).expect("every file is there");
        for finding in &checked.findings {
            let source: &Source = &checked.sources[usize::from(finding.at.file.0)];
            let line = source.numbers(finding.at.span.start).line;
            let (file, rule) = (source.name.clone(), finding.rule.to_string());
            let span = finding.at.span.start as usize..finding.at.span.end as usize;
            let marked = source.text[span].to_owned();
            let help = finding.help.as_ref().map(ToString::to_string).unwrap_or_default();
            all.push(FoundInSet { file, line, rule, message: finding.message.clone(), marked, help });
        }
    }
    all.sort();
    all.dedup();
    all
}
