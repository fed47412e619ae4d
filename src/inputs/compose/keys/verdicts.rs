//! What each key of a compose service means for replicas: one verdict a key. The page [`PAGE`] is made from it.
//!
//! The keys are those of the compose specification's schema; a test walks it. Each example is in a service of three
//! replicas before `docker compose config`.

use super::service as shapes_of;
use super::value_shape::ValueShape;

/// The verdict of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyVerdict {
    /// Read into this field of the spec.
    Field(&'static str),
    /// A fact that this rule checks, or that this answer is for.
    Fact(&'static str),
    /// Each replica may have it, however many there are.
    Harmless,
    /// In conflict with what an override writes, with its answer.
    Conflict(&'static str),
}

impl KeyVerdict {
    /// The word in the page.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            KeyVerdict::Field(_) => "field",
            KeyVerdict::Fact(_) => "fact",
            KeyVerdict::Harmless => "harmless",
            KeyVerdict::Conflict(_) => "conflict",
        }
    }
}

/// The verdict of one key.
#[derive(Clone, Copy, Debug)]
pub struct KeyEntry {
    /// The key; `deploy.replicas` for one below another.
    pub name: &'static str,
    /// What it takes.
    pub(in crate::inputs::compose) shape: &'static ValueShape,
    /// Its verdict.
    pub verdict: KeyVerdict,
    /// An example value, as YAML.
    pub example: &'static str,
    /// The reason, in one line.
    pub why: &'static str,
}

/// The manual page of the table.
pub const PAGE: &str = include_str!("verdicts.md");

const fn row(
    name: &'static str,
    shape: &'static ValueShape,
    verdict: KeyVerdict,
    example: &'static str,
    why: &'static str,
) -> KeyEntry {
    KeyEntry { name, shape, verdict, example, why }
}

use KeyVerdict::{Conflict, Fact, Field, Harmless};

