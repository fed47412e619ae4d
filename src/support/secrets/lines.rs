//! Likely secrets on the lines of a text, including those that a line above begins or names. Knows indentation, no other YAML.

use super::{LineValue, holds_secret, in_line, next_name, quoted, value};
use crate::support::source::Source;
use std::ops::Range;

/// The most enclosing lines that are searched for the beginning of a value; YAML nests less deep.
const MOST_LINES: usize = 1_000;

/// The bytes of a line of YAML that are likely secrets: values of names that hold one, passwords in URLs, continuations of
/// a line above. In a `foreign` file, one that is not the spec, also every value that looks like a variable of an
/// environment. A mere reference to a variable does not count. `index` is the line's, 0-based. May overlap.
#[must_use]
pub fn on_line(source: &Source, index: usize, foreign: bool) -> Vec<Range<usize>> {
    let text = line(source, index);
    let mut hidden = in_line(text, named_above(source, index), foreign);
    if goes_on(source, index, foreign) {
        hidden.push(text.len() - text.trim_start().len()..text.len());
    }
    if is_after_option(source, index) {
        hidden.push(Beginning::of(text).content..text.len());
    }
    hidden.extend(of_secret_object(source, index));
    hidden.extend(behind_names(source, index));
    hidden
}

fn line(source: &Source, index: usize) -> &str {
    source.slice(source.line_span(index))
}

/// What stands behind the names of a list of secrets, which holds names alone: `sharedSecrets: [pin=1234]`.
fn behind_names(source: &Source, index: usize) -> Vec<Range<usize>> {
    const KEY: &str = "sharedSecrets:";
    let text = line(source, index);
    let is_key = |index: &usize| {
        let text = line(source, *index);
        text.get(Beginning::of(text).content..).is_some_and(|content| content.starts_with(KEY))
    };
    // a list may stand in the column of its key
    let dash = Beginning::of(text).dash;
    let is_item = |index: &usize| Beginning::of(line(source, *index)).dash == dash;
    let beside = || (0..index).rev().take(MOST_LINES).find(|above| !is_item(above)).is_some_and(|above| is_key(&above));
    let inside = || source.enclosing(index).take(MOST_LINES).any(|outer| is_key(&outer));
    let from = match text.find(KEY) {
        Some(at) => at,
        None if !text.contains('=') || !(inside() || dash.is_some() && beside()) => return Vec::new(),
        None => 0,
    };
    let signs = text.match_indices('=').filter(|(at, _)| *at > from).map(|(at, _)| at + 1);
    let ends = |start: usize| {
        let rest = text.get(start..).unwrap_or_default();
        start..rest.find([',', ']', '"', '\'']).map_or(text.len(), |end| start + end)
    };
    signs.map(ends).filter(|value| !value.is_empty()).collect()
}

/// The value on a line of the data of a Secret of Kubernetes: every value there is one.
fn of_secret_object(source: &Source, index: usize) -> Option<Range<usize>> {
    let begins = |index: usize| {
        let text = line(source, index);
        let column = Beginning::of(text).content;
        (column, text.get(column..).unwrap_or_default())
    };
    let is_data = |index: &usize| ["data:", "stringData:"].iter().any(|key| begins(*index).1.starts_with(key));
    let top = Some(index).filter(is_data).or_else(|| source.enclosing(index).take(MOST_LINES).find(is_data))?;
    let is_kind = |index: usize| {
        let (column, content) = begins(index);
        column == begins(top).0 && content.trim_end() == "kind: Secret"
    };
    let same_document = |index: &usize| !line(source, *index).starts_with("---");
    let above = (0..top).rev().take(MOST_LINES).take_while(same_document).any(is_kind);
    let below = || (top + 1..source.line_count()).take(MOST_LINES).take_while(same_document).any(is_kind);
    if !above && !below() {
        return None;
    }
    let text = line(source, index);
    let (column, content) = begins(index);
    let value = content.find(": ").map_or(0, |colon| colon + 2);
    let is_key = content.trim_end().ends_with(':') && value == 0;
    (!is_key).then_some(column + value..text.len())
}

/// The name in the line above, if that is `name: …` of the same mapping.
fn named_above(source: &Source, index: usize) -> Option<&str> {
    let above = line(source, index.checked_sub(1)?);
    let (this, over) = (Beginning::of(line(source, index)), Beginning::of(above));
    let name = over.content..over.content + "name".len();
    let same = this.dash.is_none() && this.content == over.content && above.get(name.clone()) == Some("name");
    if same { above.get(value(above, &name)?.at) } else { None }
}

/// Whether a line is the item of a list after an option that a secret follows: `- --password`.
fn is_after_option(source: &Source, index: usize) -> bool {
    let Some(above) = index.checked_sub(1).map(|above| line(source, above)) else { return false };
    let (this, over) = (Beginning::of(line(source, index)), Beginning::of(above));
    if this.dash.is_none() || this.dash != over.dash {
        return false;
    }
    let bare =
        |text: &'_ str, from: usize| text.get(from..).unwrap_or_default().trim().trim_matches(['"', '\'']).to_owned();
    let (item, option) = (bare(line(source, index), this.content), bare(above, over.content));
    let Some(name) = option.strip_prefix("--").filter(|_| !item.starts_with('-')) else { return false };
    let value = LineValue { at: 0..0, assigned: false, option: true };
    next_name(name, 0) == Some(0..name.len()) && holds_secret(name, &value, &item, false)
}

