//! The workloads of a chart of a known layout: its sections, and which key of each holds which value. Makes no object.

use super::chart_base::ChartPath;
use super::chart_folder::ChartFolder;
use super::conventions::{
    BUDGETS, CONTAINER_PORTS, FLOW_LIKE, FLOW_LIKE_POD, FLOW_LIKE_SECTIONS, HELM_CREATE, HELM_CREATE_POD, POLYAXON,
    POLYAXON_KEYS, ValuesRow,
};
use super::layers::is_true;
use super::polyaxon::{self, ChartComponent, CountSource, Version};
use super::templates::TemplateText;
use crate::syntax::{Entry, Value};

/// From this chart on the autoscaler of `gateway` names a Deployment that is not there (`gateway-hpa.yaml`, `api-deployment.yaml`).
const GATEWAY_UNSCALED: Version = Version(1, 22, 0);

/// The longest name that is kept: with a hyphen between any two words it fits an object's name.
const MOST_NAMED: usize = 30;

/// One workload of a chart.
#[derive(Clone, Debug)]
pub(super) struct ChartWorkload {
    /// Its name.
    pub(super) name: String,
    /// The key that its values are under; `None` if they are at the root.
    pub(super) section: Option<String>,
    /// `Deployment`, or another kind.
    pub(super) kind: &'static str,
    /// The keys that count, each by its word.
    rows: Vec<ValuesRow>,
    /// The key of its disruption budget, and whether a switch in it decides.
    pub(super) budget: Option<(&'static str, bool)>,
    /// The name of the container's only port, if the value of `port` is its number; empty for none.
    pub(super) port_name: Option<String>,
    /// Whether the chart writes its limits.
    pub(super) limits: bool,
    /// Whether it must not run more than once.
    pub(super) single: bool,
    /// The object that its autoscaler scales, if that is not the component.
    pub(super) scaled: Option<&'static str>,
    /// Whether the chart writes the number of replicas beside its own autoscaler.
    pub(super) resets: bool,
    /// The chart's names for fields of its objects.
    pub(super) own_keys: &'static [(&'static str, &'static str)],
}

impl ChartWorkload {
    /// The keys down to the value of a word; `None` if the chart does not read it.
    pub(super) fn path(&self, word: &str) -> Option<Vec<&str>> {
        let (_, path) = self.rows.iter().find(|(own, _)| *own == word)?;
        Some(self.section.iter().map(String::as_str).chain(path.split('.')).collect())
    }

    /// Every word with the keys down to what it stands for.
    pub(super) fn paths(&self) -> Vec<ChartPath> {
        let keys = |word: &str| Some(self.path(word)?.into_iter().map(str::to_owned).collect());
        let rows = self.rows.iter().filter_map(|(word, _)| Some((*word, keys(word)?)));
        let budget = self.budget.into_iter().flat_map(|(section, switch)| {
            let key = |key: &str| vec![section.to_owned(), key.to_owned()];
            let bounds = ["minAvailable", "maxUnavailable"].map(|word| (word, key(word)));
            bounds.into_iter().chain(switch.then(|| ("budget", key("enabled"))))
        });
        rows.chain(budget).collect()
    }

