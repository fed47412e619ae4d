//! The repository and what is shipped from it: README, action, hooks, packages, releases.

pub(crate) mod action;
pub(crate) mod delivery;
pub(crate) mod hooks;
pub(crate) mod planted;
pub(crate) mod readme;
pub(crate) mod release;
pub(crate) mod strangers;