/// Every key of a service, in the order of the alphabet, keys of `deploy` after it.
#[rustfmt::skip]
pub const KEYS: &[KeyEntry] = &[
    row("annotations", &shapes_of::PAIRS, Harmless, "{ a: b }", "text for the runtime"),
    row("attach", &shapes_of::FLAG, Harmless, "false", "whether `up` shows its output"),
    row("blkio_config", &shapes_of::DISK, Harmless, "{ weight: 300 }", "a share of the disk for each replica"),
    row("build", &shapes_of::BUILD, Harmless, ".", "all replicas run the one image"),
    row("cap_add", &shapes_of::TEXTS, Harmless, "[NET_ADMIN]", "rights of each container"),
    row("cap_drop", &shapes_of::TEXTS, Harmless, "[ALL]", "rights of each container"),
    row("cgroup", &shapes_of::CGROUP, Harmless, "private", "a namespace of each container"),
    row("cgroup_parent", &shapes_of::TEXT, Harmless, "/x", "all replicas are below it; its own limits are not in the file"),
    row("command", &shapes_of::COMMAND, Field("args"), "[serve]", "flags in it (pools, heaps, connections) are read from there"),
    row("configs", &shapes_of::GRANTS, Harmless, "[c]", "files that are only read"),
    row("container_name", &shapes_of::CONTAINER_NAME, Fact("container-name-replicated"), "web", "one container has a name; compose refuses it with more replicas, an override resets it"),
    row("cpu_count", &shapes_of::WHOLE, Harmless, "1", "Windows only"),
    row("cpu_percent", &shapes_of::PERCENT, Harmless, "50", "Windows only"),
    row("cpu_period", &shapes_of::ROUNDED, Conflict("reset where cpu limits are written"), "100000", "the engine (20.10) takes a period and quota or a number of cores, not both"),
    row("cpu_quota", &shapes_of::ROUNDED, Conflict("reset where cpu limits are written"), "50000", "the engine (20.10) takes a period and quota or a number of cores, not both"),
    row("cpu_rt_period", &shapes_of::ROUNDED, Harmless, "100000", "a real-time share of each container"),
    row("cpu_rt_runtime", &shapes_of::ROUNDED, Harmless, "95000", "a real-time share of each container"),
    row("cpu_shares", &shapes_of::ROUNDED, Harmless, "512", "a weight, no bound"),
    row("cpus", &shapes_of::NUMBER, Field("resources.limits.cpu"), "0.5", "the older form: an override writes the same key, or resets it"),
    row("cpuset", &shapes_of::TEXT, Harmless, "\"0\"", "the replicas of a machine share these cores; the sum of their limits is not bounded by it"),
    row("credential_spec", &shapes_of::CREDENTIALS, Harmless, "{ file: c.json }", "Windows only"),
    row("depends_on", &shapes_of::DEPENDENCIES, Harmless, "[other]", "an order of starting"),
    row("deploy", &shapes_of::DEPLOY, Field("see below"), "{ labels: { a: b } }", "its keys follow at the end"),
    row("develop", &shapes_of::DEVELOP, Harmless, "{ watch: [] }", "for `watch` alone"),
    row("device_cgroup_rules", &shapes_of::DISTINCT_TEXTS, Harmless, "[\"c 1:3 mr\"]", "rights of each container"),
    row("devices", &shapes_of::DEVICES, Fact("reset with more than one replica"), "[\"/dev/null:/dev/x\"]", "the replicas of a machine share the one device"),
    row("dns", &shapes_of::TEXT_OR_TEXTS, Harmless, "1.1.1.1", "name servers of each container"),
    row("dns_opt", &shapes_of::TEXTS, Harmless, "[use-vc]", "name servers of each container"),
    row("dns_search", &shapes_of::TEXT_OR_TEXTS, Harmless, "example.org", "name servers of each container"),
    row("domainname", &shapes_of::TEXT, Harmless, "example.org", "a suffix; the host name before it is what must differ"),
    row("entrypoint", &shapes_of::COMMAND, Field("command"), "[/start]", "replaces the entry point of the image"),
    row("env_file", &shapes_of::ENV_FILES, Fact("names of variables"), "[./x.env]", "names are read, values are not"),
    row("environment", &shapes_of::VARIABLES, Field("env"), "{ A: b }", "values stay in the base: import copies none"),
    row("expose", &shapes_of::NUMBERS_OR_TEXTS, Field("ports"), "[80]", "ports inside"),
    row("extends", &shapes_of::EXTENDS, Harmless, "other", "followed first: what it brings is in the service"),
    row("external_links", &shapes_of::DISTINCT_TEXTS, Harmless, "[x]", "other containers by name"),
    row("extra_hosts", &shapes_of::EXTRA_HOSTS, Harmless, "[\"a:1.2.3.4\"]", "names that each container knows"),
    row("gpus", &shapes_of::GPUS, Field("resources.limits.gpu"), "[{ count: 1 }]", "single ones by id are a fact: all replicas would get the same"),
    row("group_add", &shapes_of::GROUPS, Harmless, "[\"1\"]", "rights of each container"),
    row("healthcheck", &shapes_of::HEALTH, Field("health"), "{ test: [CMD, x] }", "each replica is asked by itself"),
    row("hostname", &shapes_of::TEXT, Fact("fixed-address-reset"), "web", "all replicas would call themselves so; an override resets it"),
    row("image", &shapes_of::TEXT, Field("image"), "x", "also tells databases and brokers from other services"),
    row("init", &shapes_of::FLAG, Harmless, "true", "a first process in each container"),
    row("ipc", &shapes_of::TEXT, Harmless, "private", "with `service:` all join the first container of that service"),
    row("isolation", &shapes_of::TEXT, Harmless, "default", "Windows only"),
    row("label_file", &shapes_of::TEXT_OR_TEXTS, Harmless, "./x.labels", "text for other programs"),
    row("labels", &shapes_of::PAIRS, Harmless, "{ a: b }", "text for other programs"),
    row("links", &shapes_of::TEXTS, Harmless, "[other]", "names of other services"),
    row("logging", &shapes_of::LOGGING, Harmless, "{ driver: json-file }", "each container has its own log"),
    row("mac_address", &shapes_of::TEXT, Fact("fixed-address-replicated"), "\"02:42:ac:11:65:43\"", "one container has an address; an override resets it"),
    row("mem_limit", &shapes_of::SIZE, Field("resources.limits.memory"), "64m", "the older form: an override writes the same key, or resets it"),
    row("mem_reservation", &shapes_of::WHOLE_SIZE, Field("resources.requests.memory"), "32m", "the older form: an override writes the same key, or resets it"),
    row("mem_swappiness", &shapes_of::WHOLE_SIZE, Harmless, "10", "how eagerly memory is swapped"),
    row("memswap_limit", &shapes_of::SIZE, Conflict("an error where it is below the memory limit"), "1g", "memory and swap together; the engine (20.10) refuses less than the memory limit"),
    row("models", &shapes_of::USED_MODELS, Harmless, "[m]", "models that run beside the project"),
    row("network_mode", &shapes_of::TEXT, Fact("host-network-replicated"), "bridge", "on the machine's network replicas collide; under `service:` no ports can be published"),
    row("networks", &shapes_of::USED_NETWORKS, Fact("fixed-address-replicated"), "[default]", "static addresses on it belong to one container; an override resets them"),
    row("oom_kill_disable", &shapes_of::FLAG, Harmless, "true", "what happens at the memory limit"),
    row("oom_score_adj", &shapes_of::WHOLE, Harmless, "10", "what happens when the machine has no memory"),
    row("pid", &shapes_of::TEXT_OR_NOTHING, Harmless, "host", "the machine's processes are seen, not shared"),
    row("pids_limit", &shapes_of::ROUNDED, Field("resources.limits.pids"), "100", "the older form: an override writes the same key, or resets it"),
    row("platform", &shapes_of::TEXT, Harmless, "linux/amd64", "one for all replicas"),
    row("ports", &shapes_of::PORTS, Field("ports"), "[\"80\"]", "a port of the machine is a fact: `fixed-host-port`"),
    row("post_start", &shapes_of::HOOKS, Harmless, "[{ command: [x] }]", "runs once in each container"),
    row("pre_start", &shapes_of::CONTAINERS, Harmless, "[{ command: [x] }]", "runs before each container"),
    row("pre_stop", &shapes_of::HOOKS, Harmless, "[{ command: [x] }]", "runs once in each container"),
    row("privileged", &shapes_of::FLAG, Harmless, "true", "rights of each container"),
    row("profiles", &shapes_of::TEXTS, Fact("whether it starts"), "[x]", "without its profile a service does not start, whatever its replicas"),
    row("provider", &shapes_of::PROVIDER, Fact("no container"), "{ type: x }", "another program runs it: replicas mean nothing to it"),
    row("pull_policy", &shapes_of::PULL_POLICY, Harmless, "always", "when the image is fetched"),
    row("pull_refresh_after", &shapes_of::TEXT, Harmless, "24h", "when the image is fetched"),
    row("read_only", &shapes_of::FLAG, Harmless, "true", "the file system of each container"),
    row("restart", &shapes_of::TEXT, Harmless, "always", "what happens after each container's end"),
    row("runtime", &shapes_of::TEXT, Harmless, "runc", "how each container is run"),
    row("scale", &shapes_of::COUNT, Field("replicas"), "3", "the older form: an override writes the same key, or resets it"),
    row("secrets", &shapes_of::GRANTS, Harmless, "[s]", "files that are only read"),
    row("security_opt", &shapes_of::DISTINCT_TEXTS, Harmless, "[\"no-new-privileges:true\"]", "rights of each container"),
    row("shm_size", &shapes_of::SIZE, Harmless, "64m", "counts into the memory limit of each container"),
    row("stdin_open", &shapes_of::FLAG, Harmless, "true", "standard input of each container"),
    row("stop_grace_period", &shapes_of::DURATION, Field("stopGracePeriod"), "10s", "how long each replica has to end"),
    row("stop_signal", &shapes_of::TEXT, Harmless, "SIGQUIT", "how each replica is told to end"),
    row("storage_opt", &shapes_of::MAP, Harmless, "{ size: 1G }", "the disk of each container"),
    row("sysctls", &shapes_of::PAIRS, Harmless, "{ net.core.somaxconn: 1024 }", "the kernel's settings for each container"),
    row("tmpfs", &shapes_of::TEXT_OR_TEXTS, Harmless, "/tmp", "memory of each container"),
    row("tty", &shapes_of::FLAG, Harmless, "true", "a terminal for each container"),
    row("ulimits", &shapes_of::BOUNDS, Harmless, "{ nproc: 65535 }", "bounds of each container's processes"),
    row("umask", &shapes_of::UMASK, Harmless, "\"0022\"", "rights of new files in each container"),
    row("use_api_socket", &shapes_of::BARE_FLAG, Harmless, "true", "all may call the engine"),
    row("user", &shapes_of::TEXT, Harmless, "\"1000\"", "who runs in each container"),
    row("userns_mode", &shapes_of::TEXT, Harmless, "host", "a namespace of each container"),
    row("uts", &shapes_of::TEXT, Harmless, "host", "a namespace of each container"),
    row("volumes", &shapes_of::MOUNTS, Fact("shared-volume-replicated, shared-writable-volume"), "[\"v:/data\"]", "a named volume or bound folder is one for all replicas"),
    row("volumes_from", &shapes_of::DISTINCT_TEXTS, Fact("shared-writable-volume"), "[other]", "the mounts of another service, shared with it"),
    row("working_dir", &shapes_of::TEXT, Harmless, "/x", "where each container starts"),
    row("deploy.endpoint_mode", &shapes_of::TEXT, Fact("refused-by-target"), "vip", "Swarm only: `dnsrr` takes no ingress ports"),
    row("deploy.labels", &shapes_of::PAIRS, Harmless, "{ a: b }", "text for other programs"),
    row("deploy.mode", &shapes_of::TEXT, Fact("the number of replicas"), "replicated", "`global`: one on each node, and replicas are refused"),
    row("deploy.placement", &shapes_of::PLACEMENT, Fact("unplaceable"), "{ max_replicas_per_node: 3 }", "Swarm only: bounds the replicas of a node"),
    row("deploy.replicas", &shapes_of::COUNT, Field("replicas"), "3", "a fixed number"),
    row("deploy.resources", &shapes_of::RESOURCES, Field("resources"), "{ limits: { memory: 64m } }", "limits as limits, reservations as requests; devices as `gpus`"),
    row("deploy.restart_policy", &shapes_of::RESTART, Harmless, "{ condition: any }", "what happens after each container's end"),
    row("deploy.rollback_config", &shapes_of::ROLLOUT, Harmless, "{ parallelism: 1 }", "Swarm only: how a failed update is undone"),
    row("deploy.update_config", &shapes_of::ROLLOUT, Field("update"), "{ parallelism: 1 }", "Swarm only: `order` and `parallelism`; `up` replaces all at once"),
];

