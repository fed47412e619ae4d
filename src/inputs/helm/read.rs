//! Reads a values file and its chart into the layer of the objects that the chart makes of them. Knows no rule.

use super::chart_base::{ChartBase, ComponentPaths};
use super::chart_facts::ChartFacts;
use super::chart_folder::{CHART, ChartFolder, OWN};
use super::components::{self, ChartWorkload};
use super::objects::{self, ChartSwitch};
use super::{layers, unread_sections};
use crate::inputs::base::{BaseProject, LatentPart, LatentSwitch};
use crate::inputs::files::{InputFile, InputFiles, InputFormat, MAX_BYTES, Origin, ReadFiles, Unread};
use crate::inputs::input_meta::SetPurpose;
use crate::inputs::kubernetes;
use crate::inputs::layer::Layer;
use crate::inputs::leaf;
use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::{FileId, FileSpan, Source};
use crate::syntax::{self, Entry, Node, ParseMode, Value};
use std::rc::Rc;

/// Reads values files over those of their chart, each laid over those before it as by `-f a -f b`. The chart is the one beside the first.
pub(super) fn read(
    paths: &[String],
    _purpose: SetPurpose,
    files: &dyn ReadFiles,
    into: &mut InputFiles,
) -> BaseProject {
    let path = paths.first().map(String::as_str).unwrap_or_default();
    let shown = &paths.join(", ");
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let beside = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let text = |name: &str| files.read(&beside(name), MAX_BYTES).ok().and_then(|bytes| syntax::decode(bytes).ok());
    let mut reading = ValuesReading { files, into, ids: Vec::new(), findings: Vec::new(), own_keys: &[] };
    // the files that were named come first: reports begin with them
    let mut named: Vec<Rc<Node>> = Vec::new();
    for path in paths {
        match reading.file(path) {
            Ok(own) => named.extend(own),
            Err(unread) => {
                let mut project = reading.project(shown, Vec::new());
                project.unread.push((path.clone(), unread));
                return project;
            }
        }
    }
    let own = beside(OWN);
    let below = if paths.contains(&own) { None } else { reading.file(&own).ok().flatten() };
    let layers: Vec<Rc<Node>> = below.into_iter().chain(named).collect();
    let chart = text(CHART).and_then(|about| ChartFolder::of(&about, layers, &text));
    let Some(chart) = chart.filter(|_| reading.findings.is_empty()) else { return reading.project(shown, Vec::new()) };
    let all = components::of(&chart);
    reading.own_keys = all.first().map_or(&[], |component| component.own_keys);
    let objects = all.iter().flat_map(|component| objects::of(&chart, component, &[]).unwrap_or_default());
    let mut project = reading.project_with(shown, objects.collect(), &|layer| add_unsaid(layer, &chart, &all));
    project.findings.extend(unread_sections::of(&chart));
    project.latent = all.iter().flat_map(|component| latent(&chart, component, &reading, shown)).collect();
    project.chart = Some(Box::new(as_base(&chart, folder, &all)));
    project
}

/// The chart as what further values are laid over.
fn as_base(chart: &ChartFolder<'_>, folder: &str, components: &[ChartWorkload]) -> ChartBase {
    let schema = (chart.read)("values.schema.json").and_then(|text| serde_json::from_str(&text).ok());
    let component_paths = |component: &ChartWorkload| ComponentPaths {
        name: component.name.clone(),
        paths: component.paths(),
        resets: component.resets,
    };
    let facts = ChartFacts::of_values(folder, chart.root.to_json(), schema);
    ChartBase { facts, components: components.iter().map(component_paths).collect() }
}

/// Facts that no object has: the slots of each replica, and whether it must not run more than once.
fn add_unsaid(layer: &mut Layer, chart: &ChartFolder<'_>, components: &[ChartWorkload]) {
    for service in &mut layer.services {
        let own = components.iter().find(|component| *component.name == *service.service.key);
        let Some(component) = own else { continue };
        let mut more = Vec::new();
        if component.single {
            more.push(leaf::text("kind", service.service.at(), "singleton"));
        }
        let slots = component.value(chart, "concurrency");
        if let Some(limit) = slots.filter(|slots| slots.node.as_whole().is_some_and(|count| count > 0)) {
            let limit = Entry { key: Rc::from("limit"), ..limit.clone() };
            more.push(leaf::mapping("concurrency", limit.at(), vec![limit]));
        }
        if !more.is_empty() {
            let fields = service.service.node.entries().iter().cloned().chain(more).collect();
            service.service.node = Rc::new(Node { value: Value::Map(fields), ..Node::clone(&service.service.node) });
        }
    }
}

