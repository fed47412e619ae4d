//! The rules of the code that a machine can hold: allowed dependencies, homes of packages, sizes, headers, stray fixtures.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Which modules a module may use, bottom first: each may name only some of those above it here, so no dependency runs
/// back up. A path belongs to the longest name here that it begins with; what is not listed is not allowed.
const ALLOWED: &[(&str, &[&str])] = &[
    ("support::source", &[]),
    ("support::suggest", &[]),
    ("support::markdown", &[]),
    ("support::plural", &[]),
    ("support::uri", &[]),
    ("support::pointer", &[]),
    ("support::rare", &[]),
    ("support::thin_vec", &[]),
    ("support::threads", &[]),
    ("support::sandbox", &[]),
    ("support::secrets", &["support::source", "support::suggest"]),
    ("support::unified", &["support::source", "support::secrets"]),
    ("support::diagnostic", &["support::rare", "support::source", "support::thin_vec"]),
    ("syntax", &["support::pointer", "support::source", "support::diagnostic", "support::suggest"]),
    ("syntax::scalars", &["support::source", "support::diagnostic", "syntax"]),
    (
        "model",
        &[
            "support::plural",
            "support::source",
            "support::diagnostic",
            "support::suggest",
            "support::rare",
            "support::thin_vec",
            "syntax",
        ],
    ),
    ("simulate", &["support::suggest", "support::threads"]),
    ("inputs::spec::profiles", &["support::source", "support::diagnostic", "support::suggest", "syntax"]),
    (
        "inputs::spec::schema",
        &[
            "support::pointer",
            "support::source",
            "support::diagnostic",
            "support::suggest",
            "support::secrets",
            "syntax",
        ],
    ),
    ("inputs::spec::models", &["support::source", "support::diagnostic", "syntax", "model", "inputs::spec::profiles"]),
    (
        "inputs::spec::edit",
        &["support::source", "support::diagnostic", "support::suggest", "syntax", "inputs::spec::profiles"],
    ),
    ("inputs", &["support::source", "support::diagnostic", "support::rare", "support::thin_vec", "syntax", "model"]),
    ("inputs::compose::keys", &["syntax"]),
    (
        "inputs::compose::project",
        &[
            "support::source",
            "support::secrets",
            "support::diagnostic",
            "support::suggest",
            "support::rare",
            "support::thin_vec",
            "syntax",
            "model",
            "inputs",
            "inputs::compose::keys",
        ],
    ),
    (
        "inputs::kubernetes",
        &[
            "support::pointer",
            "support::source",
            "support::secrets",
            "support::diagnostic",
            "support::suggest",
            "syntax",
            "model",
            "inputs",
        ],
    ),
    ("inputs::helm::chart_facts", &["support::source", "syntax", "inputs::spec::schema"]),
    ("inputs::helm::chart_base", &["inputs::helm::chart_facts"]),
    (
        "inputs::base",
        &[
            "support::source",
            "support::diagnostic",
            "support::thin_vec",
            "syntax",
            "model",
            "inputs",
            "inputs::compose::project",
            "inputs::kubernetes",
            "inputs::helm::chart_base",
        ],
    ),
    ("inputs::input_meta", &["inputs", "inputs::base"]),
    ("inputs::spec::recognition", &["inputs", "inputs::input_meta"]),
    (
        "inputs::compose",
        &[
            "support::source",
            "support::diagnostic",
            "support::suggest",
            "support::thin_vec",
            "syntax",
            "model",
            "inputs",
            "inputs::base",
            "inputs::input_meta",
            "inputs::compose::keys",
            "inputs::compose::project",
        ],
    ),
    ("inputs::kubernetes::recognition", &["inputs", "inputs::base", "inputs::kubernetes", "inputs::input_meta"]),
    (
        "inputs::convox",
        &[
            "support::source",
            "support::diagnostic",
            "support::suggest",
            "syntax",
            "model",
            "inputs",
            "inputs::base",
            "inputs::input_meta",
        ],
    ),
    (
        "inputs::helm",
        &[
            "support::source",
            "support::diagnostic",
            "syntax",
            "inputs",
            "inputs::base",
            "inputs::input_meta",
            "inputs::kubernetes",
            "inputs::helm::chart_base",
            "inputs::helm::chart_facts",
        ],
    ),
    (
        "inputs::recognise",
        &[
            "inputs",
            "inputs::input_meta",
            "inputs::spec::recognition",
            "inputs::compose",
            "inputs::kubernetes::recognition",
            "inputs::convox",
            "inputs::helm",
        ],
    ),
    ("inputs::load", &["support::source", "support::diagnostic", "support::suggest", "simulate"]),
    ("plan", &["support::source", "model"]),
    ("plan::scenario", &["model", "simulate"]),
    ("plan::summary", &["support::source", "model", "plan"]),
    ("check::sums", &["support::plural", "support::source", "support::diagnostic", "model"]),
    (
        "check::context",
        &["support::source", "support::diagnostic", "model", "inputs", "inputs::base", "inputs::kubernetes"],
    ),
    (
        "check::rules",
        &[
            "support::plural",
            "support::source",
            "support::diagnostic",
            "support::suggest",
            "support::secrets",
            "model",
            "inputs",
            "inputs::base",
            "inputs::compose",
            "inputs::kubernetes",
            "check::sums",
            "check::context",
        ],
    ),
    ("check::fingerprint", &["support::source", "support::diagnostic"]),
    ("check::baseline", &["support::source", "support::diagnostic", "syntax", "check::rules", "check::fingerprint"]),
    (
        "check::settings",
        &[
            "support::pointer",
            "support::source",
            "support::diagnostic",
            "support::suggest",
            "syntax",
            "inputs::spec::schema",
            "check::rules",
        ],
    ),
    (
        "check::policy",
        &[
            "support::source",
            "support::diagnostic",
            "support::suggest",
            "support::sandbox",
            "syntax",
            "model",
            "plan::summary",
            "check::rules",
        ],
    ),
    (
        "check::suppress",
        &["support::source", "support::diagnostic", "support::suggest", "syntax", "check::rules", "check::settings"],
    ),
    (
        "check::noted_origins",
        &[
            "support::source",
            "support::diagnostic",
            "support::secrets",
            "syntax",
            "model",
            "inputs",
            "inputs::base",
            "inputs::compose",
            "inputs::compose::project",
        ],
    ),
    ("check::unread_fields", &["support::source", "support::diagnostic", "syntax", "check::rules"]),
    ("check::fixable", &["support::source", "support::diagnostic", "syntax", "inputs::spec::edit"]),
    (
        "targets",
        &[
            "support::pointer",
            "support::plural",
            "support::source",
            "support::secrets",
            "support::diagnostic",
            "support::suggest",
            "support::sandbox",
            "support::threads",
            "syntax",
            "inputs",
            "inputs::base",
            "inputs::compose",
            "inputs::compose::project",
            "inputs::convox",
            "inputs::helm",
            "inputs::kubernetes",
            "plan",
        ],
    ),
    (
        "pipeline",
        &[
            "support::pointer",
            "support::source",
            "support::suggest",
            "support::diagnostic",
            "support::secrets",
            "syntax",
            "syntax::scalars",
            "model",
            "inputs::spec::profiles",
            "inputs::spec::schema",
            "inputs::spec::edit",
            "inputs",
            "inputs::base",
            "inputs::input_meta",
            "inputs::recognise",
            "inputs::compose",
            "inputs::kubernetes",
            "inputs::kubernetes::recognition",
            "inputs::compose::project",
            "inputs::helm",
            "plan",
            "plan::summary",
            "check::rules",
            "check::baseline",
            "check::settings",
            "check::policy",
            "check::suppress",
            "check::unread_fields",
            "check::noted_origins",
            "check::fixable",
            "targets",
        ],
    ),
    ("change::fix", &["support::source", "support::diagnostic", "syntax", "inputs::spec::edit", "pipeline"]),
    (
        "change::scale",
        &["support::source", "support::diagnostic", "syntax", "model", "inputs::spec::models", "inputs::spec::edit"],
    ),
    (
        "change::size",
        &["support::source", "support::diagnostic", "syntax", "model", "inputs::spec::models", "inputs::spec::edit"],
    ),
    ("change::starter", &["inputs::spec::schema"]),
    (
        "change::import",
        &[
            "support::source",
            "support::secrets",
            "syntax",
            "model",
            "inputs",
            "inputs::base",
            "inputs::compose",
            "inputs::compose::project",
            "inputs::kubernetes",
            "inputs::spec::schema",
        ],
    ),
    (
        "change::diff",
        &[
            "support::source",
            "support::diagnostic",
            "support::unified",
            "syntax",
            "model",
            "inputs::spec::models",
            "plan::summary",
            "check::rules",
            "check::fingerprint",
            "check::settings",
            "targets",
            "pipeline",
        ],
    ),
    ("report::words", &[]),
    ("report::markdown_text", &["report::words"]),
    ("report::table", &["report::words", "report::markdown_text"]),
    ("report::fit", &[]),
    (
        "report::findings",
        &[
            "support::uri",
            "support::pointer",
            "support::plural",
            "support::source",
            "support::diagnostic",
            "support::secrets",
            "check::rules",
            "check::fingerprint",
            "report::words",
            "report::markdown_text",
        ],
    ),
    ("report::summary", &["plan::summary", "report::words", "report::markdown_text", "report::table"]),
    ("report::simulation", &["support::plural", "simulate", "report::words", "report::table", "report::markdown_text"]),
    (
        "report::changes",
        &[
            "support::plural",
            "support::diagnostic",
            "plan::summary",
            "check::fingerprint",
            "change::diff",
            "report::words",
            "report::markdown_text",
            "report::table",
            "report::fit",
            "report::findings",
            "report::summary",
            "report::simulation",
        ],
    ),
    (
        "report::site",
        &[
            "support::diagnostic",
            "support::markdown",
            "support::suggest",
            "inputs::spec::schema",
            "check::rules",
            "targets",
        ],
    ),
    (
        "lsp",
        &[
            "support::uri",
            "support::pointer",
            "support::plural",
            "support::source",
            "support::suggest",
            "support::diagnostic",
            "support::thin_vec",
            "syntax",
            "model",
            "inputs::input_meta",
            "inputs::recognise",
            "inputs::spec::profiles",
            "inputs::spec::schema",
            "inputs::spec::models",
            "inputs::spec::edit",
            "plan::summary",
            "check::rules",
            "targets",
            "pipeline",
            "change::fix",
            "change::diff",
            "report::words",
            "report::findings",
            "report::summary",
        ],
    ),
];

