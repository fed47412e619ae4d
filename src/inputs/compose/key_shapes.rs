//! The shapes of the values in a compose file, after the schema that compose carries. A test walks the schema of the compose
//! specification beside them; which key has which shape is said in the table of verdicts.
//!
//! Source: compose-go's `schema/compose-spec.json` as docker compose 5.6.1 carries it, and what its loader then reads of the text.

use super::shape_forms::Reads::{self, Count, Duration, Size};
use super::shape_forms::ValueForm::{Flag, List, Map, Nothing, Number, Text, Whole};
use super::shapes::{Shape, key, need, of};

/// Any text.
pub(super) const TEXT: Shape = of(&[Text]);
/// Any text, or nothing.
pub(super) const TEXT_OR_NOTHING: Shape = of(&[Text, Nothing]);
/// A boolean; as text too, for variables.
pub(super) const FLAG: Shape = of(&[Flag, Text]).reads(Reads::Flag);
/// A boolean that no variable can stand for.
pub(super) const BARE_FLAG: Shape = of(&[Flag]);
/// A whole number that is not negative.
pub(super) const COUNT: Shape = of(&[Whole, Text]).reads(Count);
/// A whole number.
pub(super) const WHOLE: Shape = of(&[Whole, Text]).reads(Reads::Whole);
/// A number that is read as a whole one.
pub(super) const ROUNDED: Shape = of(&[Number, Text]).reads(Reads::Whole);
/// A number that is read as a whole one and is not negative.
pub(super) const ROUNDED_COUNT: Shape = of(&[Number, Text]).reads(Count);
/// A whole number; as text any number.
pub(super) const PERCENT: Shape = of(&[Whole, Text]).reads(Reads::Number);
/// When an image is fetched.
pub(super) const PULL_POLICY: Shape = TEXT.reads(Reads::PullPolicy);
/// A number.
pub(super) const NUMBER: Shape = of(&[Number, Text]).reads(Reads::Number);
/// A number in any text.
pub(super) const NUMBER_OR_TEXT: Shape = of(&[Number, Text]);
/// A whole number in any text.
pub(super) const WHOLE_OR_TEXT: Shape = of(&[Whole, Text]);
/// An amount of memory.
pub(super) const SIZE: Shape = of(&[Number, Text]).reads(Size);
/// An amount of memory that takes no fraction without a unit.
pub(super) const WHOLE_SIZE: Shape = of(&[Whole, Text]).reads(Size);
/// An amount of memory that must be text.
pub(super) const TEXT_SIZE: Shape = of(&[Text]).reads(Size);
/// A length of time.
pub(super) const DURATION: Shape = of(&[Text]).reads(Duration);
/// A list of texts.
pub(super) const TEXTS: Shape = of(&[List]).items(&TEXT);
/// A text or a list of texts.
pub(super) const TEXT_OR_TEXTS: Shape = of(&[Text, List]).items(&TEXT);
/// The words of a command.
pub(super) const COMMAND: Shape = of(&[Text, List, Nothing]).items(&TEXT);
/// A mapping of names to single values, or a list of `NAME=value`.
pub(super) const PAIRS: Shape = of(&[Map, List]).items(&TEXT).named(&of(&[Text, Number, Flag, Nothing]));
/// A list of ports inside.
pub(super) const NUMBERS_OR_TEXTS: Shape = of(&[List]).items(&NUMBER_OR_TEXT);
/// `cgroup`.
pub(super) const CGROUP: Shape = TEXT.reads(Reads::Words(&["host", "private"]));
/// `container_name`.
pub(super) const CONTAINER_NAME: Shape = TEXT.reads(Reads::ContainerName);
/// `umask`.
pub(super) const UMASK: Shape = of(&[Whole, Text, Nothing]);
/// Any mapping.
pub(super) const MAP: Shape = of(&[Map]);
/// Options of a driver.
pub(super) const OPTIONS: Shape = of(&[Map]).named(&of(&[Text, Number]));
const HOSTS: Shape = of(&[Map, List]).items(&TEXT.reads(Reads::Host)).named(&TEXT_OR_TEXTS);

const LIMITED_DEVICES: Shape = of(&[List]).items(&of(&[Map]).keys(&[key("path", &TEXT), key("rate", &WHOLE_SIZE)]));
const WEIGHED_DEVICES: Shape = of(&[List]).items(&of(&[Map]).keys(&[key("path", &TEXT), key("weight", &COUNT)]));

/// `blkio_config`.
pub(super) const DISK: Shape = of(&[Map]).keys(&[
    key("device_read_bps", &LIMITED_DEVICES),
    key("device_read_iops", &LIMITED_DEVICES),
    key("device_write_bps", &LIMITED_DEVICES),
    key("device_write_iops", &LIMITED_DEVICES),
    key("weight", &COUNT),
    key("weight_device", &WEIGHED_DEVICES),
]);

