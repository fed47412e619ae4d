//! Rules, policies, settings and baselines.

pub(crate) mod baseline;
pub(crate) mod edges;
pub(crate) mod editor_toml;
pub(crate) mod oracle;
pub(crate) mod patched;
pub(crate) mod policy;
pub(crate) mod rule_edges;
pub(crate) mod rule_sums;
pub(crate) mod rules;
pub(crate) mod settings;
