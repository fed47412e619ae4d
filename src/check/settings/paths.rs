//! Patterns of `.gitignore` over paths relative to the settings file. Knows no rule and reads no file.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Some patterns, the last that matches decides.
#[derive(Clone, Debug)]
pub(super) struct PathPatterns(Gitignore);

impl PathPatterns {
    /// Takes the patterns that can be read.
    pub(super) fn new<'p>(patterns: impl Iterator<Item = &'p str>) -> PathPatterns {
        let mut builder = GitignoreBuilder::new("");
        for pattern in patterns {
            // a pattern that cannot be read has its finding
            let _ = builder.add_line(None, pattern);
        }
        PathPatterns(builder.build().unwrap_or_else(|_| Gitignore::empty()))
    }

    /// Why a pattern cannot be read.
    pub(super) fn fault(pattern: &str) -> Option<String> {
        if pattern.trim().is_empty() {
            return Some("a pattern of spaces matches nothing".to_owned());
        }
        if pattern.starts_with('#') {
            return Some("a pattern that begins with `#` is a comment".to_owned());
        }
        let why = GitignoreBuilder::new("").add_line(None, pattern).err()?.to_string();
        // the pattern itself is in front, and advice behind
        let why = why.rsplit_once("': ").map_or(why.as_str(), |(_, why)| why);
        Some(why.split_once("; ").map_or(why, |(why, _)| why).to_owned())
    }

    /// Whether a path matches, or a folder it is in. A path that leaves the folder of the settings matches nothing.
    pub(super) fn match_path(&self, path: &str) -> bool {
        let below = !path.is_empty() && path.split('/').all(|part| !part.is_empty() && part != "..");
        below && self.0.matched_path_or_any_parents(path, false).is_ignore()
    }
}

#[cfg(test)]
mod tests {
    use super::PathPatterns;

    #[test]
    fn patterns_match_as_git_does() {
        let matches = |patterns: &[&str], path: &str| PathPatterns::new(patterns.iter().copied()).match_path(path);
        assert!(
            matches(&["legacy/**"], "legacy/a/scalegen.yaml") && !matches(&["legacy/**"], "a/legacy/scalegen.yaml")
        );
        assert!(matches(&["legacy/"], "a/legacy/scalegen.yaml") && matches(&["scalegen.yaml"], "a/b/scalegen.yaml"));
        assert!(matches(&["/scalegen.yaml"], "scalegen.yaml") && !matches(&["/scalegen.yaml"], "a/scalegen.yaml"));
        assert!(!matches(&["legacy/**", "!legacy/new/*"], "legacy/new/scalegen.yaml"), "the last one decides");
        assert!(!matches(&["*"], "../scalegen.yaml") && !matches(&["*"], "/x/scalegen.yaml") && !matches(&["*"], ""));
    }

    #[test]
    fn a_pattern_that_cannot_be_read_says_why() {
        assert!(
            PathPatterns::fault("a{b").is_some()
                && PathPatterns::fault("# a").is_some()
                && PathPatterns::fault(" ").is_some()
        );
        assert_eq!(PathPatterns::fault("a/**/[b]*.yaml"), None);
    }
}
