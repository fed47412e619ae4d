//! Applies the fixes that findings offer to texts. Knows edits and findings, no rule and no format.
//!
//! Fixes that do not overlap are made in one pass, in the order of the text. Then everything is checked again, until no fix is
//! left. A pass may change only the scalars and keys that its fixes name: the trees before and after are compared. If the result
//! would have more errors than there were, the texts stay as they were.

mod reading;
mod texts;

use crate::pipeline::{CheckOptions, CheckResult, FileSet, Files, lint, lint_set};
use crate::support::diagnostic::{Edit, Finding, Fix, RuleId, Severity};
use crate::support::source::Source;
use reading::{TextKind, edited, touch};
use texts::Texts;

/// How often texts are fixed and checked again.
const PASSES: usize = 10;

/// The result of fixing one spec.
#[derive(Debug)]
pub struct FixedSpec {
    /// The text; `None` if the bytes are not text, or nothing in it changes.
    pub text: Option<String>,
    /// The findings that were fixed: the rule, and the 1-based line at the time.
    pub applied: Vec<(RuleId, usize)>,
    /// Why there are fixes that were not made: lowercase, no full stop.
    pub refused: Option<String>,
    /// The check of the fixed text.
    pub checked: CheckResult,
}

/// The result of fixing files that are checked together: a spec with the files that it names, or a set of files of another tool.
#[derive(Debug)]
pub struct FixedFiles {
    /// The files that change, by name.
    pub files: Vec<FixedFile>,
    /// The findings that were fixed: the rule, and the 1-based line at the time.
    pub applied: Vec<(RuleId, usize)>,
    /// How many findings have a fix that changes what runs, which was not requested.
    pub left: usize,
    /// Why there are fixes that were not made: lowercase, no full stop.
    pub refused: Option<String>,
    /// The check of the fixed files.
    pub checked: CheckResult,
}

/// A file that fixing changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedFile {
    /// Its path as [`Files`] reads it; `None` for the spec, which was given.
    pub path: Option<String>,
    /// Its name in reports.
    pub name: String,
    /// Its text before.
    pub old: String,
    /// Its text now.
    pub new: String,
}

/// Fixes one spec in its own text: applies the safe fixes, and with `unsafe_too` also those that change what runs.
#[must_use]
pub fn fix(name: &str, bytes: &[u8], files: &dyn Files, wanted: &CheckOptions, unsafe_too: bool) -> FixedSpec {
    let Ok(old) = std::str::from_utf8(bytes) else {
        let checked = lint(name, bytes, files, wanted);
        return FixedSpec { text: None, applied: Vec::new(), refused: None, checked };
    };
    let texts = Texts::of_spec(name, old, files).alone();
    let FixedFiles { files, applied, refused, checked, .. } = all(&texts, &spec_check(name, wanted), unsafe_too);
    FixedSpec { text: files.into_iter().next().map(|file| file.new), applied, refused, checked }
}

/// Like [`fix`], but also fixes the files that the spec names, each in its own format.
#[must_use]
pub fn fix_with_files(
    name: &str,
    bytes: &[u8],
    files: &dyn Files,
    wanted: &CheckOptions,
    unsafe_too: bool,
) -> FixedFiles {
    let Ok(old) = std::str::from_utf8(bytes) else {
        return untouched(lint(name, bytes, files, wanted));
    };
    all(&Texts::of_spec(name, old, files), &spec_check(name, wanted), unsafe_too)
}

/// Fixes files of another tool that are checked together.
///
/// # Errors
/// A file of the set cannot be read: its path as the set has it, and why.
pub fn fix_set(
    set: &FileSet,
    files: &dyn Files,
    wanted: &CheckOptions,
    unsafe_too: bool,
) -> Result<FixedFiles, (String, String)> {
    let texts = Texts::of_set(&set.name, files);
    let checked = lint_set(set, &texts, wanted)?;
    if checked.is_template() {
        return Ok(untouched(checked));
    }
    // a file that could be read once is kept
    let check = |texts: &Texts<'_>| lint_set(set, texts, wanted).unwrap_or_default();
    Ok(all(&texts, &check, unsafe_too))
}

fn spec_check<'c>(name: &'c str, wanted: &'c CheckOptions) -> impl Fn(&Texts<'_>) -> CheckResult + 'c {
    move |texts| lint(name, texts.spec().as_bytes(), texts, wanted)
}

fn untouched(checked: CheckResult) -> FixedFiles {
    FixedFiles { files: Vec::new(), applied: Vec::new(), left: 0, refused: None, checked }
}

