//! Reading: places, values, merges, faults and hostile bytes.

use proptest::prelude::*;
use scalegen::support::diagnostic::Finding;
use scalegen::support::source::{FileId, Source, Span};
use scalegen::syntax::{
    self, Comment, MAX_DEPTH, Node, ParseMode, Parsed, Style, Value, ambiguous_text, decode, undecodable,
};
use std::time::{Duration, Instant};

const FILE: FileId = FileId(0);

fn read(text: &str) -> (Source, Parsed) {
    let source = Source::new("spec.yaml", text);
    let parsed = syntax::parse(FILE, &source, ParseMode::Spec);
    check_places(&source, &parsed);
    (source, parsed)
}

fn clean(text: &str) -> (Source, std::rc::Rc<Node>) {
    let (source, parsed) = read(text);
    assert!(parsed.findings.is_empty(), "{text:?}: {:?}", parsed.findings);
    (source, parsed.root.unwrap_or_else(|| panic!("no document in {text:?}")))
}

fn json(text: &str) -> serde_json::Value {
    clean(text).1.to_json()
}

/// Every place lies in the text and on character boundaries, children inside parents unless an alias brought them.
fn check_places(source: &Source, parsed: &Parsed) {
    let fits = |span: Span| {
        let (start, end) = (span.start as usize, span.end as usize);
        assert!(source.text.get(start..end).is_some(), "{span:?} does not fit {:?}", source.text);
    };
    for finding in &parsed.findings {
        fits(finding.at.span);
        finding.related.iter().for_each(|related| fits(related.place.span));
        assert!(!finding.message.is_empty() && !finding.message.ends_with('.'), "{}", finding.message);
    }
    for Comment { span } in &parsed.comments {
        fits(*span);
        assert!(source.slice(*span).starts_with('#'), "{span:?}");
    }
    let Some(root) = &parsed.root else { return };
    // Only what is written here is walked: an alias leads to a node that is walked at its anchor.
    let mut todo = vec![(root.clone(), 1)];
    while let Some((node, depth)) = todo.pop() {
        assert!(depth <= MAX_DEPTH + 1);
        fits(node.span);
        for entry in node.entries() {
            fits(entry.key_span);
            if entry.via.is_none() {
                assert!(node.span.contains(entry.key_span) && node.span.contains(entry.node.span), "{:?}", source.text);
                todo.push((entry.node.clone(), depth + 1));
            }
        }
        for item in node.items().iter().filter(|item| node.span.contains(item.span)) {
            todo.push((item.clone(), depth + 1));
        }
    }
}

fn at<'a>(root: &'a Node, path: &str) -> &'a Node {
    path.split('/').filter(|part| !part.is_empty()).fold(root, |node, part| match part.parse::<usize>() {
        Ok(index) if !node.items().is_empty() => &node.items()[index],
        _ => &node.get(part).unwrap_or_else(|| panic!("no {part} in {path}")).node,
    })
}

