//! Which page a name leads to: rules, targets, fields of the spec. Knows names and paths, no content.

use super::field::FieldPage;
use super::manual_page::{ManualPage, manual_path};
use super::{rule_path, shell, target_path};
use crate::check::rules;
use crate::support::markdown::Links;
use crate::targets;
use std::collections::HashMap;

/// Everything that has a page or an anchor, by its name.
pub(super) struct NamedPages {
    /// Name → path with anchor, below the site's folder.
    pages: HashMap<String, String>,
    /// The pages of the manual, which are linked by their files.
    manual: Vec<String>,
}

impl NamedPages {
    pub(super) fn new(fields: &[FieldPage], manual: &[ManualPage<'_>]) -> NamedPages {
        let mut pages = HashMap::new();
        for field in fields {
            let to = format!("spec.html#{}", field.id);
            // rules speak of `replicas.min`, of whatever service; a single word could be anything
            let short = field.path.strip_prefix("services.<name>.").filter(|path| path.contains('.'));
            for name in [Some(&*field.path).filter(|path| path.contains('.')), short].into_iter().flatten() {
                pages.entry(name.to_owned()).or_insert_with(|| to.clone());
            }
        }
        pages.extend(targets::ALL.iter().map(|target| (target.meta.name.to_owned(), target_path(target.meta.name))));
        pages.extend(rules::ALL.iter().map(|rule| (rule.meta.id.to_owned(), rule_path(rule.meta.id))));
        NamedPages { pages, manual: manual.iter().map(|page| page.name.to_owned()).collect() }
    }

    /// Links as one page has them.
    pub(super) fn on(&self, page: &str) -> On<'_> {
        On { named: self, root: shell::root(page), page: page.to_owned() }
    }
}

/// Links of one page.
pub(super) struct On<'n> {
    named: &'n NamedPages,
    root: String,
    page: String,
}

impl Links for On<'_> {
    fn link(&self, to: &str) -> Option<String> {
        if to.starts_with('#') || to.starts_with("https://") {
            return Some(to.to_owned());
        }
        // of what is in a checkout only the manual is part of the site
        let name = to.rsplit('/').next()?.strip_suffix(".md")?;
        let is_known = self.named.manual.iter().any(|known| known == name);
        is_known.then(|| format!("{}{}", self.root, manual_path(name)))
    }

    fn named(&self, code: &str) -> Option<String> {
        let to = self.named.pages.get(code)?;
        // a page does not lead to itself
        (*to != self.page).then(|| format!("{}{to}", self.root))
    }
}
