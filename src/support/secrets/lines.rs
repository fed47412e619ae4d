//! Likely secrets on the lines of a text: those that a line above began or named too. Knows indentation, no other YAML.

use super::{LineValue, holds_secret, in_line, quoted, value};
use crate::support::source::Source;
use std::ops::Range;

/// Through so many lines that enclose one the beginning of a value is looked for; YAML nests less deep.
const MOST_LINES: usize = 1_000;

/// The bytes of a line of YAML that are likely secrets: values of names that hold one, passwords in URLs, what goes on from
/// a line above. In a `foreign` file, one that is not the spec, so is every value of what looks like a variable of an
/// environment. What only refers to a variable is none. `index` is the line's, 0-based. May overlap.
#[must_use]
pub fn on_line(source: &Source, index: usize, foreign: bool) -> Vec<Range<usize>> {
    let text = line(source, index);
    let mut hidden = in_line(text, named_above(source, index), foreign);
    if goes_on(source, index, foreign) {
        hidden.push(text.len() - text.trim_start().len()..text.len());
    }
    hidden
}

fn line(source: &Source, index: usize) -> &str {
    source.slice(source.line_span(index))
}

/// What the line above names, where it is `name: …` of the same mapping.
fn named_above(source: &Source, index: usize) -> Option<&str> {
    let above = line(source, index.checked_sub(1)?);
    let (this, over) = (Beginning::of(line(source, index)), Beginning::of(above));
    let name = over.content..over.content + "name".len();
    let same = this.dash.is_none() && this.content == over.content && above.get(name.clone()) == Some("name");
    if same { above.get(value(above, &name)?.at) } else { None }
}

/// Whether a line goes on with a likely secret that a line above began: a block (`KEY: |`), a value over several lines, or
/// one that begins below its name.
fn goes_on(source: &Source, index: usize, foreign: bool) -> bool {
    let mut inner = index;
    for outer in source.enclosing(index).take(MOST_LINES) {
        if reaches(source, outer, inner, foreign) {
            return true;
        }
        inner = outer;
    }
    false
}

/// Whether a likely secret that begins on a line reaches the lines below that `inner` is the first of.
fn reaches(source: &Source, index: usize, inner: usize, foreign: bool) -> bool {
    let (outer, inner) = (line(source, index), line(source, inner));
    let Beginning { dash, content: start } = Beginning::of(outer);
    let content = outer.get(start..).unwrap_or_default().trim_end();
    // most lines further out only open a mapping
    if let Some(name) = content.strip_suffix(':').filter(|name| !name.contains(": ")) {
        let value = LineValue { at: outer.len()..outer.len(), assigned: false };
        return holds_secret(name.trim_matches(['"', '\'']), &value, "", foreign) && !opens_collection(inner);
    }
    // what is at the column of a list item's first key is the next key; below other text it goes on with it
    let column = if is_entry(content) { start } else { dash.unwrap_or(start) };
    let open = |at: &Range<usize>| {
        at.end >= outer.trim_end().len() || outer.get(at.clone()).is_some_and(|text| text.starts_with(['|', '>']))
    };
    column < indent(inner) && in_line(outer, named_above(source, index), foreign).iter().any(open)
}

fn indent(line: &str) -> usize {
    line.bytes().take_while(|byte| *byte == b' ').count()
}

/// How a line of YAML begins, in bytes.
struct Beginning {
    /// The dash of the list item that it begins, the innermost of several.
    dash: Option<usize>,
    /// What stands after blanks and dashes.
    content: usize,
}

impl Beginning {
    fn of(line: &str) -> Beginning {
        let (mut dash, mut content) = (None, indent(line));
        while let Some(item) = line.get(content..).and_then(|rest| rest.strip_prefix("- ")) {
            dash = Some(content);
            content = line.len() - item.len() + indent(item);
        }
        Beginning { dash, content }
    }
}