/// Whether a line continues a likely secret that a line above began: a block (`KEY: |`), a value over several lines, or
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

/// Whether a likely secret that begins on a line reaches the lines that begin with `inner` below it.
fn reaches(source: &Source, index: usize, inner: usize, foreign: bool) -> bool {
    let (outer, inner) = (line(source, index), line(source, inner));
    let Beginning { dash, content: start } = Beginning::of(outer);
    let content = outer.get(start..).unwrap_or_default().trim_end();
    // most lines further out only open a mapping
    if let Some(name) = content.strip_suffix(':').filter(|name| !name.contains(": ")) {
        let value = LineValue { at: outer.len()..outer.len(), assigned: false, option: false };
        return holds_secret(name.trim_matches(['"', '\'']), &value, "", foreign) && !opens_collection(inner);
    }
    // text at the column of a list item's first key is the next key; below other text it continues it
    let column = if is_entry(content) { start } else { dash.unwrap_or(start) };
    let open = |at: &Range<usize>| {
        at.end >= outer.trim_end().len() || outer.get(at.clone()).is_some_and(|text| text.starts_with(['|', '>']))
    };
    column < indent(inner) && in_line(outer, named_above(source, index), foreign).iter().any(open)
}

fn indent(line: &str) -> usize {
    // YAML refuses tabs there; text that is indented by one is still below its key
    line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// The beginning of a line of YAML, in bytes.
struct Beginning {
    /// The dash of the list item that it begins, the innermost of several.
    dash: Option<usize>,
    /// The column after blanks and dashes.
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
            ("A_KEY: |\n  one\n\ttwo\n", &["one", "two"]),
            ("KEY: \"one:\n  two: 2\"\n\"API_KEY\":\n  three\n", &["two: 2\"", "three"]),
        ] {
            let source = Source::new("", text);
            let lines = (0..source.line_count()).filter(|index| goes_on(&source, *index, false));
            let hidden: Vec<&str> = lines.map(|index| line(&source, index).trim()).collect();
            assert_eq!(hidden, on, "{text}");
        }
    }

    #[test]
    fn values_of_a_secret_object_are_hidden() {
        for (text, shown) in [
            (
                "kind: Secret\ndata:\n  a: one\n  b:\n    two\ntype: c\n",
                "kind: Secret\ndata:\n  a: ***\n  b:\n    ***\ntype: c\n",
            ),
            ("stringData: { a: b }\nkind: Secret\n", "stringData: ********\nkind: Secret\n"),
            (
                "kind: Secret\n---\nkind: ConfigMap\ndata:\n  a: one\n",
                "kind: Secret\n---\nkind: ConfigMap\ndata:\n  a: one\n",
            ),
            ("- kind: Secret\n  data:\n    a: one\n", "- kind: Secret\n  data:\n    a: ***\n"),
            ("metadata:\n  kind: Secret\ndata:\n  a: one\n", "metadata:\n  kind: Secret\ndata:\n  a: one\n"),
        ] {
            let source = Source::new("", text);
            let line = |index| starred(line(&source, index), 0, &on_line(&source, index, true));
            let lines: Vec<String> = (0..source.line_count()).map(line).collect();
            assert_eq!(lines.join("\n"), shown);
        }
    }

    #[test]
    fn what_stands_behind_the_names_of_secrets_is_hidden() {
        for (text, shown) in [
            ("sharedSecrets: [A_B, pin=one, \"b=t o\", c=]\n", "sharedSecrets: [A_B, pin=***, \"b=***\", c=]\n"),
            (
                "sharedSecrets:\n  - pin=one\n  - A_B\nenv: { a: b=c }\n",
                "sharedSecrets:\n  - pin=***\n  - A_B\nenv: { a: b=c }\n",
            ),
            ("sharedSecrets:\n- pin=one\n- 'a=b'\nz:\n- c=d\n", "sharedSecrets:\n- pin=***\n- 'a=*'\nz:\n- c=d\n"),
            ("args: [a=b]\n", "args: [a=b]\n"),
        ] {
            let source = Source::new("", text);
            let line = |index| starred(line(&source, index), 0, &on_line(&source, index, false));
            let lines: Vec<String> = (0..source.line_count()).map(line).collect();
            assert_eq!(lines.join("\n"), shown);
        }
    }

    #[test]
    fn a_value_may_stand_beside_its_name() {
        for (text, shown) in [
            ("- --password\n- one\n- two\n", "- --password\n- ***\n- two\n"),
            ("- \"--requirepass\"\n- \"one\"\n", "- \"--requirepass\"\n- *****\n"),
            ("- --token\n- --verbose\n- --monkey\n- x\n", "- --token\n- --verbose\n- --monkey\n- x\n"),
            ("- --token x\n- two\n- --token\n  - a\n", "- --token *\n- two\n- --token\n  - a\n"),
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
