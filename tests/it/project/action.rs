//! The steps of action.yml, run as a runner runs them: expressions computed, scripts by bash, GitHub on loopback. What
//! `uses:` other actions is not run, only what they are given.

use crate::common::github::{BASIC, GitHub, TOKEN};
use crate::common::judge::judge;
use crate::project::delivery::{git, run};
use crate::project::strangers::{SECRET, armed, has_only_what_it_may, plant_bare, recorded, recorder};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const ACTION: &str = include_str!("../../../action.yml");
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn program(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A stand-in for a built program: the one at hand under another version line.
fn stand_in(commit: &str) -> String {
    let binary = env!("CARGO_BIN_EXE_scalegen");
    format!("if [ \"$1\" = --version ]; then echo 'scalegen {VERSION} ({commit})'; exit; fi\nexec '{binary}' \"$@\"")
}

/// A pull request that changes one file, checked out as actions/checkout does: the merge alone, and the token in git's settings.
struct PullRequest {
    folder: TempDir,
    base: String,
    merge: String,
}

impl PullRequest {
    fn new(github: &GitHub, before: &str, after: &str) -> PullRequest {
        let folder = TempDir::new().unwrap();
        let origin = folder.path().join("origin");
        fs::create_dir(&origin).unwrap();
        git(&origin, &["init", "-q", "-b", "main"]);
        let commit = |text: &str| {
            fs::write(origin.join("scalegen.yaml"), text).unwrap();
            git(&origin, &["add", "-A"]);
            git(&origin, &["commit", "-q", "--allow-empty", "-m", "x"]);
            git(&origin, &["rev-parse", "HEAD"])
        };
        let base = commit(before);
        git(&origin, &["checkout", "-q", "-b", "change"]);
        commit(after);
        git(&origin, &["checkout", "-q", "--detach", "main"]);
        git(&origin, &["merge", "-q", "--no-ff", "-m", "merge", "change"]);
        let merge = git(&origin, &["rev-parse", "HEAD"]);
        git(&origin, &["update-ref", "refs/pull/7/merge", "HEAD"]);
        let pull_request = PullRequest { folder, base, merge };
        let work = pull_request.work();
        fs::create_dir(&work).unwrap();
        git(&work, &["init", "-q"]);
        git(&work, &["fetch", "-q", "--depth=1", origin.to_str().unwrap(), "refs/pull/7/merge"]);
        git(&work, &["checkout", "-q", "--detach", "FETCH_HEAD"]);
        git(&work, &["remote", "add", "origin", &format!("{}/shop/specs", github.address)]);
        let key = format!("http.{}/.extraheader", github.address);
        git(&work, &["config", &key, &format!("AUTHORIZATION: {BASIC}")]);
        github.state.lock().unwrap().repositories = pull_request.folder.path().to_owned();
        pull_request
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }
}

/// A job that uses the action: what it is given.
struct Job<'a> {
    github: &'a GitHub,
    pull_request: &'a PullRequest,
    inputs: Vec<(&'a str, &'a str)>,
    action_ref: String,
    /// `pull_request` or `push`.
    event: &'a str,
    fork: bool,
    /// Programs that come first on PATH.
    programs: Vec<(&'a str, String)>,
}

/// Another action that was used.
struct Used {
    action: String,
    with: BTreeMap<String, String>,
    /// Whether the job goes on when it fails.
    forgiven: bool,
}

/// What came of a job.
struct Finished {
    passed: bool,
    log: String,
    summary: String,
    used: Vec<Used>,
    /// `inputs.…`, `steps.….outputs.…` and what GitHub says.
    known: BTreeMap<String, String>,
}

impl Finished {
    /// The report that was handed to code scanning.
    fn sarif(&self) -> Json {
        let [used] = &self.used[..] else { panic!("{} actions were used: {}", self.used.len(), self.log) };
        assert!(used.action.starts_with("github/codeql-action/upload-sarif@"), "{}", used.action);
        assert_eq!(used.with["category"], self.known["inputs.category"]);
        serde_json::from_str(&fs::read_to_string(&used.with["sarif_file"]).unwrap()).unwrap()
    }

    fn output(&self, name: &str) -> String {
        filled(action()["outputs"][name]["value"].as_str().unwrap(), &self.known)
    }
}

/// What an expression comes to. It knows `||`, `&&`, `==`, `!=`, texts in quotes and names; an unknown name fails the test.
fn expression(text: &str, known: &BTreeMap<String, String>) -> String {
    let is_true = |side: &&str| !["", "false"].contains(&expression(side, known).as_str());
    if let Some((left, right)) = text.split_once("||") {
        return [left, right].iter().any(is_true).to_string();
    }
    if let Some((left, right)) = text.split_once("&&") {
        return [left, right].iter().all(is_true).to_string();
    }
    for (sign, equal) in [("==", true), ("!=", false)] {
        if let Some((left, right)) = text.split_once(sign) {
            return ((expression(left, known) == expression(right, known)) == equal).to_string();
        }
    }
    match text.trim().strip_prefix('\'') {
        Some(quoted) => quoted.trim_end_matches('\'').to_owned(),
        // a step that did not run, or said nothing, has empty outputs
        None if text.trim().starts_with("steps.") => known.get(text.trim()).cloned().unwrap_or_default(),
        None => known.get(text.trim()).unwrap_or_else(|| panic!("`{text}` is not known here: {known:?}")).clone(),
    }
}

/// A text with its `${{ … }}` computed.
fn filled(text: &str, known: &BTreeMap<String, String>) -> String {
    match text.split_once("${{") {
        None => text.to_owned(),
        Some((before, rest)) => {
            let (inner, after) = rest.split_once("}}").unwrap();
            format!("{before}{}{}", expression(inner, known), filled(after, known))
        }
    }
}

fn action() -> Json {
    serde_yaml::from_str(ACTION).unwrap()
}

impl<'a> Job<'a> {
    fn new(github: &'a GitHub, pull_request: &'a PullRequest) -> Job<'a> {
        let programs = vec![("gh", String::new())];
        let action_ref = format!("v{VERSION}");
        Job { github, pull_request, inputs: vec![], action_ref, event: "pull_request", fork: false, programs }
    }

    fn with(mut self, inputs: &[(&'a str, &'a str)]) -> Job<'a> {
        self.inputs.extend(inputs);
        self
    }

    /// What the expressions of the action may name.
    fn known(&self) -> BTreeMap<String, String> {
        let mut known = BTreeMap::new();
        for (name, input) in action()["inputs"].as_object().unwrap() {
            known.insert(format!("inputs.{name}"), input["default"].as_str().unwrap().to_owned());
        }
        for (name, value) in &self.inputs {
            assert!(known.insert(format!("inputs.{name}"), (*value).to_owned()).is_some(), "no input {name}");
        }
        let asked = self.event == "pull_request";
        let only = |value: &str| if asked { value.to_owned() } else { String::new() };
        for (name, value) in [
            ("action_repository", "tools/scalegen".to_owned()),
            ("action_ref", self.action_ref.clone()),
            ("token", TOKEN.to_owned()),
            ("repository", "shop/specs".to_owned()),
            ("event_name", self.event.to_owned()),
            ("event.pull_request.number", only("7")),
            ("event.pull_request.base.sha", only(&self.pull_request.base)),
            ("event.pull_request.head.repo.full_name", only(if self.fork { "guest/specs" } else { "shop/specs" })),
        ] {
            known.insert(format!("github.{name}"), value);
        }
        known
    }

    fn run(&self) -> Finished {
        let temp = self.pull_request.folder.path().join("temp");
        // what a run leaves behind is no help to the next
        let _ = fs::remove_dir_all(&temp);
        fs::create_dir_all(&temp).unwrap();
        let mut known = self.known();
        let fakes = temp.join("programs");
        for (name, text) in &self.programs {
            program(&fakes.join(name), text);
        }
        // a job can have folders of the checkout on PATH
        let (work, own) = (self.pull_request.work(), std::env::var("PATH").unwrap());
        let mut path = format!(".:{}:./:{}:{own}", work.display(), fakes.display());
        let (mut log, mut summary, mut used, mut passed) = (String::new(), String::new(), Vec::new(), true);
        for step in action()["runs"]["steps"].as_array().unwrap() {
            let holds = |name: &str| step[name].as_str().map(|condition| filled(condition, &known) == "true");
            if holds("if") == Some(false) {
                continue;
            }
            let texts = |name: &str| -> BTreeMap<String, String> {
                let pairs = step[name].as_object().into_iter().flatten();
                pairs.map(|(key, value)| (key.clone(), filled(value.as_str().unwrap(), &known))).collect()
            };
            if let Some(other) = step["uses"].as_str() {
                let forgiven = holds("continue-on-error").unwrap();
                used.push(Used { action: other.to_owned(), with: texts("with"), forgiven });
                continue;
            }
            let files = ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH"].map(|name| (name, temp.join(name)));
            files.iter().for_each(|(_, file)| fs::write(file, "").unwrap());
            assert_eq!(step["shell"], "bash");
            let script = temp.join("step.sh");
            fs::write(&script, step["run"].as_str().unwrap()).unwrap();
            let mut command = Command::new("bash");
            command.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(&script);
            command.current_dir(self.pull_request.work()).env_clear().envs(texts("env")).envs(files.clone());
            let number = if self.event == "push" { "refs/heads/main" } else { "refs/pull/7/merge" };
            for (name, value) in [
                ("PATH", path.as_str()),
                ("CI", "true"),
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_ACTION_PATH", env!("CARGO_MANIFEST_DIR")),
                ("GITHUB_API_URL", &self.github.address),
                ("GITHUB_SERVER_URL", &self.github.address),
                ("GITHUB_EVENT_NAME", self.event),
                ("GITHUB_REPOSITORY", "shop/specs"),
                ("GITHUB_REF", number),
                ("GITHUB_SHA", &self.pull_request.merge),
                ("GITHUB_WORKSPACE", self.pull_request.work().to_str().unwrap()),
                ("RUNNER_TEMP", temp.to_str().unwrap()),
                ("HOME", temp.to_str().unwrap()),
                // what a workflow gives all of its steps
                ("DEPLOY_KEY", SECRET),
                ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", SECRET),
            ] {
                command.env(name, value);
            }
            let output = command.output().unwrap();
            log += &String::from_utf8(output.stdout).unwrap();
            log += &String::from_utf8(output.stderr).unwrap();
            let read = |index: usize| fs::read_to_string(&files[index].1).unwrap();
            let id = step["id"].as_str().unwrap_or("-");
            for line in read(0).lines() {
                let (name, value) = line.split_once('=').unwrap();
                known.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
            }
            summary += &read(1);
            read(2).lines().for_each(|folder| path = format!("{folder}:{path}"));
            if !output.status.success() {
                passed = false;
                break;
            }
        }
        Finished { passed, log, summary, used, known }
    }
}

