//! The program as a person runs it.

pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod faults;
pub(crate) mod first_touch;
pub(crate) mod foreign;
pub(crate) mod foreign_fixes;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod kept;
pub(crate) mod killed;
pub(crate) mod mistakes;
pub(crate) mod plan_folders;
pub(crate) mod program;
pub(crate) mod terminal;
pub(crate) mod watch;
