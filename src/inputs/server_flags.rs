//! Flags of database servers in the words of a command. Knows no format and no field.
//!
//! Flags: `postgres -c name=value` and `--name=value` (PostgreSQL documentation, "postgres"), `mysqld --name=value` (MySQL reference
//! manual, "Server Command Options"); both take `-` for `_` in a name. `redis-server --maxclients N`, `memcached -c N`,
//! `mongod --maxConns N` (each in its own manual).

use crate::model::Val;

/// The last value behind a short flag: `-c 200` or `-c200`.
pub(super) fn short_flag(words: &[Val<String>], flag: &str) -> Option<Val<String>> {
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
pub(super) fn flag(words: &[Val<String>], name: &str, postgres: bool) -> Option<Val<String>> {
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
pub(super) fn postgres_memory(text: &str, name: &str) -> Option<i64> {
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
    use super::{flag, postgres_memory, short_flag};
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
            short_flag(&words, "-c").map(|flag| flag.value)
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
