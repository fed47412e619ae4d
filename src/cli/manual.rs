//! The pages of the manual that belong to no rule, target, field or command: one registry for `explain` and for the site.

use scalegen::report::site::ManualPage;
use scalegen::{change::import, check::policy, lsp, simulate};

/// All of them, in the order in which a newcomer needs them.
pub const PAGES: &[ManualPage<'static>] = &[
    page("install", "Install", include_str!("manual/install.md")),
    page("language", "The language", include_str!("manual/language.md")),
    page("inputs", "Inputs", include_str!("manual/inputs.md")),
    page("import", "Import", import::PAGE),
    page("findings", "Findings", include_str!("manual/findings.md")),
    page("rendering", "Rendering", include_str!("manual/rendering.md")),
    page("changes", "Plan, scale and diff", include_str!("manual/changes.md")),
    page("ci", "Pre-commit and CI", include_str!("manual/ci.md")),
    page("editors", "Editors", lsp::PAGE),
    page("policy", "Rules of your own", policy::PAGE),
    page("simulate", "The simulator", simulate::PAGE),
    page("worked-examples", "Worked examples of simulate and size", simulate::EXAMPLES),
];

/// The page of this name.
pub fn get(name: &str) -> Option<&'static ManualPage<'static>> {
    let name = if name == "simulator" { "simulate" } else { name };
    PAGES.iter().find(|page| page.name == name)
}

const fn page(name: &'static str, title: &'static str, text: &'static str) -> ManualPage<'static> {
    ManualPage { name, title, text }
}
