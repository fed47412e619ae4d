//! Finds likely secrets in names and lines of text, so that nothing prints them. Knows text, no format and no field.

mod lines;
mod options;
mod values;

pub use lines::on_line;

use super::suggest::is_slip_of;
use std::ops::Range;
use values::{LineValue, next_name, quoted, value, word_start};

/// Endings of names of variables that hold a secret, in capitals.
const ENDINGS: [&str; 4] = ["PASSWORD", "SECRET", "TOKEN", "KEY"];
/// Endings so long that one wrong letter makes no other word of them.
const LONG_ENDINGS: [&str; 4] = ["password", "passphrase", "credential", "credentials"];
/// Endings for names in a file that nobody checked: shorter words too.
const MORE_ENDINGS: [&str; 7] = ["PASSWD", "PASS", "PWD", "PASSPHRASE", "CREDENTIAL", "CREDENTIALS", "SECRETS"];

/// Whether a variable of this name holds a secret.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Whether a variable of this name and value is likely to hold a secret, in a file that nobody checked.
#[must_use]
pub fn is_likely(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    is_variable(&name, value) || MORE_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Whether a variable of this name and value holds a secret.
#[must_use]
pub fn is_variable(name: &str, value: &str) -> bool {
    is_name(name) || url_password(value).is_some()
}

/// The bytes of the password of a URL: `scheme://user:password@host`. `None` if there is none, or it is empty.
#[must_use]
pub fn url_password(text: &str) -> Option<Range<usize>> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme_like = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let (user, _host) = authority.rsplit_once('@')?;
    let (name, password) = user.split_once(':')?;
    let start = scheme.len() + "://".len() + name.len() + 1;
    let good = !scheme.is_empty() && scheme.bytes().all(scheme_like) && !password.is_empty();
    good.then(|| start..start + password.len())
}

/// Text with a star in place of each hidden character, so that columns stay. `from`: where in its line it begins.
#[must_use]
pub fn starred(text: &str, from: usize, hidden: &[Range<usize>]) -> String {
    let hide = |(index, character)| match hidden.iter().any(|hidden| hidden.contains(&(from + index))) {
        true => '*',
        false => character,
    };
    text.char_indices().map(hide).collect()
}

/// The passwords in the URLs of a text.
fn url_passwords(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("://").filter_map(move |(start, _)| {
        let from = word_start(text, start);
        let ends = [' ', '"', '\'', ',', '`'];
        let to = text.get(start..).and_then(|rest| rest.find(ends)).map_or(text.len(), |to| start + to);
        let password = text.get(from..to).and_then(url_password);
        password.map(|at| from + at.start..from + at.end).filter(|at| !refers(text, at))
    })
}

/// Prose with a star in place of each character of a URL's password. `None` if it has none.
#[must_use]
pub fn without_url_passwords(prose: &str) -> Option<String> {
    let hidden: Vec<Range<usize>> = url_passwords(prose).collect();
    (!hidden.is_empty()).then(|| starred(prose, 0, &hidden))
}

/// The likely secrets in one line, in order. `named`: the value of the `name: …` that precedes the line in its mapping.
fn in_line<'l>(line: &'l str, mut named: Option<&'l str>, foreign: bool) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = url_passwords(line).chain(options::logins(line)).collect();
    let mut from = 0;
    while let Some(name) = next_name(line, from) {
        from = name.end;
        let Some(value) = value(line, &name) else { continue };
        let text = line.get(name.clone()).unwrap_or_default();
        // `name: KEY` and `value: …` in one item, as Kubernetes lists variables
        let of = if is_value(text) { named.take().unwrap_or(text) } else { text };
        if text == "name" {
            named = line.get(value.at.clone());
        }
        let word = line.get(value.at.clone()).unwrap_or_default();
        if holds_secret(of, &value, word, foreign) && !value.at.is_empty() && !refers(line, &value.at) {
            from = value.at.end;
            found.push(value.at);
        }
    }
    found.sort_by_key(|at| at.start);
    found
}

/// The key of a variable's value, misspelt or not.
fn is_value(key: &str) -> bool {
    key.starts_with("val") || key == "vaule"
}

/// Words for yes, no and nothing, which are never a secret, whatever the name.
const BARE_WORDS: [&str; 8] = ["true", "false", "yes", "no", "on", "off", "null", "~"];

