//! What a release is made by: the scripts below .github/scripts and the workflow that runs them. The program itself is built by
//! nobody here: a small static one stands in for it, and what maturin would do with it.

use crate::project::delivery::{git, run};
use crate::project::hooks;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Runs a script; whether it succeeded, and what it printed on both streams.
fn script(path: &Path, args: &[&str]) -> (bool, String) {
    let output = Command::new("bash").arg(path).args(args).output().unwrap();
    (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

#[test]
fn a_tag_a_version_and_a_section_of_the_changes_agree_or_nothing_is_released() {
    let folder = TempDir::new().unwrap();
    let copy = folder.path().join(".github/scripts/version.sh");
    fs::create_dir_all(copy.parent().unwrap()).unwrap();
    fs::copy(".github/scripts/version.sh", &copy).unwrap();
    let manifest = "[package]\nname = \"x\"\nversion = \"1.2.0\"\n\n[dependencies]\ny = { version = \"9.9.9\" }\n";
    fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    let said = |tag: &str, changes: &str| {
        fs::write(folder.path().join("CHANGELOG.md"), changes).unwrap();
        script(&copy, &[tag])
    };
    let changes = "# Changes\n\n## [Unreleased]\n\n- not yet\n\n## [1.2.0] - 2026-12-01\n\n### Added\n\n- this [1]\n\n## [1.1.0]\n\n- that\n";
    assert_eq!(said("v1.2.0", changes), (true, "### Added\n\n- this [1]\n".to_owned()));
    let wrong = (false, "version.sh: the tag is v1.2.1, and Cargo.toml says 1.2.0\n".to_owned());
    assert_eq!(said("v1.2.1", changes), wrong);
    assert!(!said("1.2.0", changes).0 && !said("v1.2", changes).0 && !said("", changes).0);
    let missing = (false, "version.sh: CHANGELOG.md says nothing under [1.2.0]\n".to_owned());
    for changes in [
        "# Changes\n\n## [Unreleased]\n\n- this\n",
        "## [1.2.0]\n\n## [1.1.0]\n\n- that\n",
        "## [1.2.0-rc.1]\n\n- that\n",
        "## [11.2.0]\n\n- that\n",
        "## [1x2.0]\n\n- that\n",
    ] {
        assert_eq!(said("v1.2.0", changes), missing, "{changes}");
    }
}

#[test]
fn every_file_has_a_checksum_that_sha256sum_checks() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    for name in ["b.whl", "a.tar.gz", "-c.json", "d e"] {
        write(name, name);
    }
    fs::create_dir(folder.path().join("folder")).unwrap();
    let sums = |again| {
        let path = folder.path().to_str().unwrap();
        assert_eq!(script(Path::new(".github/scripts/checksums.sh"), &[path]), (true, String::new()), "{again}");
        fs::read_to_string(folder.path().join("SHA256SUMS")).unwrap()
    };
    let checked = || {
        let check = Command::new("sha256sum").current_dir(folder.path()).args(["-c", "SHA256SUMS"]).output().unwrap();
        (check.status.success(), String::from_utf8(check.stdout).unwrap())
    };
    let first = sums("first");
    let names: Vec<&str> = first.lines().map(|line| line.split_once("  ").unwrap().1).collect();
    assert_eq!(names, ["-c.json", "a.tar.gz", "b.whl", "d e"]);
    assert!(checked().0, "{}", checked().1);
    // its own earlier list is not part of it
    assert_eq!(sums("again"), first);
    write("a.tar.gz", "other");
    assert!(!checked().0 && checked().1.contains("a.tar.gz: FAILED"), "{}", checked().1);
    assert!(!script(Path::new(".github/scripts/checksums.sh"), &[]).0);
}

/// Programs that stand in for maturin and for what it builds.
struct Packing {
    folder: TempDir,
}

impl Packing {
    fn new() -> Packing {
        let packing = Packing { folder: TempDir::new().unwrap() };
        let program = "fn main() { println!(\"{:?}\", std::env::args().skip(1).collect::<Vec<_>>()) }";
        fs::write(packing.path("program.rs"), program).unwrap();
        let fixed = ["-C", "target-feature=+crt-static", "-C", "relocation-model=static"];
        for (name, flags) in [("static", &fixed[..]), ("dynamic", &[])] {
            let mut rustc = Command::new("rustc");
            rustc.current_dir(packing.folder.path()).args(flags).args([
                "--target",
                &target(),
                "-o",
                name,
                "program.rs",
            ]);
            run(&mut rustc);
        }
        packing
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A script of a checkout, with one of the programs as what maturin builds and packs into a wheel.
    fn script(&self, checkout: &Path, script: &str, program: &str, dist: &str) -> (bool, String) {
        let maturin = self.path("bin/maturin");
        fs::create_dir_all(maturin.parent().unwrap()).unwrap();
        let wheel = "import os, sys, zipfile
out = sys.argv[sys.argv.index('--out') + 1]
with zipfile.ZipFile(out + '/scalegen-py3-none-any.whl', 'w') as wheel:
    wheel.write(sys.argv[1], 'scripts/scalegen')
    sbom = '{\"serialNumber\": \"%s\", \"metadata\": {}, \"ref\": \"path+file://%s#0\"}' % (os.urandom(9).hex(), os.getcwd())
    wheel.writestr('scalegen.dist-info/sboms/scalegen.cyclonedx.json', sbom)
    wheel.writestr('scalegen.dist-info/RECORD', os.urandom(9).hex())
";
        fs::write(self.path("wheel.py"), wheel).unwrap();
        let text = format!(
            "#!/bin/sh\necho \"maturin $*\"\nenv | grep '^CARGO_ENCODED_RUSTFLAGS='\nbuilt=$CARGO_TARGET_DIR/{}/dist\n\
             mkdir -p \"$built\" && cp '{}' \"$built/scalegen\" && python3 '{}' \"$built/scalegen\" \"$@\"\n",
            target(),
            self.path(program).display(),
            self.path("wheel.py").display(),
        );
        fs::write(&maturin, text).unwrap();
        fs::set_permissions(&maturin, fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = Command::new("bash");
        command.arg(checkout.join(".github/scripts").join(script)).args([&target(), self.path(dist).to_str().unwrap()]);
        let path = format!("{}:{}", maturin.parent().unwrap().display(), std::env::var("PATH").unwrap());
        command.env("PATH", path).env("CARGO_TARGET_DIR", self.path("target")).env_remove("PROFILE");
        let output = command.output().unwrap();
        (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    }

    /// Packs this checkout around one of the programs; whether it went well, what was printed, and the archive.
    fn pack(&self, program: &str, dist: &str) -> (bool, String, Option<Vec<u8>>) {
        let (packed, said) = self.script(Path::new("."), "package.sh", program, dist);
        (packed, said, fs::read(self.archive(dist)).ok())
    }

    fn archive(&self, dist: &str) -> PathBuf {
        self.path(dist).join(format!("scalegen-{VERSION}-{}.tar.gz", target()))
    }
}

fn target() -> String {
    let about = run(Command::new("rustc").arg("-vV"));
    about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

#[test]
fn an_archive_holds_a_static_program_with_its_papers_and_has_the_same_bytes_again() {
    let packing = Packing::new();
    let (packed, said, archive) = packing.pack("static", "dist");
    assert!(packed, "{said}");
    let root = env!("CARGO_MANIFEST_DIR");
    let asked = format!("maturin build --locked --profile dist --target {} --auditwheel skip ", target());
    assert!(said.contains(&asked), "{said}");
    assert!(said.contains(&format!("--remap-path-prefix={root}=/scalegen")), "no path of this machine is left: {said}");

    let (name, unpacked) = (format!("scalegen-{VERSION}-{}", target()), packing.path("unpacked"));
    fs::create_dir(&unpacked).unwrap();
    let file = packing.archive("dist");
    run(Command::new("tar").arg("-xzf").arg(&file).arg("-C").arg(&unpacked));
    let listed = run(Command::new("tar").arg("-tzf").arg(&file));
    let inside: Vec<&str> = listed.lines().filter_map(|line| line.strip_prefix(&name)).collect();
    let files =
        ["/", "/CHANGELOG.md", "/LICENSE", "/NOTICES.txt", "/README.md", "/completions/", "/completions/_scalegen"];
    let files = [&files[..], &["/completions/scalegen.bash", "/completions/scalegen.fish", "/scalegen"]].concat();
    assert_eq!(inside, files);
    let folder = unpacked.join(&name);
    assert_eq!(run(Command::new(folder.join("scalegen")).arg("works")), "[\"works\"]\n");
    assert_eq!(fs::read_to_string(folder.join("completions/_scalegen")).unwrap(), "[\"completions\", \"zsh\"]\n");
    let notices = fs::read_to_string(folder.join("NOTICES.txt")).unwrap();
    for text in ["\nclap 4.", "\nminijinja 3.", "\nlibyaml-rs ", "Permission is hereby granted, free of charge"] {
        assert!(notices.contains(text), "{text}");
    }
    // parts of the tests and of macros are no part of the program
    assert!(!notices.contains("\nproptest ") && !notices.contains("\nserde_derive "), "{notices}");

    let (_, _, again) = packing.pack("static", "elsewhere");
    assert!(archive.is_some() && archive == again, "the same files pack to the same bytes");

    let (packed, said, archive) = packing.pack("dynamic", "third");
    assert!(!packed && archive.is_none() && said.contains("dist/scalegen is not static"), "{said}");
}

/// The comparison of two builds: told apart by a byte of the archive, a file of the wheel or a part of the SBOM, and by no more.
#[test]
fn a_commit_that_builds_to_other_bytes_elsewhere_is_told() {
    let packing = Packing::new();
    let checkout = packing.path("checkout");
    fs::create_dir(&checkout).unwrap();
    hooks::copied(&checkout);
    git(&checkout, &["init", "-q"]);
    git(&checkout, &["add", "-A"]);
    git(&checkout, &["commit", "-q", "-m", "x"]);
    let (packed, said) = packing.script(&checkout, "package.sh", "static", "dist");
    assert!(packed, "{said}");
    let again = || packing.script(&checkout, "reproduce.sh", "static", "dist");
    let (same, said) = again();
    assert!(same, "{said}");
    assert_eq!(said.matches("from another folder").count(), 2, "{said}");

    let archive = packing.archive("dist");
    let bytes = fs::read(&archive).unwrap();
    let mut other = bytes.clone();
    other[9] ^= 1;
    fs::write(&archive, other).unwrap();
    let (same, said) = again();
    assert!(!same && said.contains("differ: byte 10"), "{said}");
    fs::write(&archive, bytes).unwrap();

    let wheel = packing.path("dist/scalegen-py3-none-any.whl");
    let bytes = fs::read(&wheel).unwrap();
    for (file, old, new) in
        [("scripts/scalegen", "", "x"), ("scalegen.dist-info/sboms/scalegen.cyclonedx.json", "ref", "href")]
    {
        let change = "import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    files = {name: wheel.read(name) for name in wheel.namelist()}
files[sys.argv[2]] = files[sys.argv[2]].replace(sys.argv[3].encode(), sys.argv[4].encode(), 1)
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    for name, content in files.items():
        wheel.writestr(name, content)
";
        run(Command::new("python3").args(["-c", change, wheel.to_str().unwrap(), file, old, new]));
        let (same, said) = again();
        assert!(
            !same && said.contains(".tar.gz: the same bytes") && !said.contains(".whl: the same"),
            "{file}: {said}"
        );
        fs::write(&wheel, &bytes).unwrap();
    }
    assert!(again().0);
}

/// Who builds it waits for no fat link; what is released has one.
#[test]
fn a_release_has_the_fat_link_and_an_installation_has_not() {
    let manifest: toml::Table = toml::from_str(&fs::read_to_string("Cargo.toml").unwrap()).unwrap();
    let profile = |name: &str, key: &str| manifest["profile"][name].get(key).cloned();
    assert_eq!(profile("dist", "lto"), Some("fat".into()));
    assert_eq!(profile("dist", "codegen-units"), Some(1.into()));
    assert_eq!(profile("dist", "inherits"), Some("release".into()));
    assert_ne!(profile("release", "lto"), Some("fat".into()));
    assert_ne!(profile("release", "lto"), Some(true.into()));
    assert_eq!(profile("release", "codegen-units"), Some(16.into()));
    // the profile that the packing script takes without being told, and nobody tells it
    let script = fs::read_to_string(".github/scripts/package.sh").unwrap();
    assert!(script.contains("\nprofile=${PROFILE:-dist}\n"), "{script}");
    assert!(!fs::read_to_string(".github/workflows/release.yml").unwrap().contains("PROFILE"));
}

/// Run by hand, nothing can be released: only one job may write, and it runs for tags alone. What it ships is what the action asks for.
#[test]
fn only_a_tag_releases() {
    let workflow: Json = serde_yaml::from_str(&fs::read_to_string(".github/workflows/release.yml").unwrap()).unwrap();
    assert_eq!(workflow["permissions"], json!({}));
    let on: BTreeMap<String, Json> = serde_json::from_value(workflow["on"].clone()).unwrap();
    assert_eq!(on.keys().collect::<Vec<_>>(), ["push", "workflow_dispatch"]);
    assert_eq!(on["push"], json!({"tags": ["v*"]}));
    for (name, job) in workflow["jobs"].as_object().unwrap() {
        let writes = job["permissions"].as_object().unwrap().values().any(|level| level == "write");
        assert_eq!(writes, name == "release", "{name}");
    }
    assert_eq!(workflow["jobs"]["release"]["if"], "github.event_name == 'push'");
    let built = workflow["jobs"]["build"]["strategy"]["matrix"]["include"].as_array().unwrap();
    let built: Vec<&str> = built.iter().map(|one| one["target"].as_str().unwrap()).collect();
    assert_eq!(built, ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"]);
}