#[test]
fn core_schema() {
    let table: &[(&str, serde_json::Value)] = &[
        ("", serde_json::Value::Null),
        ("~", serde_json::Value::Null),
        ("Null", serde_json::Value::Null),
        ("nULL", "nULL".into()),
        ("true", true.into()),
        ("FALSE", false.into()),
        ("tRUE", "tRUE".into()),
        ("yes", "yes".into()),
        ("no", "no".into()),
        ("0", 0.into()),
        ("-12", (-12).into()),
        ("+12", 12.into()),
        ("0777", 777.into()),
        ("08", 8.into()),
        ("0o17", 15.into()),
        ("0o18", "0o18".into()),
        ("0x1F", 31.into()),
        ("-0x1F", "-0x1F".into()),
        ("0x", "0x".into()),
        ("9223372036854775807", i64::MAX.into()),
        ("9223372036854775808", 9_223_372_036_854_775_808.0_f64.into()),
        ("0xFFFFFFFFFFFFFFFF", 18_446_744_073_709_551_615.0_f64.into()),
        ("1.", 1.0.into()),
        (".5", 0.5.into()),
        ("-.5", (-0.5).into()),
        ("1e3", 1000.0.into()),
        ("1.5E-1", 0.15.into()),
        ("1e", "1e".into()),
        ("e3", "e3".into()),
        (".", ".".into()),
        ("-", serde_json::json!([null])),
        ("+", "+".into()),
        ("1_000", "1_000".into()),
        ("0b11", "0b11".into()),
        ("12:30", "12:30".into()),
        ("1.2.3", "1.2.3".into()),
        ("500m", "500m".into()),
        ("inf", "inf".into()),
        ("\"5\"", "5".into()),
        ("'~'", "~".into()),
        ("!!str 5", "5".into()),
        ("! 5", "5".into()),
        ("!!int \"5\"", 5.into()),
        ("!!float 5", 5.0.into()),
        ("!!null ''", serde_json::Value::Null),
        ("!!str", "".into()),
        ("!<tag:yaml.org,2002:str> 5", "5".into()),
        ("!!map {}", serde_json::json!({})),
        ("!!seq []", serde_json::json!([])),
    ];
    for (text, wanted) in table {
        let text = if *text == "-" { "a:\n  -".to_owned() } else { format!("a: {text}") };
        assert_eq!(json(&text)["a"], *wanted, "{text}");
    }
    let float = |text: &str| match clean(&format!("a: {text}")).1.get("a").unwrap().node.value {
        Value::Float(value) => value,
        ref other => panic!("{other:?}"),
    };
    assert!(float("-.inf") == f64::NEG_INFINITY && float("+.INF") == f64::INFINITY && float(".nan").is_nan());
    assert_eq!(&*clean("a: 0.10").1.get("a").unwrap().node.text, "0.10");
}

#[test]
fn yaml_1_1_reads_it_otherwise() {
    let table = [
        ("no", "a boolean"),
        ("Yes", "a boolean"),
        ("OFF", "a boolean"),
        ("y", "a boolean"),
        ("N", "a boolean"),
        ("0777", "the number 511"),
        ("-010", "the number -8"),
        ("08", "a string"),
        ("0o17", "a string"),
        ("12:30", "the number 750"),
        ("12:30:45", "the number 45045"),
        ("22:22", "the number 1342"),
        ("1_000", "the number 1000"),
        ("0b11", "the number 3"),
        ("-0x1F", "the number -31"),
        ("1e3", "a string"),
        ("1.5e3", "a string"),
        ("1_000.5", "a number"),
        ("2001-12-14", "a date"),
        ("2001-12-14T21:59:43.10-05:00", "a date"),
        ("2001-12-14 21:59:43", "a date"),
    ];
    for (text, reading) in table {
        assert_eq!(ambiguous_text(text).as_deref(), Some(reading), "{text}");
    }
    let alike = [
        "",
        "~",
        "true",
        "yEs",
        "nO",
        "none",
        "0",
        "00",
        "07",
        "12",
        "-3",
        "0x1F",
        "1.5",
        "1.",
        ".5",
        "1.5e+3",
        "80:80",
        "8080:80",
        "0:30",
        "1.2.3",
        "500m",
        "2Gi",
        "90s",
        "10.0.0.1",
        "2001-12",
        "20-12-2001",
        "-",
        "+",
        ".",
        "a_b",
        "1-2-3",
        "::",
        "0xFFFFFFFFFFFFFFFFFF",
        "é",
        "-_1",
        "_1",
    ];
    for text in alike {
        assert_eq!(ambiguous_text(text), None, "{text}");
    }
    let (_, root) = clean("plain: no\nquoted: 'no'\nblock: |\n  no\nlist: [no]\n");
    let named = ["plain", "quoted", "block", "list"].map(|key| syntax::ambiguous(at(&root, key)).is_some());
    assert_eq!(named, [true, false, false, false]);
}

