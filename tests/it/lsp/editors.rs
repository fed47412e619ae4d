//! Real editors without a screen: pytest-lsp holds the server to the protocol, Neovim shows and applies what it sends, and
//! the extension for Visual Studio Code builds.

use crate::cli::program::scalegen;
use crate::common::judge::judge;
use serde_json::Value as Json;
use std::fs;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_scalegen");

#[test]
fn sessions_of_an_editor_keep_to_the_protocol() {
    if let Some(verdict) = judge("lsp.sh", &[PROGRAM]) {
        assert!(verdict.accepted, "{}{}", verdict.out, verdict.err);
    }
}

const SPEC: &str = "version: 1
name: shop
services:
  web:
    image: \"é漢😀\"
    replica: 3
targets:
  compose: {}
";

#[test]
fn neovim_shows_findings_and_hover_and_applies_a_fix() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("scalegen.yaml");
    fs::write(&file, SPEC).unwrap();
    let Some(verdict) = judge("neovim.sh", &[PROGRAM, "6", "6", file.to_str().unwrap()]) else { return };
    let shown = verdict.accepted("neovim", SPEC).json();
    let found = shown["diagnostics"].as_array().unwrap();
    let unknown = found.iter().find(|one| one["code"] == "unknown-field").unwrap();
    assert_eq!((&unknown["line"], &unknown["column"], &unknown["source"]), (&6.into(), &5.into(), &"scalegen".into()));
    assert_eq!(shown["text"], SPEC.replace("replica:", "replicas:"), "{:?}", shown["actions"]);
    let Some(verdict) = judge("neovim.sh", &[PROGRAM, "5", "6", file.to_str().unwrap()]) else { return };
    let shown: Json = verdict.accepted("neovim", SPEC).json();
    assert!(shown["hover"].as_str().unwrap().contains("Container image"), "{shown}");
}

#[test]
fn the_extension_for_visual_studio_code_builds() {
    if let Some(verdict) = judge("vscode.sh", &[]) {
        assert!(verdict.accepted, "{}{}", verdict.out, verdict.err);
    }
    let package: Json = serde_json::from_str(&fs::read_to_string("editors/vscode/package.json").unwrap()).unwrap();
    assert_eq!(package["version"], env!("CARGO_PKG_VERSION"));
    let lock = fs::read_to_string("editors/vscode/package-lock.json").unwrap();
    assert!(!lock.contains("\"resolved\""), "the lock names no registry");
}

#[test]
fn the_manual_says_how_editors_are_set_up() {
    let dir = TempDir::new().unwrap();
    let page = scalegen(dir.path(), &["explain", "editors", "--markdown"]);
    assert_eq!((page.code, page.out.as_str()), (0, scalegen::lsp::PAGE));
    let docs = scalegen(dir.path(), &["docs", "--out", "site"]);
    let site = fs::read_to_string(dir.path().join("site/manual/editors.html")).unwrap();
    assert!(docs.code == 0 && site.contains("<h2 id=\"neovim\">"), "{site}");
    for word in ["Visual Studio Code", "Neovim", "Helix", "source.fixAll.scalegen", "scalegen lsp"] {
        assert!(page.out.contains(word), "{word}");
    }
}
