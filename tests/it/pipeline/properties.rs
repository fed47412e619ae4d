//! What holds of every spec, tried on random ones and on all fixtures. `PROPTEST_CASES=5000` tries more.

use crate::common::specs::{cases, profiles, spec, text};
use crate::pipeline::scenarios::Folder;
use crate::targets::consumers::read;
use proptest::prelude::*;
use proptest::sample::Index;
use scalegen::plan::summary::{SummaryQuestion, formation};
use scalegen::report::{SummaryForm, formations};
use scalegen::support::diagnostic::Severity;
use scalegen::support::source::{FileSpan, Source};
use scalegen::{CheckOptions, CheckResult, NoFiles, fix, lint, lower, render};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

fn check(text: &str) -> CheckResult {
    lint("scalegen.yaml", text.as_bytes(), &NoFiles, &CheckOptions::default())
}

/// One of the spec's profiles and one of its targets.
fn one_of(spec: &Json, (profile, target): (Index, Index)) -> (Option<String>, String) {
    let profiles = profiles(spec);
    let targets: Vec<&String> = spec["targets"].as_object().unwrap().keys().collect();
    (profiles[profile.index(profiles.len())].clone(), targets[target.index(targets.len())].clone())
}

/// What a target means to write in a profile.
fn views(text: &str, profile: Option<&str>, target: &str) -> Vec<(String, Json)> {
    let views = lower("scalegen.yaml", text.as_bytes(), &NoFiles, profile, target).views;
    views.into_iter().flat_map(|(_, views)| views).map(|view| (view.path, view.document)).collect()
}

