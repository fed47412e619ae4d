//! Which objects a patch of a kustomization is for. Knows no patch.

use super::access::{pairs, path, word};
use super::documents::Manifest;
use super::name_pattern::NamePattern;
use crate::syntax::Node;

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
    pub(super) namespaces: Vec<String>,
}

impl KnownAs {
    /// The same with the namespace that the kustomization at hand gives.
    pub(super) fn also_in(mut self, namespace: Option<&String>) -> KnownAs {
        self.namespaces.extend(namespace.cloned());
        self
    }
}

impl PatchTarget {
    pub(super) fn read(target: &Node) -> PatchTarget {
        let of = |key: &str| word(target, key).to_owned();
        let pattern = |key: &str| NamePattern::whole(word(target, key));
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

    /// What is selected by its plain name, not by a pattern.
    pub(super) fn read_plain(source: &Node) -> PatchTarget {
        let plain = |key: &str| NamePattern::exactly(word(source, key));
        PatchTarget {
            group: plain("group"),
            version: plain("version"),
            kind: plain("kind"),
            name: plain("name"),
            namespace: plain("namespace"),
            ..PatchTarget::default()
        }
    }

    /// Whether it looks at labels, which other parts of a kustomization may add.
    pub(super) fn asks_for_labels(&self) -> bool {
        !self.labels.is_empty() || !self.annotations.is_empty()
    }

    /// Whether an object is selected; `None` if a pattern of it is not understood here.
    pub(super) fn selects(&self, manifest: &Manifest, known: &KnownAs) -> Option<bool> {
        let own = known.namespaces.iter();
        let namespaces = own.map(|name| if name.is_empty() { "default" } else { name });
        let parts = [
            self.group.fits([&*manifest.group])?,
            self.version.fits([&*manifest.version])?,
            self.kind.fits([&*manifest.kind])?,
            self.name.fits(known.names.iter().map(String::as_str))?,
            self.namespace.fits(namespaces)?,
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

/// Whether two namespaces are one to kustomize.
pub(super) fn is_same_namespace(one: &str, other: &str) -> bool {
    let name = |text: &str| if text.is_empty() { "default".to_owned() } else { text.to_owned() };
    name(one) == name(other)
}
