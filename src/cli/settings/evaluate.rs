//! After all specs are checked: what is wrong with settings files and baselines, and which findings fail a run. Reads
//! no file.

use super::paths::whole;
use super::{Accepted, BaselineFile, Governed, Loaded, SettingsFiles};
use scalegen::CheckResult;
use scalegen::check::baseline::BaselineHits;
use scalegen::check::rules;
use scalegen::check::settings;
use scalegen::support::diagnostic::{Finding, Severity};
use scalegen::support::source::Source;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

impl SettingsFiles {
    /// The least severity that fails a run: as asked for, else as the settings say.
    pub fn least(&self, asked: Option<Severity>, governed: &Governed) -> Severity {
        let set = governed.by.and_then(|index| self.loaded.get(index)?.settings.fail_level);
        asked.or(set).unwrap_or(Severity::Error)
    }

    /// Whether the faults of settings files themselves reach a level.
    pub fn fails(&self, asked: Option<Severity>) -> bool {
        self.loaded.iter().any(|loaded| {
            let least = asked.or(loaded.settings.fail_level).unwrap_or(Severity::Error);
            loaded.reports().any(|checked| checked.worst() >= Some(least))
        }) || matches!(&self.accepted, Accepted::By(known) if known.checked.worst() >= Some(asked.unwrap_or(Severity::Error)))
    }

    /// Adds findings that need every spec to be checked, for each settings file whose folder was searched whole.
    pub fn judge(&mut self, searched: &[PathBuf], checked: &[(Governed, &CheckResult)]) {
        let searched: Vec<PathBuf> = searched.iter().map(|folder| whole(&self.here, folder)).collect();
        for (index, loaded) in self.loaded.iter_mut().enumerate() {
            let own: Vec<&(Governed, &CheckResult)> = checked.iter().filter(|(by, _)| by.by == Some(index)).collect();
            let covered = |folder: &Path| searched.iter().any(|searched| folder.starts_with(searched));
            if let Some(known) = &mut loaded.baseline {
                let mut found = stale(known, &own, covered(&known.folder));
                found.retain_mut(|finding| loaded.settings.settle(finding));
                add(&mut known.checked, found);
            }
            if !covered(&loaded.folder) || !own.iter().all(|(_, checked)| checked.shaped) {
                continue;
            }
            let profiles: BTreeSet<&str> =
                own.iter().flat_map(|(_, checked)| checked.profiles.iter().map(String::as_str)).collect();
            let complete = own.iter().all(|(_, checked)| checked.complete);
            let mut found = loaded.settings.strangers(&profiles);
            let used = own.iter().flat_map(|(_, checked)| checked.ignores.iter().copied()).collect();
            let specs: Vec<&str> = own.iter().map(|(governed, _)| governed.path.as_str()).collect();
            found.extend(loaded.settings.unused(&used, &specs, complete));
            let judged = own.iter().flat_map(|(_, checked)| checked.judged.iter().copied()).collect();
            let unused = loaded.policies.unused(&judged, &profiles, complete).into_iter();
            found.extend(unused.filter_map(|mut finding| loaded.settings.settle(&mut finding).then_some(finding)));
            add(&mut loaded.checked, found);
        }
        if let Accepted::By(known) = &mut self.accepted {
            let covered = searched.iter().any(|searched| known.folder.starts_with(searched));
            let found = stale(known, &checked.iter().collect::<Vec<_>>(), covered);
            add(&mut known.checked, found);
        }
    }

    /// What is wrong with the settings files, one report each.
    pub fn reports(self) -> Vec<CheckResult> {
        let known = match self.accepted {
            Accepted::By(known) => Some(known.checked),
            Accepted::BySettings | Accepted::Nothing => None,
        };
        let of = |loaded: Loaded| {
            let known = loaded.baseline.map(|known| known.checked);
            std::iter::once(loaded.checked).chain(known).chain(loaded.beside)
        };
        let all = self.loaded.into_iter().flat_map(of).chain(known);
        all.filter(|checked| !checked.findings.is_empty()).collect()
    }
}

/// Entries of a baseline that its specs no longer have.
fn stale(known: &BaselineFile, own: &[&(Governed, &CheckResult)], covered: bool) -> Vec<Finding> {
    let mut met = BaselineHits::new();
    for (_, checked) in own {
        for (known, times) in &checked.met {
            *met.entry(known.clone()).or_default() += times;
        }
    }
    let whole =
        own.iter().filter(|(_, checked)| checked.shaped).map(|(governed, _)| governed.listed.as_str()).collect();
    known.baseline.stale(&met, &whole, |file| covered && !known.folder.join(file).exists())
}

/// One finding as a report of its own file.
pub(super) fn report((source, finding): (Source, Finding)) -> CheckResult {
    CheckResult {
        sources: vec![source],
        findings: vec![rules::ranked(finding)],
        paths: vec![String::new()],
        ..CheckResult::default()
    }
}

/// Adds findings to a report, by place.
pub(super) fn add(checked: &mut CheckResult, found: Vec<Finding>) {
    let Some(source) = checked.sources.first() else { return };
    let paths: Vec<String> = found.iter().map(|finding| settings::path(source, finding.at.span)).collect();
    let old = std::mem::take(&mut checked.findings).into_iter().zip(std::mem::take(&mut checked.paths));
    let mut all: Vec<(Finding, String)> = old.chain(found.into_iter().zip(paths)).collect();
    all.sort_by(|(a, _), (b, _)| a.order(b));
    (checked.findings, checked.paths) = all.into_iter().unzip();
}
