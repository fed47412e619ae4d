//! `scalegen plan` of files of other tools: one table a set. Works no number out.

use super::args::PlanArgs;
use super::subjects::{CheckSubject, SubjectKind, gather};
use super::{Failure, check, read};
use scalegen::model::instant::Instant;
use scalegen::plan::summary::{Formation, SummaryQuestion, formation};
use scalegen::{CheckOptions, CheckResult, FileSet};
use std::path::Path;

/// The sets that the argument names; none where it names a spec.
pub fn named(args: &PlanArgs) -> Vec<CheckSubject> {
    let Some(path) = args.spec.as_ref().filter(|path| path.exists() && !read::is_spec(&path.to_string_lossy())) else {
        return Vec::new();
    };
    let subjects = gather(std::slice::from_ref(path)).subjects;
    let foreign = subjects.iter().all(|subject| matches!(subject.kind, SubjectKind::Set(..)));
    if foreign { subjects } else { Vec::new() }
}

/// What is computed of the sets, and what is found in their files.
pub fn formations(args: &PlanArgs, sets: &[CheckSubject]) -> Result<(Vec<Formation>, Vec<CheckResult>), Failure> {
    if let Some(profile) = &args.profile {
        return Err(Failure(format!(
            "`--profile {profile}` is for specs: files of other tools have no profiles of ours"
        )));
    }
    let instant = args.at.as_deref().map(Instant::parse).transpose().map_err(Failure)?;
    let (mut all, mut reported): (Vec<Formation>, Vec<_>) = Default::default();
    for subject in sets {
        let SubjectKind::Set(format, files) = &subject.kind else { continue };
        let folder = read::Folder::of(&subject.path);
        let paths = files.iter().map(|file| below(&subject.path, file)).collect();
        let set = FileSet { format, paths, name: check::report_path(&subject.path) };
        let unread = |(path, why): (String, String)| Failure(format!("cannot read {path}: {why}"));
        let mut spec = scalegen::set_model(&set, &folder).map_err(unread)?;
        if spec.services.is_empty() {
            continue;
        }
        if files.len() > 1 {
            // several files are called by their folder
            spec.name.value = set.name.rsplit_once('/').map_or(".", |(folder, _)| folder).to_owned();
        }
        all.push(formation(&spec, &SummaryQuestion { profile: None, instant: instant.as_ref(), fixed: false }));
        reported.push(scalegen::lint_set(&set, &folder, &CheckOptions::default()).map_err(unread)?);
    }
    if all.is_empty() {
        return Err(Failure("nothing in these files runs and keeps running".to_owned()));
    }
    Ok((all, reported))
}

/// The path of a file from the folder of the first.
fn below(first: &Path, file: &Path) -> String {
    let folder = first.parent().unwrap_or(Path::new(""));
    file.strip_prefix(folder).unwrap_or(file).to_string_lossy().into_owned()
}
