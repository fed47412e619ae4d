//! Names of images. Knows no key.
//!
//! Source: the grammar of distribution/reference, as the engine reads it.

/// Whether a text is `[registry[:port]/]name[:tag][@digest]`.
#[must_use]
pub fn is_image_reference(text: &str) -> bool {
    let (name, digest) = text.split_once('@').map_or((text, None), |(name, digest)| (name, Some(digest)));
    let (name, tag) = match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (name, None),
    };
    let (registry, path) = match name.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), rest),
        _ => (None, name),
    };
    let word = |text: &str, extra: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
    };
    let part = |part: &str| word(part, "._-") && !part.contains(|c: char| c.is_ascii_uppercase());
    path.split('/').all(part)
        && registry.is_none_or(|registry| word(registry, ".:-"))
        && tag.is_none_or(|tag| word(tag, "._-") && tag.len() <= 128)
        && digest.is_none_or(|digest| word(digest, ":+._-") && digest.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::is_image_reference;

    #[test]
    fn image_references() {
        let good =
            ["nginx", "nginx:1.27", "a/b/c:1", "registry.example.com:5000/api", "localhost/x@sha256:ab12", "a_b.c-d"];
        let bad = ["", "App", "app:${TAG}", "a b", "app:", "/app", "app@", "a//b", "example.com/App:1"];
        good.iter().for_each(|text| assert!(is_image_reference(text), "{text}"));
        bad.iter().for_each(|text| assert!(!is_image_reference(text), "{text}"));
    }
}
