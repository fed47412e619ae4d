//! Files of other tools as `lint` checks them: grouped into sets and judged without a spec.

use scalegen::support::source::Source;
use scalegen::{CheckOptions, FileSet, Files, lint_set};

/// One finding: file, line, rule, message.
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
    /// What helps.
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
            all.push(FoundInSet {
                file,
                line,
                rule,
                message: finding.message.clone(),
                help: finding.help.clone().unwrap_or_default().to_string(),
            });
        }
    }
    all.sort();
    all.dedup();
    all
}
