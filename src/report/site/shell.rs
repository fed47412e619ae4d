//! What every page has around its own text: head, sections, search, contents, foot. Knows paths, no content.

use super::MARK;
use crate::support::markdown::escape;

/// One page.
#[derive(Debug)]
pub(super) struct SitePage {
    /// Below the site's folder.
    pub path: String,
    /// For the window, without the tool's name.
    pub title: String,
    /// One line for search engines and shared links.
    pub summary: String,
    /// The path of the section it belongs to; empty for none.
    pub section: &'static str,
    /// HTML.
    pub body: String,
    /// What is beside it.
    pub side: SideList,
}

/// A list of links beside a page.
#[derive(Debug)]
pub(super) struct SideList {
    pub title: &'static str,
    pub items: Vec<SideItem>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct SideItem {
    pub text: String,
    /// Relative to the page.
    pub to: String,
    /// Heading under which it stands; empty for none.
    pub group: &'static str,
    /// Whether it is this page.
    pub here: bool,
    /// Whether its text is a name.
    pub code: bool,
    /// Whether it belongs to the one above.
    pub inner: bool,
}

impl SideItem {
    pub(super) fn new(text: String, to: String) -> SideItem {
        SideItem { text, to, group: "", here: false, code: false, inner: false }
    }
}

const SECTIONS: [(&str, &str); 7] = [
    ("index.html", "Guide"),
    ("manual.html", "Manual"),
    ("spec.html", "Spec"),
    ("rules.html", "Rules"),
    ("targets.html", "Targets"),
    ("settings.html", "Settings"),
    ("commands.html", "Commands"),
];

/// The way from a page to the site's folder.
pub(super) fn root(path: &str) -> String {
    "../".repeat(path.matches('/').count())
}

/// The whole page.
pub(super) fn html(page: &SitePage, version: &str) -> String {
    let root = root(&page.path);
    let title = if page.title == "scalegen" { page.title.clone() } else { format!("{} · scalegen", page.title) };
    let sections: String = SECTIONS
        .iter()
        .map(|(path, name)| {
            let here = match (*path == page.path, *path == page.section) {
                (true, _) => " aria-current=\"page\"",
                (false, true) => " aria-current=\"true\"",
                _ => "",
            };
            format!("<a href=\"{root}{path}\"{here}>{name}</a>\n")
        })
        .collect();
    format!(
        "<!DOCTYPE html>
<!-- {MARK}. -->
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta name=\"color-scheme\" content=\"light dark\">
<title>{title}</title>
<meta name=\"description\" content=\"{summary}\">
<link rel=\"icon\" href=\"data:,\">
<link rel=\"stylesheet\" href=\"{root}style.css\">
<script src=\"{root}search.js\" defer></script>
</head>
<body>
<a class=\"skip\" href=\"#main\">Skip to the text</a>
<header>
<a class=\"brand\" href=\"{root}index.html\">scalegen</a>
<nav aria-label=\"Sections\">
{sections}</nav>
<search data-root=\"{root}\" hidden></search>
</header>
<div class=\"page\">
<main id=\"main\">
<p class=\"jump\"><a href=\"#contents\">{side_title} ↓</a></p>
{body}</main>
{side}</div>
<footer>scalegen {version}</footer>
</body>
</html>
",
        title = escape(&title),
        summary = escape(&page.summary),
        body = page.body,
        side_title = page.side.title,
        side = side(&page.side),
        version = escape(version),
    )
}

fn side(side: &SideList) -> String {
    let mut out = format!("<nav class=\"side\" id=\"contents\" aria-label=\"{0}\">\n<p>{0}</p>\n", side.title);
    for group in side.items.chunk_by(|a, b| a.group == b.group) {
        let name = group.first().map_or("", |item| item.group);
        if !name.is_empty() {
            out.push_str(&format!("<p class=\"group\">{name}</p>\n"));
        }
        out.push_str("<ul>\n");
        for item in group {
            let here = if item.here { " aria-current=\"page\"" } else { "" };
            let text = escape(&item.text);
            let text = if item.code { format!("<code>{text}</code>") } else { text };
            let inner = if item.inner { " class=\"inner\"" } else { "" };
            out.push_str(&format!("<li{inner}><a href=\"{}\"{here}>{text}</a></li>\n", escape(&item.to)));
        }
        out.push_str("</ul>\n");
    }
    out.push_str("</nav>\n");
    out
}