fn spec(replicas: u32) -> String {
    format!(
        "version: 1
name: shop
services:
  runtime:
    image: \"shop/runtime:1\"
    replicas: {replicas}
    concurrency: {{ limit: 10, env: SLOTS }}
    connections: {{ db: {{ perSlot: 4 }} }}
    resources: {{ limits: {{ cpu: 10, memory: 1Gi }} }}
backingServices:
  db: {{ kind: postgres, maxConnections: 200, external: {{ urlEnv: DATABASE_URL }} }}
targets:
  compose: {{}}
"
    )
}

/// The comments that begin as one of scalegen's does.
fn ours(github: &GitHub) -> Vec<Json> {
    github.comments("<!-- scalegen diff")
}

/// A release for this machine: a tar.gz with the stand-in, and its checksum.
fn release(github: &GitHub, commit: &str) -> String {
    let folder = TempDir::new().unwrap();
    let machine = run(Command::new("uname").arg("-m")).trim().to_owned();
    let name = format!("scalegen-{VERSION}-{machine}-unknown-linux-musl");
    program(&folder.path().join(&name).join("scalegen"), &stand_in(commit));
    let file = format!("{name}.tar.gz");
    run(Command::new("tar").current_dir(folder.path()).args(["-czf", &file, &name]));
    fs::remove_dir_all(folder.path().join(&name)).unwrap();
    fs::write(folder.path().join("other.whl"), "").unwrap();
    run(Command::new("bash").arg(".github/scripts/checksums.sh").arg(folder.path()));
    let at = format!("/tools/scalegen/releases/download/v{VERSION}");
    let mut state = github.state.lock().unwrap();
    let sums = fs::read(folder.path().join("SHA256SUMS")).unwrap();
    state.files.insert(format!("{at}/SHA256SUMS"), sums);
    let path = format!("{at}/{file}");
    state.files.insert(path.clone(), fs::read(folder.path().join(&file)).unwrap());
    path
}

