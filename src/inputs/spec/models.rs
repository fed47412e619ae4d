//! A spec's text to its models, without a check: for what only needs the numbers. Knows no rule and no finding.

use crate::inputs::spec::profiles;
use crate::model::{self, Spec};
use crate::support::diagnostic::SPEC;
use crate::support::source::Source;
use crate::syntax;

/// The base and every profile of a spec as models, the base first; none if the text holds no mapping. Broken parts
/// are marked in them: what is wrong is `lint`'s to say.
#[must_use]
pub fn models(bytes: &[u8]) -> Vec<(Option<String>, Spec)> {
    let Ok(text) = syntax::decode(bytes.to_vec()) else { return Vec::new() };
    let parsed = syntax::parse(SPEC, &Source::new("", text), syntax::ParseMode::Spec);
    let Some(root) = parsed.root.filter(|root| matches!(root.value, syntax::Value::Map(_))) else { return Vec::new() };
    let layers = profiles::lay(&root, &mut Vec::new());
    let mut known = model::LoweredBefore::default();
    layers.map(|laid| (laid.profile, model::lower(&laid.tree, &mut known).spec)).collect()
}
