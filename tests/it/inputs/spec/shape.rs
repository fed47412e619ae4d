//! The shape of a spec through the whole of lint: numbers in all their spellings, and one fault as one finding.

use scalegen::{CheckOptions, NoFiles, lint};

/// `rule line:column message` of every finding that is not a warning about limits.
fn faults(rest: &str) -> Vec<String> {
    let text = format!("version: 1\nname: shop\n{rest}");
    faults_of(&text)
}

fn faults_of(text: &str) -> Vec<String> {
    let checked = lint("spec", text.as_bytes(), &NoFiles, &CheckOptions::default());
    let told = checked.findings.iter().filter(|finding| finding.rule != "missing-limits").map(|finding| {
        let start = checked.sources[0].numbers(finding.at.span.start);
        format!("{} {}:{} {}", finding.rule, start.line, start.column, finding.message)
    });
    told.collect()
}

#[test]
fn a_whole_number_counts_however_it_is_written() {
    for two in ["2", "2.0", "2.", "+2", "0x2"] {
        let text = format!("services:\n  a: {{ image: x, kind: singleton, replicas: {two} }}\n");
        assert_eq!(faults(&text), ["replicated-singleton 4:45 a singleton with 2 replicas"], "{two}");
        let window = format!(
            "services:\n  a: {{ image: x, kind: singleton, schedule: [{{ days: [mon], from: \"08:00\", \
             to: \"09:00\", timezone: UTC, replicas: {two} }}] }}\n"
        );
        assert_eq!(faults(&window).len(), 1, "{two}");
    }
}

/// Found by fuzzing: JSON has no such numbers, the schema saw strings, and the field was lost without a word.
#[test]
fn a_number_without_end_is_no_string() {
    for number in [".inf", "-.inf", ".nan", "1e400", "-1e400"] {
        for (field, column) in [("image: ", 12), ("partitionedBy: ", 20), ("sharedSecrets: [", 21)] {
            let end = if field.ends_with('[') { "]" } else { "" };
            let text = format!("services:\n  a:\n    {field}{number}{end}\n");
            let message =
                format!("wrong-type 5:{column} expected a string, found `{number}`, which is not a finite number");
            let found: Vec<String> = faults(&text).into_iter().filter(|one| !one.starts_with("ambiguous")).collect();
            assert_eq!(found, [message], "{text}");
        }
    }
    let files = scalegen::render(
        "spec",
        b"version: 1\nname: shop\nservices: { a: { image: 1e400 } }\n",
        &NoFiles,
        None,
        &["convox".to_owned()],
    );
    assert!(files.expect("no bug of ours").files.is_empty());
}

#[test]
fn a_short_form_of_any_spelling_merges() {
    let text = "services:\n  a: { image: x, replicas: 3.0, concurrency: 2.0 }\nprofiles:\n  \
                large: { services: { a: { replicas: { max: 2 }, concurrency: { env: SLOTS } } } }\n";
    assert_eq!(faults(text), ["min-above-max 4:28 min 3 is above max 2"]);
}

#[test]
fn a_share_counts_however_it_is_written() {
    for half in ["0.5", ".5", "+0.5", "0.50"] {
        let text = format!(
            "services:\n  a: {{ image: x, replicas: {{ min: 1, max: 2 }}, autoscaling: {{ scaleUp: {{ threshold: 0.2 }}, \
             scaleDown: {{ threshold: {half} }} }} }}\n"
        );
        let found = faults(&text);
        assert!(found[0].starts_with("scale-up-below-scale-down"), "{half}: {found:?}");
    }
}

#[test]
fn an_option_counts_however_it_is_written() {
    for listen in ["81", "81.0"] {
        let text = format!(
            "version: 1\nname: shop\nservices: {{ a: {{ image: x, port: 80, publish: 8000, expose: {{}} }} }}\n\
             targets: {{ nginx: {{ listen: {listen} }} }}\n"
        );
        let rendered = scalegen::render("spec", text.as_bytes(), &NoFiles, None, &[]).unwrap();
        assert!(rendered.files[0].1[0].text.contains("listen 81 default_server;"), "{listen}");
    }
}

#[test]
fn a_misspelt_field_is_not_missing_too() {
    let services = "services: { a: { image: x } }\n";
    assert_eq!(faults_of(&format!("verson: 1\nname: shop\n{services}")), ["unknown-field 1:1 unknown field `verson`"]);
    assert_eq!(
        faults("services: { a: { image: x, replicas: { mim: 1 } } }\n"),
        ["missing-field 3:28 `replicas` has no `max`", "unknown-field 3:40 unknown field `mim` in `replicas`"]
    );
    assert_eq!(
        faults_of(&format!("version: \"1\"\nname: shop\n{services}")),
        ["wrong-type 1:10 expected a whole number, found the string `1`"]
    );
}

