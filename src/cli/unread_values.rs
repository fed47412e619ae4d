//! The sentence about values of charts that a search through a folder skips, because the layout of their chart is unknown.

use super::read;
use scalegen::inputs::recognise;
use scalegen::report::clean;
use std::path::{Path, PathBuf};

/// The sentence about the first of them, with how many more there are.
pub fn sentence_about(others: &[PathBuf]) -> Option<String> {
    let all: Vec<String> = others.iter().filter_map(|path| unread(path)).collect();
    let (first, rest) = all.split_first()?;
    Some(match rest.len() {
        0 => first.clone(),
        1 => format!("{first} (1 more such file)"),
        rest => format!("{first} ({rest} more such files)"),
    })
}

/// Values with no chart beside them may be of any tool: they are not spoken of.
fn unread(path: &Path) -> Option<String> {
    let is_of_chart = || path.with_file_name("Chart.yaml").is_file();
    let beside = |name: &str| read::text_of(&path.with_file_name(name));
    let why = recognise::why_not(&path.to_string_lossy(), &beside).filter(|_| is_of_chart())?;
    Some(format!("{} {why}", clean(&path.strip_prefix("./").unwrap_or(path).to_string_lossy())))
}
