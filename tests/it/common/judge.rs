//! The real consumers as functions: one call of a judge in `tests/consumers` and its verdict. Knows nothing of scalegen.
//!
//! Where a judge is not installed, one line on stderr says so and the test that asked passes; under `CI` it fails.

use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;

/// What a judge answered.
#[derive(Debug)]
pub struct Verdict {
    /// Whether the consumer takes it.
    pub accepted: bool,
    /// Everything on stdout.
    pub out: String,
    /// Why not, or what it remarked.
    pub err: String,
}

impl Verdict {
    /// Stdout as JSON; every judge but kustomize prints it.
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    /// The verdict as it is, if the consumer takes it; else the test fails with the reasons and the text that was judged.
    pub fn accepted(self, what: &str, judged: &str) -> Verdict {
        assert!(self.accepted, "{what} is refused: {}\n{}\n{judged}", self.err, self.out);
        self
    }
}

/// One call of a judge, before it is made.
#[derive(Default)]
pub struct Call<'a> {
    pub args: Vec<&'a str>,
    pub env: Vec<(&'a str, &'a str)>,
    pub input: &'a str,
}

/// Asks a judge; none where it is not installed.
pub fn judge(name: &str, args: &[&str]) -> Option<Verdict> {
    Call { args: args.to_vec(), ..Call::default() }.ask(name)
}

impl Call<'_> {
    /// Asks a judge; none where it is not installed.
    pub fn ask(&self, name: &str) -> Option<Verdict> {
        if !Path::new(".consumers").exists() {
            not_tested("the real consumers are not installed");
            return None;
        }
        let mut child = Command::new(Path::new("tests/consumers").join(name))
            .args(&self.args)
            .envs(self.env.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // one that reads no input closes the pipe
        let _ = child.stdin.take().unwrap().write_all(self.input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.code() {
            Some(0) => Some(Verdict { accepted: true, out, err }),
            Some(1) => Some(Verdict { accepted: false, out, err }),
            _ if ["not installed", "is not here", "needs root"].iter().any(|why| err.contains(why)) => {
                not_tested(err.trim());
                None
            }
            code => panic!("{name} {:?} could not judge ({code:?}): {err}", self.args),
        }
    }
}

/// Says loudly, once for each reason, that something was not tested; where `CI` is set that is a failure.
pub fn not_tested(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "NOT TESTED, and this is CI: {why}; run tests/consumers/install.sh");
    say(&format!("NOT TESTED: {why}; run tests/consumers/install.sh"));
}

/// Prints a line past the test runner, which keeps what `println!` prints of a test that passes; each line once.
pub fn say(line: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if SAID.lock().unwrap().insert(line.to_owned()) {
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }
}