#[test]
fn the_second_of_two_equal_items_is_the_place() {
    assert_eq!(
        faults("services: { a: { image: x, sharedSecrets: [A, B, A] } }\n"),
        ["invalid-value 3:50 `sharedSecrets` has an item twice"]
    );
}

#[test]
fn a_path_of_health_begins_with_a_slash() {
    let found = faults("services: { a: { image: x, port: 80, health: { http: ready } } }\n");
    assert_eq!(found, ["invalid-value 3:54 `ready` is not a path: it does not begin with `/`"]);
}

#[test]
fn a_word_for_a_boolean_is_not_to_be_quoted() {
    let found = faults("limitResources: yes\nservices: { a: { image: x } }\n");
    assert_eq!(found, ["wrong-type 3:17 expected `true` or `false`, found the string `yes`"]);
}

#[test]
fn a_broken_part_of_a_window_hides_no_fault_of_the_others() {
    let window = |days: &str, from: &str, to: &str, zone: &str, replicas: &str| {
        format!("      - {{ days: {days}, from: {from}, to: {to}, timezone: {zone}, replicas: {replicas} }}\n")
    };
    let spec = |windows: &[String]| format!("services:\n  a:\n    image: x\n    schedule:\n{}", windows.concat());
    let good = ["[mon]", "\"08:00\"", "\"09:00\"", "UTC", "{ min: 2, max: 4 }"];
    let broken = ["[moon]", "eight", "9", "7", "{ min: two, max: 4 }"];
    // each fault, the part it needs, and what it is called
    let planted = [
        (vec![(3, "Europe/Berln")], "unknown-timezone"),
        (vec![(1, "\"09:00\"")], "empty-window"),
        (vec![(4, "{ min: 5, max: 4 }")], "window-min-above-max"),
        (vec![(0, "[sun]"), (1, "\"02:30\""), (3, "Europe/Berlin")], "nonexistent-local-time"),
    ];
    for (changes, rule) in &planted {
        for (part, wrong) in broken.iter().enumerate() {
            let needs: &[usize] = if *rule == "empty-window" { &[1, 2] } else { &[] };
            if needs.contains(&part) || changes.iter().any(|(changed, _)| *changed == part) {
                continue;
            }
            let mut parts = good;
            changes.iter().for_each(|(part, text)| parts[*part] = text);
            parts[part] = wrong;
            let found = faults_rules(&spec(&[window(parts[0], parts[1], parts[2], parts[3], parts[4])]));
            assert!(found.contains(&(*rule).to_owned()), "{rule} with {wrong}: {found:?}");
            assert!(found.len() > 1, "{wrong} is skipped: {found:?}");
        }
    }
    // windows overlap whatever their bounds
    let one = window(good[0], good[1], good[2], good[3], "{ min: two, max: 4 }");
    let two = window(good[0], good[1], good[2], good[3], good[4]);
    for windows in [[one.clone(), two.clone()], [two, one]] {
        let found = faults(&spec(&windows));
        let overlap = "overlapping-windows 8:9 mon 08:00-09:00 and mon 08:00-09:00 are both open at mon 08:00 UTC";
        assert!(found.contains(&overlap.to_owned()), "{found:?}");
    }
}