const ODD: &str = "\u{feff}a: &x !!str  \"é\"  # c ☕\r\nempty:\r\n  \r\nb: |  # hd\r\n  one\r\n  two\r\n\r\nlist:\r\n- 1\r\n- x: y\r\n  z: >-\r\n    \
    fold\r\n    more\r\n# free\r\n-\r\nfl: {a: 1, b, c: , \"d\":[x: y, ]}\r\n'käy' : one\r\n  two  \r\n\r\n  three\r\nlast: &e\r\nnest: &s-t # - c\r\n  \
    - - deep\r\n    -  2\r\nnone: |\r\nend: [ # -\r\n  1 ]  ";

#[test]
fn places_are_exact() {
    let (source, root) = clean(ODD);
    let table = [
        ("a", "\"é\"", Style::Quoted),
        ("empty", "", Style::Plain),
        ("b", "one\r\n  two", Style::BlockScalar),
        ("list", "- 1\r\n- x: y\r\n  z: >-\r\n    fold\r\n    more\r\n# free\r\n-", Style::Block),
        ("list/1", "x: y\r\n  z: >-\r\n    fold\r\n    more", Style::Block),
        ("list/1/z", "fold\r\n    more", Style::BlockScalar),
        ("list/2", "", Style::Plain),
        ("fl", "{a: 1, b, c: , \"d\":[x: y, ]}", Style::Flow),
        ("fl/b", "", Style::Plain),
        ("fl/d", "[x: y, ]", Style::Flow),
        ("fl/d/0", "x: y", Style::Flow),
        ("käy", "one\r\n  two  \r\n\r\n  three", Style::Plain),
        ("last", "", Style::Plain),
        ("nest", "- - deep\r\n    -  2", Style::Block),
        ("nest/0", "- deep\r\n    -  2", Style::Block),
        ("none", "", Style::BlockScalar),
        ("end", "[ # -\r\n  1 ]", Style::Flow),
    ];
    for (path, text, style) in table {
        let node = at(&root, path);
        assert_eq!(source.slice(node.span), text, "{path}");
        assert_eq!(node.style, style, "{path}");
    }
    assert_eq!(root.span, Span::new(3, ODD.trim_end().len()));
    // An empty value stands directly behind its colon (or its anchor).
    let after = |path: &str| source.text.get(..at(&root, path).span.start as usize).unwrap().to_owned();
    assert!(after("empty").ends_with("empty:"));
    assert!(after("list/2").ends_with("\n-"));
    assert!(after("last").ends_with("last: &e"));
    let keys: Vec<&str> = root.entries().iter().map(|entry| source.slice(entry.key_span)).collect();
    assert_eq!(keys, ["a", "empty", "b", "list", "fl", "'käy'", "last", "nest", "none", "end"]);
    let numbers = source.numbers(root.get("a").unwrap().key_span.start);
    assert_eq!((numbers.line, numbers.column), (1, 1));
    let comments: Vec<&str> = read(ODD).1.comments.iter().map(|comment| source.slice(comment.span)).collect();
    assert_eq!(comments, ["# c ☕", "# hd", "# free", "# - c", "# -"]);
}

#[test]
fn line_ends_do_not_matter() {
    let unix = "a: 1 # x\nb:\n  - c\n  - |\n    d\n    e\n";
    for end in ["\r\n", "\r"] {
        assert_eq!(json(unix), json(&unix.replace('\n', end)));
    }
    assert_eq!(json("a:\t1"), serde_json::json!({"a": 1}));
    // More comment lines in a row than the parser buffers by default.
    let (_, parsed) = read(&format!("a:\n{}  b: 1\n", "  # c\n".repeat(500)));
    assert_eq!((parsed.comments.len(), parsed.findings.len()), (500, 0));
}

#[test]
fn nothing_is_no_document() {
    for text in ["", "\u{feff}", "\n\n", "# only\n", "---\n", "...\n"] {
        let (_, parsed) = read(text);
        assert!(parsed.root.is_none() && parsed.findings.is_empty(), "{text:?}");
    }
    assert!(clean("null").1.is_null());
}

