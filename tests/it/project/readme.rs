//! The README says what the tool says: its tables are generated, and the output it shows is what the commands print.
//!
//! `UPDATE=1 cargo test` writes both anew.

use crate::cli::program::scalegen;
use crate::common::golden::golden;
use std::fs;
use std::path::Path;

/// Text with what stands between two marks replaced.
fn between(text: &str, name: &str, inner: &str) -> String {
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let start = text.find(&open).unwrap_or_else(|| panic!("the README has no {open}")) + open.len();
    let end = start + text[start..].find(&close).unwrap();
    format!("{}{inner}{}", &text[..start], &text[end..])
}

#[test]
fn the_readme_shows_what_the_commands_print() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("README.md")).unwrap();
    let mut fresh = String::new();
    let mut rest = text.as_str();
    let mut shown = 0;
    while let Some(at) = rest.find("```console\n$ scalegen ") {
        let (before, block) = rest.split_at(at);
        fresh.push_str(before);
        let end = block.find("\n```\n").expect("the block is closed");
        let command = block.lines().nth(1).unwrap().strip_prefix("$ scalegen ").unwrap();
        let ran = scalegen(root, &command.split(' ').collect::<Vec<_>>());
        // findings of a render go to standard error: the picture is what it writes
        let output = if ran.out.is_empty() { ran.err } else { ran.out };
        assert!(ran.code <= 1, "{command}: exit code {}: {output}", ran.code);
        fresh.push_str(&format!("```console\n$ scalegen {command}\n{}\n```\n", output.trim_end()));
        rest = &block[end + "\n```\n".len()..];
        shown += 1;
    }
    fresh.push_str(rest);
    assert!(shown >= 3, "only {shown} outputs are shown");
    for name in ["rules", "targets"] {
        let table = scalegen(root, &[name, "--format", "markdown"]);
        assert_eq!(table.code, 0);
        fresh = between(&fresh, name, &table.out);
    }
    golden("README.md", &fresh);
}