/// The formations in their form for programs, by profile.
fn plans(text: &str) -> Json {
    let models = scalegen::models(text.as_bytes());
    let one = |(profile, spec): &(Option<String>, scalegen::model::Spec)| {
        formation(spec, &SummaryQuestion { profile: profile.as_deref(), ..SummaryQuestion::default() })
    };
    let all: Vec<_> = models.iter().map(one).collect();
    let mut out = Vec::new();
    formations(&all, SummaryForm::Json, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

proptest! {
    #![proptest_config(cases(96))]

    /// The same spec gives the same bytes, and they say what the target meant, as another reader sees it.
    #[test]
    fn a_rendering_is_the_same_every_time_and_reads_back(spec in spec(), pick in any::<(Index, Index)>()) {
        let text = text(&spec);
        let (profile, target) = one_of(&spec, pick);
        let once = || render("scalegen.yaml", text.as_bytes(), &NoFiles, profile.as_deref(), std::slice::from_ref(&target));
        let (first, second) = (once(), once());
        let (first, second) = match (first, second) {
            (Ok(first), Ok(second)) => (first, second),
            (first, _) => return Err(TestCaseError::fail(format!("{:?}\n{text}", first.err()))),
        };
        prop_assert_eq!(&first.files, &second.files, "{}", text);
        prop_assert_eq!(format!("{:?}", first.checked.findings), format!("{:?}", second.checked.findings), "{}", text);
        let errors = first.checked.worst() == Some(Severity::Error);
        prop_assert_eq!(first.files.is_empty(), errors, "{}", text);
        let meant = views(&text, profile.as_deref(), &target);
        for (file, (path, document)) in first.files.iter().flat_map(|(_, files)| files).zip(&meant) {
            prop_assert_eq!(&file.path, path);
            if path.ends_with(".yaml") || path.ends_with(".yml") {
                prop_assert_eq!(&read(&file.text), document, "{}\n{}", text, file.text);
            }
        }
    }

    /// A profile laid over itself is that profile.
    #[test]
    fn a_profile_laid_twice_changes_nothing(spec in spec(), pick in any::<(Index, Index)>()) {
        let (profile, target) = one_of(&spec, pick);
        let Some(profile) = profile else { return Ok(()) };
        let mut twice = spec.clone();
        let mut again = spec["profiles"][&profile].clone();
        again["extends"] = json!(profile);
        twice["profiles"]["twice"] = again;
        let text = text(&twice);
        prop_assert_eq!(views(&text, Some(&profile), &target), views(&text, Some("twice"), &target), "{}", text);
        let plans = plans(&text);
        let plan = |name: &str| {
            let all = plans["formations"].as_array().unwrap();
            let mut plan = all.iter().find(|plan| plan["profile"] == *name).unwrap().clone();
            plan["profile"] = Json::Null;
            plan
        };
        prop_assert_eq!(plan(&profile), plan("twice"), "{}", text);
    }

    /// The order of keys is nobody's business: only where something stands changes, and what `ORDERED` names.
    #[test]
    fn keys_in_another_order_change_no_finding(spec in spec(), seed in any::<u64>()) {
        let (text, other) = (text(&spec), text(&shuffled(&spec, seed)));
        let (one, two) = (findings(&text), findings(&other));
        prop_assert_eq!(&one, &two, "{}\n{}", text, other);
    }

    /// More replicas and larger requests on the same machines and the same databases mend nothing.
    #[test]
    fn scaling_up_makes_no_sum_fit(spec in spec(), factor in 2u64..5, requests in any::<bool>()) {
        let larger = scaled(&spec, factor, requests);
        let (before, after) = (sums(&spec), sums(&larger));
        prop_assert!(before.is_subset(&after), "gone: {:?}\n{}\n{}", before.difference(&after), text(&spec), text(&larger));
    }

    /// What a finding underlines is the key or the value that its path names.
    #[test]
    fn a_place_holds_what_its_path_names(spec in spec(), slips in slips()) {
        let text = slipped(&text(&spec), &slips);
        let wrong = misplaced(&check(&text));
        prop_assert!(wrong.is_empty(), "{:#?}\n{}", wrong, text);
    }

    /// Fixes leave nothing to fix, and no more errors than there were.
    #[test]
    fn fixing_twice_is_fixing_once(spec in spec(), slips in slips(), unsafe_too in any::<bool>()) {
        let text = slipped(&text(&spec), &slips);
        let mend = |text: &str| fix("scalegen.yaml", text.as_bytes(), &NoFiles, &CheckOptions::default(), unsafe_too);
        let first = mend(&text);
        let Some(once) = first.text else { return Ok(()) };
        let again = mend(&once);
        prop_assert!(again.text.is_none() && again.applied.is_empty(), "{:?} in\n{}", again.applied, once);
        let errors = |checked: &CheckResult| checked.findings.iter().filter(|f| f.severity == Severity::Error).count();
        prop_assert!(errors(&first.checked) <= errors(&check(&text)), "{}\n{}", text, once);
        prop_assert_eq!(errors(&first.checked), errors(&check(&once)));
    }

    /// The totals of a plan are the sums of its rows.
    #[test]
    fn totals_are_the_sums_of_their_rows(spec in spec()) {
        let text = text(&spec);
        for plan in plans(&text)["formations"].as_array().unwrap() {
            let wrong = wrong_sums(plan);
            prop_assert!(wrong.is_empty(), "{:?}\n{:#}\n{}", wrong, plan, text);
        }
    }
}

/// What depends on the order of keys, rule by rule: then only how many there are is compared. Beside these, what several
/// targets say of one place is joined in the order in which the spec names them, and profiles are listed in theirs;
/// what no target reads is said at the first place. Of profiles in which a finding is equally bad the first one's message is
/// shown, so these keep their order here.
const ORDERED: &[(&str, &str)] = &[
    ("port-collision", "the second of two equal ports is the place"),
    ("refused-by-target", "the second of two equal locations is refused, and the first `expose` decides"),
    ("connections-exhausted", "of equally large parts the first is the place; the sum lists the parts as written"),
    ("connections-exhausted-in-rollout", "the same"),
    ("exceeds-capacity", "the same"),
    ("exceeds-capacity-in-rollout", "the same"),
    ("unplaceable", "the same"),
    ("processes-not-placed", "the sum lists equal parts as written"),
    ("placement-not-found", "the search takes equal parts in the order written, and its budget may end elsewhere"),
];

/// The findings without their places in the text: rule, path, message, help, labels, profiles; how many of each, but of
/// `ORDERED` only whether there is one.
fn findings(text: &str) -> BTreeMap<String, usize> {
    let checked = check(text);
    let mut found = BTreeMap::new();
    for (finding, path) in checked.findings.iter().zip(&checked.paths) {
        let rule = finding.rule.to_string();
        let ordered = ORDERED.iter().any(|(ordered, _)| *ordered == rule);
        let key = if ordered {
            rule
        } else {
            let mut labels: Vec<&str> = finding.related.iter().map(|related| related.label.as_ref()).collect();
            let mut profiles: Vec<&str> = finding.profiles.iter().map(AsRef::as_ref).collect();
            labels.sort_unstable();
            profiles.sort_unstable();
            // what several targets say of one place stands in the order in which the spec names them
            let sorted = |text: &str| {
                let mut said: Vec<&str> = text.split([';', ',', '(', ')']).map(str::trim).collect();
                said.sort_unstable();
                said.join("; ")
            };
            // said once, at the first of its places
            let once = finding.message.starts_with("no target of this run");
            let path = if once { "" } else { path };
            labels.truncate(if once { 0 } else { labels.len() });
            let help = finding.help.as_deref().map(sorted);
            format!("{rule} {path}: {} / {help:?} {labels:?} {profiles:?}", sorted(&finding.message))
        };
        let count: &mut usize = found.entry(key).or_default();
        // where parts are equally large in one profile and not in another, one place or two
        *count = if ordered { 1 } else { *count + 1 };
    }
    found
}

/// The same with the keys of every mapping in another order.
fn shuffled(value: &Json, seed: u64) -> Json {
    match value {
        Json::Object(fields) => {
            let mut fields: Vec<(&String, &Json)> = fields.iter().collect();
            fields.sort_by_key(|(key, _)| {
                if key.starts_with("size-") {
                    return key.ends_with('1').into();
                }
                let mut hasher = DefaultHasher::new();
                (seed, key).hash(&mut hasher);
                hasher.finish()
            });
            fields.into_iter().map(|(key, value)| (key.clone(), shuffled(value, seed))).collect::<Map<_, _>>().into()
        }
        Json::Array(items) => items.iter().map(|item| shuffled(item, seed)).collect(),
        other => other.clone(),
    }
}

/// The spec with every number of replicas multiplied, in profiles and windows too; with `requests` each part as well.
fn scaled(spec: &Json, factor: u64, requests: bool) -> Json {
    fn services(root: &mut Json, change: &dyn Fn(&mut Json)) {
        root.get_mut("services")
            .and_then(Json::as_object_mut)
            .into_iter()
            .flatten()
            .for_each(|(_, service)| change(service));
    }
    let times = |value: &mut Json| match value {
        Json::Number(number) => *value = json!(number.as_u64().unwrap() * factor),
        Json::Object(bounds) => {
            bounds
                .values_mut()
                .filter(|bound| bound.is_u64())
                .for_each(|bound| *bound = json!(bound.as_u64().unwrap() * factor));
        }
        _ => {}
    };
    let larger = |resources: &mut Json| {
        for part in ["requests", "limits"] {
            for (what, amount) in resources.get_mut(part).and_then(Json::as_object_mut).into_iter().flatten() {
                let text = amount.as_str().map(str::to_owned).unwrap_or_else(|| amount.to_string());
                let (number, unit) = text.split_at(text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len()));
                let number: u64 = number.parse().unwrap();
                *amount =
                    if what == "gpu" { json!(number * factor) } else { json!(format!("{}{unit}", number * factor)) };
            }
        }
    };
    let change = |service: &mut Json| {
        if let Some(replicas) = service.get_mut("replicas") {
            times(replicas);
        }
        for window in service.get_mut("schedule").and_then(Json::as_array_mut).into_iter().flatten() {
            times(&mut window["replicas"]);
        }
        if let Some(resources) = service.get_mut("resources").filter(|_| requests) {
            larger(resources);
        }
    };
    let mut spec = spec.clone();
    services(&mut spec, &change);
    if let Some(profiles) = spec.get_mut("profiles").and_then(Json::as_object_mut) {
        profiles.values_mut().for_each(|profile| services(profile, &change));
    }
    // one that is not written is 1, which more than one needs written
    let unwritten = |service: &mut Json| {
        if service.get("replicas").is_none() {
            service["replicas"] = json!(factor);
        }
    };
    services(&mut spec, &unwritten);
    spec
}

/// Which sums do not fit, by profile: the connections of each backing service, and the machines. A graver fault of the
/// machines stands for a milder one: what exceeds a node is in no sum, and a sum that is exceeded is not placed.
fn sums(spec: &Json) -> BTreeSet<(String, String)> {
    let text = text(spec);
    let mut found = BTreeSet::new();
    for profile in profiles(spec) {
        let name = profile.clone().unwrap_or_default();
        // by itself, as what holds in the base would be said of the base only
        let wanted = CheckOptions { profiles: vec![profile], ..CheckOptions::default() };
        let checked = lint("scalegen.yaml", text.as_bytes(), &NoFiles, &wanted);
        for (finding, path) in checked.findings.iter().zip(&checked.paths) {
            match &*finding.rule {
                "connections-exhausted" => {
                    let pool = path.split('/').skip_while(|key| *key != "connections").nth(1);
                    found.insert((name.clone(), pool.unwrap_or(path).to_owned()));
                }
                "exceeds-node" | "exceeds-capacity" | "unplaceable" | "placement-not-found" => {
                    found.insert((name.clone(), "machines".to_owned()));
                }
                _ => {}
            }
        }
    }
    found
}

/// Places that do not hold what their path names, or lie outside their file.
fn misplaced(checked: &CheckResult) -> Vec<String> {
    let mut wrong = Vec::new();
    let slice = |place: FileSpan| {
        let source: &Source = checked.sources.get(usize::from(place.file.0))?;
        source.text.get(place.span.start as usize..place.span.end as usize)
    };
    for (finding, path) in checked.findings.iter().zip(&checked.paths) {
        let about = format!("{} {path}: {}", finding.rule, finding.message);
        if finding.rule.ends_with("-suppression") {
            // stands in a comment, and its path is that of what is around it
            continue;
        }
        for related in &finding.related {
            if slice(related.place).is_none_or(str::is_empty) {
                wrong.push(format!("{about}: `{}` is at {:?}", related.label, related.place));
            }
        }
        let Some(text) = slice(finding.at) else {
            wrong.push(format!("{about}: at {:?}", finding.at));
            continue;
        };
        let Ok(read) = serde_yaml::from_str::<serde_yaml::Value>(text) else {
            // a place of several lines is not a document of its own
            continue;
        };
        let Some(key) = path.rsplit('/').next().filter(|_| !path.is_empty()) else { continue };
        let key = key.replace("~1", "/").replace("~0", "~");
        let is_key = read.as_str() == Some(&key) || text.trim_matches(['"', '\'']) == key;
        let document = checked.sources.get(usize::from(finding.at.file.0)).map(|source| source.text.as_str());
        let document = document
            .and_then(|text| serde_yaml::from_str::<serde_yaml::Value>(text.trim_start_matches('\u{feff}')).ok());
        let Some(mut document) = document else { continue };
        let _ = document.apply_merge();
        let value = at(&document, path);
        if !is_key && value != Some(&read) {
            wrong.push(format!("{about}: the place holds {text:?}, the path names {value:?}"));
        }
    }
    wrong
}

fn at<'v>(document: &'v serde_yaml::Value, path: &str) -> Option<&'v serde_yaml::Value> {
    path.split('/').skip(1).try_fold(document, |value, key| {
        let key = key.replace("~1", "/").replace("~0", "~");
        match value {
            serde_yaml::Value::Sequence(items) => items.get(key.parse::<usize>().ok()?),
            serde_yaml::Value::Mapping(fields) => fields
                .iter()
                .find(|(known, _)| match known {
                    serde_yaml::Value::String(known) => *known == key,
                    known => serde_yaml::to_string(known).is_ok_and(|known| known.trim() == key),
                })
                .map(|(_, value)| value),
            _ => None,
        }
    })
}

