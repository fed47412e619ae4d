//! The house rules that a machine can hold: doors between rooms, homes of packages, sizes, headers, stray fixtures.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Which rooms of the library a room may use; what is not listed is shut. Bottom first.
const DOORS: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("suggest", &[]),
    ("markdown", &[]),
    ("threads", &[]),
    ("secrets", &["source"]),
    ("unified", &["source", "secrets"]),
    ("diagnostic", &["source"]),
    ("syntax", &["source", "diagnostic", "suggest"]),
    ("profiles", &["source", "diagnostic", "syntax", "suggest"]),
    ("schema", &["source", "diagnostic", "syntax", "suggest", "secrets"]),
    ("scalars", &["source", "diagnostic", "syntax"]),
    ("model", &["source", "diagnostic", "syntax", "suggest"]),
    ("base", &["source", "diagnostic", "syntax", "model"]),
    ("inputs", &["source", "diagnostic", "syntax", "model", "suggest"]),
    ("chart", &["source", "syntax", "schema"]),
    ("formation", &["source", "model", "plan"]),
    ("starter", &["model", "base", "schema"]),
    ("sums", &["source", "diagnostic", "model"]),
    ("rules", &["source", "diagnostic", "model", "base", "suggest", "sums", "secrets"]),
    ("plan", &["source", "model"]),
    ("sandbox", &[]),
    ("targets", &["source", "diagnostic", "plan", "base", "chart", "syntax", "suggest", "sandbox", "threads"]),
    ("fingerprint", &["source", "diagnostic"]),
    ("baseline", &["source", "diagnostic", "syntax", "rules", "fingerprint"]),
    ("settings", &["source", "diagnostic", "syntax", "schema", "rules", "suggest"]),
    ("site", &["diagnostic", "markdown", "rules", "targets", "schema"]),
    ("policy", &["source", "diagnostic", "syntax", "model", "formation", "rules", "suggest", "sandbox"]),
    ("suppress", &["source", "diagnostic", "syntax", "rules", "settings", "suggest"]),
    ("subject", &["source", "diagnostic", "syntax"]),
    ("edit", &["source", "diagnostic", "syntax", "suggest", "profiles"]),
    ("fixable", &["source", "diagnostic", "syntax", "edit"]),
    ("fix", &["source", "diagnostic", "syntax", "edit", "pipeline"]),
    (
        "changes",
        &[
            "source",
            "diagnostic",
            "fingerprint",
            "model",
            "models",
            "formation",
            "rules",
            "settings",
            "targets",
            "pipeline",
            "unified",
        ],
    ),
    ("report", &["source", "diagnostic", "fingerprint", "rules", "formation", "changes", "secrets"]),
    ("scale", &["source", "diagnostic", "syntax", "model", "models", "edit"]),
    ("models", &["source", "diagnostic", "syntax", "profiles", "model"]),
    (
        "pipeline",
        &[
            "source",
            "suggest",
            "diagnostic",
            "syntax",
            "profiles",
            "schema",
            "scalars",
            "model",
            "base",
            "chart",
            "rules",
            "plan",
            "targets",
            "suppress",
            "formation",
            "edit",
            "subject",
            "fixable",
            "settings",
            "baseline",
            "policy",
        ],
    ),
];

/// The only places where a package, or a part of the standard library, may be named.
const HOMES: &[(&str, &[&str])] = &[
    ("granit_parser", &["src/syntax/"]),
    ("serde_yaml", &["src/targets/back.rs"]),
    ("serde_saphyr", &["src/targets/yaml.rs"]),
    ("jsonschema", &["src/schema.rs", "src/schema/"]),
    (
        "minijinja",
        &["src/sandbox.rs", "src/targets/engine.rs", "src/targets/text.rs", "src/targets/part.rs", "src/policy"],
    ),
    ("miette", &["src/report/text.rs"]),
    ("pulldown_cmark", &["src/markdown.rs"]),
    ("jiff", &["src/model/", "src/formation", "src/settings/day.rs"]),
    ("toml::", &["src/settings/table.rs"]),
    ("similar", &["src/unified.rs"]),
    ("clap", &["src/cli/"]),
    ("walkdir", &["src/cli/"]),
    ("rustix", &["src/cli/staged.rs", "src/cli/apart.rs"]),
    ("ignore::", &["src/cli/", "src/settings/paths.rs"]),
    ("std::fs", &["src/cli/"]),
    ("std::env", &["src/cli/"]),
    ("std::process", &["src/cli/", "src/main.rs"]),
    ("std::net", &[]),
    // to wait for another run, to tell the day, and to stop a template
    ("std::time", &["src/cli/staged.rs", "src/cli/clock.rs", "src/cli/apart.rs"]),
    // cargo reads a build script's standard output
    ("println!", &["src/cli/build.rs"]),
    ("eprintln!", &[]),
];

