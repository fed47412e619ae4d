//! Compose projects as we read them, held before `docker compose config`: the corpus, and projects of our own.
//!
//! `SCALEGEN_CORPUS` names the folder of real files (or its subfolder `compose` is that); unset, one line says so and that test
//! passes. A project of our own is a folder below `fixtures/inputs/compose`; its file `args` names its files (`-f FILE`, in order;
//! `--env-file .env` where the project has one), else it is `compose.yml`. Where it has a file `expect`, compose refuses the
//! project, and we find what stands there: `FILE:LINE RULE` a line.

use crate::common::judge::{Call, not_tested};
use scalegen::inputs::compose::project::view::{ComposeHealth, ComposeMount, ComposePort, ServiceView, WrittenAmount};
use scalegen::inputs::compose::project::{NamedFile, Project, ProjectRequest, ProjectService, amounts, read};
use scalegen::inputs::compose::verdicts::{KEYS, KeyEntry, PAGE, page};
use scalegen::inputs::{InputFiles, Origin, ReadFiles, Unread};
use scalegen::model::Val;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Leaves of the corpus that depend on a variable nobody set; the number may only shrink.
const SKIPPED_IN_CORPUS: usize = 68;
/// The same for our own projects.
const SKIPPED_IN_PROJECTS: usize = 6;

/// Files of one folder, read within a bound.
pub struct Disk(pub PathBuf);

impl ReadFiles for Disk {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, Unread> {
        let path = self.0.join(path);
        let missing = !path.exists();
        let bytes = fs::read(&path).map_err(|error| Unread { why: error.kind().to_string(), missing })?;
        match bytes.len() > most {
            true => Err(Unread { why: format!("it has more than {most} bytes"), missing: false }),
            false => Ok(bytes),
        }
    }
}

/// Reads the project of these files.
pub fn project(folder: &Path, args: &Args) -> (Project, InputFiles) {
    let named = |path: &String| NamedFile { path: path.clone(), at: None };
    let request = ProjectRequest {
        files: args.files.iter().map(named).collect(),
        env_file: args.env_file.as_ref().map(named),
        profiles: vec!["*".to_owned()],
        origin: Origin::Base(0),
        may_lack_variables: false,
    };
    let mut files = InputFiles::default();
    let project = read(&request, &Disk(folder.to_owned()), &mut files);
    (project, files)
}

/// How a project is named to compose and to us.
#[derive(Debug)]
pub struct Args {
    pub files: Vec<String>,
    pub env_file: Option<String>,
}

impl Args {
    pub fn of(folder: &Path) -> Args {
        let text = fs::read_to_string(folder.join("args")).unwrap_or_else(|_| "-f compose.yml".to_owned());
        let mut args = Args { files: Vec::new(), env_file: None };
        let mut words = text.split_whitespace();
        while let Some(word) = words.next() {
            let value = words.next().expect("a value").to_owned();
            match word {
                "-f" => args.files.push(value),
                "--env-file" => args.env_file = Some(value),
                _ => panic!("{folder:?}: {word} is not an argument"),
            }
        }
        args
    }
}

/// What compose says: the services in JSON, or why not. None where it is not installed.
fn theirs(folder: &Path, args: &Args) -> Option<Result<Json, String>> {
    let paths: Vec<String> = args.files.iter().map(|file| folder.join(file).to_str().unwrap().to_owned()).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let mut given: Vec<String> = Vec::new();
    let verdict = loop {
        let env = given.iter().map(|name| (name.as_str(), "given")).collect();
        let verdict = Call { args: paths.clone(), env, input: "" }.ask("compose.sh")?;
        if verdict.accepted {
            break verdict;
        }
        // a variable that must be set is unknown to us whatever its value is
        let required = verdict.err.split("required variable ").nth(1).and_then(|rest| rest.split(' ').next());
        match required.filter(|name| !given.iter().any(|old| old == name)) {
            Some(name) => given.push(name.to_owned()),
            None => return Some(Err(verdict.err)),
        }
    };
    // compose writes each `$` twice, so that its output can be read again
    let document: Json = serde_json::from_str(&verdict.out.replace("$$", "$")).unwrap();
    Some(Ok(document["services"].clone()))
}

