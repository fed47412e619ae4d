//! Verifies that a text has the values of its view, by readers that know no template. Most texts do, so
//! they are compared while they are read. Only if one differs, values are built and compared for a message.

use super::compare::{self, differs};
use crate::support::pointer;
use crate::support::source::{FileId, Source, Span};
use crate::syntax::{self, Entry, Node, ParseMode, Value};
use crate::targets::{OutputFormat, View};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value as Json};
use std::fmt;

/// Reads a text of ours back in the language of its target; it must give the view.
pub(super) fn verify(format: OutputFormat, view: &View, text: &str) -> Result<(), String> {
    let OutputFormat::Directives(syntax) = format else { return yaml(view, text) };
    let tree = (syntax.parse)(text).map_err(|why| format!("the text cannot be read back: {why}"))?;
    differs(view.document.get("directives").unwrap_or(&Json::Null), &tree, "")
}

/// With our reader and with serde_yaml.
fn yaml(view: &View, text: &str) -> Result<(), String> {
    let source = Source::new(view.path.clone(), text);
    let parsed = syntax::parse(FileId(0), &source, ParseMode::Base);
    if let Some(finding) = parsed.findings.first() {
        return Err(format!("the text cannot be read back: {}", finding.message));
    }
    let root = parsed.root.ok_or("the text is empty")?;
    if !is_equal(&root, &view.document) {
        differs(&view.document, &root.to_json(), "")?;
    }
    let mut tags = Vec::new();
    if tagged(&root) {
        collect_tags(&root, String::new(), &mut tags);
    }
    let mut wanted: Vec<(String, String)> =
        view.tags.iter().map(|(pointer, tag)| (pointer.clone(), (*tag).to_owned())).collect();
    wanted.sort();
    tags.sort();
    if tags != wanted {
        return Err(format!("the text has the tags {tags:?}, the view {wanted:?}"));
    }
    if tags.is_empty() && reads(text, &view.document) {
        return Ok(());
    }
    let refused = |error| format!("serde_yaml refuses: {error}");
    let second: Json = if tags.is_empty() {
        serde_yaml::from_str(text).map_err(refused)?
    } else {
        untagged(serde_yaml::from_str(text).map_err(refused)?)?
    };
    differs(&view.document, &second, "")
}

/// Reads the output of a user's template, and lists the values of the view that are not in it.
pub(super) fn lost(format: OutputFormat, view: &View, text: &str) -> Result<Vec<String>, (Span, String)> {
    let source = Source::new(view.path.clone(), text);
    let first = source.line_span(0);
    if let OutputFormat::Directives(syntax) = format {
        let unreadable = |why| (first, format!("{} could not read this: {why}", syntax.consumer));
        let tree = (syntax.parse)(text).map_err(unreadable)?;
        let meant = view.document.get("directives").map_or(&[][..], compare::list);
        return Ok(compare::lost_directives(meant, compare::list(&tree), ""));
    }
    let parsed = syntax::parse(FileId(0), &source, ParseMode::Base);
    if let Some(finding) = parsed.findings.first() {
        return Err((finding.at.span, format!("the text is not YAML: {}", finding.message)));
    }
    let root = parsed.root.ok_or_else(|| (first, "the text is empty".to_owned()))?;
    let second: Result<serde_yaml::Value, _> = serde_yaml::from_str(text);
    let second = second.map_err(|error| {
        let line = error.location().map_or(0, |at| at.line().saturating_sub(1));
        (source.line_span(line), format!("another reader of YAML refuses the text: {error}"))
    })?;
    let read = root.to_json();
    let apart = untagged(second).and_then(|second| differs(&second, &read, ""));
    apart.map_err(|why| (first, format!("readers of YAML take the text for different things: {why}")))?;
    let mut lost = Vec::new();
    compare::lost(&view.document, &read, "", &mut lost);
    Ok(lost)
}

/// Whether a value or one below it has a tag. Hardly any has, so that no path need be built.
fn tagged(node: &Node) -> bool {
    let below = || match &node.value {
        Value::Map(entries) => entries.iter().any(|entry| tagged(&entry.node)),
        Value::Seq(items) => items.iter().any(|item| tagged(item)),
        _ => false,
    };
    node.tag.is_some() || below()
}

