//! `scalegen lint --fix`: what is mended, what stays byte for byte, and what is never touched.

use crate::cli::program::scalegen;
use proptest::prelude::*;
use scalegen::check::rules;
use scalegen::support::diagnostic::Severity;
use scalegen::{CheckOptions, FileSet, Files, FixedFiles, FixedSpec, NoFiles, fix, fix_set, foreign_format, lint};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

const EVERYTHING: &str = include_str!("../../../fixtures/everything.yaml");

fn mend(text: &str, unsafe_too: bool) -> FixedSpec {
    fix("spec.yaml", text.as_bytes(), &NoFiles, &CheckOptions::default(), unsafe_too)
}

/// The text after fixing; the same where nothing was fixed. Fixing it again must change nothing.
fn mended(text: &str, unsafe_too: bool) -> String {
    let new = mend(text, unsafe_too).text.unwrap_or_else(|| text.to_owned());
    let again = mend(&new, unsafe_too);
    assert!(again.text.is_none() && again.applied.is_empty(), "a second time changes {:?} in\n{new}", again.applied);
    new
}

fn in_service(lines: &str) -> String {
    format!("version: 1\nname: shop\nservices:\n  web:\n{lines}")
}

#[test]
fn fields_beside_their_service_are_indented_only_where_that_moves_them_into_it() {
    let spec = |services: &str| format!("version: 1\nname: m\nservices:{services}\n");
    let wrong = "\n  web:\n  image: x\n  replicas: 3";
    assert_eq!(mended(&spec(wrong), true), spec("\n  web:\n    image: x\n    replicas: 3"));
    let left = [
        // blanks mean nothing between braces
        " { web: null, image: x, replicas: 3 }",
        " { web: null,\n    image: x,\n    runtime: { command: [a] } }",
        // nothing can stand below a value
        "\n  web: ~\n  image: x",
        "\n  web: {}\n  image: x",
        // what stands between would hold them
        "\n  web:\n  resources:\n    limits: { memory: 1Gi }\n  image: x",
        "\n  web:\n  image: x\n  resources:\n    limits: { memory: 1Gi }\n  replicas: 3",
    ];
    for services in left {
        assert_eq!(mended(&spec(services), true), spec(services));
        let checked = lint("spec.yaml", spec(services).as_bytes(), &NoFiles, &CheckOptions::default());
        assert!(checked.findings.iter().any(|one| one.message.contains("is beside `web`")), "{:?}", checked.findings);
    }
}

/// The specs of `fixtures/fixes`, without what they become.
fn originals() -> Vec<PathBuf> {
    let all = fs::read_dir("fixtures/fixes").unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<PathBuf> = all.filter(|path| path.to_string_lossy().matches('.').count() == 1).collect();
    all.sort();
    assert!(all.len() >= 6, "{all:?}");
    all
}

#[test]
fn the_fixtures_become_what_stands_beside_them() {
    for path in originals() {
        let text = fs::read_to_string(&path).unwrap();
        for (end, unsafe_too) in [("fixed.yaml", false), ("unsafe.yaml", true)] {
            crate::common::golden::golden(&path.with_extension(end).to_string_lossy(), &mended(&text, unsafe_too));
        }
    }
}

/// Files of other tools with what can be fixed in them, in `fixtures/fixes/foreign`.
const FOREIGN: [&str; 2] = ["compose.yaml", "kubernetes.yaml"];

/// Reads the fixtures of that folder.
struct Foreign;

impl Files for Foreign {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(PathBuf::from("fixtures/fixes/foreign").join(path)).map_err(|why| why.to_string())
    }
}

fn foreign(name: &str, unsafe_too: bool) -> FixedFiles {
    let format = foreign_format(name, &Foreign.read(name).unwrap(), &Foreign).unwrap();
    let set = FileSet { format, paths: vec![name.to_owned()], name: name.to_owned() };
    fix_set(&set, &Foreign, &CheckOptions::default(), unsafe_too).unwrap()
}

#[test]
fn files_of_other_tools_become_what_stands_beside_them() {
    for name in FOREIGN {
        let text = fs::read_to_string(PathBuf::from("fixtures/fixes/foreign").join(name)).unwrap();
        for (end, unsafe_too) in [("fixed.yaml", false), ("unsafe.yaml", true)] {
            let new = foreign(name, unsafe_too).files.into_iter().next().map_or_else(|| text.clone(), |file| file.new);
            let path = PathBuf::from("fixtures/fixes/foreign").join(name).with_extension(end);
            crate::common::golden::golden(&path.to_string_lossy(), &new);
        }
    }
}

