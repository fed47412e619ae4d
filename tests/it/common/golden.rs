//! Committed text that a test compares with and `UPDATE=1` rewrites. Knows nothing of what the text means.

use std::{fs, path::Path};

/// Compares text with a committed file, named from the package's root; `UPDATE=1 cargo test` writes it instead.
pub fn golden(path: &str, actual: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        fs::create_dir_all(file.parent().expect("a file in a folder")).expect("the folder can be made");
        fs::write(&file, actual).expect("the golden can be written");
        return;
    }
    let expected = fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{path}: {error}; `UPDATE=1 cargo test` writes it, then read it"));
    if expected != actual {
        let diff = similar::TextDiff::from_lines(&expected, actual);
        let diff = diff.unified_diff().header(path, "this run").to_string();
        panic!("{path} differs; if the new text is right, `UPDATE=1 cargo test` takes it\n{diff}");
    }
}
