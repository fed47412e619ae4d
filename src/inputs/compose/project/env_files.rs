//! The files of variables and labels of a service, and whether it starts. Knows no value of a variable.

use super::loader::Loader;
use super::{FileVariable, NamedFile, ProjectService};
use crate::inputs::text::{is_unknown, known_text, scalar};
use crate::support::source::FieldSpan;
use crate::support::thin_vec::ThinVec;
use crate::syntax::{Entry, Node};
use std::rc::Rc;

/// A service with the names of the variables that its files set.
pub(super) fn service(loader: &mut Loader<'_>, entry: Entry, partial: bool, profiles: &[String]) -> ProjectService {
    let node = Rc::clone(&entry.node);
    let mut service =
        ProjectService { starts: starts(&node, profiles), entry, from_files: ThinVec::default(), partial };
    for item in node.get("env_file").map_or(&[][..], |list| list.node.items()) {
        let Some(path) = item.get("path") else { continue };
        if is_unknown(&path.node) || path.node.text.starts_with('~') {
            continue;
        }
        let Some(text) = scalar(&path.node) else { continue };
        let named = NamedFile { path: text.to_owned(), at: Some(path.at().place()) };
        let word = |key: &str| item.get(key).and_then(|entry| known_text(&entry.node));
        match loader.env_file(&named, word("format") == Some("raw")) {
            Ok((file, read)) => {
                for variable in read.iter().filter(|variable| variable.value.is_some()) {
                    let at = FieldSpan { file, key: variable.span, value: variable.span, block: false };
                    service.from_files.push(FileVariable { name: variable.name.clone(), at });
                }
            }
            Err(unread) if unread.missing && word("required") == Some("false") => {}
            Err(unread) if unread.missing && loader.may_lack_variables && is_private(text) => {}
            Err(unread) => loader.unreadable(&named, unread),
        }
    }
    label_files(loader, &node);
    service
}

/// Files of labels hold nothing that is used here, but compose does not start without them.
fn label_files(loader: &mut Loader<'_>, node: &Node) {
    for item in node.get("label_file").map_or(&[][..], |list| list.node.items()) {
        let Some(path) = known_text(item).filter(|path| !path.starts_with('~')) else { continue };
        let named = NamedFile { path: path.to_owned(), at: Some(item.at().place()) };
        match loader.env_file(&named, false) {
            Err(unread) if unread.missing && loader.may_lack_variables && is_private(path) => {}
            Err(unread) => loader.unreadable(&named, unread),
            Ok(_) => {}
        }
    }
}

/// Whether a file's name says that it exists only on the machine that runs the project.
fn is_private(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.starts_with(".env"))
}

/// Whether a service has no profiles, or an enabled one.
fn starts(node: &Node, profiles: &[String]) -> bool {
    let own = node.get("profiles").map_or(&[][..], |list| list.node.items());
    let on = |text: &str| profiles.iter().any(|profile| profile == "*" || profile == text);
    own.is_empty() || own.iter().filter_map(|item| scalar(item)).any(on)
}
