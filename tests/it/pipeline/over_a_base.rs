//! Specs laid over compose files: what is found, what each profile counts, and what the override holds, as committed.
//!
//! `fixtures/over-a-base/<name>/scalegen.yaml` and the files beside it give `expected.txt`; `UPDATE=1 cargo test` rewrites it.

use super::scenarios::Folder;
use crate::check::edges::in_full;
use crate::common::golden::golden;
use scalegen::support::diagnostic::{Finding, Severity};
use scalegen::{CheckOptions, CheckResult, lint, render};
use std::fs;
use std::path::PathBuf;

const FOLDER: &str = "fixtures/over-a-base";

fn said(checked: &CheckResult) -> String {
    let source = |finding: &Finding| &checked.sources[usize::from(finding.at.file.0)];
    checked.findings.iter().map(|finding| in_full(finding, source(finding), &checked.sources)).collect()
}

#[test]
fn every_spec_over_a_base_gives_what_is_committed() {
    let mut folders: Vec<PathBuf> = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() > 20);
    for folder in folders {
        let bytes = fs::read(folder.join("scalegen.yaml")).unwrap();
        let files = Folder(folder.clone());
        let checked = lint("scalegen.yaml", &bytes, &files, &CheckOptions::default());
        let mut text = said(&checked);
        if text.is_empty() {
            text.push_str("  nothing is found\n");
        }
        let profiles = std::iter::once(None).chain(checked.profiles.iter().map(|name| Some(name.as_str())));
        for profile in profiles {
            let rendered = render("scalegen.yaml", &bytes, &files, profile, &[]).unwrap();
            let errors = rendered.checked.findings.iter().filter(|one| one.severity == Severity::Error).count();
            if errors > 0 {
                text.push_str(&format!("\n{}: {errors} errors, nothing is written\n", profile.unwrap_or("base")));
            }
            for (target, files) in &rendered.files {
                for file in files {
                    let body: String = file.text.lines().skip(1).map(|line| format!("{line}\n")).collect();
                    text.push_str(&format!("\n{} {target}/{}\n{body}", profile.unwrap_or("base"), file.path));
                }
            }
        }
        golden(folder.join("expected.txt").to_str().unwrap(), &text);
    }
}
