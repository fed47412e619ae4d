//! The README says what the tool says: its tables are generated, and the output it shows is what the commands print.
//!
//! `UPDATE=1 cargo test` writes both anew.

use crate::cli::program::scalegen;
use crate::common::golden::golden;
use crate::common::judge::not_tested;
use crate::project::delivery::git;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// Text with what stands between two marks replaced.
fn between(text: &str, name: &str, inner: &str) -> String {
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let start = text.find(&open).unwrap_or_else(|| panic!("the README has no {open}")) + open.len();
    let end = start + text[start..].find(&close).unwrap();
    format!("{}{inner}{}", &text[..start], &text[end..])
}

#[test]
fn the_readme_shows_what_the_commands_print() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("README.md")).unwrap();
    let mut fresh = String::new();
    let mut rest = text.as_str();
    let mut shown = 0;
    while let Some(at) = rest.find("```console\n$ scalegen ") {
        let (before, block) = rest.split_at(at);
        fresh.push_str(before);
        let end = block.find("\n```\n").expect("the block is closed");
        let command = block.lines().nth(1).unwrap().strip_prefix("$ scalegen ").unwrap();
        let ran = scalegen(root, &command.split(' ').collect::<Vec<_>>());
        // findings of a render go to standard error: the picture is what it writes
        let output = if ran.out.is_empty() { ran.err } else { ran.out };
        assert!(ran.code <= 1, "{command}: exit code {}: {output}", ran.code);
        fresh.push_str(&format!("```console\n$ scalegen {command}\n{}\n```\n", output.trim_end()));
        rest = &block[end + "\n```\n".len()..];
        shown += 1;
    }
    fresh.push_str(rest);
    assert!(shown >= 3, "only {shown} outputs are shown");
    for name in ["rules", "targets"] {
        let table = scalegen(root, &[name, "--format", "markdown"]);
        assert_eq!(table.code, 0);
        fresh = between(&fresh, name, &table.out);
    }
    golden("README.md", &fresh);
}

/// The programs that the README's commands begin with.
const PROGRAMS: &[&str] = &["bash", "cargo", "docker", "pip", "pre-commit", "prek", "python3", "scalegen"];

/// Every command of the README in its order: the lines of `sh` blocks without their remarks, and code between backticks that
/// begins with one of [`PROGRAMS`].
fn commands(text: &str) -> Vec<String> {
    let (mut found, mut block) = (Vec::new(), None);
    for line in text.lines() {
        match (line.strip_prefix("```"), block) {
            (Some(_), Some(_)) => block = None,
            (Some(language), None) => block = Some(language),
            (None, Some("sh")) => found.push(line.split("   #").next().unwrap().trim_end().to_owned()),
            (None, Some(_)) => {}
            (None, None) => {
                let spans = line.split('`').skip(1).step_by(2);
                found.extend(spans.filter(|span| is_command(span)).map(str::to_owned));
            }
        }
    }
    found
}

fn is_command(text: &str) -> bool {
    text.split_once(' ').is_some_and(|(program, _)| PROGRAMS.contains(&program))
}

/// A spec of one's own with what the commands name.
const OWN: &str = "version: 1
name: own
services:
  web:
    image: shop/web:1
    port: 8080
    resources: { requests: { memory: 64Mi }, limits: { memory: 128Mi } }
profiles:
  medium: { services: { web: { replicas: 2 } } }
  large: { services: { web: { replicas: 3 } } }
targets:
  compose: {}
";

/// The folders in which a reader types the commands: this repository, one of their own with a spec, and one without.
struct Reader {
    folder: TempDir,
}