/// A service as leaves: path, value; none for a value that depends on an unknown.
type Leaves = BTreeMap<String, Option<Json>>;

fn add<T>(leaves: &mut Leaves, path: &str, amount: &WrittenAmount<T>, value: impl Fn(&T) -> Json) {
    if let Some(amount) = amount {
        leaves.insert(path.to_owned(), amount.value.as_ref().map(value));
    }
}

#[expect(clippy::cast_possible_truncation, reason = "compose holds them in 32 bits too")]
fn cores(number: &f64) -> Json {
    json!(*number as f32)
}

fn text(value: &str) -> Json {
    json!(value)
}

/// The folder of a project, as compose writes paths.
fn whole(folder: &Path, path: &str) -> String {
    // `x:/y` is a path of Windows
    if path.starts_with('/') || path.get(1..2) == Some(":") {
        return path.to_owned();
    }
    let home = std::env::var("HOME").unwrap_or_default();
    let path = match path.strip_prefix('~') {
        Some(rest) => Path::new(&format!("{home}{rest}")).to_owned(),
        None => folder.canonicalize().unwrap().join(path),
    };
    let mut parts: Vec<String> = Vec::new();
    for part in path.to_str().unwrap().split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." { drop(parts.pop()) } else { parts.push(part.to_owned()) }
    }
    format!("/{}", parts.join("/"))
}

fn ours(folder: &Path, service: &ProjectService) -> (Leaves, ServiceView) {
    let view = ServiceView::of(&service.entry.node);
    let mut leaves = Leaves::new();
    let all = &mut leaves;
    add(all, "image", &view.image, |image| text(image));
    add(all, "replicas", &view.replicas, |number| json!(number));
    for (part, amounts) in [("limits", &view.limits), ("reservations", &view.reservations)] {
        add(all, &format!("{part}/cpus"), &amounts.cpus, cores);
        add(all, &format!("{part}/memory"), &amounts.memory, |bytes| json!(bytes));
        add(all, &format!("{part}/pids"), &amounts.pids, |pids| json!(pids));
    }
    add(all, "memswap_limit", &view.memory_and_swap, |bytes| json!(bytes));
    for (index, request) in view.requests.iter().enumerate() {
        add(all, &format!("requests/{index}/count"), &request.count, |count| json!(count));
        all.insert(format!("requests/{index}/ids"), Some(json!(request.ids)));
    }
    add(all, "mode", &view.mode, |word| text(word));
    add(all, "endpoint_mode", &view.endpoint_mode, |word| text(word));
    for (key, word) in &view.words {
        let value = word.value.as_deref().map(|word| match *key {
            "stop_grace_period" => json!(amounts::duration(word)),
            _ => text(word),
        });
        all.insert((*key).to_owned(), value);
    }
    if let Some(health) = &view.health {
        health_leaves(all, health);
    }
    for network in &view.networks {
        all.insert(format!("networks/{}", network.name), Some(json!(true)));
        for (key, address) in &network.addresses {
            let path = format!("networks/{}/{key}/{}", network.name, address.value.as_deref().unwrap_or_default());
            all.insert(path, address.value.as_ref().map(|_| json!(true)));
        }
        for alias in &network.aliases {
            all.insert(format!("networks/{}/aliases/{alias}", network.name), Some(json!(true)));
        }
    }
    let provided = service.entry.node.get("provider").is_some();
    if view.networks.is_empty() && view.word("network_mode").is_none() && !provided {
        all.insert("networks/default".to_owned(), Some(json!(true)));
    }
    for mount in &view.mounts {
        mount_leaves(all, folder, mount);
    }
    for (key, words) in [("command", &view.command), ("entrypoint", &view.entrypoint)] {
        add(all, key, words, |words| json!(words));
    }
    let names = view.environment.iter().map(|(name, _)| name);
    for name in names.chain(service.from_files.iter().map(|variable| &variable.name)) {
        all.insert(format!("environment/{name}"), Some(json!(true)));
    }
    for profile in &view.profiles {
        let name = profile.value.as_deref().unwrap_or_default();
        all.insert(format!("profiles/{name}"), profile.value.as_ref().map(|_| json!(true)));
    }
    for (path, _) in &view.devices {
        let name = path.as_deref().unwrap_or_default();
        all.insert(format!("devices/{name}"), path.as_ref().map(|_| json!(true)));
    }
    for port in &view.ports {
        port_leaves(all, port);
    }
    (leaves, view)
}

