//! The names that the API server accepts, and the closest valid one. Knows no object.

/// RFC 1123 label.
pub(super) fn is_label(text: &str) -> bool {
    let inside = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    (1..=63).contains(&text.len()) && inside && !text.starts_with('-') && !text.ends_with('-')
}

/// RFC 1123 subdomain: labels joined by dots.
pub(super) fn is_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}

/// A name as keys of labels, annotations and taints have it: perhaps a domain and `/`, then at most 63 characters.
pub(super) fn is_qualified_name(text: &str) -> bool {
    let (domain, name) = text.split_once('/').map_or((None, text), |(domain, name)| (Some(domain), name));
    domain.is_none_or(is_subdomain) && !name.is_empty() && is_label_value(name)
}

/// The value of a label: empty, or at most 63 characters with a letter or digit at both ends.
pub(super) fn is_label_value(text: &str) -> bool {
    let end = |c: Option<char>| c.is_none_or(|c| c.is_ascii_alphanumeric());
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    text.len() <= 63 && text.chars().all(inside) && end(text.chars().next()) && end(text.chars().next_back())
}

/// A host of an Ingress: a subdomain, whose first label may be `*`.
pub(super) fn is_host(text: &str) -> bool {
    is_subdomain(text.strip_prefix("*.").unwrap_or(text))
}

/// IANA service name, the allowed form of a container port's name.
pub(super) fn is_port_name(text: &str) -> bool {
    text.len() <= 15 && is_label(text) && !text.contains("--") && text.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// The nearest label: `eventsHandlers` is `events-handlers`, `a_b` is `a-b`.
pub(super) fn suggest(text: &str, most: usize) -> String {
    let mut out = String::new();
    let mut lower_before = false;
    for c in text.chars() {
        if c.is_ascii_uppercase() && lower_before {
            out.push('-');
        }
        lower_before = c.is_ascii_lowercase() || c.is_ascii_digit();
        let c = c.to_ascii_lowercase();
        let plain = c.is_ascii_lowercase() || c.is_ascii_digit();
        if plain || !out.ends_with('-') {
            out.push(if plain { c } else { '-' });
        }
    }
    // a Service's name begins with a letter
    let start = out.find(|c: char| c.is_ascii_lowercase()).unwrap_or(0);
    let kept: String = out.chars().skip(start).take(most).collect();
    let kept = kept.trim_matches('-');
    if kept.is_empty() { "service".to_owned() } else { kept.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{is_label, is_label_value, is_port_name, is_subdomain, suggest};

    #[test]
    fn a_name_may_be_as_long_as_its_bound() {
        assert!(is_label(&"a".repeat(63)) && !is_label(&"a".repeat(64)));
        assert!(is_label_value(&"A".repeat(63)) && !is_label_value(&"A".repeat(64)));
        assert!(is_port_name(&"a".repeat(15)) && !is_port_name(&"a".repeat(16)));
        let long = ["a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(61)].join(".");
        assert!(is_subdomain(&long) && !is_subdomain(&format!("{long}d")));
    }

    #[test]
    fn a_suggestion_parts_words_and_leaves_abbreviations_whole() {
        assert_eq!(suggest("eventsHandlers", 63), "events-handlers");
        assert_eq!(suggest("HTTPServer", 63), "httpserver");
        assert_eq!(suggest("a__b", 63), "a-b");
        assert_eq!(suggest("1_web", 63), "web");
        assert_eq!(suggest("web-api", 4), "web");
        assert_eq!(suggest("_", 63), "service");
    }
}
