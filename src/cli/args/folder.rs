//! A folder as an argument. Knows no command.

use std::path::PathBuf;

/// A folder to write into. Elsewhere `-` is standard output, which holds one file and not many.
pub fn folder(text: &str) -> Result<PathBuf, String> {
    match text {
        "-" => {
            Err("files are written into a folder, not to standard output; a folder of this name is `./-`".to_owned())
        }
        text => Ok(PathBuf::from(text)),
    }
}
