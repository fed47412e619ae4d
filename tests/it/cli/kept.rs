//! What a run must not write over: files of somebody else below `--out`, and whatever the run itself reads.

use crate::cli::program::{Ran, folder, scalegen};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const SPEC: &str = "version: 1
name: shop
services:
  web:
    image: shop/web:1
    port: 8080
    replicas: 2
    expose: {}
targets:
  compose: {}
  nginx: { from: network }
profiles:
  large: { services: { web: { replicas: 5 } } }
";
const BASE: &str = "services:\n  web:\n    image: shop/web:1\n    ports: [\"8080:8080\"]\n";

fn shop() -> TempDir {
    folder(&[("scalegen.yaml", SPEC)])
}

fn read(dir: &Path, name: &str) -> String {
    fs::read_to_string(dir.join(name)).unwrap()
}

const RENDER: &[&str] = &["render", "scalegen.yaml", "--out", "deploy"];

fn render(dir: &TempDir, more: &[&str]) -> Ran {
    scalegen(dir.path(), &[RENDER, more].concat())
}

#[test]
fn render_asks_before_it_writes_over_what_it_did_not_write() {
    let dir = shop();
    let (compose, nginx) = ("deploy/compose/compose.yaml", "deploy/nginx/shop.conf");
    for path in [compose, nginx] {
        fs::create_dir_all(dir.path().join(path).parent().unwrap()).unwrap();
    }
    fs::write(dir.path().join(nginx), "# by hand\n").unwrap();
    let ran = render(&dir, &[]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    let said = "scalegen did not write deploy/nginx/shop.conf; --force overwrites it; nothing was changed";
    assert!(ran.err.ends_with(&format!("scalegen: {said}\n")), "{}", ran.err);
    assert_eq!(read(dir.path(), nginx), "# by hand\n");
    // the other file was not written either
    assert!(!dir.path().join(compose).exists());
    fs::write(dir.path().join(compose), "services: {}\n").unwrap();
    let ran = render(&dir, &[]);
    let said = format!("scalegen did not write {compose}, {nginx}; --force overwrites them");
    assert!(ran.code == 2 && ran.err.contains(&said), "{}", ran.err);
    // looking is free
    let ran = render(&dir, &["--check"]);
    assert!(ran.code == 1 && ran.out.contains("-# by hand"), "{}{}", ran.out, ran.err);
    let ran = render(&dir, &["--force"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    // what it wrote itself it writes again, whatever was changed below the header, and whoever the profile is
    let edited = format!("{}# edited\n", read(dir.path(), nginx));
    fs::write(dir.path().join(nginx), edited).unwrap();
    let ran = render(&dir, &["--profile", "large"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!read(dir.path(), nginx).contains("# edited"));
    // an empty file has nothing to lose
    fs::write(dir.path().join(nginx), "").unwrap();
    assert_eq!(render(&dir, &[]).code, 0);
    // a link's file counts, not the link
    fs::rename(dir.path().join(nginx), dir.path().join("deploy/nginx/real")).unwrap();
    fs::write(dir.path().join("deploy/nginx/real"), "mine\n").unwrap();
    std::os::unix::fs::symlink("real", dir.path().join(nginx)).unwrap();
    assert_eq!(render(&dir, &[]).code, 2);
    assert_eq!(read(dir.path(), "deploy/nginx/real"), "mine\n");
}

#[test]
fn a_template_without_the_header_writes_once_and_then_what_is_the_same() {
    let dir = shop();
    fs::write(dir.path().join(".scalegen.toml"), "templates = \"t\"\n[rules]\nlost-in-template = \"off\"\n").unwrap();
    fs::create_dir_all(dir.path().join("t/compose")).unwrap();
    let own = "services: { web: { image: {{ doc.services.web.image }} } }\n";
    fs::write(dir.path().join("t/compose/compose.yaml.j2"), own).unwrap();
    let target = ["--target", "compose"];
    assert_eq!(render(&dir, &target).code, 0);
    // unchanged is no loss
    assert_eq!(render(&dir, &target).code, 0);
    fs::write(dir.path().join("scalegen.yaml"), SPEC.replace("web:1", "web:2")).unwrap();
    let ran = render(&dir, &target);
    assert!(ran.code == 2 && ran.err.contains("scalegen did not write deploy/compose/compose.yaml"), "{}", ran.err);
    assert_eq!(render(&dir, &[&target[..], &["--force"]].concat()).code, 0);
    assert!(read(dir.path(), "deploy/compose/compose.yaml").contains("shop/web:2"));
}

#[test]
fn force_does_not_go_as_far_as_what_the_run_reads() {
    let spec = SPEC.replace("compose: {}", "compose: { base: deploy/compose/compose.override.yaml }");
    let dir = folder(&[("scalegen.yaml", &spec), ("deploy/compose/compose.override.yaml", BASE)]);
    let ran = render(&dir, &["--force"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("compose.override.yaml: this render reads it; take another --out"), "{}", ran.err);
    assert_eq!(read(dir.path(), "deploy/compose/compose.override.yaml"), BASE);
    // nor as far as the settings and what they name
    let settings = "baseline = \"deploy/nginx/shop.conf\"\n";
    let known = "{\"version\": 1, \"findings\": []}\n";
    let dir = folder(&[("scalegen.yaml", SPEC), (".scalegen.toml", settings), ("deploy/nginx/shop.conf", known)]);
    let ran = render(&dir, &["--force"]);
    assert!(ran.code == 2 && ran.err.contains("shop.conf: this render reads it"), "{}", ran.err);
    assert_eq!(read(dir.path(), "deploy/nginx/shop.conf"), known);
}

#[test]
fn docs_write_over_docs_only() {
    let dir = TempDir::new().unwrap();
    let docs = |more: &[&str]| scalegen(dir.path(), &[&["docs", "--out", "site"], more].concat());
    fs::create_dir(dir.path().join("site")).unwrap();
    fs::write(dir.path().join("site/index.html"), "<h1>My shop</h1>\n").unwrap();
    let ran = docs(&[]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    let said = "scalegen: scalegen did not write site/index.html; --force overwrites it; nothing was changed\n";
    assert_eq!(ran.err, said);
    assert_eq!(fs::read_dir(dir.path().join("site")).unwrap().count(), 1);
    assert_eq!(docs(&["--force"]).code, 0);
    // every file of its own is known again, also where the text is of another release
    for entry in walkdir::WalkDir::new(dir.path()).into_iter().map(Result::unwrap) {
        if entry.file_type().is_file() {
            let text = fs::read_to_string(entry.path()).unwrap();
            fs::write(entry.path(), format!("{text}\n")).unwrap();
        }
    }
    let ran = docs(&[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

/// Everything a run reads beside its spec.
fn full() -> TempDir {
    let spec = SPEC.replace("compose: {}", "compose: { base: base.yml }\n  helm: { chart: chart }");
    let settings = "templates = \"t\"\nbaseline = \"known.json\"\n[rules]\nfixed-host-port = \"off\"\n";
    folder(&[
        ("scalegen.yaml", &spec),
        ("base.yml", BASE),
        ("chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
        ("chart/values.yaml", "web: { replicaCount: 1 }\n"),
        ("chart/values.schema.json", "{}\n"),
        (".scalegen.toml", settings),
        ("known.json", "{\"version\": 1, \"findings\": []}\n"),
        ("t/compose/compose.yaml.j2", "{{ header }}\n{% include \"builtin/compose.yaml.j2\" %}\n"),
    ])
}

const READ: [&str; 8] = [
    "scalegen.yaml",
    "base.yml",
    "chart/Chart.yaml",
    "chart/values.yaml",
    "chart/values.schema.json",
    ".scalegen.toml",
    "known.json",
    "t/compose/compose.yaml.j2",
];

#[test]
fn no_report_is_written_over_what_the_run_reads() {
    let dir = full();
    let ran = scalegen(dir.path(), &["lint", "--fail-level", "error", "--format", "json=report.json"]);
    assert!(dir.path().join("report.json").exists(), "{}{}", ran.out, ran.err);
    fs::write(dir.path().join("old.yaml"), SPEC).unwrap();
    for file in READ {
        let before = read(dir.path(), file);
        let format = format!("json=./{file}");
        for run in [&["lint"][..], &["lint", "--fix"], &["diff", "old.yaml", "scalegen.yaml"]] {
            // a chart without values or schema is one all the same: they are read where they are there
            let ran = scalegen(dir.path(), &[run, &["--format", &format]].concat());
            let said = format!("--format {format} would write over a file that this run reads\n");
            assert!(ran.code == 2 && ran.err.ends_with(&said), "{run:?} {file}: {}{}", ran.out, ran.err);
            assert_eq!(ran.out, "", "{run:?}");
            assert_eq!(read(dir.path(), file), before, "{run:?}");
        }
    }
    // an earlier report, or whatever else was named, is replaced as every `-o FILE` does
    fs::write(dir.path().join("report.json"), "old\n").unwrap();
    scalegen(dir.path(), &["lint", "--format", "json=report.json"]);
    assert!(read(dir.path(), "report.json").starts_with('{'));
}

#[test]
fn a_baseline_is_written_over_a_baseline_only() {
    let dir = full();
    for file in READ.iter().filter(|file| **file != "known.json") {
        let before = read(dir.path(), file);
        let ran = scalegen(dir.path(), &["lint", "--write-baseline", file]);
        let said = format!("scalegen: --write-baseline {file} would write over a file that this run reads\n");
        assert!(ran.code == 2 && ran.err.ends_with(&said), "{file}: {}", ran.err);
        assert_eq!(read(dir.path(), file), before);
    }
    fs::write(dir.path().join("package.json"), "{\"name\": \"shop\"}\n").unwrap();
    let ran = scalegen(dir.path(), &["lint", "--write-baseline", "package.json"]);
    let said =
        "scalegen: --write-baseline package.json would write over a file that is not a baseline; remove it first\n";
    assert!(ran.code == 2 && ran.err.ends_with(said), "{}", ran.err);
    assert_eq!(read(dir.path(), "package.json"), "{\"name\": \"shop\"}\n");
    // one baseline that a merge has torn is still one, and so is an empty file
    for old in ["{\"version\": 1, \"findings\": [\n<<<<<<< ours\n=======\n>>>>>>> theirs\n]}\n", "", "\n"] {
        fs::write(dir.path().join("known.json"), old).unwrap();
        let ran = scalegen(dir.path(), &["lint", "--fail-level", "error", "--write-baseline", "known.json"]);
        assert!(ran.err.contains("wrote known.json"), "{old:?}: {}", ran.err);
    }
    // one file cannot be both, be it there already or not
    for both in ["known.json", "fresh.json"] {
        let format = format!("json={both}");
        let ran = scalegen(dir.path(), &["lint", "--write-baseline", both, "--format", &format]);
        assert!(ran.code == 2 && ran.err.contains("would write over a file that this run reads"), "{}", ran.err);
    }
    assert!(!dir.path().join("fresh.json").exists());
}

#[test]
fn no_baseline_is_written_where_not_every_spec_could_be_read() {
    let dir = shop();
    let ran = scalegen(dir.path(), &["lint", "scalegen.yaml", "gone.yaml", "--write-baseline", "known.json"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("scalegen: known.json is not written: not all could be checked"), "{}", ran.err);
    assert!(!dir.path().join("known.json").exists());
    // and nothing is taken for known
    assert!(ran.out.contains("missing-limits"), "{}", ran.out);
}

#[test]
fn init_does_not_write_over_the_compose_file_it_reads() {
    // also where it cannot be taken over
    for base in [BASE, "services: { web: { cpus: much } }\n", "not: one\n"] {
        let dir = folder(&[("compose.yaml", base)]);
        for force in [&[][..], &["--force"]] {
            let ran = scalegen(dir.path(), &[&["init", "compose.yaml"], force].concat());
            assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{force:?}");
            assert_eq!(read(dir.path(), "compose.yaml"), base);
        }
    }
}

#[test]
fn nothing_checked_does_not_read_as_success() {
    let dir = folder(&[("empty/notes.txt", "")]);
    for args in [&["lint", "gone.yaml"][..], &["lint", "empty"]] {
        let ran = scalegen(dir.path(), args);
        assert_eq!((ran.code, ran.out.as_str()), (2, "no file was checked\n"), "{args:?}");
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
        let ran = scalegen(dir.path(), &[args, &["--format", "markdown"]].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, "### scalegen: no file was checked\n"));
        let ran = scalegen(dir.path(), &[args, &["--format", "concise"]].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    }
    // beside one that could be read, what is said is of that one
    fs::write(
        dir.path().join("scalegen.yaml"),
        SPEC.replace(
            "replicas: 2",
            "replicas: 2\n    health: { tcp: true }\n    resources: { limits: { memory: 1Gi } }",
        ),
    )
    .unwrap();
    let ran = scalegen(dir.path(), &["lint", "scalegen.yaml", "gone.yaml"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, "no findings in 1 file\n"), "{}", ran.err);
}

#[test]
fn render_says_what_an_apply_does_to_what_runs_by_the_files_that_stand_there() {
    let spec = |replicas: &str| {
        format!(
            "version: 1\nname: shop\nservices:\n  web:\n    image: shop/web:1\n    replicas: {replicas}\n    \
             resources: {{ requests: {{ cpu: 1, memory: 1Gi }}, limits: {{ memory: 1Gi }} }}\ntargets:\n  kubernetes: {{}}\n"
        )
    };
    let (fixed, range) = (spec("8"), spec("{ min: 4, max: 12 }"));
    let dir = folder(&[("scalegen.yaml", &fixed)]);
    let reset = "note: kubernetes: the apply takes `replicas: 8` away from Deployment web";
    // nothing stands there yet
    assert!(!render(&dir, &[]).err.contains("note: kubernetes"));
    fs::write(dir.path().join("scalegen.yaml"), &range).unwrap();
    // before they are written over, and also where nothing is written
    for more in [&["--check"][..], &[]] {
        let ran = render(&dir, more);
        assert!(
            ran.err.contains(reset) && ran.err.contains("  = help: first run `kubectl apply edit-last-applied"),
            "{}",
            ran.err
        );
    }
    assert!(!render(&dir, &[]).err.contains("note: kubernetes"), "it is written now");
    // what is left there is no longer written
    fs::write(dir.path().join("scalegen.yaml"), &fixed).unwrap();
    let ran = render(&dir, &[]);
    assert!(ran.err.contains("HorizontalPodAutoscaler web is written no more and stays in the cluster"), "{}", ran.err);
}
