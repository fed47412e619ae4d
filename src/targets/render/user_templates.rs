//! The user's own templates, which replace ours. Knows their names and texts; reads no file.
//!
//! `<target>/<name>.j2` replaces the target's template of that name; a name that begins with `_` is only for includes.

use super::job::{self, Runner};
use crate::support::diagnostic::Finding;
use crate::support::source::{FileId, FileSpan, Source, Span};
use crate::support::suggest::closest;
use crate::targets::{self, ALL};

/// The rule for a template that cannot be used.
const BROKEN: &str = "broken-template";

/// Templates by target.
#[derive(Clone, Debug)]
pub struct Templates {
    files: Vec<UserTemplate>,
    /// The process that runs them.
    pub(super) runner: Runner,
}

/// One template of the user's.
#[derive(Clone, Debug)]
struct UserTemplate {
    target: String,
    name: String,
    source: Source,
}

/// The result of loading a folder of templates.
#[derive(Debug)]
pub struct LoadedTemplates {
    /// The usable ones.
    pub templates: Templates,
    /// Findings about files that do not belong into such a folder, at the place that names the folder.
    pub misnamed: Vec<Finding>,
    /// Findings about files that are not templates, with their text; the place is in that text.
    pub broken: Vec<(Source, Finding)>,
}

/// Loads the `.j2` files of a folder. Each comes with its path below the folder and its text; `at` is the place that names
/// the folder, and `runner` runs everything that might not end.
#[must_use]
pub fn load(files: Vec<(String, Source)>, at: FileSpan, runner: Runner) -> LoadedTemplates {
    let (mut placed, mut misnamed, mut broken) = (Vec::new(), Vec::new(), Vec::new());
    for (path, source) in files {
        let (target, name) = path.split_once('/').unwrap_or(("", &path));
        match place(target, name) {
            Ok(()) => placed.push(UserTemplate { target: target.to_owned(), name: name.to_owned(), source }),
            Err((message, help)) => {
                misnamed.push(Finding::of("unknown-reference", at, message).help(help));
            }
        }
    }
    let texts: Vec<_> = placed.iter().map(|own| (own.name.as_str(), own.source.text.as_str())).collect();
    let faults = job::check(runner, &texts);
    let mut templates = Templates { files: Vec::new(), runner };
    for (own, fault) in placed.into_iter().zip(faults) {
        match fault {
            Some(fault) => {
                let span = if fault.template.is_some() { fault.span() } else { own.source.line_span(0) };
                broken.push((own.source, self::broken(FileId(0), span, fault.message)));
            }
            None => templates.files.push(own),
        }
    }
    LoadedTemplates { templates, misnamed, broken }
}

/// Whether a file has the path of a template; otherwise what is wrong and what to do.
fn place(target: &str, name: &str) -> Result<(), (String, String)> {
    let Some(known) = targets::get(target) else {
        let names = || ALL.iter().map(|target| target.meta.name);
        let folder = if target.is_empty() { name } else { target };
        let message = format!("`{}` in the folder of templates is not a target's folder", folder.escape_debug());
        return Err((
            message,
            match closest(target, names()) {
                Some(close) => format!("did you mean `{close}`?"),
                None => format!("the targets are {}", names().collect::<Vec<_>>().join(", ")),
            },
        ));
    };
    let names = || known.meta.templates.iter().map(|(name, _)| *name);
    if name.starts_with('_') || names().any(|known| known == name) {
        return Ok(());
    }
    let message = format!("`{target}/{}` replaces no template", name.escape_debug());
    Err((
        message,
        match closest(name, names()) {
            Some(close) => format!("did you mean `{close}`? A name that begins with `_` is for files to include"),
            None => format!(
                "{target} has {}; a name that begins with `_` is for files to include",
                names().collect::<Vec<_>>().join(", ")
            ),
        },
    ))
}

/// The finding for a template that cannot be used.
pub(super) fn broken(file: FileId, span: Span, message: String) -> Finding {
    let help = "`scalegen explain broken-template` shows what a template is given";
    Finding::of(BROKEN, FileSpan { file, span }, message).help(help)
}

/// Runs templates in this process, where no further process may be started.
fn no_process(_: &str) -> Result<String, String> {
    Err("templates are run here already".to_owned())
}

impl Templates {
    /// The templates of one target, by name, to be run in this process.
    pub(super) fn of_one(target: &str, files: Vec<(String, Source)>) -> Templates {
        let own = |(name, source)| UserTemplate { target: target.to_owned(), name, source };
        Templates { files: files.into_iter().map(own).collect(), runner: no_process }
    }

    /// The user's templates for a target, with their names.
    pub(super) fn of(&self, target: &str) -> impl Iterator<Item = (&str, &Source)> {
        self.files.iter().filter(move |own| own.target == target).map(|own| (own.name.as_str(), &own.source))
    }

    /// The user's template for a target's own, if there is one.
    pub(super) fn get(&self, target: &str, name: &str) -> Option<&Source> {
        self.files.iter().find(|own| own.target == target && own.name == name).map(|own| &own.source)
    }
}
