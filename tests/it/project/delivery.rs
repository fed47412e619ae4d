//! What is shipped: the version with its commit, the wheel and its list of parts.

use crate::common::judge::{Verdict, judge};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Runs a program that must succeed and gives what it prints.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {err}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs git in a folder, as nobody in particular; what it prints, without the last line's end.
pub fn git(folder: &Path, args: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(folder).args([
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@x.invalid",
        "-c",
        "commit.gpgsign=false",
    ]);
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
    run(command.args(args)).trim().to_owned()
}

/// The build script as cargo would run it.
struct Script {
    folder: TempDir,
    program: PathBuf,
}

impl Script {
    fn new() -> Script {
        let folder = TempDir::new().unwrap();
        let program = folder.path().join("script");
        run(Command::new("rustc").args(["--edition", "2024", "-o"]).arg(&program).arg("src/cli/build.rs"));
        Script { folder, program }
    }

    /// A folder with the files that the script looks at.
    fn package(&self, name: &str) -> PathBuf {
        let package = self.folder.path().join(name);
        fs::create_dir_all(package.join("src")).unwrap();
        for file in ["Cargo.toml", "src/main.rs", "README.md"] {
            fs::write(package.join(file), file).unwrap();
        }
        package
    }

    /// What `--version` would print after the name.
    fn version(&self, package: &Path, env: &[(&str, &str)]) -> String {
        let mut command = Command::new(&self.program);
        command.current_dir(package).env_remove("SCALEGEN_COMMIT");
        command.env("CARGO_PKG_VERSION", "1.2.3").env("PROFILE", "release").envs(env.iter().copied());
        let out = run(&mut command);
        let versions: Vec<&str> =
            out.lines().filter_map(|line| line.strip_prefix("cargo:rustc-env=SCALEGEN_VERSION=")).collect();
        assert_eq!(versions.len(), 1, "{out}");
        versions[0].to_owned()
    }
}

#[test]
fn the_version_carries_the_commit_where_one_is_known() {
    let script = Script::new();
    let checkout = script.package("checkout");
    git(&checkout, &["init", "-q"]);
    git(&checkout, &["add", "-A"]);
    git(&checkout, &["commit", "-q", "-m", "x"]);
    let commit = git(&checkout, &["rev-parse", "HEAD"]);
    let clean = format!("1.2.3 ({})", &commit[..9]);
    assert_eq!(script.version(&checkout, &[]), clean);
    // a debug build names none, or each commit would build the tests again
    assert_eq!(script.version(&checkout, &[("PROFILE", "debug")]), "1.2.3");
    // no git at all
    assert_eq!(script.version(&checkout, &[("PATH", "/nowhere")]), "1.2.3");
    // what the packager says
    let said = [("SCALEGEN_COMMIT", "0123456789abcdef0123456789abcdef01234567")];
    assert_eq!(script.version(&checkout, &said), "1.2.3 (012345678)");
    assert_eq!(script.version(&checkout, &[("SCALEGEN_COMMIT", "")]), clean);

    // inside a hook of another repository
    let other = script.package("other");
    git(&other, &["init", "-q"]);
    git(&other, &["commit", "-q", "--allow-empty", "-m", "y"]);
    let hook = [("GIT_DIR", other.join(".git")), ("GIT_INDEX_FILE", other.join(".git/index"))];
    let hook: Vec<_> = hook.iter().map(|(name, path)| (*name, path.to_str().unwrap())).collect();
    assert_eq!(script.version(&checkout, &hook), clean);

    // a tarball unpacked in somebody's repository
    let unpacked = script.package("other/vendor/scalegen");
    assert_eq!(script.version(&unpacked, &[]), "1.2.3");
    // as cargo packs it
    let info = r#"{"git": {"sha1": "fedcba9876543210fedcba9876543210fedcba98"}, "path_in_vcs": ""}"#;
    fs::write(unpacked.join(".cargo_vcs_info.json"), info).unwrap();
    assert_eq!(script.version(&unpacked, &[]), "1.2.3 (fedcba987)");
    let info = info.replace("98\"}", "98\", \"dirty\": true}");
    fs::write(unpacked.join(".cargo_vcs_info.json"), info).unwrap();
    assert_eq!(script.version(&unpacked, &[]), "1.2.3 (fedcba987-dirty)");
    fs::write(unpacked.join(".cargo_vcs_info.json"), "{").unwrap();
    assert_eq!(script.version(&unpacked, &[]), "1.2.3");

    // only what the program is made of makes another program
    fs::write(checkout.join("README.md"), "other").unwrap();
    assert_eq!(script.version(&checkout, &[]), clean);
    fs::write(checkout.join("src/main.rs"), "other").unwrap();
    assert_eq!(script.version(&checkout, &[]), format!("1.2.3 ({}-dirty)", &commit[..9]));
}

/// The crates that Cargo.lock says the program is made of, development left out: `name version`.
fn locked() -> BTreeSet<String> {
    let args = ["metadata", "--format-version", "1", "--locked"];
    let metadata: Json = serde_json::from_str(&run(Command::new(env!("CARGO")).args(args))).unwrap();
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let mut reached = BTreeSet::new();
    let mut open = vec![metadata["resolve"]["root"].as_str().unwrap()];
    while let Some(id) = open.pop() {
        if reached.insert(id) {
            let node = nodes.iter().find(|node| node["id"] == id).unwrap();
            let deps = node["deps"].as_array().unwrap().iter();
            let shipped =
                deps.filter(|dep| dep["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"] != "dev"));
            open.extend(shipped.map(|dep| dep["pkg"].as_str().unwrap()));
        }
    }
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .filter(|package| reached.contains(package["id"].as_str().unwrap()))
        .map(|package| format!("{} {}", package["name"].as_str().unwrap(), package["version"].as_str().unwrap()))
        .collect()
}

