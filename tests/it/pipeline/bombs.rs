//! Specs made to take a reader's time and memory, given to the program: each ends with its finding, inside the bounds.
//!
//! A child that outgrows the memory DESIGN allows is ended by the system; one that hangs is ended here, long after any
//! honest run. Neither figure is measured: a slow machine changes nothing.

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A service on which nothing is wrong, for what stands in or below it.
const HEAD: &str = "version: 1\nname: x\nservices:\n  a:\n    image: x\n    resources: { limits: { memory: 1Gi } }\n";
/// Beside 16 MB and 20 × the input: what threads and the allocator set aside.
const SLACK: usize = 48 << 20;
/// Nothing here takes a hundredth of it.
const HANGS: Duration = Duration::from_secs(500);

/// The exit code and the report, one line a finding.
fn lint(name: &str, bytes: &[u8]) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("scalegen.yaml"), bytes).unwrap();
    let bound = (16 << 20) + 20 * bytes.len() + SLACK;
    run(name, folder.path(), &["lint", "--format", "concise", "scalegen.yaml"], bound)
}

/// What a run within so many bytes says, both streams together, and its exit code.
pub(crate) fn run(name: &str, folder: &Path, args: &[&str], bound: usize) -> (i32, String) {
    let bound = bound / 1024;
    let said = tempfile::NamedTempFile::new().unwrap();
    let out = said.reopen().unwrap();
    let mut child = Command::new("sh")
        .current_dir(folder)
        .env("COLUMNS", "2000")
        .args(["-c", "ulimit -d \"$1\" && shift && exec \"$@\"", "sh"])
        .args([bound.to_string().as_str(), env!("CARGO_BIN_EXE_scalegen")])
        .args(args)
        .stdin(Stdio::null())
        .stdout(out.try_clone().unwrap())
        .stderr(out)
        .spawn()
        .unwrap();
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > HANGS {
            child.kill().unwrap();
            panic!("{name}: still running after {HANGS:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let said = String::from_utf8(std::fs::read(said.path()).unwrap()).unwrap();
    let shown: String = said.chars().take(300).collect();
    let code = status.code().unwrap_or_else(|| panic!("{name}: {status} within {bound} KiB: {shown}"));
    assert!(!said.contains('\u{1b}') && !said.contains('\0'), "{name}: {shown}");
    (code, said)
}

/// One line for each number.
fn many(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        text.push_str(&line(number));
        text
    })
}

/// It is refused at this place with these words, and so many lines are all that is said.
fn refused(name: &str, bytes: &[u8], place: &str, words: &str, lines: usize) {
    let (code, said) = lint(name, bytes);
    let shown: String = said.chars().take(300).collect();
    assert_eq!(code, 1, "{name}: {shown}");
    let first = said.lines().next().unwrap();
    assert!(first.starts_with(&format!("scalegen.yaml:{place}: ")) && first.contains(words), "{name}: {shown}");
    // the last line may sum up
    assert!((lines..=lines + 1).contains(&said.lines().count()), "{name}: {} lines: {shown}", said.lines().count());
}

/// Nothing is wrong with it.
fn fine(name: &str, text: &str) {
    let (code, said) = lint(name, text.as_bytes());
    assert_eq!((code, said.chars().take(300).collect::<String>().as_str()), (0, ""), "{name}");
}

#[test]
fn nesting() {
    for (name, text, place) in [
        ("flow lists", "[".repeat(100_000), "1:65"),
        ("flow mappings", "{a: ".repeat(100_000), "1:257"),
        ("block lists", "- ".repeat(100_000), "1:129"),
        ("block keys", "? ".repeat(100_000), "1:129"),
        ("block mappings", many(2_000, |level| format!("{}a:\n", " ".repeat(level))), "65:65"),
    ] {
        refused(name, text.as_bytes(), place, "nested deeper than 64 levels", 1);
    }
}

