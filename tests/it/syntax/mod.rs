//! YAML to a tree.

pub(crate) mod common_form;
pub(crate) mod flow_indent;
pub(crate) mod reading;
pub(crate) mod yaml_suite;
