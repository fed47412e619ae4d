//! Which objects a patch of a kustomization is for. Knows no patch.

use super::access::{pairs, path, word};
use super::documents::Manifest;
use crate::syntax::Node;

/// What selects the objects of a patch: patterns that hold for the whole text, and an empty one for any.
#[derive(Clone, Debug, Default)]
pub(super) struct PatchTarget {
    group: String,
    version: String,
    kind: String,
    name: String,
    namespace: String,
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
        PatchTarget {
            group: of("group"),
            version: of("version"),
            kind: of("kind"),
            name: of("name"),
            namespace: of("namespace"),
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
        let any = |pattern: &str, texts: &[String]| {
            let fits = texts.iter().map(|text| fits(pattern, text)).collect::<Option<Vec<_>>>()?;
            Some(pattern.is_empty() || fits.contains(&true))
        };
        let namespaces = known.namespaces.clone().map(|name| if name.is_empty() { "default".to_owned() } else { name });
        let of = |texts: &str| [texts.to_owned()];
        let parts = [
            any(&self.group, &of(&manifest.group))?,
            any(&self.version, &of(&manifest.version))?,
            any(&self.kind, &of(&manifest.kind))?,
            any(&self.name, &known.names)?,
            any(&self.namespace, &namespaces)?,
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

/// Whether a text as a whole fits a pattern; `None` for what these patterns seldom use.
fn fits(pattern: &str, text: &str) -> Option<bool> {
    let bare = pattern.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(pattern);
    let choices = bare.split('|').map(tokens).collect::<Option<Vec<_>>>()?;
    let text: Vec<char> = text.chars().collect();
    Some(choices.iter().any(|tokens| is_match(tokens, &text)))
}

/// A part of a pattern.
#[derive(Clone, Copy, Debug)]
enum Token {
    Letter(char),
    AnyOne,
    AnyMany,
}

fn tokens(choice: &str) -> Option<Vec<Token>> {
    let choice = choice.strip_prefix('^').unwrap_or(choice);
    let mut rest = choice.strip_suffix('$').unwrap_or(choice).chars().peekable();
    let mut all = Vec::new();
    while let Some(letter) = rest.next() {
        match (letter, rest.peek()) {
            ('.', Some('*')) => {
                rest.next();
                all.push(Token::AnyMany);
            }
            ('.', Some('+')) => {
                rest.next();
                all.extend([Token::AnyOne, Token::AnyMany]);
            }
            ('.', _) => all.push(Token::AnyOne),
            (letter, next) if letter.is_alphanumeric() || matches!(letter, '-' | '_' | '/' | ':') => {
                if next.is_some_and(|next| matches!(next, '*' | '+' | '?' | '{')) {
                    return None;
                }
                all.push(Token::Letter(letter));
            }
            _ => return None,
        }
    }
    Some(all)
}

/// Looks at each text end once for each token.
fn is_match(tokens: &[Token], text: &[char]) -> bool {
    let mut reached = vec![false; text.len() + 1];
    reached.first_mut().into_iter().for_each(|first| *first = true);
    for token in tokens {
        let mut next = vec![false; reached.len()];
        let mut any = false;
        for (index, (place, was)) in next.iter_mut().zip(&reached).enumerate() {
            any |= *was;
            let before = index.checked_sub(1);
            let stepped = before.and_then(|before| reached.get(before)).is_some_and(|reached| *reached);
            let letter = before.and_then(|before| text.get(before));
            *place = match token {
                Token::AnyMany => any,
                Token::AnyOne => stepped,
                Token::Letter(own) => stepped && letter == Some(own),
            };
        }
        reached = next;
    }
    reached.last().is_some_and(|last| *last)
}

/// Whether two namespaces are one to kustomize.
pub(super) fn is_same_namespace(one: &str, other: &str) -> bool {
    let name = |text: &str| if text.is_empty() { "default".to_owned() } else { text.to_owned() };
    name(one) == name(other)
}
