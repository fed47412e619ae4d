//! Large specs are judged as small ones, down to the path of each finding.

use crate::check::rules::examples;
use crate::tidy::files;
use scalegen::{CheckOptions, Files, NoFiles, lint, render};
use std::fs;

/// More than a file of which less is kept.
const LARGE: usize = 300 * 1024;

/// Everything that is found in a spec.
fn judged(text: &str, files: &dyn Files, wanted: &CheckOptions) -> (usize, String) {
    let checked = lint("scalegen.yaml", text.as_bytes(), files, wanted);
    let found = (&checked.findings, &checked.paths, &checked.suppressed, &checked.ignores, &checked.judged);
    let run = (checked.shaped, checked.complete, &checked.profiles, &checked.targets);
    (checked.findings.len() + checked.suppressed.len(), format!("{found:#?} {run:?}"))
}

#[test]
fn a_large_spec_is_judged_as_a_small_one() {
    // a comment makes a file large and says nothing
    let padding = format!("\n# {}\n", "x".repeat(LARGE));
    let (mut compared, mut wrong) = (0, Vec::new());
    let mut compare = |name: String, text: &str, files: &dyn Files, wanted: &CheckOptions| {
        let (found, small) = judged(text, files, wanted);
        let (_, large) = judged(&format!("{text}{padding}"), files, wanted);
        compared += found;
        if small != large {
            wrong.push(format!("{name}: small {small}, large {large}"));
        }
    };
    for path in files("src/check/rules", ".md") {
        for example in examples(&fs::read_to_string(&path).unwrap()) {
            if !example.foreign {
                let name = format!("{}:{}", path.display(), example.line);
                compare(name, &example.spec(), &example, &CheckOptions::default());
            }
        }
    }
    for path in files("fixtures", ".yaml") {
        let text = fs::read_to_string(&path).unwrap();
        if text.contains("version: 1\n") && text.contains("services:") {
            compare(path.display().to_string(), &text, &NoFiles, &CheckOptions::default());
            let targets = vec!["kubernetes".to_owned(), "nginx".to_owned()];
            let wanted = CheckOptions { targets, ..CheckOptions::default() };
            compare(path.display().to_string(), &text, &NoFiles, &wanted);
        }
    }
    let text = "version: 1\nname: x\nservices:\n  web: { image: x, port: 80, replicas: 2 }\ntargets: { kubernetes: {}, convox: {} }\n";
    let written =
        |text: &str| render("scalegen.yaml", text.as_bytes(), &NoFiles, None, &[]).expect("our templates render").files;
    let files = written(text);
    assert!(files.iter().map(|(_, files)| files.len()).sum::<usize>() > 2, "{files:?}");
    assert_eq!(files, written(&format!("{text}{padding}")));
    assert!(compared > 500, "{compared} findings");
    assert!(wrong.is_empty(), "{} specs:\n{}", wrong.len(), wrong.join("\n"));
}
