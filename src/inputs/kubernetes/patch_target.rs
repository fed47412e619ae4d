//! Which objects a patch of a kustomization is for. Knows no patch.

use super::access::{pairs, path, word};
use super::documents::Manifest;
use crate::syntax::Node;
use regex::{Regex, RegexBuilder};

/// The most memory of one pattern once it is read.
const MOST_PATTERN_BYTES: usize = 1 << 18;

/// What selects the objects of a patch: patterns that hold for the whole text, and an empty one for any.
#[derive(Clone, Debug, Default)]
pub(super) struct PatchTarget {
    group: NamePattern,
    version: NamePattern,
    kind: NamePattern,
    name: NamePattern,
    namespace: NamePattern,
    labels: String,
    annotations: String,
}

/// The names and namespaces that an object has, in its file and after what changed them.
#[derive(Debug)]
pub(super) struct KnownAs {
    pub(super) names: Vec<String>,
    pub(super) namespaces: [String; 2],
}

impl PatchTarget {
    pub(super) fn read(target: &Node) -> PatchTarget {
        let of = |key: &str| word(target, key).to_owned();
        let pattern = |key: &str| NamePattern::read(word(target, key));
        PatchTarget {
            group: pattern("group"),
            version: pattern("version"),
            kind: pattern("kind"),
            name: pattern("name"),
            namespace: pattern("namespace"),
            labels: of("labelSelector"),
            annotations: of("annotationSelector"),
        }
    }

    /// Whether it looks at labels, which other parts of a kustomization may add.
    pub(super) fn asks_for_labels(&self) -> bool {
        !self.labels.is_empty() || !self.annotations.is_empty()
    }

    /// Whether an object is selected; `None` if a pattern of it is not understood here.
    pub(super) fn selects(&self, manifest: &Manifest, known: &KnownAs) -> Option<bool> {
        let namespaces = known.namespaces.clone().map(|name| if name.is_empty() { "default".to_owned() } else { name });
        let of = |texts: &str| [texts.to_owned()];
        let parts = [
            self.group.fits(&of(&manifest.group))?,
            self.version.fits(&of(&manifest.version))?,
            self.kind.fits(&of(&manifest.kind))?,
            self.name.fits(&known.names)?,
            self.namespace.fits(&namespaces)?,
            has_pairs(&self.labels, &pairs(path(&manifest.root, &["metadata", "labels"])))?,
            has_pairs(&self.annotations, &pairs(path(&manifest.root, &["metadata", "annotations"])))?,
        ];
        Some(parts.iter().all(|part| *part))
    }
}

/// Whether labels fit a selector of equalities: `app=web,tier=back`.
fn has_pairs(selector: &str, all: &[(String, String)]) -> Option<bool> {
    let mut fits = true;
    for term in selector.split(',').map(str::trim).filter(|term| !term.is_empty()) {
        let (key, value) = term.split_once("==").or_else(|| term.split_once('='))?;
        if key.ends_with('!') || term.contains(['(', ')', ' ']) {
            return None;
        }
        fits &= all.iter().any(|(own, text)| own == key && text == value);
    }
    Some(fits)
}

/// A pattern of a name, read once for all objects.
#[derive(Clone, Debug, Default)]
enum NamePattern {
    /// None is written: every text fits.
    #[default]
    Any,
    /// Fits as a whole (`api/types/selector.go` of kustomize); its syntax is that of Go, which this one holds for names.
    Whole(Regex),
    /// It cannot be read, or is larger than a name needs.
    Unknown,
}

impl NamePattern {
    fn read(text: &str) -> NamePattern {
        if text.is_empty() {
            return NamePattern::Any;
        }
        let whole = RegexBuilder::new(&format!("^(?:{text})$")).size_limit(MOST_PATTERN_BYTES).build();
        whole.map_or(NamePattern::Unknown, NamePattern::Whole)
    }

    /// Whether one of these texts fits; `None` if that is not known.
    fn fits(&self, texts: &[String]) -> Option<bool> {
        match self {
            NamePattern::Any => Some(true),
            NamePattern::Whole(pattern) => Some(texts.iter().any(|text| pattern.is_match(text))),
            NamePattern::Unknown => None,
        }
    }
}

/// Whether two namespaces are one to kustomize.
pub(super) fn is_same_namespace(one: &str, other: &str) -> bool {
    let name = |text: &str| if text.is_empty() { "default".to_owned() } else { text.to_owned() };
    name(one) == name(other)
}
