//! What a spec means: typed, defaults filled in, every value with its place. Knows no YAML text, no rule and no target.

mod advice;
pub mod demand;
pub mod instant;
mod lower;
pub mod placement;
pub mod quantity;
pub mod states;
pub mod time;

pub use advice::{Advice, Recommendation};
pub use lower::{Known, Lowered, lower};

use crate::source::{At, Place};
use quantity::{Cpu, Memory, Share};
use std::rc::Rc;
use time::{Day, Duration, TimeOfDay};

/// A value with the place that set it.
#[derive(Clone, Debug)]
pub struct Val<T> {
    /// The value; a default where nobody wrote one.
    pub value: T,
    /// Where it was written, or the nearest thing above it that was.
    pub at: At,
    /// Whether somebody wrote it.
    pub written: bool,
}

impl<T: Copy> Copy for Val<T> {}

impl<T> Val<T> {
    /// A value that was written.
    pub fn new(value: T, at: At) -> Val<T> {
        Val { value, at, written: true }
    }

    /// A default; `at` is the nearest thing above it that was written.
    pub fn default_at(value: T, at: At) -> Val<T> {
        Val { value, at, written: false }
    }

    /// What to underline: the value, or the key of the nearest thing above it where nobody wrote one.
    #[must_use]
    pub fn place(&self) -> Place {
        if self.written { self.at.place() } else { self.at.key() }
    }
}

/// One whole spec: the base, or the base with a profile laid over it.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The document.
    pub at: At,
    /// The deployment's name.
    pub name: Val<String>,
    /// Whether targets get limits at all.
    pub limit_resources: Val<bool>,
    /// What scales, in the order written; profiles share the services they do not change.
    pub services: Vec<Rc<Service>>,
    /// What services lean on, in the order written.
    pub backing: Vec<Backing>,
    /// The machines.
    pub capacity: Option<Capacity>,
    /// The row of the sizing table that this deployment is meant for.
    pub claims: Option<Val<String>>,
    /// The sizing table, in the order written.
    pub recommendations: Vec<Recommendation>,
    /// The targets named in the spec, with their options.
    pub targets: Vec<TargetOptions>,
}

impl Spec {
    /// What scales, in the order written.
    pub fn services(&self) -> impl Iterator<Item = &Service> + Clone {
        self.services.iter().map(|service| &**service)
    }
}

/// The top-level parts of a service that can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs, reason = "each is the key of the spec with its name")]
pub enum Part {
    Kind,
    Image,
    Env,
    Ports,
    Replicas,
    Concurrency,
    Resources,
    Autoscaling,
    Schedule,
    PartitionedBy,
    Connections,
    SharedSecrets,
    Expose,
    Health,
    Volumes,
    Update,
    Disruption,
    Spread,
}

/// Which parts of a service could not be read; sums that need one of them are not computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Broken(u32);

impl Broken {
    /// Marks a part.
    pub fn set(&mut self, part: Part) {
        self.0 |= 1 << part as u8;
    }

    /// Whether this part is broken.
    #[must_use]
    pub fn has(self, part: Part) -> bool {
        self.0 & (1 << part as u8) != 0
    }

    /// Whether any part is.
    #[must_use]
    pub fn any(self) -> bool {
        self.0 != 0
    }
}

