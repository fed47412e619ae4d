//! What a folder stands for where a command takes one file: its spec, its project, or its manifests together. Works no number out.

use super::read::{self, GivenSpec};
use super::{Failure, display_path, import};
use scalegen::inputs::compose::project::DEFAULT_FILES;
use std::path::{Path, PathBuf};

/// Reads what the command line names, and of a folder what it stands for.
pub fn read(named: Option<&Path>) -> Result<GivenSpec, Failure> {
    let Some(folder) = named.filter(|path| path.is_dir()) else { return GivenSpec::read(named) };
    match stands_for(folder)? {
        (path, None) => GivenSpec::read(Some(&path)),
        (path, Some(bytes)) => {
            let name = path.to_string_lossy().into_owned();
            Ok(GivenSpec { folder: read::Folder::of(&path), path, name, bytes })
        }
    }
}

/// The path of a file, and its text where nobody wrote it.
type StandIn = (PathBuf, Option<Vec<u8>>);

/// The file that a folder stands for. Manifests that no kustomization names are read as one that names them would read them.
fn stands_for(folder: &Path) -> Result<StandIn, Failure> {
    let named = read::HERE.into_iter().chain(import::KUSTOMIZATIONS).chain(DEFAULT_FILES.iter().map(|(name, _)| *name));
    let mut found: Vec<PathBuf> = named.chain(["convox.yml"]).map(|name| folder.join(name)).collect();
    found.retain(|path| read::stands(path));
    if let Some(first) = found.into_iter().next() {
        return Ok((first, None));
    }
    let manifests = import::manifests(folder)?;
    match manifests.as_slice() {
        [] => Err(Failure(format!(
            "{} holds no spec, no kustomization, no manifests and no compose file; no folder below it is looked into",
            display_path(folder)
        ))),
        [only] => Ok((only.clone(), None)),
        all => {
            let names = all.iter().filter_map(|path| path.file_name()?.to_str());
            // JSON is YAML, and quotes whatever a name holds
            let names: Vec<String> = names.map(|name| serde_json::Value::from(name).to_string()).collect();
            let text = format!("resources: [{}]\n", names.join(", "));
            Ok((folder.join("kustomization.yaml"), Some(text.into_bytes())))
        }
    }
}
