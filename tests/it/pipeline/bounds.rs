//! Inputs made to take time or memory beside the spec's own text, and files that no run may open: each ends with its word.
//! Bounds of memory are kept by the system, as in `bombs`; nothing here measures time.

use crate::cli::program::{folder, scalegen};
use crate::pipeline::bombs::run;
use scalegen::NoFiles;
use scalegen::support::diagnostic::Finding;
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const SPEC: &str = "version: 1\nname: x\nservices:\n  a: { image: x, resources: { limits: { memory: 1Gi } } }\n";
/// What every child may take beside its bound: threads and the allocator.
const SLACK: usize = 48 << 20;

fn small(name: &str, folder: &Path, args: &[&str]) -> (i32, String) {
    run(name, folder, args, (24 << 20) + SLACK)
}

/// Profiles, each extending the one before, or the one after.
fn chain(count: usize, forward: bool, more: impl Fn(usize) -> String) -> String {
    let mut text = format!("{SPEC}profiles:\n");
    for number in 0..count {
        let other = if forward { number.checked_sub(1) } else { Some(number + 1).filter(|next| *next < count) };
        let extends = other.map_or_else(String::new, |other| format!("extends: p{other}, "));
        writeln!(text, "  p{number}: {{ {extends}{} }}", more(number)).unwrap();
    }
    text
}

fn lint(spec: &str) -> scalegen::CheckResult {
    scalegen::lint("spec.yaml", spec.as_bytes(), &NoFiles, &Default::default())
}

#[test]
fn what_holds_in_thousands_of_profiles_names_each() {
    let wrong = |number: usize| match number {
        10 => "services: { a: { replicas: { min: 3, max: 2 } } }".to_owned(),
        15_000 => "services: { a: { replicas: 3 } }".to_owned(),
        _ => String::new(),
    };
    for forward in [true, false] {
        let checked = lint(&chain(20_000, forward, wrong));
        assert_eq!(checked.findings.len(), 1, "{:?}", checked.findings);
        let found = &checked.findings[0];
        let (first, last, count) = if forward { ("p10", "p14999", 14_990) } else { ("p0", "p10", 11) };
        assert_eq!(&*found.rule, "min-above-max");
        assert_eq!((found.profiles.first().unwrap().as_ref(), found.profiles.last().unwrap().as_ref()), (first, last));
        assert_eq!(found.profiles.len(), count);
    }
}

#[test]
fn a_profile_that_is_the_base_again_is_checked_where_the_base_is_not() {
    let spec = "version: 1\nname: x\nservices:\n  a: { image: x }\nprofiles:\n  p: {}\n  q: { extends: p }\n  r: { services: { b: { image: x } } }\n";
    let wanted = |names: &[&str]| scalegen::CheckOptions {
        profiles: names.iter().map(|name| Some((*name).to_owned())).collect(),
        ..Default::default()
    };
    for (names, lists) in [(&["q"][..], vec![vec!["q"]]), (&["r", "q", "p"], vec![vec!["p", "q", "r"], vec!["r"]])] {
        let checked = scalegen::lint("spec.yaml", spec.as_bytes(), &NoFiles, &wanted(names));
        let listed = |finding: &Finding| finding.profiles.iter().map(|name| name.to_string()).collect();
        let found: Vec<Vec<String>> = checked.findings.iter().map(listed).collect();
        assert_eq!(found, lists, "{names:?}");
    }
}

#[test]
fn profiles_that_each_add_a_service_share_what_they_do_not_change() {
    for forward in [true, false] {
        let dir =
            folder(&[("s.yaml", &chain(800, forward, |number| format!("services: {{ s{number}: {{ image: x }} }}")))]);
        let (code, said) = run("800 profiles", dir.path(), &["lint", "--format", "concise", "s.yaml"], 100 << 20);
        assert_eq!((code, said.lines().count()), (0, 800), "{forward}");
    }
}

#[test]
fn faults_in_thousands_of_profiles_are_bounded() {
    let circle = format!(
        "{SPEC}profiles:\n{}",
        (0..20_000).fold(String::new(), |mut text, number| {
            writeln!(text, "  p{number}: {{ extends: p{} }}", (number + 1) % 20_000).unwrap();
            text
        })
    );
    let found = lint(&circle).findings;
    assert_eq!(found.len(), 1);
    assert!(found[0].message.ends_with("p11 → 19988 more → p0"), "{}", found[0].message);
    assert_eq!(found[0].related.len(), 12);
    let unknown = chain(5_000, true, |_| String::new()).replace("extends: p", "extends: qqqqqqqq");
    let found = lint(&unknown).findings;
    assert_eq!(found.len(), 1_000);
    assert!(found.iter().any(|finding| finding.message == "1000 or more faults in profiles: the rest is not listed"));
    assert!(found.iter().all(|finding| finding.help.as_ref().is_none_or(|help| help.len() < 300)), "{:?}", found[0]);
}

