//! What is wrong with a spec, and which findings count: rules, policies, settings, baselines and comments. Knows no target.

pub mod baseline;
pub mod context;
pub mod fingerprint;
pub mod fixable;
pub mod noted_origins;
pub mod policy;
pub mod rules;
pub mod settings;
pub mod sums;
pub mod suppress;
pub mod unread_fields;
