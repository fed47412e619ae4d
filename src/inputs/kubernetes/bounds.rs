//! Objects that bound workloads from outside: disruption budgets, quotas, ranges of limits, claims. Knows no workload.

use super::access::{amount, entry, items, path, word};
use super::documents::Manifest;
use super::pod::whole;
use super::selector::LabelSelector;
use crate::inputs::facts::ObjectName;
use crate::model::quantity::{Cpu, Memory};
use crate::model::{Disruption, Val};
use crate::support::source::{FieldSpan, FileId};
use crate::syntax::{Entry, Node};

/// A PodDisruptionBudget.
#[derive(Clone, Debug)]
pub struct DisruptionBudget {
    /// Its name.
    pub object: ObjectName,
    /// The file it is in.
    pub file: FileId,
    /// Where its name is.
    pub at: FieldSpan,
    /// The pods that it protects; `None` if nothing is written.
    pub selector: Option<LabelSelector>,
    /// How many must stay, or may go.
    pub keeps: Option<Val<Disruption>>,
}

/// A PersistentVolumeClaim.
#[derive(Clone, Debug)]
pub struct VolumeClaim {
    /// Its name.
    pub object: ObjectName,
    /// The file it is in.
    pub file: FileId,
    /// The place of its access modes.
    pub at: FieldSpan,
    /// `ReadWriteOnce`, `ReadWriteMany`, …
    pub modes: Vec<String>,
}

/// A ResourceQuota.
#[derive(Clone, Debug)]
pub struct Quota {
    /// Its name.
    pub object: ObjectName,
    /// The file it is in.
    pub file: FileId,
    /// `requests.cpu` in billionths of a core, all else in whole units, by its key.
    pub hard: Vec<(String, Val<u128>, String)>,
    /// Whether it applies to some pods only.
    pub scoped: bool,
}

/// One entry of a LimitRange.
#[derive(Clone, Debug)]
pub struct RangeItem {
    /// What it belongs to.
    pub object: ObjectName,
    /// The file it is in.
    pub file: FileId,
    /// `Container`, `Pod`, `PersistentVolumeClaim`.
    pub kind: String,
    /// Bounds: `min`, `max`, `default`, `defaultRequest`, each with the resource: amount in billionths of a core or whole units.
    pub bounds: Vec<(&'static str, String, Val<u128>, String)>,
}

/// Reads a budget.
pub(super) fn budget(manifest: &Manifest) -> Option<DisruptionBudget> {
    if manifest.kind != "PodDisruptionBudget" || manifest.group != "policy" {
        return None;
    }
    let spec = manifest.spec()?;
    let min = amount(entry(spec, "minAvailable")).map(|min| Val::new(Disruption::MinAvailable(min.value), min.at));
    let max = amount(entry(spec, "maxUnavailable")).map(|max| Val::new(Disruption::MaxUnavailable(max.value), max.at));
    Some(DisruptionBudget {
        object: manifest.object(),
        file: manifest.file,
        at: manifest.name_at(),
        selector: entry(spec, "selector").and_then(LabelSelector::read),
        keeps: min.or(max),
    })
}

/// Reads a claim.
pub(super) fn claim(manifest: &Manifest) -> Option<VolumeClaim> {
    if manifest.kind != "PersistentVolumeClaim" || !manifest.group.is_empty() {
        return None;
    }
    let spec = manifest.spec()?;
    Some(VolumeClaim {
        object: manifest.object(),
        file: manifest.file,
        at: entry(spec, "accessModes").map_or_else(|| manifest.name_at(), Entry::at),
        modes: items(spec, "accessModes").map(|mode| mode.text.to_string()).collect(),
    })
}

/// An amount of a resource: billionths of a core, or whole units.
fn amount_of(resource: &str, entry: &Entry) -> Option<(Val<u128>, String)> {
    if resource == "cpu" || resource.ends_with(".cpu") {
        let text = super::access::quantity_text(&entry.node)?;
        let cpu = Cpu::parse(text).ok()?;
        return Some((Val::new(u128::from(cpu.0), entry.at()), cpu.to_string()));
    }
    let bytes = whole(entry)?;
    let text = super::access::quantity_text(&entry.node)?;
    let text = Memory::parse(text).map_or_else(|_| bytes.value.to_string(), |memory| memory.to_string());
    Some((Val::new(u128::from(bytes.value), bytes.at), text))
}

/// Reads a quota.
pub(super) fn quota(manifest: &Manifest) -> Option<Quota> {
    if manifest.kind != "ResourceQuota" || !manifest.group.is_empty() {
        return None;
    }
    let spec = manifest.spec()?;
    let hard = entry(spec, "hard").map_or(&[][..], |hard| hard.node.entries()).iter();
    let hard = hard.filter_map(|entry| {
        let (amount, text) = amount_of(&entry.key, entry)?;
        Some((entry.key.to_string(), amount, text))
    });
    Some(Quota {
        object: manifest.object(),
        file: manifest.file,
        hard: hard.collect(),
        scoped: entry(spec, "scopes").is_some() || entry(spec, "scopeSelector").is_some(),
    })
}

/// Reads the entries of a LimitRange.
pub(super) fn ranges(manifest: &Manifest) -> Vec<RangeItem> {
    if manifest.kind != "LimitRange" || !manifest.group.is_empty() {
        return Vec::new();
    }
    let Some(spec) = manifest.spec() else { return Vec::new() };
    let range_item = |item: &Node| RangeItem {
        object: manifest.object(),
        file: manifest.file,
        kind: word(item, "type").to_owned(),
        bounds: bounds(item),
    };
    items(spec, "limits").map(|item| range_item(item)).collect()
}

fn bounds(item: &Node) -> Vec<(&'static str, String, Val<u128>, String)> {
    let mut all = Vec::new();
    for which in ["min", "max", "default", "defaultRequest"] {
        let entries = path(item, &[which]).map_or(&[][..], |entry| entry.node.entries());
        for entry in entries {
            if let Some((amount, text)) = amount_of(&entry.key, entry) {
                all.push((which, entry.key.to_string(), amount, text));
            }
        }
    }
    all
}
