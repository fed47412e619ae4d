//! Writes one file in steps: into a temporary file beside its final path, synced, then renamed. Also makes runs that write
//! into the same folder wait for each other. Knows no file by name.
//!
//! A run locks each folder it writes into. The lock ends with its process, however that ends. So a temporary file in a folder that
//! nobody has locked was left by a run that was killed. A process id would not tell: it is reused, and in a
//! container it is the same in every run.

use super::read::io_error_text;
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How the temporaries begin; a process number and a counter follow.
const TEMPORARY: &str = ".scalegen-tmp-";
/// How many names are tried before the folder counts as full of other runs' temporaries.
const NAMES: usize = 100_000;
/// The counter of this run's next temporary: to begin again for each file would try every earlier name again.
static NEXT: AtomicUsize = AtomicUsize::new(0);
/// The most files that may be open, written and not yet synced.
pub const OPEN: usize = 64;
/// Threads that sync at once: a disk syncs many files in one go, and each thread only waits.
const SYNCING: usize = 16;
/// Up to this many files are synced one after the other.
const FEW: usize = 8;
/// How often, and how long each time, a run waits for another that writes into the same folder: five seconds in all.
const WAITS: usize = 250;
const WAIT: Duration = Duration::from_millis(20);

/// A whole temporary. Dropped without [`Staged::settle`] it is removed.
pub struct Staged {
    temporary: PathBuf,
    path: PathBuf,
    /// Until it is synced.
    file: Option<File>,
    settled: bool,
}

impl Staged {
    /// Writes the bytes beside `path`, which must be no link; they are not yet synced. Where a file is there already,
    /// its permissions are kept, and its owner as far as this user may give files away.
    ///
    /// # Errors
    /// The message of the system; nothing is left behind then.
    pub fn new(path: &Path, bytes: &[u8]) -> io::Result<Staged> {
        let old = match fs::metadata(path) {
            Ok(old) => Some(old),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        check_size_limit(bytes.len())?;
        let (temporary, mut file) = create(path.parent().unwrap_or(Path::new("")), old.is_some())?;
        let mut staged = Staged { temporary, path: path.to_path_buf(), file: None, settled: false };
        file.write_all(bytes)?;
        if let Some(old) = old {
            keep(&file, &old)?;
        }
        staged.file = Some(file);
        Ok(staged)
    }

    /// Syncs it to disk.
    ///
    /// # Errors
    /// What the system says.
    pub fn sync(&mut self) -> io::Result<()> {
        self.file.take().map_or(Ok(()), |file| file.sync_all())
    }

    /// Moves it to its final path, synced.
    ///
    /// # Errors
    /// The message of the system; the final path is unchanged then.
    pub fn settle(mut self) -> io::Result<()> {
        self.sync()?;
        fs::rename(&self.temporary, &self.path)?;
        self.settled = true;
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.settled {
            // a temporary that stays because of a second fault is removed by the next run
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Syncs the files that are not yet synced, many at once.
///
/// # Errors
/// The first file that cannot be, by its index, and what the system says.
pub fn sync_all(staged: &mut [Staged]) -> Result<(), (usize, io::Error)> {
    if staged.len() > 1 {
        staged.iter().filter_map(|staged| staged.file.as_ref()).for_each(start_writing);
    }
    let threads = if staged.len() <= FEW { 1 } else { SYNCING };
    let synced =
        scalegen::support::threads::map(staged, threads, |one| one.file.as_ref().map_or(Ok(()), File::sync_all));
    if let Some(failed) = synced.into_iter().enumerate().find_map(|(index, done)| Some((index, done.err()?))) {
        return Err(failed);
    }
    staged.iter_mut().for_each(|staged| staged.file = None);
    Ok(())
}

/// Has the system begin to write a file's bytes to the disk, so that they are on their way for all files before the first sync
/// waits: that one then writes the names and places of all of them, and the others have little left to do.
#[cfg(target_os = "linux")]
fn start_writing(file: &File) {
    // advice: a system that does not follow it only takes longer
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
}

#[cfg(not(target_os = "linux"))]
fn start_writing(_file: &File) {}

/// Refuses a file larger than the limit of the system (`ulimit -f`): writing past it ends the process by a signal.
#[cfg(unix)]
fn check_size_limit(length: usize) -> io::Result<()> {
    let most = rustix::process::getrlimit(rustix::process::Resource::Fsize).current;
    match most.is_some_and(|most| length as u64 > most) {
        true => Err(io::ErrorKind::FileTooLarge.into()),
        false => Ok(()),
    }
}

#[cfg(not(unix))]
fn check_size_limit(_length: usize) -> io::Result<()> {
    Ok(())
}

/// A new file in the folder. `private`: readable by nobody else until its permissions are set.
fn create(folder: &Path, private: bool) -> io::Result<(PathBuf, File)> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if private {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = private;
    for _ in 0..NAMES {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let temporary = folder.join(format!("{TEMPORARY}{}-{number}", std::process::id()));
        match options.open(&temporary) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return Ok((temporary, opened?)),
        }
    }
    Err(io::Error::other(format!("{NAMES} temporary files of other runs are there")))
}

#[cfg(unix)]
fn keep(file: &File, old: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        // only root can change the owner, and only members the group; otherwise the file belongs to this user from now on
        let _ = fchown(file, Some(old.uid()), Some(old.gid())).or_else(|_| fchown(file, None, Some(old.gid())));
    }
    file.set_permissions(old.permissions())
}

#[cfg(not(unix))]
fn keep(file: &File, old: &Metadata) -> io::Result<()> {
    file.set_permissions(old.permissions())
}

/// Temporaries in a folder that no run is writing into, sorted.
pub fn leftovers(folder: &Path) -> Vec<PathBuf> {
    match lock(folder) {
        Lock::Elsewhere => Vec::new(),
        Lock::Held(_) | Lock::None => temporaries(folder),
    }
}

fn temporaries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder_or_current(folder)) else { return Vec::new() };
    let ours = entries.flatten().filter(|entry| {
        entry.file_name().to_str().is_some_and(is_temporary) && entry.file_type().is_ok_and(|kind| kind.is_file())
    });
    let mut found: Vec<PathBuf> = ours.map(|entry| folder.join(entry.file_name())).collect();
    found.sort();
    found
}

