//! Writing: all files or none. Every file is either the whole old one or the whole new one, even if the run is killed.

use super::read::{self, io_error_text, is_missing};
use super::staged::{self, Staged, Turn};
use scalegen::targets::MARK;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Component, Path, PathBuf};

/// One file to write, relative to the output folder.
pub struct FileToWrite {
    pub path: PathBuf,
    pub text: String,
}

/// Why nothing was written, or which files were.
pub type WriteResult<T> = Result<T, String>;

/// The file that is meant by a path of a view below the output folder. A link to a file in there is followed; what would
/// leave the folder is refused, and so is what is not a regular file.
pub fn inside(out: &Path, path: &Path) -> WriteResult<PathBuf> {
    if !is_plain(path) {
        return Err(format!("`{}` would be outside {}", path.display(), out.display()));
    }
    let shown = out.join(path);
    // a folder that is a link could lead anywhere
    let root = match out.canonicalize() {
        Ok(root) => Some(root),
        Err(error) if is_missing(&error) => None,
        Err(error) => return Err(refused(&shown, &io_error_text(&error))),
    };
    let outside = |whole: &Path| root.as_ref().is_some_and(|root| !whole.starts_with(root));
    if let Some(folder) = shown.ancestors().skip(1).find_map(|folder| folder.canonicalize().ok())
        && outside(&folder)
    {
        return Err(format!("{} is outside {}: a link leads there", folder.display(), out.display()));
    }
    let whole = target(&shown)?;
    if whole != shown && outside(&whole) {
        return Err(format!("{} is outside {}: {} leads there", whole.display(), out.display(), shown.display()));
    }
    Ok(whole)
}

/// Like `inside`, for one file after another: where its folder, as it is shown, is the one of the last, only the name is looked up.
pub fn inside_known(out: &Path, path: &Path, known: &mut Option<PathBuf>) -> WriteResult<PathBuf> {
    let shown = out.join(path);
    let folder = shown.parent().unwrap_or(Path::new(""));
    if known.as_deref() == Some(folder) && is_plain(path) && !is_link(&shown) {
        return target(&shown);
    }
    let whole = inside(out, path)?;
    *known = Some(folder.to_path_buf());
    Ok(whole)
}

/// Names of folders and a file, which lead down only.
fn is_plain(path: &Path) -> bool {
    !path.as_os_str().is_empty() && path.components().all(|part| matches!(part, Component::Normal(_)))
}

fn refused(path: &Path, why: &str) -> String {
    format!("cannot write {}: {why}", path.display())
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

/// The file to write for a path: the path, or the file that a link there leads to, so that the link stays. Refuses
/// anything that is not a file.
fn target(path: &Path) -> WriteResult<PathBuf> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(refused(path, "it is a folder")),
        Ok(found) if !found.is_file() => Err(refused(path, "it is not a regular file")),
        Ok(_) if is_link(path) => path.canonicalize().map_err(|error| refused(path, &io_error_text(&error))),
        Err(error) if is_missing(&error) && is_link(path) => Err(refused(path, "it is a link that leads nowhere")),
        // missing folders are made later
        Err(error) if !is_missing(&error) => Err(refused(path, &io_error_text(&error))),
        _ => Ok(path.to_path_buf()),
    }
}

/// Refuses a file that its owner or the system has made read-only: a rename would ignore that.
fn open_to_writing(path: &Path, shown: &Path) -> WriteResult<()> {
    match fs::metadata(path) {
        Ok(found) if found.permissions().readonly() => Err(refused(shown, "it is read-only")),
        Ok(_) => {
            let opened = OpenOptions::new().write(true).open(path);
            opened.map(drop).map_err(|error| refused(shown, &io_error_text(&error)))
        }
        Err(_) => Ok(()),
    }
}

/// Writes every file to a temporary and syncs it, then renames all. A failure before the first rename changes nothing.
/// A file that holds its text already is left as it is; the others are given, in their order.
pub fn all<'f>(out: &Path, files: &'f [FileToWrite]) -> WriteResult<Vec<&'f FileToWrite>> {
    let mut made: Vec<PathBuf> = Vec::new();
    let mut turns: Vec<(PathBuf, Turn)> = Vec::new();
    let outcome = stage(out, files, &mut made, &mut turns).and_then(|(written, staged)| {
        settle(staged)?;
        // folders without a new file too: a killed run may have left names in them that are not synced yet
        let folders = turns.iter().map(|(folder, _)| folder.as_path());
        folders.chain(made.iter().filter_map(|folder| folder.parent())).try_for_each(staged::sync)?;
        Ok(written)
    });
    if outcome.is_err() {
        // folders made in vain are removed too, innermost first; one that holds a file stays
        for folder in made.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
    outcome
}

/// A staged file and the path it is known by.
type ShownFile = (PathBuf, Staged);

