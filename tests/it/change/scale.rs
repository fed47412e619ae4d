//! `scalegen scale`: what changes in a spec, what must not, and the command as a person runs it.

use crate::cli::program::scalegen;
use proptest::prelude::*;
use scalegen::change::scale::{ScaleRequest, Stopped, scale};
use scalegen::inputs::spec::edit::{EditValue, FieldChange, change};
use scalegen::model::Service;
use scalegen::model::quantity::{Cpu, Memory};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::rc::Rc;
use tempfile::TempDir;

const ODD: &str = include_str!("../../../fixtures/scale/odd.yaml");
const EVERYTHING: &str = include_str!("../../../fixtures/everything.yaml");
const SHOP: &str = "version: 1
name: shop
# what scales
services:
  web: # the web
    image: shop/web:1
    port: 8080
    replicas: 2 # two
    resources: { requests: { cpu: 500m, memory: 256Mi }, limits: { memory: 512Mi } }
  worker: { image: shop/worker:1, resources: { limits: { memory: 64Mi } } }
backingServices:
  db: { kind: postgres }
profiles:
  large: {}
";

fn wish(service: &str) -> ScaleRequest {
    ScaleRequest { service: service.to_owned(), ..ScaleRequest::default() }
}

fn scaled(text: &str, request: &ScaleRequest) -> String {
    scale(text, request).unwrap_or_else(|stopped| panic!("{request:?}: {stopped:?}")).text
}

/// The lines that differ, old ones with `-`, new ones with `+`.
fn diff(old: &str, new: &str) -> Vec<String> {
    similar::TextDiff::from_lines(old, new)
        .iter_all_changes()
        .filter(|change| change.tag() != similar::ChangeTag::Equal)
        .map(|change| format!("{}{}", change.tag(), change.value().trim_end_matches(['\n', '\r'])))
        .collect()
}

fn lines(text: &str, request: &ScaleRequest) -> Vec<String> {
    diff(text, &scaled(text, request))
}

#[test]
fn only_the_asked_scalars_change() {
    let request = ScaleRequest { count: Some(4), cpu: Some("2".into()), memory: Some("1Gi".into()), ..wish("web") };
    assert_eq!(
        lines(ODD, &request),
        [
            "-      replicas:   2   # two",
            "-      resources: { requests: {cpu: \"500m\", memory: '256Mi'}, limits: { memory: 512Mi } }   # in braces",
            "+      replicas:   4   # two",
            "+      resources: { requests: {cpu: \"2\", memory: '1Gi'}, limits: { memory: 1Gi } }   # in braces",
        ]
    );
    let count = |service: &str| lines(ODD, &ScaleRequest { count: Some(8), ..wish(service) });
    assert_eq!(count("quoted"), ["-      \"replicas\" : 3", "+      \"replicas\" : 8"]);
    assert_eq!(count("tabs"), ["-      replicas:\t2\t# tabs around", "+      replicas:\t8\t# tabs around"]);
    assert_eq!(count("last"), ["-         5", "+         8"]);
    assert_eq!(count("bare"), ["-   bare: { image: y, replicas, }", "+   bare: { image: y, replicas: 8, }"]);
    let anchor = ScaleRequest { concurrency: Some(9), ..wish("quoted") };
    assert_eq!(lines(ODD, &anchor)[1], "+      concurrency: &own 9   # anchored, never repeated");
}

