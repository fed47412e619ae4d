//! `--watch`: a run after each change, none without one, and no busy loop. And the manual pages of the system.

use crate::cli::program::{folder, scalegen};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const SPEC: &str = "version: 1
name: shop
services:
  web: { image: a, resources: { limits: { memory: 1Gi } } }
targets: { compose: { base: base.yml } }
";

/// A run that watches, and the lines of its two streams as they come.
struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn start(dir: &Path, args: &[&str]) -> Watching {
        // one pipe for both streams, so that what is said comes in its order
        let (reader, writer) = std::io::pipe().unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_scalegen"))
            .args(args)
            .current_dir(dir)
            .stdin(Stdio::null())
            .stdout(writer.try_clone().unwrap())
            .stderr(writer)
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            BufReader::new(reader).lines().map_while(Result::ok).all(|line| sender.send(line).is_ok())
        });
        Watching { child, lines }
    }

    /// All that is said until it waits again.
    fn until_it_waits(&self) -> String {
        let mut said = String::new();
        loop {
            let line =
                self.lines.recv_timeout(Duration::from_secs(60)).unwrap_or_else(|_| panic!("it says no more: {said}"));
            said.push_str(&line);
            said.push('\n');
            if line.contains("watching") {
                return said;
            }
        }
    }

    fn says_nothing(&self) -> bool {
        self.lines.recv_timeout(Duration::from_secs(2)).is_err()
    }

    /// Processor time of the process so far, in hundredths of a second.
    fn ticks(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        [11, 12].iter().filter_map(|index| fields.get(*index)?.parse::<u64>().ok()).sum()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn lint_runs_again_after_a_change_of_a_spec_or_of_what_it_names() {
    let dir = folder(&[("scalegen.yaml", SPEC), ("base.yml", "services: { web: { image: a } }\n")]);
    let watching = Watching::start(dir.path(), &["lint", "--watch", "--format", "concise"]);
    assert!(watching.until_it_waits().contains("watching"));
    let before = watching.ticks();
    assert!(watching.says_nothing(), "nothing has changed");
    assert!(watching.ticks() - before < 100, "it is busy while it waits: {} hundredths", watching.ticks() - before);
    fs::write(dir.path().join("scalegen.yaml"), SPEC.replace("image: a", "imag: a")).unwrap();
    assert!(watching.until_it_waits().contains("unknown-field"));
    fs::write(dir.path().join("scalegen.yaml"), SPEC).unwrap();
    assert!(!watching.until_it_waits().contains("error"));
    fs::write(dir.path().join("base.yml"), "services: { web: [\n").unwrap();
    assert!(watching.until_it_waits().contains("base.yml"));
    // what is missing is waited for, and a new spec is seen
    fs::remove_file(dir.path().join("base.yml")).unwrap();
    assert!(watching.until_it_waits().contains("unreadable-file"));
    fs::write(dir.path().join("base.yml"), "services: { web: { image: a } }\n").unwrap();
    assert!(!watching.until_it_waits().contains("error"));
    fs::write(dir.path().join("more.scalegen.yaml"), "version: 2\n").unwrap();
    assert!(watching.until_it_waits().contains("more.scalegen.yaml"));
}

#[test]
fn render_runs_again_and_does_not_watch_what_it_writes() {
    let spec = "version: 1\nname: shop\nservices: { web: { image: 'a:1', resources: { limits: { memory: 1Gi } } } }\ntargets: { compose: {} }\n";
    let dir = folder(&[("scalegen.yaml", spec)]);
    let watching = Watching::start(dir.path(), &["render", "--out", "out", "--watch"]);
    watching.until_it_waits();
    let written = || fs::read_to_string(dir.path().join("out/compose/compose.yaml")).unwrap();
    assert!(written().contains("a:1"));
    assert!(watching.says_nothing(), "its own files are no change");
    fs::write(dir.path().join("scalegen.yaml"), spec.replace("a:1", "a:2")).unwrap();
    watching.until_it_waits();
    assert!(written().contains("a:2"));
    // a spec that is gone for a moment ends nothing
    fs::remove_file(dir.path().join("scalegen.yaml")).unwrap();
    assert!(watching.until_it_waits().contains("no scalegen.yaml"));
    fs::write(dir.path().join("scalegen.yaml"), spec.replace("a:1", "a:3")).unwrap();
    watching.until_it_waits();
    assert!(written().contains("a:3"));
}

#[test]
fn what_cannot_be_watched_is_refused() {
    let dir = folder(&[("scalegen.yaml", SPEC)]);
    for args in [&["lint", "--watch", "-"][..], &["render", "-", "--watch"]] {
        let ran = scalegen(dir.path(), args);
        assert!(ran.code == 2 && ran.err.contains("standard input is read once"), "{}", ran.err);
    }
    assert_eq!(scalegen(dir.path(), &["lint", "--watch", "--fix"]).code, 2);
}

#[test]
fn every_command_has_a_page_for_man() {
    let dir = folder(&[]);
    let ran = scalegen(dir.path(), &["man"]);
    assert!(
        ran.code == 0 && ran.out.contains(".TH scalegen 1") && ran.out.contains("scalegen\\-lint(1)"),
        "{}",
        ran.out
    );
    assert_eq!(scalegen(dir.path(), &["man", "--out", "pages"]).code, 0);
    let page = fs::read_to_string(dir.path().join("pages/scalegen-lint.1")).unwrap();
    assert!(page.contains("\\-\\-watch"), "{page}");
    let pages = fs::read_dir(dir.path().join("pages")).unwrap().count();
    let listed = scalegen(dir.path(), &["--help"]).out;
    assert!(listed.contains("completions") && pages > 10, "{pages} pages");
}
