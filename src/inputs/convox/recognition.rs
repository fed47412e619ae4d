//! Recognises a `convox.yml`.

use crate::inputs::base::BaseProject;
use crate::inputs::files::{InputFiles, InputFormat, ReadFiles};
use crate::inputs::input_meta::{InputMeta, SetPurpose, SetReader};
use crate::inputs::outline::Outline;

impl InputFormat {
    /// A `convox.yml`.
    pub const CONVOX: InputFormat = InputFormat::named("convox");
}

/// Files of Convox.
pub const META: InputMeta = InputMeta {
    format: InputFormat::CONVOX,
    noun: "convox file",
    names: &["convox.yml", "convox.yaml", "convox.*.yml"],
    sign: "`services` with `scale` beside `image` or `build`",
    is_content,
    // any mapping may have such keys: in a folder only the name tells
    searched: false,
    belongs: None,
    sets: Some(SetReader { sets, read, starts_new_first: true }),
};

fn is_content(document: &Outline<'_>) -> bool {
    !document.has_any(&["apiVersion", "version", "backingServices", "profiles", "capacity", "targets"])
        && document.has_entry_with("services", &["scale"])
}

/// Each file is an app of its own.
fn sets(paths: &[&str]) -> Vec<Vec<usize>> {
    (0..paths.len()).map(|index| vec![index]).collect()
}

fn read(paths: &[String], _purpose: SetPurpose, files: &dyn ReadFiles, into: &mut InputFiles) -> BaseProject {
    let path = paths.first().map(String::as_str).unwrap_or_default();
    super::read(path, files, into)
}
