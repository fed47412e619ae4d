//! Reads files and standard input: only regular files of a bounded size, so that no read waits or fills the memory.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

/// The largest input that is read, in bytes. The largest spec of all is some thousand times smaller.
pub const LARGEST: usize = 256 << 20;

/// Reads one regular file of at most [`LARGEST`] bytes. Nothing else is opened: a device or a pipe might never end, and
/// opening some of them has side effects.
///
/// # Errors
/// Why it cannot be read, for a person.
pub fn file(path: &Path) -> Result<Vec<u8>, String> {
    super::watch::note(path);
    let (file, meta) = open(path)?;
    let length = usize::try_from(meta.len()).unwrap_or(usize::MAX);
    if length > LARGEST {
        return Err(format!("it has {length} bytes, more than {LARGEST}"));
    }
    let mut bytes = Vec::with_capacity(length + 1);
    all(file, &mut bytes)?;
    Ok(bytes)
}

/// Reads standard input to its end, up to the same bound.
///
/// # Errors
/// Why it cannot be read, for a person.
pub fn stdin() -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    all(io::stdin().lock(), &mut bytes)?;
    Ok(bytes)
}

/// The first bytes of a regular file.
///
/// # Errors
/// Why it cannot be read, for a person.
pub fn start(path: &Path, length: usize) -> Result<Vec<u8>, String> {
    let mut start = Vec::new();
    let (file, _) = open(path)?;
    file.take(length as u64).read_to_end(&mut start).map_err(|error| io_error_text(&error))?;
    Ok(start)
}

/// Reads to the end. The size that a file reports is not trusted: it may grow meanwhile, and some systems report 0 for every file.
fn all(input: impl Read, bytes: &mut Vec<u8>) -> Result<(), String> {
    input.take(LARGEST as u64 + 1).read_to_end(bytes).map_err(|error| io_error_text(&error))?;
    match bytes.len() > LARGEST {
        true => Err(format!("it has more than {LARGEST} bytes")),
        false => Ok(()),
    }
}

/// Opens a regular file. Its kind is checked before it is opened and again on the open file: between the two it may
/// have been replaced.
fn open(path: &Path) -> Result<(File, Metadata), String> {
    let meta = fs::metadata(path).map_err(|error| missing_file_text(path, &error))?;
    regular(&meta)?;
    stored(path)?;
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // a pipe that has replaced the file would wait for its writer
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    let file = options.open(path).map_err(|error| io_error_text(&error))?;
    let meta = file.metadata().map_err(|error| io_error_text(&error))?;
    regular(&meta)?;
    Ok((file, meta))
}

/// Why a pipe, a socket or a device is not read.
pub const IRREGULAR: &str = "it is not a regular file";

fn regular(meta: &Metadata) -> Result<(), String> {
    if meta.is_dir() {
        return Err("it is a folder".to_owned());
    }
    if !meta.is_file() {
        return Err(IRREGULAR.to_owned());
    }
    Ok(())
}

/// Refuses files that the kernel generates while they are read: they look regular, report no size, and some never end. The
/// numbers are those of `linux/magic.h`.
#[cfg(target_os = "linux")]
fn stored(path: &Path) -> Result<(), String> {
    const MADE_UP: [(u32, &str); 10] = [
        (0x9fa0, "proc"),
        (0x6265_6572, "sysfs"),
        (0x6462_6720, "debugfs"),
        (0x7472_6163, "tracefs"),
        (0x7363_6673, "securityfs"),
        (0x0027_e0eb, "cgroup"),
        (0x6367_7270, "cgroup2"),
        (0x4249_4e4d, "binfmt_misc"),
        (0xde5e_81e4, "efivarfs"),
        (0xcafe_4a11, "bpf"),
    ];
    // on systems that do not tell, reading is bounded anyway
    let Ok(found) = rustix::fs::statfs(path) else { return Ok(()) };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the numbers have 32 bits")]
    let kind = found.f_type as u32;
    match MADE_UP.iter().find(|(number, _)| *number == kind) {
        Some((_, name)) => Err(format!("it is not a stored file: the kernel makes it up while it is read ({name})")),
        None => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
fn stored(_path: &Path) -> Result<(), String> {
    Ok(())
}

/// Why nothing can be read there. A link that leads nowhere counts as a file.
fn missing_file_text(path: &Path, error: &io::Error) -> String {
    let link = error.kind() == io::ErrorKind::NotFound && path.is_symlink();
    if link { "it is a link to a file that is not there".to_owned() } else { io_error_text(error) }
}

/// Nothing is there, or a file where a folder of the path should be.
pub fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// An error without Rust's "(os error 2)".
pub fn io_error_text(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
