//! `scalegen diff` through git: a real repository, branches, renames, files at a commit, and what a person reads when it cannot.

use crate::cli::program::{Ran, scalegen};
use crate::common::judge::not_tested;
use serde_json::Value as Json;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// The spec of the example: 4 replicas fit the database, 6 do not.
const FLOW: &str = "version: 1
name: flow-like
backingServices:
  postgres: { kind: postgres, maxConnections: 70, memory: 2Gi }
services:
  api:
    replicas: 2
    connections: { postgres: 20 }
    resources: { limits: { memory: 1Gi } }
  runtime:
    replicas: 4
    concurrency: 10
    connections: { postgres: 5 }
    resources:
      requests: { cpu: 1, memory: 2Gi }
      limits: { cpu: 2, memory: 4Gi }
profiles:
  small:
    services:
      runtime: { replicas: 1 }
targets:
  compose: { base: docker-compose.yml }
";

const COMPOSE: &str = "services:
  api: { image: flow/api }
  runtime: { image: flow/runtime, ports: [\"9000\"] }
";

/// A git repository in a temporary folder.
struct Repository(TempDir);

impl Repository {
    /// One with a first commit on `main`; none where git is not here.
    fn new(files: &[(&str, &str)]) -> Option<Repository> {
        if Command::new("git").arg("--version").output().is_err() {
            not_tested("git is not installed");
            return None;
        }
        let repository = Repository(TempDir::new().unwrap());
        repository.git(&["init", "-q", "-b", "main"]);
        files.iter().for_each(|(name, text)| repository.write(name, text));
        repository.commit();
        Some(repository)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn remove(&self, name: &str) {
        fs::remove_file(self.path().join(name)).unwrap();
    }

    /// Nothing of the machine's own settings, nor of a repository that the tests run in.
    fn git(&self, args: &[&str]) {
        let mut git = Command::new("git");
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
            git.env_remove(name);
        }
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        let who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "core.autocrlf=false"];
        let done = git.args(who).args(args).current_dir(self.path()).output().unwrap();
        assert!(done.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
    }

    fn diff(&self, args: &[&str]) -> Ran {
        scalegen(self.path(), &[&["diff"], args].concat())
    }

    fn json(&self, args: &[&str]) -> (i32, Json) {
        let ran = self.diff(&[args, &["--format", "json"]].concat());
        let json = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}{}", ran.out, ran.err));
        (ran.code, json)
    }
}

fn more(text: &str) -> String {
    text.replace("replicas: 4", "replicas: 6")
}

fn names(json: &Json) -> Vec<(Option<&str>, Option<&str>)> {
    json["specs"].as_array().unwrap().iter().map(|spec| (spec["before"].as_str(), spec["after"].as_str())).collect()
}

fn rules<'j>(json: &'j Json, list: &str) -> Vec<&'j str> {
    let findings = json["specs"][0]["findings"][list].as_array().unwrap();
    findings.iter().map(|found| found["rule"].as_str().unwrap()).collect()
}

