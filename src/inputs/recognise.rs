//! Which format a file is in: by its name, else by what is in it.

use super::ALL;
use super::input_meta::InputMeta;
use super::outline::documents;

/// A search through a folder looks at files with these endings; one that is named may have any.
const ENDINGS: [&str; 3] = [".yaml", ".yml", JSON];
/// Many tools keep files of their own in it: one is looked into only if it says an API version.
const JSON: &str = ".json";

/// The format that has a name like this path.
#[must_use]
pub fn by_name(path: &str) -> Option<&'static InputMeta> {
    ALL.iter().copied().find(|format| format.is_told_by(path))
}

/// What reads a text by its path from the folder of a file.
pub type Beside<'b> = &'b dyn Fn(&str) -> Option<String>;

/// The format of a file by its name, and by what is in its folder where names do not tell alone. A name that many files may have,
/// as `compose-review.yaml`, is only a guess: another tool's sign in the file outweighs it.
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

/// Why a file with a name of some format is not of it: the end of a sentence that begins with its path.
#[must_use]
pub fn why_not(path: &str, beside: Beside<'_>) -> Option<String> {
    let one = |format: &&InputMeta| format.belongs?(file_name(path), beside).err();
    ALL.iter().filter(|format| format.has_name(path)).find_map(one)
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The format that the first document says it is that says anything; a text in which nothing stands is an empty spec. This also
/// works for a text that is not YAML.
#[must_use]
pub fn by_content(text: &str) -> Option<&'static InputMeta> {
    let is_blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(is_blank) {
        return ALL.iter().copied().find(|format| format.sets.is_none());
    }
    documents(text).find_map(|document| ALL.iter().copied().find(|format| (format.is_content)(&document)))
}

/// The format of a file that was named: a name that says it, else the content.
#[must_use]
pub fn recognise(path: &str, text: &str, beside: Beside<'_>) -> Option<&'static InputMeta> {
    by_place(path, beside).or_else(|| by_content(text))
}

/// The format of a file that a search through a folder came upon, which is not a spec: `text` is asked for only if the name does
/// not tell.
#[must_use]
pub fn in_folder(path: &str, text: impl FnOnce() -> Option<String>, beside: Beside<'_>) -> Option<&'static InputMeta> {
    let told = |text: &String| !path.ends_with(JSON) || text.contains("\"apiVersion\"");
    by_place(path, beside)
        .or_else(|| by_content(&text().filter(told)?).filter(|format| format.searched))
        .filter(|format| format.sets.is_some())
}

/// Whether a search through a folder looks at a file with this name.
#[must_use]
pub fn is_searched(path: &str) -> bool {
    ENDINGS.iter().any(|ending| path.ends_with(ending))
}

/// What is read, and how it is told: the end of a sentence about a file that is none of it.
#[must_use]
pub fn what_is_read() -> String {
    let one = |format: &&InputMeta| {
        // where names do not tell alone, the sign belongs to them
        let or = if format.belongs.is_some() { "" } else { ", or" };
        format!("{}s ({}{or} {})", format.noun, format.names.join(", "), format.sign)
    };
    let all: Vec<String> = ALL.iter().map(one).collect();
    match all.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => all.concat(),
    }
}
