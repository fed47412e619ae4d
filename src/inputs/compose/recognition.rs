//! Recognises compose files, and which of them are one project.

use super::project::{DEFAULT_FILES, NamedFile, ProjectRequest};
use super::read_project::read_alone;
use crate::inputs::base::BaseProject;
use crate::inputs::files::{InputFiles, InputFormat, MAX_BYTES, Origin, ReadFiles};
use crate::inputs::input_meta::{InputMeta, SetPurpose, SetReader};
use crate::inputs::outline::Outline;
use std::collections::{HashMap, HashSet};

impl InputFormat {
    /// A compose file.
    pub const COMPOSE: InputFormat = InputFormat::named("compose");
    /// Variables for a compose file: `NAME=value` lines.
    pub const ENVIRONMENT: InputFormat = InputFormat::named("environment");
}

/// Compose files.
pub const META: InputMeta = InputMeta {
    format: InputFormat::COMPOSE,
    noun: "compose file",
    names: &["compose*.yaml", "compose*.yml", "docker-compose*.yaml", "docker-compose*.yml"],
    sign: "`services` with `image` or `build`",
    is_content,
    searched: true,
    belongs: None,
    sets: Some(SetReader { sets, read, starts_new_first: false }),
};

fn is_content(document: &Outline<'_>) -> bool {
    !document.has_any(&["apiVersion"]) && document.has_entry_with("services", &["image", "build"])
}

/// Each file is a project, except for a file that compose lays over the one next to it by itself.
fn sets(paths: &[&str]) -> Vec<Vec<usize>> {
    let index: HashMap<&str, usize> = paths.iter().enumerate().map(|(index, path)| (*path, index)).collect();
    let over: Vec<Option<usize>> = paths.iter().map(|path| index.get(over(path)?.as_str()).copied()).collect();
    let laid: HashSet<usize> = over.iter().flatten().copied().collect();
    let mains = over.into_iter().enumerate().filter(|(index, _)| !laid.contains(index));
    mains.map(|(index, over)| std::iter::once(index).chain(over).collect()).collect()
}

/// The file that compose lays over one of this name, if it is in the same folder.
fn over(path: &str) -> Option<String> {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let (_, over) = DEFAULT_FILES.iter().find(|(main, _)| *main == name)?;
    Some(if path.contains('/') { format!("{folder}/{over}") } else { (*over).to_owned() })
}

fn read(paths: &[String], purpose: SetPurpose, files: &dyn ReadFiles, into: &mut InputFiles) -> BaseProject {
    let mut named: Vec<NamedFile> = paths.iter().map(|path| NamedFile { path: path.clone(), at: None }).collect();
    if let [main] = paths
        && let Some(path) = over(main)
        && files.read(&path, MAX_BYTES).is_ok()
    {
        named.push(NamedFile { path, at: None });
    }
    let request =
        ProjectRequest { files: named, origin: Origin::Base(0), may_lack_variables: true, ..ProjectRequest::default() };
    read_alone(&request, purpose.complete, files, into)
}
