//! `scalegen import`: makes a spec from existing files. The files stay as they are and become the base; the spec holds their numbers, each with
//! the file's own text in a comment. Knows how a spec is written, no rule and no target.
//!
//! Nothing is invented: no service, no value. A comment asks for what only a person knows. The values of variables are never copied, whether
//! they are in `environment` or in a file of variables.

mod layered;
mod manifests;
mod origin;
mod outcome;
mod ports;
mod secret;
mod select;
mod swarm;
mod write;

pub use outcome::{ImportOptions, ImportTarget, Imported, NotHeld, Stays, TakenValue};

use crate::inputs::base::BaseProject;
use crate::inputs::{InputFiles, InputFormat};
use origin::Origins;
use select::Selection;

/// The page of the manual.
pub const PAGE: &str = include_str!("import.md");

/// Turns a project into a spec.
#[must_use]
pub fn import(project: &BaseProject, files: &InputFiles, options: &ImportOptions<'_>) -> Imported {
    let origins = Origins::new(files);
    let reader = swarm::reader(project);
    let mut selection = Selection::new(project, &origins, reader);
    let (services, asked) = match project.layer.format {
        InputFormat::COMPOSE => (selection.services(), Vec::new()),
        InputFormat::KUBERNETES => (manifests::services(&mut selection), manifests::unclear(project)),
        _ => (layered::services(&mut selection, &|_, _| None), Vec::new()),
    };
    let mut out = selection.out;
    out.text = write::spec(options, reader, &services, &asked, &origins);
    out
}
