//! `import` over manifests: law 2. The corpus (`SCALEGEN_CORPUS`), and the sets below `fixtures/inputs/kubernetes`.
//!
//! First half: import → render → what `kubectl kustomize` builds of the set with the patches is what it builds of the set alone, object by
//! object. Second half: each number that was taken is changed in the spec, and the objects differ in that number alone; what differs
//! is still accepted by a strict reading of the API.

use super::import::difference;
use super::import_values::{Number, numbers, with};
use crate::common::judge::{Call, judge, say};
use crate::pipeline::scenarios::Folder;
use crate::targets::read_back::leaves;
use scalegen::inputs::compose::project::amounts;
use scalegen::model::quantity::{Cpu, Memory};
use scalegen::support::diagnostic::Severity;
use scalegen::{CheckOptions, each_effective_model};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One set: its name, and a folder in which it stands as `set`, without a kustomization of its own where it has none.
pub struct Set {
    pub name: String,
    pub dir: tempfile::TempDir,
    /// Whether it is one of ours.
    own: bool,
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let into = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &into);
        } else {
            fs::copy(&path, &into).unwrap();
        }
    }
}

/// The folders with manifests below a folder.
fn folders(folder: &Path, into: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            folders(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
            into.insert(folder.to_owned());
        }
    }
}

pub fn sets() -> Vec<Set> {
    let mut all = BTreeSet::new();
    match std::env::var_os("SCALEGEN_CORPUS").map(|folder| PathBuf::from(folder).join("kubernetes")) {
        None => say("SCALEGEN_CORPUS names no folder: no real manifest was imported"),
        Some(folder) => folders(&folder, &mut all),
    }
    let own = fs::read_dir("fixtures/inputs/kubernetes").unwrap().map(|entry| entry.unwrap().path());
    all.extend(own);
    let set = |path: PathBuf| {
        let dir = tempfile::tempdir().unwrap();
        copy(&path, &dir.path().join("set"));
        let own = path.starts_with("fixtures");
        Set { own, name: path.to_string_lossy().rsplit("kubernetes/").next().unwrap().to_owned(), dir }
    };
    all.into_iter().map(set).collect()
}

/// The objects that kustomize builds, by kind, namespace and name; the folder is built with the component `patches` where it is there.
fn built(dir: &Path) -> Option<Result<BTreeMap<String, Json>, String>> {
    let set = dir.join("set");
    let listed = ["kustomization.yaml", "kustomization.yml"].iter().any(|name| set.join(name).exists());
    let resources: Vec<String> = if listed {
        vec!["set".to_owned()]
    } else {
        let mut names: Vec<String> = fs::read_dir(&set)
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.path().is_file())
            .map(|entry| format!("set/{}", entry.file_name().to_string_lossy()))
            .collect();
        names.sort();
        names
    };
    let components = if dir.join("patches").exists() { vec!["patches"] } else { Vec::new() };
    let root = json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
        "resources": resources, "components": components,
    });
    fs::write(dir.join("kustomization.yaml"), root.to_string()).unwrap();
    let verdict = judge("kustomize.sh", &[dir.to_str().unwrap()])?;
    if !verdict.accepted {
        return Some(Err(verdict.err));
    }
    let documents = serde_yaml::Deserializer::from_str(&verdict.out);
    let objects = documents.map(|document| serde::Deserialize::deserialize(document).unwrap());
    // a patch that must keep ports with one number writes each protocol out, which says what the API takes anyway
    let objects = objects.map(with_protocols);
    let key = |object: &Json| {
        let of = |pointer: &str| object.pointer(pointer).and_then(Json::as_str).unwrap_or_default().to_owned();
        format!("{} {}/{}", of("/kind"), of("/metadata/namespace"), of("/metadata/name"))
    };
    Some(Ok(objects.map(|object: Json| (key(&object), object)).collect()))
}

fn with_protocols(mut node: Json) -> Json {
    match &mut node {
        Json::Object(fields) => {
            if fields.contains_key("containerPort") {
                fields.entry("protocol").or_insert(json!("TCP"));
            }
            fields.values_mut().for_each(|value| *value = with_protocols(value.take()));
        }
        Json::Array(items) => items.iter_mut().for_each(|item| *item = with_protocols(item.take())),
        _ => {}
    }
    node
}

