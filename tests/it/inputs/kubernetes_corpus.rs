//! Real manifests as their projects publish them: what is found stands in a table that a person has compared with the files.
//!
//! The folder is named by `SCALEGEN_CORPUS`; unset, one line says so and the test passes.

use crate::common::judge::say;
use crate::common::sets::found_in_manifests;
use scalegen::Files;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

struct Below(PathBuf);

impl Files for Below {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(self.0.join(path)).map_err(|error| error.to_string())
    }
}

/// The manifests of a folder, sorted, relative to it.
fn manifests(root: &Path, folder: &Path, into: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            manifests(root, &path, into);
        } else if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
            into.push(path.strip_prefix(root).unwrap().to_string_lossy().into_owned());
        }
    }
}

#[test]
fn what_is_found_in_real_manifests_stands_there() {
    let Some(corpus) = std::env::var_os("SCALEGEN_CORPUS") else {
        say("SCALEGEN_CORPUS names no folder: no real manifests were read");
        return;
    };
    let root = PathBuf::from(corpus).join("kubernetes");
    let mut paths = Vec::new();
    manifests(&root, &root, &mut paths);
    paths.sort();
    assert!(paths.len() > 200, "{} manifests in {}", paths.len(), root.display());
    let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in &paths {
        let (folder, name) = path.rsplit_once('/').unwrap();
        folders.entry(folder.to_owned()).or_default().push(name.to_owned());
    }
    let (mut found, mut notes) = (BTreeSet::new(), 0);
    for (folder, names) in folders {
        let mut noted = BTreeSet::new();
        for one in found_in_manifests(&names, &Below(root.join(&folder))) {
            if one.rule == "files-without-limits" {
                assert!(noted.insert(one.file.clone()), "{folder}/{} is told twice", one.file);
                notes += 1;
            } else {
                found.insert(format!("{folder}/{}:{} {}", one.file, one.line, one.rule));
            }
        }
    }
    let table = include_str!("kubernetes_corpus.txt").lines().filter(|line| !line.starts_with('#'));
    let table: BTreeSet<String> = table.map(str::to_owned).collect();
    let missing: Vec<&String> = table.difference(&found).collect();
    let more: Vec<&String> = found.difference(&table).collect();
    assert!(missing.is_empty() && more.is_empty(), "not found: {missing:#?}\nnot in the table: {more:#?}");
    say(&format!(
        "{} real manifests: {} faults as in the table, {notes} notes of files without limits",
        paths.len(),
        found.len()
    ));
}
