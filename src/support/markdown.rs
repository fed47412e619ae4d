//! Parses the manual's Markdown and writes it for a terminal or as HTML. Knows no rule, no target and no page.

mod html;
mod terminal;

pub use html::{Links, code, escape, heading_link, html, inline};
pub use terminal::{Screen, terminal};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};
use std::collections::HashSet;

/// One block of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading: its level from 1, its words, and its anchor, which is unique on the page.
    Heading(u8, Vec<TextRun>, String),
    /// A paragraph.
    Paragraph(Vec<TextRun>),
    /// A code block: the words after the fence, and the text.
    Code(String, String),
    /// A list: its first number, if its items are numbered, and its items.
    List(Option<u64>, Vec<Vec<Block>>),
    /// A table: its head and its rows, cell by cell.
    Table(Vec<Vec<TextRun>>, Vec<Vec<Vec<TextRun>>>),
    /// A horizontal line.
    Rule,
}

/// Words of one style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextRun {
    /// The words, spaces included.
    pub text: String,
    /// Their style.
    pub look: Look,
    /// The target of their link.
    pub link: Option<String>,
}

/// The style of words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// Plain.
    #[default]
    Plain,
    /// Code.
    Code,
    /// Bold.
    Strong,
    /// Italic.
    Emphasis,
}

/// Parses a page. HTML in it is text, and a picture is its alternative text.
#[must_use]
pub fn blocks(text: &str) -> Vec<Block> {
    let mut reader = MarkdownReader { events: Parser::new_ext(text, Options::ENABLE_TABLES), ids: HashSet::new() };
    reader.blocks()
}

/// The words of runs, without their styles.
#[must_use]
pub fn plain_text(runs: &[TextRun]) -> String {
    runs.iter().map(|run| run.text.as_str()).collect()
}

/// An anchor for words: lower-case letters, digits and hyphens.
#[must_use]
pub fn anchor(words: &str) -> String {
    let plain = words.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' });
    plain.collect::<String>().split_whitespace().collect::<Vec<_>>().join("-")
}

struct MarkdownReader<'t> {
    events: Parser<'t>,
    /// Anchors of the page so far.
    ids: HashSet<String>,
}

impl MarkdownReader<'_> {
    /// Blocks up to the end of their container.
    fn blocks(&mut self) -> Vec<Block> {
        let mut blocks = Vec::new();
        // words without a paragraph around them: those of a tight list
        let mut loose = Vec::new();
        while let Some(event) = self.events.next() {
            if let Event::End(_) = event {
                break;
            }
            if let Some(block) = self.block(event, &mut loose) {
                if !loose.is_empty() {
                    blocks.push(Block::Paragraph(std::mem::take(&mut loose)));
                }
                blocks.push(block);
            }
        }
        if !loose.is_empty() {
            blocks.push(Block::Paragraph(loose));
        }
        blocks
    }

    /// The block that an event begins; runs go to `loose`.
    fn block(&mut self, event: Event<'_>, loose: &mut Vec<TextRun>) -> Option<Block> {
        Some(match event {
            Event::Start(Tag::Heading { level, .. }) => {
                let runs = self.runs();
                let id = self.id(&plain_text(&runs));
                Block::Heading(level as u8, runs, id)
            }
            Event::Start(Tag::Paragraph) => Block::Paragraph(self.runs()),
            Event::Start(Tag::CodeBlock(kind)) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                Block::Code(info, plain_text(&self.runs()))
            }
            Event::Start(Tag::List(first)) => {
                let mut items = Vec::new();
                while let Some(Event::Start(_)) = self.events.next() {
                    items.push(self.blocks());
                }
                Block::List(first, items)
            }
            Event::Start(Tag::Table(_)) => {
                let mut rows = Vec::new();
                while let Some(Event::Start(_)) = self.events.next() {
                    let mut cells = Vec::new();
                    while let Some(Event::Start(_)) = self.events.next() {
                        cells.push(self.runs());
                    }
                    rows.push(cells);
                }
                let head = if rows.is_empty() { Vec::new() } else { rows.remove(0) };
                Block::Table(head, rows)
            }
            Event::Rule => Block::Rule,
            Event::Start(Tag::HtmlBlock) => Block::Paragraph(self.runs()),
            other => {
                self.run(other, Look::Plain, None, loose);
                return None;
            }
        })
    }

    /// Runs up to the end of their container.
    fn runs(&mut self) -> Vec<TextRun> {
        let mut runs = Vec::new();
        self.runs_into(Look::Plain, None, &mut runs);
        runs
    }

    fn runs_into(&mut self, look: Look, link: Option<&str>, runs: &mut Vec<TextRun>) {
        while let Some(event) = self.events.next() {
            if let Event::End(_) = event {
                break;
            }
            self.run(event, look, link, runs);
        }
    }

    fn run(&mut self, event: Event<'_>, look: Look, link: Option<&str>, runs: &mut Vec<TextRun>) {
        let mut push = |text: &str, look| {
            // Markdown's parser cuts text at every character that could have meant something
            if let Some(last) = runs.last_mut().filter(|last| last.look == look && last.link.as_deref() == link) {
                last.text.push_str(text);
            } else {
                runs.push(TextRun { text: text.to_owned(), look, link: link.map(str::to_owned) });
            }
        };
        match event {
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => push(&text, look),
            Event::Code(text) => push(&text, Look::Code),
            Event::SoftBreak | Event::HardBreak => push(" ", look),
            Event::Start(Tag::Strong) => self.runs_into(Look::Strong, link, runs),
            Event::Start(Tag::Emphasis) => self.runs_into(Look::Emphasis, link, runs),
            Event::Start(Tag::Link { dest_url, .. }) => self.runs_into(look, Some(&dest_url), runs),
            Event::Start(_) => self.runs_into(look, link, runs),
            _ => {}
        }
    }

    /// An anchor that no other heading has.
    fn id(&mut self, words: &str) -> String {
        let plain = anchor(words);
        let mut id = plain.clone();
        let mut number = 2;
        while !self.ids.insert(id.clone()) {
            id = format!("{plain}-{number}");
            number += 1;
        }
        id
    }
}