/// Kustomize drops all but the last of a container's ports with one number and one protocol from what a patch is laid over, which is said:
/// `deploy/static/provider/aws/nlb-with-tls-termination` of ingress-nginx has such.
fn ports_are_twins(before: &BTreeMap<String, Json>, leaf: &str) -> bool {
    let Some((key, path)) = leaf.split_once("/spec/") else { return false };
    let Some(pointer) = path.split(": ").next().filter(|pointer| pointer.ends_with("/ports")) else { return false };
    let ports = before.get(key).and_then(|object| object.pointer(&format!("/spec/{pointer}"))?.as_array());
    let known: Vec<_> = ports.into_iter().flatten().map(|port| (&port["containerPort"], &port["protocol"])).collect();
    known.iter().enumerate().any(|(index, port)| known.iter().take(index).any(|other| other == port))
}

pub fn import(dir: &Path) -> Result<String, String> {
    let _ = fs::remove_file(dir.join("scalegen.yaml"));
    let program = env!("CARGO_BIN_EXE_scalegen");
    let output =
        Command::new(program).args(["import", "set", "--to", "-", "--name", "law"]).current_dir(dir).output().unwrap();
    match output.stdout.is_empty() {
        true => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        false => Ok(String::from_utf8(output.stdout).unwrap()),
    }
}

/// Renders a spec into `patches`, or says why not.
fn rendered(dir: &Path, spec: &str) -> Result<String, String> {
    let files = Folder(dir.to_path_buf());
    let rendered = scalegen::render("scalegen.yaml", spec.as_bytes(), &files, None, &["kubernetes".to_owned()])
        .map_err(|bug| format!("our bug: {bug}"))?;
    let errors = rendered.checked.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let errors: Vec<String> = errors.map(|finding| format!("{}: {}", finding.rule, finding.message)).collect();
    let Some((_, files)) = rendered.files.first() else { return Err(errors.join("; ")) };
    let _ = fs::remove_dir_all(dir.join("patches"));
    fs::create_dir_all(dir.join("patches")).unwrap();
    for file in files {
        fs::write(dir.join("patches").join(&file.path), &file.text).unwrap();
    }
    Ok(files.iter().map(|file| format!("# {}\n{}", file.path, file.text)).collect())
}

fn differences(before: &BTreeMap<String, Json>, after: &BTreeMap<String, Json>) -> BTreeSet<String> {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let of = |objects: &BTreeMap<String, Json>, key: &str| objects.get(key).cloned().unwrap_or(Json::Null);
    keys.into_iter().flat_map(|key| difference(key, &of(before, key), &of(after, key))).collect()
}

#[derive(Default)]
struct Tally {
    sets: usize,
    /// Not built by kustomize itself: the same object twice, a remote resource.
    not_built: usize,
    /// No workload in it.
    empty: usize,
    refused: BTreeMap<String, String>,
    objects: usize,
    equal: usize,
    values: usize,
    not_held: usize,
    changed: usize,
    /// Values of services that mean the same.
    meant: usize,
    unchangeable: BTreeMap<String, usize>,
    failures: Vec<String>,
}

fn one(tally: &mut Tally, set: &Set) -> Option<()> {
    tally.sets += 1;
    let dir = set.dir.path();
    let Ok(before) = built(dir)? else {
        tally.not_built += 1;
        return Some(());
    };
    let Ok(text) = import(dir) else {
        tally.empty += 1;
        return Some(());
    };
    tally.objects += before.len();
    same_model(tally, set, &text);
    tally.values += text.lines().filter(|line| line.contains(" # set/") && !line.trim().starts_with('#')).count();
    let patches = match rendered(dir, &text) {
        Ok(patches) => patches,
        Err(why) => {
            tally.refused.insert(set.name.clone(), format!("{why}\n{text}"));
            return Some(());
        }
    };
    match built(dir)? {
        Ok(after) if after == before => tally.equal += 1,
        Ok(after) => {
            let differs: Vec<String> = differences(&before, &after).into_iter().collect();
            tally.failures.push(format!("{}: differs: {}\n{text}\n{patches}", set.name, differs.join("\n")));
        }
        Err(why) => tally.failures.push(format!("{}: kustomize refuses: {why}\n{patches}", set.name)),
    }
    let spec: Json = serde_yaml::from_str(&text).unwrap();
    let all = numbers(&spec);
    // of many sets all numbers at once: each has a place of its own
    let together: Vec<(&Number, &Json)> = all.iter().map(|number| (number, &number.others[0])).collect();
    if let (false, Ok(text)) = (set.own, rendered(dir, &with(&spec, &together))) {
        return check(tally, set, &before, &text, &together, true);
    }
    let mut by_service: BTreeMap<&str, Vec<&Number>> = BTreeMap::new();
    all.iter().for_each(|number| by_service.entry(&number.service).or_default().push(number));
    let rounds = by_service.values().map(Vec::len).max().unwrap_or(0);
    for round in 0..rounds {
        let numbers: Vec<&Number> = by_service.values().filter_map(|numbers| numbers.get(round).copied()).collect();
        change(tally, set, &spec, &before, &numbers, round == 0)?;
    }
    Some(())
}