/// What the crates are allowed to be: their licences, versions and sources, as .deny.toml says.
#[test]
fn every_crate_has_an_allowed_licence_and_comes_from_crates_io() {
    let Some(verdict) = judge("deny.sh", &[".deny.toml"]) else { return };
    verdict.accepted("Cargo.lock", "");
    // it does look at each of them
    let text = fs::read_to_string(".deny.toml").unwrap();
    let dir = TempDir::new().unwrap();
    let config = dir.path().join("deny.toml");
    for (old, new, why) in [
        ("    \"MIT\",\n", "", "rejected: license is not explicitly allowed"),
        ("[\"https://github.com/rust-lang/crates.io-index\"]", "[]", "error[source-not-allowed]"),
        ("multiple-versions = \"warn\"", "multiple-versions = \"deny\"", "error[duplicate]"),
    ] {
        assert!(text.contains(old), "{old}");
        fs::write(&config, text.replace(old, new)).unwrap();
        let Some(refused) = judge("deny.sh", &[config.to_str().unwrap()]) else { return };
        assert!(!refused.accepted && refused.err.contains(why), "{why}: {}", refused.err);
    }
}

#[test]
fn the_wheel_gives_the_command_without_rust() {
    let dir = TempDir::new().unwrap();
    let root = dir.path().to_str().unwrap();
    let Some(built) = judge("wheel.sh", &[root]) else { return };
    let wheel = built.accepted("the wheel", "").out.trim().to_owned();
    let name = Path::new(&wheel).file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with(&format!("scalegen-{VERSION}-py3-none-")), "{name}");

    // with nothing on PATH, as on a machine that has Python and no more
    let command = dir.path().join("venv/bin/scalegen");
    let installed = |args: &[&str]| {
        let output = Command::new(&command).args(args).env_clear().output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr))
    };
    assert_eq!(installed(&["--version"]), (Some(0), format!("scalegen {VERSION}\n")));
    let spec = "fixtures/broken/pool-exhausts-database.yaml";
    let ours = crate::cli::program::scalegen(Path::new("."), &["lint", "--format", "concise", spec]);
    let theirs = installed(&["lint", "--format", "concise", spec]);
    assert_eq!(theirs, (Some(1), ours.out + &ours.err));
    assert!(theirs.1.contains("error[connections-exhausted]"), "{}", theirs.1);

    let asked = "import importlib.metadata as m; print(m.metadata('scalegen'))";
    let metadata = run(Command::new(dir.path().join("venv/bin/python")).args(["-I", "-c", asked]));
    for line in [
        format!("Version: {VERSION}"),
        "License-Expression: Apache-2.0".to_owned(),
        format!("Summary: {}", env!("CARGO_PKG_DESCRIPTION")),
    ] {
        assert!(metadata.lines().any(|said| said == line), "no `{line}` in {metadata}");
    }

    // the source distribution builds elsewhere: all that the program is made of is in it, and what pins it
    let sdist = dir.path().join("dist").join(format!("scalegen-{VERSION}.tar.gz"));
    let listed = run(Command::new("tar").arg("-tzf").arg(&sdist));
    let packed: BTreeSet<&str> = listed.lines().filter_map(|line| line.split_once('/').map(|(_, path)| path)).collect();
    let made_of = ["src", "templates", "schemas", "Cargo.toml", "Cargo.lock", "LICENSE", "pyproject.toml"];
    for entry in made_of.iter().flat_map(walkdir::WalkDir::new).map(Result::unwrap) {
        let path = entry.path().to_str().unwrap();
        assert!(entry.path().is_dir() || packed.contains(path), "{path} is not in {}", sdist.display());
    }

    let bom = run(Command::new("python3").args([".github/scripts/sbom.py", &wheel]));
    assert!(!bom.contains(env!("CARGO_MANIFEST_DIR")), "the SBOM names the folder it was made in");
    let file = dir.path().join("bom.json");
    fs::write(&file, &bom).unwrap();
    judge("sbom.sh", &[file.to_str().unwrap()]).map(|verdict: Verdict| verdict.accepted("the SBOM", &bom));
    let bom: Json = serde_json::from_str(&bom).unwrap();
    let parts = bom["components"].as_array().unwrap().iter().chain([&bom["metadata"]["component"]]);
    let named: BTreeSet<String> =
        parts.map(|part| format!("{} {}", part["name"].as_str().unwrap(), part["version"].as_str().unwrap())).collect();
    assert_eq!(named, locked(), "the SBOM against Cargo.lock");
}

#[test]
fn the_workflows_pass_their_linters() {
    let Some(verdict) = judge("workflows.sh", &["."]) else { return };
    verdict.accepted("the workflows", "");
    // the linters do look: an action by its tag and a text of strangers in a script are refused
    let dir = TempDir::new().unwrap();
    let folder = dir.path().join(".github/workflows");
    fs::create_dir_all(&folder).unwrap();
    let bad = "name: x\non: pull_request\npermissions: {}\njobs:\n  x:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v7\n      - run: echo ${{ github.head_ref }}\n";
    fs::write(folder.join("bad.yml"), bad).unwrap();
    let refused = judge("workflows.sh", &[dir.path().to_str().unwrap()]).unwrap();
    assert!(!refused.accepted);
    for said in ["unpinned-uses", "template-injection"] {
        assert!(refused.err.contains(said), "{said} in {}", refused.err);
    }
}
