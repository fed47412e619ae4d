//! The fault table: everything tried against reading and writing files, what is said of it, and that nothing is lost.
//!
//! Each row spoils a folder with a spec, its rendered files and a report, runs the binary in it, and names what may be new
//! afterwards. All else must be byte for byte as it was, and what is new must be what an unspoiled run writes. Kills and
//! errors at single system calls are in `killed`.

use crate::common::judge::{not_tested, say};
use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use tempfile::TempDir;

/// Two targets, so that files of several folders are written together.
pub const SPEC: &str = "version: 1
name: shop
services:
  web:
    image: shop/web:1
    port: 8080
    publish: 9000
    replicas: 2
    expose: {} # scalegen: allow exposed-without-health (the tests ask nobody)
    resources: { requests: { memory: 64Mi }, limits: { memory: 128Mi } }
targets:
  compose: {}
  nginx: {}
profiles:
  large:
    services: { web: { replicas: 5 } }
";

/// Has a fix.
pub const FAULTY: &str = "version: 1
name: shop
services:
  web:
    image: shop/web:1
    resources: { limits: { memory: 1GB } }
";

/// Has a warning.
const WARNED: &str = "version: 1\nname: shop\nservices: { web: { image: shop/web:1 } }\n";

pub const RENDER: &[&str] = &["render", "scalegen.yaml", "--out", "deploy"];
pub const SCALE: &[&str] = &["scale", "scalegen.yaml", "web", "--count", "3"];
pub const FIX: &[&str] = &["lint", "--fix", "faulty.yaml"];
pub const DOCS: &[&str] = &["docs", "--out", "site"];
pub const INIT: &[&str] = &["init", "starter/first.yaml", "--force"];
pub const BASELINE: &[&str] = &["lint", "warned.yaml", "--write-baseline", "known/known.json"];
pub const REPORT: &[&str] = &["lint", "scalegen.yaml", "--format", "json=reports/report.json"];
const LINT: &[&str] = &["lint", "scalegen.yaml"];

/// What `render` writes.
const RENDERED: &[&str] = &["deploy/compose/compose.yaml", "deploy/nginx/shop.conf"];

/// What a run needs around it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Nothing,
    /// Root keeps to permissions as others do.
    NoPower,
    /// The folder is a file system of its own with this much of something, filled up after it was spoilt.
    Full(&'static str),
    /// The folder is a file system of its own that became read-only.
    ReadOnly,
    /// A shell that sets something up and then runs `"$@"`.
    Shell(&'static str),
}

use Around::{Full, NoPower, Nothing, ReadOnly, Shell};

/// One fault.
struct Row {
    fault: &'static str,
    run: &'static [&'static str],
    around: Around,
    spoil: fn(&Path),
    /// Its exit code; none where a signal ends it.
    code: Option<i32>,
    /// Stands in what is printed.
    says: &'static str,
    /// The files that may be new, and then are as an unspoiled run writes them.
    new: &'static [&'static str],
}

const fn row(
    fault: &'static str,
    run: &'static [&'static str],
    around: Around,
    spoil: fn(&Path),
    code: i32,
    says: &'static str,
) -> Row {
    Row { fault, run, around, spoil, code: Some(code), says, new: &[] }
}

fn as_it_is(_: &Path) {}

fn mode(path: PathBuf, bits: u32) {
    fs::set_permissions(path, Permissions::from_mode(bits)).unwrap();
}

fn instead_a_folder(path: PathBuf) {
    fs::remove_file(&path).unwrap();
    fs::create_dir(path).unwrap();
}

fn instead_a_file(path: PathBuf) {
    fs::remove_dir_all(&path).unwrap();
    fs::write(path, "a file\n").unwrap();
}

fn instead_a_link(path: PathBuf, to: &str) {
    fs::remove_file(&path).unwrap();
    symlink(to, path).unwrap();
}

