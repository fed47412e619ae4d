//! The manual as a static site: made from the tool's own descriptions. Knows no file on disk, no clock, no network.

mod commands;
mod field;
mod field_page;
mod index;
mod manual_page;
mod manual_pages;
mod named;
mod settings;
mod shell;
mod spec;

pub use commands::{Argument, CommandPage};
pub use field_page::{
    field_page, is_entry, misspelt_field, near_field, page_of_value, settings_page, top_fields, top_settings,
};
pub use manual_page::ManualPage;

use crate::check::rules::{self, Rule};
use crate::support::diagnostic::Severity;
use crate::support::markdown::{self, Block};
use crate::targets::{self, Target};
use named::NamedPages;
use shell::{SideItem, SideList, SitePage};

/// A mark in the first lines of every file, by which a later run recognises its own files.
pub const MARK: &str = "Written by scalegen docs";

/// The input of the site besides rules, targets and schema.
#[derive(Clone, Copy, Debug)]
pub struct Manual<'a> {
    /// The release, for the foot of each page.
    pub version: &'a str,
    /// The introduction, in Markdown: the first page.
    pub guide: &'a str,
    /// The pages that belong to no rule and no target.
    pub pages: &'a [ManualPage<'a>],
    /// The command line.
    pub commands: &'a [CommandPage],
}

/// All files: path below the site's folder, `/` between parts, and text.
#[must_use]
pub fn files(manual: &Manual<'_>) -> Vec<(String, String)> {
    let (fields, settings) = (spec::fields(), settings::fields());
    let named = NamedPages::new(&fields, manual.pages);
    let mut pages = vec![guide(manual, &named), rule_list(&named), target_list(&named)];
    pages.extend(rules::ALL.iter().enumerate().map(|(index, rule)| rule_page(index, rule, &named)));
    pages.extend(targets::ALL.iter().map(|target| target_page(target, &named)));
    pages.push(spec::page(&fields, &named));
    pages.push(settings::page(&settings));
    pages.push(commands::page(manual.commands, &named));
    pages.push(manual_pages::list(manual.pages, &named));
    pages.extend(manual.pages.iter().map(|page| manual_pages::page(page, manual.pages, &named)));
    let mut files: Vec<(String, String)> =
        pages.iter().map(|page| (page.path.clone(), shell::html(page, manual.version))).collect();
    files.push(("style.css".to_owned(), format!("/* {MARK}. */\n{}", include_str!("style.css"))));
    files.push(("search.js".to_owned(), format!("// {MARK}.\n{}", index::script(&fields, &settings, manual))));
    files
}

/// The path of a rule's page.
fn rule_path(id: &str) -> String {
    format!("rules/{id}.html")
}

/// The path of a target's page.
fn target_path(name: &str) -> String {
    format!("targets/{name}.html")
}

fn guide(manual: &Manual<'_>, named: &NamedPages) -> SitePage {
    let blocks = markdown::blocks(manual.guide);
    SitePage {
        path: "index.html".to_owned(),
        title: "scalegen".to_owned(),
        summary: "One scaling spec in, every platform's configuration out, checked before it ships.".to_owned(),
        section: "",
        body: markdown::html(&blocks, &named.on("index.html")),
        side: SideList { title: "On this page", items: headings(&blocks) },
    }
}

/// The second level of a page, as links within it.
fn headings(blocks: &[Block]) -> Vec<SideItem> {
    let level = |block: &Block| match block {
        Block::Heading(2, runs, id) => Some(SideItem::new(markdown::plain_text(runs), format!("#{id}"))),
        _ => None,
    };
    blocks.iter().filter_map(level).collect()
}

fn badge(severity: Severity) -> String {
    let word = severity.word();
    format!("<span class=\"badge {word}\">{word}</span>")
}

/// One line of a list of pages.
fn entry(to: &str, name: &str, badge: &str, summary: &str, named: &NamedPages, page: &str) -> String {
    let blocks = markdown::blocks(summary);
    let summary = match blocks.first() {
        Some(Block::Paragraph(runs)) => markdown::inline(runs, &named.on(page)),
        _ => String::new(),
    };
    format!("<li><a href=\"{to}\"><code>{}</code></a> {badge}<p>{summary}</p></li>\n", markdown::escape(name))
}

fn rule_list(named: &NamedPages) -> SitePage {
    let mut body = format!(
        "<h1>Rules</h1>\n<p>What <code>scalegen lint</code> finds: {} rules. Every page is also what <code>scalegen explain</code> shows, \
         and its examples are tests.</p>\n",
        rules::ALL.len()
    );
    let mut items = Vec::new();
    for group in rules::ALL.chunk_by(|a, b| a.meta.group == b.meta.group) {
        let heading = group.first().map_or("", |rule| rule.meta.group.heading());
        let id = markdown::anchor(heading);
        items.push(SideItem::new(capital(heading), format!("#{id}")));
        let title = capital(heading);
        body.push_str(&format!(
            "<h2 id=\"{id}\">{title} {}</h2>\n<ul class=\"entries\">\n",
            markdown::heading_link(&id, &title)
        ));
        for rule in group {
            let (id, badge) = (rule.meta.id, badge(rule.meta.severity));
            body.push_str(&entry(&rule_path(id), id, &badge, rule.summary(), named, "rules.html"));
        }
        body.push_str("</ul>\n");
    }
    SitePage {
        path: "rules.html".to_owned(),
        title: "Rules".to_owned(),
        summary: "What scalegen lint finds.".to_owned(),
        section: "rules.html",
        body,
        side: SideList { title: "Groups", items },
    }
}

