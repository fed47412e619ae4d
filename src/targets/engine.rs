//! The one template environment, and the proof that a text says what its view means. Knows no target.

use super::{Header, OutputFile, Target, View, conf, yaml};
use crate::source::{FileId, Source};
use crate::syntax::{self, Mode, Node, Value};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, ValueKind};
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};
use serde_json::Value as Json;
use std::fmt;

/// Steps one template may take: thousands of services fit, an endless loop does not.
const FUEL: u64 = 50_000_000;

/// Our own fault: a template failed, or its text does not say what the view means. Nothing is written then.
#[derive(Clone, Debug)]
pub struct RenderBug {
    /// The template.
    pub template: String,
    /// What went wrong, with the template's line where there is one.
    pub message: String,
}

impl fmt::Display for RenderBug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "template {}: {}", self.template, self.message)
    }
}

/// Renders one view of a target and reads the text back.
///
/// # Errors
/// The template fails, or the text read back differs from the view.
pub fn render(target: &Target, view: &View, header: &Header) -> Result<OutputFile, RenderBug> {
    let bug = |message: String| RenderBug { template: view.template.to_owned(), message };
    let environment = environment(target);
    let template = environment.get_template(view.template).map_err(|error| bug(describe(&error)))?;
    let context = minijinja::context! {
        header => minijinja::Value::from_safe_string(header.line()),
        doc => minijinja::Value::from(Serde(&view.document)),
        tags => view.tags.iter().map(|(pointer, _)| pointer.clone()).collect::<Vec<_>>(),
    };
    let text = template.render(context).map_err(|error| bug(describe(&error)))?;
    if view.template.ends_with(".yaml.j2") {
        read_back(view, &text).map_err(bug)?;
    } else {
        let tree = conf::parse(&text).map_err(|why| bug(format!("the text cannot be read back: {why}")))?;
        differs(view.document.get("directives").unwrap_or(&Json::Null), &tree, "").map_err(bug)?;
    }
    Ok(OutputFile { path: view.path.clone(), text })
}

fn describe(error: &minijinja::Error) -> String {
    let line = error.line().map(|line| format!(" (line {line})")).unwrap_or_default();
    format!("{error}{line}")
}

fn environment(target: &Target) -> Environment<'static> {
    let mut environment = Environment::new();
    let templates = target.meta.templates;
    environment.set_loader(move |name| {
        Ok(templates.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned()))
    });
    if let Ok(syntax) =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()
    {
        environment.set_syntax(syntax);
    }
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|name| match name {
        name if name.ends_with(".yaml.j2") => AutoEscape::Custom("yaml".into()),
        name if name.ends_with(".conf.j2") => AutoEscape::Custom("nginx".into()),
        _ => AutoEscape::None,
    });
    environment.set_formatter(|out, state, value| {
        if value.is_safe() {
            return write!(out, "{value}").map_err(minijinja::Error::from);
        }
        match state.auto_escape() {
            AutoEscape::Custom(name) if name == "yaml" => {
                write!(out, "{}", yaml::token(&json(value)?)).map_err(minijinja::Error::from)
            }
            AutoEscape::Custom(name) if name == "nginx" => nginx_token(out, value),
            _ => Err(minijinja::Error::new(ErrorKind::BadEscape, "a template's name must end in .yaml.j2 or .conf.j2")),
        }
    });
    environment.add_filter("block", |value: minijinja::Value, indent: usize| {
        json(&value).map(|value| minijinja::Value::from_safe_string(yaml::block(&value, indent)))
    });
    environment
}

fn json(value: &minijinja::Value) -> Result<Json, minijinja::Error> {
    if value.is_undefined() {
        return Err(minijinja::Error::new(ErrorKind::UndefinedError, "an undefined value reached the output"));
    }
    serde_json::to_value(value).map_err(|error| minijinja::Error::new(ErrorKind::BadSerialization, error.to_string()))
}