fn faults_rules(rest: &str) -> Vec<String> {
    faults(rest).into_iter().map(|found| found.split(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn a_null_removes_at_every_depth_and_is_no_value_where_nothing_lies_under_it() {
    let base = "services:\n  a: { image: x, replicas: { min: 3, max: 2 }, env: { A: b }, resources: { limits: { cpu: 1m } } }\n";
    let over = |what: &str| faults(&format!("{base}profiles:\n  p: {{ services: {{ {what} }} }}\n"));
    // what is wrong in the base stays wrong in it
    let wrong = ["min-above-max 4:35 min 3 is above max 2"];
    for what in [
        "a: { replicas: null }",
        "a: null, b: { image: x }",
        "b: { image: x, command: null }",
        "b: { image: x, resources: { limits: { cpu: null, memory: ~ } } }",
        "b: { image: x, health: null, env: { A: null } }",
        "b: null",
        "a: { env: { A: ~, B: null }, connections: { db: null } }",
        "a: { resources: { limits: { gpu: null, cpu: null } } }",
    ] {
        assert_eq!(over(what), wrong, "{what}");
    }
    // in the base a null is a value left out, in each of its places but the first
    assert_eq!(
        faults("services:\n  a: { image: x, replicas: null, resources: { limits: null }, env: { A: ~ } }\n"),
        [""; 0]
    );
}

/// `~` for a whole service, target, backing service or connection took it away without a word.
#[test]
fn an_explicit_null_in_the_base_is_an_empty_value_and_takes_nothing_away() {
    let base = "services: { a: { image: x }, b: EMPTY }\nbackingServices: { k: EMPTY }\ntargets: { compose: EMPTY }\n";
    let empty = faults(&base.replace("EMPTY", "{}"));
    assert!(!empty.is_empty());
    for null in ["~", "null"] {
        let columns = |found: Vec<String>| {
            let words = |one: &String| one.split(' ').filter(|word| !word.contains(':')).collect::<Vec<_>>().join(" ");
            found.iter().map(words).collect::<Vec<_>>()
        };
        assert_eq!(columns(faults(&base.replace("EMPTY", null))), columns(empty.clone()), "{null}");
        let connections = format!(
            "services: {{ a: {{ image: x, connections: {{ k: {null} }} }} }}\nbackingServices: {{ k: {{ kind: redis }} }}\n"
        );
        let found = faults(&connections);
        assert!(found.iter().any(|one| one.starts_with("wrong-type 3:46")), "{found:?}");
    }
    // in a profile it still removes
    let profile =
        "services: { a: { image: x }, b: { image: y, replicas: 0 } }\nprofiles:\n  small: { services: { b: ~ } }\n";
    let models = scalegen::models(format!("version: 1\nname: shop\n{profile}").as_bytes());
    assert_eq!(models.iter().map(|(_, spec)| spec.services.len()).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn what_could_not_be_read_is_not_said_to_be_absent() {
    let said = |rest: &str| faults(rest).into_iter().map(|one| one.split(' ').next().unwrap().to_owned());
    let services = ["  ? [a, b]\n  : { image: x }\n", "  ? { a: b }\n  : { image: x }\n", "  <<: *gone\n", "  : 3\n"];
    for service in services {
        let found = faults(&format!("services:\n{service}"));
        assert!(!found.iter().any(|one| one.contains("entries")), "{found:?}");
        assert_eq!(found.len(), 1, "{found:?}");
    }
    let nginx = "targets: { nginx: {} }\n";
    for expose in ["[a]", "{ host: 3 }", "x", "{ method: none }"] {
        let spec = format!("services: {{ api: {{ image: x, port: 80, expose: {expose} }} }}\n{nginx}");
        assert!(said(&spec).all(|rule| rule != "refused-by-target"), "{:?}", faults(&spec));
    }
    assert!(said(&format!("services: {{ api: [] }}\n{nginx}")).all(|rule| rule != "refused-by-target"));
    let none = faults(&format!("services: {{ api: {{ image: x, port: 80, replicas: [1] }} }}\n{nginx}"));
    assert!(none.iter().any(|one| one.contains("no service has `expose`")), "{none:?}");
    let kubernetes = "targets: { kubernetes: {} }\n";
    assert!(said(&format!("services: {{ api: [] }}\n{kubernetes}")).all(|rule| rule != "refused-by-target"));
    let none = faults(&format!("backingServices: {{ db: {{ kind: postgres }} }}\n{kubernetes}"));
    assert!(none.iter().any(|one| one.contains("nothing to write for kubernetes")), "{none:?}");
    let helm = "targets: { helm: { paths: { api: { replicas: replicaCount } } } }\n";
    for api in ["{ image: x, replicas: [1] }", "[]", "{ image: 3 }"] {
        let found = faults(&format!("services: {{ api: {api} }}\n{helm}"));
        let untrue =
            |one: &String| one.contains("is not a service of the spec") || one.contains("no value of the spec");
        assert!(!found.iter().any(untrue), "{found:?}");
    }
    let found = faults(&format!("services: {{ web: {{ image: x }} }}\n{helm}"));
    assert!(found.iter().any(|one| one.contains("`api` is not a service of the spec")), "{found:?}");
}

#[test]
fn a_host_that_is_none_is_said_once() {
    for host in ["\"[::1]\"", "a.com:8080", "\"\""] {
        let spec = format!(
            "services: {{ api: {{ image: x, port: 80, expose: {{ host: {host} }} }} }}\ntargets: {{ kubernetes: {{}}, nginx: {{}} }}\n"
        );
        let found = faults(&spec);
        let about: Vec<&String> = found.iter().filter(|one| one.contains(" 3:56 ")).collect();
        assert_eq!(about.len(), 1, "{found:?}");
    }
}

#[test]
fn an_amount_says_of_what_it_is() {
    let volume = |size: &str| {
        let volume = format!("kind: stateful, image: x, volumes: [{{ name: data, mount: /data, size: {size} }}]");
        faults(&format!("services: {{ db: {{ {volume} }} }}\n")).join("\n")
    };
    assert!(volume("500m").contains("`500m` of storage is 500 thousandths of a byte"), "{}", volume("500m"));
    assert!(volume("10").contains("`10` of storage is 10 bytes"), "{}", volume("10"));
    let limit = faults("services: { web: { image: x, resources: { limits: { memory: 512m } } } }\n");
    assert!(limit.iter().any(|one| one.contains("`512m` of memory is")), "{limit:?}");
}