#[test]
fn aliases() {
    let laughs = |open: char, close: char, key: &dyn Fn(usize) -> String| {
        many(30, |level| {
            let nine: Vec<String> = (0..9).map(|at| format!("{}*a{}", key(at), level.saturating_sub(1))).collect();
            match level {
                0 => format!("a0: &a0 {open}{}x{close}\n", key(0)),
                _ => format!("a{level}: &a{level} {open}{}{close}\n", nine.join(", ")),
            }
        })
    };
    let lists = laughs('[', ']', &|_| String::new());
    refused("laughing lists", lists.as_bytes(), "5:35", "values through aliases, above the", 1);
    let maps = laughs('{', '}', &|at| format!("k{at}: "));
    refused("laughing mappings", maps.as_bytes(), "5:59", "values through aliases, above the", 1);
    let wide = many(1_000, |key| format!("  k{key}: 1\n"));
    let merges = format!("a: &a\n{wide}b:\n{}", "  - <<: *a\n".repeat(20_000));
    refused("merges", merges.as_bytes(), "1125:9", "values through aliases, above the", 1);
    let all = vec!["*a"; 1_000].join(", ");
    let lists = format!("a: &a\n{wide}b:\n{}", format!("  - {{ <<: [{all}] }}\n").repeat(100));
    refused("merges of lists", lists.as_bytes(), "1003:452", "values through aliases, above the", 1);
    let repeated = format!("{HEAD}    command:\n      - &a x\n{}", "      - *a\n".repeat(100_000));
    refused("aliases", repeated.as_bytes(), "11109:9", "values through aliases, above the", 1);
    let unknown = format!("{HEAD}    command:\n{}", many(10_000, |number| format!("      - *b{number}\n")));
    let (code, said) = lint("unknown aliases", unknown.as_bytes());
    assert_eq!(code, 1);
    assert!(said.contains("more than 1000 faults in this file"), "{}", said.lines().count());
}

#[test]
fn a_million_anchors() {
    fine("anchors", &format!("{HEAD}    command:\n{}", many(1_000_000, |number| format!("      - &a{number} x\n"))));
}

#[test]
fn a_million_keys() {
    fine("keys", &format!("{HEAD}    env:\n{}", many(1_000_000, |number| format!("      k{number:06}: 1\n"))));
}

#[test]
fn long_texts() {
    let long = "x".repeat(100 << 20);
    fine("a bare word", &format!("{HEAD}    command: [{long}]\n"));
    fine("a comment", &format!("{HEAD}# {long}\n"));
    let long = &long[..20 << 20];
    fine("a quoted word", &format!("{HEAD}    command: [\"{long}\"]\n"));
    let block = format!("        {}\n", "x".repeat(72)).repeat(200_000);
    fine("a block", &format!("{HEAD}    command:\n      - |\n{block}"));
    refused("a key", format!("{HEAD}    {long}: 1\n").as_bytes(), "7:20971525", "a space is missing after `:`", 1);
    fine("comments", &format!("{HEAD}{}", "# c\n".repeat(100_000)));
    fine("one line", &format!("{HEAD}    env: {{ {} }}\n", many(100_000, |number| format!("k{number}: 1, "))));
}

#[test]
fn suppressions() {
    // each line of the report is a finding of its own, up to the bound: they are warnings
    let lines = |count| format!("{HEAD}{}", "# scalegen: allow missing-limits (x)\n".repeat(count));
    let one_line = format!("{HEAD}# scalegen: allow {}(x)\n", "missing-limits, ".repeat(19_000));
    for (name, text, count) in [
        ("in lines", lines(19_999), 19_999),
        ("in one line", one_line, 19_000),
        ("a million", lines(1_000_000), 20_000),
    ] {
        let (code, said) = lint(name, text.as_bytes());
        assert_eq!((code, said.matches("warning[unused-suppression]").count()), (0, count), "{name}");
        let rest = said.contains("20000 or more warnings and notes in this file: the rest is not listed");
        assert_eq!(rest, count == 20_000, "{name}");
    }
}