/// The only places where a package, or a part of the standard library, may be named.
const HOMES: &[(&str, &[&str])] = &[
    ("granit_parser", &["src/syntax/"]),
    ("serde_yaml", &["src/targets/render/roundtrip.rs"]),
    ("serde_saphyr", &["src/targets/render/yaml.rs"]),
    ("jsonschema", &["src/inputs/spec/schema.rs", "src/inputs/spec/schema/"]),
    (
        "minijinja",
        &[
            "src/support/sandbox.rs",
            "src/targets/render/engine.rs",
            "src/targets/render/environment.rs",
            "src/targets/render/view_value.rs",
            "src/check/policy",
        ],
    ),
    ("lsp_server", &["src/lsp/", "src/cli/lsp.rs", "src/cli/wire.rs"]),
    ("gen_lsp_types", &["src/lsp/"]),
    ("miette", &["src/report/findings/text.rs"]),
    ("pulldown_cmark", &["src/support/markdown.rs"]),
    ("jiff", &["src/model/", "src/inputs/load/", "src/plan/summary/", "src/check/settings/day.rs"]),
    ("toml::", &["src/check/settings/table.rs"]),
    ("similar", &["src/support/unified.rs"]),
    ("clap", &["src/cli/"]),
    ("walkdir", &["src/cli/"]),
    ("percent_encoding", &["src/inputs/spec/schema/effort.rs", "src/support/uri.rs", "src/report/changes/markdown.rs"]),
    ("regex::", &["src/inputs/kubernetes/name_pattern.rs"]),
    ("rustix", &["src/cli/staged.rs", "src/cli/sandbox_process.rs", "src/cli/bounded.rs"]),
    ("ignore::", &["src/cli/", "src/check/settings/paths.rs"]),
    ("std::fs", &["src/cli/"]),
    ("std::env", &["src/cli/"]),
    ("std::process", &["src/cli/", "src/main.rs"]),
    ("std::net", &[]),
    // to wait for another run, to tell the day, and to stop a template
    (
        "std::time",
        &[
            "src/cli/staged.rs",
            "src/cli/clock.rs",
            "src/cli/sandbox_process.rs",
            "src/cli/git/patient.rs",
            "src/cli/progress.rs",
            "src/cli/watch.rs",
        ],
    ),
    // cargo reads a build script's standard output
    ("println!", &["src/cli/build.rs"]),
    ("eprintln!", &[]),
];

