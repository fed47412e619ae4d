//! Recognises a values file of a chart.

use super::chart_folder::{CHART, ChartFolder, OWN, tree};
use super::{components, read};
use crate::inputs::files::InputFormat;
use crate::inputs::input_meta::{InputMeta, SetReader};
use crate::inputs::outline::Outline;
use crate::support::source::FileId;

impl InputFormat {
    /// Values of a Helm chart.
    pub const HELM_VALUES: InputFormat = InputFormat::named("helm");
}

/// Values of a chart.
pub const META: InputMeta = InputMeta {
    format: InputFormat::HELM_VALUES,
    noun: "chart values file",
    names: &["values*.yaml", "values*.yml", "*values.yaml", "*values.yml"],
    sign: "beside a `Chart.yaml`",
    is_content: no_content,
    searched: false,
    belongs: Some(belongs),
    sets: Some(SetReader { sets, read: read::read, starts_new_first: true }),
};

/// Any mapping may be values: only the folder tells.
fn no_content(_: &Outline<'_>) -> bool {
    false
}

/// Whether a file holds values of a chart of a known layout.
fn belongs(name: &str, beside: &dyn Fn(&str) -> Option<String>) -> Result<(), String> {
    let built = |chart: &str| format!("pipe what helm builds: `helm template {chart} -f {name} | scalegen lint -`");
    let Some(about) = beside(CHART) else {
        let how = built("CHART");
        return Err(format!("is read only over its chart's own values: put it beside their {CHART}, or {how}"));
    };
    if beside("../../Chart.yaml").is_some() {
        return Err(format!("is of a chart within a chart, whose values are laid over it; {}", built("../..")));
    }
    let own = beside(name).and_then(|text| tree(FileId(1), &text));
    let below = if name == OWN { None } else { beside(OWN) };
    if name != OWN && below.is_none() {
        return Err(format!("is read only over its chart's own {OWN}, which is not there; {}", built(".")));
    }
    let below = below.map(|text| tree(FileId(0), &text));
    let layers: Option<Vec<_>> = below.into_iter().chain([own]).collect();
    let chart = layers.and_then(|layers| ChartFolder::of(&about, layers, beside));
    if chart.is_some_and(|chart| !components::of(&chart).is_empty()) {
        return Ok(());
    }
    Err(format!("is of a chart of no known layout (helm create, Flow-Like, Polyaxon); {}", built(".")))
}

/// Each file is laid over the chart's own by itself, because nothing tells which are used together.
fn sets(paths: &[&str]) -> Vec<Vec<usize>> {
    (0..paths.len()).map(|index| vec![index]).collect()
}
