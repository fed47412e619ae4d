//! Manifests of large files, whose trees go as they are read, are judged as those of small ones.

use crate::check::rules::{Example, examples};
use crate::common::sets::found_in_manifests;
use crate::tidy::files;
use std::fs;

/// More than the bytes of a file whose trees stay.
const LARGE: usize = 300 * 1024;

/// The names of an example's manifests; empty if it is of something else.
fn manifests(example: &Example) -> Vec<String> {
    let yaml = |name: &&String| name.ends_with(".yaml") || name.ends_with(".yml");
    let names: Vec<String> = example.files.keys().filter(yaml).cloned().collect();
    let is_manifest = |name: &String| ["kind:", "kustomization"].iter().any(|word| example.files[name].contains(word));
    match example.foreign && names.iter().all(is_manifest) {
        true => names,
        false => Vec::new(),
    }
}

#[test]
fn a_large_file_is_judged_as_a_small_one() {
    // a comment makes a file large and says nothing
    let padding = format!("\n# {}\n", "x".repeat(LARGE));
    let (mut compared, mut wrong) = (0, Vec::new());
    for path in files("src/check/rules", ".md") {
        for mut example in examples(&fs::read_to_string(&path).unwrap()) {
            let names = manifests(&example);
            if names.is_empty() {
                continue;
            }
            let small = found_in_manifests(&names, &example);
            names.iter().for_each(|name| example.files.get_mut(name).unwrap().push_str(&padding));
            let large = found_in_manifests(&names, &example);
            compared += small.len();
            if small != large {
                wrong.push(format!("{}:{}: small {small:#?}, large {large:#?}", path.display(), example.line));
            }
        }
    }
    assert!(compared > 100, "{compared} findings");
    assert!(wrong.is_empty(), "{} examples:\n{}", wrong.len(), wrong.join("\n"));
}
