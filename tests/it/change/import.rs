//! `import` over compose files: law 1 of the effective model. The corpus (`SCALEGEN_CORPUS`), and the projects below
//! `fixtures/inputs/compose`.
//!
//! First half: import → render → `docker compose -f F -f override config` is what it is of F alone, the whole document. Second half: each
//! number that was taken is changed in the spec, and the document differs in that value alone.

use crate::common::judge::{Call, say};
use crate::inputs::compose_projects::{Args, Disk};
use crate::pipeline::scenarios::Folder;
use scalegen::change::import::{ImportOptions, ImportTarget, Imported, import};
use scalegen::inputs::compose::project::{NamedFile, ProjectRequest};
use scalegen::inputs::{InputFiles, Origin};
use scalegen::support::diagnostic::Severity;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What docker compose makes of files, or why it does not take them; none where it is not installed.
pub fn composed(folder: &Path, files: &[String]) -> Option<Result<Json, String>> {
    let paths: Vec<String> = files.iter().map(|file| folder.join(file).to_str().unwrap().to_owned()).collect();
    let mut given: Vec<String> = Vec::new();
    loop {
        let env = given.iter().map(|name| (name.as_str(), "given")).collect();
        let verdict = Call { args: paths.iter().map(String::as_str).collect(), env, input: "" }.ask("compose.sh")?;
        if verdict.accepted {
            return Some(Ok(verdict.json()));
        }
        let required = verdict.err.split("required variable ").nth(1).and_then(|rest| rest.split(' ').next());
        match required.filter(|name| !given.iter().any(|old| old == name)) {
            Some(name) => given.push(name.to_owned()),
            None => return Some(Err(verdict.err)),
        }
    }
}

pub fn imported(folder: &Path, args: &Args) -> Imported {
    let named = |path: &String| NamedFile { path: path.clone(), at: None };
    let request = ProjectRequest {
        files: args.files.iter().map(named).collect(),
        env_file: args.env_file.as_ref().map(named),
        profiles: Vec::new(),
        origin: Origin::Base(0),
        may_lack_variables: false,
    };
    let mut files = InputFiles::default();
    let project = scalegen::inputs::compose::read_project(&request, &Disk(folder.to_owned()), &mut files);
    let options = ImportOptions {
        name: "law",
        file: "scalegen.yaml",
        schema: None,
        base: &args.files,
        target: ImportTarget::Compose { env_file: args.env_file.as_deref(), unread_env_file: None },
    };
    import(&project, &files, &options)
}

/// The override, or why there is none.
pub fn rendered(folder: &Path, spec: &str) -> Result<String, String> {
    let files = Folder(folder.to_path_buf());
    let rendered = scalegen::render("scalegen.yaml", spec.as_bytes(), &files, None, &["compose".to_owned()])
        .map_err(|bug| format!("our bug: {bug}"))?;
    let errors = rendered.checked.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let errors: Vec<String> = errors.map(|finding| format!("{}: {}", finding.rule, finding.message)).collect();
    match rendered.files.first().and_then(|(_, files)| files.first()) {
        Some(file) => Ok(file.text.clone()),
        None => Err(errors.join("; ")),
    }
}

#[derive(Default)]
struct Tally {
    projects: usize,
    equal: usize,
    /// Refused by compose itself.
    not_taken: usize,
    /// Lint refuses the base, so nothing is rendered.
    refused: BTreeMap<String, String>,
    values: usize,
    failures: Vec<String>,
}

