//! The fields of one service.

use super::{Field, by_name, cpu, each, kind_of, memory, number, text, time, value_of, words, written};
use crate::check::policy::types::Type;
use crate::model::quantity::Share;
use crate::model::work::Work;
use crate::model::{
    Check, Connections, Disruption, GatewayRef, Health, NamedText, PodSecurity, PodSettings, Port, Prometheus, Service,
    Toleration, Val, Volume, Window,
};
use minijinja::Value;

const fn field(
    path: &'static str,
    kind: fn() -> Type,
    about: &'static str,
    get: fn(&Service) -> Option<Value>,
) -> Field<Service> {
    Field::new(path, kind, about, get)
}

const NUMBER: fn() -> Type = || Type::Number;
const CPU: fn() -> Type = || Type::Cpu;
const MEMORY: fn() -> Type = || Type::Memory;
const DURATION: fn() -> Type = || Type::Duration;
const TEXT: fn() -> Type = || Type::Text;
const FLAG: fn() -> Type = || Type::Flag;
const WORDS: fn() -> Type = || Type::list(Type::Text);
const TEXTS: fn() -> Type = || Type::map(Type::Text);

/// What a policy can name of a service.
pub(in super::super) const SERVICE: &[Field<Service>] = &[
    field("name", TEXT, "its key", |s| text(&s.name)),
    field("kind", TEXT, "`stateless`, `stateful` or `singleton`", |s| text(s.kind.value.word())),
    field("image?", TEXT, "container image", |s| written(s.image.as_deref())),
    field("command", WORDS, "entry point", |s| list(s.command.as_deref())),
    field("args", WORDS, "arguments", |s| list(s.args.as_deref())),
    field(
        "env",
        || Type::map(Type::Text),
        "plain variables",
        |s| by_name(s.env.iter().map(|env| (env.name.clone(), Value::from(env.value.value.text())))),
    ),
    field("ports", || Type::list(kind_of(PORT)), "container ports", |s| each(PORT, &s.ports)),
    field("replicas.min", NUMBER, "least replicas, outside every window", |s| Some(s.replicas.min.value.into())),
    field("replicas.max", NUMBER, "most replicas, outside every window", |s| Some(s.replicas.max.value.into())),
    field("concurrency.limit?", NUMBER, "work one replica does at once", |s| {
        number(s.concurrency.as_ref().map(|concurrency| concurrency.limit))
    }),
    field("concurrency.env?", TEXT, "the variable it is read from", |s| written(s.concurrency.as_ref()?.env.as_ref())),
    field("resources.requests.cpu?", CPU, "CPU set aside for one replica", |s| cpu(s.resources.requests.cpu)),
    field("resources.requests.memory?", MEMORY, "memory set aside for one replica", |s| {
        memory(s.resources.requests.memory)
    }),
    field("resources.requests.ephemeralStorage?", MEMORY, "scratch space set aside for one replica", |s| {
        memory(s.resources.requests.ephemeral_storage)
    }),
    field("resources.requests.gpu?", NUMBER, "GPUs set aside", |s| number(s.resources.requests.gpu)),
    field("resources.requests.pids?", NUMBER, "processes asked for", |s| number(s.resources.requests.pids)),
    field("resources.limits.cpu?", CPU, "the most CPU of one replica", |s| cpu(s.resources.limits.cpu)),
    field("resources.limits.memory?", MEMORY, "the most memory of one replica", |s| memory(s.resources.limits.memory)),
    field("resources.limits.ephemeralStorage?", MEMORY, "the most scratch space of one replica", |s| {
        memory(s.resources.limits.ephemeral_storage)
    }),
    field("resources.limits.gpu?", NUMBER, "the most GPUs", |s| number(s.resources.limits.gpu)),
    field("resources.limits.pids?", NUMBER, "the most processes", |s| number(s.resources.limits.pids)),
    field("autoscaling.signal", TEXT, "`load`, `cpu` or `memory`", |s| text(s.autoscaling.signal.value.word())),
    field("autoscaling.scaleUp.threshold", NUMBER, "share from which one is added, 0 to 1", |s| {
        Some(share(s.autoscaling.up.threshold.value))
    }),
    field("autoscaling.scaleUp.delay", DURATION, "how long it must hold", |s| time(Some(s.autoscaling.up.delay))),
    field("autoscaling.scaleDown.threshold", NUMBER, "share below which one is taken away, 0 to 1", |s| {
        Some(share(s.autoscaling.down.threshold.value))
    }),
    field("autoscaling.scaleDown.delay", DURATION, "how long it must hold", |s| time(Some(s.autoscaling.down.delay))),
    field("autoscaling.predictive", FLAG, "whether it scales ahead of the load", |s| {
        number(Some(s.autoscaling.predictive))
    }),
    field("autoscaling.metrics.prometheus.server?", TEXT, "where the load is read", |s| {
        written(prometheus(s).map(|p| &p.server))
    }),
    field("autoscaling.metrics.prometheus.running?", TEXT, "query for running work", |s| {
        written(prometheus(s).map(|p| &p.running))
    }),
    field("autoscaling.metrics.prometheus.queued?", TEXT, "query for waiting work", |s| {
        written(prometheus(s)?.queued.as_ref())
    }),
    field("schedule", || Type::list(kind_of(WINDOW)), "weekly windows", |s| each(WINDOW, &s.schedule)),
    field("partitionedBy?", TEXT, "the kafka backing service it reads", |s| written(s.partitioned_by.as_deref())),
    field(
        "connections",
        || Type::map(kind_of(CONNECTIONS)),
        "connections by backing service",
        |s| {
            by_name(
                s.connections
                    .iter()
                    .map(|connection| (connection.to.clone(), value_of(CONNECTIONS, connection, |_| true))),
            )
        },
    ),
    field("sharedSecrets", WORDS, "variables with the same value in every replica", |s| {
        words(s.shared_secrets.iter().map(|secret| secret.value.as_str()))
    }),
    field("expose.host?", TEXT, "host name", |s| written(s.expose.as_ref()?.host.as_ref())),
    field("expose.path?", TEXT, "path prefix", |s| written(s.expose.as_ref()?.path.as_ref())),
    field("expose.method?", TEXT, "`round-robin`, `least-conn` or `ip-hash`", |s| {
        text(s.expose.as_ref()?.method.value.word())
    }),
    field("expose.keepalive?", NUMBER, "idle connections kept", |s| number(s.expose.as_ref()?.keepalive)),
    field("expose.websocket?", FLAG, "whether connections may become WebSockets", |s| {
        Some(Value::from(s.expose.as_ref()?.websocket.value))
    }),
    field("expose.timeouts.connect?", DURATION, "how long a connection may take", |s| {
        time(s.expose.as_ref()?.timeouts.connect)
    }),
    field("expose.timeouts.send?", DURATION, "between two writes of a request", |s| {
        time(s.expose.as_ref()?.timeouts.send)
    }),
    field("expose.timeouts.read?", DURATION, "between two reads of an answer", |s| {
        time(s.expose.as_ref()?.timeouts.read)
    }),
    field("expose.class?", TEXT, "class of the Ingress", |s| written(s.expose.as_ref()?.class.as_ref())),
    field("expose.tls?", TEXT, "Secret with the certificate", |s| written(s.expose.as_ref()?.tls.as_ref())),
    field("expose.annotations?", TEXTS, "annotations of the Ingress or the route", |s| {
        named(&s.expose.as_ref()?.annotations)
    }),
    field("expose.gateway.name?", TEXT, "the Gateway", |s| written(Some(&gateway(s)?.name))),
    field("expose.gateway.namespace?", TEXT, "its namespace", |s| written(gateway(s)?.namespace.as_ref())),
    field("expose.gateway.listener?", TEXT, "its one listener", |s| written(gateway(s)?.listener.as_ref())),
    field("health.http?", TEXT, "path that is asked", |s| asked_path(health(s)?)),
    field("health.tcp?", FLAG, "true where a connection is the question", |s| asked_tcp(health(s)?)),
    field("health.command?", WORDS, "command that is run", |s| asked_command(health(s)?)),
    field("health.port?", NUMBER, "where, if not the first port", |s| number(health(s)?.port)),
    field("health.interval?", DURATION, "how often", |s| time(health(s)?.interval)),
    field("health.timeout?", DURATION, "how long an answer may take", |s| time(health(s)?.timeout)),
    field("health.retries?", NUMBER, "how many failures count", |s| number(health(s)?.retries)),
    field("health.startPeriod?", DURATION, "how long failures do not count", |s| time(health(s)?.start_period)),
    field("liveness.http?", TEXT, "path that is asked to see whether a replica still works", |s| {
        asked_path(liveness(s)?)
    }),
    field("liveness.tcp?", FLAG, "true where a connection is the question", |s| asked_tcp(liveness(s)?)),
    field("liveness.command?", WORDS, "command that is run", |s| asked_command(liveness(s)?)),
    field("liveness.port?", NUMBER, "where, if not the first port", |s| number(liveness(s)?.port)),
    field("liveness.interval?", DURATION, "how often", |s| time(liveness(s)?.interval)),
    field("liveness.timeout?", DURATION, "how long an answer may take", |s| time(liveness(s)?.timeout)),
    field("liveness.retries?", NUMBER, "how many failures count", |s| number(liveness(s)?.retries)),
    field("startup.http?", TEXT, "path that is asked of a replica that starts", |s| asked_path(startup(s)?)),
    field("startup.tcp?", FLAG, "true where a connection is the question", |s| asked_tcp(startup(s)?)),
    field("startup.command?", WORDS, "command that is run", |s| asked_command(startup(s)?)),
    field("startup.port?", NUMBER, "where, if not the first port", |s| number(startup(s)?.port)),
    field("startup.interval?", DURATION, "how often", |s| time(startup(s)?.interval)),
    field("startup.timeout?", DURATION, "how long an answer may take", |s| time(startup(s)?.timeout)),
    field("startup.retries?", NUMBER, "how many failures count", |s| number(startup(s)?.retries)),
    field("volumes", || Type::list(kind_of(VOLUME)), "persistent volumes", |s| each(VOLUME, &s.volumes)),
    field("update.strategy", TEXT, "`rolling` or `recreate`", |s| text(s.update().strategy.value.word())),
    field("update.surge", TEXT, "more replicas during a rollout: `1` or `20%`", |s| {
        text(&s.update().surge.value.to_string())
    }),
    field("update.unavailable?", TEXT, "fewer replicas during a rollout", |s| {
        text(&s.update().unavailable?.value.to_string())
    }),
    field("stopGracePeriod?", DURATION, "how long it may take to stop", |s| time(s.stop_grace_period)),
    field("drainDelay?", DURATION, "how long it still serves before it is told to stop", |s| time(pod(s)?.drain_delay)),
    field("disruption.minAvailable?", TEXT, "how many stay in a drain", |s| match s.disruption?.value {
        Disruption::MinAvailable(amount) => text(&amount.to_string()),
        Disruption::MaxUnavailable(_) => None,
    }),
    field("disruption.maxUnavailable?", TEXT, "how many may go in a drain", |s| match s.disruption?.value {
        Disruption::MaxUnavailable(amount) => text(&amount.to_string()),
        Disruption::MinAvailable(_) => None,
    }),
    field("spread?", TEXT, "`node`, `zone` or `none`", |s| text(s.spread?.value.word())),
    field("nodeSelector", TEXTS, "labels of the nodes that take it", |s| texts(s, |pod| &pod.node_selector)),
    field(
        "tolerations",
        || Type::list(kind_of(TOLERATION)),
        "taints that it tolerates",
        |s| each(TOLERATION, pod(s).map_or(&[][..], |pod| &pod.tolerations)),
    ),
    field("serviceAccount?", TEXT, "whose name it has in the cluster", |s| written(pod(s)?.service_account.as_ref())),
    field("labels", TEXTS, "labels of its own", |s| texts(s, |pod| &pod.labels)),
    field("annotations", TEXTS, "annotations of its replicas", |s| texts(s, |pod| &pod.annotations)),
    field("podSecurity.profile?", TEXT, "`restricted` or `baseline`", |s| text(security(s)?.profile.value.word())),
    field("podSecurity.user?", NUMBER, "number of its user", |s| number(security(s)?.user)),
    field("podSecurity.group?", NUMBER, "number of its group", |s| number(security(s)?.group)),
    field("podSecurity.volumeGroup?", NUMBER, "number of the group that owns volumes", |s| {
        number(security(s)?.volume_group)
    }),
    field("podSecurity.readOnly?", FLAG, "whether the image's files cannot be written to", |s| {
        Some(Value::from(security(s)?.read_only.value))
    }),
    field("workload.serviceTime.mean?", DURATION, "how long a job takes on average", |s| {
        time(Some(work(s)?.service_time?.mean))
    }),
    field("workload.serviceTime.p95?", DURATION, "how long 95 of 100 jobs take at most", |s| {
        time(work(s)?.service_time?.p95)
    }),
    field("workload.serviceTime.distribution?", TEXT, "`fixed`, `exponential` or `lognormal`", |s| {
        text(work(s)?.service_time?.distribution.value.word())
    }),
    field("workload.dispatch?", TEXT, "`pull`, `random`, `round-robin` or `least`", |s| {
        text(work(s)?.dispatch?.value.word())
    }),
    field("workload.cpuPerJob?", CPU, "cores that a running job wants", |s| cpu(work(s)?.cpu_per_job)),
    field("workload.idle?", CPU, "cores of a replica without jobs", |s| cpu(work(s)?.idle)),
    field("workload.queueLimit?", NUMBER, "jobs that may wait at once", |s| number(work(s)?.queue_limit)),
    field("workload.patience?", DURATION, "how long a job waits", |s| time(work(s)?.patience)),
    field("workload.deadline?", DURATION, "when a job is late", |s| time(work(s)?.deadline)),
    field("workload.retry?", FLAG, "whether a killed job starts again", |s| number(work(s)?.retry)),
    field("workload.start.p50?", DURATION, "how long a replica takes to start", |s| time(Some(work(s)?.start?.p50))),
    field("workload.start.p95?", DURATION, "how long 95 of 100 replicas take at most", |s| time(work(s)?.start?.p95)),
];