fn health_leaves(all: &mut Leaves, health: &ComposeHealth) {
    add(all, "health/test", &health.test, |words| json!(words));
    let times = [
        ("interval", &health.interval),
        ("timeout", &health.timeout),
        ("start_period", &health.start_period),
        ("start_interval", &health.start_interval),
    ];
    for (key, time) in times {
        add(all, &format!("health/{key}"), time, |time| json!(time));
    }
    add(all, "health/retries", &health.retries, |number| json!(number));
    if health.disable.is_none_or(|disable| disable.value != Some(false)) {
        add(all, "health/disable", &health.disable, |off| json!(off));
    }
}

fn mount_leaves(all: &mut Leaves, folder: &Path, mount: &ComposeMount) {
    let known = |text: &Option<Val<Option<String>>>| text.as_ref().and_then(|text| text.value.clone());
    let Some(target) = known(&mount.target) else {
        all.insert("volumes/?".to_owned(), None);
        return;
    };
    let path = format!("volumes{target}");
    all.insert(format!("{path}#type"), mount.kind.as_deref().map(text));
    all.insert(format!("{path}#read_only"), Some(json!(mount.read_only)));
    match (&mount.source, mount.kind.as_deref()) {
        (None, _) => {}
        (Some(_), None) => drop(all.insert(format!("{path}#source"), None)),
        (Some(source), kind) => {
            let value = source.value.as_deref().map(|source| match kind {
                Some("bind") => text(&whole(folder, source)),
                _ => text(source),
            });
            all.insert(format!("{path}#source"), value);
        }
    }
}

/// A port is known by what is inside; ports of one inside are told apart by number.
fn port_leaves(all: &mut Leaves, port: &ComposePort) {
    let Some((first, last)) = port.target else {
        all.insert("ports/?".to_owned(), None);
        return;
    };
    let unknown = |text: &Option<Val<Option<String>>>| text.as_ref().is_some_and(|text| text.value.is_none());
    let word = |text: &Option<Val<Option<String>>>| text.as_ref().and_then(|text| text.value.clone());
    let published = word(&port.published);
    let hosts = published.as_deref().and_then(|text| text.split_once('-')).filter(|_| first != last);
    for (step, target) in (first..=last).enumerate() {
        let published = match hosts {
            Some((first, _)) => Some((first.parse::<usize>().unwrap() + step).to_string()),
            None => published.clone(),
        };
        let known = !unknown(&port.published) && !unknown(&port.host_ip);
        let value = json!([published, word(&port.host_ip), port.mode]);
        insert_port(all, target.into(), &port.protocol, known.then_some(value));
    }
}

fn insert_port(all: &mut Leaves, target: u64, protocol: &str, value: Option<Json>) {
    let path = (0..).map(|number| format!("ports/{target}/{protocol}/{number}"));
    let free = path.into_iter().find(|path| !all.contains_key(path)).unwrap();
    all.insert(free, value);
}