#[test]
fn aliases_share_and_name_their_use() {
    let (source, root) = clean("base: &b {cpu: 1}\none: *b\ntwo: [*b, *b]\n&k key: *k\n");
    let (base, one) = (root.get("base").unwrap(), root.get("one").unwrap());
    assert!(std::rc::Rc::ptr_eq(&base.node, &one.node));
    assert!(std::rc::Rc::ptr_eq(&base.node, &at(&root, "two").items()[1]));
    assert_eq!(one.via.map(|span| source.slice(span)), Some("*b"));
    assert_eq!(source.slice(one.at().value), "{cpu: 1}");
    assert_eq!(root.get("key").unwrap().node.as_str(), Some("key"));
    assert_eq!(base.node.weight, 2);
    assert_eq!(root.weight, 1 + 2 + 2 + 5 + 1);
}

#[test]
fn merges_keep_places_and_order() {
    let text = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  <<: [*a, *b]\n  x: 0\n  w: 5\nd:\n  <<: *a\ne:\n  <<: {v: 6}\nf: {\"<<\": 1}\n";
    let (source, root) = clean(text);
    assert_eq!(
        at(&root, "c").to_json().to_string(),
        r#"{"x":0,"w":5,"y":2,"z":4}"#,
        "own keys first, then the earlier mapping's"
    );
    let y = at(&root, "c").get("y").unwrap();
    assert_eq!(y.key_span.start as usize, text.find("y: 2").unwrap());
    assert_eq!(y.via.map(|span| source.slice(span)), Some("[*a, *b]"));
    assert_eq!(at(&root, "c").get("x").unwrap().via, None);
    let x = at(&root, "d").get("x").unwrap();
    assert_eq!((x.via.map(|span| source.slice(span)), source.slice(x.node.span)), (Some("*a"), "1"));
    assert_eq!(at(&root, "c").weight, 5);
    assert_eq!(json(text)["e"], serde_json::json!({"v": 6}));
    assert_eq!(json(text)["f"], serde_json::json!({"<<": 1}));
}

/// Text with the primary place in `‹›` and the related places in `«»`, and a part of the message.
const FAULTS: &[(&str, &str)] = &[
    ("a: ‹[›1, 2\n«b: 3»", "bracket `[` is never closed"),
    ("a: ‹[›\n«b: 3»", "bracket `[` is never closed"),
    ("a: ‹[›1", "bracket `[` is never closed"),
    ("a: ‹{›x: [1]\n«b: 2»", "bracket `{` is never closed"),
    ("a: {x: ‹[›1, 2}\n", "bracket `[` is closed by `}`"),
    ("‹]›", "closes nothing"),
    ("a: [1, ‹\"›x\n«b: 1»", "quote `\"` is never closed"),
    ("a: ‹\"›abc\n«b: 1»", "quote `\"` is never closed"),
    ("it's: ‹'›abc\n«b: 1»", "quote `'` is never closed"),
    ("a: ‹\"›abc\n\n  # x", "quote `\"` is never closed"),
    ("a: ‹'›x\n«---»\n", "quote `'` is never closed"),
    ("a: 'it'‹s'›", "text follows the closing quote"),
    ("a: \"x\" ‹y z›  # c", "text follows the closing quote"),
    ("a: \"b ‹\\q›\"", "`\\q` is not an escape"),
    ("a: \"C:‹\\U›sers\"", "`\\U` is not an escape"),
    ("a: \"‹\\uD800›\"", "`\\uD800` is not an escape"),
    ("msg: error‹:› bad", "a second `: `"),
    ("a:\n‹\t›b: 1", "a tab"),
    ("a:\n  b: 1\n‹\t›c: 1", "a tab"),
    ("-‹\t›- 1", "a tab"),
    ("a: |\n‹\t›b", "a tab"),
    ("a‹:›1\nb: 2", "a space is missing after `:`"),
    ("a: 1\nc‹:›2\nb: 2", "a space is missing after `:`"),
    ("a: 1\n‹bé c› # x\nc: 2", "`bé c` is not a key"),
    ("a: ‹@›x", "cannot begin with `@`"),
    ("a: ‹`›x`", "cannot begin with ```"),
    ("a: ‹%›x", "cannot begin with `%`"),
    ("‹%YAML 3.0›\n---\na: 1", "directive"),
    ("a: ‹*nope›", "`*nope` names no anchor"),
    ("a: ‹*› x", "a name is missing after `*`"),
    ("a: &x ‹&y z›", "text follows a value"),
    ("a: &a [‹*a›]", "never end"),
    ("«a: 1»\n ‹b:› 2", "below a value that is complete"),
    ("a:\n  b: 1\n ‹c: 2›", "fits no level"),
    ("- a\n‹b: 1›", "a list item is expected"),
    ("a: 1\n‹- b›", "a list item is where a key"),
    ("a: ‹-› b", "a list item `- ` cannot begin here"),
    ("a: [‹-› b]", "is not allowed inside brackets"),
    ("a: ‹!x!y z›", "not a tag"),
    ("a: ‹!override› 1", "the tag `!override` means nothing"),
    ("a: ‹!!int› x", "not what its tag `!!int` says"),
    ("a: ‹!!map› [1]", "not what its tag `!!map` says"),
    ("a: 1 ‹# c›\n  b", "a comment ends the value"),
    ("a: 1\n‹---›\nb: [", "a second document"),
    ("a: 1\n...\n‹b: 2›", "a second document"),
    ("a: 1\n... ‹x›", "`...`"),
    ("a: ‹|x›\n  b", "text block"),
    ("a: ‹|›0\n b", "indented by 0"),
    ("a: |\n   \n  ‹x›", "text block"),
    ("a: «[»a: b‹:› c]", "a `,` or `]` is missing"),
    ("a: [1,‹,›2]", "a value is missing"),
    ("a: \"x\"‹#›c", "a space is missing before `#`"),
    ("‹{a: 1}›: 2", "a key must be a plain value, not a mapping"),
    ("a: {‹{ x }›}", "a key must be a plain value"),
    ("‹:› a", "a key is missing"),
    ("a: x‹\u{7}›", "U+0007"),
    ("a: x‹\u{80}›y", "U+0080"),
    ("a: x\nb: ‹\u{feff}›", "byte order mark"),
    ("<<: ‹1›", "`<<` takes a mapping or a list of mappings, not a number"),
    ("‹<<›:", "not nothing"),
    ("<<: ‹*x›", "names no anchor"),
    ("«a»: 1\nb: 2\n‹\"a\"›: 3", "`a` appears twice"),
    ("x: &x {a: 1}\nb:\n  «<<»: *x\n  ‹<<›: *x", "`<<` appears twice"),
];

/// The text without its marks, the primary place and the related ones.
fn marked(text: &str) -> (String, Span, Vec<Span>) {
    let (mut plain, mut open, mut at, mut related) = (String::new(), 0, Span::default(), Vec::new());
    for letter in text.chars() {
        match letter {
            '‹' | '«' => open = plain.len(),
            '›' => at = Span::new(open, plain.len()),
            '»' => related.push(Span::new(open, plain.len())),
            other => plain.push(other),
        }
    }
    (plain, at, related)
}

#[test]
fn faults_say_what_and_where() {
    for (text, message) in FAULTS {
        for (before, end) in [("", "\n"), ("\u{feff}# é\r\n", "\r\n")] {
            let directive = text.starts_with("‹%");
            let text = if directive { (*text).to_owned() } else { format!("{before}{}", text.replace('\n', end)) };
            let (plain, at, related) = marked(&text);
            let (_, parsed) = read(&plain);
            let [finding] = &parsed.findings[..] else { panic!("{plain:?}: {:#?}", parsed.findings) };
            assert!(finding.message.contains(message), "{plain:?}: {}", finding.message);
            assert_eq!(finding.at.span, at, "{plain:?}: {}", finding.message);
            let found: Vec<Span> = finding.related.iter().map(|related| related.place.span).collect();
            assert_eq!(found, related, "{plain:?}");
            assert!(finding.help.is_some(), "{plain:?}");
            // what other readers may take
            let narrowed = [
                "a second document",
                "means nothing here",
                "a key must be a plain value",
                "nested deeper",
                "through aliases",
                "a key is missing before",
                "inside the value it repeats",
                "a byte order mark stands below",
            ];
            let rule = match () {
                () if message.contains("appears twice") => "duplicate-key",
                () if narrowed.iter().any(|words| finding.message.contains(words)) => "unsupported-yaml",
                () => "yaml-syntax",
            };
            assert_eq!(finding.rule, rule, "{plain:?}");
        }
    }
}

#[test]
fn what_stays_after_a_fault() {
    let (_, parsed) = read("a: 1\na: 2\nb: *no\n");
    let root = parsed.root.unwrap();
    assert_eq!(root.to_json(), serde_json::json!({"a": 1, "b": null}));
    assert_eq!(parsed.findings.len(), 2);
    let (_, parsed) = read("a: 1\na: 2\nb: [\n");
    assert!(parsed.root.is_none());
    assert_eq!(
        parsed.findings.iter().map(|finding| &finding.rule).collect::<Vec<_>>(),
        ["duplicate-key", "yaml-syntax"]
    );
    let help = |text: &str| read(text).1.findings[0].help.clone().unwrap();
    assert_eq!(help("a: &limits 1\nb: *limit\n"), "did you mean `*limits`?");
    assert!(help("a: {{ .Values.x }}").contains("{{"));
}

#[test]
fn a_base_file_keeps_its_tags() {
    let source = Source::new("compose.yaml", "ports: !override\n  - 80\nx: !reset null\nn: !!binary aGk=\n");
    let parsed = syntax::parse(FileId(3), &source, ParseMode::Base);
    assert!(parsed.findings.is_empty(), "{:?}", parsed.findings);
    let root = parsed.root.unwrap();
    assert_eq!(at(&root, "ports").tag.as_deref(), Some("!override"));
    assert_eq!(source.slice(at(&root, "ports").span), "- 80");
    assert_eq!(at(&root, "x").tag.as_deref(), Some("!reset"));
    assert!(at(&root, "x").is_null());
    assert_eq!(at(&root, "n").tag.as_deref(), Some("!!binary"));
    assert_eq!(root.get("ports").unwrap().at().file, FileId(3));
    let source = Source::new("compose.yaml", "a: 1\na: 2\n");
    assert_eq!(syntax::parse(FileId(3), &source, ParseMode::Base).findings[0].rule, "duplicate-key");
}

#[test]
fn bytes_that_are_no_text() {
    assert_eq!(decode("\u{feff}é".as_bytes().to_vec()).unwrap(), "\u{feff}é");
    let message = |bytes: &[u8]| undecodable(FILE, decode(bytes.to_vec()).unwrap_err().1);
    let finding: Finding = message(b"a: \xff\n");
    assert_eq!((finding.message.as_str(), finding.at.span), ("byte 0xFF at offset 3 is not UTF-8", Span::new(3, 6)));
    assert_eq!(String::from_utf8_lossy(b"a: \xff\n").get(3..6), Some("\u{fffd}"));
    assert!(message(b"\xff\xfea\0").message.contains("UTF-16"));
    assert!(message(b"\xfe\xff\0a").message.contains("UTF-16"));
    assert!(message(b"\xff\xfe\0\0a\0\0\0").message.contains("UTF-32"));
    assert!(message(b"abc\xc3").message.contains("offset 3"));
}

#[test]
fn control_characters_are_found_everywhere() {
    let forbidden = (0..=0x9F).filter(|code| !matches!(code, 9 | 10 | 13 | 0x20..=0x7E | 0x85)).chain([0xFFFE, 0xFFFF]);
    for letter in forbidden.filter_map(char::from_u32) {
        for frame in ["a: @", "a: \"@\"", "a: '@'", "# @", "@: 1", "a: |\n  @", "@", "a: [1, @]", "a: &@ 1"] {
            let text = frame.replace('@', &letter.to_string());
            let (source, parsed) = read(&text);
            assert!(parsed.root.is_none());
            let [finding] = &parsed.findings[..] else { panic!("{text:?}") };
            assert_eq!(source.slice(finding.at.span), letter.to_string(), "{text:?}");
        }
    }
    for letter in ['\u{85}', '\u{a0}', '\u{2028}', '\u{e000}', '\u{fffd}', '\u{10ffff}', 'Â', '\u{ff21}'] {
        assert_eq!(json(&format!("a: \"{letter}\"")), serde_json::json!({"a": letter.to_string()}));
    }
}

fn quick(text: &str) -> Parsed {
    let start = Instant::now();
    let (_, parsed) = read(text);
    assert!(parsed.root.as_ref().is_none_or(|root| !root.to_json().to_string().is_empty()));
    // Generous: debug builds on a busy machine. What this guards against takes minutes or memory without end.
    assert!(start.elapsed() < Duration::from_secs(300), "{:?} for {} bytes", start.elapsed(), text.len());
    parsed
}

#[test]
fn nesting_is_bounded() {
    for bomb in [
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        "? ".repeat(100_000),
        (0..1000).map(|level| format!("{}a:\n", " ".repeat(level))).collect(),
        format!("{}1{}", "[".repeat(65), "]".repeat(65)),
        format!("{}{}1{}", "- ".repeat(33), "[".repeat(32), "]".repeat(32)),
    ] {
        let parsed = quick(&bomb);
        assert!(parsed.root.is_none());
        assert!(parsed.findings[0].message.contains("deeper than 64"), "{}", parsed.findings[0].message);
    }
    clean(&format!("{}1{}", "[".repeat(64), "]".repeat(64)));
    clean(&format!("{}{}1{}", "- ".repeat(32), "[".repeat(32), "]".repeat(32)));
    // A chain of aliases nests as deep as its links together.
    let chain: String = (1..40).map(|link| format!("a{link}: &a{link} [[*a{}]]\n", link - 1)).collect();
    let parsed = quick(&format!("a0: &a0 [1]\n{chain}"));
    assert!(parsed.findings[0].message.contains("deeper than 64"), "{:?}", parsed.findings);
}

#[test]
fn aliases_cannot_explode() {
    let laughs: String = (1..30)
        .map(|level| format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(", ")))
        .collect();
    let parsed = quick(&format!("a0: &a0 [x, x, x]\n{laughs}"));
    let [finding] = &parsed.findings[..] else { panic!("{:?}", parsed.findings) };
    assert!(finding.message.contains("values through aliases, above the"), "{}", finding.message);
    assert!(parsed.root.is_none());

    let merges: String =
        (1..2000).map(|level| format!("a{level}: &a{level}\n  <<: *a{}\n  k{level}: 1\n", level - 1)).collect();
    assert_eq!(quick(&format!("a0: &a0 {{x: 1}}\n{merges}")).findings.len(), 1);

    let long = format!("a: &a {}\nb:\n{}", "x".repeat(100_000), "- *a\n".repeat(20_000));
    assert!(quick(&long).findings[0].message.contains("bytes of text through aliases"));
    // Honest repetition passes.
    let honest = format!("x: &x\n{}s:\n{}", "  - {a: 1, b: 2}\n".repeat(10), "  - *x\n".repeat(200));
    assert!(quick(&honest).findings.is_empty());
}