const PORT: &[Field<Port>] = &[
    Field::new("name?", TEXT, "its name", |p| written(p.name.as_ref())),
    Field::new("port", NUMBER, "the container's port", |p| Some(p.port.value.into())),
    Field::new("protocol", TEXT, "`tcp` or `udp`", |p| text(p.protocol.value.word())),
    Field::new("publish?", NUMBER, "the first host port", |p| number(p.publish)),
];

const WINDOW: &[Field<Window>] = &[
    Field::new("days", WORDS, "`mon` to `sun`", |w| words(w.days.value.iter().map(|day| day.word()))),
    Field::new("from", TEXT, "first minute: `08:00`", |w| text(&w.from.value.to_string())),
    Field::new("to", TEXT, "one past the last minute", |w| text(&w.to.value.to_string())),
    Field::new("timezone", TEXT, "as written", |w| text(&w.zone)),
    Field::new("replicas.min", NUMBER, "least replicas", |w| Some(w.min.value.into())),
    Field::new("replicas.max", NUMBER, "most replicas", |w| Some(w.max.value.into())),
];

const VOLUME: &[Field<Volume>] = &[
    Field::new("name", TEXT, "its name", |v| text(&v.name.value)),
    Field::new("mount", TEXT, "where it is mounted", |v| text(&v.mount.value)),
    Field::new("size", MEMORY, "how large", |v| memory(Some(v.size))),
    Field::new("storageClass?", TEXT, "its class of storage", |v| written(v.storage_class.as_ref())),
];

