//! Recognises a spec.

use crate::inputs::files::InputFormat;
use crate::inputs::input_meta::InputMeta;
use crate::inputs::outline::Outline;

/// Keys that no other known format has at the root of a file.
const KEYS: [&str; 4] = ["backingServices", "profiles", "capacity", "targets"];

impl InputFormat {
    /// A spec of ours.
    pub const SPEC: InputFormat = InputFormat::named("spec");
}

/// Specs.
pub const META: InputMeta = InputMeta {
    format: InputFormat::SPEC,
    noun: "spec",
    names: &["scalegen.yaml", "scalegen.yml", "*.scalegen.yaml", "*.scalegen.yml"],
    sign: "a whole number as `version`",
    is_content,
    // many formats have a `version`
    searched: false,
    belongs: None,
    sets: None,
};

fn is_content(document: &Outline<'_>) -> bool {
    let whole = |value: String| !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let version = || document.value("version").is_some_and(whole);
    !document.has_any(&["apiVersion"]) && (version() || document.has_any(&KEYS))
}
