//! Options of command lines that a secret follows, and logins.

use super::refers;
use std::ops::Range;

/// Endings of options that are followed by a secret even where no word begins there: `--requirepass`.
pub(super) const ENDINGS: [&str; 4] = ["PASSWORD", "PASSWD", "PASS", "SECRET"];

/// Options that are followed by `user:password`.
const LOGINS: [&str; 2] = ["-u", "--user"];

/// The passwords of `-u user:password` and `--user user:password`.
pub(super) fn logins(line: &str) -> Vec<Range<usize>> {
    let ends = |c: char| matches!(c, ' ' | '"' | '\'' | ',' | '=');
    let mut found = Vec::new();
    for (at, option) in LOGINS.into_iter().flat_map(|option| line.match_indices(option)) {
        let (Some(before), Some(after)) = (line.get(..at), line.get(at + option.len()..)) else { continue };
        let whole = before.chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '-');
        if !whole || !after.starts_with(ends) {
            continue;
        }
        let login = after.trim_start_matches(ends);
        let start = line.len() - login.len();
        let login = login.split([' ', '"', '\'', ',', ']']).next().unwrap_or(login);
        let Some((user, password)) = login.split_once(':') else { continue };
        let at = start + user.len() + 1..start + login.len();
        let group = password.bytes().all(|byte| byte.is_ascii_digit());
        if !group && !refers(line, &at) {
            found.push(at);
        }
    }
    found
}