#[test]
fn a_pull_request_gets_annotations_a_summary_a_report_and_one_comment() {
    let github = GitHub::new();
    release(&github, "abcdef123");
    github.comment("first", json!({"type": "User"}));
    // a person who quotes ours, and one whose account is gone
    github.comment("<!-- scalegen diff: . -->\nmine", json!({"type": "User"}));
    github.comment("<!-- scalegen diff: . -->\nmine", Json::Null);
    // the comment of another use of the action
    github.comment("<!-- scalegen diff: elsewhere -->", json!({"type": "Bot"}));
    let others = ours(&github);

    let change = PullRequest::new(&github, &spec(4), &spec(6));
    let failed = Job::new(&github, &change).run();
    assert!(!failed.passed, "an error fails the job: {}", failed.log);
    assert!(failed.log.contains("scalegen lint ended with exit code 1"), "{}", failed.log);
    assert!(failed.log.contains("::error file=scalegen.yaml,line=8,"), "{}", failed.log);
    assert!(failed.log.contains("6 replicas × 10 slots × 4 connections + 3 reserved = 243"), "{}", failed.log);
    assert!(failed.summary.contains("connections-exhausted"), "{}", failed.summary);
    assert_eq!(failed.sarif()["runs"][0]["results"][0]["ruleId"], "connections-exhausted");
    assert!(!failed.used[0].forgiven, "what code scanning refuses fails the job");
    assert_eq!((failed.output("code"), failed.output("scaled")), ("1".to_owned(), "true".to_owned()));
    let said = ours(&github);
    assert_eq!((said.len(), &said[..3]), (4, &others[..]), "{said:?}");
    let body = said[3]["body"].as_str().unwrap();
    assert!(body.starts_with("<!-- scalegen diff: . -->\n"), "{body}");
    assert!(body.contains("| replicas | 4 | 6 | +2 |") && body.contains("connections-exhausted"), "{body}");

    // the next push: the same comment, written again
    let mended = spec(5).replace("maxConnections: 200", "maxConnections: 300");
    let mended = Job::new(&github, &PullRequest::new(&github, &spec(4), &mended)).run();
    assert!(mended.passed, "{}", mended.log);
    let said = ours(&github);
    assert_eq!((said.len(), github.asked("POST /repos"), github.asked("PATCH")), (4, 1, 1), "{said:?}");
    let body = said[3]["body"].as_str().unwrap();
    assert!(body.contains("| replicas | 4 | 5 | +1 |") && !body.contains("connections-exhausted"), "{body}");
    assert_eq!(said[..3], others[..]);

    // taken back: the comment says so
    let back = Job::new(&github, &PullRequest::new(&github, &spec(4), &spec(4))).run();
    assert!(back.passed && back.output("scaled") == "false", "{}", back.log);
    assert_eq!((github.asked("POST /repos"), github.asked("PATCH")), (1, 2));
    assert!(!ours(&github)[3]["body"].as_str().unwrap().contains("replicas"));
}

