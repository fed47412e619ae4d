//! Seldon Core 2's own components and the arithmetic of its operator, as data. Knows no plan.

use crate::support::suggest::closest;

/// A component of an installation.
#[derive(Debug)]
pub(super) struct Component {
    /// Its name in a `SeldonRuntime`; other names are ignored there without a word. `None` if there is no override.
    pub(super) runtime: Option<&'static str>,
    /// Its key in the values of both charts.
    pub(super) chart: &'static str,
    /// Its container.
    pub(super) container: &'static str,
    /// Its usual name; the two above are accepted too.
    pub(super) names: &'static [&'static str],
    /// Whether the runtime chart renders its `replicas`.
    pub(super) chart_replicas: bool,
    /// The factor by which the operator finds the most replicas; `None` if it does not check.
    pub(super) bound: Option<ReplicaBound>,
    /// Whether it must run exactly once.
    pub(super) once: bool,
    /// Key of the setup chart for work done at once.
    pub(super) workers: Option<&'static str>,
    /// Variables the setup chart sets, and the keys they come from.
    pub(super) variables: &'static [(&'static str, &'static str)],
    /// Whether the setup chart takes `terminationGracePeriodSeconds`.
    pub(super) grace: bool,
}

/// The most replicas, by the amount of work.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReplicaBound {
    /// The option that counts it.
    pub(super) option: &'static str,
    /// The variable with the most consumers; `None` if that is fixed.
    pub(super) consumers: Option<&'static str>,
}

/// The most consumers, by default.
pub(super) const CONSUMERS: i64 = 100;

/// The multiplier of an installation whose `scalingConfig` has no `pipelines`.
pub(super) const MULTIPLIER: i64 = 1;

/// The first release whose operator clamps replicas and whose `SeldonRuntime` has `scalingConfig.pipelines`.
pub(super) const CLAMPS_SINCE: (u32, u32) = (2, 10);

/// The volume of the scheduler in the setup chart: name, mount, bytes.
pub(super) const SCHEDULER_VOLUME: (&str, &str, u64) = ("scheduler-state", "/mnt/scheduler", 1 << 30);

const NONE: Component = Component {
    runtime: None,
    chart: "",
    container: "",
    names: &[],
    chart_replicas: true,
    bound: None,
    once: false,
    workers: None,
    variables: &[],
    grace: false,
};

/// Every component.
pub(super) const COMPONENTS: &[Component] = &[
    Component {
        runtime: Some("hodometer"),
        chart: "hodometer",
        container: "hodometer",
        names: &["seldon-hodometer"],
        ..NONE
    },
    Component {
        runtime: Some("seldon-scheduler"),
        chart: "scheduler",
        container: "scheduler",
        chart_replicas: false,
        once: true,
        ..NONE
    },
    Component { runtime: Some("seldon-envoy"), chart: "envoy", container: "envoy", grace: true, ..NONE },
    Component {
        runtime: Some("seldon-dataflow-engine"),
        chart: "dataflow",
        container: "dataflow-engine",
        names: &["dataflowengine", "seldon-dataflow"],
        bound: Some(ReplicaBound { option: "pipelines", consumers: None }),
        ..NONE
    },
    Component {
        runtime: Some("seldon-modelgateway"),
        chart: "modelgateway",
        container: "modelgateway",
        names: &["model-gateway"],
        bound: Some(ReplicaBound { option: "models", consumers: Some("MODELGATEWAY_MAX_NUM_CONSUMERS") }),
        workers: Some("workers"),
        variables: &[("MODELGATEWAY_MAX_NUM_CONSUMERS", "maxNumConsumers"), ("MODELGATEWAY_NUM_WORKERS", "workers")],
        ..NONE
    },
    Component {
        runtime: Some("seldon-pipelinegateway"),
        chart: "pipelinegateway",
        container: "pipelinegateway",
        names: &["pipeline-gateway"],
        bound: Some(ReplicaBound { option: "pipelines", consumers: Some("PIPELINEGATEWAY_MAX_NUM_CONSUMERS") }),
        variables: &[("PIPELINEGATEWAY_MAX_NUM_CONSUMERS", "maxNumConsumers")],
        ..NONE
    },
    Component {
        chart: "controller",
        container: "manager",
        names: &["seldon-v2-controller-manager"],
        chart_replicas: false,
        ..NONE
    },
];

impl Component {
    fn all_names(&self) -> impl Iterator<Item = &'static str> {
        self.runtime.into_iter().chain([self.chart, self.container]).chain(self.names.iter().copied())
    }
}

/// The component with this name.
pub(super) fn component(name: &str) -> Option<&'static Component> {
    COMPONENTS.iter().find(|component| component.all_names().any(|known| known == name))
}

/// The component whose name is close to this one.
pub(super) fn closest_component(name: &str) -> Option<&'static str> {
    closest(name, COMPONENTS.iter().flat_map(Component::all_names))
}

/// The first two numbers of a version such as `2.9.1`; `None` if it is not a version.
pub(super) fn release(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.trim().trim_start_matches('v').split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next().map_or(Some(0), |part| part.parse().ok())?;
    Some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_by_their_first_two_numbers() {
        assert_eq!(release("2.9.1"), Some((2, 9)));
        assert_eq!(release("v2.10"), Some((2, 10)));
        assert_eq!(release("2"), Some((2, 0)));
        assert_eq!(release("latest"), None);
    }

    #[test]
    fn no_name_means_two_components() {
        let mut names: Vec<&str> = Vec::new();
        for component in COMPONENTS {
            let own: std::collections::BTreeSet<&str> = component.all_names().collect();
            names.extend(own);
        }
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
