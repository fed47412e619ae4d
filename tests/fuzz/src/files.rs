//! Files for specs: the repository's fixtures, read once, and doors that open on given bytes.

use scalegen::Files;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A door on files held in memory: path to bytes.
#[derive(Debug, Default)]
pub struct Held(pub BTreeMap<String, Vec<u8>>);

impl Files for Held {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.0.get(path).cloned().ok_or_else(|| "no such file".to_owned())
    }
}

/// A spec of the fixtures with the files of its folder.
#[derive(Debug)]
pub struct Fixture {
    /// The spec's text.
    pub text: String,
    /// Everything else below its folder.
    pub files: Held,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn below(folder: &Path, prefix: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).expect("fixtures are there").flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            below(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name, std::fs::read(entry.path()).expect("a fixture can be read"));
        }
    }
}

/// Every spec of the fixtures that is text, in the order of its path.
pub fn fixtures() -> &'static [Fixture] {
    static ALL: OnceLock<Vec<Fixture>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all = BTreeMap::new();
        below(&root(), "", &mut all);
        let spec = |(path, bytes): (&String, &Vec<u8>)| {
            let text = String::from_utf8(bytes.clone()).ok()?;
            let lines = text.lines().any(|line| line.starts_with("version:"));
            if !path.ends_with(".yaml") || !lines || !text.contains("\nservices:") {
                return None;
            }
            let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
            let beside = all.range(folder.clone()..).take_while(|(name, _)| name.starts_with(&folder));
            let named = |(name, bytes): (&String, &Vec<u8>)| (name[folder.len()..].to_owned(), bytes.clone());
            Some(Fixture { text, files: Held(beside.map(named).collect()) })
        };
        let found: Vec<Fixture> = all.iter().filter_map(spec).collect();
        assert!(found.len() > 10, "the fixtures hold {} specs", found.len());
        found
    })
}

/// A door on the files that the fixtures' specs name, by the same paths, whichever spec named them.
pub fn any() -> &'static Held {
    static ALL: OnceLock<Held> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut held = BTreeMap::new();
        for fixture in fixtures() {
            for (path, bytes) in &fixture.files.0 {
                held.entry(path.clone()).or_insert_with(|| bytes.clone());
            }
        }
        Held(held)
    })
}
