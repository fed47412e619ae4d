//! Sections of values that no template of the chart reads, because only another generation had them. Knows no layout but Polyaxon's.

use super::chart_folder::ChartFolder;
use super::polyaxon::{self, Version};
use crate::support::diagnostic::Finding;

/// Values in a file over Polyaxon's chart for components that this chart does not have.
pub(super) fn of(chart: &ChartFolder<'_>) -> Vec<Finding> {
    if chart.name != polyaxon::CHART {
        return Vec::new();
    }
    let (Some(version), [own, over]) = (Version::parse(&chart.version), chart.layers.as_slice()) else {
        return Vec::new();
    };
    let has = |name: &str| polyaxon::components(version.nearest_read()).any(|component| component.name == name);
    let other = over.entries().iter().filter(|entry| polyaxon::ever(&entry.key) && !has(&entry.key));
    let unread = other.filter(|entry| own.get(&entry.key).is_none() && !entry.node.is_null());
    unread
        .map(|entry| {
            let message = format!(
                "Polyaxon's chart {} has no `{}`: helm takes it without a word and nothing reads it, Polyaxon's own CLI refuses it",
                chart.version.escape_debug(),
                entry.key.escape_debug()
            );
            let finding = Finding::of("unknown-field", entry.at().key(), message);
            finding.help(match polyaxon::replacement(&entry.key, version.nearest_read()) {
                Some(new) => format!("write `{new}`, which does its work in this chart"),
                None => "remove it".to_owned(),
            })
        })
        .collect()
}