fn instead_a_pipe(path: PathBuf) {
    fs::remove_file(&path).unwrap();
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Gives a file to another user; where only root could, the file of someone else is one that is closed.
fn of_someone_else(path: PathBuf) {
    if std::os::unix::fs::chown(&path, Some(65534), Some(65534)).is_err() {
        mode(path, 0o444);
    }
}

fn base_is(dir: &Path, base: &str) {
    let spec = SPEC.replace("compose: {}", &format!("compose: {{ base: {base} }}"));
    fs::write(dir.join("scalegen.yaml"), spec).unwrap();
}

fn chart(dir: &Path) {
    fs::create_dir(dir.join("chart")).unwrap();
    fs::write(dir.join("chart/Chart.yaml"), "apiVersion: v2\nname: shop\nversion: 1.0.0\n").unwrap();
    fs::write(dir.join("chart/values.yaml"), "replicaCount: 1\n").unwrap();
    let helm = "helm: { chart: chart, paths: { web: { replicas: replicaCount } } }";
    fs::write(dir.join("scalegen.yaml"), SPEC.replace("compose: {}", helm)).unwrap();
}

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // no room
    row("a full disk under render", RENDER, Full("size=48k"), as_it_is, 2, "cannot write deploy/compose/compose.yaml: no space left on device; nothing was changed"),
    row("a full disk under scale", SCALE, Full("size=48k"), as_it_is, 2, "cannot write scalegen.yaml: no space left on device; it is as before"),
    row("a full disk under --fix", FIX, Full("size=48k"), as_it_is, 2, "cannot write faulty.yaml: no space left on device; it is as before"),
    row("a full disk under a report", REPORT, Full("size=48k"), as_it_is, 2, "cannot write reports/report.json: no space left on device; nothing was changed"),
    row("a full disk under docs", DOCS, Full("size=48k"), as_it_is, 2, "cannot write site/index.html: no space left on device; nothing was changed"),
    row("a full disk under init", INIT, Full("size=48k"), as_it_is, 2, "cannot write starter/first.yaml: no space left on device; nothing was changed"),
    row("a full disk under a baseline", BASELINE, Full("size=48k"), as_it_is, 2, "cannot write known/known.json: no space left on device; nothing was changed"),
    row("a disk with no room for another name", RENDER, Full("nr_inodes=24"), as_it_is, 2, "cannot write deploy/compose/compose.yaml: no space left on device; nothing was changed"),
    row("a disk with no room for the folder", &["render", "scalegen.yaml", "--out", "other"], Full("nr_inodes=24"), as_it_is, 2, "cannot make the folder other: no space left on device"),
    row("a bound on the size of files, render", RENDER, Shell("trap '' XFSZ; ulimit -f 0"), as_it_is, 2, "cannot write deploy/compose/compose.yaml: file too large; nothing was changed"),
    row("a bound on the size of files, scale", SCALE, Shell("trap '' XFSZ; ulimit -f 0"), as_it_is, 2, "cannot write scalegen.yaml: file too large; it is as before"),
    row("a bound on the size of files, --fix", FIX, Shell("trap '' XFSZ; ulimit -f 0"), as_it_is, 2, "cannot write faulty.yaml: file too large; it is as before"),
    row("a bound on the size of files, docs", DOCS, Shell("ulimit -f 0"), as_it_is, 2, "cannot write site/index.html: file too large; nothing was changed"),
    row("a bound on the size of files that some of the docs pass", DOCS, Shell("ulimit -f 16"), as_it_is, 2, ": file too large; nothing was changed"),
    row("a bound on the size of files, init", INIT, Shell("ulimit -f 0"), as_it_is, 2, "cannot write starter/first.yaml: file too large; nothing was changed"),
    row("a bound on the size of files, a baseline", BASELINE, Shell("ulimit -f 0"), as_it_is, 2, "cannot write known/known.json: file too large; nothing was changed"),
    row("few files may be open at once", RENDER, Shell("ulimit -n 7"), as_it_is, 0, "wrote deploy/nginx/shop.conf").renews(RENDERED),

    // no right
    row("a read-only file system under render", RENDER, ReadOnly, as_it_is, 2, "cannot write deploy/compose/compose.yaml: read-only file system"),
    row("a read-only file system under a first render", &["render", "scalegen.yaml", "--out", "other"], ReadOnly, as_it_is, 2, "cannot make the folder other: read-only file system"),
    row("a read-only file system under scale", SCALE, ReadOnly, as_it_is, 2, "cannot write scalegen.yaml: read-only file system"),
    row("a read-only file system under --fix", FIX, ReadOnly, as_it_is, 2, "cannot write faulty.yaml: read-only file system"),
    row("a read-only file system under a report", REPORT, ReadOnly, as_it_is, 2, "cannot write reports/report.json: read-only file system"),
    row("a read-only file system under docs", DOCS, ReadOnly, as_it_is, 2, "cannot write site/index.html: read-only file system"),
    row("a read-only file system under init", INIT, ReadOnly, as_it_is, 2, "cannot write starter/first.yaml: read-only file system"),
    row("a read-only file system under a baseline", BASELINE, ReadOnly, as_it_is, 2, "cannot write known/known.json: read-only file system"),
    row("a closed folder under docs", DOCS, NoPower, |dir| mode(dir.join("site"), 0o555), 2, "site/"),
    row("a closed folder under init", INIT, NoPower, |dir| mode(dir.join("starter"), 0o555), 2, "cannot write starter/first.yaml: permission denied; nothing was changed"),
    row("a closed folder under a baseline", BASELINE, NoPower, |dir| mode(dir.join("known"), 0o555), 2, "cannot write known/known.json: permission denied; nothing was changed"),
    row("a read-only page under docs", DOCS, Nothing, |dir| mode(dir.join("site/search.js"), 0o444), 2, "cannot write site/search.js: it is read-only"),
    row("a read-only schema under init", INIT, Nothing, |dir| mode(dir.join("starter/scalegen.schema.json"), 0o444), 2, "cannot write starter/scalegen.schema.json: it is read-only"),
    row("a read-only baseline", BASELINE, Nothing, |dir| mode(dir.join("known/known.json"), 0o444), 2, "cannot write known/known.json: it is read-only"),
    row("a closed folder under render", RENDER, NoPower, |dir| mode(dir.join("deploy/compose"), 0o555), 2, "cannot write deploy/compose/compose.yaml: permission denied; nothing was changed"),
    row("a closed second folder under render", RENDER, NoPower, |dir| mode(dir.join("deploy/nginx"), 0o555), 2, "cannot write deploy/nginx/shop.conf: permission denied; nothing was changed"),
    row("a closed folder under a first render", &["render", "scalegen.yaml", "--out", "deploy/deep/er"], NoPower, |dir| mode(dir.join("deploy"), 0o555), 2, "cannot make the folder deploy/deep/er: permission denied"),
    row("a closed folder under scale", SCALE, NoPower, |dir| mode(dir.into(), 0o555), 2, "cannot write scalegen.yaml: permission denied; it is as before"),
    row("a folder that cannot be entered", RENDER, NoPower, |dir| mode(dir.join("deploy/nginx"), 0o000), 2, "cannot write deploy/nginx/shop.conf: permission denied"),
    row("a read-only file under render", RENDER, Nothing, |dir| mode(dir.join("deploy/nginx/shop.conf"), 0o444), 2, "cannot write deploy/nginx/shop.conf: it is read-only"),
    row("a read-only file under scale", SCALE, Nothing, |dir| mode(dir.join("scalegen.yaml"), 0o444), 2, "cannot write scalegen.yaml: it is read-only"),
    row("a read-only file under --fix", FIX, Nothing, |dir| mode(dir.join("faulty.yaml"), 0o444), 2, "cannot write faulty.yaml: it is read-only"),
    row("a read-only file under a report", REPORT, Nothing, |dir| mode(dir.join("reports/report.json"), 0o444), 2, "cannot write reports/report.json: it is read-only"),
    row("someone else's file in a folder of ours", RENDER, NoPower, |dir| of_someone_else(dir.join("deploy/nginx/shop.conf")), 2, "cannot write deploy/nginx/shop.conf: "),
    row("a spec that cannot be read", LINT, NoPower, |dir| mode(dir.join("scalegen.yaml"), 0o000), 2, "cannot read scalegen.yaml: permission denied"),
    row("a rendered file that cannot be read", &["render", "scalegen.yaml", "--out", "deploy", "--check"], NoPower, |dir| mode(dir.join("deploy/nginx/shop.conf"), 0o000), 2, "cannot read deploy/nginx/shop.conf: permission denied"),
    row("a folder that cannot be searched", &["lint", "."], NoPower, |dir| mode(dir.join("reports"), 0o000), 2, "cannot search ./reports: permission denied"),

    // something else in its place
    row("a folder for a spec", &["render", "deploy", "--out", "deploy"], Nothing, as_it_is, 2, "no scalegen.yaml or *.scalegen.yaml in deploy, and no compose file"),
    row("a folder called like a spec", &["lint"], Nothing, |dir| instead_a_folder(dir.join("scalegen.yaml")), 2, "no scalegen.yaml or *.scalegen.yaml in ."),
    row("a folder in a file's place", RENDER, Nothing, |dir| instead_a_folder(dir.join("deploy/nginx/shop.conf")), 2, "cannot write deploy/nginx/shop.conf: it is a folder"),
    row("a folder in a report's place", REPORT, Nothing, |dir| instead_a_folder(dir.join("reports/report.json")), 2, "cannot write reports/report.json: it is a folder"),
    row("a file in the folder's place", RENDER, Nothing, |dir| instead_a_file(dir.join("deploy")), 2, "cannot make the folder deploy: deploy is not a folder"),
    row("a file in an inner folder's place", RENDER, Nothing, |dir| instead_a_file(dir.join("deploy/compose")), 2, "cannot make the folder deploy/compose: deploy/compose is not a folder"),
    row("a file in the place of a report's folder", REPORT, Nothing, |dir| instead_a_file(dir.join("reports")), 2, "cannot make the folder reports: reports is not a folder"),
    row("no folder for a report", REPORT, Nothing, |dir| fs::remove_dir_all(dir.join("reports")).unwrap(), 0, "").renews(&["reports/report.json"]),
    row("a pipe for a spec", LINT, Nothing, |dir| instead_a_pipe(dir.join("scalegen.yaml")), 2, "cannot read scalegen.yaml: it is not a regular file; to read a pipe, give it as standard input and name it `-`"),
    row("a pipe called like a spec", &["lint", "."], Nothing, |dir| instead_a_pipe(dir.join("scalegen.yaml")), 2, "cannot read scalegen.yaml: it is not a regular file"),
    row("a pipe in a file's place", RENDER, Nothing, |dir| instead_a_pipe(dir.join("deploy/nginx/shop.conf")), 2, "cannot write deploy/nginx/shop.conf: it is not a regular file"),
    row("a pipe in a report's place", REPORT, Nothing, |dir| instead_a_pipe(dir.join("reports/report.json")), 2, "cannot write reports/report.json: it is not a regular file"),
    row("a pipe under --check", &["render", "scalegen.yaml", "--out", "deploy", "--check"], Nothing, |dir| instead_a_pipe(dir.join("deploy/nginx/shop.conf")), 2, "cannot write deploy/nginx/shop.conf: it is not a regular file"),
    row("a device that never ends for a spec", &["lint", "/dev/zero"], Nothing, as_it_is, 2, "cannot read /dev/zero: it is not a regular file"),
    row("a device for a spec", &["plan", "/dev/full"], Nothing, as_it_is, 2, "cannot read /dev/full: it is not a regular file"),
    row("a device for a spec to change", &["scale", "/dev/zero", "web", "--count", "3"], Nothing, as_it_is, 2, "cannot read /dev/zero: it is not a regular file"),
    row("a device for a report", &["lint", "scalegen.yaml", "--format", "json=/dev/full"], Nothing, as_it_is, 2, "cannot write /dev/full: it is not a regular file"),
    row("a device for the folder", &["render", "scalegen.yaml", "--out", "/dev/null"], Nothing, as_it_is, 2, "cannot make the folder /dev/null: /dev/null is not a folder"),
    row("a device for a base file", LINT, Nothing, |dir| base_is(dir, "/dev/zero"), 1, "it is not a regular file"),
    row("a pipe for a base file", LINT, Nothing, |dir| { base_is(dir, "base.yml"); fs::write(dir.join("base.yml"), "").unwrap(); instead_a_pipe(dir.join("base.yml")) }, 1, "it is not a regular file"),
    row("a file that is not a compose file for a base file", LINT, Nothing, |dir| base_is(dir, "/etc/passwd"), 1, "`/etc/passwd` is not a compose file: it has no line `services:`"),
    row("values of a chart that cannot be read", LINT, NoPower, |dir| { chart(dir); mode(dir.join("chart/values.yaml"), 0o000) }, 1, "`chart/values.yaml` cannot be read: permission denied"),
    row("a pipe for a chart's values", LINT, Nothing, |dir| { chart(dir); instead_a_pipe(dir.join("chart/values.yaml")) }, 1, "`chart/values.yaml` cannot be read: it is not a regular file"),
    row("a folder for a chart's schema", LINT, Nothing, |dir| { chart(dir); fs::create_dir(dir.join("chart/values.schema.json")).unwrap() }, 1, "`chart/values.schema.json` cannot be read: it is a folder"),
    row("a link to nowhere for a chart's values", LINT, Nothing, |dir| { chart(dir); instead_a_link(dir.join("chart/values.yaml"), "gone") }, 1, "`chart/values.yaml` cannot be read: it is a link to a file that is not there"),
    row("a chart without values", LINT, Nothing, |dir| { chart(dir); fs::remove_file(dir.join("chart/values.yaml")).unwrap() }, 0, "in 1 file"),
    row("a folder for a base file", LINT, Nothing, |dir| base_is(dir, "deploy"), 1, "it is a folder"),

    // links
    row("a link out of the folder", RENDER, Nothing, |dir| { fs::write(dir.join("precious"), "kept\n").unwrap(); instead_a_link(dir.join("deploy/nginx/shop.conf"), "../../precious") }, 2, "precious is outside deploy: deploy/nginx/shop.conf leads there"),
    row("a linked folder out of the folder", RENDER, Nothing, |dir| { fs::rename(dir.join("deploy/nginx"), dir.join("elsewhere")).unwrap(); symlink("../elsewhere", dir.join("deploy/nginx")).unwrap() }, 2, "elsewhere is outside deploy: a link leads there"),
    row("a link to nowhere", RENDER, Nothing, |dir| instead_a_link(dir.join("deploy/nginx/shop.conf"), "nowhere"), 2, "cannot write deploy/nginx/shop.conf: it is a link that leads nowhere"),
    row("a linked folder to nowhere", &["render", "scalegen.yaml", "--out", "there"], Nothing, |dir| symlink("nowhere", dir.join("there")).unwrap(), 2, "cannot make the folder there: there is a link that leads nowhere"),
    row("a link to itself", RENDER, Nothing, |dir| instead_a_link(dir.join("deploy/nginx/shop.conf"), "shop.conf"), 2, "cannot write deploy/nginx/shop.conf: too many levels of symbolic links"),
    row("a report's link to nowhere", REPORT, Nothing, |dir| instead_a_link(dir.join("reports/report.json"), "nowhere"), 2, "cannot write reports/report.json: it is a link that leads nowhere"),
    row("a spec that is a link to itself", LINT, Nothing, |dir| instead_a_link(dir.join("scalegen.yaml"), "scalegen.yaml"), 2, "cannot read scalegen.yaml: too many levels of symbolic links"),
    row("a loop of linked folders", &["lint"], Nothing, |dir| symlink("..", dir.join("deploy/loop")).unwrap(), 0, "in 1 file"),
    row("a listed spec that is gone when it is read", &["lint"], Nothing, |dir| { fs::create_dir(dir.join("a")).unwrap(); symlink("gone", dir.join("a/scalegen.yaml")).unwrap() }, 2, "cannot read a/scalegen.yaml: it is a link to a file that is not there"),
    row("a folder called like the settings", LINT, Nothing, |dir| fs::create_dir(dir.join(".scalegen.toml")).unwrap(), 2, "cannot read .scalegen.toml: it is a folder"),
    row("a pipe called like the settings", LINT, Nothing, |dir| { fs::write(dir.join(".scalegen.toml"), "").unwrap(); instead_a_pipe(dir.join(".scalegen.toml")) }, 2, "cannot read .scalegen.toml: it is not a regular file"),
    row("settings that are a link to nowhere", LINT, Nothing, |dir| symlink("gone", dir.join(".scalegen.toml")).unwrap(), 2, "cannot read .scalegen.toml: it is a link to a file that is not there"),
    row("settings that are a link to themselves", LINT, Nothing, |dir| symlink(".scalegen.toml", dir.join(".scalegen.toml")).unwrap(), 2, "cannot read .scalegen.toml: too many levels of symbolic links"),
    row("settings that cannot be read", LINT, NoPower, |dir| { fs::write(dir.join(".scalegen.toml"), "").unwrap(); mode(dir.join(".scalegen.toml"), 0o000) }, 2, "cannot read .scalegen.toml: permission denied"),
    row("a folder of specs that cannot be entered", &["lint", "shut/scalegen.yaml"], NoPower, |dir| { fs::create_dir(dir.join("shut")).unwrap(); mode(dir.join("shut"), 0o000) }, 2, "cannot look for shut/.scalegen.toml: permission denied; --isolated does not look"),
    row("a base file that is gone", LINT, Nothing, |dir| base_is(dir, "gone.yml"), 1, "no such file or directory"),

    // over its own sources, or somebody else's files
    row("a render over a file of somebody else", RENDER, Nothing, |dir| fs::write(dir.join("deploy/nginx/shop.conf"), "mine\n").unwrap(), 2, "scalegen did not write deploy/nginx/shop.conf; --force overwrites it; nothing was changed"),
    row("docs over a page of somebody else", DOCS, Nothing, |dir| fs::write(dir.join("site/index.html"), "mine\n").unwrap(), 2, "scalegen did not write site/index.html; --force overwrites it; nothing was changed"),
    row("a baseline over the spec", &["lint", "scalegen.yaml", "--write-baseline", "scalegen.yaml"], Nothing, as_it_is, 2, "--write-baseline scalegen.yaml would write over a file that this run reads"),
    row("a baseline over something else", &["lint", "scalegen.yaml", "--write-baseline", "reports/report.json"], Nothing, as_it_is, 2, "would write over a file that is not a baseline; remove it first"),
    row("a baseline of what cannot be read", &["lint", "faulty.yaml", "gone.yaml", "--write-baseline", "known/known.json"], Nothing, as_it_is, 2, "known/known.json is not written: not all could be checked"),
    row("a report over the spec", &["lint", "scalegen.yaml", "--format", "json=./scalegen.yaml"], Nothing, as_it_is, 2, "--format json=./scalegen.yaml would write over a file that this run reads"),
    row("a render over the spec", &["render", "deploy/nginx/shop.conf", "--out", "deploy"], Nothing, |dir| { fs::copy(dir.join("scalegen.yaml"), dir.join("deploy/nginx/shop.conf")).unwrap(); }, 2, "cannot write deploy/nginx/shop.conf: this render reads it; take another --out"),
    row("a render over the base file", RENDER, Nothing, |dir| { base_is(dir, "deploy/nginx/shop.conf"); fs::write(dir.join("deploy/nginx/shop.conf"), "services: { web: { image: a, ports: [\"9000:8080\"] } }\n").unwrap() }, 2, "cannot write deploy/nginx/shop.conf: this render reads it; take another --out"),

    // names
    row("no name for the folder", &["render", "scalegen.yaml", "--out", ""], Nothing, as_it_is, 2, "a value is required for '--out <DIR>' but none was supplied"),
    row("a way round to the folder", &["render", "scalegen.yaml", "--out", "reports/../deploy"], Nothing, as_it_is, 0, "wrote reports/../deploy/nginx/shop.conf").renews(RENDERED),
    row("no name of a file for a report", &["lint", "scalegen.yaml", "--format", "json=.."], Nothing, as_it_is, 2, "cannot write ..: it is a folder"),
    row("no such spec", &["render", "gone.yaml", "--out", "deploy"], Nothing, as_it_is, 2, "cannot read gone.yaml: no such file or directory"),
    row("a file where a folder of the spec should be", &["lint", "faulty.yaml/scalegen.yaml"], Nothing, as_it_is, 2, "cannot read faulty.yaml/scalegen.yaml: not a directory"),

    // streams
    row("a full standard output", RENDER, Shell("exec >/dev/full"), as_it_is, 2, "cannot write the output: no space left on device").renews(RENDERED),
    row("a full standard output for a report", LINT, Shell("exec >/dev/full"), as_it_is, 2, "cannot write the output: no space left on device"),
    row("a full standard output for the schema", &["schema"], Shell("exec >/dev/full"), as_it_is, 2, "cannot write the output: no space left on device"),
    row("a full standard output for a page", &["explain", "compose"], Shell("exec >/dev/full"), as_it_is, 2, "cannot write the output: no space left on device"),
    row("a full standard output for help", &["--help"], Shell("exec >/dev/full"), as_it_is, 2, "cannot write the output: no space left on device"),
    row("a full standard output for a completion", &["completions", "bash"], Shell("exec >/dev/full"), as_it_is, 2, "cannot write the output: no space left on device"),
    row("a full standard error", &["lint", "gone.yaml"], Shell("exec 2>/dev/full"), as_it_is, 2, ""),
    row("standard error closed", &["lint", "gone.yaml"], Shell("exec 2>&-"), as_it_is, 2, ""),
    row("standard output closed", RENDER, Shell("exec >&-"), as_it_is, 0, "").renews(RENDERED),
    row("standard input closed", &["lint", "-"], Shell("exec <&-"), as_it_is, 2, "nothing is in standard input"),
    row("a folder as standard input", &["lint", "-"], Shell("exec <deploy"), as_it_is, 2, "cannot read -: is a directory"),
];