/// A thing that scales.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its key.
    pub name: String,
    /// Its entry; the place is the key.
    pub at: At,
    /// Parts that could not be read.
    pub broken: Broken,
    /// What sort of workload it is.
    pub kind: Val<Kind>,
    /// Container image.
    pub image: Option<Val<String>>,
    /// Entry point.
    pub command: Option<Val<Vec<String>>>,
    /// Arguments.
    pub args: Option<Val<Vec<String>>>,
    /// Plain variables, in the order written.
    pub env: Vec<EnvVar>,
    /// Container ports.
    pub ports: Vec<Port>,
    /// How many.
    pub replicas: Replicas,
    /// Work one replica does at once; none means unknown.
    pub concurrency: Option<Concurrency>,
    /// Requests and limits.
    pub resources: Resources,
    /// How the number follows the load; defaults where not written.
    pub autoscaling: Autoscaling,
    /// Other bounds in weekly windows.
    pub schedule: Vec<Window>,
    /// The kafka backing service whose partitions bound the useful replicas.
    pub partitioned_by: Option<Val<String>>,
    /// Connections one replica opens, by backing service.
    pub connections: Vec<Connections>,
    /// Variables every replica must receive with the same value.
    pub shared_secrets: Vec<Val<String>>,
    /// How it stands behind a load balancer.
    pub expose: Option<Box<Expose>>,
    /// How its health is asked.
    pub health: Option<Health>,
    /// Persistent volumes.
    pub volumes: Vec<Volume>,
    /// How a new version replaces the old.
    pub update: Update,
    /// Time to stop in after the first signal.
    pub stop_grace_period: Option<Val<Duration>>,
    /// What a drain may take.
    pub disruption: Option<Val<Disruption>>,
    /// Over what replicas are spread.
    pub spread: Option<Val<Spread>>,
}

impl Service {
    /// Whether the base bounds differ: autoscaling is on.
    #[must_use]
    pub fn scales(&self) -> bool {
        self.replicas.min.value < self.replicas.max.value
    }

    /// The number a target without an autoscaler writes: `min`, or 1 where min is 0 and max is not.
    #[must_use]
    pub fn fixed(&self) -> u32 {
        let Replicas { min, max, .. } = &self.replicas;
        if min.value == 0 && max.value > 0 { 1 } else { min.value }
    }

    /// The most replicas of the base and every window.
    #[must_use]
    pub fn peak(&self) -> u32 {
        self.schedule.iter().map(|window| window.max.value).fold(self.replicas.max.value, u32::max)
    }

    /// The least replicas of the base and every window.
    #[must_use]
    pub fn floor(&self) -> u32 {
        self.schedule.iter().map(|window| window.min.value).fold(self.replicas.min.value, u32::min)
    }

    /// The bounds of the base and then of every window, in the order written.
    pub fn ranges(&self) -> impl Iterator<Item = states::Bounds<'_>> {
        let base = states::Bounds { min: self.replicas.min, max: self.replicas.max, window: None };
        let windows = self.schedule.iter();
        std::iter::once(base).chain(windows.map(|window| states::Bounds {
            min: window.min,
            max: window.max,
            window: Some(window),
        }))
    }

    /// Work one replica does at once, 1 where unknown.
    #[must_use]
    pub fn slots_each(&self) -> u32 {
        self.concurrency.as_ref().map_or(1, |concurrency| concurrency.limit.value)
    }

    /// What to underline for the number a target without an autoscaler writes.
    #[must_use]
    pub fn fixed_place(&self) -> Place {
        let number = if self.replicas.min.value == 0 { self.replicas.max } else { self.replicas.min };
        if self.replicas.written { number.place() } else { self.at.key() }
    }

    /// Whether it publishes one of these container ports itself.
    #[must_use]
    pub fn publishes(&self, container: (u16, u16), protocol: Protocol) -> bool {
        let among = |port: &Port| (container.0..=container.1).contains(&port.port.value);
        self.ports.iter().any(|port| port.publish.is_some() && port.protocol.value == protocol && among(port))
    }

    /// The replicas that a rolling update adds to this many.
    #[must_use]
    pub fn surge(&self, replicas: u32) -> u32 {
        let rolling = self.update.strategy.value == Strategy::Rolling;
        if rolling && replicas > 0 { self.update.surge.value.up(replicas) } else { 0 }
    }

    /// Where its number of replicas stands: `replicas`, or the service's key if unwritten.
    #[must_use]
    pub fn replicas_at(&self) -> At {
        if self.replicas.written { self.replicas.at } else { self.at }
    }

    /// The request for scheduling: requests, else limits.
    #[must_use]
    pub fn reserved_cpu(&self) -> Option<Val<Cpu>> {
        self.resources.requests.cpu.or(self.resources.limits.cpu)
    }

    /// The request for scheduling: requests, else limits.
    #[must_use]
    pub fn reserved_memory(&self) -> Option<Val<Memory>> {
        self.resources.requests.memory.or(self.resources.limits.memory)
    }

    /// The request for scheduling: requests, else limits.
    #[must_use]
    pub fn reserved_gpu(&self) -> Option<Val<u32>> {
        self.resources.requests.gpu.or(self.resources.limits.gpu)
    }
}

