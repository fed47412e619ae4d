//! The fields of a backing service, and of the whole plan.

use super::{Field, SERVICE, by_name, each, kind_of, memory, number, text, value_of, words, written};
use crate::check::policy::types::Type;
use crate::model::{Backing, Spec};
use crate::plan::summary::{Fact, Formation, LeastMost, Machines, Pool, Total};
use minijinja::Value;

const NUMBER: fn() -> Type = || Type::Number;
const MEMORY: fn() -> Type = || Type::Memory;
const CPU: fn() -> Type = || Type::Cpu;
const TEXT: fn() -> Type = || Type::Text;

/// One backing service.
pub(in super::super) struct BackingContext {
    pub backing: Backing,
    /// The connections all services open to it at most.
    pub used: Option<u128>,
}

/// What a policy can name of a backing service.
pub(in super::super) const BACKING: &[Field<BackingContext>] = &[
    Field::new("name", TEXT, "its key", |b| text(&b.backing.name)),
    Field::new("kind?", TEXT, "`postgres`, `redis`, `kafka` …", |b| text(b.backing.kind?.value.word())),
    Field::new("image?", TEXT, "container image", |b| written(b.backing.image.as_ref())),
    Field::new("maxConnections?", NUMBER, "most connections", |b| number(b.backing.max_connections)),
    Field::new("reservedConnections", NUMBER, "kept for the administrator", |b| {
        Some(b.backing.reserved_connections.value.into())
    }),
    Field::new("connections?", NUMBER, "the most that all services open at once", |b| b.used.map(Value::from)),
    Field::new("memory?", MEMORY, "memory of the instance", |b| memory(b.backing.memory)),
    Field::new("sharedBuffers?", MEMORY, "postgres `shared_buffers`", |b| memory(b.backing.shared_buffers)),
    Field::new("workMem?", MEMORY, "postgres `work_mem`", |b| memory(b.backing.work_mem)),
    Field::new("partitions?", NUMBER, "kafka partitions", |b| number(b.backing.partitions)),
    Field::new("replicationFactor?", NUMBER, "kafka copies", |b| number(b.backing.replication_factor)),
    Field::new("brokers?", NUMBER, "kafka brokers", |b| number(b.backing.brokers)),
    Field::new("external.urlEnv?", TEXT, "the variable with its address, where it runs elsewhere", |b| {
        text(&b.backing.external.as_ref()?.url_env.value)
    }),
];

/// One spec in one profile, with its sums.
pub(in super::super) struct Whole<'w> {
    pub spec: &'w Spec,
    pub formation: &'w Formation,
}

impl Whole<'_> {
    /// The most over a week, or the one total there is.
    fn most(&self) -> &Total {
        self.formation.peak.as_ref().unwrap_or(&self.formation.total)
    }

    fn machines(&self) -> Option<&Machines> {
        match &self.formation.machines {
            Some(Fact::Is(machines)) => Some(machines),
            _ => None,
        }
    }

    /// A backing service with the connections to it.
    pub fn beside(&self, backing: &Backing) -> BackingContext {
        let pool = self.formation.pools.iter().find(|pool| pool.to == backing.name);
        BackingContext { backing: backing.clone(), used: pool.and_then(|pool| pool.used.value()) }
    }
}

/// What a policy can name of the plan.
pub(in super::super) fn plan<'w>() -> Vec<Field<Whole<'w>>> {
    vec![
        Field::new("name", TEXT, "the deployment's name", |w| text(&w.spec.name.value)),
        Field::new(
            "from",
            || Type::list(Type::Text),
            "the files at the top that it is laid over",
            |w| words(w.spec.from.iter().map(|path| path.value.as_str())),
        ),
        Field::new(
            "limitResources",
            || Type::Flag,
            "whether limits are written at all",
            |w| number(Some(w.spec.limit_resources)),
        ),
        Field::new("claims?", TEXT, "the row of the sizing table it is meant for", |w| written(w.spec.claims.as_ref())),
        Field::new(
            "targets",
            || Type::list(Type::Text),
            "names of the targets",
            |w| words(w.spec.targets.iter().map(|t| t.name.as_str())),
        ),
        Field::new("services", || Type::list(kind_of(SERVICE)), "every service", |w| each(SERVICE, w.spec.services())),
        Field::new(
            "backingServices",
            || Type::list(kind_of(BACKING)),
            "every backing service",
            |w| each(BACKING, &w.spec.backing.iter().map(|backing| w.beside(backing)).collect::<Vec<_>>()),
        ),
        Field::new("total.replicas.min", NUMBER, "least replicas over the week, all services together", |w| {
            end(w.most().replicas, |r| r.min).or(Some(0.into()))
        }),
        Field::new("total.replicas.max", NUMBER, "most replicas", |w| {
            end(w.most().replicas, |r| r.max).or(Some(0.into()))
        }),
        Field::new("total.slots.min?", NUMBER, "least units of concurrency", |w| end(w.most().slots, |r| r.min)),
        Field::new("total.slots.max?", NUMBER, "most units of concurrency", |w| end(w.most().slots, |r| r.max)),
        Field::new("total.cpu?", CPU, "the most CPU (requests, else limits)", |w| sum(w.most().all.cpu)),
        Field::new("total.memory?", MEMORY, "the most memory, backing services included", |w| sum(w.most().all.memory)),
        Field::new("total.gpu?", NUMBER, "the most GPUs", |w| sum(w.most().all.gpu)),
        Field::new(
            "connections",
            || Type::map(kind_of(POOL)),
            "by backing service",
            |w| by_name(w.formation.pools.iter().map(|pool| (pool.to.clone(), value_of(POOL, pool, |_| true)))),
        ),
        Field::new("capacity.nodes?", NUMBER, "number of nodes", |w| Some(w.machines()?.nodes.into())),
        Field::new("capacity.cpu?", CPU, "CPU of all nodes, without what is reserved", |w| {
            Some(w.machines()?.shares.cpu.of.into())
        }),
        Field::new("capacity.memory?", MEMORY, "memory of all nodes, without what is reserved", |w| {
            Some(w.machines()?.shares.memory.of.into())
        }),
        Field::new("capacity.gpu?", NUMBER, "GPUs of all nodes", |w| Some(w.machines()?.shares.gpu.of.into())),
        Field::new("capacity.cost?", NUMBER, "price of all nodes for a month", |w| Some(price(w.machines()?.price?.0))),
    ]
}

const POOL: &[Field<Pool>] = &[
    Field::new("used?", NUMBER, "the most that is open", |p| sum(p.used)),
    Field::new("max?", NUMBER, "the most it takes", |p| p.max.value().map(Value::from)),
    Field::new("reserved", NUMBER, "kept for the administrator", |p| Some(p.reserved.into())),
];

fn end(range: Fact<LeastMost>, pick: fn(LeastMost) -> u64) -> Option<Value> {
    range.value().map(|range| pick(range).into())
}

fn sum(fact: Fact<u128>) -> Option<Value> {
    fact.value().map(Value::from)
}

/// Billionths to a number.
#[expect(clippy::cast_precision_loss, reason = "exact to 15 digits, far beyond any price")]
fn price(nano: u128) -> Value {
    Value::from(nano as f64 / 1e9)
}
