//! Lines of bytes as comments of a spec with known findings: only comments change what stands, and nothing is lost.
#![no_main]

use scalegen::support::diagnostic::Finding;
use scalegen::{CheckOptions, NoFiles, lint};
use scalegen_fuzz::properties;
use std::collections::BTreeSet;

/// A place for a comment is `@`.
const SPEC: &str = "@
version: 1 @
name: shop @
@
services: @
  api: @
    @
    replicas: { min: 4, max: 2 } @
    @
    resources: @
      requests: { cpu: 3, memory: 1Gi } @
      @
      limits: { cpu: 2, memory: 512Mi } @
  worker: @
    kind: singleton @
    @
    replicas: 2 @
    concurrency: 1e9 @
@
targets: { nginx: { listen: 80 } } @
@";

scalegen_fuzz::target!(run);

fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // what would be no comment is not tried here
    if text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n'))
        || text.contains(['\u{feff}', '\u{fffe}', '\u{ffff}'])
    {
        return;
    }
    let mut lines = text.split('\n');
    let mut spec = String::new();
    for part in SPEC.split_inclusive('@') {
        match part.strip_suffix('@') {
            Some(part) => {
                spec.push_str(part);
                if let Some(line) = lines.next().filter(|line| !line.is_empty()) {
                    spec.push_str(&format!("#{line}"));
                }
            }
            None => spec.push_str(part),
        }
    }
    let wanted = CheckOptions::default();
    let bare = lint("scalegen.yaml", SPEC.replace('@', "").as_bytes(), &NoFiles, &wanted);
    let checked = lint("scalegen.yaml", spec.as_bytes(), &NoFiles, &wanted);
    properties::checked(&checked);
    let of_comments = ["unused-suppression", "suppression-without-reason"];
    let said = |list: &[Finding]| -> Vec<String> {
        let own = list.iter().filter(|one| !of_comments.contains(&&*one.rule));
        own.map(|one| format!("{}: {}", one.rule, one.message)).collect()
    };
    let allowed: Vec<Finding> = checked.suppressed.iter().map(|one| one.finding.clone()).collect();
    let mut all = said(&checked.findings);
    let (stand, suppressed) = (all.len(), said(&allowed));
    all.extend(suppressed);
    all.sort();
    let mut before = said(&bare.findings);
    before.sort();
    assert_eq!(all, before, "comments change what is found, not only what stands:\n{spec}");
    if !spec.contains("scalegen:") {
        assert_eq!(stand, before.len(), "suppressed without a comment:\n{spec}");
    }
    let firm: BTreeSet<&str> = allowed.iter().map(|one| &*one.rule).collect();
    for rule in firm {
        assert!(scalegen::check::rules::is_suppressible(rule), "{rule} was suppressed");
        assert!(spec.contains(rule), "{rule} was suppressed by a comment that does not name it:\n{spec}");
    }
}
