//! A compose file that stands beside the spec, read for what bounds scaling. Knows no rule and no target.
//!
//! `${NAME:-default}` is read as its default: the environment is never asked. What depends on a variable without a
//! default is unknown, and unknown things are not judged.

pub mod balancer;
pub mod convert;
mod interpolate;
pub mod keys;
mod mentions;
pub mod project;
mod read_project;
pub mod recognition;
mod references;
mod refused;
mod styles;

pub use keys::verdicts;
pub use read_project::read_project;

/// `8080` or `8080-8082`.
#[must_use]
pub fn range_text((first, last): (u16, u16)) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}
