//! A spec's text to its models, without a check: for what only needs the numbers. Knows no rule and no finding.

use crate::inputs::spec::profiles;
use crate::model::{self, Spec};
use crate::support::diagnostic::SPEC;
use crate::support::source::Source;
use crate::syntax;

/// The base and every profile of a spec as models, the base first; none where the text holds no mapping. Broken parts
/// are marked in them: what is wrong is `lint`'s to say.
#[must_use]
pub fn models(bytes: &[u8]) -> Vec<(Option<String>, Spec)> {
    let mut all = Vec::new();
    each_model(bytes, |_, profile, spec| all.push((profile, spec)));
    all
}

/// The same models one after another, each forgotten before the next is made: together they can take memory by the square
/// of the spec. `take` is also given the names of all of them.
pub fn each_model(bytes: &[u8], mut take: impl FnMut(&[Option<String>], Option<String>, Spec)) {
    let Ok(text) = syntax::decode(bytes.to_vec()) else { return };
    let parsed = syntax::parse(SPEC, &Source::new("", text), syntax::Mode::Spec);
    let Some(root) = parsed.root.filter(|root| matches!(root.value, syntax::Value::Map(_))) else { return };
    let layers = profiles::lay(&root, &mut Vec::new());
    let names: Vec<Option<String>> = layers.names().map(|name| name.map(str::to_owned)).collect();
    let mut known = model::Known::default();
    for laid in layers {
        take(&names, laid.profile, model::lower(&laid.tree, &mut known).spec);
    }
}
