//! Backing services, machines and the options of targets. Knows no service.

use super::Val;
use super::quantity::{Cpu, Memory, Share};
use crate::support::source::FieldSpan;
use std::rc::Rc;

/// A backing service, which services depend on, with its limits.
#[derive(Clone, Debug)]
pub struct Backing {
    /// Its key.
    pub name: String,
    /// Its entry; its place is the key.
    pub at: FieldSpan,
    /// Whether a part of it could not be read.
    pub broken: bool,
    /// Its kind; `None` if unreadable.
    pub kind: Option<Val<BackingKind>>,
    /// Most connections; of a pooler, to each of its replicas.
    pub max_connections: Option<Val<u32>>,
    /// Connections kept for the administrator: 3 for postgres, else 0.
    pub reserved_connections: Val<u32>,
    /// Memory of the one instance.
    pub memory: Option<Val<Memory>>,
    /// Image.
    pub image: Option<Val<Rc<str>>>,
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
    /// It runs outside of the deployment: the variable that holds its address.
    pub external: Option<External>,
}

/// A backing service that runs outside of the deployment.
#[derive(Clone, Debug)]
pub struct External {
    /// The field.
    pub at: FieldSpan,
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
    Pgbouncer,
    Kafka,
    Rabbitmq,
    Nats,
    Elasticsearch,
    Other,
}

impl BackingKind {
    pub(super) const WORDS: [(&'static str, BackingKind); 14] = [
        ("postgres", BackingKind::Postgres),
        ("postgis", BackingKind::Postgis),
        ("mysql", BackingKind::Mysql),
        ("mariadb", BackingKind::Mariadb),
        ("redis", BackingKind::Redis),
        ("valkey", BackingKind::Valkey),
        ("memcached", BackingKind::Memcached),
        ("mongodb", BackingKind::Mongodb),
        ("pgbouncer", BackingKind::Pgbouncer),
        ("kafka", BackingKind::Kafka),
        ("rabbitmq", BackingKind::Rabbitmq),
        ("nats", BackingKind::Nats),
        ("elasticsearch", BackingKind::Elasticsearch),
        ("other", BackingKind::Other),
    ];

    /// The kind with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<BackingKind> {
        BackingKind::WORDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
    }

    /// The word of the spec.
    #[must_use]
    pub fn word(self) -> &'static str {
        super::word_of(&BackingKind::WORDS, &self)
    }

    /// Whether it is Kafka.
    #[must_use]
    pub fn is_kafka(self) -> bool {
        self == BackingKind::Kafka
    }

    /// Whether it takes connections in front of a database, each replica up to a limit of its own.
    #[must_use]
    pub fn pools(self) -> bool {
        self == BackingKind::Pgbouncer
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
    pub at: FieldSpan,
    /// Whether a part of it could not be read.
    pub broken: bool,
    /// Groups of equal nodes.
    pub nodes: Vec<NodeGroup>,
}

/// Equal nodes.
#[derive(Clone, Debug)]
pub struct NodeGroup {
    /// The list item.
    pub at: FieldSpan,
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
    /// Cores of one that are reserved, and that workloads cannot have.
    pub reserved_cpu: Option<Val<Cpu>>,
    /// Memory of one that is reserved, and that workloads cannot have.
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
    pub at: FieldSpan,
    /// Its options in the order written.
    pub options: Vec<(String, Val<Opt>)>,
}

/// The value of an option.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "each is what its name says")]
pub enum Opt {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    Map(Vec<(String, OptVal)>),
    List(Vec<OptVal>),
}

/// An option's value inside a map or list, with its place.
#[derive(Clone, Debug)]
pub struct OptVal(pub Val<Opt>);

impl TargetOptions {
    /// One option.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Val<Opt>> {
        self.options.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// A text option, with its place.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<(&str, FieldSpan)> {
        self.get(name).and_then(|value| match &value.value {
            Opt::Text(text) => Some((text.as_str(), value.at)),
            _ => None,
        })
    }

    /// A yes-or-no option, with its place.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<(bool, FieldSpan)> {
        self.get(name).and_then(|value| match value.value {
            Opt::Bool(flag) => Some((flag, value.at)),
            _ => None,
        })
    }

    /// A whole-number option, with its place.
    #[must_use]
    pub fn int(&self, name: &str) -> Option<(i64, FieldSpan)> {
        self.get(name).and_then(|value| match &value.value {
            Opt::Int(int) => Some((*int, value.at)),
            // `80.0` keeps its text, because it could be a version; it still counts as a number
            Opt::Text(text) => {
                let whole = text.trim_end_matches('0').strip_suffix('.')?;
                whole.parse().ok().map(|int| (int, value.at))
            }
            _ => None,
        })
    }
}