/// What sort of workload a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the spec")]
pub enum Kind {
    Stateless,
    Stateful,
    Singleton,
}

/// One plain variable.
#[derive(Clone, Debug)]
pub struct EnvVar {
    /// Its name.
    pub name: String,
    /// Its value and where the entry stands.
    pub value: Val<EnvValue>,
}

/// What a variable holds.
#[derive(Clone, Debug, PartialEq)]
pub enum EnvValue {
    /// Text.
    Text(String),
    /// A number, as written.
    Number(String),
    /// A boolean.
    Bool(bool),
}

impl EnvValue {
    /// What the process sees.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            EnvValue::Text(text) | EnvValue::Number(text) => text,
            EnvValue::Bool(true) => "true",
            EnvValue::Bool(false) => "false",
        }
    }

    /// Whether a value is written out: not empty, no switch, and no reference to a variable in it.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        match self {
            EnvValue::Bool(_) => false,
            EnvValue::Number(_) => true,
            EnvValue::Text(text) => {
                let text = text.trim();
                !text.is_empty() && !refers(text) && !matches!(text, "true" | "false")
            }
        }
    }
}

/// Whether a text refers to a variable: `${NAME}` anywhere, or `$NAME` as the whole.
#[must_use]
pub fn refers(text: &str) -> bool {
    let name = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    text.contains("${") || text.strip_prefix('$').is_some_and(name)
}

/// One container port.
#[derive(Clone, Debug)]
pub struct Port {
    /// The entry.
    pub at: At,
    /// Its name.
    pub name: Option<Val<String>>,
    /// The container's port.
    pub port: Val<u16>,
    /// TCP or UDP.
    pub protocol: Val<Protocol>,
    /// The first host port; a range as wide as the replicas written begins here.
    pub publish: Option<Val<u16>>,
}

/// Transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the words of the spec")]
pub enum Protocol {
    Tcp,
    Udp,
}

impl Protocol {
    /// The word of the spec.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        }
    }
}

/// The bounds of the base.
#[derive(Clone, Debug)]
pub struct Replicas {
    /// The field, or the service where unwritten.
    pub at: At,
    /// Whether somebody wrote it.
    pub written: bool,
    /// Least.
    pub min: Val<u32>,
    /// Most.
    pub max: Val<u32>,
}

/// Work one replica does at once.
#[derive(Clone, Debug)]
pub struct Concurrency {
    /// The field.
    pub at: At,
    /// How much.
    pub limit: Val<u32>,
    /// The variable the process reads it from.
    pub env: Option<Val<String>>,
}

/// Requests and limits.
#[derive(Clone, Debug)]
pub struct Resources {
    /// The field, or the service where unwritten.
    pub at: At,
    /// Whether somebody wrote it.
    pub written: bool,
    /// What is set aside.
    pub requests: Amounts,
    /// What is not exceeded.
    pub limits: Amounts,
}

/// Amounts of each resource, for one replica.
#[derive(Clone, Debug, Default)]
pub struct Amounts {
    /// The map, if written.
    pub at: Option<At>,
    /// Cores.
    pub cpu: Option<Val<Cpu>>,
    /// Memory.
    pub memory: Option<Val<Memory>>,
    /// Whole GPUs.
    pub gpu: Option<Val<u32>>,
    /// Processes.
    pub pids: Option<Val<u32>>,
}