impl Reader {
    fn new() -> Reader {
        let reader = Reader { folder: TempDir::new().unwrap() };
        let (root, path) = (Path::new(env!("CARGO_MANIFEST_DIR")), reader.folder.path());
        for folder in ["bin", "home", "here", "own"] {
            fs::create_dir(path.join(folder)).unwrap();
        }
        symlink(root.join("fixtures"), path.join("here/fixtures")).unwrap();
        symlink(env!("CARGO_BIN_EXE_scalegen"), path.join("bin/scalegen")).unwrap();
        fs::write(path.join("own/scalegen.yaml"), OWN).unwrap();
        git(&path.join("own"), &["init", "-q", "-b", "main"]);
        git(&path.join("own"), &["add", "-A"]);
        git(&path.join("own"), &["commit", "-q", "-m", "x"]);
        git(&path.join("own"), &["update-ref", "refs/remotes/origin/main", "HEAD"]);
        // what builds for minutes is tried elsewhere: the wheel, the hooks, and the action's own job
        for (program, args) in [("cargo", "install --locked --path ."), ("pip", "install ."), ("prek", "install")] {
            reader.program(program, &format!("[ \"$*\" = '{args}' ]"));
        }
        reader.program("pre-commit", "[ \"$*\" = install ]");
        let compose = root.join(".consumers/py/bin/docker-compose");
        reader.program("docker", &format!("[ \"$1\" = compose ] && shift && exec '{}' \"$@\"", compose.display()));
        reader
    }

    fn program(&self, name: &str, text: &str) {
        let file = self.folder.path().join("bin").join(name);
        fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs a command as it is written, with nothing set.
    fn runs(&self, command: &str) -> Output {
        let folder = match command {
            "scalegen init" | "scalegen import docker-compose.yml" => "new",
            _ if command.contains("fixtures/") => "here",
            _ => "own",
        };
        let path = self.folder.path();
        if folder == "new" {
            let _ = fs::remove_dir_all(path.join(folder));
            fs::create_dir(path.join(folder)).unwrap();
            if command.contains("import") {
                fs::copy("fixtures/scenarios/first/docker-compose.yml", path.join("new/docker-compose.yml")).unwrap();
            }
        }
        // the commands are no session: what `scale` changed is as it was
        git(&path.join("own"), &["checkout", "-q", "--", "scalegen.yaml"]);
        let programs = format!("{}:{}", path.join("bin").display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).current_dir(path.join(folder)).env_clear();
        shell.env("PATH", programs).env("HOME", path.join("home")).output().unwrap()
    }
}

#[test]
fn every_command_of_the_readme_runs_as_it_is_written() {
    let text = fs::read_to_string("README.md").unwrap();
    let (reader, commands) = (Reader::new(), commands(&text));
    for program in ["bash", "cargo", "docker", "pip", "python3", "scalegen"] {
        assert!(commands.iter().any(|command| command.starts_with(program)), "no command of {program}: {commands:#?}");
    }
    let compose = Path::new(".consumers/py/bin/docker-compose").exists();
    for command in &commands {
        // the test command itself and what takes hours: that it is there and is a script
        if let Some(script) = command.strip_prefix("bash ").or_else(|| command.strip_prefix("python3 ")) {
            let file = script.split(' ').next().unwrap();
            let parsed = match command.starts_with("bash") {
                true => Command::new("bash").args(["-n", file]).status(),
                false => Command::new("python3")
                    .args(["-c", "import ast, sys; ast.parse(open(sys.argv[1]).read())", file])
                    .status(),
            };
            assert!(parsed.unwrap().success(), "{command}");
            continue;
        }
        if command.starts_with("docker") && !compose {
            not_tested("docker compose is not installed");
            continue;
        }
        let Output { status, stdout, stderr } = reader.runs(command);
        let (out, err) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
        assert_eq!(status.code(), Some(0), "{command}: {out}{err}");
        if command.starts_with("cargo") {
            // the reader did nothing wrong
            assert_eq!((out.as_str(), err.as_str()), ("wrote deploy/compose/compose.override.yaml\n", ""), "{command}");
        }
        if command.starts_with("docker") {
            assert_eq!(err, "", "{command}");
            for part in ["replicas: 2", "replicas: 4", "published: 8080-8081"] {
                assert!(out.contains(part), "{command}: {part} in {out}");
            }
        }
    }
}
