//! What must hold of every rendering.

use crate::properties;
use scalegen::{Files, render};

/// Renders one target: no bug of ours, the same twice, every file inside its folder, under its mark and clean.
pub fn holds(bytes: &[u8], files: &dyn Files, profile: Option<&str>, target: &str) {
    let targets = [target.to_owned()];
    let once = || render("shop/scalegen.yaml", bytes, files, profile, &targets);
    let first = once().unwrap_or_else(|bug| panic!("{target}: {bug}\n{}", String::from_utf8_lossy(bytes)));
    properties::checked(&first.checked);
    if first.files.is_empty() {
        return;
    }
    let second = once().unwrap_or_else(|bug| panic!("{target} the second time: {bug}"));
    assert_eq!(first.files, second.files, "{target} renders differently the second time");
    let mut paths = std::collections::BTreeSet::new();
    for file in first.files.iter().flat_map(|(_, files)| files) {
        let parts: Vec<&str> = file.path.split('/').collect();
        let fine = |part: &&str| !part.is_empty() && *part != "." && *part != ".." && !part.contains('\\');
        assert!(parts.iter().all(fine), "{target}: the path {:?}", file.path);
        assert!(paths.insert(file.path.as_str()), "{target}: the path {:?} twice", file.path);
        assert!(file.text.starts_with(scalegen::targets::MARK), "{target}: {} has no mark", file.path);
        assert!(file.text.ends_with('\n'), "{target}: {} does not end its last line", file.path);
        let raw = file.text.chars().find(|c| (c.is_control() && *c != '\n') || matches!(c, '\u{2028}' | '\u{2029}'));
        assert_eq!(raw, None, "{target}: {} holds a raw control", file.path);
    }
}
