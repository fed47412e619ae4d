//! Lists and mappings in each other's place, and words in place of a mapping. Knows single values.

use super::super::convert::{database, flow, word};
use super::answer::{Form, help_only, write};
use crate::syntax::{Node, Style, Value};

/// `[disk=ssd]` and `[disk: ssd]` as a mapping.
pub(super) fn pairs(node: &Node) -> Option<Form> {
    let pair = |item: &Node| {
        let (key, value) = match item.entries() {
            [only] => (only.key.to_string(), only.node.text.to_string()),
            _ => item.as_str()?.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()))?,
        };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_');
        let is_key = !key.is_empty() && key.chars().all(is_plain);
        // the value of a label is text
        let is_word = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        let other = matches!(&*value, "true" | "false" | "null") || crate::syntax::ambiguous_text(&value).is_some();
        let value = if is_word && !other { value } else { word(&value, true)? };
        is_key.then(|| format!("{key}: {value}"))
    };
    let all: Vec<String> = node.items().iter().map(|item| pair(item)).collect::<Option<_>>()?;
    let text = format!("{{ {} }}", all.join(", "));
    (!all.is_empty() && text.len() <= 200).then(|| write(text))?
}

/// One item where a list of them is expected.
pub(super) fn list_of_one(node: &Node) -> Option<Form> {
    let whole = |text: String| write(format!("[{text}]")).map(|form| Form { text: None, ..form });
    let by_hand = || help_only("write a list: `- ` before its first field, and the others indented as far");
    matches!(node.value, Value::Map(_)).then(|| flow(node).and_then(whole).or_else(by_hand))?
}

/// Machines without the `nodes` above them.
pub(super) fn machines(node: &Node) -> Option<Form> {
    let all = flow(node).filter(|text| text.len() <= 200)?;
    let is_list = node.items().iter().all(|item| !item.entries().is_empty()) && !node.items().is_empty();
    is_list.then(|| write(format!("{{ nodes: {all} }}")).map(|form| Form { text: None, ..form }))?
}

/// The kind or the image of a backing service in place of its fields.
pub(super) fn backing(node: &Node) -> Option<Form> {
    let text = node.as_str()?;
    let name = text.rsplit('/').next()?.split([':', '@']).next()?;
    let kind = Node { text: name.into(), ..node.clone() };
    let kind = database(&kind)?.first()?.text.clone();
    let image = if text.contains([':', '/', '@']) { format!("image: {}, ", word(text, true)?) } else { String::new() };
    help_only(format!("write `{{ {image}kind: {kind} }}`"))
}

/// One port in a list, or several.
pub(super) fn one_port(node: &Node) -> Option<Form> {
    let ports: Vec<u16> =
        node.items().iter().map(|item| u16::try_from(item.as_whole()?).ok()).collect::<Option<_>>()?;
    match ports.as_slice() {
        [] => None,
        [port] => write(port.to_string()),
        several => {
            let all: Vec<String> = several.iter().map(|port| format!("{{ port: {port} }}")).collect();
            help_only(format!("write `ports: [{}]`", all.join(", ")))
        }
    }
}

/// `-npm` and `-start` on lines of their own: one text that goes on, and no list.
pub(super) fn items_without_blank(node: &Node) -> Option<Form> {
    let text = node.as_str().filter(|_| node.style == Style::Plain)?;
    let words: Vec<&str> = text.split(' ').collect();
    // a text on one line has as many bytes as its value
    let is_folded = node.span.len() > text.len();
    let is_item =
        |word: &&str| word.len() > 1 && word.starts_with('-') && word.chars().all(|c| c.is_ascii_graphic() && c != '`');
    (is_folded && words.iter().all(is_item)).then_some(())?;
    let items: Vec<String> = words.iter().filter_map(|word| Some(format!("`- {}`", word.get(1..)?))).collect();
    help_only(format!("write {}: a blank is missing after each `-`", items.join(", ")))
}
