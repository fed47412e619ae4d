//! A chart with values laid over its own, as what more values are laid over: what stands there, and where a value of each component goes.
//! Knows no plan and no target.

use super::chart_facts::ChartFacts;
use super::chart_folder::ChartFolder;
use super::components::ChartWorkload;

/// What further values are laid over.
#[derive(Clone, Debug)]
pub struct ChartBase {
    /// The values so far, and what the chart's schema says of values.
    pub facts: ChartFacts,
    /// The components, each with the paths of its values.
    components: Vec<(String, ChartPaths)>,
}

/// Where the values of a component go, and whether its chart writes a number of replicas beside its own autoscaler.
#[derive(Clone, Debug, Default)]
struct ChartPaths {
    paths: Vec<ChartPath>,
    resets: bool,
}

/// A word and the keys that lead to its value.
pub type ChartPath = (&'static str, Vec<String>);

impl ChartBase {
    /// What a chart is as a base.
    pub(super) fn of(chart: &ChartFolder<'_>, folder: &str, components: &[ChartWorkload]) -> ChartBase {
        let schema = (chart.read)("values.schema.json").and_then(|text| serde_json::from_str(&text).ok());
        let one = |component: &ChartWorkload| {
            let paths = ChartPaths { paths: component.paths(), resets: component.resets };
            (component.name.clone(), paths)
        };
        let facts = ChartFacts::of_values(folder, chart.root.to_json(), schema);
        ChartBase { facts, components: components.iter().map(one).collect() }
    }

    /// Where the values of a component go; nothing where the chart has no such component.
    #[must_use]
    pub fn paths(&self, component: &str) -> &[ChartPath] {
        self.component(component).map_or(&[], |own| &own.paths)
    }

    /// Whether an upgrade sets the number of replicas that the autoscaler of a component then changes.
    #[must_use]
    pub fn resets(&self, component: &str) -> bool {
        self.component(component).is_some_and(|own| own.resets)
    }

    /// The names of the components.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.components.iter().map(|(name, _)| name.as_str())
    }

    fn component(&self, name: &str) -> Option<&ChartPaths> {
        self.components.iter().find(|(own, _)| own == name).map(|(_, paths)| paths)
    }
}