#[test]
fn a_rule_has_fixes_if_and_only_if_its_page_says_so() {
    let mut found = BTreeSet::new();
    for path in originals() {
        found.extend(
            mend(&fs::read_to_string(path).unwrap(), true).applied.into_iter().map(|(rule, _)| rule.to_string()),
        );
    }
    for name in FOREIGN {
        found.extend(foreign(name, true).applied.into_iter().map(|(rule, _)| rule.to_string()));
    }
    let said: BTreeSet<String> =
        rules::ALL.iter().filter(|rule| rule.page.contains("\n## Fix\n")).map(|rule| rule.meta.id.to_owned()).collect();
    assert_eq!(found, said);
}

#[test]
fn line_ends_marks_and_letters_of_many_bytes_stay() {
    let text = "\u{feff}version: 1\r\nname: \"läden\" # größe\r\nservices:\r\n  web: # für 日本\r\n    \
                resources: { limits: { memory: 16GB } }\t# gleich\r\n    replicas: {min: 4,max: 2}\r\n    schedule:\r\n      \
                - days: [mon]\r\n        from: \"08:00\"\r\n        to: \"09:00\"\r\n        replicas: 1 # eins\r\n";
    let want = text
        .replace("16GB", "16Gi")
        .replace("{min: 4,max: 2}", "{min: 2,max: 4}")
        .replace("replicas: 1 # eins\r\n", "replicas: 1 # eins\r\n        timezone: UTC\r\n");
    assert_eq!(mended(text, true), want);
}

#[test]
fn nothing_is_changed_through_an_alias_or_a_merge() {
    let shared = [
        "    replicas: &r { min: 4, max: 2 }\n  two: { replicas: *r }\n",
        "    replicas: { min: 1, max: &m 16GB }\n  two: { resources: { limits: { memory: *m } } }\n",
        "    resources: &all { limits: { memory: 16GB } }\n  two: { resources: { <<: *all } }\n",
        "    &a repliicas: 3\n    kind: &k statless\n  two: { kind: *k }\n",
        "    schedule:\n      - &w { days: [mon], from: \"08:00\", to: \"09:00\", replicas: 1 }\n      - *w\n",
    ];
    for lines in shared {
        let text = in_service(lines);
        let FixedSpec { text: new, checked, .. } = mend(&text, true);
        let new = new.unwrap_or_else(|| text.clone());
        let values = ["min: 4", "max: 2", "16GB", "statless", "replicas: 1 }\n"];
        for value in values.iter().filter(|value| text.contains(**value)) {
            assert!(new.contains(value), "{value} was changed in\n{new}");
        }
        assert!(checked.worst() == Some(Severity::Error), "{:?}", checked.findings);
    }
    // an anchor that nobody repeats is in nobody's way
    let alone = in_service("    replicas: &r { min: &m 4, max: 2 }\n");
    assert!(mended(&alone, true).contains("&r { min: &m 2, max: 4 }"));
}

#[test]
fn a_profile_is_mended_in_itself_only() {
    let across = in_service(
        "    replicas: { min: 4, max: 8 }\nprofiles:\n  small: { services: { web: { replicas: { max: 2 } } } }\n",
    );
    assert_eq!(mended(&across, true), across);
    let within =
        in_service("    replicas: 1\nprofiles:\n  small: { services: { web: { replicas: { min: 5, max: 2 } } } }\n");
    assert_eq!(mended(&within, true), within.replace("min: 5, max: 2", "min: 2, max: 5"));
}

#[test]
fn a_worse_case_in_a_profile_does_not_keep_the_base_from_being_mended() {
    let spec = in_service(
        "    replicas: { min: 4, max: 2 }\n    resources: { requests: { memory: 4Gi }, limits: { memory: 2Gi } }\nprofiles:\n  \
         small: { services: { web: { replicas: { max: 1 }, resources: { limits: { memory: 1Gi } } } } }\n",
    );
    // the message shows the worst case, the fix is the base's own
    let checked = lint("spec.yaml", spec.as_bytes(), &NoFiles, &CheckOptions::default());
    let shown: Vec<_> =
        checked.findings.iter().filter(|finding| finding.fix.is_some()).map(|finding| &*finding.message).collect();
    assert_eq!(shown, ["min 4 is above max 1", "memory request 4Gi is above its limit 1Gi"]);
    let mended = mended(&spec, true);
    assert_eq!(
        mended,
        spec.replace("min: 4, max: 2", "min: 2, max: 4")
            .replace("requests: { memory: 4Gi }", "requests: { memory: 2Gi }")
    );
    // what the profile lowers is left to a person
    let left = lint("spec.yaml", mended.as_bytes(), &NoFiles, &CheckOptions::default());
    let left: Vec<_> = left.findings.iter().map(|f| (&*f.message, &*f.profiles, f.fix.is_some())).collect();
    let small = ["small".into()];
    assert_eq!(
        left,
        [("min 2 is above max 1", &small[..], false), ("memory request 2Gi is above its limit 1Gi", &small[..], false)]
    );
}