/// What each service means, by a spec over the set.
fn models(dir: &Path, spec: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let files = Folder(dir.to_path_buf());
    let mut all = BTreeMap::new();
    each_effective_model("scalegen.yaml", spec.as_bytes(), &files, &CheckOptions::default(), |_, _, spec| {
        all.extend(spec.services().map(|service| (service.name.to_string(), leaves(service))));
    });
    all
}

/// The imported spec means what the manifests say, and nothing else.
fn same_model(tally: &mut Tally, set: &Set, text: &str) {
    let spec: Json = serde_yaml::from_str(text).unwrap();
    let bare = json!({"version": 1, "name": "law", "services": {}, "targets": spec["targets"]}).to_string();
    let (base, imported) = (models(set.dir.path(), &bare), models(set.dir.path(), text));
    for (name, own) in &base {
        let read = imported.get(name);
        let differs = own.iter().filter(|(key, value)| read.and_then(|read| read.get(*key)) != Some(*value));
        let differs: Vec<String> = differs.map(|(key, value)| format!("{name}: {key}: {value}")).collect();
        tally.meant += own.len() - differs.len();
        if !differs.is_empty() {
            tally.failures.push(format!("{}: means otherwise: {}\n{text}", set.name, differs.join("\n")));
        }
    }
    if imported.len() != base.len() {
        tally.failures.push(format!("{}: {} services of {}", set.name, imported.len(), base.len()));
    }
}

/// Changes numbers of different services at once; where lint refuses that, one by one.
fn change(
    tally: &mut Tally,
    set: &Set,
    spec: &Json,
    before: &BTreeMap<String, Json>,
    numbers: &[&Number],
    strictly: bool,
) -> Option<()> {
    let first: Vec<(&Number, &Json)> = numbers.iter().map(|number| (*number, &number.others[0])).collect();
    if let Ok(text) = rendered(set.dir.path(), &with(spec, &first)) {
        return check(tally, set, before, &text, &first, strictly);
    }
    for number in numbers {
        let mut why = String::new();
        let taken = number.others.iter().find_map(|value| {
            rendered(set.dir.path(), &with(spec, &[(number, value)]))
                .map_err(|refusal| why = refusal)
                .ok()
                .map(|text| (value, text))
        });
        match taken {
            Some((value, text)) => check(tally, set, before, &text, &[(number, value)], strictly)?,
            None => *tally.unchangeable.entry(why.split(':').next().unwrap().to_owned()).or_default() += 1,
        }
    }
    Some(())
}

fn check(
    tally: &mut Tally,
    set: &Set,
    before: &BTreeMap<String, Json>,
    patches: &str,
    changes: &[(&Number, &Json)],
    strictly: bool,
) -> Option<()> {
    let after = match built(set.dir.path())? {
        Ok(after) => after,
        Err(why) => {
            tally.failures.push(format!("{}: kustomize refuses: {why}\n{patches}", set.name));
            return Some(());
        }
    };
    let mut differs = differences(before, &after);
    differs.retain(|leaf| !ports_are_twins(before, leaf));
    if strictly {
        accepted(tally, set, before, &after, patches)?;
    }
    for (number, value) in changes {
        let found: Vec<String> = differs.iter().filter(|leaf| is_place(number, leaf)).cloned().collect();
        let said = |leaf: &&String| {
            let new = leaf.rsplit(" → ").next().unwrap();
            says(&number.field, &serde_json::from_str(new).unwrap_or(json!(new)), value)
        };
        let mine: Vec<String> = found.iter().filter(said).cloned().collect();
        // a share of a thousandth may be the same to the API
        if mine.is_empty() && number.field.ends_with("/cpu") && !is_whole_thousandths(value) {
            tally.not_held += 1;
            continue;
        }
        match mine.is_empty() {
            true => tally.failures.push(format!(
                "{}: {} to {value}: {differs:?}\n{patches}",
                set.name,
                number.path.join(".")
            )),
            false => tally.changed += 1,
        }
        // policies of one direction stand for one time
        let several = number.field.ends_with("/every") || number.field.ends_with("/threshold");
        let object = |leaf: &String| leaf.split("/spec").next().map(str::to_owned);
        let first = mine.first().and_then(object);
        let own = mine.iter().filter(|leaf| object(leaf) == first);
        for leaf in own.take(if several { mine.len() } else { 1 }) {
            differs.remove(leaf);
        }
    }
    if !differs.is_empty() {
        tally.failures.push(format!("{}: {differs:?} differ too\n{patches}", set.name));
    }
    Some(())
}

