//! The README says what the tool says: its tables are generated, and the output it shows is what the commands print.
//!
//! `UPDATE=1 cargo test` writes both again.

use crate::cli::program::scalegen;
use crate::common::golden::golden;
use crate::common::judge::not_tested;
use crate::project::delivery::git;
use std::cell::Cell;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// Text with what stands between two marks replaced.
fn between(text: &str, name: &str, inner: &str) -> String {
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let start = text.find(&open).unwrap_or_else(|| panic!("the README has no {open}")) + open.len();
    let end = start + text[start..].find(&close).unwrap();
    format!("{}{inner}{}", &text[..start], &text[end..])
}

/// The README and the pages of the manual that stand in files of their own.
fn texts() -> Vec<PathBuf> {
    let folder = fs::read_dir("src/cli/manual").unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<PathBuf> = folder.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    all.sort();
    assert!(all.len() >= 7, "{all:?}");
    all.push("src/lsp/editors.md".into());
    all.push("tests/README.md".into());
    all.insert(0, "README.md".into());
    all
}

/// A text with its outputs as the commands print them now, and how many there are.
fn shown(text: &str) -> (String, usize) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut fresh = String::new();
    let mut rest = text;
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
    (fresh, shown)
}

#[test]
fn the_readme_and_the_manual_show_what_the_commands_print() {
    let mut all = 0;
    for path in texts() {
        let text = fs::read_to_string(&path).unwrap();
        let (mut fresh, outputs) = shown(&text);
        all += outputs;
        if text.contains("<!-- targets -->") {
            let table = scalegen(Path::new(env!("CARGO_MANIFEST_DIR")), &["targets", "--format", "markdown"]);
            fresh = between(&fresh, "targets", &table.out);
        }
        golden(&path.to_string_lossy(), &fresh);
    }
    assert!(all >= 8, "only {all} outputs are shown");
}

#[test]
fn the_readme_is_short_and_its_spec_is_the_one_that_its_commands_render() {
    let text = fs::read_to_string("README.md").unwrap();
    assert!(text.lines().count() <= 200, "{} lines", text.lines().count());
    let spec = text.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(spec, fs::read_to_string("fixtures/scenarios/first/scalegen.yaml").unwrap());
    assert!(spec.lines().count() <= 30);
    for (path, link) in texts().iter().flat_map(|path| links(path)) {
        assert!(path.join(&link).exists(), "{link} in {}", path.display());
    }
}

/// The files that a page leads to, with the folder that they are relative to.
fn links(page: &Path) -> Vec<(PathBuf, String)> {
    let text = fs::read_to_string(page).unwrap();
    let mut all = Vec::new();
    for rest in text.split("](").skip(1) {
        let to = rest.split([')', '#']).next().unwrap().to_owned();
        if !to.is_empty() && !to.contains("://") {
            all.push((page.parent().unwrap().to_path_buf(), to));
        }
    }
    all
}

/// The examples of the language's page are whole specs.
#[test]
fn the_specs_of_the_manual_lint() {
    let text = fs::read_to_string("src/cli/manual/language.md").unwrap();
    let specs: Vec<&str> = text.split("```yaml\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    assert!(specs.len() >= 3 && specs.iter().all(|spec| spec.starts_with("version: 1")), "{specs:#?}");
    for spec in specs {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join("scalegen.yaml"), spec).unwrap();
        let ran = scalegen(dir.path(), &["lint", "--fail-level", "warning"]);
        assert_eq!(ran.code, 0, "{spec}\n{}{}", ran.out, ran.err);
    }
}

/// The programs that the README's commands begin with.
const PROGRAMS: &[&str] = &["bash", "cargo", "docker", "pip", "pre-commit", "prek", "python3", "scalegen"];

/// Every command of a page in its order: the lines of `sh` blocks without their remarks, and code between backticks that
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
    /// Whether the next command belongs to the folder of the last one.
    goes_on: Cell<bool>,
}