/// The rows of keys with this prefix, each with the rest of its name. Of any other prefix, a service's own keys.
pub(in crate::inputs::compose) fn rows(
    prefix: &'static str,
) -> impl Iterator<Item = (&'static str, &'static ValueShape)> {
    let (own, below) = KEYS.split_at(KEYS.partition_point(|row| !row.name.contains('.')));
    let (rows, prefix) = if prefix.ends_with('.') { (below, prefix) } else { (own, "") };
    rows.iter().filter_map(move |row| Some((row.name.strip_prefix(prefix)?, row.shape)))
}

/// The shape of a key whose rows have this prefix.
pub(in crate::inputs::compose) fn shape_of(prefix: &'static str, key: &str) -> Option<&'static ValueShape> {
    match prefix {
        // a container before a service has the keys of one, and this key
        "container" if key == "per_replica" => Some(&shapes_of::FLAG),
        _ if prefix.ends_with('.') => rows(prefix).find(|(name, _)| *name == key).map(|(_, shape)| shape),
        _ => of_service(key),
    }
}

/// What the key of a service takes; `None` if there is no such key.
pub(in crate::inputs::compose) fn of_service(key: &str) -> Option<&'static ValueShape> {
    let below = KEYS.partition_point(|row| !row.name.contains('.'));
    let own = KEYS.get(..below)?;
    let index = own.binary_search_by(|row| row.name.cmp(key)).ok()?;
    own.get(index).map(|row| row.shape)
}

/// The page, as the table says it.
#[must_use]
pub fn page() -> String {
    let mut out = String::from(
        "# The keys of a compose service\n\nWhat each key of a service means for replicas, and what becomes of it.\n\n\
         * **field**: it is read into a field of the spec, where a spec can change it;\n\
         * **fact**: the spec has no field for it; a rule judges it, or an override answers it;\n\
         * **harmless**: it means the same for each replica, however many there are;\n\
         * **conflict**: it and what an override writes exclude each other.\n\n\
         | key | verdict | | why |\n| --- | --- | --- | --- |\n",
    );
    for key in KEYS {
        let what = match key.verdict {
            Field(what) if what.starts_with("see") => what.to_owned(),
            Field(what) => format!("`{what}`"),
            Fact(what) | Conflict(what) => what.to_owned(),
            Harmless => String::new(),
        };
        out.push_str(&format!("| `{}` | {} | {what} | {} |\n", key.name, key.verdict.word(), key.why));
    }
    out
}
