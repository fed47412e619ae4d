//! The shapes of the values in a compose file, after the schema that compose carries. A test walks the schema of the compose
//! specification beside them; which key has which shape is said in the table of verdicts.
//!
//! Source: compose-go's `schema/compose-spec.json` as docker compose 5.6.1 carries it, and what its loader then reads of the text.

use super::forms::Reads::{self, Count, Duration, Size};
use super::forms::ValueForm::{Flag, List, Map, Nothing, Number, Text, Whole};
use super::value_shape::{ValueShape, key, need, of};

/// Any text.
pub(in crate::inputs::compose) const TEXT: ValueShape = of(&[Text]);
/// Any text, or nothing.
pub(in crate::inputs::compose) const TEXT_OR_NOTHING: ValueShape = of(&[Text, Nothing]);
/// A boolean; as text too, for variables.
pub(in crate::inputs::compose) const FLAG: ValueShape = of(&[Flag, Text]).reads(Reads::Flag);
/// A boolean that no variable can stand for.
pub(in crate::inputs::compose) const BARE_FLAG: ValueShape = of(&[Flag]);
/// A whole number that is not negative.
pub(in crate::inputs::compose) const COUNT: ValueShape = of(&[Whole, Text]).reads(Count);
/// A whole number.
pub(in crate::inputs::compose) const WHOLE: ValueShape = of(&[Whole, Text]).reads(Reads::Whole);
/// A number that is read as a whole one.
pub(in crate::inputs::compose) const ROUNDED: ValueShape = of(&[Number, Text]).reads(Reads::Whole);
/// A number that is read as a whole one and is not negative.
pub(in crate::inputs::compose) const ROUNDED_COUNT: ValueShape = of(&[Number, Text]).reads(Count);
/// A whole number; as text any number.
pub(in crate::inputs::compose) const PERCENT: ValueShape = of(&[Whole, Text]).reads(Reads::Number);
/// When an image is fetched.
pub(in crate::inputs::compose) const PULL_POLICY: ValueShape = TEXT.reads(Reads::PullPolicy);
/// A number.
pub(in crate::inputs::compose) const NUMBER: ValueShape = of(&[Number, Text]).reads(Reads::Number);
/// A number in any text.
pub(in crate::inputs::compose) const NUMBER_OR_TEXT: ValueShape = of(&[Number, Text]);
/// A whole number in any text.
pub(in crate::inputs::compose) const WHOLE_OR_TEXT: ValueShape = of(&[Whole, Text]);
/// An amount of memory.
pub(in crate::inputs::compose) const SIZE: ValueShape = of(&[Number, Text]).reads(Size);
/// An amount of memory that takes no fraction without a unit.
pub(in crate::inputs::compose) const WHOLE_SIZE: ValueShape = of(&[Whole, Text]).reads(Size);
/// An amount of memory that must be text.
pub(in crate::inputs::compose) const TEXT_SIZE: ValueShape = of(&[Text]).reads(Size);
/// A length of time.
pub(in crate::inputs::compose) const DURATION: ValueShape = of(&[Text]).reads(Duration);
/// A list of texts.
pub(in crate::inputs::compose) const TEXTS: ValueShape = of(&[List]).items(&TEXT);
/// A list of texts, each once. Of other lists compose's loader takes the second of two away before it looks at the schema
/// (compose-go, `override/uncity.go`).
pub(in crate::inputs::compose) const DISTINCT_TEXTS: ValueShape = TEXTS.distinct();
/// A text or a list of texts.
pub(in crate::inputs::compose) const TEXT_OR_TEXTS: ValueShape = of(&[Text, List]).items(&TEXT);
/// The words of a command.
pub(in crate::inputs::compose) const COMMAND: ValueShape =
    of(&[Text, List, Nothing]).items(&TEXT).reads(Reads::Command);
/// A mapping of names to single values, or a list of `NAME=value`.
pub(in crate::inputs::compose) const PAIRS: ValueShape =
    of(&[Map, List]).items(&TEXT).named(&of(&[Text, Number, Flag, Nothing]));
/// A mapping or list of variables: no blank before the `=`.
pub(in crate::inputs::compose) const VARIABLES: ValueShape = PAIRS.items(&TEXT.reads(Reads::Variable));
/// A list of ports inside.
pub(in crate::inputs::compose) const NUMBERS_OR_TEXTS: ValueShape = of(&[List]).items(&NUMBER_OR_TEXT);
/// Groups, each once.
pub(in crate::inputs::compose) const GROUPS: ValueShape = NUMBERS_OR_TEXTS.distinct();
/// `cgroup`.
pub(in crate::inputs::compose) const CGROUP: ValueShape = TEXT.reads(Reads::Words(&["host", "private"]));
/// `container_name`.
pub(in crate::inputs::compose) const CONTAINER_NAME: ValueShape = TEXT.reads(Reads::ContainerName);
/// `umask`.
pub(in crate::inputs::compose) const UMASK: ValueShape = of(&[Whole, Text, Nothing]);
/// Any mapping.
pub(in crate::inputs::compose) const MAP: ValueShape = of(&[Map]);
/// Options of a driver.
pub(in crate::inputs::compose) const OPTIONS: ValueShape = of(&[Map]).named(&of(&[Text, Number]));
const HOSTS: ValueShape = of(&[Map, List]).items(&TEXT.reads(Reads::Host)).named(&TEXT_OR_TEXTS).distinct();

