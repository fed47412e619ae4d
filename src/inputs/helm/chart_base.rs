//! A chart with values laid over its own, as what more values are laid over: what stands there, and where a value of each component goes.
//! Plain data; knows no layout.

use super::chart_facts::ChartFacts;

/// What further values are laid over.
#[derive(Clone, Debug)]
pub struct ChartBase {
    /// The values so far, and what the chart's schema says of values.
    pub facts: ChartFacts,
    /// The components, each with the paths of its values.
    pub(super) components: Vec<ComponentPaths>,
}

/// Where the values of a component go, and whether its chart writes a number of replicas beside its own autoscaler.
#[derive(Clone, Debug)]
pub(super) struct ComponentPaths {
    pub(super) name: String,
    pub(super) paths: Vec<ChartPath>,
    pub(super) resets: bool,
}

/// A word and the keys that lead to its value.
pub type ChartPath = (&'static str, Vec<String>);

impl ChartBase {
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
        self.components.iter().map(|component| component.name.as_str())
    }

    fn component(&self, name: &str) -> Option<&ComponentPaths> {
        self.components.iter().find(|component| component.name == name)
    }
}
