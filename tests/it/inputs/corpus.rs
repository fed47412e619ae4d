//! Real compose files as the base of a spec that scales one of their services: compose takes the result, or lint said why not.
//!
//! The folder is named by `SCALEGEN_CORPUS` (or its subfolder `compose` is); unset, one line says so and the test passes.

use crate::common::judge::{Call, Verdict, say};
use crate::common::meant::entries;
use crate::pipeline::scenarios::Folder;
use crate::targets::consumers::{check_host_ports, required};
use scalegen::support::diagnostic::{Finding, RuleId, Severity};
use scalegen::{CheckOptions, CheckResult};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const REPLICAS: u64 = 3;
const FIRST_PORT: u16 = 20_000;

/// What became of the sweep.
#[derive(Default)]
struct Tally {
    files: usize,
    /// Files compose itself refuses.
    not_taken: usize,
    accepted: usize,
    /// Rule → in how many specs it refused.
    refused: BTreeMap<RuleId, usize>,
    /// Messages of refusals, for a person to judge.
    reasons: BTreeSet<String>,
    failures: Vec<String>,
}

pub(super) fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("SCALEGEN_CORPUS")?);
    let below = folder.join("compose");
    Some(if below.is_dir() { below } else { folder })
}

#[test]
fn real_compose_files_can_be_scaled_or_lint_says_why_not() {
    let Some(folder) = folder() else {
        say("SCALEGEN_CORPUS names no folder: no real compose files were scaled");
        return;
    };
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.is_file());
    paths.sort();
    assert!(!paths.is_empty(), "{} holds no files", folder.display());
    let mut tally = Tally::default();
    for path in &paths {
        tally.files += 1;
        let dir = tempfile::tempdir().unwrap();
        fs::copy(path, dir.path().join("base.yml")).unwrap();
        fs::write(dir.path().join(".env"), "").unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Some(verdict) = compose(dir.path(), &["base.yml"], &[]) else { return };
        if verdict.accepted {
            for (service, port) in chosen(&verdict.json()) {
                for publish in [false, true] {
                    scale(&mut tally, dir.path(), &name, &service, port, publish);
                }
            }
        } else {
            tally.not_taken += 1;
            refused_by_compose(dir.path(), &name);
        }
    }
    say(&format!(
        "corpus: {} files, {} not taken by compose itself; scaled: {} accepted, refused by lint: {:?}",
        tally.files, tally.not_taken, tally.accepted, tally.refused
    ));
    tally.reasons.iter().for_each(|reason| println!("{reason}"));
    assert!(tally.accepted > 0, "nothing was scaled");
    assert!(tally.failures.is_empty(), "{} failed:\n{}", tally.failures.len(), tally.failures.join("\n"));
}

fn compose(dir: &Path, files: &[&str], required: &[String]) -> Option<Verdict> {
    let paths: Vec<String> = files.iter().map(|file| dir.join(file).to_str().unwrap().to_owned()).collect();
    let args = paths.iter().map(String::as_str).collect();
    Call { args, env: required.iter().map(|name| (name.as_str(), "given")).collect(), input: "" }.ask("compose.sh")
}

/// The first service, the first with ports and the first with `deploy`, each with a container port.
fn chosen(project: &Json) -> BTreeMap<String, u64> {
    let services: Vec<(&str, &Json)> = entries(project, "services").collect();
    let with = |key: &str| services.iter().find(|(_, service)| !service[key].is_null());
    let picked = [services.first(), with("ports"), with("deploy")];
    let port = |service: &Json| service["ports"][0]["target"].as_u64().unwrap_or(8080);
    picked.into_iter().flatten().map(|(name, service)| ((*name).to_owned(), port(service))).collect()
}

fn spec(service: &str, port: u64, publish: bool) -> String {
    let mut fields = json!({"replicas": REPLICAS});
    if publish {
        fields["port"] = json!(port);
        fields["publish"] = json!(FIRST_PORT);
    }
    let spec = json!({
        "version": 1, "name": "swept", "services": {service: fields}, "targets": {"compose": {"base": "base.yml"}},
    });
    spec.to_string()
}

fn errors(checked: &CheckResult) -> Vec<(RuleId, String)> {
    let errors = checked.findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| (finding.rule.clone(), finding.message.clone())).collect()
}

