//! Reads a chart that a spec is written into: the keys of its values and the schema that they obey. Runs no template and knows no target.

use crate::inputs::spec::schema;
use crate::support::source::{FileId, Source};
use crate::syntax::{ParseMode, decode, parse};
use serde_json::Value as Json;

/// More values than any chart has with its aliases written out; a file beyond it is not read.
const MAX_VALUES: u32 = 1_000_000;

/// What is known of one chart's values.
#[derive(Clone, Debug, Default)]
pub struct ChartFacts {
    /// The folder as the spec wrote it.
    pub folder: String,
    /// Its own values; `None` if it has no `values.yaml`.
    values: Option<Json>,
    /// Its `values.schema.json`.
    schema: Option<Json>,
    /// Keys that hold the values of other charts, which are not read.
    open: Vec<String>,
}

/// Whether a chart has a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HasKey {
    /// It has, or nothing tells that it has not.
    Yes,
    /// The part with this index is not among these keys.
    No(usize, Vec<String>),
}

/// Where values break the chart's schema, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValuesFault {
    /// The keys down to the value.
    pub path: Vec<String>,
    /// What is wrong: lowercase, no full stop.
    pub message: String,
}

/// Why a file of a chart cannot be read.
#[derive(Clone, Debug)]
pub struct UnreadChartFile {
    /// For a person.
    pub why: String,
    /// Nothing is there.
    pub missing: bool,
}

impl ChartFacts {
    /// Reads a chart through `read`, which is given paths of its files.
    ///
    /// # Errors
    /// Which file cannot be read and why, for a person.
    pub fn read(
        folder: &str,
        read: &mut dyn FnMut(&str) -> Result<Vec<u8>, UnreadChartFile>,
    ) -> Result<ChartFacts, String> {
        let path = |name: &str| format!("{}/{name}", folder.trim_end_matches('/'));
        let mut bytes = |name: &str, needed: bool| match read(&path(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(unread) if unread.missing && !needed => Ok(None),
            Err(unread) => Err(format!("`{}` cannot be read: {}", path(name).escape_debug(), unread.why)),
        };
        // only the first is there in every chart
        let about = bytes("Chart.yaml", true)?.unwrap_or_default();
        let (values, schema) = (bytes("values.yaml", false)?, bytes("values.schema.json", false)?);
        let about = yaml(&path("Chart.yaml"), about)?;
        let values = values.map(|bytes| yaml(&path("values.yaml"), bytes)).transpose()?;
        let values = values.filter(|values| !values.is_null());
        let schema = schema.map(|bytes| json(&path("values.schema.json"), &bytes)).transpose()?;
        if let Some(values) = values.as_ref().filter(|values| !values.is_object()) {
            let kind = if values.is_array() { "a list" } else { "one value" };
            return Err(format!("`{}` is {kind}, expected a mapping", path("values.yaml").escape_debug()));
        }
        let listed = about.get("dependencies").and_then(Json::as_array).map_or(&[][..], |list| list);
        let open =
            listed.iter().filter_map(|dependency| dependency.get("alias").or_else(|| dependency.get("name"))?.as_str());
        let open = open.chain(["global"]).map(str::to_owned).collect();
        Ok(ChartFacts { folder: folder.to_owned(), values, schema, open })
    }

    /// Values of a chart, and the schema that they obey. Which charts are below it is not looked at.
    pub(super) fn of_values(folder: &str, values: Json, schema: Option<Json>) -> ChartFacts {
        ChartFacts { folder: folder.to_owned(), values: Some(values), schema, open: vec!["global".to_owned()] }
    }

    /// All of the chart's own values.
    #[must_use]
    pub fn whole(&self) -> &Json {
        self.values.as_ref().unwrap_or(&Json::Null)
    }

    /// The chart's own value at a path.
    #[must_use]
    pub fn own_value(&self, path: &[String]) -> Option<&Json> {
        path.iter().try_fold(self.values.as_ref()?, |value, key| value.get(key))
    }

    /// Whether the chart has a key at this path, by its values or by its schema.
    #[must_use]
    pub fn knows(&self, path: &[String]) -> HasKey {
        if path.first().is_some_and(|first| self.open.contains(first)) || self.in_schema(path) {
            return HasKey::Yes;
        }
        let Some(mut value) = self.values.as_ref() else { return HasKey::Yes };
        for (index, key) in path.iter().enumerate() {
            match value {
                // a value that is empty in the chart is for its users to fill
                Json::Null => return HasKey::Yes,
                Json::Object(fields) if fields.is_empty() && index > 0 => return HasKey::Yes,
                Json::Object(fields) => match fields.get(key) {
                    Some(next) => value = next,
                    None => return HasKey::No(index, fields.keys().cloned().collect()),
                },
                _ => return HasKey::No(index, Vec::new()),
            }
        }
        HasKey::Yes
    }

    fn in_schema(&self, path: &[String]) -> bool {
        let Some(schema) = &self.schema else { return false };
        path.iter().try_fold(schema, |at, key| at.get("properties")?.get(key)).is_some()
    }

    /// The chart's own values with others laid over them, as helm lays them: null removes.
    #[must_use]
    pub fn laid(&self, over: &Json) -> Json {
        let mut values = self.values.clone().unwrap_or_else(|| Json::Object(serde_json::Map::new()));
        lay(&mut values, over);
        values
    }

    /// The errors of the chart's schema for these values over the chart's own.
    ///
    /// # Errors
    /// Why the schema itself cannot be used.
    pub fn faults(&self, over: &Json) -> Result<Vec<ValuesFault>, String> {
        let Some(schema) = &self.schema else { return Ok(Vec::new()) };
        let found = schema::breaks(schema, &self.laid(over))?;
        Ok(found.into_iter().map(|(path, message)| ValuesFault { path, message }).collect())
    }
}

fn lay(base: &mut Json, over: &Json) {
    match (base, over) {
        (Json::Object(base), Json::Object(over)) => {
            for (key, value) in over {
                if value.is_null() {
                    base.shift_remove(key);
                } else {
                    lay(base.entry(key.clone()).or_insert(Json::Null), value);
                }
            }
        }
        (base, over) => *base = over.clone(),
    }
}

fn yaml(path: &str, bytes: Vec<u8>) -> Result<Json, String> {
    let text = decode(bytes).map_err(|_| format!("`{}` is not UTF-8 text", path.escape_debug()))?;
    let source = Source::new(path, text);
    let parsed = parse(FileId::default(), &source, ParseMode::Base);
    if let Some(fault) = parsed.findings.first() {
        let line = source.numbers(fault.at.span.start).line;
        return Err(format!("`{}` cannot be read: line {line}: {}", path.escape_debug(), fault.message));
    }
    let Some(root) = parsed.root else { return Ok(Json::Null) };
    if root.weight > MAX_VALUES {
        return Err(format!("`{}` has over {MAX_VALUES} values with its aliases written out", path.escape_debug()));
    }
    Ok(root.to_json())
}

fn json(path: &str, bytes: &[u8]) -> Result<Json, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("`{}` is not JSON: {error}", path.escape_debug()))
}
