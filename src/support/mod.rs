//! Helpers that every module may use: sources with their places, findings as plain data, and others that know nothing of a spec.

pub mod diagnostic;
pub mod markdown;
pub mod plural;
pub mod pointer;
pub mod rare;
pub mod sandbox;
pub mod secrets;
pub mod source;
pub mod suggest;
pub mod thin_vec;
pub mod threads;
pub mod unified;
pub mod uri;
