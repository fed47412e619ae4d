//! Runs a command again whenever a file that it read changes, or a spec comes or goes.
//!
//! The times of the files are asked for every third of a second. A library that is told by the system (`notify`) would add a dozen
//! crates for each system, and needs such a loop beside it anyway: a spec names files that are not there yet, and network
//! and container file systems tell nobody. Where asking takes long the pauses grow with it, so that it never takes more than a
//! tenth of one core.

use super::{Exit, Failure, complain};
use scalegen::support::plural::plural;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// Why standard input is not watched.
pub const NO_STDIN: &str = "--watch needs a file: standard input is read once";

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(300);
/// So many times as long as a look took is rested after it.
const REST: u32 = 10;
/// Changes that follow each other are waited for so often: an editor may write a file in several steps.
const SETTLES: u32 = 5;

/// Whether what is read is remembered.
static ON: AtomicBool = AtomicBool::new(false);
/// Whether standard output has lost its reader: then nobody watches.
static UNHEARD: AtomicBool = AtomicBool::new(false);
/// What was asked for since the run began, each as it was then.
static READ: Mutex<BTreeMap<PathBuf, Option<Stamp>>> = Mutex::new(BTreeMap::new());

/// By what a file is known to be as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    changed: Option<SystemTime>,
    length: u64,
    /// An editor may put a new file in the place of the old one.
    file: u64,
}

impl Stamp {
    /// `None` if nothing stands.
    fn of(path: &Path) -> Option<Stamp> {
        let meta = fs::metadata(path).ok()?;
        #[cfg(unix)]
        let file = std::os::unix::fs::MetadataExt::ino(&meta);
        #[cfg(not(unix))]
        let file = 0;
        Some(Stamp { changed: meta.modified().ok(), length: meta.len(), file })
    }
}

/// Remembers a file that is about to be read or asked for.
pub fn note(path: &Path) {
    if ON.load(Ordering::Relaxed) {
        let stamp = Stamp::of(path);
        // the first look counts: what changed since then is to be read again
        READ.lock().unwrap_or_else(PoisonError::into_inner).entry(path.to_path_buf()).or_insert(stamp);
    }
}

/// Says that standard output has lost its reader.
pub fn unheard() {
    UNHEARD.store(true, Ordering::Relaxed);
}

/// What is watched.
pub struct Watched<'a> {
    /// The specs there are now: a new one starts a run too.
    pub specs: &'a dyn Fn() -> Vec<PathBuf>,
    /// Below this nothing counts: the run itself writes there.
    pub but: Option<&'a Path>,
}

/// Runs `run` and then again after each change, until the process is ended. What could not run is said and watched on.
///
/// # Errors
/// Where standard output cannot be written.
pub fn watch(
    watched: &Watched<'_>,
    out: &mut dyn Write,
    mut run: impl FnMut(&mut dyn Write) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    loop {
        READ.lock().unwrap_or_else(PoisonError::into_inner).clear();
        ON.store(true, Ordering::Relaxed);
        let ended = run(out);
        ON.store(false, Ordering::Relaxed);
        let exit = ended.unwrap_or_else(|Failure(why)| {
            complain(&why);
            Exit::Failed
        });
        out.flush()?;
        if UNHEARD.load(Ordering::Relaxed) {
            return Ok(exit);
        }
        let specs = (watched.specs)();
        let mut seen = std::mem::take(&mut *READ.lock().unwrap_or_else(PoisonError::into_inner));
        seen.retain(|path, _| watched.but.is_none_or(|but| !path.starts_with(but)));
        for spec in &specs {
            seen.entry(spec.clone()).or_insert_with(|| Stamp::of(spec));
        }
        let files = seen.values().filter(|stamp| stamp.is_some()).count();
        complain(&format!("watching {}; Ctrl-C ends it", plural(files, "file")));
        wait(&seen, &specs, watched);
    }
}

/// Returns when something has changed, and then changes no more for a while.
fn wait(seen: &BTreeMap<PathBuf, Option<Stamp>>, specs: &[PathBuf], watched: &Watched<'_>) {
    let look = || {
        let began = Instant::now();
        let now: Vec<Option<Stamp>> = seen.keys().map(|path| Stamp::of(path)).collect();
        let there = (watched.specs)();
        std::thread::sleep(PAUSE.max(began.elapsed() * REST));
        (now, there)
    };
    let mut last = loop {
        let (now, there) = look();
        if there != specs || !seen.values().eq(now.iter()) {
            break (now, there);
        }
    };
    for _ in 0..SETTLES {
        let next = look();
        if next == last {
            return;
        }
        last = next;
    }
}
