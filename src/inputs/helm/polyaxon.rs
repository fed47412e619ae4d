//! The components of each generation of Polyaxon's chart, with their keys and default amounts. Data read from the charts; knows no plan
//! and no values file.

use std::fmt;

/// The name of the chart.
pub const CHART: &str = "polyaxon";

/// A chart version: major, minor, patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32, pub u32);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl Version {
    /// Reads `2.15.1`, `v2.15.1`, `2.15` and `2.15.1-rc3`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Version> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, _) = text.split_once(['-', '+']).unwrap_or((text, ""));
        let mut parts = text.split('.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next().map_or(Some(0), |part| part.parse().ok())?;
        let patch = parts.next().map_or(Some(0), |part| part.parse().ok())?;
        parts.next().is_none().then_some(Version(major, minor, patch))
    }

    /// The version whose keys are used: this one if it was read, else the nearest one that was.
    #[must_use]
    pub fn nearest_read(self) -> Version {
        match self {
            chart if chart < BEFORE_REWRITE => OLDEST,
            chart => chart.clamp(FIRST_REWRITTEN, NEWEST),
        }
    }
}

/// The last chart of the first generation, and the only one of it that was read.
pub const OLDEST: Version = Version(0, 6, 1);
/// Charts from here to `FIRST_REWRITTEN` are nearer to the second generation.
const BEFORE_REWRITE: Version = Version(1, 0, 0);
/// The first chart of the second generation.
pub const FIRST_REWRITTEN: Version = Version(1, 1, 8);
/// From here on every component with pods has `nodeSelector` and `tolerations`. From 2.0.0 on templates read `labels` and `annotations` too,
/// which the CLI refuses.
pub const FIRST_WITH_NODES: Version = Version(1, 14, 1);
/// The newest chart that was read.
pub const NEWEST: Version = Version(2, 15, 1);
/// No chart is as new as this.
const OPEN: Version = Version(u32::MAX, 0, 0);