impl Row {
    const fn renews(mut self, new: &'static [&'static str]) -> Row {
        self.new = new;
        self
    }
}

/// A folder with everything in it that the rows spoil.
pub fn prepare(dir: &Path) {
    fs::write(dir.join("scalegen.yaml"), SPEC).unwrap();
    fs::write(dir.join("faulty.yaml"), FAULTY).unwrap();
    fs::write(dir.join("warned.yaml"), WARNED).unwrap();
    static OLD: OnceLock<Vec<(String, String)>> = OnceLock::new();
    for (path, text) in OLD.get_or_init(|| rendered(Some("large"))) {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let old_page = format!("<!-- {}. -->\nold\n", scalegen::report::site::MARK);
    for (folder, file, text) in [
        ("reports", "report.json", "old\n"),
        ("site", "index.html", &old_page),
        ("site", "search.js", &old_page),
        ("starter", "first.yaml", "old\n"),
        ("starter", "scalegen.schema.json", "{}\n"),
        ("known", "known.json", "{\"version\": 1, \"findings\": []}\n"),
    ] {
        fs::create_dir_all(dir.join(folder)).unwrap();
        fs::write(dir.join(folder).join(file), text).unwrap();
    }
}

/// What `render --out deploy` writes.
pub fn rendered(profile: Option<&str>) -> Vec<(String, String)> {
    let wanted = scalegen::CheckOptions {
        profiles: vec![profile.map(str::to_owned)],
        command: Some(vec!["--out".to_owned(), "deploy".to_owned()]),
        ..scalegen::CheckOptions::default()
    };
    let rendered =
        scalegen::render_with_options("scalegen.yaml", SPEC.as_bytes(), &scalegen::NoFiles, &wanted).unwrap();
    let files = rendered.files.into_iter().flat_map(|(target, files)| {
        files.into_iter().map(move |file| (format!("deploy/{target}/{}", file.path), file.text))
    });
    files.collect()
}

/// Everything below a folder: the bytes of files, where links lead, that there is a folder or something else.
pub fn tree(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut tree = BTreeMap::new();
    for entry in walkdir::WalkDir::new(dir).min_depth(1) {
        let entry = entry.unwrap();
        let kind = entry.file_type();
        let holds = if kind.is_symlink() {
            fs::read_link(entry.path()).unwrap().into_os_string().into_vec()
        } else if kind.is_dir() {
            b"a folder".to_vec()
        } else if kind.is_file() {
            fs::read(entry.path()).unwrap()
        } else {
            b"neither file nor folder".to_vec()
        };
        tree.insert(entry.path().strip_prefix(dir).unwrap().to_path_buf(), holds);
    }
    tree
}

/// What each command leaves where nothing is wrong.
pub fn unspoiled(run: &[&str]) -> BTreeMap<PathBuf, Vec<u8>> {
    let dir = TempDir::new().unwrap();
    prepare(dir.path());
    let status = binary(dir.path()).args(run).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.code() == Some(0), "{run:?}: {status}");
    tree(dir.path())
}