#[test]
fn loads_of_the_input_simulate_are_tried_before_and_after() {
    let github = GitHub::new();
    release(&github, "abcdef123");
    let spec = |replicas: u32| {
        format!(
            "version: 1\nname: shop\nservices:\n  api:\n    image: \"shop/api:1\"\n    replicas: {replicas}\n    \
             workload: {{ serviceTime: {{ mean: 2s, distribution: fixed }} }}\n    \
             resources: {{ limits: {{ cpu: 1, memory: 1Gi }} }}\ntargets:\n  compose: {{}}\n"
        )
    };
    let change = PullRequest::new(&github, &spec(3), &spec(6));
    let rates: String = (0..60).map(|minute| format!("{},1\n", 1_740_000_000 + minute * 60)).collect();
    fs::write(change.work().join("rate.csv"), format!("time,value\n{rates}")).unwrap();
    let job = Job::new(&github, &change).with(&[("simulate", "api=rate:rate.csv\n"), ("sarif", "false")]).run();
    assert!(job.passed, "{}", job.log);
    let said = ours(&github);
    let body = said[0]["body"].as_str().unwrap();
    assert!(body.contains("| replicas | 3 | 6 | +3 |"), "{body}");
    assert!(body.contains("| before (fixed) | after (fixed) |"), "{body}");
    assert!(body.contains("| replica-hours | 3.00 | 6.00 |"), "{body}");
    assert!(body.contains("```text\nbefore (fixed), seed 1") && body.contains("after (fixed), seed 1"), "{body}");

    let missing = Job::new(&github, &change).with(&[("simulate", "api=rate:other.csv"), ("sarif", "false")]).run();
    assert!(missing.log.contains("::warning title=scalegen diff::no comment"), "{}", missing.log);
}

#[test]
fn nothing_scaled_or_no_pull_request_makes_no_comment() {
    let github = GitHub::new();
    release(&github, "abcdef123");
    let same = PullRequest::new(&github, &spec(4), &spec(4));
    let job = Job::new(&github, &same).run();
    assert!(job.passed && job.output("scaled") == "false", "{}", job.log);
    assert_eq!(github.asked("POST /repos"), 0);

    let asked = github.asked("GET /repos");
    let change = PullRequest::new(&github, &spec(3), &spec(6));
    let quiet = Job::new(&github, &change).with(&[("comment", "false"), ("sarif", "false")]).run();
    assert!(!quiet.passed && quiet.used.is_empty() && quiet.log.contains("::error "), "{}", quiet.log);
    let push = Job { event: "push", ..Job::new(&github, &change) }.run();
    assert!(!push.passed && push.used.len() == 1 && push.output("scaled").is_empty(), "{}", push.log);
    assert_eq!(github.asked("GET /repos"), asked, "nobody asked for comments");
}

#[test]
fn a_fork_that_may_not_comment_passes_and_says_why() {
    let github = GitHub::new();
    release(&github, "abcdef123");
    github.state.lock().unwrap().forbidden = true;
    let change = PullRequest::new(&github, &spec(3), &spec(4));
    let fork = Job { fork: true, ..Job::new(&github, &change) }.run();
    assert!(fork.passed, "{}", fork.log);
    assert_eq!(github.asked("POST /repos"), 1);
    let said = "::warning title=scalegen diff::no comment: GitHub answered 403: Resource not accessible by integration; \
                the job needs `pull-requests: write`, and a pull request from a fork does not get it\n";
    assert!(fork.log.contains(said), "{}", fork.log);
    assert!(fork.used[0].forgiven, "code scanning may refuse a fork's report");
    // what it scales is in the log all the same
    assert!(fork.log.contains("1 service scaled"), "{}", fork.log);

    // nobody is there
    let gone = GitHub { address: "http://127.0.0.1:9".to_owned(), ..GitHub::new() };
    let change = PullRequest::new(&github, &spec(3), &spec(4));
    git(&change.work(), &["fetch", "-q", "--unshallow", change.folder.path().join("origin").to_str().unwrap()]);
    let programs = vec![("cargo", built_by_cargo().0), ("cargo.built", built_by_cargo().1)];
    let lost = Job { programs, ..Job::new(&gone, &change) }.run();
    assert!(lost.passed, "{}", lost.log);
    assert!(lost.log.contains("::warning title=scalegen diff::no comment: GitHub cannot be asked: "), "{}", lost.log);
}