/// Words of targets that must not stand in the plan.
const TARGET_WORDS: &[&str] = &["deploy", "hpa", "upstream", "values.yaml", "kustom", "ScaledObject", "compose"];

const FILE_BOUND: usize = 350;

const FUNCTION_BOUND: usize = 60;

/// Words that are metaphors or that the field has a better name for, each with what to say. They are not to come back,
/// neither in comments nor in names.
const WORDS: &[(&str, &str)] = &[
    ("room", "module, or what is free"),
    ("rooms", "modules, or what is free"),
    ("door", "what reads or opens"),
    ("doors", "what reads or opens"),
    ("wall", "allowed dependency"),
    ("walls", "allowed dependencies"),
    ("house", "layout"),
    ("wish", "request"),
    ("wishes", "requests"),
    ("grave", "severe"),
    ("gravest", "most severe"),
    ("firm", "not suppressible"),
    ("Said", "a name by use, such as LateFinding"),
    ("Taken", "a name by use, such as LoadedTemplates"),
    ("Meant", "Expected"),
    ("Met", "BaselineHits"),
    ("milder", "alternates, or of lower rank"),
];

/// Names that say nothing of what a function does. They are not to come back.
const BARE_NAMES: &[&str] = &["asked", "known", "meant", "own", "plain", "said", "say", "shown", "taken", "told"];

