//! Whether a compose file is a part of a larger project, whose other files have the names that it lacks. Asked only of a file that
//! compose refuses alone. Knows no rule.
//!
//! Projects are parted into folders (`include`, `-f ../compose.yaml -f compose.yaml`) whose files have the names that compose looks for. Nothing in
//! such a file says that it is a part; that a file above it has a name that it lacks does.

use super::project::DEFAULT_FILES;
use crate::inputs::files::ReadFiles;
use crate::support::source::{FileId, Source};
use crate::syntax::{Node, ParseMode, parse};

/// A name that a project refers to and does not have: its section, and the name.
pub(super) type MissingName = (&'static str, String);

/// How many folders upwards are looked at.
const MOST_ABOVE: usize = 4;

/// The most bytes of a file above that is looked at.
const MOST_BYTES: usize = 1 << 18;

/// Variants of a file that are laid over it by hand, beside the one that compose lays over it by itself.
const VARIANTS: [&str; 4] = ["prod", "production", "dev", "base"];

/// Whether a file above the file at this path, or a variant beside it, has one of these names.
pub(super) fn holds(path: &str, missing: &[MissingName], files: &dyn ReadFiles) -> bool {
    let (folder, name) =
        path.rsplit_once('/').map_or((String::new(), path), |(folder, name)| (format!("{folder}/"), name));
    let (stem, end) = name.rsplit_once('.').unwrap_or((name, "yaml"));
    let beside = VARIANTS.iter().map(|variant| format!("{folder}{stem}.{variant}.{end}"));
    let above = (1..=MOST_ABOVE).flat_map(|up| {
        let way = format!("{folder}{}", "../".repeat(up));
        DEFAULT_FILES.iter().map(move |(name, _)| format!("{way}{name}"))
    });
    beside.chain(above).any(|path| has_one(&path, missing, files))
}

/// Whether the compose file at a path has one of these names.
fn has_one(path: &str, missing: &[MissingName], files: &dyn ReadFiles) -> bool {
    let Some(text) = files.read(path, MOST_BYTES).ok().and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return false;
    };
    let parsed = parse(FileId::default(), &Source::new("", text), ParseMode::Base);
    let Some(root) = parsed.root else { return false };
    missing.iter().any(|(section, name)| {
        let entry = root.get(section).and_then(|entries| entries.node.get(name));
        entry.is_some_and(|entry| *section != "services" || is_run(&entry.node))
    })
}

/// Whether a service has something to run, so that it is no part itself.
fn is_run(service: &Node) -> bool {
    ["image", "build", "extends"].iter().any(|key| service.get(key).is_some())
}