fn first_half(tally: &mut Tally, name: &str, folder: &Path, args: &Args) -> Option<()> {
    tally.projects += 1;
    let before = match composed(folder, &args.files)? {
        Ok(before) => before,
        Err(_) => {
            tally.not_taken += 1;
            return Some(());
        }
    };
    let imported = imported(folder, args);
    tally.values += imported.taken.len();
    let text = match rendered(folder, &imported.text) {
        Ok(text) => text,
        Err(why) => {
            tally.refused.insert(name.to_owned(), format!("{why}\n{}", imported.text));
            return Some(());
        }
    };
    fs::write(folder.join("law.override.yml"), &text).unwrap();
    let files = [args.files.clone(), vec!["law.override.yml".to_owned()]].concat();
    match composed(folder, &files)? {
        Ok(after) if after == before => tally.equal += 1,
        Ok(after) => {
            tally.failures.push(format!("{name}: differs\n{text}\n{}", difference("", &before, &after).join("\n")))
        }
        Err(why) => tally.failures.push(format!("{name}: compose refuses: {why}\n{text}")),
    }
    Some(())
}

/// The leaves in which two documents differ.
pub fn difference(path: &str, one: &Json, other: &Json) -> Vec<String> {
    match (one, other) {
        (Json::Object(a), Json::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            keys.into_iter()
                .flat_map(|key| {
                    let (a, b) = (a.get(key).unwrap_or(&Json::Null), b.get(key).unwrap_or(&Json::Null));
                    difference(&format!("{path}/{key}"), a, b)
                })
                .collect()
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => a
            .iter()
            .zip(b)
            .enumerate()
            .flat_map(|(index, (a, b))| difference(&format!("{path}/{index}"), a, b))
            .collect(),
        (one, other) if one == other => Vec::new(),
        (one, other) => vec![format!("{path}: {one} → {other}")],
    }
}

/// The projects: name, folder with the files, how they are named.
pub fn projects() -> Vec<(String, tempfile::TempDir, Args)> {
    let mut all = Vec::new();
    let corpus = std::env::var_os("SCALEGEN_CORPUS").map(PathBuf::from);
    match corpus.map(|folder| if folder.join("compose").is_dir() { folder.join("compose") } else { folder }) {
        None => say("SCALEGEN_CORPUS names no folder: no real compose file was imported"),
        Some(folder) => {
            let mut paths: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
            paths.retain(|path| path.is_file());
            paths.sort();
            assert!(!paths.is_empty(), "{} holds no files", folder.display());
            for path in paths {
                let dir = tempfile::tempdir().unwrap();
                fs::copy(&path, dir.path().join("compose.yml")).unwrap();
                fs::write(dir.path().join(".env"), "").unwrap();
                let args = Args { files: vec!["compose.yml".to_owned()], env_file: None };
                all.push((path.file_name().unwrap().to_string_lossy().into_owned(), dir, args));
            }
        }
    }
    let mut own: Vec<PathBuf> =
        fs::read_dir("fixtures/inputs/compose").unwrap().map(|entry| entry.unwrap().path()).collect();
    own.retain(|path| path.is_dir());
    own.sort();
    for path in own {
        let dir = tempfile::tempdir().unwrap();
        copy(&path, dir.path());
        let args = Args::of(&path);
        all.push((path.file_name().unwrap().to_string_lossy().into_owned(), dir, args));
    }
    all
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let into = to.join(path.file_name().unwrap());
        if path.is_dir() {
            fs::create_dir_all(&into).unwrap();
            copy(&path, &into);
        } else {
            fs::copy(&path, &into).unwrap();
        }
    }
}

#[test]
fn an_import_renders_to_nothing_new() {
    let mut tally = Tally::default();
    for (name, dir, args) in projects() {
        if first_half(&mut tally, &name, dir.path(), &args).is_none() {
            return;
        }
    }
    say(&format!(
        "law 1, first half: {} projects, {} not taken by compose itself, {} refused by lint, {} equal, {} values taken",
        tally.projects,
        tally.not_taken,
        tally.refused.len(),
        tally.equal,
        tally.values
    ));
    for (name, why) in &tally.refused {
        println!("refused: {name}: {why}");
    }
    assert!(tally.equal > 0, "nothing was compared");
    assert!(tally.failures.is_empty(), "{} failed:\n{}", tally.failures.len(), tally.failures.join("\n"));
}
