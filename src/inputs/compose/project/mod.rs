//! Compose files read as compose reads them: several files, what they extend and include, in one model. Knows no spec but in
//! `convert`, no rule and no target.
//!
//! The order of things is compose's own (compose-go v2.16, `loader`): a file is interpolated, what it includes is read, its services
//! are extended, it is laid over the files named before it. Each service is brought into one form first (`ports`, `volumes`
//! and the like in their long form, lists of `NAME=value` as mappings), which gives what compose's merge of raw forms gives.
//!
//! Three things differ, on purpose:
//! * the environment is never asked, and `.env` only if a request names it. What depends on a variable that is not set is unknown, where compose
//!   takes an empty text;
//! * an included project's own `.env` is not looked for either; an `env_file` written in the `include` is read;
//! * remote files (`oci://`, `https://`, `git@`) are not read: the project is then partial.

mod coolify;
mod documents;
mod dotenv;
mod env_files;
mod extends;
mod form_help;
mod forms;
mod include;
mod load;
mod loader;
mod merge;
mod of_merged;
mod plain_keys;
pub(in crate::inputs::compose) mod ports;
mod shape;
mod tags;
mod unknown_keys;
mod variables;
pub mod view;
mod view_read;
mod volumes;

pub use super::keys::amounts;

use super::super::files::{InputFiles, Origin, ReadFiles, Unread};
use crate::support::diagnostic::Finding;
use crate::support::source::{FieldSpan, FileId, FileSpan};
use crate::support::thin_vec::ThinVec;
use crate::syntax::Entry;
use std::collections::BTreeMap;

/// The services that extend each other in one chain.
pub const MAX_EXTENDS: usize = 64;

/// The files that include each other in one chain.
pub const MAX_INCLUDES: usize = 16;

/// The entries and items that the merging of one project may make.
pub const MAX_MERGED: usize = 1_000_000;

/// More services than any compose file has; a file beyond it is not read.
pub const MAX_SERVICES: usize = 20_000;

/// More values than any compose file has with its aliases written out; a file beyond it is not read.
pub const MAX_VALUES: u32 = 1_000_000;

/// Names that compose looks for if no file is named, first to last, and the file laid over the one that is there.
pub const DEFAULT_FILES: [(&str, &str); 4] = [
    ("compose.yaml", "compose.override.yaml"),
    ("compose.yml", "compose.override.yml"),
    ("docker-compose.yml", "docker-compose.override.yml"),
    ("docker-compose.yaml", "docker-compose.override.yaml"),
];

/// A file of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// Its path.
    pub path: String,
    /// Where it is named; `None` for a command line.
    pub at: Option<FileSpan>,
}

/// The project to read.
#[derive(Clone, Debug, Default)]
pub struct ProjectRequest {
    /// Its files, each laid over those before it. With none, `COMPOSE_FILE` of `env_file` counts.
    pub files: Vec<NamedFile>,
    /// The file of variables in place of `.env`; its `COMPOSE_FILE` and `COMPOSE_PROFILES` count.
    pub env_file: Option<NamedFile>,
    /// Profiles of the project to enable, besides those of `COMPOSE_PROFILES`; `*` for all.
    pub profiles: Vec<String>,
    /// The origin of its files in the run.
    pub origin: Origin,
    /// Whether the files of variables of services called `.env` and the like may be missing: many exist only on the machine that
    /// runs the project.
    pub may_lack_variables: bool,
}

/// One compose project, merged.
#[derive(Debug, Default)]
pub struct Project {
    /// The files read, in the order read; the first is the first that was named.
    pub files: Vec<FileId>,
    /// The folder of the first file. The paths of mounts are relative to the same folder as this path.
    pub folder: String,
    /// The services, in the order first met.
    pub services: Vec<ProjectService>,
    /// The networks, volumes, secrets, configs and models, as written, by the key of their section.
    pub sections: BTreeMap<&'static str, Vec<Entry>>,
    /// Whether Swarm reads it: its file is named a stack, or a service has a key that only Swarm obeys.
    pub swarm: bool,
    /// The `version` of the first file that has one. Compose ignores it, Swarm wants the same in every file.
    pub version: Option<String>,
    /// Faults of the files.
    pub findings: Vec<Finding>,
    /// Files that a command line named and that could not be read.
    pub unread: Vec<(String, Unread)>,
    /// Whether one of its files was not read: services that it lacks may be there.
    pub partial: bool,
}

/// One service of a project.
#[derive(Clone, Debug)]
pub struct ProjectService {
    /// Its key and its keys in normal form. Every value has the place where it is written.
    pub entry: Entry,
    /// Variables of its `env_file`s, in the order met; their values are not kept.
    pub from_files: ThinVec<FileVariable>,
    /// Whether the service it extends was not read. A file of variables decides no other field.
    pub partial: bool,
    /// Whether it starts: it has no profiles, or one of them is enabled.
    pub starts: bool,
}

/// The name of a variable in a file of variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileVariable {
    /// The name.
    pub name: String,
    /// Where it is written.
    pub at: FieldSpan,
}

/// Keys below `deploy` that `up` skips and Swarm obeys.
const SWARM_KEYS: [&str; 3] = ["endpoint_mode", "update_config", "placement"];

impl ProjectService {
    /// Whether it has a key that only Swarm obeys.
    fn is_for_swarm(&self) -> bool {
        let deploy = self.entry.node.get("deploy");
        deploy.is_some_and(|deploy| SWARM_KEYS.iter().any(|key| deploy.node.get(key).is_some()))
    }
}

impl Project {
    /// The service with this name.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&ProjectService> {
        self.services.iter().find(|service| *service.entry.key == *name)
    }
}

/// Reads a project. Cannot fail: faults are findings, and the readable rest is read anyway.
#[must_use]
pub fn read(request: &ProjectRequest, files: &dyn ReadFiles, into: &mut InputFiles) -> Project {
    load::project(request, files, into)
}
