//! Documents against schemas of somebody else's, such as a chart's. Knows neither the spec nor our own contracts.

use crate::support::secrets;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value as Json;

/// Where a document breaks a schema of somebody else's: the keys down to the value, and what is wrong.
///
/// # Errors
/// Why the schema cannot be used: it is none, or it names files that are not read.
pub fn breaks(schema: &Json, document: &Json) -> Result<Vec<(Vec<String>, String)>, String> {
    let validator = jsonschema::validator_for(schema).map_err(|error| brief(&error.to_string()))?;
    let mut found = Vec::new();
    for error in validator.iter_errors(document) {
        let pointer = error.instance_path().as_str().to_owned();
        let path = || pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~"));
        match error.kind() {
            Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
                for key in unexpected {
                    let message = format!("`{}` is no key there", key.escape_debug());
                    found.push((path().chain([key.clone()]).collect(), message));
                }
            }
            _ => {
                let path: Vec<String> = path().collect();
                // a collection would be printed with all that is in it
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

/// The start of somebody else's message, on one line.
fn brief(text: &str) -> String {
    let mut short: String = text.chars().take(160).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() > 160 {
        short.push('…');
    }
    short
}
