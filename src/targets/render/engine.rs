//! Renders views to text by templates, ours and the user's. Knows no target. `roundtrip` verifies that a text has the
//! values of its view.

use super::environment::{BUILT_IN, environment};
use super::job::{self, Render, TemplateFault};
use super::roundtrip;
use super::user_templates::{Templates, broken};
use super::view_value::ViewValue;
use crate::support::diagnostic::Finding;
use crate::support::sandbox::{self, describe};
use crate::support::source::{FileId, FileSpan, Source, Span};
use crate::support::threads;
use crate::targets::{self, Header, OutputFile, Target, View};
use minijinja::{Environment, ErrorKind};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// The most steps of a user's template: this many, and some for each byte of its output. A step is also
/// 64 bytes of memory. An error by steps has a place; the sandbox process stops what steps do not count.
const OWN_FUEL: (u64, u64) = (1_000_000, 100);
/// The most values that a user's template may print, this many and some for each byte of
/// its output, and how deep they may nest: lists within lists are made in few steps.
const OWN_VALUES: (u64, u64) = (1_000_000, 10);

/// Our own bug: a template failed, or its text does not have the values of the view. Nothing is written then.
#[derive(Clone, Debug)]
pub struct RenderBug {
    /// The template.
    pub template: String,
    /// What went wrong, with the template's line if there is one.
    pub message: String,
}

impl fmt::Display for RenderBug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "template {}: {}", self.template, self.message)
    }
}

/// The result of rendering one view.
#[derive(Debug)]
pub struct RenderedView {
    /// The file; `None` if a user's template cannot write it.
    pub file: Option<OutputFile>,
    /// Faults of a user's template.
    pub said: Vec<LateFinding>,
}

/// A finding that only rendering shows.
#[derive(Debug)]
pub struct LateFinding {
    /// The text that holds the finding's place: a template, or its output.
    pub source: Source,
    /// The finding.
    pub finding: Finding,
    /// Names that it is about: keys on the path to a lost value, and the name of the file. They may name services.
    pub about: Vec<String>,
}

/// The templates of one target, ready for any number of its views.
pub struct Engine<'t> {
    target: &'static Target,
    ours: Environment<'static>,
    own: Option<&'t Arc<Templates>>,
}

impl<'t> Engine<'t> {
    /// Ours, and the user's own, which replace ours of the same name.
    #[must_use]
    pub fn new(target: &'static Target, own: Option<&'t Arc<Templates>>) -> Engine<'t> {
        Engine { target, ours: environment(target, None, None), own }
    }

    /// Renders one view of the target, by the user's own template if there is one, and reads the text back.
    ///
    /// # Errors
    /// A template of ours fails, or the text read back differs from the view.
    pub fn render(&self, view: &Arc<View>, header: &Header) -> Result<RenderedView, RenderBug> {
        let target = self.target;
        if let Some((own, source)) = self.own.and_then(|own| Some((own, own.get(target.meta.name, view.template)?))) {
            return Ok(render_own(target, view, header, own, source));
        }
        let bug = |message: String| RenderBug { template: view.template.to_owned(), message };
        let template = self.ours.get_template(view.template).map_err(|error| bug(describe(&error)))?;
        let text = template.render(context(view, &header.line())).map_err(|error| bug(describe(&error)))?;
        roundtrip::verify(target.meta.format, view, &text).map_err(bug)?;
        Ok(RenderedView { file: Some(OutputFile { path: view.path.clone(), text }), said: Vec::new() })
    }
}

