//! `convox.yml` read and checked as it is: what Convox drops or refuses is told where it stands, what it takes is summed up and judged.

use crate::cli::program::{scalegen, with_input};
use std::fs;
use tempfile::TempDir;

/// What lint says of one file: rule and line of each finding, sorted, with its message.
fn found(text: &str) -> Vec<(String, u64, String)> {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("convox.yml"), text).unwrap();
    let ran = scalegen(dir.path(), &["lint", "convox.yml", "--format", "json"]);
    let said: serde_json::Value =
        serde_json::from_str(&ran.out).unwrap_or_else(|why| panic!("{why}: {}{}", ran.out, ran.err));
    let mut all: Vec<(String, u64, String)> = said["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            assert_eq!(one["file"], "convox.yml", "{one}");
            let line = one["start"]["line"].as_u64().unwrap_or_else(|| panic!("{one}"));
            (one["rule"].as_str().unwrap().to_owned(), line, one["message"].as_str().unwrap().to_owned())
        })
        .collect();
    all.sort();
    all
}

fn rules_at(text: &str) -> Vec<(String, u64)> {
    found(text).into_iter().map(|(rule, line, _)| (rule, line)).collect()
}

#[test]
fn what_convox_takes_is_silent() {
    let text = "environment:\n  - LOG=debug\nresources:\n  cache: { type: redis }\nservices:\n  web:\n    build: .\n    port: https:3000\n    \
        health: /check\n    environment: [A=1, B, \"C=${HOME}\"]\n    scale: { count: 2-10, cpu: 256, memory: 512, limit: { memory: 1024 }, targets: { cpu: 70 } }\n    \
        deployment: { minimum: 50, maximum: 200 }\n    termination: { grace: 45 }\n    unheard: of\n  worker:\n    image: shop/worker:1\n    \
        resources: [cache]\n    scale: { min: 0, max: 5, cpu: 250, memory: 512, autoscale: { queueDepth: { threshold: 10, query: q, prometheusUrl: http://p } } }\n  \
        agent:\n    image: shop/agent:1\n    agent: true\n    scale: { cpu: 100, memory: 64 }\n  timer:\n    image: shop/timer:1\n    scale: \"${COUNT}\"\n";
    let all: Vec<_> = found(text).into_iter().filter(|(rule, ..)| rule != "files-without-limits").collect();
    assert!(all.is_empty(), "{all:?}");
}

#[test]
fn what_convox_drops_or_refuses_is_told_at_its_line() {
    let text = "services:\n  web:\n    image: shop/web:1\n    scale:\n      count: 3+\n      cpu: \"250\"\n      memory: 512Mi\n  api:\n    image: shop/api:1\n    \
        scale: [1, 2]\n  worker:\n    image: shop/worker:1\n    scale: { count: 2, cpu: 0.5, memory: 512 }\n";
    let all = found(text);
    let wrong: Vec<u64> = all.iter().filter(|(rule, ..)| rule == "wrong-type").map(|(_, line, _)| *line).collect();
    assert_eq!(wrong, [5, 6, 7, 10, 13], "{all:?}");
    let said = |line: u64| {
        all.iter().find(|(rule, at, _)| rule == "wrong-type" && *at == line).map(|one| one.2.as_str()).unwrap()
    };
    assert!(said(5).contains("`3+` is not a number of replicas: Convox refuses the file"), "{}", said(5));
    assert!(said(7).contains("Convox drops `memory` without a word, and 512 holds"), "{}", said(7));
}

#[test]
fn the_arithmetic_of_rules_holds_for_it() {
    // more asked for than allowed, more at the least than at the most, and a heap above the memory
    let text = "services:\n  web:\n    image: shop/web:1\n    scale: { count: 2, cpu: 500, memory: 1024, limit: { cpu: 250, memory: 512 } }\n  \
        api:\n    image: shop/api:1\n    scale: { min: 4, max: 2, memory: 256 }\n";
    let all = rules_at(text);
    for wanted in [("request-above-limit", 4), ("min-above-max", 7)] {
        assert!(all.contains(&(wanted.0.to_owned(), wanted.1)), "{wanted:?}: {all:?}");
    }
}

#[test]
fn hostile_files_are_findings() {
    for text in [
        "services: [\n",
        "services:\n  web: &a { scale: *a }\n",
        "- 1\n",
        "services: 3\n",
        "services:\n  web: ~\n",
        "\u{0}",
    ] {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join("convox.yml"), text).unwrap();
        let ran = scalegen(dir.path(), &["lint", "convox.yml"]);
        assert!([0, 1].contains(&ran.code), "{text:?}: {} {}", ran.code, ran.err);
    }
    let many: String = (0..5000).map(|number| format!("  s{number}: {{ image: a, scale: {{ cpu: x }} }}\n")).collect();
    assert!(found(&format!("services:\n{many}")).len() <= 500);
    let piped = with_input(&std::env::temp_dir(), &["lint", "-"], "services:\n  web:\n    build: .\n    scale: 2\n");
    assert!([0, 1].contains(&piped.code), "{}", piped.err);
}