#[test]
fn more_services_than_are_checked_are_refused() {
    let many = |map: &str| {
        format!(
            "{SPEC}{map}:\n{}",
            (0..300_000).fold(String::new(), |mut text, number| {
                writeln!(text, "  s{number}: {{}}").unwrap();
                text
            })
        )
    };
    let services =
        many("services").replace("services:\n  a: { image: x, resources: { limits: { memory: 1Gi } } }\n", "");
    for (map, text) in [("services", services), ("backingServices", many("backingServices"))] {
        let dir = folder(&[("s.yaml", &text)]);
        let bound = (16 << 20) + 20 * text.len() + SLACK;
        let (code, said) = run(map, dir.path(), &["lint", "--format", "concise", "s.yaml"], bound);
        let words =
            format!("error[invalid-value]: 300000 in `{map}`, more than 20000: nothing of this file is checked");
        assert!(code == 1 && said.contains(&words) && said.lines().count() == 1, "{said:.300}");
    }
}

#[test]
fn more_compose_services_and_more_objects_than_are_checked_are_told() {
    let lines = |count: usize, head: &str, line: &dyn Fn(usize) -> String| {
        (0..count).fold(head.to_owned(), |text, number| text + &line(number))
    };
    let compose = lines(300_000, "services:\n", &|number| format!("  s{number}: {{ image: x }}\n"));
    let object = |number: usize| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: c{number} }}\n---\n");
    for (name, text, words) in [
        ("compose.yaml", compose, Some("300000 in `services`, more than 20000: nothing of this file is checked")),
        ("objects.yaml", lines(20_000, "", &object), None),
        (
            "objects.yaml",
            lines(20_001, "", &object),
            Some("80002:7: error[invalid-value]: more than 20000 objects in one file"),
        ),
    ] {
        let dir = folder(&[(name, &text)]);
        let bound = (16 << 20) + 20 * text.len() + SLACK;
        let (code, said) = run(name, dir.path(), &["lint", "--format", "concise", name], bound);
        let told = words.is_none_or(|words| said.contains(words));
        let lines = usize::from(words.is_some());
        assert!(told && (code == 1) == words.is_some() && said.lines().count() == lines, "{name}: {code} {said:.300}");
    }
}

#[test]
fn findings_of_many_policies_are_bounded() {
    let mut services = "version: 1\nname: x\nservices:\n".to_owned();
    (0..3_000).for_each(|number| {
        writeln!(services, "  s{number}: {{ image: x, resources: {{ limits: {{ memory: 1Gi }} }} }}").unwrap()
    });
    let policies = (0..100).fold(String::new(), |mut text, number| {
        write!(text, "[[policy]]\nid = \"own-{number}\"\neach = \"service\"\nrequire = \"service.replicas.min >= {}\"\nmessage = \"too few\"\nreason = \"r\"\n", number + 2).unwrap();
        text
    });
    let dir = folder(&[("s.yaml", &services), (".scalegen.toml", &policies)]);
    let bound = (16 << 20) + 20 * (services.len() + policies.len()) + SLACK;
    let (code, said) = run("policies", dir.path(), &["lint", "--format", "concise", "s.yaml"], bound);
    assert!(code < 2 && said.contains("20000 or more "), "{code}: {said:.500}");
    assert_eq!(said.lines().count(), 20_000);
}

/// `$defs` of so many levels, each made by `level` out of a reference to the next.
fn schema(levels: usize, level: impl Fn(&str) -> String) -> String {
    let defs: Vec<String> = (0..levels)
        .map(|number| format!("\"a{number}\": {}", level(&format!("{{\"$ref\": \"#/$defs/a{}\"}}", number + 1))))
        .collect();
    format!("{{\"$ref\": \"#/$defs/a0\", \"$defs\": {{{}, \"a{levels}\": {{}}}}}}", defs.join(", "))
}