/// The objects that differ are still taken by a strict reading, where they were before.
fn accepted(
    tally: &mut Tally,
    set: &Set,
    before: &BTreeMap<String, Json>,
    after: &BTreeMap<String, Json>,
    patches: &str,
) -> Option<()> {
    let changed = |objects: &BTreeMap<String, Json>| {
        let keys = after.iter().filter(|(key, object)| before.get(*key) != Some(object)).map(|(key, _)| key);
        let texts: Vec<String> = keys.filter_map(|key| Some(objects.get(key)?.to_string())).collect();
        texts.join("\n---\n")
    };
    let (old, new) = (changed(before), changed(after));
    if new.is_empty() {
        return Some(());
    }
    let ask = |input: &str| Call { args: vec!["-"], env: Vec::new(), input }.ask("k8s.py");
    let verdict = ask(&new)?;
    if !verdict.accepted && ask(&old)?.accepted {
        tally.failures.push(format!("{}: refused: {}{}\n{patches}", set.name, verdict.out, verdict.err));
    }
    Some(())
}

/// Whether a leaf of an object is where a number of the spec stands; the places that the page of the target lists.
fn is_place(number: &Number, leaf: &str) -> bool {
    let path = leaf.split(": ").next().unwrap();
    let object = path.split("/spec").next().unwrap().rsplit('/').next().unwrap();
    if path.contains("Probe/") && !number.service.ends_with(object) {
        return false;
    }
    let ends: &[&str] = match number.field.as_str() {
        "replicas" => &["/spec/replicas"],
        "replicas/min" => &["/spec/minReplicas", "/spec/minReplicaCount"],
        "replicas/max" => &["/spec/maxReplicas", "/spec/maxReplicaCount"],
        "autoscaling/scaleUp/threshold" => {
            &["/averageUtilization", "/targetCPUUtilizationPercentage", "/metadata/value", "/targetAverageUtilization"]
        }
        "health/interval" => &["/readinessProbe/periodSeconds"],
        "health/timeout" => &["/readinessProbe/timeoutSeconds"],
        "health/retries" => &["/readinessProbe/failureThreshold"],
        "health/startPeriod" => &["/readinessProbe/initialDelaySeconds", "/startupProbe/failureThreshold"],
        "health/port" => &["/readinessProbe/httpGet/port", "/readinessProbe/tcpSocket/port"],
        "liveness/interval" => &["/livenessProbe/periodSeconds"],
        "liveness/timeout" => &["/livenessProbe/timeoutSeconds"],
        "liveness/retries" => &["/livenessProbe/failureThreshold"],
        "liveness/port" => &["/livenessProbe/httpGet/port", "/livenessProbe/tcpSocket/port"],
        "startup/interval" => &["/startupProbe/periodSeconds"],
        "startup/timeout" => &["/startupProbe/timeoutSeconds"],
        "startup/retries" => &["/startupProbe/failureThreshold"],
        "startup/port" => &["/startupProbe/httpGet/port", "/startupProbe/tcpSocket/port"],
        "stopGracePeriod" => &["/terminationGracePeriodSeconds"],
        "update/surge" => &["/rollingUpdate/maxSurge"],
        "update/unavailable" => &["/rollingUpdate/maxUnavailable"],
        "disruption/minAvailable" => &["/spec/minAvailable"],
        "disruption/maxUnavailable" => &["/spec/maxUnavailable"],
        field if field.starts_with("resources/") => {
            let (side, amount) = field.trim_start_matches("resources/").split_once('/').unwrap();
            return path.contains(&format!("/resources/{side}/")) && path.ends_with(amount);
        }
        field if field.starts_with("autoscaling/") => {
            let direction = field.split('/').nth(1).unwrap();
            let end = match field.rsplit('/').next().unwrap() {
                "delay" => "stabilizationWindowSeconds",
                "every" => "periodSeconds",
                _ => "value",
            };
            return path.contains(&format!("/behavior/{direction}/")) && path.ends_with(end);
        }
        _ => return false,
    };
    ends.iter().any(|end| path.ends_with(end))
}

