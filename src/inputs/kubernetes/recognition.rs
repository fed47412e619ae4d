//! Recognises a manifest, and which manifests are one set.

use super::trees::LargeFiles;
use super::{ReadManifests, layer, name_services, named, read_manifests};
use crate::inputs::base::BaseProject;
use crate::inputs::files::{InputFiles, InputFormat, ReadFiles};
use crate::inputs::input_meta::{InputMeta, SetPurpose, SetReader};
use crate::inputs::layer::Layer;
use crate::inputs::outline::Outline;
use std::collections::BTreeMap;

impl InputFormat {
    /// Kubernetes manifests.
    pub const KUBERNETES: InputFormat = InputFormat::named("kubernetes");
}

/// Kubernetes manifests.
pub const META: InputMeta = InputMeta {
    format: InputFormat::KUBERNETES,
    noun: "manifest",
    names: &["kustomization.yaml", "kustomization.yml", "Kustomization"],
    sign: "`apiVersion` and `kind`",
    is_content,
    searched: true,
    belongs: None,
    sets: Some(SetReader { sets, read, starts_new_first: true }),
};

fn is_content(document: &Outline<'_>) -> bool {
    document.has_any(&["apiVersion"]) && document.has_any(&["kind"])
}

/// The files of each folder are a set. A kustomization among them may split it when they are read.
fn sets(paths: &[&str]) -> Vec<Vec<usize>> {
    let mut folders: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, path) in paths.iter().enumerate() {
        folders.entry(path.rsplit_once('/').map_or("", |(folder, _)| folder)).or_default().push(index);
    }
    folders.into_values().collect()
}

fn read(paths: &[String], purpose: SetPurpose, files: &dyn ReadFiles, into: &mut InputFiles) -> BaseProject {
    let (read, layer) = read_layer(paths, &[], purpose, files, into);
    project(paths, read, layer)
}

/// Reads files of one apply. `containers` says for services which container their fields mean.
pub fn read_base(
    paths: &[String],
    containers: &[(String, String)],
    files: &dyn ReadFiles,
    into: &mut InputFiles,
) -> BaseProject {
    let (read, layer) = read_layer(paths, containers, SetPurpose::default(), files, into);
    project(paths, read, layer)
}

/// The objects and their layer.
fn read_layer(
    paths: &[String],
    containers: &[(String, String)],
    purpose: SetPurpose,
    files: &dyn ReadFiles,
    into: &mut InputFiles,
) -> (ReadManifests, Layer) {
    let complete = purpose.complete || matches!(paths, [only] if only == "-" || only == "<stdin>");
    let mut read = read_manifests(paths, complete, files, into);
    read.set.names_as_built = purpose.as_built;
    let chosen: Vec<(usize, &String)> = named(&read.set)
        .filter_map(|(name, index, _)| Some((index, &containers.iter().find(|(service, _)| *service == name)?.1)))
        .collect();
    for (index, container) in chosen {
        if let Some(workload) = read.set.workloads.get_mut(index) {
            workload.chosen = Some(container.clone());
        }
    }
    name_services(&mut read.set);
    let large = if purpose.for_rules { LargeFiles::of(&mut read.set, into) } else { LargeFiles::default() };
    let layer = layer(&mut read.set, std::mem::take(&mut read.files), large);
    (read, layer)
}

fn project(paths: &[String], read: ReadManifests, layer: Layer) -> BaseProject {
    let mut project = BaseProject::of(name_of(paths), layer, read.findings);
    project.layer.partial = !read.unread.is_empty();
    project.manifests = Some(Box::new(read.set));
    project.unread = read.unread;
    project
}

/// The common name of the files in messages.
fn name_of(paths: &[String]) -> String {
    match paths {
        [] => String::new(),
        [only] => only.clone(),
        [first, other] => format!("{first} and {other}"),
        [first, rest @ ..] => format!("{first} and {} other files", rest.len()),
    }
}