#[test]
fn a_chart_s_schema_that_takes_too_long_is_not_used() {
    let spec = "version: 1\nname: a\nservices:\n  a: { image: x, resources: { limits: { memory: 1Gi } } }\n\
                targets: { helm: { chart: chart, paths: { a: { replicas: replicaCount } } } }\n";
    let twice = |keyword: &'static str| schema(48, move |next| format!("{{\"{keyword}\": [{next}, {next}]}}"));
    let nested = "{\"x\":".repeat(50) + "1" + &"}".repeat(50);
    let deep = format!("{{\"replicaCount\": 1, \"x\": {nested}}}");
    let pair = "{\"$ref\": \"#\"}, {\"$ref\": \"#\"}";
    let steps = "it takes more than 500000 steps over these values, references followed";
    for (name, schema, words) in [
        ("allOf", twice("allOf"), steps),
        ("anyOf", twice("anyOf"), steps),
        ("oneOf", twice("oneOf"), steps),
        ("if and else", schema(48, |next| format!("{{\"if\": {next}, \"then\": {next}, \"else\": {next}}}")), steps),
        ("not", schema(48, |next| format!("{{\"not\": {next}, \"allOf\": [{next}]}}")), steps),
        (
            "dependent",
            schema(48, |next| format!("{{\"dependentSchemas\": {{\"replicaCount\": {next}, \"x\": {next}}}}}")),
            steps,
        ),
        ("unevaluated", schema(48, |next| format!("{{\"allOf\": [{next}], \"unevaluatedProperties\": true}}")), steps),
        ("down the values", format!("{{\"properties\": {{\"x\": {{\"allOf\": [{pair}]}}}}}}"), steps),
        ("any name", format!("{{\"additionalProperties\": {{\"allOf\": [{pair}]}}}}"), steps),
        (
            "a pattern of names",
            r##"{"patternProperties": {"x": {"$ref": "#"}, ".": {"$ref": "#"}}}"##.to_owned(),
            steps,
        ),
        ("one after the other", schema(5_000, |next| format!("{{\"allOf\": [{next}]}}")), "more than 192 deep"),
        (
            "a pattern",
            "{\"properties\": {\"replicaCount\": {\"pattern\": \"((x{1000}){1000}){1000}\"}}}".to_owned(),
            "more than 1000000 characters",
        ),
    ] {
        let dir = folder(&[
            ("s.yaml", spec),
            ("chart/Chart.yaml", "apiVersion: v2\nname: x\nversion: 1.0.0\n"),
            ("chart/values.yaml", &deep),
            ("chart/values.schema.json", &schema),
        ]);
        let (code, said) = small(name, dir.path(), &["lint", "--format", "concise", "s.yaml"]);
        assert!(
            code == 0 && said.contains("values.schema.json cannot be obeyed") && said.contains(words),
            "{name}: {said}"
        );
    }
    // what is merely long, or refers to itself down the values, is used
    for (name, schema) in [
        ("long", schema(90, |next| format!("{{\"allOf\": [{next}]}}"))),
        ("recursive", "{\"type\": \"object\", \"properties\": {\"x\": {\"anyOf\": [{\"$ref\": \"#\"}, {\"type\": \"integer\"}]}}}".to_owned()),
        ("itself", "{\"$ref\": \"#\"}".to_owned()),
    ] {
        let names: Vec<String> = (0..40).map(|number| format!("{number}.scalegen.yaml")).collect();
        let mut files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), spec)).collect();
        files.extend([
            ("chart/Chart.yaml", "apiVersion: v2\nname: x\nversion: 1.0.0\n"),
            ("chart/values.yaml", &deep),
            ("chart/values.schema.json", &schema),
        ]);
        // on several threads, which have less stack
        let dir = folder(&files);
        let ran = scalegen(dir.path(), &["lint", "--format", "concise"]);
        let unused = ran.out.contains("cannot be obeyed");
        // the chart has no known layout, which is told once for its values
        let told = ran.err.lines().count() == 1 && ran.err.contains("values.yaml is of a chart of no known layout");
        assert!(ran.code == 0 && told && !unused, "{name}: {}{}", ran.out, ran.err);
    }
}

/// What must not be opened, or not be read to its end, by name, with a word of the message.
fn strange(dir: &TempDir) -> Vec<(&'static str, &'static str)> {
    let at = |name: &str| dir.path().join(name);
    assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    let _ = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    fs::create_dir(at("directory")).unwrap();
    symlink("nowhere", at("dangling")).unwrap();
    symlink("loop", at("loop")).unwrap();
    symlink("/proc/self/environ", at("proc")).unwrap();
    symlink("/dev/zero", at("zero")).unwrap();
    // as large as it says, and takes no room
    fs::File::create(at("large")).unwrap().set_len((256 << 20) + 1).unwrap();
    let mut all = vec![
        ("pipe", "it is not a regular file"),
        ("socket", "it is not a regular file"),
        ("zero", "it is not a regular file"),
        ("directory", "it is a folder"),
        ("dangling", "it is a link to a file that is not there"),
        ("loop", "too many levels of symbolic links"),
        ("large", "more than 268435456"),
    ];
    if cfg!(target_os = "linux") {
        all.push(("proc", "the kernel makes it up while it is read (proc)"));
    }
    all
}

