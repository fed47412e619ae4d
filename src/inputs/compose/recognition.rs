//! What tells a compose file, and which compose files are one project.

use super::project::{NamedFile, ProjectRequest};
use super::read_project::read_alone;
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

/// Each file is a project: which others are laid over it, compose is told when it is called.
fn sets(paths: &[&str]) -> Vec<Vec<usize>> {
    (0..paths.len()).map(|index| vec![index]).collect()
}

fn read(paths: &[String], _complete: bool, files: &dyn ReadFiles, into: &mut InputFiles) -> BaseProject {
    let named = paths.iter().map(|path| NamedFile { path: path.clone(), at: None }).collect();
    let request =
        ProjectRequest { files: named, origin: Origin::Base(0), may_lack_variables: true, ..ProjectRequest::default() };
    read_alone(&request, files, into)
}