#[test]
fn the_commit_to_compare_with_is_fetched_or_the_log_says_what_to_do() {
    let github = GitHub::new();
    release(&github, "abcdef123");
    // the branch stands on an older base than the event names, and that is where the merge comes from: no change of others is ours
    let change = PullRequest::new(&github, &spec(3), &spec(4));
    assert_eq!(git(&change.work(), &["rev-list", "--count", "HEAD"]), "1");
    let job = Job::new(&github, &change).run();
    assert!(job.passed && job.log.contains("1 service scaled"), "{}", job.log);
    assert_eq!(github.asked("POST /shop/specs/git-upload-pack"), 1, "one commit is fetched");
    let key = format!("http.{}/.extraheader", github.address);
    assert_eq!(
        git(&change.work(), &["config", &key]),
        format!("AUTHORIZATION: {BASIC}"),
        "git's settings are left alone"
    );
    assert!(!job.log.contains(TOKEN), "{}", job.log);

    // the same without credentials that were left there
    let change = PullRequest::new(&github, &spec(3), &spec(4));
    git(&change.work(), &["config", "--unset-all", &key]);
    let job = Job::new(&github, &change).run();
    assert!(job.passed && job.output("scaled") == "true", "{}", job.log);

    // the branch itself, with its history: what others did to the base since is not a change of this one
    let mut change = PullRequest::new(&github, &spec(3), &spec(4));
    let origin = change.folder.path().join("origin");
    git(&origin, &["checkout", "-q", "main"]);
    fs::write(origin.join("scalegen.yaml"), spec(2)).unwrap();
    git(&origin, &["commit", "-q", "-a", "-m", "x"]);
    change.base = git(&origin, &["rev-parse", "HEAD"]);
    let branches = "+refs/heads/*:refs/remotes/origin/*";
    git(&change.work(), &["fetch", "-q", "--unshallow", origin.to_str().unwrap(), branches]);
    git(&change.work(), &["checkout", "-q", "--detach", "origin/change"]);
    let job = Job::new(&github, &change).run();
    assert!(job.passed, "{}", job.log);
    let body = ours(&github)[0]["body"].as_str().unwrap().to_owned();
    assert!(body.contains("| replicas | 3 | 4 | +1 |"), "{body}");

    // the commit is nowhere
    let mut change = PullRequest::new(&github, &spec(3), &spec(4));
    change.base = "0123456789abcdef0123456789abcdef01234567".to_owned();
    git(&change.work(), &["checkout", "-q", "--orphan", "alone"]);
    git(&change.work(), &["commit", "-q", "-m", "x"]);
    let patched = github.asked("PATCH");
    let lost = Job::new(&github, &change).run();
    assert!(lost.passed && lost.output("scaled").is_empty(), "{}", lost.log);
    let said = format!(
        "::warning title=scalegen diff::no comment: the commit this is based on, {}, is not here and could not be fetched; check out with fetch-depth: 0\n",
        change.base
    );
    assert!(lost.log.contains(&said), "{}", lost.log);
    assert_eq!(github.asked("PATCH"), patched);
}

#[test]
fn inputs_are_lines_and_never_commands_or_options() {
    let github = GitHub::new();
    release(&github, "abcdef123");
    let pull_request = PullRequest::new(&github, &spec(4), &spec(4));
    let work = pull_request.work();
    let names = [
        "$(touch pwned).scalegen.yaml",
        "; touch pwned #.scalegen.yaml",
        "--fix.scalegen.yaml",
        "`touch pwned`.scalegen.yaml",
    ];
    for name in names {
        fs::write(work.join(name), spec(6)).unwrap();
    }
    let paths = format!("  {}  \n\n{}\n", names[0], names[1..].join("\r\n"));
    let ignored =
        [("paths", paths.as_str()), ("ignore", "connections-exhausted\n missing-limits\n"), ("comment", "false")];
    let finished = Job::new(&github, &pull_request).with(&ignored).run();
    assert!(finished.passed, "{}", finished.log);
    assert_eq!(finished.sarif()["runs"][0]["results"], json!([]));
    let found = Job::new(&github, &pull_request).with(&[("paths", &paths), ("comment", "false")]).run();
    assert_eq!(
        found.sarif()["runs"][0]["results"].as_array().unwrap().len(),
        4,
        "each of the four is read: {}",
        found.log
    );
    // the comment is asked for them too
    let compared = Job::new(&github, &pull_request).with(&[("paths", &paths)]).run();
    assert!(compared.output("scaled") == "true" && ours(&github).len() == 1, "{}", compared.log);

    // options in disguise are values: none is obeyed, and the exit code is scalegen's own
    for (name, value) in [
        ("paths", "--write-baseline=pwned"),
        ("profile", "--write-baseline=pwned"),
        ("target", "x --write-baseline=pwned"),
        ("ignore", "x\n--write-baseline=pwned"),
        ("fail-level", "$(touch pwned)"),
    ] {
        let refused = Job::new(&github, &pull_request).with(&[(name, value), ("comment", "false")]).run();
        assert!(!refused.passed && refused.output("code") == "2", "{name}: {}", refused.log);
        assert!(refused.used.is_empty(), "{name}: a check that could not run reports nothing");
    }
    let category = [("category", "$(touch pwned)"), ("paths", "scalegen.yaml"), ("comment", "false")];
    let category = Job::new(&github, &pull_request).with(&category).run();
    assert_eq!(category.sarif()["runs"][0]["results"], json!([]));
    assert!(!work.join("pwned").exists() && !Path::new("pwned").exists());
}

