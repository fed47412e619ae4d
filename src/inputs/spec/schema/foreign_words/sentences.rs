//! Sentences that say what to write for several words of one mapping, with the values that are there. Knows no place.

use super::convert::{DAYS, flow, memory, moment};
use crate::syntax::{Entry, Node};

/// Machines that are written beside their list.
pub(super) fn machines(words: &[&Entry], _: &Node) -> Option<String> {
    let mut fields: Vec<(u8, String)> = Vec::new();
    for word in words {
        let text = || flow(&word.node);
        fields.push(match &*word.key {
            "count" => (0, format!("count: {}", text()?)),
            "cpu" | "cpus" | "cores" => (1, format!("cpu: {}", text()?)),
            "memory" => (2, format!("memory: {}", text()?)),
            "mem" | "ram" => (2, format!("memory: {}", memory(&word.node)?)),
            "gpu" => (3, format!("gpu: {}", text()?)),
            _ => return None,
        });
    }
    for (place, missing) in [(0, "count: 1"), (1, "cpu: 4"), (2, "memory: 16Gi")] {
        if fields.iter().all(|(known, _)| *known != place) {
            fields.push((place, missing.to_owned()));
        }
    }
    fields.sort();
    let fields: Vec<String> = fields.into_iter().map(|(_, field)| field).collect();
    Some(format!("write it for each kind of machine: `nodes: [{{ {} }}]`", fields.join(", ")))
}

/// When a window opens and closes, in words of a cron or a calendar.
pub(super) fn window(words: &[&Entry], owner: &Node) -> Option<String> {
    let (mut from, mut to, mut days) = (None, None, None);
    for word in words {
        let Some((time, on)) = moment(&word.node.text) else { continue };
        let is_end = ["end", "stop", "until", "close"].iter().any(|part| word.key.starts_with(part));
        if is_end {
            to = Some(time);
        } else {
            from = Some(time);
            days = on.or(days);
        }
    }
    let days = days.unwrap_or_else(|| DAYS.iter().take(5).copied().collect());
    let or = |own: Option<String>, other: &str| own.unwrap_or_else(|| other.to_owned());
    let all = [
        ("days", format!("[{}]", days.join(", "))),
        ("from", format!("\"{}\"", or(from, "08:00"))),
        ("to", format!("\"{}\"", or(to, "18:00"))),
        ("timezone", "UTC".to_owned()),
    ];
    // a zone may be written in another tool's word
    let is_there = |key: &str| owner.get(key).is_some() || (key == "timezone" && owner.get("tz").is_some());
    let missing = all.iter().filter(|(key, _)| !is_there(key)).map(|(key, text)| format!("{key}: {text}"));
    let missing = missing.collect::<Vec<_>>().join(", ");
    Some(match missing.is_empty() {
        true => "remove it: `days`, `from`, `to` and `timezone` say when the window is open".to_owned(),
        false => format!("write days and times: `{missing}`"),
    })
}

/// The tag of an image beside its name.
pub(super) fn tag(words: &[&Entry], owner: &Node) -> Option<String> {
    let tag = words.first()?.node.text.clone();
    let image = owner.get("image").and_then(|image| image.node.as_str());
    let name = image.map_or("example/web", |image| {
        let last = image.rfind('/').map_or(0, |slash| slash + 1);
        let end = image.get(last..).and_then(|rest| rest.find([':', '@'])).map_or(image.len(), |colon| last + colon);
        image.get(..end).unwrap_or(image)
    });
    let is_plain =
        |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | ':'));
    (is_plain(&tag) && is_plain(name)).then(|| format!("write it in the image: `image: \"{name}:{tag}\"`"))
}
