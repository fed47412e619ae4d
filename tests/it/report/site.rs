//! `scalegen docs`: every page is there, says what the tool says, and works in a real browser.

use crate::cli::program::scalegen;
use crate::common::judge::judge;
use scalegen::check::rules;
use scalegen::support::markdown::{Links, blocks, html};
use scalegen::targets;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn site() -> (TempDir, BTreeMap<String, String>) {
    let dir = TempDir::new().unwrap();
    let ran = scalegen(dir.path(), &["docs", "--out", "site"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let files = read(&dir.path().join("site"));
    assert_eq!(ran.out, format!("wrote {} files; begin with site/index.html\n", files.len()));
    (dir, files)
}

#[test]
fn a_page_that_is_as_rendered_is_not_said_to_be_written() {
    let (dir, files) = site();
    let docs = || scalegen(dir.path(), &["docs", "--out", "site"]);
    let all = files.len();
    assert_eq!(docs().out, format!("{all} files are as rendered; begin with site/index.html\n"));
    fs::remove_file(dir.path().join("site/spec.html")).unwrap();
    let others = all - 1;
    let said = format!("wrote 1 file; {others} files are as rendered; begin with site/index.html\n");
    assert_eq!((docs().out, read(&dir.path().join("site"))), (said, files));
}

fn read(root: &Path) -> BTreeMap<String, String> {
    let files = walkdir::WalkDir::new(root).into_iter().map(|entry| entry.unwrap().into_path());
    let named = |path: &Path| path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
    files.filter(|path| path.is_file()).map(|path| (named(&path), fs::read_to_string(&path).unwrap())).collect()
}

#[test]
fn the_site_has_a_page_for_everything_and_is_the_same_each_time() {
    let (_dir, files) = site();
    for rule in rules::ALL {
        let page = &files[&format!("rules/{}.html", rule.meta.id)];
        assert!(page.contains(&format!("<h1><code>{}</code></h1>", rule.meta.id)));
        let allowed = page.contains(&format!("# scalegen: allow {} (why)", rule.meta.id));
        assert_eq!(allowed, rule.meta.suppressible, "{}", rule.meta.id);
        assert!(files["rules.html"].contains(&format!("href=\"rules/{}.html\"", rule.meta.id)));
        assert!(files["search.js"].contains(&format!("[\"{}\",", rule.meta.id)));
    }
    for target in targets::ALL {
        assert!(files.contains_key(&format!("targets/{}.html", target.meta.name)));
    }
    // words of a field that need no explanation are one line, explained ones a list
    assert!(!files["spec.html"].contains("</code>: </li>") && files["spec.html"].contains("<p>One of <code>"));
    for (path, _) in crate::targets::support::nodes() {
        let id: Vec<String> = path
            .replace("[]", "")
            .split('.')
            .map(|part| if part == "*" { "name".to_owned() } else { part.to_ascii_lowercase() })
            .collect();
        assert!(files["spec.html"].contains(&format!("id=\"{}\"", id.join("-"))), "{path}");
    }
    let settings = &files["settings.html"];
    for id in ["fail-level", "rules", "ignore-reason", "policy-require"] {
        assert!(settings.contains(&format!("id=\"{id}\"")), "{id}");
    }
    assert!(settings.contains("default <code>&quot;error&quot;</code>"), "values as TOML has them");
    assert!(settings.contains("[[ignore]]") && !settings.contains("id=\"rules-slow-ramp\""));
    assert!(files["search.js"].contains("[\"ignore[].until\",\"setting\","));
    for command in ["lint", "render", "plan", "scale", "init", "explain", "schema", "docs", "completions"] {
        assert!(files["commands.html"].contains(&format!("<code>scalegen {command}</code>")), "{command}");
    }
    assert!(files["commands.html"].contains("<code>--fail-level &lt;LEVEL&gt;</code>"));
    assert!(files["index.html"].contains("Rust 1.89") && !files["index.html"].contains("tests/run.sh"));
    for page in
        ["install", "language", "inputs", "findings", "rendering", "changes", "ci", "editors", "policy", "simulate"]
    {
        let path = format!("manual/{page}.html");
        assert!(files.contains_key(&path) && files["manual.html"].contains(&path), "{page}");
        assert!(files["index.html"].contains(&path), "the guide leads to {page}");
        assert!(files["search.js"].contains(&format!("[\"{page}\",\"manual\"")), "{page}");
    }
    assert_eq!(site().1, files);
}

#[test]
fn pages_ask_for_nothing_from_elsewhere_and_can_be_read_without_the_script() {
    let (_dir, files) = site();
    for (name, text) in files.iter().filter(|(name, _)| name.ends_with(".html")) {
        for attribute in ["src=\"", "href=\""] {
            for (_, rest) in text.match_indices(attribute).map(|(at, _)| text.split_at(at + attribute.len())) {
                let to = rest.split('"').next().unwrap();
                let linked = attribute == "href=\"" && to.starts_with("https://");
                assert!(linked || !to.contains("//"), "{name} refers to {to}");
            }
        }
        // the one script and the search are all that it takes away
        assert_eq!(text.matches("<script").count(), 1, "{name}");
        assert!(text.contains("<search data-root=") && text.contains(" hidden></search>"), "{name}");
    }
}

/// Links of a page that has none of its own.
struct Nowhere;

impl Links for Nowhere {
    fn link(&self, to: &str) -> Option<String> {
        Some(to.to_owned())
    }

    fn named(&self, _: &str) -> Option<String> {
        None
    }
}

#[test]
fn no_text_of_a_page_becomes_markup() {
    let page = "# a <b> & \"c\"\n\n<script>alert(1)</script>\n\n`<i>` and <u>text</u> [x](\"onmouseover=1)\n\n| a<td> |\n|---|\n| <hr> |\n\n\
                ```yaml\n<key>: '<v>' # error: <e>\n```\n\n- <li>\n";
    let made = html(&blocks(page), &Nowhere);
    for tag in ["<script", "<b>", "<i>", "<u>", "<hr>", "<key>", "<v>", "<e>"] {
        assert!(!made.contains(tag), "{tag} in\n{made}");
    }
    assert!(made.contains("<h1 id=\"a-b-c\">a &lt;b&gt; &amp; &quot;c&quot;</h1>"), "{made}");
    assert!(made.contains("<span class=\"error\"># error: &lt;e&gt;</span>"), "{made}");
}

#[test]
fn every_page_works_in_a_browser() {
    let (dir, files) = site();
    let site = dir.path().join("site");
    let words = "come and go forever";
    let Some(verdict) = judge("browser.js", &[site.to_str().unwrap(), words, "port-coll", "no such word anywhere"])
    else {
        return;
    };
    let verdict = verdict.accepted("the site", "").json();
    assert_eq!(verdict["pages"], files.keys().filter(|name| name.ends_with(".html")).count());
    assert!(verdict["links"].as_u64().unwrap() > 4000, "{}", verdict["links"]);
    assert_eq!(verdict["found"][words][0], "rules/flapping-thresholds.html");
    assert_eq!(verdict["found"]["port-coll"][0], "rules/port-collision.html");
    assert_eq!(verdict["found"]["no such word anywhere"], serde_json::json!([]));
}