const TOLERATION: &[Field<Toleration>] = &[
    Field::new("key?", TEXT, "key of the taint", |t| written(t.key.as_ref())),
    Field::new("value?", TEXT, "its value", |t| written(t.value.as_ref())),
    Field::new("effect?", TEXT, "`NoSchedule`, `PreferNoSchedule` or `NoExecute`", |t| text(t.effect?.value.word())),
    Field::new("seconds?", NUMBER, "how long it stays", |t| number(t.seconds)),
];

const CONNECTIONS: &[Field<Connections>] = &[
    Field::new("perReplica", NUMBER, "for each replica", |c| Some(c.per_replica.value.into())),
    Field::new("perSlot", NUMBER, "for each unit of concurrency", |c| Some(c.per_slot.value.into())),
];

fn prometheus(service: &Service) -> Option<&Prometheus> {
    if service.autoscaling.written { service.autoscaling.prometheus.as_deref() } else { None }
}

fn health(service: &Service) -> Option<&Health> {
    service.health.as_deref()
}

fn work(service: &Service) -> Option<&Work> {
    service.work.as_deref()
}

fn list(list: Option<&Val<Vec<String>>>) -> Option<Value> {
    words(list.iter().flat_map(|list| list.value.iter().map(String::as_str)))
}

/// The decimal number closest to a share, so that `0.8` in a policy is the `0.8` of a spec.
#[expect(clippy::cast_precision_loss, reason = "a billion has ten digits, and the number sixteen")]
fn share(share: Share) -> Value {
    Value::from(share.0 as f64 / Share::ONE as f64)
}

