//! The folder of a chart with values laid over its own: what its `Chart.yaml` says, the values as the templates see them. Knows no layout.

use super::layers;
use crate::support::source::{FileId, Source};
use crate::syntax::{Node, ParseMode, Value, parse};
use std::rc::Rc;

/// The chart's own values.
pub const OWN: &str = "values.yaml";
/// What makes a folder a chart.
pub const CHART: &str = "Chart.yaml";

/// More values than any chart has with its aliases written out; values beyond it are not read.
const MAX_VALUES: u32 = 1_000_000;

/// A chart and values.
pub(super) struct ChartFolder<'f> {
    pub(super) name: String,
    pub(super) version: String,
    /// Whether other charts use its templates, and it has no objects of its own.
    pub(super) is_library: bool,
    /// The chart's own values, then the file laid over them; one of the two where that file is the chart's own.
    pub(super) layers: Vec<Rc<Node>>,
    /// All of them as one.
    pub(super) root: Rc<Node>,
    /// The text of a file of the chart.
    pub(super) read: &'f dyn Fn(&str) -> Option<String>,
}

impl<'f> ChartFolder<'f> {
    /// A chart out of the text of its `Chart.yaml` and its values; none where they cannot be read as such.
    pub(super) fn of(
        about: &str,
        layers: Vec<Rc<Node>>,
        read: &'f dyn Fn(&str) -> Option<String>,
    ) -> Option<ChartFolder<'f>> {
        let about = tree(FileId::default(), about).filter(|about| about.get("name").is_some())?;
        let is_usable = |node: &Rc<Node>| matches!(node.value, Value::Map(_)) && node.weight <= MAX_VALUES;
        if !layers.iter().all(is_usable) {
            return None;
        }
        let mut all = layers.iter();
        let first = Rc::clone(all.next()?);
        let root = all.fold(first, |base, over| layers::laid(&base, over));
        let text = |key: &str| about.get(key).map(|entry| entry.node.text.to_string()).unwrap_or_default();
        let (name, version) = (text("name"), text("version"));
        Some(ChartFolder { name, version, is_library: text("type") == "library", layers, root, read })
    }

    /// The value at these keys.
    pub(super) fn value(&self, keys: &[&str]) -> Option<&crate::syntax::Entry> {
        layers::at(&self.root, keys)
    }

    /// Whether the value at these keys is a mapping.
    pub(super) fn is_section(&self, keys: &[&str]) -> bool {
        self.value(keys).is_some_and(|entry| matches!(entry.node.value, Value::Map(_)))
    }
}

/// The tree of a text without faults.
pub(super) fn tree(file: FileId, text: &str) -> Option<Rc<Node>> {
    let parsed = parse(file, &Source::new("", text), ParseMode::Base);
    parsed.root.filter(|_| parsed.findings.is_empty())
}