/// The files that do not hold their text yet, staged.
fn stage<'f>(
    out: &Path,
    files: &'f [FileToWrite],
    made: &mut Vec<PathBuf>,
    turns: &mut Vec<(PathBuf, Turn)>,
) -> WriteResult<(Vec<&'f FileToWrite>, Vec<ShownFile>)> {
    if out.as_os_str().is_empty() {
        return Err("the folder to write into has no name; `.` is this one".to_owned());
    }
    make_folder(out, made)?;
    turns.push((out.to_path_buf(), staged::turn(out)?));
    let mut written: Vec<&FileToWrite> = Vec::new();
    let mut shown: Vec<PathBuf> = Vec::new();
    let mut staged: Vec<Staged> = Vec::new();
    let mut synced = 0;
    // the folder of the previous file, which exists and was checked
    let mut known: Option<PathBuf> = None;
    for file in files {
        if staged.len() - synced >= staged::OPEN {
            sync(&mut staged, &shown, synced)?;
            synced = staged.len();
        }
        let one = match put(out, file, &mut known, made, turns) {
            // perhaps files that wait to be synced use up the limit of open files
            Err(_) if staged.len() > synced => {
                sync(&mut staged, &shown, synced)?;
                synced = staged.len();
                put(out, file, &mut known, made, turns)?
            }
            one => one?,
        };
        if let Some(one) = one {
            written.push(file);
            staged.push(one);
            shown.push(out.join(&file.path));
        }
    }
    sync(&mut staged, &shown, synced)?;
    Ok((written, shown.into_iter().zip(staged).collect()))
}

/// Writes one file beside its place, not yet synced; `None` if its place holds the text already.
fn put(
    out: &Path,
    file: &FileToWrite,
    known: &mut Option<PathBuf>,
    made: &mut Vec<PathBuf>,
    turns: &mut Vec<(PathBuf, Turn)>,
) -> WriteResult<Option<Staged>> {
    let path = out.join(&file.path);
    let parent = path.parent().unwrap_or(Path::new(""));
    let is_known = known.as_deref() == Some(parent);
    let whole = inside_known(out, &file.path, known)?;
    if !is_known && let Err(why) = make_folder(parent, made) {
        *known = None;
        return Err(why);
    }
    let folder = whole.parent().unwrap_or(Path::new(""));
    // a folder has one lock, whatever its names
    if turns.iter().all(|(had, _)| had != folder) && turns.iter().all(|(had, _)| !read::same_file(had, folder)) {
        turns.push((folder.to_path_buf(), staged::turn(folder)?));
    }
    // under the folder's lock: no other run changes it after the check
    if holds(&whole, &file.text) {
        return Ok(None);
    }
    open_to_writing(&whole, &path)?;
    Staged::new(&whole, file.text.as_bytes()).map(Some).map_err(|error| unchanged(&path, &error))
}

/// Whether a file already has this text.
fn holds(path: &Path, text: &str) -> bool {
    read::file(path)
        .is_ok_and(|old| old == text.as_bytes() || std::str::from_utf8(&old).is_ok_and(|old| is_same(old, text)))
}

/// Whether two files have the same text. The command in the first line of ours is ignored: another command that
/// writes the same changes nothing.
pub fn is_same(one: &str, other: &str) -> bool {
    let parts = |text: &str| {
        let (first, rest) = text.strip_prefix(MARK)?.split_once('\n')?;
        let from = first.split_once("; do not edit, run: ")?.0;
        Some((from.to_owned(), rest.len()))
    };
    one == other || (parts(one).is_some_and(|one| Some(one) == parts(other)) && after_line(one) == after_line(other))
}

fn after_line(text: &str) -> &str {
    text.split_once('\n').map_or("", |(_, rest)| rest)
}

/// Syncs the files from one on.
fn sync(staged: &mut [Staged], shown: &[PathBuf], from: usize) -> WriteResult<()> {
    let (staged, shown) = (staged.get_mut(from..).unwrap_or_default(), shown.get(from..).unwrap_or_default());
    staged::sync_all(staged)
        .map_err(|(index, error)| unchanged(shown.get(index).map_or(Path::new(""), PathBuf::as_path), &error))
}

fn unchanged(path: &Path, error: &io::Error) -> String {
    refused(path, &format!("{}; nothing was changed", io_error_text(error)))
}

fn settle(staged: Vec<ShownFile>) -> WriteResult<()> {
    let names: Vec<String> = staged.iter().map(|(shown, _)| shown.display().to_string()).collect();
    for (index, (shown, one)) in staged.into_iter().enumerate() {
        one.settle().map_err(|error| {
            let (new, old) = names.split_at_checked(index).unwrap_or_default();
            let state = match new {
                [] => "nothing was changed".to_owned(),
                new => format!("new: {}; as before: {}; run again", new.join(", "), old.join(", ")),
            };
            refused(&shown, &format!("{}; {state}", io_error_text(&error)))
        })?;
    }
    Ok(())
}