/// Phrases in the word order of another language, or riddles, each with what to say. They are not to come back in comments.
const PHRASES: &[(&str, &str)] = &[
    ("hangs on", "depends on"),
    ("hang on", "depend on"),
    ("where it stands", "its place, or where it is written"),
    ("where they stand", "their places, or where they are written"),
    ("what stands there", "what is there"),
    ("passes over", "skips, or ignores"),
    ("passed over", "skipped, or ignored"),
    ("turned round", "swapped"),
    ("anew", "again"),
    ("all the same", "anyway"),
    ("lean on", "depend on"),
    ("unless said", "by default"),
    ("for ever.", "forever"),
    ("for ever;", "forever"),
    ("what it is called", "its name"),
    ("what they are called", "their names"),
    ("nobody wrote it", "unset"),
    ("where nobody says", "by default"),
    ("where nobody wrote", "if unset"),
    ("of several the", "the … of several"),
    ("none where", "`None` if"),
    ("is no yaml", "is not YAML"),
    ("is no text", "is not text"),
    ("be it quoted", "quoted or not"),
    ("works out", "computes"),
    ("worked out", "computed"),
];

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

/// The module that a file of `src` holds: `src/check/rules/mod.rs` is `check::rules`.
fn module_of(path: &Path) -> Vec<String> {
    let path = path.strip_prefix("src").unwrap().with_extension("");
    let parts: Vec<String> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    match parts.split_last() {
        Some((last, above)) if last == "mod" => above.to_vec(),
        _ => parts,
    }
}

/// Every path that the text of a module names by `crate::` or `super::`, with its line; groups in braces are spread out.
/// Unit tests at the end of a file are left out.
fn paths_in(text: &str, module: &[String]) -> Vec<(usize, Vec<String>)> {
    let text = text.split("#[cfg(test)]").next().unwrap();
    let code: String =
        text.split_inclusive('\n').map(|line| if line.trim_start().starts_with("//") { "\n" } else { line }).collect();
    let mut found = Vec::new();
    let starts = code.match_indices("crate::").chain(code.match_indices("super::"));
    for (at, word) in starts {
        let before = &code[..at];
        // `pub(in …)` says who may use, not what is used
        if before.ends_with("pub(in ") || before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let base = if word == "crate::" { Vec::new() } else { module[..module.len() - 1].to_vec() };
        let mut paths = Vec::new();
        spread(&code[at + word.len()..], base, &mut paths);
        let line = code[..at].lines().count().max(1);
        found.extend(paths.into_iter().map(|path| (line, path)));
    }
    found
}

/// Reads one path, or a group of them, and gives back what follows it.
fn spread<'t>(text: &'t str, mut path: Vec<String>, found: &mut Vec<Vec<String>>) -> &'t str {
    let mut rest = text.trim_start();
    if let Some(mut group) = rest.strip_prefix('{') {
        loop {
            group = group.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
            match group.strip_prefix('}') {
                Some(after) => return after,
                None => group = spread(group, path.clone(), found),
            }
        }
    }
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    rest = after;
    match word {
        "super" => drop(path.pop()),
        "self" => (),
        _ => path.push(word.to_owned()),
    }
    if let Some(deeper) = rest.strip_prefix("::") {
        return spread(deeper, path, found);
    }
    found.push(path);
    // `as` gives it another name; `*` stands for all
    match rest.trim_start().strip_prefix("as ") {
        Some(name) => name.trim_start().trim_start_matches(|c: char| c.is_alphanumeric() || c == '_'),
        None => rest.trim_start_matches('*'),
    }
}

