//! Suppression comments: `# scalegen: allow <rule> (why)`. Knows comments, places and rule ids, no spec.
//!
//! A comment at the end of a line applies to that line. One alone on its line applies to the next line that is not a comment.
//! Text after a further ` #` is not part of it.

use crate::check::rules;
use crate::check::settings::{NAME, Settings};
use crate::support::diagnostic::{Bound, Finding, Severity};
use crate::support::source::{FileId, FileSpan, Source, Span};
use crate::support::suggest::closest;
use crate::syntax::Comment;
use std::collections::HashMap;
use std::ops::Range;

const UNUSED: &str = "unused-suppression";
const NO_REASON: &str = "suppression-without-reason";

/// One rule named in one comment.
struct AllowedRule {
    /// The rule's name as written.
    rule: String,
    /// Where the name is.
    span: Span,
    /// 0-based index of the line it applies to.
    line: usize,
    /// Whether it is alone above that line.
    above: bool,
    /// Which comment it is in.
    comment: usize,
    used: bool,
}

/// One comment that begins with `scalegen:`.
struct Directive {
    /// From `#` to its end, a further comment behind it not counted.
    span: Span,
    reason: bool,
    /// Which of all suppressions are in it.
    names: Range<usize>,
}

/// What the checks of comments need to know about the run.
pub struct RunFacts<'k> {
    /// Whether every profile and every target was checked. Otherwise an unused comment may be needed by one of them.
    pub all_checked: bool,
    /// The settings: which rules are off, so that a comment has no effect on them, and which policies there are.
    pub settings: Option<&'k Settings>,
    /// Whether the policy with an id could be judged.
    pub judged: &'k dyn Fn(&str) -> bool,
}

/// One file with its comments.
pub struct CommentedFile<'f> {
    /// Which it is.
    pub id: FileId,
    /// Its text.
    pub source: &'f Source,
    /// Its comments, by place.
    pub comments: &'f [Comment],
    /// Whether the run is about this file, so that faults of its comments are reported.
    pub is_subject: bool,
}

