//! A compose service as a backing service of the spec: what its image is, and what its flags set. Knows no service of the spec.
//!
//! Flags: `postgres -c name=value` and `--name=value` (PostgreSQL documentation, "postgres"), `mysqld --name=value` (MySQL reference
//! manual, "Server Command Options"); both take `-` for `_` in a name. `redis-server --maxclients N`, `memcached -c N`,
//! `mongod --maxConns N` (each in its own manual).

use super::leaf;
use crate::inputs::compose::project::view::ServiceView;
use crate::inputs::facts::Facts;
use crate::inputs::images::{self, ServerStart};
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
    let mut words = facts.words.clone();
    let image = view.image.as_ref().and_then(|image| image.value.as_deref());
    let Some(ServerStart::Script(Some(variable))) = image.map(images::start) else { return words };
    let value = view.environment.iter().find(|(name, _)| name == variable).map(|(_, value)| value);
    if let Some(Val { value: Some(text), at, .. }) = value {
        words.extend(text.split_ascii_whitespace().map(|word| Val::new(word.to_owned(), *at)));
    }
    words
}

/// The last value behind a short flag: `-c 200` or `-c200`.
fn short_flag(words: &[Val<String>], flag: &str) -> Option<Val<String>> {
    let joined = |word: &Val<String>| Some(Val::new(word.value.strip_prefix(flag)?.to_owned(), word.at));
    let mut pairs = words.iter().zip(words.iter().skip(1).map(Some).chain([None]));
    let value = |(word, next): (&Val<String>, Option<&Val<String>>)| match joined(word)? {
        own if own.value.is_empty() => next.cloned(),
        own => Some(own),
    };
    let mut last = None;
    pairs.by_ref().for_each(|pair| last = value(pair).or(last.take()));
    last
}

/// The last value that words give to a setting.
fn flag(words: &[Val<String>], name: &str, postgres: bool) -> Option<Val<String>> {
    let named = |text: &str| {
        let (own, value) = text.split_once('=')?;
        let same = own.replace('-', "_").eq_ignore_ascii_case(name);
        same.then(|| value.trim_matches('\'').to_owned())
    };
    let mut found = None;
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let long = word.value.strip_prefix("--");
        let short = word.value.strip_prefix("-c").filter(|_| postgres);
        let (text, at) = match (long, short) {
            (Some(text), _) if text.contains('=') => (text, word.at),
            // `--name value` of mysqld
            (Some(text), _) if !postgres && text.replace('-', "_").eq_ignore_ascii_case(name) => match words.peek() {
                Some(next) => {
                    found = Some(Val::new(next.value.clone(), next.at));
                    continue;
                }
                None => continue,
            },
            (_, Some("")) => match words.peek() {
                Some(next) => (next.value.as_str(), next.at),
                None => continue,
            },
            (_, Some(text)) => (text, word.at),
            _ => continue,
        };
        if let Some(value) = named(text) {
            found = Some(Val::new(value, at));
        }
    }
    found
}

/// An amount of memory of PostgreSQL: `B`, `kB`, `MB`, `GB`, `TB`, all powers of 1024; a bare number has the setting's own unit
/// (PostgreSQL documentation, "Setting Parameters": 8 kB blocks for shared_buffers, kB for work_mem).
fn postgres_memory(text: &str, name: &str) -> Option<i64> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let scale: i64 = match (unit.trim(), name) {
        ("B", _) => 1,
        ("kB", _) | ("", "work_mem") => 1 << 10,
        ("", _) => 8 << 10,
        ("MB", _) => 1 << 20,
        ("GB", _) => 1 << 30,
        ("TB", _) => 1 << 40,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(scale).filter(|bytes| *bytes > 0)
}

#[cfg(test)]
mod tests {
    use super::{SHORT, flag, postgres_memory, short_flag};
    use crate::model::Val;
    use crate::support::source::FieldSpan;

    #[test]
    fn flags_of_databases() {
        let find = |line: &str, postgres: bool| {
            let words: Vec<Val<String>> =
                line.split(' ').map(|word| Val::new(word.to_owned(), FieldSpan::default())).collect();
            flag(&words, "max_connections", postgres).map(|flag| flag.value)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(find("postgres -c max_connections=200", true), some("200"));
        assert_eq!(find("postgres -c max_connections=200 -c max_connections=300", true), some("300"));
        assert_eq!(find("postgres -cmax_connections=200", true), some("200"));
        assert_eq!(find("postgres --max-connections=200", true), some("200"));
        assert_eq!(find("-c shared_buffers=1GB", true), None);
        assert_eq!(find("mysqld --max-connections=500", false), some("500"));
        assert_eq!(find("--max_connections 500", false), some("500"));
        assert_eq!(find("--max_connections", false), None);
        assert_eq!(find("postgres -c", true), None);
        let short = |line: &str| {
            let words: Vec<Val<String>> =
                line.split(' ').map(|word| Val::new(word.to_owned(), FieldSpan::default())).collect();
            short_flag(&words, SHORT).map(|flag| flag.value)
        };
        assert_eq!(short("memcached -m 64 -c 2048"), some("2048"));
        assert_eq!(short("memcached -c1024 -c 2048"), some("2048"));
        assert_eq!(short("memcached -c"), None);
        assert_eq!(short("memcached"), None);
        assert_eq!(postgres_memory("256MB", "shared_buffers"), Some(256 << 20));
        assert_eq!(postgres_memory("16384", "shared_buffers"), Some(128 << 20));
        assert_eq!(postgres_memory("4096", "work_mem"), Some(4 << 20));
        assert_eq!(postgres_memory("1Mi", "work_mem"), None);
    }
}