fn pod(service: &Service) -> Option<&PodSettings> {
    service.pod.as_deref()
}

fn liveness(service: &Service) -> Option<&Health> {
    pod(service)?.liveness.as_ref()
}

fn startup(service: &Service) -> Option<&Health> {
    pod(service)?.startup.as_ref()
}

fn security(service: &Service) -> Option<&PodSecurity> {
    pod(service)?.security.as_ref()
}

fn gateway(service: &Service) -> Option<&GatewayRef> {
    service.expose.as_ref()?.gateway.as_ref()
}

fn texts(service: &Service, of: impl Fn(&PodSettings) -> &Vec<NamedText>) -> Option<Value> {
    named(pod(service).map_or(&[][..], |pod| of(pod)))
}

fn named(texts: &[NamedText]) -> Option<Value> {
    by_name(texts.iter().map(|text| (text.name.clone(), Value::from(text.value.value.as_str()))))
}

fn asked_path(health: &Health) -> Option<Value> {
    match &health.check.value {
        Check::Http(path) => text(path),
        Check::Tcp | Check::Command(_) => None,
    }
}

fn asked_tcp(health: &Health) -> Option<Value> {
    matches!(health.check.value, Check::Tcp).then(|| Value::from(true))
}

fn asked_command(health: &Health) -> Option<Value> {
    match &health.check.value {
        Check::Command(command) => words(command.iter().map(String::as_str)),
        Check::Http(_) | Check::Tcp => None,
    }
}
