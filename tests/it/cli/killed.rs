//! Kills and errors at single system calls: after each one every file is whole, `--check` shows which is old, the next run
//! removes what is left, and a run that says it succeeded has done all of it.
//!
//! strace counts the calls of an undisturbed run, then ends or fails each of them in a run of its own.

use crate::cli::faults::{BASELINE, DOCS, FIX, INIT, RENDER, REPORT, SCALE, binary, prepare, tree, unspoiled};
use crate::common::judge::{not_tested, say};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use tempfile::TempDir;

const FRESH: &[&str] = &["render", "scalegen.yaml", "--out", "fresh"];

type Tree = BTreeMap<PathBuf, Vec<u8>>;

/// One call of an undisturbed run, after it has begun to read: its name, its number among its kind, how it was made.
struct Call {
    name: String,
    number: usize,
    text: String,
}

impl Call {
    /// Whether it changes what stands on the disk.
    fn changes(&self) -> bool {
        let is = |names: &[&str]| names.iter().any(|name| self.name.starts_with(name));
        is(&["write", "rename", "unlink", "mkdir", "rmdir", "fsync", "fchmod", "fchown", "ftruncate"])
            || (is(&["open"]) && self.text.contains("O_CREAT"))
    }

    /// Whether another run may make it fewer times: threads share the syncs of many files, and how many of them the traced
    /// thread makes depends on what else the machine does.
    fn is_shared(&self, run: &[&str]) -> bool {
        run == DOCS && self.name.starts_with("fsync")
    }

    /// The errors that the system may answer with.
    fn errors(&self) -> &'static [&'static str] {
        match self.name.as_str() {
            "write" => &["ENOSPC", "EIO", "EINTR"],
            "open" | "openat" => &["EIO", "EINTR", "ENOENT"],
            "fsync" => &["EIO", "EINTR"],
            "rename" | "renameat" | "renameat2" => &["EIO", "EACCES"],
            "close" => &["EIO"],
            "unlink" | "unlinkat" | "mkdir" | "mkdirat" | "flock" | "fchmod" | "fchown" | "readlink" | "getdents64"
            | "stat" | "lstat" | "fstat" | "statx" => &["EIO"],
            _ => &[],
        }
    }

    fn inject(&self, what: &str) -> String {
        format!("{}:{what}:when={}", self.name, self.number)
    }
}

/// A folder in which an earlier run was killed, too.
fn prepared() -> TempDir {
    // in memory where there is some: a site syncs a hundred files
    let memory = Path::new("/dev/shm");
    let dir = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap();
    prepare(dir.path());
    for folder in [".", "deploy/compose", "deploy/nginx", "reports", "site", "starter", "known"] {
        fs::write(dir.path().join(folder).join(".scalegen-tmp-1-0"), "half").unwrap();
    }
    dir
}

/// A tree without the leftovers in folders that this run does not write into.
fn compared(dir: &Path, run: &[&str]) -> Tree {
    let own: &[&str] = match run {
        run if run == RENDER => &["deploy/compose", "deploy/nginx"],
        run if run == REPORT => &["reports"],
        run if run == FRESH => &["fresh/compose", "fresh/nginx"],
        run if run == DOCS => &["site", "site/rules", "site/targets"],
        run if run == INIT => &["starter"],
        run if run == BASELINE => &["known"],
        _ => &[""],
    };
    let mut tree = tree(dir);
    tree.retain(|path, _| !is_temporary(path) || own.iter().any(|folder| path.parent() == Some(Path::new(folder))));
    tree
}

fn is_temporary(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".scalegen-tmp-"))
}