/// Splits findings into those that count and those that a comment suppresses, in whichever file one of its places is.
///
/// Faults of the comments themselves are among those that count.
#[must_use]
pub fn apply(
    files: &[CommentedFile<'_>],
    findings: Vec<Finding>,
    known: &RunFacts<'_>,
) -> (Vec<Finding>, Vec<Finding>) {
    let mut readers: Vec<(&CommentedFile<'_>, CommentReader<'_>)> = files
        .iter()
        .map(|file| (file, CommentReader::read(file)))
        .filter(|(_, read)| !read.directives.is_empty() || !read.findings.list.is_empty())
        .collect();
    if readers.is_empty() {
        return (findings, Vec::new());
    }
    let mut index: HashMap<(FileId, usize, String), (usize, usize)> = HashMap::new();
    for (reader, (file, read)) in readers.iter().enumerate() {
        for (number, suppression) in read.all.iter().enumerate() {
            index.entry((file.id, suppression.line, suppression.rule.clone())).or_insert((reader, number));
        }
    }
    let mut kept = findings;
    let is_allowed = |finding: &mut Finding| {
        let by = |place: FileSpan| {
            let (_, read) = readers.iter().find(|(file, _)| file.id == place.file)?;
            index.get(&(place.file, read.source.line_index(place.span.start), finding.rule.to_string())).copied()
        };
        let mut places = std::iter::once(finding.at).chain(finding.related.iter().map(|related| related.place));
        let by = if cannot_be_allowed(&finding.rule) { None } else { places.find_map(by) };
        let by = by.and_then(|(reader, number)| readers.get_mut(reader)?.1.all.get_mut(number));
        by.map(|suppression| suppression.used = true).is_some()
    };
    let suppressed = kept.extract_if(.., is_allowed).collect();
    for (file, read) in readers.into_iter().filter(|(file, _)| file.is_subject) {
        let CommentReader { all, directives, findings: mut faults, .. } = read;
        judge(file, &all, &directives, known, &mut faults);
        kept.extend(faults.list);
    }
    kept.sort_by(Finding::order);
    (kept, suppressed)
}

/// Whether no comment can suppress a finding: without a shape there is no spec, and no comment changes what a
/// target's reader refuses.
fn cannot_be_allowed(rule: &str) -> bool {
    !rules::is_suppressible(rule)
}

fn finding(rule: &'static str, file: FileId, span: Span, message: String) -> Finding {
    rules::finding(rule, FileSpan { file, span }, message)
}

/// Faults of comments, up to the bound: there may be a comment on every line.
#[derive(Default)]
struct BoundedFindings {
    list: Vec<Finding>,
    bound: Bound,
}

impl BoundedFindings {
    fn push(&mut self, finding: Finding) {
        let error = finding.severity == Severity::Error;
        self.list.extend(self.bound.take(finding, error));
    }
}

/// Faults of comments that are suppressions.
fn judge(
    file: &CommentedFile<'_>,
    all: &[AllowedRule],
    directives: &[Directive],
    known: &RunFacts<'_>,
    findings: &mut BoundedFindings,
) {
    let RunFacts { all_checked, settings, judged } = *known;
    let off = |name: &str| settings.is_some_and(|settings| settings.is_off(name));
    let policies = || settings.iter().flat_map(|settings| settings.policies());
    for (number, suppression) in all.iter().enumerate() {
        let name = &suppression.rule;
        let policy = policies().any(|id| id == name);
        let known = rules::get(name).is_some() || policy;
        let say = |message: String| finding(UNUSED, file.id, suppression.span, message);
        match known {
            false => {
                let close = closest(name, rules::ALL.iter().map(|rule| rule.meta.id).chain(policies()));
                findings.push(say(format!("no rule is named `{}`", name.escape_debug())).help(match close {
                    Some(close) => format!("did you mean `{close}`?"),
                    None => "`scalegen rules` lists them".to_owned(),
                }));
            }
            true if cannot_be_allowed(name) => {
                findings
                    .push(say(format!("`{name}` cannot be suppressed")).help("fix what it reports, and remove this"));
            }
            true if policy && !judged(name) => {}
            // a rule that needs a load was not run
            true if rules::get(name).is_some_and(|rule| rule.loaded) && !off(name) => {}
            true if !suppression.used && (all_checked || off(name)) => {
                let line = if suppression.above { "the line below" } else { "this line" };
                let found = say(match off(name) {
                    true => format!("`{name}` is turned off in {NAME}: it reports nothing on {line}"),
                    false => format!("`{name}` reports nothing on {line}"),
                });
                let found = found.help("remove it");
                let directive = directives.get(suppression.comment);
                let gone = directive.map_or(suppression.span, |directive| removal(file.source, all, number, directive));
                findings.push(found.fix(gone, "", true));
            }
            true => {}
        }
    }
    for directive in directives {
        let mut named = all.get(directive.names.clone()).into_iter().flatten().filter(|suppression| suppression.used);
        if let (Some(first), false) = (named.next(), directive.reason) {
            let message = format!("`{}` is allowed without a reason", first.rule);
            findings
                .push(finding(NO_REASON, file.id, directive.span, message).help("say why in parentheses at the end"));
        }
    }
}

/// The bytes to delete for one rule: its name with the separator, or the whole comment with its line.
fn removal(source: &Source, all: &[AllowedRule], number: usize, directive: &Directive) -> Span {
    let span = |number: usize| all.get(number).map(|comment| comment.span).unwrap_or_default();
    let own = span(number);
    if number + 1 < directive.names.end {
        return Span { end: span(number + 1).start, ..own };
    }
    if number > directive.names.start {
        return Span { start: span(number - 1).end, ..own };
    }
    let directive = directive.span;
    let line = source.line_index(directive.start);
    let whole = source.line_span(line);
    let rest = source.slice(Span { start: directive.end, ..whole });
    if !rest.trim().is_empty() {
        // a further comment on the line moves to its place
        let blanks = rest.len() - rest.trim_start().len();
        return Span::new(directive.start as usize, directive.end as usize + blanks);
    }
    let before = source.slice(Span { end: directive.start, ..whole });
    let text = before.trim_end_matches([' ', '\t']);
    if text.trim_start_matches('\u{feff}').is_empty() {
        let end = if line + 1 < source.line_count() { source.line_span(line + 1).start } else { whole.end };
        return Span { start: whole.start + u32::try_from(text.len()).unwrap_or_default(), end };
    }
    Span { start: whole.start + u32::try_from(text.len()).unwrap_or_default(), end: whole.end }
}

struct CommentReader<'s> {
    file: FileId,
    source: &'s Source,
    all: Vec<AllowedRule>,
    directives: Vec<Directive>,
    findings: BoundedFindings,
}