const LIMITED_DEVICES: ValueShape =
    of(&[List]).items(&of(&[Map]).keys(&[key("path", &TEXT), key("rate", &WHOLE_SIZE)]));
const WEIGHED_DEVICES: ValueShape = of(&[List]).items(&of(&[Map]).keys(&[key("path", &TEXT), key("weight", &COUNT)]));

/// `blkio_config`.
pub(in crate::inputs::compose) const DISK: ValueShape = of(&[Map]).keys(&[
    key("device_read_bps", &LIMITED_DEVICES),
    key("device_read_iops", &LIMITED_DEVICES),
    key("device_write_bps", &LIMITED_DEVICES),
    key("device_write_iops", &LIMITED_DEVICES),
    key("weight", &COUNT),
    key("weight_device", &WEIGHED_DEVICES),
]);

/// `build`.
pub(in crate::inputs::compose) const BUILD: ValueShape = of(&[Text, Map]).keys(&[
    key("context", &TEXT),
    key("dockerfile", &TEXT),
    key("dockerfile_inline", &TEXT),
    key("entitlements", &TEXTS),
    key("args", &VARIABLES),
    key("ssh", &PAIRS.items(&TEXT.reads(Reads::SshKey)).distinct()),
    key("labels", &PAIRS),
    key("cache_from", &TEXTS),
    key("cache_to", &TEXTS),
    key("no_cache", &FLAG),
    key("no_cache_filter", &TEXT_OR_TEXTS.distinct()),
    key("additional_contexts", &PAIRS.items(&TEXT.reads(Reads::Pair))),
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
pub(in crate::inputs::compose) const GRANTS: ValueShape = of(&[List]).items(&of(&[Text, Map]).keys(&[
    need("source", &TEXT),
    key("target", &TEXT),
    key("uid", &TEXT),
    key("gid", &TEXT),
    key("mode", &WHOLE),
]));

/// `ulimits`.
pub(in crate::inputs::compose) const BOUNDS: ValueShape =
    of(&[Map]).named(&of(&[Whole, Text, Map]).reads(Reads::Whole).keys(&[need("hard", &WHOLE), need("soft", &WHOLE)]));

/// `credential_spec`.
pub(in crate::inputs::compose) const CREDENTIALS: ValueShape =
    of(&[Map]).keys(&[key("config", &TEXT), key("file", &TEXT), key("registry", &TEXT)]);

/// `depends_on`.
pub(in crate::inputs::compose) const DEPENDENCIES: ValueShape =
    of(&[Map, List]).items(&TEXT).distinct().named(&of(&[Map]).keys(&[
        key("restart", &FLAG),
        key("required", &BARE_FLAG),
        need(
            "condition",
            &TEXT.reads(Reads::Words(&["service_started", "service_healthy", "service_completed_successfully"])),
        ),
    ]));

/// `develop`.
pub(in crate::inputs::compose) const DEVELOP: ValueShape =
    of(&[Map, Nothing]).keys(&[key("watch", &of(&[List]).items(&WATCH))]);

const WATCH: ValueShape = of(&[Map]).keys(&[
    key("ignore", &TEXT_OR_TEXTS.distinct()),
    key("include", &TEXT_OR_TEXTS.distinct()),
    need("path", &TEXT),
    need("action", &TEXT.reads(Reads::Words(&["rebuild", "sync", "restart", "sync+restart", "sync+exec"]))),
    key("target", &TEXT),
    key("exec", &HOOK),
    key("initial_sync", &BARE_FLAG),
]);

const HOOK: ValueShape = of(&[Map]).keys(&[
    need("command", &COMMAND),
    key("user", &TEXT),
    key("privileged", &FLAG),
    key("working_dir", &TEXT),
    key("environment", &VARIABLES.distinct()),
]);

/// `post_start` and `pre_stop`.
pub(in crate::inputs::compose) const HOOKS: ValueShape = of(&[List]).items(&HOOK);
/// `pre_start`: containers with the keys of a service.
pub(in crate::inputs::compose) const CONTAINERS: ValueShape = of(&[List]).items(&of(&[Map]).rows("container"));

/// `devices`.
pub(in crate::inputs::compose) const DEVICES: ValueShape = of(&[List]).items(&of(&[Text, Map]).keys(&[
    need("source", &TEXT),
    need("target", &TEXT),
    key("permissions", &TEXT),
]));

/// `env_file`.
pub(in crate::inputs::compose) const ENV_FILES: ValueShape = of(&[Text, List]).items(&of(&[Text, Map]).keys(&[
    need("path", &TEXT),
    key("format", &TEXT.reads(Reads::Words(&["raw"]))),
    key("required", &FLAG),
]));

/// `extends`.
pub(in crate::inputs::compose) const EXTENDS: ValueShape =
    of(&[Text, Map]).keys(&[need("service", &TEXT), key("file", &TEXT_OR_NOTHING)]);
/// `extra_hosts`.
pub(in crate::inputs::compose) const EXTRA_HOSTS: ValueShape = HOSTS;

/// `gpus`.
pub(in crate::inputs::compose) const GPUS: ValueShape =
    of(&[Text, List]).reads(Reads::Words(&["all"])).items(&of(&[Map]).open(&[
        key("capabilities", &DISTINCT_TEXTS),
        key("count", &WHOLE_OR_TEXT.reads(Reads::AllOrCount)),
        key("device_ids", &DISTINCT_TEXTS),
        key("driver", &TEXT),
        key("options", &PAIRS),
    ]));

/// `healthcheck`.
pub(in crate::inputs::compose) const HEALTH: ValueShape = of(&[Map]).keys(&[
    key("disable", &FLAG),
    key("interval", &DURATION),
    key("retries", &ROUNDED_COUNT),
    key("test", &TEXT_OR_TEXTS),
    key("timeout", &DURATION),
    key("start_period", &DURATION),
    key("start_interval", &DURATION),
]);

/// `logging`.
pub(in crate::inputs::compose) const LOGGING: ValueShape =
    of(&[Map]).keys(&[key("driver", &TEXT), key("options", &of(&[Map]).named(&of(&[Text, Number, Nothing])))]);

/// `models` of a service.
pub(in crate::inputs::compose) const USED_MODELS: ValueShape = of(&[Map, List])
    .items(&TEXT)
    .named(&of(&[Map, Nothing]).keys(&[key("endpoint_var", &TEXT), key("model_var", &TEXT)]));

/// `networks` of a service.
pub(in crate::inputs::compose) const USED_NETWORKS: ValueShape =
    of(&[Map, List]).items(&TEXT).distinct().named(&of(&[Map, Nothing]).keys(&[
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
pub(in crate::inputs::compose) const PORTS: ValueShape = of(&[List]).items(&of(&[Whole, Text, Map]).keys(&[
    key("name", &TEXT),
    key("mode", &TEXT),
    key("host_ip", &TEXT),
    need("target", &COUNT),
    key("published", &WHOLE_OR_TEXT),
    key("protocol", &TEXT),
    key("app_protocol", &TEXT),
]));

/// `provider`.
pub(in crate::inputs::compose) const PROVIDER: ValueShape = of(&[Map]).keys(&[
    need("type", &TEXT),
    key("options", &of(&[Map]).named(&of(&[Text, Number, Flag, List]).items(&of(&[Text, Number, Flag])))),
]);

/// `volumes` of a service.
pub(in crate::inputs::compose) const MOUNTS: ValueShape = of(&[List]).items(&of(&[Text, Map]).keys(&[
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

/// `deploy`: its keys are in the table of verdicts.
pub(in crate::inputs::compose) const DEPLOY: ValueShape = of(&[Map, Nothing]).rows("deploy.");

/// `deploy.resources`.
pub(in crate::inputs::compose) const RESOURCES: ValueShape = of(&[Map]).keys(&[
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
                    need("capabilities", &DISTINCT_TEXTS),
                    key("count", &WHOLE_OR_TEXT.reads(Reads::AllOrCount)),
                    key("device_ids", &DISTINCT_TEXTS),
                    key("driver", &TEXT),
                    key("options", &PAIRS),
                ])),
            ),
        ]),
    ),
]);

/// `deploy.restart_policy`.
pub(in crate::inputs::compose) const RESTART: ValueShape = of(&[Map]).keys(&[
    key("condition", &TEXT),
    key("delay", &DURATION),
    key("max_attempts", &COUNT),
    key("window", &DURATION),
]);

/// `deploy.update_config` and `deploy.rollback_config`.
pub(in crate::inputs::compose) const ROLLOUT: ValueShape = of(&[Map]).keys(&[
    key("parallelism", &COUNT),
    key("delay", &DURATION),
    key("failure_action", &TEXT),
    key("monitor", &DURATION),
    key("max_failure_ratio", &NUMBER),
    key("order", &TEXT.reads(Reads::Words(&["start-first", "stop-first"]))),
]);

/// `deploy.placement`.
pub(in crate::inputs::compose) const PLACEMENT: ValueShape = of(&[Map]).keys(&[
    key("constraints", &TEXTS),
    key("preferences", &of(&[List]).items(&of(&[Map]).keys(&[key("spread", &TEXT)]))),
    key("max_replicas_per_node", &COUNT),
]);
