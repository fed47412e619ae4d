//! How Kubernetes changes texts that it is given, for every target whose consumer passes them on to it. Knows no target.

use core::net::IpAddr;

/// A word or a value escaped for Kubernetes: it replaces `$(NAME)`, and reads `$$` as one `$`.
pub(in crate::targets) fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('$') {
        let (before, tail) = rest.split_at(start);
        let after = tail.trim_start_matches('$');
        let signs = tail.len() - after.len();
        let doubled = signs > 1 || after.starts_with('(');
        out.push_str(before);
        out.push_str(&"$".repeat(if doubled { signs * 2 } else { signs }));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether the API server takes a host for an IP address, which it refuses: leading zeros are none to it.
pub(in crate::targets) fn is_address(host: &str) -> bool {
    let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let part = |part: &str| part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit()) && part.parse::<u8>().is_ok();
    inside.parse::<IpAddr>().is_ok() || (inside.split('.').count() == 4 && inside.split('.').all(part))
}