fn rule_page(index: usize, rule: &Rule, named: &NamedPages) -> SitePage {
    let id = rule.meta.id;
    let path = rule_path(id);
    let blocks = markdown::blocks(rule.page);
    let mut body = format!(
        "<h1><code>{id}</code></h1>\n<p class=\"meta\">{} <a href=\"../rules.html#{}\">{}</a></p>\n",
        badge(rule.meta.severity),
        markdown::anchor(rule.meta.group.heading()),
        rule.meta.group.heading()
    );
    body.push_str(&markdown::html(beyond_title(&blocks), &named.on(&path)));
    body.push_str("<h2 id=\"allow\">Allow it ");
    body.push_str(&markdown::heading_link("allow", "allow it"));
    body.push_str("</h2>\n");
    body.push_str(&if !rule.meta.suppressible {
        "<p>Nothing allows this one: what it finds cannot be read, or would not be taken.</p>\n".to_owned()
    } else {
        let line = format!("# scalegen: allow {id} (why)");
        format!("<p>On the line or the one above, with a reason:</p>\n{}", markdown::code("yaml", &line))
    });
    let near = |index: Option<usize>| index.and_then(|index| rules::ALL.get(index)).map(|rule| rule.meta.id);
    let link = |id: Option<&str>, rel: &str| {
        id.map_or_else(String::new, |id| format!("<a rel=\"{rel}\" href=\"{id}.html\"><code>{id}</code></a>"))
    };
    let (before, after) = (near(index.checked_sub(1)), near(index.checked_add(1)));
    body.push_str(&format!(
        "<nav class=\"near\" aria-label=\"Rules before and after\">{}{}</nav>\n",
        link(before, "prev"),
        link(after, "next")
    ));
    let items = rules::ALL.iter().map(|other| {
        let item = SideItem::new(other.meta.id.to_owned(), format!("{}.html", other.meta.id));
        SideItem { group: other.meta.group.heading(), here: other.meta.id == id, code: true, ..item }
    });
    SitePage {
        path,
        title: id.to_owned(),
        summary: words(rule.summary()),
        section: "rules.html",
        body,
        side: SideList { title: "Rules", items: items.collect() },
    }
}

fn target_list(named: &NamedPages) -> SitePage {
    let mut body = "<h1>Targets</h1>\n<p>What <code>scalegen render</code> writes. Every page has the options, what becomes what, and a table with \
                    a verdict for each field of the spec.</p>\n<ul class=\"entries\">\n"
        .to_owned();
    for target in targets::ALL {
        let name = target.meta.name;
        body.push_str(&entry(&target_path(name), name, "", target.summary(), named, "targets.html"));
    }
    body.push_str("</ul>\n");
    let item = |target: &Target| SideItem {
        code: true,
        ..SideItem::new(target.meta.name.to_owned(), target_path(target.meta.name))
    };
    SitePage {
        path: "targets.html".to_owned(),
        title: "Targets".to_owned(),
        summary: "What scalegen render writes.".to_owned(),
        section: "targets.html",
        body,
        side: SideList { title: "Targets", items: targets::ALL.iter().map(item).collect() },
    }
}

fn target_page(target: &Target, named: &NamedPages) -> SitePage {
    let name = target.meta.name;
    let path = target_path(name);
    let blocks = markdown::blocks(target.page);
    let mut body = format!("<h1><code>{name}</code></h1>\n");
    body.push_str(&markdown::html(beyond_title(&blocks), &named.on(&path)));
    let mut items = Vec::new();
    for other in targets::ALL.iter().map(|other| other.meta.name) {
        let item = SideItem::new(other.to_owned(), format!("{other}.html"));
        items.push(SideItem { here: other == name, code: true, ..item });
        if other == name {
            items.extend(headings(&blocks).into_iter().map(|item| SideItem { inner: true, ..item }));
        }
    }
    SitePage {
        path,
        title: format!("target {name}"),
        summary: words(target.summary()),
        section: "targets.html",
        body,
        side: SideList { title: "Targets", items },
    }
}

/// A page without its title, which is written separately.
fn beyond_title(blocks: &[Block]) -> &[Block] {
    match blocks {
        [Block::Heading(1, ..), rest @ ..] => rest,
        all => all,
    }
}

/// Markdown as plain words.
fn words(text: &str) -> String {
    let plain = |block: &Block| match block {
        Block::Paragraph(runs) => markdown::plain_text(runs),
        _ => String::new(),
    };
    markdown::blocks(text).iter().map(plain).collect::<Vec<_>>().join(" ")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