/// The longest name of the list that a path begins with.
fn listed(path: &[String]) -> Option<&'static str> {
    let begins = |name: &str| name.split("::").count() <= path.len() && name.split("::").zip(path).all(|(a, b)| a == b);
    ALLOWED.iter().map(|(name, _)| *name).filter(|name| begins(name)).max_by_key(|name| name.len())
}

#[test]
fn modules_use_only_what_is_allowed() {
    let mut wrong = Vec::new();
    for path in files("src", ".rs") {
        let module = module_of(&path);
        if ["lib", "main", "cli"].contains(&module[0].as_str()) {
            continue;
        }
        let paths = paths_in(&fs::read_to_string(&path).unwrap(), &module);
        let Some(own) = listed(&module) else {
            // such a file only lists modules
            wrong.extend(
                paths.iter().map(|(line, _)| format!("{}:{line}: {} is not listed", path.display(), module.join("::"))),
            );
            continue;
        };
        let allowed = ALLOWED.iter().find(|(name, _)| *name == own).unwrap().1;
        for (line, used) in paths {
            match listed(&used) {
                Some(name) if name == own || allowed.contains(&name) => (),
                _ => wrong.push(format!("{}:{line}: `{own}` may not use `{}`", path.display(), used.join("::"))),
            }
        }
    }
    assert!(wrong.is_empty(), "dependencies that are not allowed:\n{}", wrong.join("\n"));
}

#[test]
fn the_allowed_dependencies_run_down() {
    let mut below: Vec<&str> = Vec::new();
    for (name, allowed) in ALLOWED {
        for used in *allowed {
            assert!(below.contains(used), "`{name}` is listed before `{used}`, which it may use");
        }
        let top = name.split("::").next().unwrap();
        let closed = below.iter().any(|other| other.split("::").next() == Some(top));
        let last = below.last().and_then(|last| last.split("::").next());
        assert!(!closed || last == Some(top), "the modules of `{top}` do not stand together");
        below.push(name);
    }
}

#[test]
fn a_path_is_read_in_every_form() {
    let module = ["check".to_owned(), "rules".to_owned(), "one".to_owned()];
    let read = |text: &str| -> Vec<String> {
        paths_in(text, &module).into_iter().map(|(line, path)| format!("{line} {}", path.join("::"))).collect()
    };
    assert_eq!(read("use crate::model::Spec;"), ["1 model::Spec"]);
    assert_eq!(read("\nuse crate::{\n  a::{self, B as C, d::*},\n  e,\n};\n"), ["2 a", "2 a::B", "2 a::d::", "2 e"]);
    assert_eq!(
        read("let x = super::other::f(super::super::sums::g());"),
        ["1 check::rules::other::f", "1 check::sums::g"]
    );
    assert!(read("pub(in crate::targets) fn f() {}").is_empty());
    assert!(read("// crate::targets\nlet mycrate::x = 1;\n#[cfg(test)]\nmod tests { use super::x; }").is_empty());
}

/// Which files each file names. A path leads to the file of the longest module that it begins with.
fn files_named() -> BTreeMap<String, BTreeSet<String>> {
    let all = files("src", ".rs");
    let file = |path: &Path| path.to_string_lossy().into_owned();
    let of: BTreeMap<Vec<String>, String> = all.iter().map(|path| (module_of(path), file(path))).collect();
    let mut named = BTreeMap::new();
    for path in &all {
        let paths = paths_in(&fs::read_to_string(path).unwrap(), &module_of(path));
        let target = |used: &Vec<String>| (1..=used.len()).rev().find_map(|length| of.get(&used[..length])).cloned();
        let targets: BTreeSet<String> = paths.iter().filter_map(|(_, used)| target(used)).collect();
        named.insert(file(path), targets);
    }
    named
}

