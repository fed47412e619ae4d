//! Which format a file is in: by its name, else by what stands in it. One word registers a format that is read.

use super::input_meta::InputMeta;
use super::outline::documents;

/// The formats, in the order in which they are asked.
macro_rules! inputs {
    ($($name:ident)*) => {
        /// Every format that is read, in the order in which a file's content is looked at.
        pub const ALL: &[&InputMeta] = &[$(&super::$name::recognition::META),*];
    };
}

inputs! {
    spec
    compose
    kubernetes
    convox
}

/// A search through a folder looks at files with these endings; one that is named may have any.
const ENDINGS: [&str; 3] = [".yaml", ".yml", JSON];
/// Many tools keep files of their own in it: one is looked into only where it says an API version.
const JSON: &str = ".json";

/// The format that has a name like this path.
#[must_use]
pub fn by_name(path: &str) -> Option<&'static InputMeta> {
    ALL.iter().copied().find(|format| format.has_name(path))
}

/// The format that the first document says it is that says anything; a text in which nothing stands is an empty spec. This also
/// works for a text that is no YAML.
#[must_use]
pub fn by_content(text: &str) -> Option<&'static InputMeta> {
    let is_blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(is_blank) {
        return ALL.iter().copied().find(|format| format.sets.is_none());
    }
    documents(text).find_map(|document| ALL.iter().copied().find(|format| (format.is_content)(&document)))
}

/// The format of a file: a name that says it, else the content. A name that many files may have, as `compose-review.yaml`, is only
/// a guess: another tool's sign in the text outweighs it. `text` is asked for only where the name alone does not tell.
#[must_use]
pub fn told(path: &str, text: impl FnOnce() -> Option<String>) -> Option<&'static InputMeta> {
    match by_name(path) {
        Some(named) if named.sets.is_some() && named.is_guess(path) => {
            let content = text().and_then(|text| by_content(&text));
            content.filter(|format| format.sets.is_some() && format.searched).or(Some(named))
        }
        Some(named) => Some(named),
        None => by_content(&text()?),
    }
}

/// The format of a file that was named, with its text.
#[must_use]
pub fn recognise(path: &str, text: &str) -> Option<&'static InputMeta> {
    told(path, || Some(text.to_owned()))
}

/// The format of a file that a search through a folder came upon, which is no spec: `text` is asked for only where the name does
/// not tell.
#[must_use]
pub fn in_folder(path: &str, text: impl FnOnce() -> Option<String>) -> Option<&'static InputMeta> {
    let tells = |text: &String| !path.ends_with(JSON) || text.contains("\"apiVersion\"");
    let named = by_name(path).is_some();
    told(path, || text().filter(tells)).filter(|format| (named || format.searched) && format.sets.is_some())
}

/// Whether a search through a folder looks at a file with this name.
#[must_use]
pub fn is_searched(path: &str) -> bool {
    ENDINGS.iter().any(|ending| path.ends_with(ending))
}

/// What is read, and how it is told: the end of a sentence about a file that is none of it.
#[must_use]
pub fn what_is_read() -> String {
    let one = |format: &&InputMeta| format!("{}s ({}, or {})", format.noun, format.names.join(", "), format.sign);
    let all: Vec<String> = ALL.iter().map(one).collect();
    match all.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => all.concat(),
    }
}
