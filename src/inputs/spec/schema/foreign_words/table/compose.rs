//! Keys of the compose specification.

use super::super::convert;
use super::{To, WordAnswer, WordRow, perhaps, row, to};

const SERVICE: &str = "services/*";
const RESOURCES: &str = "services/*/resources";
const COMPOSE: &str = "compose";

const STAYS_COMPOSE: WordAnswer = WordAnswer::Remove(
    "it does not say how the service scales and stays in the compose file that `targets.compose.base` names",
);

/// The rows, in the order in which they are looked up.
pub(super) const ROWS: &[WordRow] = &[
    // a profile of a spec, in place of the names of compose's
    row(
        "",
        SERVICE,
        &["profiles", "environments", "stages"],
        WordAnswer::Instead(
            "write it at the root, with the service in each: `profiles: { large: { services: { web: { replicas: 4 } } } }`",
        ),
        "{ large: { replicas: 4 } }",
    )
    .only(|node| !node.entries().is_empty()),
    // compose, under a service
    row(COMPOSE, SERVICE, &["mem_limit"], to(To::Memory("resources.limits.memory")), "512m"),
    row(COMPOSE, SERVICE, &["mem_reservation"], to(To::Memory("resources.requests.memory")), "256m"),
    row(COMPOSE, SERVICE, &["cpus"], to(To::Number("resources.limits.cpu")), "\"0.5\""),
    row(COMPOSE, SERVICE, &["pids_limit"], to(To::Same("resources.limits.pids")), "100"),
    row(COMPOSE, SERVICE, &["scale"], to(To::Same("replicas")), "3"),
    row(COMPOSE, SERVICE, &["environment"], to(To::With(convert::environment)), "[LOG_LEVEL=info, WORKERS=8]"),
    row(
        COMPOSE,
        SERVICE,
        &["gpus"],
        perhaps(To::Same("resources.limits.gpu"), " with the number that one replica needs"),
        "1",
    ),
    row(COMPOSE, SERVICE, &["entrypoint"], to(To::Same("command")), "[\"/bin/app\"]"),
    row(COMPOSE, SERVICE, &["stop_grace_period"], to(To::Duration("stopGracePeriod")), "30s"),
    row(COMPOSE, SERVICE, &["expose_port", "target_port"], to(To::Same("port")), "80"),
    row(
        COMPOSE,
        SERVICE,
        &["published", "host_port"],
        perhaps(To::Same("publish"), " beside the container's `port`"),
        "8080",
    ),
    row(
        COMPOSE,
        SERVICE,
        &["deploy"],
        to(To::With(convert::deploy)),
        "{ replicas: 3, resources: { limits: { memory: 512M } } }",
    ),
    row(
        COMPOSE,
        SERVICE,
        &["healthcheck"],
        to(To::With(convert::healthcheck)),
        "{ test: [\"CMD\", \"curl\", \"-f\", \"localhost\"], interval: 30s }",
    ),
    row(
        COMPOSE,
        SERVICE,
        &["build"],
        WordAnswer::Instead(
            "remove it: scalegen builds nothing; write `image` with the name of what is built, or no image at all where `targets.compose.base` names the file that builds it",
        ),
        ".",
    ),
    row(
        COMPOSE,
        SERVICE,
        &["depends_on", "links"],
        WordAnswer::Remove(
            "what a service waits for follows from its `connections` to `backingServices`, and the compose file that `targets.compose.base` names keeps its own",
        ),
        "[db]",
    ),
    row(
        COMPOSE,
        SERVICE,
        &["env_file"],
        WordAnswer::Remove(
            "scalegen reads no variables from files; it stays in the compose file that `targets.compose.base` names",
        ),
        ".env",
    ),
    row(
        COMPOSE,
        SERVICE,
        &["secrets"],
        WordAnswer::Instead(
            "write the names of the variables as `sharedSecrets: [SIGNING_KEY]`, and never their values",
        ),
        "[signing_key]",
    ),
    row(
        COMPOSE,
        SERVICE,
        &[
            "restart",
            "networks",
            "network_mode",
            "container_name",
            "hostname",
            "logging",
            "extra_hosts",
            "dns",
            "cap_add",
            "cap_drop",
            "privileged",
            "user",
            "working_dir",
            "ulimits",
            "sysctls",
            "tmpfs",
            "init",
            "platform",
            "pull_policy",
            "profiles",
            "extends",
            "stop_signal",
            "configs",
            "devices",
            "shm_size",
            "tty",
            "stdin_open",
            "read_only",
            "security_opt",
            "ipc",
            "pid",
            "cpu_shares",
            "memswap_limit",
            "oom_kill_disable",
        ],
        STAYS_COMPOSE,
        "always",
    ),
    row(COMPOSE, RESOURCES, &["reservations"], to(To::Same("requests")), "{ memory: 256Mi }"),
    row(COMPOSE, "services/*/resources/limits", &["cpus"], to(To::Same("cpu")), "0.5"),
    row(COMPOSE, "services/*/resources/requests", &["cpus"], to(To::Same("cpu")), "0.5"),
    row(COMPOSE, "services/*/resources/limits", &["mem"], to(To::Memory("memory")), "512m"),
    row(COMPOSE, "services/*/resources/requests", &["mem"], to(To::Memory("memory")), "512m"),
    row(COMPOSE, "services/*/ports/*", &["target"], to(To::Same("port")), "80"),
    row(COMPOSE, "services/*/ports/*", &["published"], to(To::Same("publish")), "8080"),
    row(COMPOSE, "services/*/ports/*", &["host_ip", "mode", "app_protocol"], STAYS_COMPOSE, "127.0.0.1"),
    row(
        COMPOSE,
        "services/*/health",
        &["test"],
        perhaps(To::Same("command"), ", without a leading `CMD`"),
        "[\"true\"]",
    ),
    row(COMPOSE, "services/*/health", &["start_period"], to(To::Duration("startPeriod")), "30s"),
    row(COMPOSE, "services/*/volumes/*", &["source"], to(To::Same("name")), "data"),
    row(COMPOSE, "services/*/volumes/*", &["target"], to(To::Same("mount")), "/data"),
    row(COMPOSE, "", &["networks", "volumes", "configs", "secrets", "include"], STAYS_COMPOSE, "{}"),
];
