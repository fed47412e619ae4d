//! Patterns of names in kustomizations. Knows no kustomization.

use regex::{Regex, RegexBuilder};

/// The most memory of one pattern once it is read.
const MOST_PATTERN_BYTES: usize = 1 << 18;

/// A pattern of a name, read once for all objects. Its syntax is that of Go, which this one holds for names.
#[derive(Clone, Debug, Default)]
pub(super) enum NamePattern {
    /// None is written: every text fits.
    #[default]
    Any,
    /// A text fits if the pattern does.
    Fitting(Regex),
    /// It cannot be read, or is larger than a name needs.
    Unknown,
}

impl NamePattern {
    /// A pattern that holds for the whole text (`api/types/selector.go` of kustomize); an empty one for any.
    pub(super) fn whole(text: &str) -> NamePattern {
        if text.is_empty() { NamePattern::Any } else { NamePattern::compiled(&format!("^(?:{text})$")) }
    }

    /// A pattern that fits anywhere in the text (`kyaml/yaml/match.go`).
    pub(super) fn within(text: &str) -> NamePattern {
        NamePattern::compiled(text)
    }

    /// The text itself; an empty one for any.
    pub(super) fn exactly(text: &str) -> NamePattern {
        NamePattern::whole(&regex::escape(text))
    }

    fn compiled(pattern: &str) -> NamePattern {
        let read = RegexBuilder::new(pattern).size_limit(MOST_PATTERN_BYTES).build();
        read.map_or(NamePattern::Unknown, NamePattern::Fitting)
    }

    /// Whether one of these texts fits; `None` if that is not known.
    pub(super) fn fits<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> Option<bool> {
        match self {
            NamePattern::Any => Some(true),
            NamePattern::Fitting(pattern) => Some(texts.into_iter().any(|text| pattern.is_match(text))),
            NamePattern::Unknown => None,
        }
    }
}