fn strace(dir: &Path, options: &[&str], run: &[&str]) -> Output {
    Command::new("strace")
        .args(["-qq", "-o", "/dev/null"])
        .args(options)
        .arg(env!("CARGO_BIN_EXE_scalegen"))
        .args(run)
        .current_dir(dir)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The calls of a run; none where strace cannot be had.
fn calls(run: &[&str]) -> Option<Vec<Call>> {
    let (dir, log) = (prepared(), TempDir::new().unwrap());
    let log = log.path().join("log");
    let traced = Command::new("strace")
        .args(["-qq", "-e", "trace=%file,%desc", "-o"])
        .arg(&log)
        .arg(env!("CARGO_BIN_EXE_scalegen"))
        .args(run)
        .current_dir(dir.path())
        .stdout(Stdio::null())
        .output();
    match traced {
        Ok(output) if output.status.success() => {}
        Ok(output) if !String::from_utf8_lossy(&output.stderr).contains("ptrace") => {
            panic!("{run:?}: {}", String::from_utf8_lossy(&output.stderr))
        }
        _ => {
            not_tested("kills and errors at system calls: strace is not here or may not trace");
            return None;
        }
    }
    let text = fs::read_to_string(log).unwrap();
    // what comes before is the loading of the program; what reads nothing begins with what it writes
    let spec = run.iter().find(|arg| arg.ends_with(".yaml")).unwrap_or(&"\"site\"");
    let (mut calls, mut counts, mut begun) = (Vec::new(), BTreeMap::<&str, usize>::new(), false);
    for line in text.lines() {
        let Some((name, rest)) = line.split_once('(').filter(|(name, _)| !name.contains(['+', '-', ' '])) else {
            continue;
        };
        let number = counts.entry(name).or_default();
        *number += 1;
        begun |= name != "execve" && rest.contains(spec);
        if begun {
            calls.push(Call { name: name.to_owned(), number: *number, text: rest.to_owned() });
        }
    }
    Some(calls)
}

/// The paths that are in neither of two whole states.
fn torn(now: &Tree, before: &Tree, after: &Tree) -> Vec<PathBuf> {
    let all: BTreeSet<&PathBuf> = now.keys().chain(before.keys()).chain(after.keys()).collect();
    let whole = |path: &&PathBuf| {
        let is = now.get(*path);
        is_temporary(path) || is == before.get(*path) || is == after.get(*path)
    };
    all.into_iter().filter(|path| !whole(path)).cloned().collect()
}

/// Why what stands after a kill, or after the run that follows, is not right.
fn after_a_kill(dir: &Path, run: &[&str], before: &Tree, after: &Tree) -> Result<(), String> {
    let now = compared(dir, run);
    let torn = torn(&now, before, after);
    if !torn.is_empty() {
        return Err(format!("neither old nor new: {torn:?}"));
    }
    if run == RENDER || run == FRESH {
        let check = binary(dir).args(run).arg("--check").output().unwrap();
        let said = String::from_utf8_lossy(&check.stdout);
        for (path, text) in
            after.iter().filter(|(path, text)| before.get(*path) != Some(*text) && path.extension().is_some())
        {
            let old = now.get(path) != Some(text);
            if said.contains(&*path.to_string_lossy()) != old {
                return Err(format!(
                    "{} is {}, and --check says {said}",
                    path.display(),
                    if old { "old" } else { "new" }
                ));
            }
        }
        let left = now.keys().any(|path| is_temporary(path));
        if said.contains("left over") != left || (check.status.code() == Some(0)) != (!left && now == *after) {
            return Err(format!("--check ends with {}: {said}", check.status));
        }
    }
    let next = binary(dir).args(run).output().unwrap();
    let now = compared(dir, run);
    if !next.status.success() || now != *after {
        let different: Vec<&PathBuf> = now.keys().filter(|path| now.get(*path) != after.get(*path)).collect();
        return Err(format!("the next run leaves {different:?}: {}", String::from_utf8_lossy(&next.stderr)));
    }
    Ok(())
}

/// Why what stands after a failed call is not right.
fn after_an_error(output: &Output, call: &Call, now: &Tree, before: &Tree, after: &Tree) -> Result<(), String> {
    let said = String::from_utf8_lossy(&output.stderr);
    let mut torn = torn(now, before, after);
    // a report of the files that could be read, which are none
    let of_none = |path: &PathBuf| String::from_utf8_lossy(&now[path]).contains("\"files\": 0");
    torn.retain(|path| !(said.contains("cannot read scalegen.yaml") && of_none(path)));
    if !torn.is_empty() {
        return Err(format!("neither old nor new: {torn:?}"));
    }
    // nobody can remove what cannot be removed
    let removes = call.name.starts_with("unlink") || call.name == "getdents64" || call.name == "flock";
    let left: Vec<&PathBuf> = now.keys().filter(|path| is_temporary(path)).collect();
    match output.status.code() {
        Some(0) => {
            let done = now.iter().filter(|(path, _)| !is_temporary(path)).eq(after.iter());
            let clean =
                left.is_empty() || removes || call.text.contains("O_DIRECTORY") || call.text.contains("O_RDONLY");
            if !done || !clean {
                return Err(format!("it says all is well, and {left:?} are left; all new: {done}"));
            }
        }
        Some(2) => {
            let named = [
                "deploy",
                "fresh",
                "reports",
                "site",
                "starter",
                "known",
                ".yaml",
                ".scalegen.toml",
                "the output",
                "into .",
                "is written",
            ];
            if !said.lines().any(|line| line.starts_with("scalegen: ")) || !named.iter().any(|name| said.contains(name))
            {
                return Err(format!("no file is named: {said}"));
            }
            // what an earlier run left may still be there where this one did not come so far
            let own = left.iter().find(|path| !path.ends_with(".scalegen-tmp-1-0"));
            if let Some(own) = own.filter(|_| !call.name.starts_with("unlink")) {
                return Err(format!("{} is left: {said}", own.display()));
            }
        }
        _ => return Err(format!("ended with {}: {said}", output.status)),
    }
    Ok(())
}

/// So many calls of the run that writes the manual are tried.
const OF_DOCS: usize = 60;

static TRIED: AtomicUsize = AtomicUsize::new(0);

fn every_call(run: &[&str]) {
    let Some(calls) = calls(run) else { return };
    let after = if run == FRESH {
        let dir = prepared();
        assert!(binary(dir.path()).args(run).stdout(Stdio::null()).status().unwrap().success());
        compared(dir.path(), run)
    } else {
        unspoiled(run)
    };
    let mut wrong = Vec::new();
    let mut tried = (0, 0);
    // a site has a hundred files, written one as the other: some of their calls stand for all
    let step = if run == DOCS { calls.len() / OF_DOCS + 1 } else { 1 };
    for call in calls.iter().step_by(step) {
        if call.changes() {
            let dir = prepared();
            let before = compared(dir.path(), run);
            let output = strace(dir.path(), &["-e", &format!("inject={}", call.inject("signal=KILL"))], run);
            if call.is_shared(run) && output.status.success() {
                assert_eq!(compared(dir.path(), run), after, "{run:?}: {} was not reached", call.inject("signal=KILL"));
            } else {
                assert_eq!(output.status.signal(), Some(9), "{run:?}: {}", call.inject("signal=KILL"));
                if let Err(why) = after_a_kill(dir.path(), run, &before, &after) {
                    wrong.push(format!("killed at {}({}: {why}", call.name, call.text));
                }
                tried.0 += 1;
            }
        }
        for error in call.errors() {
            let dir = prepared();
            let before = compared(dir.path(), run);
            let inject = format!("inject={}", call.inject(&format!("error={error}")));
            let output = strace(dir.path(), &["-e", &inject], run);
            let now = compared(dir.path(), run);
            // the standard library ends a program that cannot close a folder
            let ended = String::from_utf8_lossy(&output.stderr).contains("unexpected error during closedir");
            let outcome = match ended && call.name == "close" {
                true => after_a_kill(dir.path(), run, &before, &after),
                false => after_an_error(&output, call, &now, &before, &after),
            };
            if let Err(why) = outcome {
                wrong.push(format!("{error} at {}({}: {why}", call.name, call.text));
            }
            tried.1 += 1;
        }
    }
    assert!(wrong.is_empty(), "{run:?}, {} of {tried:?} went wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried.0 > 4 && tried.1 > 20, "{run:?}: only {tried:?} kills and errors");
    let all = TRIED.fetch_add(tried.0 + tried.1, Relaxed) + tried.0 + tried.1;
    say(&format!(
        "fault table: `{}` killed at {} calls, failed at {}: nothing lost ({all} so far)",
        run.join(" "),
        tried.0,
        tried.1
    ));
}

#[test]
fn render_survives_every_call() {
    every_call(RENDER);
}

#[test]
fn a_first_render_survives_every_call() {
    every_call(FRESH);
}

#[test]
fn scale_survives_every_call() {
    every_call(SCALE);
}

#[test]
fn fix_survives_every_call() {
    every_call(FIX);
}

#[test]
fn a_report_survives_every_call() {
    every_call(REPORT);
}

#[test]
fn docs_survive_many_calls() {
    every_call(DOCS);
}

#[test]
fn init_survives_every_call() {
    every_call(INIT);
}

#[test]
fn a_baseline_survives_every_call() {
    every_call(BASELINE);
}

/// The system would end a program that writes past the bound: it is said before.
#[test]
fn a_bound_on_files_is_an_error_and_loses_nothing() {
    for run in [RENDER, SCALE, FIX, REPORT, DOCS, INIT, BASELINE] {
        let dir = prepared();
        let before = compared(dir.path(), run);
        let output = Command::new("sh")
            .args(["-c", "ulimit -f 0; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_scalegen")])
            .args(run)
            .current_dir(dir.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{run:?}: {said}");
        assert!(said.contains(": file too large; "), "{run:?}: {said}");
        after_a_kill(dir.path(), run, &before, &unspoiled(run)).unwrap();
    }
}

/// Between the reading and the writing of a spec an editor saves it.
#[test]
fn a_file_that_changes_meanwhile_is_not_written_over() {
    for (run, file) in [(SCALE, "scalegen.yaml"), (FIX, "faulty.yaml")] {
        let Some(calls) = calls(run) else { return };
        let sync = calls.iter().find(|call| call.name == "fsync").unwrap();
        let dir = prepared();
        let inject = format!("inject={}", sync.inject("delay_enter=1000000"));
        let tracer = Command::new("strace")
            .args(["-qq", "-o", "/dev/null", "-e", &inject, env!("CARGO_BIN_EXE_scalegen")])
            .args(run)
            .current_dir(dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let staged = |dir: &Path| {
            let mut names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
            names.any(|name| name.to_string_lossy().contains("-tmp-") && name != ".scalegen-tmp-1-0")
        };
        while !staged(dir.path()) {
            std::thread::yield_now();
        }
        fs::write(dir.path().join(file), "version: 1 # saved meanwhile\n").unwrap();
        let output = tracer.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(&format!("cannot write {file}: it was changed meanwhile; run again")), "{said}");
        assert_eq!(fs::read_to_string(dir.path().join(file)).unwrap(), "version: 1 # saved meanwhile\n");
    }
}

/// Files enough to be synced by several threads: one that the disk refuses, and a kill in the midst of it.
#[test]
fn a_render_of_many_files_is_all_or_nothing_too() {
    if calls(SCALE).is_none() {
        return;
    }
    let many = |replicas: usize| {
        let services = (0..30).map(|number| format!("  s{number}:\n    image: a:1\n    replicas: {replicas}\n"));
        format!("version: 1\nname: many\nservices:\n{}targets: {{kubernetes: {{}}}}\n", services.collect::<String>())
    };
    let dir = TempDir::new().unwrap();
    let run = |replicas: usize, inject: &str| {
        fs::write(dir.path().join("scalegen.yaml"), many(replicas)).unwrap();
        strace(dir.path(), &["-f", "-e", inject], &["render", "scalegen.yaml", "--out", "deploy"])
    };
    let deploy = || {
        let mut tree = tree(dir.path());
        tree.remove(Path::new("scalegen.yaml"));
        tree
    };
    assert!(run(2, "trace=none").status.success());
    let old = deploy();
    assert!(old.len() > 30, "{}", old.len());
    // strace counts for each thread; of 31 files in at most 16 threads one has two
    for number in [1, 2] {
        let failed = run(3, &format!("inject=fsync:error=EIO:when={number}"));
        let said = String::from_utf8_lossy(&failed.stderr);
        assert_eq!(failed.status.code(), Some(2), "{said}");
        assert!(said.contains("; nothing was changed"), "{said}");
        assert!(deploy() == old, "a file was changed, or left over");
        let killed = run(3, &format!("inject=fsync:signal=KILL:when={number}"));
        assert_eq!(killed.status.signal(), Some(9));
        let mut left = deploy();
        left.retain(|path, _| !is_temporary(path));
        assert!(left == old, "a file was changed before all were synced");
    }
    let done = run(3, "trace=none");
    assert!(done.status.success());
    let new = deploy();
    assert!(new.len() == old.len() && new != old && new.keys().all(|path| !is_temporary(path)));
}
