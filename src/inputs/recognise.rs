//! Finds the format of a file: by its name, else by its content.

use super::ALL;
use super::input_meta::InputMeta;
use super::outline::documents;

/// Endings that a search through a folder looks at; a named file may have any.
const ENDINGS: [&str; 3] = [".yaml", ".yml", JSON];
/// An ending that many tools use for files of their own: such a file is read only if it has an API version.
const JSON: &str = ".json";

/// The format whose file names match this path.
#[must_use]
pub fn by_name(path: &str) -> Option<&'static InputMeta> {
    ALL.iter().copied().find(|format| format.is_told_by(path))
}

/// Reads a text by its path from the folder of a file.
pub type Beside<'b> = &'b dyn Fn(&str) -> Option<String>;

/// The format of a file by its name, and by the files in its folder if names do not tell. A name that many files may have,
/// as `compose-review.yaml`, is only a guess: another tool's sign in the file wins.
#[must_use]
pub fn by_place(path: &str, beside: Beside<'_>) -> Option<&'static InputMeta> {
    let name = file_name(path);
    let belongs = |format: &InputMeta| format.belongs.is_some_and(|belongs| belongs(name, beside).is_ok());
    let placed = || ALL.iter().copied().find(|format| format.has_name(path) && belongs(format));
    let other = || by_content(&beside(name)?).filter(|format| format.sets.is_some() && format.searched);
    match by_name(path) {
        Some(named) if named.sets.is_some() && named.is_guess(path) => other().or(Some(named)),
        named => named.or_else(placed),
    }
}

/// Why a file with a name of some format does not belong to it: the end of a sentence that begins with its path.
#[must_use]
pub fn why_not(path: &str, beside: Beside<'_>) -> Option<String> {
    let why_not = |format: &&InputMeta| format.belongs?(file_name(path), beside).err();
    ALL.iter().filter(|format| format.has_name(path)).find_map(why_not)
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The format of the first document that has one; an empty text is an empty spec. This also
/// works for a text that is not YAML.
#[must_use]
pub fn by_content(text: &str) -> Option<&'static InputMeta> {
    let is_blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(is_blank) {
        return ALL.iter().copied().find(|format| format.sets.is_none());
    }
    documents(text).find_map(|document| ALL.iter().copied().find(|format| (format.is_content)(&document)))
}

/// The format of a named file: by its name, else by its content.
#[must_use]
pub fn recognise(path: &str, text: &str, beside: Beside<'_>) -> Option<&'static InputMeta> {
    by_place(path, beside).or_else(|| by_content(text))
}

/// The format of a file that a search through a folder found, and that is not a spec: `text` is read only if the name does
/// not tell.
#[must_use]
pub fn in_folder(path: &str, text: impl FnOnce() -> Option<String>, beside: Beside<'_>) -> Option<&'static InputMeta> {
    let may_be_manifest = |text: &String| !path.ends_with(JSON) || text.contains("\"apiVersion\"");
    by_place(path, beside)
        .or_else(|| by_content(&text().filter(may_be_manifest)?).filter(|format| format.searched))
        .filter(|format| format.sets.is_some())
}

/// Whether a search through a folder looks at a file with this name.
#[must_use]
pub fn is_searched(path: &str) -> bool {
    ENDINGS.iter().any(|ending| path.ends_with(ending))
}

/// The formats and their signs: the end of a sentence about a file that has none of them.
#[must_use]
pub fn what_is_read() -> String {
    let description = |format: &&InputMeta| {
        // if names do not tell, the sign belongs to them
        let or = if format.belongs.is_some() { "" } else { ", or" };
        format!("{}s ({}{or} {})", format.noun, format.names.join(", "), format.sign)
    };
    let all: Vec<String> = ALL.iter().map(description).collect();
    match all.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => all.concat(),
    }
}