#[test]
fn what_a_change_writes_gives_the_runner_no_commands() {
    let github = GitHub::new();
    release(&github, "abcdef123");
    let hostile = "x\n::add-mask::4\n::set-env name=PATH::/\n";
    let change = PullRequest::new(&github, &spec(3), &spec(4).replace("name: shop", &format!("name: {hostile:?}")));
    let job = Job::new(&github, &change).run();
    let commands: Vec<&str> = job.log.lines().filter(|line| line.trim_start().starts_with("::")).collect();
    let stopped = commands.iter().position(|line| line.starts_with("::stop-commands::")).unwrap();
    let token = commands[stopped].trim_start_matches("::stop-commands::");
    assert!(commands[stopped + 1..].contains(&format!("::{token}::").as_str()), "{commands:?}");
    assert!(
        !commands.iter().any(|line| line.starts_with("::add-mask") || line.starts_with("::set-env")),
        "{commands:?}"
    );
}

/// A stand-in for cargo that installs a stand-in for scalegen, and that one.
fn built_by_cargo() -> (String, String) {
    let cargo = "echo \"cargo $* for $SCALEGEN_COMMIT\"; while [ \"$1\" != --root ]; do shift; done; mkdir -p \"$2/bin\"; cp \"$0.built\" \"$2/bin/scalegen\"";
    (cargo.to_owned(), stand_in("built"))
}

#[test]
fn what_is_downloaded_is_what_was_released_or_the_job_fails() {
    let (commit, other) = ("0123456789abcdef0123456789abcdef01234567", "fedcba9876543210fedcba9876543210fedcba98");
    let github = GitHub::new();
    let pull_request = PullRequest::new(&github, &spec(4), &spec(4));
    let job = |action_ref: &str, gh: &str| {
        let (cargo, built) = built_by_cargo();
        let programs = vec![("gh", gh.to_owned()), ("cargo", cargo), ("cargo.built", built)];
        let action_ref = action_ref.to_owned();
        Job { action_ref, programs, ..Job::new(&github, &pull_request) }.with(&[("comment", "false")]).run()
    };
    let tag = format!("v{VERSION}");
    let installed = |finished: &Finished| {
        assert!(finished.passed, "{}", finished.log);
        finished.log.lines().find_map(|line| line.strip_prefix(&format!("scalegen {VERSION} "))).unwrap().to_owned()
    };

    // none: built
    let built = job(&tag, "");
    assert_eq!(installed(&built), "(built)");
    let root = env!("CARGO_MANIFEST_DIR");
    assert!(built.log.contains(&format!("cargo install --quiet --locked --path {root} --root ")), "{}", built.log);

    // by its tag, by its commit; another commit is built
    let file = release(&github, &commit[..9]);
    assert_eq!(installed(&job(&tag, "")), "(012345678)");
    assert_eq!(installed(&job(commit, "")), "(012345678)");
    let built = job(other, "");
    assert_eq!(installed(&built), "(built)");
    assert!(built.log.contains(&format!(" for {other}")), "{}", built.log);
    assert_eq!(installed(&job("main", "")), "(built)");

    // gh is asked about that file and the workflow that releases; an old one that knows nothing of it is not an obstacle
    let asked = job(&tag, "echo \"gh $*\"");
    let name = file.rsplit('/').next().unwrap();
    let question = format!(
        "gh attestation verify {name} --repo tools/scalegen --signer-workflow tools/scalegen/.github/workflows/release.yml\n"
    );
    assert!(asked.log.contains(&question), "{}", asked.log);
    let old = job(&tag, "exit 1");
    assert_eq!(installed(&old), "(012345678)");
    assert!(old.log.contains("its attestation was not"), "{}", old.log);

    // no attestation, other bytes, another file's checksum: never run, and nothing is built instead
    let refused = |gh: &str, why: &str| {
        let refused = job(&tag, gh);
        assert!(!refused.passed && refused.log.contains(why), "{}", refused.log);
        assert!(!refused.log.contains("cargo install") && !refused.log.contains("(012345678)"), "{}", refused.log);
    };
    refused("[ \"$3\" = --help ]", "gh does not attest that");
    let bytes = github.state.lock().unwrap().files[&file].clone();
    github.state.lock().unwrap().files.get_mut(&file).unwrap().push(0);
    refused("", "has not the checksum of the release");
    let sums = file.replace(name, "SHA256SUMS");
    github.state.lock().unwrap().files.insert(file.clone(), bytes);
    let said = String::from_utf8(github.state.lock().unwrap().files[&sums].clone()).unwrap();
    github.state.lock().unwrap().files.insert(sums, said.replace(name, &format!("{name}.old")).into_bytes());
    refused("", "has not the checksum of the release");
}