fn make_folder(folder: &Path, made: &mut Vec<PathBuf>) -> WriteResult<()> {
    let failed = |why: &str| Err(format!("cannot make the folder {}: {why}", folder.display()));
    let mut missing: Vec<&Path> = Vec::new();
    for part in folder.ancestors().take_while(|part| !part.as_os_str().is_empty()) {
        match fs::metadata(part) {
            Ok(found) if found.is_dir() => break,
            Ok(_) => return failed(&format!("{} is not a folder", part.display())),
            Err(error) if is_missing(&error) && is_link(part) => {
                return failed(&format!("{} is a link that leads nowhere", part.display()));
            }
            Err(error) if is_missing(&error) => missing.push(part),
            Err(error) => return failed(&io_error_text(&error)),
        }
    }
    for part in missing.into_iter().rev() {
        match fs::create_dir(part) {
            Ok(()) => made.push(part.to_path_buf()),
            // another run was first
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && part.is_dir() => {}
            Err(error) => return failed(&io_error_text(&error)),
        }
    }
    Ok(())
}

/// Writes one file that the user named: whole, old or new. Its folder is made, a link stays and its file is written.
/// Returns whether it was written: a file that already has the text is left as it is.
pub fn write_file(path: &Path, text: &str) -> WriteResult<bool> {
    let file = target(path)?;
    let Some(name) = file.file_name() else {
        return Err(refused(path, "it is not the name of a file"));
    };
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    all(folder, &[FileToWrite { path: PathBuf::from(name), text: text.to_owned() }]).map(|written| !written.is_empty())
}

/// The message about one file.
pub fn outcome(shown: &str, written: bool) -> String {
    if written { format!("wrote {shown}") } else { format!("{shown} already says so") }
}

/// The message about files that are up to date; `None` if there are none.
pub fn as_rendered(files: usize) -> Option<String> {
    match files {
        0 => None,
        1 => Some("1 file is as rendered".to_owned()),
        number => Some(format!("{number} files are as rendered")),
    }
}

/// A file that is replaced: its path, what was read from it, and what it is to hold.
pub struct FileReplacement<'r> {
    pub path: PathBuf,
    pub old: &'r [u8],
    pub new: &'r [u8],
}

/// Replaces one file by its new text: whole, old or new. A link stays and its file is replaced; permissions stay.
/// Refused where the file is read-only, or has changed since `old` was read from it.
pub fn replace(path: &Path, old: &[u8], new: &[u8]) -> WriteResult<()> {
    replace_all(&[FileReplacement { path: path.to_path_buf(), old, new }])
}

/// Like `replace`, for several files: a fault before the first rename changes none.
pub fn replace_all(files: &[FileReplacement<'_>]) -> WriteResult<()> {
    let failed = |path: &Path, error: &io::Error| refused(path, &format!("{}; it is as before", io_error_text(error)));
    let mut whole: Vec<(PathBuf, &FileReplacement<'_>)> = Vec::with_capacity(files.len());
    for file in files {
        let path = file.path.canonicalize().map_err(|error| failed(&file.path, &error))?;
        open_to_writing(&path, &file.path)?;
        whole.push((path, file));
    }
    // in a fixed order, so that no two runs wait for each other
    let mut folders: Vec<PathBuf> = whole.iter().filter_map(|(path, _)| Some(path.parent()?.to_path_buf())).collect();
    folders.sort();
    folders.dedup();
    let _turns = folders.iter().map(|folder| staged::turn(folder)).collect::<WriteResult<Vec<Turn>>>()?;
    let mut staged: Vec<ShownFile> = Vec::with_capacity(whole.len());
    for (path, file) in &whole {
        let mut one = Staged::new(path, file.new).map_err(|error| failed(&file.path, &error))?;
        one.sync().map_err(|error| failed(&file.path, &error))?;
        staged.push((file.path.clone(), one));
    }
    for (path, file) in &whole {
        if !read::file(path).is_ok_and(|now| now == file.old) {
            return Err(refused(&file.path, "it was changed meanwhile; run again"));
        }
    }
    settle(staged)?;
    folders.iter().try_for_each(|folder| staged::sync(folder))
}

#[cfg(test)]
mod tests {
    use super::inside;
    use std::path::Path;

    #[test]
    fn no_name_of_a_file_leads_out_of_the_folder() {
        let out = Path::new("deploy");
        for name in ["", "..", "../x", "a/../../x", "/etc/passwd", ".", "./x", "a/./..", "a/.."] {
            assert!(inside(out, Path::new(name)).is_err(), "{name}");
        }
        assert_eq!(inside(out, Path::new("a/..b")).as_deref(), Ok(Path::new("deploy/a/..b")));
    }
}
