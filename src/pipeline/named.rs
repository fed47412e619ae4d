//! The files that targets' options name: a compose file, a chart. Comes to them by `Files` only, each once a run.

use super::Files;
use super::run::Run;
use crate::inputs::compose::Base;
use crate::inputs::helm::{Chart, Unread};
use crate::model::TargetOptions;
use crate::support::diagnostic::{Finding, Severity};
use crate::support::source::{At, FileId, Source, beside};
use crate::syntax;
use crate::targets::{BaseFile, Target};

/// The chart's folder, where an option of the target names one.
pub(super) fn chart<'o>(target: &Target, options: &'o TargetOptions) -> Option<(&'o str, At)> {
    match target.meta.base {
        Some(BaseFile::Chart(option)) => options.text(option),
        _ => None,
    }
}

impl Run<'_> {
    /// Reads the compose file that a target's options name; returns its path.
    pub(super) fn base(
        &mut self,
        target: &Target,
        options: &TargetOptions,
        files: &dyn Files,
        profile: Option<&str>,
    ) -> Option<String> {
        let Some(BaseFile::Compose(option)) = target.meta.base else { return None };
        let (path, at) = options.text(option)?;
        if !self.bases.contains_key(path) {
            let base = self.read_base(path, at, files, profile);
            self.bases.insert(path.to_owned(), base);
        }
        if let Some(Err(unread)) = self.bases.get(path) {
            self.collector.add(profile, Finding { at: at.place(), ..(**unread).clone() });
        }
        Some(path.to_owned())
    }

    fn read_base(
        &mut self,
        path: &str,
        at: At,
        files: &dyn Files,
        profile: Option<&str>,
    ) -> Result<Base, Box<Finding>> {
        let unreadable = |message: String| {
            let finding = Finding::new("unreadable-file", Severity::Error, at.place(), message);
            Box::new(finding.help("the path is relative to the spec; mend it or put the file there"))
        };
        let shown = path.escape_debug();
        let bytes = files.read(path).map_err(|why| unreadable(format!("`{shown}` cannot be read: {why}")))?;
        let text = syntax::decode(bytes).map_err(|_| unreadable(format!("`{shown}` is not UTF-8 text")))?;
        if !Base::is_likely(&text) {
            let message = format!("`{shown}` is no compose file: it has no line `services:`");
            let finding = Finding::new("invalid-value", Severity::Error, at.place(), message);
            return Err(Box::new(finding.help("name a file with `services`")));
        }
        let file = FileId(u16::try_from(self.sources.len()).unwrap_or(u16::MAX));
        let name = self.sources.first().map_or_else(|| path.to_owned(), |spec| beside(&spec.name, path));
        let source = Source::new(name, text);
        let (base, findings) = Base::read(file, path, &source);
        self.sources.push(source);
        for finding in findings {
            self.collector.add(profile, finding);
        }
        Ok(base)
    }

    /// Reads the chart that a target's options name.
    pub(super) fn chart(&mut self, target: &Target, options: &TargetOptions, files: &dyn Files, profile: Option<&str>) {
        let Some((folder, at)) = chart(target, options) else { return };
        if !self.charts.contains_key(folder) {
            let mut read = |path: &str| files.read(path).map_err(|why| Unread { why, missing: !files.exists(path) });
            let chart = Chart::read(folder, &mut read).map_err(|why| {
                let finding = Finding::new("unreadable-file", Severity::Error, at.place(), why);
                Box::new(finding.help("name the chart's folder, relative to the spec"))
            });
            self.charts.insert(folder.to_owned(), chart);
        }
        if let Some(Err(unread)) = self.charts.get(folder) {
            self.collector.add(profile, Finding { at: at.place(), ..(**unread).clone() });
        }
    }
}