#[test]
fn faults_beyond_counting() {
    let more = "1000 or more faults of shape in this file: the rest is not listed";
    for (name, text, first) in [
        ("unknown keys", format!("{HEAD}{}", many(100_000, |key| format!("k{key}: 1\n"))), "7:1"),
        ("wrong values", format!("{HEAD}    env:\n{}", many(100_000, |key| format!("      k{key}: []\n"))), "8:11"),
        ("wrong items", format!("{HEAD}    command:\n{}", "      - 1\n".repeat(100_000)), "8:9"),
        (
            "no services",
            format!("version: 1\nname: x\nservices:\n{}", many(5_000, |key| format!("  s{key}: 1\n"))),
            "4:7",
        ),
        ("no names", format!("{HEAD}    volumes:\n{}", "      - {}\n".repeat(20_000)), "8:9"),
    ] {
        let (code, said) = lint(name, text.as_bytes());
        let shown: String = said.chars().take(300).collect();
        assert!(code == 1 && said.contains(more), "{name}: {shown}");
        let error = said.lines().find(|line| line.contains(": error[")).unwrap();
        assert!(error.starts_with(&format!("scalegen.yaml:{first}: ")), "{name}: {error}");
        assert_eq!(said.matches(": error[").count(), 1_000, "{name}");
    }
    let twice = format!("{HEAD}    env:\n{}", "      k: 1\n".repeat(100_000));
    refused("one key", twice.as_bytes(), "9:7", "the key `k` appears twice in one mapping", 1_001);
}

#[test]
fn numbers_beyond_counting() {
    let nines = "9".repeat(100_000);
    let digits = format!("0.{}1", "0".repeat(100_000));
    for (field, rule) in [
        (format!("replicas: {nines}"), "wrong-type"),
        (format!("replicas: 0x{}", "f".repeat(100_000)), "wrong-type"),
        ("replicas: 1e999999999".to_owned(), "wrong-type"),
        ("replicas: -.inf".to_owned(), "wrong-type"),
        ("concurrency: .nan".to_owned(), "wrong-type"),
        (format!("port: -{nines}"), "wrong-type"),
        (format!("stopGracePeriod: {nines}s"), "invalid-quantity"),
        (format!("stopGracePeriod: 0.{nines}s"), "invalid-quantity"),
        (format!("autoscaling: {{ scaleUp: {{ threshold: {nines} }} }}"), "wrong-type"),
        (format!("update: {{ surge: \"{nines}%\" }}"), "invalid-value"),
        (format!("volumes: [{{ name: v, mount: /v, size: {nines}Ei }}]\n    kind: stateful"), "invalid-quantity"),
        ("volumes: [{ name: v, mount: /v, size: 1e99999999999 }]\n    kind: stateful".to_owned(), "invalid-quantity"),
    ] {
        let (code, said) = lint("number", format!("{HEAD}    {field}\n").as_bytes());
        let shown: String = said.chars().take(300).collect();
        assert_eq!(code, 1, "{:.20}: {shown}", field);
        assert!(said.contains(&format!("error[{rule}]")), "{:.20}: {shown}", field);
        assert!(!said.contains("expected a number, found the number"), "{shown}");
        // a number of a hundred thousand digits is not repeated
        assert!(said.len() < 5_000, "{:.20}: {} bytes: {shown}", field, said.len());
    }
    // so many digits are a share, the least there is, for both directions where only one is written
    for (down, code, rule) in [
        ("", 0, "warning[nothing-to-scale]"),
        (", scaleDown: { threshold: 0.5 }", 1, "error[scale-up-below-scale-down]"),
    ] {
        let field = format!("replicas: {{ min: 1, max: {} }}", if code == 0 { 1 } else { 2 });
        let scaling = format!("autoscaling: {{ scaleUp: {{ threshold: {digits} }}{down} }}");
        let (found, said) = lint("threshold", format!("{HEAD}    {field}\n    {scaling}\n").as_bytes());
        let shown: String = said.chars().take(300).collect();
        assert!(found == code && said.contains(rule) && said.len() < 5_000, "{down}: {found}: {shown}");
    }
}

#[test]
fn bytes_that_are_no_text() {
    let text = HEAD.encode_utf16().collect::<Vec<u16>>();
    let little: Vec<u8> = text.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = text.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let with = |start: &[u8], rest: &[u8]| [start, rest].concat();
    refused("UTF-16 with a mark", &with(b"\xff\xfe", &little), "1:1", "the file is in UTF-16", 1);
    refused("UTF-16 with a mark, big", &with(b"\xfe\xff", &big), "1:1", "the file is in UTF-16", 1);
    refused("UTF-16", &little, "1:2", "the control character U+0000", 1);
    refused("UTF-16, big", &big, "1:1", "the control character U+0000", 1);
    for (name, bytes) in
        [("Latin-1", &b"\xe9"[..]), ("half a pair", b"\xed\xa0\x80"), ("overlong", b"\xc0\x80"), ("cut", b"\xe2\x82")]
    {
        refused(name, &with(HEAD.as_bytes(), &with(b"# ", bytes)), "7:3", "is not UTF-8", 1);
    }
}

