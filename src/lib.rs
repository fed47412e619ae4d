//! scalegen: one scaling spec in, every platform's configuration out, checked before it ships.
#![forbid(unsafe_code)]

pub mod diagnostic;
pub mod source;
pub mod syntax;