/// The same leaves of compose's JSON.
fn leaves_of(service: &Json) -> Leaves {
    let mut leaves = Leaves::new();
    let mut put = |path: String, value: Json| drop(leaves.insert(path, Some(value)));
    let given = |value: &Json| !value.is_null();
    let deploy = &service["deploy"];
    let resources = &deploy["resources"];
    let bytes = |value: &Json| value.as_str().map_or_else(|| value.clone(), |text| json!(text.parse::<i64>().unwrap()));
    let cpus = |value: &Json| cores(&value.as_f64().unwrap_or_else(|| value.as_str().unwrap().parse().unwrap()));
    let rows = [
        ("image", &service["image"]),
        ("replicas", if given(&service["scale"]) { &service["scale"] } else { &deploy["replicas"] }),
        (
            "limits/pids",
            if given(&resources["limits"]["pids"]) { &resources["limits"]["pids"] } else { &service["pids_limit"] },
        ),
        ("mode", &deploy["mode"]),
        ("endpoint_mode", &deploy["endpoint_mode"]),
        ("command", &service["command"]),
        ("entrypoint", &service["entrypoint"]),
        ("health/test", &service["healthcheck"]["test"]),
        ("health/retries", &service["healthcheck"]["retries"]),
        ("health/disable", &service["healthcheck"]["disable"]),
    ];
    for (path, value) in rows.into_iter().filter(|(_, value)| given(value)) {
        put(path.to_owned(), value.clone());
    }
    let amounts = [
        ("limits/cpus", &resources["limits"]["cpus"], &service["cpus"]),
        ("reservations/cpus", &resources["reservations"]["cpus"], &Json::Null),
        ("limits/memory", &resources["limits"]["memory"], &service["mem_limit"]),
        ("reservations/memory", &resources["reservations"]["memory"], &service["mem_reservation"]),
        ("memswap_limit", &service["memswap_limit"], &Json::Null),
    ];
    for (path, new, old) in amounts {
        let value = if given(new) { new } else { old };
        if given(value) {
            put(path.to_owned(), if path.ends_with("cpus") { cpus(value) } else { bytes(value) });
        }
    }
    let list = |value: &Json| value.as_array().cloned().unwrap_or_default();
    let requests = [list(&service["gpus"]), list(&resources["reservations"]["devices"])].concat();
    for (index, request) in requests.iter().enumerate() {
        if given(&request["count"]) {
            put(format!("requests/{index}/count"), request["count"].clone());
        }
        put(format!("requests/{index}/ids"), json!(list(&request["device_ids"])));
    }
    for key in scalegen::inputs::compose::project::view::WORDS {
        if let Some(word) = service[key].as_str() {
            let time = key == "stop_grace_period";
            put(key.to_owned(), if time { json!(amounts::duration(word)) } else { json!(word) });
        }
    }
    for key in ["interval", "timeout", "start_period", "start_interval"] {
        if let Some(time) = service["healthcheck"][key].as_str() {
            put(format!("health/{key}"), json!(amounts::duration(time)));
        }
    }
    for (name, network) in service["networks"].as_object().into_iter().flatten() {
        put(format!("networks/{name}"), json!(true));
        for key in ["ipv4_address", "ipv6_address", "mac_address"] {
            if let Some(address) = network[key].as_str() {
                put(format!("networks/{name}/{key}/{address}"), json!(true));
            }
        }
        for key in ["link_local_ips", "aliases"] {
            for item in list(&network[key]) {
                put(format!("networks/{name}/{key}/{}", item.as_str().unwrap()), json!(true));
            }
        }
    }
    for mount in list(&service["volumes"]) {
        let path = format!("volumes{}", mount["target"].as_str().unwrap());
        put(format!("{path}#type"), mount["type"].clone());
        put(format!("{path}#read_only"), json!(mount["read_only"] == true));
        if given(&mount["source"]) {
            put(format!("{path}#source"), mount["source"].clone());
        }
    }
    for mount in list(&service["tmpfs"]) {
        let path = format!("volumes{}", mount.as_str().unwrap().split(':').next().unwrap());
        put(format!("{path}#type"), json!("tmpfs"));
        put(format!("{path}#read_only"), json!(false));
    }
    for name in service["environment"].as_object().into_iter().flatten().map(|(name, _)| name) {
        put(format!("environment/{name}"), json!(true));
    }
    for profile in list(&service["profiles"]) {
        put(format!("profiles/{}", profile.as_str().unwrap()), json!(true));
    }
    for device in list(&service["devices"]) {
        put(format!("devices/{}", device["source"].as_str().unwrap()), json!(true));
    }
    for port in list(&service["ports"]) {
        let value = json!([port["published"], port["host_ip"], port["mode"]]);
        insert_port(&mut leaves, port["target"].as_u64().unwrap(), port["protocol"].as_str().unwrap(), Some(value));
    }
    leaves
}

