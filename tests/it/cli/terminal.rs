//! Nothing that a spec, a file on disk, a name or an argument holds steers a terminal: every output for people, seen at a real one.
//!
//! The runs stand behind a pseudo-terminal (`script`), so that colour and width are what a person gets. Colours are ours; every
//! other control character, and every mark that turns the direction of writing, must have become a visible one.

use crate::cli::program::{commands, with_input, words_of};
use crate::common::judge::not_tested;
use scalegen::report::{ChangesForm, Format};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Sets a title, clears the screen, goes back, turns the direction, begins a sequence of one byte, ends a line.
const HOSTILE: &str = "a\u{1b}]0;owned\u{7}\u{1b}[2J\u{8}\u{202e}b\u{2066}\u{9b}2J\u{85}\u{2028}\u{200f}\u{7f}\rc";

/// The same as YAML may hold it, in double quotes.
fn quoted() -> String {
    let escaped = HOSTILE.chars().map(|c| match u32::from(c) {
        code @ (0..=0x1f | 0x7f..=0xffff) => format!("\\u{code:04x}"),
        _ => c.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// Hostile text where a spec takes any text, and where it does not.
fn spec(everywhere: bool) -> String {
    let (text, raw) = (quoted(), "# raw: \u{202e}\u{2066}\u{200f}\u{85}");
    let wrong = if everywhere {
        format!("    kind: {text}\n    {text}: 1\n    schedule: [{{ days: [{text}], timezone: {text} }}]\n")
    } else {
        String::new()
    };
    format!(
        "version: 1\nname: shop {raw}\nservices:\n  web: {raw}\n    image: a\n    port: 80\n    replicas: 2\n    args: [{text}]\n    \
         env: {{ NOTE: {text} }}\n    resources: {{ limits: {{ memory: 1Gi }} }} {raw}\n{wrong}targets:\n  compose: {{}}\n"
    )
}

/// What is raw and should not be.
fn raw(shown: &str) -> Option<String> {
    let mut rest = shown.chars().peekable();
    while let Some(c) = rest.next() {
        let end_of_line = c == '\r' && matches!(rest.peek(), Some('\n' | '\r'));
        if c == '\u{1b}' {
            // a colour of ours
            let parameters: String =
                std::iter::from_fn(|| rest.next_if(|c| c.is_ascii_digit() || "[;".contains(*c))).collect();
            if parameters.starts_with('[') && rest.next() == Some('m') {
                continue;
            }
            return Some(format!("an escape sequence {parameters:?}"));
        }
        let turns =
            matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if turns || (c.is_control() && !matches!(c, '\n' | '\t') && !end_of_line) {
            return Some(format!("{c:?}"));
        }
    }
    None
}

/// Runs the binary at a terminal and gives all it shows; none where there is no `script`.
fn at_a_terminal(dir: &Path, args: &[&str]) -> Option<String> {
    let words: Vec<String> = std::iter::once(env!("CARGO_BIN_EXE_scalegen"))
        .chain(args.iter().copied())
        .map(|word| format!("'{}'", word.replace('\'', "'\\''")))
        .collect();
    let output = Command::new("script")
        .args(["-qec", &words.join(" "), "/dev/null"])
        .current_dir(dir)
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .output();
    let Ok(output) = output else {
        not_tested("what a terminal shows: `script` is not here");
        return None;
    };
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn nothing_hostile_reaches_a_terminal() {
    let dir = TempDir::new().unwrap();
    let file = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    file("good.yaml", &spec(false));
    file("bad.yaml", &spec(true));
    file("mend.yaml", &spec(false).replace("1Gi", "1GB"));
    file("broken.yaml", &format!("{}\nkey: [{}\n", spec(false), quoted()));
    file(&format!("{HOSTILE}.yaml"), &spec(true));
    fs::create_dir(dir.path().join("out")).unwrap();
    file("out/compose.yaml", &format!("# Written by scalegen\n{HOSTILE}\n"));
    let named = format!("{HOSTILE}.yaml");
    let mut runs: Vec<Vec<&str>> = Vec::new();
    for format in Format::ALL.iter().map(|format| format.name()) {
        runs.extend(
            ["good.yaml", "bad.yaml", "broken.yaml", &named].map(|spec| vec!["lint", spec, "--format", format]),
        );
    }
    for format in ChangesForm::ALL.iter().map(|form| form.name()) {
        runs.extend(
            [["good.yaml", "bad.yaml"], ["good.yaml", &named]]
                .map(|[old, new]| vec!["diff", old, new, "--format", format]),
        );
    }
    let forms = words_of("plan", "--format");
    for format in &forms {
        runs.extend(["good.yaml", "bad.yaml", &named].map(|spec| vec!["plan", spec, "--format", format]));
    }
    runs.extend([
        vec!["render", "good.yaml"],
        vec!["render", "bad.yaml"],
        vec!["render", &named],
        vec!["render", "good.yaml", "--out", "out", "--check"],
        vec!["render", "good.yaml", "--out", HOSTILE],
        vec!["render", "good.yaml", "--out", HOSTILE],
        vec!["render", "good.yaml", "--out", &named],
        vec!["scale", "good.yaml", "web", "--count", "3", "--dry-run"],
        vec!["scale", &named, "web", "--count", "3", "--dry-run"],
        vec!["scale", "good.yaml", "web", "--cpu", HOSTILE],
        vec!["scale", "good.yaml", HOSTILE, "--count", "3"],
        vec!["scale", "good.yaml", "web", "--count", HOSTILE],
        vec!["lint", "--diff", "mend.yaml"],
        vec!["lint", "--diff", &named],
        vec!["lint", "--fix", &named],
        vec!["lint", HOSTILE],
        vec!["lint", "good.yaml", "--target", HOSTILE],
        vec!["lint", "good.yaml", "--profile", HOSTILE],
        vec!["lint", "good.yaml", "--ignore", HOSTILE],
        vec!["lint", "good.yaml", "--format", HOSTILE],
        vec!["lint", "good.yaml", "--fail-level", HOSTILE],
        vec!["plan", "good.yaml", "--at", HOSTILE],
        vec!["explain", HOSTILE],
        vec!["explain", "compose"],
        vec!["completions", HOSTILE],
        vec![HOSTILE],
        vec!["lint", "--a\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}"],
    ]);
    let commands = commands();
    for command in &commands {
        runs.extend([
            vec![command.as_str(), HOSTILE, HOSTILE, HOSTILE],
            vec![command.as_str(), "--\u{1b}]0;owned\u{7}"],
        ]);
    }
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for run in &runs {
        let Some(shown) = at_a_terminal(dir.path(), run) else { return };
        seen += usize::from(!shown.is_empty());
        if let Some(raw) = raw(&shown) {
            wrong.push(format!("{run:?} shows {raw}: {:?}", shown.chars().take(600).collect::<String>()));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), runs.len(), wrong.join("\n"));
    // a clean spec is nothing to `concise`
    assert!(seen + 4 > runs.len(), "only {seen} of {} show anything", runs.len());
}

#[test]
fn what_is_raw_is_seen() {
    for text in ["\u{1b}]0;x\u{7}", "\u{1b}[2J", "\u{8}", "\u{202e}", "\u{9b}", "a\rb", "\u{2028}", "\0"] {
        assert!(raw(text).is_some(), "{text:?}");
    }
    for text in ["", "a\tb\r\nc\n", "\u{1b}[1;31mred\u{1b}[0m", "ä日本\u{2423}"] {
        assert_eq!(raw(text), None, "{text:?}");
    }
}

/// The rendered file holds the text exactly: escaped as its language has it, not cleaned.
#[test]
fn a_rendered_file_keeps_what_a_terminal_must_not_see() {
    let dir = TempDir::new().unwrap();
    let ran = with_input(dir.path(), &["render", "-"], &spec(false));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let file: serde_json::Value = serde_yaml::from_str(&ran.out).unwrap();
    assert_eq!(file["services"]["web"]["environment"]["NOTE"], HOSTILE);
    assert_eq!(raw(&ran.out), None);
}

/// A file that is not a compose file may hold secrets: no byte of it is shown, in any format.
#[test]
fn no_line_of_a_stranger_s_file_is_shown() {
    let dir = TempDir::new().unwrap();
    let secrets = [
        "root:x:0:0:tr0ub4dor\n",
        "TOKEN=tr0ub4dor\n",
        "- tr0ub4dor\n",
        "{\"key\": \"tr0ub4dor\"}\n",
        "a: [tr0ub4dor\n",
        "tr0ub4dor: &a\n",
    ];
    for secret in secrets {
        fs::write(dir.path().join("secret"), secret).unwrap();
        let spec =
            "version: 1\nname: shop\nservices: { web: { replicas: 2 } }\ntargets: { compose: { base: secret } }\n";
        fs::write(dir.path().join("scalegen.yaml"), spec).unwrap();
        for format in Format::ALL.iter().map(|format| format.name()) {
            let ran = with_input(dir.path(), &["lint", "--format", format], "");
            assert_eq!(ran.code, 1, "{secret}: {}{}", ran.out, ran.err);
            assert!(!ran.out.contains("tr0ub4dor") && !ran.err.contains("tr0ub4dor"), "{format}: {}", ran.out);
            assert!(ran.out.contains("is not a compose file"), "{format}: {}", ran.out);
        }
    }
}