/// Whether a file is called like a temporary of ours.
pub fn is_temporary(name: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let rest = name.strip_prefix(TEMPORARY).and_then(|rest| rest.split_once('-'));
    rest.is_some_and(|(process, counter)| number(process) && number(counter))
}

/// The lock on a folder, until it is dropped. Without locks in the file system nobody holds it, and each file is
/// whole even so.
pub struct Turn(#[expect(dead_code, reason = "held, not read")] Option<File>);

/// Waits for the lock, so that two runs at once leave the files of one of them and no mixture, and removes what killed runs
/// left in the folder.
///
/// # Errors
/// Another run holds the folder and does not end; for a person.
pub fn turn(folder: &Path) -> Result<Turn, String> {
    for _ in 0..WAITS {
        match lock(folder) {
            Lock::Held(handle) => {
                for path in temporaries(folder) {
                    // one that cannot be removed does no harm
                    let _ = fs::remove_file(path);
                }
                return Ok(Turn(Some(handle)));
            }
            Lock::None => return Ok(Turn(None)),
            Lock::Elsewhere => std::thread::sleep(WAIT),
        }
    }
    let seconds = WAIT.as_millis() * WAITS as u128 / 1000;
    let folder = folder_or_current(folder).display();
    Err(format!("cannot write into {folder}: another run has been writing there for {seconds} seconds"))
}

enum Lock {
    Held(File),
    Elsewhere,
    /// The folder cannot be opened, or its file system has no locks.
    None,
}

fn lock(folder: &Path) -> Lock {
    let Ok(handle) = File::open(folder_or_current(folder)) else { return Lock::None };
    match handle.try_lock() {
        Ok(()) => Lock::Held(handle),
        Err(TryLockError::WouldBlock) => Lock::Elsewhere,
        Err(TryLockError::Error(_)) => Lock::None,
    }
}

/// The current folder has no name but `.`.
fn folder_or_current(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

/// Makes the names in a folder reach the disk.
///
/// # Errors
/// For a person. A folder that cannot be opened, or that its file system does not sync, is none.
pub fn sync(folder: &Path) -> Result<(), String> {
    let Ok(handle) = File::open(folder_or_current(folder)) else { return Ok(()) };
    match handle.sync_all() {
        Err(error) if !matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
            let (folder, why) = (folder_or_current(folder).display(), io_error_text(&error));
            Err(format!("everything is written, but {folder} cannot be synced: {why}"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::is_temporary;

    #[test]
    fn names_of_temporaries() {
        assert!(is_temporary(".scalegen-tmp-1-0") && is_temporary(".scalegen-tmp-28712-13"));
        for name in [".scalegen-tmp-", ".scalegen-tmp-1", ".scalegen-tmp-1-", ".scalegen-tmp-a-0", "x.scalegen-tmp-1-0"]
        {
            assert!(!is_temporary(name), "{name}");
        }
    }
}
