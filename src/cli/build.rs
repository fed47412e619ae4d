//! Cargo's build script, no part of the program: makes the version that `--version` prints, with the commit if one is known.
//! Never fails a build, and knows no date, host or folder: two builds of one commit are equal.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// What a binary is made of: a change elsewhere makes no other program.
const SOURCES: [&str; 5] = ["Cargo.toml", "Cargo.lock", "schemas", "src", "templates"];

fn main() {
    println!("cargo:rerun-if-env-changed=SCALEGEN_COMMIT");
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let said = env::var("SCALEGEN_COMMIT").ok().filter(|commit| !commit.is_empty());
    // a debug build looks for none: each commit would build everything again
    let debug = env::var("PROFILE").is_ok_and(|profile| profile == "debug");
    println!("cargo:rerun-if-changed=src/cli/build.rs");
    let commit = match said {
        Some(commit) => Some(short(&commit)),
        None if debug => None,
        None => packaged().or_else(checked_out),
    };
    match commit {
        Some(commit) => println!("cargo:rustc-env=SCALEGEN_VERSION={version} ({commit})"),
        None => println!("cargo:rustc-env=SCALEGEN_VERSION={version}"),
    }
}

fn short(commit: &str) -> String {
    commit.chars().take(9).collect()
}

/// The commit that `cargo package` wrote down.
fn packaged() -> Option<String> {
    let text = fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let commit = short(text.split_once("\"sha1\"")?.1.split('"').nth(1)?);
    Some(if text.contains("\"dirty\": true") { commit + "-dirty" } else { commit })
}

/// The commit of the git checkout this folder is; a folder inside somebody else's repository is none.
fn checked_out() -> Option<String> {
    if !Path::new(".git").exists() {
        return None;
    }
    for changed in SOURCES.into_iter().map(str::to_owned).chain(git(&["rev-parse", "--git-path", "logs/HEAD"])) {
        println!("cargo:rerun-if-changed={changed}");
    }
    let commit = short(&git(&["rev-parse", "HEAD"])?);
    let mut status = vec!["--no-optional-locks", "status", "--porcelain", "--"];
    status.extend(SOURCES);
    Some(if git(&status)?.is_empty() { commit } else { commit + "-dirty" })
}

fn git(args: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    command.args(args);
    // inside a git hook these lead to the repository that the hook is for
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
        command.env_remove(name);
    }
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
