//! What is printed and written for people and programs.

pub(crate) mod formats;
pub(crate) mod reports;
pub(crate) mod secrets;
pub(crate) mod site;
