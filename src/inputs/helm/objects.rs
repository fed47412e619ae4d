//! The Kubernetes objects that a chart's templates make of a component's values. Each value keeps its place. Knows no file.

use super::chart_folder::ChartFolder;
use super::components::ChartWorkload;
use super::layers::is_true;
use crate::inputs::leaf;
use crate::inputs::tree::{with_text, with_value};
use crate::support::source::FieldSpan;
use crate::syntax::{Entry, Node, Value};
use std::rc::Rc;

/// The sections of values that are copied into a container, by their words.
const OF_CONTAINER: [&str; 2] = ["readinessProbe", "livenessProbe"];
/// The sections that are copied into the pod.
const OF_POD: [&str; 3] = ["nodeSelector", "tolerations", "affinity"];

/// A part of a component that a switch may turn off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChartSwitch {
    /// The component.
    Component,
    /// Its autoscaler.
    Autoscaler,
    /// Its disruption budget.
    Budget,
}

impl ChartSwitch {
    pub(super) const ALL: [ChartSwitch; 3] = [ChartSwitch::Component, ChartSwitch::Autoscaler, ChartSwitch::Budget];

    /// The keys down to the switch, and those of the part that it turns on; `None` if the chart has no such switch.
    pub(super) fn keys(self, component: &ChartWorkload) -> Option<(Vec<&str>, Vec<&str>)> {
        let keys = match self {
            ChartSwitch::Component => component.path("enabled")?,
            ChartSwitch::Autoscaler => component.path("autoscaling")?,
            ChartSwitch::Budget => {
                let (key, true) = component.budget? else { return None };
                vec![key, "enabled"]
            }
        };
        let part = keys.split_last().map(|(_, part)| part.to_vec()).unwrap_or_default();
        Some((keys, part))
    }

    /// Whether it is on; `None` if something fills it in first.
    pub(super) fn is_on(self, chart: &ChartFolder<'_>, component: &ChartWorkload) -> Option<bool> {
        match (self.keys(component), self) {
            (Some((keys, _)), _) => is_true(chart.value(&keys)),
            // without a switch a component is always there, and a budget with its section
            (None, ChartSwitch::Component) => Some(true),
            (None, ChartSwitch::Autoscaler) => Some(false),
            (None, ChartSwitch::Budget) => Some(component.budget.is_some()),
        }
    }
}

/// The objects of a component, with the given switches counted as on. `None` if its values are not known.
pub(super) fn of(chart: &ChartFolder<'_>, component: &ChartWorkload, on: &[ChartSwitch]) -> Option<Vec<Rc<Node>>> {
    let is_on = |switch: ChartSwitch| if on.contains(&switch) { Some(true) } else { switch.is_on(chart, component) };
    if !is_on(ChartSwitch::Component)? {
        return Some(Vec::new());
    }
    let made = ComponentObjects { chart, component, at: anchor(chart, component)? };
    let scaled = is_on(ChartSwitch::Autoscaler);
    let mut objects = vec![made.workload(scaled)];
    if scaled == Some(true) {
        objects.push(made.autoscaler()?);
    }
    if is_on(ChartSwitch::Budget)? {
        objects.extend(made.budget());
    }
    Some(objects)
}

/// The place of a component: its resources, else its image, else its own key.
fn anchor(chart: &ChartFolder<'_>, component: &ChartWorkload) -> Option<FieldSpan> {
    let section = || component.section.as_deref().and_then(|section| chart.value(&[section]));
    let image = || {
        let path = component.path("repository")?;
        let keys = path.split_last().map(|(_, above)| above).filter(|above| !above.is_empty())?;
        chart.value(keys)
    };
    let entry = section().or_else(|| component.value(chart, "resources")).or_else(image)?;
    Some(FieldSpan { block: true, ..entry.at() })
}

struct ComponentObjects<'c> {
    chart: &'c ChartFolder<'c>,
    component: &'c ChartWorkload,
    at: FieldSpan,
}

