//! Changes the value of one flag in the command that a base gives a server. Knows no service and no setting.

use crate::support::secrets;
use serde_json::Value as Json;
use std::ops::Range;

/// The quotes of a shell.
const QUOTES: [char; 2] = ['\'', '"'];

/// The command as written, with its variables, and with another value for the flag that `flag` matches: `-c name=value`,
/// `--name=value`, `--name value`. `None` if the command has no such flag, or contains a likely secret, which must not be copied into a second
/// file.
pub(super) fn with_flag(command: &Json, flag: &[String]) -> Option<Json> {
    let last = flag.last()?;
    let (name, value) = last.split_once('=').or_else(|| Some((flag.first()?.as_str(), last.as_str())))?;
    let name = name.trim_start_matches("--").replace('-', "_");
    let texts: Vec<&str> = match command {
        Json::String(text) => vec![text.as_str()],
        Json::Array(items) => items.iter().map(Json::as_str).collect::<Option<_>>()?,
        _ => return None,
    };
    let words: Vec<Word<'_>> = match command {
        Json::String(text) => text.split_ascii_whitespace().map(|word| Word::of(0, text, word)).collect(),
        _ => texts.iter().enumerate().map(|(item, text)| Word { item, at: 0, text }).collect(),
    };
    if words.iter().enumerate().any(|(index, word)| is_secret(word.text, words.get(index + 1))) {
        return None;
    }
    let (item, at) = place(&words, &name)?;
    let old = *texts.get(item)?;
    let new = format!("{}{value}{}", old.get(..at.start)?, old.get(at.end..)?);
    match command {
        Json::Array(items) => {
            let mut items = items.clone();
            *items.get_mut(item)? = new.into();
            Some(items.into())
        }
        _ => Some(new.into()),
    }
}

/// One word of a command.
struct Word<'t> {
    /// The index of its list item.
    item: usize,
    /// Its bytes in the item.
    at: usize,
    text: &'t str,
}

impl<'t> Word<'t> {
    /// A part of a text.
    fn of(item: usize, text: &str, word: &'t str) -> Word<'t> {
        Word { item, at: word.as_ptr() as usize - text.as_ptr() as usize, text: word }
    }
}

/// The last value of a flag: its list item, and its bytes there.
fn place(words: &[Word<'_>], name: &str) -> Option<(usize, Range<usize>)> {
    let setting = |(index, word): (usize, &Word<'_>)| {
        let (word, at) = match value_in(word.text, name) {
            Some(at) => (word, at),
            None if is_flag(word.text, name) => words.get(index + 1).map(|next| (next, unquoted(next.text)))?,
            None => return None,
        };
        (!at.is_empty()).then(|| (word.item, word.at + at.start..word.at + at.end))
    };
    words.iter().enumerate().rev().find_map(setting)
}

/// Whether a word is a flag whose value is the next one.
fn is_flag(word: &str, name: &str) -> bool {
    let bare = word.trim_matches(QUOTES);
    let own = bare.strip_prefix("--").unwrap_or(bare);
    bare.starts_with('-') && own.replace('-', "_").eq_ignore_ascii_case(name)
}

/// The value in a word that also has the flag.
fn value_in(word: &str, name: &str) -> Option<Range<usize>> {
    let bare = word.trim_start_matches(QUOTES);
    let bare = bare.strip_prefix("--").or(bare.strip_prefix("-c")).unwrap_or(bare).trim_start_matches(QUOTES);
    // `-c1024` of memcached: its flag has no name
    let value = match bare.split_once('=') {
        Some((own, value)) if own.replace('-', "_").eq_ignore_ascii_case(name) => value,
        None if name == "_c" && word.len() > bare.len() && bare.starts_with(|c: char| c.is_ascii_digit()) => bare,
        _ => return None,
    };
    let (start, at) = (word.len() - value.len(), unquoted(value));
    Some(start + at.start..start + at.end)
}

/// The bytes of a text between its quotes.
fn unquoted(text: &str) -> Range<usize> {
    let start = text.len() - text.trim_start_matches(QUOTES).len();
    start..start + text.trim_matches(QUOTES).len()
}

/// Whether a word names a secret next to it or in it, or is a URL with a password.
fn is_secret(word: &str, next: Option<&Word<'_>>) -> bool {
    let bare = word.trim_matches(QUOTES);
    let (name, value) = match bare.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (bare, next.filter(|_| bare.starts_with('-')).map(|next| next.text)),
    };
    let name = name.to_ascii_uppercase();
    let named = secrets::is_name(&name) || name.ends_with("PASS");
    let written = value.is_some_and(|value| !value.trim_matches(QUOTES).starts_with('$'));
    named && written || secrets::url_password(bare).is_some()
}

#[cfg(test)]
mod tests {
    use super::with_flag;
    use serde_json::{Value as Json, json};

    fn changed(command: &Json, flag: &[&str]) -> Option<Json> {
        with_flag(command, &flag.iter().map(|&word| word.to_owned()).collect::<Vec<String>>())
    }

    #[test]
    fn one_value_is_changed_and_all_else_stays() {
        let pg = ["-c", "max_connections=300"];
        let cases = [
            (json!(["postgres", "-c", "max_connections=200"]), json!(["postgres", "-c", "max_connections=300"])),
            (
                json!("postgres -c 'max_connections=200'\n -c x=${Y:-1}"),
                json!("postgres -c 'max_connections=300'\n -c x=${Y:-1}"),
            ),
            (json!("postgres -c max_connections=${N:-200}"), json!("postgres -c max_connections=300")),
            (
                json!(["-cmax-connections=1", "-c", "max_connections=2"]),
                json!(["-cmax-connections=1", "-c", "max_connections=300"]),
            ),
            (json!("postgres --max-connections=\"5\""), json!("postgres --max-connections=\"300\"")),
        ];
        for (command, expected) in cases {
            assert_eq!(changed(&command, &pg), Some(expected), "{command}");
        }
        assert_eq!(
            changed(&json!("mysqld --max_connections 5"), &["--max-connections=6"]),
            Some(json!("mysqld --max_connections 6"))
        );
        assert_eq!(changed(&json!(["--maxclients", "5"]), &["--maxclients", "6"]), Some(json!(["--maxclients", "6"])));
        assert_eq!(changed(&json!("memcached -c1024 -m 64"), &["-c", "6"]), Some(json!("memcached -c6 -m 64")));
        assert_eq!(
            changed(&json!(["mongod", "--maxConns", "5"]), &["--maxConns", "6"]),
            Some(json!(["mongod", "--maxConns", "6"]))
        );
    }

    #[test]
    fn a_command_without_the_flag_or_with_a_secret_stays() {
        let redis = ["--maxclients", "6"];
        assert_eq!(changed(&json!("redis-server --maxclients 5 --requirepass hunter2"), &redis), None);
        assert_eq!(
            changed(&json!("redis-server --maxclients 5 --requirepass $PASS"), &redis),
            Some(json!("redis-server --maxclients 6 --requirepass $PASS"))
        );
        assert_eq!(changed(&json!("redis-server --appendonly yes"), &redis), None);
        assert_eq!(
            changed(&json!(["sh", "-c", "exec postgres -c max_connections=5"]), &["-c", "max_connections=6"]),
            None
        );
        assert_eq!(changed(&json!("x --maxclients"), &redis), None);
    }
}