/// How the number of replicas follows the load.
#[derive(Clone, Debug)]
pub struct Autoscaling {
    /// The field, or the service where unwritten.
    pub at: At,
    /// Whether somebody wrote it.
    pub written: bool,
    /// What is watched.
    pub signal: Val<Signal>,
    /// When to add one.
    pub up: Step,
    /// When to take one away.
    pub down: Step,
    /// Ahead of the load.
    pub predictive: Val<bool>,
    /// Where running and queued work is read.
    pub prometheus: Option<Box<Prometheus>>,
}

/// A threshold and how long it must hold.
#[derive(Clone, Debug)]
pub struct Step {
    /// Share of the capacity, 0 to 1.
    pub threshold: Val<Share>,
    /// How long.
    pub delay: Val<Duration>,
}

/// What autoscaling watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the spec")]
pub enum Signal {
    Load,
    Cpu,
    Memory,
}

impl Signal {
    /// The word of the spec.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Signal::Load => "load",
            Signal::Cpu => "cpu",
            Signal::Memory => "memory",
        }
    }
}

/// Where running and queued work is read.
#[derive(Clone, Debug)]
pub struct Prometheus {
    /// The field.
    pub at: At,
    /// Its address.
    pub server: Val<String>,
    /// Query: work running now.
    pub running: Val<String>,
    /// Query: work waiting.
    pub queued: Option<Val<String>>,
}

/// Other bounds in a weekly window.
#[derive(Clone, Debug)]
pub struct Window {
    /// The list item.
    pub at: At,
    /// The days on which it starts.
    pub days: Val<Vec<Day>>,
    /// First minute.
    pub from: Val<TimeOfDay>,
    /// One past the last minute; at or before `from` it is on the next day.
    pub to: Val<TimeOfDay>,
    /// IANA name; none where it is not one we know.
    pub timezone: Val<Option<String>>,
    /// The name as written, known or not.
    pub zone: String,
    /// Least replicas.
    pub min: Val<u32>,
    /// Most replicas.
    pub max: Val<u32>,
}

impl Window {
    /// For messages: `mon,tue 08:00-18:00`.
    #[must_use]
    pub fn label(&self) -> String {
        let days: Vec<&str> = self.days.value.iter().map(|day| day.word()).collect();
        format!("{} {}-{}", days.join(","), self.from.value, self.to.value)
    }
}

/// Connections one replica opens to one backing service.
#[derive(Clone, Debug)]
pub struct Connections {
    /// The entry.
    pub at: At,
    /// The backing service's key.
    pub to: String,
    /// For each replica.
    pub per_replica: Val<u32>,
    /// For each unit of concurrency.
    pub per_slot: Val<u32>,
}

/// How a service stands behind a load balancer.
#[derive(Clone, Debug)]
pub struct Expose {
    /// The field.
    pub at: At,
    /// Host name.
    pub host: Option<Val<String>>,
    /// Path prefix.
    pub path: Option<Val<String>>,
    /// How requests are spread.
    pub method: Val<Method>,
    /// Idle connections kept to the replicas.
    pub keepalive: Option<Val<u32>>,
}

/// How requests are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the spec")]
pub enum Method {
    RoundRobin,
    LeastConn,
    IpHash,
}

/// How health is asked.
#[derive(Clone, Debug)]
pub struct Health {
    /// The field.
    pub at: At,
    /// The question.
    pub check: Val<Check>,
    /// Where, if not the first port.
    pub port: Option<Val<u16>>,
    /// How often.
    pub interval: Option<Val<Duration>>,
    /// How long an answer may take.
    pub timeout: Option<Val<Duration>>,
    /// How many failures count.
    pub retries: Option<Val<u32>>,
    /// How long failures do not count at the start.
    pub start_period: Option<Val<Duration>>,
}