pub fn binary(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scalegen"));
    command.current_dir(dir).stdin(Stdio::null());
    command
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// A file system of its own, for as long as it is needed.
struct Mounted(PathBuf);

impl Mounted {
    fn new(at: &Path, options: &str) -> Option<Mounted> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "none"]).arg(at).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Mounted(at.to_path_buf()))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// Leaves no byte and no name free.
fn fill(dir: &Path) {
    let mut filler = File::create(dir.join("filler")).unwrap();
    while filler.write_all(&[b'x'; 1024]).is_ok() && filler.metadata().unwrap().len() < 1 << 20 {}
    for number in 0.. {
        // some need no byte: all names that are left are taken
        if number == 100 || File::create(dir.join(format!("filler-{number}"))).is_err() {
            break;
        }
    }
}

/// Runs a row; what is wrong, if anything.
fn tried(row: &Row) -> Result<(), String> {
    let temporary = TempDir::new().unwrap();
    let dir = temporary.path();
    let mounted = match row.around {
        Full(options) => Some(Mounted::new(dir, options)),
        ReadOnly => Some(Mounted::new(dir, "size=1m")),
        _ => None,
    };
    if matches!(mounted, Some(None)) {
        not_tested(&format!("{}: a file system cannot be mounted (it takes root)", row.fault));
        return Ok(());
    }
    prepare(dir);
    (row.spoil)(dir);
    match row.around {
        Full(_) => fill(dir),
        ReadOnly => {
            let status = Command::new("mount").args(["-o", "remount,ro"]).arg(dir).status().unwrap();
            assert!(status.success());
        }
        _ => {}
    }
    let before = tree_opened(dir);
    let mut command = match row.around {
        NoPower if is_root() => {
            let mut command = Command::new("setpriv");
            command.args(["--bounding-set=-all", "--inh-caps=-all", env!("CARGO_BIN_EXE_scalegen")]);
            command
        }
        Shell(script) => {
            let mut command = Command::new("sh");
            command.args(["-c", &format!("{script}; exec \"$@\""), "sh", env!("CARGO_BIN_EXE_scalegen")]);
            command
        }
        _ => Command::new(env!("CARGO_BIN_EXE_scalegen")),
    };
    let output = command.args(row.run).current_dir(dir).stdin(Stdio::null()).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let after = tree_opened(dir);
    if output.status.code() != row.code {
        return Err(format!("ended with {}: {said}", output.status));
    }
    // lines are broken where a report is as wide as its box
    if !said.contains(row.says) && !said.split_whitespace().collect::<Vec<_>>().join(" ").contains(row.says) {
        return Err(format!("says {said:?}"));
    }
    if said.contains("panicked") {
        return Err(said);
    }
    let fresh = if row.new.is_empty() { BTreeMap::new() } else { unspoiled(row.run) };
    lost(&before, &after, &fresh, row.new)
}