#[test]
fn a_branch_that_scales_prints_what_changes_and_the_rule_that_now_fails() {
    let Some(repository) = Repository::new(&[("scalegen.yaml", FLOW), ("docker-compose.yml", COMPOSE)]) else { return };
    repository.git(&["checkout", "-q", "-b", "more"]);
    repository.write("scalegen.yaml", &more(FLOW));
    repository.commit();
    let ran = repository.diff(&["--base", "main", "scalegen.yaml"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{}", ran.out);
    let rows: Vec<Vec<&str>> =
        ran.out.lines().map(|line| line.split("  ").map(str::trim).filter(|word| !word.is_empty()).collect()).collect();
    for row in [
        &["~", "runtime", "replicas", "4", "6", "+2"][..],
        &["slots", "40", "60", "+20"],
        &["all cpu", "4", "6", "+2"],
        &["all memory", "8Gi", "12Gi", "+4Gi"],
        &["postgres connections", "20", "30", "+10"],
        &["~", "TOTAL", "replicas", "6", "8", "+2"],
        &["~", "postgres", "connections", "60 + 3 of 70, 90.0 %", "70 + 3 of 70, 104.3 %", "+10, +14.3 points"],
        &["1 service unchanged"],
        &["1 service scaled, 1 new error"],
    ] {
        assert!(rows.iter().any(|line| line == row), "{row:?} in\n{}", ran.out);
    }
    let rule = "new error[connections-exhausted] scalegen.yaml:8:30: api 2 × 20 + runtime 6 × 5 + 3 reserved = 73, above maxConnections 70";
    assert!(ran.out.contains(rule), "{}", ran.out);
    assert!(ran.out.contains("help: set maxConnections to at least 73"), "{}", ran.out);
    // the profile with its own number is as before, and what the error stops is said
    assert!(!ran.out.contains("small"), "{}", ran.out);
    assert!(ran.out.contains("compose, the base: not rendered, 1 error now"), "{}", ran.out);
    // the other way round it is mended, and nothing is wrong
    repository.git(&["checkout", "-q", "main"]);
    let back = repository.diff(&["--base", "more"]);
    assert!(back.code == 1 && back.out.contains("mended error[connections-exhausted]"), "{}", back.out);
    assert!(back.out.contains("1 service scaled, 1 mended error"), "{}", back.out);
}

#[test]
fn the_code_says_whether_anything_scaled() {
    let Some(repository) = Repository::new(&[("scalegen.yaml", FLOW), ("docker-compose.yml", COMPOSE)]) else { return };
    let base = &["--base", "main"];
    assert_eq!(repository.diff(base).code, 0);
    assert_eq!(repository.diff(base).out, "nothing changed in 1 spec\n");
    // a comment and another end of lines are no change
    repository.write("scalegen.yaml", &FLOW.replace("name: flow-like", "name: flow-like # ours").replace('\n', "\r\n"));
    assert_eq!(repository.diff(base).out, "nothing changed in 1 spec\n");
    // another rendered file alone scales nothing
    repository.write("scalegen.yaml", &FLOW.replace("replicas: 2\n", "replicas: 2\n    command: [serve]\n"));
    let ran = repository.diff(base);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("+    entrypoint: [\"serve\"]"), "{}", ran.out);
    assert!(ran.out.ends_with("1 rendered file changed\n"), "{}", ran.out);
    // a new error alone is one
    repository.write("scalegen.yaml", &FLOW.replace("memory: 4Gi }", "memory: 4Gi }\n    knob: 1"));
    let (code, json) = repository.json(base);
    assert_eq!((code, &json["scaled"], &json["newErrors"]), (1, &Json::from(false), &Json::from(1)));
    assert_eq!(rules(&json, "new"), ["unknown-field"]);
    // and one that holds in more profiles than before
    let two = FLOW.replace("  small:", "  large:\n    services: { runtime: { replicas: 6 } }\n  small:");
    repository.write("scalegen.yaml", &two);
    repository.commit();
    repository.write("scalegen.yaml", &more(&two));
    let (code, json) = repository.json(&["--base", "HEAD"]);
    assert_eq!((code, &json["newErrors"], rules(&json, "new").len()), (1, &Json::from(1), 0));
    let changed = &json["specs"][0]["findings"]["changed"][0];
    assert_eq!(
        (&changed["wider"], &changed["after"]["rule"]),
        (&Json::from(true), &Json::from("connections-exhausted"))
    );
    assert_eq!(changed["before"]["profiles"], Json::from(vec!["large"]));
    let ran = repository.diff(&["--base", "HEAD"]);
    assert!(ran.out.contains("also in more profiles: error[connections-exhausted]"), "{}", ran.out);
}

#[test]
fn what_cannot_run_says_why_and_has_its_own_code() {
    let Some(repository) = Repository::new(&[("scalegen.yaml", FLOW), ("docker-compose.yml", COMPOSE)]) else { return };
    fs::create_dir(repository.path().join("empty")).unwrap();
    let outside = TempDir::new().unwrap();
    let out = outside.path().to_str().unwrap();
    for (args, why) in [
        (&["--base", "nope"][..], "`nope` is not a commit of the repository"),
        (&["--base", "origin/nope"], "git fetch origin nope"),
        (&["--base=--help"], "`--help` is not the name of a commit"),
        (&["--base", "main:scalegen.yaml"], "is not the name of a commit"),
        (&["--base", ""], "`` is not the name of a commit"),
        (&["--base", "nope..."], "`nope` is not a commit"),
        (&["--base", "main", "none.yaml"], "cannot read none.yaml: it is neither here nor at main"),
        (&["--base", "main", "empty"], "no scalegen.yaml or *.scalegen.yaml in empty, here or at main"),
        (&["--base", "main", out], "not a git repository"),
        (&["--base", "main", ".", out], "is outside the repository"),
        (&["--base", "main", "-"], "`-` is at no commit"),
        (&["--base", "main", "--profile", "smal"], "unknown profile `smal`; did you mean `small`?"),
        (&["--base", "main", "--target", "compos"], "unknown target `compos`; did you mean `compose`?"),
        (&["--base", "main", "--format", "html"], "unknown format `html`"),
        (&["--base", "main", "--format", "json=scalegen.yaml"], "would write over a file that this run reads"),
        (&[], "give two specs, OLD and NEW, or --base GITREF"),
        (&["scalegen.yaml"], "`scalegen diff --base main scalegen.yaml`"),
        (&["scalegen.yaml", "none.yaml"], "cannot read none.yaml: no such file"),
        (&["scalegen.yaml", "empty"], "cannot read empty: it is a folder"),
        (&["-", "-"], "only one of the two can be `-`"),
    ] {
        let ran = repository.diff(args);
        assert_eq!(ran.code, 2, "{args:?}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains(why), "{args:?}: {}", ran.err);
    }
    // nothing is printed that a bot could take for a comment
    assert_eq!(repository.diff(&["--base", "nope", "--format", "markdown"]).out, "");
    let bare = Command::new(env!("CARGO_BIN_EXE_scalegen"))
        .args(["diff", "--base", "main"])
        .current_dir(repository.path())
        .env("PATH", "")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&bare.stderr).into_owned();
    assert_eq!(bare.status.code(), Some(2));
    assert!(said.contains("git is not installed") && said.contains("scalegen diff OLD NEW"), "{said}");
}

#[test]
fn what_can_be_compared_is_printed_beside_what_cannot() {
    let Some(repository) = Repository::new(&[("scalegen.yaml", FLOW), ("docker-compose.yml", COMPOSE)]) else { return };
    repository.write("scalegen.yaml", &more(FLOW));
    let ran = repository.diff(&["--base", "main", "scalegen.yaml", "none.yaml"]);
    assert!(
        ran.code == 2 && ran.err.contains("none.yaml") && ran.out.contains("1 new error"),
        "{}{}",
        ran.out,
        ran.err
    );
}

#[test]
fn new_removed_and_renamed_specs_differ_from_nothing_or_from_what_they_were() {
    let other = FLOW.replace("flow-like", "other").replace("services:\n  api", "services:\n  front");
    let Some(repository) = Repository::new(&[
        ("a/scalegen.yaml", FLOW),
        ("a/docker-compose.yml", COMPOSE),
        ("b/gone.scalegen.yaml", "version: 1\nname: gone\nservices: { one: { image: \"x:1\", replicas: 3 } }\n"),
        ("same/scalegen.yaml", "version: 1\nname: same\nservices: { one: { image: \"x:1\" } }\n"),
        ("other.yaml", &other),
    ]) else {
        return;
    };
    repository.remove("b/gone.scalegen.yaml");
    repository
        .write("c/new.scalegen.yaml", "version: 1\nname: new\nservices: { two: { image: \"y:1\", replicas: 2 } }\n");
    repository.git(&["mv", "a/scalegen.yaml", "a/moved.scalegen.yaml"]);
    repository.write("a/moved.scalegen.yaml", &more(FLOW));
    let (code, json) = repository.json(&["--base", "main"]);
    assert_eq!(
        names(&json),
        [
            (Some("a/scalegen.yaml"), Some("a/moved.scalegen.yaml")),
            (Some("b/gone.scalegen.yaml"), None),
            (None, Some("c/new.scalegen.yaml")),
        ]
    );
    assert_eq!((code, &json["unchanged"]), (1, &Json::from(1)), "{json:#}");
    // the moved one still finds its compose file, at the commit and here
    assert!(!json.to_string().contains("unreadable-file"), "{json:#}");
    let new = &json["specs"][2]["profiles"][0];
    assert_eq!((&new["status"], &new["groups"][0]["status"]), (&Json::from("added"), &Json::from("added")));
    let replicas = &new["groups"][0]["numbers"][0];
    assert_eq!(
        (&replicas["before"], &replicas["after"]["max"], &replicas["change"]),
        (&Json::Null, &Json::from(2), &Json::Null)
    );
    let gone = &json["specs"][1]["profiles"][0]["groups"][0]["numbers"][0];
    assert_eq!((&gone["before"]["max"], &gone["after"]), (&Json::from(3), &Json::Null));
    let text = repository.diff(&["--base", "main"]).out;
    for line in [
        "a/scalegen.yaml in main → a/moved.scalegen.yaml in the working tree (renamed)",
        "b/gone.scalegen.yaml: removed in the working tree, in main",
        "c/new.scalegen.yaml: new in the working tree, not in main",
        "1 new spec, 1 removed spec, 1 service scaled, 1 new error",
        "1 spec unchanged",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    // named by itself it is found again too, from another folder, and any name of a file will do
    let ran = scalegen(&repository.path().join("c"), &["diff", "--base", "main", "../a/moved.scalegen.yaml"]);
    assert!(ran.out.starts_with("../a/scalegen.yaml in main → ../a/moved.scalegen.yaml in"), "{}{}", ran.out, ran.err);
    repository.write("other.yaml", &more(&other));
    let (_, json) = repository.json(&["--base", "main", "other.yaml"]);
    assert_eq!(names(&json), [(Some("other.yaml"), Some("other.yaml"))]);
    // named as it was, it is gone
    let (_, json) = repository.json(&["--base", "main", "a/scalegen.yaml"]);
    assert_eq!(names(&json), [(Some("a/scalegen.yaml"), None)]);
    // a folder that is gone altogether
    let (_, json) = repository.json(&["--base", "main", "b"]);
    assert_eq!(names(&json), [(Some("b/gone.scalegen.yaml"), None)]);
}

#[test]
fn files_that_a_spec_names_are_those_of_the_commit() {
    let chart = "version: 1
name: shop
services:
  web: { replicas: 2, resources: { limits: { memory: 1Gi } } }
targets:
  helm: { chart: chart, paths: { web: { replicas: web.replicaCount, limits.memory: web.memory } } }
";
    let Some(repository) = Repository::new(&[
        ("deploy/scalegen.yaml", &FLOW.replace("base: docker", "base: ../docker")),
        ("docker-compose.yml", COMPOSE),
        ("shop/scalegen.yaml", chart),
        ("shop/chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
        ("shop/chart/values.yaml", "web:\n  replicaCount: 1\n  memory: 1Gi\n"),
    ]) else {
        return;
    };
    // the spec is as it was; the compose file binds a host port now, which two replicas cannot share
    repository.write("docker-compose.yml", &COMPOSE.replace("\"9000\"", "\"9000:9000\""));
    let (code, json) = repository.json(&["--base", "main", "deploy"]);
    assert_eq!((code, rules(&json, "new")), (0, vec!["fixed-host-port"]), "{json:#}");
    assert_eq!(json["specs"][0]["rendered"][0]["path"], "compose.override.yaml");
    // and so with a chart's folder
    repository.git(&["checkout", "-q", "docker-compose.yml"]);
    repository.write("shop/chart/values.yaml", "web:\n  replicas: 1\n  memory: 1Gi\n");
    let (_, json) = repository.json(&["--base", "main"]);
    assert_eq!(names(&json), [(Some("shop/scalegen.yaml"), Some("shop/scalegen.yaml"))], "{json:#}");
    assert!(!rules(&json, "new").is_empty() && rules(&json, "mended").is_empty(), "{json:#}");
    repository.git(&["checkout", "-q", "."]);
    // a file that comes with the branch was not there, and says so
    repository.write("shop/scalegen.yaml", &chart.replace("chart: chart", "chart: next"));
    repository.write("shop/next/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n");
    repository.write("shop/next/values.yaml", "web:\n  replicaCount: 1\n  memory: 1Gi\n");
    let (_, json) = repository.json(&["--base", "main"]);
    assert_eq!(json["unchanged"], 2, "{json:#}");
    repository.git(&["checkout", "-q", "."]);
    repository.remove("docker-compose.yml");
    let (_, json) = repository.json(&["--base", "main", "deploy"]);
    assert_eq!(rules(&json, "new"), ["unreadable-file"]);
    repository.commit();
    repository.write("docker-compose.yml", COMPOSE);
    let mended = repository.diff(&["--base", "HEAD", "deploy"]).out;
    assert!(mended.contains("mended error[unreadable-file]") && mended.contains("it is not there at HEAD"), "{mended}");
    // what git is told to ignore, or is outside, has no history: it is as it is now
    repository.write(".gitignore", "docker-compose.yml\n");
    assert_eq!(repository.diff(&["--base", "HEAD", "deploy"]).out, "nothing changed in 1 spec\n");
    let outside = TempDir::new().unwrap();
    fs::write(outside.path().join("c.yml"), COMPOSE).unwrap();
    let far = outside.path().join("c.yml");
    repository.write("deploy/scalegen.yaml", &FLOW.replace("docker-compose.yml", far.to_str().unwrap()));
    repository.commit();
    repository.write("deploy/scalegen.yaml", &more(&FLOW.replace("docker-compose.yml", far.to_str().unwrap())));
    let (_, json) = repository.json(&["--base", "HEAD", "deploy"]);
    assert_eq!((rules(&json, "new"), rules(&json, "mended")), (vec!["connections-exhausted"], vec![]), "{json:#}");
}

#[test]
fn the_base_is_where_the_branch_left_it_with_three_dots() {
    let Some(repository) = Repository::new(&[("scalegen.yaml", FLOW), ("docker-compose.yml", COMPOSE)]) else { return };
    repository.git(&["checkout", "-q", "-b", "mine"]);
    repository.write("scalegen.yaml", &FLOW.replace("maxConnections: 70", "maxConnections: 90"));
    repository.commit();
    repository.git(&["checkout", "-q", "main"]);
    repository.write("scalegen.yaml", &FLOW.replace("replicas: 1 }", "replicas: 3 }"));
    repository.commit();
    repository.git(&["checkout", "-q", "mine"]);
    let shown = |base: &str| repository.diff(&["--base", base]).out;
    assert!(shown("main").contains("profile small") && shown("main").contains("-20.0 points"), "{}", shown("main"));
    let left = shown("main...");
    assert!(left.contains("45 + 3 of 70, 68.6 %") && !left.contains("runtime"), "{left}");
    // without a commit in common there is no such place
    repository.git(&["checkout", "-q", "--orphan", "alone"]);
    repository.commit();
    let ran = repository.diff(&["--base", "main..."]);
    assert!(ran.code == 2 && ran.err.contains("no commit in common"), "{}", ran.err);
    // tags, hashes and trees are commits too
    repository.git(&["tag", "-a", "v1", "-m", "x"]);
    for base in ["v1", "HEAD", "HEAD^{tree}", "@"] {
        assert_eq!(repository.diff(&["--base", base]).code, 0, "{base}");
    }
}

#[test]
fn a_folder_is_searched_as_lint_does_and_stops_at_other_repositories() {
    let spec = "version: 1\nname: one\nservices: { one: { image: \"x:1\" } }\n";
    let Some(repository) = Repository::new(&[
        ("a b/ü\"'.scalegen.yaml", spec),
        ("vendor/scalegen.yaml", spec),
        ("notes.yaml", "not: a spec"),
        ("real.yaml", spec),
    ]) else {
        return;
    };
    let three = spec.replace("x:1\" ", "x:1\", replicas: 3 ");
    // tracked, and ignored all the same: it is there, so it is not gone
    repository.write(".gitignore", "vendor/\n");
    repository.write("vendor/scalegen.yaml", &three);
    // a repository of its own
    repository.write("sub/.git", "gitdir: ../.git/modules/sub\n");
    repository.write("sub/scalegen.yaml", &three);
    repository.write("a b/ü\"'.scalegen.yaml", &three);
    let (code, json) = repository.json(&["--base", "main"]);
    assert_eq!(names(&json), [(Some("a b/ü\"'.scalegen.yaml"), Some("a b/ü\"'.scalegen.yaml"))]);
    assert_eq!(code, 1);
    // a spec that is a link is what it links to, then and now
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("real.yaml", repository.path().join("scalegen.yaml")).unwrap();
        repository.commit();
        repository.write("real.yaml", &three);
        let (_, json) = repository.json(&["--base", "HEAD"]);
        assert_eq!(names(&json), [(Some("scalegen.yaml"), Some("scalegen.yaml"))], "{json:#}");
        assert_eq!(json["specs"][0]["profiles"][0]["groups"][0]["numbers"][0]["before"]["max"], 1);
    }
}

#[test]
fn one_run_gives_a_log_and_a_comment_that_keeps_its_first_line() {
    let Some(repository) = Repository::new(&[("shop/scalegen.yaml", FLOW), ("shop/docker-compose.yml", COMPOSE)])
    else {
        return;
    };
    let first = |args: &[&str]| {
        let ran = repository.diff(&[&["--base", "main", "--format", "markdown"], args].concat());
        ran.out.lines().next().unwrap_or_default().to_owned()
    };
    let quiet = first(&["shop/scalegen.yaml"]);
    assert_eq!(quiet, "<!-- scalegen diff: shop/scalegen.yaml -->");
    repository.write("shop/scalegen.yaml", &more(FLOW));
    assert_eq!(first(&["shop/scalegen.yaml"]), quiet, "the same comment, whether anything changed or not");
    assert_eq!(first(&[]), "<!-- scalegen diff: . -->");
    assert_eq!(first(&["--profile", "small"]), "<!-- scalegen diff: . profile=small -->");
    let args = ["--base", "main", "--format", "text", "--format", "markdown=comment.md"];
    let both = repository.diff(&args);
    let comment = fs::read_to_string(repository.path().join("comment.md")).unwrap();
    assert_eq!(both.code, 1);
    assert!(both.out.starts_with("shop/scalegen.yaml: main → the working tree\n"), "{}", both.out);
    assert!(
        comment.starts_with("<!-- scalegen diff: . -->\n### scalegen diff: 1 service scaled, 1 new error\n"),
        "{comment}"
    );
}

#[test]
fn the_settings_of_the_later_side_hold_for_both() {
    let Some(repository) = Repository::new(&[("a/scalegen.yaml", FLOW), ("a/docker-compose.yml", COMPOSE)]) else {
        return;
    };
    // settings that come with the branch are no change of the spec
    repository.write(".scalegen.toml", "fail-level = \"warning\"\n[rules]\nmissing-limits = \"off\"\n");
    let base = &["--base", "main"];
    assert_eq!(repository.diff(base).out, "nothing changed in 1 spec\n");
    // a new finding at their fail level counts, one that they turn off is not there
    let warned = FLOW.replace("limits: { cpu: 2, memory: 4Gi }", "limits: { cpu: 2, memory: 4000m }");
    repository
        .write("a/scalegen.yaml", &warned.replace("resources: { limits: { memory: 1Gi } }\n", "kind: stateless\n"));
    let (code, json) = repository.json(base);
    assert!(
        rules(&json, "new").contains(&"ambiguous-unit") && !rules(&json, "new").contains(&"missing-limits"),
        "{json:#}"
    );
    assert_eq!(code, 1);
    assert!(rules(&repository.json(&["--base", "main", "--isolated"]).1, "new").contains(&"missing-limits"));
    // only the profiles that they check are compared
    repository.write(".scalegen.toml", "profiles = [\"small\"]\n");
    repository.write("a/scalegen.yaml", &more(FLOW));
    assert_eq!(repository.diff(base).out, "nothing changed in 1 spec\n");
    let all = repository.diff(&["--base", "main", "--isolated"]);
    assert!(all.code == 1 && all.out.contains("connections-exhausted"), "{}", all.out);
    // what is wrong with them is said beside the report
    repository.write(".scalegen.toml", "profils = [\"small\"]\n");
    let ran = repository.diff(base);
    assert!(ran.err.contains("profils") && ran.out.contains("1 new error"), "{}{}", ran.out, ran.err);
    let ran = repository.diff(&["--base", "main", "--config", "none.toml"]);
    assert!(ran.code == 2 && ran.err.contains("cannot read none.toml"), "{}", ran.err);
}

#[test]
fn a_spec_that_stayed_where_it_was_is_not_renamed_however_it_is_named() {
    let files = [("a/scalegen.yaml", FLOW), ("a/docker-compose.yml", COMPOSE), ("b/x", "")];
    let Some(repository) = Repository::new(&files) else { return };
    repository.write("a/scalegen.yaml", &more(FLOW));
    std::os::unix::fs::symlink("a", repository.path().join("link")).unwrap();
    let whole = repository.path().canonicalize().unwrap().join("a/scalegen.yaml");
    let below = repository.path().join("b");
    for (folder, path) in [
        (repository.path(), "a/scalegen.yaml"),
        (repository.path(), "./a/../a/scalegen.yaml"),
        (repository.path(), "link/scalegen.yaml"),
        (repository.path(), whole.to_str().unwrap()),
        (below.as_path(), "../a/scalegen.yaml"),
        (below.as_path(), "../a"),
        (below.as_path(), ".././a/scalegen.yaml"),
    ] {
        let ran = scalegen(folder, &["diff", "--base", "main", path]);
        assert!(
            ran.code == 1 && !ran.out.contains("renamed") && ran.out.matches('→').count() == 1,
            "{path}: {}{}",
            ran.out,
            ran.err
        );
    }
}

#[test]
fn git_that_hangs_on_a_pipe_is_stopped_and_a_range_is_said_to_be_one() {
    let Some(repository) = Repository::new(&[("scalegen.yaml", FLOW), ("docker-compose.yml", COMPOSE)]) else { return };
    for range in ["main..", "main..HEAD", "main...HEAD", "..main"] {
        let ran = repository.diff(&["--base", range]);
        assert!(ran.code == 2 && ran.err.contains(&format!("`{range}` is a range, not a commit")), "{}", ran.err);
    }
    // both wait for git at once
    std::thread::scope(|scope| {
        for place in [".git/config", ".git/objects/info/alternates"] {
            scope.spawn(move || {
                let files = [("scalegen.yaml", FLOW), ("docker-compose.yml", COMPOSE)];
                let Some(repository) = Repository::new(&files) else { return };
                let pipe = repository.path().join(place);
                let _ = fs::remove_file(&pipe);
                assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
                let ran = repository.diff(&["--base", "HEAD"]);
                assert!(ran.code == 2 && ran.err.contains("git said nothing for 20 seconds"), "{place}: {}", ran.err);
            });
        }
    });
}

/// Files of different formats: each is read as what it is, so that a spec can be compared with the files that it lies over.
#[test]
fn a_spec_is_compared_with_the_files_of_another_tool() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("compose.yaml"), "services: { api: { image: a, deploy: { replicas: 2 } } }\n").unwrap();
    let spec = |replicas: &str| {
        let text = format!("version: 1\nname: shop\nfrom: compose.yaml\nservices: {{ api: {{ {replicas} }} }}\n");
        fs::write(dir.path().join("scalegen.yaml"), text).unwrap();
    };
    let said = |args: [&str; 3]| scalegen(dir.path(), &args).out;
    spec("replicas: 5");
    let out = said(["diff", "compose.yaml", "scalegen.yaml"]);
    assert!(out.contains("2      5") && !out.contains("no scalegen spec"), "{out}");
    let out = said(["diff", "scalegen.yaml", "compose.yaml"]);
    assert!(out.contains("5      2"), "{out}");
}
