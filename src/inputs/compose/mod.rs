//! Compose files, read as compose reads them. Knows no spec but in `convert`, no rule and no target.
//!
//! The order of things is compose's own (compose-go v2.16, `loader`): a file is interpolated, what it includes is read, its services
//! are extended, it is merged over the files named before it. Each service is brought into one form first (`ports`, `volumes` and
//! the like in their long form, lists of `NAME=value` as maps), which gives the same result as compose's merge of raw forms.

/// The services that extend each other in one chain.
pub const MAX_EXTENDS: usize = 64;

/// The files that include each other in one chain.
pub const MAX_INCLUDES: usize = 16;

/// The entries and items that the merging of one project may make.
pub const MAX_MERGED: usize = 1_000_000;