#[derive(Default)]
struct Count {
    equal: usize,
    skipped: usize,
    wrong: Vec<String>,
}

/// Compares one project's services.
fn compare(what: &str, folder: &Path, project: &Project, theirs: &Json, count: &mut Count) {
    let services = theirs.as_object().unwrap();
    let own: BTreeSet<&str> = project.services.iter().map(|service| &*service.entry.key).collect();
    let names: BTreeSet<&str> = services.keys().map(String::as_str).collect();
    if own != names {
        count.wrong.push(format!("{what}: services are {own:?}, to compose {names:?}"));
    }
    for service in &project.services {
        let Some(theirs) = services.get(&*service.entry.key) else { continue };
        let (ours, _) = ours(folder, service);
        let theirs = leaves_of(theirs);
        let unknown = |path: &str| {
            let list = path.split_once('/').map_or(path, |(list, _)| list);
            ours.contains_key(&format!("{list}/?")) || ours.get(path).is_some_and(Option::is_none)
        };
        // an item of a list whose text is unknown is to compose one with an empty text, or none
        let lost = |path: &str| {
            ours.iter().any(|(own, value)| value.is_none() && own.ends_with('/') && path.starts_with(own.as_str()))
        };
        let all: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
        for path in all {
            let (own, their) = (ours.get(path), theirs.get(path));
            if unknown(path) || lost(path) {
                count.skipped += 1;
            } else if own == their {
                count.equal += 1;
            } else {
                let show = |value: Option<&Option<Json>>| {
                    value.map_or("absent".to_owned(), |v| format!("{}", v.clone().unwrap_or_default()))
                };
                count.wrong.push(format!(
                    "{what}: {}: {path}: {} to us, {} to compose",
                    service.entry.key,
                    show(own),
                    show(their)
                ));
            }
        }
    }
}

#[allow(clippy::explicit_write, reason = "the test harness hides what `eprintln!` writes")]
fn say(line: &str) {
    writeln!(std::io::stderr(), "{line}").unwrap();
}

#[test]
fn real_files_mean_what_compose_says_they_mean() {
    let Some(folder) = std::env::var_os("SCALEGEN_CORPUS").map(PathBuf::from) else {
        say("SCALEGEN_CORPUS names no folder: no real compose files were read");
        return;
    };
    let folder = if folder.join("compose").is_dir() { folder.join("compose") } else { folder };
    let names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".yml") || name.ends_with(".yaml"))
        .collect();
    assert!(!names.is_empty(), "{} holds no compose file", folder.display());
    let (mut count, mut refused) = (Count::default(), 0);
    for name in &names {
        let here = tempfile::tempdir().unwrap();
        fs::copy(folder.join(name), here.path().join(name)).unwrap();
        // many name one, which a person writes before the first start
        fs::write(here.path().join(".env"), "").unwrap();
        let args = Args { files: vec![name.clone()], env_file: None };
        let (project, _) = project(here.path(), &args);
        match theirs(here.path(), &args) {
            None => return not_tested("what compose says of real files"),
            Some(Err(why)) => {
                say(&format!("{name} is refused: {}", why.trim().lines().last().unwrap_or_default()));
                refused += 1;
            }
            Some(Ok(theirs)) => {
                let errors: Vec<&str> = project.findings.iter().map(|finding| finding.message.as_str()).collect();
                if !errors.is_empty() {
                    count.wrong.push(format!("{name}: compose takes it, we find {errors:?}"));
                }
                compare(name, here.path(), &project, &theirs, &mut count);
            }
        }
    }
    let Count { equal, skipped, wrong } = count;
    let files = names.len() - refused;
    say(&format!(
        "compose corpus: {files} files compared ({refused} refused by compose): {equal} leaves equal, {skipped} skipped"
    ));
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(skipped <= SKIPPED_IN_CORPUS, "{skipped} leaves depend on unknown variables, more than before");
}

/// The folders of our own projects.
pub fn projects() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        fs::read_dir("fixtures/inputs/compose").unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

