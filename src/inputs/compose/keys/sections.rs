//! The shapes of the values in a compose file beside its services. Source: as [`super::service`].

use super::forms::Reads;
use super::forms::ValueForm::{Flag, List, Map, Nothing, Text, Whole};
use super::service::{FLAG, MAP, OPTIONS, PAIRS, TEXT, TEXTS};
use super::value_shape::{ValueShape, key, need, of};

const EXTERNAL: ValueShape = of(&[Flag, Text, Map]).reads(Reads::Flag).keys(&[key("name", &TEXT)]);
const OPEN_EXTERNAL: ValueShape = of(&[Flag, Text, Map]).reads(Reads::Flag).open(&[key("name", &TEXT)]);

const NETWORK: ValueShape = of(&[Map, Nothing]).keys(&[
    key("name", &TEXT),
    key("driver", &TEXT),
    key("driver_opts", &OPTIONS),
    key(
        "ipam",
        &of(&[Map]).keys(&[
            key("driver", &TEXT),
            key(
                "config",
                &of(&[List]).items(&of(&[Map]).keys(&[
                    key("subnet", &TEXT),
                    key("ip_range", &TEXT),
                    key("gateway", &TEXT),
                    key("aux_addresses", &of(&[Map]).named(&TEXT)),
                ])),
            ),
            key("options", &of(&[Map]).named(&TEXT)),
        ]),
    ),
    key("external", &EXTERNAL),
    key("internal", &FLAG),
    key("enable_ipv4", &FLAG),
    key("enable_ipv6", &FLAG),
    key("attachable", &FLAG),
    key("labels", &PAIRS),
]);

const VOLUME: ValueShape = of(&[Map, Nothing]).keys(&[
    key("name", &TEXT),
    key("driver", &TEXT),
    key("driver_opts", &OPTIONS),
    key("external", &EXTERNAL),
    key("labels", &PAIRS),
]);

const SECRET: ValueShape = of(&[Map]).keys(&[
    key("name", &TEXT),
    key("environment", &TEXT),
    key("file", &TEXT),
    key("external", &OPEN_EXTERNAL),
    key("labels", &PAIRS),
    key("driver", &TEXT),
    key("driver_opts", &OPTIONS),
    key("template_driver", &TEXT),
]);

const CONFIG: ValueShape = of(&[Map]).keys(&[
    key("name", &TEXT),
    key("content", &TEXT),
    key("environment", &TEXT),
    key("file", &TEXT),
    key("external", &OPEN_EXTERNAL),
    key("labels", &PAIRS),
    key("template_driver", &TEXT),
]);

const MODEL: ValueShape = of(&[Map]).keys(&[
    key("name", &TEXT),
    need("model", &TEXT),
    key("context_size", &of(&[Whole])),
    key("runtime_flags", &TEXTS),
]);

/// A whole file.
pub(in crate::inputs::compose) const FILE: ValueShape = of(&[Map]).keys(&[
    key("services", &of(&[Map]).named(&of(&[Map]).rows(""))),
    key("version", &TEXT),
    key("name", &TEXT),
    key("include", &of(&[List, Nothing])),
    key("models", &of(&[Map]).named(&MODEL)),
    key("networks", &of(&[Map]).named(&NETWORK)),
    key("volumes", &of(&[Map]).named(&VOLUME)),
    key("secrets", &of(&[Map]).named(&SECRET)),
    key("configs", &of(&[Map]).named(&CONFIG)),
    key("jobs", &MAP),
]);