    /// The value of a word.
    pub(super) fn value<'c>(&self, chart: &'c ChartFolder<'_>, word: &str) -> Option<&'c Entry> {
        chart.value(&self.path(word)?)
    }
}

/// The components of a chart; `None` if its values have no known layout.
pub(super) fn of(chart: &ChartFolder<'_>) -> Vec<ChartWorkload> {
    if chart.is_library {
        return Vec::new();
    }
    match chart.name.as_str() {
        "flow-like" if chart.is_section(&["executorPool"]) => flow_like(chart),
        polyaxon::CHART if chart.value(&["deploymentType"]).is_some() => polyaxon(chart),
        _ => helm_create(chart).into_iter().collect(),
    }
}

fn flow_like(chart: &ChartFolder<'_>) -> Vec<ChartWorkload> {
    let sections = FLOW_LIKE_SECTIONS.iter().filter(|(section, _)| chart.is_section(&[section]));
    let workload = |(section, pool): &(&'static str, bool)| ChartWorkload {
        name: object_name(section),
        section: Some((*section).to_owned()),
        kind: "Deployment",
        // the pool's template copies nothing into its pods
        rows: FLOW_LIKE.iter().chain(FLOW_LIKE_POD.iter().filter(|_| !pool)).copied().collect(),
        budget: None,
        port_name: None,
        limits: true,
        single: false,
        scaled: None,
        resets: *pool,
        own_keys: &[],
    };
    sections.map(workload).collect()
}

fn polyaxon(chart: &ChartFolder<'_>) -> Vec<ChartWorkload> {
    let Some(version) = Version::parse(&chart.version) else { return Vec::new() };
    let Some(limits) = is_true(chart.value(&["limitResources"])) else { return Vec::new() };
    let has = |component: &ChartComponent, word: &str| match word {
        "enabled" => component.enabled,
        "replicas" => !matches!(component.count, CountSource::One(_)),
        "concurrency" => component.concurrency,
        "resources" => component.amounts.is_some(),
        _ => true,
    };
    // a section that runs in the pods of another component, or on each node, has no Deployment of its own
    let own = polyaxon::components(version.nearest_read())
        .filter(|component| component.has_pods() && !component.breaks_the_chart);
    let own = own.filter(|component| chart.is_section(&[component.name]));
    own.map(|component| ChartWorkload {
        name: object_name(component.name),
        section: Some(component.name.to_owned()),
        kind: "Deployment",
        rows: POLYAXON.iter().filter(|(word, _)| has(component, word)).copied().collect(),
        budget: None,
        port_name: None,
        limits,
        single: matches!(component.count, CountSource::AtMostOne(_)),
        resets: true,
        scaled: (component.name == "gateway" && version >= GATEWAY_UNSCALED).then_some("polyaxon-gateway"),
        own_keys: POLYAXON_KEYS,
    })
    .collect()
}

/// The one workload of a chart made by `helm create`: only keys that its template names.
fn helm_create(chart: &ChartFolder<'_>) -> Option<ChartWorkload> {
    let scales = chart.value(&["replicaCount"]).is_some() || chart.is_section(&["autoscaling"]);
    let image = chart.value(&["image", "repository"]).is_some_and(|entry| matches!(entry.node.value, Value::Str));
    if !scales || !image {
        return None;
    }
    let kinds = [("Deployment", "deployment.yaml"), ("StatefulSet", "statefulset.yaml")];
    let mut texts = kinds.into_iter().map(|(kind, name)| (kind, TemplateText::read(&[name], chart.read)));
    let (kind, workload) = texts.find(|(_, text)| !text.is_empty())?;
    let autoscaler = TemplateText::read(&["hpa.yaml"], chart.read);
    let replicas = |word: &str| matches!(word, "replicas" | "repository" | "tag" | "port");
    let bounds =
        |word: &str| matches!(word, "autoscaling" | "minReplicas" | "maxReplicas" | "targetCPU" | "targetMemory");
    let counts = |(word, path): &&ValuesRow| {
        if replicas(word) {
            workload.names(path)
        } else if bounds(word) {
            autoscaler.names(path)
        } else {
            workload.copies(path)
        }
    };
    let mut rows: Vec<ValuesRow> = HELM_CREATE.iter().chain(HELM_CREATE_POD).filter(counts).copied().collect();
    let container_port = workload.port_of(CONTAINER_PORTS);
    if let Some((path, _)) = &container_port {
        rows.retain(|(word, _)| *word != "port");
        rows.push(("port", *path));
    }
    let has = |word: &str| rows.iter().any(|(own, _)| *own == word);
    // amounts and replicas that the chart writes in its own way
    let unread = workload.has_any(&["resources:"]) && !has("resources");
    let uncounted = workload.has_any(&["replicas:"]) && !has("replicas");
    let unscaled =
        !autoscaler.is_empty() && !["autoscaling", "minReplicas", "maxReplicas"].iter().all(|word| has(word));
    if unread || uncounted || unscaled {
        return None;
    }
    let name = object_name(&chart.name);
    Some(ChartWorkload {
        name,
        section: None,
        kind,
        rows,
        budget: budget(chart),
        port_name: container_port.map(|(_, name)| name),
        limits: true,
        single: false,
        scaled: None,
        resets: false,
        own_keys: &[],
    })
}

/// The name of an object of a section: its words in lower case, joined as names of objects are.
fn object_name(section: &str) -> String {
    let mut name = String::new();
    for c in section.chars().take(MOST_NAMED) {
        if c.is_ascii_uppercase() && !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
        name.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    }
    let name = name.trim_matches('-');
    if name.is_empty() { "chart".to_owned() } else { name.to_owned() }
}

/// The budget of a chart, if its template copies both bounds unchanged and only its switch decides.
fn budget(chart: &ChartFolder<'_>) -> Option<(&'static str, bool)> {
    let template = TemplateText::read(&["pdb.yaml", "poddisruptionbudget.yaml"], chart.read);
    if template.has_any(&["gt ", "and ", "or ", "ge ", "eq ", "replica", "default "]) {
        return None;
    }
    let key = BUDGETS.iter().copied().find(|key| chart.is_section(&[key]))?;
    let bound = template.names(&format!("{key}.minAvailable")) || template.names(&format!("{key}.maxUnavailable"));
    let switch = template.names(&format!("{key}.enabled"));
    let whole = template.copies(key);
    (switch && bound || !switch && whole).then_some((key, switch))
}
