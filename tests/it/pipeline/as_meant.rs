//! Misspelt keys are read as they were meant: the rest of what is wrong is told in the same run, and nothing that only follows.

use scalegen::support::diagnostic::Finding;
use scalegen::{CheckOptions, CheckResult, NoFiles, lint};
use std::fmt::Write as _;

fn checked(text: &str) -> CheckResult {
    let mut checked = lint("scalegen.yaml", text.as_bytes(), &NoFiles, &CheckOptions::default());
    checked.keep_causes();
    checked
}

/// `rule path` of each finding.
fn told(text: &str) -> Vec<String> {
    let checked = checked(text);
    checked.findings.iter().zip(&checked.paths).map(|(finding, path)| format!("{} {path}", finding.rule)).collect()
}

const HEAD: &str = "version: 1\nname: shop\n";

#[test]
fn what_a_misspelt_key_holds_is_checked_too() {
    let text =
        format!("{HEAD}services:\n  web:\n    image: a\n    resource: {{ limit: {{ memory: 1GB, cpus: 1 }} }}\n");
    assert_eq!(
        told(&text),
        [
            "unknown-field /services/web/resource",
            "unknown-field /services/web/resource/limit",
            "invalid-quantity /services/web/resource/limit/memory",
            "unknown-field /services/web/resource/limit/cpus",
        ]
    );
    let text = format!("{HEAD}service: {{ web: {{ image: a, replica: two }} }}\n");
    let found = told(&text);
    assert!(found.contains(&"wrong-type /service/web/replica".to_owned()), "{found:?}");
    // the sum that comes to too much is one of the rules' findings
    let text = format!(
        "{HEAD}services: {{ web: {{ image: a, replica: 30, connection: {{ db: 10 }} }} }}\nbacking_services: {{ db: {{ kind: postgres, max_connections: 100 }} }}\n"
    );
    let found = told(&text);
    assert!(found.iter().any(|one| one.starts_with("connections-exhausted ")), "{found:?}");
    assert!(!found.iter().any(|one| one.starts_with("unknown-reference")), "{found:?}");
}

#[test]
fn profiles_are_read_as_they_were_meant_too() {
    let text = format!(
        "{HEAD}services: {{ web: {{ image: a, resources: {{ limits: {{ memory: 1Gi }} }} }} }}\nprofile:\n  large: {{ services: {{ web: {{ replica: \"4\" }} }} }}\n  small: {{}}\n"
    );
    let checked = checked(&text);
    let of = |rule: &str| checked.findings.iter().filter(|one| one.rule == *rule).collect::<Vec<&Finding>>();
    assert_eq!(checked.profiles, ["large", "small"]);
    assert_eq!(of("unknown-field").len(), 2, "{:#?}", checked.findings);
    let wrong = of("wrong-type");
    assert_eq!((wrong.len(), wrong[0].profiles.len()), (1, 1), "{wrong:#?}");
    assert_eq!(&*wrong[0].profiles[0], "large");
}

#[test]
fn a_key_beside_the_right_one_stays_what_it_is() {
    let text = format!("{HEAD}services: {{ web: {{ image: a, replicas: 3, replica: 4 }} }}\n");
    let checked = checked(&text);
    let helps: Vec<&str> = checked.findings.iter().filter_map(|one| one.help.as_deref()).collect();
    assert!(helps.contains(&"remove it: `replicas` is written too"), "{helps:?}");
    // names are no keys: a service may have any
    assert!(
        told(&format!("{HEAD}services: {{ replica: {{ image: a, replica: x }} }}\n"))[1].ends_with("/replica/replica")
    );
}

#[test]
fn names_that_could_not_be_read_are_not_unknown() {
    let services = "services: { web: { image: a, partitionedBy: log, connections: { db: 5 } } }\n";
    let listed = format!("{HEAD}{services}backingServices: [{{ name: db, kind: postgres }}]\n");
    assert_eq!(told(&listed), ["wrong-type /backingServices"]);
    // an empty map has none of the names
    let empty = told(&format!("{HEAD}{services}backingServices: {{}}\n"));
    assert_eq!(empty.iter().filter(|one| one.starts_with("unknown-reference")).count(), 2, "{empty:?}");
}

#[test]
fn what_aliases_share_is_renamed_once() {
    let mut text = format!("{HEAD}x-0: &a0 {{ replica: 3 }}\n");
    for level in 1..9 {
        let below = level - 1;
        let _ = writeln!(text, "x-{level}: &a{level} [*a{below}, *a{below}]");
    }
    text.push_str("service: { web: { image: a, <<: *a0 } }\n");
    let found = told(&text);
    assert!(found.iter().any(|one| one.starts_with("unknown-field /service")), "{found:?}");
}
