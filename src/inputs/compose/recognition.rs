//! What tells a compose file, and which compose files are one project.

use super::project::{DEFAULT_FILES, NamedFile, ProjectRequest};
use super::read_project;
use crate::inputs::base::BaseProject;
use crate::inputs::files::{InputFiles, InputFormat, Origin, ReadFiles};
use crate::inputs::input_meta::{InputMeta, SetReader};
use crate::inputs::outline::Outline;

/// Compose files.
pub const META: InputMeta = InputMeta {
    format: InputFormat::Compose,
    noun: "compose file",
    names: &["compose*.yaml", "compose*.yml", "docker-compose*.yaml", "docker-compose*.yml"],
    sign: "`services` with `image` or `build`",
    is_content,
    searched: true,
    sets: Some(SetReader { sets, read, starts_new_first: false }),
};

fn is_content(document: &Outline<'_>) -> bool {
    !document.has_any(&["apiVersion"]) && document.has_entry_with("services", &["image", "build"])
}

/// Each file is a project, but for the file that compose lays over another by itself.
fn sets(paths: &[&str]) -> Vec<Vec<usize>> {
    let mut sets: Vec<Vec<usize>> = Vec::new();
    let mut taken = vec![false; paths.len()];
    for (index, path) in paths.iter().enumerate() {
        let (folder, name) = path.rsplit_once('/').map_or(("", *path), |(folder, name)| (folder, name));
        let beside = |other: &str| if folder.is_empty() { other.to_owned() } else { format!("{folder}/{other}") };
        let over = DEFAULT_FILES.iter().find(|(own, _)| *own == name).map(|(_, over)| beside(over));
        let over = over.and_then(|over| paths.iter().position(|path| *path == over));
        if let Some(taken) = over.and_then(|over| taken.get_mut(over)) {
            *taken = true;
        }
        sets.push(std::iter::once(index).chain(over).collect());
    }
    sets.retain(|set| set.len() > 1 || set.first().is_some_and(|only| taken.get(*only) != Some(&true)));
    sets
}

fn read(paths: &[String], files: &dyn ReadFiles, into: &mut InputFiles) -> BaseProject {
    let named = paths.iter().map(|path| NamedFile { path: path.clone(), at: None }).collect();
    let request =
        ProjectRequest { files: named, origin: Origin::Base(0), may_lack_variables: true, ..ProjectRequest::default() };
    read_project(&request, files, into)
}