#[test]
fn our_own_projects_mean_what_compose_says_they_mean() {
    let mut count = Count::default();
    let (mut taken, mut refused) = (0, 0);
    for folder in projects() {
        let what = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let args = Args::of(&folder);
        let (project, files) = project(&folder, &args);
        let found: BTreeSet<String> = project
            .findings
            .iter()
            .map(|finding| {
                let source = &files.get(finding.at.file).unwrap().source;
                format!("{}:{} {}", source.name, source.line_index(finding.at.span.start) + 1, finding.rule)
            })
            .collect();
        let expect = fs::read_to_string(folder.join("expect")).unwrap_or_default();
        let expect: BTreeSet<String> = expect.lines().map(str::to_owned).collect();
        if found != expect {
            let messages: Vec<&str> = project.findings.iter().map(|finding| finding.message.as_str()).collect();
            count.wrong.push(format!("{what}: found {found:?} {messages:?}, expected {expect:?}"));
        }
        match theirs(&folder, &args) {
            None => continue,
            Some(Ok(theirs)) => {
                taken += 1;
                compare(&what, &folder, &project, &theirs, &mut count);
            }
            Some(Err(why)) => {
                refused += 1;
                if expect.is_empty() {
                    count.wrong.push(format!("{what}: compose refuses it: {why}"));
                }
            }
        }
    }
    if taken == 0 {
        return not_tested("what compose says of our own projects");
    }
    let Count { equal, skipped, wrong } = count;
    say(&format!(
        "our own projects: {taken} compared, {refused} refused by both: {equal} leaves equal, {skipped} skipped"
    ));
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(taken >= 30, "{taken} projects are too few");
    assert!(skipped <= SKIPPED_IN_PROJECTS, "{skipped} leaves depend on unknown variables, more than before");
}

/// The keys of a mapping of compose's schema, with those of what it is made of.
fn keys_of(schema: &Json, node: &Json, keys: &mut BTreeSet<String>) {
    keys.extend(node["properties"].as_object().into_iter().flatten().map(|(key, _)| key.clone()));
    for part in ["allOf", "oneOf", "anyOf"].iter().filter_map(|word| node[word].as_array()).flatten() {
        keys_of(schema, part, keys);
    }
    if let Some(path) = node["$ref"].as_str() {
        keys_of(schema, schema.pointer(path.trim_start_matches('#')).unwrap(), keys);
    }
}

/// The schema that check-jsonschema carries.
pub(super) fn schema() -> Option<Json> {
    let mut paths = fs::read_dir(".consumers/py/lib").ok()?;
    let below = "site-packages/check_jsonschema/builtin_schemas/vendor/compose-spec.json";
    paths.find_map(|path| serde_json::from_str(&fs::read_to_string(path.ok()?.path().join(below)).ok()?).ok())
}

#[test]
fn every_key_of_a_service_has_a_verdict() {
    let Some(schema) = schema() else { return not_tested("the keys of compose's schema") };
    let definitions = schema.get("definitions").or(schema.get("$defs")).unwrap();
    let (mut known, mut below) = (BTreeSet::new(), BTreeSet::new());
    keys_of(&schema, &definitions["service"], &mut known);
    keys_of(&schema, &definitions["deployment"], &mut below);
    assert!(known.len() > 80 && below.len() > 5, "the schema has another shape");
    known.extend(below.iter().map(|key| format!("deploy.{key}")));
    let ours: BTreeSet<String> = KEYS.iter().map(|key| key.name.to_owned()).collect();
    assert_eq!(ours.len(), KEYS.len(), "a key appears twice");
    let missing: Vec<_> = known.difference(&ours).collect();
    let unknown: Vec<_> = ours.difference(&known).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "no verdict: {missing:?}; no key of the schema: {unknown:?}");
}

#[test]
fn the_page_of_the_verdicts_says_what_the_table_says() {
    if std::env::var_os("UPDATE").is_some() {
        fs::write("src/inputs/compose/keys/verdicts.md", page()).unwrap();
        return;
    }
    assert_eq!(PAGE, page(), "run with UPDATE=1");
}

