//! `scalegen plan`: prints the formation of a spec. Computes no number.

use super::args::{PlanArgs, PlanFormat};
use super::given::GivenSpec;
use super::settings::{AppliedSettings, SettingsFiles};
use super::{Exit, Failure, known_targets, lint, suggestion};
use scalegen::change::diff::fixed;
use scalegen::model::instant::Instant;
use scalegen::plan::summary::{Formation, SummaryQuestion, formation};
use scalegen::report::{self, SummaryForm, TextStyle};
use scalegen::support::diagnostic::Severity;
use scalegen::support::plural::plural;
use scalegen::{CheckOptions, CheckResult};
use std::collections::HashSet;
use std::io::Write;

/// Prints what can be computed; errors of the spec go to standard error and make the exit code 1.
pub fn run(args: &PlanArgs, style: TextStyle, out: &mut dyn Write) -> Result<Exit, Failure> {
    known_targets(&args.target)?;
    let instant = args.at.as_deref().map(Instant::parse).transpose().map_err(Failure)?;
    let all = GivenSpec::read_all(args.spec.as_deref())?;
    let several = GivenSpec::folder_of(args.spec.as_deref()).is_some();
    let asked = PlanQuestion { args, instant: instant.as_ref(), several };
    let (mut formations, mut profiles) = (Vec::new(), Vec::new());
    all.iter().for_each(|given| asked.formations(given, &mut formations, &mut profiles));
    let is_read = || !profiles.is_empty() || all.iter().any(|given| !scalegen::models(&given.bytes).is_empty());
    if let Some(profile) = args.profile.as_ref().filter(|profile| !profiles.contains(profile) && is_read()) {
        let profiles = profiles.iter().map(String::as_str);
        return Err(Failure(format!("unknown profile `{profile}`; {}", suggestion(profile, profiles))));
    }
    let mut failed = false;
    for given in &all {
        failed |= asked.errors(given, style)?;
    }
    let form = match args.format {
        PlanFormat::Table => SummaryForm::Table,
        PlanFormat::Json => SummaryForm::Json,
        PlanFormat::Markdown => SummaryForm::Markdown,
    };
    if !formations.is_empty() {
        report::formations(&formations, form, out)?;
    }
    Ok(if failed { Exit::Findings } else { Exit::Clean })
}

/// What to show of each spec, and of each set of files of another tool.
struct PlanQuestion<'a> {
    args: &'a PlanArgs,
    instant: Option<&'a Instant>,
    /// Whether a folder was named.
    several: bool,
}

impl PlanQuestion<'_> {
    /// Adds the formations of a spec, and the names of all its profiles.
    fn formations(&self, given: &GivenSpec, formations: &mut Vec<Formation>, profiles: &mut Vec<String>) {
        let args = self.args;
        let over = CheckOptions { targets: args.target.clone(), ..CheckOptions::default() };
        let foreign = given.is_foreign();
        let files = given.set.as_ref().map_or(0, |set| set.paths.len().saturating_sub(1));
        let file = (self.several || foreign).then(|| given.name.clone());
        let mut known = HashSet::new();
        given.each_model(&over, |names, profile, spec| {
            if profile.is_none() {
                profiles.extend(names.iter().flatten().cloned());
            }
            if args.profile.is_none() || args.profile == profile {
                let fixed = fixed(&spec, &args.target);
                let view = SummaryQuestion { profile: profile.as_deref(), instant: self.instant, fixed };
                let mut sums = formation(&spec, &view);
                if let Some(file) = file.as_ref().filter(|_| foreign) {
                    sums.name = match files {
                        0 => file.clone(),
                        more => format!("{file} and {}", plural(more, "more file")),
                    };
                }
                sums.file.clone_from(&file);
                sums.share(&mut known);
                // an autoscaler alone runs nothing
                if !(self.several && sums.services.is_empty()) {
                    formations.push(sums);
                }
            }
        });
    }

    /// Prints the errors; returns whether there were any.
    fn errors(&self, given: &GivenSpec, style: TextStyle) -> Result<bool, Failure> {
        let profiles = self.args.profile.iter().cloned().map(Some).collect();
        let wanted = CheckOptions { profiles, targets: self.args.target.clone(), ..CheckOptions::default() };
        let AppliedSettings { wanted, mut reported, .. } =
            SettingsFiles::for_spec(&self.args.config, &given.path, &wanted)?;
        reported.push(given.lint(&wanted)?);
        errors(reported, style)
    }
}

/// Prints only the errors among the findings; returns whether there were any.
pub fn errors(mut reported: Vec<CheckResult>, style: TextStyle) -> Result<bool, Failure> {
    for checked in &mut reported {
        let (findings, paths): (Vec<_>, Vec<_>) = std::mem::take(&mut checked.findings)
            .into_iter()
            .zip(std::mem::take(&mut checked.paths))
            .filter(|(finding, _)| finding.severity == Severity::Error)
            .unzip();
        (checked.findings, checked.paths) = (findings, paths);
    }
    reported.retain(|checked| !checked.findings.is_empty());
    if !reported.is_empty() {
        lint::print_text(&mut reported, style, &mut std::io::stderr())?;
    }
    Ok(!reported.is_empty())
}
