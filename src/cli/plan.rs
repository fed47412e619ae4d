//! `scalegen plan`: the formation of a spec, printed. Works no number out.

use super::args::{PlanArgs, PlanFormat};
use super::settings::{AppliedSettings, SettingsFiles};
use super::{Exit, Failure, given_folder, known_targets, lint, read, suggestion};
use scalegen::change::diff::fixed;
use scalegen::model::instant::Instant;
use scalegen::plan::summary::{Formation, SummaryQuestion, formation};
use scalegen::report::{self, SummaryForm, TextStyle};
use scalegen::support::diagnostic::Severity;
use scalegen::{CheckOptions, CheckResult};
use std::collections::HashSet;
use std::io::Write;

/// Prints what can be computed; errors of the spec go to standard error and make the exit code 1.
pub fn run(args: &PlanArgs, style: TextStyle, out: &mut dyn Write) -> Result<Exit, Failure> {
    known_targets(&args.target)?;
    let instant = args.at.as_deref().map(Instant::parse).transpose().map_err(Failure)?;
    let read::GivenSpec { path, name, bytes, folder } = given_folder::read(args.spec.as_deref())?;
    let over = CheckOptions { targets: args.target.clone(), ..CheckOptions::default() };
    let (mut formations, mut known): (Vec<Formation>, HashSet<_>) = Default::default();
    let mut profiles: Vec<String> = Vec::new();
    scalegen::each_effective_model(&name, &bytes, &folder, &over, |names, profile, spec| {
        if profile.is_none() {
            profiles = names.iter().flatten().cloned().collect();
        }
        if args.profile.is_none() || args.profile == profile {
            let fixed = fixed(&spec, &args.target);
            let view = SummaryQuestion { profile: profile.as_deref(), instant: instant.as_ref(), fixed };
            let mut one = formation(&spec, &view);
            one.share(&mut known);
            formations.push(one);
        }
    });
    let wanted = match &args.profile {
        Some(profile) => {
            if formations.is_empty() && (!profiles.is_empty() || !scalegen::models(&bytes).is_empty()) {
                let profiles = profiles.iter().map(String::as_str);
                return Err(Failure(format!("unknown profile `{profile}`; {}", suggestion(profile, profiles))));
            }
            vec![Some(profile.clone())]
        }
        None => Vec::new(),
    };
    let wanted = CheckOptions { profiles: wanted, targets: args.target.clone(), ..CheckOptions::default() };
    let AppliedSettings { wanted, mut reported, .. } = SettingsFiles::one(&args.config, &path, &wanted)?;
    reported.push(scalegen::lint_any(&name, &bytes, &folder, &wanted));
    let failed = errors(reported, style)?;
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

/// Prints only the errors among the findings; says whether there were some.
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
