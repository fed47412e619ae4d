//! The child process that renders the user's own templates: this program once more, within limits that the system
//! enforces. Knows no template.

use super::child;
use std::io::{Read, Write};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::time::Duration;

/// The argument that makes this program such a process. It is not a command for people: it reads what [`run`] writes.
const WORD: &str = "--template-apart";
/// The environment of such a process: the variables that a system needs to start it, and those that tell a coverage build
/// where to write its counts.
const ENVIRONMENT: &[&str] = &["SYSTEMROOT", "LLVM_PROFILE_FILE"];
/// The limits of a process: a fixed amount, and one more for each so many bytes of its job.
struct ProcessLimit {
    base: u64,
    each: u64,
}
/// Seconds of processor time. Fuel stops templates that only run long well before: a second is worth some millions of steps.
const SECONDS: ProcessLimit = ProcessLimit { base: 3, each: 50_000 };
/// MiB of memory.
const MEMORY: ProcessLimit = ProcessLimit { base: 512, each: 1_000 };
/// The factor by which elapsed time may exceed processor time on a busy machine. It is the only limit if the system counts no processor time.
const BUSY: u64 = 10;
/// The exit of a process that took too long by the clock.
const LATE: u8 = 3;
/// Bytes of stack: as much as the most generous systems give, so that templates may nest equally deep everywhere.
const STACK: usize = 16 << 20;

impl ProcessLimit {
    fn of(&self, job: &str) -> u64 {
        self.base.saturating_add(job.len() as u64 / self.each)
    }
}

/// Whether this process was started to do a job.
pub fn called() -> bool {
    std::env::args_os().nth(1).is_some_and(|word| word == WORD)
}

/// Reads the job from standard input, does it and writes the answer.
pub fn main() -> ExitCode {
    let mut job = String::new();
    if std::io::stdin().read_to_string(&mut job).is_err() {
        return ExitCode::from(2);
    }
    bound(&job);
    let latest = Duration::from_secs(SECONDS.of(&job).saturating_mul(BUSY));
    std::thread::spawn(move || {
        std::thread::sleep(latest);
        std::process::exit(i32::from(LATE));
    });
    let work = move || std::io::stdout().write_all(scalegen::targets::answer(&job).as_bytes()).is_ok();
    let worker = std::thread::Builder::new().stack_size(STACK).spawn(work);
    match worker.map(std::thread::JoinHandle::join) {
        Ok(Ok(true)) => ExitCode::SUCCESS,
        _ => ExitCode::from(2),
    }
}

/// Limits this process, if the system can.
#[cfg(unix)]
fn bound(job: &str) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let bound = |resource, most: u64| {
        let now = getrlimit(resource);
        let least = |limit: Option<u64>| Some(limit.map_or(most, |limit| limit.min(most)));
        // a system that refuses keeps its own limits
        let _ = setrlimit(resource, Rlimit { current: least(now.current), maximum: now.maximum });
    };
    bound(Resource::Cpu, SECONDS.of(job));
    bound(Resource::Data, MEMORY.of(job) << 20);
    bound(Resource::Core, 0);
}

#[cfg(not(unix))]
fn bound(_job: &str) {}

/// Runs a job in such a process.
///
/// # Errors
/// What happened to the process.
pub fn run(job: &str) -> Result<String, String> {
    let gone = |error: std::io::Error| {
        format!("no process could be started to run it: {}", super::read::io_error_text(&error))
    };
    let program = std::env::current_exe().map_err(gone)?;
    let mut process = Command::new(program);
    child::keep_only(&mut process, ENVIRONMENT);
    let mut process =
        process.arg(WORD).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(gone)?;
    if let Some(mut input) = process.stdin.take() {
        // a process that has ended reads no further; how it ended is asked next
        let _ = input.write_all(job.as_bytes());
    }
    let output = process.wait_with_output().map_err(gone)?;
    if !output.status.success() {
        return Err(ended(output.status, job));
    }
    String::from_utf8(output.stdout).map_err(|_| "what it writes is not UTF-8".to_owned())
}

/// Why a process ended without an answer.
fn ended(status: ExitStatus, job: &str) -> String {
    let (seconds, memory) = (SECONDS.of(job), MEMORY.of(job));
    if late(status) {
        return format!("it takes too long: it may have {seconds} seconds of processor time");
    }
    format!("it takes too much memory or nests too deep: it may have {memory} MiB, and {} MiB of stack", STACK >> 20)
}

#[cfg(unix)]
fn late(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    let signal = rustix::process::Signal::XCPU.as_raw();
    status.signal() == Some(signal) || status.code() == Some(i32::from(LATE))
}

#[cfg(not(unix))]
fn late(status: ExitStatus) -> bool {
    status.code() == Some(i32::from(LATE))
}