/// Whether text begins with a key of a mapping, not in braces.
fn is_entry(content: &str) -> bool {
    match content.chars().next() {
        Some('{' | '[') => false,
        Some(quote @ ('"' | '\'')) => {
            let after = content.get(quoted(content, 1, quote) + 1..);
            after.is_some_and(|rest| rest.trim_start().starts_with(':'))
        }
        _ => content.ends_with(':') || content.contains(": "),
    }
}

/// Whether the first line below a key makes its value a mapping or a list.
fn opens_collection(line: &str) -> bool {
    let Beginning { dash, content } = Beginning::of(line);
    let content = line.get(content..).unwrap_or_default().trim_end();
    dash.is_some() || content == "-" || content.starts_with(['{', '[']) || is_entry(content)
}

#[cfg(test)]
mod tests {
    use super::super::starred;
    use super::{goes_on, line, on_line};
    use crate::support::source::Source;

    #[test]
    fn a_secret_may_go_on_below() {
        for (text, on) in [
            (
                "a:\n  KEY: | # pem\n    one\n\n      two\n    - three\n  other: x\n  list:\n    - TOKEN: 'four\n        five'\n      six: 6\n  note: |\n    KEY is not\n  DB_KEY: \"a\"\n  z: 1\n",
                &["one", "two", "- three", "five'"][..],
            ),
            // at the column of a list item's text, and left of it
            ("env:\n- KEY=a\n  b\n\n  c\n- d\n", &["b", "c"]),
            ("  - - KEY=a\n     b\n    - c\n", &["b"]),
            ("- \"KEY: a\n  b: c\"\n- 'A_KEY': a\n  d: e\n- KEY: f\n   g\n- KEY: h\n  i: j\n", &["b: c\"", "g"]),
            ("- KEY=\"a\"\n  b\n- \"KEY=a\"\n  c\n- { KEY: \"a\n  b\" }\n", &["b\" }"]),
            ("- PASSWORD: |\n    - TOKEN: x\n      other: y\n  z: 1\n", &["- TOKEN: x", "other: y"]),
            // below its name
            ("KEY:\n  one\n  two\nTOKEN: \n\n  'three:\n   four'\nkey:\n  five\n", &["one", "two", "'three:", "four'"]),
            ("KEY:\n  a: b\n  c: d\nTOKEN:\n  - a\nsharedSecrets:\n  [KEY,\n   TOKEN]\nAPI_KEY:\n  -\n   a\n", &[]),
            ("KEY: \"one:\n  two: 2\"\n\"API_KEY\":\n  three\n", &["two: 2\"", "three"]),
        ] {
            let source = Source::new("", text);
            let lines = (0..source.line_count()).filter(|index| goes_on(&source, *index, false));
            let hidden: Vec<&str> = lines.map(|index| line(&source, index).trim()).collect();
            assert_eq!(hidden, on, "{text}");
        }
    }

    #[test]
    fn a_value_may_stand_beside_its_name() {
        for (text, shown) in [
            (
                "- name: A_KEY\n  value: one\n- name: b\n  value: two\n",
                "- name: A_KEY\n  value: ***\n- name: b\n  value: two\n",
            ),
            ("name: \"A_KEY\"\nvalue: |\n  one\nvalue: two\n", "name: \"A_KEY\"\nvalue: *\n  ***\nvalue: two\n"),
            ("name: A_KEY\n  value: one\n", "name: A_KEY\n  value: one\n"),
            (
                "- name: A_KEY\n- value: one\nname: A_KEY\nvalue: $A_KEY\n",
                "- name: A_KEY\n- value: one\nname: A_KEY\nvalue: $A_KEY\n",
            ),
        ] {
            let source = Source::new("", text);
            let line = |index| starred(line(&source, index), 0, &on_line(&source, index, false));
            let lines: Vec<String> = (0..source.line_count()).map(line).collect();
            assert_eq!(lines.join("\n"), shown);
        }
    }
}