/// Numbers and words of letters that mean nothing to nginx; `lower` has refused all else before, at its place.
fn nginx_token(out: &mut minijinja::Output<'_>, value: &minijinja::Value) -> Result<(), minijinja::Error> {
    let text = match value.kind() {
        ValueKind::Number => value.to_string(),
        ValueKind::String => value.as_str().unwrap_or_default().to_owned(),
        kind => {
            return Err(minijinja::Error::new(ErrorKind::BadEscape, format!("{kind} is no nginx word")));
        }
    };
    if text.is_empty() || !text.chars().all(nginx_safe) {
        let message = format!("`{}` could end or open an nginx directive", text.escape_debug());
        return Err(minijinja::Error::new(ErrorKind::BadEscape, message));
    }
    write!(out, "{text}").map_err(minijinja::Error::from)
}

/// Characters that can neither end nor open anything in nginx's configuration, nor name a variable.
pub(super) fn nginx_safe(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '.' | '_' | '-' | ':' | '/' | '*' | '~' | '=' | '[' | ']' | '%' | '+' | '@')
}

/// Reads a rendered text with our reader and with serde_yaml; both must give the view.
fn read_back(view: &View, text: &str) -> Result<(), String> {
    let source = Source::new(view.path.clone(), text);
    let parsed = syntax::parse(FileId(0), &source, Mode::Base);
    if let Some(finding) = parsed.findings.first() {
        return Err(format!("the text cannot be read back: {}", finding.message));
    }
    let root = parsed.root.ok_or("the text is empty")?;
    differs(&view.document, &root.to_json(), "")?;
    let mut tags = Vec::new();
    collect_tags(&root, String::new(), &mut tags);
    let mut wanted: Vec<(String, String)> =
        view.tags.iter().map(|(pointer, tag)| (pointer.clone(), (*tag).to_owned())).collect();
    wanted.sort();
    tags.sort();
    if tags != wanted {
        return Err(format!("the text has the tags {tags:?}, the view {wanted:?}"));
    }
    let second: serde_yaml::Value =
        serde_yaml::from_str(text).map_err(|error| format!("serde_yaml refuses: {error}"))?;
    differs(&view.document, &untagged(second)?, "")
}

fn collect_tags(node: &Node, pointer: String, tags: &mut Vec<(String, String)>) {
    match &node.value {
        Value::Map(entries) => entries.iter().for_each(|entry| {
            let key = entry.key.replace('~', "~0").replace('/', "~1");
            collect_tags(&entry.node, format!("{pointer}/{key}"), tags);
        }),
        Value::Seq(items) => {
            items.iter().enumerate().for_each(|(index, item)| collect_tags(item, format!("{pointer}/{index}"), tags))
        }
        _ => {}
    }
    if let Some(tag) = &node.tag {
        tags.push((pointer, tag.to_string()));
    }
}

/// serde_yaml's value as JSON, local tags taken off.
fn untagged(value: serde_yaml::Value) -> Result<Json, String> {
    use serde_yaml::Value as Yaml;
    Ok(match value {
        Yaml::Tagged(tagged) => untagged(tagged.value)?,
        Yaml::Sequence(items) => Json::Array(items.into_iter().map(untagged).collect::<Result<_, _>>()?),
        Yaml::Mapping(fields) => {
            let mut out = serde_json::Map::new();
            for (key, value) in fields {
                let Yaml::String(key) = key else { return Err(format!("serde_yaml reads the key {key:?}")) };
                out.insert(key, untagged(value)?);
            }
            Json::Object(out)
        }
        scalar => serde_json::to_value(scalar).map_err(|error| error.to_string())?,
    })
}

/// The first place where two values differ.
fn differs(meant: &Json, read: &Json, pointer: &str) -> Result<(), String> {
    match (meant, read) {
        (Json::Object(a), Json::Object(b)) => {
            for key in a.keys().chain(b.keys()) {
                let pointer = format!("{pointer}/{key}");
                match (a.get(key), b.get(key)) {
                    (Some(a), Some(b)) => differs(a, b, &pointer)?,
                    (Some(_), None) => return Err(format!("{pointer} is in the view but not in the text")),
                    (None, _) => return Err(format!("{pointer} is in the text but not in the view")),
                }
            }
            Ok(())
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().try_for_each(|(index, (a, b))| differs(a, b, &format!("{pointer}/{index}")))
        }
        (a, b) if a == b => Ok(()),
        (a, b) => Err(format!("{pointer} is {a} in the view and {b} in the text")),
    }
}