/// The files that can be reached from one file.
fn reachable<'n>(named: &'n BTreeMap<String, BTreeSet<String>>, from: &'n str) -> BTreeSet<&'n str> {
    let (mut found, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(file) = open.pop() {
        for next in named.get(file).into_iter().flatten().filter(|next| *next != file) {
            if found.insert(next.as_str()) {
                open.push(next);
            }
        }
    }
    found
}

#[test]
fn no_circle_of_files() {
    let named = files_named();
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        named.keys().map(|file| (file.as_str(), reachable(&named, file))).collect();
    let mut circles: BTreeSet<Vec<&str>> = BTreeSet::new();
    for (file, below) in &reached {
        if below.contains(file) {
            circles.insert(below.iter().copied().filter(|other| reached[other].contains(file)).collect());
        }
    }
    assert!(circles.is_empty(), "files that use each other: move what both need into a file of its own: {circles:?}");
}

/// The modules in a registry's list.
fn registered(registry: &str, list: &str) -> Vec<String> {
    let text = fs::read_to_string(registry).unwrap();
    let body = text.rsplit(&format!("if #[{list}] {{")).next().unwrap().split('}').next().unwrap();
    let module = |line: &str| Some(line.split_once("mod ")?.1.trim_end_matches(';').to_owned());
    let names: Vec<String> = body.lines().filter_map(module).collect();
    assert!(!names.is_empty(), "{list} lists nothing");
    names
}

#[test]
fn rules_and_targets_do_not_use_each_other() {
    for (folder, list) in [("src/check/rules", "rules"), ("src/targets", "targets")] {
        let names = registered(&format!("{folder}/mod.rs"), list);
        for path in files(folder, ".rs") {
            let module = module_of(&path);
            let parent = module_of(&Path::new(folder).join("mod.rs"));
            let Some(own) = module.get(parent.len()).filter(|own| names.contains(own)) else { continue };
            for (line, used) in paths_in(&fs::read_to_string(&path).unwrap(), &module) {
                let other = used.strip_prefix(parent.as_slice()).and_then(|rest| rest.first());
                let wrong = other.is_some_and(|other| other != own && names.contains(other));
                assert!(!wrong, "{}:{line} uses {}", path.display(), used.join("::"));
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
    let text = fs::read_to_string("src/plan/mod.rs").unwrap();
    for word in TARGET_WORDS {
        assert!(!code_lines(&text).any(|line| line.contains(word)), "src/plan/mod.rs says `{word}`");
    }
}

/// The modules that may name a target: the targets, and the inputs, which know other tools' words.
const MAY_NAME_TARGETS: &[&str] = &["src/targets/", "src/inputs/"];

#[test]
fn targets_are_named_in_their_folders() {
    let mut wrong = Vec::new();
    for path in files("src", ".rs") {
        let file = path.to_string_lossy().into_owned();
        if MAY_NAME_TARGETS.iter().any(|folder| file.starts_with(folder)) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for (index, line) in text.split("#[cfg(test)]").next().unwrap().lines().enumerate() {
            let name = scalegen::targets::ALL.iter().map(|target| target.meta.name);
            let named = name.filter(|name| line.contains(&format!("\"{name}\"")));
            wrong.extend(named.map(|name| format!("{file}:{}: \"{name}\"", index + 1)));
        }
    }
    assert!(wrong.is_empty(), "what a target does differently is in its META:\n{}", wrong.join("\n"));
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
fn the_map_names_every_module() {
    let text = fs::read_to_string("src/lib.rs").unwrap();
    let tops = text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let modules: BTreeSet<&str> = tops.chain(ALLOWED.iter().map(|(name, _)| *name)).chain(["cli"]).collect();
    let named = text.lines().filter_map(|line| line.strip_prefix("//! | `")?.split('`').next());
    let named: BTreeSet<&str> = named.collect();
    assert_eq!(named, modules, "the rows of the map in src/lib.rs, and the modules of the list");
}

#[test]
fn the_map_names_a_module_below_those_it_uses() {
    let text = fs::read_to_string("src/lib.rs").unwrap();
    let rows: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("//! | `")?.split('`').next()).collect();
    let row = |name: &str| rows.iter().position(|row| *row == name);
    for (module, uses) in ALLOWED {
        for used in *uses {
            assert!(row(used) < row(module), "the map in src/lib.rs has `{used}` below `{module}`, which uses it");
        }
    }
}

#[test]
fn files_stay_small() {
    for path in files("src", ".rs") {
        let name = path.to_string_lossy().into_owned();
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= FILE_BOUND, "{name} has {lines} lines, more than {FILE_BOUND}: two modules in one?");
    }
}

/// The functions of a text with their first line and how many lines each has; its last line closes it at the same column.
fn functions(text: &str) -> Vec<(String, usize, usize)> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let name = |line: &str| {
        let (before, after) = line.split_once("fn ")?;
        let opens = before.split_whitespace().all(|word| {
            ["pub", "const", "async", "unsafe"].contains(&word) || word.starts_with("pub(") || word.ends_with(')')
        });
        let end = after.find(|c: char| !c.is_alphanumeric() && c != '_')?;
        (opens && end > 0).then(|| after[..end].to_owned())
    };
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(name) = name(line) else { continue };
        // a declaration without a body, and a body on the line of its signature, have no line that only closes them
        let code = |line: &&str| line.split("//").next().unwrap_or_default().trim_end().to_owned();
        let signature = lines[index..].iter().position(|line| code(line).ends_with(['{', '}', ';']));
        if let Some(last) = signature.filter(|last| !code(&lines[index + last]).ends_with('{')) {
            found.push((name, index + 1, last + 1));
            continue;
        }
        let close = format!("{}}}", " ".repeat(indent(line)));
        let length = lines[index..].iter().position(|line| *line == close).map_or(1, |length| length + 1);
        found.push((name, index + 1, length));
    }
    found
}

#[test]
fn functions_stay_short() {
    let mut wrong = Vec::new();
    for path in files("src", ".rs") {
        let file = path.to_string_lossy().into_owned();
        for (name, line, length) in functions(&fs::read_to_string(&path).unwrap()) {
            if length > FUNCTION_BOUND {
                wrong.push(format!("{file}:{line}: `{name}` has {length} lines, more than {FUNCTION_BOUND}"));
            }
        }
    }
    assert!(wrong.is_empty(), "do one thing a function:\n{}", wrong.join("\n"));
}

#[test]
fn a_function_is_counted_to_its_last_line() {
    let text = "impl X {\n    pub(super) const fn one(\n        x: u8,\n    ) -> u8 {\n        if x {\n        }\n    }\n}\n\nfn two() {}\n// fn no() {\ntrait T {\n    fn three(\n        x: u8,\n    ) -> u8;\n}\n";
    let expected = [("one", 2, 6), ("two", 10, 1), ("three", 13, 3)];
    assert_eq!(functions(text), expected.map(|(name, line, length)| (name.to_owned(), line, length)));
}

/// The words of comments and of names in a text, each with its line; texts in quotes are messages and data.
fn words_of_comments_and_names(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let comment = line.find("//").filter(|at| line[..*at].matches('"').count() % 2 == 0);
        let (code, comment) = line.split_at(comment.unwrap_or(line.len()));
        // every other part stands between quotes
        let parts = code.split('"').step_by(2).chain([comment]);
        let words = parts.flat_map(|part| part.split(|c: char| !c.is_alphanumeric()));
        found.extend(words.filter(|word| !word.is_empty()).map(|word| (index + 1, word)));
    }
    found
}