fn all(texts: &Texts<'_>, check: &dyn Fn(&Texts<'_>) -> CheckResult, unsafe_too: bool) -> FixedFiles {
    let mut checked = check(texts);
    let errors = count(&checked);
    let mut applied = Vec::new();
    for _ in 0..PASSES {
        let Some(made) = pass(texts, &checked, unsafe_too) else { break };
        checked = check(texts);
        applied.extend(made);
    }
    let now = count(&checked);
    if now > errors {
        let why = format!("fixing it would leave {now} errors where there are {errors}");
        texts.take_back();
        return FixedFiles { refused: Some(why), ..untouched(check(texts)) };
    }
    let is_left = |finding: &&Finding| !unsafe_too && offered(texts, &checked, finding, true).is_some();
    let left = checked.findings.iter().filter(is_left).count();
    FixedFiles { files: texts.changed(), applied, left, refused: None, checked }
}

fn count(checked: &CheckResult) -> usize {
    checked.findings.iter().filter(|finding| finding.severity == Severity::Error).count()
}

/// A fix that can be made: the finding, and its edits by the keys of their texts.
type OfferedFix<'c> = (&'c Finding, Vec<(String, &'c Edit)>);

/// The fix of a finding, if all it changes are texts that may be changed.
fn offered<'c>(
    texts: &Texts<'_>,
    checked: &'c CheckResult,
    finding: &'c Finding,
    unsafe_too: bool,
) -> Option<OfferedFix<'c>> {
    let fix: &Fix = finding.fix.as_deref().filter(|fix| fix.safe || unsafe_too)?;
    let keyed = |edit: &'c Edit| {
        let source: &Source = checked.sources.get(usize::from(edit.file_for(finding.at.file).0))?;
        Some((texts.key(source)?, edit))
    };
    Some((finding, fix.edits.iter().map(keyed).collect::<Option<Vec<_>>>()?))
}

/// Makes one pass and returns what it fixed; `None` if there was nothing to fix.
fn pass(texts: &Texts<'_>, checked: &CheckResult, unsafe_too: bool) -> Option<Vec<(RuleId, usize)>> {
    let mut picked: Vec<OfferedFix<'_>> = Vec::new();
    for finding in &checked.findings {
        let Some(one) = offered(texts, checked, finding, unsafe_too) else { continue };
        let taken = |(key, edit): &(String, &Edit)| {
            picked.iter().flat_map(|(_, edits)| edits).any(|(had, old)| had == key && touch(old.span, edit.span))
        };
        if !one.1.iter().any(taken) {
            picked.push(one);
        }
    }
    // an error may hide the finding that a comment allows
    let allows = |(finding, _): &OfferedFix<'_>| finding.rule == "unused-suppression";
    if count(checked) > 0 || !picked.iter().all(allows) {
        picked.retain(|fix| !allows(fix));
    }
    if picked.is_empty() {
        return None;
    }
    let next = texts_with(texts, &picked).or_else(|| {
        // one of them is in a form that no program edits: the others are made
        picked.retain(|fix| texts_with(texts, std::slice::from_ref(fix)).is_some());
        texts_with(texts, &picked).filter(|_| !picked.is_empty())
    })?;
    texts.write(next);
    let line = |finding: &Finding| {
        let source = checked.sources.get(usize::from(finding.at.file.0));
        source.map_or(1, |source| source.numbers(finding.at.span.start).line)
    };
    Some(picked.into_iter().map(|(finding, _)| (finding.rule.clone(), line(finding))).collect())
}

/// The texts after these fixes, by key; `None` if one of them would change more than it names.
fn texts_with(texts: &Texts<'_>, picked: &[OfferedFix<'_>]) -> Option<Vec<(String, String)>> {
    let mut keys: Vec<&String> = picked.iter().flat_map(|(_, edits)| edits).map(|(key, _)| key).collect();
    keys.sort();
    keys.dedup();
    let next = |key: &String| {
        let of = |(own, edit): &(String, &Edit)| (own == key).then(|| (*edit).clone());
        let mut edits: Vec<Edit> = picked.iter().flat_map(|(_, edits)| edits).filter_map(of).collect();
        edits.sort_by_key(|edit| edit.span);
        let kind = if texts.is_spec(key) { TextKind::Spec } else { TextKind::Foreign };
        Some((key.clone(), edited(kind, &texts.now(key)?, &edits)?))
    };
    keys.into_iter().map(next).collect()
}