fn scale(tally: &mut Tally, dir: &Path, name: &str, service: &str, port: u64, publish: bool) {
    let what = format!("{name}: {service}{}", if publish { " published" } else { "" });
    let files = Folder(dir.to_path_buf());
    let spec = spec(service, port, publish);
    let checked = scalegen::lint("scalegen.yaml", spec.as_bytes(), &files, &CheckOptions::default());
    let rendered = match scalegen::render("scalegen.yaml", spec.as_bytes(), &files, None, &["compose".to_owned()]) {
        Ok(rendered) => rendered,
        Err(bug) => return tally.failures.push(format!("{what}: {bug}")),
    };
    let refused = errors(&checked);
    if !refused.is_empty() {
        if !rendered.files.is_empty() {
            tally.failures.push(format!("{what}: lint refuses it ({refused:?}), render does not"));
        }
        if let Some(why) = refused.iter().find_map(|(rule, _)| groundless(dir, service, rule)) {
            tally.failures.push(format!("{what}: {why}"));
        }
        for (rule, message) in refused {
            tally.reasons.insert(format!("{what}: {rule}: {message}"));
            *tally.refused.entry(rule).or_default() += 1;
        }
        return;
    }
    let Some((_, files)) = rendered.files.first() else {
        return tally.failures.push(format!("{what}: nothing is rendered, and no error says why"));
    };
    fs::write(dir.join("over.yml"), &files[0].text).unwrap();
    let verdict = compose(dir, &["base.yml", "over.yml"], &required(&files[0].text)).unwrap();
    if !verdict.accepted {
        return tally.failures.push(format!("{what}: compose refuses: {}\n{}", verdict.err.trim(), files[0].text));
    }
    let project = verdict.json();
    let deploy = &project["services"][service]["deploy"];
    let replicas = &deploy["replicas"];
    // one on each node: replicas are refused there, so none is written, and that is said
    let global = deploy["mode"] == "global";
    let lost =
        |finding: &Finding| finding.rule == "lost-in-target" && finding.message.ends_with("replicas are not written");
    let is_right = if global { replicas.is_null() && checked.findings.iter().any(lost) } else { *replicas == REPLICAS };
    if !is_right {
        return tally.failures.push(format!("{what}: {replicas} replicas\n{}", files[0].text));
    }
    let ports = std::panic::catch_unwind(|| check_host_ports(service, &only(&project, service)));
    if ports.is_err() {
        return tally.failures.push(format!("{what}: host ports meet: {}", project["services"][service]["ports"]));
    }
    let wide = format!("{FIRST_PORT}-{}", u64::from(FIRST_PORT) + REPLICAS - 1);
    let found = project["services"][service]["ports"].as_array().into_iter().flatten();
    if publish && found.filter(|written| written["published"] == wide && written["target"] == port).count() != 1 {
        return tally
            .failures
            .push(format!("{what}: {wide} is not published: {}", project["services"][service]["ports"]));
    }
    tally.accepted += 1;
}

/// Why a refusal is wrong: compose takes the plainest override there is.
fn groundless(dir: &Path, service: &str, rule: &str) -> Option<String> {
    if !["container-name-replicated", "conflicts-with-base"].contains(&rule) {
        return None;
    }
    let naive = json!({"services": {service: {"deploy": {"replicas": REPLICAS}}}});
    fs::write(dir.join("naive.yml"), naive.to_string()).unwrap();
    let taken = compose(dir, &["base.yml", "naive.yml"], &[])?.accepted;
    taken.then(|| format!("lint refuses it ({rule}), but compose takes it"))
}

/// The project with that service alone: others of a real file may well clash among themselves.
fn only(project: &Json, service: &str) -> Json {
    json!({"services": {service: project["services"][service]}})
}

/// What compose does not take gives a finding or works; it never stops the tool.
fn refused_by_compose(dir: &Path, name: &str) {
    let text = fs::read_to_string(dir.join("base.yml")).unwrap();
    let services: Vec<String> = serde_yaml::from_str::<serde_yaml::Value>(&text)
        .ok()
        .and_then(|root| root.get("services")?.as_mapping().cloned())
        .map(|map| map.keys().filter_map(|key| key.as_str().map(str::to_owned)).collect())
        .unwrap_or_default();
    let spec = spec(services.first().map_or("web", String::as_str), 8080, true);
    let files = Folder(dir.to_path_buf());
    let rendered = scalegen::render("scalegen.yaml", spec.as_bytes(), &files, None, &["compose".to_owned()])
        .unwrap_or_else(|bug| panic!("{name}: {bug}"));
    let said = !rendered.checked.findings.is_empty();
    assert!(said || !rendered.files.is_empty(), "{name}: nothing written and nothing said");
}
