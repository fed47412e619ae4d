//! Whether the words of a command may hold a secret, which an import does not copy. Knows how programs take passwords, no field.

use crate::support::secrets;
use crate::syntax::Node;

/// Parts of a word beside which a secret may be there.
const NAMES: [&str; 7] = ["passw", "secret", "token", "apikey", "api_key", "authorization", "bearer"];

/// Flags whose next word may be a password: of redis-cli, mysql, curl.
const FLAGS: [&str; 5] = ["-a", "-p", "-u", "--pass", "--user"];

/// Whether one of the words, or of the words of a shell's line, may be a secret. A reference to a variable is none.
pub(super) fn is_in_words(command: &Node) -> bool {
    let lines = command.items().iter().map(|item| &*item.text);
    let words: Vec<&str> = lines.flat_map(|line| line.split([' ', '\t', '\n', '"', '\''])).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let next = words.iter().skip(1).copied().map(Some).chain([None]);
    words.iter().zip(next).any(|(word, next)| is_secret(word, next))
}

fn is_secret(word: &str, next: Option<&str>) -> bool {
    let literal = |text: &str| !text.is_empty() && !text.contains('$') && !text.starts_with('-');
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let lower = word.to_ascii_lowercase();
    let named = NAMES.iter().any(|name| lower.contains(name)) && !word.contains('$');
    let flagged =
        FLAGS.contains(&word) && next.is_some_and(|next| literal(next) && !number(next) && !plain_user(word, next));
    let joined = word.strip_prefix("-p").is_some_and(|rest| literal(rest) && !number(rest));
    named || flagged || joined || secrets::url_password(word).is_some()
}

/// A user without a password behind it.
fn plain_user(flag: &str, next: &str) -> bool {
    ["-u", "--user"].contains(&flag) && !next.contains(':')
}
