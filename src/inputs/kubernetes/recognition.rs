//! What tells a manifest, and which manifests are one set.

use super::read_base;
use crate::inputs::base::BaseProject;
use crate::inputs::files::{InputFiles, InputFormat, ReadFiles};
use crate::inputs::input_meta::{InputMeta, SetReader};
use crate::inputs::outline::Outline;
use std::collections::BTreeMap;

/// Kubernetes manifests.
pub const META: InputMeta = InputMeta {
    format: InputFormat::Kubernetes,
    noun: "manifest",
    names: &["kustomization.yaml", "kustomization.yml", "Kustomization"],
    sign: "`apiVersion` and `kind`",
    is_content,
    searched: true,
    sets: Some(SetReader { sets, read, starts_new_first: true }),
};

fn is_content(document: &Outline<'_>) -> bool {
    document.has_any(&["apiVersion"]) && document.has_any(&["kind"])
}

/// The files of each folder are a set: a kustomization among them says more when they are read.
fn sets(paths: &[&str]) -> Vec<Vec<usize>> {
    let mut folders: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, path) in paths.iter().enumerate() {
        folders.entry(path.rsplit_once('/').map_or("", |(folder, _)| folder)).or_default().push(index);
    }
    folders.into_values().collect()
}

fn read(paths: &[String], files: &dyn ReadFiles, into: &mut InputFiles) -> BaseProject {
    read_base(paths, &[], files, into)
}
