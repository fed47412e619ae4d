//! One page of the manual: its name, its text, its place on the site. Knows no other page.

use crate::support::markdown::{self, Block};

/// One page, in Markdown.
#[derive(Clone, Copy, Debug)]
pub struct ManualPage<'a> {
    /// What `scalegen explain` calls it.
    pub name: &'a str,
    /// What a list of pages calls it.
    pub title: &'a str,
    /// Its text, which begins with its name as a heading and one paragraph that says what it is about.
    pub text: &'a str,
}

impl ManualPage<'_> {
    /// What it is about: its first paragraph, as words.
    #[must_use]
    pub fn summary(&self) -> String {
        let blocks = markdown::blocks(self.text);
        let first = blocks.iter().find_map(|block| match block {
            Block::Paragraph(runs) => Some(markdown::plain(runs)),
            _ => None,
        });
        let text = first.unwrap_or_default();
        text.split_inclusive(". ").next().unwrap_or_default().trim_end().to_owned()
    }
}

/// The path of a page.
pub(super) fn manual_path(name: &str) -> String {
    format!("manual/{name}.html")
}