/// Services of three replicas, each with one of these keys.
fn replicated(keys: &[&KeyEntry]) -> Option<Result<Json, String>> {
    let here = tempfile::tempdir().unwrap();
    fs::write(here.path().join("x.env"), "").unwrap();
    fs::write(here.path().join("x.labels"), "").unwrap();
    let mut text = "services:\n  other: { image: x }\n".to_owned();
    for (index, KeyEntry { name, example, .. }) in keys.iter().enumerate() {
        let image = if ["image", "provider"].contains(name) { "" } else { "    image: x\n" };
        let (deploy, line) = match name.strip_prefix("deploy.") {
            Some("replicas") => (String::new(), String::new()),
            Some(below) => (format!(", {below}: {example}"), String::new()),
            None if *name == "deploy" => (String::new(), String::new()),
            None => (String::new(), format!("    {name}: {example}\n")),
        };
        text.push_str(&format!("  web{index}:\n{image}{line}    deploy: {{ replicas: 3{deploy} }}\n"));
    }
    text.push_str(
        "volumes: { v: }\nsecrets: { s: { file: ./s } }\nconfigs: { c: { content: x } }\nmodels: { m: { model: x } }\n",
    );
    fs::write(here.path().join("compose.yml"), text).unwrap();
    theirs(here.path(), &Args { files: vec!["compose.yml".to_owned()], env_file: None })
}

#[test]
fn the_verdicts_hold_before_compose() {
    // the schema is newer than the program: these it does not take yet at all
    let newer = ["umask"];
    let known = KEYS.iter().filter(|key| !newer.contains(&key.name));
    let (refused, taken): (Vec<&KeyEntry>, Vec<&KeyEntry>) = known.partition(|key| key.name == "container_name");
    let Some(verdict) = replicated(&taken) else { return not_tested("verdicts of compose's keys") };
    if let Err(why) = verdict {
        let one = |key: &&&KeyEntry| replicated(&[**key]).unwrap().is_err();
        let names: Vec<&str> = taken.iter().filter(one).map(|key| key.name).collect();
        panic!("compose refuses with three replicas: {names:?}: {why}");
    }
    assert_eq!(refused.len(), 1);
    for key in KEYS.iter().filter(|key| newer.contains(&key.name)) {
        assert!(replicated(&[key]).unwrap().is_err(), "compose takes {} by now", key.name);
    }
    assert!(replicated(&refused).unwrap().is_err(), "compose takes a container's name with three replicas");
}

/// Files by name.
struct Texts(BTreeMap<String, String>);

impl ReadFiles for Texts {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, Unread> {
        let text = self.0.get(path).ok_or(Unread { why: "no such file".to_owned(), missing: true })?;
        match text.len() > most {
            true => Err(Unread { why: "it is too large".to_owned(), missing: false }),
            false => Ok(text.clone().into_bytes()),
        }
    }
}

pub(super) fn read_texts(files: &[(&str, String)]) -> (Project, InputFiles) {
    let texts = Texts(files.iter().map(|(name, text)| ((*name).to_owned(), text.clone())).collect());
    let files = vec![NamedFile { path: files[0].0.to_owned(), at: None }];
    let mut into = InputFiles::default();
    (read(&ProjectRequest { files, ..ProjectRequest::default() }, &texts, &mut into), into)
}

fn rules(project: &Project) -> Vec<(&str, &str)> {
    project.findings.iter().map(|finding| (finding.rule.as_str(), finding.message.as_str())).collect()
}