/// What a hand may slip into a text: what stands there, what comes instead.
const SLIPS: &[(&str, &str)] = &[
    ("Mi", "MB"),
    ("Gi", "GB"),
    ("Gi", "gb"),
    ("Mi", "m"),
    ("replicas:", "replicsa:"),
    ("memory:", "Memory:"),
    ("kind: stateful", "kind: statefull"),
    ("Europe/Berlin", "Europe/Berln"),
    ("limit: ", "limit: -"),
    ("cpu: 1", "cpu: '1'"),
    ("maxConnections: 1", "maxConnections: \"1\""),
    ("port: 8", "port: '8'"),
    (", timezone: UTC", ""),
    ("threshold: 0", "threshold: 1"),
    ("delay: ", "delay: 5"),
    ("min: 1", "min: one"),
    ("partitions: ", "partitions: 0"),
    ("image: ", "imgae: "),
    ("concurrency: ", "concurency: "),
    ("from: ", "form: "),
    ("targets:", "tragets:"),
    ("version: 1", "version: 1.0"),
    ("expose:", "\"expose\":"),
    ("requests:", "request:"),
    ("{ ", "{ extra: 1, "),
    ("  web:", "  web: # scalegen: allow missing-limits (later)\n   "),
];

fn slips() -> impl Strategy<Value = Vec<(Index, Index)>> {
    proptest::collection::vec(any::<(Index, Index)>(), 0..4)
}

