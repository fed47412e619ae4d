//! Whether a compose file is a part of a larger project, whose other files have the names that it lacks. Asked only of a file that
//! compose refuses alone. Knows no rule.
//!
//! Projects are parted into folders (`include`, `-f ../compose.yaml -f compose.yaml`) whose files have the names that compose looks for. Nothing in
//! such a file says that it is a part; a file above it does.

use super::project::DEFAULT_FILES;
use crate::inputs::files::ReadFiles;
use crate::support::source::{FileId, Source};
use crate::syntax::{Node, ParseMode, parse};
use std::rc::Rc;

/// A name that a project refers to and does not have: its section, and the name.
pub(super) type MissingName = (&'static str, String);

/// How many folders upwards are looked at.
const MOST_ABOVE: usize = 4;

/// The most bytes of a file above that is looked at.
const MOST_BYTES: usize = 1 << 18;

/// Variants of a file that are laid over it by hand, beside the one that compose lays over it by itself.
const VARIANTS: [&str; 4] = ["prod", "production", "dev", "base"];

/// Whether a file above the file at this path, or a variant beside it, has one of these names. So does a file above that includes files
/// of its name, or that has no service and so needs others.
pub(super) fn holds(path: &str, missing: &[MissingName], files: &dyn ReadFiles) -> bool {
    let (folder, name) =
        path.rsplit_once('/').map_or((String::new(), path), |(folder, name)| (format!("{folder}/"), name));
    let (stem, end) = name.rsplit_once('.').unwrap_or((name, "yaml"));
    let beside = VARIANTS.iter().map(|variant| format!("{folder}{stem}.{variant}.{end}"));
    let above = (1..=MOST_ABOVE).flat_map(|up| {
        let way = format!("{folder}{}", "../".repeat(up));
        DEFAULT_FILES.iter().map(move |(name, _)| format!("{way}{name}"))
    });
    let has_name = |root: &Node| missing.iter().any(|missing| has(root, missing));
    beside.filter_map(|path| read(&path, files)).any(|root| has_name(&root))
        || above.filter_map(|path| read(&path, files)).any(|root| {
            let services = root.get("services").map_or(&[][..], |services| services.node.entries());
            has_name(&root) || (services.is_empty() && !root.entries().is_empty()) || includes(&root, name)
        })
}

/// The compose file at a path, if it can be read.
fn read(path: &str, files: &dyn ReadFiles) -> Option<Rc<Node>> {
    let text = String::from_utf8(files.read(path, MOST_BYTES).ok()?).ok()?;
    parse(FileId::default(), &Source::new("", text), ParseMode::Base).root
}

/// Whether a file has a name in a section.
fn has(root: &Node, (section, name): &MissingName) -> bool {
    let entry = root.get(section).and_then(|entries| entries.node.get(name));
    entry.is_some_and(|entry| *section != "services" || is_run(&entry.node))
}

/// Whether a file includes files of this name that are in folders below it.
fn includes(root: &Node, name: &str) -> bool {
    let below =
        |path: &str| path.rsplit_once('/').is_some_and(|(folder, own)| own == name && !folder.starts_with(".."));
    let names = |node: &Node| {
        let paths = node.get("path").map_or(node, |path| &*path.node);
        paths.as_str().is_some_and(below) || paths.items().iter().any(|path| path.as_str().is_some_and(below))
    };
    root.get("include").is_some_and(|list| list.node.items().iter().any(|item| names(item)))
}

/// Whether a service has something to run, so that it is no part itself.
fn is_run(service: &Node) -> bool {
    ["image", "build", "extends"].iter().any(|key| service.get(key).is_some())
}