impl<'s> CommentReader<'s> {
    fn read(file: &CommentedFile<'s>) -> CommentReader<'s> {
        let (all, directives, findings) = (Vec::new(), Vec::new(), BoundedFindings::default());
        let mut read = CommentReader { file: file.id, source: file.source, all, directives, findings };
        read.comments(file.comments);
        read
    }

    fn comments(&mut self, comments: &[Comment]) {
        // from the last to the first: a comment alone on its line applies where the comment below it applies
        let mut below: Option<(usize, usize)> = None;
        let mut lines = Vec::with_capacity(comments.len());
        for comment in comments.iter().rev() {
            let line = self.source.line_index(comment.span.start);
            let before = Span { end: comment.span.start, ..self.source.line_span(line) };
            let alone = self.source.slice(before).trim_matches(['\u{feff}', ' ', '\t']).is_empty();
            let target = match below {
                _ if !alone => line,
                Some((next, target)) if next == line + 1 => target,
                _ => line + 1,
            };
            below = alone.then_some((line, target));
            lines.push((target, alone));
        }
        for (comment, (line, above)) in comments.iter().zip(lines.into_iter().rev()) {
            self.comment(comment, line, above);
        }
    }

    fn comment(&mut self, comment: &Comment, line: usize, above: bool) {
        let whole = self.source.slice(comment.span);
        let Some(body) = whole.strip_prefix('#') else { return };
        let Some(rest) = body.trim_start().strip_prefix("scalegen:") else { return };
        let start = comment.span.start as usize;
        // offsets of `rest` in the file; ` #` begins a further comment
        let rest = rest.split_once(" #").map_or(rest, |(rest, _)| rest).trim_end();
        let from = start + (rest.as_ptr() as usize - whole.as_ptr() as usize);
        let span = Span::new(start, from + rest.len());
        let (names, reason) = match rest.split_once('(') {
            Some((names, reason)) => (names, !reason.trim_end().trim_end_matches(')').trim().is_empty()),
            None => (rest, false),
        };
        let Some(names) = names.trim_start().strip_prefix("allow").filter(|names| !names.starts_with(is_name)) else {
            self.bad(span, "only `allow` may follow `scalegen:`".to_owned());
            return;
        };
        let number = self.directives.len();
        let at = |part: &str| start + (part.as_ptr() as usize - whole.as_ptr() as usize);
        let before = self.all.len();
        for name in names.split(|c: char| !is_name(c)).filter(|name| !name.is_empty()) {
            let span = Span::new(at(name), at(name) + name.len());
            self.all.push(AllowedRule { rule: name.to_owned(), span, line, above, comment: number, used: false });
        }
        if self.all.len() == before {
            self.bad(span, "a suppression that names no rule".to_owned());
            return;
        }
        self.directives.push(Directive { span, reason, names: before..self.all.len() });
    }

    fn bad(&mut self, span: Span, message: String) {
        let help = "write `# scalegen: allow <rule> (why)`";
        self.findings.push(finding(UNUSED, self.file, span, message).help(help));
    }
}

/// The characters of a rule's name, and those that may be written by mistake.
fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_')
}