/// What a checkout holds runs nothing, and no program but the one that comments and gh has the token or another secret.
#[test]
fn a_strangers_tree_runs_nothing_and_its_readers_have_no_secret() {
    let github = GitHub::new();
    release(&github, "abcdef123");
    let change = PullRequest::new(&github, &spec(3), &spec(4));
    let (work, there) = (change.work(), |name: &str| change.folder.path().join(name));
    fs::create_dir_all(there("elsewhere/hooks")).unwrap();
    let trap = there("elsewhere/trap");
    program(&trap, &format!("touch '{}'; exit 1", there("pwned").display()));
    for hook in ["reference-transaction", "post-index-change", "pre-auto-gc"] {
        fs::copy(&trap, there("elsewhere/hooks").join(hook)).unwrap();
    }
    let config = armed(&trap);
    for folder in [work.clone(), work.join("bare"), work.join("nested/.git")] {
        plant_bare(&folder, &config);
    }
    fs::create_dir(work.join("file")).unwrap();
    fs::write(work.join("file/.git"), "gitdir: ../bare\n").unwrap();
    for folder in ["bare", "nested", "file"] {
        fs::write(work.join(folder).join("scalegen.yaml"), spec(4)).unwrap();
    }
    std::os::unix::fs::symlink("nested", work.join("link")).unwrap();
    for name in
        ["git", "awk", "base64", "cat", "curl", "dirname", "env", "gh", "mktemp", "python3", "scalegen", "sed", "tar"]
    {
        fs::copy(&trap, work.join(name)).unwrap();
    }
    // the real repository's own settings start the trap too
    // one of the nested ones is a submodule, and a fetch is to go into it
    let gitlink = format!("160000,{},nested", change.base);
    git(&work, &["update-index", "--add", "--cacheinfo", &gitlink]);
    fs::write(work.join(".gitmodules"), "[submodule \"nested\"]\n\tpath = nested\n\turl = /nowhere\n").unwrap();
    for (key, value) in [("submodule.nested.url", "/nowhere"), ("fetch.recurseSubmodules", "true")] {
        git(&work, &["config", key, value]);
    }
    let own = fs::read_to_string(work.join(".git/config")).unwrap();
    let hooks =
        format!("[core]\n\tfsmonitor = {0}\n\thooksPath = {1}\n", trap.display(), there("elsewhere/hooks").display());
    fs::write(work.join(".git/config"), own + &hooks).unwrap();

    let log = there("log");
    let with = |name: &'static str| (name, recorder(name, &log));
    let mut programs = vec![("gh", format!("env >>'{}'", there("gh").display())), with("git"), with("awk")];
    programs.extend([with("mktemp"), with("base64"), with("curl"), with("tar")]);
    let paths = [("paths", ".\nbare\nnested\nlink\nfile"), ("category", "x")];
    let job = Job { programs, ..Job::new(&github, &change) }.with(&paths).run();
    assert!(!there("pwned").exists(), "a stranger's command ran: {}", job.log);
    assert!(job.log.contains("belongs to another repository"), "{}", job.log);
    let one = Job::new(&github, &change).with(&[("paths", "scalegen.yaml\nbare")]).run();
    assert!(!there("pwned").exists() && one.output("scaled") == "true", "{}", one.log);
    assert_eq!(ours(&github).len(), 1, "the comment is made, so its step has the token: {}", one.log);
    let said = recorded(&log);
    assert!(!said.contains(TOKEN) && !said.contains(BASIC), "a child has the token: {said}");
    // the programs of the step that installs get what a build needs
    let installs = |call: &str| {
        ["curl", "tar"].iter().any(|name| call.starts_with(&format!("{}/{name} ", there("temp/programs").display())))
    };
    for call in said.split("\n\n").filter(|call| !call.trim().is_empty() && !installs(call)) {
        has_only_what_it_may(call, &["GIT_CONFIG_COUNT", "OLDPWD"]);
    }
    assert!(said.contains(" fetch ") && said.contains(" ls-tree "), "{said}");
    assert!(fs::read_to_string(there("gh")).unwrap().contains(TOKEN), "gh asks GitHub with it");
    let left = walkdir::WalkDir::new(there("temp")).into_iter().map(|entry| entry.unwrap().into_path());
    let left = left.filter(|path| {
        path.is_file()
            && fs::read(path).is_ok_and(|text| text.windows(BASIC.len()).any(|part| part == BASIC.as_bytes()))
    });
    assert_eq!(left.collect::<Vec<_>>(), Vec::<PathBuf>::new(), "the token is left in a file");
}