/// The tree, with everything opened to reading for as long as it takes.
fn tree_opened(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    if is_root() {
        return tree(dir);
    }
    let closed: Vec<(PathBuf, Permissions)> = walkdir::WalkDir::new(dir)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some((entry.path().to_path_buf(), entry.metadata().ok()?.permissions())))
        .filter(|(_, permissions)| permissions.mode() & 0o400 == 0)
        .collect();
    closed.iter().for_each(|(path, _)| mode(path.clone(), 0o700));
    let tree = tree(dir);
    closed.into_iter().for_each(|(path, permissions)| fs::set_permissions(path, permissions).unwrap());
    tree
}

fn lost(
    before: &BTreeMap<PathBuf, Vec<u8>>,
    after: &BTreeMap<PathBuf, Vec<u8>>,
    fresh: &BTreeMap<PathBuf, Vec<u8>>,
    new: &[&str],
) -> Result<(), String> {
    for path in before.keys().chain(after.keys()) {
        let folder_of_new = new.iter().any(|new| Path::new(new).starts_with(path) && Path::new(new) != path);
        let meant = if new.iter().any(|new| Path::new(new) == path) { fresh } else { before };
        if after.get(path) != meant.get(path) && !folder_of_new {
            return Err(format!("{} was {:?} and is {:?}", path.display(), meant.get(path), after.get(path)));
        }
    }
    Ok(())
}