#[test]
fn a_type_name_stands_for_one_thing() {
    let mut homes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in files("src", ".rs") {
        let text = fs::read_to_string(&path).unwrap();
        for line in text.split("#[cfg(test)]").next().unwrap().lines() {
            let rest = match line.split_once(") ") {
                Some((before, rest)) if before.starts_with("pub(") => rest,
                _ => line.strip_prefix("pub ").unwrap_or(line),
            };
            let name = ["struct ", "enum ", "trait ", "type "].iter().find_map(|word| rest.strip_prefix(word));
            let Some(name) = name else { continue };
            let end = name.find(|c: char| !c.is_alphanumeric()).unwrap_or(name.len());
            homes.entry(name[..end].to_owned()).or_default().insert(path.to_string_lossy().into_owned());
        }
    }
    homes.retain(|_, files| files.len() > 1);
    assert!(homes.is_empty(), "two types of one name; give one a name by its use:\n{homes:#?}");
}

#[test]
fn words_that_went_do_not_come_back() {
    let mut wrong = Vec::new();
    for path in files("src", ".rs") {
        let file = path.to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        for (line, word) in words_of_comments_and_names(&text) {
            if let Some((_, instead)) = WORDS.iter().find(|(gone, _)| *gone == word) {
                wrong.push(format!("{file}:{line}: `{word}`; say {instead}"));
            }
        }
    }
    assert!(wrong.is_empty(), "words that were replaced:\n{}", wrong.join("\n"));
}

/// The comment of a line, in small letters; a `//` between quotes is text.
fn comment(line: &str) -> Option<String> {
    let at = line.find("//").filter(|at| line[..*at].matches('"').count().is_multiple_of(2))?;
    Some(line[at..].trim_start_matches(['/', '!', ' ']).to_lowercase())
}