/// The text with slips at some of the places where they can be made.
fn slipped(text: &str, slips: &[(Index, Index)]) -> String {
    let mut text = text.to_owned();
    for (which, place) in slips {
        let (right, wrong) = SLIPS[which.index(SLIPS.len())];
        let places: Vec<usize> = text.match_indices(right).map(|(at, _)| at).collect();
        if let Some(at) = (!places.is_empty()).then(|| places[place.index(places.len())]) {
            text.replace_range(at..at + right.len(), wrong);
        }
    }
    text
}

/// Sums of a formation that are not those of its rows. Null is a number nobody knows: a sum of one is not known.
fn wrong_sums(plan: &Json) -> Vec<String> {
    let services: Vec<&Json> = plan["services"].as_array().unwrap().iter().collect();
    let backing: Vec<&Json> = plan["backingServices"].as_array().unwrap().iter().collect();
    let base = |service: &&Json| {
        service["bounds"].as_array().unwrap().iter().find(|bounds| bounds["window"].is_null()).unwrap().clone()
    };
    let bases: Vec<Json> = services.iter().map(base).collect();
    let mut wrong = Vec::new();
    let mut same = |what: &str, total: &Json, sum: f64| {
        let total = total.as_f64();
        if total.is_some_and(|total| (total - sum).abs() > 1e-6 * sum.abs().max(1.0)) {
            wrong.push(format!("{what}: the total is {total:?}, the rows are {sum}"));
        }
    };
    let sum = |of: &dyn Fn(&Json) -> Json| bases.iter().map(|row| of(row).as_f64().unwrap_or_default()).sum::<f64>();
    let total = &plan["total"];
    for bound in ["min", "max"] {
        same("replicas", &total["replicas"][bound], sum(&|row| row["replicas"][bound].clone()));
        same("slots", &total["slots"][bound], sum(&|row| row["slots"][bound].clone()));
    }
    let held: f64 = backing.iter().map(|backing| backing["memory"].as_f64().unwrap_or_default()).sum();
    for (what, more) in [("cpu", 0.0), ("memory", held), ("gpu", 0.0)] {
        same(what, &total["all"][what], sum(&|row| row["all"][what].clone()) + more);
    }
    let windowless = services.iter().all(|service| service["bounds"].as_array().unwrap().len() == 1);
    for pool in plan["connections"].as_array().unwrap().iter().filter(|_| windowless) {
        let to = pool["to"].as_str().unwrap();
        same(to, &pool["used"], sum(&|row| row["connections"][to].clone()));
    }
    wrong
}

/// The same of everything in the repository: every spec of the fixtures and every base file.
#[test]
fn every_fixture_s_findings_hold_what_their_paths_name() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in walkdir::WalkDir::new("fixtures") {
        let path = entry.unwrap().into_path();
        let name = path.to_string_lossy().into_owned();
        if !name.ends_with(".yaml") || name.contains("/expected/") || name.contains("/charts/") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let files = Folder(path.parent().unwrap_or(Path::new("")).to_path_buf());
        let checked = lint(&name, &bytes, &files, &CheckOptions::default());
        count += checked.findings.len();
        wrong.extend(misplaced(&checked).into_iter().map(|why| format!("{name}: {why}")));
    }
    assert!(count > 100, "only {count} findings");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
