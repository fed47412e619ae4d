//! Reads one settings file: its decisions and its policies, with all of its faults.

use crate::check::policy::{self, Policies};
use crate::check::settings::{self, CalendarDay, Settings};
use crate::support::diagnostic::Finding;
use crate::support::source::Source;
use std::sync::Arc;

/// The decisions of a settings file.
#[derive(Debug)]
pub struct LoadedSettings {
    /// Severities, ignores and the like.
    pub settings: Arc<Settings>,
    /// Its policies, without those that cannot be evaluated.
    pub policies: Arc<Policies>,
    /// The faults of the file; places are in [`crate::support::source::FileId`] 0.
    pub findings: Vec<Finding>,
    /// For each finding the RFC 6901 path of its place.
    pub paths: Vec<String>,
}

/// Reads a settings file. Cannot fail: faults are findings.
#[must_use]
pub fn load_settings(source: &Source, today: CalendarDay) -> LoadedSettings {
    let read = settings::read(source, today);
    let (policies, found) = policy::read(&read.policies, source);
    let mut all: Vec<(Finding, String)> = read.findings.into_iter().zip(read.paths).collect();
    for finding in found {
        let path = settings::path(source, finding.at.span);
        all.push((finding, path));
    }
    all.sort_by(|(one, _), (two, _)| one.order(two));
    let (findings, paths) = all.into_iter().unzip();
    LoadedSettings { settings: Arc::new(read.settings), policies: Arc::new(policies), findings, paths }
}
