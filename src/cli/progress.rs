//! The progress of long work: a line on standard error, at a terminal only, and only after a second. If standard error is a
//! file or a pipe nothing is written.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Work that ends earlier prints nothing.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two lines.
const PACE: Duration = Duration::from_millis(200);

/// Work in progress; the line is removed when this is dropped.
pub struct Progress {
    shared: Arc<Shared>,
    painter: Option<JoinHandle<()>>,
}

struct Shared {
    what: &'static str,
    /// How many steps there are, if that is known before the end.
    total: Option<usize>,
    done: AtomicUsize,
    ended: Mutex<bool>,
    wake: Condvar,
}

impl Progress {
    /// Begins work of `steps` steps; `what` opens the line: `checking specs`.
    pub fn start(what: &'static str, total: usize) -> Progress {
        Progress::of(what, Some(total))
    }

    /// Begins work of which nobody knows how many steps it takes.
    pub fn counting(what: &'static str) -> Progress {
        Progress::of(what, None)
    }

    fn of(what: &'static str, total: Option<usize>) -> Progress {
        let shared =
            Arc::new(Shared { what, total, done: AtomicUsize::new(0), ended: Mutex::new(false), wake: Condvar::new() });
        let terminal = io::stderr().is_terminal() && std::env::var_os("TERM").is_some_and(|term| term != "dumb");
        let theirs = Arc::clone(&shared);
        let painter = terminal.then(|| std::thread::Builder::new().spawn(move || theirs.paint()).ok()).flatten();
        Progress { shared, painter }
    }

    /// One step is done.
    pub fn step(&self) {
        self.shared.done.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        *self.shared.ended.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.shared.wake.notify_all();
        if let Some(painter) = self.painter.take() {
            // a line that could not be painted is no reason to fail
            let _ = painter.join();
        }
    }
}

impl Shared {
    fn paint(&self) {
        let mut wait = PATIENCE;
        let mut painted = false;
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        while !*ended {
            let waited = self.wake.wait_timeout_while(ended, wait, |ended| !*ended);
            let (guard, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            ended = guard;
            if timeout.timed_out() && !*ended {
                let done = self.done.load(Ordering::Relaxed);
                let of = self.total.map_or_else(String::new, |total| format!(" of {total}"));
                let line = format!("\r\u{1b}[K{}: {done}{of}", self.what);
                let _ = io::stderr().write_all(line.as_bytes());
                painted = true;
            }
            wait = PACE;
        }
        if painted {
            let _ = io::stderr().write_all("\r\u{1b}[K".as_bytes());
        }
    }
}