#[test]
fn a_comment_stays_while_an_error_may_hide_what_it_allows() {
    let hides = in_service("    kind: bogus\n    replicas: 2 # scalegen: allow missing-limits (measured)\n");
    assert_eq!(mended(&hides, false), hides);
    let free = in_service("    replicas: 2 # scalegen: allow slow-ramp (no)\n");
    assert_eq!(mended(&free, false), in_service("    replicas: 2\n"));
}

#[test]
fn a_fix_that_shows_more_errors_than_it_mends_is_not_made() {
    // with the unit mended both requests are above their limits
    let text = in_service(
        "    resources: { requests: { memory: 16Gi, cpu: 4 }, limits: { memory: 1GB, cpu: 1 } }\n    replicas: 1\n",
    );
    let FixedSpec { text: new, applied, refused, checked } = mend(&text, false);
    assert_eq!((new, applied), (None, vec![]));
    assert_eq!(refused.as_deref(), Some("fixing it would leave 2 errors where there are 1"));
    let before = lint("spec.yaml", text.as_bytes(), &NoFiles, &CheckOptions::default());
    assert_eq!(format!("{:?}", checked.findings), format!("{:?}", before.findings));
    // what is asked for as well mends those too
    assert_eq!(mended(&text, true), text.replace("16Gi, cpu: 4", "1Gi, cpu: 1").replace("1GB", "1Gi"));
}

#[test]
fn what_is_no_yaml_stays() {
    for text in ["a: [1", "\tb: 1", "", "- 1", "version: 1\nversion: 1\n"] {
        assert_eq!(mended(text, true), text);
    }
    let FixedSpec { text, .. } = fix("x", b"name: \xff 16GB", &NoFiles, &CheckOptions::default(), true);
    assert_eq!(text, None);
}

const FAULTY: &str = "version: 1\nname: shop\nservices:\n  web:\n    replicas: { min: 4, max: 2 } # both\n    \
                      resources: { limits: { memory: 1GB } }\n";

#[test]
fn fix_writes_diff_shows() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("scalegen.yaml");
    fs::write(&file, FAULTY).unwrap();
    let safe = FAULTY.replace("1GB", "1Gi");
    let diff = scalegen(folder.path(), &["lint", "--diff"]);
    assert_eq!(
        (diff.code, diff.err.as_str()),
        (1, "would fix 1 finding in 1 file; 1 more with --unsafe-fixes, changing what runs\n")
    );
    assert!(
        diff.out.contains("-    resources: { limits: { memory: 1GB } }\n+    resources: { limits: { memory: 1Gi } }\n")
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), FAULTY, "--diff writes nothing");

    let fixed = scalegen(folder.path(), &["lint", "--fix", "--format", "concise"]);
    let said = "fixed 1 finding in 1 file; 1 more with --unsafe-fixes, changing what runs\n";
    assert_eq!((fixed.code, fixed.err.as_str()), (1, said));
    assert_eq!(fixed.out, "scalegen.yaml:5:22: error[min-above-max]: min 4 is above max 2\n");
    assert_eq!(fs::read_to_string(&file).unwrap(), safe);

    let fixed = scalegen(folder.path(), &["lint", "--fix", "--unsafe-fixes", "--format", "concise"]);
    assert_eq!((fixed.code, fixed.out.as_str(), fixed.err.as_str()), (0, "", "fixed 1 finding in 1 file\n"));
    assert_eq!(fs::read_to_string(&file).unwrap(), safe.replace("min: 4, max: 2", "min: 2, max: 4"));
    let diff = scalegen(folder.path(), &["lint", "--diff", "--unsafe-fixes"]);
    assert_eq!((diff.code, diff.out.as_str(), diff.err.as_str()), (0, "", "would fix 0 findings in 0 files\n"));

    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["scalegen.yaml"]);
}

