//! What to write in place of a value that docker compose refuses: the fix of a slip that the value itself gives away. Knows no rule.
//!
//! A value is repeated only if it is short and of a key that holds no secret.

use crate::inputs::compose::keys::amounts;
use crate::inputs::compose::keys::forms::{Reads, ValueForm};
use crate::inputs::compose::keys::value_shape::ValueShape;
use crate::inputs::text::{is_private, known_text};
use crate::syntax::{Entry, Node, Value, in_curled_quotes};

/// The longest value that is repeated.
const MOST_SHOWN: usize = 40;

/// Keys whose values may be repeated.
const OPEN: [&str; 14] = [
    "ports",
    "volumes",
    "depends_on",
    "networks",
    "profiles",
    "expose",
    "dns",
    "tmpfs",
    "devices",
    "configs",
    "secrets",
    "version",
    "links",
    "cap_add",
];

/// Whether a whole text, or what a variable in it is set to, is between curled quotes.
pub(super) fn is_curled(text: &str) -> bool {
    // what is ASCII has none, and nearly all texts are
    if text.is_ascii() {
        return false;
    }
    in_curled_quotes(text).is_some() || text.split_once('=').is_some_and(|(_, value)| in_curled_quotes(value).is_some())
}

fn repeatable_text<'n>(key: &str, node: &'n Node) -> Option<&'n str> {
    let text = known_text(node).filter(|text| text.len() <= MOST_SHOWN && !text.contains(['\n', '`']))?;
    (OPEN.contains(&key) && !is_private(node)).then_some(text)
}

/// What to write in place of a value of another form.
pub(super) fn of_form(key: &str, shape: &ValueShape, node: &Node) -> Option<String> {
    let takes = |form: ValueForm| shape.forms.contains(&form);
    let number = matches!(node.value, Value::Int(_) | Value::Float(_) | Value::Bool(_));
    match (&node.value, shape.reads) {
        (Value::Int(count), _) if key == "gpus" => Some(format!("write `gpus: [{{count: {count}}}]`")),
        (Value::Int(_), Reads::Size) => Some(format!("write the unit: `{}m`", node.text)),
        (Value::Str, _) if !takes(ValueForm::Text) && takes(ValueForm::Map) && !takes(ValueForm::List) => {
            of_mapping(node)
        }
        (Value::Str, _) if takes(ValueForm::List) && !takes(ValueForm::Text) => Some(of_list(key, node)),
        (Value::Map(entries), _) if takes(ValueForm::List) && !takes(ValueForm::Map) => pairs(key, entries),
        (Value::Map(entries), _) if takes(ValueForm::Text) => item(key, entries),
        (Value::Seq(_), _) if key == "services" => {
            Some("write each name as a key, without a dash, and its keys two columns below it: `web:`".to_owned())
        }
        _ if number && takes(ValueForm::Text) && !is_private(node) && node.text.len() <= MOST_SHOWN => {
            Some(format!("write it in quotes: `\"{}\"`", node.text))
        }
        _ => None,
    }
}

/// A text where a mapping is taken: a blank is missing, or `=` stands for `:`.
fn of_mapping(node: &Node) -> Option<String> {
    let text = known_text(node)?;
    let word = text.split([':', '=', ' ']).next().filter(|word| !word.is_empty() && word.len() <= MOST_SHOWN)?;
    let rest = text.get(word.len()..)?.trim_start();
    match rest.chars().next()? {
        ':' => Some(format!("write a blank after each colon: `{word}: …`")),
        '=' => Some(format!("write a colon and a blank for each `=`: `{word}: …`")),
        _ => None,
    }
}

/// A text where a list is taken.
fn of_list(key: &str, node: &Node) -> String {
    let text = known_text(node).unwrap_or_default();
    if text.starts_with('-') {
        return format!("write a blank after each dash of `{key}`: `- …`");
    }
    match repeatable_text(key, node) {
        Some(text) => format!("write a list: `{key}: [\"{text}\"]`"),
        None if text.split_whitespace().next().is_some_and(|word| word.contains('=')) => {
            "write each as an item of a list: `- NAME=…`".to_owned()
        }
        None => format!("write a list: `{key}: […]`"),
    }
}

/// A mapping where a list is taken: `8080: 80`.
fn pairs(key: &str, entries: &[Entry]) -> Option<String> {
    let first = entries.first()?;
    let value = repeatable_text(key, &first.node).filter(|_| ["ports", "volumes"].contains(&key))?;
    Some(format!("write each as an item of a list: `- \"{}:{value}\"`", first.key.escape_debug()))
}

/// A mapping where a text is taken: `- NAME: value`.
fn item(key: &str, entries: &[Entry]) -> Option<String> {
    let [entry] = entries else { return None };
    let name = entry.key.escape_debug();
    known_text(&entry.node).filter(|_| key == "environment" || key == "labels" || key == "args")?;
    Some(format!("write `{name}=…` in the item, or `{name}: …` in each line without the dashes"))
}

/// A port whose halves are a key and a value because of a blank (`80: 80`): as it is written, and as it was meant.
pub(super) fn parted_port(key: &str, item: &Node) -> Option<(String, String)> {
    let [entry] = item.entries() else { return None };
    let value = known_text(&entry.node).filter(|_| key == "ports" && !is_private(&entry.node))?;
    let digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || b".:-/".contains(&byte));
    let is_one = digits(&entry.key) && digits(value.split('/').next().unwrap_or_default());
    is_one.then(|| (format!("{}: {value}", entry.key), format!("{}:{value}", entry.key)))
}

/// What to write in place of a text that does not parse as it must.
pub(super) fn of_text(key: &str, reads: Reads, node: &Node) -> Option<String> {
    let text = known_text(node).filter(|text| text.len() <= MOST_SHOWN && !is_private(node))?;
    if is_curled(text) {
        return Some("write straight quotes (`\"`): curled ones are part of the text".to_owned());
    }
    match reads {
        Reads::Size => size(text),
        Reads::Number if key.starts_with("cpu") => {
            let milli: f64 = text.strip_suffix('m')?.parse().ok()?;
            Some(format!("write cores: `{}`", milli / 1000.0))
        }
        Reads::Duration if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(format!("write the unit: `{text}s`"))
        }
        Reads::Words(words) => {
            let meant = words.iter().find(|word| word.strip_prefix("service_") == Some(text))?;
            Some(format!("write `{meant}`"))
        }
        _ => None,
    }
}

/// `512Mi`, `1 GB RAM`: the amount in compose's own units, which are powers of 1024 too.
fn size(text: &str) -> Option<String> {
    let number =
        text.find(|c: char| !c.is_ascii_digit() && c != '.').map_or(text, |end| text.get(..end).unwrap_or_default());
    let unit = text.get(number.len()..)?.trim_start().chars().next()?.to_ascii_lowercase();
    let meant = format!("{number}{unit}");
    let fits = ['k', 'm', 'g', 't'].contains(&unit) && amounts::bytes(&meant).is_some();
    fits.then(|| format!("write `{meant}`: units of docker compose are powers of 1024"))
}

/// What to write in place of an item of a list in its short form.
pub(super) fn of_item(key: &str, text: &str) -> Option<String> {
    if is_curled(text) {
        return Some("write straight quotes (`\"`): curled ones are part of the text".to_owned());
    }
    let bare = text.trim().trim_end_matches([',', ';']);
    let blanks: String = bare.chars().filter(|c| !c.is_whitespace()).collect();
    (key == "ports" && blanks != text && blanks.len() <= MOST_SHOWN && !blanks.is_empty())
        .then(|| format!("write `\"{blanks}\"`"))
}