/// Whether a text is a number, or one with a unit of a few letters: `512m`, `30s`, `0.5`.
fn is_amount(word: &str) -> bool {
    let number = word.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    (1..=9).contains(&digits)
        && word.len() - number.len() <= 3
        && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn holds_secret(name: &str, value: &LineValue, word: &str, foreign: bool) -> bool {
    if BARE_WORDS.contains(&word.to_ascii_lowercase().as_str()) {
        return false;
    }
    let upper = name.to_ascii_uppercase();
    // a word of its own: `api_key`, `apiKey` and `API_KEY`, not `monkey`
    let whole = |ending: &str| {
        let Some(before) = upper.strip_suffix(ending).map(str::len) else { return false };
        let last = name.get(..before).and_then(|before| before.chars().next_back());
        let first = name.get(before..).and_then(|word| word.chars().next());
        last.is_none_or(|last| !last.is_alphanumeric())
            || first.is_some_and(char::is_uppercase) && (last.is_some_and(char::is_lowercase) || !has_lowercase(name))
    };
    let variable = !has_lowercase(name) && name.contains(|c: char| c.is_ascii_uppercase());
    // half of all YAML files have a field `key` that holds none
    let named = name != "key" && ENDINGS.iter().chain(&MORE_ENDINGS).any(|ending| whole(ending));
    let word_of_name = last_word(name);
    let misspelt = LONG_ENDINGS.iter().any(|ending| is_slip_of(&word_of_name, ending));
    // `--requirepass`
    let joined = value.option && options::ENDINGS.iter().any(|ending| upper.ends_with(ending));
    // the content of a secret or a configuration of compose
    let content = foreign && name == "content";
    named || misspelt || joined || content || (foreign && (variable || value.assigned) && !is_amount(word))
}

/// The last word of a name, in small letters: `pasword` of `dbPasword` and of `DB_PASWORD`.
fn last_word(name: &str) -> String {
    let start = name.rfind(|c: char| !c.is_alphanumeric()).map_or(0, |at| at + 1);
    let word = name.get(start..).unwrap_or_default();
    let start = word.rfind(char::is_uppercase).filter(|_| has_lowercase(word)).unwrap_or(0);
    word.get(start..).unwrap_or_default().to_lowercase()
}

fn has_lowercase(name: &str) -> bool {
    name.contains(char::is_lowercase)
}

/// Whether a name in capitals is that of a secret: `TOKEN`, not `secrets`, whose list holds names.
fn is_variable_of_secret(name: &str) -> bool {
    !has_lowercase(name) && is_name(name)
}

/// Whether bytes only name a variable: `$NAME`, `${NAME}`, `${NAME:?why}`, `${NAME:-}`. A default is a value.
fn refers(line: &str, at: &Range<usize>) -> bool {
    let Some(rest) = line.get(at.clone()).and_then(|text| text.strip_prefix('$')) else { return false };
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let Some(inner) = rest.strip_prefix('{') else { return !rest.is_empty() && rest.chars().all(part) };
    let Some(inner) = inner.strip_suffix('}') else { return false };
    let operator = inner.trim_start_matches(part);
    let operator = operator.strip_prefix(':').unwrap_or(operator);
    !inner.contains('$') && (operator.is_empty() || operator == "-" || operator.starts_with('?'))
}

#[cfg(test)]
mod tests {
    use super::{in_line, is_name, starred, url_password, without_url_passwords};

    /// The line as it may be shown.
    fn shown_line(line: &str, foreign: bool) -> String {
        starred(line, 0, &in_line(line, None, foreign))
    }

    #[test]
    fn names() {
        for name in ["PASSWORD", "db_password", "API_KEY", "MonkeY", "TOKEN", "CLIENT_SECRET"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["KEYS", "PASSWORD_FILE", "TOKEN_TTL", "KEYBOARD"] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn a_misspelt_password_is_hidden_like_one() {
        for line in ["pasword: a", "dbPasword: a", "DB_PASSWROD=a", "passwort: a", "credentails: a"] {
            assert!(shown_line(line, false).ends_with('*'), "{line}");
        }
        for line in ["passport: a", "pass_words: a", "passwords_file: a", "wordpress: a", "keyword: a"] {
            assert!(shown_line(line, false).ends_with('a'), "{line}");
        }
    }

    #[test]
    fn passwords_of_urls() {
        for (text, password) in
            [("postgres://u:p@db/x", "p"), ("redis://:pq@r:6379", "pq"), ("http://u:$x$y@h", "$x$y")]
        {
            assert_eq!(url_password(text).map(|at| &text[at]), Some(password), "{text}");
        }
        for text in
            ["postgres://db/x", "postgres://u@db", "postgres://u:@db", "http://h/?mail=a:b@c", "u:p@h", "://u:p@h"]
        {
            assert_eq!(url_password(text), None, "{text}");
        }
    }

    #[test]
    fn passwords_in_prose() {
        let shown = without_url_passwords("`redis://:a@h` and `amqp://u:b@h/v` are not names");
        assert_eq!(shown.as_deref(), Some("`redis://:*@h` and `amqp://u:*@h/v` are not names"));
        assert_eq!(without_url_passwords("`http://h/a:b` at `redis://u:$P@h`, a@b"), None);
    }

    #[test]
    fn values_of_secrets_are_hidden_and_nothing_else() {
        for (line, hidden) in [
            ("    POSTGRES_PASSWORD: hunter2", "    POSTGRES_PASSWORD: *******"),
            ("  \"api_key\": \"a b\" # why", "  \"api_key\": \"***\" # why"),
            ("  apiKey: 'x'", "  apiKey: '*'"),
            ("  API_TOKEN: a#b c # why", "  API_TOKEN: ***** # why"),
            ("  - PASSWORD=a=b", "  - PASSWORD=***"),
            ("  - \"PASSWORD=a b\"", "  - \"PASSWORD=***\""),
            ("env: { a: 1, B_SECRET: x y, c: 2 }", "env: { a: 1, B_SECRET: ***, c: 2 }"),
            ("env: { token: [a], key: {b: c} }", "env: { token: [a], key: {b: c} }"),
            ("url: postgres://u:hunter2@db/x", "url: postgres://u:*******@db/x"),
            ("url: \"redis://:é€@db\" # a:b@c", "url: \"redis://:**@db\" # a:b@c"),
            (
                "command: redis-server --requirepass hunter2 --port 1",
                "command: redis-server --requirepass ******* --port 1",
            ),
            (
                "command: redis-server --redis-pass hunter2 --port 1",
                "command: redis-server --redis-pass ******* --port 1",
            ),
            ("command: [\"--password=hunter2\", \"x\"]", "command: [\"--password=*******\", \"x\"]"),
            ("  KEY: |", "  KEY: *"),
            ("args: [\"--password\", \"a b\", x]", "args: [\"--password\", \"***\", x]"),
            ("args: [--token, a, --x, b]", "args: [--token, *, --x, b]"),
            ("args: ['--requirepass', 'a', '--save', '60']", "args: ['--requirepass', '*', '--save', '60']"),
            ("args: [--token, --password, a]", "args: [--token, --password, *]"),
            ("env: { TOKEN: [a, b], c: d }", "env: { TOKEN: [****], c: d }"),
            ("{ \"a.b/auth-token\": x, 'c d PASSWORD' : y }", "{ \"a.b/auth-token\": *, 'c d PASSWORD' : * }"),
            ("test: curl -u admin:hunter2 http://x", "test: curl -u admin:******* http://x"),
            ("test: [CMD, curl, -u, \"admin:a\", x]", "test: [CMD, curl, -u, \"admin:*\", x]"),
            ("{ name: A_KEY, valeu: a }", "{ name: A_KEY, valeu: * }"),
            (
                "env: [ { name: A_KEY, value: a }, { name: a, value: b } ]",
                "env: [ { name: A_KEY, value: * }, { name: a, value: b } ]",
            ),
        ] {
            assert_eq!(shown_line(line, false), hidden);
            assert_eq!(shown_line(line, true), hidden);
        }
    }

    #[test]
    fn what_is_no_secret_is_shown() {
        for line in [
            "  monkey: 3",
            "  key: value",
            "  sharedSecrets: [API_KEY, B_TOKEN]",
            "  PASSWORD:",
            "  PASSWORD: ${PASSWORD:?why}",
            "  PASSWORD: ${PASSWORD:-}",
            "  - TOKEN=$TOKEN",
            "  token-bucket: 5",
            "  args: [--token, --verbose]",
            "  args: [--monkey, x]",
            "  args: [run, --user, 1000:1000]",
            "  args: [run, -u, root, --user]",
            "  user: 1000:1000",
            "  test: curl -u $USER:$PASS x",
            "  command: du -u",
            "http://h/x",
            "",
        ] {
            assert_eq!(shown_line(line, true), line);
        }
        assert_eq!(shown_line("test: curl --user=admin:a http://x", false), "test: curl --user=admin:* http://x");
        let content = "{ s: { content: hunter2 } }";
        assert_eq!(
            (shown_line(content, false).as_str(), shown_line(content, true).contains("hunter2")),
            (content, false)
        );
        // a default is a value
        assert_eq!(shown_line("  KEY: ${KEY:-hunter2}", false), "  KEY: ***************");
    }

    #[test]
    fn plain_numbers_and_booleans_are_no_secrets_of_other_files() {
        for line in [
            "  LOG_SIZE: 512m",
            "  - WORKERS=4",
            "  DEBUG: true",
            "  - API_KEY=false",
            "- { name: A, value: true }",
            "  T: 0.5",
        ] {
            assert_eq!(shown_line(line, true), line);
        }
        assert_eq!(shown_line("  DB_PASSWORD: 5432", true), "  DB_PASSWORD: ****");
        assert_eq!(shown_line("  HOST: abc", true), "  HOST: ***");
        assert_eq!(shown_line("  PIN: 1234567890", true), "  PIN: **********");
    }

    #[test]
    fn in_other_files_every_variable_may_be_one() {
        for (line, hidden) in [
            ("  DSN: hunter2", "  DSN: *******"),
            ("  - dsn=hunter2", "  - dsn=*******"),
            ("  image: a", "  image: a"),
            ("  ports: [\"8080:80\"]", "  ports: [\"8080:80\"]"),
        ] {
            assert_eq!(shown_line(line, true), hidden);
            assert_eq!(shown_line(line, false), line);
        }
    }
}
