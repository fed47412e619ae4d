//! Pages of the manual that belong to no rule and no target, and their list. Knows Markdown, no text.

use super::manual_page::{ManualPage, manual_path};
use super::named::NamedPages;
use super::shell::{SideItem, SideList, SitePage};
use super::{beyond_title, entry, headings, words};
use crate::support::markdown::{self, escape};

/// The list of pages.
pub(super) fn list(pages: &[ManualPage<'_>], named: &NamedPages) -> SitePage {
    let mut body = "<h1>Manual</h1>\n<p>Every page is also what <code>scalegen explain</code> shows under its name.</p>\n<ul class=\"entries\">\n".to_owned();
    for page in pages {
        body.push_str(&entry(&manual_path(page.name), page.name, "", &page.summary(), named, "manual.html"));
    }
    body.push_str("</ul>\n");
    let item = |page: &ManualPage<'_>| SideItem::new(page.title.to_owned(), manual_path(page.name));
    SitePage {
        path: "manual.html".to_owned(),
        title: "Manual".to_owned(),
        summary: "The language, what is read, what is written, editors, CI, the simulator.".to_owned(),
        section: "manual.html",
        body,
        side: SideList { title: "Pages", items: pages.iter().map(item).collect() },
    }
}

/// One page, with the others beside it.
pub(super) fn page(page: &ManualPage<'_>, pages: &[ManualPage<'_>], named: &NamedPages) -> SitePage {
    let (path, blocks) = (manual_path(page.name), markdown::blocks(page.text));
    let mut body = format!("<h1>{}</h1>\n", escape(page.title));
    body.push_str(&markdown::html(beyond_title(&blocks), &named.on(&path)));
    let mut items = Vec::new();
    for other in pages {
        let item = SideItem::new(other.title.to_owned(), format!("{}.html", other.name));
        items.push(SideItem { here: other.name == page.name, ..item });
        if other.name == page.name {
            items.extend(headings(&blocks).into_iter().map(|item| SideItem { inner: true, ..item }));
        }
    }
    SitePage {
        path,
        title: page.title.to_owned(),
        summary: words(&page.summary()),
        section: "manual.html",
        body,
        side: SideList { title: "Manual", items },
    }
}