fn collect_tags(node: &Node, pointer: String, tags: &mut Vec<(String, String)>) {
    match &node.value {
        Value::Map(entries) => entries.iter().for_each(|entry| {
            let key = pointer::part(&entry.key);
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

/// Whether a tree is the value, with its keys in the same order.
fn is_equal(node: &Node, meant: &Json) -> bool {
    match (&node.value, meant) {
        (Value::Null, Json::Null) => true,
        (Value::Bool(read), Json::Bool(meant)) => read == meant,
        (Value::Int(read), Json::Number(meant)) => Number::from(*read) == *meant,
        (Value::Float(read), Json::Number(meant)) => Number::from_f64(*read).is_some_and(|read| read == *meant),
        (Value::Str, Json::String(meant)) => *node.text == **meant,
        (Value::Seq(read), Json::Array(meant)) => {
            read.len() == meant.len() && read.iter().zip(meant).all(|(read, meant)| is_equal(read, meant))
        }
        (Value::Map(read), Json::Object(meant)) => {
            let same =
                |(read, (key, meant)): (&Entry, (&String, &Json))| *read.key == **key && is_equal(&read.node, meant);
            read.len() == meant.len() && read.iter().zip(meant).all(same)
        }
        _ => false,
    }
}

/// Whether serde_yaml reads the value from a text, with its keys in the same order.
fn reads(text: &str, meant: &Json) -> bool {
    Expected(meant).deserialize(serde_yaml::Deserializer::from_str(text)).is_ok()
}

/// Reads one value and refuses any other.
#[derive(Clone, Copy)]
struct Expected<'j>(&'j Json);

impl<'de> DeserializeSeed<'de> for Expected<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Expected<'_> {
    fn when<E: Error>(same: bool) -> Result<(), E> {
        if same { Ok(()) } else { Err(E::custom("another value")) }
    }

    fn number<E: Error>(self, read: Option<Number>) -> Result<(), E> {
        Expected::when(matches!((self.0, read), (Json::Number(meant), Some(read)) if read == *meant))
    }
}

impl<'de> Visitor<'de> for Expected<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value that was meant")
    }

    fn visit_bool<E: Error>(self, read: bool) -> Result<(), E> {
        Expected::when(*self.0 == Json::Bool(read))
    }

    fn visit_i64<E: Error>(self, read: i64) -> Result<(), E> {
        self.number(Some(read.into()))
    }

    fn visit_u64<E: Error>(self, read: u64) -> Result<(), E> {
        self.number(Some(read.into()))
    }

    fn visit_f64<E: Error>(self, read: f64) -> Result<(), E> {
        self.number(Number::from_f64(read))
    }

    fn visit_str<E: Error>(self, read: &str) -> Result<(), E> {
        Expected::when(matches!(self.0, Json::String(meant) if meant == read))
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Expected::when(self.0.is_null())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Json::Array(meant) = self.0 else { return Expected::when(false) };
        for item in meant {
            if items.next_element_seed(Expected(item))?.is_none() {
                return Expected::when(false);
            }
        }
        Expected::when(items.next_element::<IgnoredAny>()?.is_none())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let Json::Object(meant) = self.0 else { return Expected::when(false) };
        for (key, value) in meant {
            match fields.next_key_seed(JsonKey(key))? {
                Some(()) => fields.next_value_seed(Expected(value))?,
                None => return Expected::when(false),
            }
        }
        Expected::when(fields.next_key::<IgnoredAny>()?.is_none())
    }
}

/// Reads one key, which must be a text as for a JSON object, and refuses any other.
struct JsonKey<'k>(&'k str);

impl<'de> DeserializeSeed<'de> for JsonKey<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        struct Text<'k>(&'k str);
        impl<'de> Visitor<'de> for Text<'_> {
            type Value = ();

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the key that was meant")
            }

            fn visit_str<E: Error>(self, read: &str) -> Result<(), E> {
                Expected::when(read == self.0)
            }
        }
        deserializer.deserialize_str(Text(self.0))
    }
}