impl Reader {
    fn new() -> Reader {
        let reader = Reader { folder: TempDir::new().unwrap(), goes_on: Cell::new(false) };
        let (root, path) = (Path::new(env!("CARGO_MANIFEST_DIR")), reader.folder.path());
        for folder in ["bin", "home", "here", "own"] {
            fs::create_dir(path.join(folder)).unwrap();
        }
        symlink(root.join("fixtures"), path.join("here/fixtures")).unwrap();
        symlink(env!("CARGO_BIN_EXE_scalegen"), path.join("bin/scalegen")).unwrap();
        fs::write(path.join("own/scalegen.yaml"), OWN).unwrap();
        fs::copy("fixtures/scenarios/first/docker-compose.yml", path.join("own/docker-compose.yml")).unwrap();
        git(&path.join("own"), &["init", "-q", "-b", "main"]);
        git(&path.join("own"), &["add", "-A"]);
        git(&path.join("own"), &["commit", "-q", "-m", "x"]);
        git(&path.join("own"), &["update-ref", "refs/remotes/origin/main", "HEAD"]);
        // what builds for minutes is tried elsewhere: the wheel, the hooks, and the action's own job
        let elsewhere: [(&str, &[&str]); 7] = [
            ("cargo", &["install --locked --path .", "binstall scalegen"]),
            ("pip", &["install ."]),
            ("prek", &["install"]),
            ("pre-commit", &["install"]),
            ("npm", &["ci", "run build"]),
            ("npx", &["@vscode/vsce package --allow-missing-repository --skip-license"]),
            ("code", &["--install-extension scalegen-0.1.0.vsix"]),
        ];
        for (program, known) in elsewhere {
            let known: Vec<String> = known.iter().map(|args| format!("[ \"$*\" = '{args}' ]")).collect();
            reader.program(program, &known.join(" || "));
        }
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
        let path = self.folder.path();
        // what follows an import goes on in its folder, up to the program that reads what was written
        let folder = match command {
            "scalegen init" => "new",
            "scalegen import docker-compose.yml" => "compose",
            "scalegen import k8s/" => "manifests",
            _ if command.contains(" chart/") => "charts",
            _ if command.contains("fixtures/") => "here",
            _ if self.goes_on.get() => "compose",
            _ => "own",
        };
        self.goes_on.set(folder == "compose" && !command.starts_with("docker"));
        if ["new", "charts"].contains(&folder) || command.contains(" import ") {
            let _ = fs::remove_dir_all(path.join(folder));
            fs::create_dir(path.join(folder)).unwrap();
        }
        if folder == "manifests" {
            fs::create_dir(path.join("manifests/k8s")).unwrap();
            fs::write(path.join("manifests/k8s/web.yaml"), MANIFEST).unwrap();
        }
        if folder == "charts" {
            fs::create_dir_all(path.join("charts/chart/templates")).unwrap();
            for (name, text) in CHART {
                fs::write(path.join("charts/chart").join(name), text).unwrap();
            }
        }
        if command.contains(" import ") && folder == "compose" {
            fs::copy("fixtures/scenarios/first/docker-compose.yml", path.join("compose/docker-compose.yml")).unwrap();
        }
        // the commands are no session: what `scale` changed is as it was
        git(&path.join("own"), &["checkout", "-q", "--", "scalegen.yaml"]);
        let programs = format!("{}:{}", path.join("bin").display(), std::env::var("PATH").unwrap());
        // what goes on until it is stopped is stopped, and that is how it ends
        let command = match command.contains("--watch") {
            true => format!("timeout -s TERM 3 {command}; [ $? = 124 ]"),
            false => command.to_owned(),
        };
        let mut shell = Command::new("sh");
        shell.args(["-c", &command]).current_dir(path.join(folder)).env_clear();
        shell.env("PATH", programs).env("HOME", path.join("home")).output().unwrap()
    }
}

/// What a reader who imports values of a chart has.
const CHART: [(&str, &str); 4] = [
    ("Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n"),
    ("values.yaml", "replicaCount: 2\nimage: { repository: example/web }\n"),
    ("values-prod.yaml", "replicaCount: 3\n"),
    (
        "templates/deployment.yaml",
        "spec: { replicas: {{ .Values.replicaCount }}, image: {{ .Values.image.repository }} }\n",
    ),
];

/// What a reader who imports manifests has.
const MANIFEST: &str = "apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: 'example/web:1' }] }
";

#[test]
fn every_command_of_the_readme_and_the_manual_runs_as_it_is_written() {
    let all: Vec<String> = texts().iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let (reader, commands) = (Reader::new(), commands(&all.concat()));
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
        if command.starts_with("cargo") && command.contains("&&") {
            // the reader did nothing wrong
            assert_eq!((out.as_str(), err.as_str()), ("wrote deploy/compose/compose.override.yaml\n", ""), "{command}");
        }
        if command.starts_with("docker") && command.contains("fixtures/") {
            assert_eq!(err, "", "{command}");
            for part in ["replicas: 2", "replicas: 4", "published: 8080-8081"] {
                assert!(out.contains(part), "{command}: {part} in {out}");
            }
        }
    }
}
