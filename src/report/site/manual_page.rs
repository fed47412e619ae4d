//! One page of the manual: its name, its text, its path on the site. Knows no other page.

use crate::support::markdown::{self, Block};

/// One page, in Markdown.
#[derive(Clone, Copy, Debug)]
pub struct ManualPage<'a> {
    /// Its name in `scalegen explain`.
    pub name: &'a str,
    /// Its name in a list of pages.
    pub title: &'a str,
    /// Its text, which begins with its name as a heading and a paragraph that says what it is about.
    pub text: &'a str,
}

impl ManualPage<'_> {
    /// Its first paragraph, as plain words.
    #[must_use]
    pub fn summary(&self) -> String {
        let blocks = markdown::blocks(self.text);
        let first = blocks.iter().find_map(|block| match block {
            Block::Paragraph(runs) => Some(markdown::plain_text(runs)),
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
