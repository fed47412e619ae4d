//! The one template environment: the source of templates, and how values become text. Knows no target and no view.

use super::user_templates::Templates;
use super::view_value::ViewValue;
use super::yaml;
use crate::support::sandbox;
use crate::targets::{DirectiveSyntax, OutputFormat, Target};
use minijinja::value::ValueKind;
use minijinja::{AutoEscape, Environment, ErrorKind};
use serde_json::Value as Json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The most steps of one template: thousands of services fit, an endless loop does not.
const FUEL: u64 = 50_000_000;
/// How deep values of the user's templates may nest: lists within lists are made in few steps.
const MOST_DEEP: usize = 100;
/// The deepest indent of a block.
const MOST_INDENT: usize = 1000;
/// The prefix that names a template of ours, to include it although one of the user's replaces it.
pub(super) const BUILT_IN: &str = "builtin/";

/// `values`: how many values may become text; for our own templates there is no limit.
pub(super) fn environment(
    target: &'static Target,
    own: Option<Arc<Templates>>,
    values: Option<u64>,
) -> Environment<'static> {
    let mut environment = sandbox::bounded(Environment::new(), FUEL);
    let meta = &target.meta;
    environment.set_loader(move |name| {
        let own = own.as_ref().and_then(|own| own.get(meta.name, name)).map(|source| source.text.clone());
        let built_in = |name: &str| meta.templates.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
        Ok(own.or_else(|| built_in(name.strip_prefix(BUILT_IN).unwrap_or(name)).map(str::to_owned)))
    });
    // all files of a target are in one language, so every value is escaped for it
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("target".into()));
    let left = values.map(|values| Arc::new(AtomicU64::new(values)));
    let budget = left.clone();
    environment.set_formatter(move |out, _, value| {
        if value.is_safe() {
            return write!(out, "{value}").map_err(minijinja::Error::from);
        }
        match meta.format {
            OutputFormat::Yaml => {
                write!(out, "{}", with_json(value, budget.as_deref(), |json| yaml::token(json, meta.replaced))?)
                    .map_err(minijinja::Error::from)
            }
            OutputFormat::Directives(syntax) => directive_word(syntax, out, value),
        }
    });
    type Tagged = Option<Vec<String>>;
    let block =
        move |value: minijinja::Value, indent: usize, tags: Tagged, at: Option<String>, verbatim: Option<bool>| {
            if indent > MOST_INDENT {
                let message = format!("a block is indented by {MOST_INDENT} at most, not {indent}");
                return Err(minijinja::Error::new(ErrorKind::InvalidOperation, message));
            }
            let (tags, at) = (tags.unwrap_or_default(), at.unwrap_or_default());
            let tags = yaml::LocalTags { all: &tags, at: &at };
            // what another tool's file says is written as it says it
            let replaced = meta.replaced.filter(|_| verbatim != Some(true));
            with_json(&value, left.as_deref(), |json| yaml::block(json, indent, replaced, tags))
                .map(minijinja::Value::from_safe_string)
        };
    environment.add_filter("block", block);
    environment
}

/// A template's value as JSON: a reference for a part of the view, a copy for anything else, within the remaining limit.
fn with_json<T>(
    value: &minijinja::Value,
    left: Option<&AtomicU64>,
    then: impl FnOnce(&Json) -> T,
) -> Result<T, minijinja::Error> {
    match value.downcast_object_ref::<ViewValue>() {
        Some(part) => Ok(then(part.json())),
        None => json(value, left).map(|json| then(&json)),
    }
}

fn json(value: &minijinja::Value, left: Option<&AtomicU64>) -> Result<Json, minijinja::Error> {
    if value.is_undefined() {
        return Err(minijinja::Error::new(ErrorKind::UndefinedError, "an undefined value reached the output"));
    }
    if let Some(left) = left {
        count(value, left, 0)?;
    }
    serde_json::to_value(value).map_err(|error| minijinja::Error::new(ErrorKind::BadSerialization, error.to_string()))
}

/// Subtracts every value within one from the remaining limit.
fn count(value: &minijinja::Value, left: &AtomicU64, depth: usize) -> Result<(), minijinja::Error> {
    if depth > MOST_DEEP || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err()
    {
        return Err(ErrorKind::OutOfFuel.into());
    }
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => value.try_iter()?.try_for_each(|item| count(&item, left, depth + 1)),
        ValueKind::Map => value.try_iter()?.try_for_each(|key| count(&value.get_item(&key)?, left, depth + 1)),
        _ => Ok(()),
    }
}

/// Numbers, and words of characters without a meaning in the language. `lower` has refused all others already, at their places.
fn directive_word(
    syntax: &DirectiveSyntax,
    out: &mut minijinja::Output<'_>,
    value: &minijinja::Value,
) -> Result<(), minijinja::Error> {
    let text = match value.kind() {
        ValueKind::Number => value.to_string(),
        ValueKind::String => value.as_str().unwrap_or_default().to_owned(),
        kind => {
            return Err(minijinja::Error::new(ErrorKind::BadEscape, format!("{kind} is no {} word", syntax.consumer)));
        }
    };
    if text.is_empty() || !text.chars().all(syntax.is_safe) {
        let message = format!("`{}` could end or open an {} directive", text.escape_debug(), syntax.consumer);
        return Err(minijinja::Error::new(ErrorKind::BadEscape, message));
    }
    write!(out, "{text}").map_err(minijinja::Error::from)
}