/// Where the folder of the job is not a checkout, a folder that looks like one is none, and the job goes on.
#[test]
fn a_job_without_a_checkout_has_no_comment_and_says_why() {
    let github = GitHub::new();
    release(&github, "abcdef123");
    let change = PullRequest::new(&github, &spec(3), &spec(4));
    fs::remove_dir_all(change.work().join(".git")).unwrap();
    let trap = change.folder.path().join("trap");
    program(&trap, &format!("touch '{}'", change.folder.path().join("pwned").display()));
    plant_bare(&change.work(), &armed(&trap));
    let job = Job::new(&github, &change).run();
    assert!(job.passed && job.output("scaled").is_empty(), "{}", job.log);
    assert!(job.log.contains("is not the top of a git checkout"), "{}", job.log);
    assert!(!change.folder.path().join("pwned").exists() && ours(&github).is_empty());
}

/// The token is given to the steps that need it, and a step that reads the checkout has none.
#[test]
fn a_step_that_reads_the_checkout_has_no_token() {
    let steps = action()["runs"]["steps"].as_array().unwrap().clone();
    let with: Vec<&str> = steps
        .iter()
        .filter(|step| step.to_string().contains("github.token"))
        .map(|step| step["run"].as_str().unwrap())
        .collect();
    let scripts: Vec<&str> =
        with.iter().map(|run| run.rsplit('/').next().unwrap().split('"').next().unwrap()).collect();
    assert_eq!(scripts, ["install.sh", "fetch.sh", "comment.sh"]);
    for step in &steps {
        let hands = step["env"]
            .as_object()
            .into_iter()
            .flatten()
            .any(|(_, value)| value.as_str().unwrap().contains("steps.install.outputs.scalegen"));
        assert!(!(hands && step.to_string().contains("github.token")), "{step}");
    }
}

/// Every expression of the action stands where no shell reads it, and every other action is named by its commit.
#[test]
fn the_action_hands_texts_to_its_scripts_by_environment() {
    for step in action()["runs"]["steps"].as_array().unwrap() {
        assert!(!step["run"].as_str().unwrap_or("").contains("${{"), "{step}");
        if let Some(other) = step["uses"].as_str() {
            let commit = other.split_once('@').unwrap().1;
            assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{other}");
        }
    }
}

/// The workflow of the manual is one that GitHub takes, uses the released version, and grants what the action says it needs.
#[test]
fn the_workflow_of_the_readme_can_be_copied() {
    let readme = fs::read_to_string("src/cli/manual/ci.md").unwrap();
    let section = readme.split_once("\n## In CI\n").unwrap().1;
    let text = section.split_once("```yaml\n").unwrap().1.split_once("```").unwrap().0;
    let named = format!("<owner>/scalegen@v{VERSION}");
    assert!(text.contains(&named), "the page uses another version than {named}");
    let workflow: Json = serde_yaml::from_str(text).unwrap();
    let permissions = &workflow["jobs"]["scalegen"]["permissions"];
    let needed: Vec<(&str, &str)> = ACTION
        .lines()
        .filter_map(|line| line.split_once("the job needs `")?.1.split_once('`')?.0.split_once(": "))
        .collect();
    assert_eq!(needed, [("security-events", "write"), ("pull-requests", "write")]);
    for (name, level) in needed {
        assert_eq!(permissions[name], level, "{name}");
    }
    assert_eq!(workflow["permissions"], json!({}));

    // as a local action its inputs are checked too
    let folder = TempDir::new().unwrap();
    git(folder.path(), &["init", "-q"]);
    let workflows = folder.path().join(".github/workflows");
    fs::create_dir_all(&workflows).unwrap();
    fs::write(folder.path().join("action.yml"), ACTION).unwrap();
    let written = |text: &str| {
        fs::write(workflows.join("scalegen.yml"), text).unwrap();
        judge("workflows.sh", &["--written", folder.path().to_str().unwrap()])
    };
    let local = text.replace(&named, "./");
    let Some(verdict) = written(&local) else { return };
    verdict.accepted("the README's workflow", &local);
    let wrong = written(&local.replace("- uses: ./\n", "- uses: ./\n        with:\n          path: x\n")).unwrap();
    assert!(!wrong.accepted && wrong.err.contains("input \"path\" is not defined"), "{}", wrong.err);
}