/// The parts of a component that are off, each as if it were on, and the parts of a component that is off itself.
fn latent(
    chart: &ChartFolder<'_>,
    component: &ChartWorkload,
    reading: &ValuesReading<'_>,
    path: &str,
) -> Vec<LatentPart> {
    let is_off = |switch: &ChartSwitch| switch.is_on(chart, component) == Some(false);
    // an autoscaler that the chart's own template breaks need not be reported before it is on
    let is_whole = |switch: &ChartSwitch| *switch != ChartSwitch::Autoscaler || component.scaled.is_none();
    let off = ChartSwitch::ALL.into_iter().filter(is_off).filter(is_whole);
    let off = off.filter(|switch| switch.keys(component).is_some());
    let off: Vec<ChartSwitch> = off.collect();
    let whole = off.first().filter(|switch| **switch == ChartSwitch::Component).copied();
    let switched_on = |switch: &ChartSwitch| {
        let on: Vec<ChartSwitch> = whole.into_iter().filter(|whole| whole != switch).chain([*switch]).collect();
        let objects = objects::of(chart, component, &on)?;
        let keys: Vec<Vec<&str>> = on.iter().filter_map(|switch| Some(switch.keys(component)?.0)).collect();
        let (_, part) = switch.keys(component)?;
        let section = chart.value(&part)?;
        let at = keys.last().and_then(|keys| chart.value(keys)).unwrap_or(section).at();
        let names: Vec<String> = keys.iter().map(|keys| format!("`{}`", keys.join("."))).collect();
        let (names, are) = (names.join(" and "), if names.len() > 1 { "are" } else { "is" });
        let condition = format!("{names} {are} true");
        let switch = LatentSwitch { condition, at: at.place(), part: layers::sections(&chart.layers, &part) };
        Some(LatentPart { switch, project: reading.project(path, objects) })
    };
    off.iter().filter_map(switched_on).collect()
}

struct ValuesReading<'r> {
    files: &'r dyn ReadFiles,
    into: &'r mut InputFiles,
    ids: Vec<FileId>,
    findings: Vec<Finding>,
    /// The chart's names for fields of its objects.
    own_keys: &'static [(&'static str, &'static str)],
}

impl ValuesReading<'_> {
    /// The tree of a file; none if it is empty or broken.
    fn file(&mut self, path: &str) -> Result<Option<Rc<Node>>, Unread> {
        let refused = |why: &str| Unread { why: why.to_owned(), missing: false };
        let bytes = self.files.read(path, MAX_BYTES)?;
        let text = syntax::decode(bytes).map_err(|_| refused("it is not UTF-8 text"))?;
        let source = Source::new(path, text);
        let id = u16::try_from(self.into.all().len()).map(FileId).map_err(|_| refused("the run has too many files"))?;
        let parsed = syntax::parse(id, &source, ParseMode::Base);
        self.findings.extend(syntax::directives(&source.text).filter(syntax::YamlDirective::refused_by_go).map(
            |directive| {
                let message = format!("Helm refuses `{}`", directive.text.escape_debug());
                let at = FileSpan { file: id, span: directive.span };
                Finding::new(syntax::UNSUPPORTED_YAML, Severity::Error, at, message).help("take the line out")
            },
        ));
        self.findings.extend(parsed.findings);
        let (format, origin) = (InputFormat::HELM_VALUES, Origin::Base(0));
        let documents = parsed.root.iter().cloned().collect();
        self.into.add(InputFile { source, format, origin, comments: parsed.comments, documents, copy_of: None });
        self.ids.push(id);
        Ok(parsed.root)
    }

    /// The project of objects, with the faults that Kubernetes would refuse.
    fn project(&self, path: &str, objects: Vec<Rc<Node>>) -> BaseProject {
        self.project_with(path, objects, &|_| ())
    }

    /// The project with more in its layer.
    fn project_with(&self, path: &str, objects: Vec<Rc<Node>>, add: &dyn Fn(&mut Layer)) -> BaseProject {
        let (mut set, refused) = kubernetes::set_of_objects(objects, &self.ids);
        (set.templated, set.own_keys) = (true, self.own_keys);
        let mut layer = Layer {
            format: InputFormat::HELM_VALUES,
            ..kubernetes::layer(&mut set, self.ids.clone(), kubernetes::LargeFiles::default())
        };
        add(&mut layer);
        let findings = self.findings.iter().cloned().chain(refused).collect();
        let mut project = BaseProject::of(path.to_owned(), layer, findings);
        project.manifests = Some(Box::new(set));
        project
    }
}
