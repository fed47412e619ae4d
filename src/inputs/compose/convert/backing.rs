//! A compose service as a backing service of the spec: its kind from the image, its settings from the flags. Knows no service of the spec.

use crate::inputs::compose::project::view::ServiceView;
use crate::inputs::facts::Facts;
use crate::inputs::images::{self, ServerStart};
use crate::inputs::leaf;
use crate::inputs::server_flags::{flag, postgres_memory, short_flag};
use crate::model::Val;
use crate::syntax::Entry;

/// The fields of a backing service.
pub(super) fn of(view: &ServiceView, facts: &Facts) -> Vec<Entry> {
    let mut fields = Vec::new();
    if let (Some(known), Some(image)) = (facts.image, &view.image) {
        fields.push(leaf::text("kind", image.at, known.kind));
    }
    if let Some(image) = &view.image {
        fields.push(match &image.value {
            Some(text) => leaf::text("image", image.at, text),
            None => leaf::unknown("image", image.at),
        });
    }
    match view.limits.memory.map(|memory| (memory.value, memory.at)) {
        Some((Some(bytes), at)) if bytes > 0 => fields.push(leaf::text("memory", at, &super::fields::memory(bytes))),
        Some((None, at)) => fields.push(leaf::unknown("memory", at)),
        _ => {}
    }
    let kind = facts.image.map_or("", |image| image.kind);
    let postgres = ["postgres", "postgis"].contains(&kind);
    let words = &started_with(view, facts);
    if let Some((_, name)) = MOST_CONNECTIONS.iter().find(|(kinds, _)| kinds.contains(&kind)) {
        let most = match *name {
            SHORT => short_flag(words, SHORT),
            name => flag(words, name, postgres),
        };
        let most = most.and_then(|flag| Some((flag.value.parse::<i64>().ok()?, flag.at)));
        fields.extend(most.filter(|(most, _)| *most > 0).map(|(most, at)| leaf::number("maxConnections", at, most)));
    }
    if postgres {
        for (name, key) in [("shared_buffers", "sharedBuffers"), ("work_mem", "workMem")] {
            let amount = flag(words, name, true);
            let amount = amount.and_then(|flag| Some((postgres_memory(&flag.value, name)?, flag.at)));
            fields.extend(amount.map(|(bytes, at)| leaf::text(key, at, &super::fields::memory(bytes))));
        }
    }
    fields
}

/// The flag of memcached.
const SHORT: &str = "-c";

/// The setting that bounds the connections, by kind; long flags take `-` for `_` and small letters for large ones.
const MOST_CONNECTIONS: &[(&[&str], &str)] = &[
    (&["postgres", "postgis", "mysql", "mariadb"], "max_connections"),
    (&["redis", "valkey"], "maxclients"),
    (&["memcached"], SHORT),
    (&["mongodb"], "maxconns"),
];

/// The words that start the server: those of its command, then those of the variable that its image's start script reads.
fn started_with(view: &ServiceView, facts: &Facts) -> Vec<Val<String>> {
    let mut words = facts.words.to_vec();
    let image = view.image.as_ref().and_then(|image| image.value.as_deref());
    let Some(ServerStart::Script(Some(variable))) = image.map(images::start) else { return words };
    let value = view.environment.iter().find(|(name, _)| name == variable).map(|(_, value)| value);
    if let Some(Val { value: Some(text), at, .. }) = value {
        words.extend(text.split_ascii_whitespace().map(|word| Val::new(word.to_owned(), *at)));
    }
    words
}