/// `build`.
pub(super) const BUILD: Shape = of(&[Text, Map]).keys(&[
    key("context", &TEXT),
    key("dockerfile", &TEXT),
    key("dockerfile_inline", &TEXT),
    key("entitlements", &TEXTS),
    key("args", &PAIRS),
    key("ssh", &PAIRS),
    key("labels", &PAIRS),
    key("cache_from", &TEXTS),
    key("cache_to", &TEXTS),
    key("no_cache", &FLAG),
    key("no_cache_filter", &TEXT_OR_TEXTS),
    key("additional_contexts", &PAIRS),
    key("network", &TEXT),
    key("provenance", &of(&[Text, Flag])),
    key("sbom", &of(&[Text, Flag])),
    key("pull", &FLAG),
    key("target", &TEXT),
    key("shm_size", &WHOLE_SIZE),
    key("extra_hosts", &HOSTS),
    key("isolation", &TEXT),
    key("privileged", &FLAG),
    key("secrets", &GRANTS),
    key("tags", &TEXTS),
    key("ulimits", &BOUNDS),
    key("platforms", &TEXTS),
]);

/// `configs` and `secrets` of a service.
pub(super) const GRANTS: Shape = of(&[List]).items(&of(&[Text, Map]).keys(&[
    need("source", &TEXT),
    key("target", &TEXT),
    key("uid", &TEXT),
    key("gid", &TEXT),
    key("mode", &WHOLE),
]));

/// `ulimits`.
pub(super) const BOUNDS: Shape =
    of(&[Map]).named(&of(&[Whole, Text, Map]).reads(Reads::Whole).keys(&[need("hard", &WHOLE), need("soft", &WHOLE)]));

/// `credential_spec`.
pub(super) const CREDENTIALS: Shape =
    of(&[Map]).keys(&[key("config", &TEXT), key("file", &TEXT), key("registry", &TEXT)]);

/// `depends_on`.
pub(super) const DEPENDENCIES: Shape = of(&[Map, List]).items(&TEXT).named(&of(&[Map]).keys(&[
    key("restart", &FLAG),
    key("required", &BARE_FLAG),
    need(
        "condition",
        &TEXT.reads(Reads::Words(&["service_started", "service_healthy", "service_completed_successfully"])),
    ),
]));

/// `develop`.
pub(super) const DEVELOP: Shape = of(&[Map, Nothing]).keys(&[key("watch", &of(&[List]).items(&WATCH))]);

const WATCH: Shape = of(&[Map]).keys(&[
    key("ignore", &TEXT_OR_TEXTS),
    key("include", &TEXT_OR_TEXTS),
    need("path", &TEXT),
    need("action", &TEXT.reads(Reads::Words(&["rebuild", "sync", "restart", "sync+restart", "sync+exec"]))),
    key("target", &TEXT),
    key("exec", &HOOK),
    key("initial_sync", &BARE_FLAG),
]);

const HOOK: Shape = of(&[Map]).keys(&[
    need("command", &COMMAND),
    key("user", &TEXT),
    key("privileged", &FLAG),
    key("working_dir", &TEXT),
    key("environment", &PAIRS),
]);

/// `post_start` and `pre_stop`.
pub(super) const HOOKS: Shape = of(&[List]).items(&HOOK);
/// `pre_start`: containers with the keys of a service.
pub(super) const CONTAINERS: Shape = of(&[List]).items(&of(&[Map]).rows(""));

/// `devices`.
pub(super) const DEVICES: Shape = of(&[List]).items(&of(&[Text, Map]).keys(&[
    need("source", &TEXT),
    need("target", &TEXT),
    key("permissions", &TEXT),
]));

/// `env_file`.
pub(super) const ENV_FILES: Shape = of(&[Text, List]).items(&of(&[Text, Map]).keys(&[
    need("path", &TEXT),
    key("format", &TEXT.reads(Reads::Words(&["raw"]))),
    key("required", &FLAG),
]));

/// `extends`.
pub(super) const EXTENDS: Shape = of(&[Text, Map]).keys(&[need("service", &TEXT), key("file", &TEXT_OR_NOTHING)]);
/// `extra_hosts`.
pub(super) const EXTRA_HOSTS: Shape = HOSTS;

/// `gpus`.
pub(super) const GPUS: Shape = of(&[Text, List]).reads(Reads::Words(&["all"])).items(&of(&[Map]).open(&[
    key("capabilities", &TEXTS),
    key("count", &WHOLE_OR_TEXT.reads(Reads::AllOrCount)),
    key("device_ids", &TEXTS),
    key("driver", &TEXT),
    key("options", &PAIRS),
]));

/// `healthcheck`.
pub(super) const HEALTH: Shape = of(&[Map]).keys(&[
    key("disable", &FLAG),
    key("interval", &DURATION),
    key("retries", &ROUNDED_COUNT),
    key("test", &TEXT_OR_TEXTS),
    key("timeout", &DURATION),
    key("start_period", &DURATION),
    key("start_interval", &DURATION),
]);

/// `logging`.
pub(super) const LOGGING: Shape =
    of(&[Map]).keys(&[key("driver", &TEXT), key("options", &of(&[Map]).named(&of(&[Text, Number, Nothing])))]);