#[test]
fn missing_parents_are_made_in_the_style_of_the_place() {
    let request = ScaleRequest { count: Some(8), memory: Some("1Gi".into()), ..wish("empty") };
    let made = ["+      replicas: 8", "+      resources:", "+         requests:", "+            memory: 1Gi"];
    assert_eq!(lines(ODD, &request), made);
    let cpu = |service: &str| lines(ODD, &ScaleRequest { cpu: Some("1".into()), ..wish(service) });
    assert_eq!(cpu("tight")[1], "+   tight: {image: y,concurrency: {limit: 3}, resources: {requests: {cpu: 1}}}");
    assert_eq!(
        cpu("lines"),
        ["-      replicas: 2 # last", "+      replicas: 2, # last", "+      resources: { requests: { cpu: 1 } }",]
    );
    assert_eq!(cpu("comma"), ["+      resources: { requests: { cpu: 1 } },"]);
    assert_eq!(
        cpu("json")[1],
        "+   json: {\"image\": \"y\", \"replicas\": {\"min\": 1, \"max\": 2}, \"resources\": { requests: { cpu: 1 } }}"
    );
    let large = ScaleRequest { profile: Some("large".into()), count: Some(7), ..wish("web") };
    assert_eq!(lines(ODD, &large)[1], "+   large: { services: { web: { replicas: 7 } } }   # nothing yet");
    let small = ScaleRequest { profile: Some("small".into()), count: Some(7), ..wish("web") };
    assert_eq!(lines(ODD, &small), ["+      services:", "+         web:", "+            replicas: 7"]);
    let mid = ScaleRequest { profile: Some("mid".into()), count: Some(7), ..wish("flow") };
    assert_eq!(lines(ODD, &mid), ["-         flow: { }", "+         flow: { replicas: 7 }"]);
}

#[test]
fn a_range_stays_a_range_and_a_count_makes_it_one_number() {
    let range = "version: 1\nname: a\nservices:\n  web:\n    replicas: { min: 2, max: 6 } # both\n";
    let ask = |text: &str, count, min, max| lines(text, &ScaleRequest { count, min, max, ..wish("web") });
    assert_eq!(ask(range, Some(3), None, None)[1], "+    replicas: { min: 3, max: 3 } # both");
    assert_eq!(ask(range, None, None, Some(9))[1], "+    replicas: { min: 2, max: 9 } # both");
    assert_eq!(ask(SHOP, None, None, Some(9))[1], "+    replicas: { min: 2, max: 9 } # two");
    let none = "version: 1\nname: a\nservices: { web: {} }\n";
    assert_eq!(ask(none, None, None, Some(5))[1], "+services: { web: { replicas: { min: 1, max: 5 } } }");
    // an overlay needs only the end that differs
    let large = ScaleRequest { max: Some(5), profile: Some("large".into()), ..wish("web") };
    assert_eq!(lines(SHOP, &large)[1], "+  large: { services: { web: { replicas: { max: 5 } } } }");
}

#[test]
fn profiles_that_keep_their_own_number_are_named() {
    let spec = "version: 1\nname: a\nservices:\n  web: { replicas: 1 }\nprofiles:\n  large: { services: { web: { replicas: { min: 2, max: 6 } } } }\n  medium: { services: { web: { replicas: 2 } } }\n  small: { services: { web: { concurrency: 3 } } }\n";
    let notes = |profile: Option<&str>, count| {
        let request = ScaleRequest { count: Some(count), profile: profile.map(str::to_owned), ..wish("web") };
        scale(spec, &request).unwrap().notes
    };
    assert_eq!(notes(None, 4), ["the base changes; profiles keep their own replicas: large (2-6), medium (2)"]);
    assert_eq!(notes(None, 2), ["the base changes; a profile keeps its own replicas: large (2-6)"]);
    assert_eq!(notes(Some("small"), 4), [""; 0]);
}