#[test]
fn phrases_that_went_do_not_come_back() {
    let mut wrong = Vec::new();
    for path in files("src", ".rs") {
        let file = path.to_string_lossy().into_owned();
        // the comments of the command line's arguments are its help text
        if file.starts_with("src/cli/args") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for (index, line) in text.lines().enumerate() {
            let Some(comment) = comment(line).filter(|comment| !comment.starts_with('|')) else { continue };
            if let Some((_, instead)) = PHRASES.iter().find(|(gone, _)| comment.contains(gone)) {
                wrong.push(format!("{file}:{}: say {instead}: {}", index + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "phrases that were replaced:\n{}", wrong.join("\n"));
}

/// Such phrases in what users read: the texts of messages, the pages and the descriptions of the schemas.
const SAID: &[(&str, &str)] = &[
    ("is no path", "is not a path"),
    ("is no kind", "is not a kind"),
    ("is no field", "is not a field"),
    ("is no key", "is not a key"),
    ("is no percentage", "is not a percentage"),
    ("is no name", "is not a name"),
    ("is no file", "is not a file"),
    ("is no unit", "is not a unit"),
    ("is no target", "is not a target"),
    ("hangs on", "depends on"),
    ("hang on", "depend on"),
    ("stands twice", "appears twice"),
    ("stand twice", "appear twice"),
    ("stands beside", "is set beside"),
    ("cannot stand", "is not allowed"),
    ("what stands there", "what is there"),
    ("passes over", "ignores"),
    ("passed over", "skipped"),
    ("nobody wrote", "not written"),
    ("nobody set", "not set"),
    ("lean on", "depend on"),
    ("worked out", "computed"),
    ("for ever ", "forever"),
    ("for ever\"", "forever"),
    (" anew", "again"),
];

#[test]
fn phrases_that_went_do_not_come_back_to_users() {
    let mut wrong = Vec::new();
    let paths = [("src", ".rs"), ("src", ".md"), ("schemas", ".json"), ("templates", ".j2"), (".", "README.md")];
    for path in paths.iter().flat_map(|(folder, end)| match *folder {
        "." => vec![PathBuf::from(end)],
        _ => files(folder, end),
    }) {
        let code = path.extension().is_some_and(|end| end == "rs");
        for (index, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            if code && (line.trim_start().starts_with("//") || !line.contains('"')) {
                continue;
            }
            let low = line.to_lowercase();
            if let Some((_, instead)) = SAID.iter().find(|(gone, _)| low.contains(gone)) {
                wrong.push(format!("{}:{}: say {instead}: {}", path.display(), index + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "phrases that were replaced:\n{}", wrong.join("\n"));
}

#[test]
fn phrases_are_found_in_comments_alone() {
    assert_eq!(comment("/// Where it Stands.").as_deref(), Some("where it stands."));
    assert_eq!(comment("    let a = 1; // hangs on b").as_deref(), Some("hangs on b"));
    assert_eq!(comment("    let a = \"https://hangs on b\";"), None);
}

#[test]
fn words_are_found_in_comments_and_names_alone() {
    let text = "let free_room = \"a door\"; // a wall\nfn f() { g(\"no // wish\", house); }\n";
    let words: Vec<&str> = words_of_comments_and_names(text).into_iter().map(|(_, word)| word).collect();
    assert_eq!(words, ["let", "free", "room", "a", "wall", "fn", "f", "g", "house"]);
}

#[test]
fn everything_is_formatted() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut seen = BTreeSet::new();
    for manifest in ["Cargo.toml", "tests/fuzz/Cargo.toml"] {
        let arguments = ["fmt", "--manifest-path", manifest, "--", "--check", "-v"];
        let output = std::process::Command::new(&cargo).args(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "not formatted; run: cargo fmt --manifest-path {manifest}\n{text}");
        seen.extend(text.lines().filter_map(|line| line.strip_prefix("Formatting ")).map(PathBuf::from));
    }
    // `cargo fmt` finds files through `mod`: it passes over one that no module names, or only a macro of another name
    let root = fs::canonicalize(".").unwrap();
    let own = ["src", "tests/it", "tests/fuzz"].into_iter().flat_map(|folder| files(folder, ".rs"));
    for file in own {
        assert!(seen.contains(&root.join(&file)), "`cargo fmt` does not see {}", file.display());
    }
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

#[test]
fn a_function_says_what_it_does() {
    let mut bare = Vec::new();
    for path in files("src", "rs") {
        let text = fs::read_to_string(&path).unwrap();
        let named = functions(&text).into_iter().filter(|(name, ..)| BARE_NAMES.contains(&name.as_str()));
        bare.extend(named.map(|(name, line, _)| format!("{}:{line}: `{name}`", path.display())));
    }
    assert!(bare.is_empty(), "name what they do, in a clause:\n{}", bare.join("\n"));
    assert_eq!(functions("pub(super) fn say<'t>(text: &'t str) {\n}\n").first().unwrap().0, "say");
}