/// Whether a leaf says a value of the spec.
fn says(field: &str, leaf: &Json, value: &Json) -> bool {
    let text = leaf.as_str().map_or_else(|| leaf.to_string(), str::to_owned);
    let wanted = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let seconds = || amounts::duration(&wanted).map(|nanos| (nanos / 1_000_000_000).to_string());
    match field.rsplit('/').next().unwrap() {
        "memory" => Memory::parse(&text).is_ok_and(|own| own.bytes == Memory::parse(&wanted).unwrap().bytes),
        // the API keeps whole thousandths, rounded up
        "cpu" => Cpu::parse(&text).is_ok_and(|own| own.0 == whole_thousandths(&wanted)),
        // failures of so many looks each
        "startPeriod" if text.parse::<u64>().is_ok() => true,
        "interval" | "timeout" | "stopGracePeriod" | "delay" | "every" => Some(text) == seconds(),
        "threshold" => text == "47",
        _ => text == wanted,
    }
}

fn is_whole_thousandths(value: &Json) -> bool {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Cpu::parse(&text).is_ok_and(|own| own.0 == whole_thousandths(&text))
}

/// The cores of a text in the model's unit, rounded up to whole thousandths.
fn whole_thousandths(text: &str) -> u64 {
    let thousandth = Cpu::CORE / 1000;
    Cpu::parse(text).unwrap().0.div_ceil(thousandth) * thousandth
}

/// What the language has no words for is named, at its line; nothing that it can say is.
#[test]
fn what_a_spec_cannot_say_of_a_probe_is_named() {
    let dir = tempfile::tempdir().unwrap();
    copy(Path::new("fixtures/inputs/kubernetes/probes"), dir.path());
    let program = env!("CARGO_BIN_EXE_scalegen");
    let output = Command::new(program).args(["import", ".", "--to", "-"]).current_dir(dir.path()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let text = fs::read_to_string(dir.path().join("all.yaml")).unwrap();
    let line = |words: &str| 1 + text.lines().position(|line| line.contains(words)).unwrap();
    let wanted = [
        ("living", "livenessProbe.initialDelaySeconds", "[check, --fast]"),
        ("calling", "readinessProbe.grpc", "port: 9000 } } }"),
        ("thrice", "readinessProbe.httpGet.scheme", "HTTPS"),
        ("thrice", "readinessProbe.successThreshold", "HTTPS"),
        ("thrice", "livenessProbe.initialDelaySeconds", "path: /alive"),
        ("thrice", "startupProbe.terminationGracePeriodSeconds", "failureThreshold: 60"),
        ("restarted", "livenessProbe.httpGet.httpHeaders", "httpHeaders"),
        ("restarted", "startupProbe.grpc", "grpc: { port: 9000 }, failureThreshold"),
    ];
    let wanted = wanted.map(|(service, path, words)| {
        let line = line(words);
        format!("  {service}: `{path}`: a spec has no field for it; it stays in the manifest  all.yaml:{line}")
    });
    let held = said.split("cannot be held by a spec:\n").nth(1).unwrap();
    assert_eq!(held.lines().filter(|line| line.contains("Probe")).collect::<Vec<_>>(), wanted, "{said}");

    // a comment makes the file large: lint lets trees of such files go, an import needs them
    fs::write(dir.path().join("all.yaml"), format!("{text}\n# {}\n", "x".repeat(300 * 1024))).unwrap();
    let output = Command::new(program).args(["import", ".", "--to", "-"]).current_dir(dir.path()).output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), said, "a large file");
}

#[test]
fn an_import_of_manifests_changes_nothing_and_each_number_one_place() {
    let mut tally = Tally::default();
    for set in sets() {
        if one(&mut tally, &set).is_none() {
            return;
        }
    }
    tally.not_held += tally.unchangeable.values().sum::<usize>();
    say(&format!(
        "law 2: {} sets, {} not built by kustomize itself, {} without workloads, {} refused by lint, {} equal of {} objects, {} values taken, \
         {} values mean the same; \
         {} numbers changed, each in one place; {} not changeable: lint says why: {:?}",
        tally.sets,
        tally.not_built,
        tally.empty,
        tally.refused.len(),
        tally.equal,
        tally.objects,
        tally.values,
        tally.meant,
        tally.changed,
        tally.not_held,
        tally.unchangeable
    ));
    for (name, why) in &tally.refused {
        println!("refused: {name}: {why}");
    }
    assert!(tally.failures.is_empty(), "{} failed:\n{}", tally.failures.len(), tally.failures.join("\n"));
    assert!(tally.equal > 0 && tally.changed > 0, "nothing was compared");
}