/// The question of a health check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// GET this path.
    Http(String),
    /// Open a connection.
    Tcp,
    /// Run this.
    Command(Vec<String>),
}

/// A persistent volume of each replica.
#[derive(Clone, Debug)]
pub struct Volume {
    /// The list item.
    pub at: At,
    /// Its name.
    pub name: Val<String>,
    /// Where it is mounted.
    pub mount: Val<String>,
    /// How large.
    pub size: Val<Memory>,
}

/// How a new version replaces the old.
#[derive(Clone, Debug)]
pub struct Update {
    /// The field, or the service where unwritten.
    pub at: At,
    /// Whether somebody wrote it.
    pub written: bool,
    /// In parts or at once.
    pub strategy: Val<Strategy>,
    /// More replicas than asked for during a rollout.
    pub surge: Val<Amount>,
    /// Fewer replicas than asked for during a rollout.
    pub unavailable: Option<Val<Amount>>,
}

/// In parts or at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the spec")]
pub enum Strategy {
    Rolling,
    Recreate,
}

/// A number of replicas or a share of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// So many.
    Count(u32),
    /// So many of a hundred.
    Percent(u32),
}

impl Amount {
    /// Of `replicas`, rounded up (Kubernetes: surge and minAvailable).
    #[must_use]
    pub fn up(self, replicas: u32) -> u32 {
        self.of(replicas, 99)
    }

    /// Of `replicas`, rounded down (Kubernetes: unavailable).
    #[must_use]
    pub fn down(self, replicas: u32) -> u32 {
        self.of(replicas, 0)
    }

    fn of(self, replicas: u32, extra: u64) -> u32 {
        match self {
            Amount::Count(count) => count,
            Amount::Percent(percent) => {
                let part = (u64::from(replicas) * u64::from(percent) + extra) / 100;
                u32::try_from(part).unwrap_or(u32::MAX)
            }
        }
    }
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Amount::Count(count) => write!(f, "{count}"),
            Amount::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

/// What a drain may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disruption {
    /// So many stay.
    MinAvailable(Amount),
    /// So many may go.
    MaxUnavailable(Amount),
}

/// Over what replicas are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the spec")]
pub enum Spread {
    Node,
    Zone,
    None,
}

/// What services lean on and what bounds them.
#[derive(Clone, Debug)]
pub struct Backing {
    /// Its key.
    pub name: String,
    /// Its entry; the place is the key.
    pub at: At,
    /// Whether a part of it could not be read.
    pub broken: bool,
    /// What it is; none where unreadable.
    pub kind: Option<Val<BackingKind>>,
    /// Most connections.
    pub max_connections: Option<Val<u32>>,
    /// Connections kept for the administrator: 3 for postgres, else 0.
    pub reserved_connections: Val<u32>,
    /// Memory of the one instance.
    pub memory: Option<Val<Memory>>,
    /// Image.
    pub image: Option<Val<String>>,
    /// postgres `shared_buffers`.
    pub shared_buffers: Option<Val<Memory>>,
    /// postgres `work_mem`.
    pub work_mem: Option<Val<Memory>>,
    /// kafka partitions of a topic.
    pub partitions: Option<Val<u32>>,
    /// kafka copies of a partition.
    pub replication_factor: Option<Val<u32>>,
    /// kafka brokers.
    pub brokers: Option<Val<u32>>,
    /// It runs elsewhere: the variable that holds its address.
    pub external: Option<External>,
}

/// A backing service that runs elsewhere.
#[derive(Clone, Debug)]
pub struct External {
    /// The field.
    pub at: At,
    /// The variable that holds its address.
    pub url_env: Val<String>,
}

/// Kinds of backing service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the spec")]
pub enum BackingKind {
    Postgres,
    Postgis,
    Mysql,
    Mariadb,
    Redis,
    Valkey,
    Memcached,
    Mongodb,
    Kafka,
    Rabbitmq,
    Nats,
    Elasticsearch,
    Other,
}

