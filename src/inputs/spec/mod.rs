//! The spec as a text: its profiles, its shape, its models, and changes of single values in it.

pub mod edit;
pub mod models;
pub mod profiles;
pub mod recognition;
pub mod schema;