#[test]
fn every_fault_is_survived_and_said_and_nothing_is_lost() {
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let halves: Vec<_> = (0..2)
            .map(|half| {
                let rows = TABLE.iter().skip(half).step_by(2);
                scope.spawn(move || {
                    rows.filter_map(|row| tried(row).err().map(|why| format!("{}: {why}", row.fault)))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{} of {} faults:\n{}", wrong.len(), TABLE.len(), wrong.join("\n"));
    say(&format!("fault table: {} faults tried, all survived, nothing lost", TABLE.len()));
}

/// What stands in a folder, by name.
fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn prepared() -> TempDir {
    let dir = TempDir::new().unwrap();
    prepare(dir.path());
    dir
}

#[test]
fn permissions_owner_and_links_of_what_is_replaced_stay() {
    for (run, file) in [
        (RENDER, "deploy/nginx/shop.conf"),
        (SCALE, "scalegen.yaml"),
        (FIX, "faulty.yaml"),
        (REPORT, "reports/report.json"),
        (DOCS, "site/index.html"),
        (INIT, "starter/first.yaml"),
        (BASELINE, "known/known.json"),
    ] {
        let dir = prepared();
        let fresh = unspoiled(run).remove(Path::new(file)).unwrap();
        let (path, real) = (dir.path().join(file), dir.path().join(file).with_file_name("real"));
        fs::rename(&path, &real).unwrap();
        symlink("real", &path).unwrap();
        mode(real.clone(), 0o640);
        let given = std::os::unix::fs::chown(&real, Some(65534), Some(65533)).is_ok();
        let output = binary(dir.path()).args(run).output().unwrap();
        assert!(output.status.success(), "{run:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(fs::read_link(&path).unwrap(), Path::new("real"), "{file}");
        assert_eq!(fs::read(&real).unwrap(), fresh, "{file}");
        let meta = fs::metadata(&real).unwrap();
        assert_eq!(meta.permissions().mode() & 0o7777, 0o640, "{file}");
        assert!(!given || (meta.uid(), meta.gid()) == (65534, 65533), "{file}");
    }
}

#[test]
fn a_new_file_has_the_permissions_of_any_new_file() {
    let dir = prepared();
    let script = "umask 027; exec \"$@\"";
    let status = Command::new("sh")
        .args(["-c", script, "sh", env!("CARGO_BIN_EXE_scalegen"), "render", "scalegen.yaml", "--out", "fresh"])
        .current_dir(dir.path())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    let bits = |path: &str| fs::metadata(dir.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((bits("fresh/nginx"), bits("fresh/nginx/shop.conf")), (0o750, 0o640));
}

#[test]
fn two_runs_at_once_leave_the_files_of_one_of_them() {
    let dir = prepared();
    let sets = [rendered(None), rendered(Some("large"))];
    for round in 0..12 {
        let runs: Vec<_> = [&[][..], &["--profile", "large"]]
            .iter()
            .map(|profile| binary(dir.path()).args(RENDER).args(*profile).stdout(Stdio::null()).spawn().unwrap())
            .collect();
        for mut run in runs {
            assert!(run.wait().unwrap().success());
        }
        let now = |set: &[(String, String)]| {
            set.iter().all(|(path, text)| fs::read_to_string(dir.path().join(path)).unwrap() == *text)
        };
        assert!(sets.iter().any(|set| now(set)), "round {round}: a mixture");
    }
    assert_eq!(names(&dir.path().join("deploy/compose")), ["compose.yaml"]);
    assert_eq!(names(&dir.path().join("deploy/nginx")), ["shop.conf"]);
}

#[test]
fn two_changes_at_once_are_both_made_or_one_is_refused() {
    for _ in 0..8 {
        let dir = prepared();
        let changes = [["--count", "3"], ["--memory", "96Mi"]];
        let runs = changes.map(|change| {
            let mut command = binary(dir.path());
            command.args(["scale", "scalegen.yaml", "web"]).args(change);
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        });
        let outputs = runs.map(|run| run.wait_with_output().unwrap());
        let text = fs::read_to_string(dir.path().join("scalegen.yaml")).unwrap();
        for (output, made) in outputs.iter().zip(["replicas: 3", "memory: 96Mi"]) {
            let said = String::from_utf8_lossy(&output.stderr);
            match output.status.code() {
                Some(0) => assert!(text.contains(made), "{made} was said to be written, and is lost:\n{text}"),
                Some(2) => assert!(said.contains("it was changed meanwhile; run again"), "{said}"),
                code => panic!("{code:?}: {said}"),
            }
        }
    }
}

#[test]
fn a_run_waits_for_another_in_the_same_folder_but_not_for_ever() {
    let dir = prepared();
    let before = tree(dir.path());
    let other = File::open(dir.path().join("deploy")).unwrap();
    other.lock().unwrap();
    let output = binary(dir.path()).args(RENDER).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "scalegen: cannot write into deploy: another run has been writing there for 5 seconds\n"
    );
    assert_eq!(tree(dir.path()), before);
    // looking needs no turn
    let check = binary(dir.path()).args(RENDER).args(["--check", "--profile", "large"]).output().unwrap();
    assert_eq!(check.status.code(), Some(0), "{}", String::from_utf8_lossy(&check.stderr));
    let waiting = binary(dir.path()).args(RENDER).stdout(Stdio::piped()).spawn().unwrap();
    drop(other);
    assert!(waiting.wait_with_output().unwrap().status.success());
}

#[test]
fn what_a_killed_run_left_is_shown_and_removed_and_nothing_else() {
    for (run, folder) in [
        (RENDER, "deploy/nginx"),
        (SCALE, "."),
        (FIX, "."),
        (REPORT, "reports"),
        (DOCS, "site/rules"),
        (INIT, "starter"),
        (BASELINE, "known"),
    ] {
        let dir = prepared();
        let folder = dir.path().join(folder);
        fs::create_dir_all(&folder).unwrap();
        let left = [".scalegen-tmp-1-0", ".scalegen-tmp-4000000000-7"];
        left.iter().for_each(|name| fs::write(folder.join(name), "half").unwrap());
        let kept = [".scalegen-tmp-notes", ".scalegen-tmp-2-0"];
        fs::write(folder.join(kept[0]), "a user's").unwrap();
        fs::create_dir(folder.join(kept[1])).unwrap();
        if run == RENDER {
            let check = binary(dir.path()).args(RENDER).args(["--check", "--profile", "large"]).output().unwrap();
            let said = String::from_utf8_lossy(&check.stdout);
            assert_eq!(check.status.code(), Some(1), "{said}");
            assert!(said.contains("left over deploy/nginx/.scalegen-tmp-1-0: of a run that was killed"), "{said}");
        }
        assert!(binary(dir.path()).args(run).stdout(Stdio::null()).status().unwrap().success());
        let names = names(&folder);
        assert!(left.iter().all(|name| !names.contains(&(*name).to_owned())), "{run:?}: {names:?}");
        assert!(kept.iter().all(|name| names.contains(&(*name).to_owned())), "{run:?}: {names:?}");
    }
}

/// Runs in a folder without the powers of root, where the tests have them.
fn powerless(dir: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = match is_root() {
        true => Command::new("setpriv"),
        false => binary(dir),
    };
    if is_root() {
        command.args(["--bounding-set=-all", "--inh-caps=-all", env!("CARGO_BIN_EXE_scalegen")]);
    }
    let output = command.args(args).current_dir(dir).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// A diff that cannot see every file must not look like one that saw no change, and says only why it could not.
#[test]
fn a_diff_of_a_shut_folder_says_so() {
    let dir = prepared();
    let git = |args: &[&str]| {
        let mut git = Command::new("git");
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        git.args(["-c", "user.name=t", "-c", "user.email=t@example.com"]).args(args).current_dir(dir.path());
        git.output().is_ok_and(|done| done.status.success())
    };
    if !git(&["init", "-q", "-b", "main"]) {
        return not_tested("git is not installed");
    }
    assert!(git(&["commit", "-q", "--allow-empty", "-m", "x"]));
    let shut = dir.path().join("shut");
    fs::create_dir(&shut).unwrap();
    mode(shut.clone(), 0o000);
    let ran = powerless(dir.path(), &["diff", "--base", "main", "shut"]);
    mode(shut, 0o700);
    let said = "scalegen: cannot search shut: permission denied\n";
    assert_eq!((ran.0, ran.2.as_str()), (Some(2), said), "{}", ran.1);
}

#[test]
fn a_shut_folder_does_not_hide_the_others() {
    let dir = prepared();
    for name in ["a", "b", "c"] {
        fs::create_dir(dir.path().join(name)).unwrap();
        fs::write(dir.path().join(name).join("scalegen.yaml"), FAULTY).unwrap();
    }
    mode(dir.path().join("b"), 0o000);
    let (code, out, err) = powerless(dir.path(), &["lint", "--format", "concise"]);
    mode(dir.path().join("b"), 0o700);
    assert_eq!(code, Some(2), "{out}{err}");
    assert_eq!(err, "scalegen: cannot search ./b: permission denied\n");
    assert!(out.contains("a/scalegen.yaml:6:") && out.contains("c/scalegen.yaml:6:"), "{out}");
}

#[test]
fn names_that_are_no_text_or_too_long() {
    let dir = prepared();
    let odd = |name: &[u8]| std::ffi::OsString::from_vec(name.to_vec());
    let (folder, spec) = (odd(b"d\xe9p"), odd(b"caf\xe9.scalegen.yaml"));
    if fs::create_dir(dir.path().join(&folder)).is_err() {
        return not_tested("names that are no UTF-8: the file system takes none");
    }
    fs::write(dir.path().join(&folder).join(&spec), FAULTY).unwrap();
    let run = |args: &[&std::ffi::OsStr]| {
        let output = binary(dir.path()).args(args).output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code(), said)
    };
    let (code, said) = run(&["lint".as_ref(), "--format".as_ref(), "concise".as_ref(), &folder]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("d\u{fffd}p/caf\u{fffd}.scalegen.yaml:6:"), "{said}");
    let path = Path::new(&folder).join(&spec);
    let (code, said) = run(&["lint".as_ref(), "--fix".as_ref(), path.as_ref()]);
    assert_eq!(code, Some(0), "{said}");
    let out = Path::new(&folder).join(odd(b"\xff"));
    let (code, said) = run(&["render".as_ref(), "scalegen.yaml".as_ref(), "--out".as_ref(), out.as_ref()]);
    assert_eq!(code, Some(0), "{said}");
    assert!(dir.path().join(&out).join("nginx/shop.conf").exists());

    let long = "x".repeat(300);
    for (args, says) in [
        (["lint", &format!("{long}.yaml"), "--color", "never"], "cannot read xxx"),
        (["render", "scalegen.yaml", "--out", &long], "cannot make the folder xxx"),
        (["lint", "scalegen.yaml", "--format", &format!("json={long}")], "cannot write xxx"),
    ] {
        let (code, said) = run(&args.map(std::ffi::OsStr::new));
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(says) && said.contains("file name too long"), "{said}");
    }
}

#[test]
fn a_folder_with_a_hundred_thousand_files_is_searched() {
    let memory = Path::new("/dev/shm");
    let dir = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap();
    prepare(dir.path());
    let crowd = dir.path().join("crowd");
    fs::create_dir(&crowd).unwrap();
    File::create(crowd.join("first")).unwrap();
    for number in 0..100_000 {
        let name = crowd.join(format!("{number}.yaml"));
        // one file by many names is made faster; some file systems bound their number
        fs::hard_link(crowd.join("first"), &name).or_else(|_| File::create(&name).map(drop)).unwrap();
    }
    fs::rename(dir.path().join("faulty.yaml"), crowd.join("one.scalegen.yaml")).unwrap();
    let output = binary(dir.path()).args(["lint", "--format", "concise"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!((output.status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(said.starts_with("crowd/one.scalegen.yaml:6:"), "{said}");
    // and written into
    let output = binary(dir.path())
        .args(["render", "scalegen.yaml", "--target", "compose", "--out", "crowd", "--flat"])
        .output();
    let output = output.unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "wrote crowd/compose.yaml\n");
}