#[test]
fn flags_that_make_no_sense_together_are_refused() {
    let folder = TempDir::new().unwrap();
    assert_eq!(scalegen(folder.path(), &["lint", "--fix", "--diff"]).code, 2);
    assert_eq!(scalegen(folder.path(), &["lint", "--unsafe-fixes"]).code, 2);
    let two = scalegen(folder.path(), &["lint", "--fix", "-", "a.yaml"]);
    assert_eq!(two.code, 2);
    assert!(two.err.contains("name no other path"), "{}", two.err);
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_does_not_stop_the_others() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let (shut, open) = (folder.path().join("a.scalegen.yaml"), folder.path().join("b.scalegen.yaml"));
    fs::write(&shut, FAULTY).unwrap();
    fs::write(&open, FAULTY).unwrap();
    fs::set_permissions(&shut, fs::Permissions::from_mode(0o444)).unwrap();
    let ran = scalegen(folder.path(), &["lint", "--fix", "--unsafe-fixes", "--format", "concise"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("read-only") && ran.err.ends_with("fixed 2 findings in 1 file\n"), "{}", ran.err);
    assert_eq!(ran.out.lines().count(), 2, "{}", ran.out);
    assert_eq!(fs::read_to_string(&shut).unwrap(), FAULTY);
    assert_ne!(fs::read_to_string(&open).unwrap(), FAULTY);
}

/// What a hand may slip into the spec that has everything, and what the fix makes of it.
fn slips() -> Vec<(&'static str, &'static str, &'static str, bool)> {
    vec![
        ("memory: 64Gi,", "memory: 64GB,", "memory: 64Gi,", true),
        ("size: 20Gi", "size: \"20GB\"", "size: 20Gi", true),
        ("workMem: 8Mi", "workMem: 8MB", "workMem: 8Mi", true),
        (
            "replicationFactor: 3\n    brokers: 5\n    memory",
            "replicationFactor: '3'\n    brokers: 5\n    memory",
            "",
            true,
        ),
        ("maxConnections: 50\n", "maxConnections: \"50\"\n", "", true),
        ("replicas: { min: 2, max: 6 }", "replicas: { min: 6, max: 2 }", "", false),
        ("replicas: { min: 4, max: 8 }", "replicas: { min: 8, max: 4 }", "", false),
        (
            "kind: singleton\n    image: registry.example.com/worker:2.1.0\n    res",
            "kind: singletn\n    image: registry.example.com/worker:2.1.0\n    res",
            "",
            false,
        ),
        ("partitionedBy: kafka\n    conn", "partitionedBi: kafka\n    conn", "", false),
        (
            "requests: { cpu: 1, memory: 2Gi, gpu: 1 }",
            "requests: { cpu: 1, memory: 5Gi, gpu: 1 }",
            "requests: { cpu: 1, memory: 4Gi, gpu: 1 }",
            false,
        ),
        ("timezone: Europe/Berlin\n        replicas: 3", "timezone: Europe/Berln\n        replicas: 3", "", false),
        ("timeout: 3s", "timeout: 3", "", false),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn slips_in_a_large_spec_are_mended_and_nothing_else_changes(picked in proptest::sample::subsequence(slips(), 0..=12)) {
        let (mut text, mut want) = (EVERYTHING.to_owned(), EVERYTHING.to_owned());
        let mut safe_only = true;
        for (right, wrong, fixed, safe) in &picked {
            prop_assert!(text.contains(right), "{right}");
            text = text.replacen(right, wrong, 1);
            want = want.replacen(right, if fixed.is_empty() { right } else { fixed }, 1);
            safe_only &= safe;
        }
        prop_assert_eq!(mended(&text, true), want.clone());
        if safe_only {
            prop_assert_eq!(mended(&text, false), want);
        }
    }
}

#[test]
fn standard_input_becomes_standard_output() {
    let folder = TempDir::new().unwrap();
    let ran = crate::cli::program::with_input(folder.path(), &["lint", "--fix", "--format", "concise", "-"], FAULTY);
    assert_eq!((ran.code, ran.out), (1, FAULTY.replace("1GB", "1Gi")));
    assert_eq!(ran.err, "fixed 1 finding in 1 file\n<stdin>:5:22: error[min-above-max]: min 4 is above max 2\n");
    // what cannot be fixed is passed on as it is
    let ran = crate::cli::program::with_input(folder.path(), &["lint", "--fix", "-"], "a: [1");
    assert_eq!((ran.code, ran.out.as_str()), (1, "a: [1"));
}

#[test]
fn reports_offer_only_what_would_be_made() {
    let offered = |lines: &str| {
        let checked = lint("spec.yaml", in_service(lines).as_bytes(), &NoFiles, &CheckOptions::default());
        let one = checked.findings.into_iter().find(|finding| finding.rule == "min-above-max").unwrap();
        one.fix.map(|fix| (fix.edits.len(), fix.safe))
    };
    assert_eq!(offered("    replicas: { min: 4, max: 2 }\n"), Some((2, false)));
    assert_eq!(offered("    replicas: &r { min: 4, max: 2 }\n  two: { replicas: *r }\n"), None);
}
