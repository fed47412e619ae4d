//! The spec: shape, schema, profiles.

pub(crate) mod editor;
pub(crate) mod foreign_words;
pub(crate) mod mistakes;
pub(crate) mod newcomers;
pub(crate) mod profiles;
pub(crate) mod schema;
pub(crate) mod shape;
pub(crate) mod vacant;
