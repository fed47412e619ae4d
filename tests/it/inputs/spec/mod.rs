//! The spec: shape, schema, profiles.

pub(crate) mod editor;
pub(crate) mod profiles;
pub(crate) mod schema;
pub(crate) mod shape;
pub(crate) mod vacant;
