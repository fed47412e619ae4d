//! JSON pointers (RFC 6901): the keys of one, and a key as a part of one. Knows no document.

/// The keys of a pointer, from the root down; none for the root itself.
pub fn keys(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(key)
}

/// The key that a part of a pointer stands for.
#[must_use]
pub fn key(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

/// A key as a part of a pointer.
#[must_use]
pub fn part(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::{keys, part};

    #[test]
    fn a_pointer_gives_back_the_keys_it_was_made_of() {
        let written = ["a/b", "m~n", "~1", "", "plain"];
        let pointer: String = written.iter().map(|key| format!("/{}", part(key))).collect();
        assert_eq!(pointer, "/a~1b/m~0n/~01//plain");
        assert_eq!(keys(&pointer).collect::<Vec<_>>(), written);
        assert_eq!(keys("").count(), 0);
    }
}