/// What decides how many replicas there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountSource {
    /// The key `replicas`.
    Key,
    /// The key `replicas`, but more than one does harm, for this reason.
    AtMostOne(&'static str),
    /// There is always one, for this reason. `enabled` turns it on and off if `ChartComponent::enabled` says so.
    One(&'static str),
}

/// One component of the chart, over a range of versions in which nothing of this changed.
#[derive(Clone, Copy, Debug)]
pub struct ChartComponent {
    /// Its key in the values.
    pub name: &'static str,
    /// The first version.
    from: Version,
    /// The first version after.
    until: Version,
    /// What decides how many replicas there are.
    pub count: CountSource,
    /// Whether the chart reads `concurrency`.
    pub concurrency: bool,
    /// Whether it is off until `enabled` says otherwise, or may be turned off with it.
    pub enabled: bool,
    /// Whether it takes its work from the broker.
    pub celery: bool,
    /// Whether helm cannot render the chart with it on: its template calls the value `broker` as if it were a function
    /// (`( .Values.broker ) and eq …`).
    pub breaks_the_chart: bool,
    /// The chart's own requests and limits (cpu, memory); `None` if it reads no `resources` of this key.
    pub amounts: Option<ChartDefaults>,
}

/// The chart's defaults: cpu and memory.
#[derive(Clone, Copy, Debug)]
pub struct ChartDefaults {
    /// Requests.
    pub requests: (&'static str, &'static str),
    /// Limits; `None` if the chart has none.
    pub limits: Option<(&'static str, &'static str)>,
}

impl ChartComponent {
    /// Whether it has pods of its own, as many as its values say: neither a sidecar nor one on each node.
    #[must_use]
    pub fn has_pods(&self) -> bool {
        ![API_SIDECAR, BEAT_SIDECAR, DAEMON].contains(&self.count)
    }

    /// Whether a chart lets its values say on which nodes these pods run.
    #[must_use]
    pub fn places_pods(&self, chart: Version) -> bool {
        self.has_pods() && chart >= FIRST_WITH_NODES
    }

    const fn new(name: &'static str, from: Version, until: Version) -> ChartComponent {
        ChartComponent {
            name,
            from,
            until,
            count: CountSource::Key,
            concurrency: false,
            enabled: false,
            celery: false,
            breaks_the_chart: false,
            amounts: None,
        }
    }

    const fn counted(self, count: CountSource) -> ChartComponent {
        ChartComponent { count, ..self }
    }

    const fn concurrent(self) -> ChartComponent {
        ChartComponent { concurrency: true, ..self }
    }

    const fn switched(self) -> ChartComponent {
        ChartComponent { enabled: true, ..self }
    }

    const fn unrenderable(self) -> ChartComponent {
        ChartComponent { breaks_the_chart: true, ..self }
    }

    /// Off by default, with a broker.
    const fn celery(self) -> ChartComponent {
        ChartComponent { celery: true, enabled: true, ..self }
    }

    const fn amounts(
        self,
        requests: (&'static str, &'static str),
        limits: Option<(&'static str, &'static str)>,
    ) -> ChartComponent {
        ChartComponent { amounts: Some(ChartDefaults { requests, limits }), ..self }
    }
}

const BEAT: CountSource = CountSource::AtMostOne("a second beat sends every periodic task twice");
const LITERAL: CountSource = CountSource::One("the chart's own template says 1");
const API_SIDECAR: CountSource = CountSource::One("it is a sidecar of api, as many as there are of that");
const BEAT_SIDECAR: CountSource = CountSource::One("it is a sidecar of beat");
const DAEMON: CountSource = CountSource::One("it runs once on each node");

const V0: Version = Version(0, 0, 0);
const V1: Version = BEFORE_REWRITE;
const V1_2: Version = Version(1, 2, 0);
const V1_4: Version = Version(1, 4, 0);
const V1_5: Version = Version(1, 5, 0);
const V1_14_1: Version = Version(1, 14, 1);
const V1_22: Version = Version(1, 22, 0);
const V2_0_1: Version = Version(2, 0, 1);
const V2_0_6: Version = Version(2, 0, 6);
const V2_14: Version = Version(2, 14, 0);

/// Every component of every generation, in the order of the charts.
#[rustfmt::skip] // one line a row
const COMPONENTS: &[ChartComponent] = &[
    ChartComponent::new("api", V0, V1_22).amounts(("128m", "300Mi"), Some(("1000m", "2000Mi"))),
    ChartComponent::new("streams", V0, V1).counted(API_SIDECAR).amounts(("100m", "128Mi"), Some(("700m", "1000Mi"))),
    ChartComponent::new("hpsearch", V0, V1).concurrent().amounts(("150m", "200Mi"), None),
    ChartComponent::new("eventsHandlers", V0, V1).concurrent().amounts(("130m", "200Mi"), Some(("200m", "300Mi"))),
    ChartComponent::new("k8sEventsHandlers", V0, V1).concurrent().amounts(("130m", "200Mi"), Some(("200m", "300Mi"))),
    ChartComponent::new("crons", V0, V1).counted(BEAT_SIDECAR).concurrent().amounts(("100m", "100Mi"), Some(("100m", "256Mi"))),
    ChartComponent::new("eventMonitors", V0, V1).counted(LITERAL),
    ChartComponent::new("resourcesDaemon", V0, V1).counted(DAEMON).switched().amounts(("150m", "200Mi"), Some(("150m", "200Mi"))),
    ChartComponent::new("gateway", V1, V1_22).amounts(("100m", "50Mi"), Some(("500m", "2000Mi"))),
    ChartComponent::new("gateway", V1_22, V2_0_1).amounts(("128m", "300Mi"), Some(("1000m", "2000Mi"))),
    ChartComponent::new("gateway", V2_0_1, V2_0_6).amounts(("1000m", "2000Mi"), Some(("6000m", "8000Mi"))),
    ChartComponent::new("gateway", V2_0_6, OPEN).concurrent().amounts(("1000m", "2000Mi"), Some(("6000m", "8000Mi"))),
    ChartComponent::new("streams", V1, V1_14_1).amounts(("128m", "300Mi"), Some(("1000m", "2000Mi"))),
    ChartComponent::new("streams", V1_14_1, V1_22).amounts(("128m", "300Mi"), Some(("2000m", "4000Mi"))),
    ChartComponent::new("scheduler", V0, V1).concurrent().amounts(("150m", "200Mi"), Some(("350m", "350Mi"))),
    ChartComponent::new("scheduler", V1, V2_14).celery().concurrent().amounts(("150m", "200Mi"), Some(("350m", "350Mi"))),
    ChartComponent::new("scheduler", V2_14, OPEN).celery().concurrent().amounts(("150m", "200Mi"), Some(("1000m", "1Gi"))),
    ChartComponent::new("compiler", V1_2, V1_4).celery().concurrent().amounts(("130m", "200Mi"), Some(("200m", "300Mi"))),
    ChartComponent::new("compiler", V1_5, V2_14).celery().concurrent().amounts(("130m", "200Mi"), Some(("200m", "300Mi"))),
    ChartComponent::new("compiler", V2_14, OPEN).celery().concurrent().amounts(("130m", "200Mi"), Some(("1000m", "1Gi"))),
    ChartComponent::new("worker", V1, V2_14).celery().concurrent().amounts(("130m", "200Mi"), Some(("200m", "300Mi"))),
    ChartComponent::new("worker", V2_14, OPEN).celery().concurrent().amounts(("130m", "200Mi"), Some(("1000m", "1Gi"))),
    ChartComponent::new("beat", V0, V1).counted(BEAT).amounts(("50m", "128Mi"), Some(("50m", "128Mi"))),
    ChartComponent::new("beat", V1, V2_14).counted(BEAT).celery().amounts(("50m", "128Mi"), Some(("50m", "128Mi"))),
    ChartComponent::new("beat", V2_14, OPEN).counted(BEAT).celery().amounts(("150m", "128Mi"), Some(("500m", "512Mi"))),
    ChartComponent::new("agent", V1, OPEN).counted(LITERAL).switched().amounts(("100m", "100Mi"), Some(("500m", "2000Mi"))),
    ChartComponent::new("operator", V1, OPEN).counted(LITERAL).switched().amounts(("100m", "50Mi"), Some(("200m", "256Mi"))),
    ChartComponent::new("flower", V1, OPEN).switched().unrenderable(),
];

/// The components of one chart.
pub fn components(chart: Version) -> impl Iterator<Item = &'static ChartComponent> {
    COMPONENTS.iter().filter(move |component| component.from <= chart && chart < component.until)
}

/// The components that took over the work of a component, over the generations: the first of these that a chart has does it there.
const MOVED: &[(&str, &[&str])] = &[
    ("api", &["gateway"]),
    ("gateway", &["api"]),
    ("streams", &["gateway"]),
    ("hpsearch", &["worker"]),
    ("eventsHandlers", &["worker"]),
    ("k8sEventsHandlers", &["worker"]),
    ("eventMonitors", &["operator"]),
    ("crons", &["beat"]),
    ("worker", &["eventsHandlers"]),
    ("compiler", &["worker", "hpsearch"]),
    ("operator", &["eventMonitors"]),
];

/// The component that does the work of this one in a chart that does not have it.
#[must_use]
pub fn replacement(name: &str, chart: Version) -> Option<&'static str> {
    let (_, later) = MOVED.iter().find(|(old, _)| *old == name)?;
    later.iter().copied().find(|new| components(chart).any(|component| component.name == *new))
}

/// Whether some chart has a component of this name.
#[must_use]
pub fn ever(name: &str) -> bool {
    COMPONENTS.iter().any(|component| component.name == name)
}