/// Words of targets that must not stand in the plan.
const TARGET_WORDS: &[&str] = &["deploy", "hpa", "upstream", "values.yaml", "kustom", "ScaledObject", "compose"];

/// Files that were over the bound when they were written; the list may only shrink.
const LARGE: &[&str] = &[];

const FILE_BOUND: usize = 420;

pub(crate) fn files(folder: &str, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    // `cargo fuzz` builds below tests/fuzz/target
    let kept = |entry: &walkdir::DirEntry| entry.file_name() != "target";
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_entry(kept) {
        let path = entry.unwrap().into_path();
        if path.is_file() && path.to_string_lossy().ends_with(end) {
            found.push(path);
        }
    }
    found
}

fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

fn room_of(path: &Path) -> String {
    let parts: Vec<_> = path.strip_prefix("src").unwrap().components().collect();
    parts[0].as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

#[test]
fn rooms_use_only_the_doors_drawn() {
    let rooms: BTreeSet<&str> = DOORS.iter().map(|(room, _)| *room).collect();
    let mut wrong = Vec::new();
    for path in files("src", ".rs") {
        let room = room_of(&path);
        if ["lib", "main", "cli"].contains(&room.as_str()) {
            continue;
        }
        let Some((_, open)) = DOORS.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("{}: the room `{room}` is not on the list of doors", path.display()));
            continue;
        };
        let text = fs::read_to_string(&path).unwrap();
        for (index, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for part in line.split("crate::").skip(1) {
                let names: Vec<&str> = match part.strip_prefix('{') {
                    Some(group) => {
                        group.split([',', '}']).map(|name| name.trim().split("::").next().unwrap()).collect()
                    }
                    None => vec![part.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap()],
                };
                for name in names {
                    if rooms.contains(name) && name != room && !open.contains(&name) {
                        wrong.push(format!("{}:{}: `{room}` may not use `{name}`", path.display(), index + 1));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "doors that are shut were used:\n{}", wrong.join("\n"));
}

#[test]
fn rules_and_targets_do_not_use_each_other() {
    for (folder, list) in [("src/rules", "rules!"), ("src/targets", "targets!")] {
        let registry = fs::read_to_string(format!("{folder}/mod.rs")).unwrap();
        let body = registry.rsplit(&format!("{list} {{")).next().unwrap().split('}').next().unwrap();
        let names: Vec<&str> = body.split_whitespace().filter(|word| !word.starts_with("//")).collect();
        assert!(!names.is_empty(), "{list} lists nothing");
        for name in &names {
            let text = fs::read_to_string(format!("{folder}/{name}.rs"))
                .or_else(|_| fs::read_to_string(format!("{folder}/{name}/mod.rs")))
                .unwrap();
            for other in names.iter().filter(|other| *other != name) {
                let used = code_lines(&text).any(|line| {
                    line.contains(&format!("super::{other}"))
                        || line.contains(&format!("crate::{}::{other}", &folder[4..]))
                });
                assert!(!used, "{folder}/{name}.rs uses {other}");
            }
        }
    }
}

#[test]
fn packages_stay_in_their_homes() {
    let mut wrong = Vec::new();
    for path in files("src", ".rs") {
        let name = path.to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for (package, homes) in HOMES {
                let word = line.match_indices(package).any(|(at, _)| {
                    let before = line[..at].chars().next_back();
                    !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
                });
                if word && !homes.iter().any(|home| name.starts_with(home)) {
                    wrong.push(format!("{name}:{}: `{package}` is at home in {homes:?}", index + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "packages outside their homes:\n{}", wrong.join("\n"));
}

#[test]
fn the_plan_speaks_no_target() {
    let text = fs::read_to_string("src/plan.rs").unwrap();
    for word in TARGET_WORDS {
        assert!(!code_lines(&text).any(|line| line.contains(word)), "src/plan.rs says `{word}`");
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for folder in ["src", "tests"] {
        for path in files(folder, ".rs") {
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.starts_with("//! "), "{} does not open with a `//!` sentence", path.display());
        }
    }
}

#[test]
fn the_map_names_every_room() {
    let text = fs::read_to_string("src/lib.rs").unwrap();
    let rooms = text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    for room in rooms {
        assert!(text.contains(&format!("//! | `{room}` |")), "the map in src/lib.rs does not name `{room}`");
    }
    for line in text.lines().filter_map(|line| line.strip_prefix("//! | `")) {
        let room = line.split('`').next().unwrap();
        let there = room == "cli" || text.contains(&format!("pub mod {room};"));
        assert!(there, "the map in src/lib.rs names `{room}`, which is not there");
    }
}

#[test]
fn files_stay_small() {
    for path in files("src", ".rs") {
        let name = path.to_string_lossy().into_owned();
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        let large = LARGE.contains(&name.as_str());
        assert!(large || lines <= FILE_BOUND, "{name} has {lines} lines, more than {FILE_BOUND}: two rooms in one?");
        assert!(!large || lines > FILE_BOUND, "{name} is small again: take it off the list");
    }
}

#[test]
fn everything_is_formatted() {
    // `cargo fmt` does not see modules that a macro declares, so every file is named
    let files: Vec<PathBuf> = files("src", ".rs").into_iter().chain(files("tests", ".rs")).collect();
    let output = std::process::Command::new("rustfmt")
        .args(["--edition", "2024", "--check", "--config-path", ".rustfmt.toml"])
        .args(&files)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "not formatted; run: rustfmt --edition 2024 $(git ls-files '*.rs')\n{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

/// The packages of a lock file, by name and version.
fn locked(path: &str) -> BTreeSet<(String, String)> {
    let lock: toml::Table = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let word = |package: &toml::Value, key: &str| package[key].as_str().unwrap().to_owned();
    let packages = lock["package"].as_array().unwrap();
    packages.iter().map(|package| (word(package, "name"), word(package, "version"))).collect()
}

#[test]
fn the_fuzz_targets_try_the_packages_that_are_shipped() {
    let (own, fuzz) = (locked("Cargo.lock"), locked("tests/fuzz/Cargo.lock"));
    let names: BTreeSet<&str> = own.iter().map(|(name, _)| name.as_str()).collect();
    let other: Vec<_> = fuzz.iter().filter(|one| names.contains(one.0.as_str()) && !own.contains(one)).collect();
    assert!(
        other.is_empty(),
        "tests/fuzz/Cargo.lock has other versions than Cargo.lock; copy it there, and run in tests/fuzz: cargo metadata\n{other:?}"
    );
}

#[test]
fn templates_are_all_used_and_write_one_scalar_a_brace() {
    let used: BTreeSet<String> = scalegen::targets::ALL
        .iter()
        .flat_map(|target| {
            target.meta.templates.iter().map(move |(name, _)| format!("templates/{}/{name}", target.meta.name))
        })
        .collect();
    for path in files("templates", "") {
        let name = path.to_string_lossy().into_owned();
        assert!(used.contains(&name), "{name} is a template that no target uses");
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains("{%-") && !text.contains("-%}"), "{name} mixes whitespace control with trim_blocks");
        for line in text.lines().filter(|_| name.ends_with(".yaml.j2")) {
            assert!(!line.contains("}}-") && !line.contains("-{{ "), "{name} glues two scalars together: {line}");
        }
    }
}

#[test]
fn no_path_or_address_of_a_workplace() {
    for folder in ["src", "tests", "templates", "schemas", "fixtures"] {
        for path in files(folder, "") {
            let Ok(text) = fs::read_to_string(&path) else { continue };
            for word in ["/wo".to_owned() + "rk/", "/ro".to_owned() + "ot/"] {
                assert!(!text.contains(&word), "{} holds a machine's path", path.display());
            }
        }
    }
}