#[test]
fn control_characters() {
    let mut spec = String::new();
    for code in (0..0x20).chain(0x7f..0xa0).chain([0xfeff, 0xfffe, 0xffff]) {
        let letter = char::from_u32(code).unwrap();
        spec.clear();
        writeln!(spec, "{HEAD}    command: [a, \"b{letter}c\"]").unwrap();
        match code {
            // two end the line, and what follows is not indented
            10 | 13 => {}
            9 | 0x85 => fine(&format!("U+{code:04X}"), &spec),
            0xfeff => {
                lint("U+FEFF", spec.as_bytes());
                refused("U+FEFF outside", "version: 1\n\u{feff}name: x\n".as_bytes(), "2:1", "byte order mark", 1);
                refused(
                    "U+FEFF twice",
                    "\u{feff}\u{feff}version: 1\nname: x\n".as_bytes(),
                    "1:1",
                    "byte order mark",
                    1,
                );
                refused("U+FEFF below", "# shop\n\n  \u{feff}version: 1\n".as_bytes(), "3:3", "byte order mark", 1);
                refused("U+FEFF below", "%YAML 1.2\n\u{feff}---\na: 1\n".as_bytes(), "2:1", "byte order mark", 1);
                fine("a mark in a comment", &format!("\u{feff}# a \u{feff} b\n{HEAD}"));
            }
            _ => refused(&format!("U+{code:04X}"), spec.as_bytes(), "7:20", &format!("U+{code:04X}"), 1),
        }
    }
    for letter in ['\u{2028}', '\u{2029}', '\u{202e}'] {
        fine("a mark that moves text", &format!("{HEAD}    command: [\"a{letter}b\"]\n"));
    }
    fine("lone carriage returns", &HEAD.replace('\n', "\r"));
}

#[test]
fn many_profiles_and_windows() {
    fine(
        "profiles",
        &format!(
            "{HEAD}profiles:\n{}",
            many(1_000, |number| format!("  p{number}: {{ services: {{ a: {{ replicas: {number} }} }} }}\n"))
        ),
    );
    let chain = many(1_000, |number| format!("  p{number}: {{ extends: p{} }}\n", number + 1));
    fine("a chain of profiles", &format!("{HEAD}profiles:\n{chain}  p1000: {{}}\n"));
    let windows = many(1_400, |minute| {
        let time = |minute: usize| format!("\"{:02}:{:02}\"", minute / 60, minute % 60);
        format!(
            "      - {{ days: [mon, tue], from: {}, to: {}, timezone: UTC, replicas: 2 }}\n",
            time(minute),
            time(minute + 1)
        )
    });
    fine("windows", &format!("{HEAD}    schedule:\n{windows}"));
}

/// Each profile extends the one before and adds a service: all formations together grow with the square.
#[test]
fn a_chain_of_profiles_that_each_add_a_service_is_compared_within_bounds() {
    let chain = |count: usize, first: usize| {
        let head = format!(
            "version: 1\nname: a\nservices:\n  api: {{ image: x, replicas: {first} }}\nprofiles:\n  p0: {{}}\n"
        );
        let profile = |n: usize| format!("  p{}: {{ extends: p{n}, services: {{ s{n}: {{ image: x }} }} }}\n", n + 1);
        head + &many(count, profile)
    };
    let folder = tempfile::tempdir().unwrap();
    for (name, first) in [("one.yaml", 1), ("two.yaml", 2)] {
        std::fs::write(folder.path().join(name), chain(200, first)).unwrap();
    }
    let (code, said) = run("chain", folder.path(), &["diff", "--isolated", "one.yaml", "two.yaml"], 64 << 20);
    assert!(code == 1 && said.contains("api"), "{code}: {:.300}", said);
}
