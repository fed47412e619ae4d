//! How one service runs: load balancing, health checks, volumes, updates and disruption budgets. Knows no target.

use super::quantity::Memory;
use super::time::Duration;
use super::{NamedText, Val};
use crate::support::source::FieldSpan;

/// The load balancing of a service.
#[derive(Clone, Debug)]
pub struct Expose {
    /// The field.
    pub at: FieldSpan,
    /// Host name.
    pub host: Option<Val<String>>,
    /// Path prefix.
    pub path: Option<Val<String>>,
    /// How requests are spread.
    pub method: Val<Method>,
    /// Idle connections kept to the replicas.
    pub keepalive: Option<Val<u32>>,
    /// Whether connections may become WebSockets; false if unset.
    pub websocket: Val<bool>,
    /// How long the load balancer waits for a replica.
    pub timeouts: ProxyTimeouts,
    /// The class of Ingress.
    pub class: Option<Val<String>>,
    /// The Secret with the certificate.
    pub tls: Option<Val<String>>,
    /// Annotations of the Ingress or the route.
    pub annotations: Vec<NamedText>,
    /// The Gateway that is used instead of an Ingress.
    pub gateway: Option<GatewayRef>,
}

/// A Gateway of the cluster.
#[derive(Clone, Debug)]
pub struct GatewayRef {
    /// The field.
    pub at: FieldSpan,
    /// Its name.
    pub name: Val<String>,
    /// Its namespace, if not the route's.
    pub namespace: Option<Val<String>>,
    /// The one listener.
    pub listener: Option<Val<String>>,
}

/// How long a load balancer waits for a replica; the balancer's own default if unset.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProxyTimeouts {
    /// For a connection to be made.
    pub connect: Option<Val<Duration>>,
    /// Between two writes of a request.
    pub send: Option<Val<Duration>>,
    /// Between two reads of an answer.
    pub read: Option<Val<Duration>>,
}

impl ProxyTimeouts {
    /// The ones that are set, each with its name.
    pub fn written(&self) -> impl Iterator<Item = (&'static str, Val<Duration>)> {
        let all = [("connect", self.connect), ("send", self.send), ("read", self.read)];
        all.into_iter().filter_map(|(word, time)| Some((word, time?)))
    }
}

/// How requests are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the spec")]
pub enum Method {
    RoundRobin,
    LeastConn,
    IpHash,
}

impl Method {
    pub(super) const WORDS: [(&'static str, Method); 3] =
        [("round-robin", Method::RoundRobin), ("least-conn", Method::LeastConn), ("ip-hash", Method::IpHash)];

    /// The word of the spec.
    #[must_use]
    pub fn word(self) -> &'static str {
        super::word_of(&Method::WORDS, &self)
    }
}

/// A health check.
#[derive(Clone, Debug)]
pub struct Health {
    /// The field.
    pub at: FieldSpan,
    /// The check itself.
    pub check: Val<Check>,
    /// The port that is asked; `None`: the first of the service.
    pub port: Option<Val<u16>>,
    /// The time from one check to the next; `None`: the default of the target's consumer, as for the fields below.
    pub interval: Option<Val<Duration>>,
    /// The longest time for an answer.
    pub timeout: Option<Val<Duration>>,
    /// How many failures in a row make a replica unhealthy.
    pub retries: Option<Val<u32>>,
    /// How long after its start failures of a replica do not count.
    pub start_period: Option<Val<Duration>>,
}

/// The action of a health check.
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
    pub at: FieldSpan,
    /// Its name.
    pub name: Val<String>,
    /// Where it is mounted.
    pub mount: Val<String>,
    /// Its size.
    pub size: Val<Memory>,
    /// The storage class; the cluster's default if unset.
    pub storage_class: Option<Val<String>>,
}

/// How a new version replaces the old.
#[derive(Clone, Copy, Debug)]
pub struct Update {
    /// The field, or the service if unset.
    pub at: FieldSpan,
    /// Whether it is set.
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

impl Strategy {
    pub(super) const WORDS: [(&'static str, Strategy); 2] =
        [("rolling", Strategy::Rolling), ("recreate", Strategy::Recreate)];

    /// The word of the spec.
    #[must_use]
    pub fn word(self) -> &'static str {
        super::word_of(&Strategy::WORDS, &self)
    }
}

/// A number of replicas or a share of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// A number.
    Count(u32),
    /// A percentage.
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

/// A disruption budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disruption {
    /// At least this many stay.
    MinAvailable(Amount),
    /// At most this many may go.
    MaxUnavailable(Amount),
}

/// What replicas are spread over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the spec")]
pub enum Spread {
    Node,
    Zone,
    None,
}

impl Spread {
    pub(super) const WORDS: [(&'static str, Spread); 3] =
        [("node", Spread::Node), ("zone", Spread::Zone), ("none", Spread::None)];

    /// The word of the spec.
    #[must_use]
    pub fn word(self) -> &'static str {
        super::word_of(&Spread::WORDS, &self)
    }
}