impl<'c> ComponentObjects<'c> {
    fn value(&self, word: &str) -> Option<&'c Entry> {
        self.component.value(self.chart, word)
    }

    /// The sections that a template copies and that are not empty: `with` writes no empty one.
    fn copies(&self, words: &[&str]) -> Vec<Entry> {
        let copy = |word: &&str| {
            let entry = self.value(word).filter(|entry| is_true(Some(entry)) != Some(false))?;
            Some(copied(word, entry))
        };
        words.iter().filter_map(copy).collect()
    }

    fn text(&self, key: &str, text: &str) -> Entry {
        leaf::text(key, self.at, text)
    }

    fn map(&self, key: &str, entries: Vec<Entry>) -> Entry {
        leaf::mapping(key, self.at, entries)
    }

    /// An object of a kind at `at`, with the component's name.
    fn object(&self, (version, kind): (&str, &str), at: FieldSpan, spec: Vec<Entry>) -> Rc<Node> {
        let name = leaf::text("name", at, &self.component.name);
        leaf::item(
            at,
            vec![
                leaf::text("apiVersion", at, version),
                leaf::text("kind", at, kind),
                leaf::mapping("metadata", at, vec![name]),
                leaf::mapping("spec", at, spec),
            ],
        )
    }

    fn labels(&self) -> Vec<Entry> {
        vec![self.text("app", &self.component.name)]
    }

    fn workload(&self, scaled: Option<bool>) -> Rc<Node> {
        let mut spec = Vec::new();
        match scaled {
            // the chart leaves the number to the autoscaler, or an upgrade resets it for a moment
            Some(true) if self.component.scaled.is_none() => {}
            Some(_) => spec.extend(self.value("replicas").map(|entry| number("replicas", entry))),
            None => spec.push(leaf::unknown("replicas", self.value("replicas").map_or(self.at, Entry::at))),
        }
        spec.push(self.map("selector", vec![self.map("matchLabels", self.labels())]));
        let mut pod = vec![leaf::sequence("containers", self.at, vec![self.container()])];
        pod.extend(self.copies(&OF_POD));
        let metadata = self.map("metadata", vec![self.map("labels", self.labels())]);
        spec.push(self.map("template", vec![metadata, self.map("spec", pod)]));
        self.object(("apps/v1", self.component.kind), self.at, spec)
    }

    fn container(&self) -> Rc<Node> {
        let mut fields = vec![self.text("name", &self.component.name), self.image()];
        fields.extend(self.copies(&OF_CONTAINER));
        fields.extend(self.value("resources").map(|entry| self.resources(entry)));
        if let Some((port, name)) = self.value("port").zip(self.component.port_name.as_deref()) {
            let name = Some(name).filter(|name| !name.is_empty()).map(|name| leaf::text("name", port.at(), name));
            let item = leaf::item(port.at(), name.into_iter().chain([number("containerPort", port)]).collect());
            fields.push(leaf::sequence("ports", port.at(), vec![item]));
        }
        leaf::item(self.at, fields)
    }

    /// The image, without its registry: an empty one is given by the chart.
    fn image(&self) -> Entry {
        let repository =
            self.value("repository").filter(|entry| entry.node.as_str().is_some_and(|text| !text.is_empty()));
        let Some(repository) = repository else { return self.text("image", "image") };
        let tag = self.value("tag").map(|tag| tag.node.text.to_string()).filter(|tag| !tag.is_empty());
        let name = &repository.node.text;
        let whole = tag.map_or_else(|| name.to_string(), |tag| format!("{name}:{tag}"));
        Entry { key: Rc::from("image"), node: with_text(&repository.node, &whole), ..repository.clone() }
    }

    fn resources(&self, entry: &Entry) -> Entry {
        if self.component.limits || entry.node.get("limits").is_none() {
            return copied("resources", entry);
        }
        let kept = entry.node.entries().iter().filter(|side| &*side.key != "limits").cloned().collect();
        Entry { key: Rc::from("resources"), node: with_value(&entry.node, Value::Map(kept)), ..entry.clone() }
    }

    fn autoscaler(&self) -> Option<Rc<Node>> {
        let (_, part) = ChartSwitch::Autoscaler.keys(self.component)?;
        let section = self.chart.value(&part)?;
        let at = FieldSpan { block: true, ..section.at() };
        let kind = leaf::text("kind", at, self.component.kind);
        let name = leaf::text("name", at, self.component.scaled.unwrap_or(&self.component.name));
        let mut spec =
            vec![leaf::mapping("scaleTargetRef", at, vec![leaf::text("apiVersion", at, "apps/v1"), kind, name])];
        for key in ["minReplicas", "maxReplicas"] {
            spec.extend(self.value(key).map(|entry| number(key, entry)));
        }
        let targets = [("targetCPU", "cpu"), ("targetMemory", "memory")];
        let written = targets.into_iter().filter_map(|(word, resource)| {
            let entry = self.value(word).filter(|entry| is_true(Some(entry)) != Some(false))?;
            Some(metric(resource, entry))
        });
        let mut metrics: Vec<Rc<Node>> = written.collect();
        if metrics.is_empty() {
            // the chart may have metrics of its own
            metrics.push(leaf::unknown_item(at));
        }
        spec.push(leaf::sequence("metrics", at, metrics));
        Some(self.object(("autoscaling/v2", "HorizontalPodAutoscaler"), at, spec))
    }

    fn budget(&self) -> Option<Rc<Node>> {
        let (key, _) = self.component.budget?;
        let section = self.chart.value(&[key])?;
        let at = FieldSpan { block: true, ..section.at() };
        let of = |key: &'static str| Some(number(key, self.chart.value(&[self.component.budget?.0, key])?));
        // a template takes one of the two, not both
        let bound = match (of("minAvailable"), of("maxUnavailable")) {
            (Some(bound), None) | (None, Some(bound)) => bound,
            _ => return None,
        };
        let selector = leaf::mapping("matchLabels", at, vec![leaf::text("app", at, &self.component.name)]);
        let spec = vec![bound, leaf::mapping("selector", at, vec![selector])];
        Some(self.object(("policy/v1", "PodDisruptionBudget"), at, spec))
    }
}

fn metric(resource: &str, entry: &Entry) -> Rc<Node> {
    let at = entry.at();
    let target = vec![leaf::text("type", at, "Utilization"), number("averageUtilization", entry)];
    let resource = vec![leaf::text("name", at, resource), leaf::mapping("target", at, target)];
    leaf::item(at, vec![leaf::text("type", at, "Resource"), leaf::mapping("resource", at, resource)])
}

/// A section of values, as a template writes it out.
fn copied(key: &str, entry: &Entry) -> Entry {
    Entry { key: Rc::from(key), ..entry.clone() }
}

/// A value that a template writes out without quotes: a text of digits is a number then.
fn number(key: &str, entry: &Entry) -> Entry {
    let node = match entry.node.as_str().map(str::parse::<i64>) {
        Some(Ok(count)) => Rc::new(Node {
            text: Rc::clone(&entry.node.text),
            ..Node::clone(&with_value(&entry.node, Value::Int(count)))
        }),
        _ => Rc::clone(&entry.node),
    };
    Entry { key: Rc::from(key), node, ..entry.clone() }
}