#[test]
fn the_limit_follows_where_it_must() {
    let ask = |text: &str, memory: &str| {
        let request = ScaleRequest { memory: Some(memory.into()), ..wish("web") };
        let scaled = scale(text, &request).unwrap();
        (diff(text, &scaled.text).pop().unwrap_or_default(), scaled.notes)
    };
    let web = |request: &str, limit: &str| {
        format!("+    resources: {{ requests: {{ cpu: 500m, memory: {request} }}, limits: {{ memory: {limit} }} }}")
    };
    assert_eq!(ask(SHOP, "300Mi"), (web("300Mi", "512Mi"), vec![]));
    let below = "limits.memory was 512Mi, below the request: set to 1Gi too".to_owned();
    assert_eq!(ask(SHOP, "1Gi"), (web("1Gi", "1Gi"), vec![below]));
    let equal = "limits.memory was equal to the request: set to 64Mi too".to_owned();
    assert_eq!(ask(&SHOP.replace("512Mi", "256Mi"), "64Mi"), (web("64Mi", "64Mi"), vec![equal]));
    // neither of the two changes, so nothing is said
    assert_eq!(ask(&SHOP.replace("512Mi", "256Mi"), "256Mi"), (String::new(), vec![]));
}

#[test]
fn a_shared_value_is_refused_with_its_place() {
    let refused = |request: &ScaleRequest| match scale(ODD, request) {
        Err(Stopped::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    let slice = |span: scalegen::support::source::Span| &ODD[span.start as usize..span.end as usize];
    let alias = refused(&ScaleRequest { count: Some(8), ..wish("repeating") });
    assert_eq!((slice(alias.at.unwrap()), slice(alias.edit_at.unwrap())), ("*r", "3"));
    let merge = refused(&ScaleRequest { concurrency: Some(8), ..wish("merged") });
    assert_eq!((slice(merge.at.unwrap()), slice(merge.edit_at.unwrap())), ("*whole", "{ limit: 3, env: X }"));
    // the anchored value itself stands elsewhere too
    let anchored = refused(&ScaleRequest { count: Some(8), ..wish("anchored") });
    assert!(anchored.why.contains("`services.repeating.replicas` would change with it"), "{}", anchored.why);
    let whole = refused(&ScaleRequest { count: Some(8), ..wish("whole") });
    assert!(whole.why.contains("`services.merged.replicas` would change with it"), "{}", whole.why);
    // beside a merge there is room
    assert_eq!(lines(ODD, &ScaleRequest { count: Some(8), ..wish("merged") }), ["+      replicas: 8"]);
}

#[test]
fn forms_that_are_not_edited_are_refused_not_broken() {
    let set = |text: &str| {
        let change = [FieldChange { path: vec!["a".into(), "b".into()], value: EditValue::Int(7) }];
        self::change(text, &change)
    };
    for text in [
        "a: {b: [1]}",
        "a: {b: {c: 1}}",
        "a: 1",
        "a: [b]",
        "a:\n  b: |\n    x\n",
        "a:\n  b: !!str 3\n",
        "a:\n  ? b\n  : - 1\n",
        "a: &x\n  c: 1\nz: *x\n",
        "x: &x {b: 1}\na: *x\n",
        "a: {b: 1",
        "- a\n",
    ] {
        assert!(set(text).is_err(), "{text:?} gave {:?}", set(text));
    }
    for (text, wanted) in [
        ("a:", "a:\n  b: 7"),
        ("a: # c", "a: # c\n  b: 7"),
        ("a: ~", "a: { b: 7 }"),
        ("{a: }", "{a: { b: 7 } }"),
        ("{a}", "{a: { b: 7 }}"),
        ("{}", "{ a: { b: 7 } }"),
        ("z: 1\r\n", "z: 1\r\na:\r\n  b: 7\r\n"),
        ("\u{feff}z: 1", "\u{feff}z: 1\na:\n  b: 7"),
        ("\u{feff}a:\n", "\u{feff}a:\n  b: 7\n"),
        ("a:\n  b:\n", "a:\n  b: 7\n"),
        ("a:\n  b: # c\n", "a:\n  b: 7 # c\n"),
        ("a:\n  b: null\n", "a:\n  b: 7\n"),
        ("a:\n    c: |\n      x\n\n\nz: 1\n", "a:\n    c: |\n      x\n    b: 7\n\n\nz: 1\n"),
        ("a:\n  b: three\n   lines of\n   text # c\n", "a:\n  b: 7 # c\n"),
        ("z: 1\n\ny: 2\n...\n", "z: 1\n\ny: 2\n\na:\n  b: 7\n...\n"),
        ("a: {\"b\":1}", "a: {\"b\":7}"),
        ("a: {c: 1}# c", "a: {c: 1, b: 7}# c"),
    ] {
        match set(text) {
            Ok(now) => assert_eq!(now, wanted, "{text:?}"),
            // what the parser does not read is not to be changed
            Err(why) => assert!(text.ends_with("}# c"), "{text:?}: {why:?}"),
        }
    }
}

/// Scalars by path, read by another YAML library.
fn leaves(text: &str) -> BTreeMap<String, String> {
    fn walk(value: &serde_yaml::Value, path: &str, found: &mut BTreeMap<String, String>) {
        match value {
            serde_yaml::Value::Mapping(map) => {
                map.iter().for_each(|(key, value)| walk(value, &format!("{path}/{}", key.as_str().unwrap()), found));
            }
            serde_yaml::Value::Sequence(items) => {
                items.iter().enumerate().for_each(|(index, item)| walk(item, &format!("{path}/{index}"), found));
            }
            serde_yaml::Value::Null => {}
            other => drop(found.insert(path.to_owned(), format!("{other:?}"))),
        }
    }
    let mut value: serde_yaml::Value = serde_yaml::from_str(text.trim_start_matches('\u{feff}')).unwrap();
    value.apply_merge().unwrap();
    let mut found = BTreeMap::new();
    walk(&value, "", &mut found);
    found
}

/// Every comment, found without a YAML reader: the fixtures have no other ` #` but one in a block of text.
fn comments(text: &str) -> Vec<&str> {
    let comment = |line: &'_ str| line.find('#').map(|at| at..line.len());
    text.lines().filter_map(|line| comment(line).map(|range| &line[range])).collect()
}

fn service(text: &str, request: &ScaleRequest) -> Rc<Service> {
    let models = scalegen::models(text.as_bytes());
    let (_, spec) = models.into_iter().find(|(profile, _)| *profile == request.profile).unwrap();
    spec.services.into_iter().find(|service| *service.name == *request.service).unwrap()
}

/// The same text with another way to end lines, or to begin and end.
fn dressed(text: &str, dress: u8) -> String {
    let text = if dress & 1 == 0 { text.to_owned() } else { text.replace('\n', "\r\n") };
    let text = if dress & 2 == 0 { text } else { text.trim_end_matches(['\n', '\r']).to_owned() };
    // a byte order mark stands before a directive, too
    if dress & 4 == 0 { text } else { format!("\u{feff}{text}") }
}

fn some(low: u32, high: u32) -> impl Strategy<Value = Option<u32>> {
    prop_oneof![Just(None), (low..high).prop_map(Some)]
}

fn quantity(units: &'static [&'static str], low: u32, high: u32) -> impl Strategy<Value = Option<String>> {
    let some = (low..high, prop::sample::select(units)).prop_map(|(number, unit)| Some(format!("{number}{unit}")));
    prop_oneof![Just(None), some]
}

fn requests() -> impl Strategy<Value = (String, ScaleRequest)> {
    let fixture = prop_oneof![Just(ODD), Just(EVERYTHING), Just(SHOP)];
    let names = any::<(prop::sample::Index, prop::sample::Index, bool)>();
    let numbers = (some(0, 50), some(0, 9), some(9, 99), some(1, 99));
    let amounts = (quantity(&["m", ""], 1, 64), quantity(&["Mi", "Gi", "M"], 1, 2000));
    (fixture, 0u8..8, names, numbers, amounts).prop_map(|(text, dress, (service, profile, based), numbers, amounts)| {
        let models = scalegen::models(text.as_bytes());
        let (profile, spec) = if based { &models[0] } else { &models[profile.index(models.len())] };
        let (count, min, max, concurrency) = numbers;
        let (min, max) = if count.is_some() { (None, None) } else { (min, max) };
        let service = spec.services[service.index(spec.services.len())].name.to_string();
        let (cpu, memory) = amounts;
        let profile = profile.clone();
        (dressed(text, dress), ScaleRequest { service, profile, count, min, max, cpu, memory, concurrency })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_wish_changes_what_it_says_and_nothing_else((text, request) in requests()) {
        let new = match scale(&text, &request) {
            Ok(scaled) => scaled.text,
            Err(Stopped::Refused(refusal)) => {
                let shared = ["anchored", "repeating", "whole", "merged"];
                prop_assert!(shared.contains(&request.service.as_str()), "{:?}", refusal);
                return Ok(());
            }
            Err(other) => return Err(TestCaseError::fail(format!("{other:?}"))),
        };
        // only the intended scalars differ, as another reader sees it
        let (old_leaves, new_leaves) = (leaves(&text), leaves(&new));
        let layer = match &request.profile {
            Some(profile) => format!("/profiles/{profile}/services/{}/", request.service),
            None => format!("/services/{}/", request.service),
        };
        let fields = ["replicas", "replicas/min", "replicas/max", "concurrency", "concurrency/limit", "resources/requests/cpu",
            "resources/requests/memory", "resources/limits/cpu", "resources/limits/memory"];
        let all: std::collections::BTreeSet<&String> = old_leaves.keys().chain(new_leaves.keys()).collect();
        let differ: Vec<&&String> = all.iter().filter(|path| old_leaves.get(**path) != new_leaves.get(**path)).collect();
        for path in &differ {
            prop_assert!(path.strip_prefix(&layer).is_some_and(|field| fields.contains(&field)), "{} changed", path);
        }
        // comments and line ends
        prop_assert_eq!(comments(&text), comments(&new));
        prop_assert_eq!(text.contains('\r'), new.contains('\r'));
        prop_assert_eq!(text.matches('\n').count() == text.matches("\r\n").count(), new.matches('\n').count() == new.matches("\r\n").count());
        prop_assert_eq!(text.ends_with('\n'), new.ends_with('\n'));
        // each changed scalar touches one line; a comma may touch another
        let gone = diff(&text, &new).iter().filter(|line| line.starts_with('-')).count();
        prop_assert!(gone <= differ.len() + 1, "{} lines gone for {} scalars", gone, differ.len());
        // reading again gives the numbers
        let now = service(&new, &request);
        let before = service(&text, &request);
        let wanted = (request.count.or(request.min), request.count.or(request.max));
        prop_assert_eq!(now.replicas.min.value, wanted.0.unwrap_or(before.replicas.min.value));
        prop_assert_eq!(now.replicas.max.value, wanted.1.unwrap_or(before.replicas.max.value));
        if let Some(limit) = request.concurrency {
            prop_assert_eq!(now.slots_each(), limit);
            prop_assert_eq!(now.concurrency.as_ref().map(|c| c.env.is_some()), Some(before.concurrency.as_ref().is_some_and(|c| c.env.is_some())));
        }
        if let Some(cpu) = &request.cpu {
            prop_assert_eq!(now.resources.requests.cpu.map(|v| v.value), Cpu::parse(cpu).ok());
            prop_assert!(now.resources.limits.cpu.is_none_or(|limit| limit.value.0 >= now.resources.requests.cpu.unwrap().value.0));
        }
        if let Some(memory) = &request.memory {
            prop_assert_eq!(now.resources.requests.memory.map(|v| v.value.bytes), Memory::parse(memory).ok().map(|m| m.bytes));
            prop_assert!(now.resources.limits.memory.is_none_or(|limit| limit.value.bytes >= now.resources.requests.memory.unwrap().value.bytes));
        }
        // and asking again changes nothing
        prop_assert_eq!(scaled(&new, &request), new);
    }

    /// Whatever the text, a change is made rightly or refused: never a panic, never a text that does not read back.
    #[test]
    fn any_text_is_changed_rightly_or_not_at_all(text in "[ab:{}\\[\\], \n\t#&*!|>?'\"~x1-]{0,40}", keys in prop::sample::select(vec!["a", "a b", "a x b"])) {
        let path: Vec<String> = keys.split(' ').map(str::to_owned).collect();
        if let Ok(new) = change(&text, &[FieldChange { path: path.clone(), value: EditValue::Int(7) }]) {
            let parsed = scalegen::syntax::parse(
                scalegen::support::diagnostic::SPEC, &scalegen::support::source::Source::new("", new.as_str()), scalegen::syntax::ParseMode::Spec);
            prop_assert!(parsed.findings.is_empty());
            let root = parsed.root.unwrap();
            let mut node = &root;
            for key in &path {
                node = &node.get(key).unwrap().node;
            }
            prop_assert!(matches!(node.value, scalegen::syntax::Value::Int(7)), "{:?} gave {:?}", text, new);
        }
    }
}

fn folder(text: &str) -> TempDir {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("scalegen.yaml"), text).unwrap();
    dir
}

fn read(dir: &Path) -> String {
    fs::read_to_string(dir.join("scalegen.yaml")).unwrap()
}

#[test]
fn the_command_writes_the_file_and_shows_the_formation() {
    let dir = folder(SHOP);
    let ran = scalegen(dir.path(), &["scale", "scalegen.yaml", "web", "--count", "4", "--memory", "300Mi"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(
        ran.out,
        "SERVICE  COUNT   CPU         MEMORY\n\
         web      2 → 4  500m  256Mi → 300Mi\n\
         worker       1     –              –\n\
         wrote scalegen.yaml\n"
    );
    assert_eq!(read(dir.path()), SHOP.replace("replicas: 2", "replicas: 4").replace("256Mi", "300Mi"));
    let again = scalegen(dir.path(), &["scale", "scalegen.yaml", "web", "--count", "4", "--memory", "300Mi"]);
    assert!(again.code == 0 && again.out.ends_with("scalegen.yaml already says so\n"), "{}", again.out);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "a temporary was left");
}

#[test]
fn a_dry_run_prints_the_diff_and_writes_nothing() {
    let dir = folder(SHOP);
    let ran = scalegen(dir.path(), &["scale", "scalegen.yaml", "web", "--count", "4", "--dry-run"]);
    assert_eq!(ran.code, 0);
    assert!(ran.out.starts_with("--- scalegen.yaml\n+++ scalegen.yaml\n@@"), "{}", ran.out);
    assert!(ran.out.contains("\n-    replicas: 2 # two\n+    replicas: 4 # two\n"), "{}", ran.out);
    assert!(ran.err.contains("2 → 4"), "{}", ran.err);
    assert_eq!(read(dir.path()), SHOP);
}

#[test]
fn an_error_is_not_saved_unless_forced() {
    let dir = folder(SHOP);
    let wish = ["scale", "scalegen.yaml", "web", "--min", "5", "--max", "4"];
    let ran = scalegen(dir.path(), &wish);
    assert_eq!((ran.code, read(dir.path()).as_str()), (1, SHOP));
    assert!(ran.err.contains("min-above-max") && ran.err.contains("left as it was"), "{}", ran.err);
    let ran = scalegen(dir.path(), &[&wish[..], &["--force"]].concat());
    assert!(ran.code == 0 && read(dir.path()).contains("replicas: { min: 5, max: 4 } # two"), "{}", ran.err);
    // an error that stood there before is said, and stops nobody
    let ran = scalegen(dir.path(), &["scale", "scalegen.yaml", "web", "--cpu", "1"]);
    assert!(ran.code == 0 && ran.err.contains("1 error stood in scalegen.yaml before this change"), "{}", ran.err);
    assert!(ran.err.contains("min-above-max") && read(dir.path()).contains("cpu: 1"), "{}", ran.err);
    // of old and new ones, the new ones stop it
    let ran = scalegen(dir.path(), &["scale", "scalegen.yaml", "web", "--memory", "900Gi"]);
    assert!(ran.code == 0 || ran.err.contains("left as it was"), "{}", ran.err);
}

#[test]
fn wrong_names_and_numbers_are_usage_errors() {
    let dir = folder(SHOP);
    for (args, why) in [
        (&["wbe", "--count", "1"][..], "unknown service `wbe`; did you mean `web`?"),
        (&["db", "--count", "0"], "`db` is a backing service"),
        (&["web", "--count", "1", "--profile", "huge"], "unknown profile `huge`; there are: large"),
        (&["web", "--memory", "512"], "512 bytes; did you mean `512Mi`?"),
        (&["web", "--memory", "512m"], "did you mean `512Mi`?"),
        (&["web", "--memory", "512MB"], "did you mean `512Mi`?"),
        (&["web", "--cpu", "lots"], "--cpu: `lots` is not a quantity"),
        (&["web", "--concurrency", "0"], "--concurrency"),
        (&["web"], "--count"),
        (&["web", "--count", "1", "--max", "2"], "cannot be used with"),
    ] {
        let ran = scalegen(dir.path(), &[&["scale", "scalegen.yaml"], args].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}");
        assert!(ran.err.contains(why), "{args:?}: {}", ran.err);
    }
    assert_eq!(read(dir.path()), SHOP);
    let alias = folder(ODD);
    let ran = scalegen(alias.path(), &["scale", "scalegen.yaml", "repeating", "--count", "3"]);
    assert!(ran.code == 2 && ran.err.contains("edit scalegen.yaml:23:20"), "{}", ran.err);
    let broken = folder("services: [");
    let ran = scalegen(broken.path(), &["scale", "scalegen.yaml", "web", "--count", "3", "--force"]);
    assert!(ran.code == 1 && ran.err.contains("yaml-syntax"), "{}", ran.err);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let dir = folder("");
    let args = ["scale", "-", "web", "--count", "4"];
    let ran = crate::cli::program::with_input(dir.path(), &args, SHOP);
    assert_eq!((ran.code, ran.out), (0, SHOP.replace("replicas: 2", "replicas: 4")), "{}", ran.err);
    let ran = crate::cli::program::with_input(dir.path(), &["scale", "-", "web", "--min", "5", "--max", "1"], SHOP);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir = folder(SHOP);
    let real = dir.path().join("real.yaml");
    fs::rename(dir.path().join("scalegen.yaml"), &real).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real.yaml", dir.path().join("scalegen.yaml")).unwrap();
    let ran = scalegen(dir.path(), &["scale", "scalegen.yaml", "web", "--count", "4"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(dir.path().join("scalegen.yaml").is_symlink());
    assert!(fs::read_to_string(&real).unwrap().contains("replicas: 4"));
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    fs::set_permissions(&real, fs::Permissions::from_mode(0o440)).unwrap();
    let ran = scalegen(dir.path(), &["scale", "scalegen.yaml", "web", "--count", "5"]);
    assert!(ran.code == 2 && ran.err.contains("read-only"), "{}", ran.err);
    assert!(fs::read_to_string(&real).unwrap().contains("replicas: 4"));
}

/// The changes before a refused one have moved what stands behind them; the place is the file's all the same.
#[test]
fn a_refusal_names_its_place_in_the_file_as_it_is() {
    for text in [
        "version: 1\nname: x\nservices: { a: { replicas: \"\", resources: \"abc\" } }\n",
        "version: 1\nname: x\nservices:\n  a:\n    image: x\n    resources: abc\n",
    ] {
        let request = ScaleRequest { count: Some(4_000), cpu: Some("1".to_owned()), ..wish("a") };
        let Err(Stopped::Refused(refusal)) = scale(text, &request) else { panic!("{text}") };
        let at = refusal.at.unwrap();
        assert_eq!(text[at.start as usize..at.end as usize].trim_matches('"'), "abc", "{refusal:?}");
    }
}