#[test]
fn large_mappings_take_time_in_proportion() {
    let keys: String = (0..100_000).map(|key| format!("k{key}: 1\n")).collect();
    let parsed = quick(&format!("{keys}k7: 2\n"));
    let [finding] = &parsed.findings[..] else { panic!("{:?}", parsed.findings) };
    assert_eq!((&*finding.rule, finding.related.len()), ("duplicate-key", 1));
    let parsed = quick(&"a: 1\n".repeat(50_000));
    assert_eq!(parsed.findings.len(), 1001);
    quick(&format!("a: 1\n{}", "# c\n".repeat(50_000)));
    quick(&format!("a: \"{}", "x\n ".repeat(50_000)));
    quick(&format!("{}: 1", "k".repeat(100_000)));
    quick(&"a: *x\n".repeat(3_000));
}

#[test]
fn the_sample_cut_anywhere_is_read() {
    for (at, _) in ODD.char_indices() {
        read(&ODD[..at]);
        read(&ODD[at..]);
    }
}

/// Pieces that mean something to YAML, and some that do not.
const PIECES: &[&str] = &[
    "a",
    "b: ",
    ":",
    "- ",
    "-",
    "? ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "\n",
    "\n  ",
    "\n    ",
    "\r\n",
    "\r",
    "\t",
    " ",
    "#",
    " # c\n",
    "&a ",
    "*a",
    "<<: ",
    "!t ",
    "!!int ",
    "!!str ",
    "!",
    "|",
    ">-",
    "|2\n",
    "\"",
    "'",
    "\\",
    "\\x",
    "%",
    "@",
    "`",
    "---\n",
    "...\n",
    "~",
    "0x",
    "1e3",
    "é",
    "☕",
    "\u{feff}",
    "\0",
    "\u{85}",
    "\u{2028}",
    "{{ x }}",
    "a: 1\n",
    "a:\n  b:\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), 0usize..4, 0..PIECES.len()), 1..6)) {
        let mut text = ODD.to_owned();
        for (index, take, piece) in changes {
            let at = text.char_indices().map(|(at, _)| at).nth(index.index(text.chars().count().max(1))).unwrap_or(0);
            let end = text[at..].char_indices().map(|(next, _)| at + next).nth(take).unwrap_or(text.len());
            text.replace_range(at..end, PIECES[piece]);
        }
        let (_, parsed) = read(&text);
        drop(parsed.root.map(|root| root.to_json()));
        let source = Source::new("base", text);
        check_places(&source, &syntax::parse(FILE, &source, ParseMode::Base));
    }

    #[test]
    fn no_pieces_make_it_panic(pieces in prop::collection::vec(0..PIECES.len(), 0..40)) {
        let text: String = pieces.into_iter().map(|piece| PIECES[piece]).collect();
        read(&text);
    }

    #[test]
    fn any_bytes_are_decoded_or_explained(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        match decode(bytes.clone()) {
            Ok(text) => { read(&text); }
            Err((_, why)) => {
                let span = undecodable(FILE, why).at.span;
                let lossy = String::from_utf8_lossy(&bytes);
                prop_assert!(lossy.get(span.start as usize..span.end as usize).is_some());
            }
        }
    }
}

/// A colon at the start of a key is not part of the value above it, which is not there.
#[test]
fn a_key_that_begins_with_a_colon_follows_an_empty_value() {
    for (text, empty) in [("? e\n:f: 1\n", 4), ("? e\n::", 4), ("? e\n:\n", 5), ("{e:,f: 1}\n", 3), ("e:\n:f: 1\n", 2)]
    {
        let (_, root) = clean(text);
        let first = root.entries().first().unwrap();
        assert!(first.node.is_null() && first.node.span == Span::new(empty, empty), "{text:?}: {:?}", first.node.span);
        let paths: Vec<String> =
            root.entries().iter().map(|entry| syntax::Paths::new(root.clone()).of(entry.key_span)).collect();
        assert_eq!(paths, root.entries().iter().map(|entry| format!("/{}", entry.key)).collect::<Vec<_>>(), "{text:?}");
    }
}
