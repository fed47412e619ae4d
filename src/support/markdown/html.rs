//! Markdown as HTML: every text escaped, every heading with an anchor, tables in boxes that scroll. Knows no page.

use super::{Block, Look, TextRun};

/// Resolves the links of words: links of the Markdown, and code that names something with a page of its own.
pub trait Links {
    /// The address of a link; `None` if it leads nowhere from here, so that only its words stay.
    fn link(&self, to: &str) -> Option<String>;
    /// The address of the page that a piece of code names.
    fn named(&self, code: &str) -> Option<String>;
}

/// The blocks as HTML.
#[must_use]
pub fn html(blocks: &[Block], links: &dyn Links) -> String {
    let mut out = String::new();
    blocks.iter().for_each(|block| write(block, links, &mut out));
    out
}

/// Text that means nothing to HTML, in an attribute too.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

fn write(block: &Block, links: &dyn Links, out: &mut String) {
    match block {
        Block::Heading(level, runs, id) => {
            let (words, id) = (inline(runs, links), escape(id));
            // the title is the page itself
            let link =
                if *level > 1 { format!(" {}", heading_link(&id, &super::plain_text(runs))) } else { String::new() };
            out.push_str(&format!("<h{level} id=\"{id}\">{words}{link}</h{level}>\n"));
        }
        Block::Paragraph(runs) => out.push_str(&format!("<p>{}</p>\n", inline(runs, links))),
        Block::Code(info, text) => out.push_str(&code(info, text)),
        Block::List(first, items) => {
            let (open, close) = match first {
                Some(1) => ("<ol>".to_owned(), "</ol>"),
                Some(first) => (format!("<ol start=\"{first}\">"), "</ol>"),
                None => ("<ul>".to_owned(), "</ul>"),
            };
            out.push_str(&format!("{open}\n"));
            for item in items {
                out.push_str("<li>");
                match item.as_slice() {
                    [Block::Paragraph(runs)] => out.push_str(&inline(runs, links)),
                    blocks => blocks.iter().for_each(|block| write(block, links, out)),
                }
                out.push_str("</li>\n");
            }
            out.push_str(&format!("{close}\n"));
        }
        Block::Table(head, rows) => {
            let cells = |cells: &[Vec<TextRun>], tag: &str| -> String {
                cells.iter().map(|cell| format!("<{tag}>{}</{}>", inline(cell, links), &tag[..2])).collect()
            };
            // a box of its own scrolls instead of the page; it can be reached by keyboard
            out.push_str("<div class=\"table\" tabindex=\"0\">\n<table>\n<thead>\n");
            out.push_str(&format!("<tr>{}</tr>\n</thead>\n<tbody>\n", cells(head, "th scope=\"col\"")));
            for row in rows {
                out.push_str(&format!("<tr>{}</tr>\n", cells(row, "td")));
            }
            out.push_str("</tbody>\n</table>\n</div>\n");
        }
        Block::Rule => out.push_str("<hr>\n"),
    }
}

/// A link to a heading, behind its words.
#[must_use]
pub fn heading_link(id: &str, words: &str) -> String {
    format!("<a class=\"anchor\" href=\"#{id}\" aria-label=\"link to {}\">#</a>", escape(words))
}

/// Runs as HTML.
#[must_use]
pub fn inline(runs: &[TextRun], links: &dyn Links) -> String {
    runs.iter().map(|run| piece(run, links)).collect()
}

fn piece(run: &TextRun, links: &dyn Links) -> String {
    let text = escape(&run.text);
    let shown = match run.look {
        Look::Plain => text,
        Look::Code => format!("<code>{text}</code>"),
        Look::Strong => format!("<strong>{text}</strong>"),
        Look::Emphasis => format!("<em>{text}</em>"),
    };
    let to = match &run.link {
        Some(to) => links.link(to),
        None if run.look == Look::Code => links.named(&run.text),
        None => None,
    };
    match to {
        Some(to) => format!("<a href=\"{}\">{shown}</a>", escape(&to)),
        None => shown,
    }
}

/// A code block. In YAML, keys and comments are highlighted, in a console the typed lines.
#[must_use]
pub fn code(info: &str, text: &str) -> String {
    let (language, file) = info.split_once(' ').unwrap_or((info, ""));
    let lines: Vec<String> = text
        .trim_end()
        .lines()
        .map(|line| match language {
            "yaml" => yaml(line),
            "console" => match line.strip_prefix("$ ") {
                Some(typed) => format!("<span class=\"c\">$ </span><b>{}</b>", escape(typed)),
                None => escape(line),
            },
            _ => escape(line),
        })
        .collect();
    let caption = if file.is_empty() { String::new() } else { format!("<figcaption>{}</figcaption>", escape(file)) };
    let block = format!("<pre tabindex=\"0\"><code>{}</code></pre>", lines.join("\n"));
    if caption.is_empty() { format!("{block}\n") } else { format!("<figure>{caption}{block}</figure>\n") }
}

fn yaml(line: &str) -> String {
    // good enough for our own pages, where no text holds ` #`
    let (before, comment) = match line.find("# ").filter(|at| *at == 0 || line[..*at].ends_with(' ')) {
        Some(at) => line.split_at(at),
        None => (line, ""),
    };
    let mark = ["error", "warning", "note"].into_iter().find(|mark| comment.starts_with(&format!("# {mark}: ")));
    let comment = match (comment, mark) {
        ("", _) => String::new(),
        (comment, mark) => format!("<span class=\"{}\">{}</span>", mark.unwrap_or("c"), escape(comment)),
    };
    let start = before.len() - before.trim_start_matches([' ', '-']).len();
    let (indent, rest) = before.split_at(start);
    let key = rest
        .find(':')
        .filter(|at| rest[..*at].chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')));
    match key.filter(|at| *at > 0) {
        Some(at) => {
            let (key, value) = rest.split_at(at);
            format!("{}<span class=\"k\">{}</span>{}{comment}", escape(indent), escape(key), escape(value))
        }
        None => format!("{}{comment}", escape(before)),
    }
}