#[test]
fn only_stored_files_of_a_bounded_size_are_read() {
    let dir = folder(&[("s.yaml", SPEC), ("good.json", "[]")]);
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    for (name, words) in strange(&dir) {
        let refused = |what: &str, args: &[&str], code: i32| {
            let (ended, said) = small(name, dir.path(), args);
            assert!(ended == code && said.contains(words), "{what} {name}: exit {ended}: {said:.400}");
        };
        write("base.yaml", &format!("{SPEC}targets: {{ compose: {{ base: {name} }} }}\n"));
        refused("a base", &["lint", "base.yaml"], 1);
        refused("a base of a plan", &["render", "base.yaml"], 1);
        if name != "directory" {
            refused("a spec", &["lint", name], 2);
            refused("a spec to render", &["render", name], 2);
            refused("a spec to plan", &["plan", name], 2);
            refused("a spec to scale", &["scale", name, "a", "--count", "2"], 2);
            refused("one side of a diff", &["diff", "s.yaml", name], 2);
            refused("the other side", &["diff", name, "s.yaml"], 2);
        }
        refused("settings", &["lint", "s.yaml", "--config", name], 2);
        refused("a baseline", &["lint", "s.yaml", "--baseline", name], 2);
        write("named.toml", &format!("baseline = \"{name}\"\n"));
        refused("a baseline of settings", &["lint", "s.yaml", "--config", "named.toml"], 1);
        for (file, other) in
            [("Chart.yaml", "values.yaml"), ("values.yaml", "Chart.yaml"), ("values.schema.json", "Chart.yaml")]
        {
            let chart = format!("chart-{name}-{file}");
            fs::create_dir(dir.path().join(&chart)).unwrap();
            write(&format!("{chart}/{other}"), "{}");
            symlink(format!("../{name}"), dir.path().join(&chart).join(file)).unwrap();
            write("chart.yaml", &format!("{SPEC}targets: {{ helm: {{ chart: {chart}, convention: helm-create }} }}\n"));
            // through the link, one that leads nowhere is seen from its own place
            refused(file, &["lint", "chart.yaml"], 1);
        }
        let templates = format!("templates-{name}");
        fs::create_dir_all(dir.path().join(&templates).join("compose")).unwrap();
        symlink(format!("../../{name}"), dir.path().join(&templates).join("compose/compose.yaml.j2")).unwrap();
        write("templates.toml", &format!("templates = \"{templates}\"\n"));
        if name != "directory" {
            refused("a template", &["lint", "s.yaml", "--config", "templates.toml"], 1);
        }
    }
}

#[test]
fn settings_that_stand_there_and_cannot_be_read_stop_the_run() {
    let dir = folder(&[("below/scalegen.yaml", SPEC)]);
    for (name, words) in strange(&dir) {
        let file = dir.path().join(".scalegen.toml");
        symlink(name, &file).unwrap();
        for args in [
            &["lint", "below/scalegen.yaml"][..],
            &["lint", "below"],
            &["render", "below/scalegen.yaml"],
            &["plan", "below/scalegen.yaml"],
            &["rules"],
        ] {
            let (code, said) = small(name, dir.path(), args);
            assert!(
                code == 2 && said.contains("scalegen.toml: ") && said.contains(words),
                "{args:?} {name}: {code}: {said}"
            );
        }
        let (code, said) =
            small(name, dir.path(), &["lint", "below/scalegen.yaml", "--isolated", "--format", "concise"]);
        assert_eq!((code, said.as_str()), (0, ""), "{name}");
        fs::remove_file(file).unwrap();
    }
}

#[test]
fn lists_of_ignored_files_and_written_files_are_read_in_the_same_way() {
    let dir = folder(&[("a/scalegen.yaml", &format!("{SPEC}targets: {{ compose: {{}} }}\n"))]);
    let pipe = |path: &str| assert!(Command::new("mkfifo").arg(dir.path().join(path)).status().unwrap().success());
    pipe(".gitignore");
    fs::create_dir(dir.path().join(".git")).unwrap();
    symlink("../.gitignore", dir.path().join("a/.gitignore")).unwrap();
    assert_eq!(small("ignored", dir.path(), &["lint", "a", "--format", "concise"]), (0, String::new()));
    fs::create_dir_all(dir.path().join("out/compose")).unwrap();
    pipe("out/compose/compose.yaml");
    let (code, said) = small("written", dir.path(), &["render", "a/scalegen.yaml", "--out", "out"]);
    assert!(code == 2 && said.contains("not a regular file"), "{said}");
}
