//! Validates documents against foreign schemas, such as a chart's. Knows neither the spec nor our own contracts.

use super::effort;
use crate::support::pointer;
use crate::support::secrets;
use crate::syntax::MAX_FINDINGS;
use jsonschema::error::{ValidationError, ValidationErrorKind as Kind};
use jsonschema::{PatternOptions, ReferencingError as Reference};
use serde_json::Value as Json;

/// How many steps back a pattern may take over one text; a pattern that needs more does not match.
const MOST_BACK: usize = 100_000;
/// Bytes that one pattern may take once it is compiled.
const MOST_PATTERN_BYTES: usize = 1 << 20;

/// Where a document breaks a foreign schema: the keys down to the value, and the message.
///
/// # Errors
/// Why the schema cannot be used: it is not a schema, it names files that are not read, or it would take too long.
pub fn breaks(schema: &Json, document: &Json) -> Result<Vec<(Vec<String>, String)>, String> {
    effort::bounded(schema, document)?;
    let patterns = PatternOptions::fancy_regex().backtrack_limit(MOST_BACK).size_limit(MOST_PATTERN_BYTES);
    let options = jsonschema::options().with_pattern_options(patterns);
    let validator = options.build(schema).map_err(|error| unusable(&error))?;
    let mut found = Vec::new();
    for error in validator.iter_errors(document).take(MAX_FINDINGS) {
        let pointer = error.instance_path().as_str().to_owned();
        let path = || pointer::keys(&pointer);
        match error.kind() {
            Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
                for key in unexpected {
                    let message = format!("`{}` is not a key there", key.escape_debug());
                    found.push((path().chain([key.clone()]).collect(), message));
                }
            }
            _ => {
                let path: Vec<String> = path().collect();
                // a collection would be printed with all its content
                let whole = error.instance().is_object() || error.instance().is_array();
                let message = match whole || path.last().is_some_and(|key| secrets::is_name(key)) {
                    true => error.masked().to_string(),
                    false => error.to_string(),
                };
                found.push((path, brief(&message)));
            }
        }
    }
    Ok(found)
}

/// Why a schema cannot be used. If a reference leads nowhere, the library's message is about its own registry.
fn unusable(error: &ValidationError<'_>) -> String {
    match error.kind() {
        Kind::Referencing(Reference::Unretrievable { uri, .. }) => {
            brief(&format!("`$ref` leads to {uri}, and no file beside the schema is read"))
        }
        Kind::Referencing(Reference::PointerToNowhere { pointer }) => {
            brief(&format!("`$ref` leads to `{pointer}`, which it does not have"))
        }
        Kind::Referencing(Reference::NoSuchAnchor { anchor }) => {
            brief(&format!("`$ref` leads to the anchor `{anchor}`, which it does not have"))
        }
        _ => brief(&error.to_string()),
    }
}

/// The start of a foreign message, on one line.
fn brief(text: &str) -> String {
    let mut short: String = text.chars().take(160).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() > 160 {
        short.push('…');
    }
    short
}
