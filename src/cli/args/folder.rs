//! A folder as an argument. Knows no command.

use clap::builder::{PathBufValueParser, TypedValueParser};
use std::path::{Path, PathBuf};

/// A folder to write into. Elsewhere `-` is standard output, which holds one file and not many.
pub fn folder() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| {
        if path == Path::new("-") {
            let why = "files are written into a folder, not to standard output; a folder of this name is `./-`";
            return Err(why);
        }
        Ok(path)
    })
}
