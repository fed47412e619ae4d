//! One amount in both styles of compose files, with two values, which compose refuses. Knows no rule.

use super::project::amounts;
use super::project::view::OLDER;
use crate::inputs::base::BaseMember;
use crate::inputs::text::known_text;
use crate::support::source::FieldSpan;
use crate::syntax::{Entry, Node};

/// An amount in both styles.
#[derive(Clone, Debug)]
pub struct TwoStyles {
    /// The key of the older style.
    pub older_key: &'static str,
    /// Its value.
    pub older: String,
    /// The place of that value.
    pub older_at: FieldSpan,
    /// The path under `deploy` that means the same.
    pub key: String,
    /// The value there; `None` if only the mapping is there, which compose takes for another value.
    pub newer: Option<String>,
    /// The place of that one.
    pub newer_at: FieldSpan,
}

impl BaseMember {
    /// Amounts with different values in both styles. An amount that depends on a variable is not compared.
    #[must_use]
    pub fn amounts_in_two_styles(&self) -> Vec<TwoStyles> {
        let node = &*self.project.entry.node;
        OLDER.iter().filter_map(|(key, path)| compare(node, key, path)).collect()
    }
}

fn compare(service: &Node, older_key: &'static str, path: &[&str]) -> Option<TwoStyles> {
    let older = service.get(older_key).filter(|entry| !entry.node.is_null())?;
    let (newer, map) = under_deploy(service, path)?;
    let (amount, text) = (amount(older_key, &older.node)?, known_text(&older.node)?.to_owned());
    // compose takes 0 for a key that is not set, except for `scale`
    if amount == 0.0 && older_key != "scale" {
        return None;
    }
    let (newer, newer_at) = match newer {
        Some(newer) => {
            let other = self::amount(older_key, &newer.node)?;
            if other.to_bits() == amount.to_bits() {
                return None;
            }
            (Some(known_text(&newer.node)?.to_owned()), newer.at())
        }
        // without `replicas` compose takes `scale`
        None if path.len() > 1 => (None, map.at()),
        None => return None,
    };
    Some(TwoStyles { older_key, older: text, older_at: older.at(), key: path.join("."), newer, newer_at })
}

/// The value at a path under `deploy`, and the mapping that holds it or would hold it.
fn under_deploy<'n>(service: &'n Node, path: &[&str]) -> Option<(Option<&'n Entry>, &'n Entry)> {
    let (last, above) = path.split_last()?;
    let deploy = service.get("deploy")?;
    let map = above.iter().try_fold(deploy, |map, key| map.node.get(key))?;
    Some((map.node.get(last).filter(|entry| !entry.node.is_null()), map))
}

/// The amount in the unit it is compared in; `None` if it depends on a variable.
#[expect(clippy::cast_precision_loss, reason = "amounts of memory below 2^53")]
fn amount(key: &str, node: &Node) -> Option<f64> {
    let text = known_text(node)?;
    match key {
        "mem_limit" | "mem_reservation" => amounts::bytes(text).map(|bytes| bytes as f64),
        _ => amounts::decimal(text),
    }
}
