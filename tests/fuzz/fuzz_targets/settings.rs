//! Bytes as the settings file with its policies and, behind a NUL, as the baseline: faults have places, and a spec checked
//! under them keeps its promises.
#![no_main]

use scalegen::check::baseline;
use scalegen::check::policy;
use scalegen::check::settings::{self, CalendarDay};
use scalegen::support::source::Source;
use scalegen::{CheckOptions, lint};
use scalegen_fuzz::{files, properties};
use std::sync::Arc;

scalegen_fuzz::target!(run);

const SPEC: &str = "version: 1
name: shop
services:
  api: { replicas: { min: 1, max: 4 }, image: acme/api:latest, resources: { limits: { cpu: 1 } } }
  worker: { replicas: 3, resources: { requests: { memory: 2Gi }, limits: { memory: 1Gi } } } # scalegen: allow request-above-limit (known)
profiles:
  prod: { services: { api: { replicas: { min: 2 } } } }
targets: { compose: {}, nginx: { listen: 80 } }
";

fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (toml, json) = text.split_once('\0').unwrap_or((text, ""));
    let source = Source::new(".scalegen.toml", toml);
    let read = settings::read(&source, CalendarDay::since_epoch(20_780));
    let (policies, faults) = policy::read(&read.policies, &source);
    let sources = [source];
    assert_eq!(read.findings.len(), read.paths.len(), "a path for each finding");
    for finding in read.findings.iter().chain(&faults) {
        properties::finding(&sources, finding);
        let path = settings::path(&sources[0], finding.at.span);
        assert!(path.is_empty() || path.starts_with('/'), "{path:?}");
    }
    let known = Source::new(".scalegen-baseline.json", json);
    let old = baseline::read(&known);
    let known = [known];
    old.findings.iter().for_each(|finding| properties::finding(&known, finding));
    let text = old.baseline.text();
    let again = baseline::read(&Source::new("", text.as_str()));
    assert!(again.findings.is_empty(), "what a baseline is written as has faults: {:?}\n{text}", again.findings);
    assert_eq!(again.baseline.text(), text, "a baseline reads otherwise than it was written");
    let wanted = CheckOptions {
        settings: Some(Arc::new(read.settings)),
        policies: Some(Arc::new(policies)),
        path: "shop/scalegen.yaml".to_owned(),
        baseline: Some((Arc::new(old.baseline), "shop/scalegen.yaml".to_owned())),
        ..CheckOptions::default()
    };
    let checked = lint("shop/scalegen.yaml", SPEC.as_bytes(), files::any(), &wanted);
    properties::checked(&checked);
    properties::reports(&checked, data);
}