impl BackingKind {
    const WORDS: [(&'static str, BackingKind); 13] = [
        ("postgres", BackingKind::Postgres),
        ("postgis", BackingKind::Postgis),
        ("mysql", BackingKind::Mysql),
        ("mariadb", BackingKind::Mariadb),
        ("redis", BackingKind::Redis),
        ("valkey", BackingKind::Valkey),
        ("memcached", BackingKind::Memcached),
        ("mongodb", BackingKind::Mongodb),
        ("kafka", BackingKind::Kafka),
        ("rabbitmq", BackingKind::Rabbitmq),
        ("nats", BackingKind::Nats),
        ("elasticsearch", BackingKind::Elasticsearch),
        ("other", BackingKind::Other),
    ];

    /// The word of the spec.
    #[must_use]
    pub fn word(self) -> &'static str {
        BackingKind::WORDS.iter().find(|(_, kind)| *kind == self).map_or("other", |(word, _)| word)
    }

    /// Whether it is Kafka.
    #[must_use]
    pub fn is_kafka(self) -> bool {
        self == BackingKind::Kafka
    }

    /// Whether it is PostgreSQL.
    #[must_use]
    pub fn is_postgres(self) -> bool {
        matches!(self, BackingKind::Postgres | BackingKind::Postgis)
    }
}

/// The machines.
#[derive(Clone, Debug)]
pub struct Capacity {
    /// The field.
    pub at: At,
    /// Whether a part of it could not be read.
    pub broken: bool,
    /// Groups of equal nodes.
    pub nodes: Vec<NodeGroup>,
}

/// Equal nodes.
#[derive(Clone, Debug)]
pub struct NodeGroup {
    /// The list item.
    pub at: At,
    /// Its name.
    pub name: Option<Val<String>>,
    /// How many.
    pub count: Val<u32>,
    /// Cores of one.
    pub cpu: Val<Cpu>,
    /// Memory of one.
    pub memory: Val<Memory>,
    /// GPUs of one.
    pub gpu: Option<Val<u32>>,
    /// Cores of one that workloads cannot have.
    pub reserved_cpu: Option<Val<Cpu>>,
    /// Memory of one that workloads cannot have.
    pub reserved_memory: Option<Val<Memory>>,
    /// Price of one for a month, in billionths of the currency's unit.
    pub price: Option<Val<Share>>,
}

/// Options of one target, as written.
#[derive(Clone, Debug)]
pub struct TargetOptions {
    /// The target's name.
    pub name: String,
    /// Its entry; the place is the key.
    pub at: At,
    /// Its options in the order written.
    pub options: Vec<(String, Val<Opt>)>,
}

/// The value of an option.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each is what its name says")]
pub enum Opt {
    Bool(bool),
    Int(i64),
    Text(String),
    Map(Vec<(String, OptVal)>),
    List(Vec<OptVal>),
}

/// An option's value inside a map or list, with its place.
#[derive(Clone, Debug)]
pub struct OptVal(pub Val<Opt>);

impl PartialEq for OptVal {
    fn eq(&self, other: &OptVal) -> bool {
        self.0.value == other.0.value
    }
}

impl TargetOptions {
    /// One option.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Val<Opt>> {
        self.options.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// A text option, with its place.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<(&str, At)> {
        self.get(name).and_then(|value| match &value.value {
            Opt::Text(text) => Some((text.as_str(), value.at)),
            _ => None,
        })
    }

    /// A yes-or-no option, with its place.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<(bool, At)> {
        self.get(name).and_then(|value| match value.value {
            Opt::Bool(flag) => Some((flag, value.at)),
            _ => None,
        })
    }

    /// A whole-number option, with its place.
    #[must_use]
    pub fn int(&self, name: &str) -> Option<(i64, At)> {
        self.get(name).and_then(|value| match value.value {
            Opt::Int(int) => Some((int, value.at)),
            _ => None,
        })
    }
}
