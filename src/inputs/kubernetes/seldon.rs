//! SeldonRuntimes: how many of Seldon Core 2's own components run. Knows no other kind.
//!
//! The fields are those of its CustomResourceDefinition (SeldonIO/seldon-core, `operator/config/crd/bases/mlops.seldon.io_seldonruntimes.yaml`).
//! The operator looks overrides up by the names of its default SeldonConfig. It silently ignores other names.

use super::access::{count, entry, items, path, text};
use super::documents::Manifest;
use crate::model::Val;

/// The names of the components that an override may name.
pub const SELDON_COMPONENTS: [&str; 6] = [
    "hodometer",
    "seldon-scheduler",
    "seldon-envoy",
    "seldon-dataflow-engine",
    "seldon-modelgateway",
    "seldon-pipelinegateway",
];

/// One SeldonRuntime.
#[derive(Clone, Debug)]
pub struct SeldonRuntime {
    /// Whether it uses the names of the default SeldonConfig.
    pub default_config: bool,
    /// Its overrides: the component's name, and its replicas where they are written.
    pub overrides: Vec<(Val<String>, Option<Val<u32>>)>,
    /// `maxShardCountMultiplier`.
    pub multiplier: Option<Val<u32>>,
    /// `numPartitions` of its topics.
    pub partitions: Option<Val<u32>>,
}

/// Reads a SeldonRuntime; `None` for another kind.
pub(super) fn read(manifest: &Manifest) -> Option<SeldonRuntime> {
    if manifest.kind != "SeldonRuntime" || manifest.group != "mlops.seldon.io" {
        return None;
    }
    let spec = manifest.spec()?;
    let replicas_of = |item: &crate::syntax::Node| Some((text(entry(item, "name"))?, count(entry(item, "replicas"))));
    let config = |keys: &[&str]| count(path(spec, keys));
    Some(SeldonRuntime {
        default_config: entry(spec, "seldonConfig").is_none_or(|name| &*name.node.text == "default"),
        overrides: items(spec, "overrides").filter_map(|item| replicas_of(item)).collect(),
        multiplier: config(&["config", "scalingConfig", "pipelines", "maxShardCountMultiplier"]),
        partitions: config(&["config", "kafkaConfig", "topics", "numPartitions"]),
    })
}
