//! A set of manifests as what a spec is laid over, or as what is checked without one. Knows no rule and no target.

use super::convert::{layer, named};
use super::read_set::read_manifests;
use crate::inputs::base::BaseProject;
use crate::inputs::files::{InputFiles, ReadFiles};

/// Reads files of one apply. `containers` says for services which container their fields mean.
pub fn read_base(
    paths: &[String],
    containers: &[(String, String)],
    files: &dyn ReadFiles,
    into: &mut InputFiles,
) -> BaseProject {
    let complete = matches!(paths, [only] if only == "-" || only == "<stdin>");
    let mut read = read_manifests(paths, complete, files, into);
    let chosen: Vec<(usize, &String)> = named(&read.set)
        .filter_map(|(name, index, _)| Some((index, &containers.iter().find(|(service, _)| *service == name)?.1)))
        .collect();
    for (index, container) in chosen {
        if let Some(workload) = read.set.workloads.get_mut(index) {
            workload.chosen = Some(container.clone());
        }
    }
    let mut names = vec![None; read.set.workloads.len()];
    for (name, index, _) in named(&read.set) {
        names.get_mut(index).into_iter().for_each(|own| *own = Some(name.clone()));
    }
    read.set.names = names;
    let mut project = BaseProject::of(name_of(paths), layer(&read.set, read.files), read.findings);
    project.layer.partial = !read.unread.is_empty();
    project.manifests = Some(Box::new(read.set));
    project.unread = read.unread;
    project
}

/// What the files are called together in messages.
fn name_of(paths: &[String]) -> String {
    match paths {
        [] => String::new(),
        [only] => only.clone(),
        [first, other] => format!("{first} and {other}"),
        [first, rest @ ..] => format!("{first} and {} other files", rest.len()),
    }
}
