//! Rules, policies, settings and baselines.

pub(crate) mod baseline;
pub(crate) mod edges;
pub(crate) mod editor_toml;
pub(crate) mod oracle;
pub(crate) mod patched;
pub(crate) mod policy;
pub(crate) mod rule_edges;
pub(crate) mod rule_sums;
pub(crate) mod rules;
pub(crate) mod settings;

use scalegen::check::rules::TargetFacts;
use scalegen::model::{ClusterOptions, Spec, TargetOptions};
use scalegen::targets::{self, TargetMeta};

/// What the targets of a spec say for rules, as in a run with all of them.
pub(crate) fn target_facts<'a>(spec: &Spec, cluster: Option<&'a ClusterOptions>) -> TargetFacts<'a> {
    let metas: Vec<(TargetMeta, &TargetOptions)> =
        spec.targets.iter().filter_map(|options| Some((targets::get(&options.name)?.meta, options))).collect();
    TargetFacts {
        measures_requests: metas.iter().any(|(meta, options)| (meta.measures_requests)(options)),
        cluster,
        balancer: metas.iter().find_map(|(meta, options)| Some((meta.balancer?)(options))),
        has_binary_units: metas.iter().any(|(meta, _)| meta.has_binary_units),
        in_swarm: metas.iter().any(|(meta, options)| (meta.in_swarm)(options)),
        ..TargetFacts::default()
    }
}
