//! A compose file that is next to the spec, read for what bounds scaling. Knows no rule and no target.
//!
//! `${NAME:-default}` is read as its default: the environment is never asked. What depends on a variable without a
//! default is unknown, and unknown things are not judged.

pub mod balancer;
pub mod convert;
mod image_reference;
mod interpolate;
pub mod keys;
mod larger_project;
mod mentions;
pub mod project;
mod read_project;
pub mod recognition;
mod references;
mod refused;
mod refused_by_engine;
mod styles;

use crate::model::quantity::{Memory, Unit};

pub use image_reference::is_image_reference;
pub use keys::verdicts;
pub use read_project::read_project;

/// The least memory that the Docker engine limits a container to or reserves for it, in bytes (moby, `linuxMinMemory`).
pub const LEAST_MEMORY: u64 = 6 << 20;

/// Bytes as compose reads them: its `k`, `m` and `g` are powers of 1024, so other units become plain bytes.
#[must_use]
pub fn memory_text(memory: Memory) -> String {
    let units = [(30, "G"), (20, "M"), (10, "k")];
    let exact = units.iter().find(|(power, _)| memory.bytes > 0 && memory.bytes.trailing_zeros() >= *power);
    match exact {
        Some((power, unit)) if memory.unit == Unit::Binary => format!("{}{unit}", memory.bytes >> power),
        _ => format!("{}b", memory.bytes),
    }
}

/// `8080` or `8080-8082`.
#[must_use]
pub fn range_text((first, last): (u16, u16)) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

#[cfg(test)]
mod tests {
    use super::memory_text;
    use crate::model::quantity::Memory;

    #[test]
    fn units_are_composes() {
        let cases = [
            ("4Gi", "4G"),
            ("1.5Gi", "1536M"),
            ("512Mi", "512M"),
            ("1Ki", "1k"),
            ("4G", "4000000000b"),
            ("512M", "512000000b"),
            ("536870912", "536870912b"),
            ("2Ti", "2048G"),
            ("0", "0b"),
        ];
        for (spec, compose) in cases {
            assert_eq!(Memory::parse(spec).map(memory_text), Ok(compose.to_owned()), "{spec}");
        }
    }
}