/// `models` of a service.
pub(super) const USED_MODELS: Shape = of(&[Map, List])
    .items(&TEXT)
    .named(&of(&[Map, Nothing]).keys(&[key("endpoint_var", &TEXT), key("model_var", &TEXT)]));

/// `networks` of a service.
pub(super) const USED_NETWORKS: Shape = of(&[Map, List]).items(&TEXT).named(&of(&[Map, Nothing]).keys(&[
    key("aliases", &TEXTS),
    key("interface_name", &TEXT),
    key("ipv4_address", &TEXT),
    key("ipv6_address", &TEXT),
    key("link_local_ips", &TEXTS),
    key("mac_address", &TEXT),
    key("driver_opts", &OPTIONS),
    key("priority", &of(&[Number])),
    key("gw_priority", &of(&[Number])),
    key("use_service_name_alias", &FLAG),
]));

/// `ports`.
pub(super) const PORTS: Shape = of(&[List]).items(&of(&[Whole, Text, Map]).keys(&[
    key("name", &TEXT),
    key("mode", &TEXT),
    key("host_ip", &TEXT),
    need("target", &COUNT),
    key("published", &WHOLE_OR_TEXT),
    key("protocol", &TEXT),
    key("app_protocol", &TEXT),
]));

/// `provider`.
pub(super) const PROVIDER: Shape = of(&[Map]).keys(&[
    need("type", &TEXT),
    key("options", &of(&[Map]).named(&of(&[Text, Number, Flag, List]).items(&of(&[Text, Number, Flag])))),
]);

/// `volumes` of a service.
pub(super) const MOUNTS: Shape = of(&[List]).items(&of(&[Text, Map]).keys(&[
    need("type", &TEXT.reads(Reads::Words(&["bind", "volume", "tmpfs", "cluster", "npipe", "image"]))),
    key("source", &TEXT),
    need("target", &TEXT),
    key("read_only", &FLAG),
    key("consistency", &TEXT),
    key(
        "bind",
        &of(&[Map]).keys(&[
            key("propagation", &TEXT),
            key("create_host_path", &FLAG),
            key("recursive", &TEXT.reads(Reads::Words(&["enabled", "disabled", "writable", "readonly"]))),
            key("selinux", &TEXT.reads(Reads::Words(&["z", "Z"]))),
        ]),
    ),
    key("volume", &of(&[Map]).keys(&[key("labels", &PAIRS), key("nocopy", &FLAG), key("subpath", &TEXT)])),
    key("tmpfs", &of(&[Map]).keys(&[key("size", &WHOLE_SIZE), key("mode", &NUMBER_OR_TEXT)])),
    key("image", &of(&[Map]).keys(&[key("subpath", &TEXT)])),
]));

/// `deploy`: its keys stand in the table of verdicts.
pub(super) const DEPLOY: Shape = of(&[Map, Nothing]).rows("deploy.");

/// `deploy.resources`.
pub(super) const RESOURCES: Shape = of(&[Map]).keys(&[
    key("limits", &of(&[Map]).keys(&[key("cpus", &NUMBER), key("memory", &TEXT_SIZE), key("pids", &WHOLE)])),
    key(
        "reservations",
        &of(&[Map]).keys(&[
            key("cpus", &NUMBER),
            key("memory", &TEXT_SIZE),
            key(
                "generic_resources",
                &of(&[List]).items(&of(&[Map]).keys(&[key(
                    "discrete_resource_spec",
                    &of(&[Map]).keys(&[key("kind", &TEXT), key("value", &NUMBER_OR_TEXT)]),
                )])),
            ),
            key(
                "devices",
                &of(&[List]).items(&of(&[Map]).keys(&[
                    need("capabilities", &TEXTS),
                    key("count", &WHOLE_OR_TEXT.reads(Reads::AllOrCount)),
                    key("device_ids", &TEXTS),
                    key("driver", &TEXT),
                    key("options", &PAIRS),
                ])),
            ),
        ]),
    ),
]);

/// `deploy.restart_policy`.
pub(super) const RESTART: Shape = of(&[Map]).keys(&[
    key("condition", &TEXT),
    key("delay", &DURATION),
    key("max_attempts", &COUNT),
    key("window", &DURATION),
]);

/// `deploy.update_config` and `deploy.rollback_config`.
pub(super) const ROLLOUT: Shape = of(&[Map]).keys(&[
    key("parallelism", &COUNT),
    key("delay", &DURATION),
    key("failure_action", &TEXT),
    key("monitor", &DURATION),
    key("max_failure_ratio", &NUMBER),
    key("order", &TEXT.reads(Reads::Words(&["start-first", "stop-first"]))),
]);

/// `deploy.placement`.
pub(super) const PLACEMENT: Shape = of(&[Map]).keys(&[
    key("constraints", &TEXTS),
    key("preferences", &of(&[List]).items(&of(&[Map]).keys(&[key("spread", &TEXT)]))),
    key("max_replicas_per_node", &COUNT),
]);
