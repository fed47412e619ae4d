//! What each key of a compose service means for replicas: one verdict a key. The page [`PAGE`] is made from it.
//!
//! The keys are those of the compose specification's schema; a test walks it. Each example stands in a service of three
//! replicas before `docker compose config`.

/// What becomes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyVerdict {
    /// Read into this field of the spec.
    Field(&'static str),
    /// A fact that this rule judges, or that this answer is for.
    Fact(&'static str),
    /// The same for each replica, however many there are.
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
    /// What becomes of it.
    pub verdict: KeyVerdict,
    /// A value of it, as YAML.
    pub example: &'static str,
    /// Why, in one line.
    pub why: &'static str,
}

/// The manual page of the table.
pub const PAGE: &str = include_str!("verdicts.md");

const fn row(name: &'static str, verdict: KeyVerdict, example: &'static str, why: &'static str) -> KeyEntry {
    KeyEntry { name, verdict, example, why }
}

use KeyVerdict::{Conflict, Fact, Field, Harmless};

/// Every key of a service, in the order of the alphabet, keys of `deploy` after it.
#[rustfmt::skip]
pub const KEYS: &[KeyEntry] = &[
    row("annotations", Harmless, "{ a: b }", "text for the runtime"),
    row("attach", Harmless, "false", "whether `up` shows its output"),
    row("blkio_config", Harmless, "{ weight: 300 }", "a share of the disk for each replica"),
    row("build", Harmless, ".", "all replicas run the one image"),
    row("cap_add", Harmless, "[NET_ADMIN]", "rights of each container"),
    row("cap_drop", Harmless, "[ALL]", "rights of each container"),
    row("cgroup", Harmless, "private", "a namespace of each container"),
    row("cgroup_parent", Harmless, "/x", "all replicas stand below it; its own limits are not in the file"),
    row("command", Field("args"), "[serve]", "flags in it (pools, heaps, connections) are read from there"),
    row("configs", Harmless, "[c]", "files that nobody writes"),
    row("container_name", Fact("container-name-replicated"), "web", "one container has a name; compose refuses it with more replicas, an override resets it"),
    row("cpu_count", Harmless, "1", "Windows only"),
    row("cpu_percent", Harmless, "50", "Windows only"),
    row("cpu_period", Conflict("reset where cpu limits are written"), "100000", "the engine (20.10) takes a period and quota or a number of cores, not both"),
    row("cpu_quota", Conflict("reset where cpu limits are written"), "50000", "the engine (20.10) takes a period and quota or a number of cores, not both"),
    row("cpu_rt_period", Harmless, "100000", "a real-time share of each container"),
    row("cpu_rt_runtime", Harmless, "95000", "a real-time share of each container"),
    row("cpu_shares", Harmless, "512", "a weight, no bound"),
    row("cpus", Field("resources.limits.cpu"), "0.5", "the older form: an override writes the same key, or resets it"),
    row("cpuset", Harmless, "\"0\"", "the replicas of a machine share these cores; the sum of their limits is not bounded by it"),
    row("credential_spec", Harmless, "{ file: c.json }", "Windows only"),
    row("depends_on", Harmless, "[other]", "an order of starting"),
    row("deploy", Field("see below"), "{ labels: { a: b } }", "its keys follow at the end"),
    row("develop", Harmless, "{ watch: [] }", "for `watch` alone"),
    row("device_cgroup_rules", Harmless, "[\"c 1:3 mr\"]", "rights of each container"),
    row("devices", Fact("reset with more than one replica"), "[\"/dev/null:/dev/x\"]", "the replicas of a machine share the one device"),
    row("dns", Harmless, "1.1.1.1", "name servers of each container"),
    row("dns_opt", Harmless, "[use-vc]", "name servers of each container"),
    row("dns_search", Harmless, "example.org", "name servers of each container"),
    row("domainname", Harmless, "example.org", "a suffix; the host name before it is what must differ"),
    row("entrypoint", Field("command"), "[/start]", "replaces the entry point of the image"),
    row("env_file", Fact("names of variables"), "[./x.env]", "names are read, values are not"),
    row("environment", Field("env"), "{ A: b }", "values stay in the base: import copies none"),
    row("expose", Field("ports"), "[80]", "ports inside"),
    row("extends", Harmless, "other", "followed first: what it brings stands in the service"),
    row("external_links", Harmless, "[x]", "other containers by name"),
    row("extra_hosts", Harmless, "[\"a:1.2.3.4\"]", "names that each container knows"),
    row("gpus", Field("resources.limits.gpu"), "[{ count: 1 }]", "single ones by id are a fact: all replicas would get the same"),
    row("group_add", Harmless, "[\"1\"]", "rights of each container"),
    row("healthcheck", Field("health"), "{ test: [CMD, x] }", "each replica is asked by itself"),
    row("hostname", Fact("fixed-address-reset"), "web", "all replicas would call themselves so; an override resets it"),
    row("image", Field("image"), "x", "also tells databases and brokers from other services"),
    row("init", Harmless, "true", "a first process in each container"),
    row("ipc", Harmless, "private", "with `service:` all join the first container of that service"),
    row("isolation", Harmless, "default", "Windows only"),
    row("label_file", Harmless, "./x.labels", "text for other programs"),
    row("labels", Harmless, "{ a: b }", "text for other programs"),
    row("links", Harmless, "[other]", "names of other services"),
    row("logging", Harmless, "{ driver: json-file }", "each container has its own log"),
    row("mac_address", Fact("fixed-address-replicated"), "\"02:42:ac:11:65:43\"", "one container has an address; an override resets it"),
    row("mem_limit", Field("resources.limits.memory"), "64m", "the older form: an override writes the same key, or resets it"),
    row("mem_reservation", Field("resources.requests.memory"), "32m", "the older form: an override writes the same key, or resets it"),
    row("mem_swappiness", Harmless, "10", "how eagerly memory is swapped"),
    row("memswap_limit", Conflict("an error where it is below the memory limit"), "1g", "memory and swap together; the engine (20.10) refuses less than the memory limit"),
    row("models", Harmless, "[m]", "models that run beside the project"),
    row("network_mode", Fact("host-network-replicated"), "bridge", "on the machine's network replicas collide; under `service:` no ports can be published"),
    row("networks", Fact("fixed-address-replicated"), "[default]", "static addresses on it belong to one container; an override resets them"),
    row("oom_kill_disable", Harmless, "true", "what happens at the memory limit"),
    row("oom_score_adj", Harmless, "10", "what happens when the machine has no memory"),
    row("pid", Harmless, "host", "the machine's processes are seen, not shared"),
    row("pids_limit", Field("resources.limits.pids"), "100", "the older form: an override writes the same key, or resets it"),
    row("platform", Harmless, "linux/amd64", "one for all replicas"),
    row("ports", Field("ports"), "[\"80\"]", "a port of the machine is a fact: `fixed-host-port`"),
    row("post_start", Harmless, "[{ command: [x] }]", "runs once in each container"),
    row("pre_start", Harmless, "[{ command: [x] }]", "runs before each container"),
    row("pre_stop", Harmless, "[{ command: [x] }]", "runs once in each container"),
    row("privileged", Harmless, "true", "rights of each container"),
    row("profiles", Fact("whether it starts"), "[x]", "without its profile a service does not start, whatever its replicas"),
    row("provider", Fact("no container"), "{ type: x }", "another program runs it: replicas mean nothing to it"),
    row("pull_policy", Harmless, "always", "when the image is fetched"),
    row("pull_refresh_after", Harmless, "24h", "when the image is fetched"),
    row("read_only", Harmless, "true", "the file system of each container"),
    row("restart", Harmless, "always", "what happens after each container's end"),
    row("runtime", Harmless, "runc", "how each container is run"),
    row("scale", Field("replicas"), "3", "the older form: an override writes the same key, or resets it"),
    row("secrets", Harmless, "[s]", "files that nobody writes"),
    row("security_opt", Harmless, "[\"no-new-privileges:true\"]", "rights of each container"),
    row("shm_size", Harmless, "64m", "counts into the memory limit of each container"),
    row("stdin_open", Harmless, "true", "standard input of each container"),
    row("stop_grace_period", Field("stopGracePeriod"), "10s", "how long each replica has to end"),
    row("stop_signal", Harmless, "SIGQUIT", "how each replica is told to end"),
    row("storage_opt", Harmless, "{ size: 1G }", "the disk of each container"),
    row("sysctls", Harmless, "{ net.core.somaxconn: 1024 }", "the kernel's settings for each container"),
    row("tmpfs", Harmless, "/tmp", "memory of each container"),
    row("tty", Harmless, "true", "a terminal for each container"),
    row("ulimits", Harmless, "{ nproc: 65535 }", "bounds of each container's processes"),
    row("umask", Harmless, "\"0022\"", "rights of new files in each container"),
    row("use_api_socket", Harmless, "true", "all may call the engine"),
    row("user", Harmless, "\"1000\"", "who runs in each container"),
    row("userns_mode", Harmless, "host", "a namespace of each container"),
    row("uts", Harmless, "host", "a namespace of each container"),
    row("volumes", Fact("shared-volume-replicated, shared-writable-volume"), "[\"v:/data\"]", "a named volume or bound folder is one for all replicas"),
    row("volumes_from", Fact("shared-writable-volume"), "[other]", "the mounts of another service, shared with it"),
    row("working_dir", Harmless, "/x", "where each container starts"),
    row("deploy.endpoint_mode", Fact("refused-by-target"), "vip", "Swarm only: `dnsrr` takes no ingress ports"),
    row("deploy.labels", Harmless, "{ a: b }", "text for other programs"),
    row("deploy.mode", Fact("the number of replicas"), "replicated", "`global`: one on each node, and replicas are refused"),
    row("deploy.placement", Fact("unplaceable"), "{ max_replicas_per_node: 3 }", "Swarm only: bounds the replicas of a node"),
    row("deploy.replicas", Field("replicas"), "3", "a fixed number"),
    row("deploy.resources", Field("resources"), "{ limits: { memory: 64m } }", "limits as limits, reservations as requests; devices as `gpus`"),
    row("deploy.restart_policy", Harmless, "{ condition: any }", "what happens after each container's end"),
    row("deploy.rollback_config", Harmless, "{ parallelism: 1 }", "Swarm only: how a failed update is undone"),
    row("deploy.update_config", Field("update"), "{ parallelism: 1 }", "Swarm only: `order` and `parallelism`; `up` replaces all at once"),
];

/// The page, as the table says it.
#[must_use]
pub fn page() -> String {
    let mut out = String::from(
        "# The keys of a compose service\n\nWhat each key of a service means for replicas, and what becomes of it.\n\n\
         * **field**: it is read into a field of the spec, where a spec can change it;\n\
         * **fact**: the spec has no field for it; a rule judges it, or an override answers it;\n\
         * **harmless**: it means the same for each replica, however many there are;\n\
         * **conflict**: it and what an override writes cannot stand together.\n\n\
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
