//! Whole specs through the whole tool: every scenario's report and rendered files are golden, every broken spec's report too.
//!
//! `fixtures/scenarios/<name>/scalegen.yaml` is checked as a user would; `expected/lint.txt` is the report and
//! `expected/<base or profile>/<target>/<file>` is what each target writes. `UPDATE=1 cargo test` rewrites all of it.

use crate::common::golden::golden;
use scalegen::report::{Batch, Format, Reported, TextStyle, write};
use scalegen::{CheckOptions, CheckResult, Files};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of a fixture as the door for the files its spec names.
pub struct Folder(pub PathBuf);

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(self.0.join(path)).map_err(|_| "no such file".to_owned())
    }
}

fn report(checked: &CheckResult) -> String {
    let files =
        [Reported { sources: &checked.sources, findings: &checked.findings, paths: &checked.paths, suppressed: &[] }];
    let mut out = Vec::new();
    write(
        Format::Text,
        &Batch { files: &files, suppressed: checked.suppressed.len(), policies: &[], kinds: &[] },
        TextStyle::default(),
        &mut out,
    )
    .unwrap();
    String::from_utf8(out).unwrap()
}

fn folders(under: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(under).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

#[test]
fn every_scenario_gives_its_golden_files() {
    for folder in folders("fixtures/scenarios") {
        let bytes = fs::read(folder.join("scalegen.yaml")).unwrap();
        let files = Folder(folder.clone());
        let checked = scalegen::lint("scalegen.yaml", &bytes, &files, &CheckOptions::default());
        let expected = folder.join("expected");
        golden(expected.join("lint.txt").to_str().unwrap(), &report(&checked));
        let errors: Vec<_> = checked
            .findings
            .iter()
            .filter(|f| f.severity == scalegen::support::diagnostic::Severity::Error)
            .map(|f| &f.rule)
            .collect();
        assert!(errors.is_empty(), "{}: a scenario is a spec that works, but {errors:?}", folder.display());
        let mut written = BTreeSet::from([expected.join("lint.txt")]);
        let profiles = std::iter::once(None).chain(checked.profiles.iter().map(|name| Some(name.as_str())));
        for profile in profiles {
            let rendered = scalegen::render("scalegen.yaml", &bytes, &files, profile, &[]).unwrap();
            let again = scalegen::render("scalegen.yaml", &bytes, &files, profile, &[]).unwrap();
            assert_eq!(rendered.files, again.files, "{}: two renders differ", folder.display());
            for (target, files) in &rendered.files {
                assert!(!files.is_empty(), "{}: {target} writes nothing", folder.display());
                for file in files {
                    let path = expected.join(profile.unwrap_or("base")).join(target).join(&file.path);
                    golden(path.to_str().unwrap(), &file.text);
                    written.insert(path);
                }
            }
        }
        for entry in walkdir::WalkDir::new(&expected) {
            let path = entry.unwrap().into_path();
            assert!(path.is_dir() || written.contains(&path), "{} is no longer written: remove it", path.display());
        }
    }
}

#[test]
fn every_broken_spec_gives_its_report() {
    for path in folders("fixtures/broken").into_iter().filter(|path| path.extension().is_some_and(|end| end == "yaml"))
    {
        let bytes = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let files = Folder(Path::new("fixtures/broken").to_path_buf());
        let checked = scalegen::lint(name, &bytes, &files, &CheckOptions::default());
        assert!(!checked.findings.is_empty(), "{} is not broken", path.display());
        golden(path.with_extension("txt").to_str().unwrap(), &report(&checked));
    }
}

#[test]
fn no_fixture_lies_unused() {
    let mut unused = Vec::new();
    for entry in walkdir::WalkDir::new("fixtures").min_depth(1) {
        let path = entry.unwrap().into_path();
        if path.is_dir() {
            continue;
        }
        let name = path.to_str().unwrap();
        let in_scenario = name.starts_with("fixtures/scenarios/");
        let beside_broken =
            name.starts_with("fixtures/broken/") && (path.with_extension("yaml").exists() || name.ends_with(".yaml"));
        let walked = [
            ("fixtures/fixes/", ""),
            ("fixtures/edges/", ""),
            ("fixtures/first-touch/", ""),
            ("fixtures/over-a-base/", ""),
            ("fixtures/cases/", ""),
            ("fixtures/inputs/", ""),
            ("fixtures/simulate/", "-vectors.json"),
        ]
        .iter()
        .any(|(folder, end)| name.starts_with(folder) && name.ends_with(end));
        // one sample for each format there is
        let report = name.strip_prefix("fixtures/reports/").and_then(|name| name.strip_suffix(".txt"));
        let of_format = report.is_some_and(|report| Format::ALL.iter().any(|format| format.name() == report));
        let named = in_tests(path.file_name().unwrap().to_str().unwrap());
        if !in_scenario && !beside_broken && !walked && !of_format && !named {
            unused.push(name.to_owned());
        }
    }
    assert!(unused.is_empty(), "fixtures that no test uses: {unused:?}");
}

/// Whether some test names the file.
fn in_tests(name: &str) -> bool {
    let stem = name.split('.').next().unwrap();
    walkdir::WalkDir::new("tests").into_iter().any(|entry| {
        let path = entry.unwrap().into_path();
        path.extension().is_some_and(|end| end == "rs")
            && fs::read_to_string(&path).is_ok_and(|text| text.contains(name) || text.contains(&format!("{stem}.")))
    })
}