/// Renders views of any targets on this many threads; the results are in the order of the views.
///
/// # Errors
/// The error of the first view that has one.
pub fn render_all(jobs: &[(&Engine<'_>, &Arc<View>, &Header)], threads: usize) -> Result<Vec<RenderedView>, RenderBug> {
    let render = |(engine, view, header): &(&Engine<'_>, &Arc<View>, &Header)| engine.render(view, header);
    threads::map(jobs, threads, render).into_iter().collect()
}

/// A user's template may write anything in the language of the file; values of the view that it leaves out are reported.
fn render_own(
    target: &'static Target,
    view: &Arc<View>,
    header: &Header,
    own: &Arc<Templates>,
    source: &Source,
) -> RenderedView {
    let file = view.path.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or_default().to_owned();
    let none = |(source, finding)| RenderedView {
        file: None,
        said: vec![LateFinding { source, finding, about: vec![file.clone()] }],
    };
    let request = Render {
        target: target.meta.name.into(),
        template: view.template.into(),
        own: own.of(target.meta.name).map(|(name, source)| (name.into(), source.text.as_str().into())).collect(),
        header: header.line().into(),
        document: Cow::Borrowed(&view.document),
        tags: view.tags.iter().map(|(pointer, _)| pointer.into()).collect(),
    };
    let text = match job::render(own.runner, request) {
        Ok(text) => text,
        Err(fault) => {
            let blamed = fault.template.as_deref().and_then(|name| own.get(target.meta.name, name));
            let (source, span) = match blamed {
                Some(blamed) => (blamed, fault.span()),
                None => (source, source.line_span(0)),
            };
            return none((source.clone(), broken(FileId(0), span, fault.message)));
        }
    };
    let lost = match roundtrip::lost(target.meta.format, view, &text) {
        Ok(lost) => lost,
        Err((span, message)) => {
            let name = format!("{} (rendered by {})", view.path, source.name);
            return none((Source::new(name, text), broken(FileId(0), span, message)));
        }
    };
    let mut said = Vec::new();
    let mut say = |message: String, help: String, about: Vec<String>| {
        let place = FileSpan { file: FileId(0), span: source.line_span(0) };
        let finding = Finding::of("lost-in-template", place, message).help(help);
        said.push(LateFinding { source: source.clone(), finding, about });
    };
    if !lost.is_empty() {
        let shown: Vec<&str> = lost.iter().take(SHOWN).map(String::as_str).collect();
        let more = lost.len().saturating_sub(SHOWN);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let (path, name) = (&view.path, target.meta.name);
        let message = format!("left out of {path} or other than {name} would write it: {}{more}", shown.join(", "));
        let keys = lost.iter().flat_map(|lost| lost.split(['`', '/'])).map(str::to_owned).chain([file.clone()]);
        let help = format!("write it, or take it over: `{{% include \"{BUILT_IN}{}\" %}}`", view.template);
        say(message, help, keys.collect());
    }
    if !text.starts_with(&header.line()) {
        let message = format!("{} does not begin with the header, so `render` will not know it as its own", view.path);
        say(message, "begin the template with `{{ header }}`".to_owned(), vec![file]);
    }
    RenderedView { file: Some(OutputFile { path: view.path.clone(), text }), said }
}

/// The most losses that one message names.
const SHOWN: usize = 3;

/// The output of a user's template, from its text alone.
pub(super) fn text(job: Render<'_>) -> Result<String, TemplateFault> {
    let without_place = |message: &str| TemplateFault::new(None, Span::new(0, 0), message.to_owned());
    let target = targets::get(&job.target).ok_or_else(|| without_place("there is no such target"))?;
    let known = target.meta.templates.iter().find(|(name, _)| *name == job.template);
    let (template, _) = *known.ok_or_else(|| without_place("the target has no such template"))?;
    let size = u64::try_from(job.document.to_string().len()).unwrap_or(u64::MAX);
    let bound = |(base, each): (u64, u64)| base.saturating_add(size.saturating_mul(each));
    let own = job.own.into_iter().map(|(name, text)| (name.to_string(), Source::new(name, text))).collect();
    let own = Arc::new(Templates::of_one(target.meta.name, own));
    let tags: Vec<(String, &'static str)> = job.tags.into_iter().map(|tag| (tag.into_owned(), "")).collect();
    let view = Arc::new(View { path: String::new(), template, document: job.document.into_owned(), tags });
    let mut environment = environment(target, Some(Arc::clone(&own)), Some(bound(OWN_VALUES)));
    environment.set_debug(true);
    environment.set_fuel(Some(bound(OWN_FUEL)));
    let rendered = environment.get_template(template).and_then(|found| found.render(context(&view, &job.header)));
    rendered.map_err(|error| match blame(&error, &own, target) {
        Some((source, span)) => TemplateFault::new(Some(source.name.clone()), span, cause(&error)),
        None => without_place(&cause(&error)),
    })
}

/// Why a text cannot be parsed as a template, and where.
pub(super) fn fault(name: &str, text: &str) -> Option<TemplateFault> {
    let source = Source::new(name, text);
    let mut environment = Environment::new();
    environment.set_debug(true);
    environment.set_syntax(sandbox::syntax());
    let error = environment.template_from_named_str(name, text).err()?;
    Some(TemplateFault::new(Some(name.to_owned()), place(&error, &source), cause(&error)))
}

/// The place in a template that an error reports.
fn place(error: &minijinja::Error, source: &Source) -> Span {
    let line = source.line_span(error.line().unwrap_or(1).saturating_sub(1));
    match error.range() {
        Some(range) if source.text.get(range.clone()).is_some_and(|text| !text.is_empty() && !text.contains('\n')) => {
            Span::new(range.start, range.end)
        }
        _ => line,
    }
}

/// The innermost of the user's templates in the chain of an error.
fn blame<'t>(error: &minijinja::Error, own: &'t Templates, target: &Target) -> Option<(&'t Source, Span)> {
    chain(error)
        .filter_map(|error| {
            let source = own.get(target.meta.name, error.name()?)?;
            Some((source, place(error, source)))
        })
        .last()
}

/// An error and its causes, outermost first.
fn chain(error: &minijinja::Error) -> impl Iterator<Item = &minijinja::Error> {
    std::iter::successors(Some(error), |error| std::error::Error::source(*error)?.downcast_ref())
}

/// The innermost cause of an error.
fn cause(error: &minijinja::Error) -> String {
    let error = chain(error).last().unwrap_or(error);
    match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => "it takes too long or too much memory".to_owned(),
        (ErrorKind::SyntaxError, Some(detail)) => detail.to_owned(),
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    }
}

fn context(view: &Arc<View>, header: &str) -> minijinja::Value {
    minijinja::context! {
        header => minijinja::Value::from_safe_string(header.to_owned()),
        doc => ViewValue::whole(view),
        tags => view.tags.iter().map(|(pointer, _)| pointer.clone()).collect::<Vec<_>>(),
    }
}