#[test]
fn what_would_never_end_ends_in_a_finding() {
    let chain = |length: usize, part: &str| {
        let mut text = "services:\n".to_owned();
        for index in 0..length {
            text.push_str(&format!("  s{index}: {{ image: x, extends: s{}, {part} }}\n", index + 1));
        }
        text + &format!("  s{length}: {{ image: x }}\n")
    };
    let (project, _) = read_texts(&[("compose.yml", chain(5000, "scale: 1"))]);
    assert!(
        rules(&project).iter().any(|(_, message)| message.contains("over 64 services extend")),
        "{:?}",
        rules(&project).first()
    );
    assert_eq!(project.services.len(), 5001);

    // lists that grow with each service: 60 levels of 60 services of long lists
    let long: String = (0..400).map(|n| format!("\"{n}\",")).collect();
    let mut text = "services:\n".to_owned();
    for index in 0..1200 {
        let next = if index % 60 == 59 { String::new() } else { format!("extends: s{},", index + 1) };
        text.push_str(&format!("  s{index}: {{ image: x, {next} group_add: [{long}] }}\n"));
    }
    let (project, _) = read_texts(&[("compose.yml", text)]);
    assert!(rules(&project).iter().any(|(_, message)| message.contains("merged, the project has over")), "no bound");

    // each file includes the next one twice
    let file = |index: usize| {
        let next = format!("f{}.yml", index + 1);
        format!("include: [{next}, {next}]\nservices: {{ s{index}: {{ image: x }} }}\n")
    };
    let files: Vec<(String, String)> = (0..40).map(|index| (format!("f{index}.yml"), file(index))).collect();
    let files: Vec<(&str, String)> = files.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    let (project, _) = read_texts(&files);
    assert!(
        rules(&project).iter().any(|(_, message)| message.contains("more than 256 files")),
        "{:?}",
        rules(&project)
    );
    assert!(project.findings.len() < 300 && project.partial);
}

#[test]
fn a_file_that_is_no_compose_file_is_not_shown() {
    let secret = "root:x:0:0\n".to_owned();
    let text = "include: [passwd]\nservices:\n  a: { image: x, extends: { file: passwd, service: root } }\n".to_owned();
    let (project, files) = read_texts(&[("compose.yml", text), ("passwd", secret)]);
    let found = rules(&project);
    assert!(found.iter().all(|(rule, _)| *rule == "invalid-value"), "{found:?}");
    assert_eq!(files.all().len(), 1, "its text is kept");
}

/// Everything in a merged tree stands in one file for its key and its value, and within that file's text.
fn check_places(node: &scalegen::syntax::Node, files: &InputFiles, path: &str) {
    let length = |file| files.get(file).unwrap().source.text.len();
    assert!(node.span.end as usize <= length(node.file), "{path}");
    for entry in node.entries() {
        let path = format!("{path}/{}", entry.key);
        assert_eq!(entry.file, entry.node.file, "{path}: key and value stand in two files");
        assert!(entry.key_span.end as usize <= length(entry.file), "{path}");
        assert!(entry.key_span.end > entry.key_span.start, "{path}: the key is nowhere");
        check_places(&entry.node, files, &path);
    }
    for item in node.items() {
        check_places(item, files, path);
    }
}

#[test]
fn every_value_keeps_its_place_in_its_own_file() {
    for folder in projects() {
        let (project, files) = project(&folder, &Args::of(&folder));
        for service in &project.services {
            check_places(&service.entry.node, &files, &format!("{}/{}", folder.display(), service.entry.key));
        }
    }
    let folder = Path::new("fixtures/inputs/compose/three-files");
    let (project, files) = project(folder, &Args::of(folder));
    let view = ServiceView::of(&project.service("web").unwrap().entry.node);
    let place = |at: scalegen::support::source::FieldSpan| {
        let source = &files.get(at.file).unwrap().source;
        format!("{}:{}", source.name, source.line_index(at.place().span.start) + 1)
    };
    assert_eq!(place(view.image.as_ref().unwrap().at), "two.yml:3");
    assert_eq!(place(view.limits.cpus.unwrap().at), "three.yml:6");
    assert_eq!(place(view.limits.memory.unwrap().at), "two.yml:9");
    assert_eq!(place(view.health.unwrap().interval.unwrap().at), "one.yml:9");
    assert_eq!(place(view.ports[0].at), "two.yml:5");
    assert_eq!(place(view.ports[1].at), "one.yml:6");
}

#[test]
fn no_value_of_a_file_of_variables_is_kept_in_its_text() {
    let folder = Path::new("fixtures/inputs/compose/env-files");
    let (_, files) = project(folder, &Args::of(folder));
    let text = &files.all().iter().find(|file| file.source.name == "a.env").unwrap().source.text;
    assert_eq!(text.lines().next(), Some("A**"));
    assert!(!text.contains("words") && !text.contains("line"), "{text}");
}
